"""A million exported reads: from the file to verdicts, against a loop that only parts the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from random import Random

from assetctl.domain.sweep import Read, Tally, verdicts
from benchmarks.timing import Row, cost_of, in_turns, per_second, rows_of
from scanner.radio_lists import RadioList

_READS, _QUICK_READS = 1_000_000, 100_000
_LISTED, _TAGS = 1_900, 2_000
_ENCODING = "gb18030"


def radio_reads(folder: Path, *, quick: bool) -> list[Row]:
    """Measure reading, folding and judging, and the folding by itself."""
    reads, rounds = (_QUICK_READS if quick else _READS), 3 if quick else 5
    path = folder / "reads.csv"
    _write(path, reads)
    listed = [_epc(number) for number in range(_LISTED)]

    def rows_for(name: str, source: Iterable[Read], goal: float) -> list[Row]:
        pairs = in_turns(
            lambda: cost_of(lambda: _judge(source, listed)),
            lambda: cost_of(lambda: _bare(path)),
            rounds,
        )
        return rows_of(
            f"verdicts from {reads:,} {name}, against csv.reader", pairs, show=per_second(reads),
            speed=False, at_most=goal, clocks=("cpu",),
        )  # fmt: skip

    exported = rows_for("exported reads", RadioList(path), 3.5)
    # Only now: a million values at hand keep the collector of rubbish busy.
    return exported + rows_for("reads at hand", list(RadioList(path)), 2.0)


def _judge(source: Iterable[Read], listed: list[str]) -> None:
    tally = Tally()
    tally.hear_all(source)
    verdicts(tally, listed)


def _bare(path: Path) -> None:
    with path.open(encoding=_ENCODING, newline="") as stream:
        for _ in csv.reader(stream):
            pass


def _write(path: Path, reads: int) -> None:
    """Write a list as a handheld exports it: a thousand reads a second, in milliseconds."""
    rng = Random(1)
    with path.open("w", encoding=_ENCODING) as stream:
        stream.write("序号,EPC,次数,RSSI,时间,天线\n")
        for number in range(reads):
            second, part = divmod(number, 1_000)
            clock = f"{9 + second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}.{part:03}"
            stream.write(
                f"{number + 1},{_epc(rng.randrange(_TAGS))},1,{-40 - rng.randrange(400) / 10},"
                f"2026-11-30 {clock},{1 + number % 4}\n"
            )


def _epc(number: int) -> str:
    return f"{0x5A << 88 | number:024X}"
