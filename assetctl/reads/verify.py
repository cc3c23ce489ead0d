"""Does the history hold: chains, heads, disclosures, and the tables made from it.

What this proves: no entry was changed, removed, inserted or reordered inside a chain whose head
still stands, and the tables say what the history says. What it cannot prove by itself: that a
whole subject was not removed together with its head, or everything rewritten by someone who can
recompute it. For that the log must be sealed and its checkpoints kept outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.domain.events import from_plain
from assetctl.domain.projection import KEYS, Tables, When, changes, fold
from assetctl.errors import HistoryBrokenError, StoreMissingError
from assetctl.store.tables import PROJECTED, SUBJECTS, disclosure, head, history, log

_BATCH = 1000
_COLUMNS = {
    "event_id": "id", "subject": "subject", "seq": "n", "kind": "kind", "at": "at",
    "recorded_at": "rec", "actor": "actor", "request_id": "req",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at and found whole."""

    subjects: int
    entries: int
    replayed: bool
    rows: int


def verify(
    connection: Connection,
    subjects: Sequence[str] | None = None,
    *,
    replay: bool = False,
    on_step: Callable[[int], None] | None = None,
) -> Verified:
    """Check the whole history, or that of some subjects; return what was checked.

    With `replay` the projected rows are rebuilt from the entries and compared to the tables.

    Raises:
        HistoryBrokenError: names the first bad entry or row, what was expected and what is there.
    """
    genesis = _genesis(connection)
    if subjects is None:
        _no_strays(connection)
    count = entries = rows = 0
    for batch in _batches(_chains(connection, genesis, subjects, replay=replay)):
        count += len(batch)
        entries += sum(checked.entries for checked in batch)
        if replay:
            rows += _compare(connection, batch)
        if on_step:
            on_step(entries)
    return Verified(subjects=count, entries=entries, replayed=replay, rows=rows)


@dataclass(frozen=True, slots=True)
class _Checked:
    subject: str
    entries: int
    tables: Tables


def _genesis(connection: Connection) -> bytes:
    row = connection.execute(log.select()).first()
    if row is None:
        raise StoreMissingError(db=str(connection.engine.url))
    chain.parse_entry("log", 0, bytes(row.entry))
    _same("log", 0, "the leaf of the genesis entry", chain.leaf_hash(bytes(row.entry)), row.leaf)
    return bytes(row.leaf)


def _no_strays(connection: Connection) -> None:
    """Check that heads, disclosures and tables hold nothing that has no history."""
    for subject, seq in connection.execute(
        sa.select(head.c.subject, head.c.seq).where(
            ~sa.exists().where(history.c.subject == head.c.subject)
        )
    ):
        _broken(subject, 1, "its history is gone", f"{seq} entries", "none")
    for row in connection.execute(
        disclosure.select().where(~sa.exists().where(history.c.event_id == disclosure.c.event_id))
    ):
        _broken(row.subject, 0, "a disclosure belongs to no entry", "an entry", row.event_id)


def _chains(
    connection: Connection, genesis: bytes, subjects: Sequence[str] | None, *, replay: bool
) -> Iterator[_Checked]:
    query = (
        sa.select(history, head.c.seq.label("head_seq"), head.c.leaf.label("head_leaf"))
        .join_from(history, head, head.c.subject == history.c.subject, isouter=True)
        .order_by(history.c.subject, history.c.seq)
    )
    if subjects is not None:
        query = query.where(history.c.subject.in_(subjects))
    rows = connection.execution_options(yield_per=_BATCH).execute(query)
    seen = set()
    for subject, group in groupby(rows, key=lambda row: row.subject):
        seen.add(subject) if subjects is not None else None
        yield _chain(connection, genesis, subject, list(group), replay=replay)
    for missing in sorted(set(subjects or ()) - seen):
        _broken(missing, 1, "it has no history", "entries", "none")


