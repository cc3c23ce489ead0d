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
from assetctl.cli.sealing import seal_log, sign_log, trees_of
from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import parse_key, to_b64
from assetctl.i18n import N_
from assetctl.store import rotation
from assetctl.store.rotation import Announcement
from assetctl.store.signer import FileSigner, answer_of

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


@app.command()
def seal(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path | None, typer.Option(help=N_("File for the signed checkpoint, to be kept elsewhere."))
    ] = None,
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
    sealed = [sign_log(world, tree) for tree in trees_of(world)]
    if out is not None:
        write_file(out, "\n".join(str(one.note) for one in sealed).encode())
    heads = [parse_checkpoint(one.note.text) for one in sealed]
    data = [
        {"origin": head.origin, "size": head.size, "root": to_b64(head.root),
         "signatures": len(one.note.signatures), "unchecked": one.unchecked,
         "note": str(one.note)}
        for head, one in zip(heads, sealed, strict=True)
    ]  # fmt: skip

    return Answer(
        data=data,
        view=lambda words: _view(data, out, words),
        remarks=lambda words: _unchecked(data, words),
        findings=any(one["unchecked"] for one in data),
    )


@app.command()
def signer(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Where its keys lie."))],
    *,
    prepare: Annotated[
        str,
        typer.Option(metavar="LOG", help=N_("Make a new key of this log ready and announce it.")),
    ] = "",
    vouch: Annotated[
        str, typer.Option(metavar="KEY", help=N_("Vouch for the key of another signer."))
    ] = "",
    adopt: Annotated[
        str, typer.Option(metavar="CODE", help=N_("Take the key that is ready into use."))
    ] = "",
    retire: Annotated[
        str, typer.Option(metavar="CODE", help=N_("Erase the secret half of an older key."))
    ] = "",
) -> int:
    """Sign as a process of its own: a request on standard input, signatures on standard output."""
    del ctx
    if prepare:
        return _say(str(rotation.prepare(directory, prepare)))
    if vouch:
        vkey = parse_key(vouch)
        return _say(str(Announcement(vkey=vkey, vouched=rotation.vouch(directory, vkey))))
    if adopt:
        rotation.adopt(directory, adopt)
    if retire:
        rotation.retire(directory, retire)
    return 0 if adopt or retire else _say(answer_of(FileSigner(directory), sys.stdin.read()))


def _say(text: str) -> int:
    sys.stdout.write(text)
    return 0


def _unchecked(data: Sequence[dict[str, Any]], words: Words) -> list[str]:
    template = N_(
        "{count} signatures of {origin} were not checked: the library gmssl-pyx is not installed "
        "here. Check them where it is, before anybody relies on them."
    )
    return [
        words.say(template, count=one["unchecked"], origin=one["origin"])
        for one in data
        if one["unchecked"]
    ]


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
