"""Eight processes write to one SQLite register, on the same assets: nothing breaks, all get on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assetctl.errors import HistoryBrokenError
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from benchmarks.race import WARM_UP, Lap, Run, longest_wait, race, rate, shares
from benchmarks.registers import new_register
from benchmarks.timing import Row, milliseconds

_WRITERS = 8
_ASSETS = 200
"""Few, so that writers meet at the same heads all the time."""


def sqlite_writers(folder: Path, *, quick: bool) -> list[Row]:
    """Count errors, forks and lost commits, and how evenly the writers got on."""
    total = 8_000 if quick else 100_000
    register = new_register(folder / "home", assets=_ASSETS)
    before = _entries(register.url, replay=False)
    assets = [register.assets[n:] + register.assets[:n] for n in range(0, _ASSETS, 25)]
    (runs,) = race("sharing", register.url, assets, [Lap(writers=_WRITERS, commits=total // 8)])
    errors = sum((run.errors for run in runs), Counter[str]())
    for text, count in errors.most_common(3):
        print(f"{count} times: {text}")
    made = sum(len(run.moments) for run in runs)
    name = f"sqlite-writers: {_WRITERS} processes, {made:,} commits at {rate(runs):,.0f}/s"
    try:
        lost = before + WARM_UP * _WRITERS + made - _entries(register.url, replay=True)
        broken = 0
    except HistoryBrokenError as error:
        print(error)
        lost, broken = 0, 1
    return [
        _count(f"{name}; lock and other errors", errors.total()),
        _count("  forks and breaks (verify --replay)", broken),
        _count("  commits acknowledged but not in the history", abs(lost)),
        _fairness(runs),
        Row(name="  longest wait of one commit", ours=milliseconds(max(map(longest_wait, runs)))),
    ]


def _count(name: str, count: int) -> Row:
    return Row(name=name, ours=str(count), ratio=count, at_most=0)


def _fairness(runs: list[Run]) -> Row:
    made = shares(runs)
    return Row(
        name="  fewest against most commits of a process, while all ran", ours=f"{min(made):,}",
        base=f"{max(made):,}", ratio=min(made) / max(made), at_least=0.7,
    )  # fmt: skip


def _entries(url: str, *, replay: bool) -> int:
    store = Store(url)
    try:
        with store.reading() as connection:
            return verify(connection, replay=replay).entries
    finally:
        store.close()
