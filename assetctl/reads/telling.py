"""The history as it is told to others: entries one by one, in the order of their chains."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import b64
from assetctl.domain.epcis.mapping import Told
from assetctl.domain.epcis.table import MAPPING
from assetctl.store.tables import history, party

_BATCH = 1000
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which entries: those of some subjects, and those that happened from and before an instant."""

    subjects: Sequence[str] | None = None
    since: str | None = None
    until: str | None = None


def count(connection: Connection, span: Span) -> int:
    """Return how many entries there are to tell."""
    query = sa.select(sa.func.count()).select_from(history)
    return sum(connection.execute(query.where(*part)).scalar_one() for part in _parts(span))


def told(connection: Connection, span: Span) -> Iterator[Told]:
    """Yield each entry of a kind that is told, one batch in memory at a time."""
    query = sa.select(
        history.c.subject, history.c.kind, history.c.at, history.c.recorded_at,
        history.c.request_id, history.c.leaf, history.c.entry,
    ).order_by(history.c.subject, history.c.seq)  # fmt: skip
    for part in _parts(span):
        rows = connection.execute(query.where(*part), execution_options={"yield_per": _BATCH})
        for row in rows:
            yield Told(
                subject=row.subject, kind=row.kind, at=row.at, rec=row.recorded_at,
                request_id=row.request_id, leaf=b64(bytes(row.leaf)),
                data=json.loads(row.entry)["data"],
            )  # fmt: skip


def unit_codes(connection: Connection, length: int) -> frozenset[str]:
    """Return the codes of units that are so many characters long."""
    query = sa.select(party.c.code).where(
        party.c.kind == "unit", sa.func.length(party.c.code) == length
    )
    return frozenset(connection.execute(query).scalars())


def _parts(span: Span) -> Iterator[list[sa.ColumnElement[bool]]]:
    """Give the conditions of one query after the other: long lists of subjects take several."""
    wanted: list[sa.ColumnElement[bool]] = [history.c.kind.in_(list(MAPPING))]
    if span.since:
        wanted.append(history.c.at >= span.since)
    if span.until:
        wanted.append(history.c.at < span.until)
    if span.subjects is None:
        yield wanted
        return
    subjects = sorted(span.subjects)
    for start in range(0, len(subjects), _CHUNK):
        yield [*wanted, history.c.subject.in_(subjects[start : start + _CHUNK])]
