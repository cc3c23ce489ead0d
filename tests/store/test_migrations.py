"""The tables come from numbered migrations; a register of another shape is refused plainly."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from assetctl.acts import handovers, parties
from assetctl.errors import (
    AssetctlError,
    ConfigError,
    StoreMissingError,
    StoreNewerError,
    StoreOutdatedError,
    StoreUnavailableError,
)
from assetctl.store import migrate
from assetctl.store.engine import Store
from assetctl.store.genesis import write_genesis
from assetctl.store.tables import SCHEMA
from tests.store.world import World


def revision(store: Store) -> str | None:
    with store.shaping() as connection:
        return migrate.revision(connection)


def drift(store: Store) -> list[str]:
    with store.shaping() as connection:
        return migrate.drift(connection)


def schema_of(store: Store) -> list[tuple[str, ...]]:
    """Return every table, index and trigger as the database itself describes it."""
    query = (
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
        if store.is_sqlite
        else "SELECT table_name, column_name, data_type || is_nullable FROM "
        "information_schema.columns WHERE table_schema = 'public' UNION ALL "
        "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal"
    )
    with store.engine.connect() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql(query))


def test_the_newest_migration_is_the_one_this_program_needs() -> None:
    assert migrate.head() == SCHEMA


def test_from_empty_to_what_the_program_expects(url: str) -> None:
    store = Store(url)
    assert migrate.upgrade(store) == (None, SCHEMA)
    assert drift(store) == []
    assert revision(store) == SCHEMA
    store.close()


def test_upgrading_again_changes_nothing(world: World) -> None:
    asset = world.asset()
    schema, contents = schema_of(world.store), world.contents()
    assert migrate.upgrade(world.store) == (SCHEMA, SCHEMA)
    assert schema_of(world.store) == schema
    assert world.contents() == contents
    world.do(handovers.move, assets=[asset], to="B1")


UPGRADE = """
import sys
from assetctl.store import migrate
from assetctl.store.engine import Store
print("ready", flush=True)
sys.stdin.readline()
print(migrate.upgrade(Store(sys.argv[1]))[1])
"""


def test_two_processes_that_upgrade_at_once_make_it_once(url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert said == [f"{SCHEMA}\n"] * 2
    with closing(Store(url)) as store:
        assert drift(store) == []


def test_drift_is_seen(world: World) -> None:
    world.run_sql("DROP INDEX ix_asset_holder_asset_id", "ALTER TABLE party ADD COLUMN stray TEXT")
    found = " ".join(drift(world.store))
    assert "ix_asset_holder_asset_id" in found
    assert "stray" in found


# --- registers that are not there, or not of this shape -------------------------------------


def use_at(address: str, how: str) -> None:
    with closing(Store(address)) as store:
        use(store, how)


def use(store: Store, how: str) -> None:
    """Read or write the first thing that comes to mind."""
    if how == "reading":
        with store.reading() as connection:
            connection.exec_driver_sql("SELECT asset_id, holder FROM asset").all()
    else:
        with store.writing() as tx:
            tx.connection.exec_driver_sql("SELECT asset_id, holder FROM asset").all()


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_a_register_that_was_never_made(url: str, how: str) -> None:
    store = Store(url)
    with pytest.raises(StoreMissingError) as caught:
        use(store, how)
    assert caught.value.facts == {"db": store.address}
    store.close()


def test_looking_for_a_register_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "register.db"
    for how in ("reading", "writing"):
        with pytest.raises(StoreMissingError):
            use_at(f"sqlite:///{path}", how)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_an_empty_file_is_no_register(tmp_path: Path, how: str) -> None:
    path = tmp_path / "register.db"
    path.touch()
    with pytest.raises(StoreMissingError):
        use_at(f"sqlite:///{path}", how)


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, how: str) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(StoreUnavailableError):
        use_at(f"sqlite:///{path}", how)


def test_a_register_whose_making_was_cut_short_is_missing(url: str) -> None:
    store = Store(url)
    migrate.upgrade(store)
    with pytest.raises(StoreMissingError):
        use(store, "writing")
    store.close()


OTHER_SHAPES = [("0000", StoreOutdatedError), ("9999", StoreNewerError)]


@pytest.mark.parametrize(("found", "error"), OTHER_SHAPES)
def test_nothing_is_written_into_a_register_of_another_shape(
    world: World, found: str, error: type[AssetctlError]
) -> None:
    world.run_sql(f"UPDATE alembic_version SET version_num = '{found}'")
    newcomer = World(Store(world.url), world.stamp)
    with closing(newcomer.store), pytest.raises(error) as caught:
        newcomer.do(parties.add_place, code="N", name="N")
    assert caught.value.facts == {"db": world.store.address, "found": found, "needed": SCHEMA}


@pytest.mark.parametrize(("found", "error"), OTHER_SHAPES)
def test_what_another_shape_lacks_is_put_down_to_the_shape(
    world: World, found: str, error: type[AssetctlError]
) -> None:
    world.run_sql(
        f"UPDATE alembic_version SET version_num = '{found}'",
        "ALTER TABLE asset RENAME COLUMN holder TO held_by",
    )
    with pytest.raises(error) as caught:
        use(world.store, "reading")
    assert caught.value.facts["found"] == found


def test_a_damaged_register_of_this_shape_is_unavailable(world: World) -> None:
    world.run_sql("ALTER TABLE asset RENAME COLUMN holder TO held_by")
    with pytest.raises(StoreUnavailableError):
        use(world.store, "reading")


def test_a_newer_register_is_not_upgraded_but_refused(world: World) -> None:
    world.run_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(AssetctlError):
        migrate.upgrade(world.store)
    assert revision(world.store) == "9999"


@pytest.mark.parametrize("address", ["nonsense", "oracle9://x", "", "sqlite+nothing:///x"])
def test_an_address_that_means_nothing_is_a_fault_of_the_settings(address: str) -> None:
    with pytest.raises(ConfigError):
        Store(address)


def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        store = Store(f"{scheme}://nobody:hidden@/x?host={tmp_path}")
        with pytest.raises(StoreUnavailableError) as caught:
            use(store, "writing")
        assert "hidden" not in str(caught.value)
        store.close()


def test_the_trigger_refuses_before_and_after_an_upgrade(world: World) -> None:
    migrate.upgrade(world.store)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        world.run_sql("DELETE FROM history")


def test_a_register_of_the_first_shape_is_upgraded_with_what_it_holds(url: str) -> None:
    from alembic import command

    with closing(Store(url)) as store:
        with store.shaping() as connection:
            command.upgrade(migrate._config(connection), "0001")
            connection.exec_driver_sql(
                "INSERT INTO tag (asset_id, carrier, code, issue, state) "
                "VALUES ('K7M29QXD4F', 'qr', 'K7M29QXD4F', 1, 'bound')"
            )
        assert migrate.upgrade(store) == ("0001", SCHEMA)
        assert drift(store) == []
        with store.shaping() as connection:
            rows = connection.exec_driver_sql("SELECT code, issue, state, prints FROM tag").all()
        assert [tuple(row) for row in rows] == [("K7M29QXD4F", 1, "bound", None)]


def test_a_register_from_before_audits_is_upgraded_with_what_it_holds(url: str) -> None:
    from alembic import command

    with closing(Store(url)) as store:
        with store.shaping() as connection:
            command.upgrade(migrate._config(connection), "0002")
            connection.exec_driver_sql(
                "INSERT INTO attachment (asset_id, sha256, role, media_type, byte_count, "
                "attached_at) VALUES ('K7M29QXD4F', 'a', 'photo', 'image/png', 1, '2026')"
            )
        assert migrate.upgrade(store) == ("0002", SCHEMA)
        assert drift(store) == []
        with store.shaping() as connection:
            rows = connection.exec_driver_sql("SELECT sha256, erased_at FROM attachment").all()
        assert [tuple(row) for row in rows] == [("a", None)]


def test_a_register_of_the_second_shape_gets_counts_and_keeps_its_assets(url: str) -> None:
    from alembic import command

    columns = (
        "asset_id, name, scheme, class_code, state, owner, holder, held_since, registered_at, "
        "changed_at, changes"
    )
    with closing(Store(url)) as store:
        with store.shaping() as connection:
            command.upgrade(migrate._config(connection), "0002")
            write_genesis(connection, origin="test/log", nonce=bytes(32), vkey="test+0+A")
            connection.exec_driver_sql(
                f"INSERT INTO asset ({columns}) VALUES "
                "('K7M29QXD4F', '桌', 's', 'A', 'idle', 'U1', 'U1', 't1', 't1', 't2', 3)"
            )
        with pytest.raises(StoreOutdatedError):
            use(store, "writing")
        assert migrate.upgrade(store) == ("0002", SCHEMA)
        assert drift(store) == []
        with store.shaping() as connection:
            query = f"SELECT {columns}, counted_at, counted_place FROM asset"
            (row,) = connection.exec_driver_sql(query).all()
        assert tuple(row) == (
            "K7M29QXD4F", "桌", "s", "A", "idle", "U1", "U1", "t1", "t1", "t2", 3, None, None,
        )  # fmt: skip
