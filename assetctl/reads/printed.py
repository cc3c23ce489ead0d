"""What a document needs on paper beside itself: names, the request above it, what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import open_disclosure
from assetctl.domain.document_events import (
    DocumentDrafted,
    DocumentRevised,
    LinesAdded,
    OpinionGiven,
    PaperIssued,
)
from assetctl.domain.events import TitleTransferred
from assetctl.reads.documents import Document, find_document, need_document
from assetctl.reads.parties import Party, find_party, find_place
from assetctl.store.lists import among
from assetctl.store.tables import asset, disclosure, history

Asked = tuple[int, int, str]
"""An opinion: its round, its step, and whom the step asked."""

_DRAFTS = (DocumentDrafted.kind, DocumentRevised.kind)
_NOTES = ("differs", "note")
_DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a paper says of a line: the condition before and after, and the verdict."""

    before: str | None = None
    after: str | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A document with all that is printed of it.

    `above` is the request that a paper was issued under, or the loan that an extension is for.
    `erased` are the opinions whose text was erased; `is_text_erased` says so of the reason, and
    `is_purpose_erased` of that of the request above. `judged` is what a paper says of each line;
    `giver` is who had the assets before the act that it records, and `notes` is what was noted of
    each of them then, None where it was erased. `owners` had title to the assets when the document
    was submitted.
    """

    document: Document
    above: Document | None = None
    parties: dict[str, Party] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    erased: frozenset[Asked] = frozenset()
    is_text_erased: bool = False
    is_purpose_erased: bool = False
    judged: dict[int, Judged] = field(default_factory=dict)
    giver: str | None = None
    owners: tuple[str, ...] = ()
    notes: dict[str, str | None] = field(default_factory=dict)

    def unit_of(self, person: str) -> str | None:
        """Return the unit of a person, None where the register says none."""
        found = self.parties.get(person)
        return found.unit if found else None


def printed(connection: Connection, number: str) -> Printed:
    """Return a document with all that is printed of it.

    Raises:
        DocumentNotFoundError: there is none with this number.
    """
    one = need_document(connection, number)
    number_above = one.under or one.fields.get("loan")
    above = find_document(connection, number_above) if number_above else None
    own = list(_told(connection, history.c.subject == f"doc:{number}"))
    over = list(_told(connection, history.c.subject == f"doc:{above.number}")) if above else []
    acts: list[_Told] = []
    for issued in own:
        if issued.kind == PaperIssued.kind:
            acts = list(_told(connection, history.c.request_id == issued.request_id))
    acts = [act for act in acts if act.subject.removeprefix("asset:") in one.assets]
    givers = {act.data.get("from_holder") for act in acts}
    giver = givers.pop() if len(givers) == 1 else None
    owners = _owners(connection, one)
    codes = {*_codes(one), *(_codes(above) if above else ()), *owners}
    codes |= {giver} if giver else set()
    return Printed(
        document=one, above=above, parties=_parties(connection, codes),
        places=_places(connection, codes), erased=frozenset(_erased(own)),
        is_text_erased=_is_draft_erased(own), is_purpose_erased=_is_draft_erased(over),
        judged=dict(_judged(own)), giver=giver, owners=owners, notes=dict(_notes(acts)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One entry with its free texts; `is_erased` where one of them is gone."""

    kind: str
    subject: str
    request_id: str
    data: dict[str, Any]
    texts: dict[str, str]
    is_erased: bool


def _told(connection: Connection, which: sa.ColumnElement[bool]) -> Iterator[_Told]:
    rows = connection.execute(
        sa.select(
            history.c.event_id, history.c.kind, history.c.subject, history.c.request_id,
            history.c.entry, disclosure.c.disclosure,
        )
        .join_from(history, disclosure, disclosure.c.event_id == history.c.event_id, isouter=True)
        .where(which)
        .order_by(history.c.subject, history.c.seq)
    )  # fmt: skip
    texts: dict[str, dict[str, str]] = {}
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.event_id, row)
        said = texts.setdefault(row.event_id, {})
        if row.disclosure is not None:
            path, text = open_disclosure(row.disclosure)
            said[path] = text
    for event_id, row in first.items():
        entry = json.loads(row.entry)
        yield _Told(
            kind=row.kind, subject=row.subject, request_id=row.request_id, data=entry["data"],
            texts=texts[event_id], is_erased=len(entry.get("sd", ())) > len(texts[event_id]),
        )  # fmt: skip


def _erased(own: Iterable[_Told]) -> Iterator[Asked]:
    for one in own:
        if one.kind == OpinionGiven.kind and one.is_erased:
            yield one.data["round"], one.data["step"], one.data["asked"]


def _is_draft_erased(own: Iterable[_Told]) -> bool:
    """Return whether the reason that a document gave last is gone."""
    said = [one for one in own if one.kind in _DRAFTS and (one.texts or one.is_erased)]
    return bool(said) and said[-1].is_erased


def _owners(connection: Connection, one: Document) -> tuple[str, ...]:
    """Return who owned the assets when a document was submitted, in order of code.

    Whoever the first transfer of title since then took an asset from owned it until then.
    """
    ids = list(one.assets or one.wanted)
    wanted = sa.select(asset.c.asset_id, asset.c.owner).where(among(asset.c.asset_id, "ids"))
    owners = {row.asset_id: row.owner for row in connection.execute(wanted, {"ids": ids})}
    moved = (
        sa.select(history.c.subject, history.c.entry)
        .where(among(history.c.subject, "subjects"), history.c.kind == TitleTransferred.kind)
        .where(history.c.at >= (one.submitted_at or one.drafted_at))
        .order_by(history.c.seq.desc())
    )
    for row in connection.execute(moved, {"subjects": [f"asset:{one}" for one in ids]}):
        owners[row.subject.removeprefix("asset:")] = json.loads(row.entry)["data"]["from_owner"]
    return tuple(sorted(set(owners.values())))


def _judged(own: Iterable[_Told]) -> Iterator[tuple[int, Judged]]:
    for one in own:
        if one.kind in (PaperIssued.kind, LinesAdded.kind):
            for number, line in enumerate(one.data.get("lines", ()), one.data.get("first", 1)):
                yield number, Judged(
                    before=line.get("condition_before"), after=line.get("condition"),
                    verdict=line.get("verdict"),
                )  # fmt: skip


def _notes(acts: Iterable[_Told]) -> Iterator[tuple[str, str | None]]:
    for act in acts:
        said = [act.texts[name] for name in _NOTES if name in act.texts]
        if said or act.is_erased:
            yield act.subject.removeprefix("asset:"), "; ".join(said) or None


def _codes(one: Document) -> Iterator[str]:
    """Give every code on a document that may be a party or a place."""
    yield from (one.unit, one.applicant, *one.fields.values())
    yield from (given.person for given in one.opinions)
    yield from (ask.unit for step in one.steps for ask in step.asks if ask.unit)


def _parties(connection: Connection, codes: Iterable[str]) -> dict[str, Party]:
    """Return the parties among codes, and the units of the people among them."""
    found = {code: one for code in codes if (one := find_party(connection, code))}
    units = {one.unit for one in found.values() if one.unit} - found.keys()
    return found | {code: one for code in units if (one := find_party(connection, code))}


def _places(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Return the places among codes with the names of what they lie in, outermost first."""
    found = {}
    for code in codes:
        names: list[str] = []
        one = find_place(connection, code)
        while one and len(names) < _DEEPEST:
            names.insert(0, one.name)
            one = find_place(connection, one.parent) if one.parent else None
        if names:
            found[code] = " / ".join(names)
    return found
