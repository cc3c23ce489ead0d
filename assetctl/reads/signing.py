"""Who must sign, and with which keys, by what the tables say now: what an edge asks before an act.

`signatories` answers the same for what was recorded, from the history and not from the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.act_signature import ALGORITHM, OPERATOR, STATION
from assetctl.domain.key_events import EVERYBODY
from assetctl.reads.roles import HELD
from assetctl.store.engine import Prepared
from assetctl.store.tables import party, role_grant, signing_key, signing_rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key the register notes: its code, purpose, public half in hex, whose it is, and its end."""

    code: str
    purpose: str
    algorithm: str
    public: str | None
    party: str | None
    created_at: str
    ended_at: str | None
    ended_as: str | None
    ended_doc: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that acts must be signed: for operators with a role, from an instant on."""

    role: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Since when an operator must sign, None if not; his usable keys, and those of the station.

    Keys stand by their public halves, each with the instant when it was made, and its code.
    """

    since: str | None
    operator: dict[str, tuple[str, str]]
    station: dict[str, tuple[str, str]]


_KEY = sa.select(
    signing_key.c.code, signing_key.c.purpose, signing_key.c.algorithm, signing_key.c.public,
    signing_key.c.party, signing_key.c.created_at, signing_key.c.ended_at, signing_key.c.ended_as,
    signing_key.c.ended_doc,
)  # fmt: skip
_ROLES = sa.select(role_grant.c.code).where(
    role_grant.c.code == sa.bindparam("operator"), role_grant.c.role == signing_rule.c.code, HELD
)
# One trip for both questions: an act on PostgreSQL spends most of its time on trips.
_STANDING = Prepared(
    sa.union_all(
        sa.select(
            sa.literal_column("'since'"), signing_rule.c.code, signing_rule.c.code,
            signing_rule.c.since,
        ).where(
            signing_rule.c.since <= sa.bindparam("rec"),
            sa.or_(signing_rule.c.code == EVERYBODY, sa.exists(_ROLES)),
        ),
        sa.select(
            signing_key.c.purpose, signing_key.c.code, signing_key.c.public,
            signing_key.c.created_at,
        ).where(
            signing_key.c.algorithm == ALGORITHM, signing_key.c.ended_at.is_(None),
            sa.or_(
                sa.and_(signing_key.c.purpose == OPERATOR,
                        signing_key.c.party == sa.bindparam("operator")),
                sa.and_(signing_key.c.purpose == STATION,
                        signing_key.c.party == sa.bindparam("station")),
            ),
        ),
    )
)  # fmt: skip


def standing(connection: Connection, *, operator: str, station: str, rec: str) -> Standing:
    """Return whether an operator must sign what is recorded now, and which keys may sign it."""
    wanted = {"operator": operator, "station": station, "rec": rec}
    since = None
    keys: dict[str, dict[str, tuple[str, str]]] = {OPERATOR: {}, STATION: {}}
    for sort, code, text, moment in _STANDING.run(connection, wanted).fetchall():
        if sort == "since":
            since = moment if since is None else min(since, moment)
        elif text is not None:
            keys[sort][text] = (moment, code)
    return Standing(since=since, operator=keys[OPERATOR], station=keys[STATION])


def all_keys(connection: Connection) -> list[Key]:
    """Return every key that the register notes, in order of purpose, owner and age."""
    order = (signing_key.c.purpose, signing_key.c.party, signing_key.c.created_at)
    rows = connection.execute(_KEY.order_by(*order, signing_key.c.code))
    return [Key(**row._mapping) for row in rows]


def find_key(connection: Connection, code: str) -> Key | None:
    """Return the key with this code, or None."""
    row = connection.execute(_KEY.where(signing_key.c.code == code)).first()
    return None if row is None else Key(**row._mapping)


def rules(connection: Connection) -> list[Rule]:
    """Return the rules that hold now or will, in order of role."""
    rows = connection.execute(
        sa.select(signing_rule.c.code, signing_rule.c.since)
        .where(signing_rule.c.since.is_not(None))
        .order_by(signing_rule.c.code)
    )
    return [Rule(role=row.code, since=row.since) for row in rows]


def rules_made(connection: Connection, role: str) -> int:
    """Return how many rules there have been for a role."""
    wanted = sa.select(sa.func.count()).where(signing_rule.c.code == role)
    return int(connection.execute(wanted).scalar_one())


def without_key(connection: Connection, role: str) -> list[str]:
    """Return the codes of people with a role who have no key that counts."""
    own = sa.select(signing_key.c.code).where(
        signing_key.c.party == party.c.code, signing_key.c.purpose == OPERATOR,
        signing_key.c.ended_at.is_(None),
    )  # fmt: skip
    wanted = sa.select(party.c.code).where(party.c.kind == "person", ~sa.exists(own))
    if role != EVERYBODY:
        granted = sa.select(role_grant.c.code).where(role_grant.c.role == role, HELD)
        wanted = wanted.where(party.c.code.in_(granted))
    return list(connection.execute(wanted.order_by(party.c.code)).scalars())
