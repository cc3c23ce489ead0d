"""Which tags lie before the camera: a tag seen thirty times a second arrives once.

Pure: the time is given with every look. A tag has gone only when frames were looked at and it was
in none of them for long enough; a blink, a hand across it, or a camera unplugged for a minute
does not make it arrive again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from scanner.reading import Corners, Reading

GONE_AFTER = 1.5
"""Seconds without a tag after which it counts as gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A tag in a frame: its text, its four corners, the frame's number and time in seconds."""

    text: str
    symbology: str
    corners: Corners
    frame: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Sight):
    """A tag came into view, in this frame and at these corners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Sight):
    """A tag has gone; corners, frame and seconds are those at which it was seen last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled(Sight):
    """One text stands at two places of one frame, `corners` and `others`: one label is a copy.

    Told once for each stay of the tag.
    """

    others: Corners


Event = Arrived | Left | Doubled


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Sight):
    """A tag that is present: where it was seen last, and since when frames have lacked it."""

    missing_since: float | None = None
    is_doubled: bool = False

    @property
    def is_visible(self) -> bool:
        """Whether the newest frame has it."""
        return self.missing_since is None


class Presence:
    """The tags present, kept from look to look.

    A tag is known by its symbology and text. `gone_after` are the seconds that it must be missing.
    """

    def __init__(self, *, gone_after: float = GONE_AFTER) -> None:
        self._gone_after = gone_after
        self._seen: dict[tuple[str, str], Seen] = {}
        self._now = float("-inf")

    @property
    def present(self) -> tuple[Seen, ...]:
        """The tags that have arrived and not left, in the order of their arrival."""
        return tuple(self._seen.values())

    def look(self, readings: Iterable[Reading], *, frame: int, seconds: float) -> tuple[Event, ...]:
        """What changed with this frame: those that left first, then those that arrived.

        `seconds` is on any clock that the frames share; a step back counts as no time at all.
        """
        self._now = max(self._now, seconds)
        spots: dict[tuple[str, str], list[Corners]] = {}
        for reading in readings:
            spots.setdefault((reading.symbology, reading.text), []).append(reading.corners)
        events: list[Event] = list(self._departures(spots.keys()))
        for key, corners in spots.items():
            events += self._sighted(key, corners, frame)
        return tuple(events)

    def end(self) -> tuple[Left, ...]:
        """Send away all that are present: the session is over."""
        gone = tuple(Left(**_sight(seen)) for seen in self._seen.values())
        self._seen.clear()
        return gone

    def _departures(self, visible: Collection[tuple[str, str]]) -> Iterator[Left]:
        for key, seen in list(self._seen.items()):
            if key in visible:
                continue
            if seen.missing_since is None:
                self._seen[key] = replace(seen, missing_since=self._now)
            elif self._now - seen.missing_since >= self._gone_after:
                del self._seen[key]
                yield Left(**_sight(seen))

    def _sighted(
        self, key: tuple[str, str], places: Sequence[Corners], frame: int
    ) -> Iterator[Arrived | Doubled]:
        symbology, text = key
        before = self._seen.get(key)
        was_doubled = before is not None and before.is_doubled
        other = _elsewhere(places)
        seen = Seen(
            text=text,
            symbology=symbology,
            corners=places[0],
            frame=frame,
            seconds=self._now,
            is_doubled=was_doubled or other is not None,
        )
        self._seen[key] = seen
        if before is None:
            yield Arrived(**_sight(seen))
        if other is not None and not was_doubled:
            yield Doubled(**_sight(seen), others=other)


def _sight(seen: Seen) -> dict[str, Any]:
    return {field.name: getattr(seen, field.name) for field in fields(Sight)}


def _elsewhere(places: Sequence[Corners]) -> Corners | None:
    """A place that lies clear of the first one: two engines may tell one code's corners apart."""
    seen = [corners for corners in places if corners]
    if not seen:
        # A radio tag has no place in a picture.
        return None
    first = _box(seen[0])
    for corners in seen[1:]:
        box = _box(corners)
        if box[0] > first[2] or box[2] < first[0] or box[1] > first[3] or box[3] < first[1]:
            return corners
    return None


def _box(corners: Corners) -> tuple[int, int, int, int]:
    across = [x for x, _ in corners]
    down = [y for _, y in corners]
    return min(across), min(down), max(across), max(down)
