"""A printed sheet filmed with a trembling hand: every label arrives exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", exc_type=ImportError)

import cv2

from labels import Label, sheet_pdf
from scanner.camera import Frame, Frames
from scanner.live import Live
from scanner.presence import Arrived, Doubled, Left, Presence
from scanner.watch import Watched, read_plain, watch
from tests.video import Film, Stop, Taken, film_page

PAYLOADS = tuple(f"HTTPS://WAREHOUSE.EXAMPLE/A/K7M29QXD4{n}.01ABCDEFGHJKMNPQR" for n in range(6))

SWEEP = (
    Stop(seconds=0, x=20, y=20, width=120, yaw=10),
    Stop(seconds=2, x=175, y=25, width=120, yaw=-12, pitch=8),
    Stop(seconds=3, x=175, y=60, width=120, pitch=15, roll=5),
    Stop(seconds=5, x=25, y=60, width=120, yaw=15, roll=-5),
    Stop(seconds=6, x=25, y=250, width=120),
)
"""Along the first row, back along the second, and away to where nothing is printed."""


@dataclass(frozen=True)
class Shot:
    path: Path
    frames: tuple[Taken, ...]


@pytest.fixture(scope="module")
def sheet() -> bytes:
    labels = (
        Label(payload=text, code=f"K7M2-9QXD-4{n}", lines=("台式计算机", "甲县机关事务管理中心"))
        for n, text in enumerate(PAYLOADS)
    )
    return sheet_pdf(labels)


@pytest.fixture(scope="module")
def film(sheet: bytes, tmp_path_factory: pytest.TempPathFactory) -> Shot:
    path = tmp_path_factory.mktemp("film") / "sweep.avi"
    return Shot(path, film_page(sheet, path, SWEEP, Film()))


@pytest.fixture(scope="module")
def watched(film: Shot) -> list[Watched]:
    with Frames(str(film.path)) as frames:
        seen = watch(frames, read=read_plain, presence=Presence())
        return [item for item in seen if isinstance(item, Watched)]


def test_every_label_of_a_small_sheet_arrives_exactly_once(watched: list[Watched]) -> None:
    events = [event for item in watched for event in item.events]
    arrived = [event.text for event in events if isinstance(event, Arrived)]
    assert sorted(arrived) == sorted(PAYLOADS)
    assert not [event for event in events if isinstance(event, Doubled)]
    for event in events:
        if isinstance(event, Left):
            assert event.text in arrived


def test_the_decoder_of_live_frames_finds_the_same_arrivals(film: Shot) -> None:
    decoder = Live(accept=lambda text: text in PAYLOADS)
    with Frames(str(film.path)) as frames:
        seen = watch(frames, read=decoder.read, presence=Presence())
        events = [event for item in seen if isinstance(item, Watched) for event in item.events]
    arrived = [event.text for event in events if isinstance(event, Arrived)]
    assert sorted(arrived) == sorted(PAYLOADS)
    assert not [event for event in events if isinstance(event, Doubled)]


def test_the_film_is_hard_enough_to_blink(film: Shot, watched: list[Watched]) -> None:
    """Labels are lost in some frames and found again: each is seen in several stretches."""
    assert len(watched) == len(film.frames)
    for item, taken in zip(watched, film.frames, strict=True):
        assert item.frame.seconds == pytest.approx(taken.seconds, abs=1e-3)
    seen = [{reading.text for reading in item.readings} for item in watched]
    inside = [{PAYLOADS[cell] for cell in taken.labels if cell < 6} for taken in film.frames]
    assert any(wanted - got for wanted, got in zip(inside, seen, strict=True))
    read = sum(len(wanted & got) for wanted, got in zip(inside, seen, strict=True))
    assert read >= 0.8 * sum(map(len, inside))


def test_what_is_read_lies_where_the_film_has_it(film: Shot, watched: list[Watched]) -> None:
    checked = 0
    for item, taken in zip(watched, film.frames, strict=True):
        for reading in item.readings:
            label = taken.labels.get(PAYLOADS.index(reading.text))
            if label is None:
                continue
            outline = label.astype(np.float32).reshape(-1, 1, 2)
            for corner in reading.corners:
                assert cv2.pointPolygonTest(outline, corner, measureDist=True) > -4
            checked += 1
    assert checked > 30


def test_the_same_seed_gives_the_same_film(sheet: bytes, tmp_path: Path) -> None:
    short = (SWEEP[0], Stop(seconds=0.2, x=30, y=20, width=120))
    films = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        film_page(sheet, tmp_path / f"{name}.avi", short, Film(seed=seed))
        with Frames(str(tmp_path / f"{name}.avi")) as frames:
            films.append([item.picture for item in frames if isinstance(item, Frame)])
    assert len(films[0]) == 4
    assert all((one == two).all() for one, two in zip(films[0], films[1], strict=True))
    assert any((one != two).any() for one, two in zip(films[0], films[2], strict=True))


def test_a_second_label_with_the_same_text_is_found_out(tmp_path: Path) -> None:
    twice = sheet_pdf(Label(payload=PAYLOADS[0], code="K7M2-9QXD-40") for _ in range(2))
    still = (
        Stop(seconds=0, x=70, y=20, width=150),
        Stop(seconds=0.5, x=70, y=22, width=150),
    )
    film_page(twice, tmp_path / "twice.avi", still, Film(size=(1280, 720), glare=0))
    with Frames(str(tmp_path / "twice.avi")) as frames:
        seen = watch(frames, read=read_plain, presence=Presence())
        events = [event for item in seen if isinstance(item, Watched) for event in item.events]
    assert [type(event) for event in events] == [Arrived, Doubled]
