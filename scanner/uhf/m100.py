"""Frames of the modules M100, QM100, R200 and their many relatives.

    BB | sort | command | length of the contents, 2 bytes | contents | sum | 7E

The sum runs from the sort to the contents, its last byte counts. Tags come as sort 02, command
22: signal strength in dBm (signed, 1 byte), PC word, EPC, and the tag's own CRC of 2 bytes.
"""

from __future__ import annotations

from scanner.uhf.frames import BEGINS_ELSEWHERE, UNDECIDED, Heard, Reply, is_epc

_HEAD, _TAIL = 0xBB, 0x7E
_AROUND = 7
_MOST = 512
_COMMAND, _ANSWER, _NOTICE = 0, 1, 2
_ABOUT, _READ, _READ_MANY, _STOP = 0x03, 0x22, 0x27, 0x28
_LEAST_TAG = 5
_FAINTEST, _LOUDEST = -127, 20


def frame(sort: int, command: int, contents: bytes = b"") -> bytes:
    """Return a frame of a sort: 0 says a command, 1 answers one, 2 tells of a tag."""
    inner = bytes([sort, command]) + len(contents).to_bytes(2, "big") + contents
    return bytes([_HEAD]) + inner + bytes([sum(inner) & 0xFF, _TAIL])


class M100:
    """The family of M100: cheap modules in handhelds, desk readers and boards."""

    name = "m100"
    baud = 115_200
    hello = frame(_COMMAND, _STOP) + frame(_COMMAND, _ABOUT, b"\0")
    # So many rounds are the most that one order can ask for; then the module falls silent.
    start = frame(_COMMAND, _READ_MANY, b"\x22\xff\xff")
    stop = frame(_COMMAND, _STOP)
    restless = 3.0

    def size(self, data: bytearray, at: int) -> int:
        """Return the length that the frame states; see `Frames.size`."""
        if data[at] != _HEAD or (len(data) > at + 1 and data[at + 1] > _NOTICE):
            return BEGINS_ELSEWHERE
        if len(data) - at < 5:
            return UNDECIDED
        contents = int.from_bytes(data[at + 3 : at + 5], "big")
        return contents + _AROUND if contents <= _MOST else BEGINS_ELSEWHERE

    def reply(self, frame: bytes) -> Reply | None:
        """Return what a frame tells; None if its sum or its end is wrong."""
        if frame[-1] != _TAIL or sum(frame[1:-2]) & 0xFF != frame[-2]:
            return None
        sort, command, contents = frame[1], frame[2], frame[5:-2]
        if sort == _NOTICE and command == _READ:
            return Reply(tags=_tags(contents))
        if sort == _ANSWER and command == _ABOUT:
            return Reply(model="".join(chr(one) for one in contents[1:] if 32 <= one < 127).strip())
        return Reply()


def _tags(contents: bytes) -> tuple[Heard, ...]:
    epc = contents[3:-2]
    if len(contents) <= _LEAST_TAG or not is_epc(epc):
        return ()
    rssi = int.from_bytes(contents[:1], signed=True)
    heard = rssi if _FAINTEST <= rssi <= _LOUDEST else None
    return (Heard(epc=epc, rssi=heard, pc=contents[1:3]),)
