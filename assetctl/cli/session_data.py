"""A session as programs read it."""

from __future__ import annotations

from typing import Any

from assetctl.acts.landing import Landed
from assetctl.cli.moments import Done, Report
from assetctl.domain.session import Item, Session, why


def report_data(report: Report) -> dict[str, Any]:
    """Return a session for programs."""
    return {
        "mode": report.session.mode, "borrower": report.session.borrower,
        "place": report.session.place,
        "basket": [_item_data(item, report.session) for item in report.session.items.values()],
        "commits": [_done_data(done) for done in report.done],
        "synced": [
            {"request_id": one.intent.request_id, "events": one.receipt.events,
             "conflicts": one.conflicts, **findings_data(one)}
            for one in report.synced
        ],
        "told": [
            {"code": told.code, "subject": told.subject, "name": told.name,
             "reason": told.reason, "allowed": told.allowed, "quantity": told.quantity}
            for told in report.told
        ],
        "offline": report.offline, "waiting": report.waiting, "torn": report.torn,
    }  # fmt: skip


def has_findings(report: Report) -> bool:
    """Whether there is something to look at: left out, refused, waiting, or left in the basket."""
    return bool(
        report.session.items
        or report.waiting
        or any(done.outcome != "landed" or done.left_out for done in report.done)
        or any(one.conflicts for one in report.synced)
        or any(one.lost or one.astray for one in report.done)
        or any(one.lost or one.astray for one in report.synced)
    )


def findings_data(one: Done | Landed) -> dict[str, Any]:
    """Return what was photographed, which photos are lost, and what a count found astray."""
    return {
        "photos": [
            {"asset_id": event.subject.removeprefix("asset:"), "sha256": event.data["sha256"],
             "role": event.data["role"]}
            for event in one.photos
        ],
        "lost": one.lost, "astray": one.astray,
    }  # fmt: skip


def _item_data(item: Item, session: Session) -> dict[str, Any]:
    refusal = why(session, item)
    return {
        "asset_id": item.seen.code, "name": item.seen.name, "state": item.seen.state,
        "condition": item.condition, "quantity": item.quantity,
        "reason": refusal.code if refusal else None,
        "allowed": refusal.allowed if refusal else (),
    }  # fmt: skip


def _done_data(done: Done) -> dict[str, Any]:
    intent, error = done.intent, done.error
    return {
        "request_id": intent.request_id, "act": intent.act, "of": intent.of,
        "outcome": done.outcome, "to": intent.to, "place": intent.place,
        "assets": intent.assets, "events": done.receipt.events,
        "repeated": done.receipt.repeated,
        "left_out": [{"asset_id": code, "reason": reason} for code, reason in done.left_out],
        "error": {"code": error.code, "message": str(error)} if error else None,
        **findings_data(done),
    }  # fmt: skip
