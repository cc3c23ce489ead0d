"""A small register made through the acts, without the command line, for tests of the store."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from assetctl.acts import parties
from assetctl.acts.parties import NewClass
from assetctl.acts.register import NewAsset, register
from assetctl.domain.identity import asset_id
from assetctl.domain.note import verifier_key
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import AssetctlError
from assetctl.reads.verify import Verified, verify
from assetctl.store import migrate
from assetctl.store.engine import Store, Tx
from assetctl.store.genesis import write_genesis
from assetctl.store.tables import asset, head, history, metadata

T = TypeVar("T")

SCHEME = "gbt14885-2022"
CLASSES = {
    "A02000000": None, "A02010000": "A02000000", "A02010100": "A02010000",
    "A02010105": "A02010100", "A02020000": "A02000000", "A02021000": "A02020000",
    "A05000000": None, "A05010201": "A05000000",
}  # fmt: skip
MakeStamp = Callable[..., Stamp]


def ids() -> Callable[[], str]:
    """Return a source of asset ids, always the same ones in the same order."""
    made = (one for serial in itertools.count(0x2A_0000_0000, 7919) if (one := asset_id(serial)))
    return lambda: next(made)


@dataclass
class World:
    """A register with units U1 and U2, people P1 and P2, a vendor, a warehouse and an office."""

    store: Store
    stamp: MakeStamp
    new_id: Callable[[], str] = field(default_factory=ids)

    @property
    def url(self) -> str:
        """The address of its database, for others who open it."""
        return self.store.engine.url.render_as_string(hide_password=False)

    def do(self, act: Callable[..., T], /, **wish: Any) -> T:
        """Carry out one act in a transaction of its own; give it a stamp unless one is given."""
        wish.setdefault("stamp", self.stamp())
        with self.store.writing() as tx:
            return act(tx, **wish)

    def asset(self, name: str = "台式计算机", stamp: Stamp | None = None, **more: Any) -> str:
        """Register an asset and return its id."""
        facts = {"class_code": "A02010105", "owner": "U1", "place": "W1", "name": name} | more
        with self.store.writing() as tx:
            receipt = register(
                tx, new=NewAsset(**facts), stamp=stamp or self.stamp(), new_asset_id=self.new_id
            )
        return receipt.events[0].subject.removeprefix("asset:")

    def row(self, one: str) -> dict[str, Any]:
        """Return the row of an asset."""
        with self.store.reading() as connection:
            found = connection.execute(asset.select().where(asset.c.asset_id == one)).one()
        return dict(found._mapping)

    def kinds(self, subject: str) -> list[str]:
        """Return the kinds of a subject's entries in order."""
        query = sa.select(history.c.kind).where(history.c.subject == subject)
        with self.store.reading() as connection:
            return list(connection.execute(query.order_by(history.c.seq)).scalars())

    def heads(self) -> dict[str, int]:
        """Return the newest entry number of every subject."""
        with self.store.reading() as connection:
            rows = connection.execute(sa.select(head.c.subject, head.c.seq))
            return {row.subject: row.seq for row in rows}

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table, to see that nothing at all has changed."""
        with self.store.reading() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
                for table in metadata.sorted_tables
            }

    def verify(self) -> Verified:
        """Verify everything there is, rebuilding the tables."""
        with self.store.reading() as connection:
            return verify(connection, replay=True)

    def run_sql(self, *statements: str) -> None:
        """Run SQL past the door."""
        with self.store.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


VKEY = str(verifier_key("test/log", bytes([9] * 32)))
"""A key that nobody holds: these registers sign nothing."""


def make_world(url: str, stamp: MakeStamp) -> World:
    """Make the register at an empty database."""
    store = Store(url)
    migrate.upgrade(store)
    with store.shaping() as connection:
        write_genesis(connection, origin="test/log", nonce=bytes(32), vkey=VKEY)
    world = World(store, stamp)
    with store.writing() as tx:
        _fill(tx, stamp())
    return world


def _fill(tx: Tx, stamp: Stamp) -> None:
    for code, kind, name, unit in (
        ("U1", "unit", "甲县机关事务管理中心", None), ("U2", "unit", "乙镇人民政府", None),
        ("P1", "person", "测试甲", "U1"), ("P2", "person", "测试乙", "U2"),
        ("V1", "vendor", "样例物流公司", None),
    ):  # fmt: skip
        parties.add_party(tx, code=code, kind=kind, name=name, unit=unit, stamp=stamp)
    for code, kind, parent in (
        ("W1", "warehouse", None), ("W1-Z1", "zone", "W1"), ("W1-Z1-R1", "rack", "W1-Z1"),
        ("W2", "warehouse", None), ("B1", "building", None), ("B1-101", "room", "B1"),
    ):  # fmt: skip
        parties.add_place(tx, code=code, name=code, kind=kind, parent=parent, stamp=stamp)
    classes = [
        NewClass(scheme=SCHEME, code=code, name=f"类{code}", parent=parent)
        for code, parent in CLASSES.items()
    ]
    parties.add_classes(tx, classes=classes, stamp=stamp)


def race(jobs: Sequence[Callable[[], T]]) -> list[T | AssetctlError]:
    """Run jobs at the same moment, each in a thread; return what each gave, failures included."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | AssetctlError:
        gate.wait(60)
        try:
            return job()
        except AssetctlError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def told_apart(outcomes: Sequence[object]) -> tuple[list[Receipt], list[AssetctlError]]:
    """Return the receipts and the failures among the outcomes of a race."""
    receipts = [one for one in outcomes if isinstance(one, Receipt)]
    failures = [one for one in outcomes if isinstance(one, AssetctlError)]
    assert len(receipts) + len(failures) == len(outcomes)
    return receipts, failures
