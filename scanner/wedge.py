"""Scanners that type like a keyboard: on an input device of Linux, or into a terminal.

`wedge:/dev/input/eventN` takes the device for itself, so that what it types goes nowhere else.
`wedge:` alone reads the terminal key by key: nothing is shown, nothing is taken for an order to
the shell, and the terminal is as it was before in every way out.
"""

from __future__ import annotations

import atexit
import codecs
import errno
import os
import select
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

from scanner.base import Closing
from scanner.keys import Keyboard
from scanner.reading import Reading, SourceLostError, SourceUnavailableError
from scanner.said import ANY, said
from scanner.untangle import IsOurs, Untangler, looks_ours

PAUSE = 0.1
"""After so many seconds without a key a burst of a scanner is over: it types faster."""

PATIENCE = 3.0
"""After so many seconds what has no terminator and is not ours counts as it stands."""

_CHUNK = 65_536
_GRAB = 0x40044590  # EVIOCGRAB: _IOW('E', 0x90, int)
_INTERRUPT, _END = b"\x03", b"\x04"
_WAYS_OUT = ("SIGTERM", "SIGHUP")


class _Wedge(Closing):
    """Reads a descriptor until it ends or is closed; what inherits it opens and decodes it."""

    name: str
    _ended = False

    def __init__(self, fd: int, *, is_ours: IsOurs, form: str, waits: tuple[float, float]) -> None:
        self._fd = fd
        self._is_ours = is_ours
        self._form = form
        self._waits = waits
        self._closed = False
        self._reading = False
        self._wake_read, self._wake_write = os.pipe()
        self._own = [self._wake_read, self._wake_write]

    def __iter__(self) -> Iterator[Reading]:
        if self._closed:
            return
        untangler = Untangler(self._is_ours)
        self._reading = True
        try:
            for texts in self._texts(untangler):
                yield from said(texts, engine="wedge", form=self._form)
        finally:
            self._reading = False
            self.close()
            self._free()

    def close(self) -> None:
        """Stop reading and give the device or the terminal back."""
        if not self._closed:
            self._closed = True
            with suppress(OSError):
                os.write(self._wake_write, b"-")
            self._give_back()
            if not self._reading:
                self._free()

    def _texts(self, untangler: Untangler) -> Iterator[tuple[str, ...]]:
        pause, patience = self._waits
        wait: float | None = None
        while not self._closed:
            ready, _, _ = select.select([self._fd, self._wake_read], [], [], wait)
            if self._wake_read in ready:
                return
            if not ready:
                yield untangler.settle() if wait == pause else untangler.flush()
                wait = None if untangler.is_empty else patience
                continue
            data = self._data()
            if not data:
                break
            untangler.feed(self._decoded(data))
            if self._ended:
                break
            wait = pause
            if untangler.is_overfull:
                yield untangler.settle()
        yield untangler.flush()

    def _data(self) -> bytes:
        try:
            return os.read(self._fd, _CHUNK)
        except OSError as error:
            # A terminal that is hung up answers so, and has nothing more to say.
            if error.errno == errno.EIO and not isinstance(self, EventDevice):
                return b""
            reason = "the device was unplugged or its cable is loose"
            raise SourceLostError(source=self.name, reason=reason) from error

    def _free(self) -> None:
        """Close what this source opened; never while a thread waits for it."""
        while self._own:
            with suppress(OSError):
                os.close(self._own.pop())

    def _decoded(self, data: bytes) -> str:
        raise NotImplementedError

    def _give_back(self) -> None:
        raise NotImplementedError


