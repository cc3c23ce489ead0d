"""Does the history hold: chains, heads, disclosures, and the tables made from it.

What this proves: no entry was changed, removed, inserted or reordered inside a chain or the log,
the checkpoints that are kept were signed for these entries, and the tables say what the history
says. Whoever can rewrite everything, the checkpoints with it and with the log's key, is found only
by one that was kept outside (`against`), or by a witness.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.policy import Policy
from assetctl.domain.projection import Tables
from assetctl.domain.redaction import Redacted
from assetctl.errors import CheckpointMissingError, HistoryBrokenError, StoreMissingError
from assetctl.i18n import N_, Phrase
from assetctl.reads.entries import KIND, SUBJECT, Batch
from assetctl.reads.erasures import Erasures
from assetctl.reads.log_keys import SM3
from assetctl.reads.replay import (
    Replayed,
    broken,
    compare,
    no_missing_numbers,
    no_stray_rows,
    replay_entry,
    same,
)
from assetctl.reads.sealed import Sealed, verify_sealed
from assetctl.reads.second_tree import SecondTree, verify_second_tree
from assetctl.reads.signatories import ActFinding, Signatories
from assetctl.reads.snapshots import verify_snapshots
from assetctl.store.lists import among
from assetctl.store.tables import disclosure, head, history, log

_BATCH = 1000
_COLUMNS = {
    "event_id": "id", "subject": "subject", "seq": "n", "kind": "kind", "at": "at",
    "recorded_at": "rec", "actor": "actor", "request_id": "req",
}  # fmt: skip
"""The columns of history in their order, and the field of the entry each must equal."""

Look = Callable[[dict[str, Any]], None]
"""Looks at the fields of an entry that is whole: who signed it."""

_SEQ = list(_COLUMNS).index("seq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at and found whole; `sealed` where it was the whole log.

    `signed` entries carry a signature of an operator or a station, each of which holds; of
    `findings` the authority is in doubt, see `signatories`; `second` is the tree of SM3, if it was
    ever signed.
    """

    subjects: int
    entries: int
    replayed: bool
    rows: int
    sealed: Sealed | None = None
    signed: int = 0
    findings: int = 0
    second: SecondTree | None = None


def verify(
    connection: Connection,
    subjects: Sequence[str] | None = None,
    *,
    replay: bool = False,
    policy: Policy | None = None,
    must_be_signed: bool = False,
    against: Sequence[Checkpoint] = (),
    remembered: Checkpoint | None = None,
    on_step: Callable[[int], None] | None = None,
    on_finding: Callable[[ActFinding], None] | None = None,
) -> Verified:
    """Check the whole history, or that of some subjects; return what was checked.

    With `replay` the projected rows and the snapshots are rebuilt from the entries and compared to
    the tables. For `policy`, `against` and `remembered` see `verify_sealed`; with `must_be_signed`
    a checkpoint must be kept. `on_finding` is told of each entry that is whole but in doubt.

    Raises:
        CheckpointMissingError: none is kept, though the log must be signed.
        HistoryBrokenError: names the first bad entry or row, what was expected and what is there.
        NoteInvalidError, LogForkedError: see `verify_sealed`.
    """
    genesis = _genesis(connection)
    signatories = Signatories(connection, genesis, on_finding)
    if subjects is not None:
        found = _by_subject(
            connection, genesis, subjects, replay=replay, on_step=on_step, signatories=signatories
        )
        _genesis_fields(connection)
        return replace(found, signed=signatories.signed, findings=signatories.findings)
    _no_stray_heads(connection)
    try:
        main = [one for one in against if not one.origin.endswith(f"/{SM3}")]
        sealed, count = _by_log(connection, signatories, policy, main, remembered, on_step)
    except HistoryBrokenError:
        # The log knows places, the chains know names: if they find it too, theirs says more.
        _by_subject(connection, genesis, None, replay=False)
        _no_stray_disclosures(connection)
        raise
    if must_be_signed and not sealed.signed:
        raise CheckpointMissingError(origin=sealed.origin)
    _genesis_fields(connection)
    _no_stray_disclosures(connection)
    found = Verified(subjects=count, entries=sealed.size - 1 + sealed.unsealed, replayed=False,
                     rows=0, sealed=sealed, signed=signatories.signed,
                     findings=signatories.findings,
                     second=verify_second_tree(connection, against))  # fmt: skip
    if not replay:
        return found
    whole = _by_subject(connection, genesis, None, replay=True, on_step=on_step)
    no_stray_rows(connection)
    no_missing_numbers(connection)
    verify_snapshots(connection)
    return replace(found, replayed=True, rows=whole.rows)


