"""Reader modules that are none: they answer as the real ones do, at the other end of a line."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from scanner.uhf import chainway, m100, uhfreader18
from scanner.uhf.frames import Frames

EPCS = tuple(bytes.fromhex(f"E2801160600002{n:010X}") for n in range(5))


def chainway_tag(epc: bytes, tenths: int = -657, antenna: int = 0, tid: bytes = b"") -> bytes:
    pc = (len(epc) // 2 << 11).to_bytes(2, "big")
    strength = tenths.to_bytes(2, "big", signed=True)
    return chainway.frame(0x83, pc + epc + tid + strength + bytes([antenna]))


def m100_tag(epc: bytes, dbm: int = -55) -> bytes:
    pc = (len(epc) // 2 << 11).to_bytes(2, "big")
    return m100.frame(2, 0x22, dbm.to_bytes(1, "big", signed=True) + pc + epc + b"\x3a\x76")


def pushed_tag(epc: bytes) -> bytes:
    return uhfreader18.frame(b"\x00\xee\x00" + epc)


def answered_tags(epcs: tuple[bytes, ...], status: int = 1) -> bytes:
    tags = b"".join(bytes([len(epc)]) + epc for epc in epcs)
    return uhfreader18.frame(bytes([0, 1, status, len(epcs)]) + tags)


class Told:
    """The frames that were said to a module, and what it answers to each."""

    def __init__(self, frames: Frames, answers: dict[bytes, list[bytes]]) -> None:
        self.frames = frames
        self.heard: list[bytes] = []
        self._answers = answers
        self._held = b""

    def say(self, data: bytes) -> list[bytes]:
        """Take what the program sent; return the pieces that go back."""
        self._held += data
        pieces: list[bytes] = []
        while order := next((one for one in self._answers if self._held.startswith(one)), b""):
            self._held = self._held[len(order) :]
            self.heard.append(order)
            pieces += self._answers[order]
        return pieces


@contextmanager
def running(
    told: Told, read: Callable[[], bytes], write: Callable[[bytes], object], fd: int
) -> Iterator[None]:
    """Let a module answer in a thread of its own until the block ends."""
    stop_read, stop_write = os.pipe()

    def serve() -> None:
        with suppress(OSError):
            while True:
                ready, _, _ = select.select([fd, stop_read], [], [])
                if fd in ready:
                    data = read()
                    if not data:
                        return
                    for piece in told.say(data):
                        write(piece)
                elif stop_read in ready:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(stop_write, b"-")
        thread.join(10)
        os.close(stop_read)
        os.close(stop_write)
