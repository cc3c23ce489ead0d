"""Offer things to others by the hour, book them, and log each use (条例 §18).

Two who book the same thing at once wait for one another at the head of the asset, so that each
sees the slots that were taken before; nothing else holds slots apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.steps import carry_out, earlier, load, subjects_of
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ASSET_CLERK, UNIT_HEAD, WAREHOUSE_MANAGER
from assetctl.domain.sharing import BOOKING, BookingState, Slot, why_not
from assetctl.domain.sharing_events import BookingMade, ShareOffered, ShareStopped
from assetctl.errors import (
    DateOrderError,
    DutiesMixedError,
    InputError,
    NotBookableError,
    SlotTakenError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import find_document
from assetctl.reads.parties import need_party
from assetctl.reads.sharing import offered_by, slots_of, unit_behind
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import record

ASKING = (ASSET_CLERK, UNIT_HEAD, WAREHOUSE_MANAGER)
"""Roles of those who book for their unit."""


def offer(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, note: str | None = None
) -> Receipt:  # fmt: skip
    """Offer things to others, as a clerk of the unit that holds them.

    Raises:
        ActRefusedError, RegimeError: a thing is not at hand, or no public property.
        DutiesMixedError: another unit holds it.
        InputError: it is offered already.
    """
    again = earlier(tx, stamp, ShareOffered.kind, subjects_of(assets), {})
    if again:
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        if offered_by(tx.connection, [custody.asset_id]):
            expected = N_("something that is not offered for sharing yet")
            raise InputError(field="ASSETS", value=custody.asset_id, expected=expected)
        unit = unit_behind(tx.connection, custody.holder)
        must_be_of(tx, unit, custody.asset_id, stamp.actor)
        return ShareOffered(unit=unit, note=note)

    return carry_out(tx, Act.SHARE, assets, stamp, build)


def stop(tx: Tx, *, assets: Sequence[str], stamp: Stamp) -> Receipt:
    """Offer things no longer; what was booked before stands until it is cancelled.

    Raises:
        InputError: a thing is not offered.
        DutiesMixedError: another unit offers it.
    """
    again = earlier(tx, stamp, ShareStopped.kind, subjects_of(assets), {})
    if again:
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        unit = offered_by(tx.connection, [custody.asset_id]).get(custody.asset_id)
        if unit is None:
            expected = N_("something that is offered for sharing")
            raise InputError(field="ASSETS", value=custody.asset_id, expected=expected)
        must_be_of(tx, unit, custody.asset_id, stamp.actor)
        return ShareStopped(unit=unit)

    return carry_out(tx, Act.UNSHARE, assets, stamp, build)


def book(
    tx: Tx, *, asset_id: str, slot: Slot, text: str, stamp: Stamp, unit: str | None = None
) -> Receipt:  # fmt: skip
    """Book a thing for a slot, for the actor's unit; a manager may book for another one.

    Raises:
        ActDeniedError, DutiesMixedError: the actor may not book, or not for this unit.
        DateOrderError: the slot ends before it begins, or is over.
        NotBookableError: the thing is not offered, or somewhere else at that time.
        SlotTakenError: others have booked some of that time.
    """
    wish = {"asset": asset_id, "start": slot.start, "end": slot.end}
    again = earlier(tx, stamp, BookingMade.kind, (), wish)
    if again:
        return again
    for_unit = _must_book(tx, unit, asset_id, stamp)
    if not text.strip():
        raise InputError(field="--purpose", value=text, expected=N_("what it is booked for"))
    if slot.end <= slot.start:
        raise DateOrderError(field="--to", value=slot.end, limit=slot.start)
    if slot.end <= stamp.at:
        raise DateOrderError(field="--to", value=slot.end, limit=stamp.at)
    (custody,) = load(tx, [asset_id])
    holder = _must_be_free(tx, custody, slot, stamp)
    rules = rules_on(tx.connection, stamp.today)
    number = take_number(tx, f"{rules.prefix(BOOKING)}-{stamp.today[:4]}")
    state = BookingState.ASKED if rules.share.needs_approval else BookingState.BOOKED
    event = BookingMade(
        booking_state=state.value, asset=asset_id, unit=for_unit, holder=holder, start=slot.start,
        end=slot.end, day=slot.day, text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"booking:{number}", event)]))


def must_be_of(tx: Tx, unit: str, number: str, actor: str) -> None:
    """Return if the actor belongs to a unit, or roles do not matter yet.

    Raises:
        DutiesMixedError: he belongs to another one.
    """
    if authority_of(tx, actor).are_given and need_party(tx.connection, actor).unit != unit:
        reason = Phrase(N_("it is for people of {unit}"), unit=unit)
        raise DutiesMixedError(actor=actor, number=number, reason=reason)


def _must_book(tx: Tx, unit: str | None, asset_id: str, stamp: Stamp) -> str:
    authority = authority_of(tx, stamp.actor)
    must_hold(authority, stamp.actor, N_("share book"), ASKING)
    own = need_party(tx.connection, stamp.actor).unit
    wanted = unit or own
    if wanted is None:
        raise InputError(field="--unit", value="", expected=N_("the unit that books it"))
    if need_party(tx.connection, wanted).kind != "unit":
        expected = N_("the code of a unit in the register")
        raise InputError(field="--unit", value=wanted, expected=expected)
    if WAREHOUSE_MANAGER not in authority.roles:
        must_be_of(tx, wanted, asset_id, stamp.actor)
    return wanted


def _must_be_free(tx: Tx, custody: Custody, slot: Slot, stamp: Stamp) -> str:
    """Return the unit that offers a thing which is locked, if it can be had for a slot."""
    asset_id = custody.asset_id
    number = authority_of(tx, stamp.actor, [asset_id]).promises.get(asset_id)
    document = find_document(tx.connection, number, in_full=False) if number else None
    offering = offered_by(tx.connection, [asset_id]).get(asset_id)
    until = document.fields.get("due") if document and document.kind == "loan" else None
    reason = why_not(
        custody, slot, shared=offering, promised_to=number, promised_until=until
    )  # fmt: skip
    if reason or offering is None:
        raise NotBookableError(asset_id=asset_id, start=slot.start, end=slot.end, reason=reason)
    for other in slots_of(tx.connection, asset_id, after=slot.start):
        if other.slot.meets(slot):
            raise SlotTakenError(
                asset_id=asset_id, unit=other.unit, start=other.start, end=other.end,
                number=other.number,
            )  # fmt: skip
    return offering
