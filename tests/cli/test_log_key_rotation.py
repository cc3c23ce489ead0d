"""The key of the log changes with an overlap: noted, vouched for, used together, retired."""

from __future__ import annotations

import base64
import json
import shlex
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.cli import policy_file
from assetctl.domain.log_key import vouching_text
from assetctl.domain.note import VerifierKey, parse_note, verifier_key, verify
from assetctl.domain.policy import believe, parse_policy
from assetctl.errors import NoteInvalidError, StoreUnavailableError
from assetctl.reads.log_keys import LogKeys, log_keys
from assetctl.store import rotation
from assetctl.store.tables import history
from tests.conftest import Register
from tests.faults.tampering import Admin, disarm


def keys_of(register: Register) -> LogKeys:
    store = register.store
    with store.reading() as connection:
        found = log_keys(connection)
    store.close()
    return found


def entry(register: Register, subject: str, seq: int = 1) -> dict[str, Any]:
    store = register.store
    wanted = sa.select(history.c.entry).where(history.c.subject == subject, history.c.seq == seq)
    with store.reading() as connection:
        found: dict[str, Any] = json.loads(bytes(connection.execute(wanted).scalar_one()))
    store.close()
    return found


def sealed_by(register: Register) -> list[VerifierKey]:
    """Seal; return which keys of the log have signed, the oldest first."""
    (sealed,) = register.ok("seal")["checkpoints"]
    every = [key.vkey for key in keys_of(register).of("sha256")]
    return [one.key for one in verify(parse_note(sealed["note"]), every)]


def secrets_of(register: Register) -> list[str]:
    return sorted(
        path.name
        for path in (register.home / "signer").iterdir()
        if path.name.startswith("log") and path.suffix != ".pub"
    )


def policy_of(register: Register) -> str:
    return (register.home / "policy").read_text()


# --- the whole way -------------------------------------------------------------------------


def test_the_whole_way_of_a_rotation(register: Register) -> None:
    (old,) = sealed_by(register)
    first_policy = policy_of(register)
    code = register.ok("key", "rotate", "log")["code"]
    assert code == "log-2"
    data = entry(register, "key:log-2")["data"]
    new = verifier_key(old.name, bytes.fromhex(data["public"]))
    assert (data["purpose"], data["algorithm"]) == ("log", "ed25519")
    public = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex((register.home / "signer" / "log").read_text())
    ).public_key()
    public.verify(
        base64.urlsafe_b64decode(data["vouched"] + "=="), f"assetctl/key@1\n{new}".encode()
    )
    assert sealed_by(register) == [old, new]
    assert policy_of(register) == f"log {old}\nlog {new}\nquorum none\n"
    register.ok("key", "retire", "log")
    assert secrets_of(register) == ["log-2"]
    assert (register.home / "signer" / "log.pub").exists()
    assert sealed_by(register) == [new]
    assert policy_of(register) == f"log {new}\nquorum none\n"
    assert first_policy == f"log {old}\nquorum none\n"
    mode = (register.home / "signer" / "log-2").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert register.ok("verify", "--replay")["replayed"]
    # And once more: the third is vouched for by the second.
    assert register.ok("key", "rotate", "log")["code"] == "log-3"
    assert [key.code for key in keys_of(register).in_use("sha256")] == ["log-2", "log-3"]
    assert len(sealed_by(register)) == 2


def test_a_checkpoint_of_the_overlap_is_believed_by_old_and_new_policies(
    desk: Register,
) -> None:
    old = parse_policy(policy_of(desk))
    desk.ok("key", "rotate", "log")
    (sealed,) = desk.ok("seal")["checkpoints"]
    desk.ok("key", "retire", "log")
    new = parse_policy(policy_of(desk))
    (later,) = desk.ok("seal")["checkpoints"]
    note, later_note = parse_note(sealed["note"]), parse_note(later["note"])
    assert believe(old, note).checkpoint == believe(new, note).checkpoint
    believe(new, later_note)
    with pytest.raises(NoteInvalidError, match="no trusted key"):
        believe(old, later_note)


def test_a_key_is_not_retired_before_its_successor_has_signed(desk: Register) -> None:
    assert desk.fails(5, "key", "retire", "log")["code"] == "key.in_use"
    desk.ok("seal")
    desk.ok("key", "rotate", "log")
    assert desk.fails(5, "key", "retire", "log")["code"] == "key.in_use"
    assert desk.fails(5, "key", "retire", "log-2")["code"] == "key.in_use"
    desk.ok("seal")
    assert desk.fails(5, "key", "retire", "log-2")["code"] == "key.in_use"
    assert desk.fails(4, "key", "retire", "log-9")["code"] == "key.not_found"
    assert desk.fails(4, "key", "retire", "tag-0")["code"] == "key.not_found"
    assert secrets_of(desk) == ["log", "log-2"]
    desk.ok("key", "retire", "log")
    error = desk.fails(5, "key", "retire", "log")
    assert error["code"] == "key.ended"
    assert error["details"]["ended_as"] == "retired"


