"""The history of subjects in order: who did what, when, on whose authority."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from assetctl.domain.chain import b64, open_disclosure
from assetctl.domain.request import Recorded
from assetctl.store.tables import disclosure, history

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the history; `disclosed` holds its personal data that has not been erased."""

    event_id: str
    kind: str
    subject: str
    seq: int
    at: str
    recorded_at: str
    actor: str
    on_behalf: str | None
    station: str
    request_id: str
    doc: str | None
    leaf: str
    data: dict[str, Any]
    disclosed: dict[str, str]


def trace(connection: Connection, subjects: Sequence[str]) -> list[Entry]:
    """Return every entry of the subjects, each subject's in order of its chain."""
    entries = []
    for start in range(0, len(subjects), _CHUNK):
        chunk = subjects[start : start + _CHUNK]
        opened: dict[str, dict[str, str]] = {}
        for row in connection.execute(
            sa.select(disclosure.c.event_id, disclosure.c.disclosure).where(
                disclosure.c.subject.in_(chunk)
            )
        ):
            path, value = open_disclosure(row.disclosure)
            opened.setdefault(row.event_id, {})[path] = value
        wanted = history.select().where(history.c.subject.in_(chunk))
        found = connection.execute(wanted.order_by(history.c.subject, history.c.seq))
        entries += [_entry(row, opened.get(row.event_id, {})) for row in found]
    order = {subject: index for index, subject in enumerate(subjects)}
    return sorted(entries, key=lambda entry: (order[entry.subject], entry.seq))


def receipts(connection: Connection, request_id: str) -> list[Recorded]:
    """Return the entries that a request has written, in order of subject."""
    wanted = history.select().where(history.c.request_id == request_id)
    return [
        Recorded(
            event_id=row.event_id, kind=row.kind, subject=row.subject, seq=row.seq, at=row.at,
            recorded_at=row.recorded_at, actor=row.actor, request_id=row.request_id,
            data=json.loads(row.entry)["data"],
        )
        for row in connection.execute(wanted.order_by(history.c.subject, history.c.kind))
    ]  # fmt: skip


def _entry(row: Row[Any], disclosed: dict[str, str]) -> Entry:
    fields = json.loads(row.entry)
    return Entry(
        event_id=row.event_id, kind=row.kind, subject=row.subject, seq=row.seq, at=row.at,
        recorded_at=row.recorded_at, actor=row.actor, on_behalf=fields.get("for"),
        station=fields["st"], request_id=row.request_id, doc=fields["data"].get("doc"),
        leaf=b64(bytes(row.leaf)), data=fields["data"], disclosed=disclosed,
    )  # fmt: skip
