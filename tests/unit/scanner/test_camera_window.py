"""The loop of the station: what is shown, what the keys do, and no window without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", exc_type=ImportError)

import cv2

from scanner.camera import Frame, Frames, Signal
from scanner.window import KEYS, Key, key_of, run

Pixels = NDArray[np.uint8]
COUNT = 12


@pytest.fixture
def film(tmp_path: Path) -> str:
    path = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for shade in range(COUNT):
        writer.write(np.full((120, 160, 3), 20 * shade, np.uint8))
    writer.release()
    return str(path)


class Desk:
    """A screen whose person strikes the keys of a list, one at each look."""

    def __init__(self, keys: Iterator[Key | None]) -> None:
        self.shown: list[int | None] = []
        self._keys = keys

    def show(self, picture: Pixels | None) -> Key | None:
        self.shown.append(None if picture is None else int(picture[0, 0, 0]))
        return next(self._keys, None)


def played(film: str, keys: list[Key | None]) -> tuple[Desk, list[int], list[Key]]:
    desk, numbers, struck = Desk(iter(keys)), [], list[Key]()

    def on_item(item: Frame | Signal) -> Pixels | None:
        assert isinstance(item, Frame)
        numbers.append(item.number)
        return np.full((4, 4, 3), item.number, np.uint8)

    with Frames(film) as frames:
        run(frames, desk, on_item=on_item, on_key=struck.append)
    return desk, numbers, struck


def shown(desk: Desk) -> list[int]:
    return [number for number in desk.shown if number is not None]


def test_every_frame_is_shown_as_it_was_drawn(film: str) -> None:
    desk, numbers, struck = played(film, [])
    assert numbers == list(range(1, COUNT + 1))
    assert shown(desk) == numbers
    assert struck == []


def test_keys_are_told_in_their_order(film: str) -> None:
    keys: list[Key | None] = [None, Key.COMMIT, Key.UNDO, None, Key.PHOTO, Key.COMMIT]
    _, numbers, struck = played(film, keys)
    assert struck == [Key.COMMIT, Key.UNDO, Key.PHOTO, Key.COMMIT]
    assert len(numbers) == COUNT


def test_quit_ends_at_once(film: str) -> None:
    desk, numbers, struck = played(film, [Key.QUIT])
    assert len(desk.shown) == 1
    assert len(numbers) <= 1
    assert struck == [Key.QUIT]


def test_pause_takes_no_frame_until_it_is_struck_again(film: str) -> None:
    desk, numbers, struck = played(film, [Key.PAUSE, *[None] * 20, Key.COMMIT, Key.PAUSE])
    assert desk.shown[1:23] == [None] * 22
    assert numbers == list(range(1, COUNT + 1))
    assert struck == [Key.PAUSE, Key.COMMIT, Key.PAUSE]


def test_quit_works_in_a_pause(film: str) -> None:
    desk, numbers, _ = played(film, [Key.PAUSE, None, Key.QUIT])
    assert len(desk.shown) == 3
    assert len(numbers) <= 1


def test_without_a_screen_the_work_is_done_all_the_same(film: str) -> None:
    numbers: list[int] = []

    def on_item(item: Frame | Signal) -> None:
        assert isinstance(item, Frame)
        numbers.append(item.number)

    with Frames(film) as frames:
        run(frames, None, on_item=on_item, on_key=lambda key: pytest.fail(key))
    assert numbers == list(range(1, COUNT + 1))


def test_what_goes_wrong_in_the_work_goes_through(film: str) -> None:
    def on_item(item: Frame | Signal) -> None:
        raise LookupError(item.seconds)

    with Frames(film) as frames, pytest.raises(LookupError):
        run(frames, None, on_item=on_item, on_key=lambda _: None)


# --- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (-1, None),
        (ord("q"), Key.QUIT),
        (27, Key.QUIT),
        (ord("c"), Key.COMMIT),
        (13, Key.COMMIT),
        (ord("U"), Key.UNDO),
        (8, Key.UNDO),
        (32, Key.PAUSE),
        (ord("p"), Key.PHOTO),
        (ord("P"), Key.PHOTO),
        (0x100000 + ord("c"), Key.COMMIT),
        (ord("x"), None),
        (0, None),
        (255, None),
    ],
)
def test_what_a_code_means(code: int, key: Key | None) -> None:
    assert key_of(code) is key


def test_no_character_has_two_meanings() -> None:
    characters = "".join(KEYS.values())
    assert set(KEYS) == set(Key)
    assert len(set(characters)) == len(characters)


# --- the display ---------------------------------------------------------------------------


def without_display(code: str) -> subprocess.CompletedProcess[str]:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"}
    world = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=world,
        cwd=Path(__file__).parents[3], timeout=120,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_it_is_said_and_the_process_lives() -> None:
    done = without_display(
        "from scanner.window import DisplayMissingError, Window, window_fault\n"
        "print(window_fault())\n"
        "try:\n    Window('x')\n"
        "except DisplayMissingError as error:\n    print(error)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "there is no display",
        "No window can be opened here: there is no display.",
    ]
    assert done.stderr == ""