def _by_log(
    connection: Connection, signatories: Signatories, policy: Policy | None,
    against: Sequence[Checkpoint], remembered: Checkpoint | None,
    on_step: Callable[[int], None] | None,
) -> tuple[Sealed, int]:  # fmt: skip
    """Check everything in one pass in the order of the log; return also how many subjects."""
    genesis = signatories.genesis
    opened = _Disclosed(connection, genesis)

    def look(batch: Batch) -> None:
        signatories.look_at_all(batch)
        opened.take(batch)

    sealed = verify_sealed(
        connection, genesis, policy=policy, against=against, remembered=remembered,
        on_entries=look, on_step=on_step,
    )  # fmt: skip
    opened.close()
    ends = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(head.c.seq), 0))
    count, total = connection.execute(ends.select_from(head)).one()
    entries = sealed.size - 1 + sealed.unsealed
    same("log", entries, "its entries are more or fewer than the heads say", total, entries)
    wrong = (
        sa.select(head.c.subject, head.c.seq)
        .join_from(
            head, history,
            sa.and_(history.c.subject == head.c.subject, history.c.seq == head.c.seq),
            isouter=True,
        )
        .where(sa.or_(history.c.leaf.is_(None), history.c.leaf != head.c.leaf))
        .limit(1)
    )  # fmt: skip
    for subject, seq in connection.execute(wrong):
        broken(subject, seq, "its leaf is not the head", Phrase(N_("entries")), Phrase(N_("none")))
    return sealed, count


class _Disclosed:
    """Personal data against the digests in the entries, many entries at a time.

    Chains in which something was erased are looked at as a whole, when all entries have come.
    """

    def __init__(self, connection: Connection, genesis: bytes) -> None:
        self._connection = connection
        self._genesis = genesis
        self._waiting: dict[str, dict[str, Any]] = {}
        self._erased: set[str] = set()
        self._seen = 0

    def take(self, batch: Batch) -> None:
        """Take those that disclosed something, and those that erased what another one had."""
        for fields in batch.parsed.values():
            if "sd" in fields:
                self._waiting[fields["id"]] = fields
        if Redacted.kind in batch.columns[KIND]:
            named = zip(batch.columns[KIND], batch.columns[SUBJECT], strict=True)
            self._erased.update(subject for kind, subject in named if kind == Redacted.kind)
        if len(self._waiting) >= _BATCH:
            self._compare()

    def close(self) -> None:
        """Compare what is left, and see that nothing else is disclosed."""
        self._compare()
        subjects = sorted(self._erased)
        for start in range(0, len(subjects), _BATCH):
            chunk = subjects[start : start + _BATCH]
            _by_subject(self._connection, self._genesis, chunk, replay=False)
        count = self._connection.execute(sa.select(sa.func.count()).select_from(disclosure))
        same("log", 0, "personal data belongs to no entry", self._seen, count.scalar_one())

    def _compare(self) -> None:
        found: dict[str, list[tuple[str, str]]] = {}
        wanted = disclosure.select().where(among(disclosure.c.event_id, "ids"))
        for row in self._connection.execute(wanted, {"ids": list(self._waiting)}):
            found.setdefault(row.event_id, []).append((row.path, row.disclosure))
            self._seen += 1
            said = self._waiting[row.event_id]
            same(said["subject"], said["n"], "its personal data is another's", said["subject"],
                 row.subject)  # fmt: skip
        for event_id, one in self._waiting.items():
            opened = Erasures(one["subject"])
            opened.open(one["n"], event_id, one["sd"], found.get(event_id, []))
            if not opened.is_whole:
                self._erased.add(one["subject"])
        self._waiting.clear()


def _by_subject(
    connection: Connection, genesis: bytes, subjects: Sequence[str] | None, *, replay: bool,
    on_step: Callable[[int], None] | None = None, signatories: Signatories | None = None,
) -> Verified:  # fmt: skip
    """Check chain by chain, and with `replay` the rows that come of each."""
    count = entries = rows = 0
    look = signatories.look if signatories is not None else None
    with closing(_chains(connection, genesis, subjects, replay=replay, look=look)) as chains:
        for batch in _batches(chains):
            count += len(batch)
            entries += sum(checked.entries for checked in batch)
            if replay:
                rows += compare(connection, batch)
            if on_step:
                on_step(entries)
    return Verified(subjects=count, entries=entries, replayed=replay, rows=rows)


def _genesis(connection: Connection) -> bytes:
    rows = connection.execute(log.select()).all()
    if not rows:
        raise StoreMissingError(db=str(connection.engine.url))
    same("log", 0, "there is more than one log", 1, len(rows))
    _origin, entry, leaf = rows[0]
    same("log", 0, "the leaf of the genesis entry", leaf, chain.leaf_hash(entry))
    return bytes(leaf)


