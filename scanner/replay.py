"""Readings written down as they come, and read back: one JSON object a line.

    {"ms": 1250, "text": "…", "symbology": "qr", "corners": [[x, y], …], "engine": "…", "pass": "…"}

`ms` are milliseconds since the recording began; `symbology`, `corners`, `engine` and `pass` may
be absent. A radio tag has `"radio"` as well, an object of `rssi` (dBm), `antenna`, `count`,
`tid`, `pc`, `bits` and `air`, those that are known; when it was heard is `ms`, and read back as
seconds since the recording began. A recording shows afterwards what a device sent, and makes any
of them a test.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from scanner.base import Closing, Source
from scanner.epc96 import is_private96
from scanner.reading import (
    PLAIN,
    RFID,
    TYPED,
    Corners,
    Radio,
    Reading,
    RecordingUnreadableError,
    SourceLostError,
    SourceUnavailableError,
)

_LONGEST_LINE = 65_536
_MOST_CORNERS = 64
_MOST_PIXELS = 1 << 20
_MOST_MS = 1 << 53
_BEGINNING = b'{"ms":'
_MOST_DBM, _MOST_COUNTED, _MOST_BITS = 1_000, 1 << 31, 1 << 16
_HEX = re.compile(r"[0-9A-F]{1,256}")
_AIRS = ("gen2", "gb29768", "gjb7377")
_RADIO: dict[str, Any] = {
    one.name: None if one.default is MISSING else one.default
    for one in fields(Radio)
    if one.name != "heard"
}
"""What is written of how a tag was heard, with what goes without saying."""


class Replay(Closing):
    """A recording, in its order, at once: who wants its pace takes `timed` and waits.

    A last line that was not written to its end is passed over. Raises `SourceUnavailableError`
    for a file that cannot be opened; while it is read, `RecordingUnreadableError` with the line
    that is no reading.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"replay:{path}"
        self._path = path
        try:
            self._stream = path.open("rb")
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=self.name, reason=_why_closed(error)) from error

    def __iter__(self) -> Iterator[Reading]:
        if not self._stream.closed:
            for _, reading in self.timed():
                yield reading

    def timed(self) -> Iterator[tuple[int, Reading]]:
        """Give each reading with its milliseconds since the recording began, never fewer."""
        with self._stream as stream:
            before = 0
            number = 0
            while not stream.closed and (line := stream.readline(_LONGEST_LINE)):
                number += 1
                if not line.strip():
                    continue
                if not line.endswith(b"\n") and _is_torn(line):
                    return
                ms, reading = self._checked(line, number, before)
                before = ms
                yield ms, reading

    def _checked(self, line: bytes, number: int, before: int) -> tuple[int, Reading]:
        found = None if len(line) == _LONGEST_LINE else _parsed(line)
        if found is not None and found[0] >= before:
            return found
        reason = "its time lies before that of the line above" if found else "it is no reading"
        raise RecordingUnreadableError(file=str(self._path), line=number, reason=reason)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class Recorder(Closing):
    """Another source, with every reading written to `path` before it is handed on.

    An older recording is never written over: `SourceUnavailableError`. Closing it closes the
    other source too. Raises `SourceLostError` if the disk takes no more.
    """

    def __init__(
        self, source: Source, path: Path, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = source.name
        self._source = source
        self._path = path
        self._now = now
        self._began = now()
        self._turn = threading.Lock()
        self._is_iterated = self._is_closed = False
        try:
            self._stream = path.open("x", encoding="utf-8")
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=str(path), reason=_why_closed(error)) from error

    def __iter__(self) -> Iterator[Reading]:
        # What the source had taken before it was closed is still written down, so the file is
        # closed by whoever iterates.
        with self._turn:
            self._is_iterated = True
        try:
            yield from self._written()
        finally:
            with self._turn:
                self._is_iterated = False
                if self._is_closed:
                    self._stream.close()

    def _written(self) -> Iterator[Reading]:
        before = 0
        for reading in self._source:
            before = ms = max(before, self._ms(reading))
            try:
                self._stream.write(recorded(reading, ms=ms) + "\n")
                self._stream.flush()
            except (OSError, ValueError) as error:
                reason = "the recording cannot be written"
                raise SourceLostError(source=str(self._path), reason=reason) from error
            yield reading

    def _ms(self, reading: Reading) -> int:
        """When a tag was heard, which may be a while before it is taken; else now."""
        now = self._now()
        heard = reading.radio.heard if reading.radio else now
        return round((heard if self._began <= heard <= now else now) * 1000 - self._began * 1000)

    def close(self) -> None:
        """Close the source, and the recording once what the source had taken is in it."""
        try:
            self._source.close()
        finally:
            with self._turn:
                self._is_closed = True
                if not self._is_iterated:
                    self._stream.close()


