"""The evidence of needs: searches, candidates, refusals and decisions, certificates, purchases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import open_disclosure
from assetctl.domain.document_events import DocumentSubmitted
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.sourcing import AVAILABLE, Quota, unmet
from assetctl.domain.sourcing_events import CandidatesRefused, NeedSearched, RefusalsJudged
from assetctl.errors import DocumentNotFoundError
from assetctl.reads.documents import Document, documents, need_document
from assetctl.reads.needs import Taken, met_by, progress, taken_for
from assetctl.store.tables import (
    disclosure,
    history,
    sourcing_candidate,
    sourcing_purchase,
    sourcing_search,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A candidate as a search froze it, and what was said of it since.

    The texts are what was written freely and not erased.
    """

    asset_id: str
    name: str
    class_code: str
    level: str
    owner: str
    place: str | None
    condition: str | None
    availability: str
    promised_to: str | None
    taken_at: str | None
    reason: str | None
    refused_by: str | None
    refused_at: str | None
    verdict: str | None
    judged_by: str | None
    judged_at: str | None
    refusal_text: str | None = None
    verdict_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search for a need: the question, the register it was put to, what it found.

    `entry` is the number of its entry in the history of the need, `sha256` that of its bytes.
    Where something was certified on it, it says what.
    """

    search: int
    unit: str
    scheme: str
    classes: tuple[str, ...]
    levels: tuple[str, ...]
    log_size: int
    log_root: str
    recorded_to: str
    available: int
    beyond: int
    unlisted: int
    withheld: int
    searched_at: str
    entry: int
    sha256: str
    result: str | None
    met: int | None
    unmet: int | None
    certificate: str | None
    valid_until: str | None
    certified_by: str | None
    certified_at: str | None
    candidates: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What was bought for a need on a certificate: how many, at what price each, by whom."""

    purchase: str
    certificate: str
    quantity: int
    price: str
    person: str
    bought_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All there is of a need: how many were asked for, met, bought, and how that came about."""

    need: Document
    quota: Quota | None
    quantity: int
    met: int
    bought: int
    unmet: int
    searches: tuple[Search, ...]
    taken: tuple[Taken, ...]
    purchases: tuple[Purchase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """A need in a list."""

    number: str
    state: str
    unit: str
    name: str
    class_code: str
    needed_by: str
    quantity: int
    met: int
    bought: int
    unmet: int


def needs(
    connection: Connection, *, states: Sequence[str] = (), unit: str | None = None,
    after: str = "", limit: int = 100,
) -> list[NeedLine]:  # fmt: skip
    """Return needs by number after `after`, and how far each has come; at most `limit`."""
    found = documents(
        connection, kind="need", states=states, unit=unit, after=after, limit=limit
    )  # fmt: skip
    done = progress(connection, [one.number for one in found])
    return [_need_line(one, *done[one.number]) for one in found]


def evidence(connection: Connection, number: str) -> Evidence:
    """Return the whole evidence of a need, by its number or that of anything under it.

    Raises:
        DocumentNotFoundError: there is no document with this number, or it is under no need.
    """
    need = need_document(connection, number)
    while need.kind != "need":
        if need.under is None:
            raise DocumentNotFoundError(number=number)
        need = need_document(connection, need.under)
    number = need.number
    taken = taken_for(connection, [number])[number]
    bought = _purchases(connection, number)
    count, met = int(need.fields["quantity"]), met_by(taken)
    total = sum(one.quantity for one in bought)
    return Evidence(
        need=need, quota=_quota(connection, number), quantity=count, met=met, bought=total,
        unmet=unmet(count, met, total), searches=tuple(_searches(connection, number)),
        taken=tuple(taken), purchases=tuple(bought),
    )  # fmt: skip


def newest_search(connection: Connection, number: str) -> Search | None:
    """Return the newest search for a need, None before the first one."""
    newest = (
        sa.select(sa.func.max(sourcing_search.c.search))
        .where(sourcing_search.c.number == number)
        .scalar_subquery()
    )
    found = _searches(connection, number, sourcing_search.c.search == newest)
    return found[0] if found else None


def _searches(
    connection: Connection, number: str, *more: sa.ColumnElement[bool]
) -> list[Search]:  # fmt: skip
    wanted = sourcing_search.select().where(sourcing_search.c.number == number, *more)
    rows = connection.execute(wanted.order_by(sourcing_search.c.search)).all()
    chosen = [row.search for row in rows]
    texts = _texts(connection, number)
    candidates: dict[int, list[Found]] = {search: [] for search in chosen}
    for row in connection.execute(
        sourcing_candidate.select()
        .where(sourcing_candidate.c.number == number, sourcing_candidate.c.search.in_(chosen))
        .order_by(sourcing_candidate.c.asset_id)
    ):
        candidates[row.search].append(_found(row, texts))
    entries = _entries(connection, number)
    return [_search(row, candidates[row.search], entries) for row in rows]


def _search(row: Any, found: list[Found], entries: dict[int, tuple[int, str]]) -> Search:
    values = dict(row._mapping)
    del values["number"]
    levels = tuple(row.levels.split())
    found.sort(key=lambda one: (levels.index(one.level), one.availability != AVAILABLE))
    entry, digest = entries[row.search]
    return Search(**values | {
        "classes": tuple(row.classes.split()), "levels": levels, "entry": entry,
        "sha256": digest, "candidates": tuple(found),
    })  # fmt: skip


def _found(row: Any, texts: dict[tuple[str, int, str], str]) -> Found:
    values = dict(row._mapping)
    del values["number"], values["search"]
    return Found(
        **values,
        refusal_text=texts.get((CandidatesRefused.kind, row.search, row.asset_id)),
        verdict_text=texts.get((RefusalsJudged.kind, row.search, row.asset_id)),
    )


def _entries(connection: Connection, number: str) -> dict[int, tuple[int, str]]:
    """Return of each search the number of its entry, and the SHA-256 of the entry's bytes."""
    wanted = sa.select(history.c.seq, history.c.entry).where(
        history.c.subject == f"doc:{number}", history.c.kind == NeedSearched.kind
    )
    found = {}
    for row in connection.execute(wanted.order_by(history.c.seq)):
        entry = bytes(row.entry)
        found[json.loads(entry)["data"]["search"]] = (row.seq, sha256(entry).hexdigest())
    return found


