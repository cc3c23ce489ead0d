"""Photographs by strangers: what each way reads, at what cost, and what is wrong of it.

Shares are means over the categories, so that one photograph of sixty codes does not outweigh all
others.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from benchmarks.photographs import Photo, is_in
from benchmarks.timing import Row, milliseconds
from benchmarks.ways import ALONE, Shown, engines_alone, our_modes
from scanner.engines import Sighting
from scanner.picture import load_gray

_GOALS = {"photo": (0.84, 12.0), "thorough": (0.88, None)}
"""The least share read, and the most processor time in times of zxing-cpp alone."""

Code = tuple[str, str, int]
"""A marked code: its category, the name of the photograph, its number there."""


@dataclass(slots=True)
class _Tally:
    """What one way of reading found and what that cost."""

    found: set[Code] = field(default_factory=set)
    said: list[tuple[Photo, Sighting]] = field(default_factory=list)
    seconds: float = 0.0


def reading_photographs(photos: Sequence[Photo]) -> list[Row]:
    """Read all photographs in every way, each photograph in all ways before the next."""
    ways = engines_alone() | our_modes()
    tallies = {name: _Tally() for name in ways}
    for photo in photos:
        shown = Shown.of(load_gray(photo.path))
        for name, read in ways.items():
            before = time.process_time()
            seen = read(shown)
            tally = tallies[name]
            tally.seconds += time.process_time() - before
            tally.said += [(photo, one) for one in seen]
            tally.found |= {code for code, quad in _codes(photo) if _hit(quad, seen)}
    engines = [tallies[name] for name in engines_alone()]
    rows = [row for name in ways for row in _shares(photos, name, tallies)]
    for mode in our_modes():
        rows += _beyond(photos, mode, tallies[mode], engines)
        rows.append(_wrong(mode, tallies[mode], engines))
    return rows


def _shares(photos: Sequence[Photo], name: str, tallies: dict[str, _Tally]) -> list[Row]:
    mine, base = tallies[name], tallies[ALONE]
    share, base_share = (_mean(photos, one.found) for one in (mine, base))
    least, most = _GOALS.get(name, (None, None))
    return [
        Row(name=f"decoding {len(photos)} photographs: {name}, share read", ratio=share,
            ours=f"{share:.1%}", base=f"{base_share:.1%}", at_least=least),
        Row(name=f"  {name}, cpu a picture", ours=milliseconds(mine.seconds / len(photos)),
            base=milliseconds(base.seconds / len(photos)), ratio=mine.seconds / base.seconds,
            at_most=most),
    ]  # fmt: skip


def _beyond(
    photos: Sequence[Photo], mode: str, ours: _Tally, engines: Sequence[_Tally]
) -> list[Row]:
    """How many codes a mode reads against the best engine, and how many that no engine reads."""
    rows = []
    union = set().union(*(one.found for one in engines))
    for name, categories in (
        ("labels that are bent", {"curved"}),
        ("all categories", {photo.category for photo in photos}),
    ):
        total = sum(len(photo.quads) for photo in photos if photo.category in categories)
        best = max(_count(one.found, categories) for one in engines)
        mine, beyond = _count(ours.found, categories), _count(ours.found - union, categories)
        if total:
            rows += [
                Row(name=f"  {mode}, {name}: codes read of {total}", ours=str(mine),
                    base=str(best), ratio=mine / max(1, best), at_least=1.05),
                Row(name=f"  {mode}, {name}: codes that no engine reads", ours=str(beyond),
                    base="0", ratio=float(beyond), at_least=1.0),
            ]  # fmt: skip
    return rows


def _count(found: set[Code], categories: set[str]) -> int:
    return sum(code[0] in categories for code in found)


def _wrong(mode: str, ours: _Tally, engines: Iterable[_Tally]) -> Row:
    """How many texts lie outside every mark or are not what an engine reads in the same marks.

    Each is named on standard error, to be looked at: a code that nobody marked is no false text.
    """
    theirs = [said for engine in engines for said in engine.said]
    wrong = 0
    for photo, one in ours.said:
        quads = [quad for quad in photo.quads if is_in(quad, one.corners)]
        others = {
            other.text
            for where, other in theirs
            if where is photo and any(is_in(quad, other.corners) for quad in quads)
        }
        if not quads or others - {one.text}:
            wrong += 1
            print(f"{photo.path}: {mode} reads {one.text!r} at {one.corners}, others "
                  f"{sorted(map(str, others))}", file=sys.stderr)  # fmt: skip
    return Row(name=f"  {mode}, {len(ours.said)} texts: wrong or outside of every mark",
               ours=str(wrong), base="0", ratio=float(wrong), at_most=0.0)  # fmt: skip


def _codes(photo: Photo) -> list[tuple[Code, list[tuple[float, float]]]]:
    return [
        ((photo.category, photo.path.name, number), quad) for number, quad in enumerate(photo.quads)
    ]


def _hit(quad: list[tuple[float, float]], seen: Iterable[Sighting]) -> bool:
    return any(is_in(quad, one.corners) for one in seen)


def _mean(photos: Sequence[Photo], found: set[Code]) -> float:
    """The mean over the categories of the share of their codes that were found."""
    marked = [code for photo in photos for code, _ in _codes(photo)]
    shares = []
    for category in {code[0] for code in marked}:
        here = [code for code in marked if code[0] == category]
        shares.append(sum(code in found for code in here) / len(here))
    return fmean(shares)
