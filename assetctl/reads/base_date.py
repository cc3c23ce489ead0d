"""What led from the books of the base day to the list of a stocktake, told from history alone.

The list is frozen when counting begins; an ordered stocktake (清查) answers for the books of its
base day. So the two are reconciled: opening + joined - left + revalued = listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.money import fen
from assetctl.domain.projection import Row
from assetctl.domain.settling import Account
from assetctl.domain.stocktake import Line
from assetctl.domain.stocktake_events import StocktakeOpened
from assetctl.reads.as_of import row_of, yuan
from assetctl.reads.chains import Reach, Step, chains, within
from assetctl.reads.differences import Sum
from assetctl.reads.expected import Places, in_scope
from assetctl.reads.stocktakes import Stocktake
from assetctl.store.tables import history

JOINED, LEFT, REVALUED = "joined", "left", "revalued"
CHANGES = (JOINED, LEFT, REVALUED)
"""What became of a thing between the base day and the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """Where a thing stood, and its original value in yuan, None if its card had none."""

    state: str
    owner: str
    holder: str
    place: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A thing that joined the scope, left it, or was worth something else.

    `before` is None where it was in no book on the base day. `kind`, `at` and `doc` are those of
    its last entry between the two, empty if there is none.
    """

    asset_id: str
    name: str
    class_code: str
    change: str
    before: Stood | None
    after: Stood
    kind: str = ""
    at: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseDate:
    """The books of the base day up to its last instant `until`, and what led to the list."""

    until: str
    opening: Sum
    joined: Sum
    left: Sum
    revalued: str
    listed: Sum
    changed: tuple[Changed, ...]


def base_date(
    connection: Connection, one: Stocktake, lines: Iterable[Line], *, until: str
) -> BaseDate | None:
    """Reconcile the list of a stocktake with the books of its base day, which ended at `until`.

    None where the list was frozen before that. What was recorded after the freezing does not
    count, so that the answer stays the same however late something is dated back. Places lie in
    one another as they do now.

    Raises:
        HistoryBrokenError: an entry cannot be read or replayed.
    """
    frozen = _frozen(connection, one.number)
    if frozen is None or frozen <= until:
        return None
    listed = {line.asset_id: line for line in lines}
    places = Places(connection)
    changed: list[Changed] = []
    touched = _touched(connection, until, frozen)
    # What nothing has happened to since stood on the books as it stands on the list.
    opening = [_fen(_listed(line)) for line in listed.values() if _subject(line) not in touched]
    for subject, steps in chains(connection, subjects=sorted(touched), reach=Reach(frozen)):
        asset_id = subject.removeprefix("asset:")
        line = listed.get(asset_id)
        earlier = within(steps, Reach(until, by="at"))
        then = row_of(earlier)
        booked = then if then is not None and _is_in(one, then, places) else None
        if booked is not None:
            opening.append(booked.get("value_fen") or 0)
        change = _change(booked, line)
        if change:
            after = _listed(line) if line else _stood(row_of(steps) or {})
            changed.append(_changed(asset_id, change, then, after, steps, earlier))
    sums = {change: [one for one in changed if one.change == change] for change in CHANGES}
    revalued = sum(_fen(one.after) - _fen(one.before) for one in sums[REVALUED])
    return BaseDate(
        until=until, opening=_sum(opening), joined=_sum(_fen(one.after) for one in sums[JOINED]),
        left=_sum(_fen(one.before) for one in sums[LEFT]), revalued=yuan(revalued),
        listed=_sum(_fen(_listed(line)) for line in listed.values()),
        changed=tuple(one for change in CHANGES for one in sums[change]),
    )  # fmt: skip


def _frozen(connection: Connection, number: str) -> str | None:
    """Return when the list of a stocktake was frozen, by the clock that nobody sets back."""
    wanted = sa.select(history.c.recorded_at).where(
        history.c.subject == f"stocktake:{number}", history.c.kind == StocktakeOpened.kind
    )
    return connection.execute(wanted).scalar()


def _touched(connection: Connection, after: str, until: str) -> set[str]:
    """Return the assets with entries recorded between two instants; no others can differ."""
    wanted = sa.select(history.c.subject).where(
        history.c.recorded_at > after, history.c.recorded_at <= until,
        history.c.subject.startswith("asset:"),
    )  # fmt: skip
    return set(connection.execute(wanted.distinct()).scalars())


def _subject(line: Line) -> str:
    return f"asset:{line.asset_id}"


def _change(then: Row | None, line: Line | None) -> str:
    if then is None:
        return JOINED if line else ""
    if line is None:
        return LEFT
    return REVALUED if (then.get("value_fen") or 0) != _fen(_listed(line)) else ""


def _is_in(one: Stocktake, row: Row, places: Places) -> bool:
    account = Account(
        owner=row["owner"], holder=row["holder"], place=row["place"] or "", state=row["state"]
    )
    return in_scope(one.scope, account, row["class_code"], places)


def _changed(
    asset_id: str, change: str, then: Row | None, after: Stood, steps: Sequence[Step],
    earlier: Sequence[Step],
) -> Changed:  # fmt: skip
    before = None if then is None else _stood(then)
    card = then or row_of(steps) or {}
    known = {step.event_id for step in earlier}
    last = next((step for step in reversed(steps) if step.event_id not in known), None)
    return Changed(
        asset_id=asset_id, name=card.get("name", ""), class_code=card.get("class_code", ""),
        change=change, before=before, after=after, kind=last.kind if last else "",
        at=last.at if last else "", doc=(last.fields["data"].get("doc") or "") if last else "",
    )  # fmt: skip


def _stood(row: Row) -> Stood:
    value = row.get("value_fen")
    return Stood(
        state=row["state"], owner=row["owner"], holder=row["holder"], place=row["place"] or "",
        value=None if value is None else yuan(value),
    )  # fmt: skip


def _listed(line: Line) -> Stood:
    return Stood(state=line.state, owner=line.owner, holder=line.holder, place=line.place,
                 value=line.value or None)  # fmt: skip


def _fen(stood: Stood | None) -> int:
    return fen(stood.value) if stood and stood.value else 0


def _sum(values: Iterable[int]) -> Sum:
    found = list(values)
    return Sum(count=len(found), value=yuan(sum(found)))
