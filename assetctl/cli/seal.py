"""seal, cosign and signer: every entry in its place, and the head of the log signed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.cosigning import Silent, cosign, request_for, take_lines
from assetctl.cli.files import write_file
from assetctl.cli.output import Answer, Sheet, View, Words, sentence
from assetctl.cli.sealing import NOT_CHECKED, is_new_day, seal_log, sign_log, snapshot_log, trees_of
from assetctl.cli.trust import policy_of, read_text
from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import parse_key, parse_signatures, to_b64
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of
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
    sealed = [sign_log(world, tree) for tree in trees_of(world)]
    notes = [one.note for one in sealed]
    policy = policy_of(world)
    silent: list[Silent] = []
    if policy is not None:
        notes[0], silent = cosign(world, notes[0], policy)
    if out is not None:
        write_file(out, "\n".join(map(str, notes)).encode())
    heads = [parse_checkpoint(note.text) for note in notes]
    data = [
        {"origin": head.origin, "size": head.size, "root": to_b64(head.root),
         "signatures": len(note.signatures), "unchecked": one.unchecked, "note": str(note)}
        for head, note, one in zip(heads, notes, sealed, strict=True)
    ]  # fmt: skip

    return Answer(
        data={"checkpoints": data,
              "silent": [{"witness": one.name, "error": one.error.code} for one in silent]},
        view=lambda words: _view(data, out, words),
        remarks=lambda words: [
            words.say(N_("The witness {name} has not cosigned."), name=one.name)
            + " " + sentence(one.error, words)
            for one in silent
        ] + _unchecked(data, words),
        findings=bool(silent) or any(one["unchecked"] for one in data),
    )  # fmt: skip


@app.command("cosign")
def cosign_(
    ctx: typer.Context,
    *,
    request: Annotated[
        Path | None, typer.Option(help=N_("File to write for a witness: witness sign."))
    ] = None,
    witness: Annotated[
        str, typer.Option(help=N_("Name of the witness in the policy the file is for."))
    ] = "",
    since: Annotated[
        int | None, typer.Option(min=0, help=N_("Size that the witness says it saw last."))
    ] = None,
    answer: Annotated[
        list[Path] | None, typer.Option(help=N_("What a witness has signed, to be kept."))
    ] = None,
) -> Answer:
    """Carry a checkpoint to a witness without a network, and bring its signature back."""
    world: Context = ctx.obj
    policy = policy_of(world)
    if (request is None) == (answer is None):
        raise InputError(field="--request", value="", expected=N_("given, or else --answer"))
    known = policy.witnesses if policy else {}
    if witness and witness not in known:
        raise InputError(field="--witness", value=witness, expected=one_of(list(known)))
    if request is not None:
        asked = request_for(world, known[witness].key if witness else None, since)
        write_file(request, str(asked).encode())
        return Answer(data={"request": str(request), "old": asked.old},
                      view=lambda _words: [str(request)])  # fmt: skip
    newest = request_for(world, None, 0).note
    lines = [line for path in answer or () for line in parse_signatures(read_text(path))]
    note = take_lines(world, newest, lines, [one.key for one in known.values()])
    data = {"signatures": len(note.signatures), "note": str(note)}
    return Answer(data=data, view=lambda words: [
        words.say(N_("The checkpoint now has {count} signatures."), count=len(note.signatures))
    ])  # fmt: skip


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
    return [
        words.say(NOT_CHECKED, count=one["unchecked"], origin=one["origin"])
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
