"""Amounts in words: 支付结算办法, annex 1, and back again."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assetctl.domain.amount import amount_in_words
from assetctl.domain.money import from_fen
from assetctl.errors import MoneyError

PERMITTED = {
    "1409.50": {"壹仟肆佰零玖元伍角", "壹仟肆佰零玖元伍角整"},
    "6007.14": {"陆仟零柒元壹角肆分"},
    "1680.32": {"壹仟陆佰捌拾元零叁角贰分", "壹仟陆佰捌拾元叁角贰分"},
    "107000.53": {"壹拾万柒仟元零伍角叁分", "壹拾万零柒仟元伍角叁分"},
    "16409.02": {"壹万陆仟肆佰零玖元零贰分"},
    "325.04": {"叁佰贰拾伍元零肆分"},
    "100000": {"壹拾万元整"},
    "0.50": {"伍角", "伍角整"},
    "0": {"零元整"},
}


@pytest.mark.parametrize("text", PERMITTED)
def test_what_the_rule_writes_out(text: str) -> None:
    assert amount_in_words(Decimal(text)) in PERMITTED[text]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10", "壹拾元整"),
        ("0.01", "壹分"),
        ("0.53", "伍角叁分"),
        ("10.05", "壹拾元零伍分"),
        ("1.10", "壹元壹角整"),
        ("20.30", "贰拾元零叁角整"),
        ("1010", "壹仟零壹拾元整"),
        ("1001", "壹仟零壹元整"),
        ("10001", "壹万零壹元整"),
        ("100010", "壹拾万零壹拾元整"),
        ("105000", "壹拾万伍仟元整"),
        ("20000000", "贰仟万元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("150000000", "壹亿伍仟万元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000050000000", "壹万亿零伍仟万元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("9999999999999999.99",
         "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)  # fmt: skip
def test_noughts_and_places(text: str, words: str) -> None:
    assert amount_in_words(Decimal(text)) == words


def test_the_prefix_stands_without_a_gap() -> None:
    assert amount_in_words(Decimal("5000.00"), prefix=True) == "人民币伍仟元整"
    assert amount_in_words(Decimal("5000.000")) == "伍仟元整"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-0.01", "it is negative"),
        ("0.001", "it is finer than a fen (0.01)"),
        ("1E-30", "it is finer than a fen (0.01)"),
        ("10000000000000000", "it has more than 16 digits of yuan"),
        ("1E+40", "it has more than 16 digits of yuan"),
        ("NaN", "it is not a number"),
        ("Infinity", "it is not a number"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MoneyError) as caught:
        amount_in_words(Decimal(text))
    assert caught.value.facts == {"text": text, "reason": reason}


@given(st.integers(0, 10**18 - 1) | st.integers(0, 18).map(lambda places: 10**places - 1))
@example(10**17)
def test_words_say_the_same_amount(whole: int) -> None:
    words = amount_in_words(from_fen(whole))
    assert read(words) == whole
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_no_two_amounts_have_the_same_words(one: int, other: int) -> None:
    said = {amount_in_words(from_fen(one)), amount_in_words(from_fen(other))}
    assert len(said) == len({one, other})


def read(words: str) -> int:
    """Return whole fen of an amount in words."""
    found = re.fullmatch(r"(?:(.+)元)?零?(?:(.)角)?零?(?:(.)分)?整?", words)
    assert found, words
    yuan, jiao, cents = found.groups()
    high, yi, low = (yuan or "").rpartition("亿")
    whole = sections(high) * 10**8 + sections(low) if yi else sections(low)
    return whole * 100 + digit(jiao) * 10 + digit(cents)


def sections(words: str) -> int:
    high, wan, low = words.rpartition("万")
    return section(high) * 10**4 + section(low) if wan else section(low)


def section(words: str) -> int:
    found = re.fullmatch(r"(?:(.)仟)?零?(?:(.)佰)?零?(?:(.)拾)?零?(.)?", words.lstrip("零"))
    assert found, words
    return sum(digit(one) * 10**place for place, one in enumerate(reversed(found.groups())))


def digit(character: str | None) -> int:
    return "零壹贰叁肆伍陆柒捌玖".index(character) if character else 0
