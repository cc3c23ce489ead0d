"""Provision standards: adopted from a document as a whole, ended one by one under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from assetctl.acts.steps import earlier
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.standard_events import StandardAdopted, StandardEnded
from assetctl.domain.standards import Standard, is_day
from assetctl.errors import (
    DocumentRequiredError,
    InputError,
    StandardDiffersError,
    StandardNotFoundError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.standards import Adopted, standards_by_code
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

_FIELDS = tuple(field.name for field in fields(Standard))


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What became of the standards of a document: those new, those adopted before, the entries."""

    new: int
    known: int
    receipt: Receipt


def adopt(tx: Tx, *, standards: Sequence[Standard], doc: str, stamp: Stamp) -> Adoption:
    """Adopt standards under a document; those that are adopted already stay as they are.

    Raises:
        DocumentRequiredError: no document is named.
        StandardDiffersError: a row of the same key says something else; nothing is adopted.
    """
    if not doc.strip():
        raise DocumentRequiredError(act=N_("standard adopt"))
    again = earlier(tx, stamp, StandardAdopted.kind, [], {"doc": doc})
    if again:
        known = len(standards) - len(again.events)
        return Adoption(new=len(again.events), known=known, receipt=again)
    wanted = {one.key: one for one in standards}
    lock(tx, [f"standard:{key}" for key in wanted])
    there = standards_by_code(tx.connection, wanted)
    for key, had in there.items():
        _must_be_the_same(key, had, wanted[key])
    facts = [
        (f"standard:{key}", _adopted(one, doc)) for key, one in wanted.items() if key not in there
    ]
    receipt = Receipt(events=record(tx, stamp, facts) if facts else ())
    return Adoption(new=len(facts), known=len(there), receipt=receipt)


def end(tx: Tx, *, code: str, day: str, doc: str, stamp: Stamp) -> Receipt:
    """End a standard under a document; `day` is the last on which it holds.

    One that ended on another day is ended anew, one that ended on that day stays as it is.

    Raises:
        DocumentRequiredError: no document is named.
        StandardNotFoundError: no standard has this code.
        InputError: the day lies before the first one of the standard.
    """
    if not doc.strip():
        raise DocumentRequiredError(act=N_("standard end"))
    subject = f"standard:{code}"
    again = earlier(tx, stamp, StandardEnded.kind, [subject], {"until": day, "doc": doc})
    if again:
        return again
    lock(tx, [subject])
    had = standards_by_code(tx.connection, [code]).get(code)
    if had is None:
        raise StandardNotFoundError(standard=code)
    if not is_day(day) or day < had.effective_from:
        expected = Phrase(N_("a date from {first} on"), first=had.effective_from)
        raise InputError(field="day", value=day, expected=expected)
    if had.until == day:
        return Receipt(events=())
    return Receipt(events=record(tx, stamp, [(subject, StandardEnded(until=day, doc=doc))]))


def _adopted(one: Standard, doc: str) -> StandardAdopted:
    return StandardAdopted(**asdict(one) | {"argued": int(one.argued) or None, "doc": doc})


def _must_be_the_same(key: str, had: Adopted, wanted: Standard) -> None:
    for name in _FIELDS:
        old, new = getattr(had, name), getattr(wanted, name)
        if old == new or (name == "until" and had.ended_doc is not None):
            continue  # a document that adopts it need not know that it ended since
        raise StandardDiffersError(standard=key, field=name, had=old, wanted=new)
