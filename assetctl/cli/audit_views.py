"""How the auditor's answers look: columns of long lists, figures, accounts, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assetctl.cli.output import Table, View, Words, spoken
from assetctl.cli.rows import Column
from assetctl.cli.views import details_of, subject_text
from assetctl.domain.audit_rules import Rule
from assetctl.domain.identity import display_id
from assetctl.i18n import N_
from assetctl.reads.as_of import AssetThen, Standing
from assetctl.reads.differences import (
    SUMS,
    WATCHED,
    Account,
    AssetDifference,
    Cause,
    Differences,
    Sum,
)
from assetctl.reads.entry_log import Logged
from assetctl.reads.erasable import Erasable
from assetctl.reads.gap_checks import CHECKS
from assetctl.reads.gaps import Audited, Finding

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def assets_then() -> list[Column[AssetThen]]:
    """Return the columns of the register as it stood."""
    return [
        Column(heading=N_("Id"), cell=lambda one, _: display_id(one.asset_id)),
        Column(heading=N_("Name"), cell=lambda one, _: one.name),
        Column(heading=N_("Class"), cell=lambda one, _: one.class_code),
        Column(heading=N_("State"), cell=lambda one, words: words.term("state", one.state)),
        Column(heading=N_("Owner"), cell=lambda one, _: one.owner),
        Column(heading=N_("Holder"), cell=lambda one, _: one.holder),
        Column(heading=N_("Place"), cell=lambda one, _: one.place or ""),
        Column(heading=N_("Condition"),
               cell=lambda one, words: words.term("condition", one.condition)),
        Column(heading=N_("Due"), cell=lambda one, _: one.due or ""),
        Column(heading=N_("Value"), cell=lambda one, _: one.value or ""),
        Column(heading=N_("Card number"), cell=lambda one, _: one.card_no or "",
               only_in_files=True),
        Column(heading=N_("Held since"), cell=lambda one, words: words.time(one.held_since),
               only_in_files=True),
        Column(heading=N_("Registered"), cell=lambda one, words: words.time(one.registered_at),
               only_in_files=True),
        Column(heading=N_("Last change"), cell=lambda one, words: words.time(one.changed_at),
               only_in_files=True),
    ]  # fmt: skip


def figures_table(found: Standing, words: Words) -> Table:
    """Return the figures of a moment by owner and state, with their sums."""
    say = words.say
    rows = [
        [one.owner, words.term("state", one.state), str(one.count), one.value, str(one.unvalued)]
        for one in found.figures
    ]
    total = [say(N_("All")), "", str(found.count), found.value, str(found.unvalued)]
    clock = N_("by what was recorded") if found.by == "rec" else N_("by when it happened")
    return Table(
        title=say(N_("As of {time}, {clock}"), time=words.time(found.until), clock=say(clock)),
        columns=[say(N_("Owner")), say(N_("State")), say(N_("Number")), say(N_("Value")),
                 say(N_("Without a value"))],
        rows=[*rows, total],
    )  # fmt: skip


def log_columns(*, personal: bool) -> list[Column[Logged]]:
    """Return the columns of the log; names and free text only where they were asked for."""
    columns: list[Column[Logged]] = [
        Column(heading=N_("Recorded"), cell=lambda one, words: words.time(one.recorded_at)),
        Column(heading=N_("Happened"), cell=lambda one, words: words.time(one.at)),
        Column(heading=N_("Late"), cell=lambda one, words: lateness(one.late_seconds, words)),
        Column(heading=N_("What"), cell=lambda one, words: words.term("event", one.kind)),
        Column(heading=N_("Subject"), cell=lambda one, _: _subject(one.subject)),
        Column(heading="#", cell=lambda one, _: str(one.seq)),
        Column(heading=N_("Details"), cell=lambda one, words: details_of(one.data, words)),
        Column(heading=N_("By"), cell=lambda one, _: f"{one.actor} @{one.station}"),
        Column(heading=N_("Document"), cell=lambda one, _: one.doc or ""),
        Column(heading=N_("For"), cell=lambda one, _: one.on_behalf or "", only_in_files=True),
        Column(heading=N_("Request"), cell=lambda one, _: one.request_id, only_in_files=True),
        Column(heading=N_("Entry"), cell=lambda one, _: one.event_id, only_in_files=True),
    ]
    if personal:
        columns.append(Column(heading=N_("Names and text"), cell=_disclosed))
    return columns


def lateness(seconds: int, words: Words) -> str:
    """Return how much later than it happened something was recorded; nothing within a minute."""
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    if rest < _MINUTE:
        return ""
    for unit, text in ((_DAY, N_("{count} d")), (_HOUR, N_("{count} h"))):
        if rest >= unit:
            return sign + words.say(text, count=rest // unit)
    return sign + words.say(N_("{count} min"), count=rest // _MINUTE)


def finding_columns() -> list[Column[Finding]]:
    """Return the columns of the findings."""
    return [
        Column(heading=N_("Weight"), cell=lambda one, words: words.term("severity", one.severity)),
        Column(heading=N_("Finding"), cell=lambda one, words: words.term("finding", one.code)),
        Column(heading=N_("Subject"), cell=lambda one, _: _subject(one.subject)),
        Column(heading="#", cell=lambda one, _: str(one.seq)),
        Column(heading=N_("What"), cell=lambda one, words: words.term("event", one.kind)),
        Column(heading=N_("Expected"), cell=lambda one, words: spoken(one.expected, words)),
        Column(heading=N_("Found"), cell=lambda one, words: spoken(one.found, words)),
        Column(heading=N_("Days"), cell=lambda one, _: "" if one.days is None else str(one.days)),
        Column(heading=N_("By"), cell=lambda one, _: one.actor),
        Column(heading=N_("Happened"), cell=lambda one, words: words.time(one.at)),
        Column(heading=N_("Recorded"), cell=lambda one, words: words.time(one.recorded_at),
               only_in_files=True),
        Column(heading=N_("Owner"), cell=lambda one, _: one.owner or "", only_in_files=True),
        Column(heading=N_("Code"), cell=lambda one, _: one.code, only_in_files=True),
        Column(heading=N_("Entry"), cell=lambda one, _: one.event_id, only_in_files=True),
    ]  # fmt: skip


def counts_of(audited: Audited, words: Words) -> list[View]:
    """Return how much was looked at, and how many findings there are of each code."""
    say = words.say
    told = say(
        N_("{findings} findings in {entries} entries of {subjects} subjects"),
        findings=audited.findings, entries=audited.entries, subjects=audited.subjects,
    )  # fmt: skip
    table = Table(
        columns=[say(N_("Weight")), say(N_("Finding")), say(N_("Code")), say(N_("Number"))],
        rows=[
            [words.term("severity", one.severity), words.term("finding", one.code), one.code,
             str(one.count)]
            for one in audited.counts
        ],
    )  # fmt: skip
    return [told, table] if audited.counts else [told]


def rules_table(rules: Sequence[Rule], words: Words) -> list[Table]:
    """Return the rules, and every code of a finding with its weight."""
    say = words.say
    ruled = [
        [rule.check, ", ".join(words.term("event", kind) for kind in rule.kinds),
         str(rule.days), ", ".join(words.term("condition", one) for one in rule.conditions),
         rule.since, "" if rule.until.startswith("9999") else rule.until,
         words.term("severity", rule.severity), rule.basis]
        for rule in rules
    ]  # fmt: skip
    return [
        Table(
            columns=[say(N_("Code")), say(N_("What")), say(N_("Days")), say(N_("Condition")),
                     say(N_("From")), say(N_("Until")), say(N_("Weight")), say(N_("Basis"))],
            rows=ruled,
        ),
        Table(
            columns=[say(N_("Code")), say(N_("Finding")), say(N_("Weight"))],
            rows=[[check.code, words.term("finding", check.code),
                   words.term("severity", check.severity)] for check in CHECKS],
        ),
    ]  # fmt: skip


def difference_columns() -> list[Column[AssetDifference]]:
    """Return the columns of what differs; in files each side of each field has a column."""
    columns: list[Column[AssetDifference]] = [
        Column(heading=N_("Id"), cell=lambda one, _: display_id(one.asset_id)),
        Column(heading=N_("Name"), cell=lambda one, _: one.name),
        Column(heading=N_("What"), cell=lambda one, words: words.term("difference", one.what)),
        Column(heading=N_("Details"), cell=_changes),
        Column(heading=N_("Because of"), cell=_causes),
    ]
    for name, heading in _SIDES.items():
        columns += [_side(name, heading[0], "before"), _side(name, heading[1], "after")]
    return columns


def account_table(found: Differences, words: Words) -> Table:
    """Return the account by owner: value and count of each sum."""
    say = words.say
    told = say(
        N_("{came} came, {left} left, {both} came and left, {changed} changed"),
        came=found.came, left=found.left, both=found.came_and_left, changed=found.changed,
    )  # fmt: skip
    rows = [[one.owner or "", *_sums(one)] for one in found.owners]
    return Table(
        title=f"{words.time(found.since)} → {words.time(found.until)}: {told}",
        columns=[say(N_("Owner")), *(say(_SUM_WORDS[name]) for name in SUMS)],
        rows=[*rows, [say(N_("All")), *_sums(found.total)]],
    )


def erasable_table(found: Sequence[Erasable], words: Words) -> Table:
    """Return what would be erased, with what it says."""
    say = words.say
    return Table(
        columns=[say(N_("Subject")), "#", say(N_("What")), say(N_("Field")), say(N_("Text")),
                 say(N_("Entry"))],
        rows=[
            [_subject(one.subject), str(one.seq), words.term("event", one.kind),
             words.term("field", one.path), one.value or "", one.event_id]
            for one in found
        ],
    )  # fmt: skip


_SUM_WORDS = {
    "opening": N_("Opening"), "added": N_("+ added"), "disposed": N_("- disposed of"),
    "moved_in": N_("+ moved in"), "moved_out": N_("- moved out"),
    "revalued": N_("± revalued"), "closing": N_("= closing"),
}  # fmt: skip

_SIDES = {
    "state": (N_("State before"), N_("State after")),
    "owner": (N_("Owner before"), N_("Owner after")),
    "holder": (N_("Holder before"), N_("Holder after")),
    "place": (N_("Place before"), N_("Place after")),
    "condition": (N_("Condition before"), N_("Condition after")),
    "value": (N_("Value before"), N_("Value after")),
}


def _side(name: str, heading: str, side: str) -> Column[AssetDifference]:
    def cell(one: AssetDifference, words: Words) -> str:
        told: Mapping[str, str | None] = getattr(one, side)
        return _watched(name, told.get(name), words)

    return Column(heading=heading, cell=cell, only_in_files=True)


def _changes(one: AssetDifference, words: Words) -> str:
    parts = []
    for name in WATCHED:
        after = _watched(name, one.after.get(name), words)
        before = _watched(name, one.before.get(name), words)
        if name in one.before:
            parts.append(f"{words.term('field', name)} {before or '-'} → {after or '-'}")
        elif after:
            parts.append(f"{words.term('field', name)} {after}")
    return "; ".join(parts)


def _causes(one: AssetDifference, words: Words) -> str:
    return "; ".join(_cause(cause, words) for cause in one.causes)


def _cause(cause: Cause, words: Words) -> str:
    told = f"#{cause.seq} {words.term('event', cause.kind)} {words.time(cause.at)[:10]}"
    return f"{told} {cause.doc}" if cause.doc else told


def _watched(name: str, value: str | None, words: Words) -> str:
    return words.term(name, value) if name in ("state", "condition") else value or ""


def _sums(account: Account) -> list[str]:
    sums: list[Sum] = [getattr(account, name) for name in SUMS]
    return [f"{one.value} ({one.count})" for one in sums]


def _disclosed(one: Logged, words: Words) -> str:
    return "; ".join(f"{words.term('field', name)} {text}" for name, text in one.disclosed.items())


def _subject(subject: str) -> str:
    """Return a subject as auditors tell them apart: the id of an asset, else with its sort."""
    return subject_text(subject) if subject.startswith("asset:") else subject
