"""The journal of a station: what a session accepted and confirmed, on disk before it is believed.

One file per station, append only. A line is `MAC JSON`: canonical JSON with the number of the line
(`n`), the hash of the line before it (`p`), its kind, its time and its data, and HMAC-SHA-256 of
that JSON under the station's own key, in base64url. So a line that was changed, moved or taken out
of the middle is found and named. A last line without its end was torn by a power cut: it was never
acknowledged and is dropped. Whole lines cut off at the end cannot be told from a station that
stopped there; what they confirmed is missing in the register too.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from unicodedata import normalize

from assetctl.domain.chain import b64, canonical, parse_entry
from assetctl.domain.identity import digest_code
from assetctl.errors import (
    HistoryBrokenError,
    JournalBrokenError,
    JournalUnwritableError,
    StationBusyError,
)
from assetctl.i18n import N_
from assetctl.store import keys

FORM = "assetctl/journal@1"
KEY = "station"
"""Name of the station's key in the key store."""

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its number from 1, its kind, when it was written (an instant), and its data."""

    n: int
    kind: str
    at: str
    data: dict[str, Any]


class Journal:
    """An open journal: nobody else may write to it until it is closed."""

    def __init__(self, folder: Path, station: str, key: bytes) -> None:
        """Open or begin the journal of `station` in `folder` and check every line of it.

        Raises:
            StationBusyError: another session has it open.
            JournalBrokenError: a line is not what the station wrote.
            JournalUnwritableError: the file cannot be read or written.
        """
        self.path = path_of(folder, station)
        self.torn = False
        """Whether a torn last line was dropped."""
        self._key = key
        self._n = 0
        self._last = _first(station)
        self._file = self._open(folder, station)
        try:
            self.lines = self._load()
            """Every line that was there when it was opened, in order."""
        except BaseException:
            self.close()
            raise

    def append(self, kind: str, at: str, data: Mapping[str, Any]) -> None:
        """Write one line and wait until it lies on the disk.

        Raises:
            CanonicalError: the data cannot stand in a line.
            JournalUnwritableError: the disk refuses; the line counts as not written.
        """
        entry = canonical(
            {"_": FORM, "at": at, "data": _nfc(data), "kind": kind, "n": self._n + 1,
             "p": b64(self._last)}
        )  # fmt: skip
        size = self._file.tell()
        try:
            line = self._mac(entry) + b" " + entry + b"\n"
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            self._take_back(size)
            raise self._unusable(error) from error
        self._n += 1
        self._last = hashlib.sha256(entry).digest()

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

    def _open(self, folder: Path, station: str) -> IO[bytes]:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_new = not self.path.exists()
            # Unbuffered: what a failed write left in a buffer would come out with the next one.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            file: IO[bytes] = os.fdopen(descriptor, "r+b", buffering=0)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise StationBusyError(station=station, file=str(self.path)) from error
        if is_new:
            sync_folder(folder)
        return file

    def _load(self) -> list[Line]:
        try:
            self._file.seek(0)
            content = self._file.read()
            whole = content.rfind(b"\n") + 1
            lines = [self._line(raw) for raw in content[:whole].split(b"\n")[:-1]]
            if whole < len(content):
                self.torn = True
                self._file.truncate(whole)
                os.fsync(self._file.fileno())
            self._file.seek(whole)
        except OSError as error:
            raise self._unusable(error) from error
        return lines

    def _line(self, raw: bytes) -> Line:
        mac, _, entry = raw.partition(b" ")
        number = self._n + 1
        if not hmac.compare_digest(mac, self._mac(entry)):
            raise self._broken(N_("it was not written by this station, or was altered"))
        try:
            fields = parse_entry(str(self.path), number, entry)
        except HistoryBrokenError as error:
            raise self._broken(N_("its bytes cannot be read")) from error
        if (fields.get("_"), fields.get("n"), fields.get("p")) != (FORM, number, b64(self._last)):
            raise self._broken(N_("it does not follow the line before it"))
        self._n = number
        self._last = hashlib.sha256(entry).digest()
        return Line(n=number, kind=fields["kind"], at=fields["at"], data=fields["data"])

    def _mac(self, entry: bytes) -> bytes:
        return b64(hmac.digest(self._key, FORM.encode() + b"\0" + entry, "sha256")).encode("ascii")

    def _take_back(self, size: int) -> None:
        try:
            self._file.truncate(size)
            self._file.seek(size)
        except OSError:  # the torn line is dropped when the journal is opened again
            self._file.close()

    def _broken(self, problem: str) -> JournalBrokenError:
        return JournalBrokenError(file=str(self.path), line=self._n + 1, problem=problem)

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


def _first(station: str) -> bytes:
    """Return what stands for the line before the first: a journal cannot pass for another's."""
    return hashlib.sha256(f"{FORM}\0{station}".encode()).digest()


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, Mapping):
        return {key: _nfc(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_nfc(inner) for inner in value]
    return value


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def sync_folder(folder: Path) -> None:
        """Wait until the names in a folder lie on the disk."""
        del folder  # folders cannot be synced there
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def sync_folder(folder: Path) -> None:
        """Wait until the names in a folder lie on the disk."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
