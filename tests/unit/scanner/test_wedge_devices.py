"""Keyboard scanners end to end: an input device's events, and a terminal's keys."""

from __future__ import annotations

import os
import pty
import select
import signal
import string
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.keys import EVENT, Keyboard
from scanner.reading import RFID, TYPED, SourceLostError, SourceUnavailableError
from scanner.wedge import EventDevice, Terminal

ROOT = Path(__file__).parents[3]
EPC = "5A10557AC011123456789AC1"
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.110123456789ABCDEF"
LEFT_SHIFT, LEFT_ALT, CAPS = 42, 56, 58
KEYPAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}

# By hand from <linux/input-event-codes.h>, not from the table that is tried here.
CODES = {
    "A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33, "G": 34, "H": 35, "I": 23, "J": 36,
    "K": 37, "L": 38, "M": 50, "N": 49, "O": 24, "P": 25, "Q": 16, "R": 19, "S": 31, "T": 20,
    "U": 22, "V": 47, "W": 17, "X": 45, "Y": 21, "Z": 44, "1": 2, "2": 3, "3": 4, "4": 5, "5": 6,
    "6": 7, "7": 8, "8": 9, "9": 10, "0": 11, "-": 12, "=": 13, "[": 26, "]": 27, ";": 39, "'": 40,
    "`": 41, "\\": 43, ",": 51, ".": 52, "/": 53, " ": 57, "\n": 28, "\t": 15,
}  # fmt: skip
SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))


def event(code: int, value: int, kind: int = 1) -> bytes:
    return EVENT.pack(1_700_000_000, 0, kind, code, value)


def press(code: int) -> bytes:
    return event(code, 1) + event(0, 0, 0) + event(code, 0) + event(0, 0, 0)


def keystrokes(text: str) -> bytes:
    typed = b""
    for one in text:
        if one.isupper() or one in SHIFTED:
            key = CODES[SHIFTED.get(one, one)]
            typed += event(LEFT_SHIFT, 1) + press(key) + event(LEFT_SHIFT, 0)
        else:
            typed += press(CODES[one.upper()])
    return typed


# --- keys ----------------------------------------------------------------------------------


def test_every_printable_character_can_be_typed() -> None:
    text = "".join(one for one in string.printable if one not in "\r\v\f")
    assert Keyboard().typed(keystrokes(text)) == text


@given(st.text([*CODES, *SHIFTED, *string.ascii_lowercase]), st.integers(1, 60))
def test_events_may_arrive_in_any_portions(text: str, size: int) -> None:
    data, keyboard = keystrokes(text), Keyboard()
    parts = [keyboard.typed(data[at : at + size]) for at in range(0, len(data), size)]
    assert "".join(parts) == text


def test_caps_lock_turns_letters_over_and_nothing_else() -> None:
    assert (
        Keyboard().typed(press(CAPS) + keystrokes("aB1!") + press(CAPS) + keystrokes("a"))
        == "Ab1!a"
    )


def test_characters_typed_by_number_with_alt() -> None:
    digits = b"".join(press(KEYPAD[one]) for one in "0065")
    assert Keyboard().typed(event(LEFT_ALT, 1) + digits + event(LEFT_ALT, 0)) == "A"
    control = b"".join(press(KEYPAD[one]) for one in "0003")
    assert Keyboard().typed(event(LEFT_ALT, 1) + control + event(LEFT_ALT, 0)) == ""
    assert Keyboard().typed(digits) == "0065"


def test_a_held_key_does_not_repeat_and_a_lost_release_is_forgotten() -> None:
    held = event(30, 1) + event(30, 2) * 5 + event(30, 0)
    assert Keyboard().typed(held) == "a"
    dropped = event(LEFT_SHIFT, 1) + event(3, 0, 0) + press(30)
    assert Keyboard().typed(dropped) == "a"


