"""Servers on loopback that take mail and posts, well or badly, for tests of what sends them."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]
"""What a server does with one caller."""


@contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """Give the port of a server that talks like this with each caller."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                talk(self.request)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


class Mailbox:
    """An SMTP server that keeps what it takes; each fault is a way to behave badly.

    `refuse` are addresses that it does not know. `busy` refuses whole letters, `silent` never
    greets, `cut` hangs up in the middle of a letter, `half` after half of its answer.
    """

    def __init__(self, fault: str = "", refuse: tuple[str, ...] = ()) -> None:
        self.letters: list[tuple[list[str], str]] = []
        self.fault = fault
        self.refuse = refuse
        self.gate = threading.Event()

    def talk(self, caller: socket.socket) -> None:
        """Talk SMTP with one caller."""
        if self.fault == "silent":
            self.gate.wait(20)
            return
        lines = caller.makefile("rb")
        to: list[str] = []
        _say(caller, "220 mail.test ready")
        for raw in lines:
            line = raw.decode("ascii", "replace").strip()
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                _say(caller, "250-mail.test\r\n250 8BITMIME")
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address in self.refuse:
                    _say(caller, "550 no such user")
                    continue
                to.append(address)
                _say(caller, "250 ok")
            elif verb == "DATA":
                if self.fault == "busy":
                    _say(caller, "451 try later")
                    continue
                _say(caller, "354 go on")
                if self.fault == "cut":
                    return
                letter = b"".join(iter(lines.readline, b".\r\n"))
                if self.fault == "half":
                    caller.sendall(b"25")
                    return
                self.letters.append((to, letter.decode()))
                to = []
                _say(caller, "250 taken")
            elif verb == "QUIT":
                _say(caller, "221 bye")
                return
            else:
                _say(caller, "250 ok")


class Desk:
    """A web server that keeps what is posted to it, and answers as it is told.

    `answer` are the bytes of its answer, None to say nothing at all.
    """

    def __init__(self, answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n") -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answer = answer
        self.gate = threading.Event()

    def talk(self, caller: socket.socket) -> None:
        """Take one request."""
        lines = caller.makefile("rb")
        head: dict[str, str] = {"request": lines.readline().decode().strip()}
        for raw in iter(lines.readline, b"\r\n"):
            name, _, value = raw.decode().partition(":")
            head[name.lower()] = value.strip()
        body = lines.read(int(head.get("content-length", "0")))
        self.posts.append((head, body))
        if self.answer is None:
            self.gate.wait(20)
            return
        caller.sendall(self.answer)


def _say(caller: socket.socket, line: str) -> None:
    caller.sendall(line.encode() + b"\r\n")
