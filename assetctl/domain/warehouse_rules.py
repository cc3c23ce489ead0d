"""Rules of the office as data: who decides which documents, prefixes of numbers, terms of loans.

The file is TOML; the one that comes with assetctl stands in `warehouse-rules.toml` beside this
module and explains itself. Rules are adopted whole, from a day on, and become history; a document
is decided by those of the day on which it was submitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from typing import Any

from assetctl.domain.document import Ask, Step
from assetctl.domain.document_kinds import COUNTERPART, KINDS, OWNER, REQUESTS, SIDES
from assetctl.domain.money import fen
from assetctl.domain.roles import ACTING
from assetctl.domain.rule_file import RuleFile
from assetctl.domain.rule_values import (
    Check,
    a_class_list,
    a_day,
    a_day_list,
    a_division,
    a_prefix,
    a_table,
    a_text,
    an_amount,
    some_days,
    some_tables,
    yes_or_no,
)
from assetctl.domain.sharing import BOOKING, PREFIX
from assetctl.domain.standards import CENTRE
from assetctl.domain.stocktake import PREFIX as STOCKTAKE_PREFIX
from assetctl.domain.stocktake import STOCKTAKE
from assetctl.errors import OfficeRulesFaultyError
from assetctl.i18n import N_, Phrase, one_of

ALWAYS = "9999-12-31"
_DECIDED = (*REQUESTS, STOCKTAKE)
"""What chains of opinions decide."""
_LATER = ("need", STOCKTAKE)
"""Those that rules adopted before they were known say nothing of: then none can be submitted."""
PREFIXES = {code: kind.prefix for code, kind in KINDS.items()} | {
    BOOKING: PREFIX, STOCKTAKE: STOCKTAKE_PREFIX,
}  # fmt: skip
"""What numbers begin with where the rules say nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Which steps decide a kind of document, from which value (fen) to below which, and when."""

    kind: str
    steps: tuple[Step, ...]
    at_least: int = 0
    below: int | None = None
    classes: tuple[str, ...] = ()
    since: str = ""
    until: str = ALWAYS
    basis: str = ""

    def holds(self, day: str, value: int) -> bool:
        """Return whether it holds on a day for a document of this value."""
        above = self.at_least <= value and (self.below is None or value < self.below)
        return above and self.since <= day <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """Terms of loans, in days; `remind` counts from the due day, before it below zero."""

    max_days: int = 180
    max_extensions: int = 2
    event_days: int = 7
    remind: tuple[int, ...] = (-7, 0, 3, 7, 15)
    escalate_after: int = 15
    block_after: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcingTerms:
    """How long a certificate lets something be bought, and whose provision standards count."""

    valid_days: int = 30
    division: str = CENTRE


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTerms:
    """Terms of sharing: whether a booking waits until the holder's side has agreed to it."""

    needs_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules of an office; `sha256` is that of the text they were read from."""

    title: str
    since: str
    sha256: str
    chains: tuple[Chain, ...]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    loan: LoanTerms = LoanTerms()
    share: ShareTerms = ShareTerms()
    data_bearing: tuple[str, ...] = ()
    sourcing: SourcingTerms = SourcingTerms()

    def prefix(self, kind: str) -> str:
        """Return what the numbers of a kind begin with."""
        return self.prefixes.get(kind) or PREFIXES[kind]

    def chain(self, kind: str, *, day: str, value: int, classes: Iterable[str]) -> Chain | None:
        """Return the chain that decides a document of a kind, a value (fen) and these classes.

        One that is for a class on the document goes before those for every class; the longest
        beginning of a class code first.
        """
        found = [one for one in self.chains if one.kind == kind and one.holds(day, value)]
        special = [
            (len(start), one)
            for one in found
            for start in one.classes
            if any(code.startswith(start) for code in classes)
        ]
        if special:
            return max(special, key=lambda pair: pair[0])[1]
        return next((one for one in found if not one.classes), None)


def built_in() -> str:
    """Return the rules that come with assetctl, as the text of their file."""
    file = resources.files("assetctl.domain") / "warehouse-rules.toml"
    return file.read_text(encoding="utf-8")


def parse_rules(text: str, source: str) -> Rules:
    """Return the rules in a TOML text; `source` is its name.

    Raises:
        OfficeRulesFaultyError: lists every fault there is.
    """
    reader = _Reader(text, source, OfficeRulesFaultyError)
    values = reader.table(reader.document, "", _TOP, needed=("title", "effective_from", "chain"))
    chains = [reader.chain(number, one) for number, one in enumerate(values.get("chain", ()), 1)]
    prefixes = reader.table(
        values.get("prefix", {}), "[prefix] ", dict.fromkeys(PREFIXES, a_prefix)
    )
    reader.no_double(prefixes)
    loan = reader.table(values.get("loan", {}), "[loan] ", _LOAN)
    share = reader.table(values.get("share", {}), "[share] ", {"needs_approval": yes_or_no})
    intake = reader.table(values.get("intake", {}), "[intake] ", {"data_bearing": a_class_list})
    sourcing = reader.table(values.get("sourcing", {}), "[sourcing] ", _SOURCING)
    if not reader.faults:
        reader.no_gaps([one for one in chains if one is not None], values["effective_from"])
    reader.close()
    return Rules(
        title=values["title"], since=values["effective_from"],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        chains=tuple(one for one in chains if one is not None),
        prefixes=PREFIXES | prefixes,
        loan=LoanTerms(**(loan | ({"remind": tuple(loan["remind"])} if "remind" in loan else {}))),
        share=ShareTerms(**share), sourcing=SourcingTerms(**sourcing),
        data_bearing=tuple(intake.get("data_bearing", ())),
    )  # fmt: skip


class _Reader(RuleFile):
    """Reads chains, and sees whether they decide everything once."""

    def chain(self, number: int, table: Any) -> Chain | None:
        """Return one chain, None if something is wrong with it."""
        where, before = Phrase(N_("chain {number}: "), number=number), len(self.faults)
        values = self.table(table, where, _CHAIN, needed=("kind", "steps"))
        if len(self.faults) > before:
            return None
        below = fen(values["below"]) if "below" in values else None
        made = Chain(
            kind=values["kind"], steps=tuple(map(_step, values["steps"])),
            at_least=fen(values.get("at_least", "0.00")), below=below,
            classes=tuple(values.get("classes", ())), since=values.get("from", ""),
            until=values.get("until", ALWAYS), basis=values.get("basis", ""),
        )  # fmt: skip
        if below is not None and below <= made.at_least:
            self.fault(N_("{place}below must be more than at_least"), place=where)
        if made.until < made.since:
            self.fault(N_("{place}until lies before from"), place=where)
        sides = {side for one in values["steps"] for side in _sides(one)}
        kind = KINDS.get(made.kind)
        if COUNTERPART in sides and (kind is None or kind.counterpart is None):
            self.fault(N_("{place}{kind} has no counterpart"), place=where, kind=made.kind)
        if OWNER in sides and (kind is None or not kind.moves):
            self.fault(N_("{place}{kind} has no owner"), place=where, kind=made.kind)
        return made if len(self.faults) == before else None

    def no_double(self, prefixes: Mapping[str, str]) -> None:
        """Keep a fault for each prefix that two kinds would share."""
        taken: dict[str, str] = {}
        for kind, default in PREFIXES.items():
            prefix = prefixes.get(kind, default)
            if prefix in taken:
                self.fault(N_("[prefix] {kind} and {other} both have {prefix}"), kind=kind,
                           other=taken[prefix], prefix=prefix)  # fmt: skip
            taken[prefix] = kind

    def no_gaps(self, chains: Sequence[Chain], since: str) -> None:
        """Keep a fault where no chain, or more than one, would decide a document."""
        for kind in _DECIDED:
            mine = [one for one in chains if one.kind == kind and not one.classes]
            if kind in _LATER and not any(one.kind == kind for one in chains):
                continue
            for day in _days_of_change(mine, since):
                self._cover(kind, day, [one for one in mine if one.since <= day <= one.until])

    def _cover(self, kind: str, day: str, chains: Sequence[Chain]) -> None:
        end: int | None = 0
        for one in sorted(chains, key=lambda one: one.at_least):
            if end is None or one.at_least < end:
                self.fault(N_("two chains decide {kind} of {value} yuan on {day}"), kind=kind,
                           value=_yuan(one.at_least), day=day)  # fmt: skip
            elif one.at_least > end:
                self._gap(kind, day, end)
            end = one.below
        if end is not None:
            self._gap(kind, day, end)

    def _gap(self, kind: str, day: str, value: int) -> None:
        self.fault(N_("no chain decides {kind} of {value} yuan on {day}"), kind=kind,
                   value=_yuan(value), day=day)  # fmt: skip


def _days_of_change(chains: Sequence[Chain], since: str) -> list[str]:
    days = {since} | {one.since for one in chains if one.since > since}
    for one in chains:
        if since <= one.until < ALWAYS:
            days.add((date.fromisoformat(one.until) + timedelta(days=1)).isoformat())
    return sorted(days)


def _yuan(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


def _step(value: Any) -> Step:
    if isinstance(value, str):
        return Step(mode="all", asks=(_ask(value),))
    mode, asks = ("any", value["any"]) if isinstance(value, dict) else ("all", value)
    return Step(mode=mode, asks=tuple(map(_ask, asks)))


def _ask(text: str) -> Ask:
    role, _, side = text.partition("@")
    return Ask(role=role, unit=side or None)


def _sides(value: Any) -> set[str]:
    return {ask.unit for ask in _step(value).asks if ask.unit}


def _kind(value: Any) -> str | None:
    return None if value in _DECIDED else one_of(_DECIDED)


def _step_list(value: Any) -> str | None:
    if not isinstance(value, list) or not value:
        return N_('a list of steps such as "unit_head@applicant"')
    for one in value:
        asks = one.get("any") if isinstance(one, dict) and set(one) == {"any"} else one
        asks = [asks] if isinstance(asks, str) else asks
        if not isinstance(asks, list) or not asks or not all(isinstance(a, str) for a in asks):
            return N_('steps that are "role@side", a list of them, or {any = [...]}')
        for ask in asks:
            role, at, side = ask.partition("@")
            if role not in ACTING:
                return Phrase(N_("{part} is none of the roles {choices}"), part=role,
                              choices=", ".join(ACTING))  # fmt: skip
            if at and side not in SIDES:
                return Phrase(N_("{part} is none of the sides {choices}"), part=side,
                              choices=", ".join(SIDES))  # fmt: skip
        if len(set(asks)) != len(asks):
            return N_("no ask twice in one step")
    return None


_TOP: dict[str, Check] = {
    "title": a_text, "effective_from": a_day, "prefix": a_table, "loan": a_table,
    "share": a_table, "intake": a_table, "sourcing": a_table, "chain": some_tables,
}  # fmt: skip
_LOAN: dict[str, Check] = {
    "max_days": some_days, "max_extensions": some_days, "event_days": some_days,
    "remind": a_day_list, "escalate_after": some_days, "block_after": some_days,
}  # fmt: skip
_SOURCING: dict[str, Check] = {"valid_days": some_days, "division": a_division}
_CHAIN: dict[str, Check] = {
    "kind": _kind, "steps": _step_list, "at_least": an_amount, "below": an_amount,
    "classes": a_class_list, "from": a_day, "until": a_day, "basis": a_text,
}  # fmt: skip


def resolved(chain: Chain, units: Mapping[str, str | None]) -> tuple[Step, ...]:
    """Return the steps of a chain with the units of the sides of a document put in.

    `units` gives the unit of `applicant`, `counterpart` and `owner`.
    """
    return tuple(
        Step(
            mode=step.mode,
            asks=tuple(
                Ask(role=ask.role, unit=units[ask.unit] if ask.unit else None) for ask in step.asks
            ),
        )
        for step in chain.steps
    )
