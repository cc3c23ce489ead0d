"""The history as a stream of chains: each subject with its entries, as far as a moment reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import read_entry
from assetctl.i18n import N_, Phrase
from assetctl.reads.replay import broken
from assetctl.store.tables import history

By = Literal["at", "rec"]
"""By when things happened, or by when they were recorded, which is what anybody could know then."""

_BATCH = 1000
_CHUNK = 500
_COLUMNS = (
    history.c.subject, history.c.event_id, history.c.seq, history.c.kind, history.c.at,
    history.c.recorded_at, history.c.actor, history.c.entry,
)  # fmt: skip


class Step(NamedTuple):
    """One entry of a chain: the columns it is found by, and all that stands in it (`fields`)."""

    subject: str
    event_id: str
    seq: int
    kind: str
    at: str
    rec: str
    actor: str
    fields: dict[str, Any]

    def moment(self, by: By) -> str:
        """Return when it happened or was recorded, as history writes instants."""
        return self.at if by == "at" else self.rec


class Reach(NamedTuple):
    """How far entries count: up to this instant (included), by one of the two clocks."""

    until: str
    by: By = "rec"


def chains(
    connection: Connection,
    *,
    sort: str | None = None,
    subjects: Sequence[str] | None = None,
    reach: Reach | None = None,
) -> Iterator[tuple[str, list[Step]]]:
    """Yield each subject in order with the entries of its chain; one chain is held at a time.

    `sort` (`asset`) or `subjects` say which; subjects without an entry in reach are left out.

    Raises:
        HistoryBrokenError: an entry cannot be read.
    """
    query = sa.select(*_COLUMNS).order_by(history.c.subject, history.c.seq)
    if sort is not None:
        query = query.where(history.c.subject.startswith(f"{sort}:", autoescape=True))
    if reach is not None:
        column = history.c.at if reach.by == "at" else history.c.recorded_at
        query = query.where(column <= reach.until)
    if subjects is None:
        yield from _streamed(connection, query, reach)
        return
    named = sorted(set(subjects))
    for start in range(0, len(named), _CHUNK):
        chunk = named[start : start + _CHUNK]
        yield from _streamed(connection, query.where(history.c.subject.in_(chunk)), reach)


def _streamed(
    connection: Connection, query: sa.Select[Any], reach: Reach | None
) -> Iterator[tuple[str, list[Step]]]:
    options = {"yield_per": _BATCH}
    with closing(connection.execute(query, execution_options=options)) as rows:
        steps = map(_step, rows)
        for subject, group in groupby(steps, key=attrgetter("subject")):
            whole = list(group)
            found = whole if reach is None else within(whole, reach)
            if found:
                yield subject, found


def _step(row: Any) -> Step:
    subject, event_id, seq, kind, at, rec, actor, entry = row
    fields = fields_of(subject, seq, entry)
    return Step(subject, event_id, seq, kind, at, rec, actor, fields)


def fields_of(subject: str, seq: int, entry: bytes) -> dict[str, Any]:
    """Return what stands in an entry, as far as it must to be looked at; `verify` checks the rest.

    Raises:
        HistoryBrokenError: it cannot be read, or has no data.
    """
    fields = read_entry(subject, seq, entry)
    if not isinstance(fields.get("data"), dict):
        known = Phrase(N_("a known event"))
        broken(subject, seq, "it cannot be replayed", known, repr(fields.get("data")))
    return fields


def within(steps: Sequence[Step], reach: Reach) -> list[Step]:
    """Return the entries of one chain that count up to a moment, in the order of the chain.

    By what was recorded they are always its beginning: what follows an entry that was not there
    yet was not there either, whatever its own clock said.
    """
    if reach.by == "at":
        return [step for step in steps if step.at <= reach.until]
    found: list[Step] = []
    for step in steps:
        if step.rec > reach.until or step.seq != len(found) + 1:
            break
        found.append(step)
    return found
