"""share: offer things to others by the hour, book them, log each use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import typer

from assetctl.acts import bookings as acts
from assetctl.acts import sharing
from assetctl.cli import clock
from assetctl.cli.acting import acted
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.options import Asset, Assets, Condition, KeepGoing, Note
from assetctl.cli.output import Answer
from assetctl.cli.requests import part_of
from assetctl.cli.share_views import booking_answer, calendar_table, shared_table
from assetctl.domain.chain import instant
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.sharing import Slot
from assetctl.errors import InputError
from assetctl.i18n import N_
from assetctl.reads import sharing as reads
from assetctl.store.engine import Tx

app = typer.Typer(
    help=N_("Sharing: things stay with their unit, and others book them by the hour.")
)
groups = {"share": app}

_DAYS = 30
"""How far a calendar looks where nobody says."""

Booking = Annotated[str, typer.Argument(metavar="NUMBER", help=N_("Number of the booking."))]
Deed = Callable[[Tx, Stamp], Receipt]


@app.command()
def offer(
    ctx: typer.Context, assets: Assets, *, note: Note = None, keep_going: KeepGoing = False
) -> Answer:
    """Offer things that the unit holds to others, by the hour."""
    world: Context = ctx.obj
    return acted(
        world, world.ids(assets),
        lambda tx, ids, stamp: sharing.offer(tx, assets=ids, note=note, stamp=stamp),
        keep_going=keep_going,
    )  # fmt: skip


@app.command()
def stop(ctx: typer.Context, assets: Assets, *, keep_going: KeepGoing = False) -> Answer:
    """Offer things no longer; what was booked before stands until it is cancelled."""
    world: Context = ctx.obj
    return acted(
        world, world.ids(assets),
        lambda tx, ids, stamp: sharing.stop(tx, assets=ids, stamp=stamp),
        keep_going=keep_going,
    )  # fmt: skip


@app.command()
def book(
    ctx: typer.Context,
    asset: Asset,
    *,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help=N_("When it begins, local time."))
    ],
    end: Annotated[
        str, typer.Option("--to", metavar="TIME", help=N_("When it is free again, local time."))
    ],
    purpose: Annotated[
        str, typer.Option(help=N_("What for; kept apart so that it can be erased."))
    ],
    unit: Annotated[
        str | None, typer.Option(help=N_("Unit that books; by default the operator's."))
    ] = None,
) -> Answer:
    """Book a shared thing for a time; of two at once one gets it, the other is told who."""
    world: Context = ctx.obj
    zone = world.settings.timezone
    begins = clock.parse_moment(start, zone, "--from")
    slot = Slot(
        start=instant(begins), end=instant(clock.parse_moment(end, zone, "--to")),
        day=clock.day_of(begins, zone),
    )  # fmt: skip
    (asset_id,) = world.ids([asset])
    with world.writing() as tx:
        receipt = sharing.book(
            tx, asset_id=asset_id, slot=slot, text=purpose, unit=unit, stamp=world.stamp()
        )
        number = receipt.events[0].subject.removeprefix("booking:")
        found = reads.need_booking(tx.connection, number)
    return booking_answer(found)


@app.command()
def approve(
    ctx: typer.Context,
    number: Booking,
    *,
    opinion: Annotated[
        str | None,
        typer.Option(help=N_("What is said to it; kept apart so that it can be erased.")),
    ] = None,
) -> Answer:
    """Agree to a booking, where the rules say that it waits for the word of the holder."""
    return _done(
        ctx.obj, number,
        lambda tx, stamp: acts.decide(tx, number=number, agree=True, text=opinion, stamp=stamp),
    )  # fmt: skip


@app.command()
def reject(
    ctx: typer.Context,
    number: Booking,
    *,
    reason: Annotated[str, typer.Option(help=N_("Why; kept apart so that it can be erased."))],
) -> Answer:
    """Deny a booking that waits for the word of the holder; its slot is free again."""
    return _done(
        ctx.obj, number,
        lambda tx, stamp: acts.decide(tx, number=number, agree=False, text=reason, stamp=stamp),
    )  # fmt: skip


@app.command()
def cancel(
    ctx: typer.Context,
    number: Booking,
    *,
    reason: Annotated[
        str | None, typer.Option(help=N_("Why; the unit that offers the thing must say it."))
    ] = None,
) -> Answer:
    """Give a booking up; its slot is free again, its number stays taken."""
    return _done(
        ctx.obj, number,
        lambda tx, stamp: acts.cancel(tx, number=number, text=reason, stamp=stamp),
    )  # fmt: skip


@app.command()
def use(
    ctx: typer.Context,
    number: Booking,
    *,
    out: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When it was taken, or now."))
    ] = None,
    back: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When it came back, or now."))
    ] = None,
    condition: Condition = None,
    compensation: Annotated[
        str | None, typer.Option(metavar="YUAN", help=N_("What is paid for the use."))
    ] = None,
    note: Note = None,
) -> Answer:
    """Log the use of a shared thing: taken, brought back, its condition, what is paid."""
    world: Context = ctx.obj
    zone, grade = world.settings.timezone, grade_of(condition)
    if not out and not back:
        expected = N_("a time, or now; the same goes for --back")
        raise InputError(field="--out", value="", expected=expected)
    if not back and (compensation or note):
        expected = N_("the time when it came back")
        raise InputError(field="--back", value="", expected=expected)
    taken = clock.parse_bound(out, zone, "--out", end=False) if out else None
    returned = clock.parse_bound(back, zone, "--back", end=False) if back else None

    def deed(tx: Tx, stamp: Stamp) -> Receipt:
        receipt = Receipt(events=())
        if taken:
            before = None if returned else grade
            receipt = acts.take(tx, number=number, moment=taken, condition=before, stamp=stamp)
        if returned:
            receipt = acts.bring_back(
                tx, number=number, moment=returned, condition=grade, compensation=compensation,
                text=note, stamp=part_of(stamp, "back") if taken else stamp,
            )  # fmt: skip
        return receipt

    return _done(world, number, deed)


@app.command()
def show(ctx: typer.Context, number: Booking) -> Answer:
    """Show a booking and the log of its use."""
    world: Context = ctx.obj
    with world.reading() as connection:
        return booking_answer(reads.need_booking(connection, number))


@app.command()
def calendar(
    ctx: typer.Context,
    asset: Annotated[
        str | None, typer.Argument(metavar="ASSET", help=N_("Id, alias or tag text."))
    ] = None,
    *,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help=N_("From then on; by default from now.")),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help=N_("Until then; by default for 30 days.")),
    ] = None,
) -> Answer:
    """List who has booked what when."""
    world: Context = ctx.obj
    zone = world.settings.timezone
    ids = world.ids([asset]) if asset else []
    first = clock.parse_bound(start or "now", zone, "--from", end=False)
    last = instant(clock.parse_moment(first, zone) + timedelta(days=_DAYS))
    if end:
        last = clock.parse_bound(end, zone, "--to", end=True)
    with world.reading() as connection:
        found = reads.calendar(connection, start=first, end=last, asset_ids=ids)
    return Answer(data=found, view=lambda words: [calendar_table(found, words)])


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    unit: Annotated[str | None, typer.Option(help=N_("Only what this unit offers."))] = None,
) -> Answer:
    """List what is offered for sharing, and when each thing is booked next."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = reads.shared(connection, now=instant(clock.now()), unit=unit)
    return Answer(data=found, view=lambda words: [shared_table(found, words)])


def _done(world: Context, number: str, deed: Deed) -> Answer:
    with world.writing() as tx:
        deed(tx, world.stamp())
        found = reads.need_booking(tx.connection, number)
    return booking_answer(found)
