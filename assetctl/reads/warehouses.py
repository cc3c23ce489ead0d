"""Warehouses, and what is on their shelves for others to ask for."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.lifecycle import State
from assetctl.store.tables import asset, document_asset, place, warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A warehouse: physical or virtual, how it is run, which regime its things are under, whose.

    `count` things are in it, or listed in it.
    """

    code: str
    name: str
    mode: str
    form: str
    regime: str
    unit: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShelf:
    """A thing that can be asked for: in a warehouse, or listed in a virtual one.

    `promised_to` is the document that has a claim on it, if there is one.
    """

    asset_id: str
    name: str
    class_code: str
    owner: str
    place: str | None
    condition: str | None
    listed: str | None
    promised_to: str | None


def find_warehouse(connection: Connection, code: str) -> Warehouse | None:
    """Return the warehouse with this code, or None."""
    return next((one for one in warehouses(connection) if one.code == code), None)


def warehouses(connection: Connection) -> list[Warehouse]:
    """Return every warehouse with how many things are in it or listed in it."""
    wanted = (
        sa.select(warehouse, place.c.name)
        .join_from(warehouse, place, place.c.code == warehouse.c.code)
        .order_by(warehouse.c.code)
    )
    rows = connection.execute(wanted).all()
    held = _counts(connection)
    return [
        Warehouse(code=row.code, name=row.name, mode=row.mode, form=row.form, regime=row.regime,
                  unit=row.unit, count=held.get(row.code, 0))
        for row in rows
    ]  # fmt: skip


def shelf(
    connection: Connection, *, code: str | None = None, class_code: str | None = None,
    after: str = "", limit: int = 100,
) -> list[OnShelf]:  # fmt: skip
    """Return things that can be asked for, by id after `after`; of one warehouse, or one class.

    `class_code` is the beginning of a class code. What is confiscated or property in a case is
    never among them.
    """
    wanted = (
        sa.select(
            asset.c.asset_id, asset.c.name, asset.c.class_code, asset.c.owner, asset.c.place,
            asset.c.condition, asset.c.listed, document_asset.c.number.label("promised_to"),
        )
        .join_from(
            asset, document_asset, document_asset.c.promised == asset.c.asset_id, isouter=True
        )
        .where(
            sa.or_(asset.c.state == State.IN_STORE.value, asset.c.listed.is_not(None)),
            sa.or_(asset.c.regime.is_(None), asset.c.regime == "public"),
            asset.c.asset_id > after,
        )
        .order_by(asset.c.asset_id)
        .limit(limit)
    )  # fmt: skip
    if class_code:
        wanted = wanted.where(asset.c.class_code.startswith(class_code, autoescape=True))
    if code:
        wanted = wanted.where(sa.or_(asset.c.listed == code, asset.c.place.in_(_inside(code))))
    return [OnShelf(**row._mapping) for row in connection.execute(wanted)]


def _inside(code: str) -> sa.Select[tuple[str]]:
    """Return the question for every place in a place, itself among them."""
    tree = sa.select(place.c.code).where(place.c.code == code).cte("inside", recursive=True)
    deeper = tree.union_all(sa.select(place.c.code).where(place.c.parent == tree.c.code))
    return sa.select(deeper.c.code)


def _counts(connection: Connection) -> dict[str, int]:
    """Return how many things are in each outermost warehouse, or listed in it."""
    tree = (
        sa.select(place.c.code, place.c.code.label("top"))
        .where(place.c.code.in_(sa.select(warehouse.c.code)))
        .cte("tops", recursive=True)
    )
    deeper = tree.union_all(
        sa.select(place.c.code, tree.c.top).where(place.c.parent == tree.c.code)
    )
    inside = (
        sa.select(deeper.c.top, sa.func.count())
        .join_from(deeper, asset, asset.c.place == deeper.c.code)
        .where(asset.c.state == State.IN_STORE.value)
        .group_by(deeper.c.top)
    )
    listed = (
        sa.select(asset.c.listed, sa.func.count())
        .where(asset.c.listed.is_not(None))
        .group_by(asset.c.listed)
    )
    found: dict[str, int] = {}
    for question in (inside, listed):
        for code, count in connection.execute(question):
            found[code] = found.get(code, 0) + count
    return found