def test_dry_runs_leave_everything_as_it_was(desk: Register) -> None:
    before = sorted(path.name for path in (desk.home / "signer").iterdir())
    assert desk.ok("key", "rotate", "log", "--dry-run")["code"] == "log-2"
    assert sorted(path.name for path in (desk.home / "signer").iterdir()) == before
    assert [key.code for key in keys_of(desk).keys] == ["log"]
    desk.ok("key", "rotate", "log")
    desk.ok("seal")
    policy = policy_of(desk)
    desk.ok("key", "retire", "log", "--dry-run")
    assert (secrets_of(desk), policy_of(desk)) == (["log", "log-2"], policy)


def test_only_the_log_can_be_given_a_key_here(desk: Register) -> None:
    assert desk.fails(3, "key", "rotate", "tag")["code"] == "input.invalid"


# --- broken off ----------------------------------------------------------------------------


def test_a_rotation_broken_off_before_it_was_noted_uses_the_same_key(desk: Register) -> None:
    made = rotation.prepare(desk.home / "signer", keys_of(desk).origin)
    assert len(sealed_by(desk)) == 1  # what is ready signs nothing yet
    desk.ok("key", "rotate", "log")
    assert [key.vkey for key in keys_of(desk).keys][-1] == made.vkey
    assert secrets_of(desk) == ["log", "log-2"]


def test_a_rotation_broken_off_after_it_was_noted_is_finished(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_directory: Path, _name: str) -> None:
        raise StoreUnavailableError(db="x", reason="power")

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "adopt", breaks)
        desk.fails(8, "key", "rotate", "log")
    assert [key.code for key in keys_of(desk).keys] == ["log", "log-2"]
    assert len(sealed_by(desk)) == 1
    again = desk.ok("key", "rotate", "log")
    assert (again["code"], again["repeated"]) == ("log-2", True)
    assert len(sealed_by(desk)) == 2
    assert policy_of(desk).count("log ") == 2


def test_a_retirement_broken_off_before_the_key_was_erased_is_finished(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_directory: Path, _name: str) -> None:
        raise StoreUnavailableError(db="x", reason="power")

    desk.ok("key", "rotate", "log")
    desk.ok("seal")
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "retire", breaks)
        desk.fails(8, "key", "retire", "log")
    # The key signs still, and its signatures are no longer taken: nothing is kept by half.
    assert desk.fails(7, "seal")["code"] == "signer.wrong_answer"
    assert desk.ok("key", "retire", "log")["repeated"] is True
    assert secrets_of(desk) == ["log-2"]
    assert len(sealed_by(desk)) == 1


def test_a_policy_left_behind_is_brought_into_step_later(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = policy_of(desk)
    monkeypatch.setattr(policy_file, "write_file", _refuse)
    desk.fails(8, "key", "rotate", "log")
    monkeypatch.undo()
    monkeypatch.setenv("ASSETCTL_HOME", str(desk.home))
    assert policy_of(desk) == before
    desk.ok("key", "rotate", "log")
    assert policy_of(desk).count("log ") == 3


def _refuse(_path: Path, _data: bytes) -> None:
    raise StoreUnavailableError(db="policy", reason="full")


# --- the policy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "# ours\n",
        lambda text: text.replace("quorum none", "quorum  none"),
        lambda _text: "",
        lambda text: text.replace(
            "quorum none\n",
            f"witness w {VerifierKey(name='w', kind=4, public=bytes([9] * 32))}\nquorum w\n",
        ),
    ],
)
def test_a_policy_that_people_wrote_is_left_alone(desk: Register, change: Any) -> None:
    path = desk.home / "policy"
    path.write_text(change(path.read_text()))
    mine = path.read_text()
    said = desk("key", "rotate", "log")
    assert said.code == 0
    assert "was written by people" in said.err
    assert path.read_text() == mine
    # A policy is printed whole; who keeps one of his own puts the new line into it.
    printed = desk("key", "policy")
    assert printed.out.count("log assets.example.gov.cn") == 2
    assert desk.ok("key", "policy")["policy"] == printed.out
    parse_policy(printed.out)


def test_a_policy_that_is_gone_is_made_again(desk: Register) -> None:
    (desk.home / "policy").unlink()
    desk.ok("key", "rotate", "log")
    assert policy_of(desk) == desk.ok("key", "policy")["policy"]
    assert desk.fails(3, "key", "policy", "--tree", "md5")["code"] == "input.invalid"


# --- a signer of its own -------------------------------------------------------------------


def announced(register: Register, directory: Path) -> Path:
    said = register("signer", directory, "--prepare", keys_of(register).origin)
    assert said.code == 0
    path = register.home / "announced"
    path.write_text(said.out)
    return path


