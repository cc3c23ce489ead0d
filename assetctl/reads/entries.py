"""All entries in the order of the log, each checked against its columns, its leaf and its chain.

One pass in constant memory, a few hundred entries at a time. Most entries have one shape and pass a
quick test; the others are looked at field by field by the same functions that check the chain of
one subject, which name what is wrong.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.domain.tiling import TILE
from assetctl.errors import CanonicalError, HistoryBrokenError
from assetctl.i18n import N_, Phrase
from assetctl.store.tables import history

_REMEMBERED = 100_000
"""Chains whose last link is kept at hand; those of others are looked up."""

_KNOWN = 10_000
"""Kinds of `data` that are known to have their form: loans of one batch say the same."""

_NAMES = ("id", "subject", "n", "kind", "at", "rec", "actor", "req")
_COLUMNS = (
    "history.event_id, history.subject, history.seq, history.kind, history.at, "
    "history.recorded_at, history.actor, history.request_id, history.entry, history.leaf"
)
_BY_PLACE = (
    f"SELECT {_COLUMNS}, leaf.idx, leaf.event_id FROM leaf "  # noqa: S608  nothing foreign in it
    "LEFT JOIN history ON history.event_id = leaf.event_id "
)
_SEALED = _BY_PLACE + "WHERE leaf.idx > {after} ORDER BY leaf.idx"
_WAITING = _BY_PLACE + "WHERE leaf.idx IS NULL ORDER BY history.subject, history.seq"
_AS_WRITTEN = (
    f"SELECT {_COLUMNS}, leaf.idx, NULL FROM history "  # noqa: S608
    "CROSS JOIN leaf ON leaf.event_id = history.event_id "
    "WHERE history.rowid >= (SELECT history.rowid FROM history "
    "JOIN leaf ON leaf.event_id = history.event_id WHERE leaf.idx = {after} + 1) "
    "ORDER BY history.rowid"
)
"""On SQLite rows were written in the order of the log, so that they can be read as they lie."""

_QUOTES = 44
"""Quotes in a common entry, its `data` left out: around 12 names and 10 texts."""

_EVENT, _MOST = chain.EVENT, chain.MAX_ENTRY
_BEHIND_STATION = len('","subject":""}')
_ORDINARY = bytes(set(range(0x20, 0x7F)) - set(b'"\\'))
"""What stands for itself in a text of JSON, and was never escaped."""

_TEXTS = frozenset({str, bool})
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_ENTRY, _PLACE, _PROMISED = 8, 10, 11
SUBJECT, SEQ, KIND, ACTOR = 1, 2, 3, 6
"""Where these stand in a row of a batch."""
_FETCH = 5_000

Row = Sequence[Any]
LookUp = Callable[[str], tuple[int, bytes] | None]
"""Gives number and leaf of the newest entry of a subject before those that are checked."""


class Batch(NamedTuple):
    """Some entries that fit their columns, their leaves and their chains.

    `first` is the place of the first in the log; those that wait for their places have none.
    `parsed` are the fields of those that are out of the common, by their number in the batch.
    """

    first: int | None
    leaves: list[bytes]
    rows: Sequence[Row]
    parsed: dict[int, dict[str, Any]]

    def fields(self, number: int) -> dict[str, Any]:
        """Return the fields of an entry, by its number in the batch."""
        found = self.parsed.get(number)
        return json.loads(self.rows[number][_ENTRY]) if found is None else found


def checked_entries(
    connection: Connection, genesis: bytes, after: int = 0, look_up: LookUp | None = None
) -> Iterator[Batch]:
    """Give every sealed entry behind place `after` in the order of the log, then the waiting ones.

    With `look_up` chains go on from where it says, else from what the register itself holds.

    Raises:
        HistoryBrokenError: names the first place that is empty or entry that does not fit.
    """
    chains = _Chains(connection, genesis, look_up)
    for rows in _sealed(connection, after):
        leaves, parsed = chains.checked(rows)
        yield Batch(after + 1, leaves, rows, parsed)
        after += len(rows)
    for rows in _fetched(connection, _WAITING):
        for row in rows:
            if row[0] is None:
                problem = N_("an entry that waits for its place is gone")
                _broken("log", after + 1, problem, row[_PROMISED], Phrase(N_("none")))
        leaves, parsed = chains.checked(rows)
        yield Batch(None, leaves, rows, parsed)


def _sealed(connection: Connection, after: int) -> Iterator[list[Row]]:
    """Give what stands at the places behind `after`, a few hundred at a time and without a gap."""
    if connection.dialect.name == "sqlite":
        for rows in _fetched(connection, _AS_WRITTEN.format(after=int(after))):
            if not _is_filled(rows, after):
                break
            yield rows
            after += len(rows)
    for rows in _fetched(connection, _SEALED.format(after=int(after))):
        _must_be_filled(rows, after)
        yield rows
        after += len(rows)


def _is_filled(rows: Sequence[Row], after: int) -> bool:
    """Return whether these are the entries of the places behind `after`."""
    return [row[_PLACE] for row in rows] == list(range(after + 1, after + 1 + len(rows)))


def _must_be_filled(rows: Sequence[Row], after: int) -> None:
    for expected, row in enumerate(rows, after + 1):
        if row[_PLACE] != expected:
            problem = N_("a place of the log is empty")
            _broken("log", expected, problem, expected, row[_PLACE])
        if row[0] is None:
            problem = N_("the entry of this place is gone")
            _broken("log", expected, problem, row[_PROMISED], Phrase(N_("none")))


class _Chains:
    """The last link of each chain: those met lately at hand, the others looked up."""

    def __init__(
        self, connection: Connection, genesis: bytes, look_up: LookUp | None
    ) -> None:  # fmt: skip
        self._connection = connection
        self._genesis = genesis
        self._look_up = look_up
        self._recent: dict[str, tuple[int, str]] = {}
        self._quotes: dict[str, bytes] = {}
        self._loads = chain.reader()

    def checked(self, rows: Sequence[Row]) -> tuple[list[bytes], dict[int, dict[str, Any]]]:
        """Return the leaves of some rows after checking them, and the fields of uncommon ones.

        A common entry is, letter by letter, what its columns and its chain say; of what they do not
        say, `data` and `st`, it is only looked whether they have their form. To parse such entries,
        which most are, would take twice the time of all the rest. This loop is where verification
        spends its time, so it is written out.

        Raises:
            HistoryBrokenError: names the first entry that does not fit.
        """
        recent, quotes = self._recent, self._quotes
        if len(recent) > _REMEMBERED and self._look_up is None:
            recent.clear()
        leaves = _leaf_hashes(rows)
        parsed = {}
        number = -1
        for row, leaf, name in zip(rows, leaves, _names_of(leaves), strict=True):
            event_id, subject, seq, kind, at, rec, actor, req, entry, kept, _, _ = row
            number += 1
            last = recent.get(subject)
            if last is None or last[0] + 1 != seq:
                last = self._before(subject, seq)
            recent[subject] = (seq, name)
            if (
                last is not None
                and kept == leaf
                and type(subject) is str
                and type(seq) is int
                and type(entry) is bytes
            ):
                text = entry.decode("latin-1")  # what is not ASCII is no ordinary letter, see below
                start = f'{{"_":"{_EVENT}","actor":"{actor}","at":"{at}","data":'
                stop = len(text) - len(subject) - _BEHIND_STATION
                station = text[text.rfind('"', 0, stop) + 1 : stop]
                end = (
                    f',"id":"{event_id}","kind":"{kind}","n":{seq},"p":"{last[1]}","rec":"{rec}",'
                    f'"req":"{req}","st":"{station}","subject":"{subject}"}}'
                )
                if text.startswith(start) and text.endswith(end) and len(text) <= _MOST:
                    data = text[len(start) : -len(end)]
                    # Nothing is left that would be escaped, nor a quote that ends a text early.
                    left = entry.translate(None, _ORDINARY)
                    if left.isascii() and left == (quotes.get(data) or self._quotes_in(data)):
                        continue
            parsed[number] = self._uncommon(row, leaf, last)
        return leaves, parsed

    def _quotes_in(self, data: str) -> bytes:
        """Return the quotes of a common entry with such `data`; something else if it is not."""
        try:
            fields = self._loads(data.encode())
            fits = (
                type(fields) is dict
                and _TEXTS.issuperset(map(type, fields.values()))
                and chain.canonical(fields) == data.encode()
            )
        except (ValueError, CanonicalError):
            fits = False
        quotes = b'"' * (data.count('"') + _QUOTES) if fits else b"-"
        if len(self._quotes) >= _KNOWN:
            self._quotes.clear()
        self._quotes[data] = quotes
        return quotes

    def _uncommon(self, row: Row, leaf: bytes, last: tuple[int, str] | None) -> dict[str, Any]:
        before = None if last is None else last[1]
        fields = None if before is None else self._quickly(row, leaf, before)
        return _slowly(row, before) if fields is None else fields

    def _quickly(self, row: Row, leaf: bytes, before: str) -> dict[str, Any] | None:
        """Return the fields of an entry in which everything fits; None if it must be looked at."""
        event_id, subject, seq, kind, at, rec, actor, req, entry, kept, _, _ = row
        try:
            fields: dict[str, Any] = self._loads(entry)
            fits = (
                kept == leaf
                and fields["p"] == before
                and fields["id"] == event_id
                and fields["subject"] == subject
                and fields["n"] == seq
                and fields["kind"] == kind
                and fields["at"] == at
                and fields["rec"] == rec
                and fields["actor"] == actor
                and fields["req"] == req
                and fields["_"] == chain.EVENT
                and type(fields["n"]) is int
                and chain.canonical(fields) == entry
            )
        except (ValueError, KeyError, TypeError, CanonicalError):
            return None
        return fields if fits else None

    def _before(self, subject: str, seq: int) -> tuple[int, str] | None:
        """Return the link that entry `seq` of a subject must follow, None if there is none."""
        if seq == 1:
            return 0, chain.b64(self._genesis)
        if subject in self._recent or type(seq) is not int:
            return None
        leaf: bytes | None
        if self._look_up is not None:
            ends = self._look_up(subject)
            leaf = ends[1] if ends is not None and ends[0] == seq - 1 else None
        else:
            wanted = sa.select(history.c.leaf).where(
                history.c.subject == subject, history.c.seq == seq - 1
            )
            leaf = self._connection.execute(wanted).scalar()
        return None if leaf is None else (seq - 1, chain.b64(bytes(leaf)))


def _leaf_hashes(rows: Sequence[Row]) -> list[bytes]:
    try:
        return [sha256(b"\0" + row[_ENTRY]).digest() for row in rows]
    except TypeError:
        return [bytes(32)] * len(rows)  # one of them is not even bytes: they are looked at singly


def _names_of(leaves: Sequence[bytes]) -> list[str]:
    """Return each hash as entries write it, all of them in one go: 43 letters and a filler each."""
    text = binascii.b2a_base64(b"\0".join([*leaves, b""]), newline=False).translate(_URLSAFE)
    letters = text.decode("ascii")
    return [letters[start : start + 43] for start in range(0, len(letters), 44)]


def _unnamed(name: str) -> bytes:
    return base64.urlsafe_b64decode(f"{name}=")


def _slowly(row: Row, before: str | None) -> dict[str, Any]:
    columns, entry, kept = tuple(row[:_ENTRY]), row[_ENTRY], row[_ENTRY + 1]
    _event_id, subject, seq = columns[:3]
    if not isinstance(entry, bytes):
        problem = N_("its entry is not stored as bytes")
        _broken(subject, seq, problem, "bytes", type(entry).__name__)
    if chain.leaf_hash(entry) != kept:
        problem = N_("its bytes do not give its leaf")
        _broken(subject, seq, problem, chain.b64(bytes(kept)), chain.b64(chain.leaf_hash(entry)))
    if type(seq) is not int:
        _broken(subject, 0, N_("its columns differ from its entry"), "int", type(seq).__name__)
    fields = chain.parse_entry(subject, seq, entry)
    if before is None:
        _broken(subject, seq - 1, N_("an entry is missing before this one"), seq - 1, seq)
    chain.check_link(subject, Link(seq=seq - 1, leaf=_unnamed(before)), fields)
    found = tuple(fields.get(name) for name in _NAMES)
    if found != columns or fields.get("_") != chain.EVENT:
        _broken(subject, seq, N_("its columns differ from its entry"), str(found), str(columns))
    return fields


def _fetched(connection: Connection, sql: str) -> Iterator[list[Row]]:
    result: Any = connection.exec_driver_sql(sql, execution_options={"yield_per": _FETCH})
    # SQLite's own rows: wrapping each of a million would cost as much as fetching it.
    source = result.cursor if connection.dialect.name == "sqlite" else result
    try:
        while rows := source.fetchmany(TILE):
            yield rows
    finally:
        result.close()


def _broken(subject: str, seq: int, problem: str, expected: object, got: object) -> NoReturn:
    raise HistoryBrokenError(
        subject=subject, seq=seq, problem=Phrase(problem), expected=expected, got=got
    )
