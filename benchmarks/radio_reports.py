"""Reports of radio tags: decoded alone, and through a source over loopback, by processor time.

The baseline is a loop that knows where every field lies and reads it with `struct`, nothing else:
no lengths are checked, nothing is skipped, no readings are made.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import IO

from benchmarks.timing import Cost, Row, in_turns, per_second, rows_of
from scanner import open_source
from scanner.llrp.codec import parameter
from scanner.llrp.frames import HEADER
from scanner.llrp.messages import pack
from scanner.llrp.reports import ReportDecoder, TagReport

_IN_A_MESSAGE = 100
_ROUNDS = 7
_GOAL = 100_000
"""Reports of tags in a second of processor time: a hundred times what a reader gives."""

_EMULATOR = """
import sys
from scanner.llrp.emulator import Emulator
tags = [f"5A10557AC0110000{number:08X}" for number in range(500)]
with Emulator(tags, interval=0.0, antennas=1) as reader:
    print(reader.port, flush=True)
    sys.stdin.read()
"""

_BARE = Struct(">HHB12sBIBHBbBHBHBHBI")
"""A report with EPC, operation, antenna, RSSI, count, PC, CRC and access."""


def radio_reports(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001  all in memory
    """Measure the decoder and the source against bare unpacking."""
    count = 20_000 if quick else 200_000
    rounds = 3 if quick else _ROUNDS
    body = _message()[HEADER.size :]
    messages = count // _IN_A_MESSAGE

    def bare() -> None:
        for _ in range(messages):
            found = []
            for at in range(0, len(body), _BARE.size):
                values = _BARE.unpack_from(body, at)
                found.append((values[3].hex().upper(), values[7], values[9], values[11]))

    def decoded() -> None:
        decoder = ReportDecoder()
        for _ in range(messages):
            found: list[TagReport] = []
            decoder.decode(body, found)

    rows = rows_of(
        f"radio: {count:,} reports decoded, against bare unpacking",
        in_turns(lambda: _timed(decoded), lambda: _timed(bare), rounds),
        show=per_second(count), speed=True, at_least=0.15, clocks=("cpu",),
    )  # fmt: skip
    with _emulator() as port, open_source(f"llrp://127.0.0.1:{port}?every=100") as source:
        readings = iter(source)

        def taken() -> None:
            assert sum(1 for _ in islice(readings, count)) == count  # noqa: S101

        rows += rows_of(
            f"radio: {count:,} reports through the source, against bare unpacking",
            in_turns(lambda: _timed(taken), lambda: _timed(bare), rounds),
            show=per_second(count), speed=True, clocks=("cpu",),
        )  # fmt: skip
        cost = sorted(_timed(taken).cpu for _ in range(rounds))[rounds // 2]
    rows.append(
        Row(name="radio: reports through the source in a second of processor time",
            ours=f"{count / cost:,.0f}", base=f"{_GOAL:,}", ratio=count / cost / _GOAL,
            at_least=1.0)
    )  # fmt: skip
    return rows


def _timed(work: Callable[[], None]) -> Cost:
    """What something cost this process alone: the pretended reader is one of its own."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


@contextmanager
def _emulator() -> Iterator[int]:
    command = [sys.executable, "-c", _EMULATOR]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield int(_line(process.stdout))
        finally:
            process.kill()


def _line(stream: IO[bytes] | None) -> bytes:
    return b"" if stream is None else stream.readline()


def _message() -> bytes:
    reports = (
        parameter(
            "TagReportData",
            parameter("EPC96", epc=bytes.fromhex(f"5A10557AC0110000{number:08X}")),
            parameter("ROSpecID", rospec=1), parameter("AntennaID", antenna=1),
            parameter("PeakRSSI", dbm=-55), parameter("TagSeenCount", count=1),
            parameter("C1G2PC", pc=0x3000), parameter("C1G2CRC", crc=number),
            parameter("AccessSpecID", accessspec=0),
        )
        for number in range(_IN_A_MESSAGE)
    )  # fmt: skip
    return pack(parameter("RO_ACCESS_REPORT", *reports), 1)
