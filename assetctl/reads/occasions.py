"""Temporary bodies and activities that things are lent to, and the loans to them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document import ENDS
from assetctl.errors import OccasionNotFoundError
from assetctl.store.tables import document, document_asset, occasion

_LIVE_LOANS = (
    sa.select(document.c.number, document.c.fields)
    .where(
        document.c.kind == "loan",
        document.c.state.not_in(sorted(state.value for state in ENDS)),
        document.c.fields.contains('"event":', autoescape=True),
    )
    .order_by(document.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A temporary body or an activity: when it ends, by which document; `out` things are out."""

    code: str
    name: str
    ends: str
    doc: str
    out: int = 0


def find_occasion(connection: Connection, code: str) -> Occasion | None:
    """Return the event or temporary body with this code, or None; not how much is out for it."""
    row = connection.execute(occasion.select().where(occasion.c.code == code)).first()
    if row is None:
        return None
    return Occasion(code=row.code, name=row.name, ends=row.ends, doc=row.doc)


def need_occasion(connection: Connection, code: str) -> Occasion:
    """Return the event or temporary body with this code.

    Raises:
        OccasionNotFoundError: there is none.
    """
    found = find_occasion(connection, code)
    if found is None:
        raise OccasionNotFoundError(occasion=code)
    return found


def loans_to(connection: Connection, code: str) -> list[str]:
    """Return the numbers of the loans to an event that are not ended, in order."""
    rows = connection.execute(_LIVE_LOANS)
    return [row.number for row in rows if json.loads(row.fields).get("event") == code]


def occasions(connection: Connection) -> list[Occasion]:
    """Return every event and temporary body, those that end last first."""
    events = {row.number: json.loads(row.fields).get("event") for row in
              connection.execute(_LIVE_LOANS)}  # fmt: skip
    out: dict[str, int] = {}
    going = sa.select(document_asset.c.number, sa.func.count().label("count")).where(
        document_asset.c.state == "out", document_asset.c.promised.is_not(None)
    )
    for row in connection.execute(going.group_by(document_asset.c.number)):
        code = events.get(row.number)
        if code:
            out[code] = out.get(code, 0) + row._mapping["count"]
    rows = connection.execute(occasion.select().order_by(occasion.c.ends.desc(), occasion.c.code))
    return [
        Occasion(code=row.code, name=row.name, ends=row.ends, doc=row.doc, out=out.get(row.code, 0))
        for row in rows
    ]  # fmt: skip
