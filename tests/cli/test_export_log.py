"""export log: the whole signed log as a folder, complete or not at all, growing by adding only."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import parse_note
from assetctl.offline import verify
from assetctl.reads.tiles import tile_path
from tests.conftest import Register, make_register


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path inside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def proven(folder: Path, *arguments: str | Path) -> int:
    return verify.main([str(folder), *map(str, arguments)])


def fill(register: Register, count: int) -> None:
    """Register so many bookshelves from a list."""
    rows = [f"书架{number},A05010201,U1,W1" for number in range(count)]
    path = register.home / "list.csv"
    path.write_text("名称,分类代码,权属单位,存放地点\n" + "\n".join(rows) + "\n", "utf-8")
    register.ok("import", "assets", path)


def size_of(folder: Path) -> int:
    note = parse_note((folder / "checkpoint").read_text(encoding="utf-8"))
    return parse_checkpoint(note.text).size


def test_without_a_checkpoint_there_is_nothing_to_export(
    register: Register, tmp_path: Path
) -> None:
    out = tmp_path / "log"
    error = register.fails(8, "export", "log", "--out", out)
    assert error["code"] == "checkpoint.missing"
    assert "assetctl seal" in error["message"]
    assert not out.exists()


def test_a_signed_log_is_exported_and_proven(register: Register, tmp_path: Path) -> None:
    fill(register, 300)
    register.ok("seal")
    one = register.register()  # after the checkpoint: left out
    out = tmp_path / "log"
    told = register.ok("export", "log", "--out", out)
    size = told["size"]
    assert size == size_of(out) > 300
    assert told["before"] == 0
    there = files(out)
    assert not any(one.encode() in data for data in there.values())
    expected = {"checkpoint", "policy", "README.txt", "verify.py"}
    for level in (0, 1, "entries"):
        count = size // 256 if level == 1 else size
        expected |= {tile_path(level, n) for n in range(count // 256)}
        if count % 256:
            expected.add(tile_path(level, count // 256, count % 256))
    assert there.keys() == expected
    assert there["verify.py"] == Path(verify.__file__).read_bytes()
    assert there["policy"] == (register.home / "policy").read_bytes()
    assert "核验".encode() in there["README.txt"]
    assert b"To check it" in there["README.txt"]
    assert proven(out, "--policy", register.home / "policy") == 0


def test_a_later_export_adds_only(register: Register, tmp_path: Path) -> None:
    out, old = tmp_path / "log", tmp_path / "old"
    register.ok("seal")
    before = register.ok("export", "log", "--out", out)["size"]
    first = files(out)
    shutil.copy(out / "checkpoint", old)
    fill(register, 300)
    register.ok("seal")
    told = register.ok("export", "log", "--out", out)
    assert (told["before"], told["size"]) == (before, size_of(out))
    assert told["size"] > before
    later = files(out)
    tiles = {name: data for name, data in first.items() if name.startswith("tile/")}
    assert tiles
    assert {name: later.get(name) for name in tiles} == tiles
    assert proven(out, "--against", old) == 0
    again = register.ok("export", "log", "--out", out)
    assert again["before"] == again["size"]
    assert files(out) == later
    fresh = tmp_path / "fresh"
    register.ok("export", "log", "--out", fresh)
    new = files(fresh)
    assert {name: later.get(name) for name in new} == new
    assert all(".p/" in name for name in later.keys() - new.keys())


def test_personal_data_goes_along_only_if_asked_for(register: Register, tmp_path: Path) -> None:
    one = register.register()
    register.ok("checkout", one, "--to", "P1", "--note", "带电源线")
    register.ok("seal")
    register.ok("checkin", one, "--note", "后来")
    out = tmp_path / "log"
    register.ok("export", "log", "--out", out, "--disclosures")
    lines = (out / "disclosures.txt").read_text(encoding="utf-8").splitlines()
    told = [_value(one) for one in lines]
    assert "带电源线" in told
    assert "后来" not in told, "after the checkpoint"
    assert proven(out) == 0
    register.ok("export", "log", "--out", out)
    assert not (out / "disclosures.txt").exists()
    assert proven(out) == 0


def _value(disclosure: str) -> str:
    text = base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))
    return str(json.loads(text)[2])


def test_other_folders_are_left_alone(
    desk: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.ok("seal")
    out = tmp_path / "log"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    assert desk.fails(5, "export", "log", "--out", out)["code"] == "folder.in_use"
    (out / "checkpoint").write_text("no note", encoding="utf-8")
    assert desk.fails(5, "export", "log", "--out", out)["code"] == "folder.in_use"
    assert files(out) == {"mine.txt": b"mine", "checkpoint": b"no note"}
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    assert desk.fails(5, "export", "log", "--out", file)["code"] == "folder.in_use"
    home = tmp_path / "other"
    home.mkdir()
    (home / "config.toml").write_text('origin = "other.test/log"\n', encoding="utf-8")
    other = make_register(home, f"sqlite:///{tmp_path / 'other.db'}", capsys)
    other.ok("seal")
    theirs = tmp_path / "theirs"
    other.ok("export", "log", "--out", theirs)
    before = files(theirs)
    assert desk.fails(5, "export", "log", "--out", theirs)["code"] == "folder.in_use"
    assert files(theirs) == before
    assert desk.fails(8, "export", "log", "--out", file / "log")["code"] == "store.unavailable"


def test_an_earlier_export_of_another_history(desk: Register, tmp_path: Path) -> None:
    """The register was put back to an older copy and went on from there: that is not the log."""
    database, copy = tmp_path / "register.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(database, copy)
    desk.register("甲")
    desk.ok("seal")
    out = tmp_path / "log"
    desk.ok("export", "log", "--out", out)
    before = files(out)
    for more in ("-wal", "-shm"):
        Path(f"{database}{more}").unlink(missing_ok=True)
    shutil.copy(copy, database)
    for kept in (*(desk.home / "signer").glob("last-*"), desk.home / "signer" / "signed"):
        kept.unlink()  # whoever can do this can have a fork signed
    desk.register("乙")
    desk.register("丙")
    desk.ok("seal")
    error = desk.fails(7, "export", "log", "--out", out)
    assert error["code"] == "history.broken"
    assert files(out) == before


def test_what_does_not_lead_to_the_signed_root_is_not_exported(
    desk: Register, tmp_path: Path
) -> None:
    one = desk.register()
    desk.ok("seal")
    grown = tmp_path / "grown"
    desk.ok("export", "log", "--out", grown)
    before = files(grown)
    desk.register()
    desk.ok("seal")
    store = desk.store
    with store.engine.begin() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(
            sa.text(
                "UPDATE history SET entry = CAST(replace(entry, 'U1', 'U2') AS BLOB)"
                " WHERE subject = :one"
            ),
            {"one": f"asset:{one}"},
        )
    store.close()
    out = tmp_path / "log"
    error = desk.fails(7, "export", "log", "--out", out)
    assert error["code"] == "history.broken"
    assert [path.name for path in tmp_path.iterdir() if "log" in path.name] == []
    assert desk.fails(7, "export", "log", "--out", grown)["code"] == "history.broken"
    assert files(grown) == before, "what was added is taken away again"


def test_a_file_of_an_earlier_export_that_was_changed(desk: Register, tmp_path: Path) -> None:
    desk.ok("seal")
    out = tmp_path / "log"
    size = desk.ok("export", "log", "--out", out)["size"]
    fill(desk, 300)
    desk.ok("seal")
    wrong = out / "tile" / "0" / "000"
    wrong.write_bytes(b"x")
    before = files(out)
    error = desk.fails(5, "export", "log", "--out", out)
    assert (error["code"], error["details"]["file"]) == ("folder.in_use", "tile/0/000")
    assert files(out) == before
    wrong.unlink()
    assert desk.ok("export", "log", "--out", out)["before"] == size
    assert proven(out) == 0


def test_what_a_killed_export_left_is_cleared_away(desk: Register, tmp_path: Path) -> None:
    desk.ok("seal")
    left = tmp_path / ".log.new"
    (left / "tile").mkdir(parents=True)
    (left / "tile" / "torn").write_bytes(b"x")
    out = tmp_path / "log"
    out.mkdir()
    desk.ok("export", "log", "--out", out)
    assert not left.exists()
    assert proven(out) == 0


def test_a_dry_run_keeps_nothing(desk: Register, tmp_path: Path) -> None:
    desk.ok("seal")
    out = tmp_path / "log"
    desk.ok("export", "log", "--out", out, "--dry-run")
    assert not out.exists()
    desk.ok("export", "log", "--out", out)
    before = files(out)
    desk.register()
    desk.ok("seal")
    desk.ok("export", "log", "--out", out, "--dry-run")
    assert files(out) == before


def test_it_is_told_to_people(desk: Register, tmp_path: Path) -> None:
    desk.ok("seal")
    out = tmp_path / "log"
    answer = desk("export", "log", "--out", out)
    assert answer.code == 0
    assert f"Check it with: python3 verify.py {out}" in answer.out
    assert "核验方法" in desk("export", "log", "--out", out, lang="zh").out
