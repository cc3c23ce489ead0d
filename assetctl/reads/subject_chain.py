"""One chain, read from its bytes and checked: what must be believed before it is used."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.reads.replay import same
from assetctl.store.engine import Prepared
from assetctl.store.tables import head, history

_CHAIN = Prepared(
    sa.select(history.c.seq, history.c.entry, history.c.leaf, head.c.seq.label("last"))
    .join_from(history, head, head.c.subject == history.c.subject, isouter=True)
    .where(history.c.subject == sa.bindparam("wanted"))
    .order_by(history.c.seq)
)


def entries_of(connection: Connection, genesis: bytes, subject: str) -> list[dict[str, Any]]:
    """Return the fields of every entry of a subject, the oldest first; none if it has none.

    Raises:
        HistoryBrokenError: the chain does not hold.
    """
    found = []
    before = Link(seq=0, leaf=genesis)
    rows = _CHAIN.run(connection, {"wanted": subject}).fetchall()
    for seq, raw, stored, _last in rows:
        entry, leaf, wanted = bytes(raw), bytes(stored), before.seq + 1
        same(subject, wanted, "an entry is missing before this one", wanted, seq)
        same(subject, seq, "its bytes do not give its leaf", leaf, chain.leaf_hash(entry))
        fields = chain.parse_entry(subject, seq, entry)
        chain.check_link(subject, before, fields)
        before = Link(seq=seq, leaf=leaf)
        found.append(fields)
    last = rows[-1][3] if rows else 0
    same(subject, before.seq, "its entries end elsewhere than its head says", last, before.seq)
    return found


def data_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what an entry says, nothing if a forged one says it in another form."""
    data = fields.get("data")
    return data if isinstance(data, dict) else {}
