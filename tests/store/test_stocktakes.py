"""Stocktakes on both databases: from plan to seal, and what stands against every short cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from assetctl.acts import counts, finds, handovers, loans
from assetctl.acts import stocktake_closing as closing
from assetctl.acts import stocktake_plan as planning
from assetctl.acts import stocktake_results as deciding
from assetctl.acts import stocktakes as running
from assetctl.acts.finds import HeardTag, SweepReport
from assetctl.acts.register import NewAsset, register
from assetctl.cli import clock
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.settling import Settled
from assetctl.domain.stocktake import Scope, Team
from assetctl.errors import (
    CountedHimselfError,
    DocumentUnfitError,
    HistoryBrokenError,
    NoDifferenceError,
    NotAskedError,
    NotOnTeamError,
    StocktakeStateError,
    StocktakeUnsettledError,
)
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import Stocktake, listed, need_stocktake, sweeps
from assetctl.reads.stocktakes import finds as finds_of
from assetctl.store.engine import Tx
from tests.store.county import County, make_county
from tests.store.world import World, race

TEAMS = (Team(code="A", people=("C1", "F1")), Team(code="B", people=("K",)))


@dataclass
class Count:
    """One stocktake of a county, and what people do with it."""

    county: County
    number: str

    def by(self, person: str, act: Any, /, **wish: Any) -> Receipt:
        return self.county.by(person, act, number=self.number, **wish)

    def seen(self, person: str, *assets: str, place: str = "W1", **more: Any) -> Receipt:
        return self.county.by(
            person, counts.count, assets=list(assets), place=place, doc=self.number, **more
        )

    def opened(self) -> Count:
        self.by("C1", running.open_stocktake)
        return self

    def finished(self) -> Count:
        self.by("C1", running.finish)
        self.by("K", running.finish)
        return self

    def one(self) -> Stocktake:
        with self.county.world.store.reading() as connection:
            return need_stocktake(connection, self.number)

    def settled(self) -> dict[str, Settled]:
        with self.county.world.store.reading() as connection:
            found = settle(connection, need_stocktake(connection, self.number))
            return {one.item: one for one in found}

    def results(self) -> dict[str, tuple[str, ...]]:
        return {item: one.results for item, one in self.settled().items()}


@pytest.fixture
def county(world: World) -> County:
    return make_county(world)


def planned(county: County, **more: Any) -> Count:
    wish: dict[str, Any] = {
        "purpose": "routine", "base_date": clock.today("UTC"), "scope": Scope(owners=("U1",)),
        "teams": TEAMS,
    } | more  # fmt: skip
    receipt = county.by("C1", planning.plan, plan=planning.Plan(**wish))
    return Count(county, receipt.events[0].subject.removeprefix("stocktake:"))


def test_from_plan_to_seal(county: County) -> None:
    world = county.world
    there, lost, astray, damaged = (world.asset() for _ in range(4))
    count = planned(county).opened()
    assert count.one().listed == 4
    count.seen("C1", there)
    count.seen("F1", astray, place="B1-101")
    count.seen("C1", damaged, how="hand", said={"tag": "damaged"})
    count.county.by(
        "K", finds.find_unregistered, number=count.number, place="W1", name="无标签柜子"
    )
    assert count.results() == {
        there: (), lost: ("missing",), astray: ("wrong_place",), damaged: ("tag_damaged",),
        "+4.1": ("off_book",),
    }  # fmt: skip
    with pytest.raises(StocktakeUnsettledError, match="2 reasons"):
        count.by("C1", running.recount)
    count.finished().by("C1", running.recount)
    # Whoever found it so, or counted where it should be, does not confirm it.
    count.by("C1", finds.miss, items=[lost])
    assert count.settled()[lost].needs_recount
    count.by("K", finds.miss, items=[lost])
    assert count.settled()[lost].needs_recount, "K counted in W1 as well"
    with pytest.raises(NotOnTeamError):
        count.by("M", finds.miss, items=[lost])
    world.verify()


def test_the_whole_course_books_what_was_approved(county: County) -> None:
    world = county.world
    there, lost, astray, left = (world.asset(values={"value": "100.00"}) for _ in range(4))
    count = planned(
        county, teams=(Team(code="A", people=("C1",)), Team(code="B", people=("K", "F1")))
    )
    count.opened()
    count.seen("C1", there, left)
    count.seen("C1", astray, place="B1-101")
    county.by("C1", finds.find_unregistered, number=count.number, place="B1-101", name="旧柜子")
    count.finished().by("C1", running.recount)
    assert count.one().round == 2
    count.by("K", finds.miss, items=[lost])
    count.seen("F1", astray, place="B1-101")
    with pytest.raises(StocktakeUnsettledError) as refusal:
        count.by("C1", deciding.submit)
    said = " ".join(str(line) for line in refusal.value.facts["lines"])  # type: ignore[attr-defined]
    assert said.count("is not explained") == 3
    assert "+3.1 must be confirmed by somebody else" in said
    with pytest.raises(NoDifferenceError):
        count.by("C1", running.explain, items=[there], reason="lost")
    count.by("C1", running.explain, items=[lost], reason="lost", liable="P1")
    count.by("C1", running.explain, items=[astray], reason="other", treatment="leave")
    count.by("C1", running.explain, items=[astray], reason="moved_unbooked")
    count.by("C1", running.explain, items=["+3.1"], reason="never_booked",
             card={"class_code": "A02010105", "value": "1.00"})  # fmt: skip
    count.seen("K", there)
    with pytest.raises(StocktakeUnsettledError, match="1 reasons"):
        count.by("C1", deciding.submit)
    county.by("K", finds.find_unregistered, number=count.number, place="B1-101", name="旧柜子",
              item="+3.1")  # fmt: skip
    count.by("C1", deciding.submit)
    one = count.one()
    assert (one.state, one.waits_for, one.difference) == ("submitted", ("unit_head@U1",), "200.00")
    assert one.counts == {"matched": 2, "missing": 1, "wrong_place": 1, "off_book": 1}
    with pytest.raises(CountedHimselfError):
        count.by("F1", deciding.judge, verdict="agree")
    with pytest.raises(NotAskedError):
        count.by("H2", deciding.judge, verdict="agree")
    with pytest.raises(StocktakeStateError):
        count.seen("C1", left)
    with pytest.raises(StocktakeStateError):
        count.by("C1", closing.close, new_asset_id=clock.new_asset_id)
    count.by("H1", deciding.judge, verdict="agree")
    receipt = count.by("C1", closing.close, new_asset_id=clock.new_asset_id)
    assert {event.kind for event in receipt.events} == {
        "asset.reported_missing", "asset.moved", "asset.registered", "stocktake.closed",
    }  # fmt: skip
    assert world.row(lost)["state"] == "missing"
    assert world.row(astray)["place"] == "B1-101"
    one = count.one()
    ((item, new_id),) = one.closing["registered"]
    assert item == "+3.1"
    new = world.row(new_id)
    assert (new["name"], new["owner"], new["value_fen"]) == ("旧柜子", "U1", 100)
    assert one.closing["adjusted"] == {"report_missing": 1, "move": 1, "register": 1}
    for act, wish in (
        (running.cancel, {"text": "无"}), (running.recount, {}), (finds.miss, {"items": [lost]}),
        (running.explain, {"items": [lost], "reason": "lost"}), (deciding.submit, {}),
        (closing.close, {"new_asset_id": clock.new_asset_id}),
    ):  # fmt: skip
        with pytest.raises(StocktakeStateError):
            count.by("C1", act, **wish)
    with pytest.raises(StocktakeStateError):
        count.seen("C1", there)
    world.verify()


def heard(asset: str, verdict: str, epc: str | None = None) -> HeardTag:
    return HeardTag(epc=epc or f"E2{asset}", asset_id=asset, verdict=verdict, first=0, last=9,
                    epochs=4, rssi=-52.5, antennas=(1, 2))  # fmt: skip


def swept(count: Count, *tags: HeardTag, place: str = "W1", person: str = "K") -> Receipt:
    report = SweepReport(place=place, reader="gate", began="2026-11-30T01:00:00.000000Z", epochs=30,
                         sweeps=1, tags=tags, median=-55.0, threshold=-67.0)  # fmt: skip
    return count.by(person, finds.sweep, report=report)


def test_radio_is_evidence_that_a_scan_and_a_person_outrank(county: County) -> None:
    strong, weak, elsewhere, both, denied = (county.world.asset() for _ in range(5))
    other = county.world.asset(place="B1-101")
    count = planned(county).opened()
    swept(count, heard(strong, "present"), heard(weak, "weak"), heard(both, "present"),
          heard(denied, "present"), heard(other, "surplus"),
          heard("", "nearby", "E2AA"))  # fmt: skip
    count.seen("C1", both, place="B1-101")
    count.by("C1", finds.miss, items=[denied])
    settled = count.settled()
    assert {item: (one.results, one.evidence.how, one.evidence.hint)
            for item, one in settled.items()} == {
        strong: ((), "radio", ""),
        weak: (("missing",), "", "weak"),
        elsewhere: (("missing",), "", ""),
        both: (("wrong_place",), "scan", ""),
        denied: (("missing",), "", "W1"),
        other: (("missing",), "", "W1"),  # heard strongly elsewhere: a hint, no find
    }  # fmt: skip
    with county.world.store.reading() as connection:
        assert [one.reader for one in sweeps(connection, count.number)] == ["gate"]
        rows = finds_of(connection, count.number)
        assert {one.item: one.verdict for one in rows if one.how == "radio"}["epc:E2AA"] == "nearby"
    county.world.verify()


def test_a_sweep_that_no_entry_holds_goes_on_in_the_next(county: County) -> None:
    count = planned(county)
    county.world.asset()
    count.opened()
    tags = [heard("", "nearby", f"{number:024X}") for number in range(1500)]
    receipt = swept(count, *tags)
    assert len(receipt.events) > 1
    with county.world.store.reading() as connection:
        assert len(finds_of(connection, count.number)) == 1500
        assert len(sweeps(connection, count.number)) == 1
    county.world.verify()


def test_a_batch_that_no_entry_holds_goes_on_in_the_next(county: County) -> None:
    def registered(tx: Tx, stamp: Stamp) -> Receipt:
        new = NewAsset(name="椅", class_code="A02010105", owner="U1", place="W1")
        made = [register(tx, new=new, stamp=replace(stamp, request_id=f"R-{number}"),
                         new_asset_id=county.world.new_id) for number in range(1100)]  # fmt: skip
        return Receipt(events=tuple(event for one in made for event in one.events))

    receipt = county.world.do(registered)
    assets = [event.subject.removeprefix("asset:") for event in receipt.events]
    count = planned(county).opened()
    count.seen("C1", *assets[:1000], condition="good", quantities=dict.fromkeys(assets, 1),
               how="hand", said={"holder": "U1", "tag": "damaged"})  # fmt: skip
    count.by("C1", finds.miss, items=assets[1000:] * 10)
    assert count.one().batch > 2
    results = count.results()
    assert list(results.values()).count(("tag_damaged",)) == 1000
    assert list(results.values()).count(("missing",)) == 100
    county.world.verify()


def test_what_was_moved_while_the_count_went_on_is_no_difference(county: County) -> None:
    world = county.world
    lent, moved, moved_late, new_place = (world.asset() for _ in range(4))
    arriving = world.asset(owner="U2")
    count = planned(county).opened()
    count.seen("C1", moved_late)
    county.by("K", loans.check_out, assets=[lent], to="P1")
    county.by("K", handovers.move, assets=[moved, moved_late], to="B1-101")
    count.seen("C1", moved, place="B1-101")
    county.by("M", handovers.transfer_title, assets=[arriving], to_unit="U1", doc="划〔1〕号")
    count.seen("C1", arriving)
    results = count.results()
    assert results == {
        lent: (), moved: (), moved_late: (), new_place: ("missing",), arriving: (),
    }  # fmt: skip
    assert count.settled()[lent].evidence.how == "record"


def test_what_turns_up_from_elsewhere_says_how_it_differs(county: County) -> None:
    world = county.world
    mine, foreign, borrowed = world.asset(place="B1-101"), world.asset(owner="U2"), world.asset()
    county.by("K", loans.check_out, assets=[borrowed], to="P1")
    graded = world.asset(condition="good")
    count = planned(county, scope=Scope(owners=("U1",), places=("W1",))).opened()
    assert (count.one().listed, count.one().away) == (1, {"on_loan": 1})
    count.seen("C1", mine, foreign, borrowed)
    count.seen("C1", graded, condition="broken", how="hand", said={"holder": "P1"})
    assert count.results() == {
        graded: ("wrong_holder", "wrong_state"), mine: ("wrong_place",), foreign: (),
        borrowed: ("wrong_place", "wrong_state"),
    }  # fmt: skip
    count.seen("C1", foreign, place="B1-101")
    assert count.results()[foreign] == ("surplus",)


def test_a_thing_counts_once_however_often_it_is_counted(county: County) -> None:
    many = county.world.asset(values={"quantity": "30"})
    county.world.asset()
    count = planned(county).opened()
    count.seen("C1", many, quantities={many: 20})
    count.seen("K", many, quantities={many: 20})
    assert count.settled()[many].evidence.quantity == 20
    assert count.results()[many] == ("missing",)
    count.seen("K", many, quantities={many: 10}, place="W1-Z1")
    assert count.results()[many] == ()
    stamp = county.world.stamp(actor="C1", request_id="twice")
    first = county.world.do(counts.count, assets=[many], place="W1", doc=count.number, stamp=stamp)
    again = county.world.do(counts.count, assets=[many], place="W1", doc=count.number, stamp=stamp)
    assert (again.repeated, again.events) == (True, first.events)


def test_whoever_holds_a_thing_does_not_vouch_for_it_alone(county: County) -> None:
    mine = county.world.asset(holder="C1")
    count = planned(county).opened()
    count.seen("C1", mine)
    assert count.settled()[mine].needs_recount
    count.finished().by("C1", running.recount)
    count.seen("C1", mine)
    assert count.settled()[mine].needs_recount
    count.seen("F1", mine)
    assert not count.settled()[mine].needs_recount


def test_a_stocktake_hands_nothing_over(county: County) -> None:
    asset = county.world.asset()
    count = planned(county).opened()
    with pytest.raises(DocumentUnfitError, match="hands nothing over"):
        county.by("K", loans.check_out, assets=[asset], to="P1", doc=count.number)


def test_three_count_at_once_and_nothing_is_lost_or_counted_twice(county: County) -> None:
    assets = [county.world.asset() for _ in range(30)]
    count = planned(county).opened()
    people = ("C1", "F1", "K")

    def deed(number: int) -> Any:
        mine = assets[number * 8 : number * 8 + 14]  # they overlap
        return lambda: [count.seen(people[number], one) for one in mine]

    race([deed(number) for number in range(3)])
    assert set(count.results().values()) == {()}
    with county.world.store.reading() as connection:
        rows = finds_of(connection, count.number)
    assert len(rows) == 14 * 3
    assert sorted(one.batch for one in rows) == list(range(1, 43))
    county.world.verify()


@pytest.mark.parametrize(
    "column", ["place = 'B1'", "name = 'x'", "value = '1.00'", "asset_id = 'K7M29QXD4F'"]
)
def test_the_frozen_list_cannot_be_changed_unseen(county: County, column: str) -> None:
    county.world.asset()
    count = planned(county).opened()
    with county.world.store.reading() as connection:
        (line,) = listed(connection, count.number)
    with county.world.store.writing() as tx:
        tx.connection.exec_driver_sql(f"UPDATE stocktake_line SET {column}")
    with pytest.raises(HistoryBrokenError) as refusal:
        county.world.verify()
    assert refusal.value.facts["subject"] == f"stocktake:{count.number}"
    assert line.place == "W1"


def test_closing_and_late_counts_do_not_wait_for_each_other_for_ever(county: County) -> None:
    lost = [county.world.asset() for _ in range(6)]
    count = planned(county, teams=(Team(code="A", people=("C1",)), Team(code="B", people=("K",))))
    count.opened().finished().by("C1", running.recount)
    count.by("K", finds.miss, items=lost)
    count.by("C1", running.explain, items=lost, reason="lost")
    count.by("C1", deciding.submit)
    count.by("H1", deciding.judge, verdict="agree")
    jobs: list[Any] = [lambda: count.by("C1", closing.close, new_asset_id=clock.new_asset_id)]
    jobs += [lambda one=one: count.seen("K", *lost[::one]) for one in (1, -1)]
    outcomes = race(jobs)
    closed, *late = outcomes
    assert not isinstance(closed, Exception), closed
    assert all(isinstance(one, StocktakeStateError) for one in late)
    assert {county.world.row(one)["state"] for one in lost} == {"missing"}
    county.world.verify()


def test_what_was_put_right_before_the_end_is_not_booked_twice(county: County) -> None:
    moved, lost, found = (county.world.asset() for _ in range(3))
    county.by("K", handovers.report_missing, assets=[found])
    count = planned(county, teams=(Team(code="A", people=("C1",)), Team(code="B", people=("K",))))
    count.opened()
    count.seen("C1", moved, found, place="B1-101")
    count.finished().by("C1", running.recount)
    count.seen("K", moved, found, place="B1-101")
    count.by("K", finds.miss, items=[lost])
    assert count.results()[found] == ("wrong_place", "wrong_state")
    # Somebody books what he sees while the count still goes on.
    county.by("K", handovers.move, assets=[moved], to="B1-101")
    county.by("K", handovers.report_missing, assets=[lost])
    county.by("K", handovers.report_found, assets=[found], place="B1-101")
    for item, results in count.results().items():
        if results:
            count.by("C1", running.explain, items=[item], reason="other")
    count.by("C1", deciding.submit)
    count.by("H1", deciding.judge, verdict="agree")
    count.by("C1", closing.close, new_asset_id=clock.new_asset_id)
    assert count.one().closing == {"adjusted": {}, "overtaken": [], "registered": []}
    county.world.verify()


def test_whoever_submitted_the_results_does_not_approve_them(county: County) -> None:
    asset = county.world.asset()
    count = planned(county).opened()
    count.seen("C1", asset)
    count.finished().by("H1", deciding.submit)
    with pytest.raises(CountedHimselfError, match="asked for himself"):
        count.by("H1", deciding.judge, verdict="agree")
    count.by("C1", running.withdraw, text="由资产管理员送审")
    count.by("C1", deciding.submit)
    count.by("H1", deciding.judge, verdict="agree")
    assert count.one().state == "approved"
