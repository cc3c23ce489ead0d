"""A black-and-white picture as label printers take it: one bit a dot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bitmap:
    """Rows of dots from the top, eight dots a byte, the leftmost in the highest bit; 1 is ink.

    Each row begins with a new byte; the bits behind its last dot are 0.
    """

    width: int
    height: int
    rows: bytes

    @property
    def stride(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8
