"""Check-outs through the acts against their two statements bare, on both databases."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.commits import Commit, acting, bare, seed_sample
from benchmarks.race import Lap, Run, race, rate
from benchmarks.registers import copy_sqlite, new_register, postgresql, server_folder
from benchmarks.timing import (
    Cost,
    Row,
    cost_of,
    in_turns,
    milliseconds,
    per_second,
    rows_of,
    sync_cost,
)

_BATCH = 100
_WRITERS = 8
_SLOW_SYNC = 0.001
"""From here on an fsync counts as slow, so that writers have something to share."""


def checkout_sqlite(folder: Path, *, quick: bool) -> list[Row]:
    """One writer, one asset per transaction, every commit on disk before the next begins."""
    register = new_register(folder / "home", assets=2000)
    seed_sample(register.url, register.assets)
    copy = copy_sqlite(register.path, folder / "bare" / "register.db")
    return _side_by_side(
        "checkout-sqlite", register.url, f"sqlite:///{copy}", register.assets,
        rounds=15 if quick else 41,
    )  # fmt: skip


def checkout_postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """The same on PostgreSQL, then eight writers against one."""
    with postgresql() as server:
        if server is None:
            return [Row(name="checkout-postgresql: no server is installed", ours="-")]
        ours = new_register(folder / "home", server.new_database(), assets=2000)
        base = new_register(folder / "bare", server.new_database(), assets=2000)
        seed_sample(ours.url, ours.assets)
        seed_sample(base.url, base.assets)
        sync = sync_cost(server_folder(ours.url))
        rows = [Row(name="fsync where PostgreSQL keeps its data", ours=milliseconds(sync))]
        own = slice(0, 400)
        connection_rows = _side_by_side(
            "checkout-postgresql", ours.url, base.url, ours.assets[own], rounds=15 if quick else 31,
            bare_assets=base.assets[own], at_least=None,
        )  # fmt: skip
        seconds, turns = (1.0, 2) if quick else (2.0, 3)
        laps = [Lap(writers=n, seconds=seconds) for n in (1, _WRITERS)]
        acting_runs: list[list[Run]] = []
        bare_runs: list[list[Run]] = []
        for turn in range(turns):  # in turns, so that both see the same machine
            share = slice(400 + turn * 500, 900 + turn * 500)  # none that a turn before has moved
            acting_runs += race("acting", ours.url, _dealt(ours.assets[share]), laps)
            bare_runs += race("bare", base.url, _dealt(base.assets[share]), laps)
        unless = "" if sync >= _SLOW_SYNC else f"an fsync costs {milliseconds(sync)}, not 1 ms"
        cores = os.cpu_count()
        rows += [
            *connection_rows,
            _against(f"checkout-postgresql: {_WRITERS} writers, acts against bare statements",
                     acting_runs[1::2], bare_runs[1::2]),
            _many(f"checkout-postgresql: {_WRITERS} writers against 1, {cores} cores",
                  acting_runs, at_least=4.0, unless=unless),
            _many("  the same with the bare statements", bare_runs),
        ]  # fmt: skip
        return rows


def _side_by_side(
    name: str, ours: str, base: str, assets: Sequence[str], *, rounds: int,
    bare_assets: Sequence[str] | None = None, at_least: float | None = 0.5,
) -> list[Row]:  # fmt: skip
    with acting(ours, assets) as act, bare(base, bare_assets or assets) as statements:
        _batch(act)
        _batch(statements)
        pairs = in_turns(lambda: _batch(act), lambda: _batch(statements), rounds)
    return rows_of(f"{name}: acts against bare statements", pairs, show=per_second(_BATCH),
                   speed=True, at_least=at_least)  # fmt: skip


def _batch(commit: Commit) -> Cost:
    def work() -> None:
        for _ in range(_BATCH):
            commit()

    return cost_of(work)


def _dealt(assets: Sequence[str]) -> list[list[str]]:
    return [list(assets[number::_WRITERS]) for number in range(_WRITERS)]


def _against(name: str, acting_laps: list[list[Run]], bare_laps: list[list[Run]]) -> Row:
    ours, base = [rate(lap) for lap in acting_laps], [rate(lap) for lap in bare_laps]
    return Row(
        name=name, ours=f"{median(ours):,.0f}/s", base=f"{median(base):,.0f}/s",
        ratio=median(a / b for a, b in zip(ours, base, strict=True)), at_least=0.5,
    )  # fmt: skip


def _many(
    name: str, laps: list[list[Run]], *, at_least: float | None = None, unless: str = ""
) -> Row:
    errors = sum(sum(run.errors.values()) for lap in laps for run in lap)
    if errors:
        name += f" ({errors} ERRORS)"
    one, many = [rate(lap) for lap in laps[::2]], [rate(lap) for lap in laps[1::2]]
    return Row(
        name=name, ours=f"{median(many):,.0f}/s", base=f"{median(one):,.0f}/s",
        ratio=median(b / a for a, b in zip(one, many, strict=True)), at_least=at_least,
        unless=unless,
    )  # fmt: skip
