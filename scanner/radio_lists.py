"""Exported reads of handhelds: TXT, CSV and XLSX with an EPC in each row and how it was heard.

Columns are known by their headers, Chinese or English, in any order. A list is right as a whole or
not at all: of one with a fault nothing may be counted, and all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from scanner import radio_cells
from scanner.base import Closing
from scanner.radio_cells import CellError, Cells, Same, Times, is_nothing, is_unsigned
from scanner.reading import (
    RFID,
    ListUnreadableError,
    Radio,
    Reading,
    ReadsFaultyError,
    ScanError,
)
from scanner.sheets import EPC_NAMES, HEADER_ROWS, Row, Sheet, plain

MOST_FAULTS = 50
"""So many are told at once: after them a list is one of something else."""

_LONGEST_TOLD = 80

Read = tuple[str, float, float | None, int | None, int, str | None]
"""EPC, second, signal strength in dBm, antenna, how often it was heard, TID."""


class Fault(NamedTuple):
    """One cell that says nothing that can be used: its line, its column as a code, and why."""

    line: int
    column: str
    cell: str
    reason: str


COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "epc": (*EPC_NAMES, "epc编号", "epcid", "epchex", "标签编号", "标签id", "标签epc", "tagepc",
            "电子标签", "电子标签号", "rfid编码", "rfid号", "rfid标签", "编码区", "uii", "tagid",
            "tag", "卡号"),
    "time": ("时间", "读取时间", "扫描时间", "采集时间", "盘点时间", "识别时间", "日期时间", "time",
             "timestamp", "datetime", "readtime", "scantime", "tagtime", "最后时间", "最近时间",
             "最后读取时间", "lasttime", "lastseen", "lastseentime", "首次时间", "首次读取时间",
             "firsttime", "firstseen", "firstseentime"),
    "rssi": ("rssi", "rssidbm", "信号强度", "信号强度dbm", "信号", "信号值", "强度", "场强",
             "rssi值", "peakrssi", "maxrssi", "signal", "signalstrength"),
    "antenna": ("天线", "天线号", "天线编号", "天线端口", "端口", "antenna", "antennaid",
                "antennaport", "antennano", "ant", "antid", "antno", "port"),
    "count": ("次数", "读取次数", "扫描次数", "识别次数", "读到次数", "读次数", "计数", "count",
              "counts", "readcount", "readtimes", "reads", "times", "seencount", "tagseencount"),
    "tid": ("tid", "tid号", "tid码", "tid编码", "tid区", "tidhex", "标签tid", "标签信息区"),
})  # fmt: skip
"""Headers under which each value of a read stands, in its order, the most telling first."""

_EPC, _TIME, _COUNT = (list(COLUMNS).index(name) for name in ("epc", "time", "count"))


class RadioList:
    """The reads of one exported list, from top to bottom, as plain values.

    Iterating yields `Read`s. Seconds count from the first time of the list; a row without a time
    has that of the row above, and a list without times is one second. Rows that tell of no read
    are left out: empty ones, sums, headers repeated, and those with a count of 0. `has_strength`
    and `has_time` say what the list tells; strengths that have neither sign nor unit tell nothing.
    `column` names the column of the EPCs where no header does.

    Raises `SourceUnavailableError`, `ListUnreadableError` and `ColumnMissingError` like
    `ListFile`; while it is read, `ReadsFaultyError` after its last row or its fiftieth fault.
    Whatever came before that error must not be counted.
    """

    def __init__(self, path: Path, *, column: str = "") -> None:
        self.name = f"list:{path}"
        self._path = path
        self._sheet = Sheet(path, name=self.name)
        self._at, above = self._place(column.strip())
        self._header = self._sheet.numbers[above - 1] if above else 0
        self._is_dbm = any(
            plain(row.get(self._at.get("rssi", -1), "")).endswith("dbm")
            for row in self._sheet.sample[:above]
        )
        if not self._is_dbm and self._is_unsigned(above):
            del self._at["rssi"]
        self.has_strength = "rssi" in self._at
        self.has_time = "time" in self._at

    def __iter__(self) -> Iterator[Read]:
        return chain.from_iterable(self._blocks())

    def _blocks(self) -> Iterator[Iterable[Read]]:
        """Yield some hundred reads at a time, for they are worked out column by column."""
        meanings = self._meanings()
        columns = [self._at.get(name, self._at["epc"]) for name in COLUMNS]
        before = 0.0
        for texts in self._sheet.blocks(columns, after=self._header):
            try:
                values = [
                    meaning.column(cells)
                    for meaning, cells in zip(meanings.values(), texts, strict=True)
                ]
                reads: Iterable[Read] = zip(*values, strict=True)
                if not (all(values[_EPC]) and all(values[_COUNT])):
                    reads = [read for read in reads if _is_read(*read)]
            except CellError as error:
                raise self._faulty() from error
            times = values[_TIME]
            if None in times:
                reads = _timed(reads, before)
            yield reads
            before = next((time for time in reversed(times) if time is not None), before)

    def _faulty(self) -> ScanError:
        """Read anew, row by row, and return all that is wrong, with the lines."""
        meanings = self._meanings()
        faults: list[Fault] = []
        for line, row in self._sheet.rows():
            if line > self._header:
                cells = {name: row.get(self._at.get(name, -1), "") for name in COLUMNS}
                faults += _faults(line, cells, meanings)
            if len(faults) >= MOST_FAULTS:
                break
        if not faults:
            return ListUnreadableError(file=str(self._path), reason="it changed while it was read")
        return ReadsFaultyError(
            file=str(self._path), count=len(faults), faults=tuple(faults), **faults[0]._asdict()
        )

    def _place(self, wanted: str) -> tuple[dict[str, int], int]:
        """Which columns there are, and how many rows end with the header."""
        sample = self._sheet.sample
        known = [_known(row) for row in sample[:HEADER_ROWS]]
        best = max(range(len(known)), key=lambda at: (len(known[at]), -at), default=0)
        if wanted:
            column, above = self._sheet.named(wanted)
            if above is not None:
                return {**known[above - 1], "epc": column}, above
            above = best + 1 if known and len(known[best]) > 1 else 0
            return {**(known[best] if above else {}), "epc": column}, above
        if known and "epc" in known[best]:
            return known[best], best + 1
        if self._sheet.width <= 1:
            return {"epc": 0}, 0
        raise self._sheet.without("EPC")

    def _is_unsigned(self, above: int) -> bool:
        """Whether the strengths have neither sign nor unit, as far as the first rows tell."""
        column = self._at.get("rssi", -1)
        rows = self._sheet.sample[above:]
        said = [row[column] for row in rows if column in row and not is_nothing(row[column])]
        return bool(said) and all(map(is_unsigned, said))

    def _meanings(self) -> dict[str, Cells[Any]]:
        """What the cells of each column mean, in the order of `COLUMNS`."""
        parsers: dict[str, Callable[[str], Any]] = {
            "epc": radio_cells.epc,
            "rssi": partial(radio_cells.strength, is_dbm=self._is_dbm),
            "antenna": radio_cells.antenna,
            "count": radio_cells.count,
            "tid": radio_cells.tid,
        }
        found: dict[str, Cells[Any]] = {}
        for name, headers in COLUMNS.items():
            if name not in self._at:
                found[name] = Same(1 if name == "count" else None)
            elif name == "time":
                found[name] = Times(is_workbook=self._sheet.is_workbook, headers=headers)
            else:
                found[name] = Cells(parsers[name], headers)
        return found


class ListedReads(Closing):
    """The reads of an exported list as a source: times are seconds after the first of them.

    Raises what `RadioList` raises, and when.
    """

    def __init__(self, path: Path) -> None:
        self._list = RadioList(path)
        self._closed = False
        self.name = self._list.name

    def __iter__(self) -> Iterator[Reading]:
        for epc, second, rssi, antenna, count, tid in self._list:
            if self._closed:
                return
            radio = Radio(heard=second, rssi=rssi, antenna=antenna, count=count, tid=tid)
            yield Reading(text=epc, symbology=RFID, engine="list", radio=radio)

    def close(self) -> None:
        """Read no further."""
        self._closed = True


def _known(row: Row) -> dict[str, int]:
    """Which columns the cells of a row name, each the most telling one."""
    headers = {plain(cell): column for column, cell in reversed(row.items())}
    found = {}
    for name, names in COLUMNS.items():
        column = next((headers[one] for one in names if one in headers), None)
        if column is not None:
            found[name] = column
    return found


def _is_read(
    epc: str | None, time: float | None, rssi: float | None, _antenna: int | None, count: int,
    tid: str | None,
) -> bool:  # fmt: skip
    """Whether a row tells of a read. Raises `CellError` where it does, but not of which tag."""
    if epc is None and not (time is None and rssi is None and tid is None):
        raise CellError("a tag was heard, but its number is missing")
    return bool(epc) and count > 0


def _timed(reads: Iterable[Read], before: float) -> Iterator[Read]:
    """Give a read without a time that of the one above."""
    for epc, second, rssi, antenna, count, tid in reads:
        before = before if second is None else second
        yield epc, before, rssi, antenna, count, tid


def _faults(line: int, cells: Mapping[str, str], meanings: Mapping[str, Cells[Any]]) -> list[Fault]:
    """Return every fault of one row."""
    values: dict[str, Any] = {}
    faults = []
    for name, text in cells.items():
        try:
            values[name] = meanings[name][text]
        except CellError as error:
            faults.append(Fault(line, name, text[:_LONGEST_TOLD], str(error)))
    if not faults:
        try:
            _is_read(*values.values())
        except CellError as error:
            faults.append(Fault(line, "epc", "", str(error)))
    return faults
