"""A tree cut into tiles of 256 hashes (C2SP tlog-tiles), made as its leaves come.

No more than one tile of each level is held at a time, so a tree of any size passes through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assetctl.domain import merkle

TILE = 256
"""Hashes of a full tile."""


class Tile(NamedTuple):
    """Hashes `n * 256` and following of a level; level 0 are the leaves."""

    level: int
    n: int
    hashes: tuple[bytes, ...]


class Tiling:
    """The tiles of a growing tree: at each level the hashes of the one that is not full yet."""

    def __init__(self) -> None:
        self._open: list[list[bytes]] = [[]]
        self._full = [0]

    def add(self, hashes: Sequence[bytes]) -> Iterator[Tile]:
        """Take in leaves; give the tiles that are full now, each before the ones above it."""
        start = 0
        while start < len(hashes):
            room = TILE - len(self._open[0])
            self._open[0] += hashes[start : start + room]
            start += room
            if len(self._open[0]) == TILE:
                yield from self._close(0)

    def rest(self) -> Iterator[Tile]:
        """Give the tiles that are left partial."""
        for level, hashes in enumerate(self._open):
            if hashes:
                yield Tile(level, self._full[level], tuple(hashes))

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        parts = [
            merkle.tree_root(hashes[index << height : (index + 1) << height])
            for hashes in reversed(self._open)
            for height, index in merkle.perfect((0, len(hashes)))
        ]
        return merkle.fold(parts)

    def counts(self) -> list[int]:
        """Return how many tiles each level has, partial ones among them."""
        return [full + bool(rest) for full, rest in zip(self._full, self._open, strict=True)]

    def _close(self, level: int) -> Iterator[Tile]:
        hashes = self._open[level]
        yield Tile(level, self._full[level], tuple(hashes))
        self._full[level] += 1
        self._open[level] = []
        if level + 1 == len(self._open):
            self._open.append([])
            self._full.append(0)
        self._open[level + 1].append(merkle.tree_root(hashes))
        if len(self._open[level + 1]) == TILE:
            yield from self._close(level + 1)
