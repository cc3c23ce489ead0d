"""What a station's journal says when it is read from its beginning: the basket and what waits.

Each line of the journal has a kind and data. `Book.apply` takes them one by one; what it has
become at the end is the state in which the station was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assetctl.domain.request import Stamp
from assetctl.domain.session import (
    ACT_OF,
    Mode,
    Seen,
    Session,
    accepted,
    awake,
    late,
    next_basket,
    step,
)

UNDO = "undo"
COUNT = "count"

_TAGGED = ("staff", "place", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things of a commit that share a condition."""

    condition: str | None
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a clerk has confirmed, with its own time and request id: it lands once, or not at all.

    `act` is an act of the lifecycle table, `count`, or `undo` of the commit `of`. `at` is when it
    happened, `made` when it was confirmed (later, if it is dated back), `began` when the first
    thing of the basket was seen.
    """

    request_id: str
    act: str
    at: str
    made: str
    began: str
    actor: str
    station: str
    on_behalf: str | None = None
    to: str | None = None
    place: str | None = None
    due: str | None = None
    doc: str | None = None
    groups: tuple[Group, ...] = ()
    of: str | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """Every asset of the commit."""
        return tuple(one for group in self.groups for one in group.assets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A thing for which the journal and the register say different things; both sides are kept.

    `code` is that of the refusal. The journal's side is the intent's act, time and actor; the
    register's the state, holder and place of the thing, since when, and its newest entry.
    """

    request_id: str
    asset_id: str
    code: str
    act: str
    at: str
    actor: str
    to: str | None = None
    place: str | None = None
    register_state: str | None = None
    register_holder: str | None = None
    register_place: str | None = None
    register_since: str | None = None
    register_event: str | None = None
    register_actor: str | None = None
    register_recorded_at: str | None = None


@dataclass(slots=True, kw_only=True)
class Book:
    """What the journal says so far.

    `pending` is a commit whose outcome was never noted; `queue` holds those that wait for the
    register, in order; `split` those of the queue that land thing by thing; `done` the commits
    of this session that may be undone; `known` what tags meant when the register was last asked.
    """

    session: Session = field(default_factory=lambda: Session(request_id=""))
    due: str | None = None
    doc: str | None = None
    pending: Intent | None = None
    queue: dict[str, Intent] = field(default_factory=dict)
    split: set[str] = field(default_factory=set)
    done: list[Intent] = field(default_factory=list)
    intents: dict[str, Intent] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], Conflict] = field(default_factory=dict)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)

    def apply(self, kind: str, data: Mapping[str, Any]) -> None:
        """Take one line of the journal.

        Raises:
            KeyError, TypeError, ValueError: it is no line that this program writes.
        """
        getattr(self, f"_{_KINDS[kind]}")(data)

    def _begin(self, data: Mapping[str, Any]) -> None:
        self.session = Session(
            request_id=data["request_id"], mode=Mode(data["mode"]), borrower=data["borrower"],
            place=data["place"],
        )  # fmt: skip
        self.due, self.doc = data["due"], data["doc"]
        self.done = []

    def _resume(self, data: Mapping[str, Any]) -> None:
        del data
        self.session = awake(self.session)

    def _see(self, data: Mapping[str, Any]) -> None:
        seen = Seen(**data)
        if seen.tag and seen.kind in _TAGGED and seen.reason is None:
            self.known[seen.tag] = (seen.kind, seen.code)
        self.session = step(self.session, seen).session

    def _commit(self, data: Mapping[str, Any]) -> None:
        self.pending = intent_of(data)
        self.intents[self.pending.request_id] = self.pending

    def _land(self, data: Mapping[str, Any]) -> None:
        if not self._close(data):
            self.queue.pop(data["request_id"], None)
            self.split.discard(data["request_id"])

    def _wait(self, data: Mapping[str, Any]) -> None:
        request_id = data["request_id"]
        self._close(data)
        self.queue[request_id] = self.intents[request_id]

    def _refuse(self, data: Mapping[str, Any]) -> None:
        self.pending = None
        if data["asset_id"]:
            self.session = late(self.session, data["asset_id"], data["code"])

    def _split(self, data: Mapping[str, Any]) -> None:
        self.split.add(data["request_id"])

    def _contradict(self, data: Mapping[str, Any]) -> None:
        conflict = Conflict(**data)
        self.conflicts[conflict.request_id, conflict.asset_id] = conflict

    def _settle(self, data: Mapping[str, Any]) -> None:
        for key in [one for one in self.conflicts if one[0] == data["request_id"]]:
            del self.conflicts[key]

    def _close(self, data: Mapping[str, Any]) -> bool:
        """End the commit that was pending, if it is this one: its basket is empty now."""
        intent = self.pending
        if intent is None or intent.request_id != data["request_id"]:
            return False
        self.pending = None
        if intent.act == UNDO:
            self.done = [one for one in self.done if one.request_id != intent.of]
        else:
            self.session = next_basket(self.session, data["next"])
            self.done.append(intent)
        return True


_KINDS = {
    "begun": "begin", "resumed": "resume", "seen": "see", "commit": "commit", "landed": "land",
    "queued": "wait", "refused": "refuse", "split": "split", "conflict": "contradict",
    "settled": "settle",
}  # fmt: skip


def intent_from(session: Session, stamp: Stamp, *, due: str | None, doc: str | None) -> Intent:
    """Return what a commit of the basket means, things grouped by their condition."""
    groups: dict[str | None, list[str]] = {}
    for item in accepted(session):
        groups.setdefault(item.condition, []).append(item.seen.code)
    act = ACT_OF.get(session.mode)
    return Intent(
        request_id=session.request_id, act=act.value if act else COUNT, at=stamp.at,
        made=stamp.rec, began=session.began or stamp.rec, actor=stamp.actor,
        station=stamp.station, on_behalf=stamp.on_behalf, to=session.borrower,
        place=session.place, due=due if session.mode is Mode.CHECKOUT else None, doc=doc,
        groups=tuple(
            Group(condition=condition, assets=tuple(assets))
            for condition, assets in groups.items()
        ),
    )  # fmt: skip


def intent_of(data: Mapping[str, Any]) -> Intent:
    """Return the intent that a line of the journal holds."""
    groups = tuple(
        Group(condition=one["condition"], assets=tuple(one["assets"])) for one in data["groups"]
    )
    return Intent(**{**data, "groups": groups})


def plain(value: Seen | Intent | Conflict) -> dict[str, Any]:
    """Return a value as a line of the journal holds it; the names of people are left out."""
    data = asdict(value)
    if isinstance(value, Seen) and value.kind == "staff":
        data["name"] = None
    if isinstance(value, Intent):
        data["groups"] = [
            {"condition": one.condition, "assets": list(one.assets)} for one in value.groups
        ]
    return data
