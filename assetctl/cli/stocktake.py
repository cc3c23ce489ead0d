"""stocktake: plan, open, count, recount, explain, approve, close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import typer

from assetctl.acts import stocktake_closing as closing
from assetctl.acts import stocktake_plan as planning
from assetctl.acts import stocktake_results as deciding
from assetctl.acts import stocktakes as running
from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.logbook import opened, read_book
from assetctl.cli.options import Document, Note, Reason
from assetctl.cli.output import Answer, Words, sentence
from assetctl.cli.sealing import seal_log, sign_log, trees_of
from assetctl.cli.stocktake_views import (
    differences_table,
    left_over,
    progress_views,
    stocktake_answer,
    stocktakes_answer,
)
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.settling import ADJUST, LEAVE
from assetctl.domain.stocktake import Scope, StocktakeState, Team
from assetctl.errors import AssetctlError, InputError, StocktakeUnsettledError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import need_stocktake, reasons, stocktakes, tasks_of
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Stocktakes (盘点): freeze what is expected, count, settle, seal."))
groups = {"stocktake": app}

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=N_("Number of the stocktake."))]
Items = Annotated[
    list[str],
    typer.Argument(
        metavar="ITEM…",
        help=N_("Assets that differ, or +BATCH.LINE for a thing without identity."),
        show_default=False,
    ),
]
_Act = Callable[[Tx, Stamp], Receipt]
_EVERY = 2.0
"""Seconds between two looks at the register while progress is watched."""


@app.command()
def plan(
    ctx: typer.Context,
    *,
    team: Annotated[
        list[str],
        typer.Option(
            help=N_("Who counts together, and where: A=P1,P2 or A=P1,P2@B1-101,B1-102."),
        ),
    ],
    owner: Annotated[
        list[str] | None, typer.Option(help=N_("Unit whose things are counted."))
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option(help=N_("Place that is counted, with all that lies in it."))
    ] = None,
    class_: Annotated[
        list[str] | None, typer.Option("--class", help=N_("Beginning of a class code."))
    ] = None,
    holder: Annotated[
        list[str] | None, typer.Option(help=N_("Who answers for the things that are counted."))
    ] = None,
    purpose: Annotated[
        str, typer.Option(help=N_("routine (盘点) or verification (清查)."))
    ] = "routine",
    base: Annotated[str | None, typer.Option(help=N_("Base date; today if none is given."))] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help=N_("Do not show those who count what is expected."))
    ] = False,
    doc: Document = None,
    note: Note = None,
) -> Answer:
    """Plan a stocktake; without any scope all things of the operator's unit are counted."""
    world: Context = ctx.obj
    scope = Scope(
        owners=tuple(owner or ()), places=tuple(place or ()), classes=tuple(class_ or ()),
        holders=tuple(holder or ()),
    )  # fmt: skip
    stamp = world.stamp()
    wanted = planning.Plan(
        purpose=purpose, scope=scope, teams=tuple(map(_team, team)), blind=blind, doc=doc,
        base_date=clock.parse_day(base, "--base") if base else stamp.today,
        text=note,
    )  # fmt: skip
    with world.writing() as tx:
        receipt = planning.plan(tx, plan=wanted, stamp=stamp)
        number = receipt.events[0].subject.removeprefix("stocktake:")
        one = need_stocktake(tx.connection, number)
    return stocktake_answer(one, world.settings.operator)


@app.command(name="open")
def open_(ctx: typer.Context, number: Number) -> Answer:
    """Freeze what is expected, as the register stands now; from here on it is counted."""
    return _done(
        ctx.obj, number, lambda tx, stamp: running.open_stocktake(tx, number=number, stamp=stamp)
    )


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[str | None, typer.Option(help=N_("Only in this state."))] = None,
) -> Answer:
    """List stocktakes, the newest first."""
    world: Context = ctx.obj
    if state is not None and state not in set(StocktakeState):
        raise InputError(field="--state", value=state, expected=one_of(StocktakeState))
    with world.reading() as connection:
        found = stocktakes(connection, state=state)
    return stocktakes_answer(found, world.settings.operator)


@app.command()
def tasks(ctx: typer.Context) -> Answer:
    """List the stocktakes that the operator is to count or to decide."""
    world: Context = ctx.obj
    operator = world.settings.operator
    with world.reading() as connection:
        found = tasks_of(connection, operator)
    return stocktakes_answer(found, operator)


