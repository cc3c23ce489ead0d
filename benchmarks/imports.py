"""Import of a long list against reading it and inserting the finished rows, on both databases."""

from __future__ import annotations

import csv
import gc
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import make_url

from assetctl.acts.importing.drafts import HEADERS
from assetctl.store.engine import Store
from assetctl.store.tables import asset, history
from benchmarks.registers import CLASS, UNIT, WAREHOUSE, Register, copy_sqlite, new_register
from benchmarks.registers import postgresql as server_of_our_own
from benchmarks.timing import Cost, Row, cost_of, in_turns, per_second, rows_of

_FIELDS = (
    "card_no", "name", "class", "owner", "place", "model", "brand", "serial", "measure",
    "quantity", "acquired", "value", "using_dept", "supplier", "voucher",
)  # fmt: skip
_NAMES = (
    "台式计算机",
    "便携式计算机",
    "黑白激光打印机",
    "三人位办公桌",
    "双门文件柜",
    "柜式空调机",
)
_CLASSES = (CLASS, "A02010108", "A02021003", "A05010201", "A05010502", "A02061804")
_BRANDS = ("甲牌", "乙牌", "丙牌", "丁牌")
_DEPARTMENTS = ("办公室", "财务科", "资产管理科", "信息中心", "后勤保障科")


Put = Callable[[Any, str, Sequence[str], Sequence[Any]], None]
"""Puts rows into a table through a cursor, in one way or another."""


class _Rows(NamedTuple):
    """The rows that an import makes of the list, finished: what the baseline inserts."""

    assets: list[tuple[Any, ...]]
    entries: list[tuple[Any, ...]]


def import_sqlite(folder: Path, *, quick: bool) -> list[Row]:
    """Import against csv.reader and executemany of the same rows."""
    count, rounds = (10_000, 3) if quick else (100_000, 3)
    sheet = _write_list(folder / "list.csv", count)
    empty = new_register(folder / "home")

    def fresh(name: str) -> Register:
        return replace(empty, url=f"sqlite:///{_fresh(empty.path, folder / name)}")

    ready = _finished(_imported(fresh("ready.db"), sheet))

    def ours() -> Cost:
        register = fresh("ours.db")
        return _cost(lambda: _imported(register, sheet))

    def base() -> Cost:
        path = fresh("base.db").path
        return _cost(lambda: _insert_sqlite(path, sheet, ready))

    pairs = in_turns(ours, base, rounds)
    name = f"import-sqlite: {count:,} rows against csv + executemany"
    return rows_of(name, pairs, show=per_second(count), speed=True, at_least=0.5, goal_on=("wall",))


def import_postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """Import against csv.reader and executemany of the same rows, and against their bare COPY."""
    count, rounds = (10_000, 3) if quick else (100_000, 3)
    with server_of_our_own() as server:
        if server is None:
            return [Row(name="import-postgresql: no server is installed", ours="-")]
        sheet = _write_list(folder / "list.csv", count)
        empty = new_register(folder / "home", server.new_database())
        databases = _Databases(empty.url)
        ready = _finished(_imported(replace(empty, url=databases.make("ready")), sheet))

        def ours() -> Cost:
            register = replace(empty, url=databases.make("ours"))
            return _cost(lambda: _imported(register, sheet))

        def base(put: Put) -> Callable[[], Cost]:
            def one() -> Cost:
                url = databases.make("base")
                return _cost(lambda: _put_postgresql(url, sheet, ready, put))

            return one

        rows = []
        for put, name, goal in ((_executemany, "executemany", 0.5), (_copy, "COPY", None)):
            pairs = in_turns(ours, base(put), rounds)
            rows += rows_of(
                f"import-postgresql: {count:,} rows (by COPY) against csv + {name}", pairs,
                show=per_second(count), speed=True, at_least=goal, goal_on=("wall",),
            )  # fmt: skip
    return rows


def _write_list(path: Path, count: int) -> Path:
    """Write a list of 15 columns as a unit would hand it in."""
    drawn = random.Random(count)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([HEADERS[name][0] for name in _FIELDS])
        for number in range(count):
            sort = drawn.randrange(len(_NAMES))
            year, month, day = (
                drawn.randrange(10, 26),
                drawn.randrange(1, 13),
                drawn.randrange(1, 29),
            )
            writer.writerow([
                f"ZC{number:08}", _NAMES[sort], _CLASSES[sort], UNIT, WAREHOUSE,
                f"型号{drawn.randrange(400)}", drawn.choice(_BRANDS),
                f"SN{drawn.getrandbits(40):010X}", "台", "1", f"20{year}-{month:02}-{day:02}",
                f"{drawn.randrange(100, 900_000) / 100:.2f}", drawn.choice(_DEPARTMENTS),
                "样例科技有限公司", f"记-{drawn.randrange(9999):04}",
            ])  # fmt: skip
    return path


def _imported(register: Register, sheet: Path) -> Register:
    """Import the list as a user does, through the command line, in this process."""
    done = register.command("import", "assets", sheet)
    if done["added"] != done["rows"]:
        message = f"the list was not imported whole: {done}"
        raise RuntimeError(message)
    return register


def _finished(register: Register) -> _Rows:
    """Return the rows of a register that has just imported the list."""
    store = Store(register.url)
    with store.reading() as connection:
        assets = [tuple(row) for row in connection.execute(asset.select())]
        entries = [
            tuple(row)
            for row in connection.execute(
                history.select().where(history.c.kind == "asset.registered")
            )
        ]
    store.close()
    return _Rows(assets, entries)


def _read(sheet: Path) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        for _ in csv.reader(stream):
            pass


def _insert_sqlite(path: Path, sheet: Path, ready: _Rows) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    _read(sheet)
    for table, rows in ((asset, ready.assets), (history, ready.entries)):
        marks = ", ".join("?" for _ in table.columns)
        connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.close()


def _put_postgresql(url: str, sheet: Path, ready: _Rows, put: Put) -> None:
    import psycopg

    with psycopg.connect(_plain(url)) as connection, connection.cursor() as cursor:
        _read(sheet)
        put(cursor, asset.name, asset.columns.keys(), ready.assets)
        put(cursor, history.name, history.columns.keys(), ready.entries)


def _executemany(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    marks = ", ".join("%s" for _ in columns)
    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


class _Databases:
    """Makes fresh copies of an empty register inside its server."""

    def __init__(self, empty: str) -> None:
        self._empty = make_url(empty)

    def make(self, name: str) -> str:
        """Return the address of a new copy under a name; an older one goes."""
        import psycopg

        own = self._empty.set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(_plain(own), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._empty.database}".encode())
            connection.execute("CHECKPOINT")
        return self._empty.set(database=name).render_as_string(hide_password=False)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _fresh(empty: Path, target: Path) -> Path:
    for suffix in ("", "-wal", "-shm", ".lock"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    return copy_sqlite(empty, target)


def _cost(work: Callable[[], object]) -> Cost:
    gc.collect()
    return cost_of(work)
