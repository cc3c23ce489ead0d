"""Replay: rebuild the projected rows from history and compare them to the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.events import from_plain
from assetctl.domain.projection import KEYS, Tables, When, changes, fold
from assetctl.domain.stocktake import ENDS, STOCKTAKE, Line, freeze, sheet_hash
from assetctl.errors import HistoryBrokenError
from assetctl.i18n import N_, Phrase
from assetctl.store.stocktake_tables import stocktake
from assetctl.store.tables import PROJECTED, SUBJECTS, booking, counter, document, head


@dataclass(frozen=True, slots=True)
class Replayed:
    """A subject whose chain holds: how many entries, and the rows rebuilt from them."""

    subject: str
    entries: int
    tables: Tables


def replay_entry(
    subject: str, seq: int, fields: dict[str, Any], personal: dict[str, str], tables: Tables
) -> None:
    """Apply one entry to the rows rebuilt so far.

    Raises:
        HistoryBrokenError: it is of no known kind, or does not fit what came before.
    """
    try:
        event = from_plain(fields["kind"], fields["data"] | personal)
        _must_be_open(subject, seq, tables)
        fold(tables, changes(subject, event, When(at=fields["at"], rec=fields["rec"])))
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        broken(subject, seq, "it cannot be replayed", Phrase(N_("a known event")), repr(error))


def compare(connection: Connection, batch: list[Replayed]) -> int:
    """Compare the rebuilt rows of a batch of subjects to the tables; return how many.

    Raises:
        HistoryBrokenError: names the first row and column that differ.
    """
    count = 0
    sorts: dict[str, list[Replayed]] = {}
    for checked in batch:
        sorts.setdefault(checked.subject.partition(":")[0], []).append(checked)
    for sort, group in sorts.items():
        if sort not in SUBJECTS:
            known = ", ".join(SUBJECTS)
            broken(group[0].subject, 1, "no such sort of subject is known", known, sort)
        codes = {checked.subject.partition(":")[2]: checked for checked in group}
        if sort == STOCKTAKE:
            for checked in group:
                _must_be_as_sealed(checked)
        for name in SUBJECTS[sort]:
            stored = _stored(connection, name, codes)
            for code, checked in codes.items():
                expected = checked.tables.get(name, {})
                _compare_rows(checked, name, expected, stored.get(code, {}))
                count += len(expected)
    return count


def _must_be_open(subject: str, seq: int, tables: Tables) -> None:
    """Check that a stocktake to which an entry is added has not ended."""
    for row in tables.get(STOCKTAKE, {}).values():
        if row["state"] in ENDS:
            problem = Phrase(N_("an entry follows the end of the stocktake"))
            broken(subject, seq, problem, Phrase(N_("no entry")), row["state"])


def _must_be_as_sealed(checked: Replayed) -> None:
    """Check that the list and the results of a stocktake are those whose hashes were recorded."""
    (row,) = checked.tables[STOCKTAKE].values()
    lines = checked.tables.get("stocktake_line", {})
    if row["sheet"] is not None:
        frozen = freeze(
            Line(**{name: lines[key][name] or "" for name in Line.__dataclass_fields__})
            for key in sorted(lines)
        )
        problem = Phrase(N_("the list is not the one that was frozen"))
        same(checked.subject, checked.entries, problem, row["sheet"], sheet_hash(frozen))
    if row["result_sheet"] is not None:
        results = checked.tables.get("stocktake_result", {})
        rows = [json.loads(results[key]["result"]) for key in sorted(results)
                if key[1] == row["submission"]]  # fmt: skip
        problem = Phrase(N_("the results are not those that were submitted"))
        same(checked.subject, checked.entries, problem, row["result_sheet"], sheet_hash(rows))


def _stored(
    connection: Connection, name: str, codes: dict[str, Replayed]
) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    table = PROJECTED[name]
    subject = _subject_column(name)
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for row in connection.execute(
        sa.select(table, subject.label("subject_code")).where(subject.in_(list(codes)))
    ):
        values = dict(row._mapping)
        code = values.pop("subject_code")
        key = tuple(values[column] for column in KEYS[name])
        rows = found.setdefault(code, {})
        if key in rows:
            checked = codes[code]
            place = Phrase(N_("table {table}, row {row}"), table=name, row="/".join(map(str, key)))
            broken(checked.subject, checked.entries, place, 1, 2)
        rows[key] = values
    return found


def _subject_column(name: str) -> sa.ColumnElement[str]:
    columns = PROJECTED[name].c
    if name == "asset_class":
        return columns.scheme + "/" + columns.code
    return columns[KEYS[name][0]]


def _compare_rows(
    checked: Replayed,
    name: str,
    expected: dict[Any, dict[str, Any]],
    stored: dict[tuple[Any, ...], dict[str, Any]],
) -> None:
    for key in sorted(expected.keys() | stored.keys(), key=str):
        wanted, got = expected.get(key), stored.get(key)
        if wanted is None or got is None:
            place = Phrase(N_("table {table}, row {row}"), table=name, row=_key(key))
            broken(checked.subject, checked.entries, place, _row(wanted), _row(got))
        for column in got:
            if wanted.get(column) != got[column]:
                cell = N_("table {table}, row {row}, column {column}")
                place = Phrase(cell, table=name, row=_key(key), column=column)
                broken(checked.subject, checked.entries, place, wanted.get(column), got[column])


def _key(key: tuple[Any, ...]) -> str:
    return "/".join(str(part) for part in key)


def _row(row: dict[str, Any] | None) -> Phrase:
    return Phrase(N_("no row") if row is None else N_("a row"))


def no_stray_rows(connection: Connection) -> None:
    """Check that every projected row belongs to a subject that has a history.

    Raises:
        HistoryBrokenError: names the first row that came from nowhere.
    """
    for sort, names in SUBJECTS.items():
        for name in names:
            subject = sa.literal(f"{sort}:") + _subject_column(name)
            query = sa.select(subject).where(~sa.exists().where(head.c.subject == subject))
            stray = connection.execute(query.limit(1)).scalar()
            if stray is not None:
                problem = Phrase(N_("table {table} has a row without a history"), table=name)
                broken(stray, 0, problem, _row(None), _row({}))


def no_missing_numbers(connection: Connection) -> None:
    """Check that each series of documents, bookings, stocktakes runs from 1 to its counter.

    Raises:
        HistoryBrokenError: names the first series in which a number is missing.
    """
    rows = connection.execute(sa.select(counter.c.series, counter.c.last))
    last = {row.series: row.last for row in rows}
    found: dict[str, int] = {}
    numbers = sa.union_all(*(sa.select(one.c.number) for one in (document, booking, stocktake)))
    for (number,) in connection.execute(numbers):
        series, _, count = number.rpartition("-")
        found[series] = found.get(series, 0) + 1
        if int(count) > last.get(series, 0):
            problem = Phrase(N_("the counter of its series does not reach it"))
            broken(f"doc:{number}", 1, problem, count, last.get(series, 0))
    for series, count in sorted(last.items()):
        if found.get(series, 0) != count:
            problem = Phrase(N_("numbers of documents are missing in the series"))
            broken(f"doc:{series}", 0, problem, count, found.get(series, 0))


def same(subject: str, seq: int, problem: str, expected: Any, got: Any) -> None:
    """Check that two values are equal; raise HistoryBrokenError with both if not."""
    if expected != got:
        broken(subject, seq, problem, expected, got)


def broken(subject: str, seq: int, problem: str, expected: Any, got: Any) -> NoReturn:
    """Raise HistoryBrokenError for an entry of a subject."""
    raise HistoryBrokenError(
        subject=subject, seq=seq, problem=problem, expected=_plain(expected), got=_plain(got)
    )


def _plain(value: Any) -> Any:
    return chain.b64(bytes(value)) if isinstance(value, bytes | memoryview) else value
