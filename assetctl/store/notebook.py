"""An auditor's notebook: how far he has checked a log, in a file of his own.

It holds the size and the perfect subtrees of the tree as he saw it, and the newest entry of every
subject. With it the next check reads only what is new, and nothing that the register says about
the past has to be believed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from assetctl.domain.merkle import SIZE, Frontier
from assetctl.errors import NotebookBrokenError

_FORM = "assetctl/notebook@1"
_TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS seen (form TEXT NOT NULL, origin TEXT NOT NULL, "
        "genesis BLOB NOT NULL, size INTEGER NOT NULL, frontier BLOB NOT NULL, at TEXT NOT NULL)"
    ),
    (
        "CREATE TABLE IF NOT EXISTS head (subject TEXT PRIMARY KEY, seq INTEGER NOT NULL, "
        "leaf BLOB NOT NULL) WITHOUT ROWID"
    ),
)


class Notebook:
    """An open notebook; what was checked goes into it as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        """Open or begin a notebook.

        Raises:
            NotebookBrokenError: the file is not one, or cannot be read.
        """
        self._path = path
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                self._database.execute(statement)
            self._row = self._database.execute("SELECT * FROM seen").fetchone()
        except sqlite3.Error as error:
            raise NotebookBrokenError(file=str(path), reason=str(error)) from error
        if self._row is not None and self._row[0] != _FORM:
            raise NotebookBrokenError(file=str(path), reason=str(self._row[0]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._database.close()  # what was not kept is rolled back

    @property
    def origin(self) -> str | None:
        """The log it is about, None in a new one."""
        return None if self._row is None else str(self._row[1])

    @property
    def genesis(self) -> bytes | None:
        """The leaf of the genesis entry, None in a new one."""
        return None if self._row is None else bytes(self._row[2])

    @property
    def at(self) -> str | None:
        """When the last check was, as history writes instants; None in a new one."""
        return None if self._row is None else str(self._row[5])

    def frontier(self) -> Frontier:
        """Return the tree as it was when the last check ended."""
        grown = Frontier()
        if self._row is not None:
            grown.size = int(self._row[3])
            roots = bytes(self._row[4])
            grown.roots = [roots[place : place + SIZE] for place in range(0, len(roots), SIZE)]
        return grown

    def head(self, subject: str) -> tuple[int, bytes] | None:
        """Return number and leaf of the newest entry that was seen of a subject."""
        found = self._database.execute(
            "SELECT seq, leaf FROM head WHERE subject = ?", (subject,)
        ).fetchone()
        return None if found is None else (int(found[0]), bytes(found[1]))

    def keep(
        self, *, origin: str, genesis: bytes, grown: Frontier, at: str,
        heads: Iterable[tuple[str, int, bytes]],
    ) -> None:  # fmt: skip
        """Write down how far was checked; it lies on the disk when this returns.

        Raises:
            NotebookBrokenError: the file cannot be written.
        """
        try:
            self._database.executemany("INSERT OR REPLACE INTO head VALUES (?, ?, ?)", heads)
            self._database.execute("DELETE FROM seen")
            row = (_FORM, origin, genesis, grown.size, b"".join(grown.roots), at)
            self._database.execute("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)", row)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise NotebookBrokenError(file=str(self._path), reason=str(error)) from error
