"""The register's own copies of what was signed; the signer keeps its own outside."""

from __future__ import annotations

import sqlalchemy as sa

from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import Note, parse_note
from assetctl.store.engine import Tx
from assetctl.store.tables import checkpoint


def keep_checkpoint(tx: Tx, *, note: Note, at: str) -> Note:
    """Keep a signed checkpoint, with the signatures it got before; return the whole.

    Raises:
        NoteInvalidError: it is no checkpoint.
    """
    head = parse_checkpoint(note.text)
    key = (checkpoint.c.origin == head.origin, checkpoint.c.size == head.size)
    wanted = sa.select(checkpoint.c.note).where(*key).with_for_update()
    before = tx.connection.execute(wanted).scalar()
    if before is None:
        row = {"origin": head.origin, "size": head.size, "note": str(note), "signed_at": at}
        tx.connection.execute(checkpoint.insert(), row)
        return note
    kept = parse_note(before)
    if kept.text == note.text:
        note = kept.with_signatures(note.signatures)
    tx.connection.execute(checkpoint.update().where(*key).values(note=str(note)))
    return note
