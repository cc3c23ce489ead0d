"""All entries in the order of the log, each checked against its columns, its leaf and its chain.

One pass in constant memory. Most entries pass a quick test; the others are looked at field by
field by the same functions that check the chain of one subject, which name what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.errors import HistoryBrokenError
from assetctl.i18n import N_, Phrase
from assetctl.store.tables import history

_FETCH = 5_000
_REMEMBERED = 100_000
"""Chains whose last link is kept at hand; those of others are looked up."""

_NAMES = ("id", "subject", "n", "kind", "at", "rec", "actor", "req")
_FIELDS = itemgetter(*_NAMES)
_SEALED = (
    "SELECT leaf.idx, leaf.event_id, history.event_id, history.subject, history.seq, "
    "history.kind, history.at, history.recorded_at, history.actor, history.request_id, "
    "history.entry, history.leaf FROM leaf LEFT JOIN history "
    "ON history.event_id = leaf.event_id WHERE leaf.idx > {after} ORDER BY leaf.idx"
)
_WAITING = (
    "SELECT leaf.idx, leaf.event_id, history.event_id, history.subject, history.seq, "
    "history.kind, history.at, history.recorded_at, history.actor, history.request_id, "
    "history.entry, history.leaf FROM leaf LEFT JOIN history "
    "ON history.event_id = leaf.event_id WHERE leaf.idx IS NULL "
    "ORDER BY history.subject, history.seq"
)


class Checked(NamedTuple):
    """An entry that fits its columns, its leaf and its chain: its place, leaf and fields."""

    idx: int | None
    leaf: bytes
    fields: dict[str, Any]


LookUp = Callable[[str], tuple[int, bytes] | None]
"""Gives number and leaf of the newest entry of a subject before those that are checked."""


def checked_entries(
    connection: Connection, genesis: bytes, after: int = 0, look_up: LookUp | None = None
) -> Iterator[Checked]:
    """Give every sealed entry behind place `after` in the order of the log, then the waiting ones.

    With `look_up` chains go on from where it says, else from what the register itself holds.

    Raises:
        HistoryBrokenError: names the first place that is empty or entry that does not fit.
    """
    chains = _Chains(connection, genesis, look_up)
    expected = after
    for row in _rows(connection, _SEALED.format(after=int(after))):
        expected += 1
        if row[0] != expected:
            _broken("log", expected, N_("a place of the log is empty"), expected, row[0])
        if row[2] is None:
            problem = N_("the entry of this place is gone")
            _broken("log", expected, problem, row[1], Phrase(N_("none")))
        yield chains.checked(row)
    for row in _rows(connection, _WAITING):
        if row[2] is None:
            problem = N_("an entry that waits for its place is gone")
            _broken("log", expected + 1, problem, row[1], Phrase(N_("none")))
        yield chains.checked(row)


class _Chains:
    """The last link of each chain: those met lately at hand, the others looked up."""

    def __init__(
        self, connection: Connection, genesis: bytes, look_up: LookUp | None
    ) -> None:  # fmt: skip
        self._connection = connection
        self._genesis = genesis
        self._look_up = look_up
        self._recent: dict[str, tuple[int, bytes]] = {}
        self._loads, self._dumps = _json()

    def checked(self, row: Any) -> Checked:
        """Return the entry of a row after checking it, quickly if it is of the plainest sort."""
        subject, seq, entry, hashed = row[3], row[4], row[10], row[11]
        last = self._recent.get(subject)
        if last is not None and last[0] == seq - 1:
            before: bytes | None = last[1]
        else:
            before = self._before(subject, seq)
        fields = None
        if before is not None and type(entry) is bytes and entry.isascii():
            fields = self._quickly(row, entry, before)
        if fields is None:
            fields = _slowly(row[2:10], entry, hashed, before)
        if last is None and len(self._recent) >= _REMEMBERED and self._look_up is None:
            self._recent.clear()
        self._recent[subject] = (seq, hashed)
        return Checked(row[0], hashed, fields)

    def _quickly(self, row: Any, entry: bytes, before: bytes) -> dict[str, Any] | None:
        """Return the fields of an entry in which everything fits; None if it must be looked at."""
        if sha256(b"\0" + entry).digest() != row[11]:
            return None
        try:
            fields: dict[str, Any] = self._loads(entry)
            data = fields["data"]
            fits = (
                self._dumps(fields) == entry
                and _FIELDS(fields) == row[2:10]
                and fields["p"] == chain.b64(before)
                and fields["_"] == chain.EVENT
                and _PLAIN.issuperset(map(type, data.values()))
                and chain.are_keys(tuple(data))
                and chain.are_keys(tuple(fields))
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        return fields if fits else None

    def _before(self, subject: str, seq: int) -> bytes | None:
        """Return the leaf that entry `seq` of a subject must name, None if there is none."""
        if seq == 1:
            return self._genesis
        if subject in self._recent:
            return None
        if self._look_up is not None:
            ends = self._look_up(subject)
            return ends[1] if ends is not None and ends[0] == seq - 1 else None
        wanted = sa.select(history.c.leaf).where(
            history.c.subject == subject, history.c.seq == seq - 1
        )
        found = self._connection.execute(wanted).scalar()
        return None if found is None else bytes(found)


_PLAIN = frozenset({str, bool})


@cache
def _json() -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    try:
        import orjson
    except ImportError:
        encode = json.JSONEncoder(
            ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode
        return json.loads, lambda value: encode(value).encode("ascii")
    return orjson.loads, partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


def _slowly(
    columns: tuple[Any, ...], entry: Any, hashed: bytes, before: bytes | None
) -> dict[str, Any]:
    _event_id, subject, seq = columns[:3]
    if not isinstance(entry, bytes):
        problem = N_("its entry is not stored as bytes")
        _broken(subject, seq, problem, "bytes", type(entry).__name__)
    if chain.leaf_hash(entry) != hashed:
        problem = N_("its bytes do not give its leaf")
        _broken(subject, seq, problem, chain.b64(bytes(hashed)), chain.b64(chain.leaf_hash(entry)))
    fields = chain.parse_entry(subject, seq, entry)
    if before is None:
        _broken(subject, seq - 1, N_("an entry is missing before this one"), seq - 1, seq)
    chain.check_link(subject, Link(seq=seq - 1, leaf=before), fields)
    found = tuple(fields.get(name) for name in _NAMES)
    if found != columns or fields.get("_") != chain.EVENT:
        _broken(subject, seq, N_("its columns differ from its entry"), str(found), str(columns))
    return fields


def _rows(connection: Connection, sql: str) -> Iterator[Any]:
    options = {"yield_per": _FETCH}
    result: Any = connection.exec_driver_sql(sql, execution_options=options)
    # SQLite's own rows: wrapping each of a million would cost as much as fetching it.
    source = result.cursor if connection.dialect.name == "sqlite" else result
    try:
        while rows := source.fetchmany(_FETCH):
            yield from rows
    finally:
        result.close()


def _broken(subject: str, seq: int, problem: str, expected: object, got: object) -> NoReturn:
    raise HistoryBrokenError(
        subject=subject, seq=seq, problem=Phrase(problem), expected=expected, got=got
    )
