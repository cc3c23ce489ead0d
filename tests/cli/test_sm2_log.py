"""The copy of the log for SM3, signed with SM2 by another program in a directory of its own."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from assetctl.domain import merkle, note, sm2
from assetctl.domain.checkpoint import Checkpoint, Request
from assetctl.domain.note import checks_at_hand, parse_key, parse_note, verify
from assetctl.domain.policy import believe, parse_policy
from assetctl.errors import NoteInvalidError
from assetctl.reads.log_keys import log_keys
from assetctl.store.tables import checkpoint
from assetctl.store.tree import entries, sealed_size
from tests.conftest import Register

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "sm2_signer.py"

pytestmark = pytest.mark.skipif(
    not sm2.at_hand(), reason="the library gmssl-pyx cannot be installed here"
)


class Station:
    """A register with two trees, and the directory of the second signer."""

    def __init__(
        self, register: Register, directory: Path, patch: pytest.MonkeyPatch
    ) -> None:  # fmt: skip
        self.register = register
        self.directory = directory
        self.command = [sys.executable, str(PROGRAM), str(directory)]
        patch.setenv("ASSETCTL_TREES", "sha256,sm3")
        patch.setenv("ASSETCTL_SIGNER_SM3", shlex.join(self.command))
        with closing(register.store) as store, store.reading() as connection:
            self.origin = log_keys(connection).origin

    def make(self) -> str:
        """Let the signer make its key; return its verifier key."""
        line = [*self.command, "--make", f"{self.origin}/sm3"]
        return subprocess.run(
            line, capture_output=True, text=True, check=True, timeout=120
        ).stdout.strip()  # fmt: skip

    def answer(self, question: str) -> str:
        """Ask the signer by itself; return what it says."""
        return subprocess.run(
            self.command, input=question, capture_output=True, text=True, check=True, timeout=120
        ).stdout

    def admit(self) -> str:
        """Make its key known to the register; return its verifier key."""
        text = self.make()
        path = self.register.home / "vkey"
        path.write_text(f"{text}\n")
        assert self.register.ok("key", "admit", path)["code"].startswith("log-sm3")
        return text


@pytest.fixture
def station(desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    return Station(desk, tmp_path / "elsewhere", monkeypatch)


def test_two_trees_two_signers_one_history(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(register, tmp_path / "elsewhere", monkeypatch)
    key = parse_key(station.admit())
    register.register()
    main, second = register.ok("seal")["checkpoints"]
    assert (main["origin"], second["origin"]) == (station.origin, f"{station.origin}/sm3")
    assert main["size"] == second["size"]
    assert main["unchecked"] == second["unchecked"] == 0
    # The root is what the plain definition gives for the same entries under SM3.
    with closing(register.store) as store, store.reading() as connection:
        size = sealed_size(connection)
        leaves = [merkle.leaf_hash(one, merkle.sm3) for one in entries(connection, 0, size)]
    assert size == second["size"]
    assert note.to_b64(merkle.tree_root(leaves, merkle.sm3)) == second["root"]
    assert second["root"] != main["root"]
    found = parse_note(second["note"])
    assert [one.key for one in verify(found, [key], checks_at_hand())] == [key]
    policy = parse_policy(register.ok("key", "policy", "--tree", "sm3")["policy"])
    assert policy.logs == (key,)
    assert believe(policy, found, checks_at_hand()).checkpoint.size == size
    with pytest.raises(NoteInvalidError, match="no trusted key"):
        believe(policy, found)  # where it cannot be checked, nobody is believed
    # The policy of the log itself knows nothing of the second tree.
    assert parse_policy(register.ok("key", "policy")["policy"]).logs[0].name == station.origin
    register.ok("verify", "--replay")


def test_verify_holds_the_second_tree_to_the_entries(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(register, tmp_path / "elsewhere", monkeypatch)
    assert register.ok("verify")["second"] is None
    with monkeypatch.context() as patch:
        patch.delenv("ASSETCTL_SIGNER_SM3")
        register.ok("seal")  # before it had a key of its own the log lent it one
    station.admit()
    register.register()
    (_, second) = register.ok("seal")["checkpoints"]
    found = register.ok("verify")["second"]
    assert found == {
        "origin": second["origin"], "size": second["size"], "checked": 2, "unchecked": 0,
        "against": 0,
    }  # fmt: skip
    note_file, policy = tmp_path / "kept", tmp_path / "policy"
    note_file.write_text(second["note"])
    policy.write_text(register.ok("key", "policy", "--tree", "sm3")["policy"])
    outside = ("--against", note_file, "--policy", policy)
    assert register.ok("verify", *outside)["second"]["against"] == 1
    for lang, said in (("en", "The tree of SM3"), ("zh", "SM3 哈希树")):
        assert said in register("verify", *outside, lang=lang).out


@pytest.mark.parametrize("what", ["root", "signature", "key", "size"])
def test_verify_finds_a_second_checkpoint_that_was_tampered_with(
    station: Station, what: str
) -> None:
    register = station.register
    station.admit()
    (_, second) = register.ok("seal")["checkpoints"]
    head, _, line = second["note"].partition("\n\n")
    origin, size, _root = head.split("\n")
    changed = {
        "root": f"{origin}\n{size}\n{note.to_b64(bytes(32))}\n\n{line}",
        "signature": f"{head}\n\n{line[:-6]}{'A' if line[-6] != 'A' else 'B'}{line[-5:]}",
        "key": f"{head}\n\n— {origin} {note.to_b64(bytes(68))}\n",
        "size": f"{origin}\n{int(size) + 1}\n{_root}\n\n{line}",
    }[what]
    with closing(register.store) as store, store.engine.begin() as connection:
        connection.execute(
            checkpoint.update().where(checkpoint.c.origin == origin).values(note=changed)
        )
    assert register.fails(7, "verify")["code"] == "note.invalid"


def test_verify_finds_a_second_checkpoint_that_was_signed_for_other_entries(
    station: Station,
) -> None:
    """Whoever has the key of the second signer can sign anything; the entries are what they are."""
    from gmssl_pyx import sm2_sign

    register = station.register
    key = parse_key(station.admit())
    (_, second) = register.ok("seal")["checkpoints"]
    text = str(Checkpoint(origin=key.name, size=second["size"], root=bytes(32)))
    secret = bytes.fromhex((station.directory / "sm2").read_text())
    value = sm2.from_der(sm2_sign(secret, key.public[1:], text.encode(), sm2.IDENTITY))
    line = note.Signature(name=key.name, key_id=key.key_id, value=value)
    forged = str(note.Note(text, (line,)))
    with closing(register.store) as store, store.engine.begin() as connection:
        connection.execute(
            checkpoint.update().where(checkpoint.c.origin == key.name).values(note=forged)
        )
    error = register.fails(7, "verify")
    assert (error["code"], error["details"]["subject"]) == ("history.broken", key.name)


def test_verify_says_what_it_cannot_check(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = station.register
    station.admit()
    register.ok("seal")
    monkeypatch.setattr(sm2, "LIBRARY", "a_library_that_is_not_there")
    answer = register("verify", "--json")
    assert (answer.code, answer.data["second"]["unchecked"]) == (9, 1)
    assert "not checked" in register("verify").err


def test_it_goes_on_from_what_the_second_signer_remembers(station: Station) -> None:
    register = station.register
    station.admit()
    sizes = []
    for _ in range(3):
        register.register()
        sizes.append(register.ok("seal")["checkpoints"][1]["size"])
    assert sizes == sorted(set(sizes))
    assert len(list(station.directory.glob("last-*"))) == 1
    assert (station.directory / "signed").read_text().count(f"{station.origin}/sm3\n") == 3


def test_before_its_key_is_noted_nothing_of_it_is_kept(station: Station) -> None:
    register = station.register
    station.make()
    error = register.fails(7, "seal")
    assert error["code"] == "signer.wrong_answer"
    assert error["details"]["origin"] == f"{station.origin}/sm3"
    station.admit()
    assert register.ok("seal")["checkpoints"][1]["signatures"] == 1


def test_once_it_has_a_key_nothing_else_is_taken(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = station.register
    station.admit()
    register.ok("seal")
    monkeypatch.delenv("ASSETCTL_SIGNER_SM3")  # the key of the log is asked to sign it instead
    assert register.fails(7, "seal")["code"] == "signer.wrong_answer"


def test_a_wrong_signature_of_the_second_signer_is_noticed(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = station.register
    station.admit()
    (_, second) = register.ok("seal")["checkpoints"]
    own = second["note"].partition("\n\n")[2]
    liar = tmp_path / "liar.py"
    text = f"import sys\nsys.stdin.read()\nsys.stdout.buffer.write({own.encode()!r})\n"
    liar.write_text(text, "utf-8")
    register.register()
    monkeypatch.setenv("ASSETCTL_SIGNER_SM3", shlex.join([sys.executable, str(liar)]))
    error = register.fails(7, "seal")
    assert error["code"] == "signer.wrong_answer"
    assert "does not hold" in error["message"]


def test_without_the_library_it_is_said_that_nothing_was_checked(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = station.register
    station.admit()
    monkeypatch.setattr(sm2, "LIBRARY", "a_library_that_is_not_there")
    answer = register("seal", "--json")
    assert answer.code == 9
    assert [one["unchecked"] for one in answer.data["checkpoints"]] == [0, 1]
    said = register("seal")
    assert (said.code, "not checked" in said.err) == (9, True)
    assert "未经核验" in register("seal", lang="zh").err


def test_a_new_key_of_the_second_signer_follows_the_old_one(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = station.register
    first = station.admit()
    register.ok("seal")
    other = Station(register, tmp_path / "the new one", monkeypatch)
    # It takes the memory over, or it would have to be shown the log from the beginning.
    other.directory.mkdir()
    shutil.copy(station.directory / "signed", other.directory)
    second = other.admit()
    with closing(register.store) as store, store.reading() as connection:
        known = log_keys(connection)
    assert [key.code for key in known.of("sm3")] == ["log-sm3", "log-sm3-2"]
    assert [str(key.vkey) for key in known.of("sm3")] == [first, second]
    register.ok("seal")
    error = register.fails(5, "key", "retire", "log-sm3")
    assert error["code"] == "key.in_use"  # they have never signed the same head


def test_the_second_signer_signs_no_fork(station: Station) -> None:
    station.admit()
    size = station.register.ok("seal")["checkpoints"][1]["size"]
    head = Checkpoint(origin=f"{station.origin}/sm3", size=size, root=bytes(32))
    for other in (head, replace(head, size=size - 1)):
        request = Request(old=size, proof=(), note=note.Note(str(other)))
        assert station.answer(str(request)).startswith("forked ")
    assert station.answer(str(Request(old=0, proof=(), note=note.Note(str(head))))) == (
        f"size {size}\n"
    )
    assert (station.directory / "signed").read_text().count("\n— ") == 1


@pytest.mark.parametrize("ruin", ["", "zz", "00" * 32])
def test_a_ruined_key_signs_nothing(station: Station, ruin: str) -> None:
    station.admit()
    (station.directory / "sm2").write_text(ruin)
    assert station.register.fails(8, "seal")["code"] == "signer.failed"
    assert not list(station.directory.glob("last-*"))


def test_what_is_kept_of_a_checkpoint_comes_back(station: Station) -> None:
    station.admit()
    (_, second) = station.register.ok("seal")["checkpoints"]
    with closing(station.register.store) as store, store.reading() as connection:
        wanted = sa.select(checkpoint.c.note).where(checkpoint.c.origin == second["origin"])
        assert connection.execute(wanted).scalars().all() == [second["note"]]
    # Sealed again without a change: SM2 signs anew each time, and the first one is kept.
    assert station.register.ok("seal")["checkpoints"][1]["note"] == second["note"]
