"""The light margin round a symbol: what tells a Micro QR from three squares and chance.

A Micro QR has one finder and 16 bits or so of error detection. In a field of random modules, such
as a spoilt QR code, one in some 65,000 corners reads as a valid one, in every pass alike, because
the chance lies in the picture and not in the reading. What lies beside such a corner is as random
as what lies in it, while a printed symbol has a margin of two modules (ISO/IEC 18004:2015, 5.3.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from scanner.gray import Gray, as_image
from scanner.reading import Corners

_OUT = (0.03, 0.055)
"""How far outside is looked, in sides of the symbol: half a module, and 0.6 to 0.9 modules."""

_IN = 0.035
"""How far inside the dark edge of the finder is looked: 0.4 to 0.6 modules."""

_FINDER = 0.4
"""How far the finder reaches along a side, at the least."""

_STEPS = 24
_LIGHT = 0.85
"""How many of the places along each side must be light, or nothing beside the symbol tells."""


def has_margin(gray: Gray, corners: Corners) -> bool:
    """Whether a margin as light as the finder is dark runs along all four sides of a symbol.

    `corners` go round from the one with the finder. For a light symbol on a dark ground the margin
    must be dark. Places outside of the picture say nothing.
    """
    ways = [_FINDER * step / (_STEPS - 1) for step in range(_STEPS)]
    ring = list(_shades(gray, corners, [(along, _IN) for along in ways]))
    ring += _shades(gray, corners, [(_IN, along) for along in ways])
    sides = [[list(_shades(gray, corners, side)) for side in _sides(out)] for out in _OUT]
    return not ring or any(_is_light(median(ring), around) for around in sides)


def _is_light(dark: float, sides: list[list[int]]) -> bool:
    """Whether nearly all of each side is on the side of the most, away from the finder's shade."""
    seen = [shade for side in sides for shade in side]
    if not seen:
        return True
    light = median(seen)
    middle = (dark + light) / 2
    return light != dark and all(
        sum((shade > middle) == (light > dark) for shade in side) >= _LIGHT * len(side)
        for side in sides
    )


def _sides(out: float) -> list[list[tuple[float, float]]]:
    """Places along the four sides, so far outside, in sides of the symbol."""
    ways = [step / (_STEPS - 1) for step in range(_STEPS)]
    return [
        [(along, -out) for along in ways],
        [(1 + out, along) for along in ways],
        [(along, 1 + out) for along in ways],
        [(-out, along) for along in ways],
    ]


def _shades(gray: Gray, corners: Corners, places: list[tuple[float, float]]) -> Iterator[int]:
    """The shades at places given in sides of the symbol, as far as they lie in the picture."""
    image = as_image(gray)
    pixels: Any = image.load()
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    for u, v in places:
        a, b, c, d = (1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v
        x = round(a * x0 + b * x1 + c * x2 + d * x3)
        y = round(a * y0 + b * y1 + c * y2 + d * y3)
        if 0 <= x < image.width and 0 <= y < image.height:
            yield int(pixels[x, y])
