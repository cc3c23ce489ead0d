"""QR codes on bent surfaces: the grid laid over the bend, sampled, and decoded as a flat picture.

An ordinary decoder takes the code as a plane seen at an angle. On a pipe or a bottle its grid runs
off the modules before it reaches the far corner. Here the three finders give the place, the slant
and the width of a module at three corners, which already tells how the surface bends: as a pipe
does, or as a smooth map through what is known. The alignment patterns, the timing lines and at
last the modules themselves pull the grid into place.
The sampled modules go back to zxing-cpp as a clean picture, so that error correction and text stay
its work.

This module needs numpy and is imported only where a bent code is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scanner.engines import Sighting, read_zxing
from scanner.finders import Flags, Triple, find_triples
from scanner.grid import SIZES, UNKNOWN, alignment_centres, known_modules, rings
from scanner.pipe import round_a_pipe
from scanner.warp import TERMS, Floats, Patch, Warp, pulled, through

if TYPE_CHECKING:
    from PIL.Image import Image

Places = NDArray[np.intp]

_LIKE = 0.35
"""How right the known modules must be before the rest is fitted: right sizes have 0.4 and more."""

_SPREAD = ((0.0, 0.0), (0.2, 0.0), (-0.2, 0.0), (0.0, 0.2), (0.0, -0.2))
"""Where in a module its shade is taken, in modules from its middle."""

_CROSSTALK = (0.0, 0.1, 0.2)
"""How much of its neighbours' shades a module has taken on by blur, to be taken off again."""

_QUIET = 2
"""Modules of the light border that take part in the fit."""


def read_bent(image: Image, *, fine: bool) -> list[Sighting]:
    """What the QR code in `image`, a patch with about one code in it, says if it is bent.

    `fine` looks at a softer picture and begins with more grids. Corners are in pixels of the
    patch. Nothing is returned for what error correction does not confirm.
    """
    patch = Patch.of(image, blur=1.0)
    for triple in find_triples(patch):
        module = float(np.mean([one.module for one in triple]))
        soft = Patch.of(image, blur=(0.3 if fine else 0.2) * module)
        starts = [start for size in _sizes(triple) for start in _starts(soft, triple, size)]
        starts.sort(key=lambda start: -start[0])
        for likeness, start in starts[: 4 if fine else 2]:
            if likeness < _LIKE:
                break
            warp = _grown(soft, start, _Cells.of(start.size))
            seen = _decoded(soft, warp)
            if seen is not None:
                return [seen]
    return []


def _starts(patch: Patch, triple: Triple, size: int) -> list[tuple[float, Warp]]:
    """Grids that fit the finders, each with how right its known modules are."""
    cells = _Cells.of(size)
    spanned = _spanned(patch, triple, size).widened(TERMS[3])
    known = (cells.known != UNKNOWN) & (cells.trust >= 1)
    places, pixels = _finder_places(triple, size)
    rounded = round_a_pipe(patch, size, places, pixels, cells.middles[known], cells.known[known])
    return [(cells.likeness(patch, spanned), spanned), rounded]


def _sizes(triple: Triple) -> list[int]:
    """The sizes that the distances between the finders allow, likeliest first."""
    corner, right, below = triple
    counts = []
    for other, axis in ((right, 0), (below, 1)):
        counts += [corner.modules_to(other)[axis], -other.modules_to(corner)[axis]]
    guess = float(np.exp(np.mean(np.log(counts)))) + 7
    near = sorted(SIZES, key=lambda size: abs(size - guess))
    # A larger code bends more from finder to finder, and so tells its size less well.
    return [size for size in near[:5] if abs(size - guess) < max(7, guess / 6)]


def _spanned(patch: Patch, triple: Triple, size: int) -> Warp:
    """The grid that the finders and the alignment patterns span."""
    first = _finder_places(triple, size)
    places, pixels, weights = [first[0]], [first[1]], [np.ones(len(first[0]))]
    warp = through(size, *first, weights[0], TERMS[2])
    for row, column in alignment_centres(size):
        place = np.array([column + 0.5, row + 0.5])
        spot = _alignment(patch, warp, place)
        if spot is not None:
            places.append(place[None, :])
            pixels.append(spot[None, :])
            weights.append(np.full(1, 9.0))
            warp = through(size, np.vstack(places), np.vstack(pixels), np.hstack(weights), TERMS[2])
    return warp


def _finder_places(triple: Triple, size: int) -> tuple[Floats, Floats]:
    """Places in the three finders, in modules, and their pixels."""
    offsets = np.array(list(product((-3.0, 0.0, 3.0), repeat=2)))
    middles = ((3.5, 3.5), (size - 3.5, 3.5), (3.5, size - 3.5))
    places = np.vstack([np.array(middle) + offsets for middle in middles])
    return places, np.vstack([one.centre + offsets @ one.frame for one in triple])


_MARK = np.array(list(product((-2.0, -1.0, 0.0, 1.0, 2.0), repeat=2)))
_MARK_SHADE = rings(2, light=(1,)).astype(np.float64).ravel()
_SHIFTS = np.array(list(product(np.arange(-2.5, 2.6, 0.25), repeat=2)))


