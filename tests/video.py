"""A film maker for tests: a printed page, and a hand-held camera that moves over it.

The page is a PDF as it would be printed. The camera looks at it from an angle, trembles, blurs
what moves while the shutter is open, sees a patch of glare and adds grain. The same seed gives the
same film, and for every frame it is known which labels lie wholly inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from labels import PRESETS, Preset

Pixels = NDArray[np.uint8]

_DPI = 200
_MM = _DPI / 25.4
_FAR = 3.0
"""How far the camera is from the page, in widths of its view: less is more perspective."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where the camera is at a time: the point of the page it looks at, in millimetres.

    `width` is how many millimetres of the page are in view; the angles are in degrees. Between two
    stops it moves evenly.
    """

    seconds: float
    x: float
    y: float
    width: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """How it is filmed: size in pixels, frames a second, and the faults of hand, light and sensor.

    `tremble` is the hand's shake in millimetres, `shutter` the share of a frame's time for which
    the shutter is open, `glare` and `noise` are strengths of 1 and of 255.
    """

    size: tuple[int, int] = (960, 540)
    rate: float = 15.0
    tremble: float = 0.6
    shutter: float = 0.25
    glare: float = 0.25
    noise: float = 5.0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is known of one frame: its time, and where the labels wholly inside it are seen.

    `labels` gives, for the number of a label's cell on the page, its four corners in pixels.
    """

    seconds: float
    labels: dict[int, NDArray[np.float64]]


def film_page(
    pdf: bytes, out: Path, stops: Sequence[Stop], film: Film, *, preset: Preset = PRESETS["a4-24"]
) -> tuple[Taken, ...]:
    """Film the first page of `pdf` into the AVI file `out`; return what each frame shows."""
    page = _printed(pdf)
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"MJPG"), film.rate, film.size)
    assert writer.isOpened()
    random = np.random.default_rng(film.seed)
    desk = _desk(random, film.size)
    grain = random.standard_normal((film.size[1], film.size[0])).astype(np.float32) * film.noise
    taken = []
    try:
        for index in range(round(stops[-1].seconds * film.rate) + 1):
            seconds = index / film.rate
            picture = _exposed(page, desk, stops, film, seconds)
            writer.write(_seen(picture, grain, film, seconds, random))
            taken.append(Taken(seconds=seconds, labels=_inside(stops, film, seconds, preset)))
    finally:
        writer.release()
    return tuple(taken)


def _printed(pdf: bytes) -> Pixels:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[0].render(scale=_DPI / 72).to_pil().convert("RGB")
    finally:
        document.close()
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


# --- the hand ------------------------------------------------------------------------------


def _at(stops: Sequence[Stop], film: Film, seconds: float) -> Stop:
    """Where the camera is at a time, with the hand's tremble."""
    times = [stop.seconds for stop in stops]

    def between(name: str) -> float:
        return float(np.interp(seconds, times, [getattr(stop, name) for stop in stops]))

    # Hands tremble at 1 to 4 Hz, and never the same way twice.
    shake_x = math.sin(2 * math.pi * 1.3 * seconds + film.seed) + math.sin(17.1 * seconds)
    shake_y = math.sin(2 * math.pi * 1.7 * seconds + 2 * film.seed) + math.sin(21.7 * seconds)
    stop = Stop(
        seconds=seconds,
        **{name: between(name) for name in ("x", "y", "width", "yaw", "pitch", "roll")},
    )
    return replace(
        stop,
        x=stop.x + film.tremble * shake_x / 2,
        y=stop.y + film.tremble * shake_y / 2,
        roll=stop.roll + film.tremble * shake_x,
    )


def _project(stop: Stop, film: Film, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where points of the page, in millimetres, are seen in the frame, in pixels."""
    yaw, pitch, roll = (math.radians(angle) for angle in (stop.yaw, stop.pitch, stop.roll))
    x, y = points[:, 0] - stop.x, points[:, 1] - stop.y
    x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
    x, depth = x * math.cos(yaw), x * math.sin(yaw)
    y, depth = (
        y * math.cos(pitch) - depth * math.sin(pitch),
        y * math.sin(pitch) + depth * math.cos(pitch),
    )
    far = _FAR * stop.width
    scale = film.size[0] / stop.width * far / (far + depth)
    return np.stack([film.size[0] / 2 + x * scale, film.size[1] / 2 + y * scale], axis=1)


def _inside(
    stops: Sequence[Stop], film: Film, seconds: float, preset: Preset
) -> dict[int, NDArray[np.float64]]:
    stop = _at(stops, film, seconds)
    found = {}
    for cell in range(preset.cells):
        left, top = preset.corner(cell)
        right, bottom = left + preset.label_width, top + preset.label_height
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        seen = _project(stop, film, corners)
        if (seen >= 0).all() and (seen <= np.array(film.size)).all():
            found[cell] = seen
    return found


# --- the picture ---------------------------------------------------------------------------


def _exposed(
    page: Pixels, desk: Pixels, stops: Sequence[Stop], film: Film, seconds: float
) -> NDArray[np.float32]:
    """What falls on the sensor while the shutter is open: the mean of several moments."""
    height, width = page.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    total = np.zeros((film.size[1], film.size[0], 3), np.float32)
    moments = 4
    for moment in range(moments):
        stop = _at(stops, film, seconds + film.shutter / film.rate * moment / moments)
        seen = _project(stop, film, (flat / _MM).astype(np.float64)).astype(np.float32)
        picture = desk.copy()
        cv2.warpPerspective(
            page, cv2.getPerspectiveTransform(flat, seen), film.size, dst=picture,
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT,
        )  # fmt: skip
        total += picture
    total /= moments
    return total


def _seen(
    picture: NDArray[np.float32],
    grain: NDArray[np.float32],
    film: Film,
    seconds: float,
    random: np.random.Generator,
) -> Pixels:
    """The exposed picture with uneven light, a patch of glare that wanders, and fresh grain."""
    width, height = film.size
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)
    light = (0.95 - 0.25 * x)[None, :] * (1 - 0.1 * y)[:, None]
    across = np.exp(-(((x - 0.5 - 0.3 * math.sin(seconds)) / 0.12) ** 2))
    down = np.exp(-(((y - 0.3) / 0.15) ** 2))
    glare = 255 * film.glare * across[None, :] * down[:, None]
    shift = random.integers(0, height), random.integers(0, width)
    lit: Any = picture * light[..., None]
    lit += (glare + np.roll(grain, shift, (0, 1)))[..., None]
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def _desk(random: np.random.Generator, size: tuple[int, int]) -> Pixels:
    coarse = random.integers(60, 110, (size[1] // 30 + 1, size[0] // 30 + 1, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.uint8)
