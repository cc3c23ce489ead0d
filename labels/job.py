"""What every printer language has in common: sizes in dots, and what is refused before printing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from labels.bitmap import Bitmap
from labels.encode import FLOOR_MM
from labels.label import (
    LabelError,
    ModuleTooSmallError,
    NoLabelsError,
    OutOfRangeError,
    TooLittleError,
    UnknownChoiceError,
)

DPI = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}
"""Dots a millimetre of the print heads that are sold; 203 dpi is the trade's name for 8 a mm."""

MOST_COPIES = 9999

# Rounding up millimetres may cost one dot; a picture made for the same label is never refused.
_SLACK = 1


class BitmapTooLargeError(LabelError):
    """A picture has more dots than the label, so that its rim would be cut off in silence."""

    code = "label.bitmap_too_large"
    template = (
        "Picture {nth} is {width} x {height} dots, and there is room for "
        "{most_width} x {most_height}."
    )


class BitmapBrokenError(LabelError):
    """A picture has more or fewer bytes than its size says."""

    code = "label.bitmap_broken"
    template = "Picture {nth} has {length} bytes where its size says {expected}."


class TextUnprintableError(LabelError):
    """A text holds characters that the printer's language cannot carry."""

    code = "label.text_unprintable"
    template = (
        "The text {text!r} holds {characters!r}, which cannot be sent to the printer as text. "
        "Print the label as a picture."
    )


class CodeTooLargeError(LabelError):
    """The symbol does not fit on the label at the wanted size of its modules."""

    code = "label.code_too_large"
    template = "The QR code needs {side_mm} mm from {x} mm and {y} mm; the label ends before."


def to_dots(mm: float, dpi: int) -> int:
    """Return the nearest whole number of dots. Raises UnknownChoiceError for an unknown `dpi`."""
    if dpi not in DPI:
        raise UnknownChoiceError(setting="dpi", value=dpi, known=" ".join(map(str, DPI)))
    return round(mm * DPI[dpi])


def require(setting: str, value: float | None, low: float, high: float, on: str) -> None:
    """Refuse a number outside `low` … `high`; None stands for the printer's own setting.

    Raises OutOfRangeError.
    """
    # Not-a-number fails this comparison too.
    if value is not None and not low <= value <= high:
        raise OutOfRangeError(setting=setting, value=value, low=low, high=high, preset=on)


def require_size(dpi: int, width_mm: float, height_mm: float) -> tuple[int, int]:
    """Return width and height of the label in dots.

    Raises UnknownChoiceError for the dpi, TooLittleError for a side that is not positive.
    """
    for setting, value in (("width_mm", width_mm), ("height_mm", height_mm)):
        if not 0 < value < float("inf"):
            raise TooLittleError(setting=setting, value=value, least=1)
    return to_dots(width_mm, dpi), to_dots(height_mm, dpi)


def require_fitting(bitmaps: Sequence[Bitmap], most_width: float, most_height: float) -> None:
    """Refuse an empty job, and any picture that is broken or larger than the label, in dots.

    Raises NoLabelsError, BitmapBrokenError, BitmapTooLargeError.
    """
    if not bitmaps:
        raise NoLabelsError(setting="labels", value=0)
    for nth, bitmap in enumerate(bitmaps, 1):
        expected = bitmap.stride * bitmap.height
        if len(bitmap.rows) != expected or bitmap.width < 1 or bitmap.height < 1:
            raise BitmapBrokenError(nth=nth, length=len(bitmap.rows), expected=expected)
        if bitmap.width > most_width + _SLACK or bitmap.height > most_height + _SLACK:
            raise BitmapTooLargeError(
                nth=nth,
                width=bitmap.width,
                height=bitmap.height,
                most_width=ceil(most_width),
                most_height=ceil(most_height),
            )


def require_code(
    payload: str, *, ecc: str, module: int, dpi: int, at: tuple[float, float], most: tuple[int, int]
) -> None:
    """Refuse a QR code that the printer would draw too small, or beyond the label's edge.

    `module` is the side of a module in dots, `at` the corner in millimetres, `most` the label in
    dots. Raises ModuleTooSmallError, CodeTooLargeError, TextUnprintableError, and what `qr_matrix`
    raises.
    """
    from labels.symbol import qr_matrix

    require_encodable(payload, "utf-8")
    modules = len(qr_matrix(payload, ecc=ecc))
    module_mm = module / DPI[dpi]
    if module_mm < FLOOR_MM:
        raise ModuleTooSmallError(
            label=payload[:40],
            modules=modules,
            module_mm=round(module_mm, 3),
            preset=f"{dpi} dpi",
            floor_mm=FLOOR_MM,
        )
    corners = (to_dots(at[0], dpi), to_dots(at[1], dpi))
    beyond = any(
        corner + modules * module > limit for corner, limit in zip(corners, most, strict=True)
    )
    if min(corners) < 0 or beyond:
        raise CodeTooLargeError(side_mm=round(modules * module_mm, 2), x=at[0], y=at[1])


def require_encodable(text: str, encoding: str) -> bytes:
    """Return the bytes of `text`. Raises TextUnprintableError for halves of surrogate pairs."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise unprintable(text, text[error.start : error.end]) from error


def unprintable(text: str, characters: Iterable[str]) -> TextUnprintableError:
    """Return the error for `characters`, each named once, and at most forty of the text."""
    return TextUnprintableError(text=text[:40], characters="".join(dict.fromkeys(characters)))
