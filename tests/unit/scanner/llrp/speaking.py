"""What the tests of readers share: tags, a reader on loopback, and what it says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scanner.llrp.address import read_address
from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.emulator import EmulatedTag, Emulator, Faults
from scanner.llrp.frames import frame
from scanner.llrp.messages import pack
from scanner.llrp.reader import LlrpReader
from scanner.reading import Reading, ScanError

AT_ONCE = (0.002,) * 5_000
"""Waits before a reader is connected to again: it is busy until it sees that we hung up."""


def epc(number: int) -> str:
    return f"5A10557AC0110000{number:08X}"


def tag(number: int, **more: Any) -> EmulatedTag:
    return EmulatedTag(epc=epc(number), tid=f"E28011602000000000{number:06X}", **more)


@contextmanager
def reading(
    count: int = 3, *, query: str = "", faults: Faults | None = None, **more: Any
) -> Iterator[tuple[Emulator, LlrpReader, list[ScanError]]]:
    """A pretended reader with `count` tags, our source before it, and what it was told."""
    ours = {name: more.pop(name) for name in ("keepalive", "patience", "most_waiting", "waits")
            if name in more}  # fmt: skip
    told: list[ScanError] = []
    tags = more.pop("tags", None) or [tag(number) for number in range(count)]
    with Emulator(tags, interval=more.pop("interval", 0.005), faults=faults, **more) as emulator:
        address = read_address(f"llrp://{emulator.host}:{emulator.port}{query}")
        with LlrpReader(address, on_trouble=told.append, **{"waits": AT_ONCE, **ours}) as source:
            yield emulator, source, told


def take(source: LlrpReader, count: int) -> list[Reading]:
    found = []
    for _ in range(count):
        one = source.poll(20)
        assert one is not None
        found.append(one)
    return found


def until_seen(source: LlrpReader, wanted: set[str]) -> list[Reading]:
    """Readings until every one of the numbers `wanted` was among them."""
    found: list[Reading] = []
    while wanted - {one.text for one in found}:
        found += take(source, 1)
        assert len(found) < 100_000
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that another thread brings about."""
    pause = threading.Event()
    for _ in range(2_000):
        if holds():
            return
        pause.wait(0.01)
    pytest.fail("it never came to hold")


def report(*inside: Parameter, number: int = 0) -> Parameter:
    return parameter("TagReportData", parameter("EPC96", epc=bytes.fromhex(epc(number))), *inside)


def message(*reports: Parameter) -> bytes:
    return pack(parameter("RO_ACCESS_REPORT", *reports), 1)


VENDOR = frame(1023, 7, bytes.fromhex("0000651A2A") + b"whatever") + frame(900, 8, b"\xff" * 21)
"""A vendor's message and one of an unknown type."""
