"""What others say: which of our assets their URIs mean, and which of their events concern one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.epcis.naming import Naming, foreign_codes, own_asset
from assetctl.store.tables import alias, asset, evidence, evidence_asset

_CHUNK = 500


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
    known: dict[str, dict[str, str]] = {}
    for chunk in _chunks({code for pairs in rest.values() for _, code in pairs}):
        aliases = sa.select(alias.c.scheme, alias.c.value, alias.c.asset_id)
        for row in connection.execute(aliases.where(alias.c.value.in_(chunk))):
            known.setdefault(row.value, {})[row.scheme] = row.asset_id
    for uri, pairs in rest.items():
        for scheme, code in pairs:
            owners = known.get(code, {})
            chosen = (
                owners.get(scheme)
                if scheme
                else next((owners[one] for one in sorted(owners)), None)
            )
            if chosen:
                found.setdefault(uri, chosen)
    return found


def events_about(connection: Connection, asset_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the subjects of the evidence that concerns each asset, by the time that it tells."""
    found: dict[str, list[str]] = {}
    link = evidence_asset.c
    for chunk in _chunks(asset_ids):
        query = (
            sa.select(link.asset_id, link.code)
            .join_from(evidence_asset, evidence, link.code == evidence.c.code)
            .where(link.asset_id.in_(chunk))
            .order_by(evidence.c.event_time, link.code)
        )
        for asset_id, code in connection.execute(query):
            found.setdefault(asset_id, []).append(f"evidence:{code}")
    return found


def _existing(connection: Connection, ids: set[str]) -> dict[str, str]:
    """Return the asset of each id: its own, or the one that a blank tag of that id is bound to."""
    there: dict[str, str] = {}
    for chunk in _chunks(ids):
        tags = sa.select(alias.c.value, alias.c.asset_id)
        tagged = tags.where(alias.c.value.in_(chunk), alias.c.scheme == "tag")
        there |= {row.value: row.asset_id for row in connection.execute(tagged)}
        own = sa.select(asset.c.asset_id).where(asset.c.asset_id.in_(chunk))
        there |= {one: one for one in connection.execute(own).scalars()}
    return there


def _chunks(texts: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(texts)
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
