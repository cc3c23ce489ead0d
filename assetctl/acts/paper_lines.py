"""Lines of documents, frozen from the cards; and the papers that acts issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts.parts import in_parts
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.document_events import Line, LinesAdded, PaperIssued
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Custody
from assetctl.domain.money import fen, fen_text
from assetctl.domain.request import Stamp
from assetctl.reads.documents import Document
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Prepared, Tx
from assetctl.store.lists import among, as_list
from assetctl.store.numbers import take_number
from assetctl.store.record import Fact
from assetctl.store.tables import asset

_BESIDES = 200
"""Bytes that all else on a line takes at most: class, scheme, amounts, grades, verdict."""

_CARDS = Prepared(sa.select(
    asset.c.class_code, asset.c.name, asset.c.asset_id, asset.c.scheme, asset.c.value_fen,
    asset.c.accumulated_fen,
).where(among(asset.c.asset_id, "wanted")))  # fmt: skip
_TOLD = ("holder", "sent_to", "owner", "place", "due", "warehouse", "compensation")
"""What a paper tells of the act, where all things on it share it."""


def frozen_lines(
    connection: Connection, asset_ids: Sequence[str]
) -> tuple[list[Line], int]:  # fmt: skip
    """Return lines of like things with what each is worth on its card now, and the total in fen.

    Net is the original value less what the card says was depreciated.
    """
    lines: dict[tuple[Any, ...], Line] = {}
    total = 0
    rows = _CARDS.run(connection, {"wanted": as_list(connection, asset_ids)}).fetchall()
    for class_code, name, asset_id, scheme, value, accumulated in sorted(rows):
        net = None if value is None else value - (accumulated or 0)
        key = (scheme, class_code, name, value, net)
        if key not in lines:
            lines[key] = _line(name, scheme, class_code, value=_yuan(value), net=_yuan(net))
        lines[key]["assets"].append(asset_id)
        total += value or 0
    return list(lines.values()), total


def paper(
    tx: Tx, kind: str, under: Document, customs: Sequence[Custody], events: Mapping[str, Event],
    *, stamp: Stamp, verdict: str,
) -> tuple[Fact, list[Fact]]:  # fmt: skip
    """Return the paper of an act under a document: who, where, in what condition, worth what.

    The second part are further lines, to be recorded after it by `parts.record_parts`.
    """
    values = {asset_id: line for line in under.lines for asset_id in line.assets}
    lines: dict[tuple[Any, ...], Line] = {}
    total = 0
    for custody in sorted(customs, key=lambda one: one.asset_id):
        event, line = events[custody.asset_id], values[custody.asset_id]
        after = getattr(event, "condition", None)
        said = getattr(event, "outcome", None) or verdict
        key = (line.line, custody.condition, after, said)
        if key not in lines:
            lines[key] = _line(
                line.name, line.scheme, line.class_code, value=line.value, net=line.net,
                condition_before=custody.condition, condition=after, verdict=said,
            )  # fmt: skip
        lines[key]["assets"].append(custody.asset_id)
        total += fen(line.value) if line.value else 0
    mine = [events[one.asset_id] for one in customs]
    told = {name: {getattr(event, name, None) for event in mine} for name in _TOLD}
    fields = {name: found.pop() for name, found in told.items() if len(found) == 1}
    prefix = rules_on(tx.connection, stamp.today).prefix(kind)
    number = take_number(tx, f"{prefix}-{stamp.today[:4]}")
    first, *rest = in_parts(list(lines.values()), line_size)
    issued = PaperIssued(
        doc_state="done", doc_kind=kind, unit=under.unit, issuer=stamp.actor, under=under.number,
        fields={name: value for name, value in fields.items() if value}, lines=first,
        total=fen_text(total),
    )  # fmt: skip
    return (f"doc:{number}", issued), further(number, "done", 1, first, rest, promises=0)


def line_size(line: Line) -> int:
    """Return how many bytes of an entry a line takes at most: names in full, ids of ten letters."""
    return 3 * len(line["name"]) + 13 * len(line["assets"]) + _BESIDES


def further(
    number: str, doc_state: str, round_: int, first: Sequence[Line], rest: Sequence[list[Line]],
    *, promises: int,
) -> list[Fact]:  # fmt: skip
    """Return what records the lines that did not fit beside the first ones."""
    facts: list[Fact] = []
    count = len(first) + 1
    for part in rest:
        event = LinesAdded(
            doc_state=doc_state, round=round_, first=count, lines=part, promises=promises
        )
        facts.append((f"doc:{number}", event))
        count += len(part)
    return facts


def _line(name: str, scheme: str, class_code: str, **facts: str | None) -> Line:
    line: Line = {"name": name, "class": class_code, "assets": []}
    if scheme != GB_T_14885:
        line["scheme"] = scheme
    if facts["net"] == facts["value"]:
        del facts["net"]
    return line | {key: value for key, value in facts.items() if value}


def _yuan(amount: int | None) -> str | None:
    return None if amount is None else fen_text(amount)
