"""The window of the station, where there is a display, and the loop that keeps it alive."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Protocol

from scanner.camera import Frame, Frames, Signal
from scanner.capture import load_opencv, video_fault
from scanner.reading import ScanError

if TYPE_CHECKING:
    from scanner.capture import Picture

_PROBE = "import cv2; cv2.namedWindow('probe'); cv2.destroyAllWindows()"
_PROBE_SECONDS = 20
_WAIT = 0.03
"""Seconds to wait for a frame before the window looks after its keys."""


class DisplayMissingError(ScanError):
    """No window can be opened: there is no display, or OpenCV does not work."""

    code = "scan.display_missing"
    template = "No window can be opened here: {reason}."


class Key(StrEnum):
    """What a key of the window asks for."""

    QUIT = "quit"
    COMMIT = "commit"
    UNDO = "undo"
    PAUSE = "pause"
    PHOTO = "photo"


KEYS: dict[Key, str] = {
    Key.QUIT: "qQ\x1b",
    Key.COMMIT: "cC\r\n",
    Key.UNDO: "uU\b",
    Key.PAUSE: " ",
    Key.PHOTO: "pP",
}
"""The characters that ask for each; escape, enter and backspace work too."""


class Screen(Protocol):
    """Where pictures are shown and keys come from."""

    def show(self, picture: Picture | None) -> Key | None:
        """Show a picture, or leave the one before; return the key that was struck, if any."""


def key_of(code: int) -> Key | None:
    """The meaning of a code as OpenCV gives it, with -1 and unknown keys as None."""
    if code < 0:
        return None
    # Some systems put the state of the shift keys into the higher bits.
    letter = chr(code & 0xFF)
    return next((key for key, letters in KEYS.items() if letter in letters), None)


def window_fault() -> str | None:
    """Why no window can be opened here, or None if one can.

    Asked once, in a process of its own, for about a third of a second: without a display the
    window system that comes with OpenCV ends the process that asks for a window.
    """
    return video_fault() or _why_hidden()


@cache
def _why_hidden() -> str | None:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            check=False,
            timeout=_PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "there is no display"
    return "there is no display" if done.returncode else None


class Window:
    """A window of OpenCV. Raises `DisplayMissingError` where `window_fault` names a reason."""

    def __init__(self, title: str) -> None:
        reason = window_fault()
        if reason is not None:
            raise DisplayMissingError(reason=reason)
        self._cv2 = load_opencv()
        self._title = title
        self._is_shown = False
        self._cv2.namedWindow(title, self._cv2.WINDOW_NORMAL | self._cv2.WINDOW_KEEPRATIO)

    def show(self, picture: Picture | None) -> Key | None:
        """Show a picture; a window closed with the mouse counts as quitting."""
        if picture is not None:
            self._cv2.imshow(self._title, picture)
            self._is_shown = True
        code = self._cv2.waitKey(1 if picture is not None else 15)
        return Key.QUIT if self._is_closed() else key_of(code)

    def _is_closed(self) -> bool:
        if not self._is_shown:
            return False
        try:
            return bool(self._cv2.getWindowProperty(self._title, self._cv2.WND_PROP_VISIBLE) < 1)
        except self._cv2.error:
            # So it answers when the last window of all has gone.
            return True

    def close(self) -> None:
        """Close it; harmless when it is closed already."""
        try:
            self._cv2.destroyWindow(self._title)
        except self._cv2.error:
            return


def run(
    frames: Frames,
    screen: Screen | None,
    *,
    on_item: Callable[[Frame | Signal], Picture | None],
    on_key: Callable[[Key], None],
) -> None:
    """Hand every frame and signal to `on_item` and show what it returns, until the end or QUIT.

    PAUSE stops the taking until it is struck again: a live source then goes on with its newest
    frame, a file with its next one. Both keys are told to `on_key` too. Without a screen there are
    no keys. What `on_item` and `on_key` raise goes through.
    """
    is_paused = False
    while not frames.is_over:
        item = None if is_paused else frames.take(_WAIT)
        picture = None if item is None else on_item(item)
        if screen is None:
            continue
        key = screen.show(picture)
        if key is None:
            continue
        on_key(key)
        if key is Key.QUIT:
            return
        is_paused ^= key is Key.PAUSE
