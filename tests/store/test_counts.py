"""Counts: a fact of what was seen, which moves nothing and is blamed for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from assetctl.acts import counts, disposal, handovers, loans, register
from assetctl.domain.chain import instant
from assetctl.domain.request import Receipt
from assetctl.errors import AssetNotFoundError, PlaceNotFoundError, RequestReusedError
from assetctl.reads.counts import Astray, astray
from assetctl.reads.trace import trace
from tests.store.world import World, race, told_apart

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def at(minute: int) -> str:
    return instant(NOON + timedelta(minutes=minute))


def count(world: World, *assets: str, place: str = "W1", **more: Any) -> Receipt:
    return world.do(counts.count, assets=list(assets), place=place, **more)


def found(world: World, receipt: Receipt) -> dict[str, Astray]:
    with world.store.reading() as connection:
        return {one.asset_id: one for one in astray(connection, receipt.events)}


def test_a_count_is_an_entry_and_moves_nothing(world: World) -> None:
    assets = [world.asset() for _ in range(3)]
    before = [world.row(one) for one in assets]
    receipt = count(world, *assets, place="B1-101", doc="盘〔1〕号")
    assert [event.kind for event in receipt.events] == ["asset.counted"] * 3
    assert receipt.events[0].data == {"place": "B1-101", "doc": "盘〔1〕号"}
    for one, was, event in zip(assets, before, receipt.events, strict=True):
        row = world.row(one)
        assert (row.pop("counted_at"), row.pop("counted_place")) == (event.at, "B1-101")
        assert row == {key: value for key, value in was.items() if key in row}
    with world.store.reading() as connection:
        assert trace(connection, [f"asset:{assets[0]}"])[-1].doc == "盘〔1〕号"
    world.verify()


@pytest.mark.parametrize("condition", [None, "poor"])
def test_what_was_seen_is_noted_and_the_card_keeps_its_condition(
    world: World, condition: str | None
) -> None:
    asset = world.asset(condition="good")
    (event,) = count(world, asset, condition=condition, quantities={asset: 25}).events
    wanted = {"place": "W1", "quantity": 25} | ({"condition": condition} if condition else {})
    assert event.data == wanted
    assert world.row(asset)["condition"] == "good"
    world.verify()


def test_a_card_with_a_quantity_is_counted_as_one_unless_somebody_said_more(world: World) -> None:
    many, one, plain = (world.asset(values={"quantity": "30"}), world.asset(), world.asset())
    world.do(register.correct, asset_id=one, changes={"quantity": "1"})
    receipt = count(world, many, one, plain)
    assert [event.data.get("quantity") for event in receipt.events] == [1, 1, None]
    assert {key: one.differs for key, one in found(world, receipt).items()} == {many: ("quantity",)}
    receipt = count(world, many, quantities={many: 30})
    assert found(world, receipt) == {}


@pytest.mark.parametrize(
    "state", ["in_use", "on_loan", "in_transit", "missing", "pending_disposal", "disposed"]
)
def test_a_thing_in_any_state_can_be_counted_and_keeps_it(world: World, state: str) -> None:
    asset = world.asset()
    deeds: dict[str, list[tuple[Any, dict[str, Any]]]] = {
        "in_use": [(handovers.move, {"to": "B1"})],
        "on_loan": [(loans.check_out, {"to": "P2"})],
        "in_transit": [(handovers.send, {"to": "U2"})],
        "missing": [(handovers.report_missing, {})],
        "pending_disposal": [(disposal.propose_disposal, {"method": "scrap"})],
        "disposed": [(disposal.propose_disposal, {"method": "scrap"}),
                     (disposal.dispose, {"doc": "处1"})],
    }  # fmt: skip
    for act, wish in deeds[state]:
        world.do(act, assets=[asset], **wish)
    before = world.row(asset)
    count(world, asset, place="W1")
    after = world.row(asset)
    assert after["state"] == state
    assert {key for key in after if after[key] != before[key]} == {"counted_at", "counted_place"}
    world.verify()


def test_a_count_that_comes_late_leaves_the_newer_one_standing(world: World) -> None:
    asset = world.asset()
    for minute, place in ((30, "W1"), (10, "B1"), (20, "B1-101"), (40, "W2")):
        stamp = replace(world.stamp(), at=at(minute))
        count(world, asset, place=place, stamp=stamp)
    assert (world.row(asset)["counted_at"], world.row(asset)["counted_place"]) == (at(40), "W2")
    assert world.kinds(f"asset:{asset}").count("asset.counted") == 4
    world.verify()


def test_what_is_not_there_cannot_be_counted_nor_counted_at(world: World) -> None:
    asset = world.asset()
    before = world.contents()
    with pytest.raises(AssetNotFoundError):
        count(world, asset, world.new_id())
    with pytest.raises(PlaceNotFoundError):
        count(world, asset, place="NOWHERE")
    assert world.contents() == before


def test_two_desks_count_one_thing_at_once_and_both_counts_stand(world: World) -> None:
    assets = [world.asset() for _ in range(3)]
    won, lost = told_apart(
        race([partial(count, world, *order) for order in (assets, assets[::-1], assets)])
    )
    assert (len(won), lost) == (3, [])
    assert world.kinds(f"asset:{assets[0]}").count("asset.counted") == 3
    world.verify()


def test_nobody_is_told_that_a_count_was_first(world: World) -> None:
    asset = world.asset()
    changed = world.row(asset)["changed_at"]
    count(world, asset)
    assert world.row(asset)["changed_at"] == changed


# --- the same request --------------------------------------------------------------------------


def test_a_repeated_count_must_say_the_same(world: World) -> None:
    many, plain = world.asset(values={"quantity": "30"}), world.asset()
    wish: dict[str, Any] = {"quantities": {many: 25}, "condition": "good", "doc": "盘1"}

    def again(**other: Any) -> Receipt:
        stamp = world.stamp(request_id="R-1")
        return count(world, many, plain, stamp=stamp, **(wish | other))

    first = again()
    before = world.contents()
    assert again().events == first.events
    others: list[dict[str, Any]] = [
        {"quantities": {many: 24}}, {"quantities": {}}, {"quantities": {many: 25, plain: 2}},
        {"condition": "poor"}, {"doc": None}, {"place": "B1"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(RequestReusedError):
            again(**other)
    assert world.contents() == before


def test_a_count_of_which_nothing_was_said_is_repeated_by_the_same(world: World) -> None:
    many = world.asset(values={"quantity": "30"})
    for repeated in (False, True):
        receipt = count(world, many, stamp=world.stamp(request_id="R-1"))
        assert receipt.repeated is repeated


# --- what the register says of it --------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "counted", "differs"),
    [("W1", "W1", ()), ("W1-Z1-R1", "W1", ()), ("W1", "W1-Z1-R1", ()), ("W1-Z1", "W2", ("place",)),
     ("W1-Z1-R1", "B1", ("place",)), ("B1", "B1-101", ()), (None, "W1", ("place",))],
)  # fmt: skip
def test_a_place_inside_another_agrees_with_it(
    world: World, registered: str | None, counted: str, differs: tuple[str, ...]
) -> None:
    asset = world.asset(place=registered)
    there = found(world, count(world, asset, place=counted))
    assert [one.differs for one in there.values()] == ([differs] if differs else [])


def test_lent_sent_lost_and_disposed_things_are_named_with_what_the_register_says(
    world: World,
) -> None:
    lent, sent, lost, gone, here = (world.asset(name) for name in "借送失废在")
    world.do(loans.check_out, assets=[lent], to="P2", place="B1")
    world.do(handovers.send, assets=[sent], to="U2")
    world.do(handovers.report_missing, assets=[lost])
    world.do(disposal.propose_disposal, assets=[gone], method="scrap")
    world.do(disposal.dispose, assets=[gone], doc="处1")
    there = found(world, count(world, lent, sent, lost, gone, here))
    told = {key: (one.differs, one.state, one.holder, one.place) for key, one in there.items()}
    assert told == {
        lent: (("place",), "on_loan", "P2", "B1"), sent: (("place",), "in_transit", "U1", None),
        lost: (("state",), "missing", "U1", "W1"),
        gone: (("place", "state"), "disposed", "U1", None),
    }  # fmt: skip
    assert list(there) == [lent, sent, lost, gone]
    assert there[lent].name == "借"


def test_a_late_count_is_compared_with_what_the_register_said_then(world: World) -> None:
    early = replace(world.stamp(), at=at(0))
    moved, lent = world.asset(stamp=early), world.asset(stamp=early)
    world.do(handovers.move, assets=[moved], to="B1", stamp=replace(world.stamp(), at=at(20)))
    world.do(loans.check_out, assets=[lent], to="P2", stamp=replace(world.stamp(), at=at(5)))
    world.do(loans.check_in, assets=[lent], place="W2", stamp=replace(world.stamp(), at=at(30)))
    receipt = count(world, moved, lent, place="W1", stamp=replace(world.stamp(), at=at(10)))
    there = found(world, receipt)
    # It stood in W1 at ten past, and was moved at twenty past: nothing is wrong with that.
    assert list(there) == [lent]
    assert (there[lent].state, there[lent].holder, there[lent].place) == ("on_loan", "P2", None)
    receipt = count(world, moved, place="W1", stamp=replace(world.stamp(), at=at(25)))
    assert found(world, receipt)[moved].place == "B1"
