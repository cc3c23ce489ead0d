"""The unified social credit code of a unit (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from assetctl.errors import UsccError
from assetctl.i18n import N_, Phrase

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_uscc(code: str) -> None:
    """Return if `code` is a well-formed code with both check characters right.

    The 18th character checks the whole (GB 32100-2015, 4.5); the 17th checks the organisation
    code in places 9 to 16 (GB 11714, modulo 11).

    Raises:
        UsccError: the length, a character, or a check character is wrong.
    """
    if len(code) != 18:
        wrong = N_("it has {count} characters instead of {wanted}")
        raise UsccError(uscc=code, reason=Phrase(wrong, count=len(code), wanted=18))
    strange = "".join(sorted(set(code) - set(_ALPHABET)))
    if strange:
        wrong = N_("{characters} never stands in such a code")
        raise UsccError(uscc=code, reason=Phrase(wrong, characters=strange))
    expected = check_character(code[:17])
    if code[17] != expected:
        wrong = N_("its last character should be {right}")
        raise UsccError(uscc=code, reason=Phrase(wrong, right=expected))
    expected = organisation_check(code[8:16])
    if code[16] != expected:
        wrong = N_("its 17th character should be {right}")
        raise UsccError(uscc=code, reason=Phrase(wrong, right=expected))


def check_character(body: str) -> str:
    """Return the 18th character for the first 17."""
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(body, _WEIGHTS, strict=True)
    )
    return _ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """Return the check character of an 8-character organisation code (GB 11714)."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(
        values.index(character) * weight
        for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
