"""What a number in a tag is: ours, GS1's, by an ISO standard, typed in, the chip's, or foreign."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epc.classify import KINDS, classify
from assetctl.domain.epc.iso import decode_uii
from assetctl.domain.epc.numbering import Numbering, number_of, private96
from assetctl.domain.epc.pc import ControlWord, build_pc, parse_pc, pc_of
from assetctl.domain.identity import asset_id
from assetctl.errors import EpcError

ASSET = next(one for serial in count(0x9A3C_0000_0000) if (one := asset_id(serial & 2**40 - 1)))
OURS = number_of(ASSET, Numbering(division=350124, unit=17)).epc
GIAI = "3476451FD40000000000162E"


def ascii_hex(text: str, size: int = 12) -> str:
    return text.encode("ascii").ljust(size, b"\0").hex().upper()


def six_bit(text: str) -> str:
    """Return six-bit characters with their end (21h), cut off words filled with 100000…"""
    bits = "".join(f"{ord(character) & 63:06b}" for character in text) + "100001"
    whole = -(-len(bits) // 16) * 16
    bits = (bits + "100000" * 3)[:whole]
    return f"{int(bits, 2):0{whole // 4}X}"


@pytest.mark.parametrize("pc", [None, "3000", "3100", "31A1", "31AE"])
def test_ours_is_ours_whatever_the_control_word_says(pc: str | None) -> None:
    meaning = classify(OURS, pc)
    assert (meaning.kind, meaning.scheme, meaning.bits) == ("ours", "private96", 96)
    assert meaning.asset_id == ASSET
    assert meaning.private
    assert (meaning.private.division, meaning.private.unit) == (350124, 17)


def test_a_number_of_ours_for_a_place_is_no_asset() -> None:
    meaning = classify(private96(5, division=0, unit=0, tag_class=1))
    assert (meaning.kind, meaning.asset_id) == ("ours", None)


def test_a_damaged_number_of_ours_says_so() -> None:
    meaning = classify(OURS[:-1] + ("0" if OURS[-1] != "0" else "1"))
    assert meaning.kind == "foreign"
    assert meaning.fault
    assert meaning.fault.facts["epc_field"] == "crc"


def test_the_toggle_bit_decides_before_the_header() -> None:
    assert (
        classify(GIAI).kind == classify(GIAI, "3000").kind == classify(GIAI, "30FF").kind == "gs1"
    )
    meaning = classify(GIAI, "31A1")
    assert (meaning.kind, meaning.afi, meaning.epc) == ("iso", "A1", None)


@pytest.mark.parametrize(
    ("text", "pc", "bits"),
    [("25SQCTEST00000001", "39A1", 112), ("25SMA12345678ABCDE12345", "49A1", 144)],
)
def test_the_text_of_an_iso_17367_number(text: str, pc: str, bits: int) -> None:
    digits = six_bit(text)
    assert len(digits) * 4 == parse_pc(pc).bits == bits
    meaning = classify(digits, pc)
    assert (meaning.kind, meaning.scheme, meaning.text) == ("iso", "ISO 17367", text)
    assert classify(digits).kind != "iso", "nobody can know it without its control word"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/", min_size=1, max_size=60))
def test_six_bit_text_is_read(text: str) -> None:
    assert decode_uii(six_bit(text)) == text


@pytest.mark.parametrize(
    ("digits", "kind", "text"),
    [
        ("E2801160600002084F1A7C01", "chip", ""),
        ("E200341201", "chip", ""),
        ("0" * 24, "chip", ""),
        ("F" * 32, "chip", ""),
        (ascii_hex("ZC2026000123"), "typed", "ZC2026000123"),
        (ascii_hex("330225000123"), "typed", "330225000123"),
        (ascii_hex("K7M29QXD4F"), "typed", "K7M29QXD4F"),
        (ascii_hex("GZ-0001####"), "typed", "GZ-0001"),
        (ascii_hex("ZC-2026/0001 A", 16), "typed", "ZC-2026/0001 A"),
        ("202611300000000000000123", "typed", "202611300000000000000123"),
        (GIAI, "gs1", ""),
        ("35" + "0124001700000000012345", "gs1", "350124001700000000012345"),
        ("34" + "0" * 21 + "1", "gs1", "34" + "0" * 21 + "1"),
        ("2B76451FD40000000000162E", "foreign", ""),
        ("DEADBEEF", "foreign", ""),
        (ascii_hex("AZ"), "foreign", ""),
    ],
)
def test_what_stands_in_tags(digits: str, kind: str, text: str) -> None:
    meaning = classify(digits)
    assert (meaning.kind, meaning.text, meaning.bits) == (kind, text, len(digits) * 4)


def test_a_header_of_gs1_alone_makes_no_gs1_number() -> None:
    meaning = classify("341C451FD40000000000162F")
    assert meaning.kind == "foreign"
    assert meaning.fault
    assert meaning.fault.facts["epc_field"] == "partition"


@pytest.mark.parametrize("size", [64, 80, 112, 128, 160, 208, 240, 496])
def test_the_length_is_kept(size: int) -> None:
    assert classify("AB" * (size // 8)).bits == size


@given(st.binary(min_size=1, max_size=62), st.none() | st.integers(0, 0xFFFF))
def test_everything_in_hexadecimal_is_something(raw: bytes, pc: int | None) -> None:
    meaning = classify(raw.hex(), None if pc is None else f"{pc:04X}")
    assert meaning.kind in KINDS
    assert meaning.digits == raw.hex().upper()


@pytest.mark.parametrize(
    ("epc", "pc"), [("", None), ("xyz", None), ("AB" * 63, None), ("AB", "3"), ("AB", "30000")]
)
def test_what_is_no_number_is_refused(epc: str, pc: str | None) -> None:
    with pytest.raises(EpcError):
        classify(epc, pc)


# --- control words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "iso", "low"),
    [
        ("3000", 6, False, 0), ("4000", 8, False, 0), ("31A1", 6, True, 0xA1),
        ("31AE", 6, True, 0xAE), ("6800", 13, False, 0), ("3001", 6, False, 1),
    ],
)  # fmt: skip
def test_known_control_words(text: str, words: int, iso: bool, low: int) -> None:
    control = parse_pc(text)
    assert control == ControlWord(words=words, iso=iso, low=low)
    assert control.bits == words * 16
    assert control.afi == (f"{low:02X}" if iso else "")


@given(st.integers(0, 0xFFFF))
def test_every_control_word_comes_back(word: int) -> None:
    assert build_pc(parse_pc(f"{word:04X}")) == f"{word:04X}"


def test_flags_stand_where_the_standard_has_them() -> None:
    assert build_pc(ControlWord(words=6, user_memory=True)) == "3400"
    assert build_pc(ControlWord(words=6, extended=True)) == "3200"


def test_the_control_word_of_a_number() -> None:
    assert pc_of(OURS) == "3000"
    assert pc_of(OURS, "a1") == "31A1"
    assert pc_of("AB" * 26) == "6800", "202 bits in 13 words"
    for wrong in (ControlWord(words=32), ControlWord(words=-1), ControlWord(words=1, low=256)):
        with pytest.raises(EpcError):
            build_pc(wrong)
    with pytest.raises(EpcError):
        pc_of("ABC")
