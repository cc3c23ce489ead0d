"""Full disks, dead servers, ruined files, lost keys: exit 8, a reason, and nothing half done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from assetctl.errors import StoreUnavailableError
from assetctl.store import engine
from tests.conftest import PostgreSQL, Register, make_register, postgresql_programs


def _entries(register: Register) -> int:
    return int(register.ok("verify", "--replay")["entries"])


# --- disk ----------------------------------------------------------------------------------


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that every new SQLite connection begins with."""
    statements: list[str] = []
    configure = engine._configure_sqlite

    def connect(connection: Any, record: object) -> None:
        configure(connection, record)
        for statement in statements:
            connection.execute(statement)

    monkeypatch.setattr(engine, "_configure_sqlite", connect)
    return statements


def _pages(register: Register) -> int:
    store = register.store
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    store.close()
    return int(pages)


def test_a_full_disk_refuses_the_act_and_keeps_the_register_whole(
    desk: Register, limit: list[str]
) -> None:
    asset = desk.register()
    before = _entries(desk)
    limit.append(f"PRAGMA max_page_count = {_pages(desk)}")
    done = 0
    for _ in range(40):
        answer = desk("register", "--name", "长" * 400, "--class", "A02010105", "--owner", "U1",
                      "--json")  # fmt: skip
        if answer.code:
            break
        done += 1
    assert answer.code == 8
    assert answer.error["code"] == "store.unavailable"
    assert "full" in answer.error["details"]["reason"]
    assert _entries(desk) == before + done
    limit.clear()
    desk.ok("checkout", asset, "--to", "P1")
    assert _entries(desk) == before + done + 1


