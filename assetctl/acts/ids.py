"""Ids for tags: drawn so that no thing, blank, place, person or command has them yet."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from assetctl.domain.commands import command_of
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.tables import alias, asset, blank, place_tag, staff_card

_ROUNDS = 100
_THINGS = (
    sa.select(asset.c.asset_id).where(among(asset.c.asset_id, "ids")),
    sa.select(alias.c.value).where(among(alias.c.value, "ids"), alias.c.scheme == "tag"),
)
_BADGES = tuple(
    sa.select(table.c.tag, table.c.code).where(table.c.tag == sa.bindparam("id"))
    for table in (place_tag, staff_card)
)
_TAKEN = sa.union_all(
    *_THINGS,
    *(sa.select(table.c.tag).where(among(table.c.tag, "ids"))
      for table in (blank, place_tag, staff_card)),
)  # fmt: skip


def free_ids(tx: Tx, new_asset_id: Callable[[], str], count: int) -> list[str]:
    """Return `count` ids that nothing at all has, as `new_asset_id` draws them."""
    found: dict[str, None] = {}
    for _ in range(_ROUNDS):
        drawn = [new_asset_id() for _ in range(count - len(found))]
        taken = set(tx.connection.execute(_TAKEN, {"ids": drawn}).scalars())
        found |= {one: None for one in drawn if one not in taken and command_of(one) is None}
        if len(found) == count:
            return list(found)
    raise AssertionError("a hundred rounds of random ids were taken")


def badge_holder(tx: Tx, tag: str) -> str | None:
    """Return whose an id is that was issued to a place or a person, or the command it stands for.

    None for the ids of things and of blank tags.
    """
    command = command_of(tag)
    if command is not None:
        return command.name
    for query in _BADGES:
        row = tx.connection.execute(query, {"id": tag}).first()
        if row is not None:
            return str(row.code)
    return None
