"""Frames from a USB camera, the stream of a phone or a video file, all in one way.

A thread takes the frames. Of a live source it keeps only the newest, so that whoever looks late
sees what is there now; of a file it gives every frame in order. A live source that falls silent is
opened again and again, and the caller is told so by values between the frames.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from scanner.capture import DEVICES, Capture, Feed, load_opencv, open_capture, parse_feed
from scanner.reading import ScanError

if TYPE_CHECKING:
    from scanner.capture import Picture

PATIENCE = (0.25, 0.5, 1.0, 2.0, 5.0)
"""Seconds between one attempt to open a lost source and the next; the last one repeats."""

_USUAL_RATE = 25.0
"""Frames a second where a file does not say."""

_POLL = 0.5
"""Seconds between two looks at whether to go on, where nothing else wakes a wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a source.

    `number` counts the frames that the source gave, from 1, those that were dropped too; `dropped`
    is how many were since the frame before. `seconds` is the file's own time of the frame, or the
    time since a live source was opened first. `picture` is rows x columns x blue, green, red.
    """

    number: int
    seconds: float
    dropped: int
    picture: Picture

    def gray(self) -> Picture:
        """The picture as 8-bit gray, rows by columns, as the decoders want it."""
        cv2 = load_opencv()
        gray: Picture = cv2.cvtColor(self.picture, cv2.COLOR_BGR2GRAY)
        return gray


class Link(StrEnum):
    """What became of the link to a live source."""

    LOST = "lost"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The link changed: it was lost and is tried again in `retry_in` seconds, or it is back.

    `attempt` counts the openings tried since it was lost; `reason` is why the last one failed.
    """

    link: Link
    seconds: float
    attempt: int = 0
    retry_in: float = 0.0
    reason: ScanError | None = None


