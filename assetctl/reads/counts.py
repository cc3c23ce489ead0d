"""What a count says of the register: things that stand elsewhere, or in another number.

The account is that of the moment at which a thing was counted, not of today: a count that reaches
the register late is not blamed for what was moved after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.events import Counted
from assetctl.domain.lifecycle import State
from assetctl.domain.request import Recorded
from assetctl.reads.parties import find_place
from assetctl.reads.settling import said_by
from assetctl.store.tables import asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Astray:
    """A counted thing of which the register says something else.

    `differs` names what: `place`, `state` or `quantity`. State, holder, place and quantity are the
    register's; `counted_place` and `counted_quantity` are what was seen.
    """

    asset_id: str
    name: str
    differs: tuple[str, ...]
    state: str
    holder: str
    place: str | None
    quantity: int | None
    counted_place: str
    counted_quantity: int | None


_CHUNK = 500
_COLUMNS = (
    asset.c.asset_id, asset.c.name, asset.c.state, asset.c.holder, asset.c.place,
    asset.c.quantity, asset.c.changed_at,
)  # fmt: skip


def astray(connection: Connection, counted: Sequence[Recorded]) -> list[Astray]:
    """Return which of the things counted the register has elsewhere, in the order counted.

    What a stocktake adds to a count of its own is passed over.
    """
    counted = [event for event in counted if event.kind == Counted.kind]
    ids = [event.subject.removeprefix("asset:") for event in counted]
    rows: dict[str, Any] = {}
    for start in range(0, len(ids), _CHUNK):
        wanted = sa.select(*_COLUMNS).where(asset.c.asset_id.in_(ids[start : start + _CHUNK]))
        rows |= {row.asset_id: row for row in connection.execute(wanted)}
    paths: dict[str, tuple[str, ...]] = {}
    found = []
    for asset_id, event in zip(ids, counted, strict=True):
        account = _account(rows[asset_id], event)
        if rows[asset_id].changed_at > event.at:
            account = _account_then(connection, account, event)
        differs = _differs(connection, account, paths)
        if differs:
            found.append(replace(account, differs=differs))
    return found


def _account(row: Any, event: Recorded) -> Astray:
    return Astray(
        asset_id=row.asset_id, name=row.name, differs=(), state=row.state, holder=row.holder,
        place=row.place, quantity=row.quantity, counted_place=event.data["place"],
        counted_quantity=event.data.get("quantity"),
    )  # fmt: skip


def _account_then(connection: Connection, now: Astray, event: Recorded) -> Astray:
    """Return what the register had said by the time of the count, its newest word if it had not."""
    said = said_by(connection, now.asset_id, event.at)
    if "holder" not in said:
        return now
    return replace(now, state=said["state"], holder=said["holder"], place=said["place"])


def _differs(
    connection: Connection, account: Astray, paths: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:  # fmt: skip
    differs = []
    there = account.place is not None and (
        account.place in _path(connection, account.counted_place, paths)
        or account.counted_place in _path(connection, account.place, paths)
    )
    if not there:
        differs.append("place")
    if account.state in (State.MISSING, State.DISPOSED):
        differs.append("state")
    quantities = (account.quantity, account.counted_quantity)
    if None not in quantities and account.quantity != account.counted_quantity:
        differs.append("quantity")
    return tuple(differs)


def _path(connection: Connection, code: str, paths: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a place and all that it lies in; a place known to be inside another agrees with it."""
    if code not in paths:
        path: list[str] = []
        wanted: str | None = code
        while wanted is not None and wanted not in path:
            path.append(wanted)
            place = find_place(connection, wanted)
            wanted = place.parent if place else None
        paths[code] = tuple(path)
    return paths[code]
