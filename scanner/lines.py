"""Texts that come as lines of a stream: standard input, typed, pasted or from a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import IO

from scanner.base import Closing, decoded
from scanner.reading import Reading, SourceUnavailableError
from scanner.said import ANY, said
from scanner.untangle import MOST_HELD, IsOurs, looks_ours, untangle


class Lines(Closing):
    """The lines of a stream of bytes or of text, by default standard input, each cut into texts.

    The same text in two lines comes twice. `close` takes effect with the next line, and leaves
    the stream open. Raises `SourceUnavailableError` where standard input is closed.
    """

    name = "stdin:"

    def __init__(
        self,
        stream: IO[str] | IO[bytes] | None = None,
        *,
        is_ours: IsOurs = looks_ours,
        form: str = ANY,
    ) -> None:
        found = stream or _standard_input()
        if found is None:
            raise SourceUnavailableError(source=self.name, reason="standard input is closed")
        self._stream = found
        self._is_ours = is_ours
        self._form = form
        self._closed = False

    def __iter__(self) -> Iterator[Reading]:
        while not self._closed and (line := self._line()) is not None:
            texts = untangle(line, is_ours=self._is_ours)
            yield from said(texts, engine="stdin", form=self._form)

    def close(self) -> None:
        """Take no further line."""
        self._closed = True

    def _line(self) -> str | None:
        """The next line; one that is longer than any read is cut."""
        try:
            line = self._stream.readline(MOST_HELD)
        except (OSError, ValueError):
            # The stream was closed by someone else: that is its end.
            return None
        if not line:
            return None
        return decoded(line) if isinstance(line, bytes) else line


def _standard_input() -> IO[str] | IO[bytes] | None:
    # A program without a console has none.
    stream: IO[str] | None = sys.stdin
    if stream is None or stream.closed:
        return None
    # A list from a pipe may be in another encoding than this machine's.
    return stream.buffer if isinstance(stream, io.TextIOWrapper) else stream
