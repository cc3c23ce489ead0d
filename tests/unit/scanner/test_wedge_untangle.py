"""Texts of ours are found again in whatever a keyboard wedge makes of them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.epc96 import crc8, is_private96
from scanner.untangle import LONGEST, Untangler, looks_ours, untangle

EPC = "5A10557AC011123456789AC1"
TAIL = "K7M29QXD4F.11" + "0123456789ABCDEF"
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/A/" + TAIL
BIG = "HTTPS://ZC.EXAMPLE.GOV.CN/P/K7M29QXD4F.A1" + "Z" * 103

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def epc(serial: int, *, division: int = 350124, unit: int = 17, kind: int = 0) -> str:
    head = 0x5A1 << 4 | kind
    raw = ((head << 20 | division) << 12 | unit) << 40 | serial
    data = raw.to_bytes(11, "big")
    return (data + bytes([crc8(data)])).hex().upper()


epcs = st.builds(
    epc,
    st.integers(0, 2**40 - 1),
    division=st.integers(110000, 659999),
    unit=st.integers(0, 4095),
    kind=st.integers(0, 4),
)
ids = st.text(CROCKFORD, min_size=10, max_size=10)
tails = st.one_of(
    st.builds("{}.{}{}{}".format, ids, st.sampled_from("0123456789"), st.sampled_from("123456"),
              st.text(CROCKFORD, min_size=16, max_size=16)),
    st.builds("{}.{}{}{}".format, ids, st.sampled_from("ABC"), st.sampled_from("123456"),
              st.text(CROCKFORD, min_size=103, max_size=103)),
)  # fmt: skip
addresses = st.builds(
    "HTTPS://{}/{}/{}".format,
    st.sampled_from(["ZC.EXAMPLE.GOV.CN", "X.CN:8443"]),
    st.sampled_from("APBSC"),
    tails,
)
ours = st.one_of(epcs, addresses)


def apart(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for at, text in enumerate(texts) if at == 0 or texts[at - 1] != text)


# --- known answers -------------------------------------------------------------------------


def test_the_worked_example_of_the_layout_fits() -> None:
    assert epc(0x123456789A) == EPC
    assert is_private96(EPC)
    assert is_private96(EPC.lower())
    assert crc8(b"123456789") == 0xDF


def test_every_error_of_one_two_or_three_bits_is_found() -> None:
    syndromes = set()
    base = bytes.fromhex(EPC)
    for bit in range(96):
        changed = bytearray(base)
        changed[bit // 8] ^= 0x80 >> bit % 8
        syndromes.add(crc8(bytes(changed[:11])) ^ changed[11])
    # A CRC is linear: no one, two or three of the differences may cancel out.
    assert len(syndromes) == 96
    assert 0 not in syndromes
    pairs = {a ^ b for a in syndromes for b in syndromes if a != b}
    assert not pairs & syndromes


@pytest.mark.parametrize(
    "text",
    [EPC[:-1] + "2", EPC[:-1], EPC + "0", "6" + EPC[1:], "5A2" + EPC[3:], "5A15" + EPC[4:], "",
     "5A10557AC011123456789A\u0661\u0661", epc(1, division=1_000_000)],
)  # fmt: skip
def test_what_is_no_private96(text: str) -> None:
    assert not is_private96(text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (ADDRESS + "\r\n", (ADDRESS,)),
        (ADDRESS.lower() + "\t", (ADDRESS,)),
        (ADDRESS + ADDRESS, (ADDRESS,)),
        (ADDRESS + EPC + TAIL, (ADDRESS, EPC, TAIL)),
        (EPC + BIG + EPC.lower(), (EPC, BIG, EPC)),
        ("6901234567892" + ADDRESS + "ABC", ("6901234567892", ADDRESS, "ABC")),
        (ADDRESS[:20] + ADDRESS, (ADDRESS[:20], ADDRESS)),
        (f"{EPC[:9]}\n{EPC[9:]}\n", (EPC,)),
        (f"{ADDRESS[:5]}\r\n{ADDRESS[5:33]}\t{ADDRESS[33:]}\r\n", (ADDRESS,)),
        (f"{EPC}{EPC[:9]}\n{EPC[9:]}{TAIL}\n", (EPC, TAIL)),
        (f"{EPC} {EPC}", (EPC,)),
        ("card 12\ncard 13\ncard 13\n", ("card 12", "card 13")),
        (" \r\n\t\r\n", ()),
        ("", ()),
    ],
)
def test_what_a_wedge_types_is_cut(typed: str, found: tuple[str, ...]) -> None:
    assert untangle(typed, is_ours=looks_ours) == found


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
        lambda text: text.replace(".", "。").replace("/", "、").replace(":", "："),
        lambda text: text.replace(".", "．").replace("/", "／").lower(),
        lambda text: "\u3000" + text + "\u200b\ufeff\x00",
        lambda text: "\x1b[A\x1b[15~" + text + "\x1bOP",
    ],
)
def test_what_an_input_method_makes_of_it_is_undone(mangle: object) -> None:
    assert callable(mangle)
    assert untangle(mangle(ADDRESS), is_ours=looks_ours) == (ADDRESS,)
    assert untangle(mangle(ADDRESS) + mangle(EPC), is_ours=looks_ours) == (ADDRESS, EPC)


def test_foreign_texts_stay_as_they_were() -> None:
    assert untangle("甲区、一—二", is_ours=looks_ours) == ("甲区、一—二",)
    assert untangle("２０２６－００１", is_ours=looks_ours) == ("2026-001",)
    gs1 = "]C18004952\x1d21AbC"
    assert untangle(gs1 + "\r", is_ours=looks_ours) == (gs1,)


def test_a_short_form_is_not_taken_out_of_another_class() -> None:
    damaged = BIG.replace("HTTPS:", "HTPS:")
    assert untangle(damaged, is_ours=looks_ours) == (damaged,)
    assert TAIL in untangle(ADDRESS.replace("HTTPS:", "HTPS:"), is_ours=looks_ours)


def test_a_text_that_lost_a_character_does_not_swallow_the_next() -> None:
    other = ADDRESS.replace("K7M2", "ABCD")
    found = untangle(ADDRESS[:-1] + other, is_ours=looks_ours)
    assert other in found
    assert not any(looks_ours(text) for text in found if text != other)


def test_bare_ids_glued_together_are_cut_only_if_all_are_ours() -> None:
    def is_ours(text: str) -> bool:
        return text in {"K7M29QXD4F", "ABCDEFGH12"}

    assert untangle("k7m29qxd4fABCDEFGH12", is_ours=is_ours) == ("K7M29QXD4F", "ABCDEFGH12")
    assert untangle("K7M29QXD4F0123456789", is_ours=is_ours) == ("K7M29QXD4F0123456789",)
    assert untangle("K7M29\nQXD4F", is_ours=is_ours) == ("K7M29", "QXD4F")


def test_the_judge_decides_about_tags() -> None:
    asked = []

    def is_ours(text: str) -> bool:
        asked.append(text)
        return False

    assert untangle(ADDRESS + EPC, is_ours=is_ours) == (ADDRESS, EPC)
    assert ADDRESS in asked
    assert all(len(text) <= 400 for text in asked)


# --- the goal ------------------------------------------------------------------------------


def test_five_thousand_reads_without_any_terminator() -> None:
    chance = random.Random(20)
    wanted = [epc(chance.getrandbits(40), unit=chance.randrange(4096)) for _ in range(5_000)]
    assert len(set(wanted)) == 5_000
    assert untangle("".join(wanted), is_ours=looks_ours) == tuple(wanted)


def test_a_fifth_of_the_terminators_lost_and_reads_damaged() -> None:
    chance = random.Random(21)
    wanted = [epc(chance.getrandbits(40)) for _ in range(5_000)]
    typed = []
    whole = []
    for text in wanted:
        damage = chance.random()
        at = chance.randrange(24)
        if damage < 0.02:
            text = text[:at] + text[at + 1 :]
        elif damage < 0.04:
            text = (
                text[:at] + chance.choice("0123456789ABCDEF".replace(text[at], "")) + text[at + 1 :]
            )
        else:
            whole.append(text)
        typed.append(text + ("\n" if chance.random() < 0.8 else ""))
    found = [text for text in untangle("".join(typed), is_ours=looks_ours) if is_private96(text)]
    assert set(found) - set(wanted) == set()
    assert len(found) == len(whole)


# --- properties ----------------------------------------------------------------------------


@given(st.lists(ours, max_size=12))
def test_glued_reads_are_all_recovered(texts: list[str]) -> None:
    assert untangle("".join(texts), is_ours=looks_ours) == apart(texts)


@given(st.lists(st.one_of(ours, tails), max_size=12), st.sampled_from(["\r", "\n", "\r\n", "\t"]))
def test_terminated_reads_are_all_recovered(texts: list[str], end: str) -> None:
    assert untangle("".join(text + end for text in texts), is_ours=looks_ours) == apart(texts)


@given(st.lists(ours, min_size=1, max_size=4, unique=True), st.data())
def test_a_read_split_once_is_put_together(texts: list[str], data: st.DataObject) -> None:
    typed = ""
    for text in texts:
        cut = data.draw(st.integers(1, len(text) - 1))
        typed += f"{text[:cut]}\n{text[cut:]}\n"
    assert untangle(typed, is_ours=looks_ours) == tuple(texts)


@pytest.mark.parametrize("text", [ADDRESS, BIG, EPC])
def test_a_read_is_put_together_wherever_it_was_split(text: str) -> None:
    for cut in range(1, len(text)):
        found = untangle(f"{text[:cut]}\n{text[cut:]}\n", is_ours=looks_ours)
        assert found == (text,), cut


@given(st.text(max_size=400))
def test_nothing_is_invented(typed: str) -> None:
    for text in untangle(typed, is_ours=looks_ours):
        assert text
        assert text == text.strip()
        assert not re.search(r"[\t\n\r]", text)
        assert not is_private96(text) or text.upper() == text


@given(st.text("5A10C.HTPS:/\r\n 9Z", max_size=300), st.integers(1, 40))
@settings(max_examples=200)
def test_in_pieces_it_is_the_same_as_at_once(typed: str, size: int) -> None:
    untangler = Untangler(looks_ours)
    for at in range(0, len(typed), size):
        untangler.feed(typed[at : at + size])
    assert untangler.flush() == untangle(typed, is_ours=looks_ours)
    assert untangler.is_empty


# --- bit by bit ----------------------------------------------------------------------------


def test_settling_keeps_what_has_no_end_yet() -> None:
    untangler = Untangler(looks_ours)
    untangler.feed("card 1\n" + EPC + ADDRESS[:20])
    assert untangler.settle() == ("card 1", EPC)
    untangler.feed(ADDRESS[20:])
    assert untangler.settle() == (ADDRESS,)
    assert untangler.is_empty
    untangler.feed("card")
    assert untangler.settle() == ()
    assert untangler.flush() == ("card",)


def test_settling_joins_a_read_split_by_a_terminator() -> None:
    untangler = Untangler(looks_ours)
    untangler.feed(f"{EPC[:7]}\n{EPC[7:]}")
    assert untangler.settle() == (EPC,)
    assert untangler.is_empty


def test_a_bare_id_may_still_grow_into_a_short_form() -> None:
    def is_ours(text: str) -> bool:
        return text == TAIL[:10] or looks_ours(text)

    untangler = Untangler(is_ours)
    untangler.feed(TAIL[:10])
    assert untangler.settle() == ()
    untangler.feed(TAIL[10:])
    assert untangler.settle() == (TAIL,)


# --- hostile -------------------------------------------------------------------------------


def test_ten_megabytes_without_a_line_end_are_nothing() -> None:
    untangler = Untangler(looks_ours)
    for _ in range(160):
        untangler.feed("A" * 65_536)
        assert untangler.is_overfull
        assert untangler.settle() == ()
        assert not untangler.is_overfull
    untangler.feed(EPC)
    assert EPC in untangler.flush()


def test_what_is_longer_than_any_symbol_is_dropped() -> None:
    assert untangle("7" * LONGEST, is_ours=looks_ours) == ("7" * LONGEST,)
    assert untangle("7" * (LONGEST + 1) + "\n" + EPC, is_ours=looks_ours) == (EPC,)


@pytest.mark.parametrize(
    "piece", ["HTTPS://", "5A1", "HTTPS://A/A/K7M29QXD4F.1", "A" * 11 + ".", "\n"]
)
def test_repetitions_of_beginnings_end(piece: str) -> None:
    found = untangle(piece * (300_000 // len(piece)), is_ours=looks_ours)
    assert not any(looks_ours(text) or is_private96(text) for text in found)
