"""label png | sheet | roll | preview | calibrate: labels as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.options import Asset
from assetctl.cli.output import Answer
from assetctl.cli.stickers import (
    chosen_ids,
    labels_of,
    made,
    offset_of,
    refusals,
    roll_template,
    sample,
    sheet_template,
    write,
)
from assetctl.cli.views import lines
from assetctl.i18n import N_
from labels import Label

if TYPE_CHECKING:
    from labels import Template

app = typer.Typer(help=N_("Identity tags to print."))
groups = {"label": app}

Assets = Annotated[
    list[str] | None,
    typer.Argument(metavar="ASSET…", help=N_("Ids, aliases or tag texts; -, @FILE.")),
]
Every = Annotated[bool, typer.Option("--all", help=N_("Every asset of the register."))]
Owner = Annotated[str | None, typer.Option(help=N_("Every asset of this unit."))]
InPlace = Annotated[str | None, typer.Option("--place", help=N_("Every asset in this place."))]
Kind = Annotated[str, typer.Option("--template", help=N_("30x20 … 70x50, or a TOML file."))]
Dpi = Annotated[int, typer.Option(help=N_("Dots an inch of the printer: 203, 300 or 600."))]
Out = Annotated[Path, typer.Option("--out", help=N_("File to write."))]
Preset = Annotated[str, typer.Option(help=N_("Sheet: a4-24, a4-21, a4-65 …"))]
Start = Annotated[int, typer.Option(min=1, help=N_("First free cell of a used sheet."))]
Offset = Annotated[
    str, typer.Option(metavar="X,Y", help=N_("Millimetres right and down that the printer is off."))
]
Scale = Annotated[float, typer.Option(help=N_("Size in which the printer must be told to print."))]
Verify = Annotated[
    bool, typer.Option("--verify", help=N_("Read every label back before it is written."))
]


@app.command()
def png(ctx: typer.Context, asset: Asset, *, out: Out) -> Answer:
    """Make the label of one asset as a PNG picture, or as SVG if the file name ends in .svg."""
    import labels

    world: Context = ctx.obj
    (label,) = labels_of(world, world.ids([asset]))
    with refusals():
        if out.suffix.lower() == ".svg":
            data = labels.svg(label)
        else:
            data = labels.png(label, font=world.settings.font or None)
    write(out, data)
    return made(out, 1, payload=label.payload)


@app.command()
def sheet(
    ctx: typer.Context,
    assets: Assets = None,
    *,
    every: Every = False,
    owner: Owner = None,
    place: InPlace = None,
    preset: Preset = "a4-24",
    start: Start = 1,
    template: Annotated[str, typer.Option(help=N_("A TOML file; by default what fits."))] = "",
    offset: Offset = "0,0",
    scale: Scale = 1.0,
    verify: Verify = False,
    out: Out,
) -> Answer:
    """Make a sheet of labels as PDF: code, id, name and unit."""
    world: Context = ctx.obj
    found = labels_of(world, chosen_ids(world, assets, every=every, owner=owner, place=place))
    with refusals():
        layout = sheet_template(world, template, preset) if template else None
    return make_sheet(
        world, found, out, preset=preset, start=start, template=layout, offset=offset,
        scale=scale, verify=verify,
    )  # fmt: skip


@app.command()
def roll(
    ctx: typer.Context,
    assets: Assets = None,
    *,
    every: Every = False,
    owner: Owner = None,
    place: InPlace = None,
    template: Kind = "50x30",
    verify: Verify = False,
    out: Out,
) -> Answer:
    """Make labels for a roll as PDF, one label a page."""
    import labels

    world: Context = ctx.obj
    found = labels_of(world, chosen_ids(world, assets, every=every, owner=owner, place=place))
    words = world.words
    font = world.settings.font or None
    with (
        refusals(),
        output.progress(words.say(N_("labels")), len(found), quiet=world.flags.json) as on_step,
    ):
        layout = roll_template(world, template)
        if verify:
            _must_read(world, found, layout)
        data = labels.roll_pdf(found, layout, font=font, created=clock.now(), on_step=on_step)
    write(out, data)
    return made(out, len(found))


@app.command()
def preview(
    ctx: typer.Context,
    asset: Annotated[
        str | None, typer.Argument(metavar="ASSET", help=N_("By default a sample."))
    ] = None,
    *,
    template: Kind = "50x30",
    dpi: Dpi = 203,
    out: Out,
) -> Answer:
    """Make a picture of what the printer will do, dot by dot, and read it back."""
    import labels
    from labels.raster import png as picture

    world: Context = ctx.obj
    label = labels_of(world, world.ids([asset]))[0] if asset else sample(world)
    with refusals():
        typeface = labels.face(labels.find_font(world.settings.font or None))
        drawings = labels.drawings([label], roll_template(world, template), typeface, dpi=dpi)
        data = picture(drawings[0], dpi=dpi, typeface=typeface)
        bad = labels.unreadable(drawings, dpi=dpi, typeface=typeface)
        small = labels.small_modules(drawings, dpi=dpi)
    write(out, data)
    return made(
        out, 1, payload=label.payload, module=small[0].module_mm if small else None,
        unreadable=[one.name for one in bad],
    )  # fmt: skip


@app.command()
def calibrate(
    ctx: typer.Context,
    *,
    preset: Preset = "a4-24",
    template: Annotated[str, typer.Option(help=N_("A roll instead: 30x20 … or a file."))] = "",
    offset: Offset = "0,0",
    scale: Scale = 1.0,
    out: Out,
) -> Answer:
    """Make a page that shows how far a printer is off, with what to measure."""
    import labels

    world: Context = ctx.obj
    with refusals():
        what: str | Template = roll_template(world, template) if template else preset
        data = labels.calibration_pdf(
            what, font=world.settings.font or None, created=clock.now(),
            offset=offset_of(offset), scale=scale,
        )  # fmt: skip
    write(out, data)
    return Answer(
        data={"file": str(out)},
        view=lines(lambda words: words.say(N_("A page to measure is in {file}."), file=str(out))),
    )


def make_sheet(
    world: Context, found: Sequence[Label], out: Path, *, preset: str, start: int,
    template: Template | None = None, offset: str = "0,0", scale: float = 1.0,
    verify: bool = False,
) -> Answer:  # fmt: skip
    """Write labels as a sheet; that is a file, and no print.

    Raises:
        LabelRefusedError: some labels cannot be made, or do not read back; they are named.
        StoreUnavailableError: the file cannot be written.
    """
    import labels

    words = world.words
    with (
        refusals(),
        output.progress(words.say(N_("labels")), len(found), quiet=world.flags.json) as on_step,
    ):
        module = labels.module_mm(found[0].payload, preset=preset) if found else 0.0
        if verify:
            _must_read(world, found, template or sheet_template(world, "", preset))
        data = labels.sheet_pdf(
            found, preset=preset, start_cell=start, font=world.settings.font or None,
            on_step=on_step, created=clock.now(), template=template, offset=offset_of(offset),
            scale=scale,
        )  # fmt: skip
    write(out, data)
    return made(out, len(found), module=module)


def _must_read(world: Context, found: Sequence[Label], template: Template) -> None:
    import labels
    from assetctl.cli.stickers import must_read

    typeface = labels.face(labels.find_font(world.settings.font or None))
    drawings = labels.drawings(found, template, typeface)
    must_read(labels.unreadable(drawings, dpi=203, typeface=typeface))
