"""An older database put back, or another history written into it, cannot have its head signed.

The memory of the signer lies outside the database: that is all there is to it, and all that is
needed. Tried through `assetctl seal` on both databases, with the keys at home and as a process.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assetctl.store.engine import Store
from tests.conftest import PostgreSQL, Register, make_register
from tests.faults.tampering import Admin, disarm

Restored = tuple[Register, Register]


@pytest.fixture(params=["sqlite", "postgresql"])
def copied(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Restored]:
    """Give a register and a copy of its database as it was: both with one home and its signer."""
    home = tmp_path / "home"
    server: PostgreSQL | None = None
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'register.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.new_database()
    register = make_register(home, url, capsys)

    def copy() -> Restored:
        if server is not None:
            return register, Register(home, server.copy_of(url), capsys)
        store = Store(url)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        shutil.copy(tmp_path / "register.db", tmp_path / "older.db")
        return register, Register(home, f"sqlite:///{tmp_path / 'older.db'}", capsys)

    return copy


@pytest.fixture(params=["at home", "as a process"])
def elsewhere(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Put the signer where it is tried: into a directory that only its own process knows."""

    def move(register: Register) -> None:
        if request.param == "at home":
            return
        directory = register.home.parent / "signer"
        (register.home / "signer").rename(directory)
        command = [sys.executable, "-m", "assetctl", "signer", str(directory)]
        monkeypatch.setenv("ASSETCTL_SIGNER", shlex.join(command))

    return move


def holds(register: Register) -> None:
    """Check that a database holds by itself, and that the signer's memory shows what it lacks."""
    if (register.home / "signer").is_dir():
        assert register.fails(7, "verify")["code"] == "log.forked"
        (register.home / "signer").rename(register.home / "put-aside")
        register.ok("verify")
        (register.home / "put-aside").rename(register.home / "signer")
    else:
        register.ok("verify")


def test_an_older_database_is_not_signed(
    copied: Callable[[], Restored], elsewhere: Callable[..., None]
) -> None:
    register, older = copied()
    elsewhere(register)
    lost = register.register()
    (signed,) = register.ok("seal")["checkpoints"]
    # The older one holds by itself; the memory of the signer, where it is at hand, knows better.
    holds(older)
    assert older.fails(4, "show", lost)["code"] == "asset.not_found"
    error = older.fails(7, "seal")
    assert error["code"] == "log.forked"
    assert str(signed["size"]) in error["message"]
    # Nor is it once it has as many entries as were signed, or more.
    for _ in range(3):
        older.register()
        assert older.fails(7, "seal")["code"] == "log.forked"
    # The true one goes on as if nothing had been.
    register.register()
    (later,) = register.ok("seal")["checkpoints"]
    assert later["size"] == signed["size"] + 1


def test_an_older_database_that_was_signed_itself_is_not_signed_again_as_another(
    copied: Callable[[], Restored], elsewhere: Callable[..., None]
) -> None:
    """The backup holds a genuine checkpoint; what was signed after it is what counts."""
    register, _ = copied()
    elsewhere(register)
    register.ok("seal")
    register, older = copied()
    register.register()
    register.ok("seal")
    older.register()
    assert older.fails(7, "seal")["code"] == "log.forked"


def test_a_database_put_back_before_anything_new_was_signed_goes_on(
    copied: Callable[[], Restored], elsewhere: Callable[..., None]
) -> None:
    """A lawful restore: nothing had been signed since, so nothing is contradicted."""
    register, _ = copied()
    elsewhere(register)
    register.ok("seal")
    register, older = copied()
    register.register()
    older.register()
    older.ok("seal")
    assert register.fails(7, "seal")["code"] == "log.forked"  # one of the two, and never both


def test_a_history_rewritten_from_its_beginning_is_not_signed(
    copied: Callable[[], Restored], elsewhere: Callable[..., None]
) -> None:
    register, _ = copied()
    elsewhere(register)
    asset = register.register()
    register.ok("seal")
    store = register.store
    with store.engine.begin() as connection:
        disarm(connection)
        admin = Admin(connection, "", "")
        admin.rewrite(f"asset:{asset}", 1, rec="2026-01-01T00:00:00.000000Z")
        admin.run(
            "UPDATE history SET recorded_at = '2026-01-01T00:00:00.000000Z' WHERE subject = :s",
            s=f"asset:{asset}",
        )
        # A checkpoint that is kept would give it away.
        admin.run("DELETE FROM checkpoint")
    store.close()
    holds(register)  # nothing in the database speaks against it
    register.register()
    assert register.fails(7, "seal")["code"] == "log.forked"
