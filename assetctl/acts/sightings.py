"""Copied tags: what a scan gives away, recorded once as an alert of the tag.

A signature cannot tell a photocopy from the sticker. Behaviour can: an issue that was replaced is
still in use, one tag is at two places at once, one EPC answers with two chips.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts.steps import load
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.domain.tag_events import TagAlerted
from assetctl.domain.travel import TRAVEL_MINUTES, Seen, apart, pair
from assetctl.errors import TagNotFoundError
from assetctl.reads.parties import find_place, need_place
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import record
from assetctl.store.sightings import Sighting, last_sighting, note_sighting
from assetctl.store.tables import alias, tag, tag_alert

ALERTS = ("older_issue", "two_places", "two_tids")
"""Why a tag may be a copy."""


_CHIPS = (
    sa.select(tag.c.epc, tag.c.asset_id, tag.c.tid)
    .join(alias, (alias.c.asset_id == tag.c.asset_id) & (alias.c.value == tag.c.epc))
    .where(among(alias.c.value, "epcs"), alias.c.scheme == "epc", tag.c.tid.is_not(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """A genuine tag of an asset that was scanned: the id on it, its issue; where, if known.

    Who scanned it, when and at which station stands in the stamp. `tid` is the chip that answered,
    for a radio tag, which is known by it: no issue can be read from its number.
    """

    asset_id: str
    code: str
    issue: int
    place: str | None = None
    tid: str | None = None


def sighting(tx: Tx, *, seen: Sighted, stamp: Stamp, minutes: int = TRAVEL_MINUTES) -> Receipt:
    """Compare a scan with what is known of its tag; record each new alert that follows.

    `older_issue`: a newer issue of the same label exists. `two_places`: the same tag (id and
    issue) was last seen less than `minutes` ago elsewhere; `travel.apart` says what is compared.
    `two_tids`: another chip answered to the same EPC. An alert is recorded once per tag and pair,
    so scanning again adds nothing; the receipt then is empty.

    Raises:
        AssetNotFoundError, PlaceNotFoundError: the asset or the place is not in the register.
        TagNotFoundError: the asset never had this tag.
    """
    load(tx, [seen.asset_id])
    known = _tags(tx.connection, seen)
    this = _this(known, seen)
    if this is None:
        raise TagNotFoundError(asset_id=seen.asset_id, carrier="qr")
    at_station = {"station": stamp.station, "place": seen.place}
    alerts = []
    newest = max(row.issue for row in known if row.carrier == this.carrier)
    if this.issue < newest:
        alerts.append(_alert(this, "older_issue", str(newest), **at_station))
    if seen.tid and this.tid and seen.tid != this.tid:
        alerts.append(_alert(this, "two_tids", pair(seen.tid, this.tid), **at_station))
    before = last_sighting(tx.connection, seen.code, this.issue)
    now = _seen(tx.connection, stamp.station, stamp.at, seen.place)
    if before is not None:
        then = _seen(tx.connection, before.station, before.seen_at, before.place)
        two = apart(then, now, minutes=minutes)
        if two:
            alerts.append(_alert(
                this, "two_places", two.pair, **at_station, other_station=before.station,
                other_place=before.place, seconds_apart=two.seconds,
            ))  # fmt: skip
    note_sighting(
        tx,
        Sighting(code=seen.code, issue=this.issue, station=stamp.station, place=seen.place,
                 seen_at=stamp.at),
    )  # fmt: skip
    return _record_new(tx, seen.asset_id, alerts, stamp)


def alert_two_tids(tx: Tx, *, asset_id: str, epc: str, tid: str, stamp: Stamp) -> Receipt:
    """Record that a second chip, `tid`, answers to an EPC that is bound to this asset.

    Raises:
        AssetNotFoundError: the asset is not in the register.
        TagNotFoundError: the EPC is not bound to it with another chip.
    """
    load(tx, [asset_id])
    bound = tx.connection.execute(
        tag.select()
        .where(tag.c.asset_id == asset_id, tag.c.epc == epc, tag.c.tid != tid)
        .order_by(tag.c.issue.desc())
    ).first()
    if bound is None:
        raise TagNotFoundError(asset_id=asset_id, carrier="uhf")
    alert = _alert(bound, "two_tids", pair(tid, bound.tid), station=stamp.station)
    return _record_new(tx, asset_id, [alert], stamp)


def copies_heard(
    tx: Tx, *, heard: Mapping[str, Collection[str]], stamp: Stamp
) -> tuple[Recorded, ...]:  # fmt: skip
    """Record an alert for each EPC that answered with another chip than the one bound to it.

    `heard` gives the TIDs that a reader heard of each EPC. Nothing is said of an EPC that is bound
    to nothing, or without a chip.
    """
    bound: dict[str, tuple[str, set[str]]] = {}
    for row in tx.connection.execute(_CHIPS, {"epcs": sorted(heard)}):
        bound.setdefault(row.epc, (row.asset_id, set()))[1].add(row.tid)
    suspects = [
        (asset_id, epc, tid)
        for epc, (asset_id, known) in bound.items()
        for tid in sorted(set(heard[epc]) - known)
    ]
    load(tx, [asset_id for asset_id, _, _ in suspects])  # in one order, before anything is written
    done: tuple[Recorded, ...] = ()
    for asset_id, epc, tid in suspects:
        done += alert_two_tids(tx, asset_id=asset_id, epc=epc, tid=tid, stamp=stamp).events
    return done


def _this(known: list[Any], seen: Sighted) -> Any:
    """Return the tag that was seen: a label by its issue, a radio tag by its chip.

    All radio tags of a thing carry the same number, so their issue cannot be read from them. A
    chip that is not known is compared with the newest one.
    """
    radio = [row for row in known if row.epc]
    if radio:
        newest = max(radio, key=lambda row: int(row.issue))
        return next((row for row in radio if seen.tid and row.tid == seen.tid), newest)
    return next((row for row in known if row.issue == seen.issue), None)


def _alert(row: Any, alert: str, other: str, **facts: Any) -> TagAlerted:
    return TagAlerted(
        carrier=row.carrier, code=row.code, issue=row.issue, alert=alert, other=other, **facts
    )


def _record_new(tx: Tx, asset_id: str, alerts: list[TagAlerted], stamp: Stamp) -> Receipt:
    done: tuple[Recorded, ...] = ()
    for alert in alerts:
        there = sa.select(tag_alert.c.code).where(
            tag_alert.c.asset_id == asset_id, tag_alert.c.alert == alert.alert,
            tag_alert.c.code == alert.code, tag_alert.c.issue == alert.issue,
            tag_alert.c.other == alert.other,
        )  # fmt: skip
        if tx.connection.execute(there).first() is None:
            # An id of its own: what was scanned may be acted on under the request's id too.
            name = f"{stamp.request_id}:{alert.alert}:{alert.code}.{alert.issue}"
            own = replace(stamp, request_id=name)
            done += record(tx, own, [(f"asset:{asset_id}", alert)])
    return Receipt(events=done)


def _tags(connection: Connection, seen: Sighted) -> list[Any]:
    wanted = tag.select().where(tag.c.asset_id == seen.asset_id, tag.c.code == seen.code)
    return list(connection.execute(wanted))


def _seen(connection: Connection, station: str, at: str, place: str | None) -> Seen:
    outermost = _outermost(connection, place) if place else None
    return Seen(station=station, at=at, place=place, outermost=outermost)


def _outermost(connection: Connection, code: str) -> str:
    found = need_place(connection, code)
    met = {found.code}
    while found.parent and found.parent not in met:
        outer = find_place(connection, found.parent)
        if outer is None:
            break
        found = outer
        met.add(found.code)
    return found.code
