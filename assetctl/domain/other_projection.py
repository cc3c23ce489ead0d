"""What events mean for other tables: warehouses, rules, standards, evidence, keys, the log."""

from __future__ import annotations

from dataclasses import asdict

from assetctl.domain import events, evidence_events, key_events, standard_events
from assetctl.domain.change import Change, When, project
from assetctl.domain.key_rows import key_rows
from assetctl.domain.money import fen


@project.register
def _(_event: events.SnapshotTaken, _subject: str, _when: When) -> list[Change]:
    return []


@project.register
def _(event: events.WarehouseSet, subject: str, _when: When) -> list[Change]:
    row = {
        "code": subject, "mode": event.mode, "form": event.form, "regime": event.regime,
        "unit": event.unit,
    }  # fmt: skip
    return [Change("put", "warehouse", row)]


@project.register
def _(event: events.RulesAdopted, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "number": event.number, "since": event.since, "sha256": event.sha256,
        "rules": event.rules, "adopted_at": when.at,
    }  # fmt: skip
    return [Change("put", "rule_set", row)]


@project.register
def _(event: evidence_events.EvidenceReceived, subject: str, _when: When) -> list[Change]:
    row = {"code": subject, "event_time": event.event_time, "declared_wrong": None}
    links = [Change("put", "evidence_asset", {"code": subject, "asset_id": one})
             for one in event.assets]  # fmt: skip
    return [Change("put", "evidence", row), *links]


@project.register
def _(event: evidence_events.EvidenceDeclaredWrong, subject: str, _when: When) -> list[Change]:
    return [Change("set", "evidence", {"code": subject, "declared_wrong": event.declared})]


@project.register
def _(event: key_events.KeyFact, subject: str, when: When) -> list[Change]:
    return [Change(*row) for row in key_rows(event, subject, when.at)]


@project.register
def _(event: standard_events.StandardAdopted, subject: str, when: When) -> list[Change]:
    row = {name: value for name, value in asdict(event).items() if name not in ("price_cap", "doc")}
    row |= {
        "code": subject, "argued": event.argued or 0, "adopted_at": when.at,
        "price_cap_fen": None if event.price_cap is None else fen(event.price_cap),
        "adopted_doc": event.doc, "ended_doc": None,
    }  # fmt: skip
    return [Change("put", "provision_standard", row)]


@project.register
def _(event: standard_events.StandardEnded, subject: str, _when: When) -> list[Change]:
    row = {"code": subject, "until": event.until, "ended_doc": event.doc}
    return [Change("set", "provision_standard", row)]
