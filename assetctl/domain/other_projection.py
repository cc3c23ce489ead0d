"""What events mean for other tables: warehouses, rules, evidence, keys, the log."""

from __future__ import annotations

from assetctl.domain import events, evidence_events, key_events
from assetctl.domain.change import Change, When, project
from assetctl.domain.key_rows import key_rows


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
