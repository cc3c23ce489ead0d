"""reader list | test | watch | record: radio readers, and what they hear."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.files import secret_in
from assetctl.cli.hearing import Hearing
from assetctl.cli.listening import Listener, address_of, listening, refused, until
from assetctl.cli.output import Answer, Table, View, Words
from assetctl.cli.reader_views import heard_data, heard_table, lost_remark, test_sheet
from assetctl.errors import ReaderSilentError
from assetctl.i18n import N_

app = typer.Typer(help=N_("Radio readers: try, watch and record them, find a thing by its tag."))
groups = {"reader": app}

Reader = Annotated[
    str, typer.Argument(metavar="READER", help=N_("Name in the settings, or an address."))
]
Seconds = Annotated[
    float | None, typer.Option(min=0.1, max=86_400.0, help=N_("Listen for so many seconds."))
]
Quiet = Annotated[
    float | None,
    typer.Option(
        "--until-quiet", metavar="SECONDS", min=0.1, max=3600.0,
        help=N_("End when no new tag was heard for so many seconds."),
    ),
]  # fmt: skip
Secret = Annotated[
    Path | None,
    typer.Option(help=N_("File that holds what those who push texts over the network must know.")),
]


@app.command("list")
def list_readers(ctx: typer.Context) -> Answer:
    """Show the readers that the settings name, and the forms of address there are."""
    from scanner import SOURCES
    from scanner.said import FORMS
    from scanner.uhf.module import FAMILIES

    world: Context = ctx.obj
    named = dict(sorted(world.settings.readers.items()))
    data = {
        "readers": [{"name": name, "address": address} for name, address in named.items()],
        "forms": list(SOURCES), "families": list(FAMILIES), "texts": list(FORMS),
    }  # fmt: skip

    def view(words: Words) -> Sequence[View]:
        say = words.say
        tables = []
        if named:
            rows = [[name, address] for name, address in named.items()]
            tables.append(Table(columns=[say(N_("Reader")), say(N_("Address"))], rows=rows))
        return [*tables, Table(columns=[say(N_("Forms of address"))],
                               rows=[[form] for form in SOURCES])]  # fmt: skip

    def remarks(words: Words) -> Sequence[str]:
        families = words.say(N_("FAMILY is one of: {families}"), families=", ".join(FAMILIES))
        if named:
            return [families]
        none = N_('No reader has a name. In {file}: a line [readers], then lines NAME = "ADDRESS"')
        return [words.say(none, file=world.settings.file), families]

    return Answer(data=data, view=view, remarks=remarks)


@app.command("test")
def try_out(
    ctx: typer.Context,
    reader: Reader,
    *,
    seconds: Annotated[
        float, typer.Option(min=0.1, max=3600.0, help=N_("Listen for so many seconds."))
    ] = 5.0,
    secret_file: Secret = None,
) -> Answer:
    """Open a reader, listen for a while, and say what answers; or why nothing does."""
    world: Context = ctx.obj
    with listening(world, reader, secret=secret_in(secret_file)) as listener:
        hearing = _heard(world, listener, seconds=seconds)
        model = str(getattr(listener.source, "model", ""))
    if listener.lost is not None:
        raise refused(reader, listener.lost)
    if not hearing.reads and not listener.has_answered:
        raise ReaderSilentError(reader=reader, seconds=f"{seconds:g}")
    tags = hearing.tags()
    data = {
        "reader": reader, "address": address_of(world, reader), "model": model or None,
        "reads": hearing.reads, "tags": len(tags),
        "best": max((tag.rssi for tag in tags if tag.rssi is not None), default=None),
        "antennas": sorted({one for tag in tags for one in tag.antennas}),
    }  # fmt: skip

    def remarks(words: Words) -> Sequence[str]:
        if hearing.reads:
            return []
        return [words.say(N_("It answers, but heard no tag. Hold one before its antenna."))]

    return Answer(data=data, view=lambda words: [test_sheet(data, words)], remarks=remarks)


@app.command()
def watch(
    ctx: typer.Context,
    reader: Reader,
    *,
    seconds: Seconds = None,
    until_quiet: Quiet = None,
    secret_file: Secret = None,
) -> Answer:
    """Show the tags that a reader hears, as they come; Ctrl-C ends it with a summary."""
    world: Context = ctx.obj
    with listening(world, reader, secret=secret_in(secret_file)) as listener:
        hearing = _heard(world, listener, seconds=seconds, quiet=until_quiet)
    return _summary(reader, hearing, listener)


@app.command()
def record(
    ctx: typer.Context,
    reader: Reader,
    *,
    out: Annotated[
        Path, typer.Option(help=N_("File for the recording; play it with: replay:FILE"))
    ],
    seconds: Seconds = None,
    until_quiet: Quiet = None,
    secret_file: Secret = None,
) -> Answer:
    """Write down all that a reader hears, line by line; a recording that breaks off can be read."""
    world: Context = ctx.obj
    with listening(world, reader, secret=secret_in(secret_file), out=out) as listener:
        hearing = _heard(world, listener, seconds=seconds, quiet=until_quiet)
    return _summary(reader, hearing, listener, out=out)


def _heard(
    world: Context, listener: Listener, *, seconds: float | None, quiet: float | None = None
) -> Hearing:
    """Listen and show; for a recording the times are its own."""
    began = time.monotonic()
    hearing = Hearing(began, is_live=listener.is_live)
    with output.live(quiet=world.flags.json) as show:

        def tick(_now: float) -> None:
            hearing.named(world)
            show(heard_table(hearing, world.words, most=30))

        until(
            listener, lambda reading: hearing.take(reading, time.monotonic()), seconds=seconds,
            enough=lambda now: quiet is not None and now - hearing.newest >= quiet, tick=tick,
        )  # fmt: skip
    hearing.named(world)
    return hearing


def _summary(
    reader: str, hearing: Hearing, listener: Listener, *, out: Path | None = None
) -> Answer:
    data = {"reader": reader, **heard_data(hearing), "lost": lost_remark(listener.lost, None)}
    if out is not None:
        data["out"] = str(out)

    def view(words: Words) -> Sequence[View]:
        return [heard_table(hearing, words)] if hearing.reads else []

    def remarks(words: Words) -> Sequence[str]:
        lost = lost_remark(listener.lost, words)
        heard = words.say(
            N_("{tags} tags were heard, {reads} times."), tags=len(hearing.tally),
            reads=hearing.reads,
        )  # fmt: skip
        return [heard, lost] if lost else [heard]

    return Answer(data=data, view=view, remarks=remarks, findings=listener.lost is not None)
