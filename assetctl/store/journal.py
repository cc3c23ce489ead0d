"""The journal of a station: what a session accepted and confirmed, on disk before it is believed.

One file per station, append only. A line is `MAC JSON`: canonical JSON with the number of the line
(`n`), the hash of the line before it (`p`), its kind, its time and its data, and HMAC-SHA-256 of
that JSON under the station's own key, in base64url. So a line that was changed, moved or taken out
of the middle is found and named. A last line without its end was torn by a power cut: it was never
acknowledged and is dropped. Whole lines cut off at the end cannot be told from a station that
stopped there; what they confirmed is missing in the register too.

A file that has grown long is rolled over: what still matters is carried into a new file, whose
first line follows the last one of the former, names it and holds the hash of all its bytes. The
former is kept beside it as `STATION.0001.journal`, read only. The name of the journal goes from the
old file to the finished new one in one step, so that there is no moment at which it is not whole.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from assetctl.domain.chain import b64
from assetctl.domain.identity import digest_code
from assetctl.errors import JournalBrokenError, JournalUnwritableError, StationBusyError
from assetctl.i18n import N_
from assetctl.store import disk, keys
from assetctl.store.journal_chain import ROLLED, Chain, Line

KEY = "station"
"""Name of the station's key in the key store."""
LONG = 8 << 20
"""Bytes from which on a journal is rolled over."""

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class Journal:
    """An open journal: nobody else may write to it until it is closed."""

    def __init__(self, folder: Path, station: str, key: bytes) -> None:
        """Open or begin the journal of `station` in `folder` and check every line of it.

        Raises:
            StationBusyError: another session has it open.
            JournalBrokenError: a line is not what the station wrote, or the former file is not
                the one that this one goes on from.
            JournalUnwritableError: the file cannot be read or written.
        """
        self.path = path_of(folder, station)
        self.torn = False
        """Whether a torn last line was dropped."""
        self.number = 1
        """Which file of this journal it is, from 1."""
        self._carried = 0
        self._chain = Chain(station, key)
        self._file = self._open(folder, station)
        try:
            self.lines = self._load()
            """Every line that was there when it was opened, in order."""
        except BaseException:
            self.close()
            raise

    @property
    def is_long(self) -> bool:
        """Whether it should be rolled over: it is long, and most of it is not what was carried."""
        size = self._file.tell()
        return size > LONG and size > 2 * self._carried

    def append(self, kind: str, at: str, data: Mapping[str, Any]) -> None:
        """Write one line and wait until it lies on the disk.

        Raises:
            CanonicalError: the data cannot stand in a line.
            JournalUnwritableError: the disk refuses; the line counts as not written.
        """
        line, leaf = self._chain.make(kind, at, data)
        size = self._file.tell()
        try:
            _write(self._file, line)
        except OSError as error:
            self._take_back(size)
            raise self._unusable(error) from error
        self._chain.step(leaf)

    def roll(self, at: str, carried: Iterable[tuple[str, dict[str, Any]]]) -> Path:
        """Go on in a new file that begins with the lines `carried`; return the former file.

        Raises:
            CanonicalError: a line cannot stand in a journal.
            JournalUnwritableError: the disk refuses; the journal goes on in the file it was in.
        """
        former, rest = self._part(self.number), list(carried)
        chain = self._chain.copy()
        try:
            content = self._content()
            first = {
                "former": former.name, "file": self.number + 1, "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(), "carried": len(rest),
            }  # fmt: skip
            opening = chain.extend([(ROLLED, first), *rest], at)
            disk.put(former, content, mode=0o400)
            self._take_over(opening)
            self._chain, self._carried = chain, len(opening)
            self.number += 1
            disk.sync_folder(former.parent)
        except OSError as error:
            raise self._unusable(error) from error
        return former

    def close(self) -> None:
        """Let others write."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    # --- opening ---------------------------------------------------------------------------

    def _open(self, folder: Path, station: str) -> IO[bytes]:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                is_new = not self.path.exists()
                file = _unbuffered(self.path)
                try:
                    disk.lock(file)
                except OSError as error:
                    file.close()
                    raise StationBusyError(station=station, file=str(self.path)) from error
                if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                    break
                file.close()  # it was rolled over between the two: this is the former file
            if is_new:
                disk.sync_folder(folder)
        except OSError as error:
            raise self._unusable(error) from error
        return file

    def _load(self) -> list[Line]:
        try:
            content = self._content()
            lines = self._chain.read(str(self.path), content)
            self._check_parts(lines, content)
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                self.torn = True
                self._file.truncate(whole)
                os.fsync(self._file.fileno())
            self._file.seek(whole)
        except OSError as error:
            raise self._unusable(error) from error
        return lines

    def _check_parts(self, lines: list[Line], content: bytes) -> None:
        """Check the link to the former file, and that no later one lies beside this."""
        if lines and lines[0].kind == ROLLED:
            self.number = lines[0].data["file"]
            carried = content.split(b"\n", lines[0].data["carried"] + 1)[:-1]
            self._carried = sum(len(line) + 1 for line in carried)
            self._check_former(lines[0])
        pattern = re.compile(re.escape(self.path.stem) + r"\.(\d{4,})\.journal")
        names = (pattern.fullmatch(path.name) for path in self.path.parent.iterdir())
        newest = max((int(name[1]) for name in names if name), default=0)
        # Killed while it was rolled over, it lies beside a copy of what it held then.
        copied = self._part(newest).read_bytes() if newest == self.number else b""
        if newest > self.number or not content.startswith(copied):
            problem = N_("a file that goes on from it lies beside it, so it is an old copy")
            raise JournalBrokenError(file=str(self.path), line=len(lines) + 1, problem=problem)

    def _check_former(self, first: Line) -> None:
        former = self._part(self.number - 1)
        missing = N_("the former file, which it goes on from, is not there")
        wrong = N_("the former file is not the one that it goes on from")
        if first.data["former"] != former.name:
            raise JournalBrokenError(file=str(self.path), line=first.n, problem=wrong)
        try:
            content = former.read_bytes()
        except FileNotFoundError as error:
            raise JournalBrokenError(file=str(self.path), line=first.n, problem=missing) from error
        last = content.removesuffix(b"\n").rpartition(b"\n")[2].partition(b" ")[2]
        digest = hashlib.sha256(content).hexdigest()
        if (digest, b64(hashlib.sha256(last).digest())) == (first.data["sha256"], first.p):
            return
        # Its own lines may say where it was touched; else some were cut off or put behind.
        chain = self._chain.afresh()
        chain.read(str(former), content)
        raise JournalBrokenError(file=str(former), line=chain.n + 1, problem=wrong)

    # --- the file --------------------------------------------------------------------------

    def _part(self, number: int) -> Path:
        """Return where a former file of this journal lies."""
        return self.path.with_name(f"{self.path.stem}.{number:04}.journal")

    def _content(self) -> bytes:
        at = self._file.tell()
        self._file.seek(0)
        content = self._file.read()
        self._file.seek(at)
        return content

    def _take_over(self, opening: bytes) -> None:
        """Let a new file, held already, take the name of the journal in one step."""
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        file = _unbuffered(fresh)
        try:
            disk.lock(file)
            _write(file, opening)
            fresh.replace(self.path)
        except OSError:
            file.close()
            fresh.unlink(missing_ok=True)
            raise
        former, self._file = self._file, file
        former.close()

    def _take_back(self, size: int) -> None:
        try:
            self._file.truncate(size)
            self._file.seek(size)
        except OSError:  # the torn line is dropped when the journal is opened again
            self._file.close()

    def _unusable(self, error: OSError) -> JournalUnwritableError:
        return JournalUnwritableError(file=str(self.path), reason=error.strerror or str(error))


def open_journal(folder: Path, station: str, key_folder: Path) -> Journal:
    """Open the journal of a station with its key, which is made if there is no journal yet.

    Raises:
        KeyMissingError: there is a journal, and its key has been lost.
        StationBusyError, JournalBrokenError, JournalUnwritableError: see `Journal`.
    """
    path = path_of(folder, station)
    begun = path.exists() and path.stat().st_size > 0
    key = keys.held_key(key_folder, KEY) if begun else keys.make_key(key_folder, KEY)
    return Journal(folder, station, key)


def path_of(folder: Path, station: str) -> Path:
    """Return the file of a station's journal; names that are no file names get a digest."""
    name = station if _SAFE.fullmatch(station) else digest_code(station.encode())
    return folder / f"{name}.journal"


def _unbuffered(path: Path) -> IO[bytes]:
    # What a failed write left in a buffer would come out with the next one.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    return os.fdopen(descriptor, "r+b", buffering=0)


def _write(file: IO[bytes], content: bytes) -> None:
    """Write all of it and wait until it lies on the disk."""
    rest = memoryview(content)
    while rest:
        written = file.write(rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]
    os.fsync(file.fileno())
