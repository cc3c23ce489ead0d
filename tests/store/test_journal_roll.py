"""A journal that goes on in another file: one chain, nothing forgotten, every touch found."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain.book import Book
from assetctl.errors import (
    CanonicalError,
    JournalBrokenError,
    JournalUnwritableError,
    StationBusyError,
)
from assetctl.store import disk
from assetctl.store import journal as journals
from assetctl.store.journal import Journal
from tests.store.test_journal import KEY, NOON, again, filled

CARRIED: list[tuple[str, dict[str, Any]]] = [("carried", {"number": -1}), ("x", {"number": -2})]


def rolled(folder: Path, times: int = 1, station: str = "desk") -> Path:
    """Write, roll over, and write on; `times` times."""
    path = filled(folder, 3, station)
    for number in range(times):
        with Journal(folder, station, KEY) as journal:
            journal.roll(NOON, CARRIED)
            journal.append("seen", NOON, {"number": 100 + number})
    return path


def part(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.{number:04}.journal")


def numbers(folder: Path, station: str = "desk") -> list[int]:
    return [data["number"] for data in again(folder, station) if "number" in data]


def test_the_new_file_follows_the_last_line_of_the_former(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    before = path.read_bytes()
    with Journal(tmp_path, "desk", KEY) as journal:
        former = journal.roll(NOON, CARRIED)
        journal.append("seen", NOON, {"number": 7})
        assert journal.number == 2
    assert (former, former.read_bytes()) == (part(path, 1), before)
    assert stat.S_IMODE(former.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(raw.partition(b" ")[2]) for raw in path.read_bytes().splitlines()]
    assert [line["n"] for line in lines] == [4, 5, 6, 7]
    assert (lines[0]["kind"], lines[0]["data"]["former"]) == ("rolled", "desk.0001.journal")
    with Journal(tmp_path, "desk", KEY) as journal:
        assert [line.kind for line in journal.lines] == ["rolled", "carried", "x", "seen"]
        assert journal.number == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desk.0001.journal", "desk.journal"]


def test_it_goes_on_from_file_to_file(tmp_path: Path) -> None:
    path = rolled(tmp_path, 4)
    assert numbers(tmp_path) == [-1, -2, 103]
    with Journal(tmp_path, "desk", KEY) as journal:
        assert (journal.number, journal.lines[0].n) == (5, 3 + 3 * 4 + 4 - 3)
    # Older ones than the last may be put away; the last one may not.
    part(path, 1).unlink()
    part(path, 2).unlink()
    assert numbers(tmp_path) == [-1, -2, 103]
    part(path, 4).unlink()
    with pytest.raises(JournalBrokenError, match="is not there"):
        again(tmp_path)


def test_stations_beside_one_another_do_not_mix_their_files(tmp_path: Path) -> None:
    rolled(tmp_path, 3, "desk")
    rolled(tmp_path, 1, "desk-2")
    rolled(tmp_path, 1, "一楼/前台")
    assert numbers(tmp_path, "desk-2") == numbers(tmp_path, "一楼/前台") == [-1, -2, 100]
    for file in tmp_path.glob("desk.*"):
        copied = tmp_path / file.name.replace("desk.", "gate.", 1)
        copied.write_bytes(file.read_bytes())
    with pytest.raises(JournalBrokenError):
        again(tmp_path, "gate")


# --- doctored ----------------------------------------------------------------------------------


def _change(content: bytes) -> bytes:
    return content.replace(b'"number":1', b'"number":9')


def _cut(content: bytes) -> bytes:
    return content[: content[:-1].rfind(b"\n") + 1]


def _put_behind(content: bytes) -> bytes:
    return content + content.splitlines(keepends=True)[-1]


def _empty(_content: bytes) -> bytes:
    return b""


def _reorder(content: bytes) -> bytes:
    first, second, *rest = content.splitlines(keepends=True)
    return b"".join([second, first, *rest])


@pytest.mark.parametrize(
    ("touch", "line"), [(_change, 2), (_cut, 3), (_put_behind, 4), (_empty, 1), (_reorder, 1)]
)
def test_a_doctored_former_file_is_named_with_the_line(
    tmp_path: Path, touch: Callable[[bytes], bytes], line: int
) -> None:
    former = part(rolled(tmp_path), 1)
    content = former.read_bytes()
    assert touch(content) != content
    former.chmod(0o600)
    former.write_bytes(touch(content))
    with pytest.raises(JournalBrokenError) as caught:
        again(tmp_path)
    assert (caught.value.facts["file"], caught.value.facts["line"]) == (str(former), line)
    former.write_bytes(content)
    assert numbers(tmp_path) == [-1, -2, 100]


def test_every_changed_byte_of_the_former_file_and_of_the_link_is_found(tmp_path: Path) -> None:
    path = rolled(tmp_path)
    former = part(path, 1)
    former.chmod(0o600)
    for file, end in ((former, None), (path, path.read_bytes().find(b"\n"))):
        whole = file.read_bytes()
        for at in range(len(whole) if end is None else end):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(JournalBrokenError):
                again(tmp_path)
        file.write_bytes(whole)
    assert numbers(tmp_path) == [-1, -2, 100]


def test_a_beheaded_new_file_is_found(tmp_path: Path) -> None:
    path = rolled(tmp_path)
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    with pytest.raises(JournalBrokenError):
        again(tmp_path)


@pytest.mark.parametrize("how", ["former again", "empty", "gone", "other former"])
def test_an_old_copy_in_the_place_of_the_journal_is_found(tmp_path: Path, how: str) -> None:
    path = rolled(tmp_path, 2)
    if how == "former again":
        path.write_bytes(part(path, 1).read_bytes())
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "gone":
        path.unlink()
    else:
        part(path, 2).chmod(0o600)
        part(path, 2).write_bytes(part(path, 1).read_bytes())
    with pytest.raises(JournalBrokenError):
        again(tmp_path)


# --- trouble on the way ------------------------------------------------------------------------


def test_a_roll_that_was_cut_short_before_the_new_file_is_done_again(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    part(path, 1).write_bytes(path.read_bytes())
    path.with_name("desk.journal.new").write_bytes(b"half of a li")
    path.with_name("desk.0001.journal.part").write_bytes(b"half")
    with Journal(tmp_path, "desk", KEY) as journal:
        assert len(journal.lines) == 3
        journal.append("seen", NOON, {"number": 3})
        journal.roll(NOON, CARRIED)
    assert part(path, 1).read_bytes().count(b"\n") == 4
    assert numbers(tmp_path) == [-1, -2]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desk.0001.journal", "desk.journal"]


def test_a_strange_file_in_the_place_of_the_next_former_one_is_not_taken_for_it(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path, 3)
    part(path, 1).write_bytes(b"something else\n")
    with pytest.raises(JournalBrokenError):
        again(tmp_path)


@pytest.mark.parametrize("failing", ["fsync", "chmod", "replace"])
def test_a_disk_that_refuses_leaves_the_journal_in_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = filled(tmp_path, 3)
    with Journal(tmp_path, "desk", KEY) as journal:

        def full(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os if failing == "fsync" else Path, failing, full)
            with pytest.raises(JournalUnwritableError):
                journal.roll(NOON, CARRIED)
        journal.append("seen", NOON, {"number": 3})
        assert journal.number == 1
    assert numbers(tmp_path) == [0, 1, 2, 3]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_the_new_file_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 3)
    replace = Path.replace

    def fails_for_the_journal(self: Path, target: Path) -> Path:
        if target.name == "desk.journal":
            raise OSError(errno.EACCES, "Permission denied")
        return replace(self, target)

    with Journal(tmp_path, "desk", KEY) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", fails_for_the_journal)
            with pytest.raises(JournalUnwritableError, match="Permission denied"):
                journal.roll(NOON, CARRIED)
        journal.append("seen", NOON, {"number": 3})
    assert numbers(tmp_path) == [0, 1, 2, 3]


def test_what_cannot_stand_in_a_line_stops_the_roll_before_anything_is_written(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path, 3)
    with Journal(tmp_path, "desk", KEY) as journal:
        with pytest.raises(CanonicalError):
            journal.roll(NOON, [("carried", {"x": "a" * 70_000})])
        journal.append("seen", NOON, {"number": 3})
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert numbers(tmp_path) == [0, 1, 2, 3]


def test_nobody_else_gets_in_while_it_is_rolled_over(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    with Journal(tmp_path, "desk", KEY) as journal:
        journal.roll(NOON, CARRIED)
        with pytest.raises(StationBusyError):
            Journal(tmp_path, "desk", KEY)
        journal.append("seen", NOON, {"number": 5})
    assert numbers(tmp_path) == [-1, -2, 5]
    assert path.exists()


def test_who_opened_the_file_just_before_it_was_rolled_over_waits_at_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 3)
    first = Journal(tmp_path, "desk", KEY)
    lock = disk.lock
    calls: list[Any] = []

    def locked_late(file: Any) -> None:
        if not calls:
            calls.append(file)
            monkeypatch.setattr(disk, "lock", lock)
            first.roll(NOON, CARRIED)
            first.append("seen", NOON, {"number": 8})
            first.close()
        lock(file)

    monkeypatch.setattr(disk, "lock", locked_late)
    with Journal(tmp_path, "desk", KEY) as second:
        assert second.number == 2
        second.append("seen", NOON, {"number": 9})
    assert numbers(tmp_path) == [-1, -2, 8, 9]


# --- when --------------------------------------------------------------------------------------


def is_long(journal: Journal) -> bool:
    return journal.is_long


def test_only_a_long_journal_is_rolled_over_and_what_it_carries_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "LONG", 4000)
    big = [("carried", {"number": -1, "text": "x" * 3000})] * 2
    with Journal(tmp_path, "desk", KEY) as journal:
        while not is_long(journal):
            journal.append("seen", NOON, {"number": 1})
        assert journal.path.stat().st_size < 4000 + 400
        journal.roll(NOON, big)
        assert not is_long(journal), "it would be rolled over for ever"
    with Journal(tmp_path, "desk", KEY) as journal:
        size = journal.path.stat().st_size
        assert not is_long(journal)
        while not is_long(journal):
            journal.append("seen", NOON, {"number": 1})
        assert size * 1.9 < journal.path.stat().st_size < size * 2.2


def test_a_book_takes_the_first_line_of_a_file() -> None:
    book = Book()
    book.apply("rolled", {"former": "desk.0001.journal"})
    assert book == Book()