def test_a_signer_elsewhere_changes_its_key_step_by_step(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "elsewhere"
    (desk.home / "signer").rename(directory)
    monkeypatch.setenv(
        "ASSETCTL_SIGNER", shlex.join([sys.executable, "-m", "assetctl", "signer", str(directory)])
    )
    assert desk.fails(3, "key", "rotate", "log")["code"] == "input.invalid"
    path = announced(desk, directory)
    assert path.read_text() == announced(desk, directory).read_text()  # the same one, not another
    assert desk.ok("key", "admit", path)["code"] == "log-2"
    assert len(sealed_by(desk)) == 1
    assert desk("signer", directory, "--adopt", "log-2").code == 0
    assert desk("signer", directory, "--adopt", "log-2").code == 0
    assert len(sealed_by(desk)) == 2
    said = desk("key", "retire", "log")
    assert "--retire log" in said.err
    assert desk.fails(7, "seal")["code"] == "signer.wrong_answer"  # it has not been told yet
    assert desk("signer", directory, "--retire", "log-2").code == 5
    assert desk("signer", directory, "--retire", "log").code == 0
    assert len(sealed_by(desk)) == 1
    assert not (directory / "log").exists()


STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def vkey(key: Ed25519PrivateKey, name: str) -> VerifierKey:
    return verifier_key(name, key.public_key().public_bytes_raw())


def test_a_key_that_nobody_vouches_for_is_not_taken(desk: Register) -> None:
    known = keys_of(desk)
    mine = vkey(STRANGER, known.origin)
    own = base64.urlsafe_b64encode(STRANGER.sign(vouching_text(mine))).decode().rstrip("=")
    good = rotation.vouch(desk.home / "signer", mine)
    path = desk.home / "announced"
    for text in (
        f"{mine}\n{own}\n", f"{mine}\n{good[:-1]}\n", f"{mine}\n{good}=\n",
        f"{vkey(STRANGER, 'b.example/log')}\n{good}\n",
        f"{vkey(STRANGER, known.origin + '/sm3')}\n",
        f"{known.keys[0].vkey}\n{good}\n", f"{known.keys[0].vkey}\n",
    ):  # fmt: skip
        path.write_text(text)
        assert desk.fails(5, "key", "admit", path)["code"] == "key.unvouched", text
    for text in ("", "nonsense\n", f"{mine}\n{good}\nmore\n", f"{mine} \n"):
        path.write_text(text)
        assert desk.fails(7, "key", "admit", path)["code"] == "note.invalid", text
    assert desk.fails(4, "key", "admit", desk.home / "none")["code"] == "file.not_found"
    assert [key.code for key in keys_of(desk).keys] == ["log"]
    path.write_text(f"{mine}\n")  # vouched for by the key that lies here
    assert desk.ok("key", "admit", path)["code"] == "log-2"
    assert desk.fails(5, "key", "admit", path)["code"] == "key.unvouched"
    desk.ok("verify", "--replay")


def test_a_retired_key_vouches_for_nobody(desk: Register) -> None:
    known = keys_of(desk)
    mine = vkey(STRANGER, known.origin)
    good = rotation.vouch(desk.home / "signer", mine)  # by the key that will be retired
    desk.ok("key", "rotate", "log")
    desk.ok("seal")
    path = desk.home / "announced"
    path.write_text(f"{mine}\n{good}\n")
    desk.ok("key", "retire", "log")
    assert desk.fails(5, "key", "admit", path)["code"] == "key.unvouched"


# --- tampering -----------------------------------------------------------------------------


def tampered(desk: Register, subject: str, **changed: Any) -> dict[str, Any]:
    """Rewrite what a key was noted with, chain and head too; return what verify names."""
    store = desk.store
    with store.engine.begin() as connection:
        disarm(connection)
        admin = Admin(connection, "", "")
        data = json.loads(admin.entry(subject, 1).entry)["data"] | changed
        admin.rewrite(subject, 1, data=data)
    store.close()
    error = desk.fails(7, "verify")
    assert error["code"] == "history.broken"
    assert desk.fails(7, "seal")["code"] == "history.broken"
    return dict(error["details"])


def test_another_first_key_is_not_the_one_of_the_genesis(desk: Register) -> None:
    public = STRANGER.public_key().public_bytes_raw().hex()
    found = tampered(desk, "key:log", public=public)
    assert (found["subject"], found["got"]) == ("key:log", public)


@pytest.mark.parametrize(
    "changed",
    [
        {"public": STRANGER.public_key().public_bytes_raw().hex()},
        {"public": "00"},
        {"public": "zz"},
        {"public": None},
        {"vouched": None},
        {"vouched": "A" * 86},
        {"algorithm": "sm2-sm3"},
        {"algorithm": "none"},
    ],
    ids=str,
)
def test_a_key_put_into_the_history_by_hand_is_not_believed(
    desk: Register, changed: dict[str, Any]
) -> None:
    desk.ok("key", "rotate", "log")
    desk.ok("seal")
    assert tampered(desk, "key:log-2", **changed)["subject"] == "key:log-2"
