"""Loans to U2 in the small county, asked for and lent, for tests of what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assetctl.reads.documents import Document
from tests.store.county import County, make_county
from tests.store.world import World


def staff(world: World) -> None:
    """Put people with roles into a world."""
    make_county(world)


def lent(world: World, assets: Sequence[str], **fields: Any) -> str:
    """Lend assets to U2 under a loan that went its whole way; return its number."""
    number = asked(world, assets, **{"borrower": "U2"} | fields)
    County(world).judge(number, "H2", "M")
    County(world).hand_over(number, assets)
    return number


def asked(world: World, assets: Sequence[str], **fields: Any) -> str:
    """Ask for assets on loan and submit it; return the number."""
    return County(world).asks("C2", "loan", assets, **fields)


def loan(world: World, number: str) -> Document:
    """Return a document as it stands."""
    return County(world).doc(number)
