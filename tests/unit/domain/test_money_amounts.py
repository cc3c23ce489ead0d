"""Amounts in yuan: exact to the fen, never a float, never negative."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.money import amount_text, fen, from_fen, parse_amount
from assetctl.errors import MoneyError


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("0", 0),
        ("5000", 500_000),
        ("5000.00", 500_000),
        ("1409.50", 140_950),
        ("0.1", 10),
        ("0.01", 1),
        ("1.10000", 110),
        (" 16409.02\n", 1_640_902),
        ("007", 700),
        ("9999999999999999.99", 999_999_999_999_999_999),
    ],
)
def test_amounts_are_exact(text: str, whole: int) -> None:
    assert fen(amount_text(parse_amount(text))) == whole


def test_the_largest_amount_fits_a_64_bit_column() -> None:
    assert fen("9" * 16 + ".99") < 2**63


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1,000", "1e3", "1.001", "0.009", ".5", "5.", "1.2.3", "NaN", "Infinity",
     "inf", "0x10", "1_000", "￥5", "５０００", "٥", "1 000", "9" * 17, "1\x00", "五千"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_amount(text)
    assert caught.value.facts["text"] == text


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_fen_survive_writing_and_reading(whole: int) -> None:
    assert fen(amount_text(from_fen(whole))) == whole


@pytest.mark.parametrize("text", ["5000", "5000.0", "5000.000", "", ".", "5,000.00", "x.00"])
def test_only_what_history_writes_is_read_as_fen(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        fen(text)


def test_history_writes_two_decimals() -> None:
    assert amount_text(Decimal(5000)) == "5000.00"
    assert amount_text(from_fen(7)) == "0.07"
    assert amount_text(from_fen(10**17)) == "1000000000000000.00"
