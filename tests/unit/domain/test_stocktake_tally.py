"""What the things of a stocktake amount to: known answers, and sums that always agree."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.money import fen, fen_text
from assetctl.domain.settling import MISSING, OFF_BOOK, SURPLUS, WRONG_PLACE
from assetctl.domain.stocktake import Line
from assetctl.domain.stocktake_results import Result
from assetctl.domain.stocktake_tally import Adding, Amount, Amounts, amounts_beyond, amounts_of


def line(quantity: str = "", value: str = "") -> Line:
    return Line(asset_id="K7M29QXD4F", name="椅子", class_code="A05010301", owner="U1", holder="U1",
                state="in_use", quantity=quantity, value=value)  # fmt: skip


def result(kinds: str, found: str) -> Result:
    return Result(item="K7M29QXD4F", results=kinds, found=found)


def test_a_part_is_worth_its_part() -> None:
    amounts = amounts_of(line("3", "100.00"), result(MISSING, "2"))
    assert amounts.shortage == Amount(quantity=1, value="33.33")
    assert amounts.counted == Amount(quantity=2, value="66.67")
    amounts = amounts_of(line("3", "100.00"), result(SURPLUS, "5"))
    assert amounts.surplus == Amount(quantity=2, value="66.67")
    assert amounts.counted == Amount(quantity=5, value="166.67")


def test_what_lies_elsewhere_is_there_all_the_same() -> None:
    amounts = amounts_of(line("", "100.00"), result(WRONG_PLACE, "1"))
    assert amounts.counted == amounts.booked == Amount(quantity=1, value="100.00")
    assert amounts_of(line(), None).booked == Amount(quantity=1, value=None)


def test_beyond_the_list_only_what_nobody_has_booked_is_over() -> None:
    assert amounts_beyond(result(OFF_BOOK, "2"), "1.00").surplus == Amount(quantity=2, value="1.00")
    assert amounts_beyond(result(SURPLUS, "1"), "").surplus == Amount(quantity=1)
    assert amounts_beyond(result(WRONG_PLACE, "1"), "") == Amounts()
    assert amounts_beyond(result(f"{SURPLUS},{WRONG_PLACE}", "7"), "") == Amounts()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 999), st.none() | st.integers(0, 10**12), st.integers(0, 2000),
            st.sampled_from([MISSING, SURPLUS, WRONG_PLACE, f"{MISSING},{WRONG_PLACE}"]),
            st.booleans(),
        )
    )
)  # fmt: skip
def test_counted_is_booked_and_over_less_lacking_and_left(
    things: list[tuple[int, int | None, int, str, bool]],
) -> None:
    adding = Adding()
    for quantity, worth, found, kinds, is_left in things:
        value = "" if worth is None else fen_text(worth)
        one = line(str(quantity or ""), value)
        amounts = amounts_of(one, result(kinds, str(found)), is_left=is_left)
        _agree(amounts)
        assert amounts.counted.quantity >= 0
        adding.add(amounts, kinds.split(","), is_listed=True)
    tally = adding.tally("")
    _agree(tally.amounts)
    assert tally.listed == len(things)
    assert tally.without_value == sum(worth is None for _, worth, *_ in things)


def _agree(amounts: Amounts) -> None:
    of = {one.name: getattr(amounts, one.name) for one in fields(amounts)}
    quantities = {name: one.quantity for name, one in of.items()}
    fens = {name: fen(one.value) if one.value else 0 for name, one in of.items()}
    for had in (quantities, fens):
        assert had["counted"] == had["booked"] + had["surplus"] - had["shortage"] - had["left"]
