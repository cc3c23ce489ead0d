"""Verification against a bare SELECT of the rows it reads."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from assetctl.acts.loans import check_in, check_out
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from benchmarks.commits import DUE
from benchmarks.registers import PERSON, Register, new_register, new_stamp
from benchmarks.timing import Cost, Row, cost_of, in_turns, per_second, rows_of

_ASSETS = 1000
_CHUNK = 250
_SELECT = (
    "SELECT history.*, head.seq, head.leaf FROM history LEFT JOIN head "
    "ON head.subject = history.subject ORDER BY history.subject, history.seq"
)


def verifying(folder: Path, *, quick: bool) -> list[Row]:
    """Measure `verify` and `verify --replay` over the history of a register on SQLite."""
    register = new_register(folder / "home", assets=_ASSETS)
    live(register, loans=2 if quick else 10)
    store = Store(register.url)
    bare = sqlite3.connect(register.path)
    with store.reading() as connection:
        entries = verify(connection).entries

    def ours(*, replay: bool) -> Cost:
        with store.reading() as connection:
            return cost_of(lambda: verify(connection, replay=replay))

    def base() -> Cost:
        return cost_of(lambda: [None for _ in bare.execute(_SELECT)])

    rounds = 5 if quick else 11
    plain = in_turns(lambda: ours(replay=False), base, rounds)
    replayed = in_turns(lambda: ours(replay=True), base, rounds)
    bare.close()
    store.close()
    show = per_second(entries)
    return [
        *rows_of("verify against a bare SELECT", plain, show=show, speed=False),
        *rows_of("verify --replay against it", replayed, show=show, speed=False),
    ]


def live(register: Register, *, loans: int) -> None:
    """Lend every asset out and take it back so many times."""
    store = Store(register.url)
    for _ in range(loans):
        for start in range(0, _ASSETS, _CHUNK):
            assets = register.assets[start : start + _CHUNK]
            with store.writing() as tx:
                check_out(tx, assets=assets, to=PERSON, due=DUE, stamp=new_stamp())
            with store.writing() as tx:
                check_in(tx, assets=assets, stamp=new_stamp())
    store.close()
