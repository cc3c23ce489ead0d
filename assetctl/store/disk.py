"""What must lie on the disk before it counts: whole files, their names, and who may write them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO


def put(path: Path, content: bytes, *, mode: int) -> None:
    """Give `path` this content: at every moment it holds what it held before, or all of it.

    Raises:
        OSError: the disk refuses; `path` is as it was.
    """
    copy = path.with_name(f"{path.name}.part")
    try:
        copy.unlink(missing_ok=True)
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        copy.chmod(mode)
        copy.replace(path)
    except OSError:
        copy.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def lock(file: IO[bytes]) -> None:
        """Hold a file; raise OSError at once where another program holds it."""
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def sync_folder(folder: Path) -> None:
        """Do nothing: folders cannot be synced there."""
        del folder
else:
    import fcntl

    def lock(file: IO[bytes]) -> None:
        """Hold a file; raise OSError at once where another program holds it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def sync_folder(folder: Path) -> None:
        """Wait until the names of a folder lie on the disk, not only what the files hold."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
