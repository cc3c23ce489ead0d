"""Drawings as dots: what a label printer burns, and the same as a PNG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from labels.bitmap import Bitmap
from labels.drawing import Box, Drawing, Modules, Picture, Text
from labels.encode import FLOOR_MM, SMALL_MM
from labels.font import Face
from labels.label import ModuleTooSmallError, OutOfRangeError
from labels.picture import ink

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

_RESOLUTIONS = (100, 2400)
_MOST_DOTS = 20_000
# A head of "203 dpi" has eight dots a millimetre: so much may a module miss the grid.
_SLACK = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallModules:
    """A warning: the symbol of this label is read only from close up."""

    name: str
    module_mm: float


def bitmap(drawing: Drawing, *, dpi: int, typeface: Face) -> Bitmap:
    """Return a drawing as the dots of a printer; every module is the same whole number of dots.

    Raises ModuleTooSmallError below the print floor of 0.375 mm, LogoError, SheetError.
    """
    image = _image(drawing, dpi, typeface)
    width, height = image.size
    # The library's packed rows, with ink and paper changed round.
    rows = image.tobytes("raw", "1;I")
    return Bitmap(width=width, height=height, rows=_trimmed(rows, width, (width + 7) // 8))


def png(drawing: Drawing, *, dpi: int, typeface: Face) -> bytes:
    """Return a drawing as a black-and-white PNG file with its resolution; raises as `bitmap`."""
    out = BytesIO()
    _image(drawing, dpi, typeface).save(out, "PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()


def small_modules(drawings: Iterable[Drawing], *, dpi: int) -> list[SmallModules]:
    """Return a warning for every drawing whose modules a printer makes smaller than 0.5 mm.

    Raises ModuleTooSmallError below the print floor, SheetError.
    """
    warnings = []
    for drawing in drawings:
        for mark in drawing.marks:
            if isinstance(mark, Modules):
                module = _dots(drawing, mark, dpi) * 25.4 / dpi
                if module < SMALL_MM * (1 - _SLACK):
                    warnings.append(SmallModules(name=drawing.name, module_mm=round(module, 3)))
    return warnings


def _image(drawing: Drawing, dpi: int, typeface: Face) -> Image:
    from PIL import Image, ImageDraw

    low, high = _RESOLUTIONS
    if not low <= dpi <= high:
        raise OutOfRangeError(setting="dpi", value=dpi, low=low, high=high, preset=drawing.name)
    scale = dpi / 25.4
    size = tuple(max(1, round(side * scale)) for side in (drawing.width, drawing.height))
    if max(size) > _MOST_DOTS:
        raise OutOfRangeError(
            setting="dpi", value=dpi, low=low, high=int(dpi * _MOST_DOTS / max(size)),
            preset=drawing.name,
        )  # fmt: skip
    image = Image.new("1", (size[0], size[1]), 1)
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        if isinstance(mark, Modules):
            _draw_modules(pen, mark, _dots(drawing, mark, dpi), scale)
        elif isinstance(mark, Text):
            _draw_text(pen, mark, scale, typeface)
        elif isinstance(mark, Box):
            _draw_box(pen, mark, scale)
        else:
            _draw_picture(image, mark, scale)
    return image


def _dots(drawing: Drawing, mark: Modules, dpi: int) -> int:
    """Return the dots of a module; never more than it was drawn with, or it would not fit."""
    dots = int(mark.module * dpi / 25.4 + _SLACK * 2)
    if dots * 25.4 / dpi < FLOOR_MM * (1 - _SLACK):
        raise ModuleTooSmallError(
            label=drawing.name,
            modules=len(mark.matrix[0]),
            module_mm=round(dots * 25.4 / dpi, 3),
            preset=f"{dpi} dpi",
            floor_mm=FLOOR_MM,
        )
    return dots


def _draw_modules(pen: ImageDraw, mark: Modules, dots: int, scale: float) -> None:
    from labels.encode import runs

    high = round(dots * mark.tall)
    columns, rows = len(mark.matrix[0]), len(mark.matrix)
    # A module that had to shrink leaves the symbol in the middle of its place.
    x = round(mark.x * scale + columns * (mark.module * scale - dots) / 2)
    y = round(mark.y * scale + rows * (mark.module * mark.tall * scale - high) / 2)
    for column, row, length in runs(mark.matrix):
        left, top = x + column * dots, y + row * high
        pen.rectangle((left, top, left + length * dots - 1, top + high - 1), fill=0)


def _draw_text(pen: ImageDraw, mark: Text, scale: float, typeface: Face) -> None:
    """Draw a row glyph by glyph: the library's own spacing rounds each step to a whole dot."""
    pixels = max(1, round(mark.size_pt * 25.4 / 72 * scale))
    em = mark.size_pt * 25.4 / 72 * scale
    font = _font(str(typeface.path), pixels, typeface.index)
    x, y = mark.x * scale, round(mark.y * scale)
    for character in mark.text:
        if not character.isspace():
            pen.text((round(x), y), character, fill=0, font=font, anchor="ls")
            if mark.strong:
                pen.text((round(x) + 1, y), character, fill=0, font=font, anchor="ls")
        x += typeface.measure(character) * em


def _draw_box(pen: ImageDraw, mark: Box, scale: float) -> None:
    left, top = round(mark.x * scale), round(mark.y * scale)
    right = max(left + 1, round((mark.x + mark.width) * scale))
    bottom = max(top + 1, round((mark.y + mark.height) * scale))
    pen.rectangle((left, top, right - 1, bottom - 1), fill=0)


def _draw_picture(image: Image, mark: Picture, scale: float) -> None:
    size = max(1, round(mark.width * scale)), max(1, round(mark.height * scale))
    small = ink(mark.data).convert("L").resize(size)
    image.paste(small.point(lambda level: 255 * (level >= 128)).convert("1"), _corner(mark, scale))


def _corner(mark: Picture, scale: float) -> tuple[int, int]:
    return round(mark.x * scale), round(mark.y * scale)


@lru_cache(maxsize=32)
def _font(path: str, pixels: int, index: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(path, pixels, index=index, layout_engine=ImageFont.Layout.BASIC)


def _trimmed(rows: bytes, width: int, stride: int) -> bytes:
    """Return the rows with the bits behind the last dot set to 0."""
    spare = -width % 8
    if not spare:
        return rows
    trimmed = bytearray(rows)
    mask = 0xFF << spare & 0xFF
    trimmed[stride - 1 :: stride] = bytes(byte & mask for byte in trimmed[stride - 1 :: stride])
    return bytes(trimmed)
