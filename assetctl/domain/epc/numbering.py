"""The radio numbers of one office: the EPC of a thing and its PC word, made from the id alone.

With a GS1 company prefix they are GIAI-96 with the 40-bit serial of the id as their reference,
without one `private96`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assetctl.domain.epc.codec import Epc, encode
from assetctl.domain.epc.fields import PREFIX_BITS
from assetctl.domain.epc.pc import pc_of
from assetctl.domain.epc.private96 import Private96
from assetctl.domain.epc.private96 import encode as encode_private96
from assetctl.domain.identity import CROCKFORD, asset_id, check_characters

_SERIAL_CHARACTERS = 8
_SERIAL = re.compile(r"0|[1-9][0-9]{0,12}")
_ID = re.compile(f"[{CROCKFORD}]{{10}}")


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


def number_of(asset: str, numbering: Numbering) -> RadioNumber:
    """Return the radio number of an asset.

    Raises:
        EpcError: the office's division, unit or prefix has no room.
    """
    serial = serial_of(asset)
    if numbering.prefix:
        epc = giai96(numbering.prefix, serial)
        return RadioNumber(epc=epc, pc=pc_of(epc))
    epc = private96(serial, division=numbering.division, unit=numbering.unit)
    return RadioNumber(epc=epc, pc=pc_of(epc, numbering.afi))


def serial_of(asset: str) -> int:
    """Return the 40-bit serial that an asset id spells in its first eight characters."""
    serial = 0
    for character in asset[:_SERIAL_CHARACTERS]:
        serial = serial << 5 | CROCKFORD.index(character)
    return serial


def private96(serial: int, *, division: int, unit: int, tag_class: int = 0) -> str:
    """Return a `private96` number as 24 hexadecimal digits; class 0 is an asset.

    Raises:
        EpcError: a value has no room.
    """
    return encode_private96(Private96(tag_class, division, unit, serial))


def giai96(prefix: str, reference: int, *, filter_value: int = 0) -> str:
    """Return a GIAI-96 as 24 hexadecimal digits; filter 0 is "all others".

    Raises:
        EpcError: a value has no room.
    """
    return encode(Epc(scheme="GIAI-96", values=(prefix, str(reference)), filter=filter_value))


def assets_of(giai: str, prefix: str) -> tuple[str, ...]:
    """Return the asset ids that a GIAI under the office's own prefix may stand for.

    Behind the prefix stands the serial, as in GIAI-96, or the id itself, as in addresses and
    longer numbers. Ten digits may be both; whether there is such an asset the register knows.
    """
    own = giai.removeprefix(prefix) if prefix else giai
    if own == giai:
        return ()
    found = []
    if _SERIAL.fullmatch(own) and int(own) < 1 << 40:
        found.append(asset_id(int(own)))
    if _ID.fullmatch(own) and check_characters(own[:8]) == own[8:]:
        found.append(own)
    return tuple(dict.fromkeys(one for one in found if one))


def epc_of(giai: str, *, prefix_digits: int = 0) -> Epc:
    """Return the shortest number for a GIAI: GIAI-96, else GIAI-202; without a prefix, GIAI+.

    `prefix_digits` says how many of its digits are the company prefix, which those two need.

    Raises:
        EpcError: it is no GIAI, or its prefix has another length.
    """
    if not prefix_digits:
        made = Epc(scheme="GIAI+", values=(giai,))
    else:
        prefix, reference = giai[:prefix_digits], giai[prefix_digits:]
        bits = 82 - PREFIX_BITS.get(prefix_digits, 0)
        is_number = reference.isascii() and reference.isdigit() and str(int(reference)) == reference
        scheme = "GIAI-96" if is_number and not int(reference) >> bits else "GIAI-202"
        made = Epc(scheme=scheme, values=(prefix, reference))
    encode(made)
    return made
