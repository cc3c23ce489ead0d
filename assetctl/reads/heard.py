"""Radio tags that were heard: which assets they are bound to, or spell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.epc.classify import classify
from assetctl.domain.epc.numbering import assets_of
from assetctl.errors import EpcError
from assetctl.store.lists import among
from assetctl.store.tables import alias, asset, tag

_CHIP = sa.select(tag.c.asset_id, tag.c.epc, tag.c.tid, tag.c.state)
_CHIPS = sa.union(
    _CHIP.where(tag.c.tid == sa.bindparam("tid")),
    _CHIP.join(alias, (alias.c.asset_id == tag.c.asset_id) & (alias.c.value == tag.c.epc)).where(
        alias.c.value == sa.bindparam("epc"), alias.c.scheme == "epc"
    ),
)
_NAMES = sa.select(asset.c.asset_id, asset.c.name).where(among(asset.c.asset_id, "ids"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """The asset that a radio tag is bound to, and its name."""

    asset_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """A radio tag that counts for an asset; `tid` is None where it was bound without its chip."""

    asset_id: str
    tid: str | None


def counting_tag(
    connection: Connection, *, epc: str, tid: str, apart_from: str
) -> Counting | None:  # fmt: skip
    """Return the asset that a tag in hand counts for, if it is another one than `apart_from`.

    It is known by its chip, else by its number. A chip that was replaced or declared void counts
    for nothing any more, though the number in it may be that of the chip in its place.
    """
    known = connection.execute(_CHIPS, {"epc": epc, "tid": tid}).all()
    counts = [row for row in known if row.state == "bound" and row.asset_id != apart_from]
    by_chip = next((row for row in counts if row.tid == tid), None)
    is_former = any((row.epc, row.tid) == (epc, tid) for row in known)
    found = by_chip or (None if is_former else next(iter(counts), None))
    return Counting(asset_id=found.asset_id, tid=found.tid) if found else None


def bearers(
    connection: Connection, epcs: Iterable[str], *, prefix: str = ""
) -> dict[str, Bearer]:  # fmt: skip
    """Return the asset of each EPC (hexadecimal, upper case) that is bound to one, or spells one.

    `prefix` is the office's own GS1 company prefix. Two questions however many they are; what is
    bound to nothing, and is no number of ours, is left out.
    """
    wanted = list(epcs)
    found = _bound(connection, wanted)
    spelt = {epc: one for epc in wanted if epc not in found and (one := _spelt(epc, prefix))}
    if spelt:
        ids = sorted({one for several in spelt.values() for one in several})
        rows = connection.execute(_NAMES, {"ids": ids})
        known = {row.asset_id: Bearer(asset_id=row.asset_id, name=row.name) for row in rows}
        for epc, several in spelt.items():
            there = [known[one] for one in several if one in known]
            if len(there) == 1:
                found[epc] = there[0]
    return found


def _spelt(epc: str, prefix: str) -> tuple[str, ...]:
    """Return the asset ids that a number may spell."""
    try:
        meaning = classify(epc)
    except EpcError:
        return ()
    if meaning.asset_id:
        return (meaning.asset_id,)
    giai = dict(meaning.epc.elements).get("8004") if meaning.epc else None
    return assets_of(giai, prefix) if giai and prefix else ()


def _bound(connection: Connection, epcs: list[str]) -> dict[str, Bearer]:
    wanted = (
        sa.select(alias.c.value, asset.c.asset_id, asset.c.name)
        .join(asset, asset.c.asset_id == alias.c.asset_id)
        .where(alias.c.scheme == "epc", among(alias.c.value, "epcs"))
    )
    found = connection.execute(wanted, {"epcs": epcs})
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