def test_a_disk_that_fills_up_during_an_import_keeps_nothing_of_it(
    desk: Register, limit: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    rows = "".join(f"办公桌{row},A05010201,U1,K{row}\n" for row in range(2000))
    file.write_text("name,class,owner,card_no\n" + rows, encoding="utf-8")
    before = _entries(desk)
    limit.append(f"PRAGMA max_page_count = {_pages(desk) + 50}")
    assert desk.fails(8, "import", "assets", file)["code"] == "store.unavailable"
    assert _entries(desk) == before
    limit.clear()
    assert desk.ok("import", "assets", file)["added"] == 2000


def test_a_register_that_may_only_be_read_is_read_and_refuses_acts(
    desk: Register, limit: list[str]
) -> None:
    asset = desk.register()
    limit.append("PRAGMA query_only = ON")
    error = desk.fails(8, "checkout", asset, "--to", "P1")
    assert error["code"] == "store.unavailable"
    assert desk.ok("show", asset)[0]["state"] == "in_store"
    assert desk.ok("verify", "--replay")["replayed"]


@pytest.mark.skipif(os.getuid() == 0, reason="permissions do not bind root")
def test_a_folder_that_may_only_be_read_gives_exit_8(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    tmp_path.chmod(0o500)
    try:
        assert desk.fails(8, "checkout", asset, "--to", "P1")["code"] == "store.unavailable"
    finally:
        tmp_path.chmod(0o700)


def test_a_lock_file_that_cannot_be_opened_gives_exit_8(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    lock = tmp_path / "register.db.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    assert desk.fails(8, "checkout", asset, "--to", "P1")["code"] == "store.unavailable"
    assert desk.ok("show", asset)[0]["state"] == "in_store"


def test_a_folder_where_the_register_should_be_gives_exit_8(desk: Register, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert desk.fails(8, "find", "--db", f"sqlite:///{folder}")["code"].startswith("store.")


# --- ruined files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096, b"\0" * 512],
)
def test_a_file_that_is_no_register_gives_exit_8_and_is_left_alone(
    desk: Register, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "ruined.db"
    file.write_bytes(content)
    for line in (("find",), ("verify",), ("checkout", "K7M2-9QXD-4F", "--to", "P1")):
        error = desk.fails(8, *line, "--db", f"sqlite:///{file}")
        assert error["code"] in ("store.unavailable", "store.missing")
    assert file.read_bytes() == content


def test_a_register_ruined_in_the_middle_gives_exit_7_or_8(desk: Register, tmp_path: Path) -> None:
    for _ in range(20):
        desk.register("长" * 100)
    store = desk.store
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    file = tmp_path / "register.db"
    data = bytearray(file.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    file.write_bytes(data)
    assert desk("verify", "--replay", "--json").code in (7, 8)


def test_no_register_at_all_gives_exit_8_and_makes_none(desk: Register, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "register.db"
    for line in (("find",), ("checkout", "x", "--to", "P1"), ("db", "check"), ("verify",)):
        error = desk.fails(8, *line, "--db", f"sqlite:///{file}")
        assert error["code"] == "store.missing", line
        assert not file.exists(), line


# --- PostgreSQL ----------------------------------------------------------------------------


def _change_while_it_stops(store: engine.Store, server: PostgreSQL) -> None:
    with store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE asset SET holder = 'P2'")
        server._run("pg_ctl", "-D", str(server._folder / "data"), "-m", "immediate", "stop")


def test_a_server_that_goes_away_gives_exit_8_and_comes_back_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    server = PostgreSQL(programs, options="")
    server.start()
    try:
        register = make_register(tmp_path / "home", server.new_database(), capsys)
        asset = register.register()
        store = register.store
        with pytest.raises(StoreUnavailableError):
            _change_while_it_stops(store, server)
        store.close()
        for line in (("show", asset), ("checkout", asset, "--to", "P1"), ("verify",)):
            assert register.fails(8, *line)["code"] == "store.unavailable"
        options = f"-k {server._folder} -c listen_addresses=''"
        server._run("pg_ctl", "-D", str(server._folder / "data"), "-l",
                    str(server._folder / "log"), "-w", "-o", options, "start")  # fmt: skip
        assert register.ok("show", asset)[0]["holder"] == "U1"
        register.ok("checkout", asset, "--to", "P1")
        assert register.ok("verify", "--replay")["replayed"]
    finally:
        server.stop()


def test_a_server_nobody_answers_at_gives_exit_8(desk: Register, tmp_path: Path) -> None:
    address = f"postgresql://postgres@/none?host={tmp_path}"
    assert desk.fails(8, "find", "--db", address)["code"] == "store.unavailable"


# --- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"zz", b"00", b"\xff\xfe", b"00" * 31, b"00" * 33, "密钥".encode()]
)
def test_a_ruined_key_is_named_and_nothing_is_signed_with_it(
    desk: Register, content: bytes, tmp_path: Path
) -> None:
    asset = desk.register()
    key = desk.home / "keys" / "tag-0"
    key.write_bytes(content)
    error = desk.fails(8, "label", "png", asset, "--out", tmp_path / "label.png")
    assert error["code"] == "key.missing"
    assert error["details"]["key"] == "tag-0"
    assert not (tmp_path / "label.png").exists()


@pytest.mark.parametrize("content", [b"", b"zz", b"\xff\xfe"])
def test_the_doctor_finds_a_ruined_key(desk: Register, content: bytes) -> None:
    (desk.home / "keys" / "tag-0").write_bytes(content)
    answer = desk("doctor", "--json")
    assert answer.code == 9
    (keys,) = (part for part in answer.data if part["part"] == "keys")
    assert keys["status"] != "ok"


def test_a_lost_key_leaves_the_register_readable(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    payload = desk.ok("show", asset)[0]["payload"]
    (desk.home / "keys" / "tag-0").unlink()
    assert desk.ok("show", asset)[0]["payload"] is None
    assert desk.fails(8, "show", payload)["code"] == "payload.key_missing"
    assert (
        desk.fails(8, "label", "png", asset, "--out", tmp_path / "x.png")["code"] == "key.missing"
    )
    desk.ok("checkout", asset, "--to", "P1")


def test_a_copy_of_a_key_beside_it_does_not_take_its_place(desk: Register) -> None:
    asset = desk.register()
    payload = desk.ok("show", asset)[0]["payload"]
    (desk.home / "keys" / "tag-0.bak").write_text("00" * 32)
    (desk.home / "keys" / "tag-0~").write_text("no key")
    shown = desk.ok("show", payload)[0]
    assert shown["asset_id"] == asset
    assert shown["payload"] == payload


def test_init_does_not_replace_a_key_that_is_there(desk: Register) -> None:
    asset = desk.register()
    before = desk.ok("show", asset)[0]["payload"]
    desk.ok("init")
    assert desk.ok("show", asset)[0]["payload"] == before
