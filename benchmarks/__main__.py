"""`python -m benchmarks [--quick] [NAME…]`: measure, and print what was found as a table."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Protocol

from benchmarks.auditing import auditing
from benchmarks.checkouts import checkout_postgresql, checkout_sqlite, writers_postgresql
from benchmarks.counting import counting
from benchmarks.decoding import decoding
from benchmarks.documents import documents_postgresql, documents_sqlite
from benchmarks.imports import import_postgresql, import_sqlite
from benchmarks.labelling import labelling
from benchmarks.numbers import numbers
from benchmarks.offline import offline
from benchmarks.radio_reads import radio_reads
from benchmarks.radio_reports import radio_reports
from benchmarks.sealing import proving, sealing_postgresql, sealing_sqlite
from benchmarks.startup import startup
from benchmarks.timing import Row, milliseconds, sync_cost
from benchmarks.verifying import verifying
from benchmarks.writers import sqlite_writers


class Benchmark(Protocol):
    """Measures something in an empty folder of its own."""

    def __call__(self, folder: Path, *, quick: bool) -> list[Row]:
        """Return the lines of the table."""


BENCHMARKS: dict[str, Benchmark] = {
    "startup": startup,
    "checkout-sqlite": checkout_sqlite,
    "checkout-postgresql": checkout_postgresql,
    "writers-postgresql": writers_postgresql,
    "writers-sqlite": sqlite_writers,
    "import-sqlite": import_sqlite,
    "import-postgresql": import_postgresql,
    "verify": verifying,
    "sealing-sqlite": sealing_sqlite,
    "sealing-postgresql": sealing_postgresql,
    "proving": proving,
    "documents-sqlite": documents_sqlite,
    "documents-postgresql": documents_postgresql,
    "audit": auditing,
    "offline": offline,
    "counting": counting,
    "radio-reads": radio_reads,
    "labelling": labelling,
    "decoding": decoding,
    "radio-reports": radio_reports,
    "numbers": numbers,
}
_HEADINGS = ("", "ours", "baseline", "ratio", "goal", "")
_LEFT = (0, 5)


def main(argv: Sequence[str] | None = None) -> int:
    """Run benchmarks and print their table; return 1 if one of them could not be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller lists")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    given = parser.parse_args(argv)
    unknown = set(given.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that folders and servers go away
    _print_machine()
    began, failed = time.perf_counter(), False
    rows = []
    for name in given.names or BENCHMARKS:
        print(f"... {name}", file=sys.stderr, flush=True)
        try:
            with TemporaryDirectory(prefix="assetctl-bench-") as folder:
                rows += BENCHMARKS[name](Path(folder), quick=given.quick)
        except Exception:  # noqa: BLE001  the others can still be measured
            traceback.print_exc()
            rows.append(Row(name=f"{name} FAILED", ours="-"))
            failed = True
    _print_table(rows)
    _print_load()
    print(f"took {time.perf_counter() - began:.0f} s")
    return int(failed)


def _print_machine() -> None:
    sync = sync_cost(Path(gettempdir()))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    _print_load()
    print(f"fsync of 8 kB in {gettempdir()}: {milliseconds(sync)} (median of 200)")


def _print_load() -> None:
    print("load average:", " ".join(f"{load:.2f}" for load in os.getloadavg()))


def _print_table(rows: Sequence[Row]) -> None:
    lines = [_HEADINGS] + [
        (row.name, row.ours, row.base, "-" if row.ratio is None else f"{row.ratio:.2f}", row.goal,
         row.verdict)
        for row in rows
    ]  # fmt: skip
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEADINGS))]
    print()
    for line in lines:
        cells = [
            cell.ljust(width) if place in _LEFT else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    print()


if __name__ == "__main__":
    sys.exit(main())
