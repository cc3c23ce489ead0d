"""What a clerk's session confirmed, carried out: a commit with its photos, and its undo.

A commit is one transaction for its whole basket. Its request id was fixed when the basket was
begun, so whatever is tried again after a crash or a lost answer lands once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import counts, handovers, loans
from assetctl.acts.photos import attach_kept
from assetctl.acts.steps import load
from assetctl.domain.book import Book
from assetctl.domain.events import BESIDE
from assetctl.domain.intent import COUNT, UNDO, Group, Intent
from assetctl.domain.lifecycle import Act
from assetctl.domain.photo import Photo
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import AssetNotFoundError, CannotUndoError, SomeoneFirstError
from assetctl.i18n import N_
from assetctl.reads.counts import Astray, astray
from assetctl.reads.resolve import resolve
from assetctl.reads.trace import receipts
from assetctl.store.engine import Tx
from assetctl.store.tables import history

_CHUNK = 500
_NO_PHOTOS: Mapping[str, Sequence[Photo | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a commit did: its entries, those of its photos, and what a count found astray."""

    receipt: Receipt
    photos: tuple[Recorded, ...] = ()
    astray: tuple[Astray, ...] = ()


def commit(tx: Tx, *, intent: Intent, stamp: Stamp) -> Receipt:
    """Carry out a whole basket, or none of it; one that has landed before gives its receipt.

    Raises:
        PartyNotFoundError, PlaceNotFoundError, AssetNotFoundError: something is not there.
        ActRefusedError, SomeoneFirstError, SamePartyError: the rules do not allow it now.
    """
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
        if _last_word(tx.connection, event.subject).seq != event.seq:
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


def carry_out(
    tx: Tx, *, book: Book, intent: Intent, stamp: Stamp, waited: bool = True,
    photos: Mapping[str, Sequence[Photo | None]] = _NO_PHOTOS,
) -> Carried:  # fmt: skip
    """Carry out a commit or an undo; what `waited` may have been overtaken by somebody else.

    Desks whose clocks differ may call somebody earlier who was later by less than that. Nobody can
    overtake a count: it says what was seen. `photos` are attached to the things of the commit.

    Raises:
        SomeoneFirstError: somebody recorded something for a thing after the commit was made.
        AssetctlError: see `commit` and `undo`.
    """
    if intent.act == UNDO:
        of = book.intents[intent.of or ""]
        if waited and not _entries(tx.connection, _ids_of(of)):
            return Carried(receipt=Receipt(events=()))
        return Carried(receipt=undo(tx, of=of, intent=intent, stamp=stamp))
    meant = _resolved(tx.connection, intent)
    if waited and intent.act != COUNT and not _has_landed(tx.connection, meant):
        _must_be_newest(tx, meant, book)
    receipt = commit(tx, intent=meant, stamp=stamp)
    found = astray(tx.connection, receipt.events) if intent.act == COUNT else ()
    attached = attach_kept(tx, photos=_shown(tx.connection, photos), stamp=stamp)
    return Carried(receipt=receipt, photos=attached, astray=tuple(found))


def must_be_undoable(of: Intent) -> None:
    """Return if the rules know a way back from this sort of commit.

    Raises:
        CannotUndoError: they do not.
    """
    if of.act == COUNT:
        raise CannotUndoError(reason=N_("a count moves nothing; count again instead"))
    if of.act not in (Act.CHECK_OUT, Act.MOVE):
        reason = N_("what came back is no longer on loan; lend it again instead")
        raise CannotUndoError(reason=reason)


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
    if intent.act == COUNT:
        return counts.count(
            tx, assets=group.assets, place=intent.place or "", quantities=group.said(),
            condition=group.condition, doc=intent.doc, stamp=own,
        )  # fmt: skip
    return handovers.move(
        tx, assets=group.assets, to=intent.place or "", doc=intent.doc, stamp=own
    )  # fmt: skip


def _request(intent: Intent, group: Group) -> str:
    """Return the request id of the things that share a condition: each group is one act."""
    return f"{intent.request_id}:{group.condition}" if group.condition else intent.request_id


def _resolved(connection: Connection, intent: Intent) -> Intent:
    """Return the intent with the ids of assets where a tag that was bound later carried its own."""
    groups = []
    for group in intent.groups:
        meant = _assets_of(connection, group.assets)
        said = {meant[one]: quantity for one, quantity in group.said().items()}
        assets = tuple(dict.fromkeys(meant.values()))
        quantities = tuple(map(said.get, assets)) if said else ()
        groups.append(replace(group, assets=assets, quantities=quantities))
    return replace(intent, groups=tuple(groups))


def _shown(
    connection: Connection, photos: Mapping[str, Sequence[Photo | None]]
) -> dict[str, tuple[Photo | None, ...]]:  # fmt: skip
    """Return photos by asset, where a thing may have been shown by two of its tags."""
    meant = _assets_of(connection, list(photos))
    shown: dict[str, tuple[Photo | None, ...]] = {}
    for code, several in photos.items():
        there = shown.get(meant[code], ())
        # One picture may show both tags; it is attached once, and the others keep their numbers.
        shown[meant[code]] = there + tuple(None if one in there else one for one in several)
    return shown


def _assets_of(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Return the asset that each code on a tag stands for."""
    together = resolve(connection, codes)
    if len(together) == len(codes):
        return dict(zip(codes, together, strict=True))
    # Two of them stand for one thing, so they are told apart one by one.
    return {one: resolve(connection, [one])[0] for one in codes}


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
    """Return if nobody else has done anything with the things since the intent was made."""
    for custody in load(tx, intent.assets):
        if custody.changed_at < intent.made:
            continue
        last = _last_word(tx.connection, f"asset:{custody.asset_id}")
        is_own = last.request_id.partition(":")[0] in book.own
        if last.recorded_at >= intent.made and not is_own:
            raise SomeoneFirstError(
                act=intent.act, asset_id=custody.asset_id, state=custody.state.value,
                holder=custody.holder, since=custody.changed_at,
            )  # fmt: skip


def _last_word(connection: Connection, subject: str) -> Any:
    """Return number, request and time of the newest entry that an act could be overtaken by."""
    wanted = (
        sa.select(history.c.seq, history.c.request_id, history.c.recorded_at)
        .where(history.c.subject == subject, history.c.kind.not_in(BESIDE))
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    return connection.execute(wanted).one()


def _has_landed(connection: Connection, intent: Intent) -> bool:
    return bool(_entries(connection, [_request(intent, group) for group in intent.groups]))


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
