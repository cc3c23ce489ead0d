"""Does the second tree hold: the same entries under SM3, and the checkpoints signed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.engine import Connection

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import Note, VerifierKey, checks_at_hand, to_b64, verifier_key, verify
from assetctl.errors import LogForkedError, NoteInvalidError
from assetctl.i18n import N_, Phrase
from assetctl.reads.log import checkpoints, origin_of, the_log
from assetctl.reads.log_keys import SM3, log_keys
from assetctl.reads.replay import broken
from assetctl.store.tree import MAIN, Tree, entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTree:
    """The tree as it was found whole; `unchecked` checkpoints nobody here can check.

    `size` is that of the largest checkpoint, `checked` how many are signed with keys of the log,
    `against` how many from outside it continues.
    """

    origin: str
    size: int
    checked: int
    unchecked: int
    against: int


class _Head(NamedTuple):
    said: Checkpoint
    is_outside: bool


def verify_second_tree(
    connection: Connection, against: Sequence[Checkpoint] = ()
) -> SecondTree | None:
    """Check the tree of SM3 and what was signed for it; None if nothing was.

    `against` are checkpoints from outside whose signatures were checked already; those of other
    logs are passed over.

    Raises:
        HistoryBrokenError: the entries, or the tiles, are not those that were signed.
        NoteInvalidError: a checkpoint that is kept is not signed with a key of the log.
        LogForkedError: the entries are not those of a checkpoint from outside.
    """
    origin = origin_of(the_log(connection).origin, SM3)
    kept = checkpoints(connection, origin)
    outside = [one for one in against if one.origin == origin]
    if not kept and not outside:
        return None
    keys = _keys(connection, origin)
    checked = sum(_is_checked(one.note, keys, origin) for one in kept)
    heads = [_Head(one.head, is_outside=False) for one in kept]
    _compare(connection, [*heads, *(_Head(one, is_outside=True) for one in outside)])
    return SecondTree(
        origin=origin, size=max((one.head.size for one in kept), default=0), checked=checked,
        unchecked=len(kept) - checked, against=len(outside),
    )  # fmt: skip


def _keys(connection: Connection, origin: str) -> list[VerifierKey]:
    """Return every key that has signed this tree: its own, and those of the log before it had."""
    known = log_keys(connection)
    borrowed = [verifier_key(origin, key.vkey.public) for key in known.of(MAIN)]
    return [*(key.vkey for key in known.of(SM3)), *borrowed]


def _is_checked(note: Note, keys: Sequence[VerifierKey], origin: str) -> bool:
    if verify(note, keys, checks_at_hand()):
        return True
    ids = {(key.name, key.key_id) for key in keys}
    if not any((one.name, one.key_id) in ids for one in note.signatures):
        reason = Phrase(N_("no trusted key of {origin} has signed it"), origin=origin)
        raise NoteInvalidError(reason=reason)
    return False


def _compare(connection: Connection, heads: Sequence[_Head]) -> None:
    by_size: dict[int, list[_Head]] = {}
    for one in heads:
        by_size.setdefault(one.said.size, []).append(one)
    grown = merkle.Frontier(merkle.sm3)
    for entry in entries(connection, 0, max(by_size)):
        grown.append(merkle.leaf_hash(entry, merkle.sm3))
        for head in by_size.pop(grown.size, ()):
            _same_root(connection, head, grown.root())
    for size in sorted(by_size):
        _too_short(by_size[size][0], grown.size)


def _same_root(connection: Connection, head: _Head, root: bytes) -> None:
    said = head.said
    if said.root != root and head.is_outside:
        reason = Phrase(N_("its first {size} entries are others"), size=said.size)
        raise LogForkedError(origin=said.origin, reason=reason)
    if said.root != root:
        problem = N_("the entries are not those that the checkpoint was signed for")
        broken(said.origin, said.size - 1, problem, to_b64(said.root), to_b64(root))
    kept = Tree(connection, SM3).root(said.size)
    if kept != root:
        problem = N_("the tiles of the tree do not give its root")
        broken(said.origin, said.size - 1, problem, to_b64(root), to_b64(kept))


def _too_short(head: _Head, size: int) -> None:
    said = head.said
    if head.is_outside:
        reason = Phrase(N_("it had {old} entries and has {new} now"), old=said.size, new=size)
        raise LogForkedError(origin=said.origin, reason=reason)
    problem = N_("sealed entries are missing at the end")
    broken(said.origin, size, problem, said.size, size)
