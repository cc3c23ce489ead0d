"""Run a stocktake: freeze the list, finish teams, count again, explain, give up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assetctl.acts.authority import authority_of, must_hold, unit_of
from assetctl.acts.parts import in_parts, record_parts
from assetctl.acts.register import DEFAULT_SCHEME
from assetctl.acts.steps import earlier
from assetctl.acts.stocktake_plan import RUNNING, doing
from assetctl.acts.values import read_text, read_values
from assetctl.domain import stocktake_events as events
from assetctl.domain.identity import display_id
from assetctl.domain.money import fen, fen_text
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.settling import ADJUST, REASONS, TREATMENTS
from assetctl.domain.stocktake import (
    StocktakeAct,
    StocktakeState,
    freeze,
    must_stand,
    sheet_hash,
)
from assetctl.errors import (
    DutiesMixedError,
    InputError,
    NoDifferenceError,
    StocktakeUnsettledError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.expected import away, expected
from assetctl.reads.parties import need_class, need_party
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import Stocktake, need_stocktake, reasons
from assetctl.store.engine import Tx
from assetctl.store.record import Fact, lock, record

_NAMED = 20
"""So many reasons are named in one refusal."""

MOST = 4_000
"""So many items stand in one entry at most."""


def open_stocktake(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Freeze what a stocktake expects, as the register stands now; counting begins.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none to be opened.
        StocktakeUnsettledError: nothing is in its scope.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.StocktakeOpened.kind, [subject], {})
    if again:
        return again
    one, stands = running(tx, StocktakeAct.OPEN, number, stamp)
    lines = expected(tx.connection, one.scope)
    if not lines:
        must_wait(StocktakeAct.OPEN, number, [N_("nothing is in its scope")])
    rows = freeze(lines)
    first, *rest = in_parts(rows)
    total = sum(fen(line.value) for line in lines if line.value)
    opened = events.StocktakeOpened(
        stands=stands, lines=first, listed=len(lines), total=fen_text(total),
        sheet=sheet_hash(rows), away=away(tx.connection, one.scope),
    )  # fmt: skip
    more: list[Fact] = [(subject, events.StocktakeListed(stands=stands, lines=part))
                        for part in rest]  # fmt: skip
    done = record(tx, stamp, [(subject, opened)])
    return Receipt(events=done + record_parts(tx, stamp, more))


def finish(tx: Tx, *, number: str, stamp: Stamp, team: str | None = None) -> Receipt:
    """Say that a team, by default the actor's own, has counted all that is its own.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        InputError: there is no such team, or the actor is on none.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.TeamFinished.kind, [subject], {})
    if again:
        return again
    lock(tx, [subject])
    one = need_stocktake(tx.connection, number)
    stands = must_stand(StocktakeAct.FINISH, StocktakeState(one.state), number)
    mine = team or one.team_of(stamp.actor)
    teams = [each.code for each in one.teams]
    if mine not in teams:
        raise InputError(field="--team", value=mine or "", expected=one_of(teams))
    if one.team_of(stamp.actor) != mine:
        _must_run(tx, StocktakeAct.FINISH, one, stamp)
    event = events.TeamFinished(stands=stands.value, team=mine, person=stamp.actor)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def recount(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Begin a round in which what differs is counted again by somebody else.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        StocktakeUnsettledError: a team is not finished, or nothing must be counted again.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.RecountOrdered.kind, [subject], {})
    if again:
        return again
    one, stands = running(tx, StocktakeAct.RECOUNT, number, stamp)
    items = [each.item for each in settle(tx.connection, one) if each.needs_recount]
    nothing = [] if items else [N_("nothing must be counted again")]
    must_wait(StocktakeAct.RECOUNT, number, [*unfinished(one), *nothing])
    event = events.RecountOrdered(stands=stands, round=one.round + 1, items=items[:MOST])
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def explain(
    tx: Tx, *, number: str, items: Sequence[str], reason: str, stamp: Stamp,
    treatment: str = ADJUST, liable: str | None = None, card: Mapping[str, str] | None = None,
    text: str | None = None,
) -> Receipt:  # fmt: skip
    """Say why things differ, who answers for it, and whether closing shall book it.

    `card` is what a thing without identity is registered with: `name`, `class_code`, `value`.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        NoDifferenceError: some of the things differ in nothing.
        InputError: reason or treatment is none there is, or a value of the card cannot be used.
        PartyNotFoundError: whoever answers for it is not in the register.
        ClassNotFoundError: the card names a class that there is not.
    """
    subject = f"stocktake:{number}"
    wish = {"reason": reason, "treatment": treatment}
    again = earlier(tx, stamp, events.DifferencesExplained.kind, [subject], wish)
    if again:
        return again
    for name, value, known in (
        ("--reason", reason, REASONS),
        ("--treatment", treatment, TREATMENTS),
    ):
        if value not in known:
            raise InputError(field=name, value=value, expected=one_of(known))
    if len(items) > MOST:
        expected_items = Phrase(N_("at most {count} at once"), count=MOST)
        raise InputError(field="ITEM", value=str(len(items)), expected=expected_items)
    if liable:
        need_party(tx.connection, liable)
    one, stands = running(tx, StocktakeAct.EXPLAIN, number, stamp)
    differs = {each.item for each in settle(tx.connection, one) if each.is_difference}
    wrong = [item for item in items if item not in differs]
    if wrong:
        shown = [one if one.startswith("+") else display_id(one) for one in wrong[:_NAMED]]
        raise NoDifferenceError(number=number, items=", ".join(shown))
    before = reasons(tx.connection, number)
    card = _card(tx, card or {})
    event = events.DifferencesExplained(
        stands=stands, items=[item for item in items if item not in before],
        again=[item for item in items if item in before], reason=reason, treatment=treatment,
        person=stamp.actor, liable=liable, card=card, text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def _card(tx: Tx, given: Mapping[str, str]) -> dict[str, str]:
    """Return what a thing shall be registered with, checked now: once approved, nothing mends it.

    Raises:
        ClassNotFoundError, InputError: it could not be registered so.
    """
    named = {}
    values = dict(given)
    if "name" in values:
        named["name"] = read_text("name", values.pop("name"))
    if "class_code" in values:
        named["class_code"] = values.pop("class_code")
        need_class(tx.connection, DEFAULT_SCHEME, named["class_code"])
    card, _ = read_values(values, named.get("class_code", ""))
    return named | card


def withdraw(tx: Tx, *, number: str, text: str, stamp: Stamp) -> Receipt:
    """Take back submitted or approved results before they are booked; the recount goes on.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there are none to be taken back.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.ResultsWithdrawn.kind, [subject], {})
    if again:
        return again
    _one, stands = running(tx, StocktakeAct.WITHDRAW, number, stamp)
    event = events.ResultsWithdrawn(stands=stands, person=stamp.actor, text=text)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def cancel(tx: Tx, *, number: str, text: str, stamp: Stamp) -> Receipt:
    """Give up a stocktake; its number stays taken, and what was counted stays on record.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that can be given up.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.StocktakeCancelled.kind, [subject], {})
    if again:
        return again
    _one, stands = running(tx, StocktakeAct.CANCEL, number, stamp)
    event = events.StocktakeCancelled(stands=stands, person=stamp.actor, text=text)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def running(tx: Tx, act: StocktakeAct, number: str, stamp: Stamp) -> tuple[Stocktake, str]:
    """Lock a stocktake that the actor may run; return it and the state that `act` leads to.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none of which this may be done.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    lock(tx, [f"stocktake:{number}"])
    one = need_stocktake(tx.connection, number)
    stands = must_stand(act, StocktakeState(one.state), number)
    _must_run(tx, act, one, stamp)
    return one, stands.value


def _must_run(tx: Tx, act: StocktakeAct, one: Stocktake, stamp: Stamp) -> None:
    authority = authority_of(tx, stamp.actor)
    must_hold(authority, stamp.actor, doing(act.value), RUNNING)
    if stamp.actor != one.planner and unit_of(tx, stamp.actor) != one.unit:
        reason = Phrase(N_("it is for people of {unit}"), unit=one.unit)
        raise DutiesMixedError(actor=stamp.actor, number=one.number, reason=reason)


def unfinished(one: Stocktake) -> list[str]:
    """Return what to say of the teams that have not finished the first round."""
    if one.round > 1:
        return []
    return [
        Phrase(N_("team {team} has not finished: assetctl stocktake finish {number} --team {team}"),
               team=team.code, number=one.number)
        for team in one.teams if team.finished_at is None
    ]  # fmt: skip


def must_wait(act: StocktakeAct, number: str, reasons_: Sequence[str]) -> None:
    """Return if nothing stands against an act on a stocktake.

    Raises:
        StocktakeUnsettledError: lists what does.
    """
    if reasons_:
        rest = len(reasons_) - _NAMED
        more = [Phrase(N_("and {count} more"), count=rest)] if rest > 0 else []
        raise StocktakeUnsettledError(
            stocktake_act=act.value, number=number, count=len(reasons_),
            lines=(*reasons_[:_NAMED], *more),
        )  # fmt: skip
