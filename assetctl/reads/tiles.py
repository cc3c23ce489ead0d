"""The whole log as files (C2SP tlog-tiles), made from the bytes of its entries and nothing else.

Bundles hold 256 entries, tiles 256 hashes; the last ones may be partial and have the size of the
tree in their path. No more than one bundle and one tile of each level is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import to_b64
from assetctl.domain.tiling import TILE, Tile, Tiling
from assetctl.errors import HistoryBrokenError
from assetctl.i18n import N_
from assetctl.store.tables import disclosure, leaf
from assetctl.store.tree import entries

LogFile = tuple[str, bytes]
"""A path inside the folder, and what the file holds."""


def tile_path(level: int | str, n: int, width: int = TILE) -> str:
    """Return the path of a tile, or of a bundle if the level is `entries`.

    Number 1234067 is written `x001/x234/067`; a partial one ends in `.p/` and its width.
    """
    text = str(n)
    text = text.zfill(len(text) + -len(text) % 3)
    groups = [text[start : start + 3] for start in range(0, len(text), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < TILE else "")


def log_files(connection: Connection, head: Checkpoint) -> Iterator[LogFile]:
    """Give every tile and bundle of the log as it was when a checkpoint was signed.

    Raises:
        HistoryBrokenError: the entries are not those that the checkpoint was signed for. All files
            but this knowledge were given by then, so none of them may be kept.
    """
    tiling = Tiling()
    bundle: list[bytes] = []
    for count, entry in enumerate(entries(connection, 0, head.size), 1):
        bundle.append(entry)
        if len(bundle) == TILE or count == head.size:
            framed = b"".join(len(one).to_bytes(2, "big") + one for one in bundle)
            yield tile_path("entries", (count - 1) // TILE, len(bundle)), framed
            yield from map(_file_of, tiling.add([merkle.leaf_hash(one) for one in bundle]))
            bundle = []
    yield from map(_file_of, tiling.rest())
    root = tiling.root()
    if root != head.root:
        problem = N_("the entries are not those that the checkpoint was signed for")
        raise HistoryBrokenError(
            subject="log", seq=head.size - 1, problem=problem,
            expected=to_b64(head.root), got=to_b64(root),
        )  # fmt: skip


def disclosures(connection: Connection, size: int) -> Iterator[str]:
    """Give what is disclosed of the first so many entries, and not erased, in their order."""
    wanted = (
        sa.select(disclosure.c.disclosure)
        .join(leaf, leaf.c.event_id == disclosure.c.event_id)
        .where(leaf.c.idx < size)
        .order_by(leaf.c.idx, disclosure.c.path)
    )
    yield from connection.execute(wanted, execution_options={"yield_per": 1000}).scalars()


def _file_of(tile: Tile) -> LogFile:
    return tile_path(tile.level, tile.n, len(tile.hashes)), b"".join(tile.hashes)