class EventDevice(_Wedge):
    """A scanner as an input device of Linux, its keys taken for this program alone.

    `grabbed` says whether they are: a pipe or a file of recorded events is read the same way and
    cannot be taken. Raises `SourceUnavailableError`.
    """

    def __init__(
        self,
        path: Path,
        *,
        is_ours: IsOurs = looks_ours,
        form: str = ANY,
        pause: float = PAUSE,
        patience: float = PATIENCE,
    ) -> None:
        self.name = f"wedge:{path}"
        fd = self._open(path)
        try:
            self.grabbed = self._grab(fd)
        except SourceUnavailableError:
            os.close(fd)
            raise
        self._keyboard = Keyboard()
        super().__init__(fd, is_ours=is_ours, form=form, waits=(pause, patience))
        self._own.append(fd)

    def _open(self, path: Path) -> int:
        try:
            if stat.S_ISDIR(path.stat().st_mode):
                raise IsADirectoryError
            # Not to wait for a pipe's other end here, where nobody could stop it.
            return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=self.name, reason=_why_closed(error)) from error

    def _grab(self, fd: int) -> bool:
        try:
            import fcntl

            fcntl.ioctl(fd, _GRAB, 1)
        except ImportError:
            return False
        except OSError as error:
            if error.errno != errno.EBUSY:
                return False
            reason = "another program has taken the scanner for itself; close that one first"
            raise SourceUnavailableError(source=self.name, reason=reason) from error
        return True

    def _decoded(self, data: bytes) -> str:
        return self._keyboard.typed(data)

    def _give_back(self) -> None:
        with suppress(ImportError, OSError):
            import fcntl

            fcntl.ioctl(self._fd, _GRAB, 0)


class Terminal(_Wedge):
    """A scanner that types into a terminal, by default the one of standard input.

    Control C ends the program as ever, Control D the source; no other control character has any
    effect. Raises `SourceUnavailableError` where there is no terminal.
    """

    name = "wedge:"

    def __init__(
        self,
        fd: int | None = None,
        *,
        is_ours: IsOurs = looks_ours,
        form: str = ANY,
        pause: float = PAUSE,
        patience: float = PATIENCE,
    ) -> None:
        fd = _standard_input() if fd is None else fd
        if fd is None or not os.isatty(fd):
            reason = "standard input is no terminal; use stdin: for a pipe or a file"
            raise SourceUnavailableError(source=self.name, reason=reason)
        self._restore = _raw(fd)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        super().__init__(fd, is_ours=is_ours, form=form, waits=(pause, patience))

    def _data(self) -> bytes:
        data = super()._data()
        if data == _INTERRUPT:
            raise KeyboardInterrupt
        # The end may come in one gulp with the last text.
        self._ended = data.endswith(_END)
        return data.removesuffix(_END)

    def _decoded(self, data: bytes) -> str:
        return self._decoder.decode(data)

    def _give_back(self) -> None:
        self._restore()


def _raw(fd: int) -> Callable[[], None]:
    """Make a terminal hand over every key at once and unseen; return what undoes it."""
    import termios

    before = termios.tcgetattr(fd)
    after = termios.tcgetattr(fd)
    after[0] &= ~(termios.IXON | termios.ISTRIP | termios.BRKINT)
    after[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    after[6][termios.VMIN], after[6][termios.VTIME] = 1, 0
    handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def restore() -> None:
        # What a scanner still types must not reach the shell, which would carry it out.
        with suppress(termios.error, OSError):
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
        atexit.unregister(restore)
        for number, handler in handlers.items():
            if signal.getsignal(number) is ended and current_thread() is main_thread():
                signal.signal(number, handler)

    def ended(number: int, _frame: FrameType | None) -> None:
        restore()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    atexit.register(restore)
    if current_thread() is main_thread():
        for number in (getattr(signal, name) for name in _WAYS_OUT):
            if signal.getsignal(number) is signal.SIG_DFL:
                handlers[number] = signal.signal(number, ended)
    termios.tcsetattr(fd, termios.TCSADRAIN, after)
    return restore


def _standard_input() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _why_closed(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist; plug the scanner in, and look under /dev/input/by-id"
    if isinstance(error, PermissionError):
        return "it may not be read; add this user to the group input and log in again"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return "the system refuses to open it"
