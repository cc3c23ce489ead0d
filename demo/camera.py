"""A phone camera made of arithmetic: printed labels in, pictures of them on furniture out.

The pictures are made from the printed PDF: a label is cut out of the page at 300 dots an inch, laid
on a surface, looked at from an angle, lit unevenly, blurred, and kept as a JPEG. The same seed
gives the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels import PRESETS

Pixels = NDArray[np.float32]
Size = tuple[int, int]

_DPI = 300
_MM = _DPI / 25.4
_PRESET = PRESETS["a4-24"]
CELLS = _PRESET.cells
"""Labels on a page."""

_CORNER = 1.5
_PAPER = (250, 249, 243)
_EYE = 2.6
"""How far the camera is, in widths of the thing it looks at: less is more perspective."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a print lies in the picture (centre and width as shares of its width), how turned."""

    x: float = 0.5
    y: float = 0.5
    width: float = 0.6
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How one picture is taken: what lies under the prints, the light, and the faults of a hand."""

    surface: str
    poses: tuple[Pose, ...]
    seed: int
    size: Size = (1200, 1600)
    light: float = 1.0
    warmth: float = 0.0
    shade: float = 0.35
    glare: float = 0.0
    blur: float = 0.9
    shake: int = 0
    noise: float = 4.0
    quality: int = 74


# --- prints --------------------------------------------------------------------------------


class Prints:
    """The pages of a printed sheet of labels, and the labels cut out of them."""

    def __init__(self, pdf: Path) -> None:
        self._pdf = pdf
        self._pages: dict[int, Image.Image] = {}

    def label(self, nth: int) -> Image.Image:
        """Return the label in the nth cell, counted from 0 over all pages."""
        return self.rows(nth, columns=1, rows=1)

    def rows(self, nth: int, *, columns: int, rows: int) -> Image.Image:
        """Return a piece of the page, so many labels wide and high, from the nth cell on."""
        page, cell = divmod(nth, _PRESET.cells)
        left, top = _PRESET.corner(cell)
        right = left + (columns - 1) * _PRESET.dx + _PRESET.label_width
        bottom = top + (rows - 1) * _PRESET.dy + _PRESET.label_height
        return self._page(page).crop(
            (round(left * _MM), round(top * _MM), round(right * _MM), round(bottom * _MM))
        )

    def _page(self, number: int) -> Image.Image:
        if number not in self._pages:
            document = pypdfium2.PdfDocument(self._pdf)
            try:
                drawn: Image.Image = document[number].render(scale=_DPI / 72).to_pil()
                self._pages[number] = drawn.convert("RGB")
            finally:
                document.close()
        return self._pages[number]


# --- the picture ---------------------------------------------------------------------------


def photograph(prints: Sequence[Image.Image], shot: Shot) -> Image.Image:
    """Return a picture of prints lying on a surface, one for each pose."""
    random = np.random.default_rng(shot.seed)
    scene = _picture(SURFACES[shot.surface](random, shot.size))
    for printed, pose in zip(prints, shot.poses, strict=True):
        scene = _lay(scene, printed, pose)
    pixels = _lit(np.asarray(scene, np.float32), shot, random)
    pixels = _shaken(np.asarray(_picture(pixels), np.float32), shot.shake)
    blurred = _picture(pixels).filter(ImageFilter.GaussianBlur(shot.blur))
    return _picture(_grainy(np.asarray(blurred, np.float32), shot.noise, random))


def save(picture: Image.Image, path: Path, *, quality: int) -> None:
    """Write a picture as the JPEG that a phone would keep."""
    picture.save(path, "JPEG", quality=quality, subsampling="4:2:0")


def _lay(scene: Image.Image, printed: Image.Image, pose: Pose) -> Image.Image:
    """Stick a print onto the scene, with a thin shadow around it."""
    width = round(pose.width * scene.width)
    height = round(width * printed.height / printed.width)
    paper = Image.new("RGB", printed.size, _PAPER)
    inked = ImageChops.multiply(paper, printed).resize((width, height), Image.Resampling.LANCZOS)
    shape = Image.new("L", (width, height), 0)
    radius = round(_CORNER * _MM * width / printed.width)
    ImageDraw.Draw(shape).rounded_rectangle((2, 2, width - 3, height - 3), radius, fill=255)
    corners = _corners(pose, (width, height), scene.size)
    coefficients = _perspective(corners, (width, height))
    bent = (scene.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    mask = shape.transform(*bent)
    depth = max(2, width // 180)
    shadow = ImageChops.offset(mask, depth, depth).filter(ImageFilter.GaussianBlur(2 * depth))
    dark = Image.blend(scene, Image.new("RGB", scene.size, (0, 0, 0)), 0.55)
    return Image.composite(
        inked.transform(*bent), Image.composite(dark, scene, shadow), mask
    )  # the print over its shadow over the scene


def _corners(pose: Pose, size: Size, canvas: Size) -> list[tuple[float, float]]:
    """Return where the four corners of a print are seen after it was turned in space."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    far = _EYE * size[0]
    seen = []
    for across, down in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x, y = across * size[0], down * size[1]
        x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
        x, depth = x * math.cos(yaw), x * math.sin(yaw)
        y, depth = (
            y * math.cos(pitch) - depth * math.sin(pitch),
            (y * math.sin(pitch) + depth * math.cos(pitch)),
        )
        nearer = far / (far + depth)
        seen.append((pose.x * canvas[0] + x * nearer, pose.y * canvas[1] + y * nearer))
    return seen


