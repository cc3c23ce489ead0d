"""The cells of an Excel workbook (.xlsx, ISO/IEC 29500), read as a stream and with distrust.

A workbook is a ZIP archive of XML. No document type is let in, so there are no entities to grow;
the size of every part is bounded before and while it is unpacked.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from posixpath import join, normpath
from typing import IO
from xml.parsers import expat

MOST_BYTES = 128 << 20
"""The most that all parts that are read may hold, unpacked."""

_MOST_PARTS = 4_096
_MOST_SHARED = 2_000_000
_LONGEST_CELL = 32_768
_MOST_COLUMNS = 16_384
_CHUNK = 65_536

Row = dict[int, str]
"""The texts of one row by their columns, from 0: a row may hold one cell far to the right."""

_Start = Callable[[str, dict[str, str]], None]


class WorkbookError(Exception):
    """A file is no workbook that can be read, and why."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def workbook_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield the rows of the first sheet that holds a cell, numbered from 1, as their texts.

    Numbers come as they stand in the file; dates are numbers there. Empty rows are left out.

    Raises:
        WorkbookError: it is no workbook, damaged, locked, or larger than any list.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > _MOST_PARTS:
                raise WorkbookError(reason="it is larger than any list")
            yield from _Workbook(archive).rows()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError) as error:
        raise WorkbookError(reason="the workbook is damaged") from error
    except (NotImplementedError, RuntimeError) as error:
        # What zipfile raises for a password and for a rare kind of packing.
        raise WorkbookError(
            reason="it is locked with a password or packed in a rare way"
        ) from error
    except expat.ExpatError as error:
        raise WorkbookError(reason="the workbook is damaged") from error


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MOST_BYTES

    def rows(self) -> Iterator[tuple[int, Row]]:
        shared: list[str] | None = None
        for name in self._sheets():
            if shared is None:
                shared = self._shared()
            some = False
            for row in self._sheet(name, shared):
                some = True
                yield row
            if some:
                return

    def _sheets(self) -> list[str]:
        """The parts that hold the sheets, in the order of the workbook."""
        kinds: dict[str, str] = {}
        order: list[str] = []

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship":
                target = attributes.get("Target", "")
                kinds[attributes.get("Id", "")] = normpath(
                    target.lstrip("/") if target.startswith("/") else join("xl", target)
                )

        def sheet(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet":
                order.extend(value for key, value in attributes.items() if key == "id")

        if "xl/workbook.xml" not in self._archive.namelist():
            raise WorkbookError(reason="it is an archive, but no Excel workbook")
        self._read("xl/workbook.xml", sheet)
        self._read("xl/_rels/workbook.xml.rels", relation)
        return [kinds[one] for one in order if kinds.get(one, "").startswith("xl/worksheets/")]

    def _shared(self) -> list[str]:
        name = "xl/sharedStrings.xml"
        if name not in self._archive.namelist():
            return []
        texts = _Shared()
        for _ in self._chunks(name, texts.parser):
            if len(texts.found) > _MOST_SHARED:
                raise WorkbookError(reason="it is larger than any list")
        return texts.found

    def _sheet(self, name: str, shared: list[str]) -> Iterator[tuple[int, Row]]:
        sheet = _Sheet(shared)
        for _ in self._chunks(name, sheet.parser):
            yield from sheet.rows
            sheet.rows.clear()

    def _read(self, name: str, on_start: _Start) -> None:
        parser = _parser()
        parser.StartElementHandler = lambda tag, attributes: on_start(
            _local(tag), {_local(key): value for key, value in attributes.items()}
        )
        for _ in self._chunks(name, parser):
            pass

    def _chunks(self, name: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed one part to `parser`, a piece at a time."""
        if self._archive.getinfo(name).file_size > self._left:
            raise WorkbookError(reason="it is larger than any list")
        with self._archive.open(name) as part:
            for piece in _pieces(part):
                # What the archive says of its sizes is not believed.
                self._left -= len(piece)
                if self._left < 0:
                    raise WorkbookError(reason="it is larger than any list")
                parser.Parse(piece, False)  # noqa: FBT003
                yield
        parser.Parse(b"", True)  # noqa: FBT003
        yield


class _Text:
    """Collects the text of the elements that hold some."""

    def __init__(self) -> None:
        self.parser = _parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.buffer_text = True
        self._texts: list[str] = []
        self._length = 0
        self._inside = False
        # How to say a Chinese or Japanese word aloud stands beside it, and is not part of it.
        self._aside = False

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "rPh":
            self._aside = True
        elif name in ("t", "v"):
            self._inside = not self._aside
        else:
            self.opened(name, attributes)

    def _end(self, tag: str) -> None:
        name = _local(tag)
        if name == "rPh":
            self._aside = False
        elif name in ("t", "v"):
            self._inside = False
        else:
            self.closed(name)

    def _characters(self, text: str) -> None:
        if self._inside:
            self._length += len(text)
            if self._length > _LONGEST_CELL:
                raise WorkbookError(reason="a cell is longer than Excel allows")
            self._texts.append(text)

    def taken(self) -> str:
        """The text since the last call."""
        text = "".join(self._texts)
        self._texts.clear()
        self._length = 0
        return text

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """Do what the beginning of another element asks for."""

    def closed(self, name: str) -> None:
        """Do what the end of another element asks for."""


class _Shared(_Text):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def closed(self, name: str) -> None:
        if name == "si":
            self.found.append(self.taken())


class _Sheet(_Text):
    def __init__(self, shared: list[str]) -> None:
        super().__init__()
        self.rows: list[tuple[int, Row]] = []
        self._number = 0
        self._shared = shared
        self._row: Row = {}
        self._kind = ""
        self._column = -1

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row, self._column = {}, -1
            self._number = _number(attributes.get("r", ""), self._number + 1)
        elif name == "c":
            self.taken()
            self._kind = attributes.get("t", "n")
            self._column = _column(attributes.get("r", ""), self._column + 1)

    def closed(self, name: str) -> None:
        if name == "c":
            text = self.taken()
            if self._kind == "s" and text:
                text = self._shared[_index(text, len(self._shared))]
            if text and self._kind != "e":
                self._row[self._column] = text
        elif name == "row" and self._row:
            self.rows.append((self._number, self._row))
            self._row = {}


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise WorkbookError(reason="it declares a document type, which no workbook does")

    # Without a document type there are no entities but the five of XML itself.
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    while piece := part.read(_CHUNK):
        yield piece


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _column(reference: str, following: int) -> int:
    """The column of a cell from its reference, `B12` being 1; without one, the next."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
        if number > _MOST_COLUMNS:
            raise WorkbookError(reason="the workbook is damaged")
    return number - 1 if number else following


def _number(text: str, following: int) -> int:
    """The number that a row gives itself; without one, the next."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else following


def _index(text: str, count: int) -> int:
    index = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else count
    if index >= count:
        raise WorkbookError(reason="the workbook is damaged")
    return index
