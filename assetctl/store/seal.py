"""Sealing: every entry gets its place in the log, once and for ever.

On SQLite an entry is sealed in the transaction that writes it, for there is one writer. On
PostgreSQL a writer only notes that it is to be sealed, so that writers never wait for one another;
one sealer at a time gives all that is committed its places. What was committed late is among the
unsealed ones like anything else: nothing can be passed over. The order is free but for this: the
entries of one subject keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from assetctl.domain.tiling import TILE
from assetctl.store.engine import Prepared, Tx
from assetctl.store.tables import leaf
from assetctl.store.tree import Tree, sealed_size

_LOCK = sa.text("SELECT pg_advisory_xact_lock(7201130915)")
_SEALED = Prepared(leaf.insert())
_FEW = 100
_PLACE = sa.text(
    # Within a subject the largest time so far never falls, so that its entries stay in order.
    "UPDATE leaf SET idx = :size - 1 + placed.place FROM ("
    " SELECT event_id, row_number() OVER (ORDER BY latest, subject, seq) AS place FROM ("
    "  SELECT history.event_id, subject, seq,"
    "   max(recorded_at) OVER (PARTITION BY subject ORDER BY seq) AS latest"
    "  FROM leaf JOIN history ON history.event_id = leaf.event_id WHERE leaf.idx IS NULL"
    " ) AS waiting"
    ") AS placed WHERE leaf.event_id = placed.event_id"
)

WAITING = Prepared(sa.text("INSERT INTO leaf (event_id) VALUES (:event_id)"))
"""Notes that an entry is to be sealed."""

Leaf = tuple[str, bytes]
"""An entry's id and its leaf hash."""


def note(tx: Tx, leaves: Sequence[Leaf]) -> None:
    """Note that these entries are to be sealed; on SQLite they are sealed at once."""
    if not tx.is_sqlite:
        if len(leaves) > _FEW:
            tx.load("leaf", ("event_id",), [(event_id,) for event_id, _ in leaves])
        else:
            WAITING.run_many(tx.connection, [{"event_id": event_id} for event_id, _ in leaves])
        return
    first = sealed_size(tx.connection)
    rows = [{"event_id": one[0], "idx": place} for place, one in enumerate(leaves, first)]
    _SEALED.run_many(tx.connection, rows)
    size = first + len(leaves)
    if first // TILE != size // TILE:
        Tree(tx.connection).extend(size, (first, [hashed for _, hashed in leaves]))


def seal(tx: Tx) -> int:
    """Seal whatever is committed and not sealed yet; return the size of the log.

    One sealer at a time: a second one waits, and then finds nothing left to do.
    """
    if not tx.is_sqlite:
        tx.connection.execute(_LOCK)
    size = sealed_size(tx.connection)
    placed = tx.connection.execute(_PLACE, {"size": size}).rowcount
    if placed:
        Tree(tx.connection).extend(size + placed)
    return size + placed
