"""warehouse: what sort each is, what is on the shelf, and the rules of the office."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts import warehouses as acts
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Table, Words
from assetctl.cli.views import receipt_answer
from assetctl.domain.document import Ask, Step
from assetctl.domain.identity import display_id
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.warehouse_rules import Rules, built_in, parse_rules
from assetctl.errors import FileMissingError
from assetctl.i18n import N_
from assetctl.reads.warehouse_rules import rule_sets, rules_on
from assetctl.reads.warehouses import OnShelf, Warehouse, shelf, warehouses

app = typer.Typer(help=N_("Warehouses, physical and virtual; their shelf and the rules."))
rules_app = typer.Typer(help=N_("Rules of the office: who decides what, and terms of loans."))
app.add_typer(rules_app, name="rules")
groups = {"warehouse": app}

RulesFile = Annotated[Path, typer.Argument(metavar="FILE", help=N_("File of rules (TOML)."))]


@app.command(name="set")
def set_(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("Code of the place."))],
    *,
    unit: Annotated[str, typer.Option(help=N_("Unit that keeps it."))],
    mode: Annotated[
        str, typer.Option(help=N_("physical, or virtual: it only lists what others hold."))
    ] = "physical",
    form: Annotated[
        str, typer.Option(help=N_("How it is run: central, distributed, main, branch."))
    ] = "central",
    regime: Annotated[
        str, typer.Option(help=N_("What it is for: public, confiscated, case_property."))
    ] = "public",
    doc: Annotated[
        str | None, typer.Option(help=N_("Number of the document that says so."))
    ] = None,
) -> Answer:
    """Say of a place that it is a warehouse, of which sort, and who keeps it."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = acts.set_warehouse(
            tx, code=code, mode=mode, form=form, regime=regime, unit=unit, doc=doc,
            stamp=world.stamp(),
        )  # fmt: skip
    return receipt_answer(receipt)


@app.command(name="list")
def list_(ctx: typer.Context) -> Answer:
    """List warehouses with how many things are in each."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = warehouses(connection)
    return Answer(data=found, view=lambda words: [_warehouses(found, words)])


@app.command(name="shelf")
def shelf_(
    ctx: typer.Context,
    code: Annotated[str | None, typer.Argument(help=N_("Code of the warehouse."))] = None,
    *,
    class_code: Annotated[
        str | None, typer.Option("--class", help=N_("Beginning of the class code."))
    ] = None,
    after: Annotated[str, typer.Option(help=N_("Ids after this one."))] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=N_("At most so many."))] = 100,
) -> Answer:
    """List what can be asked for, in warehouses and listed in virtual ones."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = shelf(connection, code=code, class_code=class_code, after=after, limit=limit)
    return Answer(data=found, view=lambda words: [_shelf(found, words)])


@rules_app.command(name="show")
def rules_show(
    ctx: typer.Context,
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help=N_("As they are on this day."))
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help=N_("The file itself, to be copied and changed."))
    ] = False,
) -> Answer:
    """Show the rules in force: chains of opinions and terms."""
    world: Context = ctx.obj
    day = clock.parse_day(on, "--on") if on else clock.today(world.settings.timezone)
    with world.reading() as connection:
        rules = rules_on(connection, day)
        adopted = rule_sets(connection)
    if text:
        words = next((one.rules for one in adopted if one.sha256 == rules.sha256), built_in())
        return Answer(data={"rules": words}, view=lambda _words: [words])
    return Answer(data=rules, view=lambda words: [_chains(rules, words)])


@rules_app.command(name="check")
def rules_check(ctx: typer.Context, file: RulesFile) -> Answer:
    """Read a file of rules and name every fault in it; nothing is adopted."""
    del ctx
    rules = parse_rules(_text(file), str(file))
    return Answer(data=rules, view=lambda words: [_chains(rules, words)])


@rules_app.command(name="adopt")
def rules_adopt(
    ctx: typer.Context,
    file: RulesFile,
    *,
    doc: Annotated[str, typer.Option(help=N_("Number of the document that adopts them."))],
) -> Answer:
    """Adopt rules, word for word; they hold from the day that they name."""
    world: Context = ctx.obj
    text = _text(file)
    with world.writing() as tx:
        receipt = acts.adopt_rules(tx, text=text, source=str(file), doc=doc, stamp=world.stamp())
    return receipt_answer(receipt)


@rules_app.command(name="list")
def rules_list(ctx: typer.Context) -> Answer:
    """List the rules that were adopted, with their hashes."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = rule_sets(connection)

    def view(words: Words) -> list[Table]:
        say = words.say
        heads = [say(N_("Number")), say(N_("Since")), say(N_("Adopted")), "SHA-256"]
        rows = [[str(one.number), one.since, words.time(one.adopted_at), one.sha256]
                for one in found]  # fmt: skip
        return [Table(columns=heads, rows=rows)]

    return Answer(data=found, view=view)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(file=str(file)) from error


def _warehouses(found: list[Warehouse], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Code")), say(N_("Name")), say(N_("Mode")), say(N_("Form")),
                 say(N_("Regime")), say(N_("Unit")), say(N_("Things"))],
        rows=[
            [one.code, one.name, words.term("warehouse_mode", one.mode),
             words.term("warehouse_form", one.form), words.term("regime", one.regime), one.unit,
             str(one.count)]
            for one in found
        ],
    )  # fmt: skip


def _shelf(found: list[OnShelf], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Asset")), say(N_("Name")), say(N_("Class")), say(N_("Owner")),
                 say(N_("Place")), say(N_("Condition")), say(N_("Promised to"))],
        rows=[
            [display_id(one.asset_id), one.name, one.class_code, one.owner,
             one.place or one.listed or "", words.term("condition", one.condition),
             one.promised_to or ""]
            for one in found
        ],
    )  # fmt: skip


def _chains(rules: Rules, words: Words) -> Table:
    say = words.say
    return Table(
        title=rules.title,
        columns=[say(N_("Document")), say(N_("From value")), say(N_("Below value")),
                 say(N_("Classes")), say(N_("Steps"))],
        rows=[
            [words.term("document", one.kind), amount_text(from_fen(one.at_least)),
             "" if one.below is None else amount_text(from_fen(one.below)),
             ", ".join(one.classes), " → ".join(_step(step, words) for step in one.steps)]
            for one in rules.chains
        ],
    )  # fmt: skip


def _step(step: Step, words: Words) -> str:
    asks = [_asked(ask, words) for ask in step.asks]
    return (" / " if step.mode == "any" else " + ").join(asks)


def _asked(ask: Ask, words: Words) -> str:
    role = words.term("role", ask.role)
    return f"{role} ({words.term('side', ask.unit)})" if ask.unit else role
