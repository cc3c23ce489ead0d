"""A witness that is killed while it signs.

    python -m tests.faults.witness_victim FOLDER FILE WHERE

WHERE is `asked` (nothing is written yet), `torn` (half a note lies in its memory), `written` (the
note lies there and nothing else was done), or `published` (all is done but the answer).
"""

from __future__ import annotations

import os
import signal
import sys
from typing import IO, Any

from assetctl.cli.app import main
from assetctl.store import memory


def die(*_arguments: Any, **_options: Any) -> None:
    """Kill this program as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def sign(folder: str, file: str, where: str) -> None:
    """Sign a request and die on the way."""
    write, keep = memory._write_all, memory.Memory.keep

    def half(file: IO[bytes], data: bytes) -> None:
        write(file, data[: len(data) // 2])
        die()

    def whole(file: IO[bytes], data: bytes) -> None:
        write(file, data)
        os.fsync(file.fileno())
        die()

    def kept(*arguments: Any) -> None:
        keep(*arguments)
        die()

    if where in ("asked", "published"):
        setattr(memory.Memory, "keep", die if where == "asked" else kept)  # noqa: B010  a method
    else:
        memory._write_all = half if where == "torn" else whole
    raise SystemExit(main(["witness", "sign", file, "--dir", folder, "--out", f"{file}.signed"]))


if __name__ == "__main__":
    sign(*sys.argv[1:])
