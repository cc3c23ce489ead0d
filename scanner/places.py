"""Where symbols are in a picture, and which text counts at each place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from scanner.engines import Sighting
from scanner.reading import Corners, Reading

_ALIKE = 2.5
"""Two quads whose longest sides differ by more than this are not the same symbol."""


@dataclass(slots=True)
class _Place:
    corners: Corners
    symbology: str
    settled: Reading | None = None
    is_plain: bool = False
    votes: dict[str, list[Reading]] = field(default_factory=dict)

    @property
    def is_lone_finder(self) -> bool:
        """Whether nothing was read here and what was located may be one finder of a QR code."""
        return self.symbology == "microqr" and self.settled is None and not self.votes


class Ballot:
    """What the passes say about each place of one picture.

    The plain pass is believed. A fallback reading counts where no plain one is: if `accept` says
    yes to its text or, with no `accept`, if two different passes read the same text. Where passes
    of the same standing read different texts that count, none is kept: a wrong read is worse than
    none.
    """

    def __init__(self, accept: Callable[[str], bool] | None) -> None:
        self._accept = accept
        self._places: list[_Place] = []
        self._has_wanted = False

    def add_plain(self, readings: Iterable[Reading]) -> None:
        """Take what the plain pass read, all of it."""
        for reading in readings:
            self._places.append(
                _Place(reading.corners, reading.symbology, settled=reading, is_plain=True)
            )
            # A foreign code that was read well says nothing of ours, which may hang beside it.
            self._has_wanted |= self._accept is None or self._accept(reading.text)

    def locate(self, sightings: Iterable[Sighting]) -> None:
        """Take note of places that an engine located and could not read."""
        for seen in sightings:
            if extent(seen.corners) <= 0:
                continue
            place = self._at(seen.corners)
            if place is None:
                self._places.append(_Place(seen.corners, seen.symbology))
            elif place.is_lone_finder and seen.symbology == "qr":
                # Three finders tell better where the code is than one of them, taken for a code.
                place.corners, place.symbology = seen.corners, seen.symbology

    def vote(self, readings: Iterable[Reading]) -> None:
        """Take what one fallback pass read."""
        for reading in readings:
            if self._accept is not None and not self._accept(reading.text):
                continue
            place = self._at(reading.corners)
            if place is None:
                place = _Place(reading.corners, reading.symbology)
                self._places.append(place)
            if not place.is_plain:
                if not place.votes:
                    # What was read tells where the symbol is better than what was not.
                    place.corners, place.symbology = reading.corners, reading.symbology
                place.votes.setdefault(reading.text, []).append(reading)
                place.settled = self._winner(place)
                if place.settled is not None:
                    place.corners = place.settled.corners
                    self._has_wanted = True

    def unread(self) -> list[Sighting]:
        """The places that nothing has settled yet, largest first: they are the likeliest codes.

        What lies inside a symbol that was read is one of its finder patterns, taken for a Micro QR.
        """
        read = [place.corners for place in self._places if place.settled is not None]
        places = [
            place
            for place in self._places
            if place.settled is None
            and not any(_holds(corners, centre(place.corners)) for corners in read)
        ]
        places.sort(key=lambda place: -extent(place.corners))
        return [Sighting(None, place.symbology, place.corners) for place in places]

    def is_unread(self, seen: Sighting) -> bool:
        """Whether `seen`, from an earlier `unread()`, is still open."""
        return seen in self.unread()

    def is_open(self, region: Corners) -> bool:
        """Whether no text counts yet for any place with its centre in `region`."""
        return not any(
            place.settled is not None and _holds(region, centre(place.corners))
            for place in self._places
        )

    def doubtful(self) -> list[Sighting]:
        """The unsettled places where something was read that does not count yet."""
        return [
            Sighting(None, place.symbology, place.corners)
            for place in self._places
            if place.settled is None and place.votes
        ]

    def passes_at(self, seen: Sighting) -> set[str]:
        """The names of the passes that read something at the place of `seen`."""
        place = self._at(seen.corners)
        votes = place.votes.values() if place is not None else ()
        return {vote.pass_name for said in votes for vote in said}

    def is_done(self) -> bool:
        """Whether something wanted was read and no known place is left unread."""
        return self._has_wanted and not self.unread()

    def readings(self) -> tuple[Reading, ...]:
        """What counts, from top to bottom and from left to right."""
        kept = [place.settled for place in self._places if place.settled is not None]
        return _in_reading_order(kept)

    def _at(self, corners: Corners) -> _Place | None:
        matches = [place for place in self._places if same_place(place.corners, corners)]
        middle = centre(corners)
        return min(
            matches, key=lambda place: math.dist(centre(place.corners), middle), default=None
        )

    def _winner(self, place: _Place) -> Reading | None:
        needed = 1 if self._accept is not None else 2
        strong = [
            votes
            for votes in place.votes.values()
            if len({(vote.engine, vote.pass_name) for vote in votes}) >= needed
        ]
        return strong[0][0] if len(strong) == 1 else None


def regions(places: Iterable[Sighting]) -> list[Corners]:
    """Squares in which QR codes may lie, from what was located, the largest first.

    A place of a Micro QR is mostly one finder of a code that is larger by far, so such places
    are taken together where they are near each other and alike.
    """
    squares: list[Corners] = []
    small = []
    for place in places:
        if place.symbology == "qr":
            squares.append(_square(centre(place.corners), extent(place.corners)))
        elif place.symbology == "microqr":
            small.append(place)
    while small:
        first = small.pop(0)
        side = extent(first.corners)
        group = [first]
        for other in small[:]:
            away = math.dist(centre(first.corners), centre(other.corners))
            if extent(other.corners) * _ALIKE > side and away < 5 * side:
                group.append(other)
                small.remove(other)
        middles = [centre(one.corners) for one in group]
        xs, ys = [x for x, _ in middles], [y for _, y in middles]
        span = max(max(xs) - min(xs), max(ys) - min(ys))
        # One finder alone may be at any corner; two or three show how far the code reaches.
        reach = span + side * 1.5 if len(group) > 1 else 3.5 * side
        middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        if not any(_holds(square, middle) for square in squares):
            squares.append(_square(middle, reach))
    return squares


def _square(middle: tuple[float, float], side: float) -> Corners:
    (x, y), half = middle, side / 2
    left, top, right, bottom = map(round, (x - half, y - half, x + half, y + half))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def same_place(one: Corners, other: Corners) -> bool:
    """Whether two quads show the same symbol: alike in size, and one holds the other's centre."""
    small, large = sorted((extent(one), extent(other)))
    if large > _ALIKE * max(small, 1.0):
        return False
    return _holds(one, centre(other)) or _holds(other, centre(one))


