"""People with roles, and a loan brought as far as hand-over, for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts import documents, loans, parties
from assetctl.domain.events import RoleGranted
from assetctl.reads.documents import Document, need_document
from assetctl.store.record import lock, record
from tests.store.world import World

ROLES = {
    "C1": ("U1", "asset_clerk"), "C2": ("U2", "asset_clerk"), "H2": ("U2", "unit_head"),
    "M1": ("U1", "warehouse_manager"), "K1": ("U1", "warehouse_keeper"),
}  # fmt: skip
"""Who is what: clerk of the holder, clerk and head of the borrower, manager and keeper."""


def staff(world: World) -> None:
    """Add people of both units and give each a role."""
    for code, (unit, role) in ROLES.items():
        world.do(parties.add_party, code=code, kind="person", name=code, unit=unit)
        with world.store.writing() as tx:
            lock(tx, [f"party:{code}"])
            record(tx, world.stamp(), [(f"party:{code}", RoleGranted(role=role))])


def lent(world: World, assets: Sequence[str], **fields: str) -> str:
    """Lend assets to U2 under a loan that went its whole way; return its number."""
    wanted = {"borrower": "U2"} | fields
    number = asked(world, assets, **wanted)
    for who in ("H2", "M1"):
        world.do(
            documents.give_opinion, number=number, verdict="agree", stamp=world.stamp(who)
        )  # fmt: skip
    due = loan(world, number).fields["due"]
    world.do(
        loans.check_out, assets=list(assets), to="U2", due=due, doc=number, stamp=world.stamp("K1")
    )
    return number


def asked(world: World, assets: Sequence[str], **fields: str) -> str:
    """Ask for assets on loan and submit it; return the number."""
    receipt = world.do(
        documents.draft, kind="loan", fields=fields, assets=list(assets), text="会议",
        stamp=world.stamp("C2"),
    )  # fmt: skip
    number = receipt.events[0].subject.removeprefix("doc:")
    world.do(documents.submit, number=number, stamp=world.stamp("C2"))
    return number


def loan(world: World, number: str) -> Document:
    """Return a document as it stands."""
    with world.store.reading() as connection:
        return need_document(connection, number)
