"""Several processes that write at once, started together by a barrier."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any, Literal

from benchmarks.commits import Commit, acting, bare, sharing
from benchmarks.unchained import unchained

WARM_UP = 50
"""Commits that every writer makes before the first lap."""

Kind = Literal["acting", "sharing", "bare", "unchained"]

_KINDS = {"acting": acting, "sharing": sharing, "bare": bare, "unchained": unchained}
_PATIENCE = 120
_barrier: Barrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One stretch of a race: how many of the writers run, and until when."""

    writers: int
    commits: int = 1_000_000
    seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class Run:
    """What one writer did in one lap: the moment of its start and of each commit; its errors."""

    start: float
    moments: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Job:
    kind: Kind
    url: str
    assets: list[str]
    number: int
    laps: tuple[Lap, ...]


def race(
    kind: Kind, url: str, assets: Sequence[list[str]],
    laps: Sequence[Lap],
) -> list[list[Run]]:  # fmt: skip
    """Let a writer per list of assets run the laps; return the runs of each lap."""
    context: Any = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(assets))
    jobs = [_Job(kind, url, own, number, tuple(laps)) for number, own in enumerate(assets)]
    with ProcessPoolExecutor(
        len(assets), mp_context=context, initializer=_hold, initargs=(barrier,)
    ) as pool:
        done = list(pool.map(_write, jobs))
    return [[runs[lap] for runs in done[: laps[lap].writers]] for lap in range(len(laps))]


def rate(runs: Sequence[Run]) -> float:
    """Return the commits per second of all writers together while every one of them ran."""
    start, end = window(runs)
    return sum(shares(runs)) / (end - start)


def window(runs: Sequence[Run]) -> tuple[float, float]:
    """Return when the last writer had started and when the first one stopped."""
    return max(run.start for run in runs), min(run.moments[-1] for run in runs)


def shares(runs: Sequence[Run]) -> list[int]:
    """Return how many commits each writer made while every one of them ran."""
    start, end = window(runs)
    return [sum(start <= moment <= end for moment in run.moments) for run in runs]


def longest_wait(run: Run) -> float:
    """Return the most seconds that one commit of a writer took."""
    return max(b - a for a, b in zip([run.start, *run.moments], run.moments, strict=False))


def _hold(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _write(job: _Job) -> list[Run]:
    with ExitStack() as stack:
        commit = stack.enter_context(_KINDS[job.kind](job.url, job.assets))
        for _ in range(WARM_UP):
            commit()
        runs = []
        for lap in job.laps:
            _barrier.wait(_PATIENCE)
            run = Run(time.perf_counter())
            if job.number < lap.writers:
                _run(commit, lap, run)
            runs.append(run)
        return runs


def _run(commit: Commit, lap: Lap, run: Run) -> None:
    end = run.start + lap.seconds
    while len(run.moments) < lap.commits and (not run.moments or run.moments[-1] < end):
        try:
            commit()
        except Exception as error:  # noqa: BLE001  every failure counts; none may end the race
            run.errors[f"{type(error).__name__}: {error}"] += 1
            if sum(run.errors.values()) > lap.commits:
                break
        else:
            run.moments.append(time.perf_counter())
