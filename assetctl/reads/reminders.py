"""What is out under loans, by the day it is due; and the messages that were sent about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.lifecycle import State
from assetctl.domain.reminders import BEGUN, SENT, newest, reminder_code
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.lists import among
from assetctl.store.tables import asset, document_asset, reminder


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """What is out under a loan and due on one day."""

    loan: str
    due: str
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to a borrower: for which loan, due day and step, to whom, and what became of it.

    One that is `begun` has no outcome yet: it is being sent, or whoever sent it was cut off.
    """

    code: str
    loan: str
    due: str
    step: int
    level: int
    channel: str
    unit: str
    role: str
    paper: str | None
    state: str
    tries: int
    fault: str | None
    begun_at: str
    ended_at: str | None


_OUT = (
    sa.select(document_asset.c.number, asset.c.due, asset.c.asset_id)
    .join_from(document_asset, asset, document_asset.c.promised == asset.c.asset_id)
    .where(
        document_asset.c.state == "out",
        asset.c.state == State.ON_LOAN.value,
        asset.c.due.is_not(None),
    )
    .order_by(document_asset.c.number, asset.c.due, asset.c.asset_id)
)


def things_out(connection: Connection, *, loan: str | None = None) -> list[Out]:
    """Return what is out under loans, or under one, by loan and due day."""
    wanted = _OUT.where(document_asset.c.number == loan) if loan else _OUT
    found: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(wanted):
        found.setdefault((row.number, row.due), []).append(row.asset_id)
    return [
        Out(loan=number, due=due, assets=tuple(assets)) for (number, due), assets in found.items()
    ]  # fmt: skip


def messages(
    connection: Connection, *, loan: str | None = None, codes: Sequence[str] = ()
) -> list[Message]:
    """Return the messages sent, or begun: all, those of a loan, or those with some codes."""
    wanted = reminder.select().order_by(reminder.c.begun_at, reminder.c.code)
    if loan:
        wanted = wanted.where(reminder.c.loan == loan)
    if codes:
        wanted = wanted.where(among(reminder.c.code, "codes"))
    rows = connection.execute(wanted, {"codes": [*codes]} if codes else {})
    return [Message(**row._mapping) for row in rows]


def waiting(
    connection: Connection, *, day: str, channels: Sequence[str], again: bool = False
) -> list[Out]:
    """Return what borrowers are to be reminded of by a day, by one of these channels at least.

    With `again` also that of which it is not known whether they were.
    """
    terms = rules_on(connection, day).loan
    ended = (SENT,) if again else (SENT, BEGUN)
    wanted: dict[str, Out] = {}
    for out in things_out(connection):
        step = newest(terms, due=out.due, day=day)
        if step:
            codes = (reminder_code(out.loan, out.due, step.days, one) for one in channels)
            wanted |= dict.fromkeys(codes, out)
    known = messages(connection, codes=list(wanted)) if wanted else []
    for one in known:
        if one.state in ended:
            del wanted[one.code]
    return list(dict.fromkeys(wanted.values()))
