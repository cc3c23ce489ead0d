"""Check-outs through the acts against their two statements bare, on both databases."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.commits import Commit, acting, bare, seed_sample
from benchmarks.race import Lap, Run, race, rate
from benchmarks.registers import Register, copy_sqlite, new_register, postgresql
from benchmarks.slow_disk import SLOW_SYNC, SLOWED_BY_MS, can_slow, slow_disk
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
from tests.conftest import PostgreSQL

_BATCH = 100
_WRITERS = 8
_OWN = 400
"""Assets of the first measurement; the races take the others."""


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
    """The same on PostgreSQL, then eight writers against eight with the bare statements."""
    with postgresql() as server:
        if server is None:
            return [Row(name="checkout-postgresql: no server is installed", ours="-")]
        ours, base = (_sampled(folder / name, server) for name in ("home", "bare"))
        own = slice(0, _OWN)
        rows = _side_by_side(
            "checkout-postgresql", ours.url, base.url, ours.assets[own], rounds=15 if quick else 31,
            bare_assets=base.assets[own], at_least=None,
        )  # fmt: skip
        acting_runs, bare_runs = _races(ours, base, quick=quick)
        rows.append(
            _against(f"checkout-postgresql: {_WRITERS} writers, acts against bare statements",
                     acting_runs[1::2], bare_runs[1::2])
        )  # fmt: skip
    return rows


def writers_postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """Eight writers against one, where an fsync costs milliseconds."""
    sync = sync_cost(folder)
    slowed = sync < SLOW_SYNC and can_slow()
    # The server runs as another user, who must be able to read what is preloaded.
    with TemporaryDirectory(prefix="assetctl-disk-") as room, ExitStack() as stack:
        Path(room).chmod(0o755)
        if slowed:
            stack.enter_context(slow_disk(Path(room) / "slow"))
        server = stack.enter_context(postgresql())
        if server is None:
            return [Row(name="writers-postgresql: no server is installed", ours="-")]
        ours, base = (_sampled(folder / name, server) for name in ("home", "bare"))
        acting_runs, bare_runs = _races(ours, base, quick=quick)
    disk = f"disk slowed by {SLOWED_BY_MS} ms" if slowed else f"fsync {milliseconds(sync)}"
    unless = "" if slowed or sync >= SLOW_SYNC else "an fsync costs less than 1 ms"
    name = f"writers-postgresql: {_WRITERS} against 1, {os.cpu_count()} cores, {disk}"
    return [
        _many(name, acting_runs, at_least=4.0, unless=unless),
        _many("  the same with the bare statements", bare_runs),
    ]


def _sampled(home: Path, server: PostgreSQL) -> Register:
    register = new_register(home, server.new_database(), assets=2000)
    seed_sample(register.url, register.assets)
    return register


def _races(
    ours: Register, base: Register, *, quick: bool
) -> tuple[list[list[Run]], list[list[Run]]]:
    """Let one writer and then eight race through the acts and bare, in turns."""
    seconds, turns = (1.0, 2) if quick else (2.0, 3)
    laps = [Lap(writers=n, seconds=seconds) for n in (1, _WRITERS)]
    acting_runs: list[list[Run]] = []
    bare_runs: list[list[Run]] = []
    for turn in range(turns):
        share = slice(_OWN + turn * 500, _OWN + (turn + 1) * 500)  # none moved by a turn before
        acting_runs += race("acting", ours.url, _dealt(ours.assets[share]), laps)
        bare_runs += race("bare", base.url, _dealt(base.assets[share]), laps)
    return acting_runs, bare_runs


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
