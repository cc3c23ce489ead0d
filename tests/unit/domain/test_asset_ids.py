"""Asset ids: check characters of ISO 7064, the letters that never stand in one, ways to write."""

from __future__ import annotations

import random

import pytest

from assetctl.domain.identity import (
    CROCKFORD,
    asset_id,
    check_characters,
    display_id,
    parse_asset_id,
)
from assetctl.errors import AssetIdError

BITS = 40


def sample(count: int, seed: int = 7064) -> list[str]:
    """Return ids of random serials, the unfit ones left out."""
    drawn = random.Random(seed)
    ids: list[str] = []
    while len(ids) < count:
        made = asset_id(drawn.getrandbits(BITS))
        if made is not None:
            ids.append(made)
    return ids


def is_valid(text: str) -> bool:
    """Say by the congruence in ISO 7064 whether a string with its check characters is valid.

    The sum of value times 36 to the power of the place leaves 1 modulo 1271.
    """
    return int(text, 36) % 1271 == 1


def is_read(text: str) -> bool:
    try:
        parse_asset_id(text)
    except AssetIdError:
        return False
    return True


def test_the_example_of_the_standard() -> None:
    assert check_characters("ISO79") == "3W"


@pytest.mark.parametrize("one", sample(50))
def test_every_id_meets_the_congruence_of_the_standard(one: str) -> None:
    assert is_valid(one)


def test_an_id_is_its_serial_in_base_32() -> None:
    serial = 0x12_3456_789A
    made = asset_id(serial)
    assert made is not None
    digits = made[:8].translate(str.maketrans(CROCKFORD, "0123456789ABCDEFGHIJKLMNOPQRSTUV"))
    assert int(digits, 32) == serial


def test_different_serials_give_different_ids() -> None:
    ids = [asset_id(serial) for serial in range(5000)]
    made = [one for one in ids if one]
    assert len(set(made)) == len(made)


def test_exactly_the_serials_whose_check_characters_hold_iluo_are_skipped() -> None:
    drawn = random.Random(1)
    skipped = 0
    for _ in range(5000):
        serial = drawn.getrandbits(BITS)
        body = "".join(CROCKFORD[serial >> shift & 31] for shift in range(35, -1, -5))
        check = next(
            first + second
            for first in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            for second in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            if is_valid(body + first + second)
        )
        unfit = any(letter in check for letter in "ILOU")
        skipped += unfit
        assert asset_id(serial) == (None if unfit else body + check)
    assert 0.15 < skipped / 5000 < 0.25


@pytest.mark.parametrize("serial", [-1, 1 << BITS, 1 << 64])
def test_a_serial_has_forty_bits(serial: int) -> None:
    with pytest.raises(ValueError, match="40 bits"):
        asset_id(serial)


# --- what a slip of the hand does -----------------------------------------------------------


def substitutions(one: str) -> list[str]:
    return [
        one[:place] + other + one[place + 1 :]
        for place in range(len(one))
        for other in CROCKFORD
        if other != one[place]
    ]


def swaps(one: str, distance: int) -> list[str]:
    found = []
    for place in range(len(one) - distance):
        letters = list(one)
        letters[place], letters[place + distance] = letters[place + distance], letters[place]
        found.append("".join(letters))
    return [text for text in found if text != one]


@pytest.mark.parametrize("one", sample(60))
def test_every_wrong_character_is_found(one: str) -> None:
    slips = substitutions(one)
    assert len(slips) == 310
    assert [text for text in slips if is_read(text)] == []


@pytest.mark.parametrize("distance", [1, 2])
def test_every_swap_of_two_characters_side_by_side_or_around_a_third_is_found(
    distance: int,
) -> None:
    slips = [text for one in sample(500, seed=distance) for text in swaps(one, distance)]
    assert len(slips) > 3000
    assert [text for text in slips if is_read(text)] == []


# --- ways of writing ------------------------------------------------------------------------

WITH_BOTH = next(one for one in sample(500) if "0" in one and "1" in one)


@pytest.mark.parametrize("one", sample(20))
def test_an_id_is_read_back_as_people_write_it(one: str) -> None:
    shown = display_id(one)
    assert [len(part) for part in shown.split("-")] == [4, 4, 2]
    for written in (one, shown, shown.lower(), f"  {shown}\n", " ".join(one), "-".join(one)):
        assert parse_asset_id(written) == one


@pytest.mark.parametrize(("meant", "written"), [("0", "O"), ("0", "o"), ("1", "I"), ("1", "l")])
def test_letters_that_look_like_digits_are_read_as_digits(meant: str, written: str) -> None:
    assert parse_asset_id(WITH_BOTH.replace(meant, written)) == WITH_BOTH


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 characters"),
        ("-", "0 characters"),
        (WITH_BOTH[:9], "9 characters"),
        (WITH_BOTH + "0", "11 characters"),
        ("U" + WITH_BOTH[1:], "U never stands"),
        (WITH_BOTH[:9] + "*", "never stands"),
        ("0000000000", "check characters"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(AssetIdError, match=reason):
        parse_asset_id(text)


@pytest.mark.parametrize(
    "digits",
    ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"],  # Arabic-Indic, full width, Devanagari
)
def test_digits_of_other_scripts_are_not_taken_for_ours(digits: str) -> None:
    text = WITH_BOTH.translate(str.maketrans("0123456789", digits))
    with pytest.raises(AssetIdError):
        parse_asset_id(text)


@pytest.mark.parametrize(
    "text",
    ["\x00" * 10, "0" * 1_000_000, "\u202e0000000001", "0000\x1b[0m000001"],
    ids=["zero bytes", "a million characters", "right to left", "terminal escape"],
)
def test_hostile_texts_are_refused(text: str) -> None:
    with pytest.raises(AssetIdError):
        parse_asset_id(text)
