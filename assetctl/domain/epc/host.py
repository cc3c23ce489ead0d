"""The host name behind a key in the `++` schemes (TDS 2.3 §14.5.16)."""

from __future__ import annotations

import re
from typing import NamedTuple

from assetctl.domain.epc.bits import Put, Taken, refused
from assetctl.domain.epc.characters import CODE_40, groups
from assetctl.domain.epc.variable import CODE_40_TEXT
from assetctl.i18n import N_

_NAME = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+")
_LONGEST = 63
_SHORT = {
    30: "qr.", 31: "www.", 32: "id.", 91: ".com", 92: ".org", 93: ".net", 94: ".int", 96: ".edu",
    123: ".gov", 124: ".mil", 125: ".biz", 126: ".eco", 127: ".med",
}  # fmt: skip
"""What single codes of seven bits stand for beside the characters of ASCII."""

_CODES = {text: code for code, text in _SHORT.items()}
_PIECE = re.compile("|".join([*map(re.escape, _CODES), "."]))


class Host(NamedTuple):
    """A host name: Code 40 where it is in capitals, else ASCII with short codes for some parts.

    Codes 0 to 3 shorten endings such as `.cn` by further tables, which are not known here.
    """

    name: str = "host"

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the host name."""
        in_ascii, count = bits.take(1, self.name), bits.take(6, self.name)
        if in_ascii:
            codes = groups(bits.take(7 * count, self.name), 7 * count, 7)
            if any(code < 4 for code in codes):
                reason = N_("its ending is shortened by an unknown table")
                raise refused(self.name, codes[-1], reason)
            text = "".join(_SHORT.get(code) or chr(code) for code in codes)
        else:
            text = CODE_40_TEXT.text(bits.take(CODE_40_TEXT.bits(count), self.name), count)
        _must_be_a_name(text, self.name)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add a host name."""
        (text,) = values
        _must_be_a_name(text, self.name)
        if set(text) <= set(CODE_40):
            bits.put(len(text), 7, self.name)
            bits.put(CODE_40_TEXT.number(text), CODE_40_TEXT.bits(len(text)), self.name)
            return
        pieces = _PIECE.findall(text)
        bits.put(1, 1, self.name)
        bits.put(len(pieces), 6, self.name)
        for piece in pieces:
            bits.put(_CODES.get(piece) or ord(piece), 7, self.name)


def _must_be_a_name(text: str, field: str) -> None:
    if len(text) > _LONGEST or not _NAME.fullmatch(text):
        raise refused(field, text, N_("it is no host name"))
