"""role grant | revoke | list: who may do what, as history knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assetctl.acts import roles as acts
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Table, Words
from assetctl.cli.views import receipt_answer
from assetctl.i18n import N_
from assetctl.reads.roles import Grant, grants

app = typer.Typer(help=N_("Roles of people, granted and revoked as history."))
groups = {"role": app}

Code = Annotated[str, typer.Argument(help=N_("Staff number of the person."))]
Role = Annotated[str, typer.Argument(metavar="ROLE", help=N_("Role, such as warehouse_keeper."))]


@app.command()
def grant(
    ctx: typer.Context,
    code: Code,
    role: Role,
    *,
    doc: Annotated[
        str | None, typer.Option(help=N_("Number of the document that says so."))
    ] = None,
) -> Answer:
    """Give a person a role; the three administrators are different persons."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = acts.grant(tx, code=code, role=role, doc=doc, stamp=world.stamp())
    return receipt_answer(receipt)


@app.command()
def revoke(
    ctx: typer.Context,
    code: Code,
    role: Role,
    *,
    doc: Annotated[str, typer.Option(help=N_("Number of the document that says so."))],
) -> Answer:
    """Take a role away from a person, under a document."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = acts.revoke(tx, code=code, role=role, doc=doc, stamp=world.stamp())
    return receipt_answer(receipt)


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    ended: Annotated[
        bool, typer.Option("--all", help=N_("Those that were revoked as well."))
    ] = False,
) -> Answer:
    """List who has which role."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = grants(connection, ended=ended)
    return Answer(data=found, view=lambda words: [_table(found, words)])


def _table(found: Sequence[Grant], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Role")), say(N_("Code")), say(N_("Since")), say(N_("Ended"))],
        rows=[
            [words.term("role", one.role), one.code, words.time(one.granted_at),
             words.time(one.revoked_at) if one.revoked_at else ""]
            for one in found
        ],
    )  # fmt: skip
