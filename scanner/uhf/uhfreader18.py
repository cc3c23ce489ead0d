"""Frames of readers of the kind UHFReader18, sold under many names.

    length of the rest | address | command | status | contents | CRC-16, low byte first

The CRC (polynomial 8408, start FFFF) runs over everything before it. A reader that reads by
itself tells of each tag as command EE, its contents the EPC; one that is asked (command 01)
answers with a count and, for each tag, the length of its EPC and the EPC.
"""

from __future__ import annotations

from scanner.uhf.frames import BEGINS_ELSEWHERE, UNDECIDED, Heard, Reply, is_epc

_ASKED, _ABOUT, _PUSHED = 0x01, 0x21, 0xEE
_ANSWERS = (_ASKED, _ABOUT, _PUSHED)
_LEAST, _MOST = 5, 0xF0
_EVERYBODY = 0xFF
_SOME, _MORE, _NONE = (0x01, 0x02, 0x04), 0x03, 0xFB


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """Return the CRC-16 of `data`: polynomial 8408 (reflected 1021), start FFFF, final 0.

    Run over a frame with its own CRC it gives 0 (CRC-16/MCRF4XX).
    """
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def frame(rest: bytes) -> bytes:
    """Return a frame of address, command, status (in answers) and contents."""
    whole = bytes([len(rest) + 2]) + rest
    return whole + crc16(whole).to_bytes(2, "little")


class UhfReader18:
    """The family of UHFReader18: without signal strength, asked or telling by itself."""

    name = "uhfreader18"
    baud = 57_600
    hello = frame(bytes([_EVERYBODY, _ABOUT]))
    start = frame(bytes([_EVERYBODY, _ASKED]))
    # A round ends by itself; one that reads by itself was set to and stays so.
    stop = b""
    restless = 1.5

    def size(self, data: bytearray, at: int) -> int:
        """Return the length that the frame states; see `Frames.size`."""
        if not _LEAST <= data[at] <= _MOST:
            return BEGINS_ELSEWHERE
        if len(data) - at < 3:
            return UNDECIDED
        return data[at] + 1 if data[at + 2] in _ANSWERS else BEGINS_ELSEWHERE

    def reply(self, frame: bytes) -> Reply | None:
        """Return what a frame tells; None if its CRC is wrong."""
        if crc16(frame):
            return None
        command, status, contents = frame[2], frame[3], frame[4:-2]
        if command == _PUSHED:
            known = status == 0 and is_epc(contents)
            return Reply(tags=(Heard(epc=contents),) if known else ())
        if command == _ABOUT:
            model = f"UHFReader18 V{contents[0]}.{contents[1]}" if len(contents) >= 3 else ""
            return Reply(model=model)
        if status in _SOME or status == _MORE:
            return Reply(tags=_tags(contents), is_over=status != _MORE)
        return Reply(is_over=status == _NONE)


def _tags(contents: bytes) -> tuple[Heard, ...]:
    found = []
    at = 1
    for _ in range(contents[0] if contents else 0):
        if at >= len(contents):
            break
        epc = contents[at + 1 : at + 1 + contents[at]]
        if len(epc) == contents[at] and is_epc(epc):
            found.append(Heard(epc=epc))
        at += 1 + contents[at]
    return tuple(found)
