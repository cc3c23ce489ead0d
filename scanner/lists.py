"""Lists that handhelds export: TXT and CSV in any usual encoding, and Excel workbooks.

The column with the codes is found by what stands in it, or named by its header, its letter or
its number. Each of its cells is one reading, or several where reads are glued together.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from scanner.base import Closing, readings
from scanner.epc96 import is_private96
from scanner.reading import (
    ColumnMissingError,
    ListUnreadableError,
    Reading,
    SourceUnavailableError,
)
from scanner.untangle import IsOurs, looks_ours, untangle
from scanner.workbook import Row, WorkbookError, workbook_rows

MOST_BYTES = 1 << 30
"""The longest list that is read: ten million reads are half of that."""

_LONGEST_LINE = 1 << 18
_LONGEST_CELL = 1 << 17
_CHUNK = 1 << 18
_SAMPLE = 500
_MOST_KNOWN, _LONGEST_KNOWN = 100_000, 200
_HEADER_ROWS = 20
_DELIMITERS = "\t,;|"
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    b"\x84\x31\x95\x33": "gb18030",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NAMES = (
    *("epc", "epc号", "epc编码", "epc码", "标签", "标签号", "标签编码", "标签内容", "rfid"),
    *("二维码", "条码", "条形码", "条码号", "资产编码", "资产编号", "资产条码", "编码", "编号"),
    *("barcode", "qrcode", "qr", "code", "tag", "tagid", "data", "text", "内容", "数据"),
)
"""Headers under which codes stand, most telling first."""

_HEX = re.compile(r"[0-9A-Fa-f]{16,124}")
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
# A spreadsheet is kept from turning a code into a number by an apostrophe or by ="…".
_GUARDED = re.compile(r"=\"(.*)\"|'(.*)", re.DOTALL)


class ListFile(Closing):
    """The codes of one exported list, from top to bottom, as often as they stand there.

    Raises `SourceUnavailableError` for a file that cannot be opened, `ListUnreadableError` for
    one that is no list and `ColumnMissingError` for a column that it does not have; damage
    further down is found while iterating.
    """

    def __init__(self, path: Path, *, is_ours: IsOurs = looks_ours, column: str = "") -> None:
        self.name = f"list:{path}"
        self._path = path
        self._is_ours = is_ours
        self._closed = False
        try:
            with path.open("rb") as stream:
                self._rows = self._reader(stream)
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=self.name, reason=_why_closed(error)) from error
        sample = list(islice(self._all_rows(), _SAMPLE))
        self._column, self._first = self._place(sample, column.strip())

    def __iter__(self) -> Iterator[Reading]:
        # A handheld lists a tag as often as it heard it.
        known: dict[str, tuple[Reading, ...]] = {}
        for row in islice(self._all_rows(), self._first, None):
            if self._closed:
                return
            cell = row.get(self._column, "")
            found = known.get(cell)
            if found is None:
                texts = untangle(_unguarded(cell), is_ours=self._is_ours)
                found = tuple(readings(texts, engine="list"))
                if len(known) < _MOST_KNOWN and len(cell) <= _LONGEST_KNOWN:
                    known[cell] = found
            yield from found

    def close(self) -> None:
        """Read no further; between rows nothing is kept open but the list itself."""
        self._closed = True

    def _all_rows(self) -> Iterator[Row]:
        try:
            yield from self._rows()
        except WorkbookError as error:
            raise ListUnreadableError(file=str(self._path), reason=error.reason) from error
        except csv.Error as error:
            reason = "a cell is too long; perhaps a quotation mark opens it and none closes it"
            raise ListUnreadableError(file=str(self._path), reason=reason) from error
        except (OSError, UnicodeDecodeError) as error:
            reason = "it changed while it was read"
            raise ListUnreadableError(file=str(self._path), reason=reason) from error

    def _reader(self, stream: BinaryIO) -> Callable[[], Iterator[Row]]:
        head = stream.read(4)
        if head == _ZIP:
            return partial(workbook_rows, self._path)
        if head == _OLD_EXCEL:
            reason = "it is an old or a locked Excel workbook; save it as .xlsx or as CSV"
            raise ListUnreadableError(file=str(self._path), reason=reason)
        if stream.seek(0, 2) > MOST_BYTES:
            raise ListUnreadableError(file=str(self._path), reason="it is larger than any list")
        bom = next((bom for bom in _BOMS if head.startswith(bom)), b"")
        for encoding in (_BOMS[bom],) if bom else ("utf-8", "gb18030"):
            stream.seek(len(bom))
            if self._is_text(stream, encoding):
                return partial(_text_rows, self._path, len(bom), encoding)
        reason = "it is no text; save it as .xlsx or as CSV (UTF-8)"
        raise ListUnreadableError(file=str(self._path), reason=reason)

    def _is_text(self, stream: BinaryIO, encoding: str) -> bool:
        """Whether the rest of `stream` is text in `encoding`, in lines of a bearable length."""
        decoder = codecs.getincrementaldecoder(encoding)()
        line, data = 0, b"-"
        while data:
            data = stream.read(_CHUNK)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError:
                return False
            if "\0" in text:
                return False
            end = max(text.rfind("\n"), text.rfind("\r"))
            line = line + len(text) if end < 0 else len(text) - end - 1
            if line > _LONGEST_LINE:
                reason = "it has a line that is longer than any list has"
                raise ListUnreadableError(file=str(self._path), reason=reason)
        return True

    def _place(self, sample: list[Row], wanted: str) -> tuple[int, int]:
        """The column of the codes, and how many rows stand above the first of them."""
        if wanted:
            return self._named(sample, wanted)
        column = _best_column(sample, self._is_ours)
        return column, _first_row(sample, column)

    def _named(self, sample: list[Row], wanted: str) -> tuple[int, int]:
        name = _plain(wanted)
        for number, row in enumerate(sample[:_HEADER_ROWS]):
            for column, cell in row.items():
                if _plain(cell) == name:
                    return column, number + 1
        width = max((max(row, default=-1) + 1 for row in sample), default=0)
        column = _lettered(wanted)
        if 0 <= column < width:
            return column, _first_row(sample, column)
        header = next((list(row.values()) for row in sample if len(row) == width), [])
        known = ", ".join(cell.strip() for cell in header if cell.strip()) or "none"
        raise ColumnMissingError(file=str(self._path), column=wanted, known=known[:500])


def _first_row(sample: list[Row], column: int) -> int:
    """How many rows stand above the first code of a column: titles, blanks and the header."""
    cells = [_unguarded(row.get(column, "")) for row in sample[:_HEADER_ROWS]]
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
            cell = _unguarded(text)
            rank = _rank(cell)
            if number < _HEADER_ROWS and rank is not None:
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


def _text_rows(path: Path, start: int, encoding: str) -> Iterator[Row]:
    with _lines(path, start, encoding) as lines:
        sample = list(islice(lines, _SAMPLE))
        delimiter = _delimiter(sample)
        every = chain(sample, lines)
        if not delimiter:
            # Without columns a quotation mark is a character like others.
            yield from ({0: line} for line in every if line.strip())
            return
        csv.field_size_limit(_LONGEST_CELL)  # for all of the process: others may have raised it
        for cells in csv.reader(every, delimiter=delimiter):
            if any(cells):
                yield dict(enumerate(cells))


@contextmanager
def _lines(path: Path, start: int, encoding: str) -> Iterator[Iterator[str]]:
    with path.open("rb") as raw:
        raw.seek(start)
        # Line ends stay as they are, for those inside a cell belong to it.
        with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            yield iter(text)


def _delimiter(sample: list[str]) -> str:
    """The mark that parts the most lines into the same number of cells; none if it is a column."""
    best = ("", 0)
    lines = [line for line in sample if line.strip()]
    for mark in _DELIMITERS:
        counts = Counter(line.count(mark) for line in lines)
        counts.pop(0, None)
        same = max(counts.values(), default=0)
        if same > best[1]:
            best = (mark, same)
    return best[0] if best[1] * 2 >= len(lines) else ""


def _rank(cell: str) -> int | None:
    name = _plain(cell)
    return _NAMES.index(name) if name in _NAMES else None


def _plain(cell: str) -> str:
    return re.sub(r"[\s_()（）:：-]", "", _unguarded(cell)).lower()


def _lettered(name: str) -> int:
    """The column that a letter or a number from 1 names; -1 if neither."""
    if _LETTERS.fullmatch(name):
        number = 0
        for letter in name.upper():
            number = number * 26 + ord(letter) - 64
        return number - 1
    return int(name) - 1 if re.fullmatch(r"[0-9]{1,4}", name) else -1


def _unguarded(cell: str) -> str:
    plain = cell.strip()
    guarded = _GUARDED.fullmatch(plain)
    return (guarded[1] or guarded[2] or "").strip() if guarded else plain


def _why_closed(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "it may not be opened"
    return "the system refuses to open it"
