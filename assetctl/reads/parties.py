"""Who and where: parties, places and asset classes, by code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document import Ask, may_answer
from assetctl.errors import ClassNotFoundError, PartyNotFoundError, PlaceNotFoundError
from assetctl.reads.roles import HELD, roles_of
from assetctl.store.engine import Prepared
from assetctl.store.tables import asset_class, party, place, role_grant, signing_key

_SAMPLE = 2000
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A unit, a person (by staff code) or a vendor. A redacted person has no name."""

    code: str
    kind: str
    name: str | None
    unit: str | None
    uscc: str | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place and the codes it lies in, outermost first."""

    code: str
    name: str
    kind: str
    parent: str | None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """A class of a classification scheme."""

    scheme: str
    code: str
    name: str
    name_en: str | None
    parent: str | None
    depth: int
    life_years: int | None
    use_years: int | None


_PARTY = Prepared(
    sa.select(party.c.code, party.c.kind, party.c.name, party.c.unit, party.c.uscc).where(
        party.c.code == sa.bindparam("wanted")
    )
)
_PLACE = Prepared(
    sa.select(place.c.code, place.c.name, place.c.kind, place.c.parent).where(
        place.c.code == sa.bindparam("wanted")
    )
)
_CLASS = sa.select(
    asset_class.c.scheme, asset_class.c.code, asset_class.c.name, asset_class.c.name_en,
    asset_class.c.parent, asset_class.c.depth, asset_class.c.life_years, asset_class.c.use_years,
)  # fmt: skip


def find_party(connection: Connection, code: str) -> Party | None:
    """Return the party with this code, or None."""
    row = _PARTY.run(connection, {"wanted": code}).fetchone()
    if row is None:
        return None
    return Party(code=row[0], kind=row[1], name=row[2], unit=row[3], uscc=row[4])


def need_party(connection: Connection, code: str) -> Party:
    """Return the party with this code.

    Raises:
        PartyNotFoundError: there is none; the nearest codes are named.
    """
    found = find_party(connection, code)
    if found is None:
        raise PartyNotFoundError(party=code, nearest=_nearest(connection, party.c.code, code))
    return found


def may_answer_as(connection: Connection, code: str) -> Callable[[Ask], bool]:
    """Return what tells whether a person may give an opinion that is asked for."""
    person = find_party(connection, code)
    roles, unit = roles_of(connection, code), person.unit if person else None
    return lambda ask: may_answer(ask, roles, unit)


def noted_keys(connection: Connection) -> dict[str, str | None]:
    """Return what the register knows its keys by: name to fingerprint or public half."""
    wanted = sa.select(signing_key.c.code, signing_key.c.public)
    return {row.code: row.public for row in connection.execute(wanted)}


def find_place(connection: Connection, code: str) -> Place | None:
    """Return the place with this code (without its path), or None."""
    row = _PLACE.run(connection, {"wanted": code}).fetchone()
    if row is None:
        return None
    return Place(code=row[0], name=row[1], kind=row[2], parent=row[3])


def need_place(connection: Connection, code: str) -> Place:
    """Return the place with this code.

    Raises:
        PlaceNotFoundError: there is none; the nearest codes are named.
    """
    found = find_place(connection, code)
    if found is None:
        raise PlaceNotFoundError(place=code, nearest=_nearest(connection, place.c.code, code))
    return found


def need_class(connection: Connection, scheme: str, code: str) -> AssetClass:
    """Return the class of this scheme with this code.

    Raises:
        ClassNotFoundError: there is none; the nearest codes are named.
    """
    wanted = _CLASS.where(asset_class.c.scheme == scheme, asset_class.c.code == code)
    row = connection.execute(wanted).first()
    if row is None:
        raise ClassNotFoundError(
            class_code=code, scheme=scheme, nearest=_nearest(connection, asset_class.c.code, code)
        )
    return AssetClass(**row._mapping)


def parties(connection: Connection, *, kind: str | None = None) -> list[Party]:
    """Return every party in order of code, with the roles it has now."""
    roles: dict[str, list[str]] = {}
    for code, role in connection.execute(
        sa.select(role_grant.c.code, role_grant.c.role).where(HELD).order_by(role_grant.c.role)
    ):
        roles.setdefault(code, []).append(role)
    wanted = sa.select(party.c.code, party.c.kind, party.c.name, party.c.unit, party.c.uscc)
    if kind:
        wanted = wanted.where(party.c.kind == kind)
    return [
        Party(**row._mapping, roles=tuple(roles.get(row.code, ())))
        for row in connection.execute(wanted.order_by(party.c.code))
    ]


def places(connection: Connection) -> list[Place]:
    """Return every place in order of its path, outer before inner."""
    columns = sa.select(place.c.code, place.c.name, place.c.kind, place.c.parent)
    rows = {row.code: row for row in connection.execute(columns)}
    parents = {code: row.parent for code, row in rows.items()}
    found = [Place(**row._mapping, path=_path(code, parents)) for code, row in rows.items()]
    return sorted(found, key=lambda item: (*item.path, item.code))


def all_classes(connection: Connection, scheme: str) -> list[AssetClass]:
    """Return every class of a scheme in order of code."""
    wanted = _CLASS.where(asset_class.c.scheme == scheme).order_by(asset_class.c.code)
    return [AssetClass(**row._mapping) for row in connection.execute(wanted)]


def names_of(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of parties and places by code; those without a name are left out."""
    wanted = sorted(set(codes))
    names: dict[str, str] = {}
    for table in (place, party):
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            query = sa.select(table.c.code, table.c.name).where(table.c.code.in_(chunk))
            names |= {row.code: row.name for row in connection.execute(query) if row.name}
    return names


def class_names(connection: Connection, codes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return names by class code for (scheme, code) pairs."""
    pairs = sorted(set(codes))
    if not pairs:
        return {}
    wanted = sa.select(asset_class.c.code, asset_class.c.name).where(
        sa.tuple_(asset_class.c.scheme, asset_class.c.code).in_(pairs)
    )
    return {row.code: row.name for row in connection.execute(wanted)}


def path_of(connection: Connection, code: str) -> tuple[str, ...]:
    """Return the codes of the places that a place lies in, outermost first."""
    found: list[str] = []
    here = find_place(connection, code)
    while here is not None and here.parent is not None and here.parent not in found:
        found.insert(0, here.parent)
        here = find_place(connection, here.parent)
    return tuple(found)


def _path(code: str, parents: dict[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    parent = parents.get(code)
    while parent is not None and parent not in path:
        path.insert(0, parent)
        parent = parents.get(parent)
    return tuple(path)


def _nearest(connection: Connection, column: sa.Column[str], text: str) -> str:
    near = connection.execute(
        sa.select(column).order_by(sa.func.abs(sa.func.length(column) - len(text))).limit(_SAMPLE)
    )
    return ", ".join(get_close_matches(text, near.scalars(), n=3, cutoff=0.4)) or "-"
