from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import labels.printer
from labels.destination import (
    AddressInvalidError,
    Destination,
    FileFailedError,
    FileThereError,
    PrinterError,
    ProgramMissingError,
    QueueRefusedError,
    QueueSilentError,
    StalledError,
    UnreachableError,
    destination,
)
from labels.label import NoLabelsError, SheetError
from labels.printer import send

LARGE = bytes(range(256)) * 65536
"""Sixteen megabytes: more than the system holds back for any device."""


# --- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "kind", "where", "port"),
    [
        ("tcp://printer-1.example", "tcp", "printer-1.example", 9100),
        ("TCP://10.0.0.7:6101/", "tcp", "10.0.0.7", 6101),
        ("tcp://[::1]:9100", "tcp", "::1", 9100),
        ("cups:Zebra_ZD421", "cups", "Zebra_ZD421", 0),
        ("cups:一号打印机", "cups", "一号打印机", 0),
        ("device:/dev/usb/lp0", "device", "/dev/usb/lp0", 0),
        ("file:out.zpl", "file", "out.zpl", 0),
        ("file:/srv/标签 1.zpl", "file", "/srv/标签 1.zpl", 0),
        ("labels/out.zpl", "file", "labels/out.zpl", 0),
        ("标签:1.zpl", "file", "标签:1.zpl", 0),
        ("C:\\labels\\out.zpl", "file", "C:\\labels\\out.zpl", 0),
    ],
)
def test_addresses(address: str, kind: str, where: str, port: int) -> None:
    place = destination(address)
    assert (place.kind, place.where, place.port) == (kind, where, port)
    assert place == Destination(kind=place.kind, where=where, text=address, port=port)


@pytest.mark.parametrize(
    "address",
    [
        "", "tcp:", "tcp://", "tcp:host", "tcp://host:0", "tcp://host:65536", "tcp://host:x",
        "tcp://host/queue", "tcp://user@host", "tcp://host?x", "tcp://a b", "tcp://a..b",
        "tcp://[::1", "cups:", "cups:-o", "cups:a b", "cups:a/b", "cups:a#b", "device:lp0",
        "device:", "file:", "file://host/x", "http://host", "lpd://host", "usb:1", "a\nb",
        "cups:a\x00", "\ud800.zpl",
    ],
)  # fmt: skip
def test_texts_that_name_no_printer(address: str, tmp_path: Path) -> None:
    with pytest.raises(AddressInvalidError) as caught:
        send(b"job", address, timeout=1)
    assert not caught.value.partial
    assert list(tmp_path.iterdir()) == []


def test_an_empty_job_and_impossible_timeouts(tmp_path: Path) -> None:
    path = tmp_path / "out.zpl"
    with pytest.raises(NoLabelsError):
        send(b"", str(path), timeout=1)
    for timeout in (0, -1, float("nan"), float("inf")):
        with pytest.raises(SheetError):
            send(b"job", str(path), timeout=timeout)
    assert not path.exists()


