"""loan remind: send borrowers what the schedule says, each message once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from assetctl.acts.reminders import Claim, claim, settle
from assetctl.cli import clock
from assetctl.cli.channels import CHANNELS, Notice, sender
from assetctl.cli.context import Context
from assetctl.cli.notice_settings import NoticeSettings, load_notice_settings
from assetctl.cli.notice_text import notice_of
from assetctl.cli.output import Answer, Table, Words
from assetctl.domain.reminders import BEGUN, FAILED, SENT
from assetctl.errors import InputError, MessageNotSentError
from assetctl.i18n import N_, one_of
from assetctl.reads.documents import need_document
from assetctl.reads.reminders import Message, messages, waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of a message; `would_send` in a dry run."""

    loan: str
    due: str
    step: int
    level: int
    channel: str
    unit: str
    role: str
    paper: str | None
    state: str
    fault: str | None = None
    tries: int = 1


def remind(
    ctx: typer.Context,
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help=N_("As it is on this day; by default today."))
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(help=N_("Only by this channel: file, email, webhook; by default all set up.")),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help=N_("Send also what a run that was cut off had begun; it may come twice."),
        ),
    ] = False,
) -> Answer:
    """Remind borrowers of what is due by the schedule of the rules, each message once.

    From the due day on a recall notice is issued. What failed is tried again by the next run; exit
    9 where anything did.
    """
    world: Context = ctx.obj
    settings = load_notice_settings(world.settings.notices)
    for name in channel or ():
        if name not in CHANNELS:
            raise InputError(field="--channel", value=name, expected=one_of(CHANNELS))
    channels = list(dict.fromkeys(channel or settings.channels()))
    day = clock.parse_day(on, "--on") if on else clock.today(world.settings.timezone)
    with world.reading() as connection:
        found = waiting(connection, day=day, channels=channels, again=again)
    told: list[Told] = []
    for out in found:
        with world.writing() as tx:
            claims, _ = claim(
                tx, out=out, day=day, channels=channels, again=again, stamp=world.stamp()
            )
            notices = [notice_of(tx.connection, one, day, world.words) for one in claims]
        told += [
            _sent(world, settings, one, notice) for one, notice in zip(claims, notices, strict=True)
        ]
    failed = any(one.state == FAILED or one.fault for one in told)
    return Answer(data=told, view=lambda words: [_told_table(told, words)], findings=failed)


def notices(
    ctx: typer.Context,
    number: Annotated[
        str | None, typer.Argument(metavar="NUMBER", help=N_("Only those of this loan."))
    ] = None,
) -> Answer:
    """List the messages that went to borrowers, and what became of each."""
    world: Context = ctx.obj
    with world.reading() as connection:
        if number:
            need_document(connection, number)
        found = messages(connection, loan=number)
    open_ = [one for one in found if one.state == BEGUN]
    return Answer(
        data=found, view=lambda words: [_told_table(found, words)],
        remarks=lambda words: [
            words.say(N_("{count} have no outcome: they are being sent, or a run was cut off."),
                      count=len(open_))
        ] if open_ else [],
    )  # fmt: skip


def _sent(world: Context, settings: NoticeSettings, one: Claim, notice: Notice) -> Told:
    """Send a message that was claimed, and record what became of it."""
    if world.flags.dry_run:
        return _told(one, "would_send", None)
    try:
        fault, state = sender(one.channel)(notice, settings), SENT
    except MessageNotSentError as error:
        fault, state = str(error.facts["fault"]), FAILED
    with world.writing() as tx:
        settle(tx, claimed=one, fault=fault, sent=state == SENT, stamp=world.stamp())
    return _told(one, state, fault)


def _told(one: Claim, state: str, fault: str | None) -> Told:
    return Told(
        loan=one.loan, due=one.due, step=one.step, level=one.level, channel=one.channel,
        unit=one.unit, role=one.role, paper=one.paper, state=state, fault=fault, tries=one.number,
    )  # fmt: skip


def _told_table(found: Sequence[Told | Message], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Loan")), say(N_("Due")), say(N_("Recall")), say(N_("Unit")),
                 say(N_("Role")), say(N_("Channel")), say(N_("Outcome")), say(N_("Why not")),
                 say(N_("Paper"))],
        rows=[
            [one.loan, one.due, str(one.level or ""), one.unit, words.term("role", one.role),
             words.term("channel", one.channel), words.term("send_state", one.state),
             words.term("send_fault", one.fault), one.paper or ""]
            for one in found
        ],
    )  # fmt: skip