@app.command()
def status(
    ctx: typer.Context,
    number: Number,
    *,
    differences: Annotated[
        bool, typer.Option("--differences", help=N_("List every difference as well."))
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help=N_("Go on showing it until interrupted."))
    ] = False,
) -> Answer:
    """Show how a stocktake stands: what is counted, what is left and where, what differs."""
    world: Context = ctx.obj
    if watch:
        _watch(world, number)
    with world.reading() as connection:
        one = need_stocktake(connection, number)
        settled = settle(connection, one) if one.opened_at else []
        said = reasons(connection, number)
    hidden = one.is_hidden_from(world.settings.operator)
    return progress_views(one, settled, said, differences=differences, hidden=hidden)


@app.command()
def finish(
    ctx: typer.Context,
    number: Number,
    *,
    team: Annotated[
        str | None, typer.Option(help=N_("Team that has finished; the operator's if none."))
    ] = None,
) -> Answer:
    """Say that a team has counted all that is its own, and that nothing waits at its stations."""
    world: Context = ctx.obj
    _must_have_landed(world, number)
    return _done(
        world, number,
        lambda tx, stamp: running.finish(tx, number=number, team=team, stamp=stamp),
    )  # fmt: skip


@app.command()
def recount(ctx: typer.Context, number: Number) -> Answer:
    """Begin a round in which what differs is counted again by somebody else."""
    world: Context = ctx.obj
    with world.writing() as tx:
        running.recount(tx, number=number, stamp=world.stamp())
        one = need_stocktake(tx.connection, number)
        settled = settle(tx.connection, one)
        said = reasons(tx.connection, number)
    return progress_views(one, settled, said, differences=True, hidden=False)


@app.command()
def explain(
    ctx: typer.Context,
    number: Number,
    items: Items,
    *,
    reason: Annotated[
        str,
        typer.Option(
            help=N_(
                "lost, stolen, scrapped_unbooked, lent_unbooked, moved_unbooked, "
                "handed_over_unbooked, booked_twice, never_booked, label_lost, worn, other."
            )
        ),
    ],
    leave: Annotated[
        bool, typer.Option("--leave", help=N_("Leave the register as it is when it is closed."))
    ] = False,
    liable: Annotated[str | None, typer.Option(help=N_("Party that answers for it."))] = None,
    name: Annotated[
        str | None, typer.Option(help=N_("Name under which a thing without identity is booked."))
    ] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help=N_("Class under which it is booked."))
    ] = None,
    value: Annotated[
        str | None, typer.Option(help=N_("Value at which it is booked, in yuan."))
    ] = None,
    value_type: Annotated[
        str | None, typer.Option(help=N_("Sort of that value: appraised, nominal, replacement …"))
    ] = None,
    note: Note = None,
) -> Answer:
    """Say why things differ, who answers for it, and whether closing shall book it."""
    world: Context = ctx.obj
    given = {"name": name, "class_code": class_, "value": value, "value_type": value_type}
    card = {field: text for field, text in given.items() if text}
    treatment = LEAVE if leave else ADJUST
    with world.writing() as tx:
        ids = item_ids(world, items)
        running.explain(
            tx, number=number, items=ids, reason=reason, treatment=treatment, liable=liable,
            card=card, text=note, stamp=world.stamp(),
        )  # fmt: skip
        one = need_stocktake(tx.connection, number)
        explained = [each for each in settle(tx.connection, one) if each.item in ids]
        said = reasons(tx.connection, number)
    return Answer(data=one, view=lambda words: [differences_table(explained, said, words)])


@app.command()
def submit(ctx: typer.Context, number: Number) -> Answer:
    """Freeze the results for approval; whatever is still open is named."""
    return _done(ctx.obj, number, lambda tx, stamp: deciding.submit(tx, number=number, stamp=stamp))


@app.command()
def approve(
    ctx: typer.Context,
    number: Number,
    *,
    return_: Annotated[
        str | None,
        typer.Option("--return", metavar="REASON", help=N_("Return the results, for this reason.")),
    ] = None,
    opinion: Annotated[
        str | None,
        typer.Option(help=N_("What is said to it; kept apart so that it can be erased.")),
    ] = None,
) -> Answer:
    """Agree to the results, as one whom the chain asks now, or return them."""
    verdict, text = ("agree", opinion) if return_ is None else ("return", return_)
    return _done(
        ctx.obj, number,
        lambda tx, stamp: deciding.judge(
            tx, number=number, verdict=verdict, text=text, stamp=stamp
        ),
    )  # fmt: skip


