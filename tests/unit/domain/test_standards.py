"""Provision standards: which row decides what, on which day, and for how many."""

from __future__ import annotations

from typing import Any

import pytest

from assetctl.domain.standards import (
    RANKS,
    Figure,
    InForce,
    Standard,
    ceiling,
    divisions,
    in_force,
)
from assetctl.domain.standards_file import built_in, parse_standards
from assetctl.errors import InputError

DESKTOP, COPIER, TELEVISION = "A02010105", "A02020100", "A02091001"
DESK, TABLE, SOFA, SINGLE = "A05010201", "A05010202", "A05010401", "A05010402"
BOOKCASE, FILING, SAFE = "A05010501", "A05010502", "A05010504"
SEED = parse_standards(built_in(), "assetctl")


def row(jurisdiction: str = "000000", **more: Any) -> Standard:
    facts: dict[str, Any] = {
        "doc_no": f"doc {jurisdiction}", "effective_from": "2020-01-01", "class_code": DESKTOP,
        "basis": "per_person",
    }  # fmt: skip
    return Standard(jurisdiction=jurisdiction, **facts | more)


def ask(
    *rows: Standard, division: str = "330921", class_code: str = DESKTOP, day: str = "2025-06-01",
    **more: Any,
) -> InForce:  # fmt: skip
    found = in_force(rows, division=division, class_code=class_code, day=day, **more)
    assert found is not None
    return found


def cap(found: InForce | None) -> str | None:
    return found.price_cap.value if found and found.price_cap else None


COUNTY, CITY, PROVINCE, NATION = (
    row(code, price_cap=price)
    for code, price in (
        ("330921", "1.00"), ("330900", "2.00"), ("330000", "3.00"), ("000000", "4.00")
    )
)  # fmt: skip


# --- whose row decides ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((NATION, PROVINCE, CITY, COUNTY), "1.00"),
        ((CITY, NATION, PROVINCE), "2.00"),
        ((NATION, PROVINCE), "3.00"),
        ((NATION,), "4.00"),
    ],
)
def test_county_goes_before_city_before_province_before_centre(
    rows: tuple[Standard, ...], expected: str
) -> None:
    assert cap(ask(*rows)) == expected
    assert cap(ask(*reversed(rows))) == expected


@pytest.mark.parametrize(
    ("division", "expected"),
    [("330921", "1.00"), ("330922", "2.00"), ("330900", "2.00"), ("330100", "3.00"),
     ("330000", "3.00"), ("110105", "4.00"), ("000000", "4.00")],
)  # fmt: skip
def test_a_division_is_bound_by_itself_and_those_above_it(division: str, expected: str) -> None:
    assert cap(ask(NATION, PROVINCE, CITY, COUNTY, division=division)) == expected


def test_the_way_up_from_a_division() -> None:
    assert divisions("330921") == ("330921", "330900", "330000", "000000")
    assert divisions("330900") == ("330900", "330000", "000000")
    assert divisions("000000") == ("000000",)


@pytest.mark.parametrize("code", ["", "33092", "3309211", "33092x", "３３０９２１", "330921\n"])
def test_what_is_no_division_is_refused(code: str) -> None:
    with pytest.raises(InputError) as caught:
        in_force((), division=code, class_code=DESKTOP, day="2025-01-01")
    assert caught.value.facts["field"] == "division"


def test_the_more_local_goes_before_the_newer() -> None:
    newer = row("330000", price_cap="9.00", effective_from="2024-01-01")
    assert cap(ask(CITY, newer)) == "2.00"


def test_of_one_jurisdiction_the_newest_decides_though_for_a_wider_class() -> None:
    newer = row("330900", price_cap="9.00", effective_from="2024-01-01", class_code="A02010000")
    assert cap(ask(CITY, newer)) == "9.00"
    assert cap(ask(CITY, newer, day="2023-12-31")) == "2.00"


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2019-12-31", None), ("2020-01-01", "2.00"), ("2024-12-31", "2.00"), ("2025-01-01", None)],
)
def test_first_and_last_day_belong_to_it(day: str, expected: str | None) -> None:
    rows = [row("330900", price_cap="2.00", until="2024-12-31")]
    assert cap(in_force(rows, division="330921", class_code=DESKTOP, day=day)) == expected


