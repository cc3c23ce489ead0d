"""A request id is carried out once, however often and from wherever it comes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import pytest

from assetctl.acts import counts, disposal, handovers, loans, parties, register, tags
from assetctl.acts.register import NewAsset
from assetctl.acts.tags import Carried
from assetctl.domain.request import Receipt
from assetctl.errors import AssetctlError, RequestReusedError
from tests.conftest import Register
from tests.store.world import World, race

Act = Callable[..., Receipt]
SHA = "a" * 64

# An act on an asset in store, and another wish that must not pass for the same request.
ON_ASSETS: dict[str, tuple[Act, dict[str, Any], dict[str, Any]]] = {
    "check_out": (loans.check_out, {"to": "P2", "due": "2099-01-01"}, {"to": "P1"}),
    "check_out due": (loans.check_out, {"to": "P2", "due": "2099-01-01"}, {"due": "2099-01-02"}),
    "check_out place": (loans.check_out, {"to": "P2", "place": "B1"}, {"place": "B1-101"}),
    "check_out doc": (loans.check_out, {"to": "P2", "doc": "借〔1〕号"}, {"doc": "借〔2〕号"}),
    "move": (handovers.move, {"to": "B1"}, {"to": "B1-101"}),
    "count": (counts.count, {"place": "B1"}, {"place": "B1-101"}),
    "count condition": (counts.count, {"place": "B1"}, {"place": "B1", "condition": "good"}),
    "send": (handovers.send, {"to": "U2"}, {"to": "P2"}),
    "transfer_title": (
        handovers.transfer_title, {"to_unit": "U2", "doc": "调〔1〕号"}, {"doc": "调〔2〕号"},
    ),
    "report_missing": (handovers.report_missing, {"doc": "1"}, {"doc": "2"}),
    "propose_disposal": (disposal.propose_disposal, {"method": "scrap"}, {"method": "sale"}),
    "propose_disposal ground": (
        disposal.propose_disposal, {"method": "scrap", "ground": "loss"}, {"ground": "obsolete"},
    ),
}  # fmt: skip
ON_ONE: dict[str, tuple[Act, dict[str, Any], dict[str, Any]]] = {
    "correct": (register.correct, {"changes": {"name": "甲"}}, {"changes": {"name": "乙"}}),
    "bind_tag": (
        tags.bind_tag,
        {"carried": Carried(carrier="qr", code="00000001YN")},
        {"carried": Carried(carrier="qr", code="00000002XY")},
    ),
    "attach": (
        register.attach,
        {"sha256": SHA, "byte_count": 1, "role": "photo", "media_type": "image/png"},
        {"sha256": "b" * 64},
    ),
    "replace_tag": (tags.replace_tag, {}, {"carrier": "hf"}),
    "void_tag": (tags.void_tag, {}, {"carrier": "hf"}),
}
ALONE: dict[str, tuple[Act, dict[str, Any], dict[str, Any]]] = {
    "party": (parties.add_party, {"code": "N", "kind": "unit", "name": "甲"}, {"kind": "vendor"}),
    "party name": (parties.add_party, {"code": "N", "kind": "unit", "name": "甲"}, {"name": "乙"}),
    "place": (parties.add_place, {"code": "N", "name": "甲"}, {"name": "乙"}),
    "place kind": (
        parties.add_place, {"code": "N", "name": "甲", "kind": "room"}, {"kind": "building"},
    ),
}  # fmt: skip


def wish_on(name: str, asset: str) -> tuple[Act, dict[str, Any], dict[str, Any]]:
    """Return the act of a case, its wish for an asset, and the other wish."""
    if name in ALONE:
        return ALONE[name]
    act, wish, other = (ON_ASSETS | ON_ONE)[name]
    whom: dict[str, Any] = {"assets": [asset]} if name in ON_ASSETS else {"asset_id": asset}
    return act, whom | wish, other


CASES = [*ON_ASSETS, *ON_ONE, *ALONE]


@pytest.mark.parametrize("name", CASES)
def test_a_repeated_request_returns_the_first_receipt_and_writes_nothing(
    world: World, name: str
) -> None:
    act, wish, _ = wish_on(name, world.asset())
    first = world.do(act, **wish, stamp=world.stamp(request_id="R-1"))
    before = world.contents()
    for actor in ("P1", "P2"):
        again = world.do(act, **wish, stamp=world.stamp(actor, request_id="R-1"))
        assert (again.events, again.repeated, first.repeated) == (first.events, True, False)
    assert world.contents() == before


@pytest.mark.parametrize("name", CASES)
def test_the_same_id_for_another_wish_is_refused(world: World, name: str) -> None:
    act, wish, other = wish_on(name, world.asset())
    world.do(act, **wish, stamp=world.stamp(request_id="R-1"))
    before = world.contents()
    with pytest.raises(RequestReusedError) as caught:
        world.do(act, **(wish | other), stamp=world.stamp(request_id="R-1"))
    assert caught.value.facts["request_id"] == "R-1"
    assert world.contents() == before


def test_the_same_id_for_another_act_or_asset_is_refused(world: World) -> None:
    asset, other = world.asset(), world.asset()
    world.do(handovers.move, assets=[asset], to="B1", stamp=world.stamp(request_id="R-1"))
    before = world.contents()
    wishes: list[tuple[Act, dict[str, Any]]] = [
        (handovers.move, {"assets": [other], "to": "B1"}),
        (handovers.move, {"assets": [asset, other], "to": "B1"}),
        (loans.check_out, {"assets": [asset], "to": "P1"}),
        (parties.add_place, {"code": "N", "name": "甲"}),
    ]
    for act, wish in wishes:
        with pytest.raises(RequestReusedError):
            world.do(act, **wish, stamp=world.stamp(request_id="R-1"))
    assert world.contents() == before


def test_a_wish_that_leaves_out_what_the_first_one_said_is_another_wish(world: World) -> None:
    asset = world.asset()
    stamp = partial(world.stamp, request_id="R-1")
    world.do(loans.check_out, assets=[asset], to="P2", due="2099-01-01", stamp=stamp())
    with pytest.raises(RequestReusedError):
        world.do(loans.check_out, assets=[asset], to="P2", stamp=stamp())


def test_a_batch_repeated_in_another_order_is_the_same_request(world: World) -> None:
    assets = [world.asset() for _ in range(3)]
    stamp = partial(world.stamp, request_id="R-1")
    first = world.do(handovers.move, assets=assets, to="B1", stamp=stamp())
    again = world.do(handovers.move, assets=assets[::-1], to="B1", stamp=stamp())
    assert again.repeated
    assert {event.event_id for event in again.events} == {event.event_id for event in first.events}


def test_a_refused_request_may_come_again(world: World) -> None:
    asset = world.asset()
    world.do(loans.check_out, assets=[asset], to="P1")
    stamp = partial(world.stamp, request_id="R-1")
    with pytest.raises(AssetctlError):
        world.do(loans.check_out, assets=[asset], to="P2", stamp=stamp())
    world.do(loans.check_in, assets=[asset])
    assert not world.do(loans.check_out, assets=[asset], to="P2", stamp=stamp()).repeated


def test_on_the_command_line(register: Register) -> None:
    asset = register.register()
    line = ("checkout", asset, "--to", "P2", "--request-id", "R-1")
    first, again = register.ok(*line), register.ok(*line)
    assert first["events"] == again["events"]
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert len(register.ok("trace", asset)) == 2
    error = register.fails(6, "checkout", asset, "--to", "P1", "--request-id", "R-1")
    assert error["code"] == "request.reused"


# --- at the same moment ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["check_out", "move", "send", "report_missing", "correct"])
def test_the_same_request_twice_at_once_lands_once(world: World, name: str) -> None:
    for number in range(4):
        asset = world.asset()
        act, wish, _ = wish_on(name, asset)
        outcomes = race(
            [
                partial(world.do, act, **wish, stamp=world.stamp(request_id=f"R-{number}"))
                for _ in range(2)
            ]
        )
        assert len(world.kinds(f"asset:{asset}")) == 2
        receipts = [one for one in outcomes if isinstance(one, Receipt)]
        assert len(receipts) == 2, "both get the receipt of what was done"
        assert receipts[0].events == receipts[1].events
        assert sorted(one.repeated for one in receipts) == [False, True]
    world.verify()


@pytest.mark.parametrize("name", ["party", "place"])
def test_the_same_new_thing_twice_at_once_lands_once(world: World, name: str) -> None:
    act, wish, _ = ALONE[name]
    stamps = [world.stamp(request_id="R-1") for _ in range(2)]
    outcomes = race([partial(world.do, act, **wish, stamp=stamp) for stamp in stamps])
    receipts = [one for one in outcomes if isinstance(one, Receipt)]
    assert len(receipts) == 2, "both get the receipt of what was done"
    assert receipts[0].events == receipts[1].events


def test_a_thing_registered_twice_at_once_is_registered_once(world: World) -> None:
    # The second request comes while the first is not yet committed.
    new = NewAsset(name="双击", class_code="A02010105", owner="U1")
    stamps = [world.stamp(request_id="R-1") for _ in range(2)]
    act = partial(register.register, new=new, new_asset_id=world.new_id)
    with ThreadPoolExecutor(1) as pool:
        with world.store.writing() as tx:
            first = act(tx, stamp=stamps[0])
            second = pool.submit(world.do, act, stamp=stamps[1])
            wait([second], timeout=0.5)  # what nothing holds back goes through meanwhile
        again = second.result(timeout=60)
    assert isinstance(again, Receipt)
    assert again.events == first.events
    assert again.repeated
    assert len(world.contents()["asset"]) == 1
