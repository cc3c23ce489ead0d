"""Stocktakes: one in full or many, their frozen list, what was counted, reasons and results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document import Opinion, Step, ask_from, open_asks, steps_from
from assetctl.domain.money import fen_text
from assetctl.domain.settling import Find
from assetctl.domain.stocktake import Line, Scope, StocktakeState, scope_from
from assetctl.domain.stocktake_results import Result, thaw_results
from assetctl.errors import StocktakeNotFoundError
from assetctl.reads.parties import may_answer_as
from assetctl.store.engine import Prepared
from assetctl.store.stocktake_tables import (
    stocktake,
    stocktake_find,
    stocktake_line,
    stocktake_opinion,
    stocktake_reason,
    stocktake_result,
    stocktake_sweep,
    stocktake_team,
)

_FINDS = Prepared(
    sa.select(
        stocktake_find.c.item, stocktake_find.c.batch, stocktake_find.c.line,
        stocktake_find.c.round, stocktake_find.c.how, stocktake_find.c.person,
        stocktake_find.c.place, stocktake_find.c.found_at, stocktake_find.c.quantity,
        stocktake_find.c.condition, stocktake_find.c.holder, stocktake_find.c.tag,
        stocktake_find.c.verdict, stocktake_find.c.name, stocktake_find.c.class_code,
        stocktake_find.c.photo, stocktake_find.c.team,
    )
    .where(stocktake_find.c.number == sa.bindparam("number"))
    .order_by(stocktake_find.c.batch, stocktake_find.c.line)
)  # fmt: skip
_LINES = Prepared(
    sa.select(*(stocktake_line.c[name] for name in Line.__dataclass_fields__))
    .where(stocktake_line.c.number == sa.bindparam("number"))
    .order_by(stocktake_line.c.asset_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamState:
    """A team of a stocktake, and whether it has counted all that is its own."""

    code: str
    people: tuple[str, ...]
    places: tuple[str, ...]
    finished_at: str | None
    finished_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A radio sweep: where, with which reader, how long, and whether it told signal strength."""

    batch: int
    place: str
    reader: str
    began: str
    epochs: int
    sweeps: int
    strength: bool
    median: str | None
    threshold: str | None
    raw: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a thing differs, who answers for it, and whether that is booked."""

    item: str
    reason: str
    treatment: str
    liable: str | None
    card: dict[str, str]
    person: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocktake:
    """A stocktake as it stands now.

    `sheet` is the hash of the frozen list, `result_sheet` that of the results as submitted;
    `waits_for` are the opinions that the step now asked still needs. Amounts are in yuan.
    """

    number: str
    state: str
    purpose: str
    unit: str
    planner: str
    base_date: str
    blind: bool
    scope: Scope
    doc: str | None
    round: int
    batch: int
    listed: int
    total: str
    away: dict[str, int]
    sheet: str | None
    teams: tuple[TeamState, ...]
    submission: int
    submitted_by: str | None
    step: int
    steps: tuple[Step, ...]
    counts: dict[str, int]
    result_sheet: str | None
    difference: str
    planned_at: str
    opened_at: str | None
    submitted_at: str | None
    decided_at: str | None
    ended_at: str | None
    closing: dict[str, Any]
    opinions: tuple[Opinion, ...] = ()
    waits_for: tuple[str, ...] = ()

    def given(self) -> list[Opinion]:
        """Return the opinions on the results as they were last submitted."""
        return [one for one in self.opinions if one.round == self.submission]

    def is_hidden_from(self, person: str) -> bool:
        """Return whether somebody is not to see what is expected: it is counted blind."""
        return self.blind and self.state == "counting" and person != self.planner

    def team_of(self, person: str) -> str | None:
        """Return the team that a person is on, None if none."""
        return next((team.code for team in self.teams if person in team.people), None)


def find_stocktake(connection: Connection, number: str) -> Stocktake | None:
    """Return the stocktake with this number, or None."""
    row = connection.execute(stocktake.select().where(stocktake.c.number == number)).first()
    return None if row is None else _stocktake(connection, row)


def need_stocktake(connection: Connection, number: str) -> Stocktake:
    """Return the stocktake with this number.

    Raises:
        StocktakeNotFoundError: there is none.
    """
    found = find_stocktake(connection, number)
    if found is None:
        raise StocktakeNotFoundError(number=number)
    return found


def is_stocktake(connection: Connection, number: str | None) -> bool:
    """Return whether a document number is that of a stocktake."""
    if not number:
        return False
    there = sa.select(stocktake.c.number).where(stocktake.c.number == number)
    return connection.execute(there).first() is not None


def stocktakes(connection: Connection, *, state: str | None = None) -> list[Stocktake]:
    """Return all stocktakes, or those in a state, the newest first."""
    wanted = stocktake.select().order_by(stocktake.c.number.desc())
    if state:
        wanted = wanted.where(stocktake.c.state == state)
    return [_stocktake(connection, row) for row in connection.execute(wanted).all()]


def tasks_of(connection: Connection, person: str) -> list[Stocktake]:
    """Return the stocktakes that a person on a team must count, or may decide now."""
    found: list[Stocktake] = []
    for state in (StocktakeState.COUNTING, StocktakeState.RECOUNTING):
        found += (one for one in stocktakes(connection, state=state.value) if one.team_of(person))
    may_answer = may_answer_as(connection, person)
    for one in stocktakes(connection, state=StocktakeState.SUBMITTED.value):
        if any(map(may_answer, map(ask_from, one.waits_for))):
            found.append(one)
    return found


def listed(connection: Connection, number: str) -> list[Line]:
    """Return the frozen list of a stocktake, by asset id."""
    rows = _LINES.run(connection, {"number": number}).fetchall()
    names = tuple(Line.__dataclass_fields__)
    return [
        Line(**{name: value or "" for name, value in zip(names, row, strict=True)}) for row in rows
    ]


def finds(connection: Connection, number: str) -> list[Find]:
    """Return everything that was counted in a stocktake, in the order in which it was recorded."""
    names = (
        "item", "batch", "line", "round", "how", "person", "place", "at", "quantity", "condition",
        "holder", "tag", "verdict", "name", "class_code", "photo", "team",
    )  # fmt: skip
    rows = _FINDS.run(connection, {"number": number}).fetchall()
    return [Find(**dict(zip(names, row, strict=True))) for row in rows]


def has_counted(connection: Connection, number: str, person: str) -> bool:
    """Return whether a person counted anything in a stocktake."""
    columns = stocktake_find.c
    wanted = sa.select(columns.line).where(columns.number == number, columns.person == person)
    return connection.execute(wanted.limit(1)).first() is not None


def sweeps(connection: Connection, number: str) -> list[Sweep]:
    """Return the radio sweeps of a stocktake, in order."""
    names = tuple(Sweep.__dataclass_fields__)
    wanted = (
        sa.select(*(stocktake_sweep.c[name] for name in names))
        .where(stocktake_sweep.c.number == number)
        .order_by(stocktake_sweep.c.batch)
    )
    rows = (row._mapping for row in connection.execute(wanted))
    return [Sweep(**{**row, "strength": bool(row["strength"])}) for row in rows]


def reasons(connection: Connection, number: str) -> dict[str, Reason]:
    """Return why things differ, by item."""
    wanted = stocktake_reason.select().where(stocktake_reason.c.number == number)
    return {
        row.item: Reason(
            item=row.item, reason=row.reason, treatment=row.treatment, liable=row.liable,
            card=json.loads(row.card), person=row.person, at=row.explained_at,
        )
        for row in connection.execute(wanted)
    }  # fmt: skip


def results(connection: Connection, number: str, submission: int) -> list[Result]:
    """Return the differences of a stocktake as they were submitted, by item."""
    columns = stocktake_result.c
    wanted = (
        sa.select(columns.result)
        .where(columns.number == number, columns.submission == submission)
        .order_by(columns.item)
    )
    return list(thaw_results(json.loads(text) for (text,) in connection.execute(wanted)))


def _stocktake(connection: Connection, row: Any) -> Stocktake:
    steps = steps_from(json.loads(row.steps)) if row.steps else ()
    given = _opinions(connection, row.number)
    waits: tuple[str, ...] = ()
    if row.state == "submitted":
        of_step = [one for one in given if (one.round, one.step) == (row.submission, row.step)]
        waits = tuple(map(str, open_asks(steps[row.step - 1], of_step)))
    return Stocktake(
        number=row.number, state=row.state, purpose=row.purpose, unit=row.unit,
        planner=row.planner, base_date=row.base_date, blind=bool(row.blind),
        scope=scope_from(json.loads(row.scope)), doc=row.doc, round=row.round, batch=row.batch,
        listed=row.listed, total=fen_text(row.total_fen), away=_loaded(row.away),
        sheet=row.sheet, teams=_teams(connection, row.number), submission=row.submission,
        submitted_by=row.submitted_by, step=row.step, steps=steps,
        counts=_loaded(row.counts), result_sheet=row.result_sheet,
        difference=fen_text(row.difference_fen), planned_at=row.planned_at,
        opened_at=row.opened_at, submitted_at=row.submitted_at, decided_at=row.decided_at,
        ended_at=row.ended_at, closing=_loaded(row.closing), opinions=tuple(given),
        waits_for=waits,
    )  # fmt: skip


def _loaded(text: str | None) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text) if text else {}
    return loaded


def _teams(connection: Connection, number: str) -> tuple[TeamState, ...]:
    wanted = stocktake_team.select().where(stocktake_team.c.number == number)
    return tuple(
        TeamState(
            code=row.team, people=tuple(json.loads(row.people)),
            places=tuple(json.loads(row.places)), finished_at=row.finished_at,
            finished_by=row.finished_by,
        )
        for row in connection.execute(wanted.order_by(stocktake_team.c.team))
    )  # fmt: skip


def _opinions(connection: Connection, number: str) -> Sequence[Opinion]:
    columns = stocktake_opinion.c
    wanted = stocktake_opinion.select().where(columns.number == number)
    rows = connection.execute(wanted.order_by(columns.submission, columns.step, columns.given_at))
    return [
        Opinion(
            round=row.submission, step=row.step, asked=row.asked, person=row.person,
            verdict=row.verdict, at=row.given_at,
        )
        for row in rows
    ]  # fmt: skip