def test_after_the_last_day_the_one_above_holds_again() -> None:
    ended = row("330900", price_cap="2.00", until="2024-12-31")
    assert cap(ask(NATION, ended, day="2024-12-31")) == "2.00"
    assert cap(ask(NATION, ended, day="2025-01-01")) == "4.00"


# --- classes and ranks ---------------------------------------------------------------------


def test_a_row_holds_for_all_classes_below_and_the_narrowest_goes_first() -> None:
    wide = row(class_code="A02000000", price_cap="1.00")
    middle = row(class_code="A02010000", price_cap="2.00")
    assert cap(ask(wide, middle, NATION)) == "4.00"
    assert cap(ask(wide, middle, NATION, class_code="A02010108")) == "2.00"
    assert cap(ask(wide, middle, NATION, class_code="A02020100")) == "1.00"
    for other in ("A05010201", "A02"):
        rows = (middle, NATION)
        assert in_force(rows, division="330921", class_code=other, day="2025-01-01") is None


def test_another_classification_is_another_matter() -> None:
    other = row(class_scheme="gbt14885-2010", price_cap="1.00")
    assert cap(ask(other, NATION)) == "4.00"
    assert cap(ask(other, NATION, class_scheme="gbt14885-2010")) == "1.00"


def test_a_row_without_a_rank_is_for_whoever_no_row_names() -> None:
    rows = (row(price_cap="3.00"), row(price_cap="4.50", rank="bureau"))
    assert cap(ask(*rows, rank="bureau")) == "4.50"
    for other in (None, "division"):
        assert cap(ask(*rows, rank=other)) == "3.00"


def test_a_row_for_all_of_the_county_goes_before_one_for_the_rank_of_the_centre() -> None:
    assert cap(ask(COUNTY, row(price_cap="9.00", rank="bureau"), rank="bureau")) == "1.00"


# --- field by field ------------------------------------------------------------------------


def test_what_a_row_leaves_open_comes_from_the_one_above() -> None:
    found = ask(
        row("330900", price_cap="2.00"),
        row("330000", quantity="0.8", price_cap="3.00", note="n"),
        row("000000", quantity="1", price_cap="4.00", min_years=6),
    )
    assert found.price_cap is not None
    assert found.price_cap.doc_no == "doc 330900"
    assert found.quantity == Figure(
        value="0.8", basis="per_person", jurisdiction="330000", doc_no="doc 330000",
        effective_from="2020-01-01", class_code=DESKTOP, rank=None, note="n",
    )  # fmt: skip
    assert found.min_years is not None
    assert (found.min_years.value, found.min_years.jurisdiction) == (6, "000000")
    assert found.argued is None


def test_a_class_taken_off_the_list_ends_what_stands_above() -> None:
    argued = row("330900", argued=True)
    found = ask(argued, row("000000", quantity="1", price_cap="4.00", min_years=6))
    assert (found.quantity, found.price_cap, found.min_years) == (None, None, None)
    assert found.argued is not None
    assert found.argued.doc_no == "doc 330900"
    assert ceiling(found, staff=10) is None


def test_a_county_may_put_it_on_its_list_again() -> None:
    found = ask(COUNTY, row("330900", argued=True), NATION)
    assert cap(found) == "1.00"
    assert found.argued is None


def test_nothing_is_in_force_where_no_row_concerns_it() -> None:
    assert in_force((), division="330921", class_code=DESKTOP, day="2025-01-01") is None


