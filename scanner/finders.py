"""The three corner squares of a QR code, found in a patch of a picture that bends them.

This module needs numpy and is imported only where a bent code is tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from scanner.warp import Floats, Patch, Warp, pulled

Flags = NDArray[np.bool_]

_MOST = 14
"""More candidates than this are not looked at."""

_TRIPLES = 3
"""The likeliest triples that are worth a fit."""

_LIKE = 0.5
"""How much of a finder a candidate must look like; true ones on a strong bend have 0.7."""

_AT_FIRST = 0.15
"""The same before the fit: most of what is none has less, true ones on a strong bend have more."""

_ANGLES = np.radians(np.arange(0, 90, 15))
_WAYS = np.stack([
    np.stack([np.cos(_ANGLES + quarter), np.sin(_ANGLES + quarter)], axis=1)
    for quarter in np.radians((0, 90, 180, 270))
], axis=1).reshape(-1, 2)  # fmt: skip

_RING = np.array([(u, v) for v in np.arange(-4, 4.1, 0.5) for u in np.arange(-4, 4.1, 0.5)])
_RING_SHADE = np.interp(np.abs(_RING).max(axis=1), [0, 1, 2, 3, 4], [-1, -1, 1, -1, 1])
_RING_TOTAL = float(np.abs(_RING_SHADE).sum())
"""Places in a finder and its border, in modules from its centre, and their shades."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be a finder: its centre in pixels, and about how wide a module is."""

    x: float
    y: float
    module: float


@dataclass(frozen=True, slots=True)
class Finder:
    """A finder pattern after its fit.

    `frame` is 2 by 2: a row for a step of one module along, one for a step down, in pixels.
    """

    centre: Floats
    frame: Floats

    @property
    def module(self) -> float:
        """How wide a module is here, in pixels."""
        return float(np.sqrt(abs(np.linalg.det(self.frame))))

    def modules_to(self, other: Finder) -> Floats:
        """How many modules along and down it is from here to `other`, as seen from here."""
        steps: Floats = np.linalg.solve(self.frame.T, other.centre - self.centre)
        return steps


Triple = tuple[Finder, Finder, Finder]
"""The finders at the top left, the top right and the bottom left of one code."""


def find_triples(patch: Patch) -> list[Triple]:
    """The likeliest sets of three finders in the patch, best first."""
    fitted = [_fitted(patch, one) for one in find_candidates(patch.shade < 0)]
    finders = [one for one in fitted if one is not None]
    ranked = []
    for three in permutations(finders, 3):
        triple = _aligned(*three)
        if triple is not None and (strain := _strain(triple)) < 1.5:
            ranked.append((strain, triple))
    ranked.sort(key=lambda entry: entry[0])
    return [triple for _, triple in ranked[:_TRIPLES]]


def _fitted(patch: Patch, candidate: Candidate) -> Finder | None:
    """The best affine view of a finder, or None if there is none at the place."""
    centre = np.array([candidate.x, candidate.y])
    frames = _guesses(patch, centre, candidate.module)
    spots = (centre + _RING @ frames).reshape(-1, 2)
    told = patch.at(spots).reshape(len(frames), len(_RING)) @ _RING_SHADE
    if told.max() < _AT_FIRST * _RING_TOTAL:
        return None
    first = Warp(2, np.vstack([centre, frames[int(np.argmax(told))]]))
    fitted = pulled(first, patch, _RING + 1, _RING_SHADE, np.ones(len(_RING)), steps=8)
    like = patch.at(fitted.pixels(_RING + 1)) @ _RING_SHADE / _RING_TOTAL
    if like < _LIKE or not 0.3 < np.linalg.norm(fitted.terms[1]) / candidate.module < 3:
        return None
    return Finder(fitted.terms[0], fitted.terms[1:3])


def _guesses(patch: Patch, centre: Floats, module: float) -> Floats:
    """Pairs of steps at right angles, each as long as a module is that way, n by 2 by 2.

    The finder's third edge either way is 3.5 modules from its centre.
    """
    away = np.arange(0.0, 8.0, 1 / 8)
    lines = centre + (_WAYS * module)[:, None, :] * away[:, None]
    light = patch.at(lines.reshape(-1, 2)).reshape(len(_WAYS), len(away)) >= 0
    edges = np.cumsum(light[:, 1:] != light[:, :-1], axis=1) >= 3
    ends = np.where(edges[:, -1], away[np.argmax(edges, axis=1)], 3.5)
    # The ways go along, down, back and up for each angle.
    ends = ends.reshape(len(_ANGLES), 4)
    lengths = np.clip((ends[:, :2] + ends[:, 2:]) / 7, 0.5, 2.0) * module
    frames: Floats = _WAYS.reshape(len(_ANGLES), 4, 2)[:, :2] * lengths[:, :, None]
    return frames


