"""What a clerk's session confirmed, carried out: a commit, its undo, and what waited offline.

A commit is one transaction for its whole basket. Its request id was fixed when the basket was
begun, so whatever is tried again after a crash or a lost answer lands once. What waited for the
register lands in order; where the register says otherwise by now, the thing becomes a conflict
that shows both sides, and so does all that was queued for it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import handovers, loans
from assetctl.acts.steps import load
from assetctl.domain.book import COUNT, UNDO, Book, Conflict, Group, Intent, plain
from assetctl.domain.lifecycle import Act
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import (
    AssetctlError,
    AssetNotFoundError,
    CannotUndoError,
    Kind,
    SomeoneFirstError,
)
from assetctl.i18n import N_
from assetctl.reads.resolve import resolve
from assetctl.reads.trace import receipts
from assetctl.store.engine import Tx
from assetctl.store.tables import asset, history

AFTER_CONFLICT = "session.after_conflict"
"""Code of a conflict that only follows from an earlier one of the same thing."""

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What became of one queued commit: its entries, and what contradicts the register."""

    intent: Intent
    receipt: Receipt
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a station reaches the register and its journal.

    `note` writes a line of the journal and applies it to the book; `stamp` gives the stamp under
    which an intent is recorded now.
    """

    reading: Callable[[], AbstractContextManager[Connection]]
    writing: Callable[[], AbstractContextManager[Tx]]
    note: Callable[[str, dict[str, Any]], None]
    stamp: Callable[[Intent], Stamp]


def commit(tx: Tx, *, intent: Intent, stamp: Stamp) -> Receipt:
    """Carry out a whole basket, or none of it; one that has landed before gives its receipt.

    Raises:
        PartyNotFoundError, PlaceNotFoundError, AssetNotFoundError: something is not there.
        ActRefusedError, SomeoneFirstError, SamePartyError: the rules do not allow it now.
    """
    if intent.act == COUNT:
        return Receipt(events=())
    if len(intent.groups) > 1:
        # Group by group the locks would be taken out of order, and two desks could wait for ever.
        load(tx, intent.assets)
    parts = [_part(tx, intent, group, stamp) for group in intent.groups]
    events = tuple(event for part in parts for event in part.events)
    return Receipt(events=events, repeated=all(part.repeated for part in parts))


def undo(tx: Tx, *, of: Intent, intent: Intent, stamp: Stamp) -> Receipt:
    """Take a commit back as an act of its own: lent things return, moved things go back.

    Raises:
        CannotUndoError: the rules know no way back, or the commit never landed.
        SomeoneFirstError: a thing has changed since.
    """
    done = _entries(tx.connection, _ids_of(of))
    again = _entries(tx.connection, [*_ids_of(intent), *_undo_ids(intent, done)])
    if again:
        return Receipt(events=tuple(again), repeated=True)
    wanted = _meant(tx.connection, intent.assets)
    done = [event for event in done if _id(event) in wanted]
    _must_have_a_way_back(of, done)
    for custody in load(tx, [_id(event) for event in done]):
        (event,) = (one for one in done if _id(one) == custody.asset_id)
        if tx.heads[event.subject][0] != event.seq:
            raise SomeoneFirstError(
                act=UNDO, asset_id=custody.asset_id, state=custody.state.value,
                holder=custody.holder, since=custody.changed_at,
            )  # fmt: skip
    if of.act == Act.CHECK_OUT:
        return loans.check_in(tx, assets=[_id(event) for event in done], stamp=stamp)
    events: list[Recorded] = []
    for place in sorted({event.data["from_place"] for event in done}):
        back = [_id(event) for event in done if event.data["from_place"] == place]
        own = replace(stamp, request_id=f"{stamp.request_id}:{place}")
        events += handovers.move(tx, assets=back, to=place, stamp=own).events
    return Receipt(events=tuple(events))


def sync(book: Book, link: Link) -> list[Landed]:
    """Land what waits, in order; return what became of each commit that waited.

    Raises:
        StoreUnavailableError: the register is away again; what did not land goes on waiting.
        JournalUnwritableError: the journal cannot take the outcome; it will be asked again.
    """
    return [_land(book, link, intent) for intent in list(book.queue.values())]


def carry_out(
    tx: Tx, *, book: Book, intent: Intent, stamp: Stamp, waited: bool = True
) -> Receipt:  # fmt: skip
    """Carry out a commit or an undo; what `waited` may have been overtaken by somebody else.

    Desks whose clocks differ may call somebody earlier who was later by less than that.

    Raises:
        SomeoneFirstError: somebody recorded something for a thing after the commit was made.
        AssetctlError: see `commit` and `undo`.
    """
    if intent.act == COUNT:
        return Receipt(events=())
    if intent.act == UNDO:
        of = book.intents[intent.of or ""]
        if waited and not _entries(tx.connection, _ids_of(of)):
            return Receipt(events=())
        return undo(tx, of=of, intent=intent, stamp=stamp)
    meant = _resolved(tx.connection, intent)
    if waited and not _entries(tx.connection, [_request(meant, one) for one in meant.groups]):
        _must_be_newest(tx, meant, book)
    return commit(tx, intent=meant, stamp=stamp)


def must_be_undoable(of: Intent) -> None:
    """Return if the rules know a way back from this sort of commit.

    Raises:
        CannotUndoError: they do not.
    """
    if of.act == COUNT:
        raise CannotUndoError(reason=N_("a count changes nothing"))
    if of.act not in (Act.CHECK_OUT, Act.MOVE):
        reason = N_("what came back is no longer on loan; lend it again instead")
        raise CannotUndoError(reason=reason)


# --- one queued commit ---------------------------------------------------------------------


def _land(book: Book, link: Link, intent: Intent) -> Landed:
    doubtful = {asset_id for _, asset_id in book.conflicts}
    receipt = None
    if intent.request_id not in book.split and not doubtful & set(intent.assets):
        receipt = _try_whole(book, link, intent)
    conflicts: list[Conflict] = []
    if receipt is None:
        receipt, conflicts = _land_one_by_one(book, link, intent)
    link.note("landed", {"request_id": intent.request_id, "next": None})
    return Landed(intent=intent, receipt=receipt, conflicts=tuple(conflicts))


def _try_whole(book: Book, link: Link, intent: Intent) -> Receipt | None:
    try:
        with link.writing() as tx:
            return carry_out(tx, book=book, intent=intent, stamp=link.stamp(intent))
    except AssetctlError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise
    # Noted, so that a second try after a crash does not find the whole allowed meanwhile.
    link.note("split", {"request_id": intent.request_id})
    return None


def _land_one_by_one(
    book: Book, link: Link, intent: Intent
) -> tuple[Receipt, list[Conflict]]:  # fmt: skip
    events: list[Recorded] = []
    conflicts: list[Conflict] = []
    repeated = True
    for group in intent.groups:
        for one in group.assets:
            if {(intent.request_id, one), (intent.of, one)} & book.conflicts.keys():
                continue  # noted before a crash, or never done and so nothing to take back
            code = AFTER_CONFLICT if any(key[1] == one for key in book.conflicts) else None
            single = replace(intent, groups=(Group(condition=group.condition, assets=(one,)),))
            try:
                if code is None:
                    receipt = _land_single(book, link, single, one)
                    events += receipt.events
                    repeated = repeated and receipt.repeated
            except AssetctlError as error:
                if error.kind is Kind.UNAVAILABLE:
                    raise
                code = error.code
            if code is not None:
                conflict = _conflict(link, single, one, code)
                link.note("conflict", plain(conflict))
                conflicts.append(conflict)
    return Receipt(events=tuple(events), repeated=repeated and bool(events)), conflicts


def _land_single(book: Book, link: Link, single: Intent, one: str) -> Receipt:
    own = replace(single, request_id=f"{single.request_id}:{one}")
    with link.writing() as tx:
        stamp = replace(link.stamp(single), request_id=own.request_id)
        return carry_out(tx, book=book, intent=own, stamp=stamp)


def _conflict(link: Link, intent: Intent, one: str, code: str) -> Conflict:
    """Return both sides: what the journal says of a thing, and what the register says."""
    columns = (asset.c.state, asset.c.holder, asset.c.place, asset.c.held_since)
    newest = (
        sa.select(history.c.kind, history.c.actor, history.c.recorded_at)
        .where(history.c.subject == f"asset:{one}")
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    with link.reading() as connection:
        row = connection.execute(sa.select(*columns).where(asset.c.asset_id == one)).first()
        entry = connection.execute(newest).first()
    return Conflict(
        request_id=intent.request_id, asset_id=one, code=code, act=intent.act, at=intent.at,
        actor=intent.actor, to=intent.to, place=intent.place,
        register_state=row.state if row else None, register_holder=row.holder if row else None,
        register_place=row.place if row else None,
        register_since=row.held_since if row else None,
        register_event=entry.kind if entry else None,
        register_actor=entry.actor if entry else None,
        register_recorded_at=entry.recorded_at if entry else None,
    )  # fmt: skip


# --- parts of a commit ---------------------------------------------------------------------


def _part(tx: Tx, intent: Intent, group: Group, stamp: Stamp) -> Receipt:
    own = replace(stamp, request_id=_request(intent, group))
    if intent.act == Act.CHECK_OUT:
        return loans.check_out(
            tx, assets=group.assets, to=intent.to or "", due=intent.due, place=intent.place,
            doc=intent.doc, stamp=own,
        )  # fmt: skip
    if intent.act == Act.CHECK_IN:
        return loans.check_in(
            tx, assets=group.assets, place=intent.place, condition=group.condition,
            doc=intent.doc, stamp=own,
        )  # fmt: skip
    return handovers.move(
        tx, assets=group.assets, to=intent.place or "", doc=intent.doc, stamp=own
    )  # fmt: skip


def _request(intent: Intent, group: Group) -> str:
    """Return the request id of the things that share a condition: each group is one act."""
    return f"{intent.request_id}:{group.condition}" if group.condition else intent.request_id


def _resolved(connection: Connection, intent: Intent) -> Intent:
    """Return the intent with the ids of assets where a tag that was bound later carried its own."""
    groups = tuple(
        replace(group, assets=tuple(resolve(connection, group.assets))) for group in intent.groups
    )
    return replace(intent, groups=groups)


def _ids_of(intent: Intent) -> list[str]:
    """Return every request id under which parts of an intent may have landed."""
    parts = [_request(intent, group) for group in intent.groups]
    singles = [f"{part}:{one}" for part in (intent.request_id,) for one in intent.assets]
    graded = [
        f"{intent.request_id}:{one}:{group.condition}"
        for group in intent.groups
        if group.condition
        for one in group.assets
    ]
    return list(dict.fromkeys([intent.request_id, *parts, *singles, *graded]))


def _undo_ids(intent: Intent, done: Sequence[Recorded]) -> list[str]:
    places = {event.data.get("from_place") for event in done}
    return [f"{intent.request_id}:{place}" for place in places if place]


def _entries(connection: Connection, request_ids: Sequence[str]) -> list[Recorded]:
    """Return the entries that any of some requests has written."""
    found: list[str] = []
    for start in range(0, len(request_ids), _CHUNK):
        chunk = request_ids[start : start + _CHUNK]
        wanted = sa.select(history.c.request_id).where(history.c.request_id.in_(chunk)).distinct()
        found += connection.execute(wanted).scalars()
    return [event for request_id in found for event in receipts(connection, request_id)]


def _must_have_a_way_back(of: Intent, done: Sequence[Recorded]) -> None:
    must_be_undoable(of)
    if not done:
        raise CannotUndoError(reason=N_("it has not landed in the register"))
    if of.act == Act.MOVE and any(event.data.get("from_place") is None for event in done):
        raise CannotUndoError(reason=N_("where the things were before is not known"))


def _must_be_newest(tx: Tx, intent: Intent, book: Book) -> None:
    """Return if nobody else has recorded anything for the things since the intent was made."""
    for custody in load(tx, intent.assets):
        if custody.changed_at < intent.made:
            continue
        subject = f"asset:{custody.asset_id}"
        newest = sa.select(history.c.request_id).where(
            history.c.subject == subject, history.c.seq == tx.heads[subject][0]
        )
        request_id = tx.connection.execute(newest).scalar_one()
        if request_id.partition(":")[0] not in book.intents:
            raise SomeoneFirstError(
                act=intent.act, asset_id=custody.asset_id, state=custody.state.value,
                holder=custody.holder, since=custody.changed_at,
            )  # fmt: skip


def _meant(connection: Connection, references: Sequence[str]) -> set[str]:
    """Return the assets meant, those left out that the register does not know."""
    try:
        return set(resolve(connection, references))
    except AssetNotFoundError:
        if len(references) == 1:
            return set()
        return {one for reference in references for one in _meant(connection, [reference])}


def _id(event: Recorded) -> str:
    return event.subject.removeprefix("asset:")
