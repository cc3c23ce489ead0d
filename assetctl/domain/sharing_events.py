"""Events of sharing: what is offered, and the bookings of it (`booking:YY-2026-0007`).

Each event of a booking says in `booking_state` what it became. Why somebody books, or does not let
book, is free text and therefore personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOffered(Event):
    """A unit offers a thing that it holds to others, by the hour; it stays with the unit."""

    kind: ClassVar[str] = "asset.share_offered"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    unit: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareStopped(Event):
    """A thing is no longer offered; what was booked before stands."""

    kind: ClassVar[str] = "asset.share_stopped"

    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEvent(Event):
    """Base of what happens to a booking; `booking_state` is what it became."""

    personal: ClassVar[frozenset[str]] = frozenset({"text"})

    booking_state: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingMade(BookingEvent):
    """A unit booked a thing of `holder` from `start` until before `end`.

    `day` is the day on which it begins by the clock of the office.
    """

    kind: ClassVar[str] = "booking.made"

    asset: str
    unit: str
    holder: str
    start: str
    end: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDecided(BookingEvent):
    """The holder's side agreed to a booking that had been asked for, or did not."""

    kind: ClassVar[str] = "booking.decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCancelled(BookingEvent):
    """A booking was given up; its slot is free again."""

    kind: ClassVar[str] = "booking.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingTaken(BookingEvent):
    """The thing was handed to those who booked it, at `moment`, in this condition."""

    kind: ClassVar[str] = "booking.taken"

    moment: str
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingBroughtBack(BookingEvent):
    """The thing came back at `moment`, in this condition; what is paid for the use, in yuan."""

    kind: ClassVar[str] = "booking.brought_back"

    moment: str
    condition: str | None = None
    compensation: str | None = None
