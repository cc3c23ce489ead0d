"""Random lives looked at again: as of each past instant is what stood there then, sums agree."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.engine import Connection

from assetctl.acts import handovers, loans, register
from assetctl.acts.register import NewAsset
from assetctl.domain.identity import asset_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import AssetctlError
from assetctl.reads.as_of import rows_as_of, yuan
from assetctl.reads.chains import By, Reach
from assetctl.reads.differences import (
    WATCHED,
    AssetDifference,
    Differences,
    Sum,
    differences,
)
from assetctl.reads.trace import trace
from assetctl.store.engine import Store, Tx
from assetctl.store.tables import asset
from tests.property.test_life_of_assets import Lives, make_template, one
from tests.store.audit_world import Clock as Watch
from tests.store.audit_world import moment

END = "2099-01-01T00:00:00.000000Z"
Rows = dict[str, dict[str, Any]]


def table(connection: Connection) -> Rows:
    """Return the rows of the asset table without what is empty."""
    return {
        row.asset_id: {name: value for name, value in row._mapping.items() if value is not None}
        for row in connection.execute(asset.select())
    }


def history_at(connection: Connection, until: str, by: By = "rec") -> Rows:
    """Return the rows that history alone gives for a moment, without what is empty."""
    return {
        row["asset_id"]: {name: value for name, value in row.items() if value is not None}
        for row in rows_as_of(connection, Reach(until, by))
    }


class Snapshots(Lives):
    """The lives of the other test, with a picture of the table taken after every act."""

    @initialize()
    def start(self) -> None:
        self.pictures: dict[str, Rows] = {}

    @rule(chosen=one, value=st.sampled_from(["", "0.01", "19999999.99", "35.50"]))
    def revalue(self, chosen: int, value: str) -> None:
        def do(tx: Tx, *, assets: list[str], stamp: Stamp) -> Receipt:
            return register.correct(
                tx, asset_id=assets[0], changes={"value": value}, doc="文1", stamp=stamp
            )

        self.act(do, [chosen])

    @rule(owner=st.sampled_from(["U1", "U2"]), value=st.sampled_from(["100.00", "7.77"]))
    def register_one(self, owner: str, value: str) -> None:
        stamp = self.clock.stamp()
        serial = 10_000_019 * (len(self.assets) + 1)
        fresh = filter(None, map(asset_id, range(serial, serial + 99)))
        new = NewAsset(name="新", class_code="A1", owner=owner, values={"value": value})
        with self.store.writing() as tx:
            done = register.register(tx, new=new, stamp=stamp, new_asset_id=lambda: next(fresh))
        self.assets.append(done.events[0].subject.removeprefix("asset:"))

    @invariant()
    def take_a_picture(self) -> None:
        if hasattr(self, "store") and hasattr(self, "pictures"):
            stamp = self.clock.stamp()  # nothing else ever happens at this instant
            with self.store.reading() as connection:
                self.pictures[stamp.rec] = table(connection)

    def teardown(self) -> None:
        if hasattr(self, "store") and getattr(self, "pictures", None):
            with self.store.reading() as connection:
                for until, picture in self.pictures.items():
                    assert history_at(connection, until) == picture
                    assert history_at(connection, until, "at") == picture
                assert history_at(connection, END) == table(connection)
                moments = list(self.pictures)
                for first, second in zip(moments, moments[::-1], strict=True):
                    if first <= second:
                        self.compare(connection, first, second)
        super().teardown()

    def compare(self, connection: Connection, first: str, second: str) -> None:
        """Hold the differences between two moments to the pictures taken then."""
        told: list[AssetDifference] = []
        found = differences(connection, Reach(first), Reach(second), on_difference=told.append)
        before, after = self.pictures[first], self.pictures[second]
        check_account(found)
        assert found.total.opening == stands(before)
        assert found.total.closing == stands(after)
        for account in found.owners:
            assert account.opening == stands(before, account.owner)
            assert account.closing == stands(after, account.owner)
        differing = {key for key in after if watched(before.get(key)) != watched(after[key])}
        assert {one.asset_id for one in told} == differing
        for difference in told:
            was, now = watched(before.get(difference.asset_id)), watched(after[difference.asset_id])
            for name in difference.after:
                assert difference.after[name] == now[name]
                assert difference.before.get(name) == was[name]
            assert difference.causes, "nothing changes without an entry"
            changed = {name for cause in difference.causes for name in cause.fields}
            assert {name for name in WATCHED if was[name] != now[name]} <= changed


def watched(row: dict[str, Any] | None) -> dict[str, str | None]:
    if row is None:
        return dict.fromkeys(WATCHED)
    fen = row.get("value_fen")
    return {name: row.get(name) for name in WATCHED[:-1]} | {
        "value": None if fen is None else yuan(fen)
    }


def stands(rows: Rows, owner: str | None = None) -> Sum:
    """Return the count and value of what is on the books in a picture."""
    counted = [
        row for row in rows.values()
        if row["state"] != "disposed" and owner in (None, row["owner"])
    ]  # fmt: skip
    return Sum(count=len(counted), value=yuan(sum(row.get("value_fen") or 0 for row in counted)))


def check_account(found: Differences) -> None:
    """Check that every account agrees, in things and to the fen."""
    for one_ in (found.total, *found.owners):
        plus, minus = (one_.opening, one_.added, one_.moved_in), (one_.disposed, one_.moved_out)
        count = sum(s.count for s in plus) - sum(s.count for s in minus)
        value = sum(Decimal(s.value) for s in plus) - sum(Decimal(s.value) for s in minus)
        assert count == one_.closing.count
        assert value + Decimal(one_.revalued.value) == Decimal(one_.closing.value)
    total = found.total
    assert total.moved_in == total.moved_out
    for name in ("opening", "added", "disposed", "revalued", "closing"):
        sums = [getattr(account, name) for account in found.owners]
        assert sum(Decimal(s.value) for s in sums) == Decimal(getattr(total, name).value)
        assert sum(s.count for s in sums) == getattr(total, name).count


def test_as_of_each_past_instant_is_what_stood_there_then(tmp_path: Path) -> None:
    template = make_template(tmp_path / "template.db")
    machine = type("Machine", (Snapshots,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


# --- by when things happened ------------------------------------------------------------------

late_acts = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["out", "in", "move"]), st.integers(1, 40)),
    min_size=1, max_size=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("late") / "template.db")


@settings(max_examples=60, deadline=None)
@given(acts=late_acts, asked=st.integers(0, 60))
def test_by_when_it_happened_the_newest_entry_of_the_chain_in_reach_counts(
    template: Path, acts: Sequence[tuple[int, str, int]], asked: int
) -> None:
    with copied(template) as store:
        live_late(store, acts, asked)


_numbers = itertools.count()


@contextmanager
def copied(template: Path) -> Iterator[Store]:
    """Give a register of its own."""
    path = template.with_name(f"copy-{next(_numbers)}.db")
    shutil.copy(template, path)
    store = Store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


def live_late(store: Store, acts: Sequence[tuple[int, str, int]], asked: int) -> None:
    watch = Watch(now=0)
    ids = [_registered(store, watch, number) for number in range(3)]
    for step, (number, act, early) in enumerate(acts, 1):
        watch.now = step * 5
        _try(store, ids[number], act, watch.stamp(at=max(0, watch.now - early)))
    with store.reading() as connection:
        found = history_at(connection, moment(asked), "at")
        for asset_id_ in ids:
            entries = trace(connection, [f"asset:{asset_id_}"])
            reached = [entry for entry in entries if entry.at <= moment(asked)]
            newest = reached[-1]
            row = found[asset_id_]
            for name in ("state", "holder", "place"):
                assert row.get(name) == newest.data.get(name)
        assert history_at(connection, END, "at") == table(connection)
        told: list[AssetDifference] = []
        check_account(
            differences(connection, Reach(moment(asked), "at"), Reach(END, "at"),
                        on_difference=told.append)
        )  # fmt: skip


def _registered(store: Store, watch: Watch, number: int) -> str:
    fresh = filter(None, map(asset_id, range(77 * number, 77 * number + 60)))
    new = NewAsset(name="物", class_code="A1", owner="U1", place="W1", values={"value": "9.99"})
    with store.writing() as tx:
        done = register.register(
            tx, new=new, stamp=watch.stamp(at=0), new_asset_id=lambda: next(fresh)
        )
    return done.events[0].subject.removeprefix("asset:")


def _try(store: Store, asset_: str, act: str, stamp: Stamp) -> None:
    deeds = {
        "out": lambda tx: loans.check_out(tx, assets=[asset_], to="P1", stamp=stamp),
        "in": lambda tx: loans.check_in(tx, assets=[asset_], stamp=stamp),
        "move": lambda tx: handovers.move(tx, assets=[asset_], to="B1", stamp=stamp),
    }
    try:
        with store.writing() as tx:
            deeds[act](tx)
    except AssetctlError:
        pass


def test_an_entry_after_one_that_was_not_there_yet_was_not_there_either(template: Path) -> None:
    """A clock that ran behind cannot put an entry before the one that it follows."""
    with copied(template) as store:
        watch = Watch(now=0)
        only = _registered(store, watch, 1)
        watch.now = 100
        with store.writing() as tx:
            loans.check_out(tx, assets=[only], to="P1", stamp=watch.stamp())
        watch.now = 50
        with store.writing() as tx:
            loans.check_in(tx, assets=[only], stamp=replace(watch.stamp(), began=moment(200)))
        with store.reading() as connection:
            assert history_at(connection, moment(60))[only]["state"] == "in_store"
            assert history_at(connection, moment(60))[only]["changed_at"] == moment(0)
            assert history_at(connection, moment(100)) == table(connection)
