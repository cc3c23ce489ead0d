"""What a reminder says, in the language of the office."""

from __future__ import annotations

from datetime import date

from sqlalchemy.engine import Connection

from assetctl.acts.reminders import Claim
from assetctl.cli.channels import Notice, NoticeLine
from assetctl.cli.output import Words
from assetctl.domain.identity import display_id
from assetctl.domain.roles import UNIT_HEAD
from assetctl.i18n import N_
from assetctl.reads.documents import need_document
from assetctl.reads.parties import names_of


def notice_of(connection: Connection, one: Claim, day: str, words: Words) -> Notice:
    """Return the message that was claimed, with all that is out and due that day."""
    loan = need_document(connection, one.loan)
    lines = tuple(
        NoticeLine(name=line.name, quantity=len(ids), assets=tuple(map(display_id, ids)))
        for line in loan.lines
        if (ids := [asset for asset in line.assets if asset in one.assets])
    )
    name = names_of(connection, [one.unit]).get(one.unit, one.unit)
    subject = words.say(N_("Reminder: what was lent under {loan} is due on {due}"),
                        loan=one.loan, due=one.due)  # fmt: skip
    if one.paper:
        subject = words.say(
            N_("Recall notice {paper} ({level}): what was lent under {loan} was due on {due}"),
            paper=one.paper, level=one.level, loan=one.loan, due=one.due,
        )  # fmt: skip
    return Notice(
        code=one.code, loan=one.loan, paper=one.paper, level=one.level, step=one.step, due=one.due,
        unit=one.unit, unit_name=name, role=one.role, subject=subject,
        body=_body(one, name, lines, day, words), lines=lines,
    )  # fmt: skip


def _body(one: Claim, name: str, lines: tuple[NoticeLine, ...], day: str, words: Words) -> str:
    say = words.say
    late = (date.fromisoformat(day) - date.fromisoformat(one.due)).days
    text = [say(N_("To: {unit}, {role}"), unit=name, role=words.term("role", one.role)), ""]
    if late > 0:
        text.append(say(N_("These things are {days} days overdue. Bring them back:"), days=late))
    else:
        text.append(say(N_("These things are to be back by {due}:"), due=one.due))
    text += [
        say(N_("- {name}, {count}: {assets}"), name=line.name, count=line.quantity,
            assets=", ".join(line.assets))
        for line in lines
    ]  # fmt: skip
    text.append("")
    if one.role == UNIT_HEAD:
        text.append(say(N_("This goes to the head of the unit, because earlier notices did not "
                           "help.")))  # fmt: skip
    if late > one.block_after:
        text.append(say(N_("Until they are back, the unit can borrow nothing more.")))
    elif late >= 0:
        text.append(say(N_("After {days} days overdue the unit can borrow nothing more."),
                        days=one.block_after))  # fmt: skip
    text.append(say(N_("For more time, ask for an extension before the due day.")) if late <= 0
                else say(N_("Loan: {loan}"), loan=one.loan))  # fmt: skip
    return "\n".join(text)
