"""What a register knows already, looked up for whole lists at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assetctl.acts import cells
from assetctl.acts.importing.plan import Convert
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.tables import asset, asset_class, party, place

_STORED = asset.select().where(among(asset.c.asset_id, "ids"))


@dataclass(frozen=True, slots=True)
class Coded:
    """Kinds by code, and codes by the names that only one code has."""

    kinds: dict[str, str]
    names: dict[str, str]

    @property
    def unit_names(self) -> dict[str, str]:
        """Codes of units by name."""
        return {name: code for name, code in self.names.items() if self.kinds[code] == "unit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a list of assets may name: parties, places, and the classes of one scheme."""

    parties: Coded
    places: Coded
    classes: frozenset[str]
    scheme: str


def known_codes(tx: Tx, scheme: str) -> Known:
    """Return everything a list of assets may name."""
    wanted = sa.select(asset_class.c.code).where(asset_class.c.scheme == scheme)
    classes = frozenset(tx.connection.execute(wanted).scalars())
    return Known(parties=coded_parties(tx), places=coded_places(tx), classes=classes, scheme=scheme)


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
    rows = tx.connection.execute(_STORED, {"ids": ids}) if ids else ()
    return {row.asset_id: dict(row._mapping) for row in rows}
