"""The steps after the plain pass, one at a time, so that a budget can end them between any two.

The order is by what a step reads more per millisecond, measured on photographs by strangers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scanner.engines import (
    Sighting,
    engine_fault,
    numpy_works,
    read_opencv,
    read_zbar,
    read_zxing,
)
from scanner.gray import Gray, as_array, as_image, size_of
from scanner.passes import (
    CROP_PASSES,
    FIRST_PASSES,
    HALF_PASS,
    LATER_PASSES,
    NOISY_PASSES,
    PICTURE_PASSES,
    SECOND_PASSES,
    Pass,
)
from scanner.places import Ballot, centre, extent, regions
from scanner.reading import OPINION, Corners, Reading

if TYPE_CHECKING:
    from PIL.Image import Image

_WORK_PIXELS = 16_000_000
"""Larger pictures are shrunk to this for the fallback passes, to keep each step short."""

_FIRST_PIXELS = 4_000_000
"""The same for the first tries, unless the picture is crowded with small codes."""

_PHOTO_EFFORT = 100.0
_CROWD_EFFORT = 20.0
_CROWD_TIMES = 2.7
"""What the steps of `photo` may cost together, in megapixels of the plain pass; in a crowded
picture so many times its own megapixels, if that is more than the lower figure."""

_OPINION_PIXELS = {"zbar": 4_000_000, "opencv": 1_500_000}
"""Second engines cannot be stopped and slow down with the picture: 4 s on 12 megapixels."""

_CROP_SIDE = 500
_CROP_MARGIN = 1.7
"""A located symbol is cut out this much wider than it is, and brought to `_CROP_SIDE` pixels."""

_BENT_SIDE = 480
_BENT_ZOOM = 4.0
"""The same for a bent code; more than four times larger shows nothing new."""

_LOCATING = frozenset({"blur", "clahe"})
"""The fallback passes whose located and unread places are worth a closer look, too."""

_CROWD = 20
"""With more unread places than this the picture is noisy all over: softer copies come first."""

_BENT_MOST = {"photo": 3, "thorough": 12}
"""How many places are tried for a bent code."""

_CROP_EFFORT = 0.6
_BENT_EFFORT = 15.0
_WHOLE_EFFORT = 1.5
_OPINION_EFFORT = 15.0
"""What a step costs, in megapixels of the plain pass: the last two for each of its megapixels."""


@dataclass(frozen=True, slots=True)
class Step:
    """One try: what it costs, in megapixels of the plain pass, and the work itself."""

    effort: float
    run: Callable[[], Iterable[Reading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One picture and what is wanted of it."""

    gray: Image
    ballot: Ballot
    symbologies: Sequence[str]
    engines: Sequence[str]
    mode: str

    def steps(self) -> Iterator[Step]:
        """The fallback steps of this mode; what each reads goes to the ballot before the next."""
        if self._has("zxing"):
            yield from self._own_steps()
        if self._has("zbar") and (self.mode == "thorough" or not self._has("zxing")):
            for kind in (None, HALF_PASS):
                yield self._opinion("zbar", kind)
                yield from self._confirmations()
        # It reads nothing that the others do not, so it is for machines that have nothing else.
        if self._has("opencv") and not self._has("zxing") and not self._has("zbar"):
            yield self._opinion("opencv", None)

    def _has(self, engine: str) -> bool:
        return engine in self.engines and engine_fault(engine) is None

    @property
    def crowded(self) -> bool:
        """Whether so much was located and not read that the picture must be noisy all over."""
        return len(self.ballot.unread()) > _CROWD

    def effort(self) -> float:
        """What all steps together may cost, in megapixels of the plain pass."""
        if self.mode == "thorough":
            return math.inf
        pixels = self.gray.width * self.gray.height / 1e6
        return max(_CROWD_EFFORT, _CROWD_TIMES * pixels) if self.crowded else _PHOTO_EFFORT

    def _own_steps(self) -> Iterator[Step]:
        limit = _WORK_PIXELS if self.crowded else _FIRST_PIXELS
        work, scale = _prepared(self.gray, limit)
        first: Sequence[Pass] = FIRST_PASSES
        then: Sequence[Pass] = SECOND_PASSES
        if self.crowded:
            rest = (*FIRST_PASSES, *SECOND_PASSES)
            first, then = NOISY_PASSES, [kind for kind in rest if kind not in NOISY_PASSES]
        yield from self._wholes(work, scale, first)
        yield from self._bends(_BENT_MOST[self.mode])
        yield from self._wholes(work, scale, then)
        yield from self._crops()
        yield from self._wholes(work, scale, LATER_PASSES)
        if self.mode == "thorough":
            if self.gray.width * self.gray.height > limit:
                work, scale = _prepared(self.gray, _WORK_PIXELS)
                yield from self._wholes(work, scale, PICTURE_PASSES)
            yield from self._bends(_BENT_MOST[self.mode], fine=True)
            yield from self._crops()

    def _wholes(self, work: Gray, scale: float, kinds: Sequence[Pass]) -> Iterator[Step]:
        for kind in kinds:
            yield self._whole(work, scale, kind)
            yield from self._confirmations()

    def _confirmations(self) -> Iterator[Step]:
        """A closer look at what one pass alone has read, until another says the same."""
        for place in self.ballot.doubtful():
            is_bent = any(name.startswith("bent") for name in self.ballot.passes_at(place))
            # What took a bent grid to read will hardly be read without one.
            ways = (self._bent_looks, self._close_looks)
            for way in ways if is_bent else reversed(ways):
                yield from way(place)

    def _close_looks(self, place: Sighting) -> Iterator[Step]:
        cut = _crop_cut(self.gray, place)
        if cut is None:
            return
        for kind in CROP_PASSES:
            if not self.ballot.is_unread(place):
                break
            yield Step(_CROP_EFFORT, partial(_looked_at, cut, place, kind, self.symbologies))

    def _bent_looks(self, place: Sighting) -> Iterator[Step]:
        for fine in (True, False):
            if self.ballot.is_unread(place) and self._can_bend():
                yield Step(_BENT_EFFORT, partial(bent, self.gray, place.corners, fine=fine))

    def _crops(self) -> Iterator[Step]:
        for place in self.ballot.unread():
            yield from self._close_looks(place)
            yield from self._confirmations()

    def _bends(self, most: int, *, fine: bool = False) -> Iterator[Step]:
        tried: set[Corners] = set()
        while self._can_bend() and len(tried) < most:
            # A code that was read changes what the rest may be, so they are gathered anew.
            left = [one for one in regions(self.ballot.unread()) if one not in tried]
            if not left:
                break
            tried.add(left[0])
            if self.ballot.is_open(left[0]):
                yield Step(_BENT_EFFORT, partial(bent, self.gray, left[0], fine=fine))
                yield from self._confirmations()

    def _whole(self, work: Gray, scale: float, kind: Pass) -> Step:
        width, height = size_of(work)
        pixels = width * height * kind.squeeze[0] * kind.squeeze[1]
        work_of = partial(whole, work, scale, kind, self.ballot, self.symbologies)
        return Step(_WHOLE_EFFORT * pixels / 1e6, work_of)

    def _opinion(self, engine: str, kind: Pass | None) -> Step:
        pixels = min(self.gray.width * self.gray.height, _OPINION_PIXELS[engine])
        work_of = partial(opinion, self.gray, engine, self.symbologies, kind=kind)
        return Step(_OPINION_EFFORT * pixels / 1e6, work_of)

    def _can_bend(self) -> bool:
        return "qr" in self.symbologies and numpy_works()


