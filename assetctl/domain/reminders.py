"""When borrowers are reminded: which step of the schedule has come, who is told, how urgently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from assetctl.domain.roles import ASSET_CLERK, UNIT_HEAD
from assetctl.domain.warehouse_rules import LoanTerms

CHANNELS = ("file", "email", "webhook")
"""Ways by which a message may go: into a folder for print, by mail, to another system."""

FAULTS = (
    "not_set_up", "no_address", "unreachable", "timeout", "refused", "some_refused", "redirected",
    "broken_off", "too_long", "not_written", "no_tls",
)  # fmt: skip
"""Why a message was not sent; codes never change their meaning."""

BEGUN, SENT, FAILED = "begun", "sent", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A step that has come: `days` after the due day, told to a role of the borrower.

    `level` counts the recall notices; 0 is a friendly word before the due day.
    """

    days: int
    level: int
    role: str


def due_after(ends: str, terms: LoanTerms) -> str:
    """Return the due day of loans to what ends on a day."""
    return (date.fromisoformat(ends) + timedelta(days=terms.event_days)).isoformat()


def schedule(terms: LoanTerms) -> tuple[int, ...]:
    """Return all steps in order: those of the rules, escalation, and the block."""
    return tuple(sorted({*terms.remind, terms.escalate_after, terms.block_after}))


def newest(terms: LoanTerms, *, due: str, day: str) -> Reminder | None:
    """Return the last step that has come by a day for what is due on another; None before all."""
    late = (date.fromisoformat(day) - date.fromisoformat(due)).days
    come = [step for step in schedule(terms) if step <= late]
    if not come:
        return None
    level = sum(step >= 0 for step in come) if come[-1] >= 0 else 0
    role = UNIT_HEAD if come[-1] >= terms.escalate_after else ASSET_CLERK
    return Reminder(days=come[-1], level=level, role=role)


def reminder_code(loan: str, due: str, step: int, channel: str) -> str:
    """Return the code under which history knows a message."""
    return f"{loan}/{due}/{step}/{channel}"
