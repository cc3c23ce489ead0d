"""Reader modules behind a serial line and behind TCP, played by emulated ones."""

from __future__ import annotations

import os
import pty
import socket
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice

import pytest

from scanner.reading import RFID, Reading, SourceLostError, SourceUnavailableError
from scanner.source import Source, open_source
from scanner.uhf.chainway import Chainway
from scanner.uhf.chainway import frame as chainway_frame
from scanner.uhf.frames import Frames
from scanner.uhf.m100 import M100
from scanner.uhf.module import Module
from scanner.uhf.uhfreader18 import UhfReader18
from tests.unit.scanner.modules import (
    EPCS,
    Told,
    answered_tags,
    chainway_tag,
    m100_tag,
    pushed_tag,
    running,
)

VERSION = chainway_frame(0x03, bytes([7, 40, 1]))
STOPPED = chainway_frame(0x8D, b"\x01")
TAG_FRAMES: dict[str, Callable[[bytes], bytes]] = {
    "chainway": chainway_tag, "m100": m100_tag, "uhfreader18": pushed_tag,
}  # fmt: skip


def told_of(frames: Frames, *, answers: list[bytes] | None = None) -> Told:
    tags = [TAG_FRAMES[frames.name](epc) for epc in EPCS]
    return Told(frames, {
        frames.hello: answers or [],
        frames.start: tags,
        **({frames.stop: []} if frames.stop else {}),
    })  # fmt: skip


@contextmanager
def on_a_line(told: Told, query: str = "") -> Iterator[tuple[Source, int]]:
    """A module behind a pseudo terminal, and the terminal's far end."""
    far, near = pty.openpty()
    with ExitStack() as stack:
        stack.callback(os.close, far)
        stack.callback(os.close, near)
        stack.enter_context(
            running(told, lambda: os.read(far, 4096), lambda piece: os.write(far, piece), far)
        )
        address = f"serial:{os.ttyname(near)}?format={told.frames.name}{query}"
        yield stack.enter_context(open_source(address)), near


@contextmanager
def on_the_network(told: Told) -> Iterator[Source]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with open_source(f"tcp+{told.frames.name}://127.0.0.1:{port}") as source:
            peer, _ = listener.accept()
            with peer, running(told, lambda: peer.recv(4096), peer.sendall, peer.fileno()):
                yield source


def taken(source: Source, count: int) -> list[Reading]:
    return list(islice(source, count))


@pytest.mark.parametrize("frames", [Chainway(), M100(), UhfReader18()], ids=lambda one: one.name)
@pytest.mark.parametrize("line", ["serial", "tcp"])
def test_a_module_is_told_to_read_and_heard(frames: Frames, line: str) -> None:
    told = told_of(frames)
    with ExitStack() as stack:
        if line == "serial":
            source, _ = stack.enter_context(on_a_line(told))
        else:
            source = stack.enter_context(on_the_network(told))
        found = taken(source, len(EPCS))
    assert [one.text for one in found] == [epc.hex().upper() for epc in EPCS]
    assert {one.symbology for one in found} == {RFID}
    strengths = {one.radio.rssi for one in found if one.radio}
    assert strengths == {{"chainway": -65.7, "m100": -55, "uhfreader18": None}[frames.name]}
    assert told.heard[:2] == [frames.hello, frames.start]


def test_a_module_says_what_it_is_and_is_stopped() -> None:
    told = told_of(Chainway(), answers=[STOPPED, VERSION])
    stopped = threading.Event()
    say = told.say

    def listened(data: bytes) -> list[bytes]:
        pieces = say(data)
        if told.heard and told.heard[-1] == Chainway.stop:
            stopped.set()
        return pieces

    told.say = listened  # type: ignore[method-assign]
    with on_a_line(told) as (source, _):
        assert isinstance(source, Module)
        taken(source, 1)
        assert source.model == "Chainway V7.40.1"
        assert stopped.wait(20)
    assert told.heard == [Chainway.hello, Chainway.start, Chainway.stop]


def test_a_reader_that_is_asked_is_asked_again() -> None:
    frames = UhfReader18()
    told = Told(frames, {frames.hello: [], frames.start: [answered_tags(EPCS[:2])]})
    with on_the_network(told) as source:
        assert [one.text[-1] for one in taken(source, 6)] == list("010101")
    assert told.heard.count(frames.start) >= 3


def test_a_line_is_made_raw_and_fast() -> None:
    with on_a_line(told_of(M100()), "&baud=57600") as (source, near):
        flags = termios.tcgetattr(near)
        assert flags[4] == flags[5] == termios.B57600
        assert not flags[3] & (termios.ICANON | termios.ECHO)
        # 0D, 0A, 11, 13 and 03 are bytes like others.
        assert taken(source, 1)


def test_a_line_is_opened_once() -> None:
    with on_a_line(told_of(M100())) as (source, near):
        with pytest.raises(SourceUnavailableError, match="another program"):
            open_source(f"serial:{os.ttyname(near)}?format=m100")
        assert taken(source, 1)


def test_a_module_that_goes_away_is_lost() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        source = stack.enter_context(open_source(f"tcp+m100://127.0.0.1:{port}"))
        peer = stack.enter_context(listener.accept()[0])
        peer.sendall(m100_tag(EPCS[0]))
        peer.shutdown(socket.SHUT_WR)
        found = iter(source)
        assert next(found).text == EPCS[0].hex().upper()
        with pytest.raises(SourceLostError, match="switched off"):
            next(found)


def test_closing_from_another_thread_ends_it() -> None:
    told = Told(M100(), {M100.hello: [], M100.start: []})
    with on_a_line(told) as (source, _):
        closer = threading.Timer(0.1, source.close)
        closer.start()
        assert list(source) == []
        closer.join()
    assert list(source) == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("serial:/dev/tty-none?format=m100", "does not exist"),
        ("serial:/dev/null?format=m100", "no serial port"),
        ("serial:/dev/ttyUSB0", "format="),
        ("serial:/dev/ttyUSB0?format=other", "chainway"),
        ("serial:?format=m100", "format="),
        ("serial:/dev/ttyUSB0?format=m100&baud=7", "baud"),
        ("serial:/dev/ttyUSB0?format=m100&speed=9600", "baud"),
        ("tcp+other://127.0.0.1:1", "FAMILY"),
        ("tcp+m100://:1", "FAMILY"),
        ("tcp+m100://127.0.0.1:70000", "65535"),
        ("tcp+m100://127.0.0.1:1", "nothing listens"),
        ("tcp://127.0.0.1:0?form=other", "form"),
    ],
)
def test_what_cannot_be_opened_says_why(address: str, reason: str) -> None:
    with pytest.raises(SourceUnavailableError, match=reason):
        open_source(address)