def _alignment(patch: Patch, warp: Warp, place: Floats) -> Floats | None:
    """Where the alignment pattern expected at `place` is, or None if it is not near."""
    spots = place + _SHIFTS[:, None, :] + _MARK[None, :, :]
    shades = patch.at(warp.pixels(spots.reshape(-1, 2))).reshape(len(_SHIFTS), len(_MARK))
    fit = (shades * _MARK_SHADE).mean(axis=1) - 0.03 * np.hypot(*_SHIFTS.T)
    best = int(np.argmax(fit))
    if fit[best] < 0.5:
        return None
    found: Floats = warp.pixels((place + _SHIFTS[best])[None, :])[0]
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """The places of a grid: middles of modules (with a light border), and edges between them."""

    size: int
    side: int
    middles: Floats
    known: Floats
    trust: Floats
    edges: Floats
    beside: tuple[Places, Places]

    @classmethod
    def of(cls, size: int) -> _Cells:
        side = size + 2 * _QUIET
        steps = np.arange(side) - _QUIET + 0.5
        middles = np.stack([np.tile(steps, side), np.repeat(steps, side)], axis=1)
        known = np.ones((side, side))
        known[_QUIET:-_QUIET, _QUIET:-_QUIET] = known_modules(size)
        trust = np.full((side, side), 0.3)
        trust[_QUIET:-_QUIET, _QUIET:-_QUIET] = 1.0
        index = np.arange(side * side).reshape(side, side)
        one = np.hstack([index[:, :-1].ravel(), index[:-1, :].ravel()])
        other = np.hstack([index[:, 1:].ravel(), index[1:, :].ravel()])
        edges = (middles[one] + middles[other]) / 2
        return cls(size, side, middles, known.ravel(), trust.ravel(), edges, (one, other))

    def likeness(self, patch: Patch, warp: Warp) -> float:
        """How right the known modules are under `warp`: 1 at most, about 0 for a wrong size."""
        known = (self.known != UNKNOWN) & (self.trust >= 1)
        told = patch.at(warp.pixels(self.middles[known])) * self.known[known]
        return float(told.mean())

    def pulled(self, patch: Patch, warp: Warp, *, reach: float, steps: int) -> Warp:
        """The map after a fit to what is known and to what the modules seem to be.

        Modules further from the top left than `reach` (columns and rows together) stay out.
        """
        shades = patch.at(warp.pixels(self.middles))
        seem = np.where(self.known == UNKNOWN, np.sign(shades), self.known)
        sure = np.where(self.known == UNKNOWN, np.abs(shades), 1.0) * self.trust
        sure = sure * ((self.middles.sum(axis=1) <= reach) | (self.known != UNKNOWN))
        one, other = self.beside
        weights = np.where(seem[one] != seem[other], np.minimum(sure[one], sure[other]), 0.0)
        chosen, inner = weights > 0.1, sure > 0.1
        places = np.vstack([self.middles[inner], self.edges[chosen]])
        wanted = np.hstack([seem[inner], np.zeros(int(chosen.sum()))])
        pull = np.hstack([sure[inner], 2 * weights[chosen]])
        return pulled(warp, patch, places, wanted, pull, steps=steps)


def _grown(patch: Patch, warp: Warp, cells: _Cells) -> Warp:
    """The grid pulled into place from the three finders towards the fourth corner."""
    for part in (0.9, 1.1, 1.3, 1.5, 1.7, 2.2, 2.2, 2.2):
        warp = cells.pulled(patch, warp, reach=part * cells.size, steps=2)
    return warp


def _decoded(patch: Patch, warp: Warp) -> Sighting | None:
    """What the modules under the grid say, if error correction confirms it."""
    size = warp.size
    steps = np.arange(size) + 0.5
    places = np.stack([np.tile(steps, size), np.repeat(steps, size)], axis=1)
    spread = [patch.at(warp.pixels(places + np.array(move))) for move in _SPREAD]
    shades = np.mean(spread, axis=0).reshape(size, size)
    padded = np.pad(shades, 1, constant_values=1.0)
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    for crosstalk in _CROSSTALK:
        text = _text(shades - crosstalk * around > 0)
        if text is not None:
            ends = np.array([(0, 0), (size, 0), (size, size), (0, size)], dtype=np.float64)
            corners = tuple((round(float(x)), round(float(y))) for x, y in warp.pixels(ends))
            return Sighting(text=text, symbology="qr", corners=corners)
    return None


def _text(light: Flags) -> str | None:
    """What zxing-cpp reads in these modules, drawn clean, with all that is known put right."""
    from PIL import Image

    known = known_modules(len(light))
    light = np.where(known == UNKNOWN, light, known > 0)
    pixels = np.kron(np.pad(light, 4, constant_values=True), np.ones((3, 3))) * 255
    clean = Image.fromarray(pixels.astype(np.uint8))
    texts = [seen.text for seen in read_zxing(clean, ("qr",), is_pure=True) if seen.text]
    return texts[0] if len(texts) == 1 else None
