"""What a register knows already, looked up for whole lists at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assetctl.acts import cells
from assetctl.acts.importing.plan import Convert
from assetctl.store.engine import Tx
from assetctl.store.tables import asset, asset_class, party, place

_LOOKUP = 500
_STORED = asset.select().where(asset.c.asset_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Coded:
    """Kinds by code, and codes by the names that only one code has."""

    kinds: dict[str, str]
    names: dict[str, str]

    @property
    def unit_names(self) -> dict[str, str]:
        """Codes of units by name."""
        return {name: code for name, code in self.names.items() if self.kinds[code] == "unit"}


def coded_parties(tx: Tx) -> Coded:
    """Return every party; names of people are left out, they are no codes."""
    rows = tx.connection.execute(sa.select(party.c.code, party.c.kind, party.c.name)).all()
    public = [(row.name, row.code) for row in rows if row.name and row.kind != "person"]
    return Coded({row.code: row.kind for row in rows}, _unique(public))


def coded_places(tx: Tx) -> Coded:
    """Return every place."""
    rows = tx.connection.execute(sa.select(place.c.code, place.c.kind, place.c.name)).all()
    return Coded({row.code: row.kind for row in rows}, _unique([(r.name, r.code) for r in rows]))


def _unique(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    several = set()
    for name, code in pairs:
        several |= {name} if name in names else set()
        names[name] = code
    return {name: code for name, code in names.items() if name not in several}


def class_codes(tx: Tx, scheme: str) -> set[str]:
    """Return the codes of every class of a scheme."""
    wanted = sa.select(asset_class.c.code).where(asset_class.c.scheme == scheme)
    return set(tx.connection.execute(wanted).scalars())


def one_of(codes: Mapping[str, str], code: str, template: str) -> Convert:
    """Return what turns a cell into one of the codes, or refuses it with `template`."""

    def convert(cell: str) -> str | None:
        word = cells.code(cell) if cell.isascii() else cells.text(cell)
        if word is None:
            return None
        if word not in codes:
            raise cells.CellError(code, template)
        return codes[word] or word

    return convert


def stored_assets(tx: Tx, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of assets by id."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in slices(ids):
        for row in tx.connection.execute(_STORED, {"ids": chunk}):
            found[row.asset_id] = dict(row._mapping)
    return found


def slices(items: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield pieces short enough for one IN list."""
    return (items[start : start + _LOOKUP] for start in range(0, len(items), _LOOKUP))
