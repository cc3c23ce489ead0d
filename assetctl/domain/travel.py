"""Whether one tag can have been where it was seen twice: the rule that finds copied tags."""

from __future__ import annotations

from dataclasses import dataclass

from assetctl.domain.chain import parse_instant

TRAVEL_MINUTES = 5
"""Nobody carries a thing from one place to another in less, unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where and when a tag was seen; `outermost` is the place that the place lies in, if known."""

    station: str
    at: str
    place: str | None = None
    outermost: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two sightings too near in time for the way between: the pair, and seconds between them."""

    pair: str
    seconds: int


def apart(first: Seen, second: Seen, *, minutes: int = TRAVEL_MINUTES) -> Apart | None:
    """Return how two sightings contradict each other, None where one thing can have made both.

    Where both say a place, the outermost places (campus, or what has nothing around it) are
    compared, because a station may be carried about; otherwise the stations are. They contradict
    where those differ and less than `minutes` lie between, in whichever order they came in.
    """
    if first.outermost and second.outermost:
        ends = (first.outermost, second.outermost)
    else:
        ends = (first.station, second.station)
    seconds = int(abs((parse_instant(first.at) - parse_instant(second.at)).total_seconds()))
    if ends[0] == ends[1] or seconds >= minutes * 60:
        return None
    return Apart(pair=pair(*ends), seconds=seconds)


def pair(one: str, other: str) -> str:
    """Return two codes as one text, the same in either order."""
    return " / ".join(sorted((one, other)))
