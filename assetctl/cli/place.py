"""place add | list | tag: campuses, buildings, floors, rooms; warehouses, zones, racks, shelves."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import parties
from assetctl.cli.badges import Anew, Void, place_answer
from assetctl.cli.context import Context
from assetctl.cli.options import Note
from assetctl.cli.output import Answer
from assetctl.cli.views import places_table, receipt_answer
from assetctl.i18n import N_
from assetctl.reads import parties as party_reads

app = typer.Typer(help=N_("Places: premises and warehouses, one inside the other."))
groups = {"place": app}


@app.command()
def add(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("Code of the place."))],
    *,
    name: Annotated[str, typer.Option(help=N_("Name of the place."))],
    parent: Annotated[str | None, typer.Option(help=N_("Place it lies in."))] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help=N_(
                "campus, building, floor, room; warehouse, zone, rack, shelf. By default a "
                "warehouse, or one step inside the parent."
            )
        ),
    ] = None,
) -> Answer:
    """Add a place."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = parties.add_place(
            tx, code=code, name=name, parent=parent, kind=kind, stamp=world.stamp()
        )
    return receipt_answer(receipt)


@app.command(name="list")
def list_(ctx: typer.Context) -> Answer:
    """List places, inner ones under outer ones."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = party_reads.places(connection)
    return Answer(data=found, view=lambda words: [places_table(found, words)])


@app.command()
def tag(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("Code of the place."))],
    *,
    anew: Anew = False,
    void: Void = False,
    note: Note = None,
) -> Answer:
    """Issue the tag of a place, to be scanned instead of typing its code."""
    return place_answer(ctx.obj, code, anew=anew, void=void, note=note)
