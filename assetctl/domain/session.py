"""A clerk's session as a pure state machine: what was seen goes in, the next state comes out.

A staff card names who borrows, a place tag where things go, a command tag what is done with them;
tags of assets fill the basket. Seeing a thing of the basket again takes it out. Nothing here
reads a clock, a file or the register: what the register says of a thing is told with it (`Seen`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from assetctl.domain.card import CONDITIONS
from assetctl.domain.lifecycle import Act, State, allowed_acts, transition

FULL = 2000
"""Most things in one basket: its commit must fit into one line of the journal."""

_REMEMBERED = 64
"""How many arrivals beside those of the basket are kept apart from repeats."""


class Mode(StrEnum):
    """What is done with the things of the basket."""

    SHOW = "show"
    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    MOVE = "move"
    COUNT = "count"


ACT_OF: Mapping[Mode, Act] = MappingProxyType(
    {Mode.CHECKOUT: Act.CHECK_OUT, Mode.CHECKIN: Act.CHECK_IN, Mode.MOVE: Act.MOVE}
)
"""The act of the lifecycle table that a mode carries out; a count changes nothing."""

ASKING = ("commit", "undo")
"""What a told code may ask the runner to do; all other codes only say what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One text that arrived, and what is known of it.

    `kind` is asset, place, staff, command, or other; `code` the asset id, the code of the place
    or party, the name of the command, or the text itself. `reason` is the code of why the tag
    does not count, None if it does. `tag` is what was read where it stands for a place, a person
    or a command, by which it is known again without the register. `arrival` is the same number as
    long as the source still sees the same appearance of a tag, and -1 where every text is an
    arrival of its own. State, holder and place are those of the register, None where it could not
    be asked.
    """

    kind: str
    code: str
    at: str
    reason: str | None = None
    arrival: int = -1
    tag: str | None = None
    name: str | None = None
    state: str | None = None
    holder: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing in the basket. `late` is the code of why the register refused its last commit."""

    seen: Seen
    condition: str | None = None
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a thing cannot be part of the commit, and which acts the lifecycle table allows."""

    code: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where a session stands. `request_id` is that of the commit this basket will become."""

    request_id: str
    mode: Mode = Mode.SHOW
    borrower: str | None = None
    place: str | None = None
    condition: str | None = None
    began: str = ""
    items: Mapping[str, Item] = field(default_factory=lambda: MappingProxyType({}))
    arrivals: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a session answers to what it saw.

    `code` is stable: added, removed, graded, shown, refused, repeat, mode, borrower, place,
    condition, cancelled, commit, undo. `reason` and `allowed` belong to refused ones.
    """

    code: str
    subject: str = ""
    name: str | None = None
    reason: str | None = None
    allowed: tuple[str, ...] = ()

    error: Exception | None = None
    seen: Seen | None = None
    kept: bool = False
    """Whether what was refused stays visible in the basket."""

    @property
    def changes(self) -> bool:
        """Whether the basket or what is done with it has changed, which belongs in the journal."""
        if self.code == "refused":
            return self.kept
        return self.code not in ("repeat", "shown", *ASKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next state, and what to tell."""

    session: Session
    told: Told


def step(session: Session, seen: Seen) -> Step:
    """Return the next state of a session that sees `seen`, and what to tell."""
    key = f"{seen.kind}:{seen.code}"
    if seen.arrival >= 0 and session.arrivals.get(key) == seen.arrival:
        return Step(session=session, told=Told(code="repeat", subject=seen.code, name=seen.name))
    if seen.arrival >= 0:
        session = replace(session, arrivals=_arrived(session, key, seen.arrival))
    return _STEPS.get(seen.kind, _other)(session, seen)


def why(session: Session, item: Item) -> Refusal | None:
    """Return why a thing of the basket cannot be part of the commit; None if it can."""
    seen = item.seen
    if seen.reason or item.late:
        return Refusal(code=str(seen.reason or item.late), allowed=_allowed(seen))
    act = ACT_OF.get(session.mode)
    if act is None or seen.state is None:
        return None
    if transition(act, State(seen.state)) is None:
        return Refusal(code="lifecycle.refused", allowed=_allowed(seen))
    same_holder = session.mode is Mode.CHECKOUT and session.borrower == seen.holder
    same_place = session.mode is Mode.MOVE and session.place == seen.place
    if same_holder or same_place:
        return Refusal(code="custody.no_change", allowed=_allowed(seen))
    return None


