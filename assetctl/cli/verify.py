"""verify: does the history hold, and do the tables say what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Words
from assetctl.cli.views import lines
from assetctl.i18n import N_
from assetctl.reads.verify import verify as verify_history

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


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
    """Check the chains of the history; exit 7 names the first bad entry."""
    world: Context = ctx.obj
    subjects: Sequence[str] | None = None
    if assets:
        subjects = [f"asset:{one}" for one in world.ids(assets)]
    label = world.words.say(N_("entries checked"))
    with (
        world.reading() as connection,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        found = verify_history(connection, subjects, replay=replay, on_step=on_step)

    def sentence(words: Words) -> str:
        text = words.say(
            N_("The history holds: {entries} entries of {subjects} subjects."),
            entries=found.entries, subjects=found.subjects,
        )  # fmt: skip
        if found.replayed:
            text += " " + words.say(
                N_("{rows} rows of the tables say what it says."), rows=found.rows
            )
        return text

    return Answer(data=found, view=lines(sentence))
