"""What an audit looks for: one function a check, and the table of them.

A check is given one chain at a time and the ground it stands on, and gives what it found. A new
check is a function and a row of `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from assetctl.domain import events, tag_events
from assetctl.domain.audit_rules import Rule
from assetctl.domain.chain import parse_instant
from assetctl.domain.redaction import FILE, Redacted
from assetctl.i18n import N_, Phrase
from assetctl.reads.chains import Step

WAITING_SECONDS = 60
"""Two desks may wait so long for each other: less between their clocks says nothing."""

_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Since when a party is in the register, and when cards and roles were given or taken away.

    Cards stand with whether one was given, roles with how many there were from then on.
    """

    added: str
    cards: tuple[tuple[str, bool], ...] = ()
    roles: tuple[tuple[str, int], ...] = ()

    def without_card_since(self, moment: str) -> str | None:
        """Return since when every card was void at a moment; None if one counted, or never was."""
        return _none_since(self.cards, moment)

    def without_role_since(self, moment: str) -> str | None:
        """Return since when every role was revoked at a moment; None if one counted, or never."""
        return _none_since(self.roles, moment)


class Doubt(NamedTuple):
    """What is doubtful about who signed an entry: the code of the check, and what was found."""

    code: str
    found: Phrase


Judge = Callable[[Step], Doubt | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What checks know besides a chain: rules, people, today, how days are reckoned, stored files.

    `day_of` gives the local day (ISO) of an instant; `is_stored` says whether the bytes of a file
    lie in the store of this desk; `judge` says what is doubtful about who signed an entry.
    """

    rules: Sequence[Rule]
    people: Mapping[str, Person]
    today: str
    day_of: Callable[[str], str]
    is_stored: Callable[[str], bool]
    judge: Judge = lambda _step: None

    def rules_for(self, check: str, step: Step) -> Iterator[Rule]:
        """Give the rules of a check that were in force for an entry when it happened."""
        near = [rule for rule in self.rules if rule.concerns(check, step.kind)]
        if near:
            day = self.day_of(step.at)
            yield from (rule for rule in near if rule.holds_on(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found at an entry; `severity` where a rule says another than the check."""

    step: Step
    expected: Phrase
    found: Phrase
    days: int | None = None
    severity: str | None = None


Find = Callable[[Sequence[Step], Ground], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table: a stable code, how much its findings weigh, and what finds them."""

    code: str
    severity: str
    find: Find


def _none_since(told: Sequence[tuple[str, int]], moment: str) -> str | None:
    """Return since when nothing was left at a moment, by what was told of how much there was."""
    known = [one for one in told if one[0] <= moment]
    return known[-1][0] if known and not known[-1][1] else None


def no_document(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find changes of custody or title without a document that a rule asks for."""
    for step in chain:
        if not step.fields["data"].get("doc"):
            for rule in ground.rules_for("no_document", step):
                wanted = Phrase(N_("a document number; by {basis}"), basis=rule.basis or "-")
                yield Found(step=step, expected=wanted, found=_NONE, severity=rule.severity)
                break


def no_photo(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find entries near which a rule asks for a photo and there is none; an erased one counts."""
    for step in chain:
        for rule in ground.rules_for("no_photo", step):
            graded = step.fields["data"].get("condition")
            if rule.conditions and graded not in rule.conditions:
                continue
            if not any(_is_near(other, step, rule) for other in chain):
                wanted = Phrase(N_("a file ({roles}) within {days} days"),
                                roles=", ".join(rule.roles), days=rule.days)  # fmt: skip
                yield Found(step=step, expected=wanted, found=_NONE, severity=rule.severity)
                break


def back_dated(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find entries that were recorded later after they happened than a rule allows."""
    for step in chain:
        if step.at >= step.rec:
            continue
        late = _seconds(step.at, step.rec)
        for rule in ground.rules_for("back_dated", step):
            if late > rule.days * _DAY:
                yield Found(
                    step=step, days=int(late // _DAY), severity=rule.severity,
                    expected=Phrase(N_("recorded within {days} days"), days=rule.days),
                    found=Phrase(N_("happened {at}, recorded {rec}"), at=step.at, rec=step.rec),
                )  # fmt: skip
                break


def loan_overdue(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find loans that are out past their due date, with the days they are over it."""
    lent, due = None, None
    for step in chain:
        lent, due, _ = _loan(step, lent, due)
    if lent is not None and due is not None:
        yield from _late(lent, due, ground.today, ground, N_("still out on {day}"))


def loan_late(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find loans that came back after their due date."""
    lent, due = None, None
    for step in chain:
        lent, due, back = _loan(step, lent, due)
        if back:
            day = ground.day_of(step.at)
            yield from _late(step, back, day, ground, N_("came back on {day}"), severity="notice")


def copied_tag(chain: Sequence[Step], _ground: Ground) -> Iterator[Found]:
    """Find sightings that only a copied tag explains."""
    for step in chain:
        data = step.fields["data"]
        if step.kind == tag_events.TagAlerted.kind and data["alert"] != "two_tids":
            seen = N_("{code} #{issue} at {station}, against {other}")
            yield Found(
                step=step, expected=Phrase(N_("one tag, at one place, of its newest issue")),
                found=Phrase(seen, code=data["code"], issue=data["issue"],
                             station=data["station"], other=data["other"]),
            )  # fmt: skip


def two_tids(chain: Sequence[Step], _ground: Ground) -> Iterator[Found]:
    """Find radio tags whose EPC two chips answered to, seen at a desk or bound."""
    chips: dict[str, str] = {}
    for step in chain:
        data = step.fields["data"]
        epc, tid = data.get("epc"), data.get("tid")
        pair = data["other"] if data.get("alert") == "two_tids" else None
        if epc and tid and chips.setdefault(epc, tid) != tid:
            pair = f"{chips[epc]} / {tid}"
        if pair:
            two = Phrase(N_("EPC {epc} with chips {pair}"), epc=epc or data["code"], pair=pair)
            yield Found(step=step, expected=Phrase(N_("one chip for one EPC")), found=two)


def out_of_order(chain: Sequence[Step], _ground: Ground) -> Iterator[Found]:
    """Find entries said to have happened before the entry that they follow."""
    for before, step in pairwise(chain):
        if step.at < before.at:
            yield Found(
                step=step, expected=Phrase(N_("not before {time}"), time=before.at),
                found=Phrase(N_("happened {time}"), time=step.at),
            )  # fmt: skip


def clock_ahead(chain: Sequence[Step], _ground: Ground) -> Iterator[Found]:
    """Find entries recorded by a clock that ran ahead: of the entry after it, or of itself."""
    for number, step in enumerate(chain):
        ends = [(step.at, N_("recorded only {time}"), step.rec)]
        ends += [
            (step.rec, N_("the next entry was recorded {time}"), following.rec)
            for following in chain[number + 1 : number + 2]
        ]
        for claimed, template, known in ends:
            if claimed > known and _seconds(known, claimed) > WAITING_SECONDS:
                yield Found(step=step, expected=Phrase(N_("not after {time}"), time=known),
                            found=Phrase(template, time=known))  # fmt: skip


def actor_unknown(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find acts of operators that the register does not know at all."""
    wanted = Phrase(N_("a person of the register"))
    for step in chain:
        if step.actor not in ground.people:
            yield Found(step=step, expected=wanted,
                        found=Phrase(N_("{actor} is not in it"), actor=step.actor))  # fmt: skip


def actor_too_early(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find acts of operators from before they were added to the register."""
    for step in chain:
        person = ground.people.get(step.actor)
        if person is not None and step.rec < person.added:
            added = Phrase(N_("{actor} was added {time}"), actor=step.actor, time=person.added)
            yield Found(step=step, expected=Phrase(N_("a person of the register")), found=added)


def card_void(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find acts of operators whose card had been declared void and not been issued anew."""
    for step in chain:
        person = ground.people.get(step.actor)
        since = person.without_card_since(step.rec) if person and person.cards else None
        if since:
            void = Phrase(N_("the card of {actor} is void since {time}"), actor=step.actor,
                          time=since)  # fmt: skip
            yield Found(
                step=step, expected=Phrase(N_("a card that counts")), found=void,
                severity=None if step.at > since else "warning",
            )  # fmt: skip


def role_revoked(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find acts of operators all of whose roles had been revoked."""
    for step in chain:
        person = ground.people.get(step.actor)
        since = person.without_role_since(step.rec) if person else None
        if since:
            revoked = Phrase(N_("the last role of {actor} was revoked at {time}"),
                             actor=step.actor, time=since)  # fmt: skip
            yield Found(
                step=step, expected=Phrase(N_("a role that counts")), found=revoked,
                severity=None if step.at > since else "warning",
            )  # fmt: skip


def erased_file_left(chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find files that were erased under a document and whose bytes still lie at this desk."""
    for step in chain:
        if step.kind == Redacted.kind:
            for item in step.fields["data"]["erased"]:
                if item["path"] == FILE and ground.is_stored(item["digest"]):
                    left = Phrase(N_("file {digest} is still here"), digest=item["digest"][:16])
                    yield Found(step=step, expected=Phrase(N_("no file")), found=left)


def doubtful(code: str, chain: Sequence[Step], ground: Ground) -> Iterator[Found]:
    """Find entries without a signature that counts although there had to be one, or with a bad one.

    `code` is the doubt that is looked for.
    """
    for step in chain:
        doubt = ground.judge(step)
        if doubt is not None and doubt.code == code:
            wanted = Phrase(N_("a signature that counts"))
            yield Found(step=step, expected=wanted, found=doubt.found)


CHECKS: tuple[Check, ...] = (
    Check(code="no_document", severity="warning", find=no_document),
    Check(code="no_photo", severity="warning", find=no_photo),
    Check(code="back_dated", severity="warning", find=back_dated),
    Check(code="out_of_order", severity="notice", find=out_of_order),
    Check(code="clock_ahead", severity="warning", find=clock_ahead),
    Check(code="loan_overdue", severity="warning", find=loan_overdue),
    Check(code="loan_late", severity="notice", find=loan_late),
    Check(code="copied_tag", severity="serious", find=copied_tag),
    Check(code="two_tids", severity="serious", find=two_tids),
    Check(code="actor_unknown", severity="serious", find=actor_unknown),
    Check(code="actor_too_early", severity="serious", find=actor_too_early),
    Check(code="card_void", severity="serious", find=card_void),
    Check(code="role_revoked", severity="serious", find=role_revoked),
    Check(code="erased_file_left", severity="serious", find=erased_file_left),
    *(
        Check(code=code, severity="serious", find=partial(doubtful, code))
        for code in ("not_signed", "key_revoked", "bad_signature")
    ),
)
"""Every check there is. Codes never change their meaning."""

_NONE = Phrase(N_("none"))


def _seconds(first: str, second: str) -> float:
    return (parse_instant(second) - parse_instant(first)).total_seconds()


def _is_near(other: Step, step: Step, rule: Rule) -> bool:
    if other.kind != events.Attached.kind or other.fields["data"]["role"] not in rule.roles:
        return False
    return abs(_seconds(other.at, step.at)) <= rule.days * _DAY


def _loan(step: Step, lent: Step | None, due: str | None) -> tuple[Step | None, str | None, str]:
    """Return the loan that runs after an entry, when it is due, and the date if it ended here."""
    if step.kind == events.CheckedOut.kind:
        return step, step.fields["data"].get("due"), ""
    if step.kind == events.LoanExtended.kind:
        return lent, step.fields["data"]["due"], ""
    if step.kind == events.CheckedIn.kind:
        return None, None, due or ""
    return (None, None, "") if step.kind == events.ReportedMissing.kind else (lent, due, "")


def _late(
    step: Step, due: str, day: str, ground: Ground, template: str, severity: str | None = None
) -> Iterator[Found]:
    days = (date.fromisoformat(day) - date.fromisoformat(due)).days
    for rule in ground.rules:
        if rule.check == "loan_overdue" and rule.holds_on(day) and days > rule.days:
            yield Found(
                step=step, days=days, severity=severity or rule.severity,
                expected=Phrase(N_("back by {due}"), due=due), found=Phrase(template, day=day),
            )  # fmt: skip
            break
