"""A need before it is searched for: its line and its quota, and what is asked for under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assetctl.domain.document import COURSE, DocAct, DocState
from assetctl.domain.document_events import Line
from assetctl.domain.lifecycle import Custody
from assetctl.domain.sourcing import AVAILABLE, OVERRULED, Quota, plain_quota
from assetctl.domain.warehouse_rules import Rules
from assetctl.errors import DocumentNotFoundError
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import Document, find_document
from assetctl.reads.needs import taken_for
from assetctl.reads.quotas import quota_of
from assetctl.reads.sourcing import newest_search
from assetctl.store.engine import Tx
from assetctl.store.record import lock


def need_reasons(
    tx: Tx, one: Document, _custodies: Sequence[Custody], rules: Rules, day: str
) -> Iterator[str]:  # fmt: skip
    """Give what is against submitting a need: too late, off the list, or over the ceiling."""
    needed_by = one.fields["needed_by"]
    if needed_by < day:
        yield Phrase(N_("{needed_by} lies before {day}"), needed_by=needed_by, day=day)
    quota = _quota(tx, one, rules, day)
    if one.fields.get("reply"):
        return
    if quota.argued_from:
        yield Phrase(N_("{standard} takes the class off the list: a reply must allow it"),
                     standard=quota.argued_from)  # fmt: skip
    if quota.basis == "per_person" and quota.staff is None:
        yield Phrase(N_("{standard} sets a number: say how many staff are in post, or which "
                        "reply allows it"), standard=quota.quantity_from)  # fmt: skip
    if quota.left is not None and int(one.fields["quantity"]) > quota.left:
        yield Phrase(
            N_("{quantity} are too many: {standard} allows {ceiling}, {held} are there and "
               "{asked} asked for; a reply must allow more"),
            quantity=one.fields["quantity"], standard=quota.quantity_from, ceiling=quota.ceiling,
            held=quota.held, asked=quota.asked,
        )  # fmt: skip


def goods_lines(tx: Tx, one: Document, rules: Rules, day: str) -> tuple[list[Line], int]:
    """Return the line of a need, with the quota that it was checked against."""
    fields = one.fields
    line: Line = {
        "name": fields["name"], "scheme": fields["scheme"], "class": fields["class_code"],
        "assets": [], "quantity": int(fields["quantity"]),
        "quota": plain_quota(_quota(tx, one, rules, day)),
    }  # fmt: skip
    return [line], 0


def under_need(tx: Tx, one: Document) -> Iterator[str]:
    """Give what is against a request under a need: only what its newest search offers is asked for.

    The need is locked, so that no certificate is issued past it.
    """
    if one.under is None:
        return
    lock(tx, [f"doc:{one.under}"])
    need = find_document(tx.connection, one.under)
    if need is None:
        raise DocumentNotFoundError(number=one.under)
    if DocState(need.state) not in COURSE[DocAct.EXECUTE][0]:
        yield Phrase(N_("{number} is {doc_state}"), number=need.number, doc_state=need.state)
        return
    other = one.fields.get(one.doc_kind.counterpart or "")
    if other != need.unit:
        yield Phrase(N_("{number} is a need of {unit}"), number=need.number, unit=need.unit)
    search = newest_search(tx.connection, need.number)
    offered = {} if search is None else {one.asset_id: one for one in search.candidates}
    taken = {it.asset_id for it in taken_for(tx.connection, [need.number])[need.number]}
    for asset_id in one.wanted:
        found = offered.get(asset_id)
        if found is None or found.availability != AVAILABLE:
            yield Phrase(N_("{asset_id} is none of what the newest search for {number} offers"),
                         asset_id=asset_id, number=need.number)  # fmt: skip
        elif asset_id in taken:
            yield Phrase(N_("{asset_id} is taken for {number} already"), asset_id=asset_id,
                         number=need.number)  # fmt: skip
        elif found.reason and found.verdict != OVERRULED:
            yield Phrase(N_("{asset_id} was refused for {number}; search again"),
                         asset_id=asset_id, number=need.number)  # fmt: skip


def _quota(tx: Tx, one: Document, rules: Rules, day: str) -> Quota:
    staff = one.fields.get("staff")
    return quota_of(
        tx.connection, number=one.number, unit=one.unit, scheme=one.fields["scheme"],
        class_code=one.fields["class_code"], division=rules.sourcing.division, day=day,
        staff=int(staff) if staff else None,
    )  # fmt: skip
