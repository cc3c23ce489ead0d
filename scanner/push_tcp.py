"""Handhelds that open a TCP connection and send a line for each read.

Each line is answered: `OK` when it was taken, `TOO LONG`, or `DENIED` until the first line was
the secret, alone or as `AUTH secret`. A client need not read the answers.
"""

from __future__ import annotations

import socket
import socketserver
from contextlib import suppress

from scanner.base import decoded
from scanner.epc96 import is_private96
from scanner.push import Push, Server
from scanner.said import said
from scanner.untangle import looks_ours, untangle

_LONGEST_LINE = 262_144
_PAUSE, _PATIENCE = 0.3, 2.0
"""Some handhelds send no line end: after so many seconds without more a line is over; the longer
time holds for what is not ours, for a network can stop in the middle of a line."""

_CHUNK = 16_384
_AUTH = "AUTH "


class _Client(socketserver.BaseRequestHandler):
    server: _TcpServer
    request: socket.socket

    def setup(self) -> None:
        """Begin with a client of whom nothing is known."""
        self._held = bytearray()
        self._too_long = False
        self._known = not self.server.secret
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def handle(self) -> None:
        """Serve one client until it leaves."""
        pause = _PAUSE
        while (data := self._data(pause)) != b"":
            if data is None and pause == _PAUSE and not self._is_whole():
                pause = _PATIENCE
                continue
            pause = _PAUSE
            if not (self._line(self._taken()) if data is None else self._lines(data)):
                return
        self._line(self._taken())

    def _is_whole(self) -> bool:
        """Whether all that is held is ours, so that nothing is missing at its end."""
        found = untangle(decoded(bytes(self._held)), is_ours=self.server.is_ours)
        return all(is_private96(text) or looks_ours(text) for text in found)

    def _data(self, pause: float) -> bytes | None:
        """What the client sends; nothing at its end, None if a line has stopped for `pause`."""
        try:
            self.request.settimeout(pause if self._held else None)
            return self.request.recv(_CHUNK)
        except TimeoutError:
            return None
        except OSError:
            # A client that leaves without reading our answers resets the connection.
            return b""

    def _lines(self, data: bytes) -> bool:
        # Only what is new is looked through: a client may send a byte at a time.
        first, *more = data.replace(b"\r", b"\n").replace(b"\0", b"").split(b"\n")
        self._hold(first)
        for part in more:
            if not self._ended():
                return False
            self._hold(part)
        return True

    def _hold(self, part: bytes) -> None:
        self._held += part
        if self._too_long or len(self._held) > _LONGEST_LINE:
            self._too_long = True
            self._held.clear()

    def _ended(self) -> bool:
        if not self._too_long:
            return self._line(self._taken())
        # Said once, when the end of it has come.
        self._too_long = False
        self._answer(b"TOO LONG")
        return True

    def _line(self, line: bytes) -> bool:
        """Take one line; False ends the connection."""
        text = decoded(line).strip()
        if not text:
            return True
        self.server.clients.heard(self.request)
        if not self._known:
            self._known = any(map(self.server.is_secret, (text, text.removeprefix(_AUTH))))
            self._answer(b"OK" if self._known else b"DENIED")
            return self._known
        texts = untangle(text, is_ours=self.server.is_ours)
        found = tuple(said(texts, engine="tcp", form=self.server.form))
        # This client waits for room; the consumer and the others do not.
        if found and not self.server.waiting.put(found, wait=True):
            return False
        self._answer(b"OK")
        return True

    def _taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held

    def _answer(self, word: bytes) -> None:
        # A client that reads no answers must not make this thread wait.
        with suppress(OSError):
            self.request.settimeout(0.0)
            self.request.send(word + b"\r\n")


class _TcpServer(Server):
    scheme = "tcp"
    full = b"BUSY\r\n"

    def handler(self) -> type[socketserver.BaseRequestHandler]:
        return _Client


class PushTcp(Push):
    """A TCP listener: one line, one read."""

    server_class = _TcpServer
