"""A good dossier is proven, under every Python and in both languages, and what is not is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from assetctl.domain.note import Note
from tests.conftest import Register
from tests.offline.conftest import VERIFIER, Checker, kept, pythons, run
from tests.offline.maker import ORIGIN, SUBJECT, Book, dossier, pack, sample, sign

ENGLISH = """
Proven:
  - The head of the log warehouse.test/log/1 at 9 entries is signed by {vkey}.
  - Entries of asset:K7M29QXD4F that stand in the log unchanged, each linked to the one before: 4.
  - By the snapshot in the log, entries 1 to 3 are all there were of asset:K7M29QXD4F \
when it had 6 entries.
  - Files that are, byte for byte, what the entries name: 1.
"""
ROWS = """
     1  2026-11-23 08:00:02  registered  actor 0001 · holder U1 · place W1
     2  2026-11-23 08:00:04  checked out  actor 0002 · by op-2 · holder 0002 · \
doc 借〔2026〕1号 · note 带电源
     3  2026-11-23 08:00:05  attached  actor 0001 · title 正面照片
     4  2026-11-23 08:00:01  checked in  actor 0001 · holder U1 · place W1
"""
CHINESE = """
     1  2026-11-23 08:00:02  登记  经办 0001 · 保管 U1 · 地点 W1
     2  2026-11-23 08:00:04  借出  经办 0002 · 签名密钥 op-2 · 保管 0002 · \
