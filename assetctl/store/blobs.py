"""Photos and documents, kept in files named by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from assetctl.errors import FileMissingError, StoreUnavailableError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A stored file: the SHA-256 of its bytes in hex, and how many bytes it has."""

    sha256: str
    byte_count: int


def keep(directory: Path, source: Path, *, only_measure: bool = False) -> Blob:
    """Copy `source` into the store and return what it is known by.

    The copy is complete and on disk before it gets its name; keeping the same bytes twice keeps
    one file. With `only_measure` nothing is copied.

    Raises:
        FileMissingError: `source` is not a file that can be read.
        StoreUnavailableError: the copy could not be written.
    """
    try:
        reader = source.open("rb")
    except OSError as error:
        raise FileMissingError(file=str(source)) from error
    if only_measure:
        with reader:
            digest = hashlib.file_digest(reader, "sha256")
            return Blob(sha256=digest.hexdigest(), byte_count=reader.tell())
    with reader:
        return _keep(directory, reader)


def keep_bytes(directory: Path, data: bytes) -> Blob:
    """Keep bytes that were read already, as `keep` does.

    Raises:
        StoreUnavailableError: they could not be written.
    """
    return _keep(directory, BytesIO(data))


def _keep(directory: Path, reader: IO[bytes]) -> Blob:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory, prefix=".new-", delete=False) as copy:
            digest, count = hashlib.sha256(), 0
            while block := reader.read(_CHUNK):
                digest.update(block)
                count += len(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        target = path_of(directory, digest.hexdigest())
        target.parent.mkdir(mode=0o700, exist_ok=True)
        Path(copy.name).replace(target)
    except OSError as error:
        raise StoreUnavailableError(db=str(directory), reason=str(error)) from error
    return Blob(sha256=digest.hexdigest(), byte_count=count)


def erase(directory: Path, sha256: str) -> bool:
    """Take a stored file away for good; return whether it was there.

    Copies in backups, and what the disk itself keeps of deleted files, are beyond its reach.

    Raises:
        StoreUnavailableError: the file is there and cannot be removed.
    """
    path = path_of(directory, sha256)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnavailableError(db=str(path), reason=str(error)) from error
    return True


def path_of(directory: Path, sha256: str) -> Path:
    """Return where the file with this digest lies, or would lie."""
    return directory / sha256[:2] / sha256


def problem(directory: Path, sha256: str) -> str | None:
    """Return what is wrong with a stored file: `missing`, `altered`, or None."""
    path = path_of(directory, sha256)
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        return None if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "altered"
