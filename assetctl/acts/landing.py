"""What waited at a station while the register was away, landed in order.

Where the register says otherwise by now, the thing becomes a conflict that shows both sides, and so
does all that was queued for it afterwards. A count contradicts nobody: it lands as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts.photos import sound
from assetctl.acts.station import Carried, carry_out
from assetctl.domain.book import Book
from assetctl.domain.intent import COUNT, Conflict, Group, Intent, plain
from assetctl.domain.photo import LostPhoto, Photo
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import AssetctlError, Kind
from assetctl.reads.counts import Astray
from assetctl.store.engine import Tx
from assetctl.store.tables import asset, history

AFTER_CONFLICT = "session.after_conflict"
"""Code of a conflict that only follows from an earlier one of the same thing."""

_Kept = Mapping[str, Sequence[Photo | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What became of one queued commit: its entries, and what contradicts the register.

    `photos` are the entries of what was photographed, `lost` the photos that could not be attached.
    """

    intent: Intent
    receipt: Receipt
    conflicts: tuple[Conflict, ...] = ()
    photos: tuple[Recorded, ...] = ()
    lost: tuple[LostPhoto, ...] = ()
    astray: tuple[Astray, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a station reaches the register, its journal and its files.

    `note` writes a line of the journal and applies it to the book; `stamp` gives the stamp under
    which an intent is recorded now; `problem` says what is wrong with the file of a hash.
    """

    reading: Callable[[], AbstractContextManager[Connection]]
    writing: Callable[[], AbstractContextManager[Tx]]
    note: Callable[[str, dict[str, Any]], None]
    stamp: Callable[[Intent], Stamp]
    problem: Callable[[str], str | None]


def sync(book: Book, link: Link) -> list[Landed]:
    """Land what waits, in order; return what became of each commit that waited.

    Raises:
        StoreUnavailableError: the register is away again; what did not land goes on waiting.
        JournalUnwritableError: the journal cannot take the outcome; it will be asked again.
    """
    return [_land(book, link, intent) for intent in list(book.queue.values())]


def _land(book: Book, link: Link, intent: Intent) -> Landed:
    kept, lost = sound(book.photos_of(intent), link.problem)
    carried: Carried | None = None
    conflicts: list[Conflict] = []
    if intent.request_id not in book.split and not _doubtful(book, intent):
        carried = _try_whole(book, link, intent, kept)
    if carried is None:
        carried, conflicts = _land_one_by_one(book, link, intent, kept)
    link.note("landed", {"request_id": intent.request_id, "next": None})
    contradicted = {one.asset_id for one in conflicts}
    return Landed(
        intent=intent, receipt=carried.receipt, conflicts=tuple(conflicts), photos=carried.photos,
        lost=tuple(one for one in lost if one.asset_id not in contradicted),
        astray=carried.astray,
    )  # fmt: skip


def _doubtful(book: Book, intent: Intent) -> set[str]:
    """Return the things of a commit of which an earlier one is in conflict."""
    if intent.act == COUNT:
        return set()
    return {one.asset_id for one in book.conflicts.values() if one.act != COUNT} & set(
        intent.assets
    )


def _try_whole(book: Book, link: Link, intent: Intent, kept: _Kept) -> Carried | None:
    try:
        with link.writing() as tx:
            return carry_out(tx, book=book, intent=intent, stamp=link.stamp(intent), photos=kept)
    except AssetctlError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise
    # Noted, so that a second try after a crash does not find the whole allowed meanwhile.
    link.note("split", {"request_id": intent.request_id})
    return None


def _land_one_by_one(
    book: Book, link: Link, intent: Intent, kept: _Kept
) -> tuple[Carried, list[Conflict]]:  # fmt: skip
    landed: list[Carried] = []
    conflicts: list[Conflict] = []
    for single in _singles(intent):
        (one,) = single.assets
        if {(intent.request_id, one), (intent.of, one)} & book.conflicts.keys():
            continue  # noted before a crash, or never done and so nothing to take back
        code = AFTER_CONFLICT if _doubtful(book, single) else None
        try:
            if code is None:
                shown = {one: kept[one]} if one in kept else {}
                landed.append(_land_single(book, link, single, shown))
        except AssetctlError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise
            code = error.code
        if code is not None:
            conflict = _conflict(link, single, code, book.photos_of(intent).get(one, ()))
            link.note("conflict", plain(conflict))
            conflicts.append(conflict)
    return _together(landed), conflicts


def _land_single(book: Book, link: Link, single: Intent, kept: _Kept) -> Carried:
    (one,) = single.assets
    own = replace(single, request_id=f"{single.request_id}:{one}")
    with link.writing() as tx:
        stamp = replace(link.stamp(single), request_id=own.request_id)
        return carry_out(tx, book=book, intent=own, stamp=stamp, photos=kept)


def _singles(intent: Intent) -> list[Intent]:
    """Return a commit thing by thing, each with what was said of it."""
    singles = []
    for group in intent.groups:
        said = group.said()
        for one in group.assets:
            quantities = (said[one],) if one in said else ()
            alone = Group(condition=group.condition, assets=(one,), quantities=quantities)
            singles.append(replace(intent, groups=(alone,)))
    return singles


def _together(landed: Sequence[Carried]) -> Carried:
    events = tuple(event for one in landed for event in one.receipt.events)
    repeated = bool(events) and all(one.receipt.repeated for one in landed)
    return Carried(
        receipt=Receipt(events=events, repeated=repeated),
        photos=tuple(event for one in landed for event in one.photos),
        astray=tuple(found for one in landed for found in one.astray),
    )


def _conflict(link: Link, intent: Intent, code: str, photos: Sequence[Photo]) -> Conflict:
    """Return both sides: what the journal says of a thing, and what the register says."""
    (one,) = intent.assets
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
        photos=tuple(photo.sha256 for photo in photos),
    )  # fmt: skip
