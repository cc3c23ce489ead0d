"""verify: does the history hold, and do the tables say what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Table, View, Words
from assetctl.i18n import N_
from assetctl.reads.signatories import ActFinding
from assetctl.reads.verify import verify as verify_history

app = typer.Typer()
groups: dict[str, typer.Typer] = {}

_SHOWN = 200


@app.callback()
def _group() -> None:
    """Keep this a group, so that its one command has a name."""


@app.command()
def verify(
    ctx: typer.Context,
    assets: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASSET…", help=N_("Only these assets; by default everything.")),
    ] = None,
    *,
    replay: Annotated[
        bool, typer.Option("--replay", help=N_("Rebuild the tables from history and compare."))
    ] = False,
) -> Answer:
    """Check the chains of the history and who signed; exit 7 names the first bad entry."""
    world: Context = ctx.obj
    subjects: Sequence[str] | None = None
    if assets:
        subjects = [f"asset:{one}" for one in world.ids(assets)]
    label = world.words.say(N_("entries checked"))
    doubtful: list[ActFinding] = []
    with (
        world.reading() as connection,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        found = verify_history(
            connection, subjects, replay=replay, on_step=on_step, on_finding=doubtful.append
        )

    def sentence(words: Words) -> str:
        text = words.say(
            N_("The history holds: {entries} entries of {subjects} subjects."),
            entries=found.entries, subjects=found.subjects,
        )  # fmt: skip
        if found.replayed:
            text += " " + words.say(
                N_("{rows} rows of the tables say what it says."), rows=found.rows
            )
        if found.signed:
            text += " " + words.say(N_("{count} signatures hold."), count=found.signed)
        return text

    def view(words: Words) -> Sequence[View]:
        return (
            [sentence(words), _table(doubtful[:_SHOWN], words)] if doubtful else [sentence(words)]
        )

    def remarks(words: Words) -> list[str]:
        template = N_(
            "{count} acts are in doubt: no signature that counts shows who did them. The entries "
            "stand as they were written. Ask the people named."
        )
        return [words.say(template, count=len(doubtful))] if doubtful else []

    data = asdict(found) | {"findings": doubtful}
    return Answer(data=data, view=view, remarks=remarks, findings=bool(doubtful))


def _table(doubtful: Sequence[ActFinding], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Subject")), say(N_("Entry")), say(N_("Event")), say(N_("Done")),
                 say(N_("Who")), say(N_("Why it is in doubt"))],
        rows=[
            [one.subject, str(one.seq), words.term("event", one.kind), words.time(one.at),
             one.actor, output.spoken(one.reason, words)]
            for one in doubtful
        ],
    )  # fmt: skip
