"""Snapshots: a tree over the heads of all subjects, so that "this is all of it" can be proven.

Leaf by leaf, sorted by the bytes of the subject, it says the newest entry that each subject had
when the log had a certain size. The tree follows from the history; it is kept to make proofs
quickly, and only the newest few are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain, merkle
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.request import Recorded, Stamp
from assetctl.domain.tiling import TILE, Tile, Tiling
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.seal import seal
from assetctl.store.tables import head, history, leaf, tile

SUBJECT = "log"
"""The subject of the entries about the log itself."""

_PREFIX = "snapshot:"
_KEPT = 3
_FETCH = 5_000
_BATCH = 100


def take(tx: Tx, stamp: Stamp) -> Recorded:
    """Seal, build the snapshot of the log as it is then, keep it, and record what it says."""
    size = seal(tx)
    grown = Grown(heads_at(tx.connection, size))
    _write(tx.connection, name_of(size), grown.tiles())
    _forget_older(tx.connection)
    lock(tx, [SUBJECT])
    event = SnapshotTaken(size=size, count=grown.count, root=chain.b64(grown.root()))
    return record(tx, stamp, [(SUBJECT, event)])[0]


class Grown:
    """The tree over some heads, sorted, as it grows: how many there are, its tiles, its root."""

    def __init__(self, heads: Iterable[tuple[str, int, bytes]]) -> None:
        self.count = 0
        self._heads = iter(heads)
        self._tiling = Tiling()

    def tiles(self) -> Iterator[Tile]:
        """Give all tiles; only then number and root are those of the whole."""
        while batch := list(islice(self._heads, TILE)):
            self.count += len(batch)
            yield from self._tiling.add([leaf_of(*one) for one in batch])
        yield from self._tiling.rest()

    def root(self) -> bytes:
        """Return the root of the tree."""
        return self._tiling.root()


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


def _write(connection: Connection, tree: str, tiles: Iterable[Tile]) -> None:
    connection.execute(tile.delete().where(tile.c.tree == tree))
    made = iter(tiles)
    while batch := list(islice(made, _BATCH)):
        rows = [
            {"tree": tree, "level": one.level, "n": one.n, "hashes": b"".join(one.hashes)}
            for one in batch
        ]
        connection.execute(tile.insert(), rows)
