"""Does the sealed log hold: every entry has one place, tiles and roots follow from the entries.

What this proves beyond the chains: nothing that a checkpoint covers was removed, inserted, changed
or put in another order, whoever did it and however consistently, as long as one checkpoint was kept
where he could not write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import to_b64
from assetctl.domain.policy import Policy, believe
from assetctl.domain.tiling import Tile, Tiling
from assetctl.errors import HistoryBrokenError, LogForkedError
from assetctl.i18n import N_, Phrase
from assetctl.reads.entries import Batch, checked_entries
from assetctl.reads.log import checkpoints, origin_of, the_log
from assetctl.reads.log_keys import SM3, log_keys
from assetctl.store.tables import history, leaf, tile
from assetctl.store.tree import MAIN

_Heads = dict[int, list[tuple[Checkpoint, bool]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The sealed log as it was found whole.

    `unsealed` entries wait for the sealer; `signed` is the size of the largest checkpoint that the
    register keeps, 0 if there is none; `against` how many checkpoints from outside it continues;
    `remembered` the size of the one that the signer here signed last, 0 if that was not looked at.
    """

    origin: str
    size: int
    root: str
    unsealed: int
    signed: int
    against: int
    remembered: int = 0


def verify_sealed(
    connection: Connection, genesis: bytes, *, policy: Policy | None = None,
    against: Sequence[Checkpoint] = (), remembered: Checkpoint | None = None,
    on_entries: Callable[[Batch], None],
    on_step: Callable[[int], None] | None = None,
) -> Sealed:  # fmt: skip
    """Check the whole sealed log, and that it continues the checkpoints kept of it.

    Entries that wait for the sealer are checked as well; `on_entries` hears of all of them.

    `policy` says whose signatures count; older checkpoints may also be signed by the key that the
    genesis entry names and by those that it vouches for. `against` are checkpoints from outside the
    register whose signatures were checked already, `remembered` what the signer remembers.

    Raises:
        HistoryBrokenError: an entry, a place or a tile is not what the others prove.
        NoteInvalidError: a checkpoint that the register keeps is not signed by the log, or the
            newest not by a key of the policy.
        LogForkedError: the log does not continue a checkpoint from outside.
    """
    found = the_log(connection)
    kept = _kept(connection, found.origin, policy)
    outside = [*against, *([remembered] if remembered else [])]
    grown = _Growing(connection, _by_size(found.origin, kept, outside))
    grown.take([genesis])
    waiting = 0
    for batch in checked_entries(connection, genesis):
        on_entries(batch)
        if batch.first is None:
            waiting += len(batch.leaves)
            continue
        grown.take(batch.leaves)
        if on_step:
            on_step(grown.size)
    _all_have_places(connection, grown.size - 1 + waiting)
    grown.close()
    return Sealed(
        origin=found.origin, size=grown.size, root=to_b64(grown.root()), unsealed=waiting,
        signed=max((one.size for one in kept), default=0), against=len(against),
        remembered=remembered.size if remembered else 0,
    )  # fmt: skip


def _all_have_places(connection: Connection, places: int) -> None:
    """Check that no entry is without a place, when every place has been looked at."""
    if connection.execute(sa.select(sa.func.count()).select_from(history)).scalar() == places:
        return
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
    heads = [believe(Policy(logs=logs), one.note).checkpoint for one in kept]
    if policy is not None and kept and not _is_about_second(policy, origin):
        # Whoever replaces the log names a key of his own in its genesis entry.
        believe(Policy(logs=policy.logs), kept[-1].note)
    return heads


def _is_about_second(policy: Policy, origin: str) -> bool:
    """Return whether a policy speaks of the second tree of this log, and not of the first."""
    names = {key.name for key in policy.logs}
    return origin not in names and origin_of(origin, SM3) in names


def _by_size(origin: str, kept: Sequence[Checkpoint], against: Sequence[Checkpoint]) -> _Heads:
    """Return the checkpoints by size, each with whether it comes from outside the register."""
    heads: _Heads = {}
    for one in kept:
        heads.setdefault(one.size, []).append((one, False))
    for one in against:
        if one.origin != origin:
            reason = Phrase(N_("it is called {name} there"), name=one.origin)
            raise LogForkedError(origin=origin, reason=reason)
        heads.setdefault(one.size, []).append((one, True))
    return heads


def _same_roots(heads: Sequence[tuple[Checkpoint, bool]], root: bytes) -> None:
    for checkpoint, is_outside in heads:
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
    """The tree as its leaves come, held to the tiles that are kept and to what was signed."""

    def __init__(self, connection: Connection, heads: _Heads) -> None:
        self._connection = connection
        self._heads = heads
        self._tiling = Tiling()
        self.size = 0

    def take(self, leaves: Sequence[bytes]) -> None:
        """Take in leaves; stop at each size of which a checkpoint speaks."""
        start, end = self.size, self.size + len(leaves)
        for size in sorted(size for size in self._heads if start < size <= end):
            self._add(leaves[self.size - start : size - start])
            _same_roots(self._heads.pop(size), self.root())
        self._add(leaves[self.size - start :])

    def root(self) -> bytes:
        """Return the root of what came so far."""
        return self._tiling.root()

    def close(self) -> None:
        """Compare what is left, and look for what speaks of more than there is."""
        for missing in self._heads.values():
            _too_short(*missing[0], self.size)
        self._compare(self._tiling.rest())
        counts = self._tiling.counts()
        wanted = (
            sa.select(tile.c.level, sa.func.max(tile.c.n))
            .where(tile.c.tree == MAIN)
            .group_by(tile.c.level)
            .order_by(tile.c.level)
        )
        for level, last in self._connection.execute(wanted).all():
            if not (0 < level < len(counts) and last < counts[level]):
                _broken("log", last, _tile_name(level, last), N_("none"), N_("a tile"))

    def _add(self, leaves: Sequence[bytes]) -> None:
        self._compare(self._tiling.add(leaves))
        self.size += len(leaves)

    def _compare(self, tiles: Iterable[Tile]) -> None:
        """Compare tiles above the leaves, which are not kept twice."""
        for level, n, hashes in tiles:
            if not level:
                continue
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
