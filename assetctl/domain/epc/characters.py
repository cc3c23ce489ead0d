"""The characters that may stand in numbers of tags, and how they are counted in bits."""

from __future__ import annotations

import string

from assetctl.domain.epc.bits import refused
from assetctl.i18n import N_, Phrase

_DIGITS, _UPPER, _LOWER = string.digits, string.ascii_uppercase, string.ascii_lowercase

GS1_82 = frozenset(_DIGITS + _UPPER + _LOWER + "!\"%&'()*+,-./:;<=>?_")
"""The 82 characters of GS1 keys (General Specifications, figure 7.11-1; TDS table A-1)."""

GS1_39 = frozenset(_DIGITS + _UPPER + "#-/")
"""The 39 characters of component and part numbers (figure 7.11-2; TDS table G-1)."""

BASE64 = _UPPER + _LOWER + _DIGITS + "-_"
"""Safe base 64 (RFC 4648 §5): six bits a character."""

CODE_40 = "\0" + _UPPER + "-.:" + _DIGITS
"""URN Code 40 (TDS §14.5.6.5): three characters in 16 bits; the first fills up."""

_URI = str.maketrans({sign: f"%{ord(sign):02X}" for sign in '"#%&/<>?'})


def must_be_of(text: str, allowed: frozenset[str], field: str) -> None:
    """Return if all characters are allowed.

    Raises:
        EpcError: some are not; they are named.
    """
    strange = "".join(sorted(set(text) - allowed))
    if strange:
        reason = Phrase(N_("{characters} may not stand there"), characters=repr(strange))
        raise refused(field, text, reason)


def must_be_digits(text: str, field: str) -> None:
    """Return if there is nothing but digits (of ASCII), or nothing at all.

    Raises:
        EpcError: there are other characters.
    """
    if not set(text) <= set(_DIGITS):
        raise refused(field, text, N_("only digits may stand there"))


def escaped(text: str) -> str:
    """Return a part of an EPC URI with the characters escaped that TDS §6.3 names."""
    return text.translate(_URI)


def groups(number: int, width: int, size: int) -> list[int]:
    """Return a number of `width` bits in groups of `size` bits; what is left over is dropped."""
    mask = (1 << size) - 1
    return [number >> at & mask for at in range(width - size, -1, -size)]
