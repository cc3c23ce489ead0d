"""TSPL, the language of TSC printers and of most label printers sold in China.

A label is sent as a picture made by us; `native` lets the printer draw text and code itself.
Source: TSPL/TSPL2 Programming Manual.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from labels.bitmap import Bitmap
from labels.drawing import Text
from labels.job import (
    DPI,
    MOST_COPIES,
    require,
    require_code,
    require_encodable,
    require_fitting,
    require_size,
    to_dots,
    unprintable,
)
from labels.label import UnknownChoiceError
from labels.text import clean

MOST_DARK = 15
MOST_SPEED = 18
MOST_MODULE = 10
MOST_GAP_MM = 25.4

_INVERTED = bytes(byte ^ 0xFF for byte in range(256))
# A quote ends a text, \[ may begin an escape, and ESC ! and ~ ! are orders that printers
# obey wherever they stand. Their wide forms look alike and are none of these bytes in GB 18030.
_WIDE = str.maketrans({'"': "＂", "\\": "＼", "[": "［", "!": "！"})
_PLAIN = re.compile(r"[A-Za-z0-9 .,:/+*%$()=?&#@_;-]")
_FONT = re.compile(r"[A-Z0-9_-]{1,16}(\.[A-Z0-9]{3})?")
_FONT_DOTS = 24
_ASCENT = 0.88
_MOST_SCALE = 10


def job(
    bitmaps: Sequence[Bitmap],
    *,
    dpi: int,
    width_mm: float,
    height_mm: float,
    copies: int = 1,
    darkness: int | None = None,
    speed: float | None = None,
    gap_mm: float = 2.0,
    upside_down: bool = False,
) -> bytes:
    """Return one `CLS`, `BITMAP`, `PRINT` per picture, after the size of the labels.

    `darkness` is 0 to 15, `speed` 1 to 18 inches a second, `gap_mm` lies between two labels, 0 for
    endless paper. Both settings stay in the printer until it is switched off. Raises SheetError for
    a setting, BitmapBrokenError, BitmapTooLargeError.
    """
    require_size(dpi, width_mm, height_mm)
    require_fitting(bitmaps, width_mm * DPI[dpi], height_mm * DPI[dpi])
    head = _head(width_mm, height_mm, gap_mm, darkness, speed, upside_down=upside_down)
    tail = _tail(copies)
    return head + b"".join(b"CLS\r\n%b\r\n%b" % (graphic(bitmap), tail) for bitmap in bitmaps)


def graphic(bitmap: Bitmap) -> bytes:
    """Return the `BITMAP` command of a picture, without its line end.

    Here 0 is ink, the reverse of ZPL and of `Bitmap`; the bits behind the last dot become paper.
    """
    inverted = bitmap.rows.translate(_INVERTED)
    return b"BITMAP 0,0,%d,%d,0,%b" % (bitmap.stride, bitmap.height, inverted)


def native(
    texts: Sequence[Text],
    *,
    payload: str,
    x: float,
    y: float,
    module: int,
    dpi: int,
    width_mm: float,
    height_mm: float,
    ecc: str = "M",
    font: str = "TSS24.BF2",
    copies: int = 1,
    darkness: int | None = None,
    speed: float | None = None,
    gap_mm: float = 2.0,
    upside_down: bool = False,
) -> bytes:
    """Return one label that the printer draws itself: rows of text in GB 18030 and a QR code.

    `x` and `y` are the code's corner in millimetres, `module` is in dots, 1 to 10. `font` is one of
    the printer's own, 24 dots high, which it can only magnify by whole numbers: the size that comes
    nearest is taken. Texts go as one clean line, with quotes, backslashes, opening brackets and
    exclamation marks in their wide forms. A payload with any of these is refused, as a scanner
    would read something else. Raises SheetError, TextUnprintableError, ModuleTooSmallError,
    CodeTooLargeError, PayloadEmptyError, PayloadTooLongError.
    """
    size = require_size(dpi, width_mm, height_mm)
    require("module", module, 1, MOST_MODULE, "TSPL")
    require_code(payload, ecc=ecc, module=module, dpi=dpi, at=(x, y), most=size)
    odd = _PLAIN.sub("", payload)
    if odd:
        raise unprintable(payload, odd)
    if not _FONT.fullmatch(font):
        raise UnknownChoiceError(setting="font", value=font, known="TSS24.BF2")
    rows = [_row(text, dpi, font) for text in texts]
    code = b'QRCODE %d,%d,%b,%d,A,0,M2,"%b"\r\n' % (
        to_dots(x, dpi), to_dots(y, dpi), ecc.encode(), module, payload.encode(),
    )  # fmt: skip
    head = _head(width_mm, height_mm, gap_mm, darkness, speed, upside_down=upside_down)
    return b"".join([head, b"CLS\r\n", *rows, code, _tail(copies)])


def quoted(text: str) -> bytes:
    """Return a text between quotes, in GB 18030, that cannot end before its end."""
    return b'"%b"' % require_encodable(clean(text).translate(_WIDE), "gb18030")


def _row(text: Text, dpi: int, font: str) -> bytes:
    wanted = text.size_pt * 25.4 / 72 * DPI[dpi]
    scale = min(_MOST_SCALE, max(1, round(wanted / _FONT_DOTS)))
    top = max(0, round(text.y * DPI[dpi] - _ASCENT * _FONT_DOTS * scale))
    at = (to_dots(text.x, dpi), top, font.encode(), scale, scale)
    return b'TEXT %d,%d,"%b",0,%d,%d,%b\r\n' % (*at, quoted(text.text))


def _head(
    width_mm: float,
    height_mm: float,
    gap_mm: float,
    darkness: int | None,
    speed: float | None,
    *,
    upside_down: bool,
) -> bytes:
    require("gap_mm", gap_mm, 0, MOST_GAP_MM, "TSPL")
    require("darkness", darkness, 0, MOST_DARK, "TSPL")
    require("speed", speed, 1, MOST_SPEED, "TSPL")
    lines = [
        f"SIZE {width_mm:g} mm,{height_mm:g} mm",
        f"GAP {gap_mm:g} mm,0 mm",
        f"DIRECTION {int(upside_down)}",
        "REFERENCE 0,0",
    ]
    if darkness is not None:
        lines.append(f"DENSITY {darkness}")
    if speed is not None:
        lines.append(f"SPEED {speed:g}")
    return "".join(f"{line}\r\n" for line in lines).encode()


def _tail(copies: int) -> bytes:
    require("copies", copies, 1, MOST_COPIES, "TSPL")
    return b"PRINT 1,%d\r\n" % copies
