"""Checks of single values in files of rules: each says what would be expected instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from assetctl.domain.standards import is_division
from assetctl.i18n import N_, one_of

Check = Callable[[Any], str | None]
"""Returns what would be expected instead of a value, None where the value can be used."""

_PREFIX = re.compile(r"[A-Z]{2,4}")
_CLASS = re.compile(r"[A-Z0-9]{1,12}")
_AMOUNT = re.compile(r"\d{1,13}\.\d\d")


def a_text(value: Any) -> str | None:
    """Return what is wanted instead of a text that says something; None where it is one."""
    return None if isinstance(value, str) and value.strip() else N_("a text in quotation marks")


def a_choice(codes: Collection[str]) -> Check:
    """Return the check of a text that must be one of some codes."""
    return lambda value: None if isinstance(value, str) and value in codes else one_of(codes)


def some_codes(known: Collection[str] = ()) -> Check:
    """Return the check of a list of codes, at least one, which must be among the known if any."""

    def check(value: Any) -> str | None:
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            return N_("a list of codes")
        return one_of(known) if known and not set(value) <= set(known) else None

    return check


def a_day(value: Any) -> str | None:
    """Return what is wanted instead of a day; None where it is one."""
    try:
        fits = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        fits = False
    return None if fits else N_("a date such as 2026-03-01")


def a_division(value: Any) -> str | None:
    """Return what is wanted instead of a division code (GB/T 2260); None where it is one."""
    fits = isinstance(value, str) and is_division(value)
    return None if fits else N_("a division code of six digits: 330921")


def a_prefix(value: Any) -> str | None:
    """Return what is wanted instead of a prefix of numbers; None where it is one."""
    fits = isinstance(value, str) and _PREFIX.fullmatch(value)
    return None if fits else N_("two to four capital letters")


def an_amount(value: Any) -> str | None:
    """Return what is wanted instead of an amount in yuan; None where it is one."""
    fits = isinstance(value, str) and _AMOUNT.fullmatch(value)
    return None if fits else N_("an amount in quotation marks, such as 50000.00")


def some_days(value: Any) -> str | None:
    """Return what is wanted instead of a number of days; None where it is one."""
    fits = type(value) is int and 0 <= value <= 36_500
    return None if fits else N_("a whole number of days")


def yes_or_no(value: Any) -> str | None:
    """Return what is wanted instead of yes or no; None where it is one."""
    return None if isinstance(value, bool) else N_("true or false")


def a_day_list(value: Any) -> str | None:
    """Return what is wanted instead of a list of days, before or after; None where it is one."""
    fits = isinstance(value, list) and all(type(v) is int and abs(v) <= 3650 for v in value)
    return None if fits else N_("a list of whole numbers of days")


def a_class_list(value: Any) -> str | None:
    """Return what is wanted instead of a list of class codes; None where it is one."""
    fits = isinstance(value, list) and all(
        isinstance(v, str) and _CLASS.fullmatch(v) for v in value
    )
    return None if fits else N_("a list of beginnings of class codes")


def a_table(value: Any) -> str | None:
    """Return what is wanted instead of a table; None where it is one."""
    return None if isinstance(value, dict) else N_("a table")


def some_tables(value: Any) -> str | None:
    """Return what is wanted instead of a list of tables; None where it is one."""
    fits = isinstance(value, list) and value
    return None if fits else N_("tables, each under [[chain]]")
