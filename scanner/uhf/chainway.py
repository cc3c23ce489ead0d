"""Frames of Chainway modules and readers, and of the handhelds that carry one.

    A5 5A | length of all, 2 bytes | command | contents | exclusive or | 0D 0A

The exclusive or runs from the length to the contents; `C8 8C` begins a frame as well. Tags come
as command 83: PC word, EPC, the 12 bytes of a TID where the module reads it, signal strength in
tenths of a dBm (signed, 2 bytes), antenna from 0.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from scanner.uhf.frames import BEGINS_ELSEWHERE, UNDECIDED, Heard, Reply, epc_bytes, is_epc

_HEADS = (b"\xa5\x5a", b"\xc8\x8c")
_TAIL = b"\x0d\x0a"
_LEAST, _MOST = 8, 2048
_AROUND, _END = 5, 3
_VERSION, _ONE_TAG, _TAG = 0x03, 0x81, 0x83
_TID_BYTES = 12
_AFTER = 3
_FAINTEST, _LOUDEST = -1500, 200


def frame(command: int, contents: bytes = b"") -> bytes:
    """Return a frame that says a command to the module, or answers it."""
    inner = (len(contents) + _LEAST).to_bytes(2, "big") + bytes([command]) + contents
    return _HEADS[0] + inner + bytes([reduce(xor, inner)]) + _TAIL


class Chainway:
    """The family of Chainway: UR4, R series, and modules that speak as they do."""

    name = "chainway"
    baud = 115_200
    # While it reads, a module answers nothing but the order to stop.
    hello = frame(0x8C) + frame(0x02)
    start = frame(0x82, b"\0\0")
    stop = frame(0x8C)
    restless = 5.0

    def size(self, data: bytearray, at: int) -> int:
        """Return the length that the frame states; see `Frames.size`."""
        head = bytes(data[at : at + 2])
        if not any(one.startswith(head) for one in _HEADS):
            return BEGINS_ELSEWHERE
        if len(data) - at < 4:
            return UNDECIDED
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        return size if _LEAST <= size <= _MOST else BEGINS_ELSEWHERE

    def reply(self, frame: bytes) -> Reply | None:
        """Return what a frame tells; None if its check byte or its end is wrong."""
        if not frame.endswith(_TAIL) or reduce(xor, frame[2:-_END]) != frame[-_END]:
            return None
        command, contents = frame[4], frame[_AROUND:-_END]
        if command in (_TAG, _ONE_TAG):
            tag = _tag(contents)
            return Reply(tags=(tag,) if tag else ())
        if command == _VERSION and len(contents) == 3:
            return Reply(model="Chainway V{}.{}.{}".format(*contents))
        return Reply()


def _tag(record: bytes) -> Heard | None:
    if len(record) < 2:
        return None
    end = 2 + epc_bytes(record)
    epc, between = record[2:end], record[end:-_AFTER]
    if not is_epc(epc) or len(record) < end + _AFTER:
        return None
    tenths = int.from_bytes(record[-3:-1], "big", signed=True)
    return Heard(
        epc=epc,
        # Some modules put something else there: a strength that cannot be is none.
        rssi=tenths / 10 if _FAINTEST <= tenths <= _LOUDEST else None,
        antenna=record[-1] + 1,
        tid=between[:_TID_BYTES] if len(between) >= _TID_BYTES else b"",
        pc=record[:2],
    )
