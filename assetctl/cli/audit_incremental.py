"""audit incremental: only what is new since the auditor looked last, against his own notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.trust import policy_of
from assetctl.cli.views import lines
from assetctl.domain.chain import instant
from assetctl.i18n import N_
from assetctl.reads.incremental import follow
from assetctl.store.notebook import Notebook


def incremental(
    ctx: typer.Context,
    notebook: Annotated[
        Path,
        typer.Argument(metavar="NOTEBOOK", help=N_("The auditor's own file; made if it is new.")),
    ],
    *,
    policy: Annotated[
        Path | None, typer.Option(help=N_("Whose signatures count; by default the register's."))
    ] = None,
) -> Answer:
    """Check what was recorded since the last time, and remember how far that goes."""
    world: Context = ctx.obj
    trusted = policy_of(world, policy)
    label = world.words.say(N_("entries checked"))
    with (
        world.reading() as connection,
        Notebook(notebook) as book,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        found = follow(
            connection, book, policy=trusted, at=instant(clock.now()), on_step=on_step
        )  # fmt: skip
    new = found.size - found.before
    return Answer(
        data=found,
        view=lines(
            lambda words: words.say(
                N_("{new} new entries continue the {before} leaves seen before; the log has {size} "
                   "now. Older entries were not read again: assetctl verify does that."),
                new=new, before=found.before, size=found.size,
            )
        ),
    )  # fmt: skip
