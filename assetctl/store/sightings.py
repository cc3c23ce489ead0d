"""Where each tag was last seen: the one row per tag that copies are found by.

It is a memory and no history: losing it loses no fact, only the next comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.store.engine import Tx
from assetctl.store.tables import sighting

_NOTE = sa.text(
    "INSERT INTO sighting (code, issue, station, place, seen_at) "
    "VALUES (:code, :issue, :station, :place, :seen_at) "
    "ON CONFLICT (code, issue) DO UPDATE SET station = excluded.station, place = excluded.place, "
    "seen_at = excluded.seen_at WHERE excluded.seen_at > sighting.seen_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where a tag (the id it carries and its issue) was seen, by which station, and when."""

    code: str
    issue: int
    station: str
    place: str | None
    seen_at: str


def last_sighting(connection: Connection, code: str, issue: int) -> Sighting | None:
    """Return where a tag was last seen, None if it never was."""
    wanted = sighting.select().where(sighting.c.code == code, sighting.c.issue == issue)
    row = connection.execute(wanted).first()
    return None if row is None else Sighting(**row._mapping)


def note_sighting(tx: Tx, seen: Sighting) -> None:
    """Remember a sighting; one that is older than what is remembered changes nothing."""
    tx.connection.execute(
        _NOTE,
        {
            "code": seen.code, "issue": seen.issue, "station": seen.station, "place": seen.place,
            "seen_at": seen.seen_at,
        },
    )  # fmt: skip
