"""The line to a module: a serial port of this machine, or a TCP connection that is made to it."""

from __future__ import annotations

import os
import select
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from scanner.reading import SourceUnavailableError

BAUDS = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
"""The speeds of a serial port that are known here."""

_CONNECT_SECONDS = 5.0
_SEND_SECONDS = 2.0
_CHUNK = 65_536
_LAST_PORT = 65_535


class Port(Protocol):
    """A line in both directions; `read` and `write` raise `OSError` when it is gone."""

    def fileno(self) -> int:
        """The descriptor to wait for."""
        ...

    def read(self) -> bytes:
        """Return what has come; nothing at the line's end."""
        ...

    def write(self, data: bytes) -> None:
        """Send everything, or give up after a few seconds."""
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


class SerialPort:
    """A serial port in raw mode: 8 bits, no parity, 1 stop bit, no flow control.

    It is taken for this program alone. Raises `SourceUnavailableError`.
    """

    def __init__(self, path: Path, baud: int, *, name: str) -> None:
        try:
            import fcntl
            import termios
        except ImportError as error:
            reason = "serial ports are read on Linux and macOS only; use the reader over TCP"
            raise SourceUnavailableError(source=name, reason=reason) from error
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=name, reason=_why_closed(error)) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.ioctl(self._fd, termios.TIOCEXCL)
            _make_raw(self._fd, baud)
        except (OSError, termios.error) as error:
            os.close(self._fd)
            busy = isinstance(error, BlockingIOError)
            reason = "another program has it open; close that one first" if busy else (
                "it is no serial port, or does not know that speed"
            )  # fmt: skip
            raise SourceUnavailableError(source=name, reason=reason) from error

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._fd

    def read(self) -> bytes:
        """Return what has come; nothing at the line's end."""
        return os.read(self._fd, _CHUNK)

    def write(self, data: bytes) -> None:
        """Send everything, or give up after a few seconds."""
        while data:
            _, ready, _ = select.select([], [self._fd], [], _SEND_SECONDS)
            if not ready:
                raise TimeoutError
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        """Give the line back."""
        with suppress(OSError):
            os.close(self._fd)


class TcpPort:
    """A connection to a module or to the box that its serial line ends in.

    Raises `SourceUnavailableError`.
    """

    def __init__(self, host: str, port: int, *, name: str) -> None:
        if port > _LAST_PORT:
            reason = "a port is a number from 0 to 65535"
            raise SourceUnavailableError(source=name, reason=reason)
        try:
            self._socket = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=name, reason=_why_unreached(error)) from error
        self._socket.settimeout(_SEND_SECONDS)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """Return what has come; nothing at the line's end."""
        return self._socket.recv(_CHUNK)

    def write(self, data: bytes) -> None:
        """Send everything, or give up after a few seconds."""
        self._socket.sendall(data)

    def close(self) -> None:
        """Give the line back."""
        self._socket.close()


def _make_raw(fd: int, baud: int) -> None:
    import termios

    speed = getattr(termios, f"B{baud}")
    control = list(termios.tcgetattr(fd)[6])
    control[termios.VMIN], control[termios.VTIME] = 1, 0
    mode = termios.CS8 | termios.CREAD | termios.CLOCAL
    termios.tcsetattr(fd, termios.TCSANOW, [0, 0, mode, 0, speed, speed, control])
    # What an earlier program had asked for is not for us.
    termios.tcflush(fd, termios.TCIOFLUSH)


def _why_closed(error: Exception) -> str:
    import errno

    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, FileNotFoundError):
        return "it does not exist; plug the reader in, and look under /dev/serial/by-id"
    if isinstance(error, PermissionError):
        return "it may not be opened; add this user to the group dialout and log in again"
    if number == errno.EBUSY:
        return "another program has it open; close that one first"
    return "the system refuses to open it"


def _why_unreached(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "nothing of that name is known on this network"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at that port; look at the reader's settings"
    if isinstance(error, TimeoutError):
        return "it does not answer; look at its cable and its address"
    return "it cannot be reached from here"
