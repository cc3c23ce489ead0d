"""doc: every kind of document, from draft to done, by its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from assetctl.acts import documents as acts
from assetctl.cli.context import Context
from assetctl.cli.document_views import document_answer, documents_table
from assetctl.cli.options import Reason
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.requests import Number
from assetctl.domain.document import DocState
from assetctl.domain.document_kinds import KINDS
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.documents import documents, need_document, waiting_for
from assetctl.reads.stocktakes import tasks_of
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Documents: requests, their opinions, and the papers of hand-overs."))
groups = {"doc": app}

_Act = Callable[[Tx, Stamp], Receipt]
"""Does something with a document in a transaction."""

Opinion = Annotated[
    str | None,
    typer.Option("--opinion", help=N_("What is said to it; kept apart so that it can be erased.")),
]


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    kind: Annotated[str | None, typer.Option(help=N_("Only this kind, such as loan."))] = None,
    state: Annotated[list[str] | None, typer.Option(help=N_("Only in these states."))] = None,
    unit: Annotated[str | None, typer.Option(help=N_("Only of this unit."))] = None,
    asset: Annotated[str | None, typer.Option(help=N_("Only those with this asset."))] = None,
    after: Annotated[str, typer.Option(help=N_("Numbers after this one."))] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=N_("At most so many."))] = 100,
) -> Answer:
    """List documents by number."""
    world: Context = ctx.obj
    for name, values, known in (
        ("--kind", [kind] if kind else [], tuple(KINDS)),
        ("--state", state or [], tuple(DocState)),
    ):
        for value in values:
            if value not in known:
                raise InputError(field=name, value=value, expected=one_of(known))
    asset_id = world.ids([asset])[0] if asset else None
    with world.reading() as connection:
        found = documents(connection, kind=kind, states=state or (), unit=unit,
                          asset_id=asset_id, after=after, limit=limit)  # fmt: skip
    return Answer(data=found, view=lambda words: [documents_table(found, words)])


@app.command()
def tasks(ctx: typer.Context) -> Answer:
    """List the documents that wait for an opinion of the operator."""
    world: Context = ctx.obj
    operator = world.settings.operator
    with world.reading() as connection:
        found = waiting_for(connection, operator)
        counts = len(tasks_of(connection, operator))

    def view(words: Words) -> list[View]:
        beside = N_("Stocktakes that wait for you as well: {count}; see: assetctl stocktake tasks")
        more = [words.say(beside, count=counts)] if counts else []
        return [documents_table(found, words), *more]

    return Answer(data=found, view=view)


@app.command()
def show(ctx: typer.Context, number: Number) -> Answer:
    """Show a document: its fields, lines, opinions, and how far each asset has come."""
    world: Context = ctx.obj
    with world.reading() as connection:
        one = need_document(connection, number)
    return document_answer(one, world.words)


@app.command()
def revise(
    ctx: typer.Context,
    number: Number,
    *,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help=N_("Field to change, and its value.")),
    ] = None,
    asset: Annotated[
        list[str] | None,
        typer.Option(help=N_("The assets it shall have instead; may be given several times.")),
    ] = None,
    reason: Annotated[str | None, typer.Option(help=N_("The reason it shall have."))] = None,
) -> Answer:
    """Change a draft, or what was returned for correction."""
    world: Context = ctx.obj
    fields = {}
    for pair in set_ or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(field="--set", value=pair, expected="FIELD=VALUE")
        fields[name] = value
    ids = world.ids(asset) if asset else None
    return _done(
        world, number,
        lambda tx, stamp: acts.revise(
            tx, number=number, fields=fields, assets=ids, text=reason, stamp=stamp
        ),
    )  # fmt: skip


@app.command()
def submit(ctx: typer.Context, number: Number) -> Answer:
    """Submit a document: its assets are promised to it, and its chain of opinions begins."""
    return _done(
        ctx.obj, number, lambda tx, stamp: acts.submit(tx, number=number, stamp=stamp)
    )  # fmt: skip


@app.command()
def approve(ctx: typer.Context, number: Number, *, opinion: Opinion = None) -> Answer:
    """Agree to a document, as one whom its chain asks now."""
    return _judged(ctx.obj, number, "agree", opinion)


@app.command(name="return")
def return_(ctx: typer.Context, number: Number, *, reason: Reason) -> Answer:
    """Return a document for correction; its assets are free until it comes again."""
    return _judged(ctx.obj, number, "return", reason)


@app.command()
def reject(ctx: typer.Context, number: Number, *, reason: Reason) -> Answer:
    """Reject a document for good; its assets are free again."""
    return _judged(ctx.obj, number, "reject", reason)


@app.command()
def withdraw(
    ctx: typer.Context,
    number: Number,
    *,
    reason: Annotated[str | None, typer.Option(help=N_("Why."))] = None,
) -> Answer:
    """Take back what one asked for, before it is decided."""
    return _done(
        ctx.obj, number,
        lambda tx, stamp: acts.withdraw(tx, number=number, text=reason, stamp=stamp),
    )  # fmt: skip


@app.command()
def void(ctx: typer.Context, number: Number, *, reason: Reason) -> Answer:
    """Make a document void before anything was done under it; its number stays taken."""
    world: Context = ctx.obj
    world.confirm(N_("Make {number} void?"), number=number)
    return _done(
        world, number, lambda tx, stamp: acts.void(tx, number=number, text=reason, stamp=stamp)
    )  # fmt: skip


@app.command()
def finish(
    ctx: typer.Context,
    number: Number,
    *,
    reason: Annotated[str | None, typer.Option(help=N_("Why."))] = None,
) -> Answer:
    """End a document though not all was fetched; what it still claims is free again."""
    return _done(
        ctx.obj, number, lambda tx, stamp: acts.finish(tx, number=number, text=reason, stamp=stamp)
    )  # fmt: skip


def _judged(world: Context, number: str, verdict: str, text: str | None) -> Answer:
    return _done(
        world, number,
        lambda tx, stamp: acts.give_opinion(
            tx, number=number, verdict=verdict, text=text, stamp=stamp
        ),
    )  # fmt: skip


def _done(world: Context, number: str, act: _Act) -> Answer:
    with world.writing() as tx:
        act(tx, world.stamp())
        one = need_document(tx.connection, number)
    return document_answer(one, world.words)
