"""An exported log is proven as a whole; what was changed in it is found, by whomever."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain import chain, merkle
from tests.offline.conftest import Checker, kept, pythons, run
from tests.offline.maker import SUBJECT, TILE, Book, instant, sample, write_log


def long_book(size: int) -> Book:
    """Return a log of so many entries over a few subjects."""
    book = Book()
    for number in range(1, size):
        book.add(f"asset:{number % 7}", "asset.moved", {"place": f"W{number}"})
    return book


@pytest.fixture(scope="module")
def large() -> Book:
    """A log of two full bundles and a part of one; tests must not add to it."""
    return long_book(2 * TILE + 40)


@pytest.mark.parametrize("number", range(8))
def test_proven_under_every_python_in_both_languages(number: int, tmp_path: Path) -> None:
    if number >= len(pythons()):
        pytest.skip("there are no more Pythons here")
    folder = write_log(sample(witnesses=("a",), quorum="a"), tmp_path / "log")
    english = run(pythons()[number], folder, "--lang", "en")
    assert english.code == 0
    assert "\nEntries that make up" in english.text.replace("  - ", "")
    assert english.text.endswith("\nPROVEN\n")
    assert run(pythons()[number], folder, "--lang", "zh").text.endswith("\n结论：成立\n")


def test_what_is_proven_and_what_is_not(tmp_path: Path, check: Checker) -> None:
    book = sample(witnesses=("a",), quorum="a")
    found = check(write_log(book, tmp_path / "log"))
    assert found.codes == {
        "proven": {"checkpoint", "witnessed", "log", "snapshots", "signatures", "disclosures"},
        "not_proven": {"own_policy", "unsigned", "truth"},
    }
    assert ": 8; subjects: 5" in found.text
    (tmp_path / "log" / "disclosures.txt").unlink()
    assert "erased" in check(tmp_path / "log").codes["not_proven"]


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 769])
def test_logs_of_every_shape(size: int, tmp_path: Path, check: Checker) -> None:
    book = long_book(size)
    folder = write_log(book, tmp_path / "log")
    olds = sorted({1, 2, size // 2, size - 1, size // TILE * TILE, size} - {0})
    files = [kept(tmp_path / f"kept-{old}", book.checkpoint(old)) for old in olds if old <= size]
    found = check(folder, "--against", *files)
    assert found.code == 0, found.text
    told = [one["code"] for one in found.json["proven"]]
    assert told.count("against") == len(files)


def test_a_log_of_three_levels(tmp_path: Path, check: Checker) -> None:
    """More than 65,536 entries: tiles of level 1 fill up. Written by the exporter's own code."""
    book = Book()
    size = TILE * TILE + TILE + 3
    fields = {
        "_": chain.EVENT, "actor": "1", "at": instant(1), "data": {}, "id": "", "kind": "a.b",
        "n": 1, "p": chain.b64(book.leaves[0]), "rec": instant(1), "req": "", "st": "",
    }  # fmt: skip
    pattern = chain.canonical(fields | {"subject": "asset:#"})
    book.entries += [pattern.replace(b"#", b"%06d" % number) for number in range(1, size)]
    folder = write_log(book, tmp_path / "log")
    assert (folder / "tile/1/000").stat().st_size == 8192
    assert (folder / "tile/2/000.p/1").stat().st_size == 32
    old = kept(tmp_path / "old", book.checkpoint(TILE * TILE))
    found = check(folder, "--against", old)
    assert found.code == 0, found.text
    for name in ("tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/0/x001"):
        if (folder / name).exists():
            bend(folder / name)
            assert check(folder).wrong == ("tile", name)
            bend(folder / name)


def bend(path: Path, place: int = -1) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_every_byte_is_covered(tmp_path: Path, check: Checker) -> None:
    folder = write_log(sample(), tmp_path / "log")
    draw = random.Random(3)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        size = path.stat().st_size
        for place in sorted({0, size - 1, *draw.sample(range(size), min(40, size))}):
            bend(path, place)
            found = check(folder)
            bend(path, place)
            assert found.code in (3, 7), (path, place)
    assert check(folder).code == 0


