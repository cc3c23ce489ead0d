"""What a reader reports of tags, decoded fast: every field, every form, and none misread."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.llrp.codec import Bits, Parameter, parameter
from scanner.llrp.frames import HEADER, ProtocolError
from scanner.llrp.reports import ReportDecoder, TagReport
from tests.unit.scanner.llrp.speaking import epc, message, report

FULL = (
    parameter("ROSpecID", rospec=9), parameter("SpecIndex", index=1),
    parameter("AntennaID", antenna=4), parameter("PeakRSSI", dbm=-128),
    parameter("ChannelIndex", channel=3), parameter("FirstSeenTimestampUTC", microseconds=5),
    parameter("LastSeenTimestampUptime", microseconds=8), parameter("TagSeenCount", count=65535),
    parameter("C1G2PC", pc=0x31A1), parameter("C1G2CRC", crc=0xBEEF),
    parameter("AccessSpecID", accessspec=2),
)  # fmt: skip


def decoded(data: bytes, decoder: ReportDecoder | None = None) -> list[TagReport]:
    found: list[TagReport] = []
    (decoder or ReportDecoder()).decode(data[HEADER.size :], found)
    return found


def test_every_field() -> None:
    assert decoded(message(report(*FULL, number=5))) == [
        TagReport(epc(5), 96, antenna=4, rssi=-128, seen=65535, pc=0x31A1, crc=0xBEEF, rospec=9,
                  accessspec=2, first=5, last=8)
    ]  # fmt: skip
    assert decoded(message(report())) == [TagReport(epc(0), 96)]


def test_an_epc_of_202_bits_keeps_its_length() -> None:
    data = bytes(range(26))
    one = parameter("TagReportData", parameter("EPCData", epc=Bits(202, data)), *FULL)
    (found,) = decoded(message(one))
    assert (found.epc, found.bits, found.antenna) == (data.hex().upper(), 202, 4)


def test_results_of_accesses() -> None:
    read = parameter("C1G2ReadOpSpecResult", result=0, op=1, data=(0xE280, 0x1160))
    lock = parameter("C1G2LockOpSpecResult", op=2, result=5)
    (found,) = decoded(message(report(*FULL, read, lock)))
    assert found.operations() == [read, lock]
    (found,) = decoded(message(report(*FULL)))
    assert found.operations() == []


STRANGE = st.sampled_from(
    [parameter("Custom", vendor=1, subtype=2, data=b"abc"), parameter("GPIOCapabilities"),
     parameter("C1G2XPCW1", word=3)]
)  # fmt: skip
SOME = st.lists(
    st.one_of(st.sampled_from(FULL), STRANGE), max_size=8, unique_by=lambda one: one.name
)
EPCS = st.one_of(
    st.binary(min_size=12, max_size=12).map(lambda data: parameter("EPC96", epc=data)),
    st.binary(min_size=1, max_size=31).map(
        lambda data: parameter("EPCData", epc=Bits(8 * len(data) - 3, data))
    ),
)
REPORTS = st.builds(lambda one, more: parameter("TagReportData", one, *more), EPCS, SOME)


def slowly(one: Parameter) -> TagReport:
    """What a report says, by the tables that the fast decoder does not use."""
    whole, bits = one.first("EPC96"), one.first("EPCData")
    if whole:
        text, size = whole.text("epc"), 96
    else:
        assert bits
        text, size = bits.bits("epc").data.hex().upper(), bits.bits("epc").count

    def number(name: str, field: str) -> int | None:
        found = one.first(name)
        return found.number(field) if found else None

    return TagReport(
        text, size, number("AntennaID", "antenna"), number("PeakRSSI", "dbm"),
        number("TagSeenCount", "count"), number("C1G2PC", "pc"), number("C1G2CRC", "crc"),
        number("ROSpecID", "rospec"), number("AccessSpecID", "accessspec"),
        number("FirstSeenTimestampUTC", "microseconds"),
        number("LastSeenTimestampUptime", "microseconds"),
    )  # fmt: skip


@given(st.lists(st.lists(REPORTS, max_size=6), max_size=4))
def test_forms_that_change_are_read_as_the_tables_say(messages: list[list[Parameter]]) -> None:
    decoder = ReportDecoder()
    for reports in messages:
        assert decoded(message(*reports), decoder) == [slowly(one) for one in reports]


def test_what_a_parameter_of_unknown_length_hides_is_not_guessed() -> None:
    # Two reports of one length: in the second, what the first hid is plain.
    decoder = ReportDecoder()
    body = message(report())[HEADER.size :]
    hidden = _longer(body, b"\xe4\x86\xc3")
    plain = _longer(body, b"\x81\x00\x02")
    found: list[TagReport] = []
    decoder.decode(hidden + plain + hidden + plain, found)
    assert [one.antenna for one in found] == [None, 2, None, 2]


def _longer(body: bytes, more: bytes) -> bytes:
    return body[:2] + (len(body) + len(more)).to_bytes(2, "big") + body[4:] + more


@pytest.mark.parametrize(
    "bad", ["00F00003", "00F000FF", "00F0000C00F1000800FF01", "00F0000481", "00F000048D00"]
)
def test_a_damaged_report_is_told_and_those_before_it_are_kept(bad: str) -> None:
    found: list[TagReport] = []
    with pytest.raises(ProtocolError):
        ReportDecoder().decode(
            message(report(), report(number=1))[HEADER.size :] + bytes.fromhex(bad), found
        )
    assert [one.epc for one in found] == [epc(0), epc(1)]


@given(st.lists(st.binary(max_size=120), max_size=4), st.integers(0, 100))
def test_garbage_raises_nothing_else(bodies: list[bytes], cut: int) -> None:
    decoder = ReportDecoder()
    whole = message(report(*FULL))[HEADER.size :]
    for body in [*bodies, whole[:cut] + bytes(7) + whole[cut:]]:
        found: list[TagReport] = []
        with suppress(ProtocolError):
            decoder.decode(body, found)
        assert len(found) <= len(body) // 4
