"""Lists that handhelds export: TXT and CSV in any usual encoding, and Excel workbooks.

The column with the codes is found by what stands in it, or named by its header, its letter or
its number. Each of its cells is one reading, or several where reads are glued together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from scanner.base import Closing, readings
from scanner.epc96 import is_private96
from scanner.reading import Reading
from scanner.sheets import EPC_NAMES, HEADER_ROWS, Row, Sheet, plain, unguarded
from scanner.untangle import IsOurs, looks_ours, untangle

_MOST_KNOWN, _LONGEST_KNOWN = 100_000, 200
_NAMES = (
    *EPC_NAMES,
    *("二维码", "条码", "条形码", "条码号", "资产编码", "资产编号", "资产条码", "编码", "编号"),
    *("barcode", "qrcode", "qr", "code", "tag", "tagid", "data", "text", "内容", "数据"),
)
"""Headers under which codes stand, most telling first."""

_HEX = re.compile(r"[0-9A-Fa-f]{16,124}")


class ListFile(Closing):
    """The codes of one exported list, from top to bottom, as often as they stand there.

    Raises `SourceUnavailableError` for a file that cannot be opened, `ListUnreadableError` for
    one that is no list and `ColumnMissingError` for a column that it does not have; damage
    further down is found while iterating.
    """

    def __init__(self, path: Path, *, is_ours: IsOurs = looks_ours, column: str = "") -> None:
        self.name = f"list:{path}"
        self._is_ours = is_ours
        self._closed = False
        self._sheet = Sheet(path, name=self.name)
        self._column, self._first = self._place(column.strip())

    def __iter__(self) -> Iterator[Reading]:
        # A handheld lists a tag as often as it heard it.
        known: dict[str, tuple[Reading, ...]] = {}
        for _, row in islice(self._sheet.rows(), self._first, None):
            if self._closed:
                return
            cell = row.get(self._column, "")
            found = known.get(cell)
            if found is None:
                texts = untangle(unguarded(cell), is_ours=self._is_ours)
                found = tuple(readings(texts, engine="list"))
                if len(known) < _MOST_KNOWN and len(cell) <= _LONGEST_KNOWN:
                    known[cell] = found
            yield from found

    def close(self) -> None:
        """Read no further; between rows nothing is kept open but the list itself."""
        self._closed = True

    def _place(self, wanted: str) -> tuple[int, int]:
        """The column of the codes, and how many rows stand above the first of them."""
        sample = self._sheet.sample
        if not wanted:
            column = _best_column(sample, self._is_ours)
            return column, _first_row(sample, column)
        column, above = self._sheet.named(wanted)
        return column, _first_row(sample, column) if above is None else above


def _first_row(sample: list[Row], column: int) -> int:
    """How many rows stand above the first code of a column: titles, blanks and the header."""
    cells = [unguarded(row.get(column, "")) for row in sample[:HEADER_ROWS]]
    named = [number for number, cell in enumerate(cells) if _rank(cell) is not None]
    if named:
        return named[-1] + 1
    first = next((number for number, cell in enumerate(cells) if cell), 0)
    # A header that is not known here: words, where all codes hold digits.
    has_digit = [any(map(str.isdigit, cell)) for cell in cells[first:] if cell]
    return first + 1 if len(has_digit) > 1 and not has_digit[0] and all(has_digit[1:]) else first


def _best_column(sample: list[Row], is_ours: IsOurs) -> int:
    """The column in which most cells hold one of ours; else by its header, else by its form."""
    ours: Counter[int] = Counter()
    forms: Counter[int] = Counter()
    headed: dict[int, int] = {}
    for number, row in enumerate(sample):
        for column, text in row.items():
            cell = unguarded(text)
            rank = _rank(cell)
            if number < HEADER_ROWS and rank is not None:
                headed[column] = min(rank, headed.get(column, rank))
            elif any(is_private96(one) or is_ours(one) for one in untangle(cell, is_ours=is_ours)):
                ours[column] += 1
            elif _HEX.fullmatch(cell):
                forms[column] += 1
    if ours:
        return max(ours, key=lambda column: (ours[column], -column))
    if headed:
        return min(headed, key=lambda column: (headed[column], column))
    if forms:
        return max(forms, key=lambda column: (forms[column], -column))
    return min((column for row in sample for column in row if row[column].strip()), default=0)


def _rank(cell: str) -> int | None:
    name = plain(cell)
    return _NAMES.index(name) if name in _NAMES else None
