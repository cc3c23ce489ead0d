"""What a stocktake found, for its reports: every thing, the sums, the places, who answers for it.

While it goes on this is the state of the moment; once the results are submitted it is what was
frozen then, however the register went on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import b64
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.document import Opinion
from assetctl.domain.settling import (
    MISSING,
    OFF_BOOK,
    RECORD,
    WRONG_PLACE,
    Evidence,
    Find,
    weigh,
)
from assetctl.domain.stocktake import Line, StocktakeState
from assetctl.domain.stocktake_events import StocktakeClosed
from assetctl.domain.stocktake_results import Result, result_of
from assetctl.domain.stocktake_tally import Adding, Amounts, Tally, amounts_beyond, amounts_of
from assetctl.reads.base_date import BaseDate, base_date
from assetctl.reads.expected import Places
from assetctl.reads.parties import class_names, names_of
from assetctl.reads.place_tallies import COUNTED, WEAK, PlaceTally, place_tallies
from assetctl.reads.place_tallies import MISSING as NOT_THERE
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import (
    Reason,
    Stocktake,
    finds,
    listed,
    reasons,
    results,
)
from assetctl.store.lists import among
from assetctl.store.tables import history

FROZEN = (StocktakeState.SUBMITTED, StocktakeState.APPROVED, StocktakeState.CLOSED)
"""States in which the results stand as they were submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing: as the books have it, as it was found, and what is done about it.

    `results` is empty where it agrees, and where it `is_left`: listed, and not counted yet. `place`
    and `holder` are those of the list, or of the find where it is not listed. `first` are those who
    counted it first, `confirmed` is who else confirmed it; `hint` is what radio heard without
    proving it, as in `Evidence`; `photo` is a SHA-256.
    """

    no: int
    item: str
    name: str
    class_code: str
    model: str
    measure: str
    owner: str
    holder: str
    place: str
    is_listed: bool
    is_left: bool
    amounts: Amounts
    results: tuple[str, ...]
    how: str
    at: str
    hint: str
    found_place: str
    found_holder: str
    found_condition: str
    first: tuple[str, ...] = ()
    confirmed: str = ""
    reason: str = ""
    treatment: str = ""
    liable: str = ""
    photo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Somebody who counted, and when last."""

    person: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The entry that sealed a stocktake: its number in the chain, its id, who, when, its hash."""

    seq: int
    event_id: str
    actor: str
    at: str
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the reports of a stocktake tell.

    `is_frozen` says that the results were submitted; `as_of` is since when they stand so, else the
    moment of the report. `base` leads from the books of the base day to the list, unless that is
    the list. `called` are the names of parties and places by code, `classes` those of
    classes; a redacted person has none.
    """

    stocktake: Stocktake
    is_frozen: bool
    as_of: str
    rows: tuple[Row, ...]
    by_class: tuple[Tally, ...]
    by_unit: tuple[Tally, ...]
    total: Tally
    places: tuple[PlaceTally, ...]
    base: BaseDate | None
    counters: tuple[Counted, ...]
    opinions: tuple[Opinion, ...]
    closing: Closing | None
    called: dict[str, str]
    classes: dict[str, str]

    @property
    def surplus(self) -> list[Row]:
        """What is over."""
        return [row for row in self.rows if row.amounts.surplus.quantity]

    @property
    def shortage(self) -> list[Row]:
        """What is lacking."""
        return [row for row in self.rows if row.amounts.shortage.quantity]

    @property
    def differences(self) -> list[Row]:
        """What differs in any way."""
        return [row for row in self.rows if row.results]


