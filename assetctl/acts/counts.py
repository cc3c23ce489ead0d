"""Counts: what was seen where. A count moves nothing; what it says of the register is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts.finds import must_be_said, record_finds
from assetctl.acts.steps import carry_out, earlier, subjects_of
from assetctl.domain.events import Counted, Event
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.domain.settling import SCAN
from assetctl.errors import RequestReusedError
from assetctl.reads.parties import need_place
from assetctl.reads.stocktakes import is_stocktake
from assetctl.store.engine import Tx
from assetctl.store.tables import asset

_CHUNK = 500
_NONE: Mapping[str, int] = MappingProxyType({})
_NOTHING: Mapping[str, str] = MappingProxyType({})
_UNSAID = (None, 1)
"""What a count holds of a thing of which nobody said how many there were."""


def count(
    tx: Tx, *, assets: Sequence[str], place: str, stamp: Stamp,
    quantities: Mapping[str, int] = _NONE, condition: str | None = None, doc: str | None = None,
    how: str = SCAN, said: Mapping[str, str] = _NOTHING,
) -> Receipt:  # fmt: skip
    """Record that things were counted at a place, whatever the register says of them.

    `quantities` says how many of a thing there were. A card that speaks of a quantity is counted
    as one where nothing is said: one label was scanned, and nobody may take the card's word for
    the rest. Where `doc` is the number of a stocktake, they are counted in it: `how` says by what
    means, and `said` what else was seen of all of them (`holder`, `tag`).

    Raises:
        PlaceNotFoundError, AssetNotFoundError: the place or an asset is not in the register.
        StocktakeStateError, NotOnTeamError: the stocktake does not take this, or not from him.
        RequestReusedError: the request id was used for something else.
    """
    wish = {"place": place, "condition": condition, "doc": doc}
    again = earlier(tx, stamp, Counted.kind, subjects_of(assets), wish)
    if again:
        _must_be_same(again, quantities)
        return again
    need_place(tx.connection, place)
    must_be_said(tx, said)
    noted: dict[str, tuple[int | None, str | None]] = {}

    def build(custody: Custody, _standing: Standing) -> Event:
        if not noted:  # asked only now, when all of them are locked
            noted.update(_noted(tx.connection, assets))
        on_card, counted_at = noted[custody.asset_id]
        unsaid = None if on_card is None else 1
        return Counted(
            place=place, quantity=quantities.get(custody.asset_id, unsaid), condition=condition,
            from_counted_at=counted_at, doc=doc,
        )  # fmt: skip

    if doc is None or not is_stocktake(tx.connection, doc):
        return carry_out(tx, Act.COUNT, assets, stamp, build, doc=doc)
    receipt = carry_out(tx, Act.COUNT, assets, stamp, build)
    finds = [_find(event, said) for event in receipt.events if event.kind == Counted.kind]
    entered = record_finds(tx, doc, finds, place=place, how=how, stamp=stamp)
    return Receipt(events=receipt.events + entered)


def _find(event: Recorded, said: Mapping[str, str]) -> dict[str, Any]:
    seen = {"asset": event.subject.removeprefix("asset:")}
    told = {name: event.data.get(name) for name in ("quantity", "condition")}
    return seen | dict(said) | {name: value for name, value in told.items() if value is not None}


def _noted(
    connection: Connection, assets: Sequence[str]
) -> dict[str, tuple[int | None, str | None]]:  # fmt: skip
    """Return what the card says of the quantity, and when each was counted last."""
    columns = (asset.c.asset_id, asset.c.quantity, asset.c.counted_at)
    noted = {}
    for start in range(0, len(assets), _CHUNK):
        chunk = asset.c.asset_id.in_(assets[start : start + _CHUNK])
        for row in connection.execute(sa.select(*columns).where(chunk)):
            noted[row.asset_id] = (row.quantity, row.counted_at)
    return noted


def _must_be_same(again: Receipt, quantities: Mapping[str, int]) -> None:
    """Check that a repeated count says of each thing how many there were as the first one did."""
    for event in again.events:
        if event.kind != Counted.kind:
            continue
        said = quantities.get(event.subject.removeprefix("asset:"))
        told = event.data.get("quantity")
        if told != said and (said is not None or told not in _UNSAID):
            first = f"{event.kind} {event.subject}"
            raise RequestReusedError(request_id=event.request_id, first=first)
