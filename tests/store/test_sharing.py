"""Bookings on both databases: two at once, what keeps a thing from being booked, and replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from assetctl.acts import bookings, disposal, handovers, sharing, warehouses
from assetctl.domain.chain import instant
from assetctl.domain.request import Receipt
from assetctl.domain.sharing import Slot
from assetctl.domain.warehouse_rules import built_in
from assetctl.errors import (
    BookingStateError,
    DocumentRefusedError,
    DutiesMixedError,
    InputError,
    NotBookableError,
    SlotTakenError,
)
from assetctl.reads.sharing import need_booking, slots_of
from tests.store.office import asked, lent, staff
from tests.store.world import World, race, told_apart

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def slot(first: int, last: int) -> Slot:
    """Return the slot from an hour from now until before another."""
    begins, ends = (NOW + timedelta(hours=one) for one in (first, last))
    return Slot(start=instant(begins), end=instant(ends), day=begins.date().isoformat())


def day(days: int) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


@pytest.fixture
def shared(world: World) -> str:
    """A thing of U1 that it offers, in a register where everybody has his role."""
    staff(world)
    asset = world.asset("会议室投影机", place="B1")
    world.do(sharing.offer, assets=[asset], note="周末除外", stamp=world.stamp("C1"))
    return asset


def book(world: World, asset: str, first: int, last: int, who: str = "C2") -> Receipt:
    return world.do(
        sharing.book, asset_id=asset, slot=slot(first, last), text="培训", stamp=world.stamp(who)
    )


def number(receipt: Receipt) -> str:
    return receipt.events[0].subject.removeprefix("booking:")


def state(world: World, receipt: Receipt) -> str:
    with world.store.reading() as connection:
        return need_booking(connection, number(receipt)).state


@pytest.mark.parametrize("writers", [2, 6])
def test_of_several_who_book_at_once_one_gets_it(world: World, shared: str, writers: int) -> None:
    for turn in range(3):
        jobs = [
            partial(book, world, shared, 10 * turn + 30 + shift % 2, 10 * turn + 34, who)
            for shift, who in enumerate(("C1", "C2") * (writers // 2))
        ]
        won, lost = told_apart(race(jobs))
        assert (len(won), len(lost)) == (1, writers - 1)
        for error in lost:
            assert isinstance(error, SlotTakenError)
            assert error.facts["number"] == number(won[0])
    with world.store.reading() as connection:
        found = slots_of(connection, shared, after=instant(NOW))
    assert [one.number[-4:] for one in found] == ["0001", "0002", "0003"], "no number is missing"
    world.verify()


def test_slots_that_touch_are_both_booked(world: World, shared: str) -> None:
    won, lost = told_apart(
        race([partial(book, world, shared, hour, hour + 2) for hour in (30, 32, 34, 36)])
    )
    assert (len(won), lost) == (4, [])
    with pytest.raises(SlotTakenError):
        book(world, shared, 31, 33)
    world.verify()


def test_a_booking_given_up_or_used_leaves_its_slot_free(world: World, shared: str) -> None:
    first = book(world, shared, 30, 32)
    world.do(bookings.cancel, number=number(first), stamp=world.stamp("C2"))
    second = book(world, shared, 30, 32)
    moment = instant(NOW - timedelta(hours=1))
    world.do(
        bookings.take, number=number(second), moment=moment, condition="good",
        stamp=world.stamp("C1"),
    )  # fmt: skip
    with pytest.raises(BookingStateError):
        world.do(bookings.cancel, number=number(second), stamp=world.stamp("C2"))
    world.do(
        bookings.bring_back, number=number(second), moment=moment, condition="fair",
        compensation="20.5", text="灯泡", stamp=world.stamp("C1"),
    )  # fmt: skip
    book(world, shared, 30, 32)
    with world.store.reading() as connection:
        log = need_booking(connection, number(second))
    assert (log.condition_out, log.condition_back, log.compensation) == ("good", "fair", "20.50")
    world.verify()


def test_whose_booking_waits_for_a_word_holds_its_slot(world: World, shared: str) -> None:
    text = built_in().replace("needs_approval = false", "needs_approval = true")
    world.do(
        warehouses.adopt_rules, text=text, source="rules", doc="1", stamp=world.stamp("M")
    )  # fmt: skip
    first = book(world, shared, 30, 32)
    assert state(world, first) == "asked"
    with pytest.raises(SlotTakenError):
        book(world, shared, 31, 33)
    with pytest.raises(DutiesMixedError):
        world.do(bookings.decide, number=number(first), agree=True, stamp=world.stamp("C2"))
    world.do(
        bookings.decide, number=number(first), agree=False, text="检修", stamp=world.stamp("C1")
    )
    second = book(world, shared, 31, 33)
    world.do(bookings.decide, number=number(second), agree=True, stamp=world.stamp("C1"))
    assert (state(world, first), state(world, second)) == ("denied", "booked")
    world.verify()


def refused(world: World, asset: str, first: int, last: int) -> Any:
    with pytest.raises(NotBookableError) as caught:
        book(world, asset, first, last)
    return caught.value.facts["reason"]


def test_what_is_elsewhere_cannot_be_booked_for_that_time(world: World, shared: str) -> None:
    plain = world.asset("普通电脑", place="B1")
    assert "not offered" in refused(world, plain, 30, 32)
    loan = asked(world, [shared], borrower="U2", due=day(3))
    assert loan in refused(world, shared, 30, 32)
    later = book(world, shared, 24 * 5, 24 * 5 + 2)
    world.do(bookings.cancel, number=number(later), stamp=world.stamp("C2"))
    other = world.asset("投影幕", place="B1")
    world.do(sharing.offer, assets=[other], stamp=world.stamp("C1"))
    lent(world, [other], due=day(3))
    assert "on_loan" in refused(world, other, 30, 32)
    book(world, other, 24 * 5, 24 * 5 + 2)
    third = world.asset("音响", place="B1")
    world.do(sharing.offer, assets=[third], stamp=world.stamp("C1"))
    world.do(disposal.propose_disposal, assets=[third], method="scrap",
             stamp=world.stamp("C1"))  # fmt: skip
    assert "pending_disposal" in refused(world, third, 30, 32)
    world.verify()


def test_what_is_booked_is_not_lent_over_that_time(world: World, shared: str) -> None:
    booked = book(world, shared, 24 * 5, 24 * 5 + 2)
    with pytest.raises(DocumentRefusedError) as caught:
        asked(world, [shared], borrower="U2", due=day(6))
    assert number(booked) in str(caught.value.facts["lines"])
    asked(world, [shared], borrower="U2", due=day(3))


def test_what_one_offered_the_next_holder_does_not(world: World, shared: str) -> None:
    world.do(handovers.send, assets=[shared], to="U2", stamp=world.stamp("C1"))
    world.do(handovers.receive, assets=[shared], by="U2", place="B1", stamp=world.stamp("C2"))
    assert world.row(shared)["shared"] is None
    with pytest.raises(DutiesMixedError):
        world.do(sharing.offer, assets=[shared], stamp=world.stamp("C1"))
    world.do(sharing.offer, assets=[shared], stamp=world.stamp("C2"))
    with pytest.raises(InputError):
        world.do(sharing.offer, assets=[shared], stamp=world.stamp("C2"))
    world.do(sharing.stop, assets=[shared], stamp=world.stamp("C2"))
    world.verify()


def test_a_repeated_request_books_once(world: World, shared: str) -> None:
    stamp = world.stamp("C2", request_id="R1")
    wish = {"asset_id": shared, "slot": slot(30, 32), "text": "培训", "stamp": stamp}
    first = world.do(sharing.book, **wish)
    second = world.do(sharing.book, **wish)
    assert (second.repeated, second.events[0].event_id) == (True, first.events[0].event_id)


def test_loan_and_booking_at_once_do_not_both_get_it(world: World, shared: str) -> None:
    def lend() -> Receipt:
        asked(world, [shared], borrower="U2", due=day(6))
        return Receipt(events=())

    won, lost = told_apart(race([lend, partial(book, world, shared, 48, 50)]))
    assert (len(won), len(lost)) == (1, 1)
    assert isinstance(lost[0], DocumentRefusedError | NotBookableError)
    world.verify()