def accepted(session: Session) -> tuple[Item, ...]:
    """Return the things of the basket that a commit would carry, in the order they were seen."""
    return tuple(item for item in session.items.values() if why(session, item) is None)


def refused(session: Session) -> tuple[tuple[Item, Refusal], ...]:
    """Return the things of the basket that a commit would leave out, each with the reason."""
    judged = ((item, why(session, item)) for item in session.items.values())
    return tuple((item, reason) for item, reason in judged if reason is not None)


def lacking(session: Session) -> str | None:
    """Return the code of what a commit still needs; None if it may be carried out."""
    if session.mode is Mode.SHOW:
        return "session.needs_mode"
    if session.mode is Mode.CHECKOUT and not session.borrower:
        return "session.needs_borrower"
    if session.mode in (Mode.MOVE, Mode.COUNT) and not session.place:
        return "session.needs_place"
    return None if accepted(session) else "session.empty"


def next_basket(session: Session, request_id: str) -> Session:
    """Return the session after a commit: an empty basket of the same mode, nobody as borrower.

    Arrivals are kept, so that a command tag still in sight does not command twice; the place is
    kept where things are moved to or counted at, since shelves are filled by several baskets.
    """
    keeps_place = session.mode in (Mode.MOVE, Mode.COUNT)
    return Session(
        request_id=request_id, mode=session.mode, arrivals=session.arrivals,
        place=session.place if keeps_place else None,
    )  # fmt: skip


def late(session: Session, asset_id: str, code: str) -> Session:
    """Return the session with one thing marked as refused by the register at the commit."""
    item = session.items.get(asset_id)
    if item is None:
        return session
    return replace(session, items=_with(session.items, asset_id, replace(item, late=code)))


def awake(session: Session) -> Session:
    """Return an interrupted session as a new source finds it: no arrival is known to it."""
    return replace(session, arrivals=MappingProxyType({}))


# --- what is done with each kind of tag ----------------------------------------------------


def _asset(session: Session, seen: Seen) -> Step:
    there = session.items.get(seen.code)
    if there is not None and (seen.reason is None or there.seen.reason is not None):
        if (seen.reason is None) == (there.seen.reason is None):
            return _again(session, seen, there)
        session = replace(session, items=_without(session.items, seen.code))
    elif there is not None:
        # A forged or old label of a thing that lies in the basket says nothing about the thing.
        return _refuse(session, seen, str(seen.reason))
    item = Item(seen=seen, condition=session.condition)
    refusal = why(session, item)
    if session.mode is Mode.SHOW:
        if refusal:
            return _refuse(session, seen, refusal.code, refusal.allowed)
        return Step(session=session, told=_told("shown", seen))
    if len(session.items) >= FULL:
        return _refuse(session, seen, "session.full")
    session = replace(
        session, items=_with(session.items, seen.code, item), condition=None,
        began=session.began or seen.at,
    )  # fmt: skip
    if refusal:
        told = Told(
            code="refused", subject=seen.code, name=seen.name, reason=refusal.code,
            allowed=refusal.allowed, seen=seen, kept=True,
        )  # fmt: skip
        return Step(session=session, told=told)
    return Step(session=session, told=_told("added", seen))


def _again(session: Session, seen: Seen, there: Item) -> Step:
    """A thing of the basket was seen again: a waiting condition is for it, else it goes out."""
    if session.condition:
        graded = replace(there, condition=session.condition)
        items = _with(session.items, seen.code, graded)
        return Step(
            session=replace(session, items=items, condition=None), told=_told("graded", seen)
        )
    if seen.arrival >= 0 and why(session, there) is None:
        # A camera that passes over a shelf twice must not take out again what it put in.
        return Step(session=session, told=_told("repeat", seen))
    session = replace(session, items=_without(session.items, seen.code))
    return Step(session=session, told=_told("removed", seen))


