"""intake: 入仓, from the request to the shelf; wipe data before, list what stays where it is."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import listing
from assetctl.cli.acting import acted
from assetctl.cli.context import Context
from assetctl.cli.options import Assets, Condition, Differs, Document, KeepGoing, Note, Reason
from assetctl.cli.output import Answer
from assetctl.cli.requests import Number, Submit, carried_out, refusing, requested, sending, taking
from assetctl.domain.request import Receipt, Stamp
from assetctl.i18n import N_
from assetctl.reads import documents as reads
from assetctl.reads.warehouses import find_warehouse
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Intake into a warehouse: ask, send, accept line by line, list."))
groups = {"intake": app}


@app.command()
def request(
    ctx: typer.Context,
    assets: Assets,
    *,
    source: Annotated[
        str, typer.Option(help=N_("Where they come from, such as idle or major_event."))
    ],
    mode: Annotated[
        str,
        typer.Option(
            help=N_("custody: title stays; title: it moves too; virtual: they are only listed.")
        ),
    ],
    warehouse: Annotated[str, typer.Option(help=N_("Code of the warehouse."))],
    reason: Reason,
    decision: Annotated[
        str | None, typer.Option(help=N_("Number of the collective decision."))
    ] = None,
    submit: Submit = True,
) -> Answer:
    """Ask a warehouse to take things in, or to list them."""
    world: Context = ctx.obj
    ids = world.ids(assets)
    with world.reading() as connection:
        house = find_warehouse(connection, warehouse)
    fields = {"source": source, "mode": mode, "warehouse": warehouse, "decision": decision,
              "keeping_unit": house.unit if house else None}  # fmt: skip
    return requested(world, "intake", assets=ids, text=reason, submit=submit, fields=fields)


@app.command()
def send(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Send things to the warehouse, as they are scanned; a hand-over list is issued."""

    deed = sending(number, "keeping_unit", note)
    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)


@app.command()
def accept(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    place: Annotated[str, typer.Option(help=N_("Code of the shelf they are put on."))],
    condition: Condition = None,
    differs: Differs = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take things in and put them on a shelf; acceptance, receipt and goods-in note are issued."""
    deed = taking(number, "keeping_unit", place=place, condition=condition, differs=differs)
    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)


@app.command()
def refuse(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    reason: Annotated[str, typer.Option(help=N_("Why they are not taken in."))],
) -> Answer:
    """Do not take things in; they go back, and the acceptance says so."""

    return carried_out(ctx.obj, number, assets, refusing(number, "keeping_unit", reason))


@app.command(name="list")
def list_(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
) -> Answer:
    """List things in a virtual warehouse; they stay where they are and whose they are."""

    def deed(tx: Tx, one: reads.Document, ids: list[str], stamp: Stamp) -> Receipt:
        house = one.fields.get("warehouse", "")
        return listing.publish(tx, assets=ids, warehouse=house, doc=number, stamp=stamp)

    return carried_out(ctx.obj, number, assets, deed)


@app.command()
def unlist(
    ctx: typer.Context, assets: Assets, *, doc: Document = None, keep_going: KeepGoing = False
) -> Answer:  # fmt: skip
    """Take things off the virtual warehouse."""
    world: Context = ctx.obj
    return acted(
        world, world.ids(assets),
        lambda tx, ids, stamp: listing.unpublish(tx, assets=ids, doc=doc, stamp=stamp),
        keep_going=keep_going,
    )  # fmt: skip


@app.command()
def sanitise(
    ctx: typer.Context,
    assets: Assets,
    *,
    method: Annotated[
        str, typer.Option(help=N_("overwritten, media_removed, degaussed or destroyed."))
    ],
    doc: Document = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Say that the data on things was made unreadable; the operator answers for it."""
    world: Context = ctx.obj
    return acted(
        world, world.ids(assets),
        lambda tx, ids, stamp: listing.sanitise(
            tx, assets=ids, method=method, doc=doc, stamp=stamp
        ),
        keep_going=keep_going,
    )  # fmt: skip
