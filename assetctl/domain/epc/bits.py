"""The bits of a number, most significant first: taken one field after another, or put together."""

from __future__ import annotations

from assetctl.errors import EpcError
from assetctl.i18n import N_, Phrase

WORD = 16
"""The memory of a tag is counted in words of 16 bits."""

LONGEST = 31 * WORD
"""Bits of the longest number: the PC word counts at most 31 words."""

_HEX = frozenset("0123456789ABCDEF")


def hexadecimal(text: str) -> str:
    """Return the digits of a number in upper case, blanks between them left out.

    Raises:
        EpcError: there are other characters, no digits, or more than a tag can hold.
    """
    digits = text.replace(" ", "").upper()
    if not digits or not _HEX.issuperset(digits):
        raise refused("digits", text[: LONGEST // 4], N_("only hexadecimal digits may stand there"))
    if len(digits) * 4 > LONGEST:
        reason = Phrase(N_("a tag holds at most {most} bits"), most=LONGEST)
        raise refused("length", len(digits) * 4, reason)
    return digits


def refused(field: str, value: object, reason: str) -> EpcError:
    """Return the error of a field, the code of which is `field`."""
    return EpcError(epc_field=field, value=str(value), reason=reason)


class Taken:
    """Bits that are taken off a number from its most significant end; `left` counts the rest."""

    __slots__ = ("_number", "left")

    def __init__(self, digits: str) -> None:
        self._number = int(digits, 16)
        self.left = len(digits) * 4

    def take(self, width: int, field: str) -> int:
        """Return the next `width` bits as a number.

        Raises:
            EpcError: so many are not left.
        """
        if width > self.left:
            missing = Phrase(N_("{count} bits are missing"), count=width - self.left)
            raise refused("length", field, missing)
        self.left -= width
        return self._number >> self.left & (1 << width) - 1


class Put:
    """Bits that are put together, one field after another."""

    __slots__ = ("_number", "width")

    def __init__(self) -> None:
        self._number = self.width = 0

    def put(self, number: int, width: int, field: str) -> None:
        """Add `width` bits.

        Raises:
            EpcError: the number has no room in them.
        """
        if number >> width:
            room = Phrase(N_("it has no room in {width} bits"), width=width)
            raise refused(field, number, room)
        self._number = self._number << width | number
        self.width += width

    def hexadecimal(self) -> str:
        """Return whole words of memory as hexadecimal digits, filled up with zero bits.

        Raises:
            EpcError: it is longer than a tag can hold.
        """
        words = -(-self.width // WORD)
        if words * WORD > LONGEST:
            reason = Phrase(N_("a tag holds at most {most} bits"), most=LONGEST)
            raise refused("length", self.width, reason)
        return f"{self._number << words * WORD - self.width:0{words * 4}X}"
