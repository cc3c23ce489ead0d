"""The log of everything: entries of all subjects in the order of recording, by any of their facts.

What stands in columns is asked of the database; what stands in the entry (document, place, holder,
station) is looked for among its bytes there and looked at here. Pages go by key.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from assetctl.domain.chain import open_disclosure, parse_instant
from assetctl.i18n import N_, Phrase
from assetctl.reads.chains import By, fields_of
from assetctl.reads.replay import broken
from assetctl.reads.search import inside
from assetctl.store.lists import holds
from assetctl.store.tables import disclosure, history

_PAGE = 1000
_PLACES_ASKED = 20
"""More places than these are not looked for among the bytes by the database, only here."""

_HOLDERS = ("holder", "from_holder", "sent_to", "refused_by", "keeper")
_PLACES = ("place", "from_place", "other_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What entries to look for; all that is given must hold. `place` takes in all places inside.

    `since` and `until` are instants, both included, by the clock `by`. Texts are in NFC, as history
    has them.
    """

    actor: str | None = None
    subjects: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    request_id: str | None = None
    doc: str | None = None
    holder: str | None = None
    place: str | None = None
    station: str | None = None
    since: str | None = None
    until: str | None = None
    by: By = "rec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One entry as auditors read it, with both its times and the seconds between them.

    `disclosed` holds its personal data where that was asked for, without what has been erased.
    """

    event_id: str
    subject: str
    seq: int
    kind: str
    at: str
    recorded_at: str
    late_seconds: int
    actor: str
    on_behalf: str | None
    station: str
    request_id: str
    doc: str | None
    data: dict[str, Any]
    disclosed: dict[str, str] = field(default_factory=dict)

    @property
    def cursor(self) -> str:
        """The key of this entry, after which the next page begins."""
        return f"{self.recorded_at}/{self.event_id}"


def entry_log(
    connection: Connection, asked: Asked, *, after: str | None = None, personal: bool = False
) -> Generator[Logged]:
    """Yield the entries that match in the order of recording, after a cursor if one is given.

    Raises:
        HistoryBrokenError: an entry cannot be read.
    """
    places = set(inside(connection, asked.place)) if asked.place else set[str]()
    query = sa.select(history).where(*_conditions(asked, places))
    query = query.order_by(history.c.recorded_at, history.c.event_id).limit(_PAGE)
    key = after.rpartition("/")[::2] if after else None
    while True:
        page = query if key is None else query.where(sa.tuple_(*key) < _KEY)
        rows = connection.execute(page).all()
        found = [one for one in map(_logged, rows) if _matches(one, asked, places)]
        yield from _with_personal(connection, found) if personal else found
        if len(rows) < _PAGE:
            return
        key = (rows[-1].recorded_at, rows[-1].event_id)


_KEY = sa.tuple_(history.c.recorded_at, history.c.event_id)


def _conditions(asked: Asked, places: set[str]) -> Iterator[sa.ColumnElement[bool]]:
    if asked.actor:
        yield history.c.actor == asked.actor
    if asked.request_id:
        yield history.c.request_id == asked.request_id
    if asked.subjects:
        yield history.c.subject.in_(asked.subjects)
    if asked.kinds:
        yield history.c.kind.in_(asked.kinds)
    moment = history.c.at if asked.by == "at" else history.c.recorded_at
    if asked.since:
        yield moment >= asked.since
    if asked.until:
        yield moment <= asked.until
    for text in (asked.doc, asked.holder, asked.station):
        if text:
            yield holds(history.c.entry, text)
    if 0 < len(places) <= _PLACES_ASKED:
        yield sa.or_(*(holds(history.c.entry, place) for place in sorted(places)))


def _matches(one: Logged, asked: Asked, places: set[str]) -> bool:
    """Return whether an entry says what was asked for where it must, not just anywhere."""
    for wanted, said in ((asked.doc, one.doc), (asked.station, one.station)):
        if wanted and wanted != said:
            return False
    if asked.holder and asked.holder not in _said(one, _HOLDERS):
        return False
    return not asked.place or bool(places & _said(one, _PLACES))


def _said(one: Logged, names: Sequence[str]) -> set[str]:
    return {value for name in names if isinstance(value := one.data.get(name), str)}


def _logged(row: Row[Any]) -> Logged:
    fields = fields_of(row.subject, row.seq, row.entry)
    try:
        late = parse_instant(row.recorded_at) - parse_instant(row.at)
    except ValueError as error:
        wanted = Phrase(N_("a known event"))
        broken(row.subject, row.seq, "it cannot be replayed", wanted, repr(error))
    return Logged(
        event_id=row.event_id, subject=row.subject, seq=row.seq, kind=row.kind, at=row.at,
        recorded_at=row.recorded_at, late_seconds=int(late.total_seconds()), actor=row.actor,
        on_behalf=fields.get("for"), station=fields.get("st", ""), request_id=row.request_id,
        doc=fields["data"].get("doc"), data=fields["data"],
    )  # fmt: skip


def _with_personal(connection: Connection, found: list[Logged]) -> Iterator[Logged]:
    told: dict[str, dict[str, str]] = {}
    wanted = sa.select(disclosure.c.event_id, disclosure.c.disclosure)
    wanted = wanted.where(disclosure.c.event_id.in_([one.event_id for one in found]))
    for row in connection.execute(wanted):
        path, value = open_disclosure(row.disclosure)
        told.setdefault(row.event_id, {})[path] = value
    return (replace(one, disclosed=told.get(one.event_id, {})) for one in found)
