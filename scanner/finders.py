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

_MOST = 9
"""More candidates than this are not looked at."""

_TRIPLES = 3
"""The likeliest triples that are worth a fit."""

_LIKE = 0.5
"""How much of a finder a candidate must look like; true ones on a strong bend have 0.7."""

_ANGLES = np.radians(np.arange(0, 90, 15))

_RING = np.array([(u, v) for v in np.arange(-4, 4.1, 0.5) for u in np.arange(-4, 4.1, 0.5)])
_RING_SHADE = np.interp(np.abs(_RING).max(axis=1), [0, 1, 2, 3, 4], [-1, -1, 1, -1, 1])
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
    guesses = []
    for angle in _ANGLES:
        along = np.array([math.cos(angle), math.sin(angle)])
        down = np.array([-along[1], along[0]])
        guesses.append([_reach(patch, centre, way, candidate.module) for way in (along, down)])
    frames = np.array(guesses)
    spots = (centre + _RING @ frames).reshape(-1, 2)
    told = patch.at(spots).reshape(len(frames), len(_RING)) @ _RING_SHADE
    first = Warp(2, np.vstack([centre, frames[int(np.argmax(told))]]))
    fitted = pulled(first, patch, _RING + 1, _RING_SHADE, np.ones(len(_RING)), steps=8)
    like = patch.at(fitted.pixels(_RING + 1)) @ _RING_SHADE / np.abs(_RING_SHADE).sum()
    if like < _LIKE or not 0.3 < np.linalg.norm(fitted.terms[1]) / candidate.module < 3:
        return None
    return Finder(fitted.terms[0], fitted.terms[1:3])


def _reach(patch: Patch, centre: Floats, direction: Floats, module: float) -> Floats:
    """`direction` as long as a module: the finder's third edge either way is 3.5 modules off."""
    steps = np.arange(0.0, 8.0 * module, 0.25)
    ends = []
    for sign in (1.0, -1.0):
        line = centre + sign * steps[:, None] * direction
        edges = np.nonzero(np.diff(patch.at(line) < 0))[0]
        ends.append(steps[edges[2]] if len(edges) > 2 else 3.5 * module)
    length = (ends[0] + ends[1]) / 7
    return direction * float(np.clip(length, 0.5 * module, 2.0 * module))


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
    clusters: list[Floats] = []
    left = across
    while len(left):
        near = np.hypot(left[:, 0] - left[0, 0], left[:, 1] - left[0, 1]) < 1.6 * left[0, 2]
        clusters.append(left[near])
        left = left[~near]
    found: list[tuple[int, Candidate]] = []
    for cluster in clusters:
        one = cluster.mean(axis=0)
        near = np.hypot(down[:, 0] - one[0], down[:, 1] - one[1]) < 1.6 * one[2]
        if not near.any():
            continue
        other = down[near].mean(axis=0)
        if max(one[2], other[2]) <= 2.5 * min(one[2], other[2]):
            x, y, module = map(float, (one + other) / 2)
            found.append((len(cluster) + int(near.sum()), Candidate(x, y, module)))
    found.sort(key=lambda entry: -entry[0] * entry[1].module)
    return [candidate for _, candidate in _apart(found)][:_MOST]


def _apart(found: list[tuple[int, Candidate]]) -> list[tuple[int, Candidate]]:
    kept: list[tuple[int, Candidate]] = []
    for count, one in found:
        reach = [4 * min(one.module, other.module) for _, other in kept]
        away = [math.hypot(one.x - other.x, one.y - other.y) for _, other in kept]
        if all(far > near for far, near in zip(away, reach, strict=True)):
            kept.append((count, one))
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
