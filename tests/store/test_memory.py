"""What was signed is on the disk first: torn writes, lost files, full disks, many at once."""

from __future__ import annotations

import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.errors import JournalBrokenError, JournalUnwritableError
from assetctl.store.memory import Memory
from tests.logs import Log

A = Log("log.example/a", 1).grow(9)
B = Log("log.example/b", 2).grow(9)


def size_of(memory: Memory, origin: str) -> int:
    with memory.held():
        note = memory.last(origin)
    return parse_checkpoint(note.text).size if note else 0


def filled(folder: Path) -> Memory:
    memory = Memory(folder)
    for log, size in ((A, 1), (B, 2), (A, 3), (B, 4), (A, 5)):
        with memory.held():
            memory.keep(log.origin, log.note(size))
    return memory


def newest(folder: Path, log: Log) -> Path:
    (path,) = (p for p in folder.glob("last-*") if p.read_text().startswith(f"{log.origin}\n"))
    return path


def test_what_was_kept_is_known_again(tmp_path: Path) -> None:
    memory = filled(tmp_path)
    for one in (memory, Memory(tmp_path)):
        assert (size_of(one, A.origin), size_of(one, B.origin), size_of(one, "c")) == (5, 4, 0)
        with one.held():
            assert one.last(A.origin) == A.note(5)
            assert one.origins() == [A.origin, B.origin]
    assert (tmp_path / "signed").read_text() == "".join(
        f"{log.note(size)}\n" for log, size in ((A, 1), (B, 2), (A, 3), (B, 4), (A, 5))
    )
    assert newest(tmp_path, A).read_text() == str(A.note(5))


def test_two_objects_know_what_the_other_kept(tmp_path: Path) -> None:
    one, other = filled(tmp_path), Memory(tmp_path)
    assert size_of(other, A.origin) == 5
    with one.held():
        one.keep(A.origin, A.note(7))
    assert size_of(other, A.origin) == 7
    with other.held():
        other.keep(A.origin, A.note(8))
    assert size_of(one, A.origin) == 8


def test_a_write_torn_at_any_byte_was_never_let_go(tmp_path: Path) -> None:
    filled(tmp_path)
    signed = tmp_path / "signed"
    before = signed.read_bytes()
    more = f"{A.note(9)}\n".encode()
    for count in range(len(more)):
        signed.write_bytes(before + more[:count])
        memory = Memory(tmp_path)
        assert size_of(memory, A.origin) == 5
        assert signed.read_bytes() == before
    signed.write_bytes(before + more)
    assert size_of(Memory(tmp_path), A.origin) == 9
    assert newest(tmp_path, A).read_text() == str(A.note(9))


def test_blocks_of_zeros_after_a_power_cut_are_dropped(tmp_path: Path) -> None:
    filled(tmp_path)
    signed = tmp_path / "signed"
    before = signed.read_bytes()
    signed.write_bytes(before + bytes(4096))
    assert size_of(Memory(tmp_path), A.origin) == 5
    assert signed.read_bytes() == before


def test_what_was_written_counts_though_the_program_died(tmp_path: Path) -> None:
    memory = filled(tmp_path)
    older = newest(tmp_path, A).read_bytes()
    with memory.held():
        memory.keep(A.origin, A.note(9))
    newest(tmp_path, A).write_bytes(older)
    assert size_of(Memory(tmp_path), A.origin) == 9
    assert newest(tmp_path, A).read_text() == str(A.note(9))


@pytest.mark.parametrize("how", ["gone", "empty", "torn", "garbage", "another"])
def test_a_newest_note_that_is_lost_is_written_again(tmp_path: Path, how: str) -> None:
    filled(tmp_path)
    path = newest(tmp_path, A)
    if how == "gone":
        path.unlink()
    else:
        other = {"empty": b"", "torn": path.read_bytes()[:50], "garbage": b"\xff\x00",
                 "another": str(A.note(2)).encode()}  # fmt: skip
        path.write_bytes(other[how])
    assert size_of(Memory(tmp_path), A.origin) == 5
    assert path.read_text() == str(A.note(5))


@pytest.mark.parametrize("left", [0, 1, 2, 3, 4])
def test_notes_taken_out_at_the_end_are_missed(tmp_path: Path, left: int) -> None:
    filled(tmp_path)
    signed = tmp_path / "signed"
    parts = signed.read_text().split("\n\n")
    signed.write_text("".join(f"{text}\n\n" for text in parts[: 2 * left]))
    before = signed.read_bytes()
    with pytest.raises(JournalBrokenError, match="taken out"):
        size_of(Memory(tmp_path), A.origin)
    assert signed.read_bytes() == before


