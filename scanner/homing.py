"""Towards one tag by its signal strength: how near it seems, how high and how fast the tone is.

Pure: the time is given with every call, in seconds on any clock that the calls share. Strength
says nothing sure of distance, for metal, shelves and people reflect and swallow it; whoever walks
while listening finds the way that it rises.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FARTHEST, NEAREST = -80.0, -30.0
"""Signal strengths in dBm at which the level is 0 and 100."""

LOST_AFTER = 3.0
"""Seconds of silence after which the tag counts as lost."""

WINDOW = 1.0
"""The best of so many seconds counts: single reads jump by several dB."""

_FALL = 20.0  # dB in a second, once the window is empty
_HERTZ, _OCTAVES = 220.0, 3
_SLOWEST, _FASTEST = 1.0, 0.1
_STEP = 5
_PER_READ = 10
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What is shown and played now.

    `level` goes from 0 to 100; `rssi` is the strength in dBm that it stands for, None where the
    reader tells none. `hertz` is the pitch of the tone, which is played every `every` seconds.
    While the tag is lost nothing is played.
    """

    level: int
    rssi: float | None
    hertz: int
    every: float
    is_lost: bool


class Homing:
    """Follows one tag from reading to reading.

    With `until` (dBm) it is reached when so many readings in a row, `hold`, are as strong.
    Where the reader tells no strength, the level says how often it is heard.
    """

    def __init__(self, *, until: float | None = None, hold: int = 3) -> None:
        self._until, self._hold = until, hold
        self._recent: deque[tuple[float, float | None]] = deque(maxlen=_MOST)
        self._last: tuple[float, float | None] | None = None
        self._row = 0
        self.reads = 0
        self.best: float | None = None
        """The strongest reading in dBm, if any had a strength."""

        self.best_at: float | None = None
        """When that was."""

        self.is_reached = False
        """Whether it was as strong as wanted for as long as wanted."""

    def hear(self, at: float, rssi: float | None) -> None:
        """Take a reading; one that comes late counts for the time at which it was heard."""
        self.reads += 1
        self._recent.append((at, rssi))
        self._last = (at, rssi)
        if rssi is not None and (self.best is None or rssi > self.best):
            self.best, self.best_at = rssi, at
        strong = self._until is not None and rssi is not None and rssi >= self._until
        self._row = self._row + 1 if strong else 0
        self.is_reached = self.is_reached or self._row >= self._hold

    def look(self, at: float) -> Beat:
        """What to show and to play at a time, no earlier than that of the last call."""
        while self._recent and at - self._recent[0][0] > WINDOW:
            self._recent.popleft()
        if self._last is None or at - self._last[0] >= LOST_AFTER:
            return Beat(level=0, rssi=None, hertz=0, every=_SLOWEST, is_lost=True)
        rssi = self._strength(at)
        if rssi is None:
            level = min(100.0, _PER_READ * len(self._recent))
        else:
            level = 100 * (rssi - FARTHEST) / (NEAREST - FARTHEST)
        return _beat(max(0.0, min(100.0, level)), rssi)

    def _strength(self, at: float) -> float | None:
        known = [rssi for _, rssi in self._recent if rssi is not None]
        if known:
            return max(known)
        heard, rssi = self._last or (at, None)
        if self._recent or rssi is None:
            return None
        return rssi - _FALL * max(0.0, at - heard - WINDOW)


def _beat(level: float, rssi: float | None) -> Beat:
    # In steps, for each pitch is a file of its own to play.
    step = _STEP * round(level / _STEP)
    hertz = round(_HERTZ * 2 ** (_OCTAVES * step / 100))
    every = _SLOWEST + (_FASTEST - _SLOWEST) * level / 100
    return Beat(level=round(level), rssi=rssi, hertz=hertz, every=every, is_lost=False)
