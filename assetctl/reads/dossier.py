"""What a dossier about one subject is made of: its entries with proofs, and that they are all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.checkpoint import TlogProof
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.note import Note
from assetctl.errors import CheckpointMissingError, SubjectNotFoundError
from assetctl.reads.log import Kept, newest_checkpoint, the_log
from assetctl.store.snapshot import SUBJECT, in_bytes, leaf_bytes, name_of
from assetctl.store.tables import disclosure, head, history, leaf, log
from assetctl.store.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An entry and its place in the log: number in its chain, bytes, and the proof file."""

    seq: int
    index: int
    entry: bytes
    proof: TlogProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """That a subject had no more entries than `seq` when a snapshot was taken."""

    snapshot: Proven
    index: int
    count: int
    leaf: bytes
    proof: tuple[bytes, ...]
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A photo or document that an entry names: hash, what it is for, what sort of file."""

    sha256: str
    role: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything about one subject up to a signed checkpoint; `later` entries are not in it."""

    subject: str
    origin: str
    checkpoint: Kept
    genesis: Proven
    entries: tuple[Proven, ...]
    keys: dict[str, tuple[Proven, ...]]
    disclosures: tuple[str, ...]
    completeness: Completeness | None
    files: tuple[File, ...]
    later: int


def dossier(connection: Connection, subject: str) -> Dossier:
    """Return the dossier of a subject up to the newest checkpoint.

    Raises:
        SubjectNotFoundError: it has no entries in the sealed log.
        CheckpointMissingError: nothing was signed yet.
    """
    origin = the_log(connection).origin
    checkpoint = newest_checkpoint(connection, origin)
    if checkpoint is None:
        raise CheckpointMissingError(origin=origin)
    maker = _Maker(connection, checkpoint)
    entries = maker.entries(subject)
    if not entries:
        raise SubjectNotFoundError(subject=subject)
    total = connection.execute(sa.select(head.c.seq).where(head.c.subject == subject)).scalar()
    return Dossier(
        subject=subject, origin=origin, checkpoint=checkpoint, genesis=maker.genesis(),
        entries=entries, keys=maker.keys(entries), disclosures=maker.disclosures(subject),
        completeness=maker.completeness(subject), files=_files(entries),
        later=int(total or 0) - len(entries),
    )  # fmt: skip


def proof_of(connection: Connection, event_id: str) -> Proven:
    """Return the proof that one entry stands in the log of the newest checkpoint.

    Raises:
        SubjectNotFoundError: there is no such entry in the sealed log.
        CheckpointMissingError: nothing was signed yet.
    """
    origin = the_log(connection).origin
    checkpoint = newest_checkpoint(connection, origin)
    if checkpoint is None:
        raise CheckpointMissingError(origin=origin)
    found = _Maker(connection, checkpoint).where(history.c.event_id == event_id)
    if not found:
        raise SubjectNotFoundError(subject=event_id)
    return found[0]


