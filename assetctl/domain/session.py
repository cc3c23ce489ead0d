"""A clerk's session: what lies in the basket, what is done with it, and what a commit would carry.

`session_steps.step` turns one state into the next. Nothing here reads a clock, a file or the
register: what the register says of a thing is told with it (`Seen`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from assetctl.domain.lifecycle import Act, State, allowed_acts, transition

FULL = 2000
"""Most things in one basket: its commit must fit into one line of the journal."""

MOST = 999_999
"""The largest quantity of one thing that can be counted."""


class Mode(StrEnum):
    """What is done with the things of the basket."""

    SHOW = "show"
    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    MOVE = "move"
    COUNT = "count"


ACT_OF: Mapping[Mode, Act] = MappingProxyType(
    {Mode.CHECKOUT: Act.CHECK_OUT, Mode.CHECKIN: Act.CHECK_IN, Mode.MOVE: Act.MOVE,
     Mode.COUNT: Act.COUNT}
)  # fmt: skip
"""The act of the lifecycle table that a mode carries out."""

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
    """A thing in the basket. `late` is the code of why the register refused its last commit.

    `quantity` is how many of it were counted, None where nobody said.
    """

    seen: Seen
    condition: str | None = None
    quantity: int | None = None
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a thing cannot be part of the commit, and which acts the lifecycle table allows."""

    code: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where a session stands. `request_id` is that of the commit this basket will become.

    `condition` and `quantity` wait for the next thing.
    """

    request_id: str
    mode: Mode = Mode.SHOW
    borrower: str | None = None
    place: str | None = None
    condition: str | None = None
    quantity: int | None = None
    began: str = ""
    items: Mapping[str, Item] = field(default_factory=lambda: MappingProxyType({}))
    arrivals: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a session answers to what it saw.

    `code` is stable: added, removed, graded, counted, shown, refused, repeat, mode, borrower,
    place, condition, quantity, dropped, cancelled, commit, undo. `reason` and `allowed` belong to
    refused ones, `quantity` is how many of the thing were counted or wait for it.
    """

    code: str
    subject: str = ""
    name: str | None = None
    reason: str | None = None
    allowed: tuple[str, ...] = ()
    quantity: int | None = None

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
    if session.quantity is not None:
        # Scanned behind its thing instead of before it: it must not be lost without a word.
        return "session.quantity_waits"
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
    return replace(session, items=with_item(session.items, asset_id, replace(item, late=code)))


def awake(session: Session) -> Session:
    """Return an interrupted session as a new source finds it: no arrival is known to it."""
    return replace(session, arrivals=MappingProxyType({}))


def with_item(items: Mapping[str, Item], code: str, item: Item) -> Mapping[str, Item]:
    """Return a basket with a thing put in, or put in anew at its old place."""
    return MappingProxyType({**items, code: item})


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
