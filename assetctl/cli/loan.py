"""loan: ask for things, fetch them, extend, bring them back."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import loans
from assetctl.cli import clock
from assetctl.cli.acting import photographed
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.loan_events import event_app
from assetctl.cli.options import Assets, Condition, KeepGoing, Note, Photos, Place
from assetctl.cli.output import Answer, Table, Words
from assetctl.cli.remind import notices, remind
from assetctl.cli.requests import Number, Submit, carried_out, requested
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.i18n import N_
from assetctl.reads.documents import Document, need_document
from assetctl.reads.loans import Overdue, overdue
from assetctl.reads.parties import find_party
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Loans: asked for, approved, handed over by scanning, brought back."))
app.add_typer(event_app, name="event")
app.command()(remind)
app.command()(notices)
groups = {"loan": app}


@app.command()
def request(
    ctx: typer.Context,
    assets: Assets,
    *,
    purpose: Annotated[
        str, typer.Option(help=N_("What for; kept apart so that it can be erased."))
    ],
    due: Annotated[
        str | None, typer.Option(help=N_("Day they will be back; with --event it follows from it."))
    ] = None,
    borrower: Annotated[
        str | None, typer.Option(help=N_("Unit that borrows; by default the operator's."))
    ] = None,
    event: Annotated[
        str | None, typer.Option(help=N_("Code of the event or temporary body they are for."))
    ] = None,
    return_place: Annotated[
        str | None, typer.Option(help=N_("Place they are to be brought back to."))
    ] = None,
    custodian: Annotated[
        str | None, typer.Option(help=N_("Staff number of who will answer for them."))
    ] = None,
    submit: Submit = True,
) -> Answer:
    """Ask for things on loan: a document, whose approval lets the keeper hand them over."""
    world: Context = ctx.obj
    return requested(
        world, "loan", assets=world.ids(assets), text=purpose, submit=submit,
        fields={
            "borrower": borrower or _own_unit(world),
            "due": clock.parse_day(due, "--due") if due else None, "event": event,
            "return_place": return_place, "custodian": custodian,
        },
    )  # fmt: skip


@app.command()
def handover(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    place: Place = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Hand things over under an approved loan, as they are scanned; a goods-out note is issued."""

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        fields = one.fields
        return loans.check_out(
            tx, assets=ids, to=fields.get("borrower", ""), due=fields.get("due"), place=place,
            doc=number, note=note, stamp=stamp,
        )  # fmt: skip

    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)


@app.command(name="return")
def return_(
    ctx: typer.Context,
    assets: Assets,
    *,
    place: Place = None,
    condition: Condition = None,
    outcome: Annotated[
        str | None, typer.Option(help=N_("Where they go now: shelf, repair or disposal."))
    ] = None,
    compensation: Annotated[
        str | None, typer.Option(help=N_("What is paid for damage, in yuan for each."))
    ] = None,
    note: Note = None,
    photo: Photos = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take lent things back, as they are scanned; a return check is issued for each loan."""
    world: Context = ctx.obj
    grade = grade_of(condition)
    return photographed(
        world, world.ids(assets),
        lambda tx, ids, stamp: loans.check_in(
            tx, assets=ids, place=place, condition=grade, outcome=outcome,
            compensation=compensation, note=note, stamp=stamp,
        ),
        photos=photo, keep_going=keep_going,
    )  # fmt: skip


@app.command()
def extension(
    ctx: typer.Context,
    number: Number,
    *,
    due: Annotated[str, typer.Option(help=N_("New day they will be back."))],
    purpose: Annotated[
        str, typer.Option(help=N_("What for; kept apart so that it can be erased."))
    ],
    submit: Submit = True,
) -> Answer:
    """Ask for a loan to go on: a document of its own, for all that is still out."""
    world: Context = ctx.obj
    with world.reading() as connection:
        loan = need_document(connection, number)
    out = [asset for asset, state in loan.assets.items() if state == "out"]
    return requested(
        world, "extension", assets=out, text=purpose, submit=submit,
        fields={"loan": number, "due": clock.parse_day(due, "--due")},
    )  # fmt: skip


@app.command()
def extend(ctx: typer.Context, number: Number) -> Answer:
    """Move the due day of a loan, as an approved extension says."""
    world: Context = ctx.obj
    with world.reading() as connection:
        one = need_document(connection, number)

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        due = one.fields.get("due", "")
        return loans.extend(tx, assets=ids, due=due, doc=number, stamp=stamp)

    return carried_out(world, number, list(one.assets), deed)


@app.command(name="overdue")
def overdue_(
    ctx: typer.Context,
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help=N_("As it is on this day; by default today."))
    ] = None,
    unit: Annotated[str | None, typer.Option(help=N_("Only with this unit."))] = None,
) -> Answer:
    """List what is not back though its day has passed; exit 9 where there is any."""
    world: Context = ctx.obj
    day = clock.parse_day(on, "--on") if on else clock.today(world.settings.timezone)
    with world.reading() as connection:
        found = overdue(connection, day=day, holder=unit)
    return Answer(
        data=found, view=lambda words: [_overdue_table(found, words)], findings=bool(found)
    )  # fmt: skip


def _own_unit(world: Context) -> str | None:
    with world.reading() as connection:
        person = find_party(connection, world.settings.operator)
    return person.unit if person else None


def _overdue_table(found: list[Overdue], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Asset")), say(N_("Name")), say(N_("With")), say(N_("Due")),
                 say(N_("Days late")), say(N_("Document"))],
        rows=[
            [display_id(one.asset_id), one.name, one.holder, one.due, str(one.days),
             one.document or ""]
            for one in found
        ],
    )  # fmt: skip
