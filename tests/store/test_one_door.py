"""The door appends and applies everything, or nothing; batches are whole or each on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.acts import disposal, handovers, loans, register, tags
from assetctl.acts.tags import Carried
from assetctl.domain.events import Moved, PartyAdded, PlaceAdded, RoleGranted
from assetctl.domain.lifecycle import State
from assetctl.domain.request import Stamp
from assetctl.errors import (
    ActRefusedError,
    AssetctlError,
    AssetNotFoundError,
    CanonicalError,
    CodeTakenError,
    PlaceNotFoundError,
    SamePartyError,
    SubjectChangedError,
)
from assetctl.reads.resolve import resolve
from assetctl.reads.trace import trace
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.tables import head, history
from tests.conftest import Register
from tests.store.world import World


def place(name: str) -> PlaceAdded:
    return PlaceAdded(name=name, place_kind="room")


def test_every_fact_gives_one_entry_and_one_row(world: World) -> None:
    facts = [(f"place:N{number}", place(f"间{number}")) for number in range(3)]
    before = world.heads()
    with world.store.writing() as tx:
        written = record(tx, world.stamp(), facts)
    assert [(one.subject, one.seq) for one in written] == [(subject, 1) for subject, _ in facts]
    assert world.heads() == before | {subject: 1 for subject, _ in facts}
    world.verify()


def test_the_next_entry_points_to_the_one_before(world: World) -> None:
    asset = world.asset()
    world.do(handovers.move, assets=[asset], to="B1")
    with world.store.reading() as connection:
        first, second = trace(connection, [f"asset:{asset}"])
        entry = connection.execute(
            sa.select(history.c.entry).where(history.c.event_id == second.event_id)
        ).scalar_one()
    assert f'"p":"{first.leaf}"'.encode() in bytes(entry)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (("place:N9", place("e\u0301")), CanonicalError),
        (("place:N9", place("x" * 70_000)), CanonicalError),
        (("place:W1", place("again")), SubjectChangedError),
        (("party:P1", PartyAdded(party_kind="person")), SubjectChangedError),
    ],
    ids=["not in NFC", "too long", "a place again", "a party again"],
)
def test_one_bad_fact_leaves_no_trace_of_the_others(
    world: World, bad: tuple[str, Any], error: type[AssetctlError]
) -> None:
    before = world.contents()
    with pytest.raises(error), world.store.writing() as tx:
        record(tx, world.stamp(), [("place:N1", place("一")), bad, ("place:N2", place("二"))])
    assert world.contents() == before


@pytest.mark.parametrize("count", [2, 600])
def test_many_facts_or_none(world: World, count: int) -> None:
    # From 500 rows on, PostgreSQL takes them by another way.
    before = world.contents()
    facts = [(f"place:N{number}", place("间")) for number in range(count)]
    with pytest.raises(SubjectChangedError), world.store.writing() as tx:
        record(tx, world.stamp(), [*facts, ("place:W1", place("again"))])
    assert world.contents() == before
    with world.store.writing() as tx:
        record(tx, world.stamp(), facts)
    assert len(world.heads()) == len(before["head"]) + count
    world.verify()


def test_a_failure_after_the_door_undoes_what_went_through_it(world: World) -> None:
    before = world.contents()

    def stumble(tx: Tx, stamp: Stamp) -> None:
        record(tx, stamp, [("place:N1", place("一"))])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.do(stumble)
    assert world.contents() == before


def test_a_second_entry_of_a_subject_that_was_not_locked_is_refused(world: World) -> None:
    before = world.contents()
    with pytest.raises(SubjectChangedError), world.store.writing() as tx:
        record(tx, world.stamp(), [("party:P1", RoleGranted(role="clerk"))])
    assert world.contents() == before
    with world.store.writing() as tx:
        assert lock(tx, ["party:P1", "party:nobody"]) == {"party:P1": 1}
        record(tx, world.stamp(), [("party:P1", RoleGranted(role="clerk"))])
    assert world.kinds("party:P1") == ["party.added", "party.role_granted"]


def test_a_stale_head_is_refused(world: World) -> None:
    asset = world.asset()
    subject = f"asset:{asset}"
    with world.store.writing() as tx:
        lock(tx, [subject])
        stale = tx.heads[subject]
    world.do(handovers.move, assets=[asset], to="B1")
    before = world.contents()
    moved = Moved(state="in_use", holder="U1", from_state="in_use", from_holder="U1", place="W1")

    def overtaken(tx: Tx, stamp: Stamp) -> None:
        tx.heads[subject] = stale
        record(tx, stamp, [(subject, moved)])

    with pytest.raises(SubjectChangedError):
        world.do(overtaken)
    assert world.contents() == before


@pytest.mark.parametrize("late", [0, 2])
def test_of_many_the_one_whose_head_is_elsewhere_is_named(world: World, late: int) -> None:
    subjects = [f"asset:{world.asset()}" for _ in range(3)]
    moved = Moved(state="in_use", holder="U1", from_state="in_use", from_holder="U1", place="W1")

    def overtaken(tx: Tx, stamp: Stamp) -> None:
        lock(tx, subjects)
        beyond = head.update().where(head.c.subject == subjects[late]).values(seq=head.c.seq + 7)
        tx.connection.execute(beyond)
        record(tx, stamp, [(subject, moved) for subject in subjects])

    before = world.contents()
    with pytest.raises(SubjectChangedError) as refused:
        world.do(overtaken)
    assert refused.value.facts["subject"] == subjects[late]
    assert world.contents() == before


# --- batches --------------------------------------------------------------------------------


def test_a_batch_is_one_request_with_an_entry_for_each_asset(world: World) -> None:
    assets = [world.asset() for _ in range(5)]
    receipt = world.do(loans.check_out, assets=assets, to="P2", doc="借〔1〕号")
    assert [event.subject for event in receipt.events] == [f"asset:{one}" for one in assets]
    assert len({event.request_id for event in receipt.events}) == 1
    assert {world.row(one)["holder"] for one in assets} == {"P2"}
    world.verify()


@pytest.mark.parametrize("place_in_batch", [0, 2, 4])
def test_one_refused_asset_stops_the_whole_batch(world: World, place_in_batch: int) -> None:
    assets = [world.asset() for _ in range(4)]
    lent = world.asset()
    world.do(loans.check_out, assets=[lent], to="P1")
    before = world.contents()
    with pytest.raises(ActRefusedError) as caught:
        world.do(
            loans.check_out,
            assets=[*assets[:place_in_batch], lent, *assets[place_in_batch:]],
            to="P2",
        )
    assert caught.value.facts["asset_id"] == lent
    assert world.contents() == before


def test_one_unknown_asset_stops_the_whole_batch(world: World) -> None:
    asset, unknown = world.asset(), world.new_id()
    before = world.contents()
    with pytest.raises(AssetNotFoundError):
        world.do(handovers.move, assets=[asset, unknown], to="B1")
    assert world.contents() == before


def test_a_batch_of_many_hundreds(world: World) -> None:
    stamp = world.stamp()
    with world.store.writing() as tx:
        for number in range(620):
            new = register.NewAsset(
                name=f"椅{number}", class_code="A05010201", owner="U1", place="W1"
            )
            register.register(tx, new=new, stamp=world.stamp(), new_asset_id=world.new_id)
    with world.store.reading() as connection:
        assets = list(
            connection.execute(sa.text("SELECT asset_id FROM asset ORDER BY name")).scalars()
        )
    receipt = world.do(handovers.move, assets=assets, to="B1", stamp=stamp)
    assert [event.subject[6:] for event in receipt.events] == assets
    assert world.verify().entries >= 1240


def test_with_keep_going_each_stands_on_its_own(register: Register) -> None:
    good = [register.register(), register.register()]
    lent = register.register()
    register.ok("checkout", lent, "--to", "P1")
    batch = [good[0], lent, good[1]]
    register.fails(5, "checkout", *batch, "--to", "P2")
    assert {register.ok("show", one)[0]["state"] for one in good} == {"in_store"}
    answer = register("checkout", *batch, "--to", "P2", "--keep-going", "--json")
    assert answer.code == 9
    assert [event["subject"][6:] for event in answer.data["events"]] == good
    assert [one["state"] for one in register.ok("show", *batch)] == ["on_loan"] * 3
    assert [one["holder"] for one in register.ok("show", *batch)] == ["P2", "P1", "P2"]
    register.ok("verify", "--replay")


# --- refused acts ---------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[..., Any], dict[str, Any], type[AssetctlError]]] = {
    "not lent": (loans.check_in, {}, ActRefusedError),
    "not in transit": (handovers.receive, {}, ActRefusedError),
    "no such place": (handovers.move, {"to": "NOWHERE"}, PlaceNotFoundError),
    "already there": (handovers.move, {"to": "W1"}, SamePartyError),
    "not proposed": (disposal.dispose, {"doc": "D"}, ActRefusedError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_act_changes_nothing(world: World, name: str) -> None:
    act, wish, error = REFUSED[name]
    asset = world.asset()
    before = world.contents()
    with pytest.raises(error):
        world.do(act, assets=[asset], **wish)
    assert world.contents() == before


def test_what_was_called_off_is_in_store_only_in_a_warehouse(world: World) -> None:
    asset = world.asset()
    world.do(disposal.propose_disposal, assets=[asset], method="scrap")
    world.do(handovers.move, assets=[asset], to="B1-101")
    world.do(disposal.withdraw_disposal, assets=[asset])
    row = world.row(asset)
    assert (row["state"] == "in_store") is (row["place"] == "W1"), row


def test_a_thing_gone_missing_is_no_longer_proposed_for_disposal(world: World) -> None:
    asset = world.asset()
    world.do(disposal.propose_disposal, assets=[asset], method="scrap")
    world.do(handovers.report_missing, assets=[asset])
    world.do(handovers.report_found, assets=[asset])
    assert (world.row(asset)["state"], world.row(asset)["disposal_method"]) == ("in_store", None)


def test_a_thing_registered_in_store_lies_in_a_warehouse(world: World) -> None:
    for spot in ("B1-101", None):
        with pytest.raises(AssetctlError):
            world.asset(place=spot, state=State.IN_STORE)


# --- codes that must be unique ---------------------------------------------------------------


def test_a_corrected_card_number_answers_for_the_asset(world: World) -> None:
    asset = world.asset(card_no="0001")
    world.do(register.correct, asset_id=asset, changes={"card_no": "0002"})
    with world.store.reading() as connection:
        assert resolve(connection, ["0002"]) == [asset]
    world.verify()


def test_a_card_number_is_unique_within_a_unit(world: World) -> None:
    first = world.asset(card_no="0001")
    world.asset(card_no="0001", owner="U2")
    before = world.contents()
    with pytest.raises(CodeTakenError) as caught:
        world.asset(card_no="0001")
    assert caught.value.facts == {"scheme": "card:U1", "value": "0001", "holder": first}
    assert world.contents() == before


def test_a_blank_tag_belongs_to_one_asset(world: World) -> None:
    first, second, blank = world.asset(), world.asset(), world.new_id()
    world.do(tags.bind_tag, asset_id=first, carried=Carried(carrier="qr", code=blank))
    with pytest.raises(CodeTakenError) as caught:
        world.do(tags.bind_tag, asset_id=second, carried=Carried(carrier="qr", code=blank))
    assert caught.value.facts["holder"] == first


def test_a_radio_tag_belongs_to_one_asset(world: World) -> None:
    first, second = world.asset(), world.asset()
    epc = "E280689400005003C5D9A0B1"
    for asset, refused in ((first, False), (second, True)):
        carried = Carried(carrier="uhf", code=asset, epc=epc)
        if refused:
            with pytest.raises(CodeTakenError):
                world.do(tags.bind_tag, asset_id=asset, carried=carried)
        else:
            world.do(tags.bind_tag, asset_id=asset, carried=carried)