def _perspective(corners: Sequence[tuple[float, float]], size: Size) -> list[float]:
    """Return the eight numbers that lead from the picture back to the flat print."""
    flat = ((0, 0), (size[0], 0), size, (0, size[1]))
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(right))]


# --- light and hand ------------------------------------------------------------------------


def _lit(pixels: Pixels, shot: Shot, random: np.random.Generator) -> Pixels:
    """Light from one side, darker corners, a soft patch of glare, the colour of the lamp."""
    x, y = _grid(shot.size)
    angle = random.uniform(0, 2 * math.pi)
    side = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
    light = shot.light * (1 - shot.shade * (side + 0.35))
    light *= 1 - 0.35 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    light *= 1 + 0.05 * _clouds(random, shot.size, 3)
    tint = np.array([1 + shot.warmth, 1, 1 - shot.warmth], np.float32)
    lit = pixels * light[..., None] * tint
    if shot.glare:
        spot = ((x - random.uniform(0.15, 0.3)) / 0.28) ** 2 + ((y - 0.3) / 0.2) ** 2
        lit += 255 * shot.glare * np.exp(-spot)[..., None]
    return lit.astype(np.float32)


def _shaken(pixels: Pixels, pixels_moved: int) -> Pixels:
    """The blur of a hand that moved sideways while the picture was taken."""
    if pixels_moved < 2:
        return pixels
    moved = [np.roll(pixels, (step // 2, step), (0, 1)) for step in range(pixels_moved)]
    return np.asarray(np.mean(moved, axis=0), np.float32)


def _grainy(pixels: Pixels, noise: float, random: np.random.Generator) -> Pixels:
    """The grain of a small sensor: stronger where it is dark, and a little of it in colour."""
    height, width, _ = pixels.shape
    strength = noise * (1.4 - pixels.mean(axis=2, keepdims=True) / 255)
    grey = random.standard_normal((height, width, 1), np.float32)
    colour = random.standard_normal((height, width, 3), np.float32)
    return np.asarray(pixels + strength * (grey + 0.5 * colour), np.float32)


# --- surfaces ------------------------------------------------------------------------------


def _wood(random: np.random.Generator, size: Size) -> Pixels:
    _, y = _grid(size)
    rings = np.sin(60 * (y + 0.05 * _clouds(random, size, 2)) + 2 * _clouds(random, size, 1, 14))
    fibre = _clouds(random, size, 6, 300) + _clouds(random, size, 25, 160)
    return _coloured((172, 126, 84), 1 + 0.045 * rings + 0.05 * fibre)


def _metal(random: np.random.Generator, size: Size) -> Pixels:
    grain = 1 + 0.012 * random.standard_normal((size[1], size[0])) + 0.03 * _clouds(random, size, 4)
    pixels = _coloured((146, 152, 154), grain)
    seam = round(size[1] * random.uniform(0.86, 0.92))
    pixels[seam : seam + 5] *= 0.35
    pixels[seam + 5 : seam + 8] *= 1.2
    return pixels


def _plastic(random: np.random.Generator, size: Size) -> Pixels:
    grain = 1 + 0.05 * random.standard_normal((size[1], size[0])) + 0.05 * _clouds(random, size, 3)
    pixels = _coloured((58, 60, 64), grain)
    step = size[1] // 40
    for slot in range(6):
        top = size[1] // 16 + slot * step
        pixels[top : top + step // 2, size[0] // 6 : size[0] * 5 // 6] *= 0.3
    return pixels


def _casing(random: np.random.Generator, size: Size) -> Pixels:
    grain = 1 + 0.01 * random.standard_normal((size[1], size[0])) + 0.02 * _clouds(random, size, 3)
    pixels = _coloured((206, 202, 190), grain)
    pixels[:, round(size[0] * 0.93) : round(size[0] * 0.935)] *= 0.5
    return pixels


def _fabric(random: np.random.Generator, size: Size) -> Pixels:
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    weave = np.sin(x * 0.8) * np.sin(y * 0.8 + (x // 4) % 2 * math.pi)
    light = 1 + 0.16 * weave + 0.07 * random.standard_normal(weave.shape)
    return _coloured((66, 78, 100), light + 0.08 * _clouds(random, size, 5))


def _cardboard(random: np.random.Generator, size: Size) -> Pixels:
    x, _ = _grid(size)
    flutes = np.sin(x * 420) + 0.8 * random.standard_normal((size[1], size[0]))
    return _coloured((186, 152, 110), 1 + 0.025 * flutes + 0.06 * _clouds(random, size, 6))


SURFACES: dict[str, Callable[[np.random.Generator, Size], Pixels]] = {
    "wood": _wood,
    "metal": _metal,
    "plastic": _plastic,
    "casing": _casing,
    "fabric": _fabric,
    "cardboard": _cardboard,
}
"""What a label may be stuck on."""


def _coloured(colour: tuple[int, int, int], light: NDArray[np.floating]) -> Pixels:
    return (np.array(colour, np.float32) * light[..., None]).astype(np.float32)


def _clouds(random: np.random.Generator, size: Size, across: int, down: int = 0) -> Pixels:
    """Smooth noise about 0, as many lumps across and down as told."""
    small = random.standard_normal(((down or across) + 1, across + 1)).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC), np.float32)


def _grid(size: Size) -> tuple[Pixels, Pixels]:
    """Return the share of width and of height at which each pixel lies."""
    x, y = np.meshgrid(
        np.linspace(0, 1, size[0], dtype=np.float32), np.linspace(0, 1, size[1], dtype=np.float32)
    )
    return x, y


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
