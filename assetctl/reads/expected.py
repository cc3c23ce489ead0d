"""What a stocktake should find: the things in its scope, as the register stands now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.money import fen_text
from assetctl.domain.settling import Account
from assetctl.domain.stocktake import AWAY, EXPECTED, Line, Scope
from assetctl.store.lists import among
from assetctl.store.tables import asset, place

_COLUMNS = (
    asset.c.asset_id, asset.c.name, asset.c.class_code, asset.c.scheme, asset.c.model,
    asset.c.measure, asset.c.owner, asset.c.holder, asset.c.place, asset.c.state,
    asset.c.condition, asset.c.quantity, asset.c.value_fen, asset.c.accumulated_fen,
)  # fmt: skip


class Places:
    """The tree of places, read once: which lies in which."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(sa.select(place.c.code, place.c.parent))
        self._parents: Mapping[str, str | None] = {row.code: row.parent for row in rows}
        self._paths: dict[str, frozenset[str]] = {}

    def path(self, code: str) -> frozenset[str]:
        """Return a place and all that it lies in."""
        if code not in self._paths:
            path: set[str] = set()
            wanted: str | None = code
            while wanted is not None and wanted not in path:
                path.add(wanted)
                wanted = self._parents.get(wanted)
            self._paths[code] = frozenset(path)
        return self._paths[code]

    def agree(self, one: str, other: str) -> bool:
        """Return whether two places are the same, or one lies in the other."""
        return one in self.path(other) or other in self.path(one)

    def inside(self, codes: Iterable[str]) -> list[str]:
        """Return all places that lie in some, those themselves included."""
        wanted = frozenset(codes)
        return sorted(code for code in self._parents if wanted & self.path(code))


def expected(connection: Connection, scope: Scope) -> list[Line]:
    """Return the lines of a scope, by asset id: what should be at its place."""
    wanted = sa.select(*_COLUMNS).where(
        asset.c.state.in_(EXPECTED), *_conditions(scope, asset.c.place)
    )
    rows = connection.execute(wanted.order_by(asset.c.asset_id), _parameters(connection, scope))
    return [_line(row) for row in rows]


def away(connection: Connection, scope: Scope) -> dict[str, int]:
    """Return how many things of a scope are lent, on their way or in repair, by state.

    They count for the place where they were before.
    """
    wanted = (
        sa.select(asset.c.state, sa.func.count())
        .where(asset.c.state.in_(AWAY), *_conditions(scope, asset.c.prior_place))
        .group_by(asset.c.state)
    )
    rows = connection.execute(wanted, _parameters(connection, scope))
    return {state: count for state, count in sorted(rows.all())}  # noqa: C416  rows are no pairs


def in_scope(scope: Scope, account: Account, class_code: str, places: Places) -> bool:
    """Return whether a thing would be on the list, by what the register says of it."""
    within = not scope.places or (
        bool(account.place) and bool(places.path(account.place) & frozenset(scope.places))
    )
    return (
        account.state in EXPECTED
        and within
        and (not scope.owners or account.owner in scope.owners)
        and (not scope.holders or account.holder in scope.holders)
        and (not scope.classes or class_code.startswith(scope.classes))
    )


def _conditions(
    scope: Scope, where: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[bool]]:  # fmt: skip
    found: list[sa.ColumnElement[bool]] = []
    if scope.owners:
        found.append(among(asset.c.owner, "owners"))
    if scope.places:
        found.append(among(where, "places"))
    if scope.holders:
        found.append(among(asset.c.holder, "holders"))
    if scope.classes:
        found.append(sa.or_(*(asset.c.class_code.startswith(c) for c in scope.classes)))
    return found


def _parameters(connection: Connection, scope: Scope) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if scope.owners:
        parts["owners"] = scope.owners
    if scope.places:
        parts["places"] = Places(connection).inside(scope.places)
    if scope.holders:
        parts["holders"] = scope.holders
    return parts


def _line(row: Any) -> Line:
    value = row.value_fen
    net = None if value is None else value - (row.accumulated_fen or 0)
    return Line(
        asset_id=row.asset_id, name=row.name, class_code=row.class_code,
        scheme="" if row.scheme == GB_T_14885 else row.scheme, model=row.model or "",
        measure=row.measure or "", owner=row.owner, holder=row.holder, place=row.place or "",
        state=row.state, condition=row.condition or "",
        quantity="" if row.quantity is None else str(row.quantity),
        value="" if value is None else fen_text(value), net="" if net is None else fen_text(net),
    )  # fmt: skip
