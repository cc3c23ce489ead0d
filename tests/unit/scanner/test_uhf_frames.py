"""Frames of reader modules: known ones are read, broken ones are not, none is lost behind noise."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.uhf.chainway import Chainway
from scanner.uhf.frames import Cutter, Frames, Heard
from scanner.uhf.m100 import M100
from scanner.uhf.uhfreader18 import UhfReader18, crc16
from tests.unit.scanner.modules import answered_tags, chainway_tag, m100_tag, pushed_tag

FAMILIES: tuple[Callable[[], Frames], ...] = (Chainway, M100, UhfReader18)
TAGS: dict[str, Callable[[bytes], bytes]] = {
    "chainway": chainway_tag,
    "m100": m100_tag,
    "uhfreader18": pushed_tag,
}

epcs = st.integers(1, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words))


def heard(frames: Frames, *pieces: bytes) -> list[Heard]:
    cutter = Cutter(frames)
    replies = [reply for piece in pieces for reply in cutter.feed(piece)] + cutter.settle()
    return [tag for reply in replies for tag in reply.tags]


def one(frames: Frames, frame: str) -> Heard:
    (found,) = heard(frames, bytes.fromhex(frame))
    return found


# --- published frames: captured from devices or printed in manuals ------------------------------


@pytest.mark.parametrize(
    ("frame", "epc"),
    [
        ("1100EE00E2843611000010000949 44AA9ACC", "E284361100001000094944AA"),
        ("1100EE00E20000170014026616706B488337", "E20000170014026616706B48"),
        ("1100EE00E200001D7605001715500200 7120", "E200001D7605001715500200"),
        ("1100EE002000708C2B380B2D00000000E056", "2000708C2B380B2D00000000"),
    ],
)
def test_reports_captured_from_a_uhfreader18(frame: str, epc: str) -> None:
    assert one(UhfReader18(), frame) == Heard(epc=bytes.fromhex(epc))


@pytest.mark.parametrize(
    ("frame", "epc", "dbm"),
    [
        ("BB020022", None, None),
        ("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E", "30751FEB705C5904E3D50D70", -55),
        ("BB02220011C43000E200001D7315016521408FC6B83EC27E", "E200001D7315016521408FC6", -60),
    ],
)
def test_notices_of_an_m100(frame: str, epc: str | None, dbm: int | None) -> None:
    found = heard(M100(), bytes.fromhex(frame))
    assert [(tag.epc.hex().upper(), tag.rssi) for tag in found] == ([(epc, dbm)] if epc else [])


def test_records_of_a_chainway() -> None:
    # The strength of the manual's example: FD6F is -65.7 dBm.
    tag = one(Chainway(), "A55A001983 3000 E280116060000201A1B2C3D4 FD6F 00 4C 0D0A")
    assert tag.epc.hex().upper() == "E280116060000201A1B2C3D4"
    assert (tag.rssi, tag.antenna, tag.pc, tag.tid) == (-65.7, 1, b"\x30\x00", b"")
    # Captured from a module that puts 00D4 where the strength belongs: that is none.
    seen = one(Chainway(), "A55A0019833000E200001B66040082172034D500D401B00D0A")
    assert (seen.epc.hex().upper(), seen.rssi) == ("E200001B66040082172034D5", None)


def test_a_record_with_tid_phase_and_frequency() -> None:
    # Captured from a UR4: PC, EPC, TID, phase 81, 866.900 MHz, -59.1 dBm, antenna 2 of 0, 1, …
    record = bytes.fromhex(
        "34005237423030303035393535 37E2801170200041FF40AC0B9F 0051 0D3A54 FDB1 01"
    )
    body = (len(record) + 8).to_bytes(2, "big") + b"\x83" + record
    check = 0
    for byte in body:
        check ^= byte
    (tag,) = heard(Chainway(), b"\xc8\x8c" + body + bytes([check]) + b"\r\n")
    assert tag.epc == bytes.fromhex("523742303030303539353537")
    assert tag.tid == bytes.fromhex("E2801170200041FF40AC0B9F")
    assert (tag.rssi, tag.antenna) == (-59.1, 2)


def test_what_is_said_to_a_module_is_what_the_manuals_print() -> None:
    assert Chainway.start.hex() == "a55a000a82000088" + "0d0a"
    assert Chainway.stop.hex() == "a55a00088c840d0a"
    assert Chainway.hello.endswith(bytes.fromhex("a55a0008020a0d0a"))
    assert M100.start.hex() == "bb00270003" + "22ffff4a7e"
    assert M100.stop.hex() == "bb00280000287e"
    assert crc16(UhfReader18.start) == 0
    assert UhfReader18.start[:3].hex() == "04ff01"


def test_the_crc_is_the_published_one() -> None:
    # CRC-16/MCRF4XX in the catalogue of parametrised CRC algorithms: check value 6F91.
    assert crc16(b"123456789") == 0x6F91


# --- answers and what they end ---------------------------------------------------------------


def test_a_round_of_questions_ends_with_its_last_answer() -> None:
    cutter = Cutter(UhfReader18())
    epcs = (b"\x01" * 12, b"\x02" * 8)
    more, last, none = cutter.feed(
        answered_tags(epcs, status=3) + answered_tags(epcs[:1]) + bytes.fromhex("0500 01FB F23D")
    )
    assert [tag.epc for tag in more.tags] == list(epcs)
    assert (more.is_over, last.is_over, none.is_over) == (False, True, True)


def test_modules_say_what_they_are() -> None:
    def model(frames: Frames, frame: str) -> str:
        (reply,) = Cutter(frames).feed(bytes.fromhex(frame))
        return reply.model

    assert model(Chainway(), "A55A000B030728012 60D0A".replace(" ", "")) == "Chainway V7.40.1"
    named = "BB01030010004D3130302032 3664426D2056312E30 927E"
    assert model(M100(), named) == "M100 26dBm V1.0"


# --- streams ---------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@given(found=st.lists(epcs, max_size=5), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_of_a_stream_gives_the_same(
    family: Callable[[], Frames], found: list[bytes], cuts: list[int]
) -> None:
    frames = family()
    stream = b"".join(map(TAGS[frames.name], found))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert [tag.epc for tag in heard(frames, *pieces)] == found


@pytest.mark.parametrize("family", FAMILIES)
@given(
    found=st.lists(st.tuples(st.binary(max_size=20), epcs), min_size=1, max_size=5),
    tail=st.binary(max_size=20),
)
def test_garbage_between_frames_loses_none(
    family: Callable[[], Frames], found: list[tuple[bytes, bytes]], tail: bytes
) -> None:
    frames = family()
    stream = b"".join(noise + TAGS[frames.name](epc) for noise, epc in found) + tail
    heard_epcs = [tag.epc for tag in heard(frames, stream)]
    wanted = iter(heard_epcs)
    assert all(epc in wanted for _, epc in found)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_false_head_hides_nothing_for_long(family: Callable[[], Frames]) -> None:
    frames = family()
    heads = {"chainway": "A55A07FF83", "m100": "BB02220200", "uhfreader18": "EF00EE"}
    stream = bytes.fromhex(heads[frames.name]) + TAGS[frames.name](b"\x11" * 12)
    cutter = Cutter(frames)
    assert cutter.feed(stream) == []
    (reply,) = cutter.settle()
    assert reply.tags[0].epc == b"\x11" * 12
    # A frame that has come in part is kept through a pause.
    half = TAGS[frames.name](b"\x22" * 12)
    assert cutter.feed(half[:9]) + cutter.settle() == []
    (reply,) = cutter.feed(half[9:])
    assert reply.tags[0].epc == b"\x22" * 12


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data(), epc=epcs)
def test_a_changed_bit_is_never_another_tag(
    family: Callable[[], Frames], data: st.DataObject, epc: bytes
) -> None:
    frames = family()
    frame = bytearray(TAGS[frames.name](epc))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert heard(frames, bytes(frame)) == []


@pytest.mark.parametrize("family", FAMILIES)
@given(noise=st.lists(st.binary(max_size=300), max_size=10))
def test_noise_is_held_in_bounds(family: Callable[[], Frames], noise: list[bytes]) -> None:
    cutter = Cutter(family())
    for piece in noise:
        cutter.feed(piece)
    assert len(cutter._held) < 2048
