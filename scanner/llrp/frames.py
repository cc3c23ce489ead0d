"""Messages cut out of a stream of bytes: a header of ten bytes, then as much as it announces.

LLRP 1.1, 17.1: three reserved bits, three of version, ten of type; four bytes of length that
count the header too; four bytes of message number, by which an answer is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

LONGEST: Final = 1 << 20
"""So many bytes a message may have: far more than any reader sends, far less than hurts."""

HEADER: Final = Struct(">HII")
VERSIONS: Final = (1, 2)
"""1 is LLRP 1.0.1, which every reader begins with; 2 is LLRP 1.1."""

_TYPE, _VERSION, _RESERVED = 0x03FF, 10, 13


class ProtocolError(ValueError):
    """Bytes that are not LLRP: a length, a version or a field that cannot be."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, its body not yet looked into."""

    kind: int
    number: int
    body: bytes


class Framer:
    """Takes bytes as they come, in any pieces, and gives the messages that are whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> int:
        """How many bytes wait for the rest of their message."""
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Give the messages that `data` completes; it must be iterated to its end.

        Raises:
            ProtocolError: what follows is no message; those before it have been given.
        """
        held = self._held
        held += data
        at = 0
        try:
            while len(held) - at >= HEADER.size:
                first, length, number = HEADER.unpack_from(held, at)
                _check(first, length)
                if len(held) - at < length:
                    break
                with memoryview(held) as view:
                    body = bytes(view[at + HEADER.size : at + length])
                at += length
                yield Frame(first & _TYPE, number, body)
        finally:
            del held[:at]


def frame(kind: int, number: int, body: bytes = b"") -> bytes:
    """Return a message as it goes over the wire, in version 1."""
    return HEADER.pack(1 << _VERSION | kind, HEADER.size + len(body), number) + body


def _check(first: int, length: int) -> None:
    if first >> _RESERVED or first >> _VERSION not in VERSIONS:
        message = f"a message begins with {first:04X}"
        raise ProtocolError(message)
    if not HEADER.size <= length <= LONGEST:
        message = f"a message says that it is {length} bytes long"
        raise ProtocolError(message)
