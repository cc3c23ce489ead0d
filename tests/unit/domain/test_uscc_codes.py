"""Unified social credit codes: real and synthetic ones, and every single slip in them."""

from __future__ import annotations

import pytest

from assetctl.domain.uscc import check_uscc
from assetctl.errors import UsccError

VALID = [
    "91350100M000100Y43", "91512081MA62K0260E", "91110000600037341L", "113309210000000195",
    "12330921000000027W", "113309220000000359", "123309220000000431", "113309000000000513",
]  # fmt: skip
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_taken(code: str) -> bool:
    try:
        check_uscc(code)
    except UsccError:
        return False
    return True


@pytest.mark.parametrize("code", VALID)
def test_valid_codes_pass(code: str) -> None:
    check_uscc(code)


def test_the_right_last_character_is_named() -> None:
    with pytest.raises(UsccError) as caught:
        check_uscc("91350100M000100Y4Z".replace("Z", "4"))
    assert "should be 3" in str(caught.value.facts["reason"])


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y4Z",  # ends in a letter that is not in the alphabet, should be 3
        "91350211M0000XUF46",  # a real one that fails
        "",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100m000100y43",
        "9135O100M000100Y43",
        " 91350100M000100Y43",
        "９1350100M000100Y43",
    ],
)
def test_invalid_codes_are_refused(code: str) -> None:
    with pytest.raises(UsccError) as caught:
        check_uscc(code)
    assert caught.value.facts["uscc"] == code


@pytest.mark.parametrize("code", VALID)
def test_every_wrong_character_is_found(code: str) -> None:
    slips = [
        code[:place] + other + code[place + 1 :]
        for place in range(18)
        for other in ALPHABET
        if other != code[place]
    ]
    assert len(slips) == 18 * 30
    assert [slip for slip in slips if is_taken(slip)] == []


def test_an_organisation_code_that_fails_its_own_check_is_refused() -> None:
    # 17 characters with a wrong 17th, the 18th made to fit by the formula of GB 32100-2015.
    body = "11330921000000018"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = sum(ALPHABET.index(c) * w for c, w in zip(body, weights, strict=True))
    with pytest.raises(UsccError, match="17th"):
        check_uscc(body + ALPHABET[(31 - total % 31) % 31])