def _chain(
    connection: Connection, genesis: bytes, subject: str, rows: list[Any], *, replay: bool
) -> _Checked:
    before = Link(seq=0, leaf=genesis)
    tables: Tables = {}
    disclosed = _disclosures(connection, subject) if any(b'"sd":[' in r.entry for r in rows) else {}
    for row in rows:
        entry = bytes(row.entry)
        seq = before.seq + 1
        _same(subject, seq, "an entry is missing before this one", seq, row.seq)
        _same(subject, seq, "its bytes do not give its leaf", chain.leaf_hash(entry), row.leaf)
        fields = chain.parse_entry(subject, seq, entry)
        chain.check_link(subject, before, fields)
        for column, name in _COLUMNS.items():
            stored = getattr(row, column)
            _same(subject, seq, f"its column {column} differs", fields.get(name), stored)
        personal = _open(subject, seq, fields.get("sd", []), disclosed.get(row.event_id, []))
        if replay:
            _fold(subject, seq, fields, personal, tables)
        before = Link(seq=seq, leaf=bytes(row.leaf))
    _same(subject, before.seq + 1, "entries are missing at the end", rows[-1].head_seq, before.seq)
    _same(subject, before.seq, "its leaf is not the head", rows[-1].head_leaf, before.leaf)
    return _Checked(subject, len(rows), tables)


def _fold(
    subject: str, seq: int, fields: dict[str, Any], personal: dict[str, str], tables: Tables
) -> None:
    try:
        event = from_plain(fields["kind"], fields["data"] | personal)
        fold(tables, changes(subject, event, When(at=fields["at"], rec=fields["rec"])))
    except (KeyError, TypeError, ValueError) as error:
        _broken(subject, seq, "it cannot be replayed", "a known event", repr(error))


def _disclosures(connection: Connection, subject: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    wanted = disclosure.select().where(disclosure.c.subject == subject)
    for row in connection.execute(wanted):
        found.setdefault(row.event_id, []).append(row.disclosure)
    return found


def _open(subject: str, seq: int, digests: list[str], texts: list[str]) -> dict[str, str]:
    given = sorted(chain.disclosure_digest(text) for text in texts)
    _same(subject, seq, "its personal data is not what was disclosed", sorted(digests), given)
    return dict(chain.open_disclosure(text) for text in texts)


def _compare(connection: Connection, batch: list[_Checked]) -> int:
    """Compare the rebuilt rows of a batch of subjects to the tables; return how many."""
    count = 0
    sorts: dict[str, list[_Checked]] = {}
    for checked in batch:
        sorts.setdefault(checked.subject.partition(":")[0], []).append(checked)
    for sort, group in sorts.items():
        codes = {checked.subject.partition(":")[2]: checked for checked in group}
        for name in SUBJECTS[sort]:
            stored = _stored(connection, name, codes)
            for code, checked in codes.items():
                expected = checked.tables.get(name, {})
                _compare_rows(checked, name, expected, stored.get(code, {}))
                count += len(expected)
    return count


def _stored(
    connection: Connection, name: str, codes: dict[str, _Checked]
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
        found.setdefault(code, {})[key] = values
    return found


def _subject_column(name: str) -> sa.ColumnElement[str]:
    columns = PROJECTED[name].c
    if name == "asset_class":
        return columns.scheme + "/" + columns.code
    return columns[KEYS[name][0]]


def _compare_rows(
    checked: _Checked,
    name: str,
    expected: dict[Any, dict[str, Any]],
    stored: dict[tuple[Any, ...], dict[str, Any]],
) -> None:
    for key in sorted(expected.keys() | stored.keys(), key=str):
        wanted, got = expected.get(key), stored.get(key)
        place = f"table {name}, row {'/'.join(str(part) for part in key)}"
        if wanted is None or got is None:
            _broken(checked.subject, checked.entries, place, _row(wanted), _row(got))
        for column in PROJECTED[name].c.keys():
            if wanted.get(column) != got[column]:
                _broken(
                    checked.subject, checked.entries, f"{place}, column {column}",
                    wanted.get(column), got[column],
                )  # fmt: skip


def _row(row: dict[str, Any] | None) -> str:
    return "no row" if row is None else "a row"


def stray_rows(connection: Connection) -> None:
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
                _broken(stray, 0, f"table {name} has a row without a history", "no row", "a row")


def _batches(chains: Iterator[_Checked]) -> Iterator[list[_Checked]]:
    batch: list[_Checked] = []
    for checked in chains:
        batch.append(checked)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _same(subject: str, seq: int, problem: str, expected: Any, got: Any) -> None:
    if expected != got:
        _broken(subject, seq, problem, expected, got)


def _broken(subject: str, seq: int, problem: str, expected: Any, got: Any) -> None:
    raise HistoryBrokenError(
        subject=subject, seq=seq, problem=problem, expected=_plain(expected), got=_plain(got)
    )


def _plain(value: Any) -> Any:
    return chain.b64(bytes(value)) if isinstance(value, bytes | memoryview) else value
