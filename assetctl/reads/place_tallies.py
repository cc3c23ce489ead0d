"""How far each place of a stocktake is counted, with the places that it lies in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from assetctl.reads.parties import Place, places

COUNTED, WEAK, MISSING = "counted", "weak", "missing"
"""What became of a listed thing: found; only hinted at by radio; not found."""

ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """How many things are listed at a place: counted, hinted at by radio, and missing (or left).

    Of those counted, `elsewhere` were found at another place.
    """

    listed: int
    counted: int
    weak: int
    missing: int
    elsewhere: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTally:
    """A place: what is listed right there (`here`), and there or in what lies in it (`total`).

    `depth` counts the places that it lies in, `path` names them, outermost first, and it. No code
    stands for things whose place nobody knows.
    """

    place: str
    name: str
    path: str
    depth: int
    here: Heads
    total: Heads


def place_tallies(
    connection: Connection, seen: Iterable[tuple[str, str, bool]]
) -> tuple[PlaceTally, ...]:
    """Return all places with listed things, each behind what it lies in.

    `seen` are a place, what became of a thing listed there, and whether it was found elsewhere.
    """
    here: dict[str, Counter[str]] = defaultdict(Counter)
    for place, what, is_elsewhere in seen:
        here[place][what] += 1
        here[place][ELSEWHERE] += is_elsewhere
    known = {place.code: place for place in places(connection)}
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for code, counts in here.items():
        for outer in {*(known[code].path if code in known else ()), code}:
            total[outer].update(counts)
    wanted = [known[code] for code in known if code in total]
    wanted += [_unknown(code) for code in sorted(total.keys() - known.keys())]
    return tuple(
        PlaceTally(
            place=one.code, name=one.name, depth=len(one.path), here=_heads(here[one.code]),
            total=_heads(total[one.code]),
            path=" / ".join(known[code].name if code in known else code
                            for code in (*one.path, one.code) if code),
        )
        for one in sorted(wanted, key=lambda one: (*one.path, one.code))
    )  # fmt: skip


def _unknown(code: str) -> Place:
    return Place(code=code, name="", kind="", parent=None)


def _heads(counts: Counter[str]) -> Heads:
    parts = counts[COUNTED], counts[WEAK], counts[MISSING]
    return Heads(listed=sum(parts), counted=parts[0], weak=parts[1], missing=parts[2],
                 elsewhere=counts[ELSEWHERE])  # fmt: skip
