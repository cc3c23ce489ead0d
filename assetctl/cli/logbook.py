"""The journal of a station and what it says: noted line by line, rolled over when it has grown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.domain.book import Book
from assetctl.domain.chain import instant
from assetctl.errors import CanonicalError, JournalBrokenError, JournalUnwritableError
from assetctl.i18n import N_
from assetctl.store.journal import Journal, open_journal


def opened(world: Context) -> Journal:
    """Open the journal of this station.

    Raises:
        StationBusyError, JournalBrokenError, JournalUnwritableError, KeyMissingError: there is no
            journal that could be trusted.
    """
    settings = world.settings
    return open_journal(settings.home / "station", settings.station, settings.keys)


def read_book(journal: Journal) -> Book:
    """Return what a journal says.

    Raises:
        JournalBrokenError: a line says what this program does not write.
    """
    book = Book()
    for line in journal.lines:
        try:
            book.apply(line.kind, line.data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = N_("this program does not know what it says")
            raise JournalBrokenError(
                file=str(journal.path), line=line.n, problem=problem
            ) from error
    return book


class Logbook:
    """A journal and its book, which always say the same."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.book = read_book(journal)

    @property
    def torn(self) -> bool:
        """Whether a torn last line of the journal was dropped."""
        return self._journal.torn

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Write a line, then let the book take it.

        Raises:
            JournalUnwritableError: the disk refuses; neither has changed.
        """
        self._journal.append(kind, instant(clock.now()), data)
        self.book.apply(kind, data)

    def roll(self) -> Path:
        """Go on in a new file of the journal; return the former one, which is kept.

        Raises:
            JournalUnwritableError: the disk refuses; the journal goes on in the file it was in.
        """
        return self._journal.roll(instant(clock.now()), self.book.carried())

    def roll_if_long(self) -> None:
        """Roll the journal over once it has grown long; where that cannot be, it grows on."""
        if not self._journal.is_long:
            return
        try:
            self.roll()
        except (JournalUnwritableError, CanonicalError):
            return  # nothing is lost: there was only no room for two files, or no right to it
