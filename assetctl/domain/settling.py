"""What becomes of each thing in a stocktake: evidence weighed, and compared with the register.

A person who scanned a thing or had it in hand outranks a radio read, a later round an earlier one.
The account is that of the moment at which the thing was counted: what was moved while the count
went on is no difference. Nothing here asks a database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from assetctl.domain.lifecycle import State
from assetctl.domain.stocktake import AWAY, Line

MATCHED = "matched"
MISSING = "missing"
SURPLUS = "surplus"
WRONG_PLACE = "wrong_place"
WRONG_HOLDER = "wrong_holder"
WRONG_STATE = "wrong_state"
TAG_DAMAGED = "tag_damaged"
OFF_BOOK = "off_book"
RESULTS = (
    MATCHED, MISSING, SURPLUS, WRONG_PLACE, WRONG_HOLDER, WRONG_STATE, TAG_DAMAGED, OFF_BOOK,
)  # fmt: skip
"""相符, 盘亏, 盘盈, 位置不符, 使用人不符, 状态不符, 标签损坏, 账外."""

SCAN, HAND, RADIO, RECORD = "scan", "hand", "radio", "record"
HOWS = (SCAN, HAND, RADIO)
"""How a thing was counted: its tag was scanned, it was in hand, a radio reader heard it."""

PRESENT, WEAK = "present", "weak"
TAGS = ("damaged", "missing")
"""What may be wrong with a tag."""

REASONS = (
    "lost", "stolen", "scrapped_unbooked", "lent_unbooked", "moved_unbooked",
    "handed_over_unbooked", "booked_twice", "never_booked", "label_lost", "worn", "other",
)  # fmt: skip
"""Why the books and the things differ."""

ADJUST, LEAVE = "adjust", "leave"
TREATMENTS = (ADJUST, LEAVE)
"""Whether closing the stocktake books a difference, or leaves the register as it is."""

_STRANGE = (*AWAY, State.MISSING.value, State.DISPOSED.value)
"""States in which a thing should not be where it was found."""

Agree = Callable[[str, str], bool]
"""Whether two places agree: they are the same, or one lies in the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One thing as somebody counted it at a place; `quantity` 0 says: looked for, and not there.

    `item` is the asset id, or `+BATCH.LINE` for a thing that has none; `verdict` that of a radio
    sweep.
    """

    item: str
    batch: int
    line: int
    round: int
    how: str
    person: str
    place: str
    at: str
    quantity: int | None = None
    condition: str | None = None
    holder: str | None = None
    tag: str | None = None
    verdict: str | None = None
    name: str | None = None
    class_code: str | None = None
    photo: str | None = None
    team: str | None = None

    @property
    def is_absence(self) -> bool:
        """Whether it says that the thing is not there."""
        return self.quantity == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the register says of a thing at a moment."""

    owner: str
    holder: str
    place: str
    state: str
    condition: str = ""
    quantity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the finds of one thing amount to.

    `how` is empty where nobody found it; `absent` says that somebody looked for it and it was not
    there. `hint` names what radio heard without proving it: `weak`, or the place of a strong read
    elsewhere.
    """

    how: str = ""
    at: str = ""
    place: str = ""
    quantity: int | None = None
    condition: str | None = None
    holder: str | None = None
    tag: str | None = None
    absent: bool = False
    hint: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A thing of a stocktake: what was expected, what was found, and in what they differ.

    `first` are those who counted it, or its place, in the first round; `confirmed` is whoever else
    confirmed the outcome in a later one. `own_count` says that nobody but its holder counted it.
    """

    item: str
    line: Line | None
    evidence: Evidence
    results: tuple[str, ...]
    account: Account | None = None
    name: str = ""
    class_code: str = ""
    photo: str | None = None
    first: frozenset[str] = frozenset()
    confirmed: str | None = None
    own_count: bool = False

    @property
    def is_difference(self) -> bool:
        """Whether it must be explained."""
        return bool(self.results)

    @property
    def needs_recount(self) -> bool:
        """Whether somebody else must still confirm it."""
        return (self.is_difference or self.own_count) and self.confirmed is None


def weigh(finds: Sequence[Find], expected: str, agree: Agree) -> Evidence:
    """Return what the finds of one thing amount to; `expected` is its place on the list, if any."""
    # A station that was away may bring late what was seen early.
    finds = sorted(finds, key=_age)
    tag = next((one.tag for one in reversed(finds) if one.tag), None)
    by_hand = [one for one in finds if one.how != RADIO]
    seen = [one for one in by_hand if not one.is_absence]
    absent = [one for one in by_hand if one.is_absence]
    if seen and not (absent and _newest(absent).round > _newest(seen).round):
        return _seen(seen, tag)
    heard = [one for one in finds if one.how == RADIO]
    strong = [one for one in heard if one.verdict == PRESENT]
    there = [one for one in strong if expected and agree(expected, one.place)]
    if absent:
        newest = _newest(absent)
        return Evidence(absent=True, at=newest.at, tag=tag, hint=_hint(heard), round=newest.round)
    if there:
        newest = _newest(there)
        return Evidence(how=RADIO, at=newest.at, place=expected, tag=tag, round=newest.round)
    return Evidence(tag=tag, hint=_hint(heard))


