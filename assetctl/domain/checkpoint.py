"""Checkpoints of a log (C2SP tlog-checkpoint), and what is sent to who signs them.

A checkpoint says that the log of this origin has this many entries under this root. Its text is
three lines: origin, size, root in base64. Whoever signs one, the log's own signer as well as a
witness, is given the size it signed last and the proof that the new tree continues the old one
(the body of `add-checkpoint`, C2SP tlog-witness); so neither can be made to sign a fork.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assetctl.domain.merkle import SIZE
from assetctl.domain.note import Note, from_b64, must_be_text, parse_note, to_b64
from assetctl.errors import NoteInvalidError
from assetctl.i18n import N_, Phrase

MOST_HASHES = 63
"""Most hashes of a proof: no tree is deeper."""

PROOF = "c2sp.org/tlog-proof@v1"
"""First line of a proof file (C2SP tlog-proof)."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_MOST = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log: so many entries, counted with the genesis, under this root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_b64(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a signer or witness is asked: `old` is the size it signed last, 0 the first time."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """What is to be signed."""
        return parse_checkpoint(self.note.text)

    def __str__(self) -> str:
        return f"old {self.old}\n{_lines(self.proof)}\n{self.note}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """That a leaf stands at `index` of the tree of a signed checkpoint, in one text file."""

    index: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """The head of the tree that the leaf stands in; who has signed it is another question."""
        return parse_checkpoint(self.note.text)

    def __str__(self) -> str:
        return f"{PROOF}\nindex {self.index}\n{_lines(self.proof)}\n{self.note}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what the text of a note says as a checkpoint; extension lines are refused.

    Raises:
        NoteInvalidError: it is not the text of a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise NoteInvalidError(reason=Phrase(N_("it is not origin, size and root")))
    root = from_b64(lines[2])
    if len(root) != SIZE:
        raise NoteInvalidError(reason=Phrase(N_("a hash of {count} bytes"), count=len(root)))
    return Checkpoint(origin=lines[0], size=parse_number(lines[1]), root=root)


def parse_request(text: str) -> Request:
    """Return the body of an `add-checkpoint` request taken apart; its note may be unsigned yet.

    Raises:
        NoteInvalidError: it is not of that form.
    """
    head, blank, rest = text.partition("\n\n")
    first, *proof = head.split("\n")
    if not blank or not first.startswith("old "):
        raise NoteInvalidError(reason=Phrase(N_("it does not begin with the older size")))
    old = parse_number(first.removeprefix("old "))
    # A witness is shown what the log has signed; the log's own signer is the first to sign.
    note = _unsigned(rest) if rest.endswith("\n\n") else _signed(rest)
    return Request(old=old, proof=_hashes(proof), note=note)


def parse_proof(text: str) -> TlogProof:
    """Return a proof file taken apart; what stands in an `extra` line is passed over.

    Raises:
        NoteInvalidError: it is not of that form.
    """
    head, blank, rest = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != PROOF or not blank:
        raise NoteInvalidError(reason=Phrase(N_("it does not begin with {line}"), line=PROOF))
    if len(lines) > 1 and lines[1].startswith("extra "):
        from_b64(lines.pop(1).removeprefix("extra "))
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise NoteInvalidError(reason=Phrase(N_("it names no entry")))
    index = parse_number(lines[1].removeprefix("index "))
    return TlogProof(index=index, proof=_hashes(lines[2:]), note=_signed(rest))


def parse_number(text: str) -> int:
    """Return a decimal number without sign or leading zero, below 2^63.

    Raises:
        NoteInvalidError: it is not one.
    """
    if not _NUMBER.fullmatch(text) or int(text) > _MOST:
        raise NoteInvalidError(reason=Phrase(N_("{text!r} is no size"), text=text[:40]))
    return int(text)


def _signed(text: str) -> Note:
    note = parse_note(text)
    parse_checkpoint(note.text)
    return note


def _unsigned(text: str) -> Note:
    note = Note(text.removesuffix("\n"))
    must_be_text(note.text)
    parse_checkpoint(note.text)
    return note


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MOST_HASHES:
        raise NoteInvalidError(reason=Phrase(N_("the proof is too long")))
    found = tuple(map(from_b64, lines))
    for one in found:
        if len(one) != SIZE:
            raise NoteInvalidError(reason=Phrase(N_("a hash of {count} bytes"), count=len(one)))
    return found


def _lines(proof: Sequence[bytes]) -> str:
    return "".join(f"{to_b64(one)}\n" for one in proof)
