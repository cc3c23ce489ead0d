"""Who signs checkpoints: a key and a memory that lie outside the database.

A signer is asked with the proof that the new tree continues the one it signed last (the body of
`add-checkpoint`), and remembers what it signs before it lets the signature go. So whoever restores
an older database, or writes another history, cannot have it signed. `FileSigner` keeps key and
memory in a directory of its own; `CommandSigner` asks another program, which may hold the key in
hardware, on another machine, or of another algorithm.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from assetctl.domain import merkle
from assetctl.domain.checkpoint import (
    Checkpoint,
    Request,
    parse_checkpoint,
    parse_number,
    parse_request,
)
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

_NAME = re.compile(rf"{KEY}(-[0-9]{{1,4}})?")
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
    """Another program that signs: it reads a request and writes one of three answers.

    Signature lines; `size N`, if it signed that size last and must be given a proof from there; or
    `forked REASON`, if the log does not continue what it signed. What it writes on standard error
    is shown when it fails. Whether the signatures are worth anything is for the caller to check.
    """

    def __init__(self, command: Sequence[str], timeout: float = _TIMEOUT) -> None:
        """`timeout` is in seconds; a program that takes longer is ended."""
        self._command = list(command)
        self._timeout = timeout

    def sign(self, request: Request) -> tuple[Signature, ...]:
        """Return what the program signs; see `Signer`."""
        origin = parse_checkpoint(request.note.text).origin
        answer = self._ask(str(request).encode())
        word, _, rest = answer.partition(" ")
        if word == "size":
            raise SignerSizeError(size=self._size(rest.strip()))
        if word == "forked":
            raise LogForkedError(origin=origin, reason=rest.strip()[:500])
        try:
            return parse_signatures(answer)
        except NoteInvalidError as error:
            raise self._failed(error.facts["reason"]) from error

    def _ask(self, question: bytes) -> str:
        try:
            done = subprocess.run(
                self._command, input=question, capture_output=True, check=False,
                timeout=self._timeout,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            reason = Phrase(N_("it did not answer within {seconds} s"), seconds=self._timeout)
            raise self._failed(reason) from error
        except (OSError, ValueError) as error:
            raise self._failed(str(error)) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-500:]
            code = Phrase(N_("it ended with code {code}"), code=done.returncode)
            raise self._failed(said or code)
        if len(done.stdout) > _MOST_BYTES:
            raise self._failed(Phrase(N_("it is longer than {most} bytes"), most=_MOST_BYTES))
        return done.stdout.decode("utf-8", "replace")

    def _size(self, text: str) -> int:
        try:
            return parse_number(text)
        except NoteInvalidError as error:
            raise self._failed(error.facts["reason"]) from error

    def _failed(self, reason: object) -> SignerFailedError:
        return SignerFailedError(command=self._command[0], reason=reason)


def answer_of(signer: Signer, question: str) -> str:
    """Return what a signer that is a process of its own writes when it is asked.

    It is the other end of `CommandSigner`.

    Raises:
        NoteInvalidError: the question is no request.
        KeyMissingError: it cannot sign.
    """
    try:
        return "".join(map(str, signer.sign(parse_request(question))))
    except SignerSizeError as error:
        return f"size {error.facts['size']}\n"
    except LogForkedError as error:
        return f"forked {error.facts['reason']}\n"


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
    found = [path.name for path in directory.glob(f"{KEY}*") if _NAME.fullmatch(path.name)]
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
    secret = keys.held_key(directory, name)
    origin = parse_checkpoint(note.text).origin
    key = verifier_key_of(origin, keys.public_half(secret))
    return Signature(
        name=origin, key_id=key.key_id, value=keys.hand_of(secret)(note.text.encode())
    )  # fmt: skip
