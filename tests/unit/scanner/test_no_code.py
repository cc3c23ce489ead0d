"""Frames without a code: nothing is read in what only looks like one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.made_frames import made_frames
from benchmarks.photographs import Photo, cut_frames, is_in, photographs
from scanner import read_picture
from scanner.gray import as_array
from scanner.live import Live

Encode = Callable[..., bytes]
FRAMES = 24


def test_made_frames_are_all_different_and_the_same_every_time() -> None:
    once, again = list(made_frames(FRAMES)), list(made_frames(FRAMES))
    assert {frame.size for frame in once} == {(1280, 720)}
    assert len({frame.tobytes() for frame in once}) == FRAMES
    assert [frame.tobytes() for frame in once] == [frame.tobytes() for frame in again]


@pytest.mark.parametrize("accept", [None, lambda _: True], ids=["two passes", "one pass"])
def test_nothing_is_read_in_made_frames(
    accept: Callable[[str], bool] | None, encode: Encode
) -> None:
    live = Live(accept=accept)
    for frame in made_frames(FRAMES):
        assert (
            read_picture(encode(frame, "BMP"), accept=accept, mode="photo", now=lambda: 0.0) == ()
        )
        assert [live.read(as_array(frame)) for _ in range(3)] == [()] * 3


def test_cuts_are_different_and_stay_away_from_the_marks(tmp_path: Path, encode: Encode) -> None:
    picture = Image.linear_gradient("L").resize((2600, 1800))
    picture.paste(0, (100, 1300, 500, 1700))
    path = tmp_path / "marked.png"
    path.write_bytes(encode(picture))
    marks = [(100.0, 1300.0), (500.0, 1300.0), (500.0, 1700.0), (100.0, 1700.0)]
    photo = Photo("drawn", path, [marks])
    frames = list(cut_frames([photo], 20))
    assert len({frame.tobytes() for frame in frames}) == len(frames) == 20
    # The gradient alone is never so steep: a cut with the black square in it would be.
    for frame in frames:
        rows = as_array(frame.resize((128, 72))).astype(int)
        assert abs(rows[:, 1:] - rows[:, :-1]).max() < 40
    small = Photo("drawn", path, photo.quads)
    path.write_bytes(encode(picture.resize((300, 200))))
    assert list(cut_frames([small], 5)) == []


def test_a_reading_is_in_the_marks_that_hold_its_centre() -> None:
    quad = [(0.0, 0.0), (100.0, 20.0), (90.0, 120.0), (-10.0, 100.0)]
    inside = ((30, 30), (60, 30), (60, 60), (30, 60))
    beside = tuple((x + 100, y) for x, y in inside)
    assert is_in(quad, inside)
    assert not is_in(quad, beside)


@pytest.mark.outside
@pytest.mark.skipif(not photographs(), reason="the photographs are not on this machine")
def test_nothing_is_read_in_cuts_of_photographs(encode: Encode) -> None:
    for frame in islice(cut_frames(photographs()[::5], FRAMES), FRAMES):
        assert read_picture(encode(frame, "BMP"), mode="photo", now=lambda: 0.0) == ()
