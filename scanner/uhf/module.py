"""A reader module at the other end of a line: told to read, listened to, told to stop."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

from scanner.base import Closing
from scanner.reading import (
    RFID,
    Radio,
    Reading,
    SourceLostError,
    SourceUnavailableError,
)
from scanner.uhf.chainway import Chainway
from scanner.uhf.frames import Cutter, Frames, Heard, Reply
from scanner.uhf.m100 import M100
from scanner.uhf.port import BAUDS, Port, SerialPort, TcpPort
from scanner.uhf.uhfreader18 import UhfReader18

FAMILIES: dict[str, type[Frames]] = {
    family.name: family for family in (Chainway, UhfReader18, M100)
}  # fmt: skip
"""The families of modules, by the name that an address gives them."""

_ANSWER_SECONDS = 0.5
"""So long a module has to say what it is before it is told to read."""

_PAUSE = 0.2
"""After so many seconds without a byte a beginning that is no frame no longer hides what follows;
a beginning that is one can still be continued."""


class Module(Closing):
    """Tags as a module tells of them, for as long as it is iterated.

    `model` says what the module is, once it has said so; empty before, and where it never does.
    Raises `SourceLostError` where the line goes away; what was heard before counts.
    """

    def __init__(
        self,
        frames: Frames,
        port: Port,
        *,
        name: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.model = ""
        self._frames = frames
        self._port = port
        self._now = now
        self._cutter = Cutter(frames)
        self._is_started = False
        self._is_closed = False
        self._is_reading = False
        self._is_free = False
        self._wake, self._waker = socket.socketpair()

    def __iter__(self) -> Iterator[Reading]:
        if self._is_closed:
            return
        self._is_reading = True
        try:
            self._say(self._frames.hello)
            while not self._is_closed:
                yield from self._heard()
        finally:
            self._is_reading = False
            self.close()
            self._free()

    def close(self) -> None:
        """Have the module stop reading, and give the line back."""
        if not self._is_closed:
            self._is_closed = True
            with suppress(OSError):
                self._waker.send(b"-")
            if not self._is_reading:
                self._free()

    def _heard(self) -> Iterator[Reading]:
        """What comes next, or nothing after the time in which something should have."""
        line, wake = self._port.fileno(), self._wake.fileno()
        began = self._now()
        limit = self._frames.restless if self._is_started else _ANSWER_SECONDS
        while not self._is_closed:
            left = began + limit - self._now()
            if left <= 0:
                self._start()
                return
            ready, _, _ = select.select([line, wake], [], [], min(left, _PAUSE))
            if wake in ready:
                return
            replies = self._cutter.feed(self._read()) if ready else self._cutter.settle()
            if replies:
                yield from self._taken(replies)
                return

    def _taken(self, replies: Iterable[Reply]) -> Iterator[Reading]:
        heard = self._now()
        for reply in replies:
            self.model = reply.model or self.model
            if reply.is_over or (reply.model and not self._is_started):
                self._start()
            for tag in reply.tags:
                yield _reading(tag, heard, self._frames.name)

    def _start(self) -> None:
        self._is_started = True
        self._say(self._frames.start)

    def _read(self) -> bytes:
        try:
            data = self._port.read()
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise self._lost() from error
        if not data:
            raise self._lost()
        return data

    def _say(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> SourceLostError:
        reason = "the reader was switched off, or its cable is loose"
        return SourceLostError(source=self.name, reason=reason)

    def _free(self) -> None:
        """Close the line, once; never while a thread waits for it."""
        if self._is_free:
            return
        self._is_free = True
        with suppress(OSError):
            self._port.write(self._frames.stop)
        self._port.close()
        self._wake.close()
        self._waker.close()


def _reading(tag: Heard, heard: float, engine: str) -> Reading:
    return Reading(
        text=tag.epc.hex().upper(),
        symbology=RFID,
        engine=engine,
        radio=Radio(
            heard=heard,
            rssi=tag.rssi,
            antenna=tag.antenna,
            tid=tag.tid.hex().upper() or None,
            pc=tag.pc.hex().upper() or None,
        ),
    )


def serial_module(rest: str) -> Module:
    """Open `PATH?format=FAMILY&baud=NUMBER`: the speed is the family's where none is given.

    Raises:
        SourceUnavailableError: the port cannot be opened, or the address says it wrongly.
    """
    name = f"serial:{rest}"
    path, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    family = FAMILIES.get(options.pop("format", ""))
    if family is None or not path:
        reason = "it must be PORT?format=FAMILY, FAMILY being chainway, uhfreader18 or m100"
        raise SourceUnavailableError(source=name, reason=reason)
    frames = family()
    baud = options.pop("baud", str(frames.baud))
    if baud not in map(str, BAUDS) or options:
        reason = "behind the family may stand &baud= and a usual speed, such as 57600 or 115200"
        raise SourceUnavailableError(source=name, reason=reason)
    return Module(frames, SerialPort(Path(path), int(baud), name=name), name=name)


def tcp_module(family: str, host: str, port: int) -> Module:
    """Connect to a module of a family that waits at a port.

    Raises:
        SourceUnavailableError: it cannot be reached.
    """
    name = f"tcp+{family}://{host}:{port}"
    return Module(FAMILIES[family](), TcpPort(host, port, name=name), name=name)
