"""All entries in the order of the log, each checked against its columns, its leaf and its chain.

One pass in constant memory, a few hundred entries at a time. Most entries have one shape and are
compared letter by letter with what they must say; the others are looked at field by field by the
same functions that check the chain of one subject, which name what is wrong.
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

_EVENT, _MOST = chain.EVENT, chain.MAX_ENTRY
_BEHIND_DATA = len(',"id":"","kind":"","n":,"p":"","rec":"","req":"","st":"","subject":""}') + 43
"""Letters of a common entry behind its `data`, but for its texts: names, marks, and a hash."""

_BEHIND_STATION = len('","subject":""}')
_ORDINARY = bytes(set(range(0x20, 0x7F)) - set(b'"\\'))
"""What stands for itself in a text of JSON, and was never escaped."""

_TEXT = {str}
_URLSAFE = bytes.maketrans(b"+/", b"-_")
SUBJECT, SEQ, KIND, ACTOR = 1, 2, 3, 6
"""Which columns of a batch these are."""
_ENTRY, _LEAF, _PLACE, _PROMISED = 8, 9, 10, 11
_SHARED = slice(3, 8)
"""The columns in which the entries of one act are the same: kind, at, rec, actor, req."""

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
    columns: Sequence[Row]
    parsed: dict[int, dict[str, Any]]

    def fields(self, number: int) -> dict[str, Any]:
        """Return the fields of an entry, by its number in the batch."""
        found = self.parsed.get(number)
        return json.loads(self.columns[_ENTRY][number]) if found is None else found


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
        yield chains.checked(after + 1, rows)
        after += len(rows)
    for rows in _fetched(connection, _WAITING):
        for row in rows:
            if row[0] is None:
                problem = N_("an entry that waits for its place is gone")
                _broken("log", after + 1, problem, row[_PROMISED], Phrase(N_("none")))
        yield chains.checked(None, rows)


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
        self._known: set[str] = set()
        self._loads = chain.reader()

    def checked(self, first: int | None, rows: Sequence[Row]) -> Batch:
        """Return some entries, of which the first has the place `first`, after checking them.

        A common entry is, letter by letter, what its columns and its chain say; of what they do not
        say, `data` and `st`, it is only looked whether they have their form. Entries of one act
        share most of their letters, which are put together once. To parse such entries, which most
        are, would take twice the time of all the rest. This loop is where verification spends its
        time, so it is written out.

        Raises:
            HistoryBrokenError: names the first entry that does not fit.
        """
        recent = self._recent
        if len(recent) > _REMEMBERED and self._look_up is None:
            recent.clear()
        columns = tuple(zip(*rows, strict=True))
        ids, subjects, seqs = columns[:3]
        leaves = _leaf_hashes(columns[_ENTRY])
        texts = _texts(columns, leaves)
        parsed = {}
        number, shared, before, between, after = -1, None, "", "", ""
        for event_id, subject, seq, text, name, act in zip(
            ids, subjects, seqs, texts, _names_of(leaves), zip(*columns[_SHARED], strict=True),
            strict=True,
        ):  # fmt: skip
            number += 1
            last = recent.get(subject)
            if last is None or last[0] + 1 != seq:
                last = self._before(subject, seq)
            recent[subject] = (seq, name)
            if last is not None and text:
                link = last[1]
                if act == shared and text == (
                    f'{before}{event_id}{between}{seq},"p":"{link}{after}{subject}"}}'
                ):
                    continue
                found = self._parts(text, event_id, subject, seq, link, act)
                if found is not None:
                    shared, (before, between, after) = act, found
                    continue
            parsed[number] = self._uncommon(rows[number], leaves[number], last)
        return Batch(first, leaves, columns, parsed)

    def _parts(
        self, text: str, event_id: str, subject: str, seq: int, link: str, act: tuple[Any, ...]
    ) -> tuple[str, str, str] | None:  # fmt: skip
        """Return what a common entry shares with others of its act; None if it is not common.

        That is what stands before its id, between id and number, and between link and subject.
        """
        kind, at, rec, actor, req = act
        start = f'{{"_":"{_EVENT}","actor":"{actor}","at":"{at}","data":'
        stop = len(text) - len(subject) - _BEHIND_STATION
        station = text[text.rfind('"', 0, stop) + 1 : stop]
        texts = (actor, at, event_id, kind, rec, req, station, subject)
        if set(map(type, texts)) != _TEXT or not _is_ordinary("".join(texts[:-1])):
            return None
        ends = len(text) - len("".join(texts[2:])) - len(str(seq)) - _BEHIND_DATA
        data = text[len(start) : ends]
        before, between = f'{start}{data},"id":"', f'","kind":"{kind}","n":'
        after = f'","rec":"{rec}","req":"{req}","st":"{station}","subject":"'
        if text != f'{before}{event_id}{between}{seq},"p":"{link}{after}{subject}"}}':
            return None
        return (before, between, after) if self._is_data(data) else None

    def _is_data(self, data: str) -> bool:
        """Return whether this is, letter by letter, the `data` of a common entry."""
        if data in self._known:
            return True
        try:
            fields = self._loads(data.encode("ascii"))
            fits = type(fields) is dict and chain.canonical(fields) == data.encode()
        except (ValueError, CanonicalError):
            return False
        if fits:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known.add(data)
        return fits

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


def _leaf_hashes(entries: Row) -> list[bytes]:
    try:
        return [sha256(b"\0" + entry).digest() for entry in entries]
    except TypeError:
        return [bytes(32)] * len(entries)  # one is not even bytes: they are looked at singly


def _texts(columns: Sequence[Row], leaves: list[bytes]) -> list[str]:
    """Return the entries as texts; an empty one for each that cannot be a common one.

    They are such as have their leaf, with an id and a subject of ordinary letters.
    """
    ids, subjects, seqs = columns[:3]
    entries, kept = columns[_ENTRY : _LEAF + 1]
    if (
        set(map(type, ids)) | set(map(type, subjects)) == _TEXT
        and set(map(type, seqs)) == {int}
        and set(map(type, entries)) == {bytes}
        and list(kept) == leaves
        and max(map(len, entries)) <= _MOST
        and _is_ordinary("".join(ids))
        and _is_ordinary("".join(subjects))
    ):
        return [entry.decode("latin-1") for entry in entries]
    if len(ids) == 1:
        return [""]
    # Whatever is the matter with them, it is with few: halves that are well stay so.
    middle = len(ids) // 2
    halves = (slice(middle), slice(middle, None))
    return [
        text for half in halves for text in _texts([one[half] for one in columns], leaves[half])
    ]


def _is_ordinary(text: str) -> bool:
    return text.isascii() and not text.encode().translate(None, _ORDINARY)


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
