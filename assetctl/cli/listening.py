"""Listening to a reader: its readings one by one, at a pace of our own, until it is enough."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.scan import ours
from assetctl.errors import InputError, RadioListFaultyError, ReaderUnavailableError
from assetctl.i18n import N_, Phrase

if TYPE_CHECKING:
    from scanner import Reading, ScanError, Source
    from scanner.reading import ReadsFaultyError

_MOST_WAITING = 10_000
_LOOK_SECONDS = 0.5
_JOIN_SECONDS = 10.0
_TICK = 0.2
_RECORDED = ("replay", "list")
_TYPED = ("stdin", "wedge", "tcp", "http")


class Listener:
    """Takes readings from a source in a thread of its own, so that silence can be noticed."""

    def __init__(
        self, source: Source, *, is_live: bool, is_asked_to_stop: Callable[[], bool]
    ) -> None:
        self.source = source
        self.is_asked_to_stop = is_asked_to_stop
        """Whether the user has said that it is enough."""

        self.is_live = is_live
        """Whether times are those of this machine's clock, and not of a recording."""

        self.lost: ScanError | None = None
        """Why it ended, if it was lost."""

        self.is_over = False
        self.has_answered = False
        """Whether the reader itself has said something, though it may have heard no tag."""

        self._items: queue.Queue[Reading | BaseException | None] = queue.Queue(_MOST_WAITING)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> Reading | None:
        """Return the next reading; None if there is none for so long, or no more."""
        from scanner import ScanError

        if self.is_over:
            return None
        # A module says what it is, a fixed reader is connected; of a port that only listens
        # nothing is known.
        signs = ("model", "is_connected")
        self.has_answered |= any(getattr(self.source, sign, False) for sign in signs)
        try:
            item = self._items.get(timeout=seconds) if seconds > 0 else self._items.get_nowait()
        except queue.Empty:
            return None
        if item is None or isinstance(item, BaseException):
            self.is_over = True
            if isinstance(item, ScanError):
                self.lost = item
            elif item is not None:
                raise item
            return None
        return item

    def rest(self) -> Iterator[Reading]:
        """Close the source and give what it had taken before: that counts too."""
        self.source.close()
        while (reading := self.next(_LOOK_SECONDS)) is not None:
            yield reading

    def close(self) -> None:
        """Close the source and wait for the thread."""
        self._closed.set()
        self.source.close()
        self._thread.join(_JOIN_SECONDS)

    def _listen(self) -> None:
        try:
            for reading in self.source:
                if not self._put(reading):
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001  raised again where it is taken
            self._put(error)

    def _put(self, item: Reading | BaseException | None) -> bool:
        while not self._closed.is_set():
            try:
                self._items.put(item, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue
            return True
        return False


@contextmanager
def listening(
    world: Context, reader: str, *, secret: str = "", out: Path | None = None
) -> Iterator[Listener]:
    """Open a reader, by its name or its address, and listen to it; with `out` it is recorded.

    Raises:
        InputError: it is neither a name of the settings nor an address.
        ReaderUnavailableError: it cannot be opened, or the recording cannot be begun.
        RadioListFaultyError: it is an exported list with faults, when it has been read.
    """
    from scanner import ScanError
    from scanner.reading import ReadsFaultyError

    address = address_of(world, reader)
    scheme = address.partition(":")[0]
    try:
        source = _opened(world, address, secret)
        if out is not None:
            source = _recorded(source, out)
    except ScanError as error:
        raise refused(reader, error) from error
    with _asked_to_stop() as is_asked:
        listener = Listener(source, is_live=scheme not in _RECORDED, is_asked_to_stop=is_asked)
        try:
            yield listener
            if isinstance(listener.lost, ReadsFaultyError):
                raise faulty_list(source.name, listener.lost)
        finally:
            listener.close()


def _opened(world: Context, address: str, secret: str) -> Source:
    """Open what is at an address for its tags, which is what somebody means by a reader."""
    from scanner import open_source

    scheme, _, rest = address.partition(":")
    if scheme == "list":
        from scanner.radio_lists import ListedReads

        return ListedReads(Path(rest))
    if scheme in _TYPED and "?form=" not in address:
        address += "?form=epc"
    return open_source(
        address, is_ours=ours, secret=secret, on_trouble=lambda error: _told(world, error)
    )


def _told(world: Context, error: ScanError) -> None:
    """Say what a reader recovers from by itself."""
    output.note(world.words.say(error.template, **error.facts))


def _recorded(source: Source, out: Path) -> Source:
    from scanner import ScanError
    from scanner.replay import Recorder

    try:
        return Recorder(source, out)
    except ScanError:
        source.close()
        raise


def address_of(world: Context, reader: str) -> str:
    """Return the address of a reader that the settings name, or the address that was given.

    Where nothing is given it is the only one that has a name.

    Raises:
        InputError: it is neither.
    """
    readers = world.settings.readers
    if not reader and len(readers) == 1:
        return next(iter(readers.values()))
    named = readers.get(reader)
    if named is None and ":" not in reader:
        expected = N_("a name in the table [readers] of the settings, or an address: reader list")
        raise InputError(field="READER", value=reader, expected=expected)
    return named or reader


def refused(reader: str, error: ScanError) -> ReaderUnavailableError:
    """Return the failure of a reader as a command reports it."""
    return ReaderUnavailableError(reader=reader, reason=Phrase(error.template, **error.facts))


def faulty_list(file: str, error: ReadsFaultyError) -> RadioListFaultyError:
    """Return the failure of an exported list as a command reports it, with every fault."""
    faults: Any = error.facts["faults"]
    lines = tuple(
        Phrase(N_("line {line}, {column} {cell}: {reason}"), line=fault.line, column=fault.column,
               cell=repr(fault.cell), reason=Phrase(fault.reason))
        for fault in faults
    )  # fmt: skip
    return RadioListFaultyError(file=file, count=len(lines), lines=lines)


def until(
    listener: Listener,
    take: Callable[[Reading], None],
    *,
    seconds: float | None = None,
    enough: Callable[[float], bool] = lambda _now: False,
    tick: Callable[[float], None] = lambda _now: None,
    every: float = _TICK,
) -> None:
    """Take readings until the source ends, the time is up, `enough`, or the user interrupts.

    `tick` is called between readings, at least so many times a second that `every` lie between;
    times are seconds of the monotonic clock.
    """
    began = ticked = time.monotonic()
    while not (listener.is_over or listener.is_asked_to_stop()):
        reading = listener.next(every)
        if reading is not None:
            take(reading)
        now = time.monotonic()
        if now - ticked >= every or listener.is_over:
            ticked = now
            tick(now)
        if enough(now):
            return
        if seconds is not None and now - began >= seconds:
            break
    for reading in listener.rest():
        take(reading)


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Give what tells whether the user has heard enough: what was heard until then is the answer.

    Ctrl-C is noticed between two readings, so that it loses none; a second one ends the program.
    """
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield asked.is_set  # nobody can ask here, or nobody shall
        return

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        asked.set()

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