def _aligned(corner: Finder, right: Finder, below: Finder) -> Triple | None:
    """The triple with frames that point from the corner to the others, if they turn clockwise."""
    along, down = right.centre - corner.centre, below.centre - corner.centre
    if along[0] * down[1] - along[1] * down[0] <= 0:
        return None
    turned = []
    for one in (corner, right, below):
        ways = np.vstack([one.frame, -one.frame])
        frame = np.array([max(ways, key=along.dot), max(ways, key=down.dot)])
        if np.linalg.det(frame) < 0.1 * np.prod(np.linalg.norm(frame, axis=1)):
            return None
        turned.append(Finder(one.centre, frame))
    return turned[0], turned[1], turned[2]


def _strain(triple: Triple) -> float:
    """How far from a square in one plane, as the frames see it: 0 for a flat code seen straight."""
    corner, right, below = triple
    aside, counts = 0.0, []
    for other, axis in ((right, 0), (below, 1)):
        there, back = corner.modules_to(other), -other.modules_to(corner)
        if min(there[axis], back[axis]) < 9:
            return math.inf
        aside += abs(there[1 - axis] / there[axis]) + abs(back[1 - axis] / back[axis])
        aside += abs(math.log(there[axis] / back[axis])) / 2
        counts.append(math.sqrt(there[axis] * back[axis]))
    return aside + abs(math.log(counts[0] / counts[1]))


def find_candidates(dark: Flags) -> list[Candidate]:
    """Where rows and columns both run dark, light, dark, light, dark as 1:1:3:1:1."""
    across = _crossings(dark)
    down = _crossings(dark.T)[:, [1, 0, 2]]
    if not len(across) or not len(down):
        return []
    rows, ones = _gathered(across, across)
    columns, others = _gathered(ones, down)
    small, large = np.minimum(ones[:, 2], others[:, 2]), np.maximum(ones[:, 2], others[:, 2])
    found = np.flatnonzero((columns > 0) & (large <= 2.5 * small))
    both = (ones + others) / 2
    found = found[np.argsort(-(rows + columns)[found] * both[found, 2], kind="stable")]
    return _apart([Candidate(*map(float, one)) for one in both[found]])


def _gathered(ones: Floats, others: Floats) -> tuple[Floats, Floats]:
    """How many of the others are within 1.6 modules of each one, and the mean of those."""
    away = (ones[:, :1] - others[:, 0]) ** 2 + (ones[:, 1:2] - others[:, 1]) ** 2
    near = (away < (1.6 * ones[:, 2:]) ** 2).astype(np.float64)
    counts = near.sum(axis=1)
    return counts, np.einsum("ij,jk->ik", near, others) / np.maximum(counts, 1)[:, None]


def _apart(found: list[Candidate]) -> list[Candidate]:
    """The first ones that do not lie within each other."""
    kept: list[Candidate] = []
    for one in found:
        if len(kept) == _MOST:
            break
        if all(
            math.hypot(one.x - other.x, one.y - other.y) > 4 * min(one.module, other.module)
            for other in kept
        ):
            kept.append(one)
    return kept


def _crossings(dark: Flags) -> Floats:
    """(x, y, module) of every run of the finder's proportions along the rows of `dark`."""
    rows, columns = np.nonzero(dark[:, 1:] != dark[:, :-1])
    if len(rows) < 6:
        return np.empty((0, 3))
    start, last = columns[:-5], len(columns) - 5
    runs = np.stack([columns[i + 1 : last + i + 1] - columns[i : last + i] for i in range(5)])
    module = runs.sum(axis=0) / 7
    outer = np.abs(runs[[0, 1, 3, 4]] - module).max(axis=0)
    fits = (
        (rows[:-5] == rows[5:])
        & dark[rows[:-5], start + 1]
        & (module >= 1)
        & (outer <= np.maximum(0.6 * module, 1.0))
        & (np.abs(runs[2] - 3 * module) <= np.maximum(module, 1.5))
    )
    x = start + 0.5 + runs[0] + runs[1] + runs[2] / 2
    crossings: Floats = np.stack([x, rows[:-5].astype(float), module], axis=1)[fits]
    return crossings
