"""A witness (C2SP tlog-witness): cosigns checkpoints of logs that only ever grow, and never a fork.

It needs no register and is best kept where the register's administrators cannot write: in the
audit office, on another machine, on a stick. Its folder holds its key (`witness`, `witness.pub`),
its name (`vkey`), the logs it trusts (`policy`, the `log` lines of a C2SP policy), what it signed
(see `memory`), and `refused`: checkpoints that a trusted key signed and that were not shown to
continue what was cosigned before. They are kept, for they may prove that the log was rewritten.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetctl.domain.checkpoint import Checkpoint, Request, parse_checkpoint, parse_request
from assetctl.domain.note import (
    COSIGNATURE,
    ED25519,
    Note,
    Signature,
    VerifierKey,
    cosignature,
    cosigned_text,
    parse_key,
    verifier_key,
    verify,
)
from assetctl.domain.policy import parse_policy
from assetctl.errors import (
    InputError,
    JournalBrokenError,
    JournalUnwritableError,
    KeyMissingError,
    LogForkedError,
    LogUnknownError,
    NoteInvalidError,
    PolicyInvalidError,
    WitnessMissingError,
    WitnessRequestError,
)
from assetctl.i18n import N_, Phrase
from assetctl.store import keys
from assetctl.store.memory import Memory
from assetctl.store.signer import check_continues

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = "witness"
"""Name of the key of a witness in its folder."""

AGAIN_SECONDS = 60
"""A checkpoint asked for again so soon gets the signature it got, so that nobody fills the disk."""

_MOST_REFUSED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a witness knows of a log: its newest cosigned checkpoint, None if there is none yet.

    `time` is when that was signed, in seconds since 1970.
    """

    origin: str
    keys: tuple[VerifierKey, ...]
    checkpoint: Checkpoint | None = None
    time: int | None = None


