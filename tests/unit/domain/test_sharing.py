"""Slots: half open, checked against counting minute by minute; bookings; when a thing is free."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.chain import instant
from assetctl.domain.lifecycle import Custody, State
from assetctl.domain.sharing import (
    COURSE,
    HOLDING,
    BookingAct,
    BookingState,
    Slot,
    booking_after,
    why_not,
)
from assetctl.errors import BookingStateError

START = datetime(2026, 3, 1, tzinfo=UTC)


def slot(first: int, last: int) -> Slot:
    """Return the slot from one minute until before another."""
    begins, ends = (instant(START + timedelta(minutes=one)) for one in (first, last))
    return Slot(start=begins, end=ends, day=begins[:10])


minutes = st.integers(0, 40)
slots = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


@given(slots, slots)
def test_slots_meet_where_they_share_a_minute(one: tuple[int, int], other: tuple[int, int]) -> None:
    expected = bool(set(range(*one)) & set(range(*other)))
    assert slot(*one).meets(slot(*other)) is expected
    assert slot(*other).meets(slot(*one)) is expected


@given(st.lists(slots, max_size=12))
def test_taking_slots_in_turn_leaves_no_minute_to_two(wanted: list[tuple[int, int]]) -> None:
    taken: list[tuple[int, int]] = []
    for one in wanted:
        if not any(slot(*one).meets(slot(*other)) for other in taken):
            taken.append(one)
    used = [minute for one in taken for minute in range(*one)]
    assert len(used) == len(set(used))
    refused = [one for one in wanted if one not in taken]
    assert all(set(range(*one)) & set(used) for one in refused)


def test_one_that_ends_when_another_begins_does_not_meet_it() -> None:
    assert not slot(0, 10).meets(slot(10, 20))
    assert slot(0, 11).meets(slot(10, 20))


@pytest.mark.parametrize("act", BookingAct)
@pytest.mark.parametrize("state", BookingState)
def test_every_act_from_every_state(act: BookingAct, state: BookingState) -> None:
    sources, to = COURSE[act]
    if state in sources:
        assert booking_after(act, state, "YY-2026-0001") is to
        return
    with pytest.raises(BookingStateError) as caught:
        booking_after(act, state, "YY-2026-0001")
    assert caught.value.facts["booking_state"] == state.value
    assert set(str(caught.value.facts["booking_states"]).split(", ")) == set(sources)


def test_what_is_over_holds_no_slot() -> None:
    ended = set(BookingState) - set(HOLDING)
    assert ended == {BookingState.DENIED, BookingState.CANCELLED, BookingState.BROUGHT_BACK}


def free(
    state: State, due: str | None = None, shared: str | None = "U1", **promise: str | None
) -> bool:  # fmt: skip
    """Return whether a thing can be booked for the first minute of 1 March 2026."""
    thing = Custody(asset_id="A", state=state, owner="U1", holder="U1", due=due)
    return why_not(thing, slot(0, 1), shared=shared, **promise) is None


@pytest.mark.parametrize("state", State)
def test_only_what_is_at_hand_can_be_booked(state: State) -> None:
    assert free(state) == (state in (State.IN_USE, State.IDLE, State.IN_STORE))
    assert not free(state, shared=None)


@pytest.mark.parametrize(("due", "is_free"), [("2026-02-28", True), ("2026-03-01", False)])
def test_what_is_out_or_promised_is_free_after_its_day(due: str, is_free: bool) -> None:
    assert free(State.ON_LOAN, due=due) == is_free
    assert free(State.IDLE, promised_to="JY-2026-0001", promised_until=due) == is_free
    assert not free(State.IDLE, promised_to="JY-2026-0001")