def _seen(seen: Sequence[Find], tag: str | None) -> Evidence:
    newest = _newest(seen)
    latest: dict[str, Find] = {}
    for one in seen:
        if one.round == newest.round:
            latest[one.place] = one  # counted twice at one place, it counts once
    said = [one.quantity for one in latest.values() if one.quantity is not None]
    return Evidence(
        how=newest.how, at=newest.at, place=newest.place, quantity=sum(said) if said else None,
        condition=_last(seen, "condition"), holder=_last(seen, "holder"), tag=tag,
        round=newest.round,
    )  # fmt: skip


def _last(seen: Sequence[Find], name: str) -> str | None:
    return next((getattr(one, name) for one in reversed(seen) if getattr(one, name)), None)


def _newest(finds: Sequence[Find]) -> Find:
    return max(finds, key=_age)


def _age(one: Find) -> tuple[int, str, int, int]:
    return one.round, one.at, one.batch, one.line


def _hint(heard: Sequence[Find]) -> str:
    strong = [one for one in heard if one.verdict not in (WEAK, "nearby")]
    if strong:
        return _newest(strong).place
    return WEAK if heard else ""


def settle_listed(
    line: Line, evidence: Evidence, account: Account, agree: Agree, *, in_scope: bool
) -> tuple[Evidence, tuple[str, ...]]:
    """Return the evidence for a thing of the list, and in what it differs from the register.

    `account` is that of the moment of the evidence, or today's where there is none; `in_scope` says
    whether it would be on the list by it.
    """
    if not evidence.how:
        has_moved = (account.state, account.place, account.holder, account.owner) != (
            line.state, line.place, line.holder, line.owner,
        )  # fmt: skip
        if has_moved and not in_scope and account.state != State.MISSING.value:
            # It left while the count went on, and the register says how.
            return replace(evidence, how=RECORD), ()
        if account.state == State.MISSING.value and line.state == State.MISSING.value:
            return evidence, (MISSING,)
        return evidence, (MISSING, *_tag(evidence))
    return evidence, _differs(evidence, account, agree)


def settle_unlisted(
    evidence: Evidence, account: Account | None, agree: Agree, *, owned: bool
) -> tuple[str, ...]:
    """Return in what a thing differs that is not on the list; `owned` by a unit that is counted."""
    if not evidence.how:
        return ()  # heard through a wall, or looked for in vain: nobody expected it
    if account is None:
        return (OFF_BOOK,)
    results = _differs(evidence, account, agree)
    if not owned and account.state not in AWAY and WRONG_PLACE in results:
        return (SURPLUS, *(one for one in results if one != WRONG_PLACE))
    return results


def _differs(evidence: Evidence, account: Account, agree: Agree) -> tuple[str, ...]:
    results = []
    expected = int(account.quantity) if account.quantity else None
    if expected is not None and evidence.quantity is not None and evidence.quantity != expected:
        results.append(MISSING if evidence.quantity < expected else SURPLUS)
    if not (account.place and agree(account.place, evidence.place)):
        results.append(WRONG_PLACE)
    if evidence.holder and evidence.holder != account.holder:
        results.append(WRONG_HOLDER)
    graded = evidence.condition and account.condition and evidence.condition != account.condition
    if account.state in _STRANGE or graded:
        results.append(WRONG_STATE)
    return (*results, *_tag(evidence))


def _tag(evidence: Evidence) -> tuple[str, ...]:
    return (TAG_DAMAGED,) if evidence.tag else ()


def confirmed_by(
    finds: Sequence[Find], evidence: Evidence, first: Collection[str], holder: str
) -> str | None:
    """Return who else confirmed an outcome in a later round: whoever found it so, or not at all."""
    wanted = [
        one for one in finds
        if one.round > 1 and one.how != RADIO and one.person != holder
        and one.person not in first and one.is_absence == (not evidence.how)
    ]  # fmt: skip
    return _newest(wanted).person if wanted else None


def only_by_holder(finds: Sequence[Find], holder: str) -> bool:
    """Return whether nobody but its holder counted a thing."""
    seen = {one.person for one in finds if not one.is_absence}
    return bool(seen) and seen == {holder}
