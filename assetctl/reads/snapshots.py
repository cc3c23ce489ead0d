"""Do the snapshots hold: they say of all subjects what the log held, and so do their tiles.

A snapshot is what "this is all of it" rests on. Those whose tiles are kept, which are the newest,
are built anew from the sealed entries and compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain, merkle
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.note import to_b64
from assetctl.i18n import N_, Phrase
from assetctl.reads.replay import broken, same
from assetctl.store.snapshot import SUBJECT, Grown, in_bytes, name_of
from assetctl.store.tables import history, leaf, tile

_FETCH = 5_000


def verify_snapshots(connection: Connection) -> int:
    """Check every snapshot whose tiles are kept; return how many there are.

    Raises:
        HistoryBrokenError: a snapshot does not say what the log held, or a tile is not what it
            gives.
    """
    taken = (
        sa.select(history.c.seq, history.c.entry)
        .where(history.c.subject == SUBJECT, history.c.kind == SnapshotTaken.kind)
        .order_by(history.c.seq)
    )
    trees = set(connection.execute(sa.select(tile.c.tree).distinct()).scalars())
    checked = 0
    for seq, entry in connection.execute(taken).all():
        data = json.loads(bytes(entry))["data"]
        if name_of(data["size"]) in trees:
            _verify(connection, seq, **data)
            checked += 1
    return checked


def _verify(connection: Connection, seq: int, *, size: int, count: int, root: str) -> None:
    tree = name_of(size)
    grown = Grown(_heads_in(connection, size))
    made = {(level, n): b"".join(hashes) for level, n, hashes in grown.tiles()}
    same(SUBJECT, seq, "the snapshot counts other subjects", grown.count, count)
    same(SUBJECT, seq, "the snapshot is not what the log held", chain.b64(grown.root()), root)
    rows = connection.execute(
        sa.select(tile.c.level, tile.c.n, tile.c.hashes).where(tile.c.tree == tree)
    )
    kept = {(level, n): bytes(hashes) for level, n, hashes in rows}
    for level, n in sorted(made.keys() | kept.keys()):
        found = [one.get((level, n)) for one in (made, kept)]
        if found[0] != found[1]:
            problem = Phrase(
                N_("tile {n} of level {level} of the snapshot is not what it gives"),
                n=n, level=level,
            )  # fmt: skip
            said = [Phrase(N_("none")) if one is None else _short(one) for one in found]
            broken(SUBJECT, seq, problem, *said)


def _short(hashes: bytes) -> str:
    return to_b64(merkle.sha256(hashes))


def _heads_in(connection: Connection, size: int) -> Iterator[tuple[str, int, bytes]]:
    """Give the newest entry of each subject among the first leaves, from the entries alone."""
    newest = (
        sa.select(history.c.subject, sa.func.max(history.c.seq).label("seq"))
        .join(leaf, leaf.c.event_id == history.c.event_id)
        .where(leaf.c.idx < size)
        .group_by(history.c.subject)
        .subquery()
    )
    query = (
        sa.select(history.c.subject, history.c.seq, history.c.leaf)
        .join(
            newest,
            sa.and_(newest.c.subject == history.c.subject, newest.c.seq == history.c.seq),
        )
        .order_by(in_bytes(connection, history.c.subject))
    )
    with connection.execute(query, execution_options={"yield_per": _FETCH}) as rows:
        for subject, seq, hashed in rows:
            yield subject, seq, bytes(hashed)
