"""Sharing: what is offered, who has booked it when, and what became of each booking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import open_disclosure
from assetctl.domain.money import fen_text
from assetctl.domain.sharing import HOLDING, Slot
from assetctl.domain.sharing_events import BookingMade
from assetctl.errors import BookingNotFoundError
from assetctl.store.lists import among
from assetctl.store.tables import asset, booking, disclosure, history, party


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A thing that a unit offers to others by the hour; `next` is when it is booked next."""

    asset_id: str
    name: str
    class_code: str
    unit: str
    place: str | None
    state: str
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booking and the log of its use: taken and brought back when, in which condition, for what.

    `end` is the first moment that is not booked any more; `compensation` is in yuan.
    """

    number: str
    asset_id: str
    name: str
    state: str
    unit: str
    holder: str
    start: str
    end: str
    day: str
    made_at: str
    ended_at: str | None
    taken_at: str | None
    condition_out: str | None
    back_at: str | None
    condition_back: str | None
    compensation: str | None
    purpose: str | None = None

    @property
    def slot(self) -> Slot:
        """The time that is booked."""
        return Slot(start=self.start, end=self.end, day=self.day)


_BOOKINGS = sa.select(booking, asset.c.name).join_from(
    booking, asset, asset.c.asset_id == booking.c.asset_id
)
_HELD = booking.c.state.in_([state.value for state in HOLDING])


def offered_by(connection: Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """Return which unit offers each of these things; those not offered are left out."""
    wanted = sa.select(asset.c.asset_id, asset.c.shared).where(
        among(asset.c.asset_id, "ids"), asset.c.shared.is_not(None)
    )
    return {row.asset_id: row.shared for row in connection.execute(wanted, {"ids": [*asset_ids]})}


def unit_behind(connection: Connection, code: str) -> str:
    """Return the unit that a holder belongs to, or is."""
    unit = connection.execute(sa.select(party.c.unit).where(party.c.code == code)).scalar()
    return unit or code


def need_booking(connection: Connection, number: str) -> Booking:
    """Return a booking with what was said of it.

    Raises:
        BookingNotFoundError: there is none with this number.
    """
    row = connection.execute(_BOOKINGS.where(booking.c.number == number)).first()
    if row is None:
        raise BookingNotFoundError(number=number)
    return _booking(row, _purpose(connection, number))


def slots_of(connection: Connection, asset_id: str, *, after: str) -> list[Booking]:
    """Return the bookings that keep others out of a thing's time after an instant, in order."""
    wanted = _BOOKINGS.where(booking.c.asset_id == asset_id, booking.c.end_at > after, _HELD)
    return [_booking(row) for row in connection.execute(wanted.order_by(booking.c.start_at))]


def calendar(
    connection: Connection, *, start: str, end: str, asset_ids: Sequence[str] = ()
) -> list[Booking]:
    """Return the bookings that lie at least partly in a time, in the order of their beginning."""
    wanted = _BOOKINGS.where(booking.c.end_at > start, booking.c.start_at < end)
    if asset_ids:
        wanted = wanted.where(booking.c.asset_id.in_(list(asset_ids)))
    rows = connection.execute(wanted.order_by(booking.c.start_at, booking.c.number))
    return [_booking(row) for row in rows]


def promised_by_bookings(
    connection: Connection, asset_ids: Sequence[str], *, day: str, until: str
) -> list[Booking]:
    """Return the bookings of things that begin by the day `until` and are not over on `day`."""
    wanted = _BOOKINGS.where(
        among(booking.c.asset_id, "ids"), booking.c.day <= until, booking.c.end_at > day, _HELD
    )
    rows = connection.execute(wanted.order_by(booking.c.start_at), {"ids": [*asset_ids]})
    return [_booking(row) for row in rows]


def shared(connection: Connection, *, now: str, unit: str | None = None) -> list[Shared]:
    """Return what is offered for sharing, of one unit if one is named."""
    coming = (
        sa.select(booking.c.asset_id, sa.func.min(booking.c.start_at).label("next"))
        .where(booking.c.end_at > now, _HELD)
        .group_by(booking.c.asset_id)
        .subquery()
    )
    wanted = (
        sa.select(
            asset.c.asset_id, asset.c.name, asset.c.class_code, asset.c.shared.label("unit"),
            asset.c.place, asset.c.state, coming.c.next,
        )
        .join_from(asset, coming, coming.c.asset_id == asset.c.asset_id, isouter=True)
        .where(asset.c.shared.is_not(None))
        .order_by(asset.c.shared, asset.c.asset_id)
    )  # fmt: skip
    if unit:
        wanted = wanted.where(asset.c.shared == unit)
    return [Shared(**row._mapping) for row in connection.execute(wanted)]


def _purpose(connection: Connection, number: str) -> str | None:
    wanted = (
        sa.select(disclosure.c.disclosure)
        .join_from(disclosure, history, disclosure.c.event_id == history.c.event_id)
        .where(
            disclosure.c.subject == f"booking:{number}", history.c.kind == BookingMade.kind
        )
    )  # fmt: skip
    found = connection.execute(wanted).scalar()
    return open_disclosure(found)[1] if found else None


def _booking(row: sa.Row[tuple[object, ...]], purpose: str | None = None) -> Booking:
    values = dict(row._mapping)
    paid = values.pop("compensation_fen")
    return Booking(
        **values | {"start": values.pop("start_at"), "end": values.pop("end_at")},
        compensation=None if paid is None else fen_text(paid), purpose=purpose,
    )  # fmt: skip