@app.command()
def withdraw(ctx: typer.Context, number: Number, *, reason: Reason) -> Answer:
    """Take back submitted or approved results before they are booked: the recount goes on."""
    return _done(
        ctx.obj, number,
        lambda tx, stamp: running.withdraw(tx, number=number, text=reason, stamp=stamp),
    )  # fmt: skip


@app.command()
def close(ctx: typer.Context, number: Number) -> Answer:
    """Book what was approved and seal the stocktake: nothing can be added to it any more."""
    world: Context = ctx.obj
    world.confirm(N_("Book the results of {number} and seal it?"), number=number)
    answer = _done(
        world, number,
        lambda tx, stamp: closing.close(
            tx, number=number, stamp=stamp, new_asset_id=clock.new_asset_id
        ),
    )  # fmt: skip
    unsigned = None if world.flags.dry_run else _unsigned(world)
    said = N_("It is closed and its list is sealed, but the log was not signed: {reason}")

    def remarks(words: Words) -> list[str]:
        left = left_over(answer.data, words)
        return [*left, words.say(said, reason=sentence(unsigned, words))] if unsigned else left

    return replace(answer, findings=unsigned is not None, remarks=remarks)


@app.command()
def cancel(ctx: typer.Context, number: Number, *, reason: Reason) -> Answer:
    """Give up a stocktake; its number stays taken, and what was counted stays on record."""
    world: Context = ctx.obj
    world.confirm(N_("Give up {number}?"), number=number)
    return _done(
        world, number,
        lambda tx, stamp: running.cancel(tx, number=number, text=reason, stamp=stamp),
    )  # fmt: skip


def item_ids(world: Context, items: list[str]) -> list[str]:
    """Return what is meant: assets by any of their names, things without identity as they stand."""
    named = [item for item in items if not item.startswith("+")]
    ids = iter(world.ids(named) if named else [])
    if any(item in ("-",) or item.startswith("@") for item in named):
        return [*(item for item in items if item.startswith("+")), *ids]
    return [item if item.startswith("+") else next(ids) for item in items]


def _unsigned(world: Context) -> AssetctlError | None:
    """Seal and sign the log, so that what was closed leaves the building; return why it is not."""
    try:
        seal_log(world)
        for tree in trees_of(world):
            sign_log(world, tree)
    except AssetctlError as error:
        return error
    return None


def _must_have_landed(world: Context, number: str) -> None:
    """Return if nothing of a stocktake waits in the journal of this station.

    Raises:
        StocktakeUnsettledError: something does.
        StationBusyError: a session is still open here.
    """
    if not (world.settings.home / "station").exists():
        return
    with opened(world) as journal:
        waiting = [one for one in read_book(journal).queue.values() if one.doc == number]
    if waiting:
        template = N_("{count} commits wait at this station: assetctl scan sync")
        raise StocktakeUnsettledError(
            stocktake_act="finish", number=number, count=1,
            lines=(Phrase(template, count=len(waiting)),),
        )  # fmt: skip


def _done(world: Context, number: str, act: _Act) -> Answer:
    with world.writing() as tx:
        act(tx, world.stamp())
        one = need_stocktake(tx.connection, number)
    return stocktake_answer(one, world.settings.operator)


def _team(text: str) -> Team:
    code, equals, rest = text.partition("=")
    people, _, places = rest.partition("@")
    if not equals or not code.strip():
        raise InputError(field="--team", value=text, expected=N_("teams with people: A=P1,P2"))
    return Team(code=code.strip(), people=_codes(people), places=_codes(places))


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


def _watch(world: Context, number: str) -> None:
    with output.live(quiet=world.flags.json) as show:
        for _ in clock.ticks(_EVERY):
            with world.reading() as connection:
                one = need_stocktake(connection, number)
                settled = settle(connection, one) if one.opened_at else []
            if one.state not in ("counting", "recounting"):
                return
            hidden = one.is_hidden_from(world.settings.operator)
            answer = progress_views(one, settled, {}, differences=False, hidden=hidden)
            for view in answer.view(world.words)[-1:]:
                show(view)
