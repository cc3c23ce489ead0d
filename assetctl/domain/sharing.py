"""Sharing (共享共用): a thing stays with its unit, and others book it by the hour.

A slot is half open: one that ends at 10:00 and one that begins at 10:00 do not meet. Which states a
booking passes is said in `COURSE`; what is asked for or booked holds its slot until it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assetctl.domain.lifecycle import Custody, State
from assetctl.errors import BookingStateError
from assetctl.i18n import N_, Phrase

BOOKING, PREFIX = "booking", "YY"
"""What the rules call numbers of bookings, and what these begin with unless the rules say else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time from `start` until before `end`, UTC instants; `day` is the local day it begins on."""

    start: str
    end: str
    day: str

    def meets(self, other: Slot) -> bool:
        """Return whether some moment lies in both."""
        return self.start < other.end and other.start < self.end


class BookingState(StrEnum):
    """Where a booking stands."""

    ASKED = "asked"
    BOOKED = "booked"
    DENIED = "denied"
    CANCELLED = "cancelled"
    TAKEN = "taken"
    BROUGHT_BACK = "brought_back"


class BookingAct(StrEnum):
    """What people may do with a booking."""

    GRANT = "grant"
    DENY = "deny"
    CANCEL = "cancel"
    TAKE = "take"
    BRING_BACK = "bring_back"


_ASKED = frozenset({BookingState.ASKED})
_BOOKED = frozenset({BookingState.BOOKED})

COURSE: dict[BookingAct, tuple[frozenset[BookingState], BookingState]] = {
    BookingAct.GRANT: (_ASKED, BookingState.BOOKED),
    BookingAct.DENY: (_ASKED, BookingState.DENIED),
    BookingAct.CANCEL: (_ASKED | _BOOKED, BookingState.CANCELLED),
    BookingAct.TAKE: (_BOOKED, BookingState.TAKEN),
    BookingAct.BRING_BACK: (frozenset({BookingState.TAKEN}), BookingState.BROUGHT_BACK),
}
"""Every act on a booking, the states it may start from, and the state it leads to."""

HOLDING = (BookingState.ASKED, BookingState.BOOKED, BookingState.TAKEN)
"""States in which a booking keeps others out of its slot."""

_AT_HAND = (State.IN_USE, State.IDLE, State.IN_STORE)


def booking_after(act: BookingAct, state: BookingState, number: str) -> BookingState:
    """Return the state that `act` leads to from `state`.

    Raises:
        BookingStateError: it may not be done in this state.
    """
    sources, to = COURSE[act]
    if state not in sources:
        allowed = ", ".join(one.value for one in BookingState if one in sources)
        raise BookingStateError(
            number=number, booking_act=act.value, booking_state=state.value, booking_states=allowed
        )
    return to


def why_not(
    custody: Custody, slot: Slot, *, shared: str | None, promised_to: str | None = None,
    promised_until: str | None = None,
) -> str | None:  # fmt: skip
    """Return why a thing cannot be booked for a slot, as a piece of a sentence; None if it can.

    `shared` is the unit that offers it; `promised_to` the document that has a claim on it, until
    the day `promised_until`, or for good. What is out until a day is free after it.
    """
    asset_id = custody.asset_id
    if shared is None:
        return Phrase(N_("{asset_id} is not offered for sharing"), asset_id=asset_id)
    if custody.state is State.ON_LOAN and custody.due and slot.day > custody.due:
        return None
    if custody.state not in _AT_HAND:
        state = custody.state.value
        return Phrase(N_("{asset_id} is {state}"), asset_id=asset_id, state=state)
    if promised_to and not (promised_until and slot.day > promised_until):
        return Phrase(N_("{asset_id} is promised to {other}"), asset_id=asset_id, other=promised_to)
    return None
