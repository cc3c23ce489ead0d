"""Lines of documents, frozen from the cards; and the papers that acts issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document_events import Line, PaperIssued
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Custody
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.request import Stamp
from assetctl.reads.documents import Document
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.numbers import take_number
from assetctl.store.record import Fact
from assetctl.store.tables import asset

_CARDS = sa.select(
    asset.c.asset_id, asset.c.name, asset.c.scheme, asset.c.class_code, asset.c.value_fen,
    asset.c.accumulated_fen,
).where(among(asset.c.asset_id, "wanted"))  # fmt: skip
_TOLD = ("holder", "sent_to", "owner", "place", "due", "warehouse")
"""What a paper tells of the act, where all things on it share it."""


def frozen_lines(
    connection: Connection, asset_ids: Sequence[str]
) -> tuple[list[Line], int]:  # fmt: skip
    """Return lines of like things with what each is worth on its card now, and the total in fen.

    Net is the original value less what the card says was depreciated.
    """
    lines: dict[tuple[Any, ...], Line] = {}
    total = 0
    rows = connection.execute(_CARDS, {"wanted": list(asset_ids)}).all()
    for row in sorted(rows, key=lambda row: (row.class_code, row.name, row.asset_id)):
        net = None if row.value_fen is None else row.value_fen - (row.accumulated_fen or 0)
        key = (row.scheme, row.class_code, row.name, row.value_fen, net)
        if key not in lines:
            lines[key] = {"name": row.name, "scheme": row.scheme, "class": row.class_code,
                          "assets": []} | _money(value=row.value_fen, net=net)  # fmt: skip
        lines[key]["assets"].append(row.asset_id)
        total += row.value_fen or 0
    return list(lines.values()), total


def paper(
    tx: Tx, kind: str, under: Document, customs: Sequence[Custody], events: Mapping[str, Event],
    *, stamp: Stamp, verdict: str,
) -> Fact:  # fmt: skip
    """Return the paper of an act under a document: who, where, in what condition, worth what."""
    conditions = {
        one.asset_id: (one.condition, getattr(events[one.asset_id], "condition", None))
        for one in customs
    }
    values = {asset_id: line for line in under.lines for asset_id in line.assets}
    lines: dict[tuple[Any, ...], Line] = {}
    total = 0
    for asset_id in sorted(conditions):
        line, (before, after) = values[asset_id], conditions[asset_id]
        key = (line.line, before, after)
        if key not in lines:
            facts = {"value": line.value, "net": line.net, "condition_before": before,
                     "condition": after}  # fmt: skip
            lines[key] = {"name": line.name, "scheme": line.scheme, "class": line.class_code,
                          "assets": []} | {k: v for k, v in facts.items() if v}  # fmt: skip
        lines[key]["assets"].append(asset_id)
        total += _fen(line.value)
    told = {name: {getattr(events[one], name, None) for one in conditions} for name in _TOLD}
    fields = {name: found.pop() for name, found in told.items() if len(found) == 1}
    rules = rules_on(tx.connection, stamp.today)
    number = take_number(tx, f"{rules.prefix(kind)}-{stamp.today[:4]}")
    event = PaperIssued(
        doc_state="done", doc_kind=kind, unit=under.unit, issuer=stamp.actor, under=under.number,
        fields={name: value for name, value in fields.items() if value} | {"verdict": verdict},
        lines=list(lines.values()), total=amount_text(from_fen(total)),
    )  # fmt: skip
    return f"doc:{number}", event


def _money(**amounts: int | None) -> Line:
    return {name: amount_text(from_fen(fen)) for name, fen in amounts.items() if fen is not None}


def _fen(amount: str | None) -> int:
    return int(amount.replace(".", "")) if amount else 0
