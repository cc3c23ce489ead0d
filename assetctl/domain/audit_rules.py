"""Rules of the audit as dated data: what must have a document or a photo, and how late is too late.

A rule holds from one day to another, so that a new regulation does not condemn what was right
before it. The file is TOML with one `[[rule]]` a rule; those that come with assetctl stand in
`audit-rules.toml` beside this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from assetctl.domain.card import CONDITIONS
from assetctl.domain.events import EVENTS
from assetctl.errors import RulesFaultyError
from assetctl.i18n import N_, Phrase, one_of

RULED = ("no_document", "no_photo", "back_dated", "loan_overdue")
"""Checks that look only at what a rule asks for."""

SEVERITIES = ("serious", "warning", "notice")
"""How much a finding weighs, the heaviest first."""

_TEXTS = ("check", "from", "until", "severity", "basis")
_LISTS = ("kinds", "conditions", "roles")
_NEEDED = {"no_document": ("kinds",), "no_photo": ("kinds", "days"), "back_dated": ("days",),
           "loan_overdue": ("days",)}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: for which check it is, for what, between which days, and what it rests on."""

    check: str
    kinds: tuple[str, ...] = ()
    days: int = 0
    conditions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("photo",)
    since: str = ""
    until: str = "9999-12-31"
    severity: str = "warning"
    basis: str = ""

    def concerns(self, check: str, kind: str) -> bool:
        """Return whether the rule is for this check and this kind of entry."""
        return self.check == check and (not self.kinds or kind in self.kinds)

    def holds_on(self, day: str) -> bool:
        """Return whether the rule is in force on a day (ISO)."""
        return self.since <= day <= self.until


def built_in() -> str:
    """Return the rules that come with assetctl, as the text of their file."""
    file = resources.files("assetctl.domain") / "audit-rules.toml"
    return file.read_text(encoding="utf-8")


def parse_rules(text: str, source: str) -> tuple[Rule, ...]:
    """Return the rules in a TOML text; `source` is its name.

    Raises:
        RulesFaultyError: lists every fault there is.
    """
    faults: list[str] = []
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesFaultyError(source=source, count=1, lines=(str(error),)) from error
    tables = document.pop("rule", [])
    stray = [*document] if isinstance(tables, list) else [*document, "rule"]
    faults += [Phrase(N_("{name} is not known here; rules stand in [[rule]]"), name=name)
               for name in stray]  # fmt: skip
    tables = tables if isinstance(tables, list) else []
    rules = [_rule(number, table, faults) for number, table in enumerate(tables, 1)]
    if faults:
        raise RulesFaultyError(source=source, count=len(faults), lines=tuple(faults))
    return tuple(rules)


def _rule(number: int, table: Any, faults: list[str]) -> Rule:
    """Return one rule; what is wrong with it is added to the faults."""
    if not isinstance(table, dict):
        faults.append(Phrase(N_("rule {number} is no table"), number=number))
        return Rule(check="")
    before = len(faults)
    for name, value in table.items():
        faults += [
            Phrase(N_("rule {number}: {name} cannot be {value}: {expected}"),
                   number=number, name=name, value=repr(value), expected=expected)
            for expected in _wrong(name, value)
        ]  # fmt: skip
    for name in _NEEDED.get(str(table.get("check")), ("check",)):
        if name not in table:
            faults.append(Phrase(N_("rule {number}: {name} is missing"), number=number, name=name))
    if len(faults) > before:
        return Rule(check="")
    values: dict[str, Any] = {name: value for name, value in table.items() if name != "from"}
    values |= {name: tuple(values[name]) for name in _LISTS if name in values}
    return Rule(**values, since=table.get("from", ""))


def _wrong(name: str, value: Any) -> Iterator[str]:
    """Give what would be expected of a value that cannot be used."""
    if name in _LISTS:
        known = {"kinds": tuple(EVENTS), "conditions": CONDITIONS}.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            yield N_("a list of codes")
        elif known and not set(value) <= set(known):
            yield one_of(known)
    elif name == "days":
        if type(value) is not int or not 0 <= value <= 36_500:
            yield N_("a whole number of days")
    elif name not in _TEXTS:
        yield one_of((*_TEXTS, *_LISTS, "days"))
    elif not isinstance(value, str):
        yield N_("a text in quotation marks")
    else:
        yield from _wrong_text(name, value)


def _wrong_text(name: str, value: str) -> Iterator[str]:
    choices = {"check": RULED, "severity": SEVERITIES}.get(name)
    if choices and value not in choices:
        yield one_of(choices)
    if name in ("from", "until"):
        try:
            known = date.fromisoformat(value).isoformat() == value
        except ValueError:
            known = False
        if not known:
            yield N_("a date such as 2026-03-01")
