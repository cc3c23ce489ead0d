"""Sealing and signing as the edge does it: its transactions, its clock, its signer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from assetctl.cli import clock
from assetctl.domain.chain import instant
from assetctl.domain.checkpoint import Checkpoint, Request
from assetctl.domain.note import Note
from assetctl.errors import ConfigError, LogForkedError, SignerSizeError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.log import head_of, is_snapshot_due, newest_checkpoint, newest_snapshot
from assetctl.store.checkpoints import keep_checkpoint
from assetctl.store.seal import seal
from assetctl.store.signer import CommandSigner, FileSigner, Signer
from assetctl.store.snapshot import take
from assetctl.store.tree import MAIN, Tree

if TYPE_CHECKING:
    from assetctl.cli.context import Context

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


def sign_log(world: Context, tree: str = MAIN) -> Note:
    """Have the head of the sealed log signed, and keep the checkpoint.

    Raises:
        LogForkedError: the log does not continue what the signer signed before.
        KeyMissingError, SignerFailedError: there is nobody here who can sign.
    """
    signer = signer_of(world)
    with world.store.reading() as connection:
        head = head_of(connection, tree)
        kept = newest_checkpoint(connection, head.origin)
        old = kept.head.size if kept and kept.head.size <= head.size else 0
        try:
            signatures = signer.sign(_request(Tree(connection, tree), old, head))
        except SignerSizeError as error:
            before = int(str(error.facts["size"]))
            if before > head.size:
                reason = Phrase(
                    N_("it had {old} entries and has {new} now"), old=before, new=head.size
                )
                raise LogForkedError(origin=head.origin, reason=reason) from error
            signatures = signer.sign(_request(Tree(connection, tree), before, head))
    with world.store.writing() as tx:
        note = Note(str(head), signatures)
        return keep_checkpoint(tx, note=note, at=instant(clock.now()))


def trees_of(world: Context) -> list[str]:
    """Return the trees that the settings ask for, the main one first.

    Raises:
        ConfigError: one of them is not known, or the main one is left out.
    """
    names = [name.strip() for name in world.settings.trees.split(",") if name.strip()]
    if MAIN not in names or not set(names) <= set(_TREES):
        raise ConfigError(source="trees", reason=one_of(["sha256", "sha256,sm3"]))
    return names


def signer_of(world: Context) -> Signer:
    """Return who signs for this register."""
    if world.settings.signer:
        return CommandSigner(shlex.split(world.settings.signer))
    return FileSigner(world.settings.signer_directory)


def _request(tree: Tree, old: int, head: Checkpoint) -> Request:
    proof = tree.consistency(old, head.size) if old else ()
    return Request(old=old, proof=proof, note=Note(str(head)))
