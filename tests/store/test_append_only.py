"""History and log take new rows only, whoever writes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from assetctl.store.seal import seal
from assetctl.store.tables import APPEND_ONLY
from tests.store.world import World

COLUMN = {"history": "entry", "log": "entry", "leaf": "idx"}
KEY = {"history": "event_id", "log": "origin", "leaf": "event_id"}

CHANGES = {
    "update": "UPDATE {table} SET {column} = {column}",
    "update one": "UPDATE history SET seq = seq + 1 WHERE subject = 'party:P1'",
    "delete": "DELETE FROM {table}",
    "delete one": "DELETE FROM history WHERE subject = 'party:P1'",
}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", CHANGES)
def test_changing_or_deleting_is_refused(world: World, table: str, change: str) -> None:
    with world.store.writing() as tx:
        seal(tx)
    before = world.contents()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        world.run_sql(CHANGES[change].format(table=table, column=COLUMN[table]))
    assert world.contents() == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_emptying_is_refused(world: World, table: str) -> None:
    if world.store.is_sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    before = world.contents()
    for statement in (f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            world.run_sql(statement)
    assert world.contents() == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_putting_another_row_in_the_place_of_one_is_refused(world: World, table: str) -> None:
    with world.store.writing() as tx:
        seal(tx)
    key, column = KEY[table], COLUMN[table]
    columns = sa.inspect(world.store.engine).get_columns(table)
    names = [column["name"] for column in columns]
    values = ", ".join("'0'" if name == "actor" else name for name in names)
    into = f"{table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE true"
    before = world.contents()
    statements = [
        f"INSERT INTO {into} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
    ]
    if world.store.is_sqlite:
        statements += [f"INSERT OR REPLACE INTO {into}", f"REPLACE INTO {into}"]
    for statement in statements:
        with pytest.raises(sa.exc.DBAPIError):
            world.run_sql(statement)
        assert world.contents() == before


def test_a_gap_in_a_chain_cannot_be_filled_twice(world: World) -> None:
    names = [
        column.name
        for column in sa.inspect(
            sa.Table("history", sa.MetaData(), autoload_with=world.store.engine)
        ).columns
    ]
    values = ", ".join("'new'" if name == "event_id" else name for name in names)
    with pytest.raises(sa.exc.IntegrityError):
        world.run_sql(
            f"INSERT INTO history ({', '.join(names)}) SELECT {values} FROM history "
            "WHERE subject = 'party:P1'"
        )