def whole(
    work: Gray, scale: float, kind: Pass, ballot: Ballot, symbologies: Sequence[str]
) -> list[Reading]:
    """What zxing-cpp reads in the whole picture after one preparation."""
    seen = read_zxing(kind.prepare(work), symbologies, global_threshold=kind.global_threshold)
    factors = (scale * kind.squeeze[0], scale * kind.squeeze[1])
    seen = [moved(found, factors, (0.0, 0.0)) for found in seen]
    if kind.name in _LOCATING:
        ballot.locate(found for found in seen if found.text is None)
    return readings_of(seen, engine="zxing", pass_name=kind.name)


def crop(gray: Gray, place: Sighting, kind: Pass, symbologies: Sequence[str]) -> list[Reading]:
    """What zxing-cpp reads in the enlarged surroundings of `place` after one preparation."""
    cut = _crop_cut(gray, place)
    return [] if cut is None else _looked_at(cut, place, kind, symbologies)


def _crop_cut(gray: Gray, place: Sighting) -> _Cut | None:
    return _cut(gray, place.corners, margin=_CROP_MARGIN, side=_CROP_SIDE)


def _looked_at(cut: _Cut, place: Sighting, kind: Pass, symbologies: Sequence[str]) -> list[Reading]:
    part, factors, offset = cut
    # A damaged QR code is often located as a Micro QR: one of its finder patterns.
    names = (
        ("code128",)
        if place.symbology == "code128"
        else [name for name in symbologies if name != "code128"]
    )
    seen = read_zxing(kind.prepare(part), names, global_threshold=kind.global_threshold)
    seen = [moved(found, factors, offset) for found in seen]
    return readings_of(seen, engine="zxing", pass_name=kind.name)


