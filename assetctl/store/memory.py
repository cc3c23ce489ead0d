"""What was signed, on the disk before the signature is let go: the log's signer, and a witness.

A directory holds `signed`, every note that was ever signed, one after another with an empty line
between them and only ever added to, and `last-…`, the newest note of each log, made from it. What
was written to `signed` counts, whether or not the program lived to write the other file; half a
note at its end was never let go and is dropped. The files guard each other: where a newest note is
missing it is written again, and where it knows more than `signed`, notes were taken out of there.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import Note, parse_note
from assetctl.errors import JournalBrokenError, JournalUnwritableError, NoteInvalidError
from assetctl.i18n import N_
from assetctl.store.disk import sync_folder
from assetctl.store.engine import lock_file, unlock_file

_BETWEEN = b"\n\n"
"""Stands between the text and the signatures of a note, and after each note."""


class Memory:
    """What was signed last for each log, and everything that was ever signed, in a directory.

    Safe between threads and processes: whoever signs holds it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._signed = directory / "signed"
        self._last: dict[str, bytes] = {}
        self._unpublished: set[str] = set()
        self._end = 0
        self._lines = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one who signs, and who remembers, until the end.

        Raises:
            JournalBrokenError: what is kept is not what was written.
            JournalUnwritableError: it cannot be read or written.
        """
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._directory / "lock").open("ab")
        except OSError as error:
            raise self._unusable(error) from error
        with lock:
            try:
                lock_file(lock)
            except OSError as error:
                raise self._unusable(error) from error
            try:
                self._catch_up()
                yield
            finally:
                unlock_file(lock)

    def last(self, origin: str) -> Note | None:
        """Return the note that was signed last for a log, None if there is none; only while held.

        Raises:
            JournalBrokenError: what is kept is no note.
        """
        raw = self._last.get(origin)
        if raw is None:
            return None
        try:
            return parse_note(raw.decode())
        except (NoteInvalidError, UnicodeDecodeError) as error:
            raise self._broken(N_("its bytes cannot be read")) from error

    def origins(self) -> list[str]:
        """Return every log that something was signed for; only while held."""
        return sorted(self._last)

    def published(self, origin_hash: str) -> str | None:
        """Return the newest note of the log whose origin has this SHA-256 (hex); by anyone."""
        try:
            text = self._path(origin_hash).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return None
        return text if _hash(text.partition("\n")[0]) == origin_hash else None

    def newest(self, origin: str) -> Note | None:
        """Return the newest note of a log as it is published; nobody needs to hold the memory.

        Raises:
            NoteInvalidError: it is no note.
        """
        text = self.published(_hash(origin))
        return None if text is None else parse_note(text)

    def keep(self, origin: str, note: Note) -> None:
        """Remember a note: it lies on the disk, twice, when this returns; only while held.

        Raises:
            JournalUnwritableError: the disk refuses. The signature must not be let go; whether
                the note is remembered shows when it is asked for the next time.
        """
        raw = str(note).encode()
        try:
            with self._open() as file:
                file.seek(self._end)
                try:
                    _write_all(file, raw + b"\n")
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(self._end)
                    raise
            self._take(raw)
            self._publish(origin)
        except OSError as error:
            raise self._unusable(error) from error

    def _catch_up(self) -> None:
        """Take in what was signed since this object looked, and finish what was left half done."""
        first = not self._end
        try:
            with self._open() as file:
                if file.seek(0, os.SEEK_END) < self._end:
                    raise self._broken(N_("notes were taken out of it"))
                file.seek(self._end)
                self._take_all(file.read())
                if file.seek(0, os.SEEK_END) > self._end:  # torn, and so never let go
                    file.truncate(self._end)
                    os.fsync(file.fileno())
            if first:
                self._must_know_all()
            for origin in sorted(self._unpublished):
                self._publish(origin)
        except OSError as error:
            raise self._unusable(error) from error

    def _take_all(self, content: bytes) -> None:
        """Take in whole notes: pairs of a text and its signatures."""
        blocks = content.split(_BETWEEN)[:-1]
        for text, signatures in zip(blocks[::2], blocks[1::2], strict=False):
            self._take(text + _BETWEEN + signatures + b"\n")

    def _take(self, raw: bytes) -> None:
        try:
            origin, size = _head(raw)
            before = _head(self._last[origin])[1] if origin in self._last else 0
        except ValueError as error:
            raise self._broken(N_("its bytes cannot be read")) from error
        if size < before:
            raise self._broken(N_("it does not follow the line before it"))
        self._last[origin] = raw
        self._end += len(raw) + 1
        self._unpublished.add(origin)
        self._lines += raw.count(b"\n") + 1

    def _must_know_all(self) -> None:
        for path in self._directory.glob("last-*[0-9a-f]"):
            try:
                newest = parse_checkpoint(parse_note(path.read_bytes().decode()).text)
            except (NoteInvalidError, UnicodeDecodeError):
                continue  # it is written again from what was signed
            known = self._last.get(newest.origin)
            if known is None or _head(known)[1] < newest.size:
                raise self._broken(N_("notes were taken out of it"))

    def _publish(self, origin: str) -> None:
        """Write the newest note of a log for everybody to read, unless it stands there."""
        path, raw = self._path(_hash(origin)), self._last[origin]
        if not path.exists() or path.read_bytes() != raw:
            fresh = path.with_suffix(".new")
            with fresh.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            sync_folder(self._directory)
        self._unpublished.discard(origin)

    def _open(self) -> IO[bytes]:
        is_new = not self._signed.exists()
        # Unbuffered: what a failed write left in a buffer would come out with the next one.
        descriptor = os.open(self._signed, os.O_RDWR | os.O_CREAT, 0o600)
        if is_new:
            sync_folder(self._directory)
        return os.fdopen(descriptor, "r+b", buffering=0)

    def _path(self, origin_hash: str) -> Path:
        return self._directory / f"last-{origin_hash[:16]}"

    def _broken(self, problem: str) -> JournalBrokenError:
        return JournalBrokenError(file=str(self._signed), line=self._lines + 1, problem=problem)

    def _unusable(self, error: OSError) -> JournalUnwritableError:
        reason = error.strerror or str(error)
        return JournalUnwritableError(file=str(self._directory), reason=reason)


def _head(raw: bytes) -> tuple[str, int]:
    """Return log and size of a note without reading the rest: thousands are looked through."""
    origin, size, _rest = raw.split(b"\n", 2)
    return origin.decode(), int(size)


def _hash(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _write_all(file: IO[bytes], data: bytes) -> None:
    if file.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
