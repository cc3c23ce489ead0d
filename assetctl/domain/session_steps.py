"""The steps of a clerk's session: what was seen goes in, the next state comes out.

A staff card names who borrows, a place tag where things go, a command tag what is done with them;
tags of assets fill the basket. Seeing a thing of the basket again takes it out, unless a condition
or a quantity waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from assetctl.domain.card import CONDITIONS
from assetctl.domain.session import (
    FULL,
    MOST,
    Item,
    Mode,
    Seen,
    Session,
    Step,
    Told,
    lacking,
    why,
    with_item,
)

_REMEMBERED = 64
"""How many arrivals beside those of the basket are kept apart from repeats."""


def step(session: Session, seen: Seen) -> Step:
    """Return the next state of a session that sees `seen`, and what to tell."""
    key = f"{seen.kind}:{seen.code}"
    if seen.arrival >= 0 and session.arrivals.get(key) == seen.arrival:
        return Step(session=session, told=Told(code="repeat", subject=seen.code, name=seen.name))
    if seen.arrival >= 0:
        session = replace(session, arrivals=_arrived(session, key, seen.arrival))
    return _STEPS.get(seen.kind, _other)(session, seen)


# --- what is done with each kind of tag ----------------------------------------------------


def _asset(session: Session, seen: Seen) -> Step:
    there = session.items.get(seen.code)
    if there is not None and (seen.reason is None or there.seen.reason is not None):
        if (seen.reason is None) == (there.seen.reason is None):
            return _again(session, seen, there)
        session = replace(session, items=_without(session.items, seen.code))
    elif there is not None:
        # A forged or old label of a thing that lies in the basket says nothing about the thing.
        return _refuse(session, seen, str(seen.reason))
    item = Item(seen=seen, condition=session.condition, quantity=session.quantity)
    refusal = why(session, item)
    if session.mode is Mode.SHOW:
        if refusal:
            return _refuse(session, seen, refusal.code, refusal.allowed)
        return Step(session=session, told=_told("shown", seen))
    if len(session.items) >= FULL:
        return _refuse(session, seen, "session.full")
    session = replace(
        session, items=with_item(session.items, seen.code, item), condition=None, quantity=None,
        began=session.began or seen.at,
    )  # fmt: skip
    if refusal:
        told = Told(
            code="refused", subject=seen.code, name=seen.name, reason=refusal.code,
            allowed=refusal.allowed, seen=seen, kept=True,
        )  # fmt: skip
        return Step(session=session, told=told)
    return Step(session=session, told=_told("added", seen, item.quantity))


def _again(session: Session, seen: Seen, there: Item) -> Step:
    """A thing of the basket was seen again: what waits is for it, else it goes out or stays."""
    if session.condition or session.quantity is not None:
        item = replace(
            there, condition=session.condition or there.condition,
            quantity=there.quantity if session.quantity is None else session.quantity,
        )  # fmt: skip
        told = _told("graded" if session.quantity is None else "counted", seen, session.quantity)
        items = with_item(session.items, seen.code, item)
        return Step(session=replace(session, items=items, condition=None, quantity=None), told=told)
    stays = seen.arrival >= 0 or session.mode is Mode.COUNT
    if stays and why(session, there) is None:
        # A camera that passes over a shelf twice must not take out again what it put in; and what
        # was seen was seen, however often it is counted.
        return Step(session=session, told=_told("repeat", seen))
    session = replace(session, items=_without(session.items, seen.code))
    return Step(session=session, told=_told("removed", seen))


def _staff(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    if session.mode is not Mode.CHECKOUT:
        return _refuse(session, seen, "session.no_borrower_here")
    return Step(session=replace(session, borrower=seen.code), told=_told("borrower", seen))


def _place(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    if session.mode is Mode.SHOW:
        return Step(session=session, told=_told("shown", seen))
    if session.mode is Mode.COUNT and session.items and session.place not in (None, seen.code):
        # What was counted on one shelf must not be recorded at the next.
        return _refuse(session, seen, "session.counted_elsewhere")
    return Step(session=replace(session, place=seen.code), told=_told("place", seen))


def _command(session: Session, seen: Seen) -> Step:
    if seen.reason:
        return _refuse(session, seen, seen.reason)
    name, _, detail = seen.code.partition(".")
    if name in _FOR_THINGS:
        return _FOR_THINGS[name](session, seen, detail)
    if name in set(Mode):
        return _mode(session, seen, Mode(name))
    if name == "cancel":
        empty = Session(request_id=session.request_id, mode=session.mode, arrivals=session.arrivals)
        return Step(session=empty, told=_told("cancelled", seen))
    if name == "commit":
        need = lacking(session)
        if need:
            return _refuse(session, seen, need)
        return Step(session=session, told=_told("commit", seen))
    if name == "undo":
        if session.items:
            return _refuse(session, seen, "session.basket_open")
        return Step(session=session, told=_told("undo", seen))
    return _refuse(session, seen, "session.unknown_command")


def _mode(session: Session, seen: Seen, mode: Mode) -> Step:
    if session.items and mode is not session.mode:
        # A basket meant for a loan must not become a return because a tag came into sight.
        return _refuse(session, seen, "session.basket_open")
    if mode is not session.mode:
        session = Session(request_id=session.request_id, mode=mode, arrivals=session.arrivals)
    return Step(session=session, told=_told("mode", seen))


def _condition(session: Session, seen: Seen, grade: str) -> Step:
    if grade not in CONDITIONS:
        return _refuse(session, seen, "session.unknown_command")
    if session.mode not in (Mode.CHECKIN, Mode.COUNT):
        return _refuse(session, seen, "session.no_condition_here")
    return Step(session=replace(session, condition=grade), told=_told("condition", seen))


def _quantity(session: Session, seen: Seen, number: str) -> Step:
    """Let a quantity wait for the next thing; several add up, and 0 drops what waits."""
    if session.mode is not Mode.COUNT:
        return _refuse(session, seen, "session.no_quantity_here")
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(MOST))):
        return _refuse(session, seen, "session.no_number")
    if int(number) == 0:
        return Step(session=replace(session, quantity=None), told=_told("dropped", seen))
    total = (session.quantity or 0) + int(number)
    if total > MOST:
        return _refuse(session, seen, "session.no_number")
    return Step(session=replace(session, quantity=total), told=_told("quantity", seen, total))


_FOR_THINGS: Mapping[str, Callable[[Session, Seen, str], Step]] = MappingProxyType(
    {"condition": _condition, "quantity": _quantity}
)
"""Commands that say something of the next thing."""


def _other(session: Session, seen: Seen) -> Step:
    return _refuse(session, seen, seen.reason or "payload.foreign")


_STEPS: Mapping[str, Callable[[Session, Seen], Step]] = MappingProxyType(
    {"asset": _asset, "staff": _staff, "place": _place, "command": _command}
)


def _told(code: str, seen: Seen, quantity: int | None = None) -> Told:
    return Told(code=code, subject=seen.code, name=seen.name, seen=seen, quantity=quantity)


def _refuse(
    session: Session, seen: Seen, reason: str, allowed: tuple[str, ...] = ()
) -> Step:  # fmt: skip
    told = Told(
        code="refused", subject=seen.code, name=seen.name, reason=reason, allowed=allowed, seen=seen
    )  # fmt: skip
    return Step(session=session, told=told)


def _arrived(session: Session, key: str, arrival: int) -> Mapping[str, int]:
    """Return the arrivals with a new one; only those of the basket are kept without end."""
    kept = {name: number for name, number in session.arrivals.items() if name != key}
    kept[key] = arrival
    spare = [name for name in kept if name.partition(":")[2] not in session.items]
    for name in spare[: max(0, len(spare) - _REMEMBERED)]:
        del kept[name]
    return MappingProxyType(kept)


def _without(items: Mapping[str, Item], code: str) -> Mapping[str, Item]:
    return MappingProxyType({name: item for name, item in items.items() if name != code})