def bent(gray: Gray, region: Corners, *, fine: bool) -> list[Reading]:
    """What a bent QR code in or around `region` says; needs numpy."""
    # That module loads numpy.
    from scanner.bent import read_bent

    cut = _cut(gray, region, margin=_CROP_MARGIN, side=_BENT_SIDE, zoom=_BENT_ZOOM)
    if cut is None:
        return []
    part, factors, offset = cut
    seen = [moved(found, factors, offset) for found in read_bent(part, fine=fine)]
    return readings_of(seen, engine="zxing", pass_name="bent-fine" if fine else "bent")


def opinion(
    gray: Image, engine: str, symbologies: Sequence[str], *, kind: Pass | None = None
) -> list[Reading]:
    """What another engine reads in the picture as it is, or after the preparation `kind`."""
    work, scale = shrunk(gray, _OPINION_PIXELS[engine])
    read = read_zbar if engine == "zbar" else read_opencv
    squeeze = kind.squeeze if kind else (1.0, 1.0)
    factors = (scale * squeeze[0], scale * squeeze[1])
    found = read(kind.prepare(work) if kind else work, symbologies)
    name = f"{OPINION}-{kind.name}" if kind else OPINION
    seen = [moved(one, factors, (0.0, 0.0)) for one in found]
    return readings_of(seen, engine=engine, pass_name=name)


def shrunk(gray: Image, most: int) -> tuple[Image, float]:
    """The picture with at most `most` pixels, and by how much it was shrunk."""
    from PIL.Image import Resampling

    pixels = gray.width * gray.height
    if pixels <= most:
        return gray, 1.0
    scale = (most / pixels) ** 0.5
    size = (max(1, round(gray.width * scale)), max(1, round(gray.height * scale)))
    return gray.resize(size, Resampling.BOX), scale


def _prepared(gray: Image, most: int) -> tuple[Gray, float]:
    """The picture shrunk as above, in the shape that the passes work on, so that none copies it."""
    work, scale = shrunk(gray, most)
    return (as_array(work) if engine_fault("opencv") is None else work), scale


def moved(found: Sighting, factors: tuple[float, float], offset: tuple[float, float]) -> Sighting:
    """The sighting in pixels of the picture, from pixels of a scaled part of it."""
    if factors == (1.0, 1.0) and offset == (0.0, 0.0):
        return found
    corners: Corners = tuple(
        (round(x / factors[0] + offset[0]), round(y / factors[1] + offset[1]))
        for x, y in found.corners
    )
    return Sighting(text=found.text, symbology=found.symbology, corners=corners)


def readings_of(seen: Iterable[Sighting], *, engine: str, pass_name: str) -> list[Reading]:
    """The sightings that hold a text, as readings of one pass."""
    return [
        Reading(
            text=found.text,
            symbology=found.symbology,
            corners=found.corners,
            engine=engine,
            pass_name=pass_name,
        )
        for found in seen
        # A symbol may hold no text at all; there is nothing to report of it.
        if found.text
    ]


_Cut = tuple["Image", tuple[float, float], tuple[float, float]]


def _cut(
    gray: Gray, corners: Corners, *, margin: float, side: int, zoom: float = 1e9
) -> _Cut | None:
    """The surroundings of a place about `side` pixels wide, the scale of each axis, the offset."""
    from PIL.Image import Resampling

    width, height = size_of(gray)
    x, y = centre(corners)
    reach = max(extent(corners) * margin / 2, 8.0)
    left, top = max(0.0, x - reach), max(0.0, y - reach)
    right, bottom = min(width, x + reach), min(height, y + reach)
    if right - left < 1 or bottom - top < 1:
        return None
    factor = min(side / (2 * reach), zoom)
    size = (max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor)))
    part = as_image(gray).resize(size, Resampling.BICUBIC, box=(left, top, right, bottom))
    return part, (size[0] / (right - left), size[1] / (bottom - top)), (left, top)
