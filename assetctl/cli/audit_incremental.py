"""audit incremental: only what is new since the auditor looked last, against his own notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.doubts import doubts_remark, doubts_table
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.trust import policy_of
from assetctl.domain.chain import instant
from assetctl.i18n import N_
from assetctl.reads.incremental import follow
from assetctl.reads.signatories import ActFinding
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
    doubtful: list[ActFinding] = []
    label = world.words.say(N_("entries checked"))
    with (
        world.reading() as connection,
        Notebook(notebook) as book,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        found = follow(
            connection, book, policy=trusted, at=instant(clock.now()), on_step=on_step,
            on_finding=doubtful.append,
        )  # fmt: skip
    new = found.size - found.before
    sentence = N_(
        "{new} new entries continue the {before} leaves seen before; the log has {size} now. Older "
        "entries were not read again: assetctl verify does that."
    )

    def view(words: Words) -> Sequence[View]:
        said = words.say(sentence, new=new, before=found.before, size=found.size)
        return [said, *doubts_table(doubtful, words)]

    return Answer(
        data=asdict(found) | {"findings": doubtful}, view=view,
        remarks=lambda words: doubts_remark(doubtful, words), findings=bool(doubtful),
    )  # fmt: skip
