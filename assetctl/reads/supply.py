"""What there is for a need: things of its classes, from the unit outward, and whether free.

One question finds the things and their promises, a second one the warehouses that they are in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.lifecycle import State
from assetctl.domain.sourcing import AT_REST, OPEN_SECRECY, Candidate, Thing, candidate, in_order
from assetctl.reads.needs import Taken
from assetctl.store.lists import among
from assetctl.store.tables import asset, document_asset, place, warehouse

_COLUMNS = (
    asset.c.asset_id, asset.c.name, asset.c.class_code, asset.c.state, asset.c.owner,
    asset.c.place, asset.c.condition, asset.c.listed, asset.c.regime, asset.c.secrecy,
    document_asset.c.number.label("promised_to"),
)  # fmt: skip
_OF_CLASS = (
    sa.select(*_COLUMNS)
    .join_from(asset, document_asset, document_asset.c.promised == asset.c.asset_id, isouter=True)
    .where(asset.c.scheme == sa.bindparam("scheme"), among(asset.c.class_code, "classes"))
)
# Two questions in one: each of them has an index of its own.
_THINGS = sa.union(
    _OF_CLASS.where(asset.c.state.in_(AT_REST)),
    _OF_CLASS.where(asset.c.listed.is_not(None), asset.c.state != State.DISPOSED.value),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What there is: candidates from the unit outward, and how many more are secret."""

    candidates: list[Candidate]
    withheld: int


def supply(
    connection: Connection, *, unit: str, scheme: str, classes: Sequence[str],
    taken: Collection[Taken] = (),
) -> Supply:  # fmt: skip
    """Return what there is of some classes for a unit; `taken` are those it has taken already.

    Of secret things only the number is told.
    """
    wanted = {"scheme": scheme, "classes": list(classes)}
    rows = connection.execute(_THINGS, wanted).all()
    shown = [row for row in rows if row.secrecy in OPEN_SECRECY]
    keepers = _keepers(connection, {row.place for row in shown if row.place})
    mine = {one.asset_id for one in taken if one.line_state != "back"}
    found = (candidate(_thing(row, keepers, mine), unit) for row in shown)
    return Supply(candidates=in_order(found), withheld=len(rows) - len(shown))


def _thing(row: Any, keepers: dict[str, str], taken: set[str]) -> Thing:
    values = dict(row._mapping)
    del values["secrecy"]
    return Thing(
        **values, keeper=keepers.get(row.place or ""), is_taken=row.asset_id in taken
    )  # fmt: skip


def _keepers(connection: Connection, places: Collection[str]) -> dict[str, str]:
    """Return for places in warehouses the unit that keeps the innermost one."""
    start = (
        sa.select(place.c.code.label("start"), place.c.code, place.c.parent,
                  sa.literal(0).label("up"))
        .where(among(place.c.code, "places"))
        .cte("above", recursive=True)
    )  # fmt: skip
    above = start.union_all(
        sa.select(start.c.start, place.c.code, place.c.parent, start.c.up + 1)
        .where(place.c.code == start.c.parent)
    )  # fmt: skip
    kept = (
        sa.select(above.c.start, warehouse.c.unit)
        .join_from(above, warehouse, warehouse.c.code == above.c.code)
        .order_by(above.c.up.desc())
    )
    # The innermost comes last and stays.
    rows = connection.execute(kept, {"places": sorted(places)})
    return {row.start: row.unit for row in rows}
