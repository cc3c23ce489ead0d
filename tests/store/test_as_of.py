"""The register as it stood: known answers, by both clocks, with filters and figures."""

from __future__ import annotations

from typing import Any

import pytest

from assetctl.acts import disposal, handovers, loans, register
from assetctl.errors import HistoryBrokenError
from assetctl.reads.as_of import AssetThen, Figure, Standing, as_of
from assetctl.reads.chains import By, Reach
from assetctl.reads.differences import AssetDifference, Differences, Sum, differences
from assetctl.reads.search import Filter
from tests.store.audit_world import Clock, moment
from tests.store.world import World


class Life:
    """Two desks and a chair: lent, moved late, revalued, transferred, disposed of."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = Clock()
        self.a = self.asset(1, "甲", value="100.00")
        self.b = self.asset(2, "乙", value="20.50", place="B1-101")
        self.do(10, loans.check_out, assets=[self.a], to="P2", due="2026-12-31")
        self.do(20, handovers.move, assets=[self.b], to="W1-Z1", at=15)
        self.do(30, register.correct, asset_id=self.b, changes={"value": "30.50"}, doc="文1")
        self.do(40, handovers.transfer_title, assets=[self.b], to_unit="U2", doc="调1")
        self.c = self.asset(50, "丙")
        self.do(60, disposal.propose_disposal, assets=[self.c], method="scrap")
        self.do(70, disposal.dispose, assets=[self.c], doc="处1")
        self.do(80, loans.check_in, assets=[self.a], condition="poor", at=45)

    def asset(self, now: float, name: str, **more: str) -> str:
        self.clock.now = now
        values = {key: more.pop(key) for key in ("value",) if key in more}
        return self.world.asset(name, stamp=self.clock.stamp(), values=values, **more)

    def do(self, now: float, act: Any, at: float | None = None, **wish: Any) -> None:
        self.clock.now = now
        self.world.do(act, stamp=self.clock.stamp(at=at), **wish)

    def stood(
        self, seconds: float, by: By = "rec", ids: list[str] | None = None, **wanted: str
    ) -> tuple[dict[str, AssetThen], Standing]:
        told: list[AssetThen] = []
        with self.world.store.reading() as connection:
            found = as_of(connection, Reach(moment(seconds), by), Filter(**wanted), ids=ids,
                          on_asset=told.append)  # fmt: skip
        assert [one.asset_id for one in told] == sorted(one.asset_id for one in told)
        return {one.asset_id: one for one in told}, found

    def differ(
        self, first: float, second: float, by: By = "rec", owner: str | None = None
    ) -> tuple[dict[str, AssetDifference], Differences]:
        told: list[AssetDifference] = []
        with self.world.store.reading() as connection:
            found = differences(
                connection, Reach(moment(first), by), Reach(moment(second), by), owner=owner,
                on_difference=told.append,
            )  # fmt: skip
        return {one.asset_id: one for one in told}, found


@pytest.fixture
def life(world: World) -> Life:
    return Life(world)


def test_it_stood_as_it_was_recorded(life: Life) -> None:
    assert life.stood(0.5)[0] == {}
    rows, _ = life.stood(1)
    assert {one: (row.state, row.holder, row.place) for one, row in rows.items()} == {
        life.a: ("in_store", "U1", "W1")
    }
    rows, _ = life.stood(15)
    assert (rows[life.a].state, rows[life.a].holder) == ("on_loan", "P2")
    assert rows[life.a].due == "2026-12-31"
    assert rows[life.b].place == "B1-101", "the move was recorded later"
    rows, _ = life.stood(100)
    assert (rows[life.a].condition, rows[life.a].due) == ("poor", None)
    assert (rows[life.b].value, rows[life.b].owner, rows[life.b].place) == ("30.50", "U2", "W1-Z1")
    assert rows[life.c].state == "disposed"


def test_it_stood_as_it_happened(life: Life) -> None:
    assert life.stood(15, "at")[0][life.b].place == "W1-Z1"
    assert life.stood(14.9, "at")[0][life.b].place == "B1-101"
    assert life.stood(50, "at")[0][life.a].state == "in_store"
    assert life.stood(50)[0][life.a].state == "on_loan"
    assert life.stood(44.9, "at")[0][life.a].state == "on_loan"


def test_the_figures_are_by_owner_and_state(life: Life) -> None:
    _, found = life.stood(55)
    assert (found.count, found.value, found.unvalued) == (3, "130.50", 1)
    assert found.figures == (
        Figure(owner="U1", state="in_store", count=1, value="0.00", unvalued=1),
        Figure(owner="U1", state="on_loan", count=1, value="100.00", unvalued=0),
        Figure(owner="U2", state="in_store", count=1, value="30.50", unvalued=0),
    )
    assert (found.until, found.by) == (moment(55), "rec")
    _, nothing = life.stood(0)
    assert (nothing.count, nothing.value, nothing.figures) == (0, "0.00", ())


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"owner": "U1"}, "ac"), ({"owner": "U2"}, "b"), ({"holder": "P2"}, "a"),
        ({"state": "in_store"}, "bc"), ({"place": "W1"}, "bc"), ({"place": "W1-Z1"}, "b"),
        ({"place": "W1", "owner": "U1"}, "c"), ({"place": "NOWHERE"}, ""),
        ({"owner": "U1", "state": "on_loan", "holder": "P2"}, "a"),
    ],
)  # fmt: skip
def test_filters_are_held_to_what_stood_then(
    life: Life, wanted: dict[str, Any], names: str
) -> None:
    rows, found = life.stood(55, **wanted)
    assert set(rows) == {getattr(life, name) for name in names}
    assert found.count == len(names)


def test_named_assets_alone(life: Life) -> None:
    rows, found = life.stood(55, ids=[life.b, "0000000000"])
    assert (set(rows), found.count) == ({life.b}, 1)


def test_a_broken_entry_is_named_not_passed_over(life: Life) -> None:
    world = life.world
    wrong = f"UPDATE history SET kind = 'asset.unheard_of' WHERE subject = 'asset:{life.a}'"
    if world.store.is_sqlite:
        world.run_sql("DROP TRIGGER history_no_update", wrong)
    else:
        world.run_sql("ALTER TABLE history DISABLE TRIGGER USER", wrong)
    with pytest.raises(HistoryBrokenError) as caught:
        life.stood(100)
    assert caught.value.facts["subject"] == f"asset:{life.a}"


# --- differences --------------------------------------------------------------------------------


def test_what_came_left_and_changed_with_the_entries_that_caused_it(life: Life) -> None:
    told, found = life.differ(5, 100)
    assert (found.came, found.left, found.came_and_left, found.changed) == (0, 0, 1, 2)
    b = told[life.b]
    assert b.what == "changed"
    assert b.before == {"state": "in_use", "owner": "U1", "holder": "U1", "place": "B1-101",
                        "value": "20.50"}  # fmt: skip
    assert b.after == {"state": "in_store", "owner": "U2", "holder": "U2", "place": "W1-Z1",
                       "value": "30.50"}  # fmt: skip
    assert [(cause.seq, cause.kind, cause.doc, cause.fields) for cause in b.causes] == [
        (2, "asset.moved", None, ("state", "place")),
        (3, "asset.corrected", "文1", ("value",)),
        (4, "asset.title_transferred", "调1", ("owner", "holder")),
    ]
    a = told[life.a]
    assert (a.before, a.after) == ({"condition": None}, {"condition": "poor"})
    assert [cause.kind for cause in a.causes] == ["asset.checked_out", "asset.checked_in"]
    c = told[life.c]
    assert (c.what, c.before, c.after["state"]) == ("came_and_left", {}, "disposed")


def test_the_accounts_agree_to_the_fen(life: Life) -> None:
    _, found = life.differ(5, 100)
    one, two = found.owners
    nothing = Sum(count=0, value="0.00")
    assert (one.owner, one.opening, one.closing) == (
        "U1", Sum(count=2, value="120.50"), Sum(count=1, value="100.00"),
    )  # fmt: skip
    assert (one.added, one.disposed) == (Sum(count=1, value="0.00"), Sum(count=1, value="0.00"))
    assert (one.moved_in, one.moved_out) == (nothing, Sum(count=1, value="20.50"))
    assert (two.owner, two.opening, two.moved_in) == ("U2", nothing, Sum(count=1, value="20.50"))
    assert (two.revalued, two.closing) == (
        Sum(count=1, value="10.00"), Sum(count=1, value="30.50"),
    )  # fmt: skip
    assert found.total.closing == Sum(count=2, value="130.50")


def test_a_fall_in_value_is_below_zero(life: Life) -> None:
    life.do(110, register.correct, asset_id=life.a, changes={"value": "0.01"}, doc="文2")
    _, found = life.differ(100, 120)
    assert found.total.revalued == Sum(count=1, value="-99.99")
    assert found.total.closing == Sum(count=2, value="30.51")


def test_what_leaves_was_there(life: Life) -> None:
    told, found = life.differ(65, 75)
    assert {one: d.what for one, d in told.items()} == {life.c: "left"}
    assert found.total.disposed.count == 1
    assert [cause.doc for cause in told[life.c].causes] == ["处1"]


def test_one_unit_alone(life: Life) -> None:
    told, found = life.differ(35, 45, owner="U2")
    assert set(told) == {life.b}
    assert [account.owner for account in found.owners] == ["U2"]
    assert found.total.moved_in == Sum(count=1, value="30.50")


def test_nothing_differs_from_itself(life: Life) -> None:
    for by in ("rec", "at"):
        told, found = life.differ(60, 60, by)
        assert told == {}
        assert found.total.opening == found.total.closing
    assert life.differ(45, 79)[0].keys() == {life.c}
    assert life.differ(44, 46, "at")[0].keys() == {life.a}