def recorded(reading: Reading, *, ms: int) -> str:
    """Return one line of a recording, without its line end."""
    found: dict[str, object] = {
        "ms": ms,
        "text": reading.text,
        "symbology": reading.symbology,
        "corners": reading.corners,
        "engine": reading.engine,
        "pass": reading.pass_name,
    }
    if reading.radio is not None:
        told = ((name, getattr(reading.radio, name)) for name in _RADIO)
        found["radio"] = {name: value for name, value in told if value != _RADIO[name]}
    # Kept in ASCII: a text may hold what no encoding can write.
    return json.dumps(found, separators=(",", ":"))


def _is_torn(line: bytes) -> bool:
    """Whether a last line was being written when the program that recorded was ended."""
    return _BEGINNING.startswith(line[: len(_BEGINNING)]) and _parsed(line) is None


def _parsed(line: bytes) -> tuple[int, Reading] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    ms = found.get("ms")
    if not isinstance(ms, int) or not _is_whole(ms, 0, _MOST_MS):
        return None
    corners = _corners(found.get("corners", []))
    words = [found.get(key, "") for key in ("text", "symbology", "engine", "pass")]
    told = found.get("radio")
    radio = None if told is None else _radio(told, ms)
    if corners is None or not all(map(_is_text, words)) or not words[0]:
        return None
    if told is not None and radio is None:
        return None
    text, symbology, engine, pass_name = words
    reading = Reading(
        text=text,
        symbology=symbology or (RFID if radio or is_private96(text) else TYPED),
        corners=corners,
        engine=engine or "replay",
        pass_name=pass_name or PLAIN,
        radio=radio,
    )
    return ms, reading


def _radio(found: object, ms: int) -> Radio | None:
    """What a recording says of a tag; None if anything in it cannot be."""
    if not isinstance(found, dict):
        return None
    told = {name: found.get(name, usual) for name, usual in _RADIO.items()}
    rssi, antenna = told["rssi"], told["antenna"]
    good = (
        (rssi is None or (_is_number(rssi) and abs(rssi) <= _MOST_DBM))
        and (antenna is None or _is_whole(antenna, 0, _MOST_COUNTED))
        and _is_whole(told["count"], 0, _MOST_COUNTED)
        and _is_whole(told["bits"], 0, _MOST_BITS)
        and all(told[name] is None or _is_hex(told[name]) for name in ("tid", "pc"))
        and told["air"] in _AIRS
    )
    return Radio(heard=ms / 1000, **told) if good else None


def _corners(found: object) -> Corners | None:
    if not isinstance(found, list) or len(found) > _MOST_CORNERS:
        return None
    corners = []
    for point in found:
        if not isinstance(point, list) or len(point) != 2:
            return None
        if not all(_is_whole(value, -_MOST_PIXELS, _MOST_PIXELS) for value in point):
            return None
        corners.append((point[0], point[1]))
    return tuple(corners)


def _is_text(value: object) -> bool:
    # Half of a surrogate pair can stand in JSON but in no output.
    return isinstance(value, str) and not any("\ud800" <= one <= "\udfff" for one in value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _why_closed(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    if isinstance(error, FileExistsError):
        return "a file of that name is there already"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "it may not be opened"
    return "the system refuses to open it"
