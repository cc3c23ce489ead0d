"""What is too long for one entry: parted into as many as it needs, recorded one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from assetctl.domain.chain import MAX_ENTRY, written
from assetctl.domain.request import Recorded, Stamp
from assetctl.store.engine import Tx
from assetctl.store.record import Fact, lock, record

Row = TypeVar("Row")

_ROOM = MAX_ENTRY - 20_000
"""Bytes of rows in one entry: the rest is for what stands beside them."""


def written_size(row: Any) -> int:
    """Return how many bytes of an entry a row takes, with the comma behind it."""
    return len(written(row).encode()) + 1


def in_parts(rows: Sequence[Row], size: Callable[[Row], int] = written_size) -> list[list[Row]]:
    """Return rows in as many parts as entries are needed to hold them, at least one.

    `size` says how many bytes of an entry a row takes at most.
    """
    parts: list[list[Row]] = [[]]
    room = _ROOM
    for row in rows:
        taken = size(row)
        if taken > room and parts[-1]:
            parts.append([])
            room = _ROOM
        parts[-1].append(row)
        room -= taken
    return parts


def record_parts(tx: Tx, stamp: Stamp, facts: Sequence[Fact]) -> tuple[Recorded, ...]:
    """Record facts of the same subjects one after the other, each known again by its own id."""
    done: tuple[Recorded, ...] = ()
    if facts:
        lock(tx, [subject for subject, _ in facts])  # heads of new subjects are not kept
    for number, fact in enumerate(facts, 1):
        part = replace(stamp, request_id=f"{stamp.request_id}:lines-{number}")
        done += record(tx, part, [fact])
    return done
