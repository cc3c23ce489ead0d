"""One address opens every source, and every source is the same to its consumer."""

from __future__ import annotations

import io
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.keys import EVENT
from scanner.lines import Lines
from scanner.push import Push
from scanner.reading import Reading, ScanError, SourceUnavailableError, SourceUnknownError
from scanner.replay import Recorder, Replay
from scanner.source import SOURCES, Source, open_source

ROOT = Path(__file__).parents[3]
EPC = "5A10557AC011123456789AC1"
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.110123456789ABCDEF"


def drain(source: Source) -> list[Reading]:
    with source:
        return list(source)


def ours(text: str) -> bool:
    return text == ADDRESS


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdin", stream)
    yield stream
    assert not stream.closed


# --- addresses -----------------------------------------------------------------------------


def test_files_are_opened_by_address(tmp_path: Path) -> None:
    (tmp_path / "a#b:c.csv").write_text(f"n;EPC;x\n1;{EPC};A-1\n")
    (tmp_path / "scans.jsonl").write_text(f'{{"ms":1,"text":"{EPC}"}}\n')
    (tmp_path / "events").write_bytes(EVENT.pack(0, 0, 1, 30, 1))
    found = {
        address: [one.text for one in drain(open_source(address, is_ours=ours))]
        for address in (
            f"list:{tmp_path / 'a#b:c.csv'}",
            f"replay:{tmp_path / 'scans.jsonl'}",
            f"wedge:{tmp_path / 'events'}",
        )
    }
    assert list(found.values()) == [[EPC], [EPC], ["a"]]
    named = open_source(f"list:{tmp_path / 'a#b:c.csv'}", column="x")
    assert named.name.endswith("a#b:c.csv")
    assert [one.text for one in drain(named)] == ["A-1"]


@pytest.mark.parametrize("scheme", ["tcp", "http"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "", "[::1]"])
def test_listeners_are_opened_by_address(scheme: str, host: str) -> None:
    if "::1" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with open_source(f"{scheme}://{host}:0", secret="word") as source:
        assert isinstance(source, Push)
        assert source.address[0] in ("127.0.0.1", "::1")
        with socket.create_connection(source.address, timeout=20) as client:
            if scheme == "tcp":
                client.sendall(f"word\n{EPC}\n".encode())
            else:
                client.sendall(
                    f"POST /?key=word HTTP/1.0\r\nContent-Length: 24\r\n\r\n{EPC}".encode()
                )
            reading = source.poll(20)
    assert reading is not None
    assert (reading.text, reading.engine) == (EPC, scheme)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "address", ["", "camera:0", "stdin", "stdin:x", "list:", "replay:", "WEDGE:", "ftp://x:1", "\0"]
)
def test_what_names_no_source_is_told_what_there_is(address: str) -> None:
    with pytest.raises(SourceUnknownError) as caught:
        open_source(address)
    assert caught.value.facts["address"] == address
    assert all(form in str(caught.value) for form in SOURCES)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://",
        "tcp:9100",
        "http://x",
        "tcp://x:y",
        "tcp://u@x:1",
        "tcp://x:1/path",
        "tcp://x:999999",
    ],
)
def test_a_listener_needs_a_host_and_a_port(address: str) -> None:
    with pytest.raises(SourceUnavailableError, match="host and a port"):
        open_source(address)


@pytest.mark.parametrize(
    "address", ["wedge:gone", "list:gone", "replay:gone", "tcp://203.0.113.9:9100", "nothing"]
)
def test_every_failure_is_a_failure_of_the_scan(address: str) -> None:
    with pytest.raises(ScanError) as caught:
        open_source(address)
    assert caught.value.code.startswith("scan.source_")


# --- standard input ------------------------------------------------------------------------


def test_standard_input_line_by_line(typed: io.StringIO) -> None:
    typed.write(f"{ADDRESS.lower()}\r\n\n{EPC}{EPC}\ncard 12\ncard 12\n{EPC}")
    typed.seek(0)
    found = drain(open_source("stdin:", is_ours=ours))
    assert [one.text for one in found] == [ADDRESS, EPC, "card 12", "card 12", EPC]
    assert [one.symbology for one in found] == ["typed", "rfid", "typed", "typed", "rfid"]
    assert {(one.engine, one.pass_name) for one in found} == {("stdin", "plain")}


def test_standard_input_of_another_encoding() -> None:
    stream = io.BytesIO("卡片 12\n".encode("gb18030") + b"\xff\xfe\n" + "\ufeff卡片 13\n".encode())
    found = [one.text for one in Lines(stream)]
    assert (found[0], found[-1]) == ("卡片 12", "卡片 13")


def test_ten_megabytes_on_one_line_are_dropped() -> None:
    stream = io.BytesIO(b"7" * 10_000_000 + b"\n" + EPC.encode())
    assert [one.text for one in Lines(stream) if one.text == EPC] == [EPC]


def test_closing_takes_no_further_line(typed: io.StringIO) -> None:
    typed.write("1\n2\n")
    typed.seek(0)
    with open_source("stdin:") as source:
        found = iter(source)
        assert next(found).text == "1"
    assert list(found) == []


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_standard_input_may_be_closed(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stdin", stream)
    with pytest.raises(SourceUnavailableError, match="closed"):
        open_source("stdin:")
    with pytest.raises(SourceUnavailableError, match="no terminal"):
        open_source("wedge:")


_PROGRAM = """
import sys
from scanner.source import open_source
with open_source(sys.argv[1]) as source:
    for reading in source:
        print(reading.text, flush=True)
heavy = {"cv2", "numpy", "PIL", "zxingcpp"} & set(sys.modules)
assert not heavy, heavy
"""


def test_a_pipe_is_standard_input_and_nothing_heavy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "stdin:"], input=f"{EPC}\n{ADDRESS}\n".encode(),
        capture_output=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split() == [EPC, ADDRESS]


def test_the_terminal_of_a_program_is_a_wedge() -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "wedge:"], stdin=slave, stdout=subprocess.PIPE, cwd=ROOT
    ) as program:
        assert program.stdout is not None
        os.write(master, f"{EPC}\r{ADDRESS}".encode())
        # Typed before the program reads, it is taken as well.
        assert program.stdout.readline().decode() == f"{EPC}\n"
        assert program.stdout.readline().decode() == f"{ADDRESS}\n"
        os.write(master, b"\x04")
        assert program.wait(60) == 0
    os.close(master)
    os.close(slave)


# --- a source in another -------------------------------------------------------------------


def test_any_source_can_be_recorded_and_replayed(tmp_path: Path, typed: io.StringIO) -> None:
    typed.write(f"{ADDRESS}\n{EPC}\n")
    typed.seek(0)
    path = tmp_path / "scans.jsonl"
    found = drain(Recorder(open_source("stdin:", is_ours=ours), path))
    assert [one.text for one in found] == [ADDRESS, EPC]
    assert drain(Replay(path)) == found
