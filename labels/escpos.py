"""ESC/POS, the language of receipt printers: a picture in bands, then a cut.

Source: the manufacturers' ESC/POS command references (`GS v 0`, `GS ( k`, `GS V`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from labels.bitmap import Bitmap
from labels.job import (
    BitmapTooLargeError,
    CodeTooLargeError,
    require,
    require_encodable,
    require_fitting,
    unprintable,
)
from labels.text import clean

BAND = 128
"""Rows sent at once: small printers hold no more of a picture than a few kilobytes."""
PAPER = {58: 384, 80: 576}
"""Dots across the two usual widths of paper in millimetres, at 8 dots a millimetre."""
MOST_COPIES = 100
MOST_MODULE = 16
MOST_WIDTH = 4096
# Three dots of 0.125 mm are the smallest module that scanners read from paper.
LEAST_MODULE = 3

_START = b"\x1b@"
_CUT = b"\x1dVB\x00"
_FEED = b"\x1bJ%c"
_CHINESE = b"\x1c&"
_LEVELS = {"L": 48, "M": 49, "Q": 50, "H": 51}


def job(
    bitmaps: Sequence[Bitmap],
    *,
    width_dots: int = PAPER[80],
    copies: int = 1,
    cut: bool = True,
    feed_dots: int = 24,
) -> bytes:
    """Return each picture as bands of `GS v 0`, a feed of blank paper and, with `cut`, a cut.

    `width_dots` is what the print head reaches, 576 on 80 mm paper, 384 on 58 mm. Raises
    SheetError for a setting, BitmapBrokenError, BitmapTooLargeError.
    """
    require("copies", copies, 1, MOST_COPIES, "ESC/POS")
    require("feed_dots", feed_dots, 0, 255, "ESC/POS")
    require("width_dots", width_dots, 8, MOST_WIDTH, "ESC/POS")
    require_fitting(bitmaps, float("inf"), float("inf"))
    for nth, bitmap in enumerate(bitmaps, 1):
        if bitmap.width > width_dots:
            raise BitmapTooLargeError(
                nth=nth,
                width=bitmap.width,
                height=bitmap.height,
                most_width=width_dots,
                most_height=bitmap.height,
            )
    end = _end(feed_dots, cut=cut)
    once = b"".join(b"".join([*bands(bitmap), end]) for bitmap in bitmaps)
    return _START + once * copies


def bands(bitmap: Bitmap) -> Iterator[bytes]:
    """Yield a picture as `GS v 0` commands of at most `BAND` rows; 1 is ink, as in `Bitmap`."""
    stride = bitmap.stride
    for top in range(0, bitmap.height, BAND):
        height = min(BAND, bitmap.height - top)
        rows = bitmap.rows[top * stride : (top + height) * stride]
        yield b"\x1dv0\x00%b%b%b" % (_two(stride), _two(height), rows)


def native(
    texts: Sequence[str],
    *,
    payload: str,
    module: int = 6,
    ecc: str = "M",
    width_dots: int = PAPER[80],
    copies: int = 1,
    cut: bool = True,
    feed_dots: int = 24,
) -> bytes:
    """Return a QR code and rows of text in GB 18030 that the printer draws itself.

    `module` is in dots, 3 to 16. Texts go as one clean line each, so that no order of the printer
    can hide in them; a payload with control characters is refused. Raises SheetError,
    TextUnprintableError, CodeTooLargeError, PayloadEmptyError, PayloadTooLongError.
    """
    from labels.symbol import qr_matrix

    require("copies", copies, 1, MOST_COPIES, "ESC/POS")
    require("feed_dots", feed_dots, 0, 255, "ESC/POS")
    require("width_dots", width_dots, 8, MOST_WIDTH, "ESC/POS")
    require("module", module, LEAST_MODULE, MOST_MODULE, "ESC/POS")
    odd = [one for one in payload if unicodedata.category(one) in ("Cc", "Cs")]
    if odd:
        raise unprintable(payload, odd)
    side = len(qr_matrix(payload, ecc=ecc)) * module
    if side > width_dots:
        raise CodeTooLargeError(side_mm=side / 8, x=0, y=0)
    rows = [require_encodable(clean(text), "gb18030") + b"\n" for text in texts]
    once = b"".join([_code(payload, module, ecc), b"\n", _CHINESE, *rows, _end(feed_dots, cut=cut)])
    return _START + once * copies


def _code(payload: str, module: int, ecc: str) -> bytes:
    data = require_encodable(payload, "utf-8")
    # Model 2, side of a module, error correction, the text, and print it.
    return b"".join(
        b"\x1d(k%b1%b" % (_two(len(part) + 1), part)
        for part in (
            b"A2\x00",
            b"C%c" % module,
            b"E%c" % _LEVELS[ecc],
            b"P0%b" % data,
            b"Q0",
        )
    )


def _end(feed_dots: int, *, cut: bool) -> bytes:
    return _FEED % feed_dots + (_CUT if cut else b"")


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")
