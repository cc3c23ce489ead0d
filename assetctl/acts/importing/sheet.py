"""A list as people have it: a CSV file of any usual encoding, delimiter and line end, streamed.

A file is read once for its digest, once or twice to know its encoding, then for its header and
for its rows. Memory stays the same however long the file is.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from assetctl.acts.cells import INVISIBLE
from assetctl.acts.importing.header import column_letters, header_name
from assetctl.errors import FileFormatError, FileMissingError
from assetctl.i18n import N_, Phrase

CELL_LIMIT = 1 << 20
LINE_LIMIT = 2 << 20
DELIMITERS = ",;\t"

_CHUNK = 1 << 18
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    b"\x84\x31\x95\x33": "gb18030",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_OTHER_KINDS = {
    b"pk\x03\x04": N_(
        "it is an Excel workbook or another archive, not a list; open it in a spreadsheet and save "
        "it as CSV"
    ),
    b"\xd0\xcf\x11\xe0": N_(
        "it is an old Excel workbook, not a list; open it in a spreadsheet and save it as CSV"
    ),
    b"<html": N_("it is a web page, not a list; open it in a spreadsheet and save it as CSV"),
    b"<?xml": N_("it is an XML document, not a list; open it in a spreadsheet and save it as CSV"),
}
# So many Chinese characters before the first fault do not come out of GBK bytes by accident.
_SURELY_UTF8 = 4
_WIDE = re.compile("[\u0800-\U0010ffff]")
# Marks bytes that a decoder cannot read; a lone surrogate, for no text holds one.
_UNREADABLE = "\ud800"


@dataclass(slots=True)
class Sheet:
    """One open list: what it is called, how it is written, its header, and its rows."""

    name: str
    encoding: str
    delimiter: str
    header: tuple[str, ...] = field(default=(), init=False)
    header_row: int = field(default=1, init=False)
    _stream: BinaryIO = field(repr=False)
    _start: int = field(repr=False)
    _digest: str = field(repr=False)
    _ignored: set[int] = field(default_factory=set, init=False, repr=False)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Letters of the columns that hold data under a blank header, in the rows read so far."""
        return tuple(column_letters(index) for index in sorted(self._ignored))

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes in hexadecimal."""
        return self._digest

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row under the header with its number as a spreadsheet shows it, from 1.

        Cells come as they stand in the file, and as many as the row has. An empty row between
        others comes as an empty list; empty rows at the end do not come. Read one such iterator
        at a time, for all read the same file.

        Raises:
            FileFormatError: a quotation mark is not closed, or a cell is too long.
        """
        blank = [index for index, name in enumerate(self.header) if not name]
        empty = 0
        for row, cells in self._records():
            if row <= self.header_row:
                continue
            if _is_empty(cells):
                empty += 1
                continue
            if empty:
                yield from ((number, []) for number in range(row - empty, row))
                empty = 0
            for index in blank:
                if index < len(cells) and cells[index].strip(INVISIBLE):
                    self._ignored.add(index)
            yield row, cells

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        row = 0
        with _text(self._stream, self._start, self.encoding) as text:
            try:
                for row, cells in enumerate(_reader(text, self.delimiter), 1):
                    yield row, cells
            except csv.Error as error:
                wrong = _csv_reason(str(error), row + 1)
                raise FileFormatError(file=self.name, reason=wrong, row=row + 1) from None
            except UnicodeDecodeError:
                reason = "it changed while it was read; import it again"
                raise FileFormatError(file=self.name, reason=reason) from None


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """Open a CSV file as a sheet for as long as the context lasts.

    Raises:
        FileMissingError: there is no such file.
        FileFormatError: it cannot be opened, or see `read_sheet`.
    """
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise FileMissingError(file=str(path)) from None
    except OSError as error:
        raise FileFormatError(file=str(path), reason=_why_closed(error)) from None
    with stream, read_sheet(stream, path.name) as sheet:
        yield sheet


@contextmanager
def read_sheet(stream: BinaryIO, name: str) -> Iterator[Sheet]:
    """Read a stream of bytes, from its first to its last, as a sheet; it is left open.

    A stream that cannot go back, such as a pipe, is copied to a nameless file first.

    Raises:
        FileFormatError: it is another kind of file, or empty; bytes in it belong to no encoding
            known here; it holds a NUL byte; or its header cannot be read.
    """
    if not stream.seekable():
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            with read_sheet(copy, name) as sheet:
                yield sheet
        return
    digest = _check_kind(stream, name)
    encoding, start = _find_encoding(stream, name)
    with _text(stream, start, encoding) as text:
        delimiter = _find_delimiter(text)
    sheet = Sheet(name, encoding, delimiter, stream, start, digest)
    for row, cells in sheet._records():
        if not _is_empty(cells):
            sheet.header, sheet.header_row = tuple(map(header_name, cells)), row
            break
    else:
        raise FileFormatError(file=name, reason="it is empty; the first row must name the columns")
    yield sheet