# --- how many ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "basis", "staff", "expected"),
    [
        ("1", "per_person", 7, 7), ("0.5", "per_person", 7, 3), ("1.5", "per_person", 7, 10),
        ("0.15", "per_person", 20, 3), ("0.03", "per_person", 33, 0), ("2", "per_person", 0, 0),
        ("3", "per_unit", 100, 3), ("1", "per_office", 7, None), ("1", "per_seat", 7, None),
        ("1", "by_area", 7, None), (None, "per_person", 7, None),
    ],
)  # fmt: skip
def test_how_many_a_unit_may_have(
    quantity: str | None, basis: str, staff: int, expected: int | None
) -> None:
    found = ask(row(quantity=quantity, basis=basis, price_cap="1.00"))
    assert ceiling(found, staff=staff) == expected


# --- those that come with it ---------------------------------------------------------------


def seed(class_code: str, division: str, rank: str | None = None) -> InForce:
    return ask(*SEED, class_code=class_code, division=division, rank=rank)


@pytest.mark.parametrize(
    ("class_code", "division", "rank", "price"),
    [
        (DESKTOP, "330921", None, "5000.00"),
        (COPIER, "330900", None, "30000.00"),
        (COPIER, "330100", None, None),
        (SOFA, "330900", None, "2500.00"),
        (SOFA, "330921", None, "2500.00"),
        (SOFA, "330100", None, "3000.00"),
        (SOFA, "110000", None, "3000.00"),
        (SINGLE, "330900", None, "1200.00"),
        (DESK, "110000", "bureau", "4500.00"),
        (DESK, "110000", "division", "3000.00"),
        (DESK, "330921", "bureau", "4500.00"),
        (DESK, "330921", "division", "3000.00"),
        (DESK, "330921", "section", "2500.00"),
        (SAFE, "330100", None, "3000.00"),
        (SAFE, "330900", None, "2500.00"),
        (TABLE, "110000", None, "1600.00"),
        (TABLE, "330100", None, "800.00"),
        (TABLE, "330900", None, "600.00"),
        (TELEVISION, "330900", None, None),
    ],
)
def test_prices_of_the_seed(
    class_code: str, division: str, rank: str | None, price: str | None
) -> None:
    assert cap(seed(class_code, division, rank)) == price


@pytest.mark.parametrize(
    ("class_code", "years"),
    [(DESKTOP, 6), (COPIER, 6), ("A02021003", 6), (DESK, 15), (SOFA, 15), (FILING, 20), (SAFE, 20),
     (TABLE, 20)],
)  # fmt: skip
def test_years_of_the_seed(class_code: str, years: int) -> None:
    for division in ("000000", "330000", "330900", "330921"):
        found = seed(class_code, division).min_years
        assert found is not None
        assert found.value == years


def test_quantities_of_the_seed() -> None:
    for class_code, rank, expected in (
        (DESKTOP, None, 10), ("A02010108", None, 5), (BOOKCASE, "bureau", 20), (BOOKCASE, None, 10),
        (FILING, "bureau", 10), (FILING, None, 10), (DESK, None, None),
    ):  # fmt: skip
        assert ceiling(seed(class_code, "330921", rank), staff=10) == expected


def test_a_television_is_to_be_argued_in_zhoushan() -> None:
    found = seed(TELEVISION, "330921")
    assert found.argued is not None
    assert found.argued.doc_no == "舟山市级2025-01-17"
    day = "2025-01-16"
    assert in_force(SEED, division="330921", class_code=TELEVISION, day=day) is None


def test_before_its_day_zhoushan_went_by_the_province() -> None:
    assert cap(ask(*SEED, class_code=SOFA, day="2025-01-16")) == "3000.00"
    assert cap(ask(*SEED, class_code=SOFA, day="2025-01-17")) == "2500.00"


def test_every_row_of_the_seed_says_where_it_stands() -> None:
    assert {one.jurisdiction for one in SEED} == {"000000", "330000", "330900"}
    assert all(one.source for one in SEED)
    assert {one.rank for one in SEED} - {None} <= set(RANKS)
    assert all("待核实" in (one.note or "") for one in SEED if one.jurisdiction != "000000")
