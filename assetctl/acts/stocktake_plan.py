"""Plan a stocktake: what is counted, as of which day, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assetctl.acts.authority import authority_of, must_hold, unit_of
from assetctl.acts.handovers import need_unit
from assetctl.acts.steps import earlier
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ASSET_CLERK, COMPETENT_DEPARTMENT, UNIT_HEAD, WAREHOUSE_MANAGER
from assetctl.domain.stocktake import (
    PURPOSES,
    STOCKTAKE,
    VERIFICATION,
    Scope,
    StocktakeState,
    Team,
)
from assetctl.domain.stocktake_events import StocktakePlanned
from assetctl.errors import InputError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.parties import need_party, need_place
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import record

RUNNING = (ASSET_CLERK, UNIT_HEAD, WAREHOUSE_MANAGER, COMPETENT_DEPARTMENT)
"""Roles of those who plan and run stocktakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a stocktake shall be: its purpose, scope, day, teams, and the paper that ordered it."""

    purpose: str
    base_date: str
    scope: Scope
    teams: tuple[Team, ...]
    blind: bool = False
    doc: str | None = None
    text: str | None = None


def plan(tx: Tx, *, plan: Plan, stamp: Stamp) -> Receipt:
    """Plan a stocktake for the actor's unit, and take its number.

    Without any scope it is about all that the unit owns.

    Raises:
        InputError: a part of the plan cannot be used.
        PartyNotFoundError, WrongPartyError, PlaceNotFoundError: it names what is not there.
        ActDeniedError: the actor has no role that plans stocktakes.
    """
    wish = {"purpose": plan.purpose, "base_date": plan.base_date}
    again = earlier(tx, stamp, StocktakePlanned.kind, (), wish)
    if again:
        return again
    must_hold(authority_of(tx, stamp.actor), stamp.actor, doing("plan"), RUNNING)
    unit = unit_of(tx, stamp.actor)
    if not plan.scope.plain():
        plan = replace(plan, scope=Scope(owners=(unit,)))
    _must_be_sound(plan, stamp.today)
    _must_be_there(tx, plan)
    prefix = rules_on(tx.connection, stamp.today).prefix(STOCKTAKE)
    number = take_number(tx, f"{prefix}-{stamp.today[:4]}")
    event = StocktakePlanned(
        stands=StocktakeState.PLANNED.value, purpose=plan.purpose, unit=unit, planner=stamp.actor,
        base_date=plan.base_date, blind=int(plan.blind), scope=plan.scope.plain(),
        teams=[team.plain() for team in plan.teams], doc=plan.doc, text=plan.text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"stocktake:{number}", event)]))


def doing(act: str) -> Phrase:
    """Return how an act on a stocktake is called in a refusal."""
    return Phrase(N_("{stocktake_act} a stocktake"), stocktake_act=act)


def _must_be_sound(plan: Plan, today: str) -> None:
    if plan.purpose not in PURPOSES:
        raise InputError(field="--purpose", value=plan.purpose, expected=one_of(PURPOSES))
    try:
        date.fromisoformat(plan.base_date)
    except ValueError as error:
        day = N_("a date such as 2026-03-01")
        raise InputError(field="--base", value=plan.base_date, expected=day) from error
    if plan.base_date > today:
        raise InputError(field="--base", value=plan.base_date, expected=N_("no day to come"))
    if plan.purpose == VERIFICATION and not plan.doc:
        raise InputError(field="--doc", value="", expected=N_("the paper that ordered it"))
    if not plan.teams or not all(team.people for team in plan.teams):
        raise InputError(field="--team", value="", expected=N_("teams with people: A=P1,P2"))
    codes = [team.code for team in plan.teams]
    people = [person for team in plan.teams for person in team.people]
    for twice in (*_doubles(codes), *_doubles(people)):
        raise InputError(field="--team", value=twice, expected=N_("nobody and no team twice"))


def _must_be_there(tx: Tx, plan: Plan) -> None:
    for person in (person for team in plan.teams for person in team.people):
        if need_party(tx.connection, person).kind != "person":
            raise InputError(field="--team", value=person, expected=N_("the code of a person"))
    for owner in plan.scope.owners:
        need_unit(tx, owner, STOCKTAKE)
    for holder in plan.scope.holders:
        need_party(tx.connection, holder)
    for place in (*plan.scope.places, *(each for team in plan.teams for each in team.places)):
        need_place(tx.connection, place)


def _doubles(values: Sequence[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
