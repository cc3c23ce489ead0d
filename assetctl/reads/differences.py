"""What differs between two moments: things that came, left and changed, and sums that agree.

Sums are made of what each thing was at both ends, so that they agree to the fen whatever happened
in between: opening + added - disposed + moved in - moved out + revalued = closing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.engine import Connection

from assetctl.domain.lifecycle import State
from assetctl.domain.projection import Row
from assetctl.reads.as_of import row_of, rows_of, yuan
from assetctl.reads.chains import By, Reach, Step, chains, within

What = Literal["came", "left", "came_and_left", "changed"]

WATCHED = ("state", "owner", "holder", "place", "condition", "value")
"""What makes a difference between two moments."""

SUMS = ("opening", "added", "disposed", "moved_in", "moved_out", "revalued", "closing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An entry between the two moments that changed something watched, and what it changed."""

    event_id: str
    seq: int
    kind: str
    at: str
    recorded_at: str
    actor: str
    doc: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDifference:
    """A thing that differs: what it was and is, of the watched fields those that changed."""

    asset_id: str
    name: str
    what: What
    before: dict[str, str | None]
    after: dict[str, str | None]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many things, and what they are worth in yuan; a difference may be below zero."""

    count: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of one unit, or of all (`owner` None): things on the books, disposed ones not.

    `moved_in` and `moved_out` are title transfers between units; `revalued` is what corrections
    changed of the value of things that stayed.
    """

    owner: str | None
    opening: Sum
    added: Sum
    disposed: Sum
    moved_in: Sum
    moved_out: Sum
    revalued: Sum
    closing: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """All that differs, in figures."""

    since: str
    until: str
    by: By
    came: int
    left: int
    came_and_left: int
    changed: int
    total: Account
    owners: tuple[Account, ...]


def differences(
    connection: Connection,
    first: Reach,
    second: Reach,
    *,
    owner: str | None = None,
    on_difference: Callable[[AssetDifference], None],
) -> Differences:
    """Tell `on_difference` of each thing that differs, in order of id; return the account.

    With `owner` only things count that were that unit's at one end or the other.

    Raises:
        HistoryBrokenError: an entry cannot be read or replayed.
    """
    books = _Books(owner)
    told: dict[What, int] = {"came": 0, "left": 0, "came_and_left": 0, "changed": 0}
    for _, steps in chains(connection, sort="asset", reach=second):
        earlier = within(steps, first)
        then = row_of(earlier)
        now = then if len(earlier) == len(steps) else row_of(steps)
        if now is None or owner not in (None, now["owner"], then["owner"] if then else None):
            continue
        books.enter(then, now)
        what = _what(then, now)
        if what is not None:
            told[what] += 1
            on_difference(_difference(what, then, now, steps, first))
    return Differences(since=first.until, until=second.until, by=second.by, **told,
                       total=books.account(None), owners=books.accounts())  # fmt: skip


class _Books:
    """Running sums by owner: count and fen of each of `SUMS`."""

    def __init__(self, only: str | None) -> None:
        self._only = only
        self._sums: dict[str, dict[str, list[int]]] = {}

    def enter(self, then: Row | None, now: Row) -> None:
        """Enter one thing as it was at both ends."""
        was, stands = _on_books(then), _on_books(now)
        old, new = _fen(then), _fen(now)
        if then is not None and was:
            self._add(then["owner"], "opening", 1, old)
        if stands:
            self._add(now["owner"], "closing", 1, new)
        if then is None:
            self._add(now["owner"], "added", 1, new)
            if not stands:
                self._add(now["owner"], "disposed", 1, new)
            return
        if not was:
            return
        if then["owner"] != now["owner"]:
            self._add(then["owner"], "moved_out", 1, old)
            self._add(now["owner"], "moved_in", 1, old)
        if new != old:
            self._add(now["owner"], "revalued", 1, new - old)
        if not stands:
            self._add(now["owner"], "disposed", 1, new)

    def accounts(self) -> tuple[Account, ...]:
        """Return the account of each unit in order of code."""
        return tuple(self.account(owner) for owner in sorted(self._sums))

    def account(self, owner: str | None) -> Account:
        """Return the account of one unit, or of all."""
        chosen = self._sums.values() if owner is None else [self._sums[owner]]
        sums = {
            name: [sum(column) for column in zip((0, 0), *(s[name] for s in chosen), strict=True)]
            for name in SUMS
        }
        return Account(
            owner=owner,
            **{name: Sum(count=count, value=yuan(fen)) for name, (count, fen) in sums.items()},
        )

    def _add(self, owner: str, name: str, count: int, fen: int) -> None:
        if self._only in (None, owner):
            sums = self._sums.setdefault(owner, {each: [0, 0] for each in SUMS})[name]
            sums[0] += count
            sums[1] += fen


def _difference(
    what: What, then: Row | None, now: Row, steps: Sequence[Step], first: Reach
) -> AssetDifference:
    old, new = _watched(then), _watched(now)
    fields = [name for name in WATCHED if old[name] != new[name]]
    return AssetDifference(
        asset_id=now["asset_id"], name=now["name"], what=what,
        before={name: old[name] for name in fields} if then else {},
        after={name: new[name] for name in (fields if then else WATCHED)},
        causes=tuple(_causes(steps, first)),
    )  # fmt: skip


def _causes(steps: Sequence[Step], first: Reach) -> Iterator[Cause]:
    """Give the entries after the first moment that changed something watched."""
    known = {step.event_id for step in within(steps, first)}
    before: dict[str, str | None] = _watched(None)
    for step, row in zip(steps, rows_of(steps), strict=True):
        after = _watched(row)
        fields = tuple(name for name in WATCHED if before[name] != after[name])
        before = after
        if fields and step.event_id not in known:
            yield Cause(
                event_id=step.event_id, seq=step.seq, kind=step.kind, at=step.at,
                recorded_at=step.rec, actor=step.actor, doc=step.fields["data"].get("doc"),
                fields=fields,
            )  # fmt: skip


def _what(then: Row | None, now: Row) -> What | None:
    was, stands = _on_books(then), _on_books(now)
    if then is None:
        return "came" if stands else "came_and_left"
    if was and not stands:
        return "left"
    return "changed" if _watched(then) != _watched(now) else None


def _on_books(row: Row | None) -> bool:
    return row is not None and row["state"] != State.DISPOSED


def _fen(row: Row | None) -> int:
    return 0 if row is None else row.get("value_fen") or 0


def _watched(row: Row | None) -> dict[str, str | None]:
    if row is None:
        return dict.fromkeys(WATCHED)
    fen = row.get("value_fen")
    texts: dict[str, str | None] = {name: row[name] for name in WATCHED[:-1]}
    return texts | {"value": None if fen is None else yuan(fen)}
