"""Radio tags that were heard: which assets they are bound to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.store.lists import among
from assetctl.store.tables import alias, asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """The asset that a radio tag is bound to, and its name."""

    asset_id: str
    name: str


def bearers(connection: Connection, epcs: Iterable[str]) -> dict[str, Bearer]:
    """Return the asset of each EPC (hexadecimal, upper case) that is bound to one.

    One question however many they are; what is bound to nothing is left out.
    """
    wanted = (
        sa.select(alias.c.value, asset.c.asset_id, asset.c.name)
        .join(asset, asset.c.asset_id == alias.c.asset_id)
        .where(alias.c.scheme == "epc", among(alias.c.value, "epcs"))
    )
    found = connection.execute(wanted, {"epcs": list(epcs)})
    return {epc: Bearer(asset_id=one, name=name) for epc, one, name in found}


def epcs_of(connection: Connection, asset_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the EPCs that are bound to each asset; those without any are left out."""
    wanted = (
        sa.select(alias.c.asset_id, alias.c.value)
        .where(alias.c.scheme == "epc", among(alias.c.asset_id, "ids"))
        .order_by(alias.c.asset_id, alias.c.value)
    )
    found: dict[str, list[str]] = {}
    for one, epc in connection.execute(wanted, {"ids": list(asset_ids)}):
        found.setdefault(one, []).append(epc)
    return found
