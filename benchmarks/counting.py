"""How often the counting rule is right in made-up rooms, beside rules that are simpler.

The simpler ones judge the same reads: any read counts, to a fixed time or to our hint; or a fixed
strength, whatever reader and room. Ours is right about the room only if it is also right about the
room next door, so both are told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean

from assetctl.domain.sweep import Advice, Heard, Sweep, Tally, Verdict, verdicts
from benchmarks.simulated_room import ABSENT, STRAYS, SURPLUS, WALL, Room, room, seconds
from benchmarks.timing import Row

ROOMS, _QUICK_ROOMS = 200, 40
LONGEST = 300
"""Seconds after which the clerk goes home whatever the hint says."""

_PLASTERBOARD = 4.0
"""dB that a thin wall takes on one way."""
_FIXED = -70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one rule made of one room.

    `present` and `weak` are shares of the listed things that stand there, the others are counts:
    absent things marked present, strangers next door and things too many taken as surplus.
    """

    epochs: int
    present: float
    weak: float
    absent: int
    strays: int
    surplus: int

    @property
    def found(self) -> float:
        """The share of what stands there that nobody has to look for without a trace."""
        return self.present + self.weak


def counting(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001  all in memory
    """Judge the rule on its three goals, and show the simpler ones and a thin wall beside it."""
    seeds = range(_QUICK_ROOMS if quick else ROOMS)
    outcomes: dict[str, list[Outcome]] = {}
    for seed in seeds:
        for name, outcome in _outcomes(room(seed), seed).items():
            outcomes.setdefault(name, []).append(outcome)
    thin = [by_the_rule(room(seed, wall=_PLASTERBOARD), seed) for seed in seeds]
    ours = outcomes["our rule"]
    goals = [
        Row(name="counting: present found, weak ones included", at_least=0.97,
            ours=f"{fmean(one.found for one in ours):.1%}", ratio=fmean(one.found for one in ours)),
        Row(name=f"counting: of {ABSENT} absent, marked present", at_most=0.2,
            ours=f"{fmean(one.absent for one in ours):.2f}",
            ratio=fmean(one.absent for one in ours)),
        Row(name=f"counting: of {STRAYS} strangers, taken as surplus", at_most=1.5,
            ours=f"{fmean(one.strays for one in ours):.2f}",
            ratio=fmean(one.strays for one in ours)),
    ]  # fmt: skip
    outcomes[f"our rule, a wall of {_PLASTERBOARD:g} dB instead of {WALL:g}"] = thin
    return goals + [_row(name, of) for name, of in outcomes.items()]


def by_the_rule(room: Room, seed: int) -> Outcome:
    """Return what our rule makes of a room when the clerk stops as soon as the hint allows."""
    return _ours(room, _count(room, seed)[1])


def _outcomes(room: Room, seed: int) -> dict[str, Outcome]:
    tally, found = _count(room, seed)
    heard, epochs = tally.heard(tally.sweeps()), found.hint.epochs
    loud = [epc for epc, one in heard.items() if one.rssi is not None and one.rssi > _FIXED]
    return {
        "any read, 5 s": _naive(room, _after(room, seed, 5), 5),
        "any read, 30 s": _naive(room, _after(room, seed, 30), 30),
        "any read, until the hint": _naive(room, heard, epochs),
        f"louder than {_FIXED:g} dBm, until the hint": _naive(room, loud, epochs),
        "our rule": _ours(room, found),
    }


def _count(room: Room, seed: int) -> tuple[Tally, Sweep]:
    tally = Tally()
    for reads in islice(seconds(room, seed), LONGEST):
        tally.hear_all(reads)
        found = verdicts(tally, room.listed)
        if found.hint.advice is Advice.MAY_STOP:
            break
    return tally, found


def _after(room: Room, seed: int, epochs: int) -> dict[str, Heard]:
    tally = Tally()
    for reads in islice(seconds(room, seed), epochs):
        tally.hear_all(reads)
    return tally.heard(tally.sweeps())


def _ours(room: Room, found: Sweep) -> Outcome:
    of = {one: {tag.epc for tag in found.of(one)} for one in Verdict}
    return _outcome(
        room, found.hint.epochs, here=of[Verdict.PRESENT], weak=of[Verdict.WEAK],
        surplus=of[Verdict.SURPLUS],
    )  # fmt: skip


def _naive(room: Room, heard: Collection[str], epochs: int) -> Outcome:
    every = set(heard)
    return _outcome(room, epochs, here=every, weak=set(), surplus=every)


def _outcome(
    room: Room, epochs: int, *, here: set[str], weak: set[str], surplus: set[str]
) -> Outcome:
    present = room.present
    return Outcome(
        epochs=epochs, present=len(here & present) / len(present),
        weak=len(weak & present) / len(present), absent=len(here & room.absent),
        strays=len(surplus & room.strays), surplus=len(surplus & room.surplus),
    )  # fmt: skip


def _row(name: str, outcomes: Sequence[Outcome]) -> Row:
    mean = {
        field: fmean(getattr(one, field) for one in outcomes)
        for field in ("epochs", "present", "weak", "absent", "strays", "surplus")
    }
    told = (
        f"{mean['present']:.1%} present, {mean['weak']:.1%} weak; {mean['absent']:.2f} of {ABSENT} "
        f"absent, {mean['strays']:.1f} of {STRAYS} strangers, {mean['surplus']:.1f} of {SURPLUS} "
        f"surplus; {mean['epochs']:.0f} s"
    )
    return Row(name=f"counting, {name}", ours=told)
