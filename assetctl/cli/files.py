"""Files that commands write: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from assetctl.errors import StoreUnavailableError


def write_file(path: Path, data: bytes) -> None:
    """Write a file; what stood there before stays until the new one is complete.

    Raises:
        StoreUnavailableError: it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreUnavailableError(db=str(path), reason=error.strerror or str(error)) from error
