"""What events of stocktakes mean for the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from assetctl.domain import stocktake_events as events
from assetctl.domain.chain import written
from assetctl.domain.change import Change, Row, When, project
from assetctl.domain.money import fen
from assetctl.domain.settling import RADIO
from assetctl.domain.stocktake import Line, thaw

_SAID = ("quantity", "condition", "holder", "tag", "name", "class_code", "photo")
_HEARD = ("epc", "verdict", "first_second", "last_second", "epochs", "rssi", "antennas")


@project.register
def _(event: events.StocktakePlanned, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "state": event.stands, "purpose": event.purpose, "unit": event.unit,
        "planner": event.planner, "base_date": event.base_date, "blind": event.blind,
        "scope": written(event.scope), "doc": event.doc, "round": 1, "batch": 0, "listed": 0,
        "total_fen": 0, "away": None, "sheet": None, "submission": 0,
        "submitted_by": None, "step": 0, "steps": None, "counts": None,
        "result_sheet": None, "difference_fen": 0, "planned_at": when.at,
        "opened_at": None, "submitted_at": None, "decided_at": None, "ended_at": None,
        "closing": None,
    }  # fmt: skip
    teams = [
        Change("put", "stocktake_team", {
            "number": subject, "team": team["code"], "people": written(team["people"]),
            "places": written(team.get("places", [])), "finished_at": None, "finished_by": None,
        })
        for team in event.teams
    ]  # fmt: skip
    return [Change("put", "stocktake", row), *teams]


@project.register
def _(event: events.StocktakeOpened, subject: str, when: When) -> list[Change]:
    row = {
        "listed": event.listed, "total_fen": fen(event.total), "sheet": event.sheet,
        "away": written(event.away), "opened_at": when.at,
    }  # fmt: skip
    return [_stands(subject, event, row), *_lines(subject, event.lines)]


@project.register
def _(event: events.StocktakeListed, subject: str, _when: When) -> list[Change]:
    return _lines(subject, event.lines)


@project.register
def _(event: events.ThingsCounted, subject: str, when: When) -> list[Change]:
    finds = []
    for line, find in enumerate(event.finds, 1):
        item = find.get("asset") or find.get("item") or f"+{event.batch}.{line}"
        said = {name: find.get(name) for name in _SAID}
        row = _find(subject, event, when, line, item) | {"how": event.how} | said
        row["place"] = find.get("place") or event.place
        finds.append(Change("put", "stocktake_find", row | dict.fromkeys(_HEARD)))
    return [_stands(subject, event, {"batch": event.batch}), *finds]


@project.register
def _(event: events.PlaceSwept, subject: str, when: When) -> list[Change]:
    sweep = {
        "number": subject, "batch": event.batch, "place": event.place, "reader": event.reader,
        "began": event.began, "epochs": event.epochs, "sweeps": event.sweeps,
        "strength": event.strength, "median": event.median, "threshold": event.threshold,
        "raw": event.raw,
    }  # fmt: skip
    finds = []
    for line, tag in enumerate(event.tags, event.line):
        epc, asset_id, verdict, first, last, epochs, rssi, antennas = tag
        heard = {
            "epc": epc, "verdict": verdict, "first_second": first, "last_second": last,
            "epochs": epochs, "rssi": rssi or None, "antennas": antennas or None,
        }  # fmt: skip
        item = str(asset_id or f"epc:{epc}")
        row = _find(subject, event, when, line, item) | {"how": RADIO}
        finds.append(Change("put", "stocktake_find", row | dict.fromkeys(_SAID) | heard))
    begun = [Change("put", "stocktake_sweep", sweep)] if event.line == 1 else []
    return [_stands(subject, event, {"batch": event.batch}), *begun, *finds]


@project.register
def _(event: events.TeamFinished, subject: str, when: When) -> list[Change]:
    row = {
        "number": subject, "team": event.team, "finished_at": when.at, "finished_by": event.person,
    }  # fmt: skip
    return [_stands(subject, event), Change("set", "stocktake_team", row)]


@project.register
def _(event: events.RecountOrdered, subject: str, _when: When) -> list[Change]:
    return [_stands(subject, event, {"round": event.round})]


@project.register
def _(event: events.DifferencesExplained, subject: str, when: When) -> list[Change]:
    said = {
        "reason": event.reason, "treatment": event.treatment, "liable": event.liable,
        "card": written(event.card), "person": event.person, "explained_at": when.at,
    }  # fmt: skip
    new = [Change("put", "stocktake_reason", _item(subject, item) | said) for item in event.items]
    again = [Change("set", "stocktake_reason", _item(subject, item) | said) for item in event.again]
    return [_stands(subject, event), *new, *again]


@project.register
def _(event: events.ResultsSubmitted, subject: str, when: When) -> list[Change]:
    row = {
        "submission": event.submission, "submitted_by": event.person, "step": 1,
        "steps": written(event.steps), "counts": written(event.counts), "result_sheet": event.sheet,
        "difference_fen": fen(event.total), "submitted_at": when.at, "decided_at": None,
    }  # fmt: skip
    return [_stands(subject, event, row), *_results(subject, event.submission, event.results)]


@project.register
def _(event: events.ResultsListed, subject: str, _when: When) -> list[Change]:
    return _results(subject, event.submission, event.results)


@project.register
def _(event: events.ResultsJudged, subject: str, when: When) -> list[Change]:
    opinion = {
        "number": subject, "submission": event.submission, "step": event.step,
        "asked": event.asked, "person": event.person, "verdict": event.verdict,
        "given_at": when.at,
    }  # fmt: skip
    row: Row = {"step": event.next}
    if event.stands != "submitted":
        row["decided_at"] = when.at
    return [Change("put", "stocktake_opinion", opinion), _stands(subject, event, row)]


@project.register
def _(event: events.ResultsWithdrawn, subject: str, _when: When) -> list[Change]:
    return [_stands(subject, event)]


@project.register
def _(event: events.StocktakeClosed, subject: str, when: When) -> list[Change]:
    closing = written({
        "adjusted": event.adjusted, "overtaken": event.overtaken, "registered": event.registered,
    })  # fmt: skip
    return [_stands(subject, event, {"ended_at": when.at, "closing": closing})]


@project.register
def _(event: events.StocktakeCancelled, subject: str, when: When) -> list[Change]:
    return [_stands(subject, event, {"ended_at": when.at})]


def _stands(subject: str, event: events.StocktakeEvent, row: Row | None = None) -> Change:
    return Change("set", "stocktake", {"number": subject, "state": event.stands} | (row or {}))


def _find(
    subject: str, event: events.ThingsCounted | events.PlaceSwept, when: When, line: int, item: str
) -> Row:
    return {
        "number": subject, "batch": event.batch, "line": line, "item": item, "round": event.round,
        "team": event.team, "person": event.person, "place": event.place, "found_at": when.at,
    }  # fmt: skip


def _item(subject: str, item: str) -> Row:
    return {"number": subject, "item": item}


def _lines(subject: str, rows: events.Rows) -> list[Change]:
    return [Change("put", "stocktake_line", {"number": subject} | _row(one)) for one in thaw(rows)]


def _row(line: Line) -> Row:
    row: Row = {name: getattr(line, name) or None for name in Line.__dataclass_fields__}
    return row


def _results(subject: str, submission: int, rows: Iterable[Sequence[Any]]) -> list[Change]:
    return [
        Change("put", "stocktake_result", {
            "number": subject, "submission": submission, "item": row[0], "result": written(row),
        })
        for row in rows
    ]  # fmt: skip
