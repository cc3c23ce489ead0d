"""`private96`: the numbers of offices without a GS1 prefix, and their check.

The first byte 5A is no header that GS1 has given out, so no reader takes such a number for
another's, whatever its PC word says. The CRC-8 (polynomial 2F, start FF, final FF) runs over the
first 11 bytes and finds every error of one, two or three bits. Most significant bit first:

    bits   0-7      8-11       12-15  16-35     36-47    48-87   88-95
    field  5A       version 1  class  division  unit     serial  CRC-8
"""

from __future__ import annotations

from typing import NamedTuple

from assetctl.domain.epc.bits import Put, Taken, hexadecimal, refused
from assetctl.i18n import N_, Phrase

CLASSES = ("asset", "place", "container", "person", "document")
"""What a number stands for, by its class."""

DIVISIONS = 1_000_000
"""Codes of administrative divisions (GB/T 2260) have six digits."""

MAGIC = 0x5A
"""The first byte."""

DIGITS = 24
"""Hexadecimal digits of a number of 96 bits."""

VERSION = 1
START = 0xFF
"""What the CRC begins with, and what it is turned over with at its end."""


class Private96(NamedTuple):
    """What a number says: its class (see `CLASSES`), division, unit and 40-bit serial."""

    tag_class: int
    division: int
    unit: int
    serial: int


def encode(number: Private96) -> str:
    """Return a number as 24 hexadecimal digits.

    Raises:
        EpcError: a value has no room, the division has more than six digits, or the class is none.
    """
    _must_be_assigned(number.tag_class, number.division)
    bits = Put()
    bits.put(MAGIC << 4 | VERSION, 12, "magic")
    for value, (field, width) in zip(number, _FIELDS.items(), strict=True):
        bits.put(value, width, field)
    digits = bits.hexadecimal()[:-2]  # the last word is half full
    return digits + f"{crc8(bytes.fromhex(digits)):02X}"


def decode(text: str) -> Private96:
    """Return what 24 hexadecimal digits say.

    Raises:
        EpcError: they are no number of ours; what is wrong is named.
    """
    digits = hexadecimal(text)
    if len(digits) != DIGITS:
        reason = Phrase(N_("it must have {digits} digits"), digits=DIGITS)
        raise refused("length", digits, reason)
    _must_be_ours(bytes.fromhex(digits))
    bits = Taken(digits[3:])
    tag_class, division, unit, serial = (
        bits.take(width, field) for field, width in _FIELDS.items()
    )
    _must_be_assigned(tag_class, division)
    return Private96(tag_class, division, unit, serial)


def crc8(data: bytes) -> int:
    """Return the CRC-8 of `data` (CRC-8/AUTOSAR)."""
    crc = START
    for byte in data:
        crc = TABLE[crc ^ byte]
    return crc ^ START


def _must_be_assigned(tag_class: int, division: int) -> None:
    if tag_class not in range(len(CLASSES)):
        reason = Phrase(N_("there are only 0 to {last}"), last=len(CLASSES) - 1)
        raise refused("class", tag_class, reason)
    if division not in range(DIVISIONS):
        raise refused("division", division, Phrase(N_("it must have {digits} digits"), digits=6))


def _must_be_ours(raw: bytes) -> None:
    if raw[0] != MAGIC:
        raise refused("magic", f"{raw[0]:02X}", N_("numbers of this kind begin with 5A"))
    if raw[1] >> 4 != VERSION:
        raise refused("version", raw[1] >> 4, N_("only version 1 is known"))
    if crc8(raw[:11]) != raw[11]:
        reason = Phrase(N_("it should be {crc}; look or scan again"), crc=f"{crc8(raw[:11]):02X}")
        raise refused("crc", f"{raw[11]:02X}", reason)


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x2F if crc & 0x80 else crc << 1) & 0xFF
        table.append(crc)
    return tuple(table)


_FIELDS = {"class": 4, "division": 20, "unit": 12, "serial": 40}
TABLE = _table()
"""The CRC of every byte."""
