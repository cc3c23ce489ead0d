"""The witness's commands, as somebody in the audit office types them: no register anywhere."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli.app import main
from assetctl.cli.ask_witness import ask
from assetctl.domain.note import parse_key, parse_signatures, verify
from assetctl.errors import WitnessUnavailableError
from assetctl.i18n import LANGUAGES, Language
from tests.conftest import Answer
from tests.logs import Log

ROOT = Path(__file__).parents[2]
NAME = "audit.example.gov.cn/w1"


class Office:
    """An audit office: a home without a register, and files that come and go on a stick."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, lang: Language = "en") -> Answer:
        self._capsys.readouterr()
        code = main(["--home", str(self.home), "--lang", lang, "witness", *map(str, arguments)])
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)

    def ok(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run a command that must end with this code; return its JSON payload."""
        answer = self(*arguments, "--json")
        assert answer.code == code, answer.out + answer.err
        return answer.data

    def fails(self, code: int, *arguments: str | Path) -> str:
        """Run a command that must fail in both languages and in JSON; return its error code."""
        for lang in LANGUAGES:
            said = self(*arguments, lang=lang)
            assert (said.code, said.out) == (code, ""), said.out + said.err
            assert said.err
            assert "{" not in said.err
        answer = self(*arguments, "--json")
        assert answer.code == code, answer.out + answer.err
        return str(answer.error["code"])

    def file(self, name: str, content: str | bytes) -> Path:
        """Put a file on the stick."""
        path = self.home.parent / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


class _Asker(threading.Thread):
    """Asks a witness a few things and then ends the program that serves it."""

    def __init__(self, url: str, bodies: list[str]) -> None:
        super().__init__()
        self._url, self._bodies = url, bodies

    def run(self) -> None:
        for body in self._bodies:
            try:
                ask(self._url, body, 20)
            except WitnessUnavailableError:
                continue
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path / "home", capsys)


@pytest.fixture
def log() -> Log:
    return Log("assets.example.gov.cn/log/0197f0c2").grow(40)


def test_from_a_key_to_a_signature_without_any_register(office: Office, log: Log) -> None:
    made = office.ok("init", "--name", NAME)
    assert made["logs"] == []
    vkey = parse_key(str(made["vkey"]))
    assert vkey.name == NAME
    trusted = office.ok("trust", log.vkey)
    assert trusted["logs"] == [{"origin": log.origin, "vkeys": [log.vkey]}]
    request, out = office.file("request", log.request(0, 9)), office.home.parent / "signature"
    signed = office.ok("sign", request, "--out", out)
    assert (signed["origin"], signed["size"]) == (log.origin, 9)
    assert out.read_text(encoding="utf-8") == signed["lines"]
    (one,) = verify(log.note(9).with_signatures(parse_signatures(out.read_text("utf-8"))), [vkey])
    assert one.time is not None
    (seen,) = office.ok("status")["logs"]
    assert (seen["size"], seen["at"]) == (9, signed["at"])
    assert sorted(path.name for path in office.home.iterdir()) == ["witness"]


def test_what_people_read(office: Office, log: Log) -> None:
    first = office("init", "--name", NAME, "--log", log.vkey)
    assert log.origin in first.out
    assert f"{NAME}+" in first.out
    request = office.file("request", log.request(0, 9))
    line = office("sign", request)
    assert line.out.startswith(f"— {NAME} ")
    assert line.out.count("\n") == 1
    text = office("sign", office.file("request", log.request(9, 12)), "--out", f"{request}.s").out
    assert "12 entries" in text
    for lang in LANGUAGES:
        shown = office("status", lang=lang)
        assert (shown.code, shown.err) == (0, "")
        assert " 12 " in shown.out
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown.out)
    assert "见证" in office("status", lang="zh").out


def test_every_refusal_has_its_exit_code(office: Office, log: Log) -> None:
    request = office.file("request", log.request(0, 9))
    assert office.fails(8, "status") == "witness.missing"
    assert office.fails(8, "sign", request) == "witness.missing"
    assert office.fails(3, "init", "--name", "a b") == "input.invalid"
    office.ok("init", "--name", NAME)
    assert office.fails(3, "init", "--name", "other.example") == "input.invalid"
    assert office.fails(4, "sign", request) == "witness.log_unknown"
    assert office.fails(3, "trust", "nonsense") == "input.invalid"
    assert office.fails(3, "trust", f"{log.vkey}x") == "input.invalid"
    assert office.fails(4, "trust", "@/nowhere/policy") == "file.not_found"
    office.ok("trust", log.vkey)
    assert office.fails(4, "sign", "/nowhere/request") == "file.not_found"
    assert office.fails(3, "sign", office.file("bad", b"\xff\x00")) == "file.unreadable"
    assert office.fails(3, "sign", office.file("bad", b"x" * 2_000_000)) == "file.unreadable"
    assert office.fails(3, "sign", office.file("bad", "old 0\n")) == "witness.request"
    note = log.request(0, 9).replace("\n9\n", "\n10\n")
    assert office.fails(7, "sign", office.file("bad", note)) == "note.invalid"
    office.ok("sign", request)
    assert office.fails(6, "sign", office.file("old", log.request(0, 10))) == "signer.other_size"
    fork = office.file("fork", log.fork(8, 12).request(9, 12))
    assert office.fails(7, "sign", fork) == "log.forked"
    assert office.fails(8, "serve", "--listen", "203.0.113.1:80") == "network.cannot_listen"
    for address in ("", "x", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:x", "127.0.0.1:+8"):
        assert office.fails(3, "serve", "--listen", address) == "input.invalid"
    assert office.fails(8, "serve", "--listen", "127.0.0.1:99999") == "network.cannot_listen"


def test_a_checkpoint_that_forks_is_shown_until_somebody_looks(office: Office, log: Log) -> None:
    office.ok("init", "--name", NAME, "--log", log.vkey)
    office.ok("sign", office.file("request", log.request(0, 9)))
    assert office.ok("status")["refused"] == []
    fork = log.fork(8, 9)
    assert office("sign", office.file("fork", fork.request(9, 9))).code == 7
    (path,) = office.ok("status", code=9)["refused"]
    assert Path(path).read_text() == str(fork.note())
    shown = office("status")
    assert "1 checkpoints were refused" in shown.err
    assert office("status", lang="zh").code == 9


def test_logs_come_from_a_policy_too(office: Office, log: Log) -> None:
    other = Log("log.example/b", 2)
    policy = office.file(
        "policy", f"log {log.vkey}\nlog {other.vkey} https://b.example\nquorum none\n"
    )
    office.ok("init", "--name", NAME, "--log", f"@{policy}")
    shown = office.ok("trust", f"@{policy}", log.vkey)["logs"]
    assert [one["origin"] for one in shown] == [log.origin, other.origin]
    assert office.fails(3, "trust", f"@{office.file('bad', 'log x')}") == "policy.invalid"


def test_made_again_it_is_the_same_witness(office: Office, log: Log) -> None:
    first = office.ok("init", "--name", NAME)
    again = office.ok("init", "--name", NAME, "--log", log.vkey)
    assert again["vkey"] == first["vkey"]
    assert again["logs"] != []


def test_a_folder_of_its_own(office: Office, log: Log) -> None:
    stick = office.home.parent / "stick"
    made = office.ok("init", "--name", NAME, "--dir", stick, "--log", log.vkey)
    assert made["folder"] == str(stick)
    office.ok("sign", office.file("request", log.request(0, 3)), "--dir", stick)
    assert office.fails(8, "status") == "witness.missing"
    assert not office.home.exists()
    assert office.ok("status", "--dir", stick)["vkey"] == made["vkey"]


def test_a_dry_run_signs_nothing(office: Office, log: Log) -> None:
    assert office.fails(3, "init", "--name", NAME, "--dry-run") == "input.invalid"
    assert not office.home.exists()
    office.ok("init", "--name", NAME)
    assert office.fails(3, "trust", log.vkey, "--dry-run") == "input.invalid"
    assert office.fails(3, "serve", "--dry-run") == "input.invalid"
    office.ok("trust", log.vkey)
    request, out = office.file("request", log.request(0, 9)), office.home.parent / "signature"
    tried = office.ok("sign", request, "--out", out, "--dry-run")
    assert (tried["size"], tried["at"], tried["lines"]) == (9, None, "")
    assert not out.exists()
    assert "dry run" in office("sign", request, "--dry-run").err
    assert "size" not in office.ok("status")["logs"][0]
    fork = office.file("bad", log.request(3, 9))
    assert office.fails(6, "sign", fork, "--dry-run") == "signer.other_size"


@pytest.mark.parametrize(
    "text", ["\x9b31m", "\u202egnp", "\u2066x", "a\u200bb", "a\u2028b", "\x7f"]
)
def test_names_made_to_fool_a_terminal(office: Office, text: str) -> None:
    log = Log("log.example/plain").grow(3)
    evil = Log.__new__(Log)
    evil.__dict__ |= log.__dict__ | {"origin": f"log.example/{text}"}
    office.ok("init", "--name", NAME, "--log", log.vkey)
    for lang in LANGUAGES:
        answer = office("sign", office.file("request", evil.request(0)), lang=lang)
        assert answer.code == 4
        assert not [
            character
            for character in answer.out + answer.err
            if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character != "\n"
        ]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_served_until_it_is_told_to_stop(office: Office, log: Log, how: signal.Signals) -> None:
    if signal.getsignal(how) is signal.SIG_IGN:
        pytest.skip("whoever started the tests in the background ignores Ctrl-C for all of them")
    office.ok("init", "--name", NAME, "--log", log.vkey)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "assetctl", "--home", str(office.home), "--lang", "en", "witness",
         "serve", "--listen", "127.0.0.1:0", "--json"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    match = re.search(r"http://([0-9.]+):([0-9]+)", process.stderr.readline())
    assert match is not None
    url, address = match[0], (match[1], int(match[2]))
    assert isinstance(ask(url, log.request(0, 9), 20), str)
    assert "9 entries" in process.stderr.readline()
    assert ask(url, log.request(0, 12), 20) == 9
    taken = office("serve", "--listen", f"{match[1]}:{match[2]}", "--json")
    assert (taken.code, taken.error["code"]) == (8, "network.cannot_listen")
    with socket.create_connection(address, 20) as idle:  # which does not hold it up
        idle.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert idle.recv(1 << 16).startswith(b"HTTP/1.1 404")
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert Answer(0, out, err).data == {"signed": 1, "refused": 1}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 20)


def test_served_in_this_process_it_says_what_it_refused(
    office: Office, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler of the signal is put back, and refusals that matter are told."""
    from assetctl.cli import witness as commands

    office.ok("init", "--name", NAME, "--log", log.vkey)
    before = signal.getsignal(signal.SIGTERM)
    listening = commands._listening

    def listen_and_ask(*arguments: object) -> object:
        server = listening(*arguments)  # type: ignore[arg-type]
        bodies = [log.request(0, 9), log.fork(7, 12).request(9, 12), log.request(0, 3), "garbage"]
        signalled = _Asker(server.url, bodies)
        signalled.start()
        return server

    monkeypatch.setattr(commands, "_listening", listen_and_ask)
    answer = office("serve", "--listen", "127.0.0.1:0")
    assert answer.code == 0
    assert "Signed: 1, refused: 3" in answer.out
    assert "not the one that was seen before" in answer.err
    assert answer.err.count("\n") == 3  # where it listens, what it signed, the fork
    assert signal.getsignal(signal.SIGTERM) is before
