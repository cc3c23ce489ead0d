"""The rules of the office: which hold on a day, and all that were ever adopted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.warehouse_rules import Rules, built_in, parse_rules
from assetctl.store.tables import rule_set

CODE = "warehouse"
"""The subject that rules of a warehouse are adopted under (`rules:warehouse`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules as they were adopted: the how-manieth, from which day on, their text and its hash."""

    number: int
    since: str
    sha256: str
    adopted_at: str
    rules: str


def rules_on(connection: Connection, day: str) -> Rules:
    """Return the rules in force on a day: those adopted last that had begun, else the built-in."""
    wanted = (
        sa.select(rule_set.c.rules)
        .where(rule_set.c.code == CODE, rule_set.c.since <= day)
        .order_by(rule_set.c.since.desc(), rule_set.c.number.desc())
        .limit(1)
    )
    text = connection.execute(wanted).scalar()
    return _parsed(built_in() if text is None else text)


def rule_sets(connection: Connection) -> list[RuleSet]:
    """Return all rules that were adopted, in order."""
    wanted = sa.select(
        rule_set.c.number, rule_set.c.since, rule_set.c.sha256, rule_set.c.adopted_at,
        rule_set.c.rules,
    ).where(rule_set.c.code == CODE)  # fmt: skip
    rows = connection.execute(wanted.order_by(rule_set.c.number))
    return [RuleSet(**row._mapping) for row in rows]


@lru_cache(maxsize=8)
def _parsed(text: str) -> Rules:
    return parse_rules(text, "warehouse rules")
