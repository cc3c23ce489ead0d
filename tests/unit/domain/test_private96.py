"""`private96`: what is put in comes back, and every error of one, two or three bits is found."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epc.classify import classify
from assetctl.domain.epc.private96 import Private96, crc8, decode, encode
from assetctl.domain.epc.quick import decode96
from assetctl.errors import EpcError
from scanner.epc96 import is_private96

KNOWN = "5A10557AC011123456789AC1"
WHAT = Private96(tag_class=0, division=350124, unit=17, serial=0x123456789A)

numbers = st.builds(
    Private96, st.integers(0, 4), st.integers(0, 999_999), st.integers(0, 4095),
    st.integers(0, 2**40 - 1),
)  # fmt: skip


def test_the_worked_example_of_the_layout() -> None:
    assert encode(WHAT) == KNOWN
    assert decode(KNOWN) == decode(KNOWN.lower()) == decode("5A10 557A C011 1234 5678 9AC1") == WHAT
    assert crc8(b"123456789") == 0xDF, "the check value of CRC-8/AUTOSAR"


@given(numbers)
def test_what_is_put_in_comes_back(number: Private96) -> None:
    text = encode(number)
    assert decode(text) == number
    assert is_private96(text)
    tag_class, *others = number
    assert decode96(text) == ("private96", tag_class, 0, *others)


def test_every_error_of_one_two_or_three_bits_is_found() -> None:
    """The check is linear: which bits are wrong decides, whatever the number. All are tried."""
    number = int(KNOWN, 16)
    bits = [1 << bit for bit in range(96)]
    taken = []
    for count in (1, 2, 3):
        for wrong in combinations(bits, count):
            bent = f"{number ^ sum(wrong):024X}"
            try:
                taken.append(decode96(bent))
            except EpcError:
                continue
    # An error in the first byte may leave another valid number, but never one of ours.
    assert [one for one in taken if one[0] == "private96"] == []


@given(numbers, st.sets(st.integers(0, 95), min_size=1, max_size=3))
def test_an_error_in_any_number_is_told(number: Private96, bits: set[int]) -> None:
    bent = f"{int(encode(number), 16) ^ sum(1 << bit for bit in bits):024X}"
    with pytest.raises(EpcError):
        decode(bent)
    assert classify(bent).kind != "ours"
    assert not is_private96(bent)


def with_crc(body: str) -> str:
    return f"{body}{crc8(bytes.fromhex(body)):02X}"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (KNOWN[:-2] + "C2", "crc"),
        (KNOWN[:-2], "length"),
        (KNOWN + "00", "length"),
        (KNOWN[:-1] + "G", "digits"),
        ("", "digits"),
        (with_crc("5B10557AC011123456789A"), "magic"),
        (with_crc("5A20557AC011123456789A"), "version"),
        (with_crc("5A15557AC011123456789A"), "class"),
        (with_crc("5A10F4240011123456789A"), "division"),
    ],
)
def test_what_is_none_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(EpcError) as caught:
        decode(text)
    assert caught.value.facts["epc_field"] == field
    with pytest.raises(EpcError):
        decode96(text)
