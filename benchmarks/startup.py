"""Start-up: `assetctl show ID --json` against the least a typer and SQLAlchemy program can be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import sqlalchemy as sa

from assetctl.store.tables import alias, asset, attachment, tag
from benchmarks.registers import new_register
from benchmarks.timing import Row, cost_of_process, in_turns, milliseconds, rows_of

_HEAD = '''\
"""Show an asset: a typer command that makes four selects and prints JSON."""

import json
from typing import Annotated

import sqlalchemy as sa
import typer

metadata = sa.MetaData()
'''
_TAIL = '''
app = typer.Typer(add_completion=False)


@app.command()
def show(
    url: str, asset_id: str, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Show an asset in full."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(asset.select().where(asset.c.asset_id == asset_id)).one()
        answer = dict(found._mapping)
        for table in (tag, alias, attachment):
            wanted = table.select().where(table.c.asset_id == asset_id)
            answer[table.name] = [dict(row._mapping) for row in connection.execute(wanted)]
    print(json.dumps(answer, ensure_ascii=False, indent=2))


app()
'''


def startup(folder: Path, *, quick: bool) -> list[Row]:
    """Measure whole processes, their bytecode compiled beforehand."""
    register = new_register(folder / "home", assets=20)
    program = folder / "bare.py"
    program.write_text(_HEAD + "".join(map(_definition, (asset, tag, alias, attachment))) + _TAIL)
    one = register.assets[0]
    script = Path(sys.executable).with_name("assetctl")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "assetctl"]
    ours = [*start, *register.options, "show", one, "--json"]
    base = [sys.executable, str(program), register.url, one, "--json"]
    # The folder that the bytecode goes to is ours, so that nothing is written beside the sources.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in (ours, base):
        cost_of_process(command, environment)
    pairs = in_turns(
        lambda: cost_of_process(ours, environment), lambda: cost_of_process(base, environment),
        rounds=11 if quick else 21,
    )  # fmt: skip
    return rows_of("startup: show --json", pairs, show=milliseconds, speed=False, at_most=1.3)


def _definition(table: sa.Table) -> str:
    columns = [
        f'    sa.Column("{column.name}", sa.{type(column.type).__name__}'
        f"{', primary_key=True' if column.primary_key else ''}),"
        for column in table.columns
    ]
    lines = [f"{table.name} = sa.Table(", f'    "{table.name}", metadata,', *columns, ")", ""]
    return "\n".join(lines)