def test_a_memory_that_vanished_is_missed(tmp_path: Path) -> None:
    memory = filled(tmp_path)
    (tmp_path / "signed").unlink()
    for one in (memory, Memory(tmp_path)):
        with pytest.raises(JournalBrokenError):
            size_of(one, A.origin)


@pytest.mark.parametrize(
    "content",
    [b"garbage\n\nmore\n\n", b"\n\n\n\n", b"a\nx\nroot\n\nsig\n\n", b"\xff\n1\nroot\n\nsig\n\n"],
)
def test_what_cannot_be_read_is_not_passed_over(tmp_path: Path, content: bytes) -> None:
    signed = tmp_path / "signed"
    signed.write_bytes(content)
    with pytest.raises(JournalBrokenError):
        size_of(Memory(tmp_path), "a")
    assert signed.read_bytes() == content


def test_the_line_at_which_it_breaks_is_named(tmp_path: Path) -> None:
    filled(tmp_path)
    signed = tmp_path / "signed"
    text = signed.read_text().replace(f"{A.origin}\n3\n", f"{A.origin}\n-\n")
    signed.write_text(text)
    with pytest.raises(JournalBrokenError) as caught:
        size_of(Memory(tmp_path), A.origin)
    line = text.split("\n").index("-")  # the line before it, counted from 1, begins the note
    assert caught.value.facts["line"] == line


def test_a_smaller_note_after_a_larger_one_is_not_ours(tmp_path: Path) -> None:
    filled(tmp_path)
    with (tmp_path / "signed").open("a") as file:
        file.write(f"{A.note(4)}\n")
    with pytest.raises(JournalBrokenError, match="follow"):
        size_of(Memory(tmp_path), A.origin)


@contextmanager
def small_disk(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_full_disk_keeps_what_was_there(tmp_path: Path, room: int) -> None:
    memory = filled(tmp_path)
    signed = tmp_path / "signed"
    before = signed.read_bytes()
    with small_disk(len(before) + room), memory.held(), pytest.raises(JournalUnwritableError):
        memory.keep(A.origin, A.note(9))
    assert signed.read_bytes() == before
    for one in (memory, Memory(tmp_path)):
        assert size_of(one, A.origin) == 5
    with memory.held():
        memory.keep(A.origin, A.note(9))
    assert size_of(Memory(tmp_path), A.origin) == 9


def test_a_disk_that_fills_between_the_two_files_loses_nothing(tmp_path: Path) -> None:
    memory = filled(tmp_path)
    path = newest(tmp_path, A)
    older, fresh = path.read_bytes(), path.with_suffix(".new")
    fresh.mkdir()  # the second file cannot be written
    with memory.held(), pytest.raises(JournalUnwritableError):
        memory.keep(A.origin, A.note(9))
    assert path.read_bytes() == older
    fresh.rmdir()
    assert size_of(memory, A.origin) == 9
    assert path.read_text() == str(A.note(9))
    assert size_of(Memory(tmp_path), A.origin) == 9


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(JournalUnwritableError):
        size_of(Memory(tmp_path / "x"), "a")


def test_what_is_published_is_only_of_the_log_that_was_asked_for(tmp_path: Path) -> None:
    import hashlib

    memory = filled(tmp_path)
    digest = hashlib.sha256(A.origin.encode()).hexdigest()
    assert memory.published(digest) == str(A.note(5))
    assert memory.published(digest[:16] + "0" * 48) is None
    assert memory.published("0" * 64) is None


def test_one_at_a_time(tmp_path: Path) -> None:
    """Everybody adds one to the size of the same log, again and again: no step is lost."""
    log = Log("log.example/many").grow(80)
    failures: list[BaseException] = []

    def climb() -> None:
        memory = Memory(tmp_path)
        try:
            for _ in range(10):
                with memory.held():
                    last = memory.last(log.origin)
                    size = parse_checkpoint(last.text).size if last else 0
                    memory.keep(log.origin, log.note(size + 1))
        except BaseException as error:  # noqa: BLE001  it is looked at outside
            failures.append(error)

    threads = [threading.Thread(target=climb) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    texts = (tmp_path / "signed").read_text().split("\n\n")[:-1:2]
    assert [parse_checkpoint(f"{text}\n").size for text in texts] == list(range(1, 81))


def test_a_copy_of_a_folder_is_as_good(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert size_of(Memory(tmp_path / "two"), B.origin) == 4
