"""The protocol control word in front of a number, bits 10h to 1Fh of the EPC memory.

    bits   10-14            15   16   17      18-1F
    field  words of number  UMI  XPC  toggle  attributes (toggle 0) or AFI (toggle 1)

Source: EPC Gen2 air interface (ISO/IEC 18000-63) and EPC Tag Data Standard 2.3 §9.
"""

from __future__ import annotations

from dataclasses import dataclass

from assetctl.domain.epc.bits import LONGEST, WORD, hexadecimal, refused
from assetctl.i18n import N_, Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlWord:
    """What stands in front of a number.

    `words` counts the words of 16 bits that follow; `user_memory` says that the tag has some in
    use, `extended` that a further control word follows. With `iso` the number is by an ISO
    standard that `low`, the application family identifier, names, and never one of GS1; without it
    `low` holds attribute bits.
    """

    words: int
    user_memory: bool = False
    extended: bool = False
    iso: bool = False
    low: int = 0

    @property
    def bits(self) -> int:
        """The length of the number."""
        return self.words * WORD

    @property
    def afi(self) -> str:
        """The application family identifier, two hexadecimal digits; empty for GS1."""
        return f"{self.low:02X}" if self.iso else ""


def parse_pc(text: str) -> ControlWord:
    """Return what four hexadecimal digits say.

    Raises:
        EpcError: they are no control word.
    """
    digits = hexadecimal(text)
    if len(digits) != 4:
        raise refused("pc", text, Phrase(N_("it must have {digits} digits"), digits=4))
    word = int(digits, 16)
    return ControlWord(
        words=word >> 11, user_memory=bool(word >> 10 & 1), extended=bool(word >> 9 & 1),
        iso=bool(word >> 8 & 1), low=word & 0xFF,
    )  # fmt: skip


def same_pc(one: str, other: str) -> bool:
    """Return whether two control words say the same of the number behind them.

    Whether there is user memory or a further control word a chip says by itself, whatever is
    written there (ISO/IEC 18000-63).

    Raises:
        EpcError: one is no control word.
    """
    first, second = parse_pc(one), parse_pc(other)
    return (first.words, first.iso, first.low) == (second.words, second.iso, second.low)


def build_pc(control: ControlWord) -> str:
    """Return a control word as four hexadecimal digits.

    Raises:
        EpcError: the number is too long, or the lower byte has no room.
    """
    if control.words not in range(32):
        reason = Phrase(N_("a tag holds at most {most} bits"), most=LONGEST)
        raise refused("length", control.bits, reason)
    if control.low not in range(256):
        raise refused("afi", control.low, Phrase(N_("it has no room in {width} bits"), width=8))
    flags = control.user_memory << 2 | control.extended << 1 | control.iso
    return f"{(control.words << 3 | flags) << 8 | control.low:04X}"


def pc_of(epc: str, afi: str = "") -> str:
    """Return the control word of a number in whole words; with an AFI it is one of ISO.

    Raises:
        EpcError: the number does not fill whole words.
    """
    words, rest = divmod(len(epc) * 4, WORD)
    if rest:
        raise refused("length", len(epc) * 4, N_("it does not fill words of 16 bits"))
    return build_pc(ControlWord(words=words, iso=bool(afi), low=int(afi or "0", 16)))
