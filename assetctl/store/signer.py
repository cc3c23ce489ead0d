"""Who signs checkpoints: a key and a memory that lie outside the database.

A signer is asked with the proof that the new tree continues the one it signed last (the body of
`add-checkpoint`), and remembers what it signs before it lets the signature go. So whoever restores
an older database, or writes another history, cannot have it signed. `FileSigner` keeps key and
memory in a directory of its own; `CommandSigner` asks another program, which may hold the key in
hardware, on another machine, or of another algorithm.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint, Request, parse_checkpoint
from assetctl.domain.note import Note, Signature, VerifierKey, parse_signatures
from assetctl.domain.note import verifier_key as verifier_key_of
from assetctl.errors import (
    LogForkedError,
    NoteInvalidError,
    ProofInvalidError,
    SignerFailedError,
    SignerSizeError,
)
from assetctl.i18n import N_, Phrase
from assetctl.store import keys
from assetctl.store.memory import Memory

KEY = "log"
"""Name of the first key of a log; those that followed it are `log-2`, `log-3`, …"""

_TIMEOUT = 60.0
_MOST_BYTES = 1 << 16


class Signer(Protocol):
    """Signs checkpoints of a log, each a continuation of the one before."""

    def sign(self, request: Request) -> tuple[Signature, ...]:
        """Return the signatures for the checkpoint that a request asks for.

        Raises:
            SignerSizeError: it signed another size last; prove from there.
            LogForkedError: the tree does not continue what it signed before.
            KeyMissingError, SignerFailedError: it cannot sign at all.
        """
        ...


class FileSigner:
    """The keys of the log in a directory: `log`, their public halves, and what was signed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._memory = Memory(directory)

    def sign(self, request: Request) -> tuple[Signature, ...]:
        """Return a signature by every key of the log that is in use; see `Signer`."""
        wanted = parse_checkpoint(request.note.text)
        names = names_of(self._directory)
        with self._memory.held():
            check_continues(self._memory.last(wanted.origin), request, wanted)
            signatures = tuple(_sign(self._directory, name, request.note) for name in names)
            self._memory.keep(wanted.origin, request.note.with_signatures(signatures))
        return signatures


class CommandSigner:
    """Another program that signs: it reads a request and writes signature lines, or `size N`.

    `size N` says that it signed that size last and must be given a proof from there. What it
    writes on standard error is shown when it fails.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def sign(self, request: Request) -> tuple[Signature, ...]:
        """Return what the program signs; see `Signer`."""
        try:
            done = subprocess.run(
                self._command, input=str(request).encode(), capture_output=True, check=False,
                timeout=_TIMEOUT,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise SignerFailedError(command=self._command[0], reason=str(error)) from error
        answer = done.stdout[:_MOST_BYTES].decode("utf-8", "replace")
        if done.returncode == 0 and answer.startswith("size "):
            raise SignerSizeError(size=_number(answer))
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip()[-500:] or str(done.returncode)
            raise SignerFailedError(command=self._command[0], reason=reason)
        try:
            return parse_signatures(answer)
        except NoteInvalidError as error:
            raise SignerFailedError(
                command=self._command[0], reason=error.facts["reason"]
            ) from error


def check_continues(last: Note | None, request: Request, wanted: Checkpoint) -> None:
    """Check that a checkpoint continues the one that was signed last.

    Raises:
        SignerSizeError: the request proves from another size than that.
        LogForkedError: the log is smaller than it was, or has another beginning.
    """
    before = parse_checkpoint(last.text) if last else None
    size = before.size if before else 0
    if request.old != size:
        raise SignerSizeError(size=size)
    if wanted.size < size:
        reason = Phrase(
            N_("it had {old} entries and has {new} now"), old=size, new=wanted.size
        )  # fmt: skip
        raise LogForkedError(origin=wanted.origin, reason=reason)
    digest = merkle.sm3 if wanted.origin.endswith("/sm3") else merkle.sha256
    root = before.root if before else digest(b"")
    try:
        merkle.check_consistency(size, wanted.size, root, wanted.root, request.proof, digest)
    except ProofInvalidError as error:
        raise LogForkedError(origin=wanted.origin, reason=error.facts["reason"]) from error


def names_of(directory: Path) -> list[str]:
    """Return the names of the log's keys that are in use, the oldest first."""
    found = [path.name for path in directory.glob(f"{KEY}*") if path.suffix == ""]
    return sorted(found, key=lambda name: (len(name), name)) or [KEY]


def vkeys_of(directory: Path, origin: str) -> list[VerifierKey]:
    """Return the public keys that sign for a log now.

    Raises:
        KeyMissingError: a public half is not here.
    """
    return [
        verifier_key_of(origin, keys.held_key(directory, f"{name}.pub"))
        for name in names_of(directory)
    ]


def _sign(directory: Path, name: str, note: Note) -> Signature:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(keys.held_key(directory, name))
    origin = parse_checkpoint(note.text).origin
    key = verifier_key_of(origin, private.public_key().public_bytes_raw())
    return Signature(name=origin, key_id=key.key_id, value=private.sign(note.text.encode()))


def _number(answer: str) -> int:
    text = answer.removeprefix("size ").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
