from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from struct import pack
from types import SimpleNamespace

import pytest

import labels.printer
from labels.bitmap import Bitmap
from labels.destination import (
    BrokenOffError,
    StalledError,
    UnreachableError,
)
from labels.escpos import job as escpos_job
from labels.printer import send
from labels.tspl import job as tspl_job
from labels.zpl import STATUS, replies
from labels.zpl import job as zpl_job
from tests.unit.labels.printers import (
    Dots,
    escpos,
    printer,
    read,
    symbol,
    take_all,
    tspl,
    zpl,
)

LARGE = bytes(range(256)) * 65536
"""Sixteen megabytes: more than any socket of the system holds back."""


# --- whole labels through a printer --------------------------------------------------------


def of_zpl(job: bytes) -> list[Dots]:
    return [page.pictures[0][1] for page in zpl(job)]


def of_tspl(job: bytes) -> list[Dots]:
    return [sheet.picture for sheet in tspl(job)]


def of_escpos(job: bytes) -> list[Dots]:
    return [slip.picture for slip in escpos(job)]


def as_zpl(pictures: list[Bitmap]) -> bytes:
    return zpl_job(pictures, dpi=203, width_mm=50, height_mm=30)


def as_tspl(pictures: list[Bitmap]) -> bytes:
    return tspl_job(pictures, dpi=203, width_mm=50, height_mm=30)


@pytest.mark.parametrize(
    ("make", "printed"),
    [(as_zpl, of_zpl), (as_tspl, of_tspl), (escpos_job, of_escpos)],
    ids=["zpl", "tspl", "escpos"],
)
def test_every_code_reads_back_from_the_emulated_printer(
    make: Callable[[list[Bitmap]], bytes], printed: Callable[[bytes], list[Dots]]
) -> None:
    payloads = [f"HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD{n:02}.01{n:016d}" for n in range(40)]
    job = make([symbol(payload, module=3, margin=12 + n % 8) for n, payload in enumerate(payloads)])
    with printer(take_all) as emulated:
        sent = send(job, emulated.address, timeout=10)
    assert sent.bytes_sent == len(job) == len(emulated.taken)
    assert [read(picture) for picture in printed(bytes(emulated.taken))] == [
        [payload] for payload in payloads
    ]


# --- the network ---------------------------------------------------------------------------


def test_a_large_job_arrives_unchanged() -> None:
    with printer(take_all, small=True) as emulated:
        sent = send(LARGE, emulated.address, timeout=10)
    assert emulated.taken == LARGE
    assert (sent.address, sent.bytes_sent, sent.reply) == (emulated.address, len(LARGE), b"")


def test_a_printer_that_keeps_the_line_open_is_believed() -> None:
    done = threading.Event()

    def keep(caller: socket.socket, taken: bytearray) -> None:
        take_all(caller, taken)
        caller.sendall(b"thanks")
        assert done.wait(20)

    with printer(keep) as emulated:
        assert send(b"job", emulated.address, timeout=10).bytes_sent == 3
        done.set()


@pytest.mark.parametrize("after", [0, 1, 5000, 300_000])
def test_a_printer_that_closes_after_some_bytes(after: int) -> None:
    def close(caller: socket.socket, taken: bytearray) -> None:
        while len(taken) < after:
            taken += caller.recv(min(4096, after - len(taken)))

    with printer(close, small=True) as emulated, pytest.raises(BrokenOffError) as caught:
        send(LARGE, emulated.address, timeout=10)
    error = caught.value
    assert error.partial
    assert after <= int(str(error.facts["sent"])) < len(LARGE)
    assert "may have been printed" in str(error)


def test_a_small_job_that_was_not_read_is_not_called_printed() -> None:
    def close(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(10)

    with printer(close) as emulated, pytest.raises(BrokenOffError):
        send(b"^XA" + b"x" * 3000 + b"^XZ", emulated.address, timeout=10)


def test_a_printer_that_never_reads() -> None:
    given_up = threading.Event()

    def sleep(caller: socket.socket, taken: bytearray) -> None:
        assert given_up.wait(20)
        # Nothing more comes after the failure: what lay in our buffers is thrown away.
        with pytest.raises(ConnectionResetError):
            take_all(caller, taken)

    with printer(sleep, small=True) as emulated:
        with pytest.raises(StalledError) as caught:
            send(LARGE, emulated.address, timeout=0.3)
        given_up.set()
    assert int(str(caught.value.facts["sent"])) < len(LARGE)
    assert caught.value.facts["total"] == len(LARGE)
    assert caught.value.partial


def test_a_printer_that_stops_at_the_end_of_the_job() -> None:
    given_up = threading.Event()

    def stop(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(4096)
        assert given_up.wait(20)

    # All of it fits into our own buffers, but not into those of the printer.
    with printer(stop, small=True) as emulated:
        with pytest.raises(StalledError):
            send(bytes(100_000), emulated.address, timeout=0.3)
        given_up.set()


def test_a_printer_that_closes_its_side_first_and_then_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end_seen, gone = threading.Event(), threading.Event()

    def fail(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(4096)
        caller.shutdown(socket.SHUT_WR)
        assert end_seen.wait(20)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        caller.close()
        gone.set()

    def pause(_: float) -> None:
        end_seen.set()
        assert gone.wait(20)

    monkeypatch.setattr(labels.printer, "time", SimpleNamespace(sleep=pause))
    with printer(fail, small=True) as emulated, pytest.raises(BrokenOffError):
        send(bytes(100_000), emulated.address, timeout=5)


def test_how_a_printer_is_can_be_asked() -> None:
    def answer(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(len(STATUS))
        caller.sendall(b"\x02030,0,1,0240,002,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,1,1,2,4,0,")
        caller.sendall(b"00000000,1,000\x03\r\n\x021234,0\x03\r\n")
        take_all(caller, taken)

    with printer(answer) as emulated:
        sent = send(
            STATUS,
            emulated.address,
            timeout=10,
            complete=lambda reply: replies(reply).status is not None,
        )
    status = replies(sent.reply).status
    assert status is not None
    assert (status.paused, status.ribbon_out, status.paper_out) == (True, True, False)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=r"refused.*Nothing was printed") as caught:
            send(b"job", address, timeout=5)
    assert not caught.value.partial


def test_a_host_that_is_not_known() -> None:
    with pytest.raises(UnreachableError, match="no-such-printer"):
        send(b"job", "tcp://no-such-printer.invalid", timeout=5)


def test_what_a_printer_says_is_kept_until_it_is_enough() -> None:
    def answer(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(3)
        for piece in (b"one ", b"two ", b"three"):
            caller.sendall(piece)
        take_all(caller, taken)

    with printer(answer) as emulated:
        sent = send(
            b"ask", emulated.address, timeout=10, complete=lambda reply: reply.endswith(b"three")
        )
    assert sent.reply == b"one two three"


@pytest.mark.parametrize("closes", [True, False])
def test_an_answer_that_never_ends_is_handed_over_as_it_is(closes: bool) -> None:
    def answer(caller: socket.socket, taken: bytearray) -> None:
        taken += caller.recv(3)
        caller.sendall(b"half")
        if not closes:
            take_all(caller, taken)

    with printer(answer) as emulated:
        sent = send(b"ask", emulated.address, timeout=0.3, complete=lambda _: False)
    assert sent.reply == b"half"
