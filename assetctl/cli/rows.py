"""Long lists: the first rows on the screen, all of them in a file, none kept longer than needed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from assetctl.acts.importing.plan import defused
from assetctl.cli.output import Table, Words, plain
from assetctl.errors import InputError, StoreUnavailableError

T = TypeVar("T")

FORMS = (".csv", ".jsonl")
"""What a list can be written as: for spreadsheets, or one JSON object a line for programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[T]):
    """One column: its heading, the text of a cell, and whether only files have it."""

    heading: str
    cell: Callable[[T, Words], str]
    only_in_files: bool = False


class Rows(Generic[T]):
    """Takes rows as they come: keeps the first ones to be shown, hands all of them to a file."""

    def __init__(self, limit: int, write: Callable[[T], None] | None = None) -> None:
        self.shown: list[T] = []
        self.count = 0
        self._limit = limit
        self._write = write

    def add(self, row: T) -> None:
        """Take the next row."""
        self.count += 1
        if len(self.shown) < self._limit:
            self.shown.append(row)
        if self._write is not None:
            self._write(row)

    @property
    def are_more(self) -> bool:
        """Whether rows came that are not shown."""
        return self.count > len(self.shown)


@contextmanager
def rows_to(
    out: Path | None, columns: Sequence[Column[T]], words: Words, *, limit: int
) -> Iterator[Rows[T]]:
    """Give what takes rows; the file, if there is one, gets its name only when it is complete.

    Cells that a spreadsheet would run as a formula are defused.

    Raises:
        InputError: the name of the file ends in neither .csv nor .jsonl.
        StoreUnavailableError: the file cannot be written.
    """
    if out is None:
        yield Rows(limit)
        return
    if out.suffix.lower() not in FORMS:
        raise InputError(field="--out", value=str(out), expected="a file ending in .csv or .jsonl")
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding=_ENCODINGS[out.suffix.lower()], newline="") as stream:
            writer = _WRITERS[out.suffix.lower()](stream, columns, words)
            yield Rows(limit, writer)
        part.replace(out)
    except OSError as error:
        raise StoreUnavailableError(db=str(out), reason=str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def table_of(rows: Sequence[T], columns: Sequence[Column[T]], words: Words) -> Table:
    """Return rows as people read them on a screen."""
    shown = [column for column in columns if not column.only_in_files]
    return Table(
        columns=[words.say(column.heading) for column in shown],
        rows=[[column.cell(row, words) for column in shown] for row in rows],
    )


def _csv(
    stream: IO[str], columns: Sequence[Column[T]], words: Words
) -> Callable[[T], None]:  # fmt: skip
    writer = csv.writer(stream)
    writer.writerow([words.say(column.heading) for column in columns])

    def write(row: T) -> None:
        writer.writerow([defused(column.cell(row, words)) for column in columns])

    return write


def _jsonl(stream: IO[str], _columns: Any, _words: Words) -> Callable[[Any], None]:
    def write(row: Any) -> None:
        stream.write(json.dumps(plain(row), ensure_ascii=False) + "\n")

    return write


_ENCODINGS = {".csv": "utf-8-sig", ".jsonl": "utf-8"}
_WRITERS: dict[str, Callable[..., Callable[[Any], None]]] = {".csv": _csv, ".jsonl": _jsonl}
