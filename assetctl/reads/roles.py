"""Who has which role, since when, and who had it before."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.store.tables import role_grant

HELD = role_grant.c.revoked_at.is_(None)
"""The condition that a grant counts now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role that a person was given: since when, and until when; `number` counts his grants."""

    code: str
    role: str
    number: int
    granted_at: str
    revoked_at: str | None


def has_role(connection: Connection, role: str) -> bool:
    """Return whether anybody has a role now."""
    wanted = sa.select(role_grant.c.code).where(role_grant.c.role == role, HELD).limit(1)
    return connection.execute(wanted).first() is not None


def was_granted(connection: Connection, role: str) -> bool:
    """Return whether anybody was ever given a role."""
    wanted = sa.select(role_grant.c.code).where(role_grant.c.role == role).limit(1)
    return connection.execute(wanted).first() is not None


def roles_of(connection: Connection, code: str) -> list[str]:
    """Return the roles that a person has now, sorted."""
    wanted = sa.select(role_grant.c.role).where(role_grant.c.code == code, HELD)
    return list(connection.execute(wanted.order_by(role_grant.c.role)).scalars())


def holders(connection: Connection, role: str) -> list[str]:
    """Return the codes of those who have a role now, sorted."""
    wanted = sa.select(role_grant.c.code).where(role_grant.c.role == role, HELD)
    return list(connection.execute(wanted.order_by(role_grant.c.code)).scalars())


def grants_made(connection: Connection, code: str, role: str) -> int:
    """Return how often a person was given a role."""
    wanted = sa.select(sa.func.count()).where(role_grant.c.code == code, role_grant.c.role == role)
    return int(connection.execute(wanted).scalar_one())


def grants(connection: Connection, *, ended: bool = False) -> list[Grant]:
    """Return the grants that count now, with `ended` those that were revoked as well."""
    wanted = sa.select(
        role_grant.c.code, role_grant.c.role, role_grant.c.number, role_grant.c.granted_at,
        role_grant.c.revoked_at,
    ).order_by(role_grant.c.role, role_grant.c.code, role_grant.c.number)  # fmt: skip
    if not ended:
        wanted = wanted.where(HELD)
    return [Grant(**row._mapping) for row in connection.execute(wanted)]
