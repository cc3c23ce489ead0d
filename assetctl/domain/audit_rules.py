"""Rules of the audit as dated data: what must have a document or a photo, and how late is too late.

A rule holds from one day to another, so that a new regulation does not condemn what was right
before it. The file is TOML with one `[[rule]]` a rule; those that come with assetctl stand in
`audit-rules.toml` beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

from assetctl.domain.card import CONDITIONS
from assetctl.domain.events import EVENTS
from assetctl.domain.rule_file import RuleFile
from assetctl.domain.rule_values import Check, a_choice, a_day, a_text, some_codes, some_days
from assetctl.errors import RulesFaultyError
from assetctl.i18n import N_, Phrase

RULED = ("no_document", "no_photo", "back_dated", "loan_overdue")
"""Checks that look only at what a rule asks for."""

SEVERITIES = ("serious", "warning", "notice")
"""How much a finding weighs, the heaviest first."""

_CHECKS: dict[str, Check] = {
    "check": a_choice(RULED), "from": a_day, "until": a_day, "severity": a_choice(SEVERITIES),
    "basis": a_text, "kinds": some_codes(tuple(EVENTS)), "conditions": some_codes(CONDITIONS),
    "roles": some_codes(), "days": some_days,
}  # fmt: skip
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
    file = RuleFile(text, source, RulesFaultyError)
    rules = [_rule(file, number, table) for number, table in enumerate(file.rows("rule"), 1)]
    file.close()
    return tuple(rules)


def _rule(file: RuleFile, number: int, table: Any) -> Rule:
    """Return one rule; what is wrong with it is kept by the file, and it is none."""
    before = len(file.faults)
    check = table.get("check") if isinstance(table, dict) else None
    place = Phrase(N_("rule {number}: "), number=number)
    values = file.table(table, place, _CHECKS, needed=_NEEDED.get(str(check), ("check",)))
    if len(file.faults) > before:
        return Rule(check="")
    values["since"] = values.pop("from", "")
    return Rule(**values | {name: tuple(values[name]) for name in _LISTS if name in values})
