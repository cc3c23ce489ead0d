"""Provision standards (配置标准): how many of a class a unit may have, at what price, for how long.

They are dated data of a jurisdiction, never constants: a province, a city or a county sets lower
ones, and a newer document takes the place of an older one. The precedence county, city, province,
centre goes by the division codes of GB/T 2260, field by field: what the more local document leaves
open is what the less local one says. Those that come with assetctl stand in `standards.toml`
beside this module; `standards_file` reads such files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from assetctl.domain.class_code import GB_T_14885, class_prefix
from assetctl.errors import InputError

T = TypeVar("T")

BASES = ("per_person", "per_office", "per_unit", "per_seat", "by_area")
"""What a quantity or a price is for: one of the staff in post, an office, the unit, a seat, m²."""

RANKS = ("ministry", "bureau", "division", "section")
"""Levels of posts: 省部级, 厅局级 (司局级), 县处级, 乡科级; a row without one is for all others."""

CENTRE = "000000"
"""The division code of the centre."""

FOR_ALL = "-"
"""Stands for no rank in the key of a standard."""

_DIVISION = re.compile(r"\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One row of a document: for which class and rank it holds, from when on, and what it limits.

    `quantity` and `price_cap` (yuan) are decimals as text, each for one of `basis`: 0.5 per person
    is half of the staff. An `argued` row takes the class off the list: each need is argued. The
    row of a class holds for all below it, and until `until`, that day included.
    """

    jurisdiction: str
    doc_no: str
    effective_from: str
    class_code: str
    basis: str
    class_scheme: str = GB_T_14885
    rank: str | None = None
    until: str | None = None
    quantity: str | None = None
    price_cap: str | None = None
    argued: bool = False
    min_years: int | None = None
    note: str | None = None
    source: str | None = None

    @property
    def key(self) -> str:
        """What no two standards share: jurisdiction, class, rank and first day."""
        rank = self.rank or FOR_ALL
        return f"{self.jurisdiction}/{self.class_code}/{rank}/{self.effective_from}"

    def holds_on(self, day: str) -> bool:
        """Return whether the row is in force on a day (ISO)."""
        return self.effective_from <= day and (self.until is None or day <= self.until)

    def covers(self, scheme: str, class_code: str) -> bool:
        """Return whether a class is that of the row, or lies below it."""
        return self.class_scheme == scheme and class_code.startswith(class_prefix(self.class_code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Generic[T]):
    """One value and the row that it comes from."""

    value: T
    basis: str
    jurisdiction: str
    doc_no: str
    effective_from: str
    class_code: str
    rank: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What holds for a class: each value with where it comes from, None where nothing limits it.

    `argued` is the document that took the class off the list; nothing less local counts then.
    """

    quantity: Figure[str] | None
    price_cap: Figure[str] | None
    min_years: Figure[int] | None
    argued: Figure[bool] | None


def divisions(code: str) -> tuple[str, ...]:
    """Return a division and those above it, the most local first: county, city, province, centre.

    Raises:
        InputError: it is no division code (GB/T 2260).
    """
    if not is_division(code):
        raise InputError(
            field="division", value=code, expected="a division code of six digits: 330921"
        )
    return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000", CENTRE)))


def is_division(code: str) -> bool:
    """Return whether a text has the form of a division code."""
    return _DIVISION.fullmatch(code) is not None


def is_day(text: str) -> bool:
    """Return whether a text is a date as standards write it: 2025-01-17."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_force(
    rows: Iterable[Standard], *, division: str, class_code: str, day: str, rank: str | None = None,
    class_scheme: str = GB_T_14885,
) -> InForce | None:  # fmt: skip
    """Return what holds for a class in a division on a day, None if no row concerns it.

    For each value the most local row decides that has one; of one jurisdiction the newest, of one
    date the row of the narrowest class, then that of the rank rather than that for all.

    Raises:
        InputError: `division` is no division code.
    """
    order = {code: place for place, code in enumerate(divisions(division))}
    found = [
        row for row in rows
        if row.jurisdiction in order and row.holds_on(day) and row.rank in (None, rank)
        and row.covers(class_scheme, class_code)
    ]  # fmt: skip
    # Two stable sorts: one goes up, the other down.
    found.sort(key=lambda row: (row.effective_from, len(class_prefix(row.class_code)),
                                row.rank is not None), reverse=True)  # fmt: skip
    found.sort(key=lambda row: order[row.jurisdiction])
    return _of(found) if found else None


def ceiling(found: InForce, *, staff: int) -> int | None:
    """Return how many a unit with so many staff in post (编制内实有人数) may have.

    None where that does not follow from the staff: no quantity is set, or it goes by offices,
    seats or area.
    """
    quantity = found.quantity
    if quantity is None or quantity.basis not in ("per_person", "per_unit"):
        return None
    return int(Decimal(quantity.value) * (staff if quantity.basis == "per_person" else 1))


def _of(rows: Sequence[Standard]) -> InForce:
    """Return the values of rows, the row that goes before others first."""
    last = next((place for place, row in enumerate(rows) if row.argued), len(rows))
    listed = rows[: last + 1]
    price_cap = _first(listed, lambda row: row.price_cap)
    return InForce(
        quantity=_first(listed, lambda row: row.quantity),
        price_cap=price_cap,
        min_years=_first(listed, lambda row: row.min_years),
        argued=None if price_cap else _first(listed, lambda row: row.argued or None),
    )


def _first(rows: Sequence[Standard], read: Callable[[Standard], T | None]) -> Figure[T] | None:
    for row in rows:
        value = read(row)
        if value is not None:
            return Figure(
                value=value, basis=row.basis, jurisdiction=row.jurisdiction, doc_no=row.doc_no,
                effective_from=row.effective_from, class_code=row.class_code, rank=row.rank,
                note=row.note,
            )  # fmt: skip
    return None
