"""Short tones that say without a look at the screen what became of a scan.

The tones are made here and played by whatever player the system has; without one the terminal
rings. Nothing waits for a player and nothing fails because of it.
"""

from __future__ import annotations

import math
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

RATE = 22_050
"""Samples a second."""

_FADE_SECONDS = 0.006
_LOUDNESS = 0.4
_BEEP_SECONDS = 0.06

_MOST_AT_ONCE = 3
"""More players than this at once do not play but hang: then the bell is rung."""


class Sound(StrEnum):
    """What a tone tells."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    COMMITTED = "committed"
    UNDONE = "undone"
    ALERT = "alert"


TONES: dict[Sound, tuple[tuple[float, float], ...]] = {
    Sound.ACCEPTED: ((1319, 0.09),),
    Sound.REFUSED: ((220, 0.16), (0, 0.05), (196, 0.28)),
    Sound.COMMITTED: ((784, 0.1), (988, 0.1), (1175, 0.22)),
    Sound.UNDONE: ((988, 0.1), (659, 0.16)),
    Sound.ALERT: ((880, 0.12), (587, 0.12), (880, 0.12), (587, 0.12), (880, 0.2)),
}
"""Each sound as pairs of hertz (0 is silence) and seconds. High and short is good, low is bad."""

PLAYERS: tuple[tuple[str, ...], ...] = (
    ("paplay",),
    ("pw-play",),
    ("aplay", "-q"),
    ("afplay",),
)
"""Programs that play a WAV file named last, the best first: PulseAudio's, PipeWire's, ALSA's,
macOS's."""


@cache
def wav(sound: Sound) -> bytes:
    """A sound as the bytes of a WAV file: one channel, 16 bits, `RATE` samples a second."""
    return _wav(TONES[sound])


def _wav(tones: Iterable[tuple[float, float]]) -> bytes:
    samples: list[int] = []
    for hertz, seconds in tones:
        samples += _tone(hertz, seconds)
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


def _tone(hertz: float, seconds: float) -> list[int]:
    count = round(seconds * RATE)
    fade = _FADE_SECONDS * RATE
    peak = _LOUDNESS * 32_767 if hertz else 0.0
    # A tone that begins or ends at full strength clicks.
    return [
        round(peak * min(1.0, n / fade, (count - n) / fade) * math.sin(math.tau * hertz * n / RATE))
        for n in range(count)
    ]


def ring_terminal() -> None:
    """Ring the bell of the terminal, if standard error is one."""
    try:
        if sys.stderr.isatty():
            sys.stderr.write("\a")
            sys.stderr.flush()
    except (OSError, ValueError):
        # A terminal that has gone, or a stream that was closed, is not rung.
        return


class Speaker:
    """Plays sounds, to be used in a `with` block; `play` returns at once and raises nothing.

    `find` looks a program up, as `shutil.which` does. A player that fails is not asked again; when
    none is left, `bell` is rung instead.
    """

    def __init__(
        self,
        *,
        find: Callable[[str], str | None] = shutil.which,
        bell: Callable[[], None] = ring_terminal,
    ) -> None:
        found = ((find(player[0]), player[1:]) for player in PLAYERS)
        self._players = [(program, *rest) for program, rest in found if program]
        self._bell = bell
        self._folder: Path | None = None
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def play(self, sound: Sound) -> None:
        """Begin to play a sound."""
        self._play(sound.value, lambda: wav(sound))

    def beep(self, hertz: int) -> None:
        """Begin to play one short tone of a pitch; use few pitches, for each is kept as a file."""
        self._play(f"beep-{hertz}", lambda: _wav(((hertz, _BEEP_SECONDS),)))

    def _play(self, name: str, data: Callable[[], bytes]) -> None:
        self._reap()
        if len(self._running) >= _MOST_AT_ONCE:
            self._bell()
            return
        try:
            path = self._file(name, data)
        except OSError:
            # No room for a file of a few kilobytes: the bell needs none.
            self._bell()
            return
        if not (_play_on_windows(path) or self._start(path)):
            self._bell()

    def close(self) -> None:
        """End what still plays and remove the files; harmless when repeated."""
        for process in self._running:
            process.kill()
            process.wait()
        self._running.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self, path: Path) -> bool:
        while self._players:
            try:
                process = subprocess.Popen(
                    [*self._players[0], str(path)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                self._players.pop(0)
                continue
            self._running.append(process)
            return True
        return False

    def _reap(self) -> None:
        """Forget the players that have ended; one that failed has shown that it does not work."""
        for process in [one for one in self._running if one.poll() is not None]:
            self._running.remove(process)
            program = process.args[0] if isinstance(process.args, list) else None
            if process.returncode and self._players and self._players[0][0] == program:
                self._players.pop(0)

    def _file(self, name: str, data: Callable[[], bytes]) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="assetctl-sound-"))
        path = self._folder / f"{name}.wav"
        if not path.exists():
            path.write_bytes(data())
        return path


def _play_on_windows(path: Path) -> bool:
    """Play a file through the system where it is Windows; say whether it was begun."""
    try:
        winsound: Any = import_module("winsound")
    except ImportError:
        return False
    try:
        winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC)
    except RuntimeError:
        return False
    return True