def _genesis_fields(connection: Connection) -> None:
    origin, entry, _leaf = connection.execute(log.select()).one()
    fields = chain.parse_entry("log", 0, entry)
    same("log", 0, "the name of the log", fields.get("log"), origin)


def _no_stray_heads(connection: Connection) -> None:
    for subject, seq in connection.execute(
        sa.select(head.c.subject, head.c.seq).where(
            ~sa.exists().where(history.c.subject == head.c.subject)
        )
    ):
        wanted = Phrase(N_("{count} entries"), count=seq)
        broken(subject, 1, "its history is gone", wanted, Phrase(N_("none")))


def _no_stray_disclosures(connection: Connection) -> None:
    for row in connection.execute(
        disclosure.select().where(~sa.exists().where(history.c.event_id == disclosure.c.event_id))
    ):
        wanted = Phrase(N_("an entry"))
        broken(row.subject, 0, "a disclosure belongs to no entry", wanted, row.event_id)


def _chains(
    connection: Connection, genesis: bytes, subjects: Sequence[str] | None, *, replay: bool,
    look: Look | None,
) -> Generator[Replayed]:  # fmt: skip
    query = (
        sa.select(
            history,
            head.c.seq.label("head_seq"),
            head.c.leaf.label("head_leaf"),
            sa.exists().where(disclosure.c.subject == history.c.subject).label("discloses"),
        )
        .join_from(history, head, head.c.subject == history.c.subject, isouter=True)
        .order_by(history.c.subject, history.c.seq)
    )
    if subjects is not None:
        query = query.where(history.c.subject.in_(subjects))
    seen = set()
    with connection.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for subject, group in groupby(rows, key=itemgetter(1)):
            if subjects is not None:
                seen.add(subject)
            yield _chain(connection, genesis, subject, list(group), replay=replay, look=look)
    for missing in sorted(set(subjects or ()) - seen):
        broken(missing, 1, "it has no history", Phrase(N_("entries")), Phrase(N_("none")))


def _chain(
    connection: Connection, genesis: bytes, subject: str, rows: list[Any], *, replay: bool,
    look: Look | None,
) -> Replayed:  # fmt: skip
    before = Link(seq=0, leaf=genesis)
    tables: Tables = {}
    erasures = Erasures(subject)
    disclosed = _disclosures(connection, subject) if rows[0].discloses else {}
    for row in rows:
        *columns, entry, leaf, _head_seq, _head_leaf, _discloses = row
        seq = before.seq + 1
        same(subject, seq, "its entry is not stored as bytes", bytes, type(entry))
        same(subject, seq, "an entry is missing before this one", seq, columns[_SEQ])
        same(subject, seq, "its bytes do not give its leaf", leaf, chain.leaf_hash(entry))
        fields = chain.parse_entry(subject, seq, entry)
        chain.check_link(subject, before, fields)
        if list(map(fields.get, _COLUMNS.values())) != columns:
            _name_column(subject, seq, columns, fields)
        if look is not None:
            look(fields)
        texts = disclosed.get(columns[0], [])
        personal = {}
        if texts or "sd" in fields:
            personal = erasures.open(seq, columns[0], fields.get("sd", []), texts)
        erasures.listen(seq, fields)
        if replay:
            replay_entry(subject, seq, fields, personal, tables)
        before = Link(seq=seq, leaf=leaf)
    *_columns, head_seq, head_leaf, _discloses = rows[-1]
    place = min(before.seq, before.seq if head_seq is None else head_seq) + 1
    same(subject, place, "its entries end elsewhere than its head says", head_seq, before.seq)
    same(subject, before.seq, "its leaf is not the head", head_leaf, before.leaf)
    erasures.must_agree()
    return Replayed(subject, len(rows), tables)


def _name_column(subject: str, seq: int, columns: list[Any], fields: dict[str, Any]) -> None:
    for (column, name), stored in zip(_COLUMNS.items(), columns, strict=True):
        if stored != fields.get(name):
            problem = Phrase(N_("its column {column} differs"), column=column)
            broken(subject, seq, problem, fields.get(name), stored)


def _disclosures(connection: Connection, subject: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    wanted = disclosure.select().where(disclosure.c.subject == subject)
    for row in connection.execute(wanted):
        found.setdefault(row.event_id, []).append((row.path, row.disclosure))
    return found


def _batches(chains: Iterator[Replayed]) -> Iterator[list[Replayed]]:
    batch: list[Replayed] = []
    for checked in chains:
        batch.append(checked)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
