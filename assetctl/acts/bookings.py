"""What becomes of a booking: agreed to or not, cancelled, and the log of its use."""

from __future__ import annotations

from typing import Any

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.sharing import ASKING, must_be_of
from assetctl.acts.steps import earlier
from assetctl.domain.money import amount_text, parse_amount
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ASSET_CLERK, UNIT_HEAD, WAREHOUSE_KEEPER
from assetctl.domain.sharing import BookingAct, BookingState, booking_after
from assetctl.domain.sharing_events import (
    BookingBroughtBack,
    BookingCancelled,
    BookingDecided,
    BookingTaken,
)
from assetctl.errors import DateOrderError, DutiesMixedError, InputError
from assetctl.i18n import N_, Phrase
from assetctl.reads.parties import need_party
from assetctl.reads.sharing import Booking, need_booking
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

_DECIDING = (UNIT_HEAD, ASSET_CLERK)
_HANDING = (ASSET_CLERK, WAREHOUSE_KEEPER)


def decide(
    tx: Tx, *, number: str, agree: bool, stamp: Stamp, text: str | None = None
) -> Receipt:  # fmt: skip
    """Agree to a booking that was asked for, or not, as somebody of the unit that offers the thing.

    Raises:
        BookingNotFoundError, BookingStateError: there is none that waits for a word.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        InputError: it is denied without a reason.
    """
    act = BookingAct.GRANT if agree else BookingAct.DENY
    wish = {"booking_state": (BookingState.BOOKED if agree else BookingState.DENIED).value}
    again = earlier(tx, stamp, BookingDecided.kind, [f"booking:{number}"], wish)
    if again:
        return again
    one = _locked(tx, number)
    after = booking_after(act, BookingState(one.state), number)
    if not agree and not (text or "").strip():
        raise InputError(field="--reason", value="", expected=N_("why it is not agreed to"))
    must_hold(authority_of(tx, stamp.actor), stamp.actor, N_("share approve"), _DECIDING)
    must_be_of(tx, one.holder, number, stamp.actor)
    event = BookingDecided(booking_state=after.value, text=text)
    return Receipt(events=record(tx, stamp, [(f"booking:{number}", event)]))


def cancel(tx: Tx, *, number: str, stamp: Stamp, text: str | None = None) -> Receipt:
    """Give a booking up before the thing was taken: as the unit that booked, or that offers it.

    Raises:
        BookingNotFoundError, BookingStateError: there is none that could be given up.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        InputError: the unit that offers it gives no reason.
    """
    again = earlier(tx, stamp, BookingCancelled.kind, [f"booking:{number}"], {})
    if again:
        return again
    one = _locked(tx, number)
    after = booking_after(BookingAct.CANCEL, BookingState(one.state), number)
    authority = authority_of(tx, stamp.actor)
    must_hold(authority, stamp.actor, N_("share cancel"), ASKING)
    own = need_party(tx.connection, stamp.actor).unit
    if authority.are_given and own not in (one.unit, one.holder):
        reason = Phrase(N_("it is for people of {unit}"), unit=one.unit)
        raise DutiesMixedError(actor=stamp.actor, number=number, reason=reason)
    if own == one.holder != one.unit and not (text or "").strip():
        raise InputError(field="--reason", value="", expected=N_("why others cannot have it then"))
    event = BookingCancelled(booking_state=after.value, text=text)
    return Receipt(events=record(tx, stamp, [(f"booking:{number}", event)]))


def take(
    tx: Tx, *, number: str, moment: str, stamp: Stamp, condition: str | None = None
) -> Receipt:  # fmt: skip
    """Log that those who booked a thing got it, as a clerk of the unit that offers it.

    Raises:
        BookingNotFoundError, BookingStateError: there is no booking under which it can be taken.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        DateOrderError: the moment lies in the future.
    """
    wish = {"moment": moment, "condition": condition}
    again = earlier(tx, stamp, BookingTaken.kind, [f"booking:{number}"], wish)
    if again:
        return again
    one = _locked(tx, number)
    state = _handed(tx, one, BookingAct.TAKE, moment, stamp)
    event = BookingTaken(booking_state=state, moment=moment, condition=condition)
    return Receipt(events=record(tx, stamp, [(f"booking:{number}", event)]))


def bring_back(
    tx: Tx, *, number: str, moment: str, stamp: Stamp, condition: str | None = None,
    compensation: str | None = None, text: str | None = None,
) -> Receipt:  # fmt: skip
    """Log that a thing came back, in which condition, and what is paid for its use.

    Raises:
        BookingNotFoundError, BookingStateError: there is no booking under which it is out.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        DateOrderError: the moment lies in the future, or before it was taken.
        MoneyError: the compensation is no amount.
    """
    paid = None if compensation is None else amount_text(parse_amount(compensation))
    wish: dict[str, Any] = {"moment": moment, "condition": condition, "compensation": paid}
    again = earlier(tx, stamp, BookingBroughtBack.kind, [f"booking:{number}"], wish)
    if again:
        return again
    one = _locked(tx, number)
    state = _handed(tx, one, BookingAct.BRING_BACK, moment, stamp)
    if one.taken_at and moment < one.taken_at:
        raise DateOrderError(field="--back", value=moment, limit=one.taken_at)
    event = BookingBroughtBack(
        booking_state=state, moment=moment, condition=condition, compensation=paid, text=text
    )
    return Receipt(events=record(tx, stamp, [(f"booking:{number}", event)]))


def _handed(tx: Tx, one: Booking, act: BookingAct, moment: str, stamp: Stamp) -> str:
    after = booking_after(act, BookingState(one.state), one.number)
    must_hold(authority_of(tx, stamp.actor), stamp.actor, N_("share use"), _HANDING)
    must_be_of(tx, one.holder, one.number, stamp.actor)
    if moment > stamp.rec:
        field = "--out" if act is BookingAct.TAKE else "--back"
        expected = N_("a time that is not in the future")
        raise InputError(field=field, value=moment, expected=expected)
    return after.value


def _locked(tx: Tx, number: str) -> Booking:
    lock(tx, [f"booking:{number}"])
    return need_booking(tx.connection, number)
