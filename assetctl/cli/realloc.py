"""realloc: 调剂, title and thing go to another unit; the asset id stays."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import handovers
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.options import Assets, Condition, KeepGoing, Note, Place
from assetctl.cli.output import Answer
from assetctl.cli.requests import Number, Submit, carried_out, joined, part_of, requested
from assetctl.domain.request import Receipt, Stamp
from assetctl.i18n import N_
from assetctl.reads.documents import Document
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Reallocation: title moves to another unit, the asset id stays."))
groups = {"realloc": app}


@app.command()
def request(
    ctx: typer.Context,
    assets: Assets,
    *,
    to_unit: Annotated[str, typer.Option(help=N_("Unit that they shall go to."))],
    reason: Annotated[str, typer.Option(help=N_("Why; kept apart so that it can be erased."))],
    reply: Annotated[
        str | None, typer.Option(help=N_("Number of the official reply that allows it."))
    ] = None,
    submit: Submit = True,
) -> Answer:
    """Ask for things to be reallocated to a unit."""
    world: Context = ctx.obj
    return requested(
        world, "realloc", assets=world.ids(assets), text=reason, submit=submit,
        fields={"to_unit": to_unit, "reply": reply},
    )  # fmt: skip


@app.command()
def send(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Send things off under an approved reallocation, as they are scanned."""

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        to = one.fields.get("to_unit", "")
        return handovers.send(tx, assets=ids, to=to, doc=number, note=note, stamp=stamp)

    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)


@app.command()
def receive(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    place: Place = None,
    condition: Condition = None,
    differs: Annotated[
        str | None, typer.Option(help=N_("What differs from what was sent."))
    ] = None,
    refuse: Annotated[
        str | None, typer.Option(help=N_("Do not take them, for this reason; they go back."))
    ] = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take things over as they are scanned: they are then on the books of the new unit."""
    grade = grade_of(condition)

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        to = one.fields.get("to_unit", "")
        if refuse:
            return handovers.refuse(tx, assets=ids, note=refuse, by=to, doc=number, stamp=stamp)
        taken = handovers.receive(
            tx, assets=ids, by=to, place=place, condition=grade, differs=differs, doc=number,
            stamp=stamp,
        )  # fmt: skip
        title = handovers.transfer_title(
            tx, assets=ids, to_unit=to, doc=number, stamp=part_of(stamp, "title")
        )
        return joined(taken, title)

    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)
