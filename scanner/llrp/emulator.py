"""A reader that only pretends: tags, an LLRP listener on TCP, and faults to choose.

    with Emulator(["5A10557AC011123456789AC1"]) as reader:
        …  # a client connects to reader.host and reader.port

It serves any client, one at a time, as readers do: the next one is told that it is busy. It
exists for tests, for benchmarks, and for trying a count without hardware.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.field import EmulatedTag, Field
from scanner.llrp.frames import Frame, Framer, ProtocolError, frame
from scanner.llrp.messages import KEEPALIVE, RO_ACCESS_REPORT, answer_to, pack, unpack
from scanner.llrp.parameters import UNSUPPORTED_MESSAGE
from scanner.llrp.pretend import Pretend

_CHUNK: Final = 65_536
_CONNECTED, _BUSY = 0, 2
_JOIN_SECONDS: Final = 5.0
_DRAIN_SECONDS: Final = 2.0


@dataclass(kw_only=True)
class Faults:
    """What goes wrong, for tests; by default nothing does.

    `cut_after` has, for each connection in turn, after how many bytes it is broken off.
    `silent_after` is after how many messages of reports a connection says nothing more, taken in
    turn as well. `raw` are bytes to send instead of the answer to a message; `refuse` are statuses
    to answer with; `unanswered` names messages that get no answer; `flood` is how many reports go
    out before the answer to a message. `before_report` goes out before every message of reports,
    `in_report` stands in every report of a tag, after what belongs there.
    """

    is_busy: bool = False
    has_regulations: bool = True
    cut_after: list[int] = field(default_factory=list)
    silent_after: list[int] = field(default_factory=list)
    raw: Mapping[str, bytes] = field(default_factory=dict)
    refuse: Mapping[str, int] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    flood: Mapping[str, int] = field(default_factory=dict)
    before_report: bytes = b""
    in_report: bytes = b""


class _BrokenOffError(Exception):
    """A connection ends here, by the client's wish or ours."""


class Emulator:
    """A pretended reader that listens on `host` and `port` (0: the system chooses) at once.

    `tags` are EPCs in hexadecimal or `EmulatedTag`s; `field` holds them, and they can be changed
    while it runs. A round of hearing them takes `interval` seconds; after `rounds` it hears
    nothing more. The same `seed` gives the same signal strengths. Raises `OSError` where it cannot
    listen.
    """

    def __init__(
        self, tags: Iterable[EmulatedTag | str] = (), host: str = "127.0.0.1", port: int = 0, *,
        antennas: int = 2, interval: float = 0.05, rounds: int | None = None, seed: int = 1,
        maker: int = 0, faults: Faults | None = None,
    ) -> None:  # fmt: skip
        self.faults = faults or Faults()
        self.field = Field(tags, seed=seed)
        self.rounds = rounds
        self.reports = 0
        """How many reports of tags have gone out whole."""

        self.connections = 0
        """How many clients have been served."""

        self.asked: list[str] = []
        """The names of the messages that clients sent, in order; the last thousand."""

        self.reader = Pretend(
            self.field, antennas=antennas, maker=maker, has_regulations=self.faults.has_regulations
        )
        self._interval = interval
        self._listener = socket.create_server((host, port))
        self.host, self.port = self._listener.getsockname()[:2]
        self._lock = threading.Lock()
        self._client: socket.socket | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="llrp-emulator", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def serve_forever(self) -> None:
        """Wait until somebody closes it: for a program that does nothing else."""
        while not self._closed.wait(1.0):
            pass

    def close(self) -> None:
        """Hang up and stop listening; doing it again does nothing."""
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            if self._client is not None:
                _hang_up(self._client)
        if threading.current_thread() is not self._thread:
            self._thread.join(_JOIN_SECONDS)

    def _accept(self) -> None:
        servers: list[threading.Thread] = []
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                break
            with self._lock:
                is_busy = self.faults.is_busy or self._client is not None
                if not is_busy:
                    self._client = client
            if is_busy:
                _refuse(client)
                continue
            servers = [one for one in servers if one.is_alive()]
            servers.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
            servers[-1].start()
        for one in servers:
            one.join(_JOIN_SECONDS)

    def _serve(self, client: socket.socket) -> None:
        self.connections += 1
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Conversation(self, client, self._interval).hold()
        except (_BrokenOffError, OSError):
            pass
        finally:
            self.reader.disconnected()
            with self._lock:
                # Another client may come before this one has seen that we are gone.
                self._client = None
            _leave(client)


