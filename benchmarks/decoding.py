"""Reading codes in pictures: our modes against zxing-cpp alone, in the same run.

Photographs by strangers with hand-marked corners lie outside the project; without them only the
drawn frames are measured. A code counts as found where the centre of a reading lies inside its
marks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Literal

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from benchmarks.timing import Row, milliseconds
from scanner import engines_available, read_picture
from scanner.engines import Sighting, read_opencv, read_zbar, read_zxing
from scanner.live import Live
from scanner.picture import load_gray
from scanner.places import centre
from scanner.reading import Corners

_PHOTOS = Path(__file__).parents[1].parent / "shared" / "photos" / "qr"
_QR = ("qr",)
_PREFIX = "HTTPS://EXAMPLE.CN/A/"
_LIVE_SIZE = (1280, 720)

Quad = list[tuple[float, float]]
Mode = Literal["photo", "thorough"]


@dataclass(frozen=True, slots=True)
class _Photo:
    category: str
    path: Path
    quads: list[Quad]


@dataclass(slots=True)
class _Tally:
    """What one way of reading found, by category, and what it cost."""

    found: dict[str, int]
    seconds: float = 0.0


def decoding(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001  all in memory
    """Measure photographs, frames without a tag, a wall of tags, and tilted tags."""
    rows = []
    if _PHOTOS.is_dir():
        photos = _photos()[:: 6 if quick else 1]
        rows += _photographs(photos)
        rows += _live(photos, quick=quick)
    else:
        rows.append(Row(name="decoding: the photographs are not on this machine", ours="-"))
    return rows + _walls(quick=quick) + _tilts(quick=quick)


def _photographs(photos: Sequence[_Photo]) -> list[Row]:
    counts: dict[str, int] = {}
    for photo in photos:
        counts[photo.category] = counts.get(photo.category, 0) + len(photo.quads)
    ways = _ways()
    tallies = {name: _Tally(dict.fromkeys(counts, 0)) for name in ways}
    for photo in photos:
        gray = load_gray(photo.path)
        # Without compression, so that hardly more than the reading is measured.
        data = _bmp(gray)
        for name, read in ways.items():
            before = time.process_time()
            seen = read(gray, data)
            tallies[name].seconds += time.process_time() - before
            hits = sum(any(_holds(quad, centre(c)) for c in seen) for quad in photo.quads)
            tallies[name].found[photo.category] += hits
    base = tallies["zxing-cpp alone"]
    goals = {"photo": (0.84, 12.0), "thorough": (0.88, None)}
    rows = []
    for name, tally in tallies.items():
        share, base_share = (_mean(one, counts) for one in (tally, base))
        least, most = goals.get(name, (None, None))
        rows.append(
            Row(name=f"decoding {len(photos)} photographs: {name}, share read", ratio=share,
                ours=f"{share:.1%}", base=f"{base_share:.1%}", at_least=least)
        )  # fmt: skip
        rows.append(
            Row(name=f"  {name}, cpu a picture", ours=milliseconds(tally.seconds / len(photos)),
                base=milliseconds(base.seconds / len(photos)), ratio=tally.seconds / base.seconds,
                at_most=most)
        )  # fmt: skip
    return rows


def _ways() -> dict[str, Callable[[Image.Image, bytes], list[Corners]]]:
    def plain(gray: Image.Image, _: bytes) -> list[Corners]:
        return _read(read_zxing(gray, _QR))

    def ours(mode: Mode) -> Callable[[Image.Image, bytes], list[Corners]]:
        # No `accept`: the texts are strangers', so only what two passes agree on counts.
        return lambda _, data: [
            one.corners for one in read_picture(data, mode=mode, symbologies=_QR)
        ]

    ways = {"zxing-cpp alone": plain, "photo": ours("photo"), "thorough": ours("thorough")}
    if engines_available()["zbar"] is None:
        ways["pyzbar alone"] = lambda gray, _: _read(read_zbar(gray, _QR))
    if engines_available()["opencv"] is None:
        ways["OpenCV alone"] = lambda gray, _: _read(read_opencv(gray, _QR))
    return ways


def _live(photos: Sequence[_Photo], *, quick: bool) -> list[Row]:
    """Frames without a code, each shown several times as a camera would."""
    frames = list(_empty_frames(photos, 20 if quick else 60))
    live = Live(symbologies=_QR)
    false, ratios, costs = 0, [], []
    for _ in range(3):
        marks = [time.process_time()]
        for frame in frames:
            read_zxing(frame, _QR)
        marks.append(time.process_time())
        for frame in frames:
            false += len(live.read(frame))
        marks.append(time.process_time())
        base, ours = ((end - begin) / len(frames) for begin, end in pairwise(marks))
        ratios.append(ours / base)
        costs.append((ours, base))
    ours, base = (median(pair[side] for pair in costs) for side in (0, 1))
    name = f"decoding live: frame without a tag, {false} false, cpu"
    return [
        Row(name=name, ours=milliseconds(ours), base=milliseconds(base), ratio=median(ratios),
            at_most=1.3)
    ]  # fmt: skip


def _empty_frames(photos: Sequence[_Photo], most: int) -> Iterator[Image.Image]:
    random, made = Random(1), 0
    while made < most:
        before = made
        for photo in photos:
            gray = load_gray(photo.path)
            width = min(gray.width, _LIVE_SIZE[0])
            height = width * _LIVE_SIZE[1] // _LIVE_SIZE[0]
            if height > gray.height or made == most:
                continue
            for _ in range(8):
                left = random.randint(0, gray.width - width)
                top = random.randint(0, gray.height - height)
                box = (left, top, left + width, top + height)
                if all(_is_apart(quad, box) for quad in photo.quads):
                    made += 1
                    yield gray.crop(box).resize(_LIVE_SIZE)
                    break
        if made == before:
            return


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
            wall = wall_of_tags(seed, blur=blur, noise=noise, contrast=contrast)
            data = _bmp(wall)
            marks = [time.process_time()]
            plain = {one.text for one in read_zxing(wall, _QR) if one.text}
            marks.append(time.process_time())
            read = read_picture(data, mode="photo", symbologies=_QR, accept=_is_ours)
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


def wall_of_tags(seed: int, *, blur: float, noise: float, contrast: float) -> Image.Image:
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
        pictures = [tilted_tag(seed, degrees) for seed in range(tries)]
        plain = fmean(any(one.text for one in read_zxing(tag, _QR)) for tag in pictures)
        ours = fmean(
            bool(read_picture(_bmp(tag), mode="photo", symbologies=_QR, accept=_is_ours))
            for tag in pictures
        )
        rows.append(
            Row(name=f"decoding tilt of {degrees} degrees: share read", ours=f"{ours:.0%}",
                base=f"{plain:.0%}", ratio=ours, at_least=0.9)
        )  # fmt: skip
    return rows


def tilted_tag(seed: int, degrees: float) -> Image.Image:
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


def _photos() -> list[_Photo]:
    photos = []
    for marks in sorted(_PHOTOS.glob("*/*.txt")):
        path = next(p for p in (marks.with_suffix(".jpg"), marks.with_suffix(".png")) if p.exists())
        photos.append(_Photo(marks.parent.name, path, _marked(marks, path)))
    return photos


def _marked(marks: Path, path: Path) -> list[Quad]:
    lines = [row for row in marks.read_text().splitlines() if row and not row.startswith("#")]
    numbers = iter(map(float, " ".join(row for row in lines if row != "SETS").split()))
    points = list(zip(numbers, numbers, strict=True))
    quads = [points[start : start + 4] for start in range(0, len(points) - 3, 4)]
    with Image.open(path) as picture:
        turned, height = picture.getexif().get(0x0112, 1) == 6, picture.height
    # The marks were made on pictures that nobody had turned upright.
    return [[(height - 1 - y, x) for x, y in quad] for quad in quads] if turned else quads


def _holds(quad: Quad, point: tuple[float, float]) -> bool:
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip(quad, quad[1:] + quad[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def _is_apart(quad: Quad, box: tuple[int, int, int, int]) -> bool:
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    wide, tall = (max(xs) - min(xs)) / 5, (max(ys) - min(ys)) / 5
    left, top, right, bottom = box
    beside = max(xs) + wide < left or min(xs) - wide > right
    return beside or max(ys) + tall < top or min(ys) - tall > bottom


def _mean(tally: _Tally, counts: dict[str, int]) -> float:
    return fmean(tally.found[category] / count for category, count in counts.items())


def _read(seen: Sequence[Sighting]) -> list[Corners]:
    return [one.corners for one in seen if one.text]


def _is_ours(text: str) -> bool:
    return text.startswith(_PREFIX) and len(text) == len(_PREFIX) + 29


def _code(text: str, *, box: int) -> Image.Image:
    code = qrcode.QRCode(version=3, box_size=box, border=4)
    code.add_data(text)
    image: Image.Image = code.make_image().get_image().convert("L")
    return image.point(lambda shade: 30 + shade * 195 // 255)


def _image(shades: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(shades.clip(0, 255).astype(np.uint8))


def _bmp(gray: Image.Image) -> bytes:
    out = BytesIO()
    gray.save(out, "BMP")
    return out.getvalue()
