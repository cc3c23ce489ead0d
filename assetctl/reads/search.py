"""Search: assets by fragment and by where they stand, a page at a time.

A fragment is looked for in names, models, serial numbers, aliases and ids. Pages go by key, so a
deep page costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.class_code import class_prefix
from assetctl.store.tables import alias, asset, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to look for; all that is given must hold. `place` and `class_code` take in all below."""

    text: str = ""
    state: str | None = None
    owner: str | None = None
    holder: str | None = None
    place: str | None = None
    class_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The ids found, and the cursor of the next page or None."""

    ids: tuple[str, ...]
    next: str | None


def search(
    connection: Connection, wanted: Filter, *, limit: int = 50, after: str | None = None
) -> Page:
    """Return the ids of at most `limit` assets in order of id, after the cursor `after`."""
    query = sa.select(asset.c.asset_id).where(*conditions(connection, wanted))
    if after:
        query = query.where(asset.c.asset_id > after)
    query = query.order_by(asset.c.asset_id).limit(limit + 1)
    found = tuple(connection.execute(query).scalars())
    return Page(ids=found[:limit], next=found[limit - 1] if len(found) > limit else None)


def all_ids(connection: Connection, wanted: Filter) -> list[str]:
    """Return every id that matches, in order."""
    query = sa.select(asset.c.asset_id).where(*conditions(connection, wanted))
    return list(connection.execute(query.order_by(asset.c.asset_id)).scalars())


def conditions(connection: Connection, wanted: Filter) -> Sequence[sa.ColumnElement[bool]]:
    """Return what a filter asks of the asset table."""
    conditions: list[sa.ColumnElement[bool]] = [
        column == value
        for column, value in (
            (asset.c.state, wanted.state),
            (asset.c.owner, wanted.owner),
            (asset.c.holder, wanted.holder),
        )
        if value
    ]
    if wanted.place:
        conditions.append(asset.c.place.in_(inside(connection, wanted.place)))
    if wanted.class_code:
        prefix = class_prefix(wanted.class_code)
        conditions.append(asset.c.class_code.startswith(prefix, autoescape=True))
    conditions += [_mentions(word) for word in wanted.text.split()]
    return conditions


def _mentions(word: str) -> sa.ColumnElement[bool]:
    plain_id = word.replace("-", "").upper()
    texts = (asset.c.name, asset.c.brand, asset.c.model, asset.c.serial)
    by_id = [asset.c.asset_id.startswith(plain_id, autoescape=True)] if plain_id else []
    return sa.or_(
        *(column.icontains(word, autoescape=True) for column in texts),
        *by_id,
        asset.c.asset_id.in_(
            sa.select(alias.c.asset_id).where(alias.c.value.startswith(word, autoescape=True))
        ),
    )


def inside(connection: Connection, code: str) -> list[str]:
    """Return a place and every place in it."""
    below = sa.select(sa.literal(code).label("code")).cte("below", recursive=True)
    below = below.union(sa.select(place.c.code).where(place.c.parent == below.c.code))
    return list(connection.execute(sa.select(below.c.code)).scalars())