@given(st.binary(max_size=2_000))
def test_any_bytes_are_survived(data: bytes) -> None:
    keyboard = Keyboard()
    assert keyboard.typed(data).isascii()
    rest = b"\0" * (-len(data) % EVENT.size)
    keyboard.typed(rest + event(LEFT_ALT, 0))
    assert keyboard.typed(press(11)) in ("0", ")", "")


# --- an input device -----------------------------------------------------------------------


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "event0"
    os.mkfifo(path)
    return path


def test_a_device_that_sends_events_is_read_to_its_end(fifo: Path) -> None:
    with EventDevice(fifo) as device:
        assert not device.grabbed
        with fifo.open("wb") as out:
            out.write(keystrokes(ADDRESS + EPC + "\n" + "card-12\n" + EPC[:8]))
        found = list(device)
    assert [one.text for one in found] == [ADDRESS, EPC, "card-12", EPC[:8]]
    assert [one.symbology for one in found] == [TYPED, RFID, TYPED, TYPED]
    assert {(one.engine, one.pass_name, one.corners) for one in found} == {("wedge", "plain", ())}


def test_recorded_events_are_a_device_too(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(keystrokes(ADDRESS) + b"\x01\x02\x03")
    assert [one.text for one in EventDevice(path)] == [ADDRESS]


def test_a_burst_without_terminator_is_over_after_a_pause(fifo: Path) -> None:
    with EventDevice(fifo, pause=0.02, patience=0.05) as device, fifo.open("wb", 0) as out:
        found = iter(device)
        out.write(keystrokes(ADDRESS))
        assert next(found).text == ADDRESS
        out.write(keystrokes("card-12"))
        assert next(found).text == "card-12"
        out.write(keystrokes(ADDRESS))
        assert next(found).text == ADDRESS


def test_closing_from_another_thread_ends_the_reading(fifo: Path) -> None:
    device = EventDevice(fifo)
    with fifo.open("wb", 0):
        threading.Timer(0.05, device.close).start()
        assert list(device) == []
        device.close()
        assert list(device) == []


def test_every_descriptor_is_given_back(fifo: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    before = count()
    for _ in range(3):
        EventDevice(fifo).close()
        with EventDevice(fifo) as device, fifo.open("wb", 0) as out:
            out.write(keystrokes(EPC + "\n"))
            for _reading in device:
                break
    assert count() == before


def test_a_device_is_taken_and_given_back(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    asked: list[tuple[int, int]] = []

    def ioctl(_fd: int, request: int, value: int) -> int:
        asked.append((request, value))
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    with EventDevice(fifo) as device:
        assert device.grabbed
        assert asked == [(0x40044590, 1)]
    assert asked[1:] == [(0x40044590, 0)]


def test_a_device_that_another_program_holds_is_refused(
    fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import fcntl

    def ioctl(*_: object) -> int:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    with pytest.raises(SourceUnavailableError, match="another program") as caught:
        EventDevice(fifo)
    assert caught.value.code == "scan.source_unavailable"


def test_a_device_that_is_unplugged_is_told(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    device = EventDevice(fifo)
    with fifo.open("wb", 0) as out:
        out.write(keystrokes("A"))

        def gone(*_: object) -> bytes:
            raise OSError(errno.ENODEV, "no such device")

        monkeypatch.setattr("scanner.wedge.os.read", gone)
        with pytest.raises(SourceLostError, match="unplugged"):
            list(device)


@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "plug"), (".", "folder"), ("a\0b", "system")]
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceUnavailableError, match=reason):
        EventDevice(tmp_path / name)


# --- a terminal ----------------------------------------------------------------------------


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the scanner's and the program's."""
    master, slave = pty.openpty()
    yield master, slave
    for fd in (master, slave):
        os.close(fd)


def type_in(master: int, data: bytes) -> None:
    while data:
        data = data[os.write(master, data[:512]) :]


def mode(fd: int) -> list[object]:
    return termios.tcgetattr(fd)


def test_what_a_scanner_types_into_a_terminal(line: tuple[int, int]) -> None:
    master, slave = line
    before = mode(slave)
    with Terminal(slave, pause=0.02) as terminal:
        assert mode(slave) != before
        type_in(
            master, (ADDRESS + EPC).encode() + b"\r" + "２０２６－００１\r".encode() + EPC.encode()
        )
        found = []
        for reading in terminal:
            found.append(reading.text)
            if len(found) == 4:
                type_in(master, b"\x04")
    assert found == [ADDRESS, EPC, "2026-001", EPC]
    assert mode(slave) == before


def test_nothing_that_is_scanned_is_shown_or_obeyed(line: tuple[int, int]) -> None:
    master, slave = line
    with Terminal(slave, pause=0.02) as terminal:
        type_in(master, b"a\x1a\x1c\x03\x13b\x04c\r\x7fd\x15e\r")
        found = iter(terminal)
        assert [next(found).text, next(found).text] == ["a\x1cbc", "de"]
        assert not select.select([master], [], [], 0)[0]


def test_a_person_can_interrupt(line: tuple[int, int]) -> None:
    master, slave = line
    before = mode(slave)
    with Terminal(slave, pause=0.02) as terminal:
        type_in(master, b"\x03")
        with pytest.raises(KeyboardInterrupt):
            list(terminal)
    assert mode(slave) == before


def test_what_comes_too_late_does_not_reach_the_shell(line: tuple[int, int]) -> None:
    master, slave = line
    with Terminal(slave):
        type_in(master, b"rm -rf x\r")
        assert select.select([slave], [], [], 5)[0]
    assert not select.select([slave], [], [], 0)[0]


def test_an_error_of_the_consumer_restores_the_terminal(line: tuple[int, int]) -> None:
    master, slave = line
    before = mode(slave)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]

    def consume(terminal: Terminal) -> None:
        type_in(master, b"1\r")
        for reading in terminal:
            raise ValueError(reading.text)

    with pytest.raises(ValueError, match="1"):
        consume(Terminal(slave, pause=0.02))
    assert mode(slave) == before
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == handlers


def test_a_terminal_that_is_hung_up_is_at_its_end() -> None:
    master, slave = pty.openpty()
    terminal = Terminal(slave, pause=0.02)
    os.close(master)
    assert list(terminal) == []
    os.close(slave)


_PROGRAM = """
import signal, sys
from scanner.wedge import Terminal
# Started in the background or by nohup, it would ignore what is sent to it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
terminal = Terminal()
for reading in terminal:
    print(reading.text, flush=True)
    if reading.text == "leave":
        sys.exit()
    if reading.text == "fail":
        raise ValueError
"""


@pytest.mark.parametrize("way", ["leave", "fail", "SIGTERM", "SIGHUP", "^C"])
def test_the_terminal_is_restored_in_every_way_out(line: tuple[int, int], way: str) -> None:
    master, slave = line
    before = mode(slave)
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=slave, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, cwd=ROOT,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        wait_until_raw(slave, before)
        type_in(master, b"first\r")
        assert program.stdout.readline() == b"first\n"
        assert mode(slave) != before
        if way.startswith("SIG"):
            program.send_signal(getattr(signal, way))
        else:
            type_in(master, b"\x03" if way == "^C" else way.encode() + b"\r")
        try:
            program.wait(30)
        finally:
            program.kill()
    expected: dict[str, Sequence[int]] = {
        "leave": [0], "fail": [1], "SIGTERM": [-15], "SIGHUP": [-1], "^C": [-2, 130],
    }  # fmt: skip
    assert program.returncode in expected[way]
    assert mode(slave) == before


def wait_until_raw(slave: int, before: list[object]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if mode(slave) != before:
            return
        pause.wait(0.05)
    pytest.fail("the terminal was never made raw")


def test_what_is_no_terminal_is_refused(tmp_path: Path) -> None:
    with (
        (tmp_path / "x").open("wb") as plain,
        pytest.raises(SourceUnavailableError, match="stdin:"),
    ):
        Terminal(plain.fileno())
