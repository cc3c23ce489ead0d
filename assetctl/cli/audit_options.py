"""What the auditor's commands share: which clock, which period, how much is shown, where to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast
from unicodedata import normalize

import typer

from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Words
from assetctl.cli.rows import Rows
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.chains import By

CLOCKS = ("rec", "at")

Clock = Annotated[
    str,
    typer.Option(
        "--by",
        help=N_(
            "rec: by what was recorded, all that anybody could know then; at: by when things "
            "happened, as it turned out later."
        ),
    ),
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help=N_("From this day or moment on."))
]
Until = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help=N_("Up to the end of this day, or this moment.")),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=N_("Write all of it to this file: .csv, or .jsonl for programs.")),
]
Limit = Annotated[
    int, typer.Option(min=0, max=100_000, help=N_("Show at most so many; figures count all."))
]
Owner = Annotated[str | None, typer.Option(help=N_("Only owned by this unit."))]


def clock_of(given: str) -> By:
    """Return the clock that `--by` names.

    Raises:
        InputError: it is neither `rec` nor `at`.
    """
    if given not in CLOCKS:
        raise InputError(field="--by", value=given, expected=one_of(CLOCKS))
    return cast("By", given)


def bound(world: Context, text: str | None, field: str, *, end: bool) -> str | None:
    """Return one end of a period as history writes instants, None where it was not given.

    Raises:
        InputError: it is neither a day nor a moment.
    """
    if text is None:
        return None
    return clock.parse_bound(text, world.settings.timezone, field, end=end)


def text_of(given: str | None) -> str | None:
    """Return a text as the history would hold it: in the composed form of Unicode."""
    return None if given is None else normalize("NFC", given)


def listing(rows: Rows[Any], out: Path | None) -> dict[str, Any]:
    """Return a list for programs: its rows, or the file they stand in; and how many there are."""
    file = None if out is None else str(out)
    return {"items": [] if out else rows.shown, "count": rows.count, "file": file}


def more(words: Words, rows: Rows[Any], out: Path | None) -> list[str]:
    """Return the remarks on how much of a list was shown, and where all of it is."""
    if out is not None:
        return [words.say(N_("{count} rows written to {file}."), count=rows.count, file=out)]
    if rows.are_more:
        told = N_("Shown: {shown} of {count}. --out FILE.csv writes all of them.")
        return [words.say(told, shown=len(rows.shown), count=rows.count)]
    return [] if rows.count else [words.say(N_("Nothing was found."))]