# --- CUPS ----------------------------------------------------------------------------------


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program `lp` of our own first in the search path; give back where it writes."""

    def install(script: str) -> Path:
        folder, spool = tmp_path / "bin", tmp_path / "spool"
        folder.mkdir()
        spool.mkdir()
        program = folder / "lp"
        program.write_text(f"#!/bin/sh\ncd '{spool}'\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return spool

    return install


def test_a_queue_gets_the_job_as_it_is(lp: Callable[[str], Path]) -> None:
    spool = lp(
        'printf "%s\\n" "$@" > arguments; cat > job\nprintf "request id is Z-12 (0 file(s))\\n"'
    )
    job = bytes(range(256)) * 1000
    # A queue name is one argument, whatever stands in it.
    sent = send(job, "cups:Z$(touch${IFS}x);id", timeout=10)
    assert (spool / "job").read_bytes() == job
    assert (spool / "arguments").read_text().splitlines() == [
        "-d", "Z$(touch${IFS}x);id", "-o", "raw", "-",
    ]  # fmt: skip
    assert (sent.bytes_sent, sent.ticket) == (len(job), "request id is Z-12 (0 file(s))")
    assert sorted(path.name for path in spool.iterdir()) == ["arguments", "job"]


def test_a_queue_that_is_not_there(lp: Callable[[str], Path]) -> None:
    lp('printf "lp: The printer or class does not exist.\\033[2J\\n" >&2; exit 1')
    with pytest.raises(QueueRefusedError, match="does not exist") as caught:
        send(LARGE, "cups:none", timeout=10)
    assert "\x1b" not in str(caught.value)
    assert not caught.value.partial


def test_a_queue_that_refuses_without_a_word(lp: Callable[[str], Path]) -> None:
    lp("exit 3")
    with pytest.raises(QueueRefusedError, match="lp 3"):
        send(b"job", "cups:Z", timeout=10)


def test_a_queue_that_does_not_answer(lp: Callable[[str], Path]) -> None:
    lp("exec sleep 30")
    with pytest.raises(QueueSilentError, match=r"0\.2 seconds") as caught:
        send(b"job", "cups:Z", timeout=0.2)
    assert caught.value.partial


def test_without_cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissingError, match="cups-client"):
        send(b"job", "cups:Z", timeout=10)


# --- devices -------------------------------------------------------------------------------


def test_a_device_gets_every_byte_unchanged() -> None:
    master, slave = os.openpty()
    try:
        job = bytes(range(256)) * 400
        taken = bytearray()

        def drain() -> None:
            while len(taken) < len(job):
                taken.extend(os.read(master, 4096))

        thread = threading.Thread(target=drain)
        thread.start()
        sent = send(job, f"device:{os.ttyname(slave)}", timeout=10)
        thread.join(20)
        assert taken == job
        assert sent.bytes_sent == len(job)
    finally:
        os.close(master)
        os.close(slave)


def test_a_device_that_takes_nothing_more() -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(StalledError) as caught:
            send(LARGE, f"device:{os.ttyname(slave)}", timeout=0.3)
        assert 0 < int(str(caught.value.facts["sent"])) < len(LARGE)
    finally:
        os.close(master)
        os.close(slave)


def test_a_device_that_fails() -> None:
    with pytest.raises(UnreachableError, match="Nothing was printed"):
        send(b"job", "device:/dev/full", timeout=5)
    with pytest.raises(UnreachableError):
        send(b"job", "device:/dev/no-such-printer", timeout=5)


def test_only_a_device_is_a_device(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_bytes(b"precious")
    with pytest.raises(AddressInvalidError):
        send(b"job", f"device:{path}", timeout=5)
    assert path.read_bytes() == b"precious"


# --- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}", "file:{}"])
def test_a_file_is_written_and_never_replaced_unasked(form: str, tmp_path: Path) -> None:
    path = tmp_path / "标签 1.zpl"
    address = form.format(path)
    assert send(b"first", address, timeout=1).bytes_sent == 5
    with pytest.raises(FileThereError, match="标签 1"):
        send(b"second", address, timeout=1)
    assert path.read_bytes() == b"first"
    send(b"second", address, timeout=1, overwrite=True)
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        send(b"job", str(tmp_path / "out.zpl"), timeout=1)
    finally:
        os.umask(before)
    assert (tmp_path / "out.zpl").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("step", ["_fill", "_name"])
def test_a_failure_in_the_middle_leaves_what_was_there(
    step: str, overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.zpl"
    if overwrite:
        path.write_bytes(b"before")
        step = "_fill"

    def fail(part: Path, _: object) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(labels.printer, step, fail)
    with pytest.raises(FileFailedError, match="No space left"):
        send(b"job", str(path), timeout=1, overwrite=overwrite)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([b"before"] if overwrite else [])


def test_a_disk_without_links_and_a_file_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "out.zpl"
    send(b"job", str(path), timeout=1)
    assert path.read_bytes() == b"job"
    with pytest.raises(FileThereError):
        send(b"other", str(path), timeout=1)
    assert path.read_bytes() == b"job"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_left_of_others_is_not_touched(tmp_path: Path) -> None:
    other = tmp_path / ".labels-1.part"
    other.write_bytes(b"another job")
    send(b"job", str(tmp_path / "out.zpl"), timeout=1)
    assert other.read_bytes() == b"another job"


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(FileFailedError):
        send(b"job", str(tmp_path / "none" / "out.zpl"), timeout=1)
    with pytest.raises(FileFailedError):
        send(b"job", str(tmp_path / ("a" * 300)), timeout=1)
    for address in (str(tmp_path), "/dev/null"):
        with pytest.raises(AddressInvalidError):
            send(b"job", address, timeout=1, overwrite=True)
    assert not Path("/dev/null").is_file()


def test_every_error_has_its_own_code_and_sentence() -> None:
    kinds = PrinterError.__subclasses__()
    assert len(kinds) == 9
    assert (
        len({kind.code for kind in kinds}) == len({kind.template for kind in kinds}) == len(kinds)
    )
