from __future__ import annotations

from functools import partial

import pytest

from labels.label import LabelError, OutOfRangeError
from labels.printer import send
from labels.zpl import (
    STATUS,
    Tag,
    TagCountError,
    TagInvalidError,
    TagRead,
    TagTwiceError,
    complete,
    job,
    replies,
    unwritten,
)
from tests.unit.labels.printers import Encoder, packed, printer

PC = "31AE"
EPC = "5A10557AC011123456789AC1"
OTHER = "5A10557AC011123456789BD2"
TIDS = ("E2801160600002084F1A7C01", "E2801160600002084F1A7C02")
DOT = packed([[1]])


def encoding(*tags: Tag, copies: int = 1) -> bytes:
    return job(
        [DOT] * len(tags), dpi=203, width_mm=50, height_mm=30, copies=copies, rfid=list(tags)
    )


def test_the_commands_for_one_tag_byte_for_byte() -> None:
    (head, *lines, picture, tail, end) = encoding(Tag(epc=EPC.lower(), pc=PC)).split(b"\r\n")
    assert head == b"^XA^PW400^LL240^LH0,0^LS0"
    assert lines == [
        b"^RS8,,,3,N",
        b"^RFW,H,1,14,1^FD31AE5A10557AC011123456789AC1^FS",
        b"^FN1^RFR,H,1,14,1^FS",
        b"^FH_^HV1,28,R1.E=,_0D_0A,L^FS",
        b"^FN2^RFR,H,0,12,2^FS",
        b"^FH_^HV2,24,R1.T=,_0D_0A,L^FS",
    ]
    assert picture.startswith(b"^FO0,0^GFA,")
    assert (tail, end) == (b"^PQ1^XZ", b"")


def test_without_a_pc_word_the_number_begins_at_word_two() -> None:
    data = encoding(Tag(epc=EPC, tid_bytes=0, tries=1))
    assert b"^RS8,,,1,N" in data
    assert b"^RFW,H,2,12,1^FD" + EPC.encode() + b"^FS" in data
    assert b"^FN2" not in data


@pytest.mark.parametrize(
    ("tag", "error"),
    [
        (Tag(epc=""), TagInvalidError),
        (Tag(epc="XYZ1"), TagInvalidError),
        (Tag(epc=EPC[:-1]), TagInvalidError),
        (Tag(epc=EPC + "^FS^"), TagInvalidError),
        (Tag(epc=EPC[:20]), TagInvalidError),
        (Tag(epc=EPC, pc="30"), TagInvalidError),
        (Tag(epc=EPC, pc="4000"), TagInvalidError),
        (Tag(epc=EPC, pc="30^A"), TagInvalidError),
        (Tag(epc="0" * 4 * 32, pc="F800"), TagInvalidError),
        (Tag(epc=EPC, tid_bytes=33), OutOfRangeError),
        (Tag(epc=EPC, tries=0), OutOfRangeError),
    ],
)
def test_numbers_that_no_tag_holds(tag: Tag, error: type[LabelError]) -> None:
    with pytest.raises(error):
        encoding(tag)


def test_longer_numbers_go_with_a_pc_word_that_says_so() -> None:
    assert b"^RFW,H,1,18,1^FD4000" in encoding(Tag(epc=EPC + "00000001", pc="4000"))


def test_a_number_is_written_once_only() -> None:
    with pytest.raises(TagTwiceError, match="Tags 1 and 3"):
        encoding(Tag(epc=EPC), Tag(epc=OTHER), Tag(epc=EPC.lower()))
    with pytest.raises(TagCountError):
        encoding(Tag(epc=EPC), copies=2)
    with pytest.raises(TagCountError):
        job([DOT], dpi=203, width_mm=50, height_mm=30, rfid=[])


# --- what the printer answers --------------------------------------------------------------


def test_answers_are_read_among_noise() -> None:
    noise = b"\x00\xff^XA garbage R9.E=xyz\r\nR1.E=31AE" + EPC.encode() + b"\r\nR1.T="
    data = noise + TIDS[0].lower().encode() + b"\r\nR2.E=3000\r\nR2.T=E28011"
    assert replies(data).tags == (
        TagRead(nth=1, pc=PC, epc=EPC, tid=TIDS[0]),
        TagRead(nth=2, pc="3000"),
    )
    assert replies(data).status is None


