"""party add | list | card: units, people, vendors."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import parties
from assetctl.cli.badges import Anew, Void, card_answer
from assetctl.cli.context import Context
from assetctl.cli.options import Note
from assetctl.cli.output import Answer
from assetctl.cli.views import parties_table, receipt_answer
from assetctl.i18n import N_
from assetctl.reads import parties as party_reads

app = typer.Typer(help=N_("Units, people and vendors."))
groups = {"party": app}


@app.command()
def add(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("Code: a unit's, a staff number, a vendor's."))],
    *,
    name: Annotated[str, typer.Option(help=N_("Name. A person's can be erased later."))],
    kind: Annotated[str, typer.Option(help=N_("unit, person or vendor."))],
    unit: Annotated[str | None, typer.Option(help=N_("Unit a person or sub-unit is in."))] = None,
    uscc: Annotated[
        str | None, typer.Option(help=N_("Unified social credit code, 18 characters."))
    ] = None,
    uscc_reason: Annotated[
        str | None, typer.Option(help=N_("Why a code that fails its check is right all the same."))
    ] = None,
) -> Answer:
    """Add a unit, a person or a vendor."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = parties.add_party(
            tx, code=code, kind=kind, name=name, unit=unit, uscc=uscc, uscc_reason=uscc_reason,
            stamp=world.stamp(),
        )  # fmt: skip
    return receipt_answer(receipt)


@app.command(name="list")
def list_(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Option(help=N_("unit, person or vendor."))] = None,
) -> Answer:
    """List parties."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = party_reads.parties(connection, kind=kind)
    return Answer(data=found, view=lambda words: [parties_table(found, words)])


@app.command()
def card(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("Staff number of the person."))],
    *,
    anew: Anew = False,
    void: Void = False,
    note: Note = None,
) -> Answer:
    """Issue the card of a person, to be scanned instead of typing the staff number."""
    return card_answer(ctx.obj, code, anew=anew, void=void, note=note)
