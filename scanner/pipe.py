"""The grid of a code that goes round a pipe, as a camera sees it, from the places of its finders.

Where the pipe's axis lies and how narrow the pipe is are tried from a list: with those two given,
where the modules lie in space is known up to the depth's scale, and the camera that shows them in
the finders' places follows from linear equations. Which try is right the known modules tell: they
reach where no finder is. A polynomial through the finders alone leaves the far corner open.

This module needs numpy and is imported only where a bent code is tried.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scanner.warp import TERMS, Floats, Patch, Warp, through

_AXES = np.radians(np.arange(0, 180, 15))
_BENDS = (0.35, 0.6, 0.85, 1.1)
"""Half the code's width in radii of the pipe; a finer bend is within the reach of the fit."""

_WAYS = ((0.0, 0.0), *((float(axis), bend) for axis in _AXES for bend in _BENDS))

_HOLD = np.array([0, 0, 0, 0.01, 0, 0, 0, 0.01, 0.03, 0.03, 0.03])
"""How much depth and perspective are held back: finders on a slant barely tell them apart."""

_NEAREST = 0.2
"""What is nearer to the camera than this part of the code's distance is not believed."""


def round_a_pipe(
    patch: Patch, size: int, places: Floats, pixels: Floats, known: Floats, wanted: Floats
) -> tuple[float, Warp]:
    """The likeliest grid of `size` modules round a pipe of any axis, with how right it is.

    `places` (n by 2: column, row, in modules) were seen at `pixels`; the modules at `known` have
    the shades `wanted`, and how right a grid is is their mean product with what the patch shows.
    """
    middle = pixels.mean(axis=0)
    scale = float(np.ptp(pixels, axis=0).max()) / 2
    cameras = _cameras(_lifted(places, size), (pixels - middle) / scale)
    seen = _shown(cameras, _known(known.tobytes(), size)) * scale + middle
    told = patch.at(seen.reshape(-1, 2)).reshape(len(_WAYS), len(known)) @ wanted / len(wanted)
    best = int(np.argmax(told))
    steps = np.linspace(-1, size + 1, 9)
    grid = np.stack([np.tile(steps, 9), np.repeat(steps, 9)], axis=1)
    shown = _shown(cameras[best : best + 1], _lifted(grid, size)[best : best + 1])[0]
    warp = through(size, grid, shown * scale + middle, np.ones(len(grid)), TERMS[3])
    return float(told[best]), warp


def _lifted(places: Floats, size: int) -> Floats:
    """The places in space, for each way of lying: 1, across, down and deep, ways by n by 4.

    Half the code is 1 long. For no bend depth is 0.
    """
    u, v = (places * 2 / size - 1).T
    lifted = []
    for axis, bend in _WAYS:
        over = u * np.cos(axis) + v * np.sin(axis)
        along = v * np.cos(axis) - u * np.sin(axis)
        deep = np.zeros_like(u)
        if bend:
            over, deep = np.sin(bend * over) / bend, (1 - np.cos(bend * over)) / bend
        x = over * np.cos(axis) - along * np.sin(axis)
        y = over * np.sin(axis) + along * np.cos(axis)
        lifted.append(np.stack([np.ones_like(u), x, y, deep], axis=1))
    return np.stack(lifted)


@lru_cache(maxsize=4)
def _known(places: bytes, size: int) -> Floats:
    return _lifted(np.frombuffer(places).reshape(-1, 2), size)


def _cameras(lifted: Floats, pixels: Floats) -> Floats:
    """The eleven numbers of the camera that shows each way of lying best in `pixels`.

    x = (a0 + a1 X + a2 Y + a3 Z) / (1 + c1 X + c2 Y + c3 Z), y the same with b: times the
    denominator these are linear in a, b, c.
    """
    count, space = lifted.shape[1], lifted[:, :, 1:]
    rows = np.zeros((len(lifted), 2 * count, 11))
    rows[:, :count, 0:4] = rows[:, count:, 4:8] = lifted
    rows[:, :count, 8:] = -space * pixels[:, :1]
    rows[:, count:, 8:] = -space * pixels[:, 1:]
    turned = rows.transpose(0, 2, 1)
    squares = turned @ rows + np.diag(_HOLD**2 + 1e-9)
    cameras: Floats = np.linalg.solve(squares, turned @ pixels.T.reshape(-1, 1))[:, :, 0]
    return cameras


def _shown(cameras: Floats, lifted: Floats) -> Floats:
    """Where each camera shows its places, ways by n by 2."""
    x = lifted @ cameras[:, :4, None]
    y = lifted @ cameras[:, 4:8, None]
    away = 1 + lifted[:, :, 1:] @ cameras[:, 8:, None]
    shown: Floats = np.concatenate([x, y], axis=2) / np.maximum(away, _NEAREST)
    return shown
