"""Erasing: the one way in which anything leaves the register, and what it leaves behind.

A disclosure is deleted, the tables lose what came from it, and an entry says so; the entry it
belonged to, every leaf and every link stay. What the tables must say afterwards is found by
replaying the subject without the disclosure, so that replay agrees by construction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from assetctl.domain import chain
from assetctl.domain.events import from_plain
from assetctl.domain.projection import KEYS, Change, Tables, When, changes, fold
from assetctl.domain.redaction import FILE, Redacted
from assetctl.domain.request import Recorded, Stamp
from assetctl.store.engine import Store, Tx
from assetctl.store.record import record
from assetctl.store.tables import PROJECTED, disclosure, history

_Place = tuple[str, str]
"""An event and a path of it."""


def redact(tx: Tx, stamp: Stamp, facts: Sequence[tuple[str, Redacted]]) -> tuple[Recorded, ...]:
    """Erase what the facts name and record that it was erased, all in the transaction `tx`.

    The subjects must differ, be locked, and have been verified.

    Raises:
        CanonicalError: more is named than one entry can hold.
        SubjectChangedError: another writer was first at one of the subjects.
    """
    if tx.is_sqlite:
        # Else the bytes stay in the pages they stood on, for everyone who can read the file.
        tx.connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
    emptied: list[Change] = []
    for subject, event in facts:
        gone = {(item["event_id"], item["path"]) for item in event.erased if item["path"] != FILE}
        emptied += _emptied(tx, subject, gone)
        for event_id, path in sorted(gone):
            tx.connection.execute(
                disclosure.delete().where(
                    disclosure.c.event_id == event_id, disclosure.c.path == path
                )
            )
    for change in emptied:
        table = PROJECTED[change.table]
        keys = (table.c[key] == change.row[key] for key in KEYS[change.table])
        tx.connection.execute(table.update().where(*keys).values(change.row))
    return record(tx, stamp, facts)


def scrub(store: Store) -> bool:
    """Take what was deleted out of the write-ahead log too; return whether that could be done.

    On SQLite it cannot while somebody else is reading. On PostgreSQL the rows go with its next
    VACUUM and the log as its archive is thinned: that is not ours to do, and the answer is False.
    """
    if not store.is_sqlite:
        return False
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # type: ignore[union-attr]
    return not busy


def _emptied(tx: Tx, subject: str, gone: set[_Place]) -> Iterator[Change]:
    """Give the rows that would say something else had the disclosures never been there."""
    disclosed: dict[str, dict[str, str]] = {}
    wanted = sa.select(disclosure.c.event_id, disclosure.c.disclosure)
    for row in tx.connection.execute(wanted.where(disclosure.c.subject == subject)):
        path, value = chain.open_disclosure(row.disclosure)
        disclosed.setdefault(row.event_id, {})[path] = value
    kept = {
        event_id: {path: value for path, value in told.items() if (event_id, path) not in gone}
        for event_id, told in disclosed.items()
    }
    before, after = _rebuilt(tx, subject, disclosed), _rebuilt(tx, subject, kept)
    for name, rows in after.items():
        for key, now in rows.items():
            was = before[name][key]
            changed = {column: value for column, value in now.items() if was[column] != value}
            if changed:
                named = dict(zip(KEYS[name], key, strict=True))
                yield Change("set", name, named | changed)


def _rebuilt(tx: Tx, subject: str, disclosed: dict[str, dict[str, str]]) -> Tables:
    tables: Tables = {}
    wanted = sa.select(history.c.event_id, history.c.seq, history.c.entry)
    rows = tx.connection.execute(wanted.where(history.c.subject == subject).order_by(history.c.seq))
    for row in rows:
        fields = chain.read_entry(subject, row.seq, row.entry)
        event = from_plain(fields["kind"], fields["data"] | disclosed.get(row.event_id, {}))
        fold(tables, changes(subject, event, When(at=fields["at"], rec=fields["rec"])))
    return tables
