"""How every benchmark measures: costs in CPU and wall seconds, taken in pairs, told as ratios.

A machine has neighbours, so nothing here is an absolute figure. The two sides run turn by turn,
each turn gives a ratio, and the median of the ratios stands.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

_PAGE = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Cost:
    """What something cost: CPU seconds (user and system) and seconds on the wall."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Pair:
    """What our side and the baseline cost in one turn."""

    ours: Cost
    base: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: two figures, their ratio, and the goal the ratio should reach."""

    name: str
    ours: str
    base: str = "-"
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    unless: str = ""
    """Why the goal does not hold here, if it does not."""

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "-" if self.at_most is None else f"<= {self.at_most:g}"

    @property
    def verdict(self) -> str:
        """Whether the goal was reached, or why that cannot be said."""
        if self.ratio is None or self.goal == "-":
            return "-"
        if self.unless:
            return f"does not apply: {self.unless}"
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return "met" if low <= self.ratio <= high else "NOT MET"


def cost_of(work: Callable[[], object]) -> Cost:
    """Run something and return what it cost this process and those it started and waited for."""
    cpu, wall = _processor_seconds(), time.perf_counter()
    work()
    return Cost(_processor_seconds() - cpu, time.perf_counter() - wall)


def _processor_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def cost_of_process(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a whole process, its output thrown away, and return what the system charged for it.

    Raises:
        RuntimeError: it failed.
    """
    sink = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    wall = time.perf_counter()
    process = os.posix_spawn(command[0], list(command), dict(environment), file_actions=sink)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - wall
    if status:
        message = f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}"
        raise RuntimeError(message)
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def in_turns(ours: Callable[[], Cost], base: Callable[[], Cost], rounds: int) -> list[Pair]:
    """Measure both sides turn by turn; who goes first changes from turn to turn."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = base()
            pairs.append(Pair(ours(), second))
        else:
            first = ours()
            pairs.append(Pair(first, base()))
    return pairs


def rows_of(
    name: str, pairs: Sequence[Pair], *, show: Callable[[float], str], speed: bool,
    at_least: float | None = None, at_most: float | None = None, clocks: Sequence[str] = ("cpu",
    "wall"), goal_on: Sequence[str] = ("cpu", "wall"),
) -> list[Row]:  # fmt: skip
    """Return a line per clock: medians of both sides, and the median of the paired ratios.

    With `speed` the ratio is ours to the baseline in work per second, else in seconds. The goal
    holds for the clocks of `goal_on`.
    """
    rows = []
    for clock in clocks:
        ours = [getattr(pair.ours, clock) for pair in pairs]
        base = [getattr(pair.base, clock) for pair in pairs]
        over, under = (base, ours) if speed else (ours, base)
        ratio = median(a / b for a, b in zip(over, under, strict=True))
        rows.append(
            Row(name=f"{name}, {clock}", ours=show(median(ours)), base=show(median(base)),
                ratio=ratio, at_least=at_least if clock in goal_on else None,
                at_most=at_most if clock in goal_on else None)
        )  # fmt: skip
    return rows


def per_second(count: int) -> Callable[[float], str]:
    """Return how the seconds that `count` of something took are shown: so many a second."""
    return lambda seconds: f"{count / seconds:,.0f}/s"


def milliseconds(seconds: float) -> str:
    """Return seconds as milliseconds."""
    return f"{seconds * 1000:.3g} ms"


def sync_cost(folder: Path, times: int = 200) -> float:
    """Return the median seconds that making 8 kB durable takes in a folder (fdatasync)."""
    costs = []
    with TemporaryFile(dir=folder, buffering=0) as file:
        file.write(_PAGE)
        os.fsync(file.fileno())
        for _ in range(times):
            file.seek(0)
            file.write(_PAGE)
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            costs.append(time.perf_counter() - before)
    return median(costs)
