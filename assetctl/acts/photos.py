"""Photos as evidence of an act, attached in its transaction: both stand or fall together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, zip_longest

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts.steps import carry_out
from assetctl.domain.events import Attached, Event
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.photo import LostPhoto, Photo
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import PhotoUsedError, RequestReusedError
from assetctl.reads.trace import receipts
from assetctl.store.engine import Tx
from assetctl.store.tables import attachment

_CHUNK = 500


def attach_photos(tx: Tx, *, of: Receipt, photos: Sequence[Photo], stamp: Stamp) -> Receipt:
    """Attach photos to every asset of the act just done; return its entries with theirs.

    Raises:
        PhotoUsedError: a photo is attached to one of the assets already, so it shows another time.
        RequestReusedError: the act was done before, with other photos.
    """
    chosen = sorted({photo.sha256: photo for photo in photos}.items())
    if of.repeated:
        return _earlier(tx.connection, of, [sha256 for sha256, _ in chosen], stamp)
    ids = [event.subject.removeprefix("asset:") for event in of.events]
    there = _attached(tx.connection, ids) if chosen else set()
    events = of.events
    for number, (sha256, photo) in enumerate(chosen, 1):
        for one in ids:
            if (one, sha256) in there:
                raise PhotoUsedError(asset_id=one, sha256=sha256)
        events += _attach(tx, dict.fromkeys(ids, photo), _numbered(stamp, number))
    return Receipt(events=events)


def attach_kept(
    tx: Tx, *, photos: Mapping[str, Sequence[Photo | None]], stamp: Stamp
) -> tuple[Recorded, ...]:  # fmt: skip
    """Attach what a station kept of the things of a commit; what is attached already stays so.

    A commit may come twice, after a lost answer or a crash: its photos are attached once. Each
    keeps its number, so that one that is lost (None) does not give its own to another.
    """
    events: tuple[Recorded, ...] = ()
    there = _attached(tx.connection, list(photos)) if photos else set()
    for number, several in enumerate(zip_longest(*photos.values()), 1):
        own = _numbered(stamp, number)
        wanted = {
            one: photo
            for one, photo in zip(photos, several, strict=True)
            if photo and (one, photo.sha256) not in there
        }
        events += tuple(receipts(tx.connection, own.request_id))
        events += _attach(tx, wanted, own)
    return events


def sound(
    photos: Mapping[str, Sequence[Photo]], problem: Callable[[str], str | None]
) -> tuple[dict[str, tuple[Photo | None, ...]], tuple[LostPhoto, ...]]:
    """Return the photos whose files are what was kept, None for each that is lost, and the lost.

    `problem` says what is wrong with the file of a hash: `missing`, `altered`, or None.
    """
    good: dict[str, tuple[Photo | None, ...]] = {}
    lost = []
    for asset_id, several in photos.items():
        wrong = [problem(photo.sha256) for photo in several]
        good[asset_id] = tuple(
            None if why else photo for photo, why in zip(several, wrong, strict=True)
        )
        lost += [
            LostPhoto(asset_id=asset_id, sha256=photo.sha256, problem=why)
            for photo, why in zip(several, wrong, strict=True)
            if why
        ]
    return good, tuple(lost)


def _attach(tx: Tx, photos: Mapping[str, Photo], stamp: Stamp) -> tuple[Recorded, ...]:
    """Attach to each asset its photo."""

    def build(custody: Custody, _standing: Standing) -> Event:
        photo = photos[custody.asset_id]
        return Attached(
            sha256=photo.sha256, byte_count=photo.byte_count, role=photo.role,
            media_type=photo.media_type,
        )  # fmt: skip

    return carry_out(tx, Act.ATTACH, list(photos), stamp, build).events if photos else ()


def _earlier(connection: Connection, of: Receipt, wanted: list[str], stamp: Stamp) -> Receipt:
    """Return an act with the photos it was done with, if they are those that are wanted now."""
    events: list[Recorded] = []
    for number in count(1):
        there = receipts(connection, _numbered(stamp, number).request_id)
        if not there:
            break
        events += there
    if sorted({event.data["sha256"] for event in events}) != wanted:
        first = ", ".join(f"{event.kind} {event.subject}" for event in [*of.events, *events][:3])
        raise RequestReusedError(request_id=stamp.request_id, first=first)
    return Receipt(events=(*of.events, *events), repeated=True)


def _numbered(stamp: Stamp, number: int) -> Stamp:
    """Return the stamp of a photo: of one kind of entry each request writes one for each asset."""
    return replace(stamp, request_id=f"{stamp.request_id}:photo:{number}")


def _attached(connection: Connection, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return the files that assets have already: asset and hash."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(ids), _CHUNK):
        wanted = sa.select(attachment.c.asset_id, attachment.c.sha256).where(
            attachment.c.asset_id.in_(ids[start : start + _CHUNK])
        )
        found |= {(row.asset_id, row.sha256) for row in connection.execute(wanted)}
    return found
