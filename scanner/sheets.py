"""The rows of any file that a handheld exports: TXT and CSV in any usual encoding, and workbooks.

Encoding, delimiter and form are found by what stands in the file. Everything in it is bounded: its
size, its lines, its cells.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Protocol

from scanner.old_workbook import old_workbook_rows
from scanner.reading import ColumnMissingError, ListUnreadableError, SourceUnavailableError
from scanner.workbook import Row, WorkbookError, workbook_rows

MOST_BYTES = 1 << 30
"""The longest list that is read: ten million reads are half of that."""

HEADER_ROWS = 20
"""Titles, blanks and the header stand in so many rows at most."""

EPC_NAMES = ("epc", "epc号", "epc编码", "epc码", "标签", "标签号", "标签编码", "标签内容", "rfid")
"""Headers under which the numbers of radio tags stand, most telling first."""

_LONGEST_LINE = 1 << 18
_LONGEST_CELL = 1 << 17
_CHUNK = 1 << 18
_SAMPLE = 500
_BLOCK = 200
_DELIMITERS = "\t,;|"
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    b"\x84\x31\x95\x33": "gb18030",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
# A spreadsheet is kept from turning a code into a number by an apostrophe or by ="…".
_GUARDED = re.compile(r"=\"(.*)\"|'(.*)", re.DOTALL)

__all__ = ["EPC_NAMES", "HEADER_ROWS", "Row", "Sheet", "plain", "unguarded"]

_Text = Callable[[], AbstractContextManager["_Rows"]]


class _Rows(Protocol):
    """The rows of a text, as `csv.reader` gives them."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


class Sheet:
    """The rows of one file, read from the top as often as they are asked for; nothing stays open.

    `name` is what the file is called in messages, `sample` its first rows, `numbers` theirs,
    `is_workbook` whether its cells have the forms of Excel. Empty rows are left out; each comes
    with the line that it ends in, or its number in a workbook, from 1.

    Raises `SourceUnavailableError` for a file that cannot be opened and `ListUnreadableError` for
    one that is no list; damage further down is found while iterating.
    """

    def __init__(self, path: Path, *, name: str) -> None:
        self._path = path
        self._text: _Text | None = None
        self._book = workbook_rows
        try:
            with path.open("rb") as stream:
                self._text = self._reader(stream)
        except (OSError, ValueError) as error:
            raise SourceUnavailableError(source=name, reason=_why_closed(error)) from error
        self.is_workbook = self._text is None
        sample = list(islice(self.rows(), _SAMPLE))
        self.sample = [row for _, row in sample]
        self.numbers = [number for number, _ in sample]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with its number, as the texts of its cells by their columns from 0."""
        with self._telling():
            if self._text is None:
                yield from self._book(self._path)
                return
            with self._text() as rows:
                for cells in rows:
                    if any(map(str.strip, cells)):
                        yield rows.line_num, dict(enumerate(cells))

    def blocks(self, columns: Sequence[int], *, after: int) -> Iterator[list[tuple[str, ...]]]:
        """Yield the texts of two or more columns, some hundred rows at a time, each by itself.

        Rows up to the number `after` are left out, empty ones need not be: they hold empty texts.
        """
        with self._telling():
            if self._text is None:
                numbered = self._book(self._path)
                yield from _blocks((row for number, row in numbered if number > after), columns)
                return
            with self._text() as rows:
                if after:
                    next(cells for cells in rows if rows.line_num >= after)
                yield from _blocks(rows, columns)

    @property
    def width(self) -> int:
        """How many columns the first rows have."""
        return max((max(row, default=-1) + 1 for row in self.sample), default=0)

    def named(self, wanted: str) -> tuple[int, int | None]:
        """Return the column that a header, a letter or a number from 1 names.

        With it comes how many rows end with the header, None where no header named it. Raises
        `ColumnMissingError`.
        """
        name = plain(wanted)
        for number, row in enumerate(self.sample[:HEADER_ROWS]):
            for column, cell in row.items():
                if plain(cell) == name:
                    return column, number + 1
        column = _lettered(wanted)
        if 0 <= column < self.width:
            return column, None
        raise self.without(wanted)

    def without(self, wanted: str) -> ColumnMissingError:
        """Return the error that says which columns there are instead."""
        header = next((list(row.values()) for row in self.sample if len(row) == self.width), [])
        known = ", ".join(cell.strip() for cell in header if cell.strip()) or "none"
        return ColumnMissingError(file=str(self._path), column=wanted, known=known[:500])

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except WorkbookError as error:
            raise ListUnreadableError(file=str(self._path), reason=error.reason) from error
        except csv.Error as error:
            reason = "a cell is too long; perhaps a quotation mark opens it and none closes it"
            raise ListUnreadableError(file=str(self._path), reason=reason) from error
        except (OSError, UnicodeDecodeError) as error:
            reason = "it changed while it was read"
            raise ListUnreadableError(file=str(self._path), reason=reason) from error

    def _reader(self, stream: BinaryIO) -> _Text | None:
        """What reads the file as text; None for a workbook."""
        head = stream.read(4)
        if head == _ZIP:
            return None
        if head == _OLD_EXCEL:
            self._book = old_workbook_rows
            return None
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
                # Decoding letter by letter is slow, and most of a list needs none.
                is_plain = data.isascii() and "utf-16" not in encoding and not decoder.getstate()[0]
                text = data.decode("ascii") if is_plain else decoder.decode(data, final=not data)
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


@contextmanager
def _text_rows(path: Path, start: int, encoding: str) -> Iterator[_Rows]:
    with path.open("rb") as raw:
        raw.seek(start)
        # Line ends stay as they are, for those inside a cell belong to it.
        with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            sample = list(islice(text, _SAMPLE))
            delimiter = _delimiter(sample)
            every = chain(sample, text)
            csv.field_size_limit(_LONGEST_CELL)  # of the whole process: others may have raised it
            yield csv.reader(every, delimiter=delimiter) if delimiter else _Column(every)


class _Column:
    """The lines of a text without columns: a quotation mark is a character like others there."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.line_num = 0

    def __iter__(self) -> Iterator[list[str]]:
        for line in self._lines:
            self.line_num += 1
            yield [line]


def _blocks(
    rows: Iterable[list[str] | Row], columns: Sequence[int]
) -> Iterator[list[tuple[str, ...]]]:
    pick = itemgetter(*columns)
    left = iter(rows)
    while block := list(islice(left, _BLOCK)):
        try:
            yield list(zip(*map(pick, block), strict=True))
        except (IndexError, KeyError):
            full = (row if isinstance(row, dict) else dict(enumerate(row)) for row in block)
            yield list(
                zip(*([row.get(column, "") for column in columns] for row in full), strict=True)
            )


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


def plain(cell: str) -> str:
    """Return a header as it is compared: without blanks, brackets, hyphens and case."""
    return re.sub(r"[\s_()（）:：-]", "", unguarded(cell)).lower()


def _lettered(name: str) -> int:
    """The column that a letter or a number from 1 names; -1 if neither."""
    if _LETTERS.fullmatch(name):
        number = 0
        for letter in name.upper():
            number = number * 26 + ord(letter) - 64
        return number - 1
    return int(name) - 1 if re.fullmatch(r"[0-9]{1,4}", name) else -1


def unguarded(cell: str) -> str:
    """Return a cell without blanks around it and without what guards it in a spreadsheet."""
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
