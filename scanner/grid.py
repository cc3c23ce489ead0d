"""What every QR code of a size has in the same places: finders, timing, alignment patterns.

ISO/IEC 18004:2015, 6.3. This module needs numpy and is imported only where a bent code is tried.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LIGHT, DARK, UNKNOWN = 1, -1, 0

Shades = NDArray[np.int8]

SIZES = tuple(range(21, 178, 4))
"""Modules a side of versions 1 to 40."""


@lru_cache(maxsize=8)
def known_modules(size: int) -> Shades:
    """`size` by `size` (row, column): `LIGHT`, `DARK`, or `UNKNOWN` where the content decides."""
    shades = np.zeros((size, size), np.int8)
    timing = np.where(np.arange(size) % 2, LIGHT, DARK)
    shades[6, :] = shades[:, 6] = timing
    for y, x in alignment_centres(size):
        shades[y - 2 : y + 3, x - 2 : x + 3] = rings(2, light=(1,))
    corner = rings(4, light=(2, 4))
    shades[:8, :8] = corner[1:, 1:]
    shades[:8, -8:] = corner[1:, :-1]
    shades[-8:, :8] = corner[:-1, 1:]
    shades[size - 8, 8] = DARK
    shades.setflags(write=False)
    return shades


def rings(reach: int, *, light: tuple[int, ...]) -> Shades:
    """Squares inside each other out to `reach` modules; those in `light` are light."""
    away = np.abs(np.arange(-reach, reach + 1))
    distance = np.maximum(away[:, None], away[None, :])
    return np.where(np.isin(distance, light), LIGHT, DARK).astype(np.int8)


def alignment_centres(size: int) -> list[tuple[int, int]]:
    """(row, column) of the middle module of every alignment pattern, nearest to the top left first.

    ISO/IEC 18004:2015, annex E, as the rule behind its table.
    """
    version = (size - 17) // 4
    if version == 1:
        return []
    count = version // 7 + 2
    # Version 32 alone does not follow the rule that the others do.
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    lines = [6, *reversed([size - 7 - index * step for index in range(count - 1)])]
    corners = {(6, 6), (6, lines[-1]), (lines[-1], 6)}
    centres = [(y, x) for y in lines for x in lines if (y, x) not in corners]
    return sorted(centres, key=sum)
