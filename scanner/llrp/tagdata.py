"""What a pretended reader reports of a tag: as little or as much as the client selected."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Final, Self

from scanner.llrp.codec import Parameter

_TLV: Final = Struct(">HH")
_EPC_DATA: Final = Struct(">HHH")
_WORD, _LONG, _CLOCK, _SIGNED = Struct(">BH"), Struct(">BI"), Struct(">BQ"), Struct(">Bb")

_ROSPEC, _ANTENNA, _RSSI, _FIRST, _LAST, _COUNT, _ACCESS = 15, 12, 10, 9, 8, 7, 6
"""Places of bits in a TagReportContentSelector, the lowest is 0."""

_CRC, _PC = 0x80, 0x40


@dataclass(frozen=True, slots=True)
class Content:
    """When a client wants reports, and what it wants in them."""

    is_due: bool
    """Whether they come by themselves."""

    n: int
    """So many reports in a message; 0 for what one round hears."""

    flags: int
    memory: int

    @classmethod
    def of(cls, spec: Parameter | None) -> Self:
        """Read an ROReportSpec; without one everything is reported at once."""
        if spec is None:
            return cls(is_due=True, n=1, flags=0xFFFF, memory=_CRC | _PC)
        selected = spec.first("TagReportContentSelector")
        memory = spec.first("TagReportContentSelector", "C1G2EPCMemorySelector")
        return cls(
            is_due=bool(spec.number("trigger")),
            n=spec.number("n"),
            flags=selected.number("flags") if selected else 0,
            memory=memory.number("flags") if memory else 0,
        )


def tag_report(
    tag: tuple[bytes, int, int], content: Content, *, antenna: int, rssi: int, clock: int,
    rospec: int, accessspec: int, results: bytes,
) -> bytes:  # fmt: skip
    """Return one TagReportData; `clock` is in microseconds on the reader's clock."""
    epc, bits, pc = tag
    flags, memory = content.flags, content.memory
    parts = [b"\x8d" + epc if bits == 96 else _EPC_DATA.pack(241, 6 + len(epc), bits) + epc]
    for place, data in (
        (_ROSPEC, _LONG.pack(0x89, rospec)),
        (_ANTENNA, _WORD.pack(0x81, antenna)),
        (_RSSI, _SIGNED.pack(0x86, rssi)),
        (_FIRST, _CLOCK.pack(0x82, clock)),
        (_LAST, _CLOCK.pack(0x84, clock)),
        (_COUNT, _WORD.pack(0x88, 1)),
    ):
        if flags >> place & 1:
            parts.append(data)
    if memory & _PC:
        parts.append(_WORD.pack(0x8C, pc))
    if memory & _CRC:
        parts.append(_WORD.pack(0x8B, crc16(pc.to_bytes(2, "big") + epc)))
    if flags >> _ACCESS & 1 or results:
        parts.append(_LONG.pack(0x90, accessspec))
    parts.append(results)
    body = b"".join(parts)
    return _TLV.pack(240, _TLV.size + len(body)) + body


def crc16(data: bytes) -> int:
    """Return the CRC-16 that a tag keeps over its PC and EPC (ISO/IEC 13239: 1021, inverted)."""
    from binascii import crc_hqx

    return crc_hqx(data, 0xFFFF) ^ 0xFFFF
