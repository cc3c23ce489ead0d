"""What others say: which of our assets their URIs mean, and which of their events concern one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.epcis.naming import Naming, foreign_codes, own_asset
from assetctl.store.lists import among
from assetctl.store.tables import alias, asset, evidence, evidence_asset

_ASSETS = sa.select(asset.c.asset_id).where(among(asset.c.asset_id, "ids"))
_TAGGED = sa.select(alias.c.value, alias.c.asset_id).where(
    among(alias.c.value, "ids"), alias.c.scheme == "tag"
)
_ALIASES = sa.select(alias.c.scheme, alias.c.value, alias.c.asset_id).where(
    among(alias.c.value, "codes")
)
_ABOUT = (
    sa.select(evidence_asset.c.asset_id, evidence_asset.c.code)
    .join_from(evidence_asset, evidence, evidence_asset.c.code == evidence.c.code)
    .where(among(evidence_asset.c.asset_id, "ids"))
    .order_by(evidence.c.event_time, evidence_asset.c.code)
)


def meant(connection: Connection, naming: Naming, uris: Iterable[str]) -> dict[str, str]:
    """Return which of our assets each URI means; URIs that mean none are left out.

    A URI means an asset if it is one of our own making, if it stands as an alias as it is, or if
    it carries a GIAI or GRAI that is an alias of that scheme.
    """
    wanted = list(dict.fromkeys(uris))
    own = {uri: asset_id for uri in wanted if (asset_id := own_asset(naming, uri))}
    there = _existing(connection, set(own.values()))
    found = {uri: there[asset_id] for uri, asset_id in own.items() if asset_id in there}
    rest = {uri: foreign_codes(uri) for uri in wanted if uri not in found}
    codes = {code for pairs in rest.values() for _, code in pairs}
    known: dict[str, dict[str, str]] = {}
    if codes:
        for scheme, value, asset_id in connection.execute(_ALIASES, {"codes": sorted(codes)}):
            known.setdefault(value, {})[scheme] = asset_id
    for uri, pairs in rest.items():
        for scheme, code in pairs:
            owners = known.get(code, {})
            chosen = owners.get(scheme) if scheme else next(iter(owners.values()), None)
            if chosen:
                found.setdefault(uri, chosen)
    return found


def events_about(connection: Connection, asset_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the subjects of the evidence that concerns each asset, by the time that it tells."""
    found: dict[str, list[str]] = {}
    for asset_id, code in connection.execute(_ABOUT, {"ids": list(asset_ids)}):
        found.setdefault(asset_id, []).append(f"evidence:{code}")
    return found


def _existing(connection: Connection, ids: set[str]) -> dict[str, str]:
    """Return the asset of each id: its own, or the one that a blank tag of that id is bound to."""
    if not ids:
        return {}
    wanted = {"ids": sorted(ids)}
    there: dict[str, str] = {row.value: row.asset_id for row in connection.execute(_TAGGED, wanted)}
    return there | {one: one for one in connection.execute(_ASSETS, wanted).scalars()}