def centre(corners: Corners) -> tuple[float, float]:
    """The mean of the corners, in pixels."""
    return (
        sum(x for x, _ in corners) / len(corners),
        sum(y for _, y in corners) / len(corners),
    )


def extent(corners: Corners) -> float:
    """The longest side, in pixels."""
    return max(math.dist(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True))


def _holds(corners: Corners, point: tuple[float, float]) -> bool:
    """Whether `point` lies in the quad or within 4 pixels of its edge.

    The margin is for bar codes, whose quad may be as flat as one scan line.
    """
    inside = False
    x, y = point
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
        if _distance(point, (x0, y0), (x1, y1)) <= 4:
            return True
    return inside


def _distance(point: tuple[float, float], start: tuple[int, int], end: tuple[int, int]) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = 0.0
    if length:
        along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
        along = min(1.0, max(0.0, along))
    return math.dist(point, (start[0] + along * dx, start[1] + along * dy))


def _in_reading_order(readings: list[Reading]) -> tuple[Reading, ...]:
    """Rows from the top; a symbol is in a row if its centre is above the middle of its first."""
    rest = sorted(readings, key=lambda reading: (centre(reading.corners)[1], reading.text))
    ordered: list[Reading] = []
    while rest:
        first = rest[0]
        reach = centre(first.corners)[1] + extent(first.corners) / 2
        row = [reading for reading in rest if centre(reading.corners)[1] <= reach]
        ordered += sorted(row, key=lambda reading: (centre(reading.corners)[0], reading.text))
        rest = rest[len(row) :]
    return tuple(ordered)
