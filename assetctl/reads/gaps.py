"""Gaps: every check over every chain in one pass, findings told as they are met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from assetctl.domain.audit_rules import SEVERITIES
from assetctl.domain.events import (
    PartyAdded,
    Registered,
    RoleGranted,
    RoleRevoked,
    TitleTransferred,
)
from assetctl.domain.tag_events import StaffCardIssued, StaffCardVoided
from assetctl.i18n import N_, Phrase
from assetctl.reads.chains import By, Step, chains
from assetctl.reads.gap_checks import CHECKS, Check, Found, Ground, Person
from assetctl.reads.replay import broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to look at: a stable code, how much it weighs, the entry, expected and found.

    `owner` is the unit on whose books the thing was then; `days` by how much a limit was passed.
    """

    code: str
    severity: str
    subject: str
    seq: int
    event_id: str
    kind: str
    at: str
    recorded_at: str
    actor: str
    owner: str | None
    days: int | None
    expected: Phrase
    found: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which findings are wanted: at entries of a period by one of the clocks, of a unit, by code.

    Both ends of the period are included; without `codes` every check runs.
    """

    since: str = ""
    until: str = "~"
    by: By = "rec"
    owner: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many findings of one code and weight there are."""

    code: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was looked at, and what was found in all."""

    subjects: int
    entries: int
    findings: int
    counts: tuple[Count, ...]


def gaps(
    connection: Connection,
    ground: Ground,
    sought: Sought,
    *,
    on_finding: Callable[[Finding], None],
    on_step: Callable[[int], None] | None = None,
) -> Audited:
    """Tell `on_finding` of each finding, subject by subject; return the account of all.

    Raises:
        HistoryBrokenError: an entry cannot be read.
    """
    checks = [check for check in CHECKS if not sought.codes or check.code in sought.codes]
    counts: Counter[tuple[str, str]] = Counter()
    subjects = entries = 0
    for _, chain in chains(connection):
        subjects += 1
        entries += len(chain)
        for finding in _findings(checks, chain, ground, sought):
            counts[finding.code, finding.severity] += 1
            on_finding(finding)
        if on_step is not None and subjects % 1000 == 0:
            on_step(entries)
    order = {check.code: number for number, check in enumerate(CHECKS)}
    told = sorted(
        counts.items(), key=lambda item: (SEVERITIES.index(item[0][1]), order[item[0][0]])
    )
    return Audited(
        subjects=subjects, entries=entries, findings=counts.total(),
        counts=tuple(Count(code=code, severity=severity, count=count)
                     for (code, severity), count in told),
    )  # fmt: skip


def people(connection: Connection) -> dict[str, Person]:
    """Return who has been in the register since when, by code, with cards and roles given or taken.

    Raises:
        HistoryBrokenError: an entry cannot be read.
    """
    found = {}
    for subject, chain in chains(connection, sort="party"):
        cards = tuple(
            (step.rec, step.kind == StaffCardIssued.kind)
            for step in chain
            if step.kind in (StaffCardIssued.kind, StaffCardVoided.kind)
        )
        roles, count = [], 0
        for step in chain:
            if step.kind in (RoleGranted.kind, RoleRevoked.kind):
                count += 1 if step.kind == RoleGranted.kind else -1
                roles.append((step.rec, count))
        added = next((step.rec for step in chain if step.kind == PartyAdded.kind), chain[0].rec)
        found[subject.partition(":")[2]] = Person(added=added, cards=cards, roles=tuple(roles))
    return found


def _findings(
    checks: Sequence[Check], chain: Sequence[Step], ground: Ground, sought: Sought
) -> Iterator[Finding]:
    for check in checks:
        for one in _found(check, chain, ground):
            if sought.since <= one.step.moment(sought.by) <= sought.until:
                owner = _owner(chain, one.step)
                if sought.owner in (None, owner):
                    yield _finding(check, one, owner)


def _found(check: Check, chain: Sequence[Step], ground: Ground) -> list[Found]:
    try:
        return list(check.find(chain, ground))
    except (LookupError, TypeError, ValueError) as error:
        wanted = Phrase(N_("a known event"))
        broken(chain[0].subject, len(chain), "it cannot be replayed", wanted, repr(error))


def _owner(chain: Sequence[Step], found: Step) -> str | None:
    """Return on whose books the thing was after an entry, None for what is no asset."""
    owner = None
    for step in chain[: found.seq]:
        if step.kind in (Registered.kind, TitleTransferred.kind):
            owner = step.fields["data"]["owner"]
    return owner


def _finding(check: Check, one: Found, owner: str | None) -> Finding:
    step = one.step
    return Finding(
        code=check.code, severity=one.severity or check.severity, subject=step.subject,
        seq=step.seq, event_id=step.event_id, kind=step.kind, at=step.at, recorded_at=step.rec,
        actor=step.actor, owner=owner, days=one.days, expected=one.expected, found=one.found,
    )  # fmt: skip
