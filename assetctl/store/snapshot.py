"""Snapshots: a tree over the heads of all subjects, so that "this is all of it" can be proven.

Leaf by leaf, sorted by the bytes of the subject, it says the newest entry that each subject had
when the log had a certain size. The tree follows from the history; it is kept to make proofs
quickly, and only the newest few are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain, merkle
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.request import Recorded, Stamp
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.seal import seal
from assetctl.store.tables import head, history, leaf, tile
from assetctl.store.tree import TILE

SUBJECT = "log"
"""The subject of the entries about the log itself."""

_PREFIX = "snapshot:"
_KEPT = 3
_FETCH = 5_000


def take(tx: Tx, stamp: Stamp) -> Recorded:
    """Seal, build the snapshot of the log as it is then, keep it, and record what it says."""
    size = seal(tx)
    grown = _Tiles(tx.connection, name_of(size))
    count = 0
    for subject, seq, hashed in heads_at(tx.connection, size):
        grown.append(leaf_of(subject, seq, hashed))
        count += 1
    root = grown.close()
    _forget_older(tx.connection)
    lock(tx, [SUBJECT])
    event = SnapshotTaken(size=size, count=count, root=chain.b64(root))
    return record(tx, stamp, [(SUBJECT, event)])[0]


def name_of(size: int) -> str:
    """Return the name of the tree that is the snapshot of a log of `size` leaves."""
    return f"{_PREFIX}{size}"


def leaf_of(subject: str, seq: int, hashed: bytes) -> bytes:
    """Return the leaf hash for a subject whose newest entry is number `seq` with leaf `hashed`."""
    return merkle.leaf_hash(leaf_bytes(subject, seq, hashed))


def leaf_bytes(subject: str, seq: int, hashed: bytes) -> bytes:
    """Return what a leaf of a snapshot is made from: canonical JSON."""
    return chain.canonical({"a": subject, "h": chain.b64(hashed), "n": seq})


def heads_at(connection: Connection, size: int) -> Iterator[tuple[str, int, bytes]]:
    """Give subject, number and leaf of the newest entry of each in a log of `size`, sorted."""
    query = (
        sa.select(head.c.subject, head.c.seq, head.c.leaf, leaf.c.idx)
        .join_from(
            head, history,
            sa.and_(history.c.subject == head.c.subject, history.c.seq == head.c.seq),
        )
        .join(leaf, leaf.c.event_id == history.c.event_id)
        .order_by(in_bytes(connection, head.c.subject))
    )  # fmt: skip
    with connection.execute(query, execution_options={"yield_per": _FETCH}) as rows:
        for subject, seq, hashed, idx in rows:
            if idx is not None and idx < size:
                yield subject, seq, bytes(hashed)
            else:
                yield from _older(connection, subject, size)


def in_bytes(connection: Connection, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return a text column to be sorted and compared by its bytes, whatever the database's rule."""
    return column if connection.dialect.name == "sqlite" else sa.collate(column, "C")


def _older(connection: Connection, subject: str, size: int) -> Iterator[tuple[str, int, bytes]]:
    # Somebody has written since: what counts is what was sealed.
    wanted = (
        sa.select(history.c.seq, history.c.leaf)
        .join(leaf, leaf.c.event_id == history.c.event_id)
        .where(history.c.subject == subject, leaf.c.idx < size)
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    for seq, hashed in connection.execute(wanted):
        yield subject, seq, bytes(hashed)


def _forget_older(connection: Connection) -> None:
    names = connection.execute(
        sa.select(tile.c.tree).where(tile.c.tree.like(f"{_PREFIX}%")).distinct()
    ).scalars()
    by_size = sorted(names, key=lambda name: int(name.removeprefix(_PREFIX)))
    for name in by_size[:-_KEPT]:
        connection.execute(tile.delete().where(tile.c.tree == name))


class _Tiles:
    """A tree written tile by tile as its leaves come."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._levels: list[list[bytes]] = [[]]
        self._written: list[int] = [0]
        self._rows: list[dict[str, Any]] = []
        connection.execute(tile.delete().where(tile.c.tree == name))

    def append(self, hashed: bytes, level: int = 0) -> None:
        """Add a hash; a full tile is written and becomes a hash of the level above."""
        if level == len(self._levels):
            self._levels.append([])
            self._written.append(0)
        hashes = self._levels[level]
        hashes.append(hashed)
        if len(hashes) == TILE:
            root = merkle.tree_root(hashes)
            self._write(level)
            self.append(root, level + 1)

    def close(self) -> bytes:
        """Write what is left; return the root."""
        roots: list[bytes] = []
        for hashes in reversed(self._levels):
            roots += [
                merkle.tree_root(hashes[index << rest : (index + 1) << rest])
                for rest, index in merkle.perfect((0, len(hashes)))
            ]
        for level, hashes in enumerate(self._levels):
            if hashes:
                self._write(level)
        self._flush()
        return merkle.fold(roots)

    def _write(self, level: int) -> None:
        self._rows.append(
            {"tree": self._name, "level": level, "n": self._written[level],
             "hashes": b"".join(self._levels[level])}
        )  # fmt: skip
        self._written[level] += 1
        self._levels[level] = []
        if len(self._rows) == TILE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._connection.execute(tile.insert(), self._rows)
        self._rows = []
