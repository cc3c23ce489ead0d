"""tag encode | commission: radio tags written through a reader and bound at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli.commissioning import Pile, Report, said_of
from assetctl.cli.context import Context
from assetctl.cli.files import secret_in
from assetctl.cli.options import Asset
from assetctl.cli.output import Answer, Table, View, Words, sentence
from assetctl.cli.station import texts
from assetctl.cli.tag import app, groups, hexadecimal
from assetctl.cli.tag_writer import TagWriter
from assetctl.cli.wording import allowed_from
from assetctl.domain.identity import display_id
from assetctl.domain.lifecycle import Act
from assetctl.i18n import N_

__all__ = ["app", "groups"]

Reader = Annotated[
    str,
    typer.Option(
        metavar="READER",
        help=N_("Reader that writes: its name in the settings, or llrp://HOST; if only one has a "
                "name, that one."),
    ),
]  # fmt: skip
Lock = Annotated[
    bool,
    typer.Option(
        "--lock", help=N_("Lock the tag with an access password from the key store (key make).")
    ),
]
Listen = Annotated[
    float,
    typer.Option(
        min=0.1, max=30.0, metavar="SECONDS",
        help=N_("How long to listen for other tags before one is written."),
    ),
]  # fmt: skip


@app.command(epilog=allowed_from(Act.BIND_TAG))
def encode(
    ctx: typer.Context,
    asset: Asset,
    *,
    reader: Reader = "",
    old: Annotated[
        str | None,
        typer.Option(
            metavar="EPC", help=N_("EPC of the tag that is meant, where there is more than one.")
        ),
    ] = None,
    lock: Lock = False,
    listen: Listen = 1.0,
) -> Answer:
    """Write an asset's number into the tag at a reader, read it back, and bind it."""
    world: Context = ctx.obj
    former = hexadecimal("--old", old) if old else None
    (asset_id,) = world.ids([asset])
    tagged = TagWriter(world, reader, lock=lock, listen=listen).write(asset_id, old=former)
    return Answer(
        data=tagged.data, view=lambda words: said_of(tagged, words), findings=bool(tagged.unlocked)
    )


@app.command(epilog=allowed_from(Act.BIND_TAG))
def commission(
    ctx: typer.Context,
    *,
    reader: Reader = "",
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help=N_("-, a file, wedge:, wedge:/dev/input/eventN, tcp://H:P, http://H:P …"),
        ),
    ] = "-",
    wait: Annotated[
        float,
        typer.Option(
            min=0.0, max=3600.0, metavar="SECONDS",
            help=N_("How long to wait for the tag of a thing after its label was scanned."),
        ),
    ] = 30.0,
    lock: Lock = False,
    listen: Listen = 1.0,
    sound: Annotated[bool, typer.Option("--sound/--silent", help=N_("Play sounds."))] = True,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help=N_("File that holds what those who push texts over the network must know.")
        ),
    ] = None,
) -> Answer:  # fmt: skip
    """Give a pile of things their tags: scan a label, hold the tag to the reader, and the next."""
    from scanner.sound import Speaker

    world: Context = ctx.obj
    writer = TagWriter(world, reader, lock=lock, listen=listen)
    coming = texts(world.settings.readers.get(source, source), secret_in(secret_file))
    with Speaker() if sound else nullcontext() as speaker:
        report = Pile(world, writer, wait=wait, speaker=speaker).take_all(coming)
    return _answer(report)


def _answer(report: Report) -> Answer:
    def view(words: Words) -> Sequence[View]:
        say = words.say
        rows = [
            [display_id(one.asset_id), one.epc, one.tid or "",
             "" if one.locked is None else say(N_("yes")) if one.locked else say(N_("no"))]
            for one in report.done
        ]  # fmt: skip
        columns = [say(N_("Id")), "EPC", say(N_("Chip")), say(N_("Locked"))]
        return [Table(columns=columns, rows=rows)] if rows else []

    def remarks(words: Words) -> Sequence[str]:
        counted = N_("{done} tags were written and bound, {failed} labels failed.")
        if any(not one.is_written for one in report.done):
            counted = N_("{done} tags can be written, {failed} labels failed.")
        lines = [words.say(counted, done=len(report.done), failed=len(report.failed))]
        for one in report.failed:
            label = display_id(one.asset_id) if one.asset_id else one.text[:40]
            lines.append(f"  {label}: {sentence(one.error, words)}")
        return lines

    unlocked = any(one.unlocked for one in report.done)
    return Answer(
        data=report.data, view=view, remarks=remarks, findings=bool(report.failed) or unlocked
    )
