"""audit as-of | log | gaps | diff | incremental | redact | rules: what auditors ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assetctl.cli import audit_gaps, audit_incremental, audit_log, audit_redact
from assetctl.cli.audit_options import (
    Clock,
    Limit,
    Out,
    Owner,
    bound,
    clock_of,
    listing,
    more,
)
from assetctl.cli.audit_views import (
    account_table,
    assets_then,
    difference_columns,
    figures_table,
)
from assetctl.cli.context import Context
from assetctl.cli.options import state_of
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.rows import rows_to, table_of
from assetctl.errors import InputError
from assetctl.i18n import N_, Phrase
from assetctl.reads.as_of import as_of as stood
from assetctl.reads.chains import Reach
from assetctl.reads.differences import differences
from assetctl.reads.search import Filter

app = typer.Typer(help=N_("For auditors: as it stood, who did what, gaps, differences, erasure."))
groups = {"audit": app}

Moment = Annotated[
    str,
    typer.Argument(
        metavar="DATE", help=N_("Day (its end counts), moment such as 2026-03-01T14:30, or now.")
    ),
]


@app.command("as-of")
def as_of(
    ctx: typer.Context,
    date: Moment,
    assets: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASSET…", help=N_("Only these assets; by default everything.")),
    ] = None,
    *,
    by: Clock = "rec",
    state: Annotated[str | None, typer.Option(help=N_("Only in this state."))] = None,
    owner: Owner = None,
    holder: Annotated[str | None, typer.Option(help=N_("Only held by this party."))] = None,
    place: Annotated[str | None, typer.Option(help=N_("Only in this place or inside it."))] = None,
    limit: Limit = 50,
    after: Annotated[str | None, typer.Option(help=N_("Cursor: go on after this page."))] = None,
    out: Out = None,
) -> Answer:
    """Show the register as it stood at a moment, told from history alone, with its figures."""
    world: Context = ctx.obj
    reach = Reach(bound(world, date, "DATE", end=True) or "", clock_of(by))
    wanted = Filter(state=state_of(state), owner=owner, holder=holder, place=place)
    ids = world.ids(assets) if assets else None
    columns = assets_then()
    with (
        rows_to(out, columns, world.words, limit=limit) as rows,
        world.reading() as connection,
    ):
        found = stood(
            connection, reach, wanted, ids=ids,
            on_asset=lambda one: rows.add(one) if not after or one.asset_id > after else None,
        )  # fmt: skip
    cursor = rows.shown[-1].asset_id if rows.are_more and rows.shown and not out else None

    def view(words: Words) -> Sequence[View]:
        listed = [] if out or not rows.shown else [table_of(rows.shown, columns, words)]
        return [*listed, figures_table(found, words)]

    def remarks(words: Words) -> Sequence[str]:
        told = more(words, rows, out)
        if cursor:
            told.append(words.say(N_("There are more: --after {cursor}"), cursor=cursor))
        return told

    data = {**listing(rows, out), "next": cursor, "standing": found}
    return Answer(data=data, view=view, remarks=remarks)


@app.command()
def diff(
    ctx: typer.Context,
    date: Moment,
    second: Annotated[
        str, typer.Argument(metavar="DATE", help=N_("The later moment, not before the first."))
    ],
    *,
    by: Clock = "rec",
    owner: Annotated[
        str | None, typer.Option(help=N_("Only what was this unit's at one end or the other."))
    ] = None,
    limit: Limit = 50,
    out: Out = None,
) -> Answer:
    """Show what differs between two moments, the entries that caused it, and sums that agree."""
    world: Context = ctx.obj
    first = Reach(bound(world, date, "DATE", end=True) or "", clock_of(by))
    last = Reach(bound(world, second, "DATE", end=True) or "", first.by)
    if last.until < first.until:
        later = Phrase(N_("a moment not before {first}"), first=date)
        raise InputError(field="DATE", value=second, expected=later)
    columns = difference_columns()
    with (
        rows_to(out, columns, world.words, limit=limit) as rows,
        world.reading() as connection,
    ):
        found = differences(connection, first, last, owner=owner, on_difference=rows.add)

    def view(words: Words) -> Sequence[View]:
        listed = [] if out or not rows.shown else [table_of(rows.shown, columns, words)]
        return [*listed, account_table(found, words)]

    return Answer(
        data={**listing(rows, out), "differences": found},
        view=view,
        remarks=lambda words: more(words, rows, out),
    )


app.command("log")(audit_log.log)
app.command("gaps")(audit_gaps.gaps)
app.command("rules")(audit_gaps.rules)
app.command("redact")(audit_redact.redact)
app.command("incremental")(audit_incremental.incremental)
