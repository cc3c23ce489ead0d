"""Place tags and staff cards: which one counts, and whose an id is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.store.tables import place_tag, staff_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A place tag or staff card: whose it is, the id it carries, its issue number and state.

    `prints` counts the prints of this issue, None for none.
    """

    code: str
    tag: str
    issue: int
    state: str
    issued_at: str
    prints: int | None = None


def place_badge(connection: Connection, code: str) -> Badge | None:
    """Return the tag of a place that counts, None if it has none."""
    return current_badge(connection, place_tag, code)


def staff_badge(connection: Connection, code: str) -> Badge | None:
    """Return the card of a person that counts, None if there is none."""
    return current_badge(connection, staff_card, code)


def current_badge(connection: Connection, table: sa.Table, code: str) -> Badge | None:
    """Return the row of `table` (place_tag or staff_card) of `code` that counts, if any."""
    wanted = table.select().where(table.c.code == code, table.c.state == "bound")
    row = connection.execute(wanted).first()
    return None if row is None else Badge(**row._mapping)


def badge_of(connection: Connection, table: sa.Table, tag: str, issue: int) -> Badge | None:
    """Return the row of an id in `table`: of this issue, or (0, for a bare id) the newest one.

    An issue that was never issued gives the newest row with state `void`.
    """
    wanted = table.select().where(table.c.tag == tag).order_by(table.c.issue)
    rows = [Badge(**row._mapping) for row in connection.execute(wanted)]
    if not rows:
        return None
    newest = rows[-1]
    if not issue:
        return newest
    never = Badge(
        code=newest.code, tag=tag, issue=issue, state="void", issued_at=newest.issued_at
    )  # fmt: skip
    return next((one for one in rows if one.issue == issue), never)
