"""Text into the modules of a QR code, and the facts of printing them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labels.label import PayloadEmptyError, PayloadTooLongError, UnknownChoiceError

DOT_MM = 0.125
"""One dot of a 203 dpi printer; every printed module is a whole number of them."""
FLOOR_DOTS = 3
"""Measured: scanners lose modules of two dots, so none is printed with fewer than three."""
FLOOR_MM = FLOOR_DOTS * DOT_MM
"""The smallest module that scanners read dependably from paper, in millimetres."""
QUIET = 4
"""Blank modules on each side of the code, as the QR standard demands."""

# The numbers that stand for the levels inside every QR code.
_LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}

Matrix = tuple[tuple[bool, ...], ...]


def matrix(payload: str, *, ecc: str, name: str) -> Matrix:
    """Return the modules of the smallest QR code for `payload`; `name` stands in the errors.

    Raises SheetError for an unknown level, PayloadEmptyError, PayloadTooLongError.
    """
    code = _code(payload, ecc, name)
    code.make(fit=False)
    return tuple(tuple(map(bool, row)) for row in code.modules)


def side(payload: str, *, ecc: str, name: str) -> int:
    """Return how many modules a side the code has, without the work of computing them.

    Raises as `matrix` does.
    """
    return int(_code(payload, ecc, name).version) * 4 + 17


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


def _code(payload: str, ecc: str, name: str) -> Any:
    from qrcode import QRCode
    from qrcode.exceptions import DataOverflowError
    from qrcode.util import QRData

    if ecc not in _LEVELS:
        raise UnknownChoiceError(setting="ecc", value=ecc, known=" ".join(_LEVELS))
    if not payload:
        raise PayloadEmptyError(label=name)
    code = QRCode(error_correction=_LEVELS[ecc], border=0)
    # One segment: left to itself, the encoder splits the text and may lose a version to headers.
    code.add_data(QRData(payload))
    try:
        code.best_fit()
    except (DataOverflowError, ValueError) as error:
        raise PayloadTooLongError(label=name, ecc=ecc, length=len(payload)) from error
    return code
