"""Frames of 1280 by 720 pixels without a code, drawn to look like what might be taken for one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from labels import find_font

Floats = NDArray[np.floating[Any]]
Rng = np.random.Generator

_WIDTH, _HEIGHT = 1280, 720


def made_frames(most: int) -> Iterator[Image.Image]:
    """Yield `most` different frames, the kinds by turns; the same ones every time."""
    kinds = list(_KINDS)
    for number in range(most):
        rng = np.random.default_rng(number)
        shades = _KINDS[kinds[number % len(kinds)]](rng)
        if rng.random() < 0.5:
            shades = _as_photographed(rng, shades)
        yield Image.fromarray(shades.clip(0, 255).astype(np.uint8))


def _as_photographed(rng: Rng, shades: Floats) -> Floats:
    """Blurred, fainter, lit from a side and grainy, as a camera would show it."""
    image = Image.fromarray(shades.clip(0, 255).astype(np.uint8))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2.5))), np.float64)
    light = _ramp(rng) * rng.uniform(0, 0.6) + 0.4
    faint = 128 + (soft - 128) * rng.uniform(0.1, 1.0)
    noisy: Floats = faint * light + rng.normal(0, rng.uniform(0, 20), shades.shape)
    return noisy


def _ramp(rng: Rng) -> Floats:
    """From 0 to 1 across the frame, in some direction."""
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    along = x * math.cos(angle) + y * math.sin(angle)
    ramp: Floats = (along - along.min()) / (along.max() - along.min())
    return ramp


def _gradient(rng: Rng) -> Floats:
    wave = np.sin(_ramp(rng) * rng.uniform(1, 60)) * rng.uniform(10, 120)
    mixed: Floats = _ramp(rng) * 255 + wave * _ramp(rng)
    return mixed


def _grain(rng: Rng) -> Floats:
    """Noise in specks of 1 to 24 pixels, of two shades or of all."""
    speck = int(rng.integers(1, 25))
    size = (_HEIGHT // speck + 1, _WIDTH // speck + 1)
    coarse = rng.integers(0, 256, size) if rng.random() < 0.5 else rng.integers(0, 2, size) * 255
    return _enlarged(coarse.astype(np.float64), speck)


def _enlarged(coarse: Floats, times: int) -> Floats:
    return np.kron(coarse, np.ones((times, times)))[:_HEIGHT, :_WIDTH]


def _stripes(rng: Rng) -> Floats:
    """Bars of one to four widths, as bar codes have them, without their meaning."""
    module = int(rng.integers(2, 9))
    widths = rng.integers(1, 5, _WIDTH // module + 8) * module
    bars = np.repeat(np.arange(len(widths)) % 2 * 225.0 + 15, widths)[: _WIDTH + 200]
    return _turned(rng, np.tile(bars, (_HEIGHT + 200, 1)))


def _lines(rng: Rng) -> Floats:
    """Even stripes, straight or wavy, that may beat against the pixels."""
    period = rng.uniform(2, 40)
    bend = rng.uniform(0, 30) * np.sin(np.mgrid[0:_HEIGHT, 0:_WIDTH][0] / rng.uniform(20, 200))
    waves = np.sin((_ramp(rng) * _WIDTH + bend) * 2 * math.pi / period)
    shades: Floats = 128 + 120 * (np.sign(waves) if rng.random() < 0.5 else waves)
    return shades


def _checkers(rng: Rng) -> Floats:
    side = int(rng.integers(3, 61))
    y, x = np.mgrid[0 : _HEIGHT + 200, 0 : _WIDTH + 200] // side
    return _turned(rng, (x + y) % 2 * 215.0 + 20)


def _modules(rng: Rng) -> Floats:
    """Patches of random black and white modules, as in the middle of a code."""
    shades = np.full((_HEIGHT + 200, _WIDTH + 200), 230.0)
    for _ in range(int(rng.integers(2, 13))):
        count, module = int(rng.integers(11, 58)), int(rng.integers(2, 11))
        patch = np.kron(rng.integers(0, 2, (count, count)) * 200.0 + 20, np.ones((module, module)))
        _put(rng, shades, patch)
    return _turned(rng, shades)


def _finders(rng: Rng) -> Floats:
    """Squares within squares like the corners of codes: alone, and three about random modules."""
    shades = np.full((_HEIGHT + 200, _WIDTH + 200), 235.0)
    for _ in range(int(rng.integers(3, 16))):
        module = int(rng.integers(2, 11))
        if rng.random() < 0.5:
            light = _finder()
        else:
            light = rng.integers(0, 2, (int(rng.integers(4, 13)) * 4 + 5,) * 2).astype(np.float64)
            for rows, columns in ((slice(0, 9), slice(0, 9)), (slice(0, 9), slice(-9, None)),
                                  (slice(-9, None), slice(0, 9))):  # fmt: skip
                light[rows, columns] = _finder()
        _put(rng, shades, np.kron(light * 210 + 20, np.ones((module, module))))
    return _turned(rng, shades)


def _finder() -> Floats:
    away = np.abs(np.arange(9) - 4)
    return np.isin(np.maximum(away[:, None], away), (2, 4)).astype(np.float64)


def _rings(rng: Rng) -> Floats:
    """Rings about random middles: bolts, wheels, targets."""
    frame = Image.new("L", (_WIDTH, _HEIGHT), 215)
    pen = ImageDraw.Draw(frame)
    for _ in range(int(rng.integers(5, 40))):
        x, y = rng.uniform(0, _WIDTH), rng.uniform(0, _HEIGHT)
        step, is_square = rng.uniform(2, 14), rng.random() < 0.5
        draw = pen.rectangle if is_square else pen.ellipse
        for ring in range(int(rng.integers(3, 7)), 0, -1):
            reach = ring * step
            draw((x - reach, y - reach, x + reach, y + reach), fill=25 if ring % 2 else 215)
    return np.asarray(frame, np.float64)


def _table(rng: Rng) -> Floats:
    """A form: ruled cells, some filled, with numbers in them."""
    frame = Image.new("L", (_WIDTH, _HEIGHT), 240)
    pen = ImageDraw.Draw(frame)
    wide, tall = int(rng.integers(12, 140)), int(rng.integers(12, 60))
    for left in range(0, _WIDTH, wide):
        for top in range(0, _HEIGHT, tall):
            fill = 30 if rng.random() < 0.2 else None
            pen.rectangle((left, top, left + wide, top + tall), fill=fill, outline=20)
            number = str(rng.integers(0, 10**6))
            pen.text((left + 3, top + 2), number, fill=20, font=_font(max(8, tall - 8)))
    return np.asarray(frame, np.float64)


def _latin_page(rng: Rng) -> Floats:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/.:  "
    return _page(rng, lambda: letters[int(rng.integers(0, len(letters)))])


def _chinese_page(rng: Rng) -> Floats:
    """Characters from 一 on as GB 2312 has them, close to each other as on a form or a poster."""
    return _page(
        rng,
        lambda: bytes(
            (int(rng.integers(0xB0, 0xD7)), int(rng.integers(0xA1, 0xFF)))
        ).decode("gb2312", "replace"),
    )  # fmt: skip


def _page(rng: Rng, character: Callable[[], str]) -> Floats:
    is_dark = rng.random() < 0.25
    frame = Image.new("L", (_WIDTH + 200, _HEIGHT + 200), 25 if is_dark else 240)
    pen, top = ImageDraw.Draw(frame), 0
    while top < frame.height:
        size = int(rng.integers(9, 64))
        line = "".join(character() for _ in range(frame.width // size + 1))
        pen.text((int(rng.integers(0, 40)), top), line, fill=235 if is_dark else 25,
                 font=_font(size))  # fmt: skip
        top += round(size * rng.uniform(1.0, 1.6))
    return _turned(rng, np.asarray(frame, np.float64))


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(find_font(None)), size)


def _scales(rng: Rng) -> Floats:
    """Clouds of every size over each other: wood, cloth, concrete."""
    shades = np.zeros((_HEIGHT, _WIDTH))
    for power in range(2, 9):
        step = 2**power
        coarse = rng.normal(0, 1, (_HEIGHT // step + 2, _WIDTH // step + 2)).astype(np.float32)
        layer = Image.fromarray(coarse).resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC)
        shades += np.asarray(layer, np.float64) * rng.uniform(0, 1)
    return 128 + shades * rng.uniform(20, 90)


def _put(rng: Rng, shades: Floats, patch: Floats) -> None:
    """Lay a patch at some place where it fits."""
    tall, wide = (min(a, b) for a, b in zip(patch.shape, shades.shape, strict=True))
    top = int(rng.integers(0, shades.shape[0] - tall + 1))
    left = int(rng.integers(0, shades.shape[1] - wide + 1))
    shades[top : top + tall, left : left + wide] = patch[:tall, :wide]


def _turned(rng: Rng, shades: Floats) -> Floats:
    """The middle of something larger, upright or held askew."""
    image = Image.fromarray(shades.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.6:
        fill = int(shades[0, 0])
        image = image.rotate(rng.uniform(-50, 50), Image.Resampling.BICUBIC, fillcolor=fill)
    left, top = (image.width - _WIDTH) // 2, (image.height - _HEIGHT) // 2
    return np.asarray(image.crop((left, top, left + _WIDTH, top + _HEIGHT)), np.float64)


_KINDS: dict[str, Callable[[Rng], Floats]] = {
    "gradient": _gradient,
    "grain": _grain,
    "stripes": _stripes,
    "lines": _lines,
    "checkers": _checkers,
    "modules": _modules,
    "finders": _finders,
    "rings": _rings,
    "table": _table,
    "latin page": _latin_page,
    "chinese page": _chinese_page,
    "scales": _scales,
}
