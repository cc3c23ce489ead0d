"""Events of reminders; the subject is `reminder:LOAN/DUE/STEP/CHANNEL`, one for each message.

They say to which unit and role a message went and what became of it, never an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderEvent(Event):
    """Base of what happens to a message: which, to whom, by which channel; `number` counts tries.

    `step` is how many days after the due day it belongs to, `level` which recall notice it is (0
    before the due day), `paper` the number of that notice.
    """

    loan: str
    due: str
    step: int
    level: int
    channel: str
    unit: str
    role: str
    number: int
    paper: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderBegun(ReminderEvent):
    """Somebody is about to send it: nobody else may until the outcome stands here."""

    kind: ClassVar[str] = "reminder.begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent(ReminderEvent):
    """It was sent. `fault` says if it did not reach all who should have got it."""

    kind: ClassVar[str] = "reminder.sent"

    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFailed(ReminderEvent):
    """It could not be sent, for the reason with this code; the next run tries again."""

    kind: ClassVar[str] = "reminder.failed"

    fault: str