class _Maker:
    """Finds entries up to a checkpoint and proves each of them to it."""

    def __init__(self, connection: Connection, checkpoint: Kept) -> None:
        self._connection = connection
        self._size = checkpoint.head.size
        self._note: Note = checkpoint.note
        self._tree = Tree(connection)

    def genesis(self) -> Proven:
        """Return the first entry of the log."""
        entry = bytes(self._connection.execute(sa.select(log.c.entry)).scalar_one())
        return self._proven(0, 0, entry)

    def entries(self, subject: str) -> tuple[Proven, ...]:
        """Return the sealed entries of a subject in order."""
        return self.where(history.c.subject == subject)

    def where(self, *conditions: sa.ColumnElement[bool]) -> tuple[Proven, ...]:
        """Return the sealed entries for which some conditions hold."""
        wanted = (
            sa.select(history.c.seq, leaf.c.idx, history.c.entry)
            .join(leaf, leaf.c.event_id == history.c.event_id)
            .where(*conditions, leaf.c.idx < self._size)
            .order_by(history.c.subject, history.c.seq)
        )
        return tuple(
            self._proven(seq, idx, bytes(entry))
            for seq, idx, entry in self._connection.execute(wanted)
        )

    def keys(self, entries: tuple[Proven, ...]) -> dict[str, tuple[Proven, ...]]:
        """Return the entries of every key that signed one of these entries, by its code."""
        codes = {json.loads(one.entry).get("by") for one in entries} - {None}
        return {code: self.entries(f"key:{code}") for code in sorted(codes)}

    def disclosures(self, subject: str) -> tuple[str, ...]:
        """Return the personal data of a subject that has not been erased, as it was disclosed."""
        wanted = (
            sa.select(disclosure.c.disclosure)
            .join(leaf, leaf.c.event_id == disclosure.c.event_id)
            .where(disclosure.c.subject == subject, leaf.c.idx < self._size)
            .order_by(disclosure.c.event_id, disclosure.c.path)
        )
        return tuple(self._connection.execute(wanted).scalars())

    def completeness(self, subject: str) -> Completeness | None:
        """Return the proof from the newest snapshot that covers the subject; None without one."""
        for one in reversed(
            self.where(history.c.subject == SUBJECT, history.c.kind == SnapshotTaken.kind)
        ):
            data: dict[str, Any] = json.loads(one.entry)["data"]
            found = self._newest(subject, data["size"])
            tree = Tree(self._connection, name_of(data["size"]))
            if found is None or not tree.is_kept():
                continue
            seq, hashed = found
            index = self._position(subject, data["size"])
            return Completeness(
                snapshot=one, index=index, count=data["count"], seq=seq,
                leaf=leaf_bytes(subject, seq, hashed), proof=tree.inclusion(index, data["count"]),
            )  # fmt: skip
        return None

    def _newest(self, subject: str, size: int) -> tuple[int, bytes] | None:
        wanted = (
            sa.select(history.c.seq, history.c.leaf)
            .join(leaf, leaf.c.event_id == history.c.event_id)
            .where(history.c.subject == subject, leaf.c.idx < size)
            .order_by(history.c.seq.desc())
            .limit(1)
        )
        row = self._connection.execute(wanted).first()
        return None if row is None else (row[0], bytes(row[1]))

    def _position(self, subject: str, size: int) -> int:
        """Return how many subjects stood before this one when the log had `size` leaves."""
        mine = in_bytes(self._connection, sa.literal(subject))
        before = sa.select(sa.func.count()).select_from(head)
        all_now = before.where(in_bytes(self._connection, head.c.subject) < mine)
        younger = (
            sa.select(sa.func.count())
            .select_from(leaf)
            .join(history, history.c.event_id == leaf.c.event_id)
            .where(
                sa.or_(leaf.c.idx >= size, leaf.c.idx.is_(None)),
                history.c.seq == 1,
                in_bytes(self._connection, history.c.subject) < mine,
            )
        )
        count = self._connection.execute(all_now).scalar_one()
        return int(count) - int(self._connection.execute(younger).scalar_one())

    def _proven(self, seq: int, index: int, entry: bytes) -> Proven:
        path = self._tree.inclusion(index, self._size)
        proof = TlogProof(index=index, proof=path, note=self._note)
        return Proven(seq=seq, index=index, entry=entry, proof=proof)


def _files(entries: tuple[Proven, ...]) -> tuple[File, ...]:
    """Return the files that some entries name."""
    found = {}
    for one in entries:
        data = json.loads(one.entry)["data"]
        if "sha256" in data and "media_type" in data:
            sha256 = data["sha256"]
            found[sha256] = File(
                sha256=sha256, role=data.get("role", ""), media_type=data["media_type"]
            )
    return tuple(found.values())


def completeness_json(one: Completeness) -> bytes:
    """Return the bytes of a dossier's `completeness.json`."""
    leaf_fields = json.loads(one.leaf)
    proof = [chain.b64(step) for step in one.proof]
    return chain.canonical({"index": one.index, "leaf": leaf_fields, "proof": proof})
