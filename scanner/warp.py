"""A bent grid laid over a patch of a picture: a smooth map from modules to pixels, fitted.

The map is a polynomial, quadratic or cubic, of the place in the grid; over the part of a cylinder
that a camera sees that is exact to a fraction of a module. It is fitted by Gauss-Newton steps that
pull the modules whose shade is known onto that shade.

This module needs numpy and is imported only where a bent code is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = NDArray[np.floating[Any]]
_Pair = tuple[Floats, Floats]

TERMS = {2: 6, 3: 10}
"""How many terms a polynomial of two variables has, by its degree."""

_PART = 512
"""So many rows of twenty columns are multiplied at a time."""

_FAINT = 6.0
"""A part whose lightest and darkest differ by less than twice this shows nothing."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of a picture, each pixel between -1 (as dark as its surroundings get) and 1."""

    shade: Floats

    @classmethod
    def of(cls, image: Image, *, blur: float) -> Patch:
        """The patch of a gray picture, after a Gaussian blur of `blur` pixels."""
        from PIL import ImageFilter

        soft = image.filter(ImageFilter.GaussianBlur(blur)) if blur > 0 else image
        pixels = np.asarray(soft, dtype=np.float32)
        low, high = _range(pixels)
        half = np.maximum((high - low) / 2, _FAINT)
        return cls(np.clip((pixels - (high + low) / 2) / half, -1, 1))

    def at(self, points: Floats) -> Floats:
        """The shades at `points` (n by 2: x, y), between pixels by straight lines."""
        x, y, upper, lower = self._around(points)
        shades: Floats = _between(_between(*upper, x), _between(*lower, x), y)
        return shades

    def with_slopes(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """The shades at `points`, and how they change a pixel along and down."""
        x, y, upper, lower = self._around(points)
        above, below = _between(*upper, x), _between(*lower, x)
        along = _between(upper[1] - upper[0], lower[1] - lower[0], y)
        return _between(above, below, y), along, below - above

    def _around(self, points: Floats) -> tuple[Floats, Floats, _Pair, _Pair]:
        """Where between four pixels each point is, and the shades of the upper and lower two."""
        height, width = self.shade.shape
        x = np.clip(points[:, 0], 0, width - 1.001)
        y = np.clip(points[:, 1], 0, height - 1.001)
        left, top = x.astype(np.intp), y.astype(np.intp)
        at, flat = top * width + left, self.shade.ravel()
        upper, lower = (flat[at], flat[at + 1]), (flat[at + width], flat[at + width + 1])
        return x - left, y - top, upper, lower


@dataclass(frozen=True, slots=True)
class Warp:
    """From places in a grid of `size` modules to pixels; `terms` is terms by 2."""

    size: int
    terms: Floats

    def pixels(self, places: Floats) -> Floats:
        """Where `places` (n by 2: column, row, in modules) lie in the patch, n by 2."""
        return basis(places, self.size, len(self.terms)) @ self.terms

    def widened(self, terms: int) -> Warp:
        """The same map with more terms, which are zero."""
        more = np.zeros((terms - len(self.terms), 2))
        return Warp(self.size, np.vstack([self.terms, more]))


def basis(places: Floats, size: int, terms: int) -> Floats:
    """The first `terms` powers at each place, with the grid brought to -1 … 1."""
    u, v = (places[:, 0] * 2 / size - 1), (places[:, 1] * 2 / size - 1)
    powers = [np.ones_like(u), u, v, u * u, u * v, v * v]
    if terms > len(powers):
        powers += [u * u * u, u * u * v, u * v * v, v * v * v]
    return np.stack(powers[:terms], axis=1)


def through(size: int, places: Floats, pixels: Floats, weights: Floats, terms: int) -> Warp:
    """The map that takes `places` nearest to `pixels`, by least squares."""
    scale = np.sqrt(weights)[:, None]
    # The faint pull to zero keeps apart what the points alone do not settle.
    rows = np.vstack([basis(places, size, terms) * scale, np.diag(_stiffness(terms, 0.02))])
    goal = np.vstack([pixels * scale, np.zeros((terms, 2))])
    return Warp(size, np.linalg.lstsq(rows, goal, rcond=None)[0])


def pulled(
    warp: Warp, patch: Patch, places: Floats, wanted: Floats, weights: Floats, *, steps: int,
    stiffness: float = 0.05,
) -> Warp:  # fmt: skip
    """The map after `steps` Gauss-Newton steps that bring the shades at `places` to `wanted`."""
    powers = basis(places, warp.size, len(warp.terms))
    terms, count = warp.terms, len(warp.terms)
    module = _module(warp)
    hold = np.tile(_stiffness(count, stiffness), 2) * len(places) / module**2
    for _ in range(steps):
        shade, slope_x, slope_y = patch.with_slopes(powers @ terms)
        jacobian = np.hstack([powers * slope_x[:, None], powers * slope_y[:, None]])
        matrix = _squares(jacobian, weights) + np.diag(hold + 1e-9)
        goal = (weights * (wanted - shade)) @ jacobian
        move = np.linalg.solve(matrix, goal).reshape(2, count).T
        # Slopes say nothing of what lies further than about half a module away.
        furthest = float(np.abs(powers @ move).max())
        terms = terms + move * min(1.0, 0.5 * module / max(furthest, 1e-9))
        if furthest < 0.02 * module:
            break
    return Warp(warp.size, terms)


def _squares(rows: Floats, weights: Floats) -> Floats:
    """The weighted products of the columns with each other, in parts.

    In one go it would wake the threads of the library beneath numpy, which costs more than it
    gains: 5 ms of processor time instead of 0.2.
    """
    count = rows.shape[1]
    total = np.zeros((count, count))
    for start in range(0, len(rows), _PART):
        part = rows[start : start + _PART]
        total += (part.T * weights[start : start + _PART]) @ part
    return total


def _stiffness(terms: int, by: float) -> Floats:
    """How much each term is held back: not at all up to the flat ones, more by each power."""
    return np.array([0.0, 0.0, 0.0, *[by] * 3, *[by * 3] * 4][:terms])


def _module(warp: Warp) -> float:
    """About how many pixels a module is wide in the middle of the grid."""
    return float(max(1.0, np.sqrt(abs(np.linalg.det(warp.terms[1:3]))) * 2 / warp.size))


def _range(pixels: Floats, parts: int = 20) -> tuple[Floats, Floats]:
    """The darkest and the lightest shade around each pixel."""
    from PIL import Image

    height, width = pixels.shape
    step = max(2, max(height, width) // parts)
    padded = np.pad(pixels, ((0, -height % step), (0, -width % step)), mode="edge")
    tall, wide = padded.shape[0] // step, padded.shape[1] // step
    blocks = padded.reshape(tall, step, wide, step)
    bounds = []
    for pick, keep in ((blocks.min, np.minimum), (blocks.max, np.maximum)):
        small = np.pad(pick(axis=(1, 3)), 1, mode="edge")
        rows = keep(keep(small[:-2], small[1:-1]), small[2:])
        around = keep(keep(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
        image = Image.fromarray(around.astype(np.float32))
        size = (padded.shape[1], padded.shape[0])
        wider = image.resize(size, Image.Resampling.BILINEAR)
        bounds.append(np.asarray(wider, dtype=np.float32)[:height, :width])
    return bounds[0], bounds[1]


def _between(one: Floats, other: Floats, part: Floats) -> Floats:
    mixed: Floats = one + (other - one) * part
    return mixed
