"""What auditors ask of a whole history, against reading and parsing it once."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from assetctl.domain.audit_rules import built_in, parse_rules
from assetctl.reads.as_of import as_of
from assetctl.reads.chains import Reach
from assetctl.reads.differences import differences
from assetctl.reads.gap_checks import Ground
from assetctl.reads.gaps import Sought, gaps, people
from assetctl.reads.search import Filter
from assetctl.store.engine import Store
from benchmarks.registers import new_register
from benchmarks.timing import Cost, Row, cost_of, in_turns, per_second, rows_of
from benchmarks.verifying import live

_SELECT = "SELECT subject, seq, kind, at, recorded_at, entry FROM history ORDER BY subject, seq"
_END, _NEVER = "9999-12-31T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z"


def auditing(folder: Path, *, quick: bool) -> list[Row]:
    """Measure as-of, gaps and diff over the history of a register on SQLite."""
    register = new_register(folder / "home", assets=1000)
    live(register, loans=2 if quick else 10)
    store = Store(register.url)
    bare = sqlite3.connect(register.path)
    ((entries,),) = bare.execute("SELECT count(*) FROM history")

    def base() -> Cost:
        return cost_of(lambda: [json.loads(row[-1]) for row in bare.execute(_SELECT)])

    def stood() -> Cost:
        with store.reading() as connection:
            return cost_of(
                lambda: as_of(connection, Reach(_END), Filter(), on_asset=lambda _one: None)
            )

    def sought() -> Cost:
        with store.reading() as connection:
            ground = Ground(
                rules=parse_rules(built_in(), "assetctl"), people=people(connection),
                today="2026-11-24", day_of=lambda instant: instant[:10],
                is_stored=lambda _digest: False,
            )  # fmt: skip
            return cost_of(
                lambda: gaps(connection, ground, Sought(), on_finding=lambda _finding: None)
            )

    def compared() -> Cost:
        with store.reading() as connection:
            return cost_of(
                lambda: differences(
                    connection, Reach(_NEVER), Reach(_END), on_difference=lambda _one: None
                )
            )

    rounds = 5 if quick else 11
    show = per_second(entries)
    rows = []
    for name, ours, goal in (
        ("as-of", stood, 4.0), ("gaps", sought, 6.0), ("diff of everything", compared, 8.0),
    ):  # fmt: skip
        pairs = in_turns(ours, base, rounds)
        rows += rows_of(
            f"audit {name} against reading the history once", pairs, show=show, speed=False,
            at_most=goal, goal_on=("cpu",), clocks=("cpu",),
        )  # fmt: skip
    bare.close()
    store.close()
    return rows
