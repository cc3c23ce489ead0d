"""Random lives of a few assets: whatever people do, what must hold does hold."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assetctl.acts import counts, disposal, handovers, loans, parties, prints, register, tags
from assetctl.acts.parties import NewClass
from assetctl.acts.register import NewAsset
from assetctl.acts.sightings import Sighted, sighting
from assetctl.domain.chain import instant
from assetctl.domain.identity import asset_id
from assetctl.domain.note import verifier_key
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import AssetctlError, Kind, TagNotFoundError
from assetctl.reads.verify import verify
from assetctl.store import migrate
from assetctl.store.engine import Store, Tx
from assetctl.store.genesis import write_genesis
from assetctl.store.tables import asset, head, history

PARTIES = {"U1": "unit", "U2": "unit", "P1": "person", "V1": "vendor"}
PLACES = {"W1": "warehouse", "W1-Z1": "zone", "B1": "building", "B1-101": "room"}
PARENTS = {"W1-Z1": "W1", "B1-101": "B1"}
IN_WAREHOUSE = {"W1", "W1-Z1"}
REMEMBERING = {"on_loan", "in_transit", "pending_disposal"}

one = st.integers(0, 2)
some = st.lists(one, min_size=1, max_size=2, unique=True)
party = st.sampled_from([*PARTIES, "NOBODY"])
place = st.sampled_from([*PLACES, "NOWHERE"])
maybe_place = st.none() | st.sampled_from(sorted(PLACES))
day = st.sampled_from(["2019-12-31", "2030-01-01", "2030-06-01", "2031-01-01"])
maybe_day = st.none() | day
maybe_doc = st.sampled_from([None, "调〔1〕号"])
note = st.sampled_from([None, "备注"])


class Clock:
    """Stamps a second apart, with ids in order."""

    def __init__(self) -> None:
        self._ticks = itertools.count(1)

    def stamp(self) -> Stamp:
        tick = next(self._ticks)
        numbers = itertools.count(1)
        at = instant(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=tick))
        return Stamp(
            actor="P1", at=at, rec=at, request_id=f"R-{tick}", station="test",
            new_id=lambda: f"{tick:016x}{next(numbers):016x}", new_salt=lambda: bytes(32),
        )  # fmt: skip


VKEY = str(verifier_key("test/log", bytes([9] * 32)))


def make_template(path: Path) -> Path:
    """Make a register with parties, places and a class to copy from."""
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store)
    with store.shaping() as connection:
        write_genesis(connection, origin="test/log", nonce=bytes(32), vkey=VKEY)
    stamp = Clock().stamp()
    with store.writing() as tx:
        for code, kind in PARTIES.items():
            parties.add_party(tx, code=code, kind=kind, name=f"名{code}", stamp=stamp)
        for code, kind in PLACES.items():
            parties.add_place(
                tx, code=code, kind=kind, name=code, parent=PARENTS.get(code), stamp=stamp
            )
        parties.add_classes(
            tx, classes=[NewClass(scheme="gbt14885-2022", code="A1", name="类")], stamp=stamp
        )
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


class Lives(RuleBasedStateMachine):
    """Three assets and everybody who may lay hands on them."""

    template: Path
    numbers = itertools.count(1)

    @initialize(owner=st.sampled_from(["U1", "U2"]), places=st.tuples(*[maybe_place] * 3))
    def begin(self, owner: str, places: Sequence[str | None]) -> None:
        path = self.template.parent / f"life-{next(self.numbers)}.db"
        shutil.copy(self.template, path)
        self.store = Store(f"sqlite:///{path}")
        self.clock = Clock()
        self.clock.stamp()
        self.disposed: dict[str, dict[str, Any]] = {}
        fresh = filter(None, map(asset_id, itertools.count(10)))
        self.assets: list[str] = []
        for number, spot in enumerate(places):
            new = NewAsset(name=f"物{number}", class_code="A1", owner=owner, place=spot)
            with self.store.writing() as tx:
                receipt = register.register(
                    tx, new=new, stamp=self.clock.stamp(), new_asset_id=lambda: next(fresh)
                )
            self.assets.append(receipt.events[0].subject.removeprefix("asset:"))

    # --- what people do -----------------------------------------------------------------------

    def act(self, do: Callable[..., Receipt], chosen: Sequence[int], **wish: Any) -> None:
        """Carry out an act; done or refused, the chains must say exactly that."""
        ids = [self.assets[number] for number in chosen]
        before = self.chains()
        receipt, refused = self.attempt(do, ids, wish)
        if receipt is None:
            assert refused in (Kind.REFUSED, Kind.NOT_FOUND)
            assert self.chains() == before, "a refused act leaves every head where it was"
            return
        after = self.chains()
        moved = {subject for subject in after if after[subject] != before[subject]}
        assert moved == {f"asset:{one}" for one in ids}
        assert all(after[subject][0] == before[subject][0] + 1 for subject in moved)
        assert {event.subject: event.seq for event in receipt.events} == {
            subject: after[subject][0] for subject in moved
        }

    def attempt(
        self, do: Callable[..., Receipt], ids: list[str], wish: dict[str, Any]
    ) -> tuple[Receipt | None, Kind | None]:
        """Return the receipt of an act, or the kind of its failure."""
        stamp = self.clock.stamp()
        try:
            with self.store.writing() as tx:
                return do(tx, assets=ids, stamp=stamp, **wish), None
        except AssetctlError as error:
            return None, error.kind

    def chains(self) -> dict[str, tuple[int, bytes]]:
        with self.store.reading() as connection:
            rows = connection.execute(head.select()).all()
        return {row.subject: (row.seq, bytes(row.leaf)) for row in rows}

    @rule(chosen=some, to=party, due=maybe_day, at=maybe_place, note=note)
    def check_out(
        self, chosen: list[int], to: str, due: str | None, at: str | None, note: str | None
    ) -> None:
        self.act(loans.check_out, chosen, to=to, due=due, place=at, note=note)

    @rule(chosen=some, at=maybe_place, condition=st.sampled_from([None, "good", "broken"]))
    def check_in(self, chosen: list[int], at: str | None, condition: str | None) -> None:
        self.act(loans.check_in, chosen, place=at, condition=condition)

    @rule(chosen=some, due=day)
    def extend(self, chosen: list[int], due: str) -> None:
        self.act(loans.extend, chosen, due=due)

    @rule(chosen=some, to=place)
    def move(self, chosen: list[int], to: str) -> None:
        self.act(handovers.move, chosen, to=to)

    @rule(chosen=some, at=place, number=st.none() | st.integers(1, 9))
    def count(self, chosen: list[int], at: str, number: int | None) -> None:
        before = {row["asset_id"]: row for row in self.rows()}
        quantities = {} if number is None else {self.assets[chosen[0]]: number}
        self.act(counts.count, chosen, place=at, quantities=quantities)
        for row in self.rows():
            was = before[row["asset_id"]]
            changed = {key for key in row if row[key] != was[key]}
            assert changed <= {"counted_at", "counted_place"}, "a count moves nothing"

    @rule(chosen=some, to=party, note=note)
    def send(self, chosen: list[int], to: str, note: str | None) -> None:
        self.act(handovers.send, chosen, to=to, note=note)

    @rule(chosen=some, by=st.none() | party, at=maybe_place, differs=note)
    def receive(
        self, chosen: list[int], by: str | None, at: str | None, differs: str | None
    ) -> None:
        self.act(handovers.receive, chosen, by=by, place=at, differs=differs)

    @rule(chosen=some, by=st.none() | party)
    def refuse(self, chosen: list[int], by: str | None) -> None:
        self.act(handovers.refuse, chosen, by=by, note="不对")

    @rule(chosen=some, to=party, doc=maybe_doc)
    def transfer(self, chosen: list[int], to: str, doc: str | None) -> None:
        self.act(handovers.transfer_title, chosen, to_unit=to, doc=doc)

    @rule(chosen=some)
    def report_missing(self, chosen: list[int]) -> None:
        self.act(handovers.report_missing, chosen)

    @rule(chosen=some, at=maybe_place)
    def report_found(self, chosen: list[int], at: str | None) -> None:
        self.act(handovers.report_found, chosen, place=at)

    @rule(chosen=some, method=st.sampled_from(["scrap", "sale"]))
    def propose(self, chosen: list[int], method: str) -> None:
        self.act(disposal.propose_disposal, chosen, method=method)

    @rule(chosen=some)
    def withdraw(self, chosen: list[int]) -> None:
        self.act(disposal.withdraw_disposal, chosen)

    @rule(chosen=one, doc=maybe_doc, method=st.sampled_from([None, "donation"]))
    def dispose(self, chosen: int, doc: str | None, method: str | None) -> None:
        self.act(disposal.dispose, [chosen], doc=doc, method=method)

    @rule(chosen=one, name=st.sampled_from(["甲", "乙"]))
    def correct(self, chosen: int, name: str) -> None:
        def do(tx: Tx, *, assets: list[str], stamp: Stamp) -> Receipt:
            return register.correct(tx, asset_id=assets[0], changes={"name": name}, stamp=stamp)

        self.act(do, [chosen])

    @rule(chosen=one, void=st.booleans())
    def replace_or_void_tag(self, chosen: int, void: bool) -> None:
        def do(tx: Tx, *, assets: list[str], stamp: Stamp) -> Receipt:
            act = tags.void_tag if void else tags.replace_tag
            return act(tx, asset_id=assets[0], stamp=stamp)

        self.act(do, [chosen])

    @rule(chosen=some, reason=note)
    def print_labels(self, chosen: list[int], reason: str | None) -> None:
        self.act(prints.note_print, chosen, template="40x30", printer="tcp://p1", reason=reason)

    @rule(chosen=one, issue=st.integers(1, 3), at=maybe_place, station=st.sampled_from("AB"))
    def scan(self, chosen: int, issue: int, at: str | None, station: str) -> None:
        asset_id = self.assets[chosen]
        seen = Sighted(asset_id=asset_id, code=asset_id, issue=issue, place=at)
        stamp = replace(self.clock.stamp(), station=station)
        before = self.chains()[f"asset:{asset_id}"][0]
        told = 0
        for _ in range(2):  # the second time it is an old story
            try:
                with self.store.writing() as tx:
                    told = len(sighting(tx, seen=seen, stamp=stamp).events)
            except TagNotFoundError:
                assert self.chains()[f"asset:{asset_id}"][0] == before
                return
        assert told == 0
        assert 0 <= self.chains()[f"asset:{asset_id}"][0] - before <= 2

    # --- what must hold -----------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        if not hasattr(self, "store"):
            return []
        with self.store.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(asset.select())]

    @invariant()
    def every_axis_makes_sense(self) -> None:
        for row in self.rows():
            state, holder = row["state"], row["holder"]
            assert row["owner"] in ("U1", "U2")
            assert holder in PARTIES
            assert row["place"] in (None, *PLACES)
            if state == "in_store":
                assert row["place"] in IN_WAREHOUSE, row
            if state == "on_loan":
                assert holder != row["prior_holder"] or holder == row["owner"], row
            if state in ("in_transit", "disposed"):
                assert row["place"] is None, row
            assert (state == "in_transit") == (row["sent_to"] is not None), row
            assert row["due"] is None or state == "on_loan", row
            assert (row["prior_state"] is not None) == (state in REMEMBERING), row
            proposed = state in ("pending_disposal", "disposed")
            assert (row["disposal_method"] is not None) == proposed, row
            assert (row["disposed_at"] is not None) == (state == "disposed"), row

    @invariant()
    def what_is_disposed_of_stays_as_it_was(self) -> None:
        for row in self.rows():
            if row["state"] == "disposed":
                kept = {
                    key: value
                    for key, value in row.items()
                    # A label may still be declared void, and the thing be met on a shelf.
                    if key not in ("changed_at", "counted_at", "counted_place")
                }
                assert self.disposed.setdefault(row["asset_id"], kept) == kept
            else:
                assert row["asset_id"] not in self.disposed

    @invariant()
    def chains_have_no_gap(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.reading() as connection:
            query = sa.select(history.c.subject, history.c.seq)
            numbers: dict[str, list[int]] = {}
            for subject, seq in connection.execute(
                query.order_by(history.c.subject, history.c.seq)
            ):
                numbers.setdefault(subject, []).append(seq)
            heads = connection.execute(sa.select(head.c.subject, head.c.seq)).all()
        assert {subject: list(range(1, seq + 1)) for subject, seq in heads} == numbers

    def teardown(self) -> None:
        if hasattr(self, "store"):
            with self.store.reading() as connection:
                verify(connection, replay=True)
            self.store.close()


def test_whatever_people_do_the_register_stays_sound(tmp_path: Path) -> None:
    template = make_template(tmp_path / "template.db")
    machine = type("Machine", (Lives,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