class _Conversation:
    """One connection, from the event that opens it to its end."""

    def __init__(self, emulator: Emulator, client: socket.socket, interval: float) -> None:
        self._emulator, self._client, self._interval = emulator, client, interval
        self._faults, self._reader = emulator.faults, emulator.reader
        self._left = self._faults.cut_after.pop(0) if self._faults.cut_after else -1
        self._talks = self._faults.silent_after.pop(0) if self._faults.silent_after else -1
        self._framer = Framer()
        self._number = 0
        self._next_round = self._next_sign = 0.0

    def hold(self) -> None:
        """Listen, answer, report and give signs of life until the end."""
        self._tell(parameter("ConnectionAttemptEvent", status=_CONNECTED))
        self._next_sign = time.monotonic()
        while True:
            wait = self._wait(time.monotonic())
            if select.select([self._client], [], [], wait)[0]:
                data = self._client.recv(_CHUNK)
                if not data:
                    raise _BrokenOffError
                self._take(data)
            now = time.monotonic()
            if now >= self._next_round:
                self._next_round = max(now, self._next_round + self._interval)
                self._round(now)
            self._give_sign(now)
            while self._reader.events:
                self._tell(self._reader.events.pop(0))

    def _wait(self, now: float) -> float:
        due = self._next_round
        if self._reader.keepalive:
            due = min(due, self._next_sign + self._reader.keepalive)
        return max(0.0, due - now)

    def _take(self, data: bytes) -> None:
        try:
            for one in self._framer.feed(data):
                self._answer(one)
        except ProtocolError as error:
            raise _BrokenOffError from error

    def _answer(self, one: Frame) -> None:
        now = time.monotonic()
        try:
            asked = unpack(one)
        except ProtocolError:
            self._say(pack(answer_to("", status=100, description="it is cut off"), one.number))
            return
        if asked is None:
            said = answer_to("", status=UNSUPPORTED_MESSAGE, description=f"type {one.kind}")
            self._say(pack(said, one.number))
            return
        self._emulator.asked = [*self._emulator.asked[-999:], asked.name]
        if asked.name == "GET_REPORT":
            for reports in self._reader.fetched():
                self._report(reports)
        answer = self._judged(asked, now)
        for _ in range(self._faults.flood.get(asked.name, 0)):
            self._round(now)
        raw = self._faults.raw.get(asked.name)
        if raw is not None:
            self._say(raw)
        elif answer is not None and asked.name not in self._faults.unanswered:
            self._say(pack(answer, one.number))
        if asked.name == "CLOSE_CONNECTION":
            raise _BrokenOffError

    def _judged(self, asked: Parameter, now: float) -> Parameter | None:
        status = self._faults.refuse.get(asked.name)
        if status is not None:
            return answer_to(asked.name, status=status, description="refused on purpose")
        return self._reader.answer(asked, now)

    def _round(self, now: float) -> None:
        emulator = self._emulator
        if emulator.rounds is not None:
            if emulator.rounds <= 0 or not self._reader.is_hearing:
                return
            emulator.rounds -= 1
        for reports in self._reader.hear(now):
            self._report(reports)

    def _report(self, reports: list[bytes]) -> None:
        if self._talks == 0:
            return
        self._talks -= 1
        if more := self._faults.in_report:
            reports = [_longer(one, more) for one in reports]
        if self._faults.before_report:
            self._say(self._faults.before_report)
        self._number += 1
        self._say(frame(RO_ACCESS_REPORT, self._number, b"".join(reports)))
        self._emulator.reports += len(reports)

    def _give_sign(self, now: float) -> None:
        if self._reader.keepalive and now >= self._next_sign + self._reader.keepalive:
            self._next_sign = now
            self._number += 1
            if self._talks:
                self._say(frame(KEEPALIVE, self._number))

    def _tell(self, event: Parameter) -> None:
        self._number += 1
        self._say(_event(event, self._number))

    def _say(self, data: bytes) -> None:
        if 0 <= self._left < len(data):
            self._client.sendall(data[: self._left])
            raise _BrokenOffError
        self._left -= len(data) if self._left >= 0 else 0
        self._client.sendall(data)


def _event(event: Parameter, number: int) -> bytes:
    clock = parameter("UTCTimestamp", microseconds=946_684_800_000_000)
    told = parameter("ReaderEventNotificationData", clock, event)
    return pack(parameter("READER_EVENT_NOTIFICATION", told), number)


def _longer(report: bytes, more: bytes) -> bytes:
    size = int.from_bytes(report[2:4], "big") + len(more)
    return report[:2] + size.to_bytes(2, "big") + report[4:] + more


def _refuse(client: socket.socket) -> None:
    with suppress(OSError):
        client.sendall(_event(parameter("ConnectionAttemptEvent", status=_BUSY), 1))
    _leave(client)


def _leave(client: socket.socket) -> None:
    """End a connection so that what was sent still arrives: closing at once could take it back."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        client.settimeout(_DRAIN_SECONDS)
        while client.recv(_CHUNK):
            pass
    client.close()


def _hang_up(client: socket.socket) -> None:
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


__all__ = ["EmulatedTag", "Emulator", "Faults"]
