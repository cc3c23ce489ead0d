"""Does the sealed log hold: every entry has one place, tiles and roots follow from the entries.

What this proves beyond the chains: nothing that a checkpoint covers was removed, inserted, changed
or put in another order, whoever did it and however consistently, as long as one checkpoint was kept
where he could not write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import to_b64
from assetctl.domain.policy import Policy, believe
from assetctl.domain.redaction import Redacted
from assetctl.errors import HistoryBrokenError, LogForkedError
from assetctl.i18n import N_, Phrase
from assetctl.reads.entries import Checked, checked_entries
from assetctl.reads.log import checkpoints, origin_of, the_log
from assetctl.reads.log_keys import log_keys
from assetctl.store.tables import history, leaf, tile
from assetctl.store.tree import MAIN, TILE

_STEP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The sealed log as it was found whole.

    `unsealed` entries wait for the sealer; `signed` is the size of the largest checkpoint that the
    register keeps, 0 if there is none; `against` how many checkpoints from outside it continues.
    """

    origin: str
    size: int
    root: str
    unsealed: int
    signed: int
    against: int


def verify_sealed(
    connection: Connection, genesis: bytes, *, policy: Policy | None = None,
    against: Sequence[Checkpoint] = (), on_entry: Callable[[dict[str, Any]], None],
    on_disclosing: Callable[[Checked], None],
    on_step: Callable[[int], None] | None = None,
) -> Sealed:  # fmt: skip
    """Check the whole sealed log, and that it continues the checkpoints kept of it.

    Entries that wait for the sealer are checked as well; `on_entry` hears of all of them,
    `on_disclosing` of those that disclosed personal data.

    `policy` says whose signatures count, beside those of the key that the genesis entry names and
    of the keys that it vouches for. `against` are checkpoints from outside the register whose
    signatures were checked already.

    Raises:
        HistoryBrokenError: an entry, a place or a tile is not what the others prove.
        NoteInvalidError: a checkpoint that the register keeps is not signed by the log.
        LogForkedError: the log does not continue a checkpoint from outside.
    """
    found = the_log(connection)
    _all_have_places(connection)
    kept = _kept(connection, found.origin, policy)
    heads = _by_size(found.origin, kept, against)
    grown = _Growing(connection)
    grown.append(genesis)
    size, waiting = 1, 0
    for checked in checked_entries(connection, genesis):
        idx, hashed, fields = checked
        on_entry(fields)
        if "sd" in fields or fields["kind"] == Redacted.kind:
            on_disclosing(checked)
        if idx is None:
            waiting += 1
            continue
        if size in heads:
            _same_roots(heads.pop(size), grown)
        grown.append(hashed)
        size += 1
        if on_step and size % _STEP == 0:
            on_step(size)
    _same_roots(heads.pop(size, ()), grown)
    for missing in heads.values():
        _too_short(*missing[0], size)
    grown.close()
    return Sealed(
        origin=found.origin, size=size, root=to_b64(grown.root()), unsealed=waiting,
        signed=max((one.size for one in kept), default=0), against=len(against),
    )  # fmt: skip


def _all_have_places(connection: Connection) -> None:
    lost = sa.select(history.c.subject, history.c.seq).where(
        ~sa.exists().where(leaf.c.event_id == history.c.event_id)
    )
    for subject, seq in connection.execute(lost.limit(1)):
        _broken(subject, seq, N_("it has no place in the log"), N_("a place"), N_("none"))


def _kept(connection: Connection, origin: str, policy: Policy | None) -> list[Checkpoint]:
    known = [key.vkey for key in log_keys(connection).of(MAIN)]
    kept = checkpoints(connection, origin_of(origin, MAIN))
    # Older ones were signed with keys that have retired since. Without the quorum: they may have
    # been kept before the witnesses had answered.
    logs = tuple(dict.fromkeys([*(policy.logs if policy else ()), *known]))
    return [believe(Policy(logs=logs), one.note).checkpoint for one in kept]