依据 借〔2026〕1号 · 备注 带电源
"""


def test_there_are_pythons_of_several_versions() -> None:
    if len(pythons()) < 2:
        pytest.skip("only one Python is here; the oldest that must do is 3.8")
    assert pythons()


@pytest.mark.parametrize("number", range(8))
def test_proven_under_every_python_in_both_languages(number: int, good: Path, book: Book) -> None:
    if number >= len(pythons()):
        pytest.skip("there are no more Pythons here")
    python = pythons()[number]
    english = run(python, good, "--lang", "en")
    assert english.code == 0
    assert english.text.endswith("\nPROVEN\n")
    assert ENGLISH.format(vkey=book.vkey) in english.text
    chinese = run(python, good, "--lang", "zh")
    assert chinese.code == 0
    assert chinese.text.endswith("\n结论：成立\n")
    assert CHINESE in chinese.text
    told = run(python, good, "--json").json
    assert [row["n"] for row in told["timeline"]] == ["1", "2", "3", "4"]


def test_what_is_proven_and_what_is_not(good: Path, check: Checker) -> None:
    found = check(good)
    assert found.codes == {
        "proven": {"checkpoint", "entries", "complete", "files", "signatures", "disclosures"},
        "not_proven": {"no_witness", "own_policy", "after", "unsigned", "truth"},
    }


def test_the_timeline_tells_both_times_where_they_differ(tmp_path: Path) -> None:
    book = sample()
    file = pack(dossier(book, keys=["op-2"]), tmp_path / "d.zip")
    assert ROWS in run(pythons()[-1], file, "--lang", "en").text, "the same minute"
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, at="2026-11-20T01:00:00.000000Z")
    file = pack(dossier(book, keys=["op-2"]), tmp_path / "d.zip")
    text = run(pythons()[-1], file, "--lang", "en").text
    assert (
        "     5  2026-11-20 09:00:00  moved  actor 0001 · place W2 · rec 2026-11-23 08:00:09\n"
    ) in text


def test_an_unpacked_dossier_is_the_same(good: Path, tmp_path: Path, check: Checker) -> None:
    with zipfile.ZipFile(good) as archive:
        archive.extractall(tmp_path / "open")
    assert check(tmp_path / "open").text == check(good).text


def test_a_dossier_without_anything_that_may_be_missing(tmp_path: Path, check: Checker) -> None:
    book = Book()
    book.add(SUBJECT, "asset.registered", {"place": "W1"}, personal={"note": "不公开"})
    members = dossier(book)
    del members["disclosures.txt"], members["README.txt"], members["timeline.html"]
    found = check(pack(members, tmp_path / "d.zip"))
    assert found.code == 0
    assert found.codes["not_proven"] >= {"after", "erased", "unsigned"}
    assert "不公开" not in found.text


def test_the_language_is_that_of_the_place(good: Path, monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    from assetctl.offline import verify

    for name, value, word in (
        ("LANG", "en_GB.UTF-8", "PROVEN"), ("LC_ALL", "zh_CN.UTF-8", "结论"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
        assert verify.main([str(good)]) == 0
        assert word in capsys.readouterr().out


def test_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from assetctl.offline import verify

    for arguments in ([], ["--lang", "fr", "x"], ["x", "y"]):
        with pytest.raises(SystemExit) as caught:
            verify.main(arguments)
        assert caught.value.code == 2
    assert "usage: verify.py" in capsys.readouterr().err


def test_a_terminal_that_knows_no_chinese_gets_an_answer(good: Path) -> None:
    import subprocess

    done = subprocess.run(
        [pythons()[-1], "-I", VERIFIER, good, "--lang", "zh"], capture_output=True, check=False,
        env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# --- whom to believe -----------------------------------------------------------------------------


def test_a_policy_of_ones_own(good: Path, tmp_path: Path, book: Book, check: Checker) -> None:
    own = tmp_path / "policy"
    own.write_text(book.policy(), encoding="utf-8")
    found = check(good, "--policy", own)
    assert found.code == 0
    assert "own_policy" not in found.codes["not_proven"]
    own.write_text(Book(log_key="another").policy(), encoding="utf-8")
    assert check(good, "--policy", own).wrong == ("no_trust", "checkpoint")
    own.write_text(Book(origin="other.test/log").policy(), encoding="utf-8")
    assert check(good, "--policy", own).wrong == ("no_trust", "checkpoint")
    assert check(good, "--policy", tmp_path / "nowhere").code == 3


def test_a_whole_dossier_made_anew_is_caught_by_a_policy(tmp_path: Path, check: Checker) -> None:
    """Who rewrites everything and signs with a key of his own passes by his own policy alone."""
    forged = pack(dossier(sample(log_key="forger"), keys=["op-2"]), tmp_path / "d.zip")
    assert check(forged).code == 0
    assert "own_policy" in check(forged).codes["not_proven"]
    own = tmp_path / "policy"
    own.write_text(sample().policy(), encoding="utf-8")
    assert check(forged, "--policy", own).wrong == ("no_trust", "checkpoint")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("quorum a", 0), ("group g any a b\nquorum g", 0), ("group g all a b\nquorum g", 7),
        ("group g 1 a b\ngroup h all g\nquorum h", 0), ("group g 2 a b\nquorum g", 7),
        ("quorum b", 7), ("quorum none", 0),
    ],
)  # fmt: skip
def test_witnesses_and_quorums(lines: str, code: int, tmp_path: Path, check: Checker) -> None:
    book = sample(witnesses=("a", "b"))
    members = dossier(book, keys=["op-2"])
    note = book.checkpoint()
    cosigned = str(Note(note.text, note.signatures[:2]))  # b has not cosigned
    for name in [one for one in members if one.endswith(".tlog-proof")]:
        members[name] = members[name].replace(str(note).encode(), cosigned.encode())
    members["checkpoint"] = cosigned.encode()
    policy = book.policy().replace("quorum none\n", "") + lines + "\n"
    members["policy"] = policy.encode()
    found = check(pack(members, tmp_path / "d.zip"))
    assert found.code == code, found.text
    if code:
        assert found.wrong == ("quorum", "checkpoint")
    else:
        assert {"witnessed"} <= found.codes["proven"]
        assert {"absent"} <= found.codes["not_proven"]
        assert "2026-11-18 19:06:40" in found.text  # when witness a signed


POLICIES = [
    "", "quorum none\nquorum none", "quorum a", "log", "witness a",
    "log {log}\nlog {log}\nquorum none",
    "witness none {a}\nquorum none", "witness a {log}\nquorum a", "group g any\nquorum none",
    "witness a {a}\ngroup g 0 a\nquorum g", "witness a {a}\ngroup g 2 a\nquorum g",
    "witness a {a}\ngroup g any a a\nquorum g", "witness a {a}\nwitness b {a}\nquorum a",
    "witness a {a}\ngroup g any a\ngroup h any a\nquorum g", "group g any h\nquorum g",
    "witness a {a}\ngroup a any a\nquorum a", "log {log}x\nquorum none", "believe {log}",
    "log {log}\nquorum none\r", "log {log}\nquorum \x01", "witness a {a}\ngroup g 01 a\nquorum g",
    "log x+00000000+AQ==\nquorum none", "witness a {a}\ngroup g any none\nquorum g",
]  # fmt: skip


@pytest.mark.parametrize("text", POLICIES)
def test_policies_that_are_none(text: str, good: Path, tmp_path: Path, check: Checker) -> None:
    keys = sample(witnesses=("a",)).policy().split("\n")
    own = tmp_path / "policy"
    written = text.replace("{log}", keys[0].split()[1]).replace("{a}", keys[1].split()[2])
    own.write_bytes(written.encode())
    code, place = check(good, "--policy", own).wrong
    assert (code, place) == ("form", str(own))


def test_comments_blanks_and_urls_in_policies(good: Path, tmp_path: Path, check: Checker) -> None:
    keys = sample(witnesses=("a",)).policy().split("\n")
    own = tmp_path / "policy"
    own.write_text(
        f"# whom we believe\n\n \t{keys[0]}\thttps://x.test/\n{keys[1]} https://w.test/\n"
        "  # 见证方\nquorum\tnone", encoding="utf-8",
    )  # fmt: skip
    assert check(good, "--policy", own).code == 0


# --- checkpoints that were kept ------------------------------------------------------------------


def test_checkpoints_that_were_kept(good: Path, tmp_path: Path, book: Book, check: Checker) -> None:
    same = kept(tmp_path / "same", book.checkpoint())
    found = check(good, "--against", same)
    assert found.code == 0
    assert "against" in found.codes["proven"]
    older = kept(tmp_path / "older", book.checkpoint(5))
    found = check(good, "--against", older, same)
    assert found.code == 0
    assert "not_compared" in found.codes["not_proven"]
    assert "against" in found.codes["proven"]


def test_a_checkpoint_of_another_history(good: Path, tmp_path: Path, check: Checker) -> None:
    other = Book()
    for number in range(8):
        other.add(f"place:{number}", "place.added", {"name": "x"})
    fork = kept(tmp_path / "fork", other.checkpoint())
    assert check(good, "--against", fork).wrong == ("rewritten", str(fork))
    strange = kept(tmp_path / "strange", Book(origin="other.test/log").checkpoint())
    assert check(good, "--against", strange).wrong == ("other_log", str(strange))
    torn = kept(tmp_path / "torn", "no checkpoint\n")
    assert check(good, "--against", torn).wrong == ("form", str(torn))
    bent = kept(tmp_path / "bent", Note(other.checkpoint().text, sample().checkpoint().signatures))
    assert check(good, "--against", bent).wrong == ("signature", str(bent))
    assert check(good, "--against", tmp_path / "nowhere").code == 3


def test_checkpoints_of_two_trees_in_one_file(good: Path, tmp_path: Path, book: Book,
                                              check: Checker) -> None:  # fmt: skip
    """As `seal --out` writes them where the log has a second tree."""
    second = Book(origin=f"{ORIGIN}/sm3")
    text = str(second.head())
    other = Note(text, (sign(second.vkey, "log", text),))
    for notes in ((book.checkpoint(), other), (other, book.checkpoint())):
        found = check(good, "--against", kept(tmp_path / "both", *notes))
        assert found.code == 0
        assert "against" in found.codes["proven"]


# --- dossiers of the program itself --------------------------------------------------------------


def test_a_dossier_of_the_program_is_proven(desk: Register, tmp_path: Path, check: Checker) -> None:
    one = desk.register("服务器")
    desk.ok("checkout", one, "--to", "P1", "--due", "2027-01-31", "--note", "带电源线")
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG made up")
    desk.ok("attach", one, photo)
    desk.ok("checkin", one)
    out = tmp_path / "dossier.zip"
    told = desk.ok("export", "dossier", one, "--out", out)
    found = check(out)
    assert found.code == 0, found.text
    assert {"entries", "complete", "files", "disclosures"} <= found.codes["proven"]
    rows = found.json["timeline"]
    assert len(rows) == told["entries"] == 4
    assert rows[1]["disclosed"] == {"note": "带电源线"}
    desk.ok("export", "dossier", one, "--out", out, "--no-names", "--as-signed")
    found = check(out)
    assert found.code == 0, found.text
    assert "erased" in found.codes["not_proven"]
    assert "带电源线" not in json.dumps(rows) or "带电源线" not in found.text


def test_a_dossier_carries_this_very_verifier(desk: Register, tmp_path: Path) -> None:
    out = tmp_path / "dossier.zip"
    desk.ok("export", "dossier", desk.register(), "--out", out)
    with zipfile.ZipFile(out) as archive:
        assert archive.read("verify.py") == VERIFIER.read_bytes()
