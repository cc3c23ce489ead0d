"""Files of provision standards: TOML with one `[[standard]]` a row, every fault named at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from typing import Any
from unicodedata import normalize

from assetctl.domain.money import amount_text, parse_amount
from assetctl.domain.rule_file import RuleFile
from assetctl.domain.rule_values import Check, a_choice, a_day, a_division, yes_or_no
from assetctl.domain.standards import BASES, FOR_ALL, RANKS, Standard, is_day
from assetctl.errors import MoneyError, StandardsFaultyError
from assetctl.i18n import N_, Phrase

_NEEDED = ("jurisdiction", "doc_no", "effective_from", "class_code", "basis")
_KEY = ("jurisdiction", "class_code", "rank", "effective_from")
_LIMITS = ("quantity", "price_cap", "min_years")
_CODE = re.compile(r"[0-9A-Za-z]{1,32}")
_SCHEME = re.compile(r"[0-9a-z][0-9a-z.-]{0,31}")
_QUANTITY = re.compile(r"(?=.*[1-9])\d{1,6}(\.\d{1,4})?", re.ASCII)
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
    file = RuleFile(text, source, StandardsFaultyError)
    tables = file.rows("standard")
    found = [_standard(file, number, table) for number, table in enumerate(tables, 1)]
    _no_two_alike(file, tables)
    file.close()
    return tuple(one for one in found if one is not None)


def _standard(file: RuleFile, number: int, table: Any) -> Standard | None:
    """Return one standard; what is wrong with it is kept by the file, and it is None."""
    before = len(file.faults)
    place = Phrase(N_("standard {number}: "), number=number)
    values = file.table(table, place, _CHECKS, needed=_NEEDED)
    for said in _not_together(table) if isinstance(table, dict) else ():
        file.fault(said, place=place)
    return Standard(**_values(values)) if len(file.faults) == before else None


def _a_line(value: Any) -> str | None:
    fits = isinstance(value, str) and value.strip() and value.isprintable()
    if fits and len(value) <= _MOST_CHARACTERS:
        return None
    return Phrase(N_("one line of at most {most} characters"), most=_MOST_CHARACTERS)


def _years(value: Any) -> str | None:
    if type(value) is int and 1 <= value <= _MOST_YEARS:
        return None
    return Phrase(N_("a whole number of years from 1 to {most}"), most=_MOST_YEARS)


def _a_price(value: Any) -> str | None:
    if not isinstance(value, str):
        return N_("a text in quotation marks")
    try:
        parse_amount(value)
    except MoneyError as error:
        return str(error.facts["reason"])
    return None


def _form(pattern: re.Pattern[str], expected: str) -> Check:
    return lambda value: None if isinstance(value, str) and pattern.fullmatch(value) else expected


_CHECKS: dict[str, Check] = {
    "jurisdiction": a_division,
    "doc_no": _a_line,
    "effective_from": a_day,
    "class_code": _form(_CODE, N_("a class code of letters and digits: A02010105")),
    "basis": a_choice(BASES),
    "class_scheme": _form(_SCHEME, N_("a classification scheme such as gbt14885-2022")),
    "rank": a_choice(RANKS),
    "until": a_day,
    "quantity": _form(_QUANTITY, N_("a number above 0 with at most four decimals: 0.5")),
    "price_cap": _a_price,
    "note": _a_line,
    "source": _a_line,
    "argued": yes_or_no,
    "min_years": _years,
}


def _not_together(table: dict[str, Any]) -> Iterator[str]:
    """Give what is wrong with values that may each be right alone."""
    first, last = table.get("effective_from"), table.get("until")
    if isinstance(first, str) and isinstance(last, str) and is_day(first) and last < first:
        yield N_("{place}until lies before effective_from")
    if table.get("argued") is True:
        if "quantity" in table or "price_cap" in table:
            yield N_("{place}what is argued has neither quantity nor price_cap")
    elif not any(name in table for name in _LIMITS):
        yield N_("{place}quantity, price_cap, min_years or argued is missing")


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


def _no_two_alike(file: RuleFile, tables: list[Any]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict) or not {*_KEY} - {"rank"} <= {*table}:
            continue  # that is a fault of its own
        key = tuple(str(table.get(name, FOR_ALL)) for name in _KEY)
        earlier = first.setdefault(key, number)
        if earlier != number:
            same = N_("standard {number} is for the same as standard {earlier}: {code}")
            file.fault(same, number=number, earlier=earlier, code="/".join(key))
