"""Documents: one in full, or many by state, kind, unit or asset; and whose turn it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.chain import open_disclosure
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.document import (
    Ask,
    DocState,
    Opinion,
    Step,
    ask_from,
    open_asks,
    steps_from,
)
from assetctl.domain.document_events import DocumentDrafted, DocumentRevised
from assetctl.domain.document_kinds import APPLICANT, KINDS, LISTED, DocKind
from assetctl.domain.money import fen_text
from assetctl.errors import DocumentNotFoundError
from assetctl.reads.parties import may_answer_as
from assetctl.store.engine import Prepared
from assetctl.store.lists import among
from assetctl.store.tables import (
    disclosure,
    document,
    document_asset,
    document_line,
    history,
    opinion,
    paper_part,
)

# A document may have hundreds of assets: wrapping each row would cost more than fetching it.
_ASSETS = Prepared(
    sa.select(document_asset.c.asset_id, document_asset.c.line, document_asset.c.state)
    .where(
        document_asset.c.number == sa.bindparam("number"),
        document_asset.c.round == sa.bindparam("round"),
    )
    .order_by(document_asset.c.asset_id)
)
_LINES = Prepared(
    sa.select(
        document_line.c.line, document_line.c.name, document_line.c.scheme,
        document_line.c.class_code, document_line.c.quantity, document_line.c.value_fen,
        document_line.c.net_fen,
    )
    .where(
        document_line.c.number == sa.bindparam("number"),
        document_line.c.round == sa.bindparam("round"),
    )
    .order_by(document_line.c.line)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: like things, what each was worth when the document was submitted, and which."""

    line: int
    name: str
    scheme: str
    class_code: str
    quantity: int
    value: str | None
    net: str | None
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as it stands now.

    `assets` says of each asset how far it has come; `wanted` are those of the draft; `waits_for`
    are the opinions (`role@unit`) that the step now asked still needs.
    """

    number: str
    kind: str
    state: str
    unit: str
    applicant: str
    under: str | None
    fields: dict[str, str]
    text: str | None
    round: int
    step: int
    steps: tuple[Step, ...]
    total: str
    drafted_at: str
    submitted_at: str | None
    decided_at: str | None
    ended_at: str | None
    wanted: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    assets: dict[str, str] = field(default_factory=dict)
    opinions: tuple[Opinion, ...] = ()
    waits_for: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()

    @property
    def doc_kind(self) -> DocKind:
        """The kind of document this is."""
        return KINDS[self.kind]

    @property
    def mode(self) -> str | None:
        """What the field `mode` says, if there is one."""
        return self.fields.get("mode")

    def unit_of(self, side: str) -> str | None:
        """Return the unit of a side: the one that asks, or the other one named in the document."""
        if side == APPLICANT:
            return self.unit
        return self.fields.get(self.doc_kind.counterpart or "")

    def given(self) -> list[Opinion]:
        """Return the opinions of this round, in order."""
        return [one for one in self.opinions if one.round == self.round]

    def asked(self) -> tuple[Ask, ...]:
        """Return whose opinion the step now asked still needs."""
        return tuple(map(ask_from, self.waits_for))


def find_document(
    connection: Connection, number: str, *, in_full: bool = True, with_texts: bool = True
) -> Document | None:  # fmt: skip
    """Return a document, in full or without its lines and assets; or None.

    Without texts, what was written freely and the papers are left out, as they are where the
    document is not in full.
    """
    row = connection.execute(document.select().where(document.c.number == number)).first()
    if row is None:
        return None
    bare = _document(row, _opinions(connection, [number]).get(number, ()))
    return _full(connection, bare, with_texts=with_texts) if in_full else bare


def need_document(connection: Connection, number: str, *, in_full: bool = True) -> Document:
    """Return a document, in full or without its lines, assets and free text.

    Raises:
        DocumentNotFoundError: there is none with this number.
    """
    found = find_document(connection, number, in_full=in_full)
    if found is None:
        raise DocumentNotFoundError(number=number)
    return found


def documents(
    connection: Connection, *, kind: str | None = None, states: Collection[str] = (),
    unit: str | None = None, asset_id: str | None = None, after: str = "", limit: int = 100,
) -> list[Document]:  # fmt: skip
    """Return documents by number after `after`, without lines; at most `limit`."""
    wanted = document.select().where(document.c.number > after)
    if kind:
        wanted = wanted.where(document.c.kind == kind)
    if states:
        wanted = wanted.where(document.c.state.in_(sorted(states)))
    if unit:
        wanted = wanted.where(document.c.unit == unit)
    if asset_id:
        on = sa.select(document_asset.c.number).where(document_asset.c.asset_id == asset_id)
        named = sa.select(paper_part.c.number).where(
            paper_part.c.lines.contains(f'"{asset_id}"', autoescape=True)
        )
        with_it = sa.and_(document.c.under.in_(on), document.c.number.in_(named))
        wanted = wanted.where(sa.or_(document.c.number.in_(on), with_it))
    rows = connection.execute(wanted.order_by(document.c.number).limit(limit)).all()
    opinions = _opinions(connection, [row.number for row in rows])
    return [_document(row, opinions.get(row.number, ())) for row in rows]


def waiting_for(connection: Connection, person: str) -> list[Document]:
    """Return the submitted documents that a person may decide."""
    may_answer = may_answer_as(connection, person)
    waiting = documents(connection, states=[DocState.SUBMITTED.value], limit=10_000)
    return [one for one in waiting if any(map(may_answer, one.asked()))]


def promised_to(connection: Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """Return the documents that have a claim on assets, by asset."""
    wanted = sa.select(document_asset.c.promised, document_asset.c.number).where(
        among(document_asset.c.promised, "ids")
    )
    rows = connection.execute(wanted, {"ids": list(asset_ids)})
    return {row.promised: row.number for row in rows}


def _full(connection: Connection, bare: Document, *, with_texts: bool) -> Document:
    number = bare.number
    if KINDS[bare.kind].is_request:
        lines, states = _lines_of_request(connection, bare)
    else:
        lines = _lines_of_paper(connection, number)
        states = {asset_id: LISTED for line in lines for asset_id in line.assets}
    filled = replace(bare, lines=lines, assets=states)
    if not with_texts:
        return filled
    under = sa.select(document.c.number).where(document.c.under == number)
    texts = _texts(connection, number)
    return replace(
        filled,
        papers=tuple(connection.execute(under.order_by(document.c.number)).scalars()),
        text=texts.get("draft"),
        opinions=tuple(_with_text(one, texts) for one in bare.opinions),
    )


def _document(row: Any, given: Sequence[Opinion]) -> Document:
    steps = steps_from(json.loads(row.steps or "[]"))
    waits: tuple[str, ...] = ()
    if row.state == DocState.SUBMITTED.value:
        now = [one for one in given if (one.round, one.step) == (row.round, row.step)]
        waits = tuple(map(str, open_asks(steps[row.step - 1], now)))
    return Document(
        number=row.number, kind=row.kind, state=row.state, unit=row.unit, applicant=row.applicant,
        under=row.under, fields=json.loads(row.fields), text=None, round=row.round, step=row.step,
        steps=steps, total=fen_text(row.total_fen), drafted_at=row.drafted_at,
        submitted_at=row.submitted_at, decided_at=row.decided_at, ended_at=row.ended_at,
        wanted=tuple(json.loads(row.assets or "[]")), opinions=tuple(given), waits_for=waits,
    )  # fmt: skip


def _lines_of_request(
    connection: Connection, one: Document
) -> tuple[tuple[Line, ...], dict[str, str]]:
    which = {"number": one.number, "round": one.round}
    assets = _ASSETS.run(connection, which).fetchall()
    on_line: dict[int, list[str]] = {}
    for asset_id, line, _state in assets:
        on_line.setdefault(line, []).append(asset_id)
    rows = _LINES.run(connection, which).fetchall()
    lines = tuple(_line(row, on_line.get(row[0], [])) for row in rows)
    return lines, {asset_id: state for asset_id, _line, state in assets}


def _lines_of_paper(connection: Connection, number: str) -> tuple[Line, ...]:
    parts = sa.select(paper_part.c.lines).where(paper_part.c.number == number)
    lines = [
        line
        for text in connection.execute(parts.order_by(paper_part.c.first)).scalars()
        for line in json.loads(text)
    ]
    return tuple(
        Line(
            line=place, name=line["name"], scheme=line.get("scheme", GB_T_14885),
            class_code=line["class"], quantity=line.get("quantity", len(line["assets"])),
            value=line.get("value"),
            net=line.get("net", line.get("value")), assets=tuple(line["assets"]),
        )
        for place, line in enumerate(lines, 1)
    )  # fmt: skip


def _line(row: Any, assets: list[str]) -> Line:
    line, name, scheme, class_code, quantity, value, net = row
    return Line(
        line=line, name=name, scheme=scheme, class_code=class_code, quantity=quantity,
        value=_yuan(value), net=_yuan(net), assets=tuple(assets),
    )  # fmt: skip


def _opinions(connection: Connection, numbers: Sequence[str]) -> dict[str, list[Opinion]]:
    found: dict[str, list[Opinion]] = {}
    wanted = opinion.select().where(opinion.c.number.in_(list(numbers)))
    order = (opinion.c.number, opinion.c.round, opinion.c.step, opinion.c.given_at)
    for row in connection.execute(wanted.order_by(*order)):
        found.setdefault(row.number, []).append(
            Opinion(round=row.round, step=row.step, asked=row.asked, person=row.person,
                    verdict=row.verdict, at=row.given_at)
        )  # fmt: skip
    return found


def _texts(connection: Connection, number: str) -> dict[str, str]:
    """Return what was written freely and not erased: of the draft, and of each opinion."""
    wanted = (
        sa.select(history.c.kind, history.c.entry, disclosure.c.disclosure)
        .join_from(disclosure, history, disclosure.c.event_id == history.c.event_id)
        .where(disclosure.c.subject == f"doc:{number}")
        .order_by(history.c.seq)
    )
    found = {}
    for row in connection.execute(wanted):
        _path, text = open_disclosure(row.disclosure)
        if row.kind in (DocumentDrafted.kind, DocumentRevised.kind):
            found["draft"] = text
        data = json.loads(row.entry)["data"]
        if "asked" in data:
            found[_key(data["round"], data["step"], data["asked"])] = text
    return found


def _with_text(one: Opinion, texts: dict[str, str]) -> Opinion:
    return Opinion(
        round=one.round, step=one.step, asked=one.asked, person=one.person, verdict=one.verdict,
        at=one.at, text=texts.get(_key(one.round, one.step, one.asked)),
    )  # fmt: skip


def _key(round_: int, step: int, asked: str) -> str:
    return f"{round_}/{step}/{asked}"


def _yuan(value: int | None) -> str | None:
    return None if value is None else fen_text(value)
