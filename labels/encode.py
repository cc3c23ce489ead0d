"""Text into the modules of a symbol, and the facts of printing them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from labels.label import PayloadEmptyError, PayloadTooLongError, UnknownChoiceError

DOT_MM = 0.125
"""One dot of a 203 dpi printer; every printed module is a whole number of them."""
FLOOR_DOTS = 3
"""Measured: scanners lose modules of two dots, so none is printed with fewer than three."""
FLOOR_MM = FLOOR_DOTS * DOT_MM
"""The smallest module that scanners read dependably from paper, in millimetres."""
SMALL_MM = 0.5
"""Modules below this are read only from close up; callers warn."""
QUIET = 4
"""Blank modules on each side of the code, as the QR standard demands."""
QUIETS = {"qr": QUIET, "datamatrix": 2, "code128": 10}
"""Blank modules beside each kind of symbol: ISO/IEC 18004, 16022 (one more than it asks), 15417."""

# The numbers that stand for the levels inside every QR code.
_LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}
_DARK = bytes([1] * 128 + [0] * 128)

Matrix = tuple[tuple[bool, ...], ...]


def matrix(payload: str, *, ecc: str, name: str) -> Matrix:
    """Return the modules of the smallest QR code for `payload`; `name` stands in the errors.

    Raises SheetError for an unknown level, PayloadEmptyError, PayloadTooLongError.
    """
    if ecc not in _LEVELS:
        raise UnknownChoiceError(setting="ecc", value=ecc, known=" ".join(_LEVELS))
    return _symbol("qr", payload, ecc, name)


def symbol(kind: str, payload: str, *, ecc: str, name: str) -> Matrix:
    """Return the modules of a symbol: `qr`, `datamatrix` (square) or `code128` (a single row).

    `ecc` is used by QR alone: the others have one level. Raises as `matrix` does, and SheetError
    for an unknown kind.
    """
    if kind not in QUIETS:
        raise UnknownChoiceError(setting="symbol", value=kind, known=" ".join(QUIETS))
    if kind == "qr":
        return matrix(payload, ecc=ecc, name=name)
    return _symbol(kind, payload, ecc, name)


def side(payload: str, *, ecc: str, name: str) -> int:
    """Return how many modules a side the QR code has.

    Raises as `matrix` does.
    """
    return len(matrix(payload, ecc=ecc, name=name))


def runs(modules: Matrix) -> Iterator[tuple[int, int, int]]:
    """Yield the dark runs of a matrix as column, row, length: far fewer shapes than modules."""
    for y, row in enumerate(modules):
        start = None
        for x, dark in enumerate((*row, False)):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                yield start, y, x - start
                start = None


def _symbol(kind: str, payload: str, ecc: str, name: str) -> Matrix:
    if not payload:
        raise PayloadEmptyError(label=name)
    try:
        return _made(kind, payload, ecc)
    except (ValueError, OverflowError) as error:
        raise PayloadTooLongError(label=name, ecc=ecc, length=len(payload)) from error


@lru_cache(maxsize=8)
def _made(kind: str, payload: str, ecc: str) -> Matrix:
    """Return the modules; ValueError if no symbol of the kind holds the text."""
    import zxingcpp

    if kind == "qr":
        if not payload.isascii() or not hasattr(zxingcpp, "create_barcode"):
            return _by_qrcode(payload, ecc)
        made = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level=ecc)
    elif kind == "datamatrix":
        # Left to itself it takes long rectangles, which few scanners know.
        made = zxingcpp.create_barcode(
            payload, zxingcpp.BarcodeFormat.DataMatrix, force_square=True
        )
    else:
        made = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.Code128)
    image: Any = made.to_image(scale=1, add_quiet_zones=False)
    height, width = image.shape
    dots = map(bool, memoryview(image).tobytes().translate(_DARK))
    rows: Matrix = tuple(zip(*[dots] * width, strict=True))
    return rows[:1] if kind == "code128" else rows[:height]


def _by_qrcode(payload: str, ecc: str) -> Matrix:
    """Make the code with the slower library, which writes other text than ASCII as plain UTF-8."""
    from qrcode import QRCode
    from qrcode.exceptions import DataOverflowError
    from qrcode.util import QRData

    code = QRCode(error_correction=_LEVELS[ecc], border=0)
    # One segment: left to itself, the encoder splits the text and may lose a version to headers.
    code.add_data(QRData(payload))
    try:
        code.best_fit()
    except DataOverflowError as error:
        raise ValueError(payload) from error
    code.make(fit=False)
    return tuple(tuple(map(bool, row)) for row in code.modules)