def _check_kind(stream: BinaryIO, name: str) -> str:
    """Return the digest of a whole stream, unless its first bytes are those of another format."""
    stream.seek(0)
    chunk = stream.read(_CHUNK)
    head = chunk[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for magic, reason in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise FileFormatError(file=name, reason=reason)
    digest = hashlib.sha256()
    while chunk:
        digest.update(chunk)
        chunk = stream.read(_CHUNK)
    return digest.hexdigest()


def _find_encoding(stream: BinaryIO, name: str) -> tuple[str, int]:
    """Return the encoding in which a whole stream can be read, and where its text starts."""
    stream.seek(0)
    head = stream.read(4)
    bom = next((bom for bom in _BOMS if head.startswith(bom)), b"")
    encoding, start = _BOMS.get(bom, "utf-8"), len(bom)
    bad, wide = _scan(stream, name, start, encoding)
    if not bom and bad is not None and wide < _SURELY_UTF8:
        other, _ = _scan(stream, name, start, "gb18030")
        if other is None or other > bad:
            encoding, bad = "gb18030", other
    if bad is not None:
        row = _row_holding(_UNREADABLE, stream, start, encoding)
        reason = Phrase(
            N_(
                "byte {offset} (counted from 0), in row {row}, is not {encoding} text; save the "
                "list again as CSV (UTF-8)"
            ),
            offset=bad, row=row, encoding=encoding.upper(),
        )  # fmt: skip
        raise FileFormatError(file=name, reason=reason, row=row, offset=bad)
    return encoding, start


def _scan(stream: BinaryIO, name: str, start: int, encoding: str) -> tuple[int | None, int]:
    """Decode to the end; return where that fails, and how many characters are surely Chinese."""
    stream.seek(start)
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, wide, line, chunk = start, 0, 0, b"-"
    while chunk:
        chunk = stream.read(_CHUNK)
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            readable = error.object[: error.start].decode(encoding)
            return offset - held + error.start, wide + len(_WIDE.findall(readable))
        offset += len(chunk)
        if "\0" in text:
            row = _row_holding("\0", stream, start, encoding)
            template = N_("row {row} holds a NUL byte; save the list again as CSV (UTF-8)")
            reason = Phrase(template, row=row)
            raise FileFormatError(file=name, reason=reason, row=row)
        if wide < _SURELY_UTF8 and not text.isascii():
            wide += len(_WIDE.findall(text))
        end = max(text.rfind("\n"), text.rfind("\r"))
        line = line + len(text) if end < 0 else len(text) - end - 1
        if line > LINE_LIMIT:
            template = N_("it has a line of more than {limit} characters, so it is no list")
            reason = Phrase(template, limit=LINE_LIMIT)
            raise FileFormatError(file=name, reason=reason)
    return None, wide


def _find_delimiter(lines: Iterable[str]) -> str:
    """Return the candidate that stands most often outside quotes in the first row with words."""
    counts = dict.fromkeys(DELIMITERS, 0)
    quoted, words, before = False, False, "\n"
    for line in lines:
        for character in line:
            if quoted:
                quoted = character != '"'
            elif character == '"':
                # A quote opens only where a cell begins, or again right behind one that closed.
                quoted = before in '"\r\n' + DELIMITERS
                character = character if quoted else "x"
            elif character in counts:
                counts[character] += 1
            words = words or character not in '"' + DELIMITERS + INVISIBLE
            before = character
        if words and not quoted:
            break
        if not quoted:
            counts = dict.fromkeys(DELIMITERS, 0)
    return max(counts, key=lambda delimiter: counts[delimiter])


def _row_holding(mark: str, stream: BinaryIO, start: int, encoding: str) -> int:
    """Return the row of the first cell that holds `mark`, unless the rows break off before."""
    codecs.register_error("assetctl.mark", _mark_unreadable)
    row = 0
    with _text(stream, start, encoding, "assetctl.mark") as text:
        delimiter = _find_delimiter(_cut_lines(text))
    with _text(stream, start, encoding, "assetctl.mark") as text:
        try:
            for row, cells in enumerate(_reader(_cut_lines(text), delimiter, strict=False), 1):
                if any(mark in cell for cell in cells):
                    return row
        except csv.Error:
            return row + 1
    return max(row, 1)


def _mark_unreadable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _UNREADABLE, error.end


def _cut_lines(text: io.TextIOWrapper) -> Iterator[str]:
    # What is no text may have no line ends either, and must still fit into memory.
    return iter(partial(text.readline, LINE_LIMIT), "")


@contextmanager
def _text(
    stream: BinaryIO, start: int, encoding: str, errors: str = "strict"
) -> Iterator[io.TextIOWrapper]:
    stream.seek(start)
    # Line ends stay as they are, for those inside a cell belong to it.
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    try:
        yield text
    finally:
        if not stream.closed:
            text.detach()


def _reader(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> Iterator[list[str]]:
    csv.field_size_limit(CELL_LIMIT)
    # Strict, for otherwise quotes that do not fit are dropped and the rows behind them swallowed.
    return csv.reader(lines, delimiter=delimiter, strict=strict)


def _csv_reason(error: str, row: int) -> Phrase:
    if "field limit" in error:
        template = N_(
            "in row {row} a cell is longer than {limit} characters; perhaps a quotation mark "
            '(") opens it and none closes it'
        )
        return Phrase(template, row=row, limit=CELL_LIMIT)
    template = N_(
        'in row {row} a quotation mark (") opens a cell and none closes it at its end; close '
        'the cell, or write each quotation mark inside it twice ("")'
    )
    return Phrase(template, row=row)


def _why_closed(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "it may not be opened"
    return error.strerror or "the system refuses to open it"


def _is_empty(cells: list[str]) -> bool:
    return not "".join(cells).strip(INVISIBLE)
