"""Counting with a scanner: quantities wait for their thing, add up, and are never lost unseen."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.chain import MAX_ENTRY, canonical
from assetctl.domain.commands import QUANTITIES
from assetctl.domain.events import BESIDE, EVENTS, Counted
from assetctl.domain.intent import Intent, intent_from, intent_of, plain
from assetctl.domain.lifecycle import State
from assetctl.domain.projection import When, changes
from assetctl.domain.session import FULL, MOST, Mode, Session, accepted, next_basket
from tests.property.test_event_round_trips import needed
from tests.unit.domain.test_session import ONE, TWO, begun, command, feed, place, staff, thing
from tests.unit.domain.test_session_book import stamp


def counted(session: Session) -> dict[str, int | None]:
    return {item.seen.code: item.quantity for item in accepted(session)}


def typed(number: object) -> str:
    return f"quantity.{number}"


def test_quantities_in_a_row_add_up_for_the_next_thing_only() -> None:
    session, told = feed(
        begun("count"), command(typed(20)), command(typed(5)), thing(ONE), thing(TWO)
    )
    assert [(one.code, one.quantity) for one in told] == [
        ("quantity", 20), ("quantity", 25), ("added", 25), ("added", None),
    ]  # fmt: skip
    assert counted(session) == {ONE: 25, TWO: None}
    assert session.quantity is None


@given(st.lists(st.sampled_from(QUANTITIES), min_size=1, max_size=20))
def test_any_number_can_be_put_together_from_the_sheet(numbers: list[int]) -> None:
    session, _ = feed(begun("count"), *(command(typed(one)) for one in numbers), thing())
    assert counted(session) == {ONE: sum(numbers)}


def test_scanned_again_with_a_quantity_the_thing_stays_and_its_number_is_the_new_one() -> None:
    session, _ = feed(begun("count"), command(typed(5)), thing(ONE), thing(TWO))
    session, told = feed(session, command(typed(20)), command(typed(2)), thing(ONE))
    assert (told[-1].code, told[-1].quantity) == ("counted", 22)
    assert counted(session) == {ONE: 22, TWO: None}
    session, (again,) = feed(session, thing(ONE))
    assert (again.code, counted(session)) == ("repeat", {ONE: 22, TWO: None})


def test_condition_and_quantity_of_one_thing() -> None:
    session, told = feed(
        begun("count"), command("condition.poor"), command(typed(3)), thing(ONE), thing(TWO),
        command("condition.good"), thing(TWO),
    )  # fmt: skip
    assert [one.code for one in told[-3:]] == ["added", "condition", "graded"]
    found = {code: (item.condition, item.quantity) for code, item in session.items.items()}
    assert found == {ONE: ("poor", 3), TWO: ("good", None)}


def test_a_quantity_that_came_behind_its_thing_holds_the_commit_up() -> None:
    session, told = feed(
        begun("count"), place("W1"), thing(ONE), command(typed(20)), command("commit")
    )
    assert (told[-1].code, told[-1].reason) == ("refused", "session.quantity_waits")
    scanned, told = feed(session, thing(ONE), command("commit"))
    assert ([one.code for one in told], counted(scanned)) == (["counted", "commit"], {ONE: 20})
    dropped, told = feed(session, command(typed(0)), command("commit"))
    assert ([one.code for one in told], counted(dropped)) == (["dropped", "commit"], {ONE: None})


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "٣", "²", "1e3", "1000000", "9" * 40])
def test_what_is_no_number_is_refused(number: str) -> None:
    before, _ = feed(begun("count"), command(typed(7)))
    session, (told,) = feed(before, command(typed(number)))
    assert (told.code, told.reason, session) == ("refused", "session.no_number", before)


def test_the_largest_number_is_not_passed_by_adding() -> None:
    session, told = feed(begun("count"), command(typed(MOST)), command(typed(1)))
    assert (told[-1].reason, session.quantity) == ("session.no_number", MOST)


@pytest.mark.parametrize("end", ["cancel", "move"])
def test_what_waits_ends_with_its_basket_or_mode(end: str) -> None:
    session, _ = feed(begun("count"), command(typed(5)), command(end))
    assert session.quantity is None
    assert next_basket(session, "R2").quantity is None


def test_a_quantity_tag_in_sight_of_a_camera_counts_once_each_time_it_comes() -> None:
    session, told = feed(
        begun("count"), *[command(typed(10), arrival=1)] * 30, command(typed(10), arrival=2)
    )
    assert [one.code for one in told].count("quantity") == 2
    assert session.quantity == 20


@pytest.mark.parametrize("state", State)
def test_whatever_the_register_says_of_it_a_thing_can_be_counted(state: State) -> None:
    session, (told,) = feed(begun("count"), thing(state=state.value))
    assert (told.code, counted(session)) == ("added", {ONE: None})


def test_a_shelf_is_committed_before_the_next_one_is_scanned() -> None:
    session, told = feed(begun("count"), thing(ONE), place("W1"), place("W1"), place("B1"))
    assert [one.code for one in told] == ["added", "place", "place", "refused"]
    assert (told[-1].reason, session.place) == ("session.counted_elsewhere", "W1")
    after = next_basket(session, "R2")
    after, told = feed(after, place("B1"), thing(ONE))
    assert (after.place, counted(after)) == ("B1", {ONE: None})
    # What is moved goes to the place scanned last, as before.
    session, told = feed(begun("move"), thing(ONE), place("B1"), place("B2"))
    assert session.place == "B2"


def test_nobody_borrows_in_a_count() -> None:
    _, (told,) = feed(begun("count"), staff())
    assert told.reason == "session.no_borrower_here"


# --- what a count becomes --------------------------------------------------------------------


def test_an_intent_says_how_many_of_what() -> None:
    session, _ = feed(begun("count"), place("W1"), command(typed(20)), thing(ONE), thing(TWO))
    intent = intent_from(session, stamp(), due=None, doc="盘1号")
    (group,) = intent.groups
    assert (intent.act, intent.place, intent.doc) == ("count", "W1", "盘1号")
    assert (group.assets, group.quantities, group.said()) == ((ONE, TWO), (20, None), {ONE: 20})
    assert intent_of(json.loads(json.dumps(plain(intent)))) == intent


def test_the_line_of_an_older_version_without_quantities_is_read() -> None:
    session, _ = feed(begun("count"), place("W1"), thing(ONE))
    intent = intent_from(session, stamp(), due=None, doc=None)
    data = json.loads(json.dumps(plain(intent)))
    for group in data["groups"]:
        del group["quantities"]
    assert intent_of(data) == intent


def test_the_commit_of_a_full_basket_fits_into_one_line() -> None:
    seen = []
    for number in range(FULL):
        seen += [command(typed(MOST)), command("condition.broken"), thing(f"K{number:09}")]
    session, _ = feed(begun("count"), place("W1"), *seen)
    assert len(accepted(session)) == FULL
    intent: Intent = intent_from(session, stamp(), due=None, doc=None)
    assert len(canonical(plain(intent))) < MAX_ENTRY * 0.9


# --- the fact ----------------------------------------------------------------------------------


def moves_the_asset(kind: str) -> bool:
    """Whether an entry of this kind sets when the asset changed, by which a late-comer is told."""
    plain_values = {name: 1 if hint is int else "1" for name, hint in needed(EVENTS[kind]).items()}
    filled = {
        name: {"name": "1"} if name in ("before", "after") else value
        for name, value in plain_values.items()
    }
    when = When(at="t1", rec="t2")
    return any(
        change.table == "asset" and "changed_at" in change.row
        for change in changes("asset:X", EVENTS[kind](**filled), when)
    )


def test_only_an_attachment_among_the_facts_beside_custody_touches_the_asset() -> None:
    of_assets = {kind for kind in EVENTS if kind.startswith("asset.")}
    assert of_assets > BESIDE
    assert {kind for kind in of_assets if not moves_the_asset(kind)} == BESIDE - {"asset.attached"}


def test_a_count_that_comes_late_does_not_hide_a_newer_one() -> None:
    event = Counted(place="W1", from_counted_at="t2")
    (change,) = changes("asset:X", event, When(at="t3", rec="t9"))
    assert change.row == {"asset_id": "X", "counted_at": "t3", "counted_place": "W1"}
    assert changes("asset:X", event, When(at="t1", rec="t9")) == []


def test_modes_and_acts_have_one_name_each() -> None:
    assert (
        Mode.COUNT.value
        == intent_from(feed(begun("count"), thing())[0], stamp(), due=None, doc=None).act
    )
