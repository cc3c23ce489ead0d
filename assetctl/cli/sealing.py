"""Sealing and signing as the edge does it: its transactions, its clock, its signer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetctl.cli import clock
from assetctl.domain.chain import instant
from assetctl.domain.checkpoint import Checkpoint, Request
from assetctl.domain.note import Note, Signature, VerifierKey, checks_at_hand, verify
from assetctl.errors import (
    ConfigError,
    LogForkedError,
    NoteInvalidError,
    SignerAnswerError,
    SignerSizeError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.log import head_of, is_snapshot_due, newest_checkpoint, newest_snapshot
from assetctl.reads.log_keys import log_keys
from assetctl.store.checkpoints import keep_checkpoint
from assetctl.store.seal import seal
from assetctl.store.signer import CommandSigner, FileSigner, Signer
from assetctl.store.snapshot import take
from assetctl.store.tree import MAIN, Tree

if TYPE_CHECKING:
    from assetctl.cli.context import Context

NOT_CHECKED = N_(
    "{count} signatures of {origin} were not checked: the library gmssl-pyx is not installed here. "
    "Check them where it is, before anybody relies on them."
)
_TREES = ("sha256", "sm3")


def seal_log(world: Context) -> int:
    """Seal whatever is committed; return the size of the log."""
    with world.store.writing() as tx:
        size = seal(tx)
        for name in trees_of(world):
            if name != MAIN:
                Tree(tx.connection, name).extend(size)
        return size


def is_new_day(world: Context) -> bool:
    """Return whether no snapshot was taken today, by the clock of the desk's time zone."""
    with world.store.reading() as connection:
        newest = newest_snapshot(connection)
    zone = world.settings.timezone
    today = clock.local(instant(clock.now()), zone)[:10]
    return newest is None or clock.local(newest[0], zone)[:10] < today


def snapshot_log(world: Context) -> None:
    """Record what every subject's newest entry is now, unless the newest snapshot says so still."""
    with world.store.reading() as connection:
        if not is_snapshot_due(connection):
            return
    with world.store.writing() as tx:
        take(tx, world.stamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A checkpoint as it was signed and kept; `unchecked` are signatures nobody here can check."""

    note: Note
    unchecked: int = 0


def sign_log(world: Context, tree: str = MAIN) -> SignedHead:
    """Have the head of the sealed log signed, check the signatures, and keep the checkpoint.

    Raises:
        LogForkedError: the log does not continue what the signer signed before.
        KeyMissingError, SignerFailedError: there is nobody here who can sign.
        SignerAnswerError: what came back is not signed with the keys of the log.
        HistoryBrokenError: the keys of the log as they are noted are not to be trusted.
    """
    signer = signer_of(world, tree)
    with world.store.reading() as connection:
        head = head_of(connection, tree)
        kept = newest_checkpoint(connection, head.origin)
        old = kept.head.size if kept and kept.head.size <= head.size else 0
        known = log_keys(connection).signing(tree)
        signatures = _ask(signer, Tree(connection, tree), old, head)
    note = Note(str(head), signatures)
    unchecked = _must_be_signed(head, note, known)
    with world.store.writing() as tx:
        note = keep_checkpoint(tx, note=note, at=instant(clock.now()))
    return SignedHead(note=note, unchecked=unchecked)


def _ask(
    signer: Signer, tree: Tree, old: int, head: Checkpoint
) -> tuple[Signature, ...]:  # fmt: skip
    try:
        return signer.sign(_request(tree, old, head))
    except SignerSizeError as error:
        before = int(str(error.facts["size"]))
        if before > head.size:
            reason = Phrase(N_("it had {old} entries and has {new} now"), old=before, new=head.size)
            raise LogForkedError(origin=head.origin, reason=reason) from error
    try:
        return signer.sign(_request(tree, before, head))
    except SignerSizeError as error:
        reason = Phrase(N_("it names another size each time that it is asked"))
        raise SignerAnswerError(origin=head.origin, reason=reason) from error


def _must_be_signed(head: Checkpoint, note: Note, keys: Sequence[VerifierKey]) -> int:
    """Check what a signer answered; return how many signatures of known keys cannot be checked.

    Raises:
        SignerAnswerError: a signature is not of a key of the log that is in use, or does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    reason: object = None
    for one in note.signatures:
        if (one.name, one.key_id) not in known:
            template = N_("a signature of {name} by key {key_id}, which is not in use")
            reason = Phrase(template, name=one.name, key_id=one.key_id.hex())
    try:
        signed = verify(note, keys, checks_at_hand())
    except NoteInvalidError as error:
        reason = error.facts["reason"]
    if reason is not None:
        raise SignerAnswerError(origin=head.origin, reason=reason)
    return len(note.signatures) - len(signed)


def trees_of(world: Context) -> list[str]:
    """Return the trees that the settings ask for, the main one first.

    Raises:
        ConfigError: one of them is not known, or the main one is left out.
    """
    names = [name.strip() for name in world.settings.trees.split(",") if name.strip()]
    if MAIN not in names or not set(names) <= set(_TREES):
        raise ConfigError(source="trees", reason=one_of(["sha256", "sha256,sm3"]))
    return names


def signer_of(world: Context, tree: str = MAIN) -> Signer:
    """Return who signs a tree of this register."""
    settings = world.settings
    command = settings.signer if tree == MAIN else settings.signer_sm3 or settings.signer
    if command:
        return CommandSigner(shlex.split(command))
    return FileSigner(settings.signer_directory)


def _request(tree: Tree, old: int, head: Checkpoint) -> Request:
    proof = tree.consistency(old, head.size) if old else ()
    return Request(old=old, proof=proof, note=Note(str(head)))