def stocktake_report(
    connection: Connection, one: Stocktake, *, now: str, base_ends: str
) -> Report:  # fmt: skip
    """Return what a stocktake found, or has found by `now`; it must have been opened.

    `base_ends` is the last instant of its base day.

    Raises:
        HistoryBrokenError: see `base_date`.
    """
    is_frozen = one.state in FROZEN
    counted = finds(connection, one.number)
    lines = listed(connection, one.number)
    said = reasons(connection, one.number)
    found = _frozen(connection, one, lines, counted) if is_frozen else _now(connection, one, said)
    is_first = not is_frozen and one.round == 1
    rows = _rows(one, lines, found, said, _owners(connection, found), is_first=is_first)
    by_class, by_unit, total = _tallies(rows)
    base = base_date(connection, one, lines, until=base_ends)
    return Report(
        stocktake=one, is_frozen=is_frozen,
        as_of=(is_frozen and (one.ended_at or one.decided_at or one.submitted_at)) or now,
        rows=rows, by_class=by_class, by_unit=by_unit, total=total,
        places=place_tallies(connection, map(_seen, (row for row in rows if row.is_listed))),
        base=base, counters=_counters(counted), opinions=tuple(one.given()) if is_frozen else (),
        closing=_closing(connection, one), called=_called(connection, one, rows, counted, base),
        classes=class_names(connection, _classes(lines, rows)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """The differences by item, and the evidence of each thing of the list."""

    results: Mapping[str, Result]
    evidence: Mapping[str, Evidence]


def _now(connection: Connection, one: Stocktake, said: Mapping[str, Reason]) -> _Found:
    settled = settle(connection, one)
    differ = {}
    for each in settled:
        if each.is_difference:
            why = said.get(each.item)
            differ[each.item] = result_of(
                each, reason=why.reason if why else "", treatment=why.treatment if why else "",
                liable=why.liable if why else None,
            )  # fmt: skip
    return _Found(differ, {each.item: each.evidence for each in settled if each.line})


def _frozen(
    connection: Connection, one: Stocktake, lines: Sequence[Line], counted: Sequence[Find]
) -> _Found:
    """Return what was submitted; what nobody saw, and is no difference, left by a record."""
    differ = {each.item: each for each in results(connection, one.number, one.submission)}
    places = Places(connection)
    by_item: dict[str, list[Find]] = defaultdict(list)
    for find in counted:
        by_item[find.item].append(find)
    evidence = {}
    for line in lines:
        weighed = weigh(by_item.get(line.asset_id, ()), line.place, places.agree)
        if not weighed.how and line.asset_id not in differ:
            weighed = Evidence(how=RECORD)
        evidence[line.asset_id] = weighed
    return _Found(differ, evidence)


def _rows(
    one: Stocktake, lines: Sequence[Line], found: _Found, said: Mapping[str, Reason],
    owners: Mapping[str, str], *, is_first: bool,
) -> tuple[Row, ...]:  # fmt: skip
    """Return the things of the list in its order, then what else differs."""
    rows = [
        _listed(no, line, found.results.get(line.asset_id), found.evidence[line.asset_id],
                is_first=is_first)
        for no, line in enumerate(lines, 1)
    ]  # fmt: skip
    known = found.evidence.keys()
    beyond = [result for item, result in sorted(found.results.items()) if item not in known]
    for no, result in enumerate(beyond, len(rows) + 1):
        card = said[result.item].card if result.item in said else {}
        owner = owners.get(result.item, "" if OFF_BOOK not in result.kinds else one.unit)
        rows.append(_beyond(no, result, card, owner))
    return tuple(rows)


def _listed(
    no: int, line: Line, result: Result | None, evidence: Evidence, *, is_first: bool
) -> Row:  # fmt: skip
    """Return a thing of the list.

    In the first round nobody may have come to it yet; whoever has looked for it has counted it.
    """
    is_left = is_first and not evidence.how and not evidence.absent
    kinds = result.kinds if result else ()
    if is_left:
        kinds = tuple(kind for kind in kinds if kind != MISSING)
    known = result or Result(item=line.asset_id, results="")
    return Row(
        no=no, item=line.asset_id, name=line.name, class_code=line.class_code, model=line.model,
        measure=line.measure, owner=line.owner, holder=line.holder, place=line.place,
        is_listed=True, is_left=is_left, amounts=amounts_of(line, result, is_left=is_left),
        results=kinds, how=evidence.how, at=evidence.at, hint=evidence.hint,
        found_place=evidence.place, found_holder=evidence.holder or "",
        found_condition=evidence.condition or "",
        first=_people(known.first), confirmed=known.confirmed, reason=known.reason,
        treatment=known.treatment, liable=known.liable, photo=known.photo,
    )  # fmt: skip


def _beyond(no: int, result: Result, card: Mapping[str, str], owner: str) -> Row:
    return Row(
        no=no, item=result.item, name=card.get("name") or result.name,
        class_code=card.get("class_code") or result.class_code, model="", measure="", owner=owner,
        holder=result.holder or result.found_holder, place=result.found_place, is_listed=False,
        is_left=False, amounts=amounts_beyond(result, card.get("value", "")), results=result.kinds,
        how=result.how, at=result.at, hint="", found_place=result.found_place,
        found_holder=result.found_holder, found_condition=result.found_condition,
        first=_people(result.first), confirmed=result.confirmed, reason=result.reason,
        treatment=result.treatment, liable=result.liable, photo=result.photo,
    )  # fmt: skip


def _people(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _owners(connection: Connection, found: _Found) -> dict[str, str]:
    """Return whose the things beyond the list were when they were found, as history tells it."""
    since = {
        result.item: result.at
        for result in found.results.values()
        if result.item not in found.evidence and not result.item.startswith("+")
    }
    told = (
        sa.select(history.c.subject, history.c.entry, history.c.at)
        .where(among(history.c.subject, "subjects"))
        .order_by(history.c.subject, history.c.seq)
    )
    owners: dict[str, str] = {}
    for row in connection.execute(told, {"subjects": [f"asset:{item}" for item in since]}):
        item = row.subject.removeprefix("asset:")
        owner = json.loads(row.entry)["data"].get("owner")
        if owner and (item not in owners or row.at <= since[item]):
            owners[item] = owner
    return owners


def _tallies(rows: Iterable[Row]) -> tuple[tuple[Tally, ...], tuple[Tally, ...], Tally]:
    """Return the sums by class and by unit, in order of code, and that of all."""
    classes: dict[str, Adding] = defaultdict(Adding)
    units: dict[str, Adding] = defaultdict(Adding)
    total = Adding()
    for row in rows:
        for sum_ in (classes[row.class_code], units[row.owner], total):
            sum_.add(row.amounts, row.results, is_listed=row.is_listed)
    by_class, by_unit = (
        tuple(sum_.tally(code) for code, sum_ in sorted(sums.items())) for sums in (classes, units)
    )
    return by_class, by_unit, total.tally("")


def _seen(row: Row) -> tuple[str, str, bool]:
    if row.how:
        return row.place, COUNTED, WRONG_PLACE in row.results
    return row.place, WEAK if row.hint else NOT_THERE, False


def _counters(counted: Iterable[Find]) -> tuple[Counted, ...]:
    last: dict[str, str] = {}
    for find in counted:
        last[find.person] = max(find.at, last.get(find.person, ""))
    return tuple(Counted(person=person, at=at) for person, at in sorted(last.items()))


def _closing(connection: Connection, one: Stocktake) -> Closing | None:
    wanted = sa.select(
        history.c.seq, history.c.event_id, history.c.actor, history.c.at, history.c.leaf
    ).where(history.c.subject == f"stocktake:{one.number}", history.c.kind == StocktakeClosed.kind)
    row = connection.execute(wanted).first()
    if row is None:
        return None
    return Closing(
        seq=row.seq, event_id=row.event_id, actor=row.actor, at=row.at, leaf=b64(bytes(row.leaf))
    )


def _called(
    connection: Connection, one: Stocktake, rows: Iterable[Row], counted: Iterable[Find],
    base: BaseDate | None,
) -> dict[str, str]:  # fmt: skip
    """Return the names of all parties and places that a report names."""
    codes = {one.unit, one.planner, *one.scope.owners, *one.scope.places, *one.scope.holders}
    codes |= {find.person for find in counted} | {given.person for given in one.opinions}
    for row in rows:
        codes |= {row.owner, row.holder, row.place, row.found_place, row.found_holder, row.liable}
        codes |= {row.confirmed, *row.first}
    for changed in base.changed if base else ():
        for stood in filter(None, (changed.before, changed.after)):
            codes |= {stood.owner, stood.holder, stood.place}
    return names_of(connection, codes)


def _classes(lines: Iterable[Line], rows: Iterable[Row]) -> set[tuple[str, str]]:
    schemes = {(line.scheme or GB_T_14885, line.class_code) for line in lines}
    return schemes | {(GB_T_14885, row.class_code) for row in rows if not row.is_listed}
