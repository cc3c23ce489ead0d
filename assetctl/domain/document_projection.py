"""What events of documents mean for the tables."""

from __future__ import annotations

from assetctl.domain import document_events as events
from assetctl.domain.chain import written
from assetctl.domain.change import Change, Row, When, project
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.document_kinds import RELEASED, RESERVED
from assetctl.domain.money import fen


@project.register
def _(event: events.DocumentDrafted, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "kind": event.doc_kind, "state": event.doc_state, "unit": event.unit,
        "applicant": event.applicant, "under": event.under, "fields": written(event.fields),
        "assets": written(event.assets),
        "round": 0, "step": 0, "steps": None, "total_fen": 0, "drafted_at": when.at,
        "submitted_at": None, "decided_at": None, "ended_at": None,
    }  # fmt: skip
    return [Change("put", "document", row)]


@project.register
def _(event: events.DocumentRevised, subject: str, _when: When) -> list[Change]:
    row = {
        "number": subject, "fields": written(event.fields), "assets": written(event.assets),
    }  # fmt: skip
    return [Change("set", "document", row)]


@project.register
def _(event: events.DocumentDueMoved, subject: str, _when: When) -> list[Change]:
    return [Change("set", "document", {"number": subject, "fields": written(event.fields)})]


@project.register
def _(event: events.DocumentSubmitted, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "state": event.doc_state, "round": event.round, "step": 1,
        "steps": written(event.steps), "total_fen": fen(event.total), "submitted_at": when.at,
    }  # fmt: skip
    return [
        Change("set", "document", row),
        *_lines(subject, event.round, event.lines, is_promised=bool(event.promises)),
    ]


@project.register
def _(event: events.LinesAdded, subject: str, _when: When) -> list[Change]:
    if event.doc_state != "submitted":
        return [_part(subject, event.first, event.lines)]
    return _lines(subject, event.round, event.lines, is_promised=bool(event.promises),
                  first=event.first)  # fmt: skip


@project.register
def _(event: events.OpinionGiven, subject: str, when: When) -> list[Change]:
    opinion = {
        "number": subject, "round": event.round, "step": event.step, "asked": event.asked,
        "person": event.person, "verdict": event.verdict, "given_at": when.at,
    }  # fmt: skip
    row: Row = {"number": subject, "state": event.doc_state, "step": event.next}
    if event.doc_state != "submitted":
        row["decided_at"] = when.at
    if event.doc_state == "rejected":
        row["ended_at"] = when.at
    return [
        Change("put", "opinion", opinion),
        Change("set", "document", row),
        *_moved(subject, event.round, event.released, RELEASED, is_end=True),
    ]


@project.register
def _(event: events.DocumentEnded, subject: str, when: When) -> list[Change]:
    row = {"number": subject, "state": event.doc_state, "ended_at": when.at}
    released = _moved(subject, event.round, event.released, RELEASED, is_end=True)
    return [Change("set", "document", row), *released]


@project.register
def _(event: events.DocumentExecuted, subject: str, when: When) -> list[Change]:
    row: Row = {"number": subject, "state": event.doc_state}
    if event.doc_state == "done":
        row["ended_at"] = when.at
    moved = _moved(
        subject, event.round, event.assets, event.line_state, is_end=bool(event.is_end)
    )  # fmt: skip
    return [Change("set", "document", row), *moved]


@project.register
def _(event: events.PaperIssued, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "kind": event.doc_kind, "state": event.doc_state, "unit": event.unit,
        "applicant": event.issuer, "under": event.under, "fields": written(event.fields),
        "assets": None, "round": 1,
        "step": 0, "steps": None, "total_fen": fen(event.total), "drafted_at": when.at,
        "submitted_at": None, "decided_at": None, "ended_at": when.at,
    }  # fmt: skip
    return [Change("put", "document", row), _part(subject, 1, event.lines)]


def _part(number: str, first: int, lines: list[events.Line]) -> Change:
    """Return lines of a paper, which are only read: together, as the entry has them."""
    return Change("put", "paper_part", {"number": number, "first": first, "lines": written(lines)})


def _lines(
    number: str, round_: int, lines: list[events.Line], *, is_promised: bool, first: int = 1
) -> list[Change]:  # fmt: skip
    found = []
    for place, line in enumerate(lines, first):
        row = {
            "number": number, "round": round_, "line": place, "name": line["name"],
            "scheme": line.get("scheme", GB_T_14885), "class_code": line["class"],
            "quantity": line.get("quantity", len(line["assets"])),
            "value_fen": _fen(line.get("value")),
            "net_fen": _fen(line.get("net", line.get("value"))),
        }  # fmt: skip
        found.append(Change("put", "document_line", row))
        for asset_id in line["assets"]:
            one = {
                "number": number, "round": round_, "asset_id": asset_id, "line": place,
                "state": RESERVED, "promised": asset_id if is_promised else None,
            }  # fmt: skip
            found.append(Change("put", "document_asset", one))
    return found


def _moved(
    number: str, round_: int, assets: list[str], to: str, *, is_end: bool
) -> list[Change]:  # fmt: skip
    free = {"promised": None} if is_end else {}
    return [
        Change("set", "document_asset",
               {"number": number, "round": round_, "asset_id": one, "state": to} | free)
        for one in assets
    ]  # fmt: skip


def _fen(amount: str | None) -> int | None:
    return None if amount is None else fen(amount)
