"""A slower disk, where this machine's is too fast to show what sharing a sync is worth."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SLOW_SYNC = 0.001
"""From so many seconds on an fsync counts as slow, so that writers have something to share."""

SLOWED_BY_MS = 5


def can_slow() -> bool:
    """Return whether a server's disk can be slowed here: Linux with a C compiler."""
    return shutil.which("cc") is not None and os.name == "posix"


@contextmanager
def slow_disk(folder: Path) -> Iterator[None]:
    """Let servers that are started meanwhile wait `SLOWED_BY_MS` longer at each fdatasync."""
    folder.mkdir(mode=0o755, parents=True)
    library = folder / "slow_disk.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    before = dict(os.environ)
    os.environ |= {"LD_PRELOAD": str(library), "SLOW_DISK_MS": str(SLOWED_BY_MS)}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