def _staff(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    if session.mode is not Mode.CHECKOUT:
        return _refuse(session, seen, "session.no_borrower_here")
    return Step(session=replace(session, borrower=seen.code), told=_told("borrower", seen))


def _place(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    if session.mode is Mode.SHOW:
        return Step(session=session, told=_told("shown", seen))
    return Step(session=replace(session, place=seen.code), told=_told("place", seen))


def _command(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    name, _, detail = seen.code.partition(".")
    if name == "condition":
        return _condition(session, seen, detail)
    if name in set(Mode):
        return _mode(session, seen, Mode(name))
    if name == "cancel":
        empty = Session(request_id=session.request_id, mode=session.mode, arrivals=session.arrivals)
        return Step(session=empty, told=_told("cancelled", seen))
    if name == "commit":
        need = lacking(session)
        if need:
            return _refuse(session, seen, need)
        return Step(session=session, told=_told("commit", seen))
    if name == "undo":
        if session.items:
            return _refuse(session, seen, "session.basket_open")
        return Step(session=session, told=_told("undo", seen))
    return _refuse(session, seen, "session.unknown_command")


def _mode(session: Session, seen: Seen, mode: Mode) -> Step:
    if session.items and mode is not session.mode:
        # A basket meant for a loan must not become a return because a tag came into sight.
        return _refuse(session, seen, "session.basket_open")
    if mode is not session.mode:
        session = Session(request_id=session.request_id, mode=mode, arrivals=session.arrivals)
    return Step(session=session, told=_told("mode", seen))


def _condition(session: Session, seen: Seen, grade: str) -> Step:
    if grade not in CONDITIONS:
        return _refuse(session, seen, "session.unknown_command")
    if session.mode is not Mode.CHECKIN:
        return _refuse(session, seen, "session.no_condition_here")
    return Step(session=replace(session, condition=grade), told=_told("condition", seen))


def _other(session: Session, seen: Seen) -> Step:
    return _refuse(session, seen, seen.reason or "payload.foreign")


_STEPS: Mapping[str, Callable[[Session, Seen], Step]] = MappingProxyType(
    {"asset": _asset, "staff": _staff, "place": _place, "command": _command}
)


def _told(code: str, seen: Seen) -> Told:
    return Told(code=code, subject=seen.code, name=seen.name, seen=seen)


def _refuse(
    session: Session, seen: Seen, reason: str, allowed: tuple[str, ...] = ()
) -> Step:  # fmt: skip
    told = Told(
        code="refused", subject=seen.code, name=seen.name, reason=reason, allowed=allowed, seen=seen
    )  # fmt: skip
    return Step(session=session, told=told)


def _allowed(seen: Seen) -> tuple[str, ...]:
    """Return what a clerk's session could do with a thing: acts of the table, as codes."""
    if seen.state is None or seen.reason:
        return ()
    return tuple(act.value for act in allowed_acts(State(seen.state)) if act in _CLERKS)


_CLERKS = frozenset(
    {Act.CHECK_OUT, Act.CHECK_IN, Act.MOVE, Act.EXTEND, Act.RECEIVE, Act.REFUSE, Act.REPORT_FOUND,
     Act.WITHDRAW_DISPOSAL}
)  # fmt: skip
"""The acts worth naming to a clerk: what changes who has a thing or where it is."""


def _arrived(session: Session, key: str, arrival: int) -> Mapping[str, int]:
    """Return the arrivals with a new one; only those of the basket are kept without end."""
    kept = {name: number for name, number in session.arrivals.items() if name != key}
    kept[key] = arrival
    spare = [name for name in kept if name.partition(":")[2] not in session.items]
    for name in spare[: max(0, len(spare) - _REMEMBERED)]:
        del kept[name]
    return MappingProxyType(kept)


def _with(items: Mapping[str, Item], code: str, item: Item) -> Mapping[str, Item]:
    return MappingProxyType({**items, code: item})


def _without(items: Mapping[str, Item], code: str) -> Mapping[str, Item]:
    return MappingProxyType({name: item for name, item in items.items() if name != code})
