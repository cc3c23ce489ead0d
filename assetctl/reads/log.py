"""The log as it stands: its name and first key, how much of it is sealed, what was signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.checkpoint import Checkpoint, parse_checkpoint
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.note import Note, parse_note
from assetctl.errors import StoreMissingError
from assetctl.store.snapshot import SUBJECT
from assetctl.store.tables import checkpoint, history, leaf, log
from assetctl.store.tree import MAIN, Tree, sealed_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log: its origin, the key its genesis names, its sealed size, and what waits."""

    origin: str
    vkey: str
    size: int
    unsealed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A checkpoint the register keeps: its head, the whole note, and when it was signed."""

    head: Checkpoint
    note: Note
    signed_at: str


def the_log(connection: Connection) -> Log:
    """Return the log of this register.

    Raises:
        StoreMissingError: there is none.
    """
    row = connection.execute(sa.select(log.c.origin, log.c.entry)).first()
    if row is None:
        raise StoreMissingError(db=str(connection.engine.url))
    waiting = sa.select(sa.func.count()).select_from(leaf).where(leaf.c.idx.is_(None))
    return Log(
        origin=row.origin, vkey=json.loads(bytes(row.entry))["vkey"],
        size=sealed_size(connection), unsealed=connection.execute(waiting).scalar_one(),
    )  # fmt: skip


def origin_of(origin: str, tree: str) -> str:
    """Return the origin under which a tree of a log is signed."""
    return origin if tree == MAIN else f"{origin}/{tree}"


def head_of(connection: Connection, tree: str = MAIN) -> Checkpoint:
    """Return what a checkpoint of the sealed log would say now."""
    found = the_log(connection)
    root = Tree(connection, tree).root(found.size)
    return Checkpoint(origin=origin_of(found.origin, tree), size=found.size, root=root)


def checkpoints(connection: Connection, origin: str) -> list[Kept]:
    """Return every checkpoint that is kept of a log, the oldest first.

    Raises:
        NoteInvalidError: one of them is malformed.
    """
    wanted = checkpoint.select().where(checkpoint.c.origin == origin).order_by(checkpoint.c.size)
    return [_kept(row.note, row.signed_at) for row in connection.execute(wanted)]


def newest_checkpoint(connection: Connection, origin: str) -> Kept | None:
    """Return the largest checkpoint that is kept of a log, None if nothing was signed.

    Raises:
        NoteInvalidError: it is malformed.
    """
    wanted = (
        checkpoint.select()
        .where(checkpoint.c.origin == origin)
        .order_by(checkpoint.c.size.desc())
        .limit(1)
    )
    row = connection.execute(wanted).first()
    return None if row is None else _kept(row.note, row.signed_at)


def newest_snapshot(connection: Connection) -> tuple[str, dict[str, Any]] | None:
    """Return when the newest snapshot was recorded and what it says, None if there is none."""
    wanted = (
        sa.select(history.c.recorded_at, history.c.entry)
        .where(history.c.subject == SUBJECT, history.c.kind == SnapshotTaken.kind)
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    row = connection.execute(wanted).first()
    return None if row is None else (row.recorded_at, json.loads(bytes(row.entry))["data"])


def is_snapshot_due(connection: Connection) -> bool:
    """Return whether anything but that snapshot was recorded since the newest one."""
    newest = newest_snapshot(connection)
    if newest is None:
        return True
    found = the_log(connection)
    return found.size + found.unsealed > int(newest[1]["size"]) + 1


def _kept(text: str, signed_at: str) -> Kept:
    note = parse_note(text)
    return Kept(head=parse_checkpoint(note.text), note=note, signed_at=signed_at)
