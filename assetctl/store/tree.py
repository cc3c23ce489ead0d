"""The trees over all entries: hashes by place, roots, proofs, and the tiles that make them quick.

Leaf 0 is the genesis entry, leaf i the entry whose row in `leaf` says i. A tile holds 256 hashes
(C2SP tlog-tiles); tiles of level 0 are the leaf hashes themselves and are not kept twice. Both
trees hash the same entries: `sha256` is the log, `sm3` its copy for those who must have SM3. A
snapshot is a tree of its own, over the heads of all subjects, and all its tiles are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import merkle
from assetctl.domain.merkle import DIGESTS, SIZE
from assetctl.domain.tiling import TILE
from assetctl.errors import HistoryBrokenError
from assetctl.i18n import N_, Phrase
from assetctl.store.engine import Prepared
from assetctl.store.tables import history, leaf, log, tile

MAIN = "sha256"
"""The tree that entries are chained by and checkpoints are about."""

_HEIGHT = 8
_SIZE = Prepared(sa.select(sa.func.max(leaf.c.idx)))
_SPAN = (leaf.c.idx >= sa.bindparam("start"), leaf.c.idx < sa.bindparam("end"))
_JOINED = leaf.join(history, history.c.event_id == leaf.c.event_id)


def _span(column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(column).select_from(_JOINED).where(*_SPAN).order_by(leaf.c.idx)


_LEAVES, _ENTRIES = _span(history.c.leaf), _span(history.c.entry)


def sealed_size(connection: Connection) -> int:
    """Return how many leaves the log has, the genesis among them."""
    row = _SIZE.run(connection, {}).fetchone()
    return (row[0] or 0) + 1


class Tree:
    """One tree, read through a connection; what it has read of it once it keeps."""

    def __init__(self, connection: Connection, name: str = MAIN) -> None:
        self.name = name
        self.digest = DIGESTS.get(name, merkle.sha256)
        self._connection = connection
        self._tiles: dict[tuple[int, int], bytes] = {}

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the hashes of the leaves from `start` to before `end`."""
        span = {"start": start, "end": end}
        if self.name == MAIN:
            found = [bytes(one) for one in self._connection.execute(_LEAVES, span).scalars()]
            genesis = sa.select(log.c.leaf)
        else:
            entries = self._connection.execute(_ENTRIES, span).scalars()
            found = [
                merkle.leaf_hash(_stored(one, place), self.digest)
                for place, one in enumerate(entries, max(start, 1))
            ]
            genesis = sa.select(log.c.entry)
        if start > 0:
            return found
        first = bytes(self._connection.execute(genesis).scalar_one())
        return [first if self.name == MAIN else merkle.leaf_hash(first, self.digest), *found]

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves."""
        return self.hash_of((0, size)) if size else self.digest(b"")

    def hash_of(self, span: merkle.Range) -> bytes:
        """Return the root of a subtree that may be ragged on the right."""
        return merkle.fold([self._perfect(*one) for one in merkle.perfect(span)], self.digest)

    def is_kept(self) -> bool:
        """Return whether any tile of this tree is kept; a snapshot's may have been forgotten."""
        wanted = sa.select(tile.c.n).where(tile.c.tree == self.name).limit(1)
        return self._connection.execute(wanted).first() is not None

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that leaf `index` stands in the tree of `size`.

        Raises:
            ProofInvalidError: there is no such leaf.
        """
        return tuple(map(self.hash_of, merkle.inclusion_ranges(index, size)))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new` leaves begins with that of `old`.

        Raises:
            ProofInvalidError: the older tree is the larger one.
        """
        return tuple(map(self.hash_of, merkle.consistency_ranges(old, new)))

    def extend(self, size: int, known: tuple[int, Sequence[bytes]] = (0, ())) -> None:
        """Write the tiles that are complete in the tree of `size` and not written yet.

        `known` are leaf hashes at hand, from the first one's index on.
        """
        done = self._hashes_at(1)
        if done >= size // TILE:
            return
        fresh = [
            merkle.tree_root(self._tile_leaves(n, known), self.digest)
            for n in range(done, size // TILE)
        ]
        level = 1
        while fresh:
            fresh = self._append(level, done, fresh)
            level += 1
            done = self._hashes_at(level) if fresh else 0

    # --- parts -----------------------------------------------------------------------------

    def _perfect(self, level: int, index: int) -> bytes:
        height, rest = divmod(level, _HEIGHT)
        first = index << rest
        hashes = self._tile(height, first // TILE)
        start = first % TILE * SIZE
        piece = hashes[start : start + (SIZE << rest)]
        parts = [piece[place : place + SIZE] for place in range(0, len(piece), SIZE)]
        return merkle.tree_root(parts, self.digest)

    def _tile(self, level: int, n: int) -> bytes:
        if (level, n) not in self._tiles:
            if level or self.name not in DIGESTS:
                wanted = sa.select(tile.c.hashes).where(
                    tile.c.tree == self.name, tile.c.level == level, tile.c.n == n
                )
                hashes = bytes(self._connection.execute(wanted).scalar() or b"")
            else:
                hashes = b"".join(self.leaves(n * TILE, (n + 1) * TILE))
            self._tiles[level, n] = hashes
        return self._tiles[level, n]

    def _tile_leaves(self, n: int, known: tuple[int, Sequence[bytes]]) -> Sequence[bytes]:
        start, end, first = n * TILE, (n + 1) * TILE, known[0]
        if first <= start and end <= first + len(known[1]):
            return known[1][start - first : end - first]
        if start < first < end <= first + len(known[1]):
            return [*self.leaves(start, first), *known[1][: end - first]]
        return self.leaves(start, end)

    def _hashes_at(self, level: int) -> int:
        """Return how many hashes are kept at a level."""
        wanted = (
            sa.select(tile.c.n, sa.func.length(tile.c.hashes))
            .where(tile.c.tree == self.name, tile.c.level == level)
            .order_by(tile.c.n.desc())
            .limit(1)
        )
        row = self._connection.execute(wanted).first()
        return 0 if row is None else row[0] * TILE + row[1] // SIZE

    def _append(self, level: int, done: int, fresh: Sequence[bytes]) -> list[bytes]:
        """Write hashes at the end of a level; return the roots of the tiles that became full."""
        full: list[bytes] = []
        for start in range(done - done % TILE, done + len(fresh), TILE):
            more = fresh[max(0, start - done) : start + TILE - done]
            before = self._tile(level, start // TILE) if start < done else b""
            hashes = before + b"".join(more)
            self._write(level, start // TILE, hashes, is_new=not before)
            if len(hashes) == TILE * SIZE:
                parts = (hashes[place : place + SIZE] for place in range(0, len(hashes), SIZE))
                full.append(merkle.tree_root(parts, self.digest))
        return full

    def _write(self, level: int, n: int, hashes: bytes, *, is_new: bool) -> None:
        self._tiles[level, n] = hashes
        row = {"tree": self.name, "level": level, "n": n, "hashes": hashes}
        if is_new:
            self._connection.execute(tile.insert(), row)
        else:
            key = (tile.c.tree == self.name, tile.c.level == level, tile.c.n == n)
            self._connection.execute(tile.update().where(*key).values(hashes=hashes))


def entries(connection: Connection, start: int, end: int) -> Iterable[bytes]:
    """Give the bytes of the entries from leaf `start` to before `end`, the genesis as leaf 0.

    Raises:
        HistoryBrokenError: one is not stored as bytes.
    """
    if start <= 0 < end:
        yield bytes(connection.execute(sa.select(log.c.entry)).scalar_one())
    rows = connection.execute(
        _ENTRIES, {"start": start, "end": end}, execution_options={"yield_per": 1000}
    )
    for place, entry in enumerate(rows.scalars(), max(start, 1)):
        yield _stored(entry, place)


def _stored(entry: Any, place: int) -> bytes:
    if isinstance(entry, bytes | memoryview):
        return bytes(entry)
    raise HistoryBrokenError(
        subject="log", seq=place, problem=Phrase(N_("its entry is not stored as bytes")),
        expected="bytes", got=type(entry).__name__,
    )  # fmt: skip
