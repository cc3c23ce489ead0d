"""db upgrade | check | path: the register's database."""

from __future__ import annotations

import typer

from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.views import lines
from assetctl.errors import StoreMissingError
from assetctl.i18n import N_

app = typer.Typer(help=N_("The register's database: upgrade, check, path."))
groups = {"db": app}


@app.command()
def upgrade(ctx: typer.Context) -> Answer:
    """Bring the tables to the shape this program needs."""
    from assetctl.store import migrate

    world: Context = ctx.obj
    before, after = migrate.upgrade(world.store)
    return Answer(
        data={"before": before, "after": after},
        view=lines(
            lambda words: words.say(
                N_("The tables have schema {after} (before: {before})."),
                after=after, before=before or "-",
            )
        ),
    )  # fmt: skip


@app.command()
def check(ctx: typer.Context) -> Answer:
    """Compare the tables to those this program needs."""
    from assetctl.store import migrate

    world: Context = ctx.obj
    with world.reading() as connection:
        found = migrate.revision(connection)
        if found is None:
            raise StoreMissingError(db=world.store.address)
        if found != migrate.head():
            raise world.store.misfit(found)
        differences = migrate.drift(connection)
    return Answer(
        data={"schema": found, "differences": differences},
        view=lambda words: (
            differences
            or [words.say(N_("The tables are as they should be (schema {schema})."), schema=found)]
        ),
        findings=bool(differences),
    )


@app.command()
def path(ctx: typer.Context) -> Answer:
    """Say where the register lies."""
    world: Context = ctx.obj
    address = world.store.address
    return Answer(data={"db": address}, view=lines(lambda _words: address))
