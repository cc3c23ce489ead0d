"""Tags drawn for the purpose: a hundred in one picture, tilted away, and bent round pipes."""

from __future__ import annotations

import math
import time
from random import Random
from statistics import fmean

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from benchmarks.timing import Row, milliseconds
from benchmarks.ways import QR, Shown, bmp, engines_alone, our_modes
from scanner import read_picture
from scanner.engines import read_zxing
from scanner.gray import as_array
from tests.unit.scanner.bending import flat_label, on_a_pipe

_PREFIX = "HTTPS://EXAMPLE.CN/A/"
_HALF_ANGLES = (20, 30, 40, 50, 60)
_TILTS = (0, 15, 30, 45)
"""Degrees: how far a label goes round its pipe from middle to edge, and how the pipe is seen."""


def drawn_tags(*, quick: bool) -> list[Row]:
    """Measure a wall of tags, tilted tags and tags on pipes."""
    return _walls(quick=quick) + _tilts(quick=quick) + _pipes(quick=quick)


def _walls(*, quick: bool) -> list[Row]:
    """A hundred tags in twelve megapixels: clean, moderately blurred, and hard to read."""
    rows = []
    for name, blur, noise, contrast, least in (
        ("clean", 0.0, 0.0, 1.0, 0.998), ("blurred", 1.2, 8.0, 1.0, 0.998),
        ("hard", 1.8, 14.0, 0.5, 0.78),
    ):  # fmt: skip
        shares: list[tuple[float, float]] = []
        ours = base = 0.0
        for seed in range(1 if quick else 3):
            wall = _wall_of_tags(seed, blur=blur, noise=noise, contrast=contrast)
            data, gray = bmp(wall), as_array(wall)
            marks = [time.process_time()]
            plain = {one.text for one in read_zxing(gray, QR) if one.text}
            marks.append(time.process_time())
            read = read_picture(data, mode="photo", symbologies=QR, accept=_is_ours)
            marks.append(time.process_time())
            shares.append((len({one.text for one in read}) / 100, len(plain) / 100))
            base, ours = base + marks[1] - marks[0], ours + marks[2] - marks[1]
        mine, alone = fmean(one for one, _ in shares), fmean(other for _, other in shares)
        rows.append(
            Row(name=f"decoding 100 tags, {name}: share read", ours=f"{mine:.1%}",
                base=f"{alone:.1%}", ratio=mine, at_least=least)
        )  # fmt: skip
        rows.append(
            Row(name=f"  {name}, cpu", ours=milliseconds(ours / len(shares)),
                base=milliseconds(base / len(shares)), ratio=ours / base, at_most=5.0)
        )  # fmt: skip
    return rows


def _wall_of_tags(seed: int, *, blur: float, noise: float, contrast: float) -> Image.Image:
    """4000 by 3000 pixels with 100 different tags, 5 pixels a module, a little turned each."""
    random = Random(seed)
    wall = Image.new("L", (4000, 3000), 225)
    for index in range(100):
        code = _code(f"{_PREFIX}{seed:02}{index:03}QXD4F.11ABCDEFGHJKMNPQRS", box=5)
        turned = code.rotate(random.uniform(-20, 20), expand=True, fillcolor=225)
        column, row = index % 10, index // 10
        left = column * 400 + random.randint(0, 400 - turned.width)
        wall.paste(turned, (left, row * 300 + random.randint(0, 300 - turned.height)))
    shades = np.asarray(wall.filter(ImageFilter.GaussianBlur(blur)) if blur else wall, np.float64)
    shades = 128 + (shades - 128) * contrast
    shades = shades + np.random.default_rng(seed).normal(0, noise, shades.shape)
    return _image(shades)


