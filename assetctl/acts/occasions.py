"""Temporary bodies and activities (临时机构, 活动): when they end, loans to them are due.

Whoever names one in a loan, and whoever moves its end, holds its head meanwhile, so that no loan
keeps a day that was moved at the same moment. It is locked before assets, and these before
documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.steps import earlier, load
from assetctl.domain.document_events import DocumentDueMoved
from assetctl.domain.events import LoanExtended
from assetctl.domain.lifecycle import Custody, State
from assetctl.domain.occasion_events import OccasionAdded, OccasionMoved
from assetctl.domain.reminders import due_after
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import UNIT_HEAD, WAREHOUSE_MANAGER
from assetctl.errors import (
    CodeTakenError,
    DocumentRequiredError,
    InputError,
    SubjectChangedError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import Document, need_document
from assetctl.reads.occasions import find_occasion, loans_to, need_occasion
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.record import Fact, lock, record

_SETTING = (WAREHOUSE_MANAGER, UNIT_HEAD)
_MOST = 64


def add_occasion(
    tx: Tx, *, code: str, name: str, ends: str, doc: str, stamp: Stamp
) -> Receipt:  # fmt: skip
    """Say that there is a temporary body or an activity, when it ends, and what paper says so.

    Raises:
        ActDeniedError: it is for somebody else.
        InputError: the code or the name cannot be used.
        DocumentRequiredError: no document is named.
        CodeTakenError: there is one with this code.
    """
    subject, wish = f"occasion:{code}", {"name": name, "ends": ends, "doc": doc}
    again = earlier(tx, stamp, OccasionAdded.kind, [subject], wish)
    if again:
        return again
    must_hold(authority_of(tx, stamp.actor), stamp.actor, N_("loan event add"), _SETTING)
    for field, value in (("CODE", code), ("--name", name)):
        if not value.strip() or len(value) > _MOST or not value.isprintable():
            expected = N_("up to 64 printable characters")
            raise InputError(field=field, value=value, expected=expected)
    if not doc.strip():
        raise DocumentRequiredError(act=N_("loan event add"))
    lock(tx, [subject])
    if find_occasion(tx.connection, code):
        raise CodeTakenError(scheme="occasion", value=code, holder=code)
    event = OccasionAdded(name=name, ends=ends, doc=doc)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def move_occasion(tx: Tx, *, code: str, ends: str, doc: str, stamp: Stamp) -> Receipt:
    """Move the end of one, and with it the due day of its loans and of all that is out for it.

    What was extended on its own beyond the new day keeps its later day.

    Raises:
        OccasionNotFoundError: there is none with this code.
        ActDeniedError: it is for somebody else.
        DocumentRequiredError: no document is named.
        InputError: it ends on that day already.
        SubjectChangedError: things were handed out for it at the same moment.
    """
    subject, wish = f"occasion:{code}", {"ends": ends, "doc": doc}
    again = earlier(tx, stamp, OccasionMoved.kind, [subject], wish)
    if again:
        return again
    must_hold(authority_of(tx, stamp.actor), stamp.actor, N_("loan event move"), _SETTING)
    if not doc.strip():
        raise DocumentRequiredError(act=N_("loan event move"))
    lock(tx, [subject])
    before = need_occasion(tx.connection, code)
    if before.ends == ends:
        raise InputError(field="--ends", value=ends, expected=N_("another day than it ends on now"))
    due = due_after(ends, rules_on(tx.connection, stamp.today).loan)
    facts: list[Fact] = [(subject, OccasionMoved(ends=ends, from_ends=before.ends, doc=doc))]
    facts += _moved_loans(tx, loans_to(tx.connection, code), due, doc)
    return Receipt(events=record(tx, stamp, facts))


def with_due(
    tx: Tx, kind: str, fields: Mapping[str, str], stamp: Stamp,
    before: Mapping[str, str] | None = None,
) -> Mapping[str, str]:  # fmt: skip
    """Return the fields of a document with the due day that follows from what a loan is for.

    `before` are those that it had: a day that was moved with an event gives way to a new event's.

    Raises:
        OccasionNotFoundError: a loan is for an event that is not in the register.
        InputError: another due day is wished for.
    """
    code = (fields.get("event") or "").strip()
    if kind != "loan" or not code:
        return fields
    lock(tx, [f"occasion:{code}"])
    ends = need_occasion(tx.connection, code).ends
    due = due_after(ends, rules_on(tx.connection, stamp.today).loan)
    wished = fields.get("due")
    if wished and wished not in (due, (before or {}).get("due")):
        expected = Phrase(N_("{due}, which follows from the end of {event}"), due=due, event=code)
        raise InputError(field="--due", value=wished, expected=expected)
    return {**fields, "due": due}


def _moved_loans(tx: Tx, numbers: Sequence[str], due: str, doc: str) -> list[Fact]:
    if not numbers:
        return []
    wanted = {asset for number in numbers for asset in need_document(tx.connection, number).assets}
    custodies = {one.asset_id: one for one in load(tx, sorted(wanted))}
    lock(tx, [f"doc:{number}" for number in numbers])
    facts: list[Fact] = []
    for number in numbers:
        one = need_document(tx.connection, number)
        was = one.fields["due"]
        if was != due:
            moved = DocumentDueMoved(
                doc_state=one.state, fields={**one.fields, "due": due}, due=due, from_due=was,
                doc=doc,
            )  # fmt: skip
            facts.append((f"doc:{number}", moved))
            facts += _moved_things(one, custodies, due, doc)
    return facts


def _moved_things(
    one: Document, custodies: Mapping[str, Custody], due: str, doc: str
) -> list[Fact]:  # fmt: skip
    facts: list[Fact] = []
    for asset_id, state in one.assets.items():
        if state != "out":
            continue
        if asset_id not in custodies:
            raise SubjectChangedError(subject=f"doc:{one.number}")
        custody = custodies[asset_id]
        keeps = custody.due and one.fields["due"] < custody.due >= due
        if custody.state is State.ON_LOAN and not keeps and custody.due != due:
            event = LoanExtended(due=due, from_due=custody.due, doc=doc)
            facts.append((f"asset:{asset_id}", event))
    return facts
