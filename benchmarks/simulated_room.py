"""A made-up store room full of radio tags, and what a reader carried through it hears of them.

The physics is that of a passive tag (ISO/IEC 18000-63) at 920 MHz. Power falls with the distance
(log-distance path loss, exponent 2 for a line of sight); what stands before and behind a tag adds
a loss that is normal in dB and stays (shadowing), and where the reader is held one that changes
from second to second (fading). A tag answers if what reaches it can feed its chip: the probability
of being read at least once in a second is a logistic curve over that margin, with a ceiling,
because tags talk over each other and an antenna has blind sides. Its answer takes the same way
back, so that the strength heard falls twice as fast as the power that reaches the tag.

What stands in the room and next door is that of the reference figures of the rule: 200 listed
things of which six are absent, half of those next door, 40 strangers behind the wall, five things
too many. The numbers below were chosen for their reasons, not for what the rule makes of them;
`wall` lets the room be made harder than it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from assetctl.domain.sweep import Read

LISTED, ABSENT, NEXT_DOOR, STRAYS, SURPLUS = 200, 6, 3, 40, 5

_WIDTH, _DEPTH, _HEIGHT = 10.0, 6.0, 1.0
"""Metres of the room; tags lie up to so much above or below the antenna."""
_BRICK = 0.24
"""Metres: next door begins behind the wall, and is as large."""
_AISLES, _PACE = (1.5, 4.5), 0.5
"""The clerk goes up one aisle and down the other: how far in they lie, and metres in a second."""

_RADIATED = 33.0
"""dBm: 1 W into an antenna of 3 dBi, as handhelds have it."""
_FIRST_METRE = 31.7
"""dB that the first metre takes at 920 MHz: 20 log(4 pi / wavelength)."""
_EXPONENT = 2.0
WALL = 8.0
"""dB that a brick wall takes on one way, 16 there and back."""
_TAG_GAIN, _READER_GAIN, _TURNED = 2.0, 3.0, 3.0
"""dB; a tag, straight, takes half of the power that a reader's round wave brings."""
_SENSITIVITY, _SOFT = -18.0, 1.0
"""dBm that feed a chip half of the time, and how sharp that limit is."""
_ANSWER = 6.0
"""dB by which what a tag throws back is weaker than what it got."""
_CEILING = 0.9
_SHADOW, _FADE = 2.0, 2.0
"""Standard deviations in dB, one way: of a tag for all the time, and of each second."""

_QUALITIES = ((0.80, 0.0), (0.95, 5.0), (0.99, 12.0))
"""Cumulative shares and one-way losses in dB: good; poor (at an edge of metal, turned away); very
poor (behind metal, between wet paper). The last one in a hundred is dead."""


@dataclass(frozen=True, slots=True)
class _Tag:
    epc: str
    x: float
    y: float
    z: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One room: what is listed for it, and what is true."""

    listed: tuple[str, ...]
    absent: frozenset[str]
    strays: frozenset[str]
    surplus: frozenset[str]
    tags: tuple[_Tag, ...]

    @property
    def present(self) -> frozenset[str]:
        """The listed things that stand in the room."""
        return frozenset(self.listed) - self.absent


def room(seed: int, *, wall: float = WALL) -> Room:
    """Return the room of a seed: the same one every time. `wall` is its loss in dB, one way."""
    rng = Random(seed)
    listed = tuple(f"{0x5A << 88 | number:024X}" for number in range(LISTED))
    absent = rng.sample(listed, ABSENT)
    strays = [f"{0xE2 << 88 | number:024X}" for number in range(STRAYS)]
    surplus = [f"{0x5A << 88 | 0xFFFF0000 | number:024X}" for number in range(SURPLUS)]
    here = [epc for epc in listed if epc not in absent] + surplus
    tags = [_tag(rng, epc) for epc in here]
    tags += [_tag(rng, epc, wall) for epc in absent[:NEXT_DOOR] + strays]
    return Room(
        listed=listed, absent=frozenset(absent), strays=frozenset(strays),
        surplus=frozenset(surplus), tags=tuple(tag for tag in tags if tag.loss < math.inf),
    )  # fmt: skip


def _tag(rng: Random, epc: str, wall: float | None = None) -> _Tag:
    """Return a tag somewhere in the room, or behind the wall."""
    share = rng.random()
    quality = next((loss for most, loss in _QUALITIES if share < most), math.inf)
    y, loss = rng.uniform(0, _DEPTH), quality + rng.gauss(0, _SHADOW)
    if wall is not None:
        y, loss = y + _DEPTH + _BRICK, loss + wall + rng.gauss(0, _SHADOW)
    return _Tag(epc, rng.uniform(0, _WIDTH), y, rng.uniform(-_HEIGHT, _HEIGHT), loss)


def seconds(room: Room, seed: int) -> Iterator[list[Read]]:
    """Yield what is heard in each second of going round, without an end."""
    rng = Random(~seed)
    second = 0
    while True:
        there, back = divmod(second * _PACE, _WIDTH)
        at = (back, _AISLES[0]) if there % 2 == 0 else (_WIDTH - back, _AISLES[1])
        reads = (_read(tag, rng, second, at) for tag in room.tags)
        yield [read for read in reads if read is not None]
        second += 1


def _read(tag: _Tag, rng: Random, second: int, at: tuple[float, float]) -> Read | None:
    """Return how a tag is heard in one second by a reader that is carried past `at`."""
    metres = max(0.5, math.dist((tag.x, tag.y, tag.z), (*at, 0)))
    loss = tag.loss + _FIRST_METRE + 10 * _EXPONENT * math.log10(metres) + rng.gauss(0, _FADE)
    power = _RADIATED + _TAG_GAIN - _TURNED - loss
    if rng.random() >= _CEILING / (1 + math.exp((_SENSITIVITY - power) / _SOFT)):
        return None
    strength = power - _ANSWER + _TAG_GAIN - _TURNED - loss + _READER_GAIN
    return (tag.epc, second + rng.random(), round(strength, 1), 1, 1, None)