def _tilts(*, quick: bool) -> list[Row]:
    rows = []
    for degrees in (55, 65):
        tries = 8 if quick else 24
        pictures = [_tilted_tag(seed, degrees) for seed in range(tries)]
        plain = fmean(any(one.text for one in read_zxing(as_array(tag), QR)) for tag in pictures)
        ours = fmean(
            bool(read_picture(bmp(tag), mode="photo", symbologies=QR, accept=_is_ours))
            for tag in pictures
        )
        rows.append(
            Row(name=f"decoding tilt of {degrees} degrees: share read", ours=f"{ours:.0%}",
                base=f"{plain:.0%}", ratio=ours, at_least=0.9)
        )  # fmt: skip
    return rows


def _tilted_tag(seed: int, degrees: float) -> Image.Image:
    """640 by 480 pixels with one tag, 6 pixels a module, tilted away about some axis."""
    random = Random(seed)
    code = _code(f"{_PREFIX}{seed:05}QXD4F.11ABCDEFGHJKMNPQRS", box=6)
    side, tilt = code.width, math.radians(degrees)
    turn, held = random.choice((0.0, math.pi / 2)), random.uniform(-0.1, 0.1)
    distance, half = 4.0 * side, side / 2
    source, target = [], []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        u = x * math.cos(turn) - y * math.sin(turn)
        v = x * math.sin(turn) + y * math.cos(turn)
        scale = distance / (distance + v * math.sin(tilt))
        u, v = u * scale, v * math.cos(tilt) * scale
        target.append((320 + u * math.cos(held) - v * math.sin(held),
                       240 + u * math.sin(held) + v * math.cos(held)))  # fmt: skip
        source.append((x + half, y + half))
    tag = code.transform(
        (640, 480), Image.Transform.PERSPECTIVE, _plane(target, source),
        Image.Resampling.BICUBIC, fillcolor=225,
    )  # fmt: skip
    return ImageChops.add(tag, Image.effect_noise(tag.size, 10), 1, -128)


def _plane(target: list[tuple[float, float]], source: list[tuple[float, float]]) -> list[float]:
    """The eight numbers that take places of the picture back to places of the code."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(number) for number in np.linalg.solve(np.array(rows), np.array(values))]


def _pipes(*, quick: bool) -> list[Row]:
    """Tags on pipes of several radii and tilts, about any axis, held at any angle."""
    random, ways = Random(4), engines_alone() | our_modes()
    read, wrong, count = dict.fromkeys(ways, 0), dict.fromkeys(ways, 0), 0
    for angle in _HALF_ANGLES:
        for tilt in _TILTS:
            for _ in range(1 if quick else 4):
                text = f"{_PREFIX}{random.randrange(10**10):010}.11ABCDEFGHJKMNPQRS"
                shown = Shown.of(
                    on_a_pipe(flat_label(text), half_angle=angle, tilt=tilt, noise=6,
                              axis=random.choice((0, 30, 45, 60, 90)), turn=random.uniform(0, 360))
                )  # fmt: skip
                count += 1
                for name, way in ways.items():
                    texts = {one.text for one in way(shown)}
                    read[name] += text in texts
                    wrong[name] += len(texts - {text})
    best = max(read[name] for name in engines_alone())
    rows = []
    for name in ways:
        is_ours = name in our_modes()
        share, others = read[name] / count, best / count
        rows.append(
            Row(name=f"decoding {count} tags on pipes: {name}, share read", ours=f"{share:.0%}",
                base=f"{others:.0%}", ratio=read[name] / max(1, best),
                at_least=2.0 if is_ours else None)
        )  # fmt: skip
        if is_ours:
            rows.append(
                Row(name=f"  {name}, wrong texts", ours=str(wrong[name]), base="0",
                    ratio=float(wrong[name]), at_most=0.0)
            )  # fmt: skip
    return rows


def _is_ours(text: str) -> bool:
    return text.startswith(_PREFIX) and len(text) == len(_PREFIX) + 29


def _code(text: str, *, box: int) -> Image.Image:
    code = qrcode.QRCode(version=3, box_size=box, border=4)
    code.add_data(text)
    image: Image.Image = code.make_image().get_image().convert("L")
    return image.point(lambda shade: 30 + shade * 195 // 255)


def _image(shades: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(shades.clip(0, 255).astype(np.uint8))
