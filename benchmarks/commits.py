"""One check-out or check-in per call: through the acts, or the two bare statements of it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import make_url

from assetctl.acts.loans import check_in, check_out
from assetctl.cli import clock
from assetctl.domain.chain import instant
from assetctl.store.engine import Store
from benchmarks.registers import PERSON, UNIT, WAREHOUSE, new_stamp

Commit = Callable[[], None]
"""Makes one durable check-out or check-in."""

DUE = "2099-12-31"

_UPDATE = (
    "UPDATE asset SET state=?, holder=?, place=?, changed_at=?, held_since=?, prior_state=?, "
    "prior_holder=?, prior_place=?, due=? WHERE asset_id=?"
)
_INSERT = (
    "INSERT INTO history (event_id, subject, seq, kind, at, recorded_at, actor, request_id, entry, "
    "leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LENT = ("on_loan", PERSON, None)
_BACK = ("in_store", UNIT, WAREHOUSE)


@contextmanager
def acting(url: str, assets: Sequence[str]) -> Iterator[Commit]:
    """Check-outs of every asset in turn, then check-ins, and so on: one transaction each."""
    store = Store(url)
    turn = _turns(assets)

    def commit() -> None:
        asset, out, _ = next(turn)
        with store.writing() as tx:
            if out:
                check_out(tx, assets=[asset], to=PERSON, due=DUE, stamp=new_stamp())
            else:
                check_in(tx, assets=[asset], stamp=new_stamp())

    try:
        yield commit
    finally:
        store.close()


@contextmanager
def sharing(url: str, assets: Sequence[str]) -> Iterator[Commit]:
    """The same on assets that other writers use too: out what is in, in what is out."""
    store = Store(url)
    turn = itertools.cycle(assets)

    def commit() -> None:
        asset = next(turn)
        with store.writing() as tx:
            state = tx.connection.exec_driver_sql(
                "SELECT state FROM asset WHERE asset_id = ?", (asset,)
            ).scalar()
            if state == "on_loan":
                check_in(tx, assets=[asset], stamp=new_stamp())
            else:
                check_out(tx, assets=[asset], to=PERSON, due=DUE, stamp=new_stamp())

    try:
        yield commit
    finally:
        store.close()


@contextmanager
def bare(url: str, assets: Sequence[str]) -> Iterator[Commit]:
    """The two statements alone: the row of the asset, and a history row of the same size."""
    connection, execute, update, insert = _driver(url)
    entry, leaf, start = _sample(connection, assets[0])
    turn = _turns(assets)

    def commit() -> None:
        asset, out, lap = next(turn)
        now = instant(clock.now())
        state, holder, place = _LENT if out else _BACK
        prior = _BACK if out else (None, None, None)
        execute("BEGIN IMMEDIATE" if url.startswith("sqlite") else "BEGIN")
        execute(update, (state, holder, place, now, now, *prior, DUE if out else None, asset))
        execute(
            insert,
            (clock.new_event_id(), f"asset:{asset}", start + lap, "asset.checked_out", now, now,
             PERSON, clock.new_event_id(), entry, leaf),
        )  # fmt: skip
        execute("COMMIT")

    try:
        yield commit
    finally:
        connection.close()


def seed_sample(url: str, assets: Sequence[str]) -> None:
    """Check every asset out and in once, so that the baseline knows how long an entry is."""
    store = Store(url)
    with store.writing() as tx:
        check_out(tx, assets=assets, to=PERSON, due=DUE, stamp=new_stamp())
    with store.writing() as tx:
        check_in(tx, assets=assets, stamp=new_stamp())
    store.close()


def _turns(assets: Sequence[str]) -> Iterator[tuple[str, bool, int]]:
    for lap in itertools.count():
        for asset in assets:
            yield asset, lap % 2 == 0, lap


def _driver(url: str) -> tuple[Any, Callable[..., Any], str, str]:
    if url.startswith("sqlite"):
        plain = sqlite3.connect(make_url(url).database or "", isolation_level=None, timeout=30)
        plain.execute("PRAGMA synchronous=FULL")
        return plain, plain.execute, _UPDATE, _INSERT
    import psycopg

    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    execute = connection.cursor().execute
    return connection, execute, _UPDATE.replace("?", "%s"), _INSERT.replace("?", "%s")


def _sample(connection: Any, asset: str) -> tuple[bytes, bytes, int]:
    rows = connection.execute(
        f"SELECT entry, leaf, seq FROM history WHERE subject = 'asset:{asset}' ORDER BY seq"
    ).fetchall()
    entry, leaf, seq = rows[-1]
    return bytes(entry), bytes(leaf), seq + 1
