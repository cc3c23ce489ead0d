"""standard check | adopt | end | list | show: how many, at what price, for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from assetctl.acts import standards as acts
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.standard_views import in_force_sheet, standards_table
from assetctl.cli.views import lines, receipt_answer
from assetctl.domain.standards import RANKS, Standard, ceiling
from assetctl.domain.standards_file import built_in, parse_standards
from assetctl.errors import FileFormatError, FileMissingError, InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.parties import class_names, need_class
from assetctl.reads.standards import standard_for, standards

app = typer.Typer(help=N_("Provision standards: how many, at what price, for how long."))
groups = {"standard": app}

On = Annotated[str | None, typer.Option("--on", help=N_("Day that counts; today by default."))]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help=N_("File of standards."))],
) -> Answer:
    """Look for faults in a file of standards; every one is named and nothing is adopted."""
    name, found = _read(file)
    sentence = N_("{file}: {count} standards, no faults.")
    return Answer(
        data={"file": name, "standards": len(found)},
        view=lines(lambda words: words.say(sentence, file=name, count=len(found))),
    )


@app.command()
def adopt(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE.toml",
            help=N_("File of standards; by default those that come with assetctl."),
        ),
    ] = None,
    *,
    doc: Annotated[str, typer.Option(help=N_("Number of the document that adopts them."))],
) -> Answer:
    """Adopt standards; those adopted before stay, and one that differs stops the whole."""
    world: Context = ctx.obj
    name, found = _read(file)
    with world.writing() as tx:
        done = acts.adopt(tx, standards=found, doc=doc, stamp=world.stamp())
    sentence = N_("{count} standards adopted from {file}; {known} were adopted before.")
    if done.receipt.repeated:
        sentence = N_("This request was carried out before; nothing was done.")
    facts: dict[str, Any] = {"count": done.new, "known": done.known, "file": name}
    return Answer(
        data={"file": name, "adopted": done.new, "known": done.known,
              "events": done.receipt.events, "repeated": done.receipt.repeated},
        view=lines(lambda words: words.say(sentence, **facts)),
    )  # fmt: skip


@app.command()
def end(
    ctx: typer.Context,
    code: Annotated[
        str, typer.Argument(metavar="STANDARD", help=N_("Code of the standard, as listed."))
    ],
    *,
    on: Annotated[str, typer.Option(help=N_("Last day on which it holds."))],
    doc: Annotated[str, typer.Option(help=N_("Number of the document that ends it."))],
) -> Answer:
    """End a standard under a document."""
    world: Context = ctx.obj
    day = clock.parse_day(on, "--on")
    with world.writing() as tx:
        receipt = acts.end(tx, code=code, day=day, doc=doc, stamp=world.stamp())
    return receipt_answer(receipt)


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    division: Annotated[
        str | None,
        typer.Option(help=N_("Only those of this division and of those above it (GB/T 2260).")),
    ] = None,
    class_code: Annotated[
        str | None,
        typer.Option("--class", help=N_("Only those of this class and of those above and below.")),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help=N_("Only those in force on this day."))
    ] = None,
) -> Answer:
    """List the standards that were adopted."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = standards(
            connection, division=division, class_code=class_code,
            day=clock.parse_day(on, "--on") if on else None, class_scheme=world.settings.scheme,
        )  # fmt: skip
        names = class_names(connection, {(one.class_scheme, one.class_code) for one in found})
    return Answer(data=found, view=lambda words: [standards_table(found, names, words)])


@app.command()
def show(
    ctx: typer.Context,
    class_code: Annotated[str, typer.Argument(metavar="CLASS", help=N_("Class code."))],
    *,
    division: Annotated[str, typer.Option(help=N_("Division code (GB/T 2260), such as 330921."))],
    on: On = None,
    rank: Annotated[
        str | None,
        typer.Option(help=N_("Level of the post: ministry, bureau, division, section.")),
    ] = None,
    staff: Annotated[
        int | None, typer.Option(min=0, help=N_("Staff in post, to count how many are allowed."))
    ] = None,
) -> Answer:
    """Show what holds for a class in a division on a day, and which document says so."""
    world: Context = ctx.obj
    if rank is not None and rank not in RANKS:
        raise InputError(field="--rank", value=rank, expected=one_of(RANKS))
    day = clock.parse_day(on, "--on") if on else clock.today(world.settings.timezone)
    scheme = world.settings.scheme
    with world.reading() as connection:
        name = need_class(connection, scheme, class_code).name
        found = standard_for(
            connection, division=division, class_code=class_code, day=day, rank=rank,
            class_scheme=scheme,
        )  # fmt: skip
    allowed = ceiling(found, staff=staff) if found and staff is not None else None
    data = {
        "division": division, "class": class_code, "name": name, "day": day, "rank": rank,
        "staff": staff, "in_force": found, "ceiling": allowed,
    }  # fmt: skip
    return Answer(data=data, view=lambda words: [in_force_sheet(found, data, words)])


def _read(file: Path | None) -> tuple[str, tuple[Standard, ...]]:
    """Return the name of a file of standards and what stands in it.

    Raises:
        FileMissingError, FileFormatError: it cannot be read.
        StandardsFaultyError: lists every fault there is.
    """
    if file is None:
        return "assetctl", parse_standards(built_in(), "assetctl")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(file=str(file), reason=N_("it is not UTF-8")) from error
    except OSError as error:
        raise FileMissingError(file=str(file)) from error
    return str(file), parse_standards(text, str(file))
