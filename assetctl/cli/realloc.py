"""realloc: 调剂, title and thing go to another unit; the asset id stays."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.cli.context import Context
from assetctl.cli.options import Assets, Condition, Differs, KeepGoing, Note, Place, Reason
from assetctl.cli.output import Answer
from assetctl.cli.requests import Number, Submit, carried_out, refusing, requested, sending, taking
from assetctl.i18n import N_

app = typer.Typer(help=N_("Reallocation: title moves to another unit, the asset id stays."))
groups = {"realloc": app}


@app.command()
def request(
    ctx: typer.Context,
    assets: Assets,
    *,
    to_unit: Annotated[str, typer.Option(help=N_("Unit that they shall go to."))],
    reason: Reason,
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

    deed = sending(number, "to_unit", note)
    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)


@app.command()
def receive(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    place: Place = None,
    condition: Condition = None,
    differs: Differs = None,
    refuse: Annotated[
        str | None, typer.Option(help=N_("Do not take them, for this reason; they go back."))
    ] = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take things over as they are scanned: they are then on the books of the new unit."""
    taken = taking(number, "to_unit", place=place, condition=condition, differs=differs)
    deed = refusing(number, "to_unit", refuse) if refuse else taken
    return carried_out(ctx.obj, number, assets, deed, keep_going=keep_going)