def test_every_tile_and_bundle_is_looked_at(tmp_path: Path, large: Book, check: Checker) -> None:
    folder = write_log(large, tmp_path / "log")
    files = sorted(one for one in (folder / "tile").rglob("*") if one.is_file())
    assert len(files) == 7
    for path in files:
        name = path.relative_to(folder).as_posix()
        for place in (0, path.stat().st_size // 2, -1):
            bend(path, place)
            found = check(folder)
            bend(path, place)
            code, where = found.wrong
            if "entries" in name:
                assert code in ("form", "field", "tile"), (name, code)
            else:
                assert (code, where) == ("tile", name)
        data = path.read_bytes()
        path.unlink()
        assert check(folder).wrong == ("missing", name)
        for wrong in (data[:-1], data + b"\0", data[:32], b""):
            path.write_bytes(wrong)
            assert check(folder).code == 7
        path.write_bytes(data)
    assert check(folder).code == 0


def test_files_that_belong_to_nothing(tmp_path: Path, large: Book, check: Checker) -> None:
    folder = write_log(large, tmp_path / "log")
    for name in ("tile/0/003", "tile/entries/002", "tile/3/000", "tile/x", "notes.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        assert check(folder).wrong == ("stray", name)
        path.unlink()
    # Partial tiles of an earlier export stay behind; nothing rests on them.
    for name in ("tile/0/002.p/7", "tile/entries/002.p/7"):
        (folder / name).write_bytes(b"x")
    assert check(folder).code == 0


# --- histories that were rewritten ---------------------------------------------------------------


def rewritten(book: Book, index: int) -> Book:
    """Return a log in which an entry was changed and everything after it linked anew."""
    other = Book()
    for number, (entry, subject) in enumerate(zip(book.entries, book.subjects, strict=True)):
        if number:
            fields = json.loads(entry)
            data = {"place": "elsewhere"} if number == index else fields["data"]
            other.add(subject, fields["kind"], data)
    return other


def test_a_history_rewritten_with_the_key_of_the_log(
    tmp_path: Path, large: Book, check: Checker
) -> None:
    """All of it fits, and is signed; a checkpoint that was kept shows it all the same."""
    folder = write_log(rewritten(large, 100), tmp_path / "log")
    assert check(folder).code == 0
    for size, code in ((101, 7), (256, 7), (400, 7), (len(large.entries), 7), (100, 0), (1, 0)):
        old = kept(tmp_path / "old", large.checkpoint(size))
        found = check(folder, "--against", old)
        assert found.code == code, size
        if code:
            assert found.wrong == ("rewritten", str(old))


def test_a_log_that_lost_its_end(tmp_path: Path, large: Book, check: Checker) -> None:
    shorter = Book(entries=large.entries[:300], subjects=large.subjects[:300])
    folder = write_log(shorter, tmp_path / "log")
    newer = kept(tmp_path / "newer", large.checkpoint())
    found = check(folder, "--against", newer)
    assert (found.code, found.wrong) == (7, ("shorter", str(newer)))
    (folder / "checkpoint").write_text(str(large.checkpoint()), encoding="utf-8")
    assert check(folder).code == 7


def test_a_root_that_is_not_that_of_the_entries(
    tmp_path: Path, large: Book, check: Checker
) -> None:
    folder = write_log(large, tmp_path / "log")
    (folder / "checkpoint").write_text(
        str(rewritten(large, len(large.entries) - 1).checkpoint()), encoding="utf-8"
    )
    assert check(folder).wrong == ("root", "checkpoint")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"n": 3}, "n"), ({"n": 1}, "n"), ({"p": chain.b64(bytes(32))}, "p"),
        ({"_": "assetctl/genesis@1"}, "_"), ({"subject": None}, "subject"), ({"n": True}, "n"),
        ({"subject": ["asset:1"]}, "subject"), ({"at": "yesterday"}, "at, rec"), ({"sd": 7}, "sd"),
    ],
)  # fmt: skip
def test_chains_that_do_not_hold(
    fields: dict[str, Any], name: str, tmp_path: Path, check: Checker
) -> None:
    """The tree fits and is signed: whoever made it recorded what cannot be."""
    book = Book()
    book.add(SUBJECT, "asset.registered")
    book.add(SUBJECT, "asset.moved", **fields)
    found = check(write_log(book, tmp_path / "log"))
    assert found.wrong == ("field", "tile/entries/000.p/3 (2)")
    assert f"its field {name} should be" in found.json["verdict"]


def test_a_fork_and_a_first_entry_out_of_place(tmp_path: Path, check: Checker) -> None:
    book = Book()
    book.add(SUBJECT, "asset.registered")
    book.add("x:1", "a.b")
    book.subjects[1] = ""  # so that the next one begins the chain a second time
    book.add(SUBJECT, "asset.registered", id="f" * 32)
    assert check(write_log(book, tmp_path / "fork")).wrong[0] == "field"
    headless = Book(entries=[book.entries[1]], subjects=[SUBJECT])
    assert check(write_log(headless, tmp_path / "headless")).wrong[0] == "field"
    stranger = Book(origin="other.test/log")
    mixed = Book(entries=stranger.entries, subjects=[""])
    assert check(write_log(mixed, tmp_path / "mixed")).wrong[0] == "field"


def test_entries_that_are_no_entries(tmp_path: Path, check: Checker) -> None:
    for entry in (b"", b"{}", b"[]", b"\xff", b'{"a":1,"a":1}'):
        book = Book()
        book.entries.append(entry)
        found = check(write_log(book, tmp_path / f"log-{len(entry)}{entry[:1].hex()}"))
        assert found.wrong[0] in ("form", "field")
        assert found.wrong[1] == "tile/entries/000.p/2 (1)"


def test_disclosures_that_no_entry_holds(tmp_path: Path, check: Checker) -> None:
    folder = write_log(sample(), tmp_path / "log")
    lines = (folder / "disclosures.txt").read_text(encoding="utf-8")
    strange = chain.disclosure(bytes(32), "note", "x")
    (folder / "disclosures.txt").write_text(f"{lines}{strange}\n", encoding="utf-8")
    assert check(folder).wrong == ("stray", "disclosures.txt:4")
    (folder / "disclosures.txt").write_text("", encoding="utf-8")
    assert check(folder).code == 0


