"""Prints and copied tags: what was printed is known, what only a copy can do is recorded once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from assetctl.acts import handovers, loans, prints, sightings, tags
from assetctl.acts.prints import without_secrets
from assetctl.acts.sightings import Sighted
from assetctl.acts.tags import Carried
from assetctl.domain.chain import instant
from assetctl.domain.epc.numbering import Numbering, number_of
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import (
    AssetNotFoundError,
    InputError,
    PlaceNotFoundError,
    ReprintReasonError,
    TagNotFoundError,
    TwoTidsError,
)
from assetctl.reads.resolve import resolve
from assetctl.reads.tag_life import Alert, alerts, tag_history
from assetctl.reads.trace import trace
from tests.store.world import World, race, told_apart

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PRINT = {"template": "40x30", "printer": "tcp://10.0.0.9:9100"}
EPC, CHIPS = "E2801160600002054E1B1234", ("E280116020000001", "E280116020000002")


def scan(
    world: World, asset: str, second: int, station: str = "S1", place: str | None = None,
    issue: int = 1, code: str | None = None, tid: str | None = None,
) -> Receipt:  # fmt: skip
    at = instant(START + timedelta(seconds=second))
    stamp = replace(world.stamp(), at=at, station=station)
    seen = Sighted(asset_id=asset, code=code or asset, issue=issue, place=place, tid=tid)
    return world.do(sightings.sighting, seen=seen, stamp=stamp)


def all_alerts(world: World) -> list[Alert]:
    with world.store.reading() as connection:
        return alerts(connection)


def named(receipt: Receipt) -> list[str]:
    return [event.data["alert"] for event in receipt.events]


# --- prints -------------------------------------------------------------------------------------


def test_a_second_print_of_an_issue_needs_a_reason(world: World) -> None:
    one, other = world.asset(), world.asset()
    world.do(prints.note_print, assets=[one], dpi=300, **PRINT)
    before = world.contents()
    with pytest.raises(ReprintReasonError) as caught:
        world.do(prints.note_print, assets=[other, one], **PRINT)
    assert caught.value.facts["count"] == 1
    with pytest.raises(ReprintReasonError):
        world.do(prints.note_print, assets=[one], reason="  ", **PRINT)
    assert world.contents() == before
    world.do(prints.note_print, assets=[other, one], reason="卡纸", **PRINT)
    world.do(tags.replace_tag, asset_id=one)
    world.do(prints.note_print, assets=[one], **PRINT)
    with world.store.reading() as connection:
        old, new = tag_history(connection, one)
        (life,) = tag_history(connection, other)
    assert [(p.copy, p.dpi, p.reason) for p in old.prints] == [(1, 300, None), (2, None, "卡纸")]
    assert [(p.copy, p.template, p.printer) for p in new.prints] == [(1, *PRINT.values())]
    assert (old.state, old.issue, new.state, new.issue) == ("replaced", 1, "bound", 2)
    assert old.ended_at == new.bound_at
    assert old.prints[0].by == "P1"
    assert [p.reason for p in life.prints] == [None], "the reason belongs to the second print"
    world.verify()


def test_many_labels_are_noted_in_one_transaction(world: World) -> None:
    assets = [world.asset() for _ in range(60)]
    stamp = world.stamp(request_id="R-1")
    first = world.do(prints.note_print, assets=[*assets, assets[0]], stamp=stamp, **PRINT)
    assert len(first.events) == 60
    again = world.do(prints.note_print, assets=assets, stamp=world.stamp(request_id="R-1"), **PRINT)
    assert again.repeated
    assert {one.event_id for one in again.events} == {one.event_id for one in first.events}
    before = world.contents()
    with pytest.raises(AssetNotFoundError):
        world.do(prints.note_print, assets=[world.new_id(), *assets], reason="x", **PRINT)
    assert world.contents() == before
    world.verify()


def test_a_print_does_not_change_the_asset(world: World) -> None:
    asset = world.asset()
    row = world.row(asset)
    world.do(prints.note_print, assets=[asset], **PRINT)
    assert world.row(asset) == row


def test_what_has_no_label_that_counts_is_not_printed(world: World) -> None:
    asset = world.asset()
    with pytest.raises(TagNotFoundError):
        world.do(prints.note_print, assets=[asset], carrier="datamatrix", **PRINT)
    with pytest.raises(InputError):
        world.do(prints.note_print, assets=[asset], carrier="uhf", **PRINT)
    with pytest.raises(InputError):
        world.do(prints.note_print, assets=[asset], template=" ", printer="p")
    world.do(tags.void_tag, asset_id=asset)
    with pytest.raises(TagNotFoundError):
        world.do(prints.note_print, assets=[asset], **PRINT)


def test_of_two_first_prints_at_once_one_needs_a_reason(world: World) -> None:
    asset = world.asset()
    won, lost = told_apart(
        race([partial(world.do, prints.note_print, assets=[asset], **PRINT)] * 4)
    )
    assert len(won) == 1
    assert {type(error) for error in lost} == {ReprintReasonError}
    world.verify()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("tcp://10.0.0.9:9100", "tcp://10.0.0.9:9100"),
        ("http://user:secret@host:631/printers/a?key=1#x", "http://host:631/printers/a"),
        ("ipp://a@b:c@host/p", "ipp://host/p"),
        ("cups:仓库打印机", "cups:仓库打印机"),
        ("/dev/usb/lp0", "/dev/usb/lp0"),
        ("user:secret@host:9100", "host:9100"),
        ("http://[::1", "http"),
    ],
)
def test_a_printers_address_is_kept_without_secrets(address: str, kept: str) -> None:
    assert without_secrets(address) == kept


def test_the_history_holds_the_address_without_secrets(world: World) -> None:
    asset = world.asset()
    world.do(
        prints.note_print, assets=[asset], template="a", printer="http://u:secret@host/p?t=secret"
    )
    with world.store.reading() as connection:
        entry = trace(connection, [f"asset:{asset}"])[-1]
    assert entry.data["printer"] == "http://host/p"
    assert "secret" not in repr(entry)


# --- copied tags --------------------------------------------------------------------------------


def test_an_older_issue_still_in_use_is_an_alert_once_per_pair(world: World) -> None:
    asset = world.asset()
    assert named(scan(world, asset, 0)) == []
    world.do(tags.replace_tag, asset_id=asset)
    assert named(scan(world, asset, 900)) == ["older_issue"]
    assert named(scan(world, asset, 1800)) == []
    assert named(scan(world, asset, 2700, issue=2)) == []
    world.do(tags.replace_tag, asset_id=asset)
    assert named(scan(world, asset, 3600)) == ["older_issue"]
    assert named(scan(world, asset, 4500, issue=2)) == ["older_issue"]
    found = {(one.issue, one.other) for one in all_alerts(world)}
    assert found == {(1, "2"), (1, "3"), (2, "3")}
    assert world.kinds(f"asset:{asset}").count("asset.tag_alerted") == 3
    world.verify()


def test_two_places_at_once_are_an_alert_of_both(world: World) -> None:
    asset = world.asset()
    assert named(scan(world, asset, 0, "S1", "W1-Z1-R1")) == []
    assert named(scan(world, asset, 30, "S2", "W1-Z1")) == [], "the same warehouse"
    assert named(scan(world, asset, 60, "S2", "B1-101")) == ["two_places"]
    assert named(scan(world, asset, 90, "S1", "W1")) == [], "the same pair again"
    assert named(scan(world, asset, 120, "S1", "W2")) == ["two_places"]
    assert named(scan(world, asset, 420, "S3", "B1")) == [], "time enough to walk"
    (second, first) = all_alerts(world)
    assert first == Alert(
        asset_id=asset, alert="two_places", carrier="qr", code=asset, issue=1, other="B1 / W1",
        station="S2", place="B1-101", other_station="S2", other_place="W1-Z1", seconds_apart=30,
        seen_at=instant(START + timedelta(seconds=60)),
    )  # fmt: skip
    assert second.other == "W1 / W2"
    world.verify()


def test_stations_are_compared_where_places_are_not_known(world: World) -> None:
    asset = world.asset()
    scan(world, asset, 0, "S1")
    assert named(scan(world, asset, 10, "S1", "W1")) == []
    assert named(scan(world, asset, 20, "S2")) == ["two_places"]
    assert named(scan(world, asset, 400, "S1")) == []


def test_a_scan_that_arrives_late_is_compared_and_not_remembered(world: World) -> None:
    asset = world.asset()
    scan(world, asset, 1000, "S1")
    assert named(scan(world, asset, 0, "S2")) == []
    assert named(scan(world, asset, 900, "S3")) == ["two_places"]
    assert named(scan(world, asset, 1100, "S1")) == [], "the newest sighting is still that of S1"


def test_tags_of_one_asset_are_seen_each_for_itself(world: World) -> None:
    asset, blank = world.asset(), world.new_id()
    world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="qr", code=blank))
    scan(world, asset, 0, "S1")
    assert named(scan(world, asset, 1, "S2", code=blank)) == []
    with pytest.raises(TagNotFoundError):
        scan(world, asset, 2, code=world.new_id())
    with pytest.raises(TagNotFoundError):
        scan(world, asset, 2, issue=9)
    with pytest.raises(AssetNotFoundError):
        scan(world, world.new_id(), 2)
    with pytest.raises(PlaceNotFoundError):
        scan(world, asset, 2, place="NOWHERE")


def test_two_alerts_of_one_scan_and_an_act_under_the_same_request(world: World) -> None:
    asset = world.asset()
    scan(world, asset, 0, "S1")
    world.do(tags.replace_tag, asset_id=asset)
    stamp: Stamp = replace(
        world.stamp(request_id="R-1"), station="S2", at=instant(START + timedelta(seconds=5))
    )
    seen = Sighted(asset_id=asset, code=asset, issue=1)
    with world.store.writing() as tx:
        told = sightings.sighting(tx, seen=seen, stamp=stamp)
        handovers.move(tx, assets=[asset], to="B1", stamp=stamp)
    assert named(told) == ["older_issue", "two_places"]
    again = world.do(handovers.move, assets=[asset], to="B1", stamp=stamp)
    assert again.repeated
    world.verify()


def test_of_many_that_see_it_at_once_one_records_the_alert(world: World) -> None:
    asset = world.asset()
    world.do(tags.replace_tag, asset_id=asset)
    won, lost = told_apart(race([partial(scan, world, asset, 0)] * 6))
    assert lost == []
    assert sum(len(receipt.events) for receipt in won) == 1
    world.verify()


def test_an_alert_does_not_make_others_come_second(world: World) -> None:
    asset = world.asset()
    world.do(tags.replace_tag, asset_id=asset)
    row = world.row(asset)
    scan(world, asset, 0)
    assert world.row(asset) == row
    world.do(loans.check_out, assets=[asset], to="P1")
    world.verify()


def test_one_epc_with_two_chips(world: World) -> None:
    asset, other = world.asset(), world.asset()
    first, second = (Carried(carrier="uhf", code=EPC, epc=EPC, tid=chip) for chip in CHIPS)
    world.do(tags.bind_tag, asset_id=asset, carried=first)
    for one in (asset, other):
        before = world.contents()
        with pytest.raises(TwoTidsError) as caught:
            world.do(tags.bind_tag, asset_id=one, carried=second)
        assert world.contents() == before
        assert caught.value.facts == {
            "asset_id": asset, "epc": EPC, "tid": CHIPS[1], "bound_tid": CHIPS[0]
        }  # fmt: skip
    told = partial(
        world.do, sightings.alert_two_tids, asset_id=asset, epc=EPC, tid=CHIPS[1]
    )  # fmt: skip
    assert named(told()) == ["two_tids"]
    assert named(told()) == []
    (alert,) = all_alerts(world)
    assert (alert.carrier, alert.code, alert.other) == ("uhf", EPC, " / ".join(CHIPS))
    assert named(scan(world, asset, 0, code=EPC, tid=CHIPS[0])) == []
    assert named(scan(world, asset, 1, code=EPC, tid=CHIPS[1])) == []
    assert named(scan(world, asset, 2, code=EPC, tid="E280116020000003")) == ["two_tids"]
    with pytest.raises(TagNotFoundError):
        world.do(sightings.alert_two_tids, asset_id=asset, epc=EPC, tid=CHIPS[0])
    world.verify()


# --- protocols of radio tags ---------------------------------------------------------------------


@pytest.mark.parametrize(("air", "kept"), [("gen2", None), ("gb29768", "gb29768")])
def test_the_protocol_is_kept_where_it_is_not_the_usual_one(
    world: World, air: str, kept: str | None
) -> None:
    asset = world.asset()
    carried = Carried(carrier="uhf", code=EPC, epc=EPC, tid=CHIPS[0], air=air)
    world.do(tags.bind_tag, asset_id=asset, carried=carried)
    with world.store.reading() as connection:
        (entry,) = trace(connection, [f"asset:{asset}"])[1:]
        life = tag_history(connection, asset)[-1]
    assert entry.data.get("air") == life.air == kept
    assert ("air" in entry.data) == (kept is not None), (
        "entries of older programs have no such field"
    )
    world.verify()


def test_a_protocol_that_is_not_known_is_refused(world: World) -> None:
    asset = world.asset()
    with pytest.raises(InputError) as caught:
        world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="uhf", code=EPC, air="x"))
    assert caught.value.facts["field"] == "air"


def test_a_reader_that_hears_a_second_chip_tells_of_a_copied_tag(world: World) -> None:
    asset = world.asset()
    number = number_of(asset, Numbering()).epc
    world.do(
        tags.bind_tag, asset_id=asset,
        carried=Carried(carrier="uhf", code=number, epc=number, tid=CHIPS[0]),
    )  # fmt: skip
    with world.store.reading() as connection:
        assert resolve(connection, [number]) == [asset]
    assert named(scan(world, asset, 0, "S1", "W1", code=number, tid=CHIPS[0])) == []
    assert named(scan(world, asset, 1, "S1", "W1", code=number, tid=CHIPS[1])) == ["two_tids"]
    assert named(scan(world, asset, 2, "S1", "W1", code=number, tid=CHIPS[1])) == []
    (alert,) = all_alerts(world)
    assert (alert.code, alert.place, alert.station) == (number, "W1", "S1")
    world.verify()
