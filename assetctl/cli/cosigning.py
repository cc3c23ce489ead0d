"""Cosignatures for a checkpoint: asked of witnesses on the network, or carried as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetctl.cli import clock
from assetctl.cli.ask_witness import ask
from assetctl.domain.chain import instant
from assetctl.domain.checkpoint import Request, parse_checkpoint
from assetctl.domain.note import Note, Signature, VerifierKey, parse_signatures, verify
from assetctl.domain.policy import Policy
from assetctl.errors import AssetctlError, NoteInvalidError
from assetctl.i18n import N_, Phrase
from assetctl.reads.log import Kept, checkpoints, newest_checkpoint, the_log
from assetctl.store.checkpoints import keep_checkpoint
from assetctl.store.tree import Tree

if TYPE_CHECKING:
    from assetctl.cli.context import Context

_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A witness that has not cosigned, and why."""

    name: str
    error: AssetctlError


def cosign(world: Context, note: Note, policy: Policy) -> tuple[Note, list[Silent]]:
    """Ask every witness that has an address; keep what they sign, name those that do not."""
    silent: list[Silent] = []
    for name, witness in policy.witnesses.items():
        if not witness.url:
            continue
        try:
            lines = _asked(world, note, witness.key, witness.url)
            note = take_lines(world, note, lines, [witness.key])
        except AssetctlError as error:
            silent.append(Silent(name=name, error=error))
    return note, silent


def request_for(world: Context, key: VerifierKey | None, since: int | None) -> Request:
    """Return the request that a witness is brought as a file, about the newest checkpoint.

    It proves from `since`, by default from the largest checkpoint that this witness has cosigned.

    Raises:
        NoteInvalidError: nothing was signed yet.
        ProofInvalidError: `since` is larger than the log.
    """
    with world.store.reading() as connection:
        origin = the_log(connection).origin
        newest = newest_checkpoint(connection, origin)
        if newest is None:
            raise NoteInvalidError(reason=Phrase(N_("nothing was signed yet")))
        old = since if since is not None else _last_by(checkpoints(connection, origin), key)
        proof = Tree(connection).consistency(old, newest.head.size) if old else ()
    return Request(old=old, proof=proof, note=newest.note)


def take_lines(
    world: Context, note: Note, lines: Sequence[Signature], keys: Sequence[VerifierKey]
) -> Note:
    """Keep the lines that are signatures of these keys for a note; others are passed over.

    Raises:
        NoteInvalidError: none of them is, or one does not hold.
    """
    ours = {(key.name, key.key_id) for key in keys}
    mine = tuple(one for one in lines if (one.name, one.key_id) in ours)
    if not verify(Note(note.text, mine), keys):
        raise NoteInvalidError(reason=Phrase(N_("no witness of the policy has signed it")))
    with world.store.writing() as tx:
        return keep_checkpoint(tx, note=note.with_signatures(mine), at=instant(clock.now()))


def _asked(world: Context, note: Note, key: VerifierKey, url: str) -> tuple[Signature, ...]:
    request = request_for(world, key, None)
    answer = ask(url, str(request), _TIMEOUT)
    if isinstance(answer, int):
        size = parse_checkpoint(note.text).size
        if answer > size:
            reason = N_("it has seen {old} entries of this log, which has {new}")
            raise NoteInvalidError(reason=Phrase(reason, old=answer, new=size))
        answer = ask(url, str(request_for(world, key, answer)), _TIMEOUT)
    if isinstance(answer, int):
        raise NoteInvalidError(reason=Phrase(N_("no witness of the policy has signed it")))
    return parse_signatures(answer)


def _last_by(kept: Sequence[Kept], key: VerifierKey | None) -> int:
    """Return the size of the largest checkpoint that a key has cosigned, 0 if there is none."""
    wanted = (key.name, key.key_id) if key else None
    signed = [
        one.head.size
        for one in kept
        if any((line.name, line.key_id) == wanted for line in one.note.signatures)
    ]
    return max(signed, default=0)
