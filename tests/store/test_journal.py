"""The journal of a station: what was written comes back, what was touched is found and named."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetctl.errors import (
    CanonicalError,
    JournalBrokenError,
    JournalUnwritableError,
    KeyMissingError,
    StationBusyError,
)
from assetctl.store.journal import Journal, open_journal, path_of

NOON = "2026-03-01T04:00:00.000000Z"
KEY = bytes(range(32))


def filled(folder: Path, count: int = 6, station: str = "desk", key: bytes = KEY) -> Path:
    with Journal(folder, station, key) as journal:
        for number in range(count):
            journal.append("seen", NOON, {"code": f"物{number}", "number": number})
        return journal.path


def again(folder: Path, station: str = "desk", key: bytes = KEY) -> list[Any]:
    with Journal(folder, station, key) as journal:
        return [line.data for line in journal.lines]


def test_what_was_written_comes_back_in_order(tmp_path: Path) -> None:
    filled(tmp_path)
    with Journal(tmp_path, "desk", KEY) as journal:
        assert [(one.n, one.kind, one.at) for one in journal.lines] == [
            (number, "seen", NOON) for number in range(1, 7)
        ]
        assert [one.data["number"] for one in journal.lines] == list(range(6))
        assert not journal.torn
        journal.append("commit", NOON, {"deep": {"list": ["é", None, True]}})
    assert again(tmp_path)[6] == {"deep": {"list": ["é", None, True]}}


def test_every_cut_of_the_last_line_drops_it_and_nothing_else(tmp_path: Path) -> None:
    path = filled(tmp_path)
    whole = path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    for end in range(start + 1, len(whole)):
        path.write_bytes(whole[:end])
        with Journal(tmp_path, "desk", KEY) as journal:
            assert journal.torn
            assert len(journal.lines) == 5
            journal.append("seen", NOON, {"number": 99})
        assert [one["number"] for one in again(tmp_path)] == [0, 1, 2, 3, 4, 99]


def test_blocks_of_zeros_after_a_power_cut_are_a_torn_line(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with path.open("ab") as file:
        file.write(bytes(4096))
    assert len(again(tmp_path)) == 6
    assert not path.read_bytes().endswith(b"\0")


def _flip(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b'"number":2', b'"number":7'), *lines[3:]]


def _swap(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def _drop(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[3:]]


def _double(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], *lines[2:]]


def _behead(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def _blank(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"", *lines[2:]]


def _binary(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"\xff\x00 {}", *lines[3:]]


@pytest.mark.parametrize(
    ("touch", "line"),
    [(_flip, 3), (_swap, 3), (_drop, 3), (_double, 4), (_behead, 1), (_blank, 3), (_binary, 3)],
)
def test_a_doctored_journal_is_refused_with_the_line_and_left_as_it_is(
    tmp_path: Path, touch: Callable[[list[bytes]], list[bytes]], line: int
) -> None:
    path = filled(tmp_path)
    doctored = b"\n".join([*touch(path.read_bytes().split(b"\n")[:-1]), b""])
    path.write_bytes(doctored)
    with pytest.raises(JournalBrokenError) as caught:
        again(tmp_path)
    assert caught.value.facts["line"] == line
    assert path.read_bytes() == doctored
    with pytest.raises(JournalBrokenError):  # and it was let go of
        again(tmp_path)


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    whole = path.read_bytes()
    for at in range(whole[:-1].rfind(b"\n")):  # the last line could pass for a torn one
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(JournalBrokenError):
            again(tmp_path)


def test_a_line_of_another_station_or_another_key_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path, station="desk")
    other = path_of(tmp_path, "gate")
    other.write_bytes(path.read_bytes())
    with pytest.raises(JournalBrokenError):
        again(tmp_path, station="gate")
    with pytest.raises(JournalBrokenError):
        again(tmp_path, key=bytes(32))


def test_only_one_session_writes(tmp_path: Path) -> None:
    with Journal(tmp_path, "desk", KEY):
        with pytest.raises(StationBusyError):
            Journal(tmp_path, "desk", KEY)
        Journal(tmp_path, "gate", KEY).close()
    Journal(tmp_path, "desk", KEY).close()


def test_what_cannot_stand_in_a_line_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    with Journal(tmp_path, "desk", KEY) as journal:
        for data in ({"x": 0.5}, {"Bad key": 1}, {"x": "a" * 70_000}):
            with pytest.raises(CanonicalError):
                journal.append("seen", NOON, data)
        journal.append("seen", NOON, {"number": 1})
    assert again(tmp_path) == [{"number": 1}]


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(tmp_path, "desk", KEY) as journal:
        journal.append("seen", NOON, {"number": 1})
        size = journal.path.stat().st_size
        with monkeypatch.context() as patch:

            def full(_descriptor: int) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            patch.setattr("os.fsync", full)
            with pytest.raises(JournalUnwritableError) as caught:
                journal.append("seen", NOON, {"number": 2})
        assert "space" in str(caught.value)
        assert journal.path.stat().st_size == size
        journal.append("seen", NOON, {"number": 3})
    assert again(tmp_path) == [{"number": 1}, {"number": 3}]


def test_the_key_is_made_once_and_its_loss_is_said(tmp_path: Path) -> None:
    keys, folder = tmp_path / "keys", tmp_path / "station"
    with open_journal(folder, "desk", keys) as journal:
        journal.append("seen", NOON, {"number": 1})
    assert (folder.stat().st_mode & 0o077, journal.path.stat().st_mode & 0o077) == (0, 0)
    with open_journal(folder, "desk", keys) as journal:
        assert len(journal.lines) == 1
    (keys / "station").unlink()
    with pytest.raises(KeyMissingError):
        open_journal(folder, "desk", keys)


@pytest.mark.parametrize("name", ["../x", "一楼/前台", "", ".", "a" * 300, "a b"])
def test_names_of_stations_never_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "station", station=name)
    (file,) = (tmp_path / "station").iterdir()
    assert file.suffix == ".journal"
    assert [one["number"] for one in again(tmp_path / "station", station=name)] == list(range(6))


def test_lines_are_json_that_a_person_can_read(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    mac, _, entry = path.read_bytes().rstrip(b"\n").partition(b" ")
    assert len(mac) == 43
    assert json.loads(entry)["data"] == {"code": "物0", "number": 0}
    assert "物0" in entry.decode()
