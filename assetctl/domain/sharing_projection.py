"""What events of sharing, of temporary bodies and of reminders mean for the tables."""

from __future__ import annotations

from dataclasses import asdict

from assetctl.domain import occasion_events, reminder_events, sharing_events
from assetctl.domain.change import Change, Row, When, project
from assetctl.domain.money import fen
from assetctl.domain.reminders import BEGUN, FAILED, SENT
from assetctl.domain.sharing import BookingState


@project.register
def _(event: sharing_events.ShareOffered, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "shared": event.unit, "changed_at": when.rec}
    return [Change("set", "asset", row)]


@project.register
def _(_event: sharing_events.ShareStopped, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "shared": None, "changed_at": when.rec}
    return [Change("set", "asset", row)]


@project.register
def _(event: sharing_events.BookingMade, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "asset_id": event.asset, "state": event.booking_state,
        "unit": event.unit, "holder": event.holder, "start_at": event.start, "end_at": event.end,
        "day": event.day, "made_at": when.at, "ended_at": None, "taken_at": None,
        "condition_out": None, "back_at": None, "condition_back": None, "compensation_fen": None,
    }  # fmt: skip
    return [Change("put", "booking", row)]


@project.register
def _(event: sharing_events.BookingDecided, subject: str, when: When) -> list[Change]:
    row: Row = {"number": subject, "state": event.booking_state}
    if event.booking_state == BookingState.DENIED.value:
        row["ended_at"] = when.at
    return [Change("set", "booking", row)]


@project.register
def _(event: sharing_events.BookingCancelled, subject: str, when: When) -> list[Change]:
    row = {"number": subject, "state": event.booking_state, "ended_at": when.at}
    return [Change("set", "booking", row)]


@project.register
def _(event: sharing_events.BookingTaken, subject: str, _when: When) -> list[Change]:
    row = {
        "number": subject, "state": event.booking_state, "taken_at": event.moment,
        "condition_out": event.condition,
    }  # fmt: skip
    return [Change("set", "booking", row)]


@project.register
def _(event: sharing_events.BookingBroughtBack, subject: str, when: When) -> list[Change]:
    paid = event.compensation
    row = {
        "number": subject, "state": event.booking_state, "back_at": event.moment,
        "condition_back": event.condition, "ended_at": when.at,
        "compensation_fen": None if paid is None else fen(paid),
    }  # fmt: skip
    return [Change("set", "booking", row)]


@project.register
def _(event: occasion_events.OccasionAdded, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "name": event.name, "ends": event.ends, "doc": event.doc,
        "added_at": when.at,
    }  # fmt: skip
    return [Change("put", "occasion", row)]


@project.register
def _(event: occasion_events.OccasionMoved, subject: str, _when: When) -> list[Change]:
    return [Change("set", "occasion", {"code": subject, "ends": event.ends, "doc": event.doc})]


@project.register
def _(event: reminder_events.ReminderBegun, subject: str, when: When) -> list[Change]:
    row: Row = asdict(event)
    tries = row.pop("number")
    row |= {
        "code": subject, "state": BEGUN, "tries": tries, "fault": None, "begun_at": when.rec,
        "ended_at": None,
    }  # fmt: skip
    # The first try makes the row; every further one finds it there.
    return [Change("put" if tries == 1 else "set", "reminder", row)]


@project.register
def _(event: reminder_events.ReminderSent, subject: str, when: When) -> list[Change]:
    row = {"code": subject, "state": SENT, "fault": event.fault, "ended_at": when.rec}
    return [Change("set", "reminder", row)]


@project.register
def _(event: reminder_events.ReminderFailed, subject: str, when: When) -> list[Change]:
    row = {"code": subject, "state": FAILED, "fault": event.fault, "ended_at": when.rec}
    return [Change("set", "reminder", row)]