def _by_size(
    origin: str, kept: Sequence[Checkpoint], against: Sequence[Checkpoint]
) -> dict[int, list[tuple[Checkpoint, bool]]]:
    """Return the checkpoints by size, each with whether it comes from outside the register."""
    heads: dict[int, list[tuple[Checkpoint, bool]]] = {}
    for one in kept:
        heads.setdefault(one.size, []).append((one, False))
    for one in against:
        if one.origin != origin:
            reason = Phrase(N_("it is called {name} there"), name=one.origin)
            raise LogForkedError(origin=origin, reason=reason)
        heads.setdefault(one.size, []).append((one, True))
    return heads


def _same_roots(heads: Sequence[tuple[Checkpoint, bool]], grown: _Growing) -> None:
    for checkpoint, is_outside in heads:
        root = grown.root()
        if checkpoint.root == root:
            continue
        if is_outside:
            reason = Phrase(N_("its first {size} entries are others"), size=checkpoint.size)
            raise LogForkedError(origin=checkpoint.origin, reason=reason)
        problem = N_("the entries are not those that the checkpoint was signed for")
        _broken("log", checkpoint.size - 1, problem, to_b64(checkpoint.root), to_b64(root))


def _too_short(checkpoint: Checkpoint, is_outside: bool, size: int) -> None:  # noqa: FBT001
    reason = Phrase(N_("it had {old} entries and has {new} now"), old=checkpoint.size, new=size)
    if is_outside:
        raise LogForkedError(origin=checkpoint.origin, reason=reason)
    problem = N_("sealed entries are missing at the end")
    _broken("log", size, problem, checkpoint.size, size)


class _Growing:
    """The tree as its leaves come; full tiles are compared with those that are kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._levels: list[list[bytes]] = [[]]
        self._full = [0]

    def append(self, hashed: bytes) -> None:
        self._levels[0].append(hashed)
        level = 0
        while len(self._levels[level]) == TILE:
            hashes = self._levels[level]
            if level:
                self._compare(level, hashes)
            root = merkle.tree_root(hashes)
            self._full[level] += 1
            hashes.clear()
            level += 1
            if level == len(self._levels):
                self._levels.append([])
                self._full.append(0)
            self._levels[level].append(root)

    def root(self) -> bytes:
        """Return the root of what came so far."""
        roots: list[bytes] = []
        for hashes in reversed(self._levels):
            roots += [
                merkle.tree_root(hashes[index << rest : (index + 1) << rest])
                for rest, index in merkle.perfect((0, len(hashes)))
            ]
        return merkle.fold(roots)

    def close(self) -> None:
        """Compare what is left, and look for tiles of more than there is."""
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                self._compare(level, hashes)
        for level in range(1, len(self._levels) + 1):
            whole = level < len(self._levels) and self._levels[level]
            count = (self._full[level] if level < len(self._levels) else 0) + bool(whole)
            extra = sa.select(tile.c.n).where(
                tile.c.tree == MAIN, tile.c.level >= level, tile.c.n >= count
            )
            same_level = extra.where(tile.c.level == level)
            beyond = self._connection.execute(same_level.limit(1)).scalar()
            if beyond is not None:
                _broken("log", beyond, _tile_name(level, beyond), N_("none"), N_("a tile"))

    def _compare(self, level: int, hashes: Sequence[bytes]) -> None:
        n = self._full[level]
        wanted = sa.select(tile.c.hashes).where(
            tile.c.tree == MAIN, tile.c.level == level, tile.c.n == n
        )
        kept = self._connection.execute(wanted).scalar()
        made = b"".join(hashes)
        if kept is None or bytes(kept) != made:
            got = N_("none") if kept is None else to_b64(merkle.sha256(bytes(kept)))
            _broken("log", n, _tile_name(level, n), to_b64(merkle.sha256(made)), got)


def _tile_name(level: int, n: int) -> Phrase:
    return Phrase(N_("tile {n} of level {level} is not what the entries give"), level=level, n=n)


def _broken(subject: str, seq: int, problem: object, expected: object, got: object) -> None:
    raise HistoryBrokenError(
        subject=subject, seq=seq, problem=_said(problem), expected=_said(expected), got=_said(got)
    )


def _said(value: object) -> object:
    return Phrase(value) if isinstance(value, str) and " " in value else value
