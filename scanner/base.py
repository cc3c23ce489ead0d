"""What every source of readings that are no pictures is: something to iterate and to close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from scanner.epc96 import is_private96
from scanner.reading import RFID, TYPED, Reading


class Source(Protocol):
    """Where readings come from: iterate it, and close it, best as a context manager.

    Iterating waits for the next reading and ends when the source has no more or is closed, from
    another thread too. It raises `SourceLostError` where a device goes away. A source is iterated
    once at a time; closing it again does nothing.
    """

    @property
    def name(self) -> str:
        """How the source is called in messages: its address."""
        ...

    def __iter__(self) -> Iterator[Reading]: ...

    def close(self) -> None:
        """Give back what the source holds: the device, the terminal, the port, the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Closing:
    """A source's part as a context manager; what inherits it has `close`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the source holds."""
        raise NotImplementedError


def readings(texts: Iterable[str], *, engine: str) -> Iterator[Reading]:
    """Return typed texts as readings of the source `engine`."""
    return (plain(text, engine=engine) for text in texts)


def plain(text: str, *, engine: str) -> Reading:
    """Return a text that says nothing but itself as a reading."""
    return Reading(text=text, symbology=RFID if is_private96(text) else TYPED, engine=engine)


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, else GB 18030, else UTF-8 with marks where it fails."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
