"""The same writes without chain and sealing: what an ordinary tracker would do.

The program's own acts, with these steps left out: the leaf hash, the head of the subject, the note
that an entry is to be sealed, the sealing. So the ratio is what provable history costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from assetctl.domain import chain
from assetctl.domain.projection import Change
from assetctl.store import record, seal
from assetctl.store.engine import Trip, Tx
from assetctl.store.tables import PROJECTED, history
from benchmarks.commits import Commit, acting

_LEAF = bytes(32)
_numbers = count(1_000_000)
_steps: dict[Any, Trip] = {}


@contextmanager
def unchained(url: str, assets: Sequence[str]) -> Iterator[Commit]:
    """Give the commits of `acting`, each without chain and sealing."""
    with acting(url, assets) as commit:
        yield lambda: _without(commit)


def _without(commit: Commit) -> None:
    patches: list[tuple[Any, str, Callable[..., Any]]] = [
        (chain, "leaf_hash", lambda _entry: _LEAF),
        (record, "_append", _append),
        (record, "_write_one", _write_one),
        (seal, "note", lambda _tx, _leaves: None),
    ]
    before = [(place, name, getattr(place, name)) for place, name, _ in patches]
    try:
        for place, name, step in patches:
            setattr(place, name, step)
        commit()
    finally:
        for place, name, step in before:
            setattr(place, name, step)


def _append(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Write the entry alone; without heads its number comes from a counter."""
    for row in rows:
        row["seq"] = next(_numbers)
    record._statement("put", history).run_many(tx.connection, rows)


def _write_one(tx: Tx, row: dict[str, Any], wanted: list[Change]) -> None:
    """Write the entry and the row of the asset in one trip, as the program does, and no more."""
    (change,) = wanted
    shape = (change.table, tuple(change.row))
    if shape not in _steps:
        parts = (
            record._statement("put", history),
            record._statement("set", PROJECTED[change.table], shape[1]),
        )
        entry, table = (part.sql(tx.connection) for part in parts)
        _steps[shape] = Trip(f"WITH entry AS ({entry}), changed AS ({table} RETURNING 1) "
                             "SELECT count(*) FROM changed")  # fmt: skip
    row["seq"] = next(_numbers)
    values = row | {f"{name}_": value for name, value in change.row.items()}
    _steps[shape].run(tx.connection, values).fetchone()
