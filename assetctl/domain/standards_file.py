"""Files of provision standards: TOML with one `[[standard]]` a row, every fault named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import resources
from typing import Any
from unicodedata import normalize

from assetctl.domain.money import amount_text, parse_amount
from assetctl.domain.standards import BASES, FOR_ALL, RANKS, Standard, is_day, is_division
from assetctl.errors import MoneyError, StandardsFaultyError
from assetctl.i18n import N_, Phrase, one_of

_NEEDED = ("jurisdiction", "doc_no", "effective_from", "class_code", "basis")
_TEXTS = (*_NEEDED, "class_scheme", "rank", "until", "quantity", "price_cap", "note", "source")
_KEYS = (*_TEXTS, "argued", "min_years")
_KEY = ("jurisdiction", "class_code", "rank", "effective_from")
_LIMITS = ("quantity", "price_cap", "min_years")
_CODE = re.compile(r"[0-9A-Za-z]{1,32}")
_SCHEME = re.compile(r"[0-9a-z][0-9a-z.-]{0,31}")
_QUANTITY = re.compile(r"(?=.*[1-9])\d{1,6}(\.\d{1,4})?", re.ASCII)
_CHOICES = {"basis": BASES, "rank": RANKS}
_DAY = (is_day, N_("a date such as 2026-03-01"))
_FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "jurisdiction": (is_division, N_("a division code of six digits: 330921")),
    "class_code": (_CODE.fullmatch, N_("a class code of letters and digits: A02010105")),
    "class_scheme": (_SCHEME.fullmatch, N_("a classification scheme such as gbt14885-2022")),
    "effective_from": _DAY,
    "until": _DAY,
    "quantity": (_QUANTITY.fullmatch, N_("a number above 0 with at most four decimals: 0.5")),
}
"""Texts that must have a form, what tells whether they do, and what is expected otherwise."""

_MOST_CHARACTERS = 1000
_MOST_YEARS = 100


def built_in() -> str:
    """Return the standards that come with assetctl, as the text of their file."""
    file = resources.files("assetctl.domain") / "standards.toml"
    return file.read_text(encoding="utf-8")


def parse_standards(text: str, source: str) -> tuple[Standard, ...]:
    """Return the standards in a TOML text; `source` is its name.

    Raises:
        StandardsFaultyError: lists every fault there is.
    """
    faults: list[str] = []
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StandardsFaultyError(source=source, count=1, lines=(str(error),)) from error
    tables = document.pop("standard", [])
    stray = [*document] if isinstance(tables, list) else [*document, "standard"]
    faults += [Phrase(N_("{name} is not known here; standards stand in [[standard]]"), name=name)
               for name in stray]  # fmt: skip
    tables = tables if isinstance(tables, list) else []
    rows = [_standard(number, table, faults) for number, table in enumerate(tables, 1)]
    _no_two_alike(tables, faults)
    if faults:
        raise StandardsFaultyError(source=source, count=len(faults), lines=tuple(faults))
    return tuple(row for row in rows if row is not None)


def _standard(number: int, table: Any, faults: list[str]) -> Standard | None:
    """Return one standard; what is wrong with it is added to the faults."""
    if not isinstance(table, dict):
        faults.append(Phrase(N_("standard {number} is no table"), number=number))
        return None
    before = len(faults)
    for name, value in table.items():
        faults += [
            Phrase(N_("standard {number}: {name} cannot be {value}: {expected}"),
                   number=number, name=name, value=repr(value), expected=expected)
            for expected in _wrong(name, value)
        ]  # fmt: skip
    for name in _NEEDED:
        if name not in table:
            missing = N_("standard {number}: {name} is missing")
            faults.append(Phrase(missing, number=number, name=name))
    faults += [Phrase(said, number=number) for said in _not_together(table)]
    return Standard(**_values(table)) if len(faults) == before else None


def _wrong(name: str, value: Any) -> Iterator[str]:
    """Give what would be expected of a value that cannot be used."""
    if name == "argued":
        if type(value) is not bool:
            yield N_("true or false")
    elif name == "min_years":
        if type(value) is not int or not 1 <= value <= _MOST_YEARS:
            yield Phrase(N_("a whole number of years from 1 to {most}"), most=_MOST_YEARS)
    elif name not in _TEXTS:
        yield one_of(_KEYS)
    elif not isinstance(value, str):
        yield N_("a text in quotation marks")
    else:
        yield from _wrong_text(name, value)


def _wrong_text(name: str, value: str) -> Iterator[str]:
    if name == "price_cap":
        yield from _wrong_amount(value)
    elif name in _CHOICES:
        if value not in _CHOICES[name]:
            yield one_of(_CHOICES[name])
    elif name in _FORMS:
        fits, expected = _FORMS[name]
        if not fits(value):
            yield expected
    elif not value.strip() or len(value) > _MOST_CHARACTERS or not value.isprintable():
        yield Phrase(N_("one line of at most {most} characters"), most=_MOST_CHARACTERS)


def _wrong_amount(value: str) -> Iterator[str]:
    try:
        parse_amount(value)
    except MoneyError as error:
        yield str(error.facts["reason"])


def _not_together(table: dict[str, Any]) -> Iterator[str]:
    """Give what is wrong with values that may each be right alone."""
    first, last = table.get("effective_from"), table.get("until")
    if isinstance(first, str) and isinstance(last, str) and is_day(first) and last < first:
        yield N_("standard {number}: until lies before effective_from")
    if table.get("argued") is True:
        if "quantity" in table or "price_cap" in table:
            yield N_("standard {number}: what is argued has neither quantity nor price_cap")
    elif not any(name in table for name in _LIMITS):
        yield N_("standard {number}: quantity, price_cap, min_years or argued is missing")


def _values(table: dict[str, Any]) -> dict[str, Any]:
    """Return the values in the one form in which they are kept."""
    values = {
        name: normalize("NFC", value.strip()) if isinstance(value, str) else value
        for name, value in table.items()
    }
    if "price_cap" in values:
        values["price_cap"] = amount_text(parse_amount(values["price_cap"]))
    if "quantity" in values:
        values["quantity"] = f"{Decimal(values['quantity']).normalize():f}"
    return values


def _no_two_alike(tables: list[Any], faults: list[str]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict) or not {*_KEY} - {"rank"} <= {*table}:
            continue  # that is a fault of its own
        key = tuple(str(table.get(name, FOR_ALL)) for name in _KEY)
        earlier = first.setdefault(key, number)
        if earlier != number:
            same = N_("standard {number} is for the same as standard {earlier}: {code}")
            faults.append(Phrase(same, number=number, earlier=earlier, code="/".join(key)))
