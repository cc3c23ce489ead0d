"""What is recorded comes back as it was, and a damaged recording says where."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.reading import Reading, RecordingUnreadableError, SourceUnavailableError
from scanner.replay import Recorder, Replay, recorded

EPC = "5A10557AC011123456789AC1"

points = st.tuples(st.integers(-9_999, 9_999), st.integers(-9_999, 9_999))
readings = st.builds(
    Reading,
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    symbology=st.sampled_from(["qr", "typed", "rfid"]),
    corners=st.lists(points, max_size=4).map(tuple),
    engine=st.sampled_from(["zxing", "wedge"]),
    pass_name=st.sampled_from(["plain", "blur"]),
)


class Given:
    """A source that yields what it was given."""

    name = "given:"

    def __init__(self, found: list[Reading]) -> None:
        self._found = found
        self.is_closed = False

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._found)

    def close(self) -> None:
        self.is_closed = True

    def __enter__(self) -> Given:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@given(st.lists(readings, max_size=6))
def test_a_recording_gives_back_what_was_read(
    tmp_path_factory: pytest.TempPathFactory, found: list[Reading]
) -> None:
    path = tmp_path_factory.mktemp("replay") / "scans.jsonl"
    ticks = itertools.count(100.0, 0.25)
    source = Given(found)
    with Recorder(source, path, now=lambda: next(ticks)) as recorder:
        assert list(recorder) == found
    assert source.is_closed
    with Replay(path) as replay:
        timed = list(replay.timed())
    assert timed == [((at + 1) * 250, reading) for at, reading in enumerate(found)]


def test_every_reading_is_on_the_disk_before_it_is_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "scans.jsonl"
    found = [Reading(text=str(number), symbology="typed", engine="x") for number in range(3)]
    with Recorder(Given(found), path) as recorder:
        for count, _ in enumerate(recorder, 1):
            assert len(path.read_text().splitlines()) == count


def test_what_is_absent_has_a_usual_value(tmp_path: Path) -> None:
    path = tmp_path / "scans.jsonl"
    path.write_text(f'{{"ms":0,"text":"{EPC}"}}\n\n{{"ms":0,"text":"卡片"}}')
    found = list(Replay(path))
    assert found == [
        Reading(text=EPC, symbology="rfid", corners=(), engine="replay", pass_name="plain"),
        Reading(text="卡片", symbology="typed", corners=(), engine="replay", pass_name="plain"),
    ]


_GOOD = recorded(Reading(text="1", symbology="qr", engine="zxing"), ms=5)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", '"1"', "{}", '{"ms":5}', '{"text":"1"}', '{"ms":5,"text":""}',
        '{"ms":-1,"text":"1"}', '{"ms":true,"text":"1"}', '{"ms":5.5,"text":"1"}',
        '{"ms":1e400,"text":"1"}', '{"ms":NaN,"text":"1"}', '{"ms":5,"text":1}',
        '{"ms":5,"text":"\\ud800"}', '{"ms":5,"text":"1","symbology":null}',
        '{"ms":5,"text":"1","corners":[[1]]}', '{"ms":5,"text":"1","corners":[[1,"2"]]}',
        '{"ms":5,"text":"1","corners":{}}', '{"ms":5,"text":"1","corners":[[1,9999999]]}',
        json.dumps({"ms": 5, "text": "1", "corners": [[1, 1]] * 65}), '{"ms":4,"text":"1"}',
        '{"ms":' + "9" * 5_000 + "}", "[" * 60_000, "x" * 70_000,
    ],
)  # fmt: skip
def test_a_line_that_is_no_reading_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "scans.jsonl"
    path.write_text(f"{_GOOD}\n{line or chr(0)}\n")
    replay = iter(Replay(path))
    assert next(replay).text == "1"
    with pytest.raises(RecordingUnreadableError, match="line 2") as caught:
        next(replay)
    assert caught.value.code == "scan.recording_unreadable"


def test_binary_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "scans.jsonl"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(RecordingUnreadableError, match="line 1"):
        list(Replay(path))


def test_an_older_recording_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "scans.jsonl"
    path.write_text("kept")
    with pytest.raises(SourceUnavailableError, match="already"):
        Recorder(Given([]), path)
    assert path.read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "not exist"), (".", "folder"), ("a\0", "system")]
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceUnavailableError, match=reason):
        Replay(tmp_path / name)


def test_a_replay_that_is_closed_ends(tmp_path: Path) -> None:
    path = tmp_path / "scans.jsonl"
    path.write_text(f"{_GOOD}\n{_GOOD}\n")
    with Replay(path) as replay:
        found = iter(replay)
        next(found)
    assert list(found) == []
