"""Sessions fed by devices: a wedge behind a terminal, handhelds on the network, their lists."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_live import commands
from tests.conftest import Register

ROOT = Path(__file__).parents[2]


def started(register: Register, *arguments: str | Path, stdin: int) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    place = ["--home", str(register.home), "--db", register.url, "--as", "admin", "--json"]
    return subprocess.Popen(
        [sys.executable, "-m", "assetctl", *place, "scan", "session", *map(str, arguments)],
        cwd=ROOT, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def payloads(register: Register, *assets: str) -> list[str]:
    return [one["payload"] for one in register.ok("show", *assets)]


def test_a_wedge_behind_a_terminal_does_a_whole_session(register: Register, tmp_path: Path) -> None:
    assets = [register.register(f"投影仪{number}") for number in range(5)]
    wall = commands(register, tmp_path)
    card = register.ok("party", "card", "P1")["payload"]
    texts = [wall["checkout"], card, *payloads(register, *assets), wall["commit"]]
    master, slave = pty.openpty()
    process = started(register, "--from", "wedge:", stdin=slave)
    _await(lambda: not termios.tcgetattr(slave)[3] & termios.ICANON, process)
    # Every terminator lost, and half of it in small letters as a wrong caps lock makes them.
    typed = "".join(text if number % 2 else text.lower() for number, text in enumerate(texts))
    os.write(master, typed.encode())
    os.write(master, b"\n\x04")
    said, errors = process.communicate(timeout=60)
    os.close(slave)
    os.close(master)
    assert process.returncode == 0, errors
    (commit,) = json.loads(said)["data"]["commits"]
    assert commit["outcome"] == "landed"
    held = [(one["state"], one["holder"]) for one in register.ok("show", *assets)]
    assert held == [("on_loan", "P1")] * 5


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_handheld_pushes_its_reads_over_the_network(
    register: Register, tmp_path: Path, port: int
) -> None:
    asset = register.register()
    wall = commands(register, tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("一号手持机的口令\n", encoding="utf-8")
    process = started(
        register, "--from", f"tcp://127.0.0.1:{port}", "--secret-file", secret,
        "--mode", "checkout", "--to", "P2", stdin=subprocess.DEVNULL,
    )  # fmt: skip
    answers = _push(port, ["一号手持机的口令", *payloads(register, asset), wall["commit"]], process)
    assert "DENIED" not in answers
    _await(lambda: register.ok("show", asset)[0]["holder"] == "P2", process)
    process.terminate()
    process.communicate(timeout=30)
    assert register.ok("show", asset)[0]["state"] == "on_loan"


def test_an_exported_list_of_a_handheld_is_a_session(register: Register, tmp_path: Path) -> None:
    assets = [register.register(f"文件柜{number}") for number in range(3)]
    sheet = tmp_path / "export.txt"
    rows = "\r\n".join(f"{number}\t{text}\t2026-11-23" for number, text in
                       enumerate(payloads(register, *assets)))  # fmt: skip
    sheet.write_bytes(f"序号\t编码\t时间\r\n{rows}\r\n".encode("gb18030"))
    named = f"[readers]\nhandheld = 'list:{sheet}'\n"
    (register.home / "config.toml").write_text(named, encoding="utf-8")
    answer = register("scan", "session", "--mode", "count", "--from", "handheld", "--json")
    assert answer.code == 9  # the basket stays open, and that is said
    assert [item["asset_id"] for item in answer.data["basket"]] == assets


def test_an_older_label_still_in_use_is_told_to_the_auditor(
    register: Register, tmp_path: Path
) -> None:
    asset = register.register()
    (old,) = payloads(register, asset)
    register.ok("tag", "replace", asset)
    (new,) = payloads(register, asset)
    for text in (new, old):
        lines = tmp_path / "lines"
        lines.write_text(f"{text}\n", encoding="utf-8")
        register("scan", "session", "--mode", "show", "--from", lines, "--discard", "--json")
    answer = register("tag", "alerts", "--json")
    assert answer.code == 9
    assert [(one["asset_id"], one["alert"]) for one in answer.data] == [(asset, "older_issue")]
    assert register.ok("verify", "--replay")


def test_a_source_that_is_not_there_is_named(register: Register) -> None:
    error = register.fails(8, "scan", "session", "--from", "wedge:/dev/input/event-none")
    assert error["code"] == "part.missing"


def _push(port: int, lines: list[str], process: subprocess.Popen[str]) -> str:
    told = ""
    with _connected(port, process) as client, client.makefile("rw", encoding="utf-8") as stream:
        for line in lines:
            stream.write(f"{line}\n")
            stream.flush()
            told += stream.readline()
    return told


def _connected(port: int, process: subprocess.Popen[str]) -> socket.socket:
    while process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            continue
    raise AssertionError(process.communicate()[1])


def _await(is_done: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not is_done():
        assert process.poll() is None, process.communicate()[1]
