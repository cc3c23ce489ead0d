"""How a stocktake stands: each thing of it settled from what was counted and what was recorded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.settling import (
    RADIO,
    Account,
    Evidence,
    Find,
    Settled,
    confirmed_by,
    only_by_holder,
    settle_listed,
    settle_unlisted,
    weigh,
)
from assetctl.domain.stocktake import Line
from assetctl.reads.expected import Places, in_scope
from assetctl.reads.stocktakes import Stocktake, finds, listed
from assetctl.store.lists import among
from assetctl.store.tables import asset, history

_NOW = sa.select(
    asset.c.asset_id, asset.c.name, asset.c.class_code, asset.c.owner, asset.c.holder,
    asset.c.place, asset.c.state, asset.c.condition, asset.c.quantity, asset.c.changed_at,
).where(among(asset.c.asset_id, "wanted"))  # fmt: skip
_ENTRIES = (
    sa.select(history.c.entry)
    .where(history.c.subject == sa.bindparam("subject"), history.c.at <= sa.bindparam("at"))
    .order_by(history.c.seq)
)
_NAMELESS = ("+", "epc:")
"""How items begin that are no asset: things without identity, tags that are bound to nothing."""
_CUSTODY = ("state", "holder", "place", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Now:
    """What the register says of a thing today, and when that last changed."""

    account: Account
    name: str
    class_code: str
    changed_at: str


def settle(connection: Connection, one: Stocktake) -> list[Settled]:
    """Return every thing of a stocktake: those of its list by id, then what else turned up."""
    lines = {line.asset_id: line for line in listed(connection, one.number)}
    counted: dict[str, list[Find]] = defaultdict(list)
    for find in finds(connection, one.number):
        counted[find.item].append(find)
    places = Places(connection)
    now = _now(connection, [*lines, *(item for item in counted if item not in lines)])
    first = _First(places, counted.values())
    settled = [
        _listed(connection, one, line, counted.get(asset_id, ()), now[asset_id], places, first)
        for asset_id, line in lines.items()
    ]
    settled += [
        _unlisted(connection, one, item, counted[item], now.get(item), places)
        for item in sorted(counted)
        if item not in lines and not item.startswith("epc:")
    ]
    return settled


class _First:
    """Who counted at which places in the first round."""

    def __init__(self, places: Places, counted: Iterable[Sequence[Find]]) -> None:
        self._places = places
        self._people: dict[str, set[str]] = defaultdict(set)
        for found in counted:
            for find in found:
                if find.round == 1:
                    self._people[find.place].add(find.person)

    def at(self, place: str) -> frozenset[str]:
        """Return who counted at a place, or at one that agrees with it."""
        people = (who for where, who in self._people.items() if self._places.agree(place, where))
        return frozenset().union(*people)


def _listed(
    connection: Connection, one: Stocktake, line: Line, found: Sequence[Find], now: _Now,
    places: Places, first: _First,
) -> Settled:  # fmt: skip
    evidence = weigh(found, line.place, places.agree)
    account = _at(connection, line.asset_id, evidence, now)
    stays = in_scope(one.scope, now.account, now.class_code, places)
    evidence, results = settle_listed(line, evidence, account, places.agree, in_scope=stays)
    mine = _first_of([find for find in found if not find.is_absence], evidence)
    counters = mine if evidence.how else mine | first.at(line.place)
    return Settled(
        item=line.asset_id, line=line, evidence=evidence, results=results, account=account,
        name=line.name, class_code=line.class_code, photo=_photo(found), first=counters,
        confirmed=confirmed_by(found, evidence, counters, line.holder),
        own_count=only_by_holder(found, line.holder),
    )  # fmt: skip


def _unlisted(
    connection: Connection, one: Stocktake, item: str, found: Sequence[Find], now: _Now | None,
    places: Places,
) -> Settled:  # fmt: skip
    evidence = weigh(found, "", places.agree)
    account = _at(connection, item, evidence, now) if now else None
    owned = not one.scope.owners or (account is not None and account.owner in one.scope.owners)
    results = settle_unlisted(evidence, account, places.agree, owned=owned)
    mine = _first_of(found, evidence)
    named = next((find for find in reversed(found) if find.name), None)
    holder = account.holder if account else ""
    return Settled(
        item=item, line=None, evidence=evidence, results=results, account=account,
        name=now.name if now else (named.name or "" if named else ""),
        class_code=now.class_code if now else (named.class_code or "" if named else ""),
        photo=_photo(found), first=mine, confirmed=confirmed_by(found, evidence, mine, holder),
        own_count=False,
    )  # fmt: skip


def _first_of(found: Sequence[Find], evidence: Evidence) -> frozenset[str]:
    """Return who counted a thing in the first round.

    Where it was seen, a reader that heard it somewhere counted nothing for whoever held it.
    """
    was_seen = evidence.how not in ("", RADIO)
    return frozenset(
        find.person for find in found if find.round == 1 and not (was_seen and find.how == RADIO)
    )


def _photo(found: Sequence[Find]) -> str | None:
    return next((find.photo for find in reversed(found) if find.photo), None)


def _now(connection: Connection, items: Sequence[str]) -> dict[str, _Now]:
    rows = connection.execute(
        _NOW, {"wanted": [one for one in items if not one.startswith(_NAMELESS)]}
    )
    return {
        row.asset_id: _Now(
            account=Account(
                owner=row.owner, holder=row.holder, place=row.place or "", state=row.state,
                condition=row.condition or "",
                quantity="" if row.quantity is None else str(row.quantity),
            ),
            name=row.name, class_code=row.class_code, changed_at=row.changed_at,
        )
        for row in rows
    }  # fmt: skip


def _at(connection: Connection, asset_id: str, evidence: Evidence, now: _Now) -> Account:
    """Return what the register had said by the time of the evidence; today, where there is none.

    A count that reaches the register late is not blamed for what was moved after it.
    """
    if not evidence.how or not evidence.at or now.changed_at <= evidence.at:
        return now.account
    said = said_by(connection, asset_id, evidence.at)
    known = {name: said[name] or "" for name in _CUSTODY if name in said}
    return replace(now.account, **known) if known else now.account


def said_by(connection: Connection, asset_id: str, at: str) -> Mapping[str, Any]:
    """Return state, holder, place (None if not known) and owner as entries said them by an instant.

    Empty where none had said anything by then.
    """
    said: dict[str, Any] = {}
    for (entry,) in connection.execute(_ENTRIES, {"subject": f"asset:{asset_id}", "at": at}):
        data = json.loads(entry)["data"]
        if "holder" in data and "state" in data:
            said |= {"state": data["state"], "holder": data["holder"], "place": data.get("place")}
        if data.get("owner"):
            said["owner"] = data["owner"]
    return said
