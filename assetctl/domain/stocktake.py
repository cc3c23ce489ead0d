"""Stocktakes (盘点): their course from plan to seal, their scope and teams, the frozen list.

What a stocktake expects is frozen when it is opened and its hash becomes history; what is counted
is added to it and nothing is taken away; differences are counted again by somebody else, explained,
approved, and booked by acts. Once it is closed nothing can be added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from assetctl.domain.chain import written
from assetctl.domain.lifecycle import State
from assetctl.errors import StocktakeStateError

STOCKTAKE = "stocktake"
"""What rules of the office call it: its chain of opinions, and what its numbers begin with."""

PREFIX = "PD"

ROUTINE, VERIFICATION = "routine", "verification"
PURPOSES = (ROUTINE, VERIFICATION)
"""盘点, the yearly count; 清查, ordered, with a base date and approval of its results."""


class StocktakeState(StrEnum):
    """Where a stocktake stands."""

    PLANNED = "planned"
    COUNTING = "counting"
    RECOUNTING = "recounting"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StocktakeAct(StrEnum):
    """What people may do with a stocktake."""

    OPEN = "open"
    COUNT = "count"
    FINISH = "finish"
    RECOUNT = "recount"
    EXPLAIN = "explain"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    CANCEL = "cancel"


_S = StocktakeState
_COUNTED = frozenset({_S.COUNTING, _S.RECOUNTING})

COURSE: dict[StocktakeAct, tuple[frozenset[StocktakeState], StocktakeState | None]] = {
    StocktakeAct.OPEN: (frozenset({_S.PLANNED}), _S.COUNTING),
    StocktakeAct.COUNT: (_COUNTED, None),
    StocktakeAct.FINISH: (frozenset({_S.COUNTING}), None),
    StocktakeAct.RECOUNT: (_COUNTED, _S.RECOUNTING),
    StocktakeAct.EXPLAIN: (_COUNTED, None),
    StocktakeAct.SUBMIT: (_COUNTED, _S.SUBMITTED),
    StocktakeAct.APPROVE: (frozenset({_S.SUBMITTED}), _S.APPROVED),
    StocktakeAct.RETURN: (frozenset({_S.SUBMITTED}), _S.RECOUNTING),
    StocktakeAct.WITHDRAW: (frozenset({_S.SUBMITTED, _S.APPROVED}), _S.RECOUNTING),
    StocktakeAct.CLOSE: (frozenset({_S.APPROVED}), _S.CLOSED),
    StocktakeAct.CANCEL: (frozenset({_S.PLANNED}) | _COUNTED, _S.CANCELLED),
}
"""Every act on a stocktake, the states it may start from, and the state it leads to (None: same).

An opinion that is not the last leaves it submitted.
"""

ENDS = frozenset({_S.CLOSED, _S.CANCELLED})
"""States that nothing leads out of."""

EXPECTED = (
    State.IN_USE.value, State.IDLE.value, State.IN_STORE.value, State.PENDING_DISPOSAL.value,
    State.MISSING.value,
)  # fmt: skip
"""States in which a thing is on the list: it should be at its place, or is looked for anew."""

AWAY = (State.ON_LOAN.value, State.IN_TRANSIT.value, State.IN_REPAIR.value)
"""States in which a paper of somebody else answers for a thing: counted by number only."""


def must_stand(act: StocktakeAct, state: StocktakeState, number: str) -> StocktakeState:
    """Return the state that `act` leads to from `state`.

    Raises:
        StocktakeStateError: it may not be done in this state.
    """
    sources, to = COURSE[act]
    if state not in sources:
        allowed = ", ".join(one.value for one in StocktakeState if one in sources)
        raise StocktakeStateError(
            number=number, stocktake_state=state.value, stocktake_act=act.value,
            stocktake_states=allowed,
        )  # fmt: skip
    return to or state


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is counted: things of these owners, in these places, of these classes, held by these.

    An empty part leaves that question open; places hold all that lies in them, classes all whose
    code begins with theirs.
    """

    owners: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()

    def plain(self) -> dict[str, list[str]]:
        """Return the parts that say something, as history writes them."""
        parts = {one.name: list(getattr(self, one.name)) for one in fields(self)}
        return {name: part for name, part in parts.items() if part}


def scope_from(plain: dict[str, list[str]]) -> Scope:
    """Return the scope that `Scope.plain` wrote."""
    return Scope(**{name: tuple(part) for name, part in plain.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Those who count together (persons, by code), and the places that are theirs, if any are."""

    code: str
    people: tuple[str, ...]
    places: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the team as history writes it."""
        team: dict[str, Any] = {"code": self.code, "people": list(self.people)}
        return team | ({"places": list(self.places)} if self.places else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A thing of the frozen list, as the register had it; amounts in yuan, two decimals."""

    asset_id: str
    name: str
    class_code: str
    scheme: str = ""
    """Empty where it is the classification in force."""
    model: str = ""
    measure: str = ""
    owner: str
    holder: str
    place: str = ""
    state: str
    condition: str = ""
    quantity: str = ""
    """How many of it one card stands for; empty for a single thing."""
    value: str = ""
    net: str = ""


_COLUMNS = tuple(one.name for one in fields(Line))


def freeze(lines: Iterable[Line]) -> list[list[str]]:
    """Return lines as history writes them: texts in the order of the fields, none for "nothing"."""
    return [[getattr(line, name) for name in _COLUMNS] for line in lines]


def thaw(rows: Iterable[Sequence[str]]) -> Iterator[Line]:
    """Give the lines that `freeze` wrote.

    Raises:
        ValueError: a row has more or fewer fields than a line.
    """
    for row in rows:
        yield Line(**dict(zip(_COLUMNS, row, strict=True)))


def sheet_hash(rows: Sequence[Any]) -> str:
    """Return the SHA-256 of rows as history writes them, in their order, as hexadecimal digits."""
    return hashlib.sha256(written(list(rows)).encode()).hexdigest()
