"""Numbers for radio tags: the EPC of a thing and its PC word, made from the id and nothing else.

`private96` is for offices without a GS1 prefix; its first byte 5A is no header that GS1 has given
out, so no reader takes it for another's number, and its check finds every error of one, two or
three bits. All numbers are most significant bit first:

    bits   0-7      8-11       12-15  16-35     36-47    48-87   88-95
    field  5A       version 1  class  division  unit     serial  CRC-8

`giai96` is the GIAI-96 of the GS1 EPC Tag Data Standard 2.3, its asset reference the same serial.
"""

from __future__ import annotations

from dataclasses import dataclass

from assetctl.domain.identity import CROCKFORD

DIVISIONS = 1_000_000
"""Codes of administrative divisions (GB/T 2260) have six digits."""
UNITS = 4096
"""The number of a unit has twelve bits."""
PREFIXES = range(6, 13)
"""So many digits a GS1 company prefix has."""

_PREFIX_BITS = {6: 20, 7: 24, 8: 27, 9: 30, 10: 34, 11: 37, 12: 40}
_REFERENCE_BITS = 82
_HEADER_GIAI = 0x34
_MAGIC, _VERSION, _ASSET = 0x5A, 1, 0
# PC word: six words of EPC in the upper five bits; bit 17h says that the lower byte is an AFI.
_PC_GS1, _PC_ISO = 0x3000, 0x3100
_SERIAL_CHARACTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """What an office's numbers begin with.

    `prefix` is its GS1 company prefix; without one numbers are `private96` with `division` and
    `unit`, 0 where nobody has said. They are those of the office that keeps the register, not of
    an owner: owners change. `afi` is the application family identifier (two hexadecimal digits)
    that marks numbers outside GS1; without it the PC word is that of plain 96 bits.
    """

    prefix: str = ""
    division: int = 0
    unit: int = 0
    afi: str = ""

    @property
    def profile(self) -> str:
        """`giai96` or `private96`."""
        return "giai96" if self.prefix else "private96"


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioNumber:
    """What is written into a tag: the EPC, 24 hexadecimal digits, and its PC word, four."""

    epc: str
    pc: str


def number_of(asset_id: str, numbering: Numbering) -> RadioNumber:
    """Return the radio number of an asset."""
    serial = serial_of(asset_id)
    if numbering.prefix:
        return RadioNumber(epc=giai96(numbering.prefix, serial), pc=f"{_PC_GS1:04X}")
    pc = _PC_ISO | int(numbering.afi, 16) if numbering.afi else _PC_GS1
    epc = private96(serial, division=numbering.division, unit=numbering.unit)
    return RadioNumber(epc=epc, pc=f"{pc:04X}")


def serial_of(asset_id: str) -> int:
    """Return the 40-bit serial that an asset id spells in its first eight characters."""
    serial = 0
    for character in asset_id[:_SERIAL_CHARACTERS]:
        serial = serial << 5 | CROCKFORD.index(character)
    return serial


def private96(serial: int, *, division: int, unit: int, tag_class: int = _ASSET) -> str:
    """Return a `private96` number as 24 hexadecimal digits; class 0 is an asset."""
    if not (0 <= division < DIVISIONS and 0 <= unit < UNITS and 0 <= tag_class < 16):
        raise ValueError(division, unit, tag_class)
    body = _MAGIC << 8 | _VERSION << 4 | tag_class
    body = (body << 20 | division) << 12 | unit
    raw = (body << 40 | serial).to_bytes(11, "big")
    return (raw + bytes([_crc8(raw)])).hex().upper()


def giai96(prefix: str, reference: int, *, filter_value: int = 0) -> str:
    """Return a GIAI-96 as 24 hexadecimal digits; filter 0 is "all others"."""
    prefix_bits = _PREFIX_BITS[len(prefix)]
    reference_bits = _REFERENCE_BITS - prefix_bits
    if not (0 <= reference < 1 << reference_bits and 0 <= filter_value < 8):
        raise ValueError(reference, filter_value)
    number = (_HEADER_GIAI << 3 | filter_value) << 3 | 12 - len(prefix)
    number = number << prefix_bits | int(prefix)
    return f"{number << reference_bits | reference:024X}"


def _crc8(data: bytes) -> int:
    """Return the CRC-8 with polynomial 2F, start FF and final FF (CRC-8/AUTOSAR)."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x2F if crc & 0x80 else crc << 1) & 0xFF
    return crc ^ 0xFF
