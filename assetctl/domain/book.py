"""What a station's journal says when it is read from its beginning: the basket and what waits.

Each line of the journal has a kind and data. `Book.apply` takes them one by one; what it has
become at the end is the state in which the station was interrupted. `Book.carried` gives the lines
from which a new file of the journal goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assetctl.domain.intent import UNDO, Conflict, Intent, intent_of, plain
from assetctl.domain.photo import Photo
from assetctl.domain.session import Item, Mode, Seen, Session, awake, late, next_basket, with_item
from assetctl.domain.session_steps import step

_TAGGED = ("staff", "place", "command")
_UNDOABLE = 20
"""How many commits a session that goes on in a new file may still take back."""
_IN_A_LINE = 16
"""How many tags or request ids a line of a new file carries: a line has its bound."""

Photos = dict[str, tuple[Photo, ...]]
"""What was photographed of things, by the id on their tag."""


@dataclass(slots=True, kw_only=True)
class Book:
    """What the journal says so far.

    `pending` is a commit whose outcome was never noted; `queue` holds those that wait for the
    register, in order; `split` those of the queue that land thing by thing; `done` the commits
    of this session that may be undone; `own` the ids of all that this station ever confirmed, as
    far as it still matters; `known` what tags meant when the register was last asked. `photos` are
    those of the open basket, `owed` those that wait with their commit.
    """

    session: Session = field(default_factory=lambda: Session(request_id=""))
    due: str | None = None
    doc: str | None = None
    pending: Intent | None = None
    queue: dict[str, Intent] = field(default_factory=dict)
    split: set[str] = field(default_factory=set)
    done: list[Intent] = field(default_factory=list)
    intents: dict[str, Intent] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    photos: Photos = field(default_factory=dict)
    owed: dict[str, Photos] = field(default_factory=dict)
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
        self.photos = {}

    def _resume(self, data: Mapping[str, Any]) -> None:
        del data
        self.session = awake(self.session)

    def _see(self, data: Mapping[str, Any]) -> None:
        seen = Seen(**data)
        if seen.tag and seen.kind in _TAGGED and seen.reason is None:
            self.known[seen.tag] = (seen.kind, seen.code)
        self.session = step(self.session, seen).session
        self.photos = {one: self.photos[one] for one in self.photos if one in self.session.items}

    def _photograph(self, data: Mapping[str, Any]) -> None:
        asset_id, photo = _photo_of(data)
        _add(self.photos, asset_id, photo)

    def _commit(self, data: Mapping[str, Any]) -> None:
        self.pending = intent_of(data)
        self.intents[self.pending.request_id] = self.pending
        self.own.add(self.pending.request_id)

    def _land(self, data: Mapping[str, Any]) -> None:
        if not self._close(data):
            self.queue.pop(data["request_id"], None)
            self.owed.pop(data["request_id"], None)
            self.split.discard(data["request_id"])

    def _wait(self, data: Mapping[str, Any]) -> None:
        request_id = data["request_id"]
        intent = self.intents[request_id]
        owed = self.photos_of(intent)
        if owed:
            self.owed[request_id] = owed
        self._close(data)
        self.queue[request_id] = intent

    def _refuse(self, data: Mapping[str, Any]) -> None:
        self.pending = None
        if data["asset_id"]:
            self.session = late(self.session, data["asset_id"], data["code"])

    def _split(self, data: Mapping[str, Any]) -> None:
        self.split.add(data["request_id"])

    def _contradict(self, data: Mapping[str, Any]) -> None:
        conflict = Conflict(**{**data, "photos": tuple(data.get("photos", ()))})
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
            self.photos = {}
        return True

    def photos_of(self, intent: Intent) -> Photos:
        """Return what was photographed of the things of a commit that has not landed yet."""
        if intent.act == UNDO:
            return {}
        there = self.owed.get(intent.request_id)
        if there is not None:
            return there
        is_open = self.pending is not None and self.pending.request_id == intent.request_id
        kept = self.photos if is_open else {}
        return {one: kept[one] for one in intent.assets if one in kept}

    # --- from one file of the journal to the next ------------------------------------------

    def carried(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give the lines from which a new file goes on: all that waits, lies open or contradicts.

        What has landed is left to the former file, and so are arrivals: another source will see.
        """
        session = self.session
        yield "carried", {
            "request_id": session.request_id, "mode": session.mode.value,
            "borrower": session.borrower, "place": session.place, "condition": session.condition,
            "quantity": session.quantity, "began": session.began, "due": self.due, "doc": self.doc,
        }  # fmt: skip
        for item in session.items.values():
            yield "carried_item", {
                "seen": plain(item.seen), "condition": item.condition, "quantity": item.quantity,
                "late": item.late,
            }  # fmt: skip
        for asset_id, photos in self.photos.items():
            yield from (("photo", photo_line(asset_id, photo)) for photo in photos)
        tags = [[tag, kind, code] for tag, (kind, code) in self.known.items()]
        for start in range(0, len(tags), _IN_A_LINE):
            yield "carried_tags", {"tags": tags[start : start + _IN_A_LINE]}
        yield from self._carried_intents()
        for conflict in self.conflicts.values():
            yield "conflict", plain(conflict)

    def _carried_intents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        done = {intent.request_id for intent in self.done[-_UNDOABLE:]}
        pending = self.pending.request_id if self.pending else None
        wanted = done | self.queue.keys() | {pending}
        wanted |= {self.intents[one].of for one in wanted if one}
        if self.queue or pending:
            # What landed late is known as our own as long as something older still waits.
            own = sorted(self.own)
            for start in range(0, len(own), _IN_A_LINE):
                yield "carried_own", {"request_ids": own[start : start + _IN_A_LINE]}
        for request_id, intent in self.intents.items():
            if request_id not in wanted:
                continue
            states = {
                "pending": request_id == pending, "queued": request_id in self.queue,
                "split": request_id in self.split, "done": request_id in done,
            }  # fmt: skip
            yield "carried_intent", {
                "intent": plain(intent), "is": [name for name, holds in states.items() if holds],
            }  # fmt: skip
            for asset_id, photos in self.owed.get(request_id, {}).items():
                for photo in photos:
                    yield (
                        "carried_owed",
                        {"request_id": request_id, **photo_line(asset_id, photo)},
                    )

    def _roll(self, data: Mapping[str, Any]) -> None:
        """The first line of a file names the former one; the journal itself has checked it."""

    def _carry(self, data: Mapping[str, Any]) -> None:
        facts = {**data, "mode": Mode(data["mode"])}
        self.due, self.doc = facts.pop("due"), facts.pop("doc")
        self.session = Session(**facts)

    def _carry_item(self, data: Mapping[str, Any]) -> None:
        item = Item(**{**data, "seen": Seen(**data["seen"])})
        items = with_item(self.session.items, item.seen.code, item)
        self.session = replace(self.session, items=items)

    def _carry_tags(self, data: Mapping[str, Any]) -> None:
        self.known |= {tag: (kind, code) for tag, kind, code in data["tags"]}

    def _carry_own(self, data: Mapping[str, Any]) -> None:
        self.own |= set(data["request_ids"])

    def _carry_intent(self, data: Mapping[str, Any]) -> None:
        intent = intent_of(data["intent"])
        self.intents[intent.request_id] = intent
        self.own.add(intent.request_id)
        if "pending" in data["is"]:
            self.pending = intent
        if "queued" in data["is"]:
            self.queue[intent.request_id] = intent
        if "split" in data["is"]:
            self.split.add(intent.request_id)
        if "done" in data["is"]:
            self.done.append(intent)

    def _carry_owed(self, data: Mapping[str, Any]) -> None:
        request_id, rest = data["request_id"], {**data}
        del rest["request_id"]
        asset_id, photo = _photo_of(rest)
        _add(self.owed.setdefault(request_id, {}), asset_id, photo)


_KINDS = {
    "begun": "begin", "resumed": "resume", "seen": "see", "commit": "commit", "landed": "land",
    "queued": "wait", "refused": "refuse", "split": "split", "conflict": "contradict",
    "settled": "settle", "photo": "photograph", "rolled": "roll", "carried": "carry",
    "carried_item": "carry_item", "carried_tags": "carry_tags", "carried_own": "carry_own",
    "carried_intent": "carry_intent", "carried_owed": "carry_owed",
}  # fmt: skip


def photo_line(asset_id: str, photo: Photo) -> dict[str, Any]:
    """Return a photo of a thing as a line of the journal holds it."""
    return {"asset_id": asset_id, **asdict(photo)}


def _photo_of(data: Mapping[str, Any]) -> tuple[str, Photo]:
    facts = {**data}
    return facts.pop("asset_id"), Photo(**facts)


def _add(photos: Photos, asset_id: str, photo: Photo) -> None:
    there = photos.get(asset_id, ())
    if photo not in there:
        photos[asset_id] = (*there, photo)
