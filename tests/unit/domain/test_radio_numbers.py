"""Radio numbers of an office: known answers, nothing but the id in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epc.fields import PREFIX_BITS
from assetctl.domain.epc.numbering import (
    Numbering,
    assets_of,
    epc_of,
    giai96,
    number_of,
    private96,
    serial_of,
)
from assetctl.domain.identity import asset_id
from assetctl.errors import EpcError
from scanner.epc96 import is_private96

KNOWN = "5A10557AC011123456789AC1"

serials = st.integers(0, 2**40 - 1)
divisions = st.integers(0, 999_999)
units = st.integers(0, 4095)


def test_the_worked_example_of_the_layout() -> None:
    assert private96(0x123456789A, division=350124, unit=17) == KNOWN


@given(serials, divisions, units, st.integers(0, 4))
def test_a_number_is_one_of_ours_and_tells_what_was_put_in(
    serial: int, division: int, unit: int, tag_class: int
) -> None:
    made = private96(serial, division=division, unit=unit, tag_class=tag_class)
    assert is_private96(made)
    bits = f"{int(made, 16):096b}"
    fields = [int(bits[at:end], 2) for at, end in ((12, 16), (16, 36), (36, 48), (48, 88))]
    assert fields == [tag_class, division, unit, serial]


@given(serials.map(asset_id).filter(bool).map(str))
def test_the_serial_is_that_of_the_id(asset: str) -> None:
    assert asset_id(serial_of(asset)) == asset
    number = number_of(asset, Numbering())
    assert int(number.epc[12:22], 16) == serial_of(asset)
    assert number.pc == "3000"


@pytest.mark.parametrize(
    ("numbering", "pc", "profile"),
    [
        (Numbering(), "3000", "private96"),
        (Numbering(afi="A1"), "31A1", "private96"),
        (Numbering(afi="ae"), "31AE", "private96"),
        (Numbering(prefix="9521141"), "3000", "giai96"),
        (Numbering(prefix="9521141", afi="A1"), "3000", "giai96"),
    ],
)
def test_the_pc_word_says_length_and_family(numbering: Numbering, pc: str, profile: str) -> None:
    number = number_of("K7M29QXD4F", numbering)
    assert (number.pc, numbering.profile) == (pc, profile)
    assert int(number.pc, 16) >> 11 == len(number.epc) // 4, "words"
    assert is_private96(number.epc) == (profile == "private96")


@given(st.sampled_from(sorted(PREFIX_BITS)), st.data(), serials)
def test_a_giai_tells_prefix_and_serial(digits: int, data: st.DataObject, serial: int) -> None:
    prefix = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    bits = f"{int(giai96(prefix, serial), 16):096b}"
    width = {6: 20, 7: 24, 8: 27, 9: 30, 10: 34, 11: 37, 12: 40}[digits]
    assert (int(bits[:8], 2), int(bits[8:11], 2), int(bits[11:14], 2)) == (0x34, 0, 12 - digits)
    assert int(bits[14 : 14 + width], 2) == int(prefix)
    assert int(bits[14 + width :], 2) == serial


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("9521141", "3476451FD40000000000162E"), ("0614141", "3474257BF40000000000162E")],
)
def test_the_examples_of_the_standard(prefix: str, expected: str) -> None:
    assert giai96(prefix, 5678, filter_value=3) == expected


@pytest.mark.parametrize(
    ("division", "unit", "tag_class", "field"),
    [
        (1_000_000, 0, 0, "division"), (0, 4096, 0, "unit"), (0, 0, 5, "class"),
        (-1, 0, 0, "division"), (0, -1, 0, "unit"),
    ],
)  # fmt: skip
def test_what_has_no_room_is_refused(division: int, unit: int, tag_class: int, field: str) -> None:
    with pytest.raises(EpcError) as caught:
        private96(0, division=division, unit=unit, tag_class=tag_class)
    assert caught.value.facts["epc_field"] == field


def test_a_reference_beyond_its_bits_is_refused() -> None:
    with pytest.raises(EpcError) as caught:
        giai96("952114100000", 1 << 42)
    assert caught.value.facts["epc_field"] == "reference"


@given(serials.map(asset_id).filter(bool).map(str), st.sampled_from(["952114", "952114112345"]))
def test_an_asset_is_found_by_its_giai_in_either_form(asset: str, prefix: str) -> None:
    assert asset in assets_of(f"{prefix}{serial_of(asset)}", prefix)
    assert asset in assets_of(prefix + asset, prefix)
    assert assets_of(prefix + asset, "") == assets_of(prefix + asset, "1234567") == ()
    assert assets_of(f"{prefix}0{serial_of(asset)}", prefix) == ()
    assert assets_of(f"{prefix}{serial_of(asset) + 2**40}", prefix) == ()
    assert assets_of(prefix, prefix) == ()


@pytest.mark.parametrize(
    ("giai", "digits", "scheme"),
    [
        ("95211415678", 7, "GIAI-96"), ("952114105678", 7, "GIAI-202"),
        ("95211410", 7, "GIAI-96"), ("952114132a/b", 7, "GIAI-202"),
        (f"9521141{2**58 - 1}", 7, "GIAI-96"), (f"9521141{2**58}", 7, "GIAI-202"),
        ("952114132a/b", 0, "GIAI+"), ("95211415678", 0, "GIAI+"),
    ],
)  # fmt: skip
def test_a_giai_takes_the_shortest_number_that_holds_it(
    giai: str, digits: int, scheme: str
) -> None:
    made = epc_of(giai, prefix_digits=digits)
    assert made.scheme == scheme
    assert dict(made.elements)["8004"] == giai


@pytest.mark.parametrize(("giai", "digits"), [("9521141", 7), ("95211415678", 5), ("952", 0)])
def test_what_is_no_giai_takes_none(giai: str, digits: int) -> None:
    with pytest.raises(EpcError):
        epc_of(giai, prefix_digits=digits)
