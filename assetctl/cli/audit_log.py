"""audit log: every entry of the history by any of its facts, a page at a time or into a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Annotated

import typer

from assetctl.acts.cells import fold
from assetctl.acts.values import words_of
from assetctl.cli.audit_options import Clock, Out, Since, Until, bound, clock_of, listing, text_of
from assetctl.cli.audit_views import log_columns
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.rows import rows_to, table_of
from assetctl.domain.events import EVENTS
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.entry_log import Asked, entry_log

Wanted = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SUBJECT…",
        help=N_("Assets, or subjects such as party:0002 and place:W1; by default everything."),
    ),
]


def log(
    ctx: typer.Context,
    subjects: Wanted = None,
    *,
    actor: Annotated[str | None, typer.Option(help=N_("Only by this person."))] = None,
    doc: Annotated[str | None, typer.Option(help=N_("Only under this document."))] = None,
    holder: Annotated[
        str | None, typer.Option(help=N_("Only where this party held it, before or after."))
    ] = None,
    place: Annotated[
        str | None, typer.Option(help=N_("Only from, to or in this place, or inside it."))
    ] = None,
    since: Since = None,
    until: Until = None,
    by: Clock = "rec",
    kind: Annotated[
        list[str] | None,
        typer.Option(help=N_("Only of this kind: asset.checked_out, or its word.")),
    ] = None,
    at_station: Annotated[str | None, typer.Option(help=N_("Only from this desk."))] = None,
    request: Annotated[str | None, typer.Option(help=N_("Only of this request."))] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help=N_("With names and free text, as far as not erased."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10000, help=N_("At most so many."))] = 50,
    after: Annotated[str | None, typer.Option(help=N_("Cursor: go on after this page."))] = None,
    out: Out = None,
) -> Answer:
    """List entries of the history in the order of recording, with both times."""
    world: Context = ctx.obj
    asked = Asked(
        actor=text_of(actor), doc=text_of(doc), holder=text_of(holder), place=text_of(place),
        subjects=tuple(world.subjects(subjects or ())), kinds=_kinds(kind or ()),
        request_id=text_of(request), station=text_of(at_station), by=clock_of(by),
        since=bound(world, since, "--from", end=False),
        until=bound(world, until, "--to", end=True),
    )  # fmt: skip
    _check_cursor(after)
    columns = log_columns(personal=personal)
    with (
        rows_to(out, columns, world.words, limit=limit) as rows,
        world.reading() as connection,
        closing(entry_log(connection, asked, after=after, personal=personal)) as entries,
    ):
        for entry in entries if out else islice(entries, limit + 1):
            rows.add(entry)
    cursor = rows.shown[-1].cursor if rows.are_more and not out else None

    def view(words: Words) -> Sequence[View]:
        return [table_of(rows.shown, columns, words)] if rows.shown and not out else []

    def remarks(words: Words) -> Sequence[str]:
        if out:
            return [words.say(N_("{count} rows written to {file}."), count=rows.count, file=out)]
        if cursor:
            return [words.say(N_("There are more: --after {cursor}"), cursor=cursor)]
        return [] if rows.count else [words.say(N_("Nothing was found."))]

    told = listing(rows, out)
    data = {"items": told["items"], "file": told["file"], "next": cursor}
    return Answer(data=data, view=view, remarks=remarks)


def _kinds(given: Sequence[str]) -> tuple[str, ...]:
    words = words_of("event", tuple(EVENTS))
    kinds = []
    for text in given:
        kind = words.get(fold(text))
        if kind is None:
            raise InputError(field="--kind", value=text, expected=one_of(EVENTS))
        kinds.append(kind)
    return tuple(kinds)


def _check_cursor(cursor: str | None) -> None:
    if cursor is not None and not all(cursor.rpartition("/")):
        raise InputError(field="--after", value=cursor, expected=N_("the cursor that ended a page"))