class Frames:
    """The frames of one source, to be used in a `with` block.

    `source` is a camera's number, an address or a path. Entering opens it, and raises what
    `open_capture` raises. Afterwards a file ends, and a live source never does: when it is lost it
    is tried again after each of `patience` seconds, the last of them for ever.
    """

    def __init__(
        self,
        source: str,
        *,
        size: tuple[int, int] = (1280, 720),
        patience: Sequence[float] = PATIENCE,
        devices: Path = DEVICES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.feed = parse_feed(source)
        self._box = _Box(is_live=self.feed.is_live)
        self._grabber = _Grabber(self.feed, self._box, size, tuple(patience), devices, now)
        # A camera may hang inside its driver: that must not keep the program from ending.
        self._thread = threading.Thread(target=self._grabber.run, name="frames", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._box.await_first()
        except BaseException:
            # An interrupted wait, too, must not leave the device held.
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame | Signal]:
        while not self.is_over:
            item = self.take(_POLL)
            if item is not None:
                yield item

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come: the file has ended, or `close` was called."""
        return self._box.is_over()

    def take(self, wait: float = 0.0) -> Frame | Signal | None:
        """The next frame or signal; None if none comes within `wait` seconds, or none ever will.

        A live source gives the newest frame. Raises what went wrong in the grabbing thread.
        """
        return self._box.take(wait)

    def close(self) -> None:
        """Let go of the source; harmless when repeated. Waits a second for a driver that hangs."""
        self._box.stop()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)


class _Box:
    """What lies between the grabbing thread and the one that takes: signals, and one frame."""

    def __init__(self, *, is_live: bool) -> None:
        self._is_live = is_live
        self._change = threading.Condition()
        self._items: list[Frame | Signal] = []
        self._error: Exception | None = None
        self._is_done = False
        self._is_stopped = False

    # the grabbing thread's side

    def put(self, item: Frame | Signal) -> None:
        """Lay an item down: a live frame takes the place of the one before, others wait."""
        with self._change:
            if isinstance(item, Signal):
                # Only the newest of several failed attempts says anything.
                if self._items and isinstance(self._items[-1], Signal) and item.attempt:
                    self._items.pop()
            elif self._is_live:
                item = self._after_dropped(item)
            else:
                while self._items and not self._is_stopped:
                    self._change.wait()
            self._items.append(item)
            self._change.notify_all()

    def _after_dropped(self, frame: Frame) -> Frame:
        old = [one for one in self._items if isinstance(one, Frame)]
        self._items = [one for one in self._items if isinstance(one, Signal)]
        dropped = sum(one.dropped + 1 for one in old)
        return Frame(
            number=frame.number, seconds=frame.seconds, dropped=dropped, picture=frame.picture
        )

    def finish(self, error: Exception | None = None) -> None:
        with self._change:
            self._is_done, self._error = True, error
            self._change.notify_all()

    def is_stopped(self, wait: float = 0.0) -> bool:
        with self._change:
            if wait:
                self._change.wait_for(lambda: self._is_stopped, timeout=wait)
            return self._is_stopped

    # the taker's side

    def await_first(self) -> None:
        with self._change:
            # Short waits, because a wait without an end cannot be interrupted everywhere.
            while not (self._items or self._is_done):
                self._change.wait(_POLL)
            if not self._items:
                self._raise()

    def take(self, wait: float) -> Frame | Signal | None:
        with self._change:
            if wait:
                self._change.wait_for(self._is_worth_a_look, timeout=wait)
            if self._is_stopped:
                return None
            if self._items:
                item = self._items.pop(0)
                self._change.notify_all()
                return item
            self._raise()
            return None

    def is_over(self) -> bool:
        with self._change:
            if self._is_stopped:
                return True
            return self._is_done and not self._items and self._error is None

    def stop(self) -> None:
        with self._change:
            self._is_stopped = True
            self._items.clear()
            self._change.notify_all()

    def _is_worth_a_look(self) -> bool:
        return bool(self._items) or self._is_done or self._is_stopped

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error


class _Grabber:
    """The thread that opens the source, takes its frames, and opens it again when it is lost."""

    def __init__(
        self,
        feed: Feed,
        box: _Box,
        size: tuple[int, int],
        patience: tuple[float, ...],
        devices: Path,
        now: Callable[[], float],
    ) -> None:
        self._feed = feed
        self._box = box
        self._size = size
        self._patience = patience or PATIENCE
        self._devices = devices
        self._now = now
        self._begun = 0.0
        self._number = 0
        self._last = -math.inf

    def run(self) -> None:
        """Work until the file ends or the box is stopped; every error goes into the box."""
        try:
            capture, picture = self._open()
            # A camera may take seconds to wake up: time counts from its first frame.
            self._begun = self._now()
            self._drain(capture, picture)
            while self._feed.is_live and not self._box.is_stopped():
                self._recover()
            self._box.finish()
        except Exception as error:  # noqa: BLE001  raised again by the one who takes
            self._box.finish(error)

    def _open(self) -> tuple[Capture, Any]:
        return open_capture(self._feed, size=self._size, devices=self._devices)

    def _drain(self, capture: Capture, picture: Any) -> None:
        """Give frames until there are none; the device is let go of whatever happens."""
        cv2 = load_opencv()
        taken = True
        try:
            while taken and not self._box.is_stopped():
                self._number += 1
                self._last = self._time(cv2, capture)
                self._box.put(
                    Frame(number=self._number, seconds=self._last, dropped=0, picture=picture)
                )
                taken, picture = capture.read()
        except cv2.error:
            # Some damaged frames are answered so; for us the picture is gone.
            return
        finally:
            capture.release()

    def _recover(self) -> None:
        attempt, reason = 0, None
        while True:
            pause = self._patience[min(attempt, len(self._patience) - 1)]
            self._box.put(
                Signal(
                    link=Link.LOST,
                    seconds=self._since(),
                    attempt=attempt,
                    retry_in=pause,
                    reason=reason,
                )
            )
            if self._box.is_stopped(wait=pause):
                return
            attempt += 1
            try:
                capture, picture = self._open()
            except ScanError as error:
                reason = error
                continue
            self._box.put(Signal(link=Link.BACK, seconds=self._since()))
            self._drain(capture, picture)
            return

    def _time(self, cv2: Any, capture: Capture) -> float:
        """The time of the frame just read, always later than the one before in a file."""
        if self._feed.is_live:
            return self._since()
        seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if math.isfinite(seconds) and seconds > max(self._last, -1.0):
            return seconds
        rate = capture.get(cv2.CAP_PROP_FPS)
        step = 1 / (rate if 1 <= rate <= 1000 else _USUAL_RATE)
        return max(self._last, -step) + step

    def _since(self) -> float:
        return self._now() - self._begun