# --- snapshots -----------------------------------------------------------------------------------


def test_snapshots_are_recomputed_as_the_log_was(tmp_path: Path, check: Checker) -> None:
    book = sample()
    for size in (len(book.entries), 1, 4, len(book.entries)):
        book.snapshot(size)
        book.add(SUBJECT, "asset.moved", {"place": "W9"})
    found = check(write_log(book, tmp_path / "log"))
    assert found.code == 0, found.text
    assert "Snapshots of all subjects that are right: 5." in found.text


@pytest.mark.parametrize(
    "lie",
    [{"count": 4}, {"root": chain.b64(bytes(32))}, {"size": 3}, {"size": 10}, {"size": 2**40}],
)
def test_snapshots_that_lie(lie: dict[str, Any], tmp_path: Path, check: Checker) -> None:
    book = sample()
    book.snapshot()
    told = json.loads(book.entries.pop())["data"]
    book.subjects.pop()
    book.add("log", "log.snapshot_taken", told | lie)
    book.add(SUBJECT, "asset.moved", {"place": "W9"})
    found = check(write_log(book, tmp_path / "log"))
    assert found.wrong == ("snapshot", "tile/entries/000.p/11 (9)")


def test_snapshots_that_say_nothing(tmp_path: Path, check: Checker) -> None:
    for data in ({}, {"size": "3"}, {"size": -1}, {"size": True}):
        book = sample()
        book.add("log", "log.snapshot_taken", data)
        assert check(write_log(book, tmp_path / f"log{len(str(data))}")).wrong[0] == "field"


def test_the_word_for_a_snapshot_elsewhere_is_no_snapshot(tmp_path: Path, check: Checker) -> None:
    book = sample()
    book.add(SUBJECT, "asset.corrected", {"after": {"name": 'log.snapshot_taken "kind":"key.'}})
    assert check(write_log(book, tmp_path / "log")).code == 0


# --- signatures ----------------------------------------------------------------------------------


def test_signatures_and_keys_in_any_order(tmp_path: Path, check: Checker) -> None:
    """A key may stand in the log after what it signed, if it was recorded before."""
    book = Book()
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="op-3", actor="0002", rec=instant(900))
    book.add_key("op-3")
    found = check(write_log(book, tmp_path / "log"))
    assert found.code == 0, found.text
    assert "signatures" in found.codes["proven"]
    late = {"doc": "函1", "from": instant(800), "reason": "lost"}
    book.add("key:op-3", "key.revoked", late, rec=instant(1000))
    book.add(SUBJECT, "asset.moved", {"place": "W3"}, key="op-3", actor="0002", at=instant(900))
    found = check(write_log(book, tmp_path / "revoked"))
    assert found.code == 0, found.text
    assert "revoked" in found.codes["not_proven"]
    assert f"at {SUBJECT} 2 does not count" in found.text


def test_a_signature_that_does_not_hold_in_a_log(tmp_path: Path, check: Checker) -> None:
    wrong: list[dict[str, Any]] = [
        {"key": "op-3"}, {"by": "op-2", "sig": chain.b64(bytes(64))}, {"by": "op-2"},
    ]  # fmt: skip
    for more in wrong:
        book = sample()
        book.add(SUBJECT, "asset.moved", {"place": "W2"}, actor="0002", **more)
        code, place = check(write_log(book, tmp_path / f"log{len(str(more))}")).wrong
        assert (code, place) in {
            (one, "tile/entries/000.p/10 (9)") for one in ("no_key", "signature", "form")
        }


def test_a_key_of_another_sort_of_subject_is_none(tmp_path: Path, check: Checker) -> None:
    book = sample()
    data = {"algorithm": "ed25519", "party": "0002", "public": "00" * 32, "purpose": "operator"}
    for subject in ("asset:op-7", "asset:key:op-7", "op-7"):
        book.add(subject, "key.created", data)
    for by in ("op-7", "", "key:op-7", "asset:op-7"):
        other = Book(entries=list(book.entries), subjects=list(book.subjects))
        other.add(SUBJECT, "asset.moved", actor="0002", by=by, sig=chain.b64(bytes(64)))
        folder = tmp_path / f"log{len(by)}"
        assert check(write_log(other, folder)).wrong[0] == "no_key"


def test_roots_at_every_size() -> None:
    """What the one pass says of the log at a size is what the definition says."""
    from assetctl.offline.verify import root_of

    leaves = [merkle.sha256(bytes([n % 256, n // 256])) for n in range(1030)]
    full = [merkle.tree_root(leaves[n * TILE : (n + 1) * TILE]) for n in range(4)]
    for size in (*range(0, 1030, 37), 256, 512, 1024):
        above = full[: size // TILE]
        assert root_of(above, leaves[size // TILE * TILE : size]) == merkle.tree_root(leaves[:size])
