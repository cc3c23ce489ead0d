"""loan event: temporary bodies and activities; when they end, loans to them are due."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import occasions as acts
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Table, Words
from assetctl.cli.views import receipt_answer
from assetctl.i18n import N_
from assetctl.reads.occasions import Occasion, occasions

event_app = typer.Typer(help=N_("Events and temporary bodies: loans to one are due after its end."))

Code = Annotated[str, typer.Argument(metavar="CODE", help=N_("Code of the event or body."))]
Doc = Annotated[str, typer.Option(help=N_("Number of the document that says so."))]


@event_app.command()
def add(
    ctx: typer.Context,
    code: Code,
    *,
    name: Annotated[str, typer.Option(help=N_("What it is called."))],
    ends: Annotated[str, typer.Option(metavar="DATE", help=N_("Its last day."))],
    doc: Doc,
) -> Answer:
    """Say that there is an event or a temporary body, and when it ends."""
    world: Context = ctx.obj
    day = clock.parse_day(ends, "--ends")
    with world.writing() as tx:
        receipt = acts.add_occasion(
            tx, code=code, name=name, ends=day, doc=doc, stamp=world.stamp()
        )  # fmt: skip
    return receipt_answer(receipt)


@event_app.command()
def move(
    ctx: typer.Context,
    code: Code,
    *,
    ends: Annotated[str, typer.Option(metavar="DATE", help=N_("Its last day from now on."))],
    doc: Doc,
) -> Answer:
    """Move its end, and with it the due day of its loans and of each thing that is out for it."""
    world: Context = ctx.obj
    day = clock.parse_day(ends, "--ends")
    with world.writing() as tx:
        receipt = acts.move_occasion(tx, code=code, ends=day, doc=doc, stamp=world.stamp())
    return receipt_answer(receipt)


@event_app.command(name="list")
def list_(ctx: typer.Context) -> Answer:
    """List events and temporary bodies, when each ends, and how much is out for it."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = occasions(connection)
    return Answer(data=found, view=lambda words: [_table(found, words)])


def _table(found: list[Occasion], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Code")), say(N_("Name")), say(N_("Last day")), say(N_("Document")),
                 say(N_("Things out"))],
        rows=[[one.code, one.name, one.ends, one.doc, str(one.out)] for one in found],
    )  # fmt: skip
