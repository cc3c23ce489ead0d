"""Which classes there are, and which lie below others."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.class_code import class_prefix
from assetctl.store.lists import among
from assetctl.store.tables import asset_class

_KNOWN = sa.select(asset_class.c.code).where(among(asset_class.c.code, "codes")).distinct()


def classes_known(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Return those of some codes that are classes, whatever their scheme."""
    return set(connection.execute(_KNOWN, {"codes": list(codes)}).scalars())


def classes_below(connection: Connection, scheme: str, codes: Iterable[str]) -> list[str]:
    """Return classes of a scheme and all that lie below them, sorted."""
    wanted = sorted(set(codes))
    below = sa.or_(
        *(asset_class.c.code.startswith(class_prefix(code), autoescape=True) for code in wanted)
    )
    found = sa.select(asset_class.c.code).where(asset_class.c.scheme == scheme, below)
    return sorted({*wanted, *connection.execute(found).scalars()})
