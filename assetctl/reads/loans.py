"""Loans: what is out, until when, with whom, and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.lifecycle import State
from assetctl.store.tables import asset, document_asset, party


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A thing that is not back though its day has passed, by how many days, under which loan."""

    asset_id: str
    name: str
    holder: str
    due: str
    days: int
    document: str | None


def of_unit(code: str) -> sa.ColumnElement[bool]:
    """Return the condition that a unit, or one of its people, holds an asset."""
    people = sa.select(party.c.code).where(party.c.unit == code)
    return sa.or_(asset.c.holder == code, asset.c.holder.in_(people))


def overdue(connection: Connection, *, day: str, holder: str | None = None) -> list[Overdue]:
    """Return what is late on a day (ISO), the longest first; of one unit and its people."""
    wanted = (
        sa.select(asset.c.asset_id, asset.c.name, asset.c.holder, asset.c.due,
                  document_asset.c.number)
        .join_from(
            asset, document_asset, document_asset.c.promised == asset.c.asset_id, isouter=True
        )
        .where(asset.c.state == State.ON_LOAN.value, asset.c.due < day)
        .order_by(asset.c.due, asset.c.asset_id)
    )  # fmt: skip
    if holder:
        wanted = wanted.where(of_unit(holder))
    today = date.fromisoformat(day)
    return [
        Overdue(asset_id=row.asset_id, name=row.name, holder=row.holder, due=row.due,
                days=(today - date.fromisoformat(row.due)).days, document=row.number)
        for row in connection.execute(wanted)
    ]  # fmt: skip
