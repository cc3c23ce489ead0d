"""seal and signer: give everything its place in the log, and have the head of the log signed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.files import write_file
from assetctl.cli.output import Answer, Sheet, View, Words
from assetctl.cli.sealing import is_new_day, seal_log, sign_log, snapshot_log, trees_of
from assetctl.domain.checkpoint import parse_checkpoint, parse_request
from assetctl.domain.note import to_b64
from assetctl.errors import SignerSizeError
from assetctl.i18n import N_
from assetctl.store.signer import FileSigner

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


@app.command()
def seal(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path | None, typer.Option(help=N_("File for the signed checkpoint, to be kept elsewhere."))
    ] = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help=N_("Take a snapshot now; else once a day."))
    ] = False,
    every: Annotated[
        float | None,
        typer.Option(min=0.1, help=N_("Go on sealing every so many seconds; sign at the end.")),
    ] = None,
) -> Answer:
    """Seal the log and have its head signed: a checkpoint, to be kept outside the register."""
    world: Context = ctx.obj
    if every is not None:
        for _ in clock.ticks(every):
            seal_log(world)
    seal_log(world)
    if snapshot or is_new_day(world):
        snapshot_log(world)
        seal_log(world)
    notes = [sign_log(world, tree) for tree in trees_of(world)]
    if out is not None:
        write_file(out, "\n".join(map(str, notes)).encode())
    heads = [parse_checkpoint(note.text) for note in notes]
    data = [
        {"origin": head.origin, "size": head.size, "root": to_b64(head.root),
         "signatures": len(note.signatures), "note": str(note)}
        for head, note in zip(heads, notes, strict=True)
    ]  # fmt: skip

    return Answer(data=data, view=lambda words: _view(data, out, words))


@app.command()
def signer(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Where its keys lie."))],
) -> int:
    """Sign as a process of its own: a request on standard input, signatures on standard output."""
    del ctx
    request = parse_request(sys.stdin.read())
    try:
        signatures = FileSigner(directory).sign(request)
    except SignerSizeError as error:
        sys.stdout.write(f"size {error.facts['size']}\n")
    else:
        sys.stdout.write("".join(map(str, signatures)))
    return 0


def _view(data: Sequence[dict[str, Any]], out: Path | None, words: Words) -> Sequence[View]:
    say = words.say
    views: list[View] = [
        Sheet(
            title=say(N_("Sealed and signed")),
            pairs=[
                (say(N_("Log")), one["origin"]),
                (say(N_("Entries")), str(one["size"])),
                (say(N_("Root")), one["root"]),
                (say(N_("Signatures")), str(one["signatures"])),
            ],
        )
        for one in data
    ]
    advice = N_("Keep the checkpoint where this register's administrator cannot write.")
    return [*views, say(advice) if out is None else str(out)]
