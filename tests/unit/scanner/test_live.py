"""Frames of a camera: what one look misses a later one reads, at the price of one step a frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from scanner import ChoiceUnknownError, live
from scanner.engines import read_zxing
from scanner.live import Live
from scanner.passes import BLUR, LIVE_PASSES, PICTURE_PASSES, Pass
from scanner.reading import Reading
from tests.unit.scanner.bending import flat_label, on_a_pipe

MakeCode = Callable[..., Image.Image]
Faded = Callable[[str], Image.Image]

TEXT = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R"
LONG = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R.11ABCDEFGHJKMNPQRS"
FRAMES = 150


def reading(pass_name: str) -> Reading:
    """The same text at the same place, as one pass says it."""
    corners = ((100, 100), (150, 100), (150, 150), (100, 150))
    return Reading(text=TEXT, symbology="qr", corners=corners, engine="zxing", pass_name=pass_name)


def first_read(reader: Live, frame: Image.Image) -> tuple[int, str] | None:
    """In which of `FRAMES` equal frames something is read first, and what."""
    for number in range(1, FRAMES + 1):
        if readings := reader.read(frame):
            return number, readings[0].text
    return None


def test_a_clean_tag_is_read_in_the_first_frame_and_in_every_one(make_code: MakeCode) -> None:
    reader = Live()
    for _ in range(3):
        (reading,) = reader.read(make_code(TEXT))
        assert (reading.text, reading.is_fallback) == (TEXT, False)


def test_a_colour_frame_reads_as_a_gray_one(make_code: MakeCode) -> None:
    assert Live().read(make_code(TEXT).convert("RGB")) == Live().read(make_code(TEXT))


def test_a_faded_tag_is_read_some_frames_later(faded: Faded) -> None:
    assert not any(seen.text for seen in read_zxing(faded(TEXT), ("qr",)))
    for accept in (TEXT.__eq__, None):
        found = first_read(Live(accept=accept), faded(TEXT))
        assert found is not None
        assert found[0] > 1
        assert found[1] == TEXT


def test_a_tag_on_a_pipe_is_read_some_frames_later() -> None:
    frame = on_a_pipe(flat_label(LONG), half_angle=35, axis=30, tilt=15)
    assert not any(seen.text for seen in read_zxing(frame, ("qr",)))
    found = first_read(Live(accept=LONG.__eq__), frame)
    assert found is not None
    assert found[1] == LONG


def test_what_is_not_accepted_does_not_count(faded: Faded) -> None:
    assert first_read(Live(accept=lambda _: False), faded(TEXT)) is None


def test_one_dearer_pass_alone_is_not_believed(
    faded: Faded, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every dearer look is the same one: however often it says a text, no other pass agrees.
    (stretch,) = [kind for kind in PICTURE_PASSES if kind.name == "stretch"]
    monkeypatch.setattr(live, "LIVE_PASSES", ((stretch, 0.1),))
    monkeypatch.setattr(live, "CROP_PASSES", (stretch,))
    monkeypatch.setattr(live, "numpy_works", lambda: False)
    assert first_read(Live(accept=TEXT.__eq__), faded(TEXT)) is not None
    assert first_read(Live(), faded(TEXT)) is None


def test_what_one_pass_said_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([*"aXXXXXXXb", *"cd"])

    def look(*_: object) -> list[Reading]:
        name = next(turns)
        return [] if name == "X" else [reading(name)]

    monkeypatch.setattr(live, "whole", look)
    monkeypatch.setattr(live, "crop", look)
    monkeypatch.setattr(live, "LIVE_PASSES", ((BLUR, 0.1),))
    monkeypatch.setattr(live, "_REMEMBERED", 5)
    reader, frame = Live(), Image.new("L", (320, 240), 200)
    # The pass b comes too late for a, c and d in time for b.
    assert [len(reader.read(frame)) for _ in range(11)] == [0] * 9 + [1, 1]


def test_a_frame_gets_one_dearer_step_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def counting(name: str) -> Callable[..., list[Reading]]:
        def look(*_: object, **__: object) -> list[Reading]:
            steps.append(name)
            return []

        return look

    for name in ("whole", "crop", "bent"):
        monkeypatch.setattr(live, name, counting(name))
    reader = Live()
    empty = Image.new("L", (640, 360), 200)
    for _ in range(FRAMES):
        before = len(steps)
        reader.read(empty)
        assert len(steps) <= before + 1
    # Each frame may spend a sixth of a plain look, and each look costs its part of one.
    most = FRAMES * live._ALLOWANCE / min(cost for _, cost in LIVE_PASSES)
    assert 0 < len(steps) <= most
    assert set(steps) == {"whole"}
    bottle = on_a_pipe(flat_label(LONG), half_angle=35, axis=30, tilt=15)
    steps.clear()
    for _ in range(8):
        reader.read(bottle)
    assert steps.count("bent") == 2
    assert steps.count("crop") == 6


def test_every_pass_has_its_turn_on_a_frame_without_a_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def look(_work: object, _scale: object, kind: Pass, *_: object) -> list[Reading]:
        names.append(kind.name)
        return []

    monkeypatch.setattr(live, "whole", look)
    reader = Live()
    for _ in range(FRAMES):
        reader.read(Image.new("L", (320, 240), 200))
    assert names[: len(LIVE_PASSES)] == [kind.name for kind, _ in LIVE_PASSES]


def test_an_unknown_symbology_is_refused_by_name() -> None:
    with pytest.raises(ChoiceUnknownError, match="'aztec' is no symbology"):
        Live(symbologies=("aztec",))


def test_tiny_frames_hold_nothing() -> None:
    reader = Live(accept=lambda _: True)
    for size in ((1, 1), (1, 400), (400, 1), (3, 3)) * 10:
        assert reader.read(Image.new("L", size, 90)) == ()
