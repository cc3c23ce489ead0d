"""Prints of blanks, place tags and cards; voids of blanks; radio tags that a printer wrote."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from assetctl.acts import badges, blanks, disposal, prints, sightings, sign_prints, tags
from assetctl.acts.encoding import Encoded, bind_encoded
from assetctl.acts.register import NewAsset, register
from assetctl.acts.sightings import Sighted
from assetctl.acts.tags import Carried
from assetctl.domain.request import Receipt
from assetctl.errors import (
    ActRefusedError,
    BadgeMissingError,
    BlankMissingError,
    BlankStateError,
    CodeTakenError,
    InputError,
    ReprintReasonError,
    RequestReusedError,
)
from assetctl.reads.badges import place_badge, staff_badge
from assetctl.reads.blanks import between, blanks_of, need_blanks
from assetctl.reads.trace import Entry, trace
from assetctl.store.tables import tag as tag_table
from tests.store.world import World, race, told_apart

PRINT = {"template": "40x30", "printer": "tcp://u:secret@10.0.0.9:9100", "dpi": 203}
EPC = "5A10000000001234567890AB"
CHIPS = ("E280116020000001", "E280116020000002", "E280116020000003")
SORTS: list[tuple[Callable[..., Receipt], Callable[..., Receipt], str, str]] = [
    (badges.issue_place_tag, sign_prints.note_place_tags, "place", "W1"),
    (badges.issue_staff_card, sign_prints.note_staff_cards, "party", "P1"),
]


def blank_ids(world: World, count: int) -> list[str]:
    receipt = world.do(blanks.issue_blanks, count=count, new_asset_id=world.new_id)
    return list(receipt.events[0].data["tags"])


def history(world: World, subject: str) -> list[Entry]:
    with world.store.reading() as connection:
        return trace(connection, [subject])


def read(world: World, question: Callable[..., Any], *asked: Any) -> Any:
    with world.store.reading() as connection:
        return question(connection, *asked)


def encoded(world: World, tid: str, asset: str | None = None, epc: str = EPC) -> Receipt:
    """Print a label with a radio tag in it."""
    asset = asset or world.asset()
    tag = Encoded(epc=epc, pc="3000", tid=tid)
    return world.do(
        prints.note_print, assets=[asset], encoded={asset: tag}, reason="again", **PRINT
    )


# --- prints of badges ---------------------------------------------------------------------------


@pytest.mark.parametrize(("issue", "note", "sort", "code"), SORTS)
def test_copies_are_counted_for_each_issue(
    world: World, issue: Callable[..., Receipt], note: Callable[..., Receipt], sort: str, code: str
) -> None:
    world.do(issue, code=code, new_asset_id=world.new_id)
    world.do(note, codes=[code], **PRINT)
    before = world.contents()
    with pytest.raises(ReprintReasonError):
        world.do(note, codes=[code], reason=" ", **PRINT)
    assert world.contents() == before
    world.do(note, codes=[code, code], reason="卡纸", **PRINT)
    world.do(issue, code=code, anew=True, new_asset_id=world.new_id)
    world.do(note, codes=[code], **PRINT)
    entries = [one for one in history(world, f"{sort}:{code}") if one.kind.endswith("_printed")]
    assert [(e.data["issue"], e.data["copy"]) for e in entries] == [(1, 1), (1, 2), (2, 1)]
    assert [e.disclosed.get("reason") for e in entries] == [None, "卡纸", None]
    assert {e.data["printer"] for e in entries} == {"tcp://10.0.0.9:9100"}
    assert "secret" not in repr(entries)
    badge = read(world, place_badge if sort == "place" else staff_badge, code)
    assert (badge.issue, badge.prints) == (2, 1)
    world.verify()


@pytest.mark.parametrize(("issue", "note", "sort", "code"), SORTS)
def test_of_two_first_prints_at_once_one_needs_a_reason(
    world: World, issue: Callable[..., Receipt], note: Callable[..., Receipt], sort: str, code: str
) -> None:
    world.do(issue, code=code, new_asset_id=world.new_id)
    won, lost = told_apart(race([partial(world.do, note, codes=[code], **PRINT)] * 4))
    assert len(won) == 1
    assert {type(error) for error in lost} == {ReprintReasonError}
    assert world.kinds(f"{sort}:{code}")[-1].endswith("_printed")
    world.verify()


@pytest.mark.parametrize(("issue", "note", "sort", "code"), SORTS)
def test_all_badges_or_none(
    world: World, issue: Callable[..., Receipt], note: Callable[..., Receipt], sort: str, code: str
) -> None:
    world.do(issue, code=code, new_asset_id=world.new_id)
    before = world.contents()
    for codes, error in (([code, "NOWHERE"], BadgeMissingError), ([code], InputError)):
        how = PRINT | ({"template": " "} if error is InputError else {})
        with pytest.raises(error):
            world.do(note, codes=codes, **how)
    assert world.contents() == before
    assert sort in ("place", "party")
    stamp = world.stamp(request_id="R-1")
    first = world.do(note, codes=[code], stamp=stamp, **PRINT)
    again = world.do(note, codes=[code], stamp=world.stamp(request_id="R-1"), **PRINT)
    assert again.repeated
    assert again.events == first.events
    with pytest.raises(RequestReusedError):
        world.do(note, codes=[code], stamp=world.stamp(request_id="R-1"),
                 **(PRINT | {"template": "50x30"}))  # fmt: skip


# --- blanks -------------------------------------------------------------------------------------


def test_a_whole_batch_is_printed_as_one_entry(world: World) -> None:
    ids = blank_ids(world, blanks.BATCH)
    world.do(sign_prints.note_blanks, tags=ids, **PRINT)
    assert world.kinds(f"blank:{ids[0]}") == ["blank.issued", "blank.printed"]
    with pytest.raises(ReprintReasonError) as caught:
        world.do(sign_prints.note_blanks, tags=ids[-1:], **PRINT)
    assert caught.value.facts["count"] == 1
    world.do(blanks.void_blanks, tags=ids, note="受潮")
    assert {one.voided_at is None for one in read(world, blanks_of, ids).values()} == {False}
    world.verify()


def test_tags_of_several_batches_are_one_entry_each(world: World) -> None:
    one, other = blank_ids(world, 3), blank_ids(world, 2)
    receipt = world.do(sign_prints.note_blanks, tags=[other[0], *one[:2], other[0]], **PRINT)
    assert {event.subject: event.data["tags"] for event in receipt.events} == {
        f"blank:{one[0]}": one[:2], f"blank:{other[0]}": other[:1],
    }  # fmt: skip
    void = world.do(blanks.void_blanks, tags=[one[2], other[1]])
    assert len(void.events) == 2
    assert len({event.request_id for event in void.events}) == 1
    states = read(world, blanks_of, one + other)
    assert [states[tag].is_free for tag in one + other] == [True, True, False, True, False]
    assert [bool(states[tag].printed_at) for tag in one + other] == [
        True, True, False, True, False,
    ]  # fmt: skip
    world.verify()


def test_what_is_void_or_bound_or_never_issued_stays_as_it_is(world: World) -> None:
    free, void, alias, own = blank_ids(world, 4)
    asset = world.asset()
    world.do(blanks.void_blanks, tags=[void])
    world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="qr", code=alias))
    new = NewAsset(name="桌", class_code="A02010105", owner="U1", place="W1")
    world.do(register, new=new, new_asset_id=world.new_id, asset_id=own)
    before = world.contents()
    for act, more in ((blanks.void_blanks, {}), (sign_prints.note_blanks, PRINT)):
        with pytest.raises(BlankStateError) as caught:
            world.do(act, tags=[free, void, alias, own], **more)
        assert caught.value.facts["count"] == 3
        with pytest.raises(BlankMissingError):
            world.do(act, tags=[free, asset], **more)
    with pytest.raises(BlankStateError):
        world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="qr", code=void))
    with pytest.raises(BlankStateError):
        world.do(register, new=new, new_asset_id=world.new_id, asset_id=void)
    assert world.contents() == before
    found = read(world, blanks_of, [free, void, alias, own, asset])
    assert {tag: one.asset_id for tag, one in found.items()} == {
        free: None, void: None, alias: asset, own: own
    }  # fmt: skip
    assert [one.tag for one in read(world, need_blanks, [free, free])] == [free]


def test_a_range_goes_by_the_order_of_issue(world: World) -> None:
    ids, other = blank_ids(world, 6), blank_ids(world, 1)
    assert read(world, between, ids[1], ids[4]) == ids[1:5]
    assert read(world, between, ids[5], ids[5]) == ids[5:]
    for first, last, error in (
        (ids[4], ids[1], InputError), (ids[0], other[0], InputError),
        (ids[0], world.new_id(), BlankMissingError),
    ):  # fmt: skip
        with pytest.raises(error):
            read(world, between, first, last)


def test_of_a_bind_and_a_void_at_the_same_moment_one_wins(world: World) -> None:
    for _ in range(6):
        (tag,) = blank_ids(world, 1)
        carried = Carried(carrier="qr", code=tag)
        asset = world.asset()
        jobs: list[Callable[[], Receipt]] = [
            partial(world.do, blanks.void_blanks, tags=[tag]),
            partial(world.do, tags.bind_tag, asset_id=asset, carried=carried),
        ]
        won, lost = told_apart(race(jobs))
        assert len(won) == 1, lost
        (error,) = lost
        assert isinstance(error, BlankStateError)
        (state,) = read(world, blanks_of, [tag]).values()
        assert (state.voided_at is None) == (state.asset_id == asset)
    world.verify()


def test_of_many_that_void_the_same_one_does(world: World) -> None:
    ids = blank_ids(world, 3)
    won, lost = told_apart(race([partial(world.do, blanks.void_blanks, tags=ids)] * 4))
    assert len(won) == 1
    assert {type(error) for error in lost} == {BlankStateError}
    world.verify()


# --- radio tags ---------------------------------------------------------------------------------


def test_print_and_radio_tag_are_one_transaction(world: World) -> None:
    asset, other = world.asset(), world.asset()
    encoded(world, CHIPS[0], asset)
    before = world.contents()
    with pytest.raises(CodeTakenError) as caught:
        encoded(world, CHIPS[1], other)
    assert caught.value.facts["holder"] == asset
    assert world.contents() == before, "no print without its tag"
    assert world.kinds(f"asset:{asset}") == [
        "asset.registered", "asset.label_printed", "asset.tag_bound"
    ]  # fmt: skip
    world.verify()


def test_an_asset_that_is_gone_gets_no_radio_tag(world: World) -> None:
    asset = world.asset()
    world.do(disposal.propose_disposal, assets=[asset], method="scrap", doc="批〔1〕号")
    world.do(disposal.dispose, assets=[asset], doc="批〔1〕号")
    before = world.contents()
    with pytest.raises(ActRefusedError):
        encoded(world, CHIPS[0], asset)
    assert world.contents() == before


def test_many_tags_and_the_same_request_again(world: World) -> None:
    assets = [world.asset() for _ in range(40)]
    wanted = {
        one: Encoded(epc=f"5A1{number:021X}", pc="3000", tid=f"E2{number:014X}")
        for number, one in enumerate(assets)
    }

    def note() -> Receipt:
        stamp = world.stamp(request_id="R-1")
        return world.do(prints.note_print, assets=assets, encoded=wanted, stamp=stamp, **PRINT)

    first, again = note(), note()
    assert len(first.events) == 80
    assert again.repeated
    assert {one.event_id for one in again.events} == {one.event_id for one in first.events}
    world.verify()


def test_a_chip_after_the_other_with_the_same_number(world: World) -> None:
    asset = world.asset()
    for chip in CHIPS[:2]:
        encoded(world, chip, asset)
    same = encoded(world, CHIPS[1], asset)
    assert [event.kind for event in same.events] == ["asset.label_printed"]
    world.do(tags.void_tag, asset_id=asset, carrier="uhf")
    encoded(world, CHIPS[2], asset)
    rows = [
        (row.issue, row.tid, row.state)
        for row in read(world, lambda connection: connection.execute(
            tag_table.select().where(tag_table.c.carrier == "uhf").order_by("issue")
        ).all())
    ]  # fmt: skip
    assert rows == [(1, CHIPS[0], "replaced"), (2, CHIPS[1], "void"), (3, CHIPS[2], "bound")]
    world.verify()


def test_a_radio_tag_is_known_by_its_chip_and_an_older_one_is_an_alert(world: World) -> None:
    asset = world.asset()
    for chip in CHIPS[:2]:
        encoded(world, chip, asset)

    def seen(tid: str | None) -> list[str]:
        sighted = Sighted(asset_id=asset, code=EPC, issue=1, tid=tid)
        told = world.do(sightings.sighting, seen=sighted, minutes=0)
        return [event.data["alert"] for event in told.events]

    assert seen(CHIPS[1]) == []
    assert seen(None) == [], "which chip it was is not known: nothing is said against it"
    assert seen(CHIPS[0]) == ["older_issue"]
    assert seen(CHIPS[2]) == ["two_tids"]
    world.verify()


def test_nothing_to_bind_is_nothing(world: World) -> None:
    assert world.do(bind_encoded, encoded={}).events == ()