class Witness:
    """A witness that lies in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open the witness in a folder.

        Raises:
            WitnessMissingError: there is none.
            KeyMissingError: its key is lost, or is not the one that it was made with.
        """
        self.folder = folder
        try:
            self.key = parse_key((folder / "vkey").read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError, NoteInvalidError) as error:
            raise WitnessMissingError(folder=str(folder)) from error
        self._private = _private_key(folder, self.key)
        self._memory = Memory(folder)

    def add_checkpoint(self, body: str, now: int) -> str:
        """Return the cosignature for what an `add-checkpoint` request asks, made at `now`.

        `now` is in seconds since 1970. The checkpoint lies on the disk when this returns.

        Raises:
            WitnessRequestError: it is no such request.
            LogUnknownError: no key of this log is trusted here.
            NoteInvalidError: no trusted key has signed the checkpoint, or not this one.
            SignerSizeError: another size was cosigned last; the proof must begin there.
            LogForkedError: the log does not continue what was cosigned before.
            JournalBrokenError, JournalUnwritableError: the witness cannot remember.
        """
        request, note = self._examined(body)
        wanted = request.checkpoint
        with self._memory.held():
            last = self._last(wanted.origin)
            self._must_continue(last, request, note)
            again = self._again(last, wanted, now)
            if again is not None:
                return str(again)
            line = self._cosign(note, now)
            self._memory.keep(wanted.origin, Note(note.text, (*note.signatures, line)))
        return str(line)

    def check(self, body: str) -> Checkpoint:
        """Return the checkpoint that `add_checkpoint` would sign; it refuses the same things."""
        request, _note = self._examined(body)
        wanted = request.checkpoint
        with self._memory.held():
            check_continues(self._last(wanted.origin), request, wanted)
        return wanted

    def published(self, origin_hash: str) -> str | None:
        """Return the newest cosigned note of the log whose origin has this SHA-256 (hex)."""
        return self._memory.published(origin_hash)

    def trust(self, new: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Trust keys of logs from now on; return those that were not trusted before.

        Raises:
            InputError: a key is of a kind that no log signs with here.
            PolicyInvalidError: one public key is given for two logs.
            JournalUnwritableError: it cannot be noted.
        """
        must_be_of_logs(new)
        with self._memory.held():
            known = self.logs()
            fresh = tuple(dict.fromkeys(key for key in new if key not in known))
            if fresh:
                text = self._policy.read_text(encoding="utf-8").rstrip("\n") + "\n"
                text += "".join(f"log {key}\n" for key in fresh)
                parse_policy(text, str(self._policy))
                self._write(self._policy, text)
        return fresh

    def logs(self) -> tuple[VerifierKey, ...]:
        """Return the keys of logs that are trusted now.

        Raises:
            PolicyInvalidError: the file was changed and cannot be used.
        """
        try:
            text = self._policy.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problem = Phrase(N_("it cannot be read"))
            raise PolicyInvalidError(file=str(self._policy), line=1, problem=problem) from error
        return parse_policy(text, str(self._policy)).logs

    def seen(self) -> list[Seen]:
        """Return what is known of every log that is trusted or was ever cosigned.

        Raises:
            JournalBrokenError: what was signed cannot be what is kept.
        """
        trusted = self.logs()
        with self._memory.held():
            origins = dict.fromkeys([key.name for key in trusted] + self._memory.origins())
            return [self._seen(origin, trusted) for origin in origins]

    def refused(self) -> list[Path]:
        """Return the checkpoints that were refused though a trusted key had signed them."""
        return sorted((self.folder / "refused").glob("*.note"))

    @property
    def _policy(self) -> Path:
        return self.folder / "policy"

    def _examined(self, body: str) -> tuple[Request, Note]:
        """Return a request, and its note with the signatures of trusted keys and no others."""
        try:
            request = parse_request(body)
        except NoteInvalidError as error:
            raise WitnessRequestError(reason=error.facts["reason"]) from error
        wanted = request.checkpoint
        trusted = [key for key in self.logs() if key.name == wanted.origin]
        if not trusted:
            raise LogUnknownError(origin=wanted.origin)
        signed = {(one.key.name, one.key.key_id) for one in verify(request.note, trusted)}
        if not signed:
            reason = Phrase(N_("no trusted key of {origin} has signed it"), origin=wanted.origin)
            raise NoteInvalidError(reason=reason)
        if request.old > wanted.size:
            smaller = N_("a tree of {new} cannot follow one of {old}")
            reason = Phrase(smaller, old=request.old, new=wanted.size)
            raise WitnessRequestError(reason=reason)
        lines = request.note.signatures
        kept = tuple(one for one in lines if (one.name, one.key_id) in signed)
        return request, Note(request.note.text, kept)

    def _must_continue(self, last: Note | None, request: Request, note: Note) -> None:
        try:
            check_continues(last, request, request.checkpoint)
        except LogForkedError:
            self._keep_evidence(note)
            raise

    def _last(self, origin: str) -> Note | None:
        note = self._memory.last(origin)
        if note is not None:
            self._time(note)
        return note

    def _time(self, note: Note) -> int:
        """Return when this witness signed one of its own notes."""
        try:
            (signed,) = verify(note, [self.key])
        except (NoteInvalidError, ValueError) as error:
            raise JournalBrokenError(
                file=str(self.folder / "signed"), line=1,
                problem=N_("a note in it was not signed by this witness"),
            ) from error  # fmt: skip
        return signed.time or 0

    def _again(self, last: Note | None, wanted: Checkpoint, now: int) -> Signature | None:
        if last is None or last.text != str(wanted):
            return None
        own = (self.key.name, self.key.key_id)
        line = next(one for one in last.signatures if (one.name, one.key_id) == own)
        return line if 0 <= now - self._time(last) < AGAIN_SECONDS else None

    def _cosign(self, note: Note, now: int) -> Signature:
        signature = self._private.sign(cosigned_text(note.text.encode(), now))
        return cosignature(self.key, now, signature)

    def _seen(self, origin: str, trusted: Sequence[VerifierKey]) -> Seen:
        of_log = tuple(key for key in trusted if key.name == origin)
        note = self._memory.last(origin)
        if note is None:
            return Seen(origin=origin, keys=of_log)
        return Seen(
            origin=origin, keys=of_log, checkpoint=parse_checkpoint(note.text),
            time=self._time(note),
        )  # fmt: skip

    def _keep_evidence(self, note: Note) -> None:
        # The refusal stands even where the disk is full.
        with suppress(OSError):
            folder = self.folder / "refused"
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / f"{hashlib.sha256(note.text.encode()).hexdigest()[:32]}.note"
            if not path.exists() and len(self.refused()) < _MOST_REFUSED:
                _replace(path, str(note))

    def _write(self, path: Path, text: str) -> None:
        try:
            _replace(path, text)
        except OSError as error:
            reason = error.strerror or str(error)
            raise JournalUnwritableError(file=str(path), reason=reason) from error


def make_witness(folder: Path, name: str, logs: Sequence[VerifierKey] = ()) -> Witness:
    """Make a witness of this name in a folder unless it is there; return it, trusting `logs` too.

    Raises:
        NoteInvalidError: the name cannot be that of a key.
        InputError: a witness of another name is there, or a key is not that of a log.
        JournalUnwritableError: the folder cannot be written.
    """
    must_be_of_logs(logs)
    verifier_key(name, bytes([9] * 32))  # before anything is made
    try:
        public = keys.make_ed25519(folder, KEY)
        for path, text in (
            (folder / "policy", "quorum none\n"),
            (folder / "vkey", f"{verifier_key(name, public, COSIGNATURE)}\n"),
        ):
            if not path.exists():
                _replace(path, text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise JournalUnwritableError(file=str(folder), reason=reason) from error
    witness = Witness(folder)
    if witness.key.name != name:
        expected = Phrase(N_("the witness there is called {name}"), name=witness.key.name)
        raise InputError(field="--name", value=name, expected=expected)
    witness.trust(logs)
    return witness


def must_be_of_logs(given: Sequence[VerifierKey]) -> None:
    """Return if every key is of a kind that logs sign with.

    Raises:
        InputError: one is not.
    """
    for key in given:
        if key.kind not in (ED25519, COSIGNATURE):
            expected = N_("the Ed25519 key of a log")
            raise InputError(field="--log", value=str(key)[:200], expected=expected)


def _private_key(folder: Path, key: VerifierKey) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(keys.held_key(folder, KEY))
    if private.public_key().public_bytes_raw() != key.public:
        raise KeyMissingError(key=KEY, place=str(folder))
    return private


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
