"""Access passwords of radio tags: by a known answer, by chip and secret, and never zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epc import access
from assetctl.domain.epc.access import access_password
from assetctl.domain.epc.pc import same_pc
from assetctl.errors import EpcError

SECRET = bytes(range(32))
TID = "E28011602000000000000001"


def test_a_known_answer() -> None:
    # openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f over rfid-access|E280…
    assert access_password(SECRET, TID) == access_password(SECRET, TID.lower()) == "758A9ACE"


def test_a_word_of_zeros_is_passed_over() -> None:
    assert access._first_not_zero(bytes(8) + b"\0\0\0\1" + b"\2" * 20) == "00000001"


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**96 - 1), st.integers(0, 95))
def test_another_chip_has_another_password(secret: bytes, chip: int, bit: int) -> None:
    one, other = (access_password(secret, f"{x:024X}") for x in (chip, chip ^ 1 << bit))
    assert len(one) == 8
    assert int(one, 16)
    assert one != other  # two of them meet once in 4 billion


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("3000", "3400", True), ("31A1", "37A1", True), ("3000", "3100", False),
     ("31A1", "31AE", False), ("3000", "4000", False)],
)  # fmt: skip
def test_what_control_words_say_of_a_number(one: str, other: str, same: bool) -> None:
    assert same_pc(one, other) is same
    with pytest.raises(EpcError):
        same_pc(one, "30")
