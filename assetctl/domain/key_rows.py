"""What facts about keys mean for the tables: which row each writes or sets."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Literal

from assetctl.domain import key_events
from assetctl.domain.event import Event

KeyRow = tuple[Literal["put", "set"], str, dict[str, Any]]
"""How to write it, the table, and the columns."""


@singledispatch
def key_rows(event: Event, subject: str, at: str) -> list[KeyRow]:
    """Return the rows that a fact about a key or a role, which happened at `at`, writes."""
    raise TypeError("no row for this kind of event", event.kind, subject, at)


@key_rows.register
def _(event: key_events.KeyCreated, subject: str, at: str) -> list[KeyRow]:
    row = {
        "code": subject, "purpose": event.purpose, "algorithm": event.algorithm,
        "public": event.public, "created_at": at, "party": event.party,
    }  # fmt: skip
    return [("put", "signing_key", row)]


@key_rows.register
def _(event: key_events.KeyRevoked, subject: str, at: str) -> list[KeyRow]:
    del at
    ended = {"ended_at": event.from_, "ended_as": event.reason, "ended_doc": event.doc}
    return [("set", "signing_key", {"code": subject, **ended})]


@key_rows.register
def _(event: key_events.KeyRetired, subject: str, at: str) -> list[KeyRow]:
    del event
    ended = {"ended_at": at, "ended_as": key_events.RETIRED}
    return [("set", "signing_key", {"code": subject, **ended})]


@key_rows.register
def _(event: key_events.SigningRequired, subject: str, at: str) -> list[KeyRow]:
    del at
    rule = {"code": subject, "number": event.number, "since": event.since}
    rows: list[KeyRow] = [("put", "signing_rule", rule)]
    if event.number > 1:
        rows.append(_lifted(subject, event.number - 1))
    return rows


@key_rows.register
def _(event: key_events.SigningLifted, subject: str, at: str) -> list[KeyRow]:
    del at
    return [_lifted(subject, event.number)]


def _lifted(subject: str, number: int) -> KeyRow:
    return "set", "signing_rule", {"code": subject, "number": number, "since": None}
