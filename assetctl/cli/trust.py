"""Whom this desk believes about the log: its policy, and checkpoints brought from elsewhere."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import Connection

from assetctl.cli.context import Context
from assetctl.domain.checkpoint import Checkpoint, parse_checkpoint
from assetctl.domain.note import checks_at_hand, parse_note
from assetctl.domain.policy import Policy, believe, parse_policy
from assetctl.errors import FileMissingError, NoteInvalidError
from assetctl.i18n import N_, Phrase
from assetctl.reads.log import the_log
from assetctl.store.memory import Memory

_MOST = 1 << 20


def policy_of(world: Context, path: Path | None = None) -> Policy | None:
    """Return the policy of a file, by default the register's own; None where there is none.

    Raises:
        FileMissingError: the file cannot be read.
        PolicyInvalidError: it is not a policy.
    """
    if path is None:
        path = world.settings.policy
        if not path.exists():
            return None
    return parse_policy(read_text(path), str(path))


def checkpoints_in(path: Path, policy: Policy | None) -> list[Checkpoint]:
    """Return the checkpoints that stand in a file, of the logs that the policy names.

    Raises:
        FileMissingError: the file cannot be read.
        NoteInvalidError: it is not a checkpoint, or not signed by whom the policy asks for.
    """
    if policy is None:
        raise NoteInvalidError(reason=Phrase(N_("there is no policy that says whom to believe")))
    note = parse_note(read_text(path))
    return [believe(policy, note, checks_at_hand()).checkpoint]


def signed_last(world: Context, connection: Connection) -> Checkpoint | None:
    """Return what the signer of this desk signed last for a register, None where it has no memory.

    It lies outside the database, so that whoever puts an older one back is found by it.
    """
    if not world.settings.signer_directory.is_dir():
        return None
    note = Memory(world.settings.signer_directory).newest(the_log(connection).origin)
    return None if note is None else parse_checkpoint(note.text)


def read_text(path: Path) -> str:
    """Return a small text file.

    Raises:
        FileMissingError: it cannot be read as text.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read(_MOST)
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(file=str(path)) from error
