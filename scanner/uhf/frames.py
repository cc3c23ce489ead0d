"""Frames of bytes: cut from a stream, checked, and found again after anything that is none.

Pure: bytes in, replies out. A protocol says how long a frame is that begins at a place and what
a whole frame tells; the cutting is the same for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MOST_EPC_BYTES = 62
"""The longest EPC: 31 words, as many as the length field of the PC word can say (Gen2 6.3.2.1)."""

BEGINS_ELSEWHERE = 0
"""No frame begins here, and no byte to come changes that."""

UNDECIDED = -1
"""More bytes are needed to say how long the frame is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One tag in one frame: the bytes of its EPC, and what else the frame says of it.

    `rssi` is in dBm, `antenna` counts from 1, `tid` and `pc` are bytes.
    """

    epc: bytes
    rssi: float | None = None
    antenna: int | None = None
    tid: bytes = b""
    pc: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one frame tells: tags, or what the module is, or that its round of reading is over."""

    tags: tuple[Heard, ...] = ()
    model: str = ""
    is_over: bool = False


class Frames(Protocol):
    """One family of modules: how its frames look, and what is said to it.

    `name` is how an address names the family, `baud` the speed that its modules are set to when
    they are new. `hello` asks what the module is, `start` has it read tags, `stop` ends that.
    `restless` are the seconds of silence after which `start` is said again.
    """

    name: str
    baud: int
    hello: bytes
    start: bytes
    stop: bytes
    restless: float

    def size(self, data: bytearray, at: int) -> int:
        """Return how many bytes the frame has that begins at `at`.

        `BEGINS_ELSEWHERE` where none does, `UNDECIDED` where too little has come.
        """
        ...

    def reply(self, frame: bytes) -> Reply | None:
        """Return what a whole frame tells; None if its check bytes do not fit."""
        ...


class Cutter:
    """Cuts one stream into replies, however its bytes arrive; what is no frame is passed over."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """Take up what arrived and return what the frames in it tell, in order.

        No more is kept than the frame that the last bytes may be the beginning of.
        """
        self._held += data
        replies: list[Reply] = []
        at = 0
        while at < len(self._held):
            size = self._frames.size(self._held, at)
            if size == UNDECIDED or at + size > len(self._held):
                break
            reply = self._whole(at, size)
            if reply is None:
                at += 1
                continue
            replies.append(reply)
            at += size
        del self._held[:at]
        return replies

    def settle(self) -> list[Reply]:
        """Return what lies behind a beginning that never became a frame.

        Call it when nothing has come for a moment: bytes that only look like the head of a long
        frame hide the whole frames after them until then. A frame that has come in part is kept.
        """
        replies: list[Reply] = []
        while (at := self._hidden()) is not None:
            del self._held[:at]
            replies += self.feed(b"")
        return replies

    def _hidden(self) -> int | None:
        """Where the first whole frame begins behind what is being waited for."""
        for at in range(1, len(self._held)):
            size = self._frames.size(self._held, at)
            if 0 < size <= len(self._held) - at and self._whole(at, size) is not None:
                return at
        return None

    def _whole(self, at: int, size: int) -> Reply | None:
        if size == BEGINS_ELSEWHERE:
            return None
        return self._frames.reply(bytes(self._held[at : at + size]))


def is_epc(epc: bytes) -> bool:
    """Whether bytes can be an EPC: 1 to 31 words of 16 bits."""
    return 0 < len(epc) <= MOST_EPC_BYTES and len(epc) % 2 == 0


def epc_bytes(pc: bytes) -> int:
    """Return how many bytes an EPC has by its PC word: its first five bits count words."""
    return (pc[0] >> 3) * 2
