"""seal, cosign and verify --against: checkpoints that leave the building, as a user drives them."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from assetctl.cli.app import main
from assetctl.domain.note import parse_key, parse_note
from assetctl.domain.policy import believe, parse_policy
from tests.conftest import Register


def _policy(register: Register) -> Path:
    return register.home / "policy"


def test_registers_made_at_one_moment_have_logs_of_different_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assetctl.cli.clock.time.time_ns", lambda: 1_790_000_000_000_000_000)
    names = set()
    for name in ("a", "b"):
        made = Register(tmp_path / name, f"sqlite:///{tmp_path / name}.db", capsys)
        made.ok("init")
        names.add(made.ok("verify")["sealed"]["origin"])
    assert len(names) == 2


def test_a_checkpoint_is_signed_and_verified(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    kept = tmp_path / "kept"
    (first,) = register.ok("seal", "--out", kept)["checkpoints"]
    policy = parse_policy(_policy(register).read_text())
    believed = believe(policy, parse_note(kept.read_text()))
    assert believed.checkpoint.size == first["size"]
    register.ok("move", asset, "--to", "W1-Z1")
    whole = register.ok("verify", "--replay", "--against", kept)["sealed"]
    assert (whole["signed"], whole["against"]) == (first["size"], 1)
    assert whole["size"] + whole["unsealed"] == first["size"] + 1


def test_every_act_is_sealed_when_the_command_ends(register: Register) -> None:
    register.register()
    assert register.ok("verify")["sealed"]["unsealed"] == 0


def test_a_restored_older_register_cannot_be_signed_and_is_caught(
    desk: Register, tmp_path: Path
) -> None:
    asset = desk.register()
    database = tmp_path / "register.db"
    backup, kept = tmp_path / "backup.db", tmp_path / "kept"
    desk.store.close()
    shutil.copy(database, backup)
    desk.ok("checkout", asset, "--to", "P1")
    desk.ok("seal", "--out", kept)
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"register.db{suffix}").unlink(missing_ok=True)
    shutil.copy(backup, database)
    assert desk.fails(7, "seal")["code"] == "log.forked"
    assert desk.fails(7, "verify", "--against", kept)["code"] == "log.forked"
    # Whoever goes on as if nothing had been, until the log is as long again, is caught as well.
    for _ in range(4):
        desk.register("办公桌")
    assert desk.fails(7, "seal")["code"] == "log.forked"
    assert desk.fails(7, "verify", "--against", kept)["code"] == "log.forked"


def test_a_checkpoint_of_a_stranger_is_not_taken(desk: Register, tmp_path: Path) -> None:
    desk.register()
    kept = tmp_path / "kept"
    desk.ok("seal", "--out", kept)
    policy = _policy(desk).read_text()
    other = str(parse_key(policy.split()[1])).partition("+")[0]
    stranger = tmp_path / "policy"
    stranger.write_text(policy.replace(other, "elsewhere"), "utf-8")
    error = desk.fails(3, "verify", "--against", kept, "--policy", stranger)
    assert error["code"] == "policy.invalid"  # the key id is that of another name
    kept.write_text(kept.read_text().replace("\n", "\n\n", 1), "utf-8")
    assert desk.fails(7, "verify", "--against", kept)["code"] == "note.invalid"


def _witness(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    capsys.readouterr()
    code = main(["--home", str(home), "--lang", "en", "witness", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert code == 0, out + err
    return out


def _with_witness(register: Register, office: Path, capsys: pytest.CaptureFixture[str],
                  url: str = "") -> None:  # fmt: skip
    from assetctl.store.witness import Witness

    policy = _policy(register)
    _witness(office, capsys, "init", "--name", "audit.example/w1", "--log", f"@{policy}")
    key = Witness(office / "witness").key
    lines = policy.read_text().replace("quorum none", f"witness w1 {key} {url}\nquorum w1")
    policy.write_text(lines, "utf-8")


def test_a_witness_on_a_stick(
    desk: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.register()
    office = tmp_path / "office"
    desk.ok("seal")
    _with_witness(desk, office, capsys)
    request, signed, kept = (tmp_path / name for name in ("request", "signed", "kept"))
    assert desk("verify").code == 0  # what was kept before the witness came still holds
    for _ in range(2):
        desk.ok("seal")
        desk.ok("cosign", "--request", request, "--witness", "w1")
        _witness(office, capsys, "sign", request, "--out", signed)
        assert desk.ok("cosign", "--answer", signed)["signatures"] == 2
        desk.register("办公桌")
    note = desk.ok("cosign", "--answer", signed)["note"]
    kept.write_text(note, "utf-8")
    assert desk.ok("verify", "--against", kept)["sealed"]["against"] == 1


def test_a_witness_on_the_network(
    desk: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from assetctl.cli.witness_http import WitnessServer
    from assetctl.store.witness import Witness

    desk.register()
    desk.ok("seal")
    office = tmp_path / "office"
    _with_witness(desk, office, capsys)
    server = WitnessServer(
        "127.0.0.1", 0, Witness(office / "witness"), now=lambda: 1_800_000_000,
        tell=lambda _what: None,
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        policy = _policy(desk)
        lines = policy.read_text().split("\n")
        policy.write_text(
            "\n".join(f"{one.rstrip()} {url}" if one.startswith("witness") else one
                      for one in lines), "utf-8",
        )  # fmt: skip
        for _ in range(2):
            (done,) = desk.ok("seal")["checkpoints"]
            assert done["signatures"] == 2
            desk.register("办公桌")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    answer = desk("seal", "--json")
    assert answer.code == 9, answer.err
    assert answer.data["silent"] == [{"witness": "w1", "error": "witness.unavailable"}]


def test_an_auditor_follows_the_log_with_his_own_notebook(
    register: Register, tmp_path: Path
) -> None:
    register.register()
    register.ok("seal")
    book = tmp_path / "book"
    first = register.ok("audit", "incremental", book)
    assert (first["before"], first["signed"]) == (0, first["size"])
    register.register()
    second = register.ok("audit", "incremental", book)
    assert (second["before"], second["size"]) == (first["size"], first["size"] + 1)
    book.write_bytes(b"no notebook")
    assert register.fails(7, "audit", "incremental", book)["code"] == "notebook.broken"
