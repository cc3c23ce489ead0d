"""Handhelds that send what they read: a line each over TCP, or as an HTTP POST.

Every client has a thread of its own, the consumer iterates at its own pace, and a bounded queue
lies between. Where it is full a TCP client waits and an HTTP client is told to come back; nothing
that was answered with a yes is lost. A request that arrives twice gives its readings twice.
"""

from __future__ import annotations

import hmac
import socket
import socketserver
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from scanner.base import Closing
from scanner.reading import Reading, SourceUnavailableError
from scanner.said import ANY
from scanner.untangle import IsOurs, looks_ours

MOST_WAITING = 10_000
"""So many readings wait for the consumer at most."""

MOST_CLIENTS = 32
"""So many clients are served at once; when one more comes, the one silent longest must go."""

_SILENT_SECONDS = 30.0
_JOIN_SECONDS = 5.0


class Waiting:
    """Readings on their way from the clients to the consumer: bounded, in order of arrival."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._readings: deque[Reading] = deque()
        self._change = threading.Condition()
        self._closed = False

    def put(self, readings: tuple[Reading, ...], *, wait: bool) -> bool:
        """Take all of `readings` or, where there is no room and none is awaited, none.

        False says that none was taken. More than fit at all are taken when the queue is empty.
        """

        def has_room() -> bool:
            free = self._most - len(self._readings)
            return self._closed or not self._readings or len(readings) <= free

        with self._change:
            if wait:
                self._change.wait_for(has_room)
            if self._closed or not has_room():
                return False
            self._readings.extend(readings)
            self._change.notify_all()
            return True

    def get(self, timeout: float | None = None) -> Reading | None:
        """The next reading; None when closed and empty, or after `timeout` seconds."""
        with self._change:
            self._change.wait_for(lambda: self._readings or self._closed, timeout)
            if not self._readings:
                return None
            reading = self._readings.popleft()
            self._change.notify_all()
            return reading

    def take(self) -> tuple[Reading, ...]:
        """All readings that wait, at least one; none when closed and empty."""
        with self._change:
            self._change.wait_for(lambda: self._readings or self._closed)
            found = tuple(self._readings)
            self._readings.clear()
            self._change.notify_all()
            return found

    def close(self) -> None:
        """Take nothing more and wake whoever waits; what lies here can still be taken."""
        with self._change:
            self._closed = True
            self._change.notify_all()


class Clients:
    """The connections that are open, and when each last said something."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._last: dict[socket.socket, float] = {}

    def admit(self, client: socket.socket) -> bool:
        """Take in one more, at the cost of one that has long been silent; False when full."""
        now = time.monotonic()
        with self._lock:
            if len(self._last) >= self._most:
                oldest = min(self._last, key=lambda one: self._last[one])
                if now - self._last[oldest] < _SILENT_SECONDS:
                    return False
                del self._last[oldest]
                hang_up(oldest)
            self._last[client] = now
            return True

    def heard(self, client: socket.socket) -> None:
        """Note that a client said something whole."""
        with self._lock:
            if client in self._last:
                self._last[client] = time.monotonic()

    def leave(self, client: socket.socket) -> None:
        """Forget one that has gone."""
        with self._lock:
            self._last.pop(client, None)

    def hang_up_silent(self, seconds: float) -> None:
        """End the connections that have said nothing whole for so long."""
        limit = time.monotonic() - seconds
        with self._lock:
            for client in [one for one, last in self._last.items() if last < limit]:
                hang_up(client)

    def hang_up_all(self) -> None:
        """End every connection."""
        with self._lock:
            for client in self._last:
                hang_up(client)


def hang_up(client: socket.socket) -> None:
    """End a connection that another thread may be reading from."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


class Server(socketserver.ThreadingTCPServer):
    """A listener with a bounded number of clients, each in a thread that dies with the program."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = sys.platform != "win32"
    request_queue_size = 64

    engine = "push"
    scheme = "push"
    full = b""
    """What a client is told that finds no room."""

    def __init__(
        self, host: str, port: int, *, secret: str, is_ours: IsOurs, form: str, most: int
    ) -> None:
        self.secret = secret.encode()
        self.form = form
        self.is_ours = is_ours
        self.waiting = Waiting(most)
        self.clients = Clients(MOST_CLIENTS)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), self.handler())

    def handler(self) -> type[socketserver.BaseRequestHandler]:
        """The class that talks with one client."""
        raise NotImplementedError

    def is_secret(self, told: str) -> bool:
        """Whether a client knows the secret, in a time that does not tell how much of it."""
        return hmac.compare_digest(told.encode("utf-8", "surrogatepass"), self.secret)

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002
        """Take a client in, or tell it that there is no room."""
        if not isinstance(request, socket.socket) or self.clients.admit(request):
            return True
        with suppress(OSError):
            request.settimeout(0.0)
            request.sendall(self.full)
        return False

    def shutdown_request(self, request: object) -> None:
        """End one connection."""
        if isinstance(request, socket.socket):
            self.clients.leave(request)
            hang_up(request)
            request.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that breaks off or talks nonsense is everyday."""


class Push(Closing):
    """A listening source; what inherits it says how clients talk.

    `address` is where it listens: with port 0 the system chooses one. With `secret` only clients
    that know it are heard; without one everybody who reaches the address is. `form` is what
    their texts are, see `scanner.said`. Raises `SourceUnavailableError` where it cannot listen.
    """

    server_class: type[Server]

    def __init__(
        self,
        host: str,
        port: int,
        *,
        secret: str = "",
        is_ours: IsOurs = looks_ours,
        form: str = ANY,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.name = f"{self.server_class.scheme}://{shown}:{port}"
        try:
            self._server = self.server_class(
                host, port, secret=secret, is_ours=is_ours, form=form, most=most_waiting
            )
        except (OSError, OverflowError, ValueError) as error:
            raise SourceUnavailableError(source=self.name, reason=_why_deaf(error)) from error
        bound = self._server.server_address
        self.address: tuple[str, int] = (str(bound[0]), int(bound[1]))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name=self.name, daemon=True
        )
        self._closing = threading.Lock()
        self._thread.start()

    def __iter__(self) -> Iterator[Reading]:
        while (reading := self._server.waiting.get()) is not None:
            yield reading

    def poll(self, timeout: float = 0.0) -> Reading | None:
        """The next reading, or None if there is none within `timeout` seconds."""
        return self._server.waiting.get(timeout)

    def close(self) -> None:
        """Stop listening and hang up; what was answered with a yes can still be iterated."""
        with self._closing:
            if not self._thread.is_alive():
                return
            self._server.waiting.close()
            self._server.shutdown()
            self._thread.join(_JOIN_SECONDS)
            self._server.server_close()
            self._server.clients.hang_up_all()


def _why_deaf(error: Exception) -> str:
    import errno

    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, (OverflowError, ValueError)):
        return "a port is a number from 0 to 65535"
    if number == errno.EADDRINUSE:
        return "another program listens there; end it or choose another port"
    if number == errno.EACCES:
        return "ports below 1024 need special rights; choose a higher one"
    if number == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return "this machine does not have that address"
    return "the system refuses to listen there"