def _texts(connection: Connection, number: str) -> dict[tuple[str, int, str], str]:
    wanted = (
        sa.select(history.c.kind, history.c.entry, disclosure.c.disclosure)
        .join_from(disclosure, history, disclosure.c.event_id == history.c.event_id)
        .where(disclosure.c.subject == f"doc:{number}",
               history.c.kind.in_((CandidatesRefused.kind, RefusalsJudged.kind)))
        .order_by(history.c.seq)
    )  # fmt: skip
    found = {}
    for row in connection.execute(wanted):
        said = json.loads(bytes(row.entry))["data"]
        _path, text = open_disclosure(row.disclosure)
        for asset_id in said["assets"]:
            found[row.kind, said["search"], asset_id] = text
    return found


def _purchases(connection: Connection, number: str) -> list[Purchase]:
    wanted = sourcing_purchase.select().where(sourcing_purchase.c.number == number)
    return [
        Purchase(purchase=row.purchase, certificate=row.certificate, quantity=row.quantity,
                 price=amount_text(from_fen(row.price_fen)), person=row.person,
                 bought_at=row.bought_at)
        for row in connection.execute(wanted.order_by(sourcing_purchase.c.bought_at))
    ]  # fmt: skip


def _quota(connection: Connection, number: str) -> Quota | None:
    """Return the quota that the newest submission was checked against, as history keeps it."""
    wanted = (
        sa.select(history.c.entry)
        .where(history.c.subject == f"doc:{number}", history.c.kind == DocumentSubmitted.kind)
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    entry = connection.execute(wanted).scalar()
    if entry is None:
        return None
    return Quota(**json.loads(bytes(entry))["data"]["lines"][0]["quota"])


def _need_line(one: Document, met: int, bought: int) -> NeedLine:
    fields = one.fields
    count = int(fields["quantity"])
    return NeedLine(
        number=one.number, state=one.state, unit=one.unit, name=fields["name"],
        class_code=fields["class_code"], needed_by=fields["needed_by"], quantity=count, met=met,
        bought=bought, unmet=unmet(count, met, bought),
    )  # fmt: skip
