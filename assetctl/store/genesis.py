"""The first entry of a log, written once when the register is made."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.store.tables import log


def write_genesis(connection: Connection, *, origin: str, nonce: bytes, vkey: str) -> bool:
    """Write the genesis entry unless there is one; return whether it was written now."""
    if connection.execute(sa.select(log.c.origin)).first() is not None:
        return False
    entry = chain.genesis_entry(origin=origin, nonce=nonce, vkey=vkey)
    connection.execute(
        log.insert(), {"origin": origin, "entry": entry, "leaf": chain.leaf_hash(entry)}
    )
    return True
