"""Registers to measure on: made through the program itself, in temporary folders and servers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from assetctl.acts.register import NewAsset
from assetctl.acts.register import register as register_asset
from assetctl.cli import clock
from assetctl.cli.app import main
from assetctl.domain.chain import instant
from assetctl.domain.request import Stamp
from assetctl.store.engine import Store
from tests.conftest import PostgreSQL, postgresql_programs

CLASS = "A02010105"
UNIT, PERSON, WAREHOUSE = "U1", "P1", "W1"
_NAMES = ("台式计算机", "便携式计算机", "激光打印机", "办公桌", "文件柜", "空调机")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register: its folder, its database, and the ids of its assets."""

    home: Path
    url: str
    assets: list[str]

    @property
    def path(self) -> Path:
        """The file of an SQLite register."""
        return Path(make_url(self.url).database or "")

    def command(self, *arguments: str | Path) -> Any:
        """Run a command line in this process; return its JSON payload.

        Raises:
            RuntimeError: it failed.
        """
        written = StringIO()
        with redirect_stdout(written):
            code = main([*self.options, *map(str, arguments), "--json"])
        if code:
            message = f"assetctl {' '.join(map(str, arguments))}: {code}\n{written.getvalue()}"
            raise RuntimeError(message)
        return json.loads(written.getvalue())["data"]

    @property
    def options(self) -> list[str]:
        """The options that lead a command line to this register."""
        return ["--home", str(self.home), "--db", self.url, "--as", PERSON, "--lang", "en"]


def new_register(home: Path, url: str = "", *, assets: int = 0) -> Register:
    """Make a register with a unit, a person, a warehouse, and so many assets that lie there."""
    home.mkdir(parents=True, exist_ok=True)
    register = Register(home=home, url=url or f"sqlite:///{home / 'register.db'}", assets=[])
    register.command("init")
    register.command("party", "add", UNIT, "--name", "样例机关事务管理中心", "--kind", "unit")
    register.command("place", "add", WAREHOUSE, "--name", "一号公物仓")
    if assets:
        store = Store(register.url)
        with store.writing() as tx:
            for number in range(assets):
                new = NewAsset(
                    name=_NAMES[number % len(_NAMES)], class_code=CLASS, owner=UNIT,
                    place=WAREHOUSE, card_no=f"K{number:08}",
                    values={"model": f"型号{number % 97}", "value": f"{number % 9000 + 100}.00"},
                )  # fmt: skip
                done = register_asset(
                    tx, new=new, stamp=new_stamp(), new_asset_id=clock.new_asset_id
                )
                register.assets.append(done.events[0].subject.partition(":")[2])
        store.close()
    return register


def new_stamp() -> Stamp:
    """Return the stamp of a fresh request, as the command line makes it."""
    rec = instant(clock.now())
    return Stamp(
        actor=PERSON, at=rec, rec=rec, request_id=clock.new_event_id(), station="bench",
        new_id=clock.new_event_id, new_salt=clock.new_salt,
    )  # fmt: skip


def copy_sqlite(source: Path, target: Path) -> Path:
    """Copy an SQLite register for the baseline: same rows, same indexes, same log mode."""
    target.parent.mkdir(parents=True, exist_ok=True)
    before, after = sqlite3.connect(source), sqlite3.connect(target)
    before.backup(after)
    after.execute("PRAGMA journal_mode=WAL")
    before.close()
    after.close()
    return target


@contextmanager
def postgresql() -> Iterator[PostgreSQL | None]:
    """Give a PostgreSQL server that keeps what it acknowledges; None where none is installed."""
    programs = postgresql_programs()
    if programs is None:
        yield None
        return
    server = PostgreSQL(programs, "-c fsync=on -c synchronous_commit=on")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def server_folder(url: str) -> Path:
    """Return the folder of the server that an address made by it leads to."""
    return Path(str(make_url(url).query["host"]))
