"""Files that commands write: whole, or not at all."""

from __future__ import annotations

from errno import EISDIR
from os import strerror
from pathlib import Path

from assetctl.errors import StoreUnavailableError


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
