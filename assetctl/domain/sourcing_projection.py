"""What events of needs mean for the tables."""

from __future__ import annotations

from assetctl.domain import sourcing_events as events
from assetctl.domain.change import Change, Row, When, project
from assetctl.domain.document_events import DocumentEvent
from assetctl.domain.money import fen
from assetctl.domain.sourcing import thaw


@project.register
def _(event: events.NeedSearched, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "search": event.search, "unit": event.unit, "scheme": event.scheme,
        "classes": " ".join(event.classes), "levels": " ".join(event.levels),
        "log_size": event.log_size, "log_root": event.log_root, "recorded_to": event.recorded_to,
        "available": event.available, "beyond": event.beyond, "unlisted": event.unlisted,
        "withheld": event.withheld, "searched_at": when.at, "result": None, "met": None,
        "unmet": None, "certificate": None, "valid_until": None, "certified_by": None,
        "certified_at": None,
    }  # fmt: skip
    found = [
        Change("put", "sourcing_candidate", {
            "number": subject, "search": event.search, "asset_id": one.asset_id, "name": one.name,
            "class_code": one.class_code, "level": one.level, "owner": one.owner,
            "place": one.place, "condition": one.condition, "availability": one.availability,
            "promised_to": one.promised_to, "taken_at": None, "reason": None, "refused_by": None,
            "refused_at": None, "verdict": None, "judged_by": None, "judged_at": None,
        })
        for one in thaw(event.candidates)
    ]  # fmt: skip
    return [*_stands(subject, event), Change("put", "sourcing_search", row), *found]


@project.register
def _(event: events.OwnTaken, subject: str, when: When) -> list[Change]:
    return [*_stands(subject, event), *_each(subject, event, {"taken_at": when.at})]


@project.register
def _(event: events.CandidatesRefused, subject: str, when: When) -> list[Change]:
    row = {"reason": event.reason, "refused_by": event.person, "refused_at": when.at}
    return [*_stands(subject, event), *_each(subject, event, row)]


@project.register
def _(event: events.RefusalsJudged, subject: str, when: When) -> list[Change]:
    row = {"verdict": event.verdict, "judged_by": event.person, "judged_at": when.at}
    return [*_stands(subject, event), *_each(subject, event, row)]


@project.register
def _(event: events.NeedCertified, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "search": event.search, "result": event.result, "met": event.met,
        "unmet": event.unmet, "certificate": event.certificate, "valid_until": event.valid_until,
        "certified_by": event.person, "certified_at": when.at,
    }  # fmt: skip
    return [*_ends(subject, event, when), Change("set", "sourcing_search", row)]


@project.register
def _(event: events.NeedBought, subject: str, when: When) -> list[Change]:
    row: Row = {
        "number": subject, "purchase": event.purchase, "certificate": event.certificate,
        "quantity": event.quantity, "price_fen": fen(event.price), "person": event.person,
        "bought_at": when.at,
    }  # fmt: skip
    return [*_ends(subject, event, when), Change("put", "sourcing_purchase", row)]


def _stands(subject: str, event: DocumentEvent) -> list[Change]:
    return [Change("set", "document", {"number": subject, "state": event.doc_state})]


def _ends(subject: str, event: DocumentEvent, when: When) -> list[Change]:
    row: Row = {"number": subject, "state": event.doc_state}
    if event.doc_state == "done":
        row["ended_at"] = when.at
    return [Change("set", "document", row)]


def _each(
    subject: str, event: events.OwnTaken | events.CandidatesRefused | events.RefusalsJudged,
    row: Row,
) -> list[Change]:  # fmt: skip
    return [
        Change("set", "sourcing_candidate",
               {"number": subject, "search": event.search, "asset_id": one} | row)
        for one in event.assets
    ]  # fmt: skip
