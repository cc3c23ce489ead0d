"""A small county with people in their roles, for tests of documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assetctl.acts import documents, parties, roles, warehouses
from assetctl.acts.loans import check_in, check_out
from assetctl.cli import clock
from assetctl.domain.request import Receipt
from assetctl.reads.documents import Document, need_document
from tests.store.world import World

STAFF = {
    "C1": ("U1", "asset_clerk"), "H1": ("U1", "unit_head"), "F1": ("U1", "unit_finance"),
    "C2": ("U2", "asset_clerk"), "H2": ("U2", "unit_head"), "F2": ("U2", "unit_finance"),
    "D": ("GOA", "competent_department"), "K": ("GOA", "warehouse_keeper"),
    "M": ("GOA", "warehouse_manager"), "B": ("FIN", "finance_approver"),
    "A": ("FIN", "auditor"),
}  # fmt: skip
"""Each person with his unit and his role."""


def in_days(days: int) -> str:
    """Return the day that it will be in so many days."""
    return (date.fromisoformat(clock.today("UTC")) + timedelta(days=days)).isoformat()


DUE = in_days(30)


@dataclass
class County:
    """The world of the store's tests, with GOA that keeps warehouse W1, FIN, and people."""

    world: World

    def by(self, person: str, act: Callable[..., Receipt], /, **wish: Any) -> Receipt:
        """Let a person do something in a transaction of its own."""
        return self.world.do(act, **{"stamp": self.world.stamp(actor=person)} | wish)

    def asks(
        self, person: str, kind: str, assets: Sequence[str], *, submit: bool = True,
        text: str = "测试用", **fields: Any,
    ) -> str:  # fmt: skip
        """Let a person ask for something; return the document's number."""
        receipt = self.by(person, documents.draft, kind=kind, fields=fields, assets=assets,
                          text=text)  # fmt: skip
        number = receipt.events[0].subject.removeprefix("doc:")
        if submit:
            self.by(person, documents.submit, number=number)
        return number

    def loan(self, assets: Sequence[str], person: str = "C2", **more: Any) -> str:
        """Let a person ask for a loan to his unit."""
        fields: dict[str, Any] = {"borrower": STAFF[person][0], "due": DUE} | more
        return self.asks(person, "loan", assets, **fields)

    def judge(self, number: str, *people: str, verdict: str = "agree") -> None:
        """Let people give their opinions, one after the other."""
        for person in people:
            self.by(person, documents.give_opinion, number=number, verdict=verdict, text="已阅")

    def approved_loan(self, assets: Sequence[str]) -> str:
        """Return the number of a loan to U2 that everybody has agreed to."""
        number = self.loan(assets)
        self.judge(number, "H2", "M")
        return number

    def hand_over(self, number: str, assets: Sequence[str], person: str = "K") -> Receipt:
        """Let a person hand over what was lent."""
        fields = self.doc(number).fields
        return self.by(person, check_out, assets=assets, to=fields["borrower"],
                       due=fields["due"], doc=number)  # fmt: skip

    def take_back(self, assets: Sequence[str], person: str = "K", **more: Any) -> Receipt:
        """Let a person take back what was lent."""
        return self.by(person, check_in, assets=assets, **more)

    def doc(self, number: str) -> Document:
        """Return a document in full."""
        with self.world.store.reading() as connection:
            return need_document(connection, number)


def make_county(world: World) -> County:
    """Put people with roles into a world."""
    with world.store.writing() as tx:
        stamp = world.stamp()
        for code, name in (("GOA", "样例机关事务管理中心"), ("FIN", "样例财政局")):
            parties.add_party(tx, code=code, kind="unit", name=name, stamp=stamp)
        for code, (unit, _role) in STAFF.items():
            parties.add_party(tx, code=code, kind="person", name=f"测试{code}", unit=unit,
                              stamp=stamp)  # fmt: skip
        warehouses.set_warehouse(
            tx, code="W1", mode="physical", form="central", regime="public", unit="GOA",
            stamp=stamp,
        )  # fmt: skip
        for code, role in [
            ("P1", "asset_clerk"),
            *((code, role) for code, (_, role) in STAFF.items()),
        ]:
            roles.appoint(tx, code=code, role=role, stamp=stamp)
    return County(world)
