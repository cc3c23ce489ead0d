"""Files of provision standards: every fault named at once, values in one form."""

from __future__ import annotations

import pytest

from assetctl.domain.standards import Standard
from assetctl.domain.standards_file import built_in, parse_standards
from assetctl.errors import StandardsFaultyError

GOOD = """
[[standard]]
jurisdiction = "330921"
doc_no = "岱财资〔2026〕1号"
effective_from = "2026-03-01"
class_code = "A05010201"
basis = "per_person"
price_cap = "2400"
"""


def faults(text: str) -> list[str]:
    with pytest.raises(StandardsFaultyError) as caught:
        parse_standards(text, "s.toml")
    assert caught.value.facts["source"] == "s.toml"
    lines = caught.value.facts["lines"]
    assert isinstance(lines, tuple)
    assert caught.value.facts["count"] == len(lines)
    return [str(line) for line in lines]


def test_what_a_row_says_is_what_it_is() -> None:
    more = """
    class_scheme = "gbt14885-2010"
    rank = "section"
    until = "2026-03-01"
    quantity = "1.50"
    min_years = 15
    note = "  见附表 "
    source = "附表 1"
    """
    assert parse_standards(GOOD + more, "x") == (
        Standard(
            jurisdiction="330921", doc_no="岱财资〔2026〕1号", effective_from="2026-03-01",
            class_code="A05010201", basis="per_person", class_scheme="gbt14885-2010",
            rank="section", until="2026-03-01", quantity="1.5", price_cap="2400.00", min_years=15,
            note="见附表", source="附表 1",
        ),
    )  # fmt: skip


def test_what_is_left_out_is_open() -> None:
    (one,) = parse_standards(GOOD, "x")
    assert (one.class_scheme, one.rank, one.until, one.quantity) == (
        "gbt14885-2022", None, None, None,
    )  # fmt: skip
    assert (one.min_years, one.argued) == (None, False)
    assert one.key == "330921/A05010201/-/2026-03-01"


def test_argued_takes_the_place_of_figures() -> None:
    (one,) = parse_standards(GOOD.replace('price_cap = "2400"', "argued = true"), "x")
    assert (one.argued, one.price_cap) == (True, None)


@pytest.mark.parametrize(
    ("quantity", "kept"),
    [("1.0", "1"), ("0.50", "0.5"), ("100", "100"), ("0.0001", "0.0001"), ("007", "7")],
)
def test_quantities_have_one_form(quantity: str, kept: str) -> None:
    (one,) = parse_standards(f'{GOOD}quantity = "{quantity}"', "x")
    assert one.quantity == kept


def test_no_standard_is_a_file_too() -> None:
    assert parse_standards("", "x") == ()


def test_those_that_come_with_it_have_no_fault() -> None:
    assert len({one.key for one in parse_standards(built_in(), "x")}) == 52


def test_every_fault_is_named_at_once() -> None:
    text = f"""
    colour = "red"
    [[standard]]
    jurisdiction = "3309"
    doc_no = " "
    effective_from = "2025-2-30"
    class_code = "A02/01"
    basis = "per_head"
    class_scheme = "GB 14885"
    rank = "king"
    until = 2026-01-01
    quantity = "0"
    price_cap = "1,000"
    argued = "yes"
    min_years = 0
    colour = "red"
    [[standard]]
    {GOOD}
    until = "2026-02-28"
    {GOOD}
    argued = true
    [[standard]]
    jurisdiction = "330921"
    doc_no = "x"
    effective_from = "2026-03-01"
    class_code = "A05010202"
    basis = "per_seat"
    """
    told = faults(text)
    for piece in (
        "colour is not known here", "standard 1: jurisdiction cannot be '3309'",
        "standard 1: doc_no", "standard 1: effective_from", "standard 1: class_code",
        "standard 1: basis cannot be 'per_head': one of: per_person", "standard 1: class_scheme",
        "standard 1: rank", "standard 1: until", "standard 1: quantity", "standard 1: price_cap",
        "standard 1: argued", "standard 1: min_years", "standard 1: colour",
        "standard 2: jurisdiction is missing", "standard 2: doc_no is missing",
        "standard 2: effective_from is missing", "standard 2: class_code is missing",
        "standard 2: basis is missing", "standard 2: quantity, price_cap, min_years or argued",
        "standard 3: until lies before effective_from",
        "standard 4: what is argued has neither", "standard 5: quantity, price_cap, min_years or",
        "standard 4 is for the same as standard 3: 330921/A05010201/-/2026-03-01",
    ):  # fmt: skip
        assert any(line.startswith(piece) for line in told), (piece, told)
    assert len(told) == 24


@pytest.mark.parametrize(
    ("more", "differs"),
    [("", False), ('rank = "section"', True), ('note = "other"', False)],
)
def test_two_rows_for_the_same_are_one_too_many(more: str, differs: bool) -> None:
    text = GOOD + GOOD + more
    if differs:
        assert len(parse_standards(text, "x")) == 2
    else:
        assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["standard = 1", "standard = ['x']", GOOD.replace("[[standard]]", "[standard]"), "no toml",
     f"{GOOD}min_years = true", f"{GOOD}min_years = 101", f'{GOOD}quantity = "-1"',
     f'{GOOD}quantity = "1e3"', f'{GOOD}quantity = "１"', f"{GOOD}quantity = 1",
     GOOD.replace('"2400"', '"2400.001"'), GOOD.replace('"2400"', "2400"),
     f'{GOOD}note = "a\\nb"', f'{GOOD}note = "{"x" * 1001}"', f'{GOOD}until = "20270101"',
     f'{GOOD}rank = ["section"]', f"{GOOD}basis_ = 1"],
)  # fmt: skip
def test_what_is_no_standard_is_refused(text: str) -> None:
    assert len(faults(text)) == 1
