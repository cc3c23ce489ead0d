"""Remind borrowers of what they have, by the schedule of the rules; recall what is due (催还).

A message goes out between two transactions. The first claims it, under the head of the loan and of
the message, so that of two who remind at once one sends it; the second says what became of it. What
was claimed and never ended is not sent again by itself: it may have arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.paper_lines import frozen_lines, further, line_size
from assetctl.acts.parts import in_parts, record_parts
from assetctl.domain.document_events import PaperIssued
from assetctl.domain.money import fen_text
from assetctl.domain.reminder_events import ReminderBegun, ReminderFailed, ReminderSent
from assetctl.domain.reminders import BEGUN, FAILED, Reminder, newest, reminder_code
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import WAREHOUSE_KEEPER, WAREHOUSE_MANAGER
from assetctl.domain.warehouse_rules import Rules
from assetctl.i18n import N_
from assetctl.reads.documents import Document, need_document
from assetctl.reads.reminders import Message, Out, messages, things_out
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import Fact, lock, record

_REMINDING = (WAREHOUSE_KEEPER, WAREHOUSE_MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message that whoever claimed it shall send now: which try it is, and what it is about.

    `block_after` is how many days overdue the borrower can borrow nothing more.
    """

    code: str
    loan: str
    due: str
    step: int
    level: int
    channel: str
    unit: str
    role: str
    number: int
    paper: str | None
    assets: tuple[str, ...]
    block_after: int


def claim(
    tx: Tx, *, out: Out, day: str, channels: Sequence[str], stamp: Stamp, again: bool = False
) -> tuple[list[Claim], Receipt]:
    """Claim what has come for things that are out by a day and was not sent by these channels.

    From the due day on a recall notice is issued, one for each step. With `again` also what was
    claimed before and never ended is claimed anew.

    Raises:
        ActDeniedError: it is for a keeper or a manager of the warehouse.
    """
    must_hold(authority_of(tx, stamp.actor), stamp.actor, N_("loan remind"), _REMINDING)
    rules = rules_on(tx.connection, day)
    step = newest(rules.loan, due=out.due, day=day)
    if step is None:
        return [], Receipt(events=())
    codes = {reminder_code(out.loan, out.due, step.days, one): one for one in channels}
    lock(tx, [f"doc:{out.loan}", *(f"reminder:{code}" for code in codes)])
    still = [one for one in things_out(tx.connection, loan=out.loan) if one.due == out.due]
    known = {one.code: one for one in messages(tx.connection, loan=out.loan)}
    free = (FAILED, BEGUN) if again else (FAILED,)
    wanted = [code for code in codes if code not in known or known[code].state in free]
    if not still or not wanted:
        return [], Receipt(events=())
    loan = need_document(tx.connection, out.loan)
    facts: list[Fact] = []
    more: list[Fact] = []
    paper = _paper_of(known.values(), out, step)
    if step.level and paper is None:
        notice, more = _recall(tx, loan, still[0], step, rules, stamp)
        facts.append(notice)
        paper = notice[0].removeprefix("doc:")
    claims = [
        Claim(
            code=code, loan=out.loan, due=out.due, step=step.days, level=step.level,
            channel=codes[code], unit=loan.fields["borrower"], role=step.role, paper=paper,
            number=known[code].tries + 1 if code in known else 1, assets=still[0].assets,
            block_after=rules.loan.block_after,
        )
        for code in wanted
    ]  # fmt: skip
    facts += [(f"reminder:{one.code}", ReminderBegun(**_told(one))) for one in claims]
    tries = max(one.number for one in claims)
    own = _stamp_of(stamp, out, tries)
    return claims, Receipt(events=record(tx, own, facts) + record_parts(tx, own, more))


def settle(tx: Tx, *, claimed: Claim, fault: str | None, stamp: Stamp, sent: bool) -> Receipt:
    """Say what became of a message that was claimed; `fault` is a code, where something is wrong.

    What another run settled or claimed in the meantime is left as it is.
    """
    subject = f"reminder:{claimed.code}"
    lock(tx, [subject])
    (now,) = messages(tx.connection, codes=[claimed.code])
    if now.state != BEGUN or now.tries != claimed.number:
        return Receipt(events=(), repeated=True)
    told = _told(claimed)
    event = (
        ReminderSent(**told, fault=fault)
        if sent
        else ReminderFailed(**told, fault=fault or "unreachable")
    )
    signed = replace(stamp, request_id=f"{stamp.request_id}:{claimed.number}")
    return Receipt(events=record(tx, signed, [(subject, event)]))


def _told(one: Claim) -> dict[str, Any]:
    names = ("loan", "due", "step", "level", "channel", "unit", "role", "number", "paper")
    return {name: value for name, value in asdict(one).items() if name in names}


def _stamp_of(stamp: Stamp, out: Out, tries: int) -> Stamp:
    # Each loan, and each new try, is a request of its own.
    if stamp.fresh:
        return stamp
    return replace(stamp, request_id=f"{stamp.request_id}:{out.loan}:{out.due}:{tries}")


def _paper_of(known: Iterable[Message], out: Out, step: Reminder) -> str | None:
    found = (one.paper for one in known if (one.due, one.step) == (out.due, step.days))
    return next((paper for paper in found if paper), None)


def _recall(
    tx: Tx, loan: Document, out: Out, step: Reminder, rules: Rules, stamp: Stamp
) -> tuple[Fact, list[Fact]]:  # fmt: skip
    lines, total = frozen_lines(tx.connection, out.assets)
    number = take_number(tx, f"{rules.prefix('recall')}-{stamp.today[:4]}")
    first, *rest = in_parts(lines, line_size)
    event = PaperIssued(
        doc_state="done", doc_kind="recall", unit=loan.unit, issuer=stamp.actor, under=loan.number,
        fields={
            "borrower": loan.fields["borrower"], "due": out.due, "level": str(step.level),
            "role": step.role,
        },
        lines=first, total=fen_text(total),
    )  # fmt: skip
    return (f"doc:{number}", event), further(number, "done", 1, first, rest, promises=0)
