"""Provision standards that were adopted, and which of them hold for a class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.class_code import GB_T_14885, class_prefix
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.standards import InForce, Standard, divisions, in_force
from assetctl.store.lists import among
from assetctl.store.tables import provision_standard

_BY_CODE = provision_standard.select().where(among(provision_standard.c.code, "codes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted(Standard):
    """A standard in the register: when and under what it was adopted, and under what it ended."""

    code: str
    adopted_at: str
    adopted_doc: str
    ended_doc: str | None


def standards(
    connection: Connection, *, division: str | None = None, class_code: str | None = None,
    day: str | None = None, class_scheme: str = GB_T_14885,
) -> list[Adopted]:  # fmt: skip
    """Return standards by division, class and first day.

    With `division` those of it and of the divisions above it, with `class_code` those of the class
    and of the classes above and below it, with `day` those in force on it.

    Raises:
        InputError: `division` is no division code.
    """
    table = provision_standard.c
    query = provision_standard.select()
    if division is not None:
        query = query.where(table.jurisdiction.in_(divisions(division)))
    if day is not None:
        open_ended = table.until.is_(None)
        query = query.where(table.effective_from <= day, sa.or_(open_ended, table.until >= day))
    order = (table.jurisdiction, table.class_code, table.effective_from, table.code)
    found = [_adopted(row) for row in connection.execute(query.order_by(*order))]
    if class_code is None:
        return found
    below = class_prefix(class_code)
    return [
        one for one in found
        if one.covers(class_scheme, class_code)
        or (one.class_scheme == class_scheme and one.class_code.startswith(below))
    ]  # fmt: skip


def standard_for(
    connection: Connection, *, division: str, class_code: str, day: str, rank: str | None = None,
    class_scheme: str = GB_T_14885,
) -> InForce | None:  # fmt: skip
    """Return what holds for a class in a division on a day, None if no standard concerns it.

    Raises:
        InputError: `division` is no division code.
    """
    rows = standards(connection, division=division, day=day)
    return in_force(
        rows, division=division, class_code=class_code, day=day, rank=rank,
        class_scheme=class_scheme,
    )  # fmt: skip


def standards_by_code(connection: Connection, codes: Iterable[str]) -> dict[str, Adopted]:
    """Return the standards that have one of these codes."""
    rows = connection.execute(_BY_CODE, {"codes": list(codes)})
    return {row.code: _adopted(row) for row in rows}


def _adopted(row: sa.Row[Any]) -> Adopted:
    values = dict(row._mapping)
    price_cap = values.pop("price_cap_fen")
    return Adopted(**values | {
        "argued": bool(values["argued"]),
        "price_cap": None if price_cap is None else amount_text(from_fen(price_cap)),
    })  # fmt: skip
