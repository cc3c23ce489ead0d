"""Erase personal data under a document: irreversible, and itself an entry of the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from assetctl.acts.steps import earlier
from assetctl.domain.redaction import CAUSES, FILE, Redacted
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import (
    DocumentRequiredError,
    EntryNotFoundError,
    InputError,
    NothingToEraseError,
    RequestReusedError,
    SubjectChangedError,
)
from assetctl.i18n import N_, one_of
from assetctl.reads.erasable import Erasable, erasable, has_history, keepers, subject_of
from assetctl.reads.verify import verify
from assetctl.store.engine import Tx
from assetctl.store.record import lock
from assetctl.store.redact import redact as erase

_ACT = N_("audit redact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to erase: of which subject, or of one entry only; the paths, or none for every text.

    A file is erased only where its path (`sha256`) is named.
    """

    subject: str
    event_id: str | None = None
    paths: tuple[str, ...] = ()


def target_of(
    connection: Connection, *, event_id: str | None = None, subject: str = "",
    paths: tuple[str, ...] = (),
) -> Target:  # fmt: skip
    """Return the target that an entry, or a subject, stands for.

    Raises:
        EntryNotFoundError: there is no such entry, or the subject has no history.
    """
    if event_id is None:
        found = subject if has_history(connection, subject) else None
    else:
        found = subject_of(connection, event_id)
    if found is None:
        raise EntryNotFoundError(reference=event_id or subject)
    return Target(subject=found, event_id=event_id, paths=paths)


def chosen(connection: Connection, target: Target) -> list[Erasable]:
    """Return what a target names; a file is named wherever else it is attached, too.

    Raises:
        NothingToEraseError: there is nothing of the kind; what there is, is named.
        HistoryBrokenError: an entry cannot be read.
    """
    there = erasable(connection, target.subject)
    mine = [one for one in there if target.event_id in (None, one.event_id)]
    found = [one for one in mine if _is_named(one, target)]
    missing = sorted(set(target.paths) - {one.path for one in found})
    if missing or not found:
        raise NothingToEraseError(
            reference=target.event_id or target.subject, paths=", ".join(missing) or "-",
            there=", ".join(sorted({one.path for one in mine})) or "-",
        )  # fmt: skip
    files = {one.digest for one in found if one.path == FILE}
    for subject in keepers(connection, files) if files else ():
        if subject != target.subject:
            found += [one for one in erasable(connection, subject) if one.digest in files]
    return found


def redact(
    tx: Tx, *, target: Target, doc: str, stamp: Stamp, cause: str | None = None
) -> Receipt:  # fmt: skip
    """Erase personal data, one entry a subject saying what and under which document.

    Disclosures go and the tables lose what came from them; entries, leaves and links stay. The
    bytes of a file are for the edge to take away once this has been committed.

    Raises:
        DocumentRequiredError: no document number was given.
        InputError: the cause is none of `CAUSES`.
        NothingToEraseError: there is nothing of the kind to erase.
        HistoryBrokenError: the history of a subject does not verify; evidence is not erased.
        SubjectChangedError: the file was attached to something else at the same moment.
        CanonicalError: more is named than one entry can hold; name entries one by one.
    """
    if not doc.strip():
        raise DocumentRequiredError(act=_ACT)
    if cause is not None and cause not in CAUSES:
        raise InputError(field="--reason", value=cause, expected=one_of(CAUSES))
    again = earlier(tx, stamp, Redacted.kind, (), {"doc": doc, "cause": cause})
    if again:
        _must_be_same(again, target)
        return again
    subjects = _subjects(chosen(tx.connection, target))
    lock(tx, subjects)
    found = chosen(tx.connection, target)  # again, now that nobody else can write
    if _subjects(found) != subjects:
        raise SubjectChangedError(subject=target.subject)
    verify(tx.connection, subjects, replay=True)
    facts = [
        (subject, Redacted(
            doc=doc, cause=cause,
            erased=[{"event_id": one.event_id, "path": one.path, "digest": one.digest}
                    for one in found if one.subject == subject],
        ))
        for subject in subjects
    ]  # fmt: skip
    return Receipt(events=erase(tx, stamp, facts))


def files_of(receipt: Receipt) -> list[str]:
    """Return the SHA-256 in hex of each file that a receipt says was erased."""
    items = (item for event in receipt.events for item in event.data["erased"])
    return sorted({item["digest"] for item in items if item["path"] == FILE})


def _subjects(found: Sequence[Erasable]) -> list[str]:
    return sorted({one.subject for one in found})


def _is_named(one: Erasable, target: Target) -> bool:
    return one.path in target.paths if target.paths else one.path != FILE


def _must_be_same(again: Receipt, target: Target) -> None:
    """Check that a repeated request wishes what the first one did."""
    told = {event.subject: event.data["erased"] for event in again.events}
    items = told.get(target.subject, [])
    paths = {item["path"] for item in items}
    same = bool(items) and paths == (set(target.paths) or paths - {FILE})
    if target.event_id is not None:
        same = same and {item["event_id"] for item in items} == {target.event_id}
    if not same:
        first = ", ".join(f"{event.kind} {event.subject}" for event in again.events[:3])
        raise RequestReusedError(request_id=again.events[0].request_id, first=first)
