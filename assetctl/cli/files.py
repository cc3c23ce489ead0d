"""Files that commands write, whole or not at all, and the one that holds a secret."""

from __future__ import annotations

from errno import EISDIR
from os import strerror
from pathlib import Path

from assetctl.errors import FileMissingError, StoreUnavailableError


def write_file(path: Path, data: bytes) -> None:
    """Write a file; what stood there before stays until the new one is complete.

    Raises:
        StoreUnavailableError: it cannot be written.
    """
    if not path.name:  # `.` or `/`
        raise StoreUnavailableError(db=str(path), reason=strerror(EISDIR))
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreUnavailableError(db=str(path), reason=error.strerror or str(error)) from error


def secret_in(file: Path | None) -> str:
    """Return the secret that a file holds, nothing without a file.

    It stands in a file, for whoever may list processes reads a command line.

    Raises:
        FileMissingError: it cannot be read as text.
    """
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(file=str(file)) from error
