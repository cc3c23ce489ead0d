"""The daily verbs: check out, check in, extend, move, send, receive, transfer, missing, found."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import handovers, loans
from assetctl.acts.cells import fold
from assetctl.acts.values import words_of
from assetctl.cli import clock
from assetctl.cli.acting import acted, photographed
from assetctl.cli.context import Context
from assetctl.cli.options import (
    Assets,
    Condition,
    Differs,
    Document,
    KeepGoing,
    Note,
    Photos,
    Place,
)
from assetctl.cli.output import Answer
from assetctl.cli.wording import allowed_from
from assetctl.domain.card import CONDITIONS
from assetctl.domain.lifecycle import Act
from assetctl.errors import InputError
from assetctl.i18n import N_

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


@app.command(epilog=allowed_from(Act.CHECK_OUT))
def checkout(
    ctx: typer.Context,
    assets: Assets,
    *,
    to: Annotated[str, typer.Option(help=N_("Code of the party that takes them."))],
    due: Annotated[str | None, typer.Option(help=N_("Day they are due back."))] = None,
    place: Place = None,
    doc: Document = None,
    note: Note = None,
    photo: Photos = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Lend assets to a party until a due date."""
    world: Context = ctx.obj
    day = clock.parse_day(due, "--due") if due else None
    return photographed(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: loans.check_out(
            tx, assets=ids, to=to, due=day, place=place, doc=doc, note=note, stamp=stamp
        ),
        photos=photo,
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.CHECK_IN))
def checkin(
    ctx: typer.Context,
    assets: Assets,
    *,
    place: Place = None,
    condition: Condition = None,
    doc: Document = None,
    note: Note = None,
    photo: Photos = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take lent assets back, to a place or to where they were before."""
    world: Context = ctx.obj
    grade = grade_of(condition)
    return photographed(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: loans.check_in(
            tx, assets=ids, place=place, condition=grade, doc=doc, note=note, stamp=stamp
        ),
        photos=photo,
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.EXTEND))
def extend(
    ctx: typer.Context,
    assets: Assets,
    *,
    due: Annotated[str, typer.Option(help=N_("New day they are due back."))],
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Move the due date of loans."""
    world: Context = ctx.obj
    day = clock.parse_day(due, "--due")
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: loans.extend(
            tx, assets=ids, due=day, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.MOVE))
def move(
    ctx: typer.Context,
    assets: Assets,
    *,
    to: Annotated[str, typer.Option(help=N_("Code of the place they go to."))],
    doc: Document = None,
    note: Note = None,
    photo: Photos = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Put assets in another place; who answers for them stays the same."""
    world: Context = ctx.obj
    return photographed(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: handovers.move(
            tx, assets=ids, to=to, doc=doc, note=note, stamp=stamp
        ),
        photos=photo,
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.SEND))
def send(
    ctx: typer.Context,
    assets: Assets,
    *,
    to: Annotated[str, typer.Option(help=N_("Code of the party that shall receive them."))],
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Send assets to a party; they are in transit until it receives or refuses them."""
    world: Context = ctx.obj
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: handovers.send(
            tx, assets=ids, to=to, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.RECEIVE))
def receive(
    ctx: typer.Context,
    assets: Assets,
    *,
    differs: Differs = None,
    refuse: Annotated[
        str | None, typer.Option(help=N_("Do not take them, for this reason; they go back."))
    ] = None,
    by: Annotated[
        str | None, typer.Option(help=N_("Party that receives; must be the one they were sent to."))
    ] = None,
    place: Place = None,
    condition: Condition = None,
    doc: Document = None,
    note: Note = None,
    photo: Photos = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take over assets that were sent, or refuse them."""
    world: Context = ctx.obj
    if refuse and (differs or place or condition):
        raise InputError(
            field="--refuse", value=refuse, expected="alone: what is refused is not taken over"
        )
    grade = grade_of(condition)
    return photographed(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: (
            handovers.refuse(tx, assets=ids, note=refuse, by=by, doc=doc, stamp=stamp)
            if refuse
            else handovers.receive(
                tx,
                assets=ids,
                by=by,
                place=place,
                condition=grade,
                differs=differs,
                doc=doc,
                note=note,
                stamp=stamp,
            )
        ),
        photos=photo,
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.TRANSFER_TITLE))
def transfer(
    ctx: typer.Context,
    assets: Assets,
    *,
    to_unit: Annotated[str, typer.Option(help=N_("Code of the unit whose books they go to."))],
    doc: Annotated[str, typer.Option(help=N_("Number of the document that allows it."))],
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Move title to another unit under a document; the asset id stays."""
    world: Context = ctx.obj
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: handovers.transfer_title(
            tx, assets=ids, to_unit=to_unit, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.REPORT_MISSING))
def missing(
    ctx: typer.Context,
    assets: Assets,
    *,
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Mark assets that could not be found."""
    world: Context = ctx.obj
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: handovers.report_missing(
            tx, assets=ids, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.REPORT_FOUND))
def found(
    ctx: typer.Context,
    assets: Assets,
    *,
    place: Place = None,
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Mark missing assets as found."""
    world: Context = ctx.obj
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: handovers.report_found(
            tx, assets=ids, place=place, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


def grade_of(condition: str | None) -> str | None:
    """Return the code of a condition given as code, English or Chinese word.

    Raises:
        InputError: it is none of the grades.
    """
    if condition is None:
        return None
    grade = words_of("condition", CONDITIONS).get(fold(condition))
    if grade is None:
        raise InputError(field="--condition", value=condition, expected=", ".join(CONDITIONS))
    return grade