def test_of_two_answers_the_later_counts() -> None:
    data = f"R1.E=3000{OTHER}\r\nR1.E=3000{EPC}\r\n".encode()
    assert replies(data).tags == (TagRead(nth=1, pc="3000", epc=EPC),)


@pytest.mark.parametrize("size", range(0, 90, 7))
def test_a_broken_answer_is_no_answer(size: int) -> None:
    whole = f"R1.E={PC}{EPC}\r\nR1.T={TIDS[0]}\r\n".encode()
    tags = [Tag(epc=EPC, pc=PC)]
    assert complete(tags, whole)
    assert not complete(tags, whole[:size][: len(whole) - 1])
    for read in replies(whole[:size]).tags:
        assert read.epc in (None, EPC)
        assert read.tid in (None, TIDS[0])


def test_what_was_not_written_as_wanted_is_named() -> None:
    wanted = [Tag(epc=EPC, pc=PC), Tag(epc=OTHER, pc=PC), Tag(epc=EPC[::-1])]
    read = [TagRead(nth=1, pc="3000", epc=EPC), TagRead(nth=3, pc="3000", epc=EPC[::-1])]
    assert unwritten(wanted, read) == (1, 2)
    assert unwritten(wanted[:1], [TagRead(nth=1, pc=PC, epc=EPC)]) == ()


def test_the_state_of_the_printer() -> None:
    data = (
        b"\x02030,1,1,1245,000,0,0,0,000,0,0,0\x03\r\n"
        b"\x02000,0,1,0,1,2,4,0,00000007,1,000\x03\r\n"
        b"\x021234,0\x03\r\n"
    )
    status = replies(data).status
    assert status is not None
    assert (status.paper_out, status.paused, status.remaining) == (True, True, 7)
    assert (status.head_open, status.ribbon_out) == (True, False)
    for size in range(len(data) - 20):
        cut = replies(data[:size]).status
        assert cut is None or cut == status
    assert STATUS.startswith(b"~HS")


# --- a printer with a radio unit -----------------------------------------------------------


def test_tags_are_written_and_read_back_over_the_network() -> None:
    tags = [Tag(epc=EPC, pc=PC), Tag(epc=OTHER, pc=PC)]
    radio = Encoder(tids=TIDS)
    with printer(radio) as emulated:
        sent = send(encoding(*tags), emulated.address, timeout=10, complete=partial(complete, tags))
    assert radio.chips[0].epc[2:] == bytes.fromhex(PC + EPC)
    read = replies(sent.reply).tags
    assert [(tag.pc, tag.epc) for tag in read] == [(PC, EPC), (PC, OTHER)]
    assert [tag.tid for tag in read] == list(TIDS)
    assert unwritten(tags, read) == ()


def test_a_tag_that_did_not_take_its_number_is_found() -> None:
    tags = [Tag(epc=EPC), Tag(epc=OTHER), Tag(epc=EPC[::-1])]
    with printer(Encoder(broken=(2,), deaf=(3,))) as emulated:
        sent = send(
            encoding(*tags), emulated.address, timeout=0.5, complete=partial(complete, tags)
        )
    assert unwritten(tags, replies(sent.reply).tags) == (2, 3)


def test_a_spoilt_label_is_written_again_on_the_next_chip() -> None:
    tags = [Tag(epc=EPC, pc=PC), Tag(epc=OTHER, pc=PC)]
    radio = Encoder(spoilt={1: 2, 2: 3})
    with printer(radio) as emulated:
        sent = send(
            encoding(*tags), emulated.address, timeout=0.5, complete=partial(complete, tags)
        )
    (first,) = replies(sent.reply).tags
    assert (first.nth, first.epc) == (1, EPC)
    assert first.tid == radio.chips[2].tid.hex().upper()
    assert [chip.void for chip in radio.chips] == [True, True, False, True, True, True]
    assert unwritten(tags, replies(sent.reply).tags) == (2,)


def test_without_a_way_back_nothing_is_asked() -> None:
    data = encoding(Tag(epc=EPC, pc=PC, read_back=False))
    assert b"^RFW,H,1,14,1^FD31AE" in data
    assert b"^RFR" not in data
    assert b"^HV" not in data
    assert complete([Tag(epc=EPC, read_back=False)], b"")
