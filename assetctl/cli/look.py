"""show, trace, find: what is, what was, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assetctl.cli.context import Context
from assetctl.cli.options import Assets, state_of
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.views import (
    asset_sheet,
    assets_table,
    codes_in,
    entries_table,
    evidence_table,
    subject_text,
)
from assetctl.i18n import N_
from assetctl.reads import assets as asset_reads
from assetctl.reads.evidence import events_about
from assetctl.reads.parties import names_of
from assetctl.reads.search import Filter, search
from assetctl.reads.trace import trace as trace_subjects

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


@app.command()
def show(ctx: typer.Context, assets: Assets) -> Answer:
    """Show assets in full: card, state, holder, place, tags."""
    world: Context = ctx.obj
    ids = world.ids(assets)
    with world.reading() as connection:
        found = asset_reads.show(connection, ids, sign=world.sign)
    return Answer(data=found, view=lambda words: [asset_sheet(one, words) for one in found])


@app.command()
def trace(ctx: typer.Context, assets: Assets) -> Answer:
    """Show the whole history of assets in order, and after it what others say of them.

    Documents, people and places have one too: doc:JY-2026-0001, party:0002, place:W1.
    """
    world: Context = ctx.obj
    subjects = world.subjects(assets)
    ids = [one.removeprefix("asset:") for one in subjects if one.startswith("asset:")]
    with world.reading() as connection:
        entries = trace_subjects(connection, subjects)
        names = names_of(connection, codes_in(entries))
        about = events_about(connection, ids)
        told = list(dict.fromkeys(one for some in about.values() for one in some))
        said = trace_subjects(connection, told)

    def view(words: Words) -> Sequence[View]:
        tables: list[View] = []
        for subject in subjects:
            own = [entry for entry in entries if entry.subject == subject]
            one = subject.partition(":")[2]
            tables.append(entries_table(subject_text(subject), own, names, words))
            foreign = [entry for entry in said if entry.subject in about.get(one, ())]
            if foreign:
                tables.append(evidence_table(one, foreign, words))
        return tables

    return Answer(data=[*entries, *said], view=view)


@app.command()
def find(
    ctx: typer.Context,
    text: Annotated[
        str, typer.Argument(help=N_("Words in the name, model, serial, number or id."))
    ] = "",
    *,
    state: Annotated[str | None, typer.Option(help=N_("Only in this state."))] = None,
    owner: Annotated[str | None, typer.Option(help=N_("Only owned by this unit."))] = None,
    holder: Annotated[str | None, typer.Option(help=N_("Only held by this party."))] = None,
    place: Annotated[str | None, typer.Option(help=N_("Only in this place or inside it."))] = None,
    class_code: Annotated[
        str | None, typer.Option("--class", help=N_("Only of this class or below it."))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10000, help=N_("At most so many."))] = 50,
    after: Annotated[str | None, typer.Option(help=N_("Cursor: go on after this page."))] = None,
) -> Answer:
    """Find assets by words and by where they stand, a page at a time."""
    world: Context = ctx.obj
    wanted = Filter(
        text=text, state=state_of(state), owner=owner, holder=holder, place=place,
        class_code=class_code,
    )  # fmt: skip
    with world.reading() as connection:
        page = search(connection, wanted, limit=limit, after=after)
        items = asset_reads.show(connection, page.ids, sign=world.sign)

    def remarks(words: Words) -> Sequence[str]:
        if page.next:
            return [words.say(N_("There are more: --after {cursor}"), cursor=page.next)]
        return [] if items else [words.say(N_("Nothing was found."))]

    return Answer(
        data={"items": items, "next": page.next},
        view=lambda words: [assets_table(items, words)] if items else [],
        remarks=remarks,
    )
