"""stocktake count: by tag, by camera, by hand, or by radio; online, or offline and landed later."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.acts import counts, finds
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.options import Condition
from assetctl.cli.output import Answer
from assetctl.cli.stocktake import Number, app, item_ids
from assetctl.cli.views import receipt_answer
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.settling import HAND
from assetctl.errors import InputError
from assetctl.i18n import N_
from assetctl.store import blobs

if TYPE_CHECKING:
    from assetctl.store.engine import Tx

groups = {"stocktake": app}


@app.command()
def count(
    ctx: typer.Context,
    number: Number,
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ITEM…]",
            help=N_("Things that are in hand, or +BATCH.LINE for one without identity."),
            show_default=False,
        ),
    ] = None,
    *,
    place: Annotated[str | None, typer.Option(help=N_("Where they are."))] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help=N_("Scan tags: -, a file, wedge:, wedge:/dev/input/eventN, tcp://…, http://…"),
        ),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(help=N_("Scan tags: number of a camera, address of a stream, a video file.")),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(help=N_("Sweep the place by radio: name or address of a reader, or a file.")),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, max=86_400.0, help=N_("Listen for so many seconds."))
    ] = None,
    keep_reads: Annotated[
        bool, typer.Option("--keep-reads/--drop-reads", help=N_("Keep the reads, compressed."))
    ] = True,
    quantity: Annotated[
        int | None, typer.Option(min=1, max=999_999, help=N_("How many of each there are."))
    ] = None,
    condition: Condition = None,
    holder: Annotated[str | None, typer.Option(help=N_("Who really uses them."))] = None,
    tag: Annotated[
        str | None, typer.Option(help=N_("What is wrong with their tags: damaged, missing."))
    ] = None,
    absent: Annotated[
        bool, typer.Option("--absent", help=N_("They were looked for and are not there."))
    ] = False,
    found: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("A thing that has no identity."))
    ] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help=N_("Class of such a thing."))
    ] = None,
    photo: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("Photo of such a thing."))
    ] = None,
    resume: Annotated[
        bool | None,
        typer.Option("--resume/--discard", help=N_("What becomes of a basket left open.")),
    ] = None,
) -> Answer:
    """Count things: name them, or scan their tags in a session that also works offline."""
    world: Context = ctx.obj
    if reader is not None:
        from assetctl.cli.sweeping import swept

        return swept(world, number, _needed(place), reader, seconds=seconds, keep_raw=keep_reads)
    if source is not None or camera is not None:
        return _scanned(ctx, number, _needed(place), source, camera, resume=resume)
    if found is not None:
        said_of_it = _Nameless(
            name=found, class_code=class_, quantity=quantity or 1, tag=tag, photo=photo,
            item=items[0] if items else None,
        )  # fmt: skip
        return _unregistered(world, number, _needed(place), said_of_it)
    if not items:
        expected = N_("things, or one of --from, --camera, --reader, --found")
        raise InputError(field="ITEM", value="", expected=expected)
    ids = item_ids(world, items)
    if absent:
        with world.writing() as tx:
            receipt = finds.miss(tx, number=number, items=ids, stamp=world.stamp())
        return receipt_answer(receipt)
    said = {name: value for name, value in (("holder", holder), ("tag", tag)) if value}
    quantities = dict.fromkeys(ids, quantity) if quantity else {}

    def act(tx: Tx, stamp: Stamp) -> Receipt:
        return counts.count(
            tx, assets=ids, place=_needed(place), quantities=quantities,
            condition=grade_of(condition), doc=number, how=HAND, said=said, stamp=stamp,
        )  # fmt: skip

    with world.writing() as tx:
        receipt = act(tx, world.stamp())
    return receipt_answer(receipt)


def _needed(place: str | None) -> str:
    if place is None:
        raise InputError(field="--place", value="", expected=N_("the place where it was counted"))
    return place


def _scanned(
    ctx: typer.Context, number: str, place: str, source: str | None, camera: str | None, *,
    resume: bool | None,
) -> Answer:  # fmt: skip
    if camera is not None:
        from assetctl.cli.live import live

        return live(ctx, camera=camera, mode="count", place=place, doc=number, resume=resume)
    from assetctl.cli.station import session

    return session(
        ctx, mode="count", place=place, doc=number, source=source or "-", resume=resume,
        commit=_ends_by_itself(source or "-"),
    )  # fmt: skip


def _ends_by_itself(source: str) -> bool:
    """Whether nobody sits at a source who could say when he has done: a file, a list, a pipe."""
    if source == "-":
        return not sys.stdin.isatty()
    return source.partition(":")[0] not in ("wedge", "tcp", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nameless:
    """What is said of a thing without identity."""

    name: str
    class_code: str | None
    quantity: int
    tag: str | None
    photo: Path | None
    item: str | None


def _unregistered(world: Context, number: str, place: str, one: _Nameless) -> Answer:
    kept = blobs.keep(world.settings.blobs, one.photo).sha256 if one.photo else None
    with world.writing() as tx:
        receipt = finds.find_unregistered(
            tx, number=number, place=place, name=one.name, class_code=one.class_code,
            quantity=one.quantity, tag=one.tag, photo=kept, item=one.item, stamp=world.stamp(),
        )  # fmt: skip
    item = one.item or f"+{receipt.events[0].data['batch']}.1"
    said = N_("It is {item} in this stocktake from now on; to say more of it name it so.")
    return replace(
        receipt_answer(receipt, item=item), remarks=lambda words: [words.say(said, item=item)]
    )
