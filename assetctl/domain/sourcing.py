"""先调剂后采购: where a need is looked for, what may be had, and what is left to be bought.

A search goes from the unit itself outward and is frozen; each thing that it shows as available is
taken, or refused with a reason that a second person confirms. Only then is there a certificate of
what could not be met, and only on that may anything be bought.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assetctl.domain.lifecycle import State

OWN, KEPT, WAREHOUSE, LISTED, ELSEWHERE = "own", "kept", "warehouse", "listed", "elsewhere"
LEVELS = (OWN, KEPT, WAREHOUSE, LISTED, ELSEWHERE)
"""From the unit outward: its own idle things, warehouses it keeps, other warehouses, what is listed
in virtual ones, idle things of other units."""

AVAILABLE, PROMISED, TAKEN, REGIME, STATE = "available", "promised", "taken", "regime", "state"
AVAILABILITIES = (AVAILABLE, PROMISED, TAKEN, REGIME, STATE)
"""Whether a thing may be had, or why not: promised to another document, taken for this need
already, not public property, or listed but in a state in which it cannot be handed over."""

REFUSALS = ("spec", "quantity", "time", "transport", "condition", "security", "promised")
"""规格不符, 数量不足, 时间不符, 位置运输不经济, 状态差, 安全保密, 已被预约."""

CONFIRMED, OVERRULED = "confirmed", "overruled"
VERDICTS = (CONFIRMED, OVERRULED)

FULL, PART, NONE = "full", "part", "none"
RESULTS = (FULL, PART, NONE)

OPEN_SECRECY = (None, "none", "internal")
"""Grades of secrecy whose things may be shown to other units."""

AT_REST = (State.IDLE.value, State.IN_STORE.value)
"""States in which a thing waits for somebody who needs it."""

_STANDING = (*AT_REST, State.IN_USE.value)
_PUBLIC = (None, "public")
_BUDGET = 44_000
"""Bytes that the candidates of one search may take in its entry."""

Group = dict[str, Any]
"""Like candidates, as history writes them: what they share, and their ids (`assets`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing that a search meets; `keeper` is the unit that keeps the warehouse it is in."""

    asset_id: str
    name: str
    class_code: str
    state: str
    owner: str
    place: str | None = None
    condition: str | None = None
    listed: str | None = None
    regime: str | None = None
    promised_to: str | None = None
    keeper: str | None = None
    is_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A thing as a search found it: at which level, whose, where, in what condition, if free."""

    asset_id: str
    name: str
    class_code: str
    level: str
    owner: str
    place: str | None
    condition: str | None
    availability: str
    promised_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Candidates as a search writes them: those in full, and how many did not fit the entry.

    `beyond` could be had, `unlisted` could not.
    """

    groups: list[Group]
    available: int
    beyond: int
    unlisted: int


def candidate(thing: Thing, unit: str) -> Candidate:
    """Return a thing as a candidate for a unit: its level, and whether it may be had."""
    return Candidate(
        asset_id=thing.asset_id, name=thing.name, class_code=thing.class_code,
        level=_level(thing, unit), owner=thing.owner, place=thing.place,
        condition=thing.condition, availability=_availability(thing),
        promised_to=thing.promised_to,
    )  # fmt: skip


def in_order(found: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates from the unit outward; at one level what may be had goes first."""
    return sorted(
        found,
        key=lambda one: (LEVELS.index(one.level), one.availability != AVAILABLE, one.asset_id),
    )


def freeze(found: Sequence[Candidate]) -> Frozen:
    """Return candidates in groups, those first that may be had, as far as an entry holds them."""
    groups: dict[tuple[str, ...], Group] = {}
    size, beyond, unlisted, available = 0, 0, 0, 0
    for one in sorted(in_order(found), key=lambda one: one.availability != AVAILABLE):
        shared = _shared(one)
        key = tuple(f"{name}={value}" for name, value in shared.items())
        size += 13 if key in groups else 30 + len(json.dumps(shared, ensure_ascii=False).encode())
        is_free = one.availability == AVAILABLE
        available += is_free
        if size > _BUDGET:
            beyond, unlisted = beyond + is_free, unlisted + (not is_free)
            continue
        groups.setdefault(key, shared | {"assets": []})["assets"].append(one.asset_id)
    return Frozen(
        groups=list(groups.values()), available=available, beyond=beyond, unlisted=unlisted
    )


def thaw(groups: Iterable[Group]) -> Iterator[Candidate]:
    """Give the candidates that `freeze` wrote."""
    for group in groups:
        for asset_id in group["assets"]:
            yield Candidate(
                asset_id=asset_id, name=group["name"], class_code=group["class"],
                level=group["level"], owner=group["owner"], place=group.get("place"),
                condition=group.get("condition"), availability=group["availability"],
                promised_to=group.get("promised_to"),
            )  # fmt: skip


def unmet(quantity: int, met: int, bought: int = 0) -> int:
    """Return how many a need still lacks."""
    return max(quantity - met - bought, 0)


def result_of(quantity: int, met: int) -> str:
    """Return what became of a need in the warehouse: met in full, in part, or not at all."""
    if met >= quantity:
        return FULL
    return PART if met else NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a unit may have of a class, what it has, and which standard says so.

    `held` are its own, `asked` those that its other open needs still lack; `basis` is what the
    standard counts by. `ceiling` and
    `price_cap` are None where no standard limits them for one thing; `quantity_from`, `price_from`
    and `argued_from` name the standard that does, or that took the class off the list.
    """

    staff: int | None = None
    ceiling: int | None = None
    held: int = 0
    asked: int = 0
    basis: str | None = None
    price_cap: str | None = None
    quantity_from: str | None = None
    price_from: str | None = None
    argued_from: str | None = None

    @property
    def left(self) -> int | None:
        """How many more the unit may have, None where nothing limits it."""
        return None if self.ceiling is None else max(self.ceiling - self.held - self.asked, 0)


def plain_quota(quota: Quota) -> dict[str, Any]:
    """Return a quota as history writes it: what says nothing is left out."""
    values = {name: getattr(quota, name) for name in Quota.__dataclass_fields__}
    return {name: value for name, value in values.items() if value is not None}


def _level(thing: Thing, unit: str) -> str:
    if thing.owner == unit:
        return OWN
    if thing.state == State.IN_STORE.value:
        return KEPT if thing.keeper == unit else WAREHOUSE
    return LISTED if thing.listed else ELSEWHERE


def _availability(thing: Thing) -> str:
    if thing.is_taken:
        return TAKEN
    if thing.regime not in _PUBLIC:
        return REGIME
    if thing.promised_to:
        return PROMISED
    return AVAILABLE if thing.state in _STANDING else STATE


def _shared(one: Candidate) -> Group:
    shared = {
        "level": one.level, "owner": one.owner, "place": one.place, "condition": one.condition,
        "class": one.class_code, "name": one.name, "availability": one.availability,
        "promised_to": one.promised_to,
    }  # fmt: skip
    return {name: value for name, value in shared.items() if value}
