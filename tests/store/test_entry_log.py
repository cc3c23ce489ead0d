"""The log of everything: each filter finds exactly what it says, pages join without a seam."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from assetctl.acts import handovers, loans, parties
from assetctl.acts.redaction import Target, redact
from assetctl.domain.chain import parse_instant
from assetctl.errors import HistoryBrokenError
from assetctl.reads import entry_log as module
from assetctl.reads.entry_log import Asked, Logged, entry_log
from assetctl.reads.trace import Entry, trace
from tests.store.audit_world import Clock, moment
from tests.store.world import World

DOC, TRAP = "借〔2026〕1号", '借"\\1\u2028号'


@pytest.fixture
def lived(world: World) -> World:
    """A year of things, by two people, at two desks, some of it recorded late."""
    clock = Clock()

    def do(act: Callable[..., Any], at: float | None = None, **wish: Any) -> None:
        clock.now += 10
        actor, station = wish.pop("actor", "P1"), wish.pop("station", "desk")
        more = {key: wish.pop(key) for key in ("request_id", "on_behalf") if key in wish}
        world.do(act, stamp=clock.stamp(at=at, actor=actor, station=station, **more), **wish)

    one, other, third = (world.asset(name, stamp=clock.stamp()) for name in "甲乙丙")
    do(loans.check_out, assets=[one, other], to="P2", doc=DOC, note="说明", on_behalf="U1")
    do(loans.check_in, assets=[one], place="W1-Z1-R1", actor="P2", station="gate")
    do(handovers.move, assets=[one], to="B1-101", doc=TRAP, at=5)
    do(handovers.send, assets=[third], to="U2", doc="号", request_id="R-send")
    do(handovers.receive, assets=[third], place="B1", differs=DOC, actor="P2", at=35)
    do(handovers.transfer_title, assets=[third], to_unit="U2", doc=DOC)
    do(handovers.report_missing, assets=[other], station="gate")
    do(parties.add_party, code="P9", kind="person", name=DOC, actor="P2")
    do(redact, target=Target(subject="party:P9"), doc="删1")
    return world


def everything(world: World) -> list[Entry]:
    with world.store.reading() as connection:
        return sorted(
            trace(connection, sorted(world.heads())),
            key=lambda one: (one.recorded_at, one.event_id),
        )


def listed(world: World, asked: Asked, **more: Any) -> list[Logged]:
    with world.store.reading() as connection:
        return list(entry_log(connection, asked, **more))


def held(entry: Entry, code: str) -> bool:
    names = ("holder", "from_holder", "sent_to", "refused_by", "keeper")
    return any(entry.data.get(name) == code for name in names)


def at_place(entry: Entry, *codes: str) -> bool:
    return any(entry.data.get(name) in codes for name in ("place", "from_place", "other_place"))


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Entry], bool]]] = {
    "nothing": ({}, lambda _: True),
    "actor": ({"actor": "P2"}, lambda e: e.actor == "P2"),
    "doc": ({"doc": DOC}, lambda e: e.doc == DOC),
    "strange doc": ({"doc": TRAP}, lambda e: e.doc == TRAP),
    "part of a doc": ({"doc": "号"}, lambda e: e.doc == "号"),
    "holder": ({"holder": "P2"}, lambda e: held(e, "P2")),
    "sent to": ({"holder": "U2"}, lambda e: held(e, "U2")),
    "place": ({"place": "B1-101"}, lambda e: at_place(e, "B1-101")),
    "place and inside": ({"place": "W1"}, lambda e: at_place(e, "W1", "W1-Z1", "W1-Z1-R1")),
    "station": ({"station": "gate"}, lambda e: e.station == "gate"),
    "kinds": ({"kinds": ("asset.moved", "party.added")},
              lambda e: e.kind in ("asset.moved", "party.added")),
    "subjects": ({"subjects": ("party:P9", "place:W1")},
                 lambda e: e.subject in ("party:P9", "place:W1")),
    "request": ({"request_id": "R-send"}, lambda e: e.request_id == "R-send"),
    "recorded": ({"since": moment(20), "until": moment(50)},
                 lambda e: moment(20) <= e.recorded_at <= moment(50)),
    "happened": ({"since": moment(3), "until": moment(40), "by": "at"},
                 lambda e: moment(3) <= e.at <= moment(40)),
    "a whole": ({"actor": "P1", "doc": DOC, "holder": "P2", "station": "desk"},
                lambda e: e.actor == "P1" and e.doc == DOC and held(e, "P2")
                and e.station == "desk"),
    "nobody": ({"actor": "NOBODY"}, lambda _: False),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_finds_exactly_what_it_says(lived: World, name: str) -> None:
    asked, wanted = FILTERS[name]
    expected = [entry.event_id for entry in everything(lived) if wanted(entry)]
    assert [one.event_id for one in listed(lived, Asked(**asked))] == expected
    assert bool(expected) == (name != "nobody")


def test_filters_together_are_all_held(lived: World) -> None:
    entries = everything(lived)
    names = ("actor", "doc", "holder", "place", "station", "kinds", "recorded")
    for first, second in itertools.combinations(names, 2):
        asked = FILTERS[first][0] | FILTERS[second][0]
        expected = [e.event_id for e in entries if FILTERS[first][1](e) and FILTERS[second][1](e)]
        assert [one.event_id for one in listed(lived, Asked(**asked))] == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pages_join_without_a_seam(
    lived: World, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", size)
    entries = [entry.event_id for entry in everything(lived)]
    assert [one.event_id for one in listed(lived, Asked())] == entries
    whole = listed(lived, Asked())
    for start in range(0, len(whole), 5):
        rest = listed(lived, Asked(), after=whole[start].cursor)
        assert [one.event_id for one in rest] == entries[start + 1 :]


def test_an_entry_is_told_with_both_its_times(lived: World) -> None:
    (moved,) = listed(lived, Asked(kinds=("asset.moved",)))
    assert (moved.at, moved.recorded_at) == (moment(5), moment(30))
    assert moved.late_seconds == 25
    assert parse_instant(moved.recorded_at) > parse_instant(moved.at)
    assert moved.data["place"] == "B1-101"
    lent = listed(lived, Asked(kinds=("asset.checked_out",)))
    assert {one.on_behalf for one in lent} == {"U1"}


def test_names_and_texts_only_where_they_are_asked_for(lived: World) -> None:
    assert all(one.disclosed == {} for one in listed(lived, Asked()))
    told = listed(lived, Asked(), personal=True)
    assert {entry.event_id: entry.disclosed for entry in everything(lived)} == {
        one.event_id: one.disclosed for one in told
    }
    (added,) = [one for one in told if one.subject == "party:P9" and one.kind == "party.added"]
    assert added.disclosed == {}, "erased"


def test_many_places_are_looked_for_too(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [one.event_id for one in listed(lived, Asked(place="W1"))]
    monkeypatch.setattr(module, "_PLACES_ASKED", 1)
    assert [one.event_id for one in listed(lived, Asked(place="W1"))] == expected


def test_an_entry_that_cannot_be_read_is_named(lived: World) -> None:
    sqlite = lived.store.is_sqlite
    nothing = "X'5B5D'" if sqlite else "'\\x5B5D'"
    lived.run_sql(
        "DROP TRIGGER history_no_update" if sqlite else "ALTER TABLE history DISABLE TRIGGER USER",
        f"UPDATE history SET entry = {nothing} WHERE subject = 'place:W1'",
    )
    with pytest.raises(HistoryBrokenError) as caught:
        listed(lived, Asked())
    assert caught.value.facts["subject"] == "place:W1"
