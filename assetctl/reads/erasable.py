"""What can still be erased from a subject: its disclosures, and the files attached to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain import chain
from assetctl.domain.events import Attached
from assetctl.domain.redaction import FILE
from assetctl.reads.chains import chains
from assetctl.store.tables import attachment, disclosure, head, history


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """One piece of personal data of an entry: where it is, its digest, and what it says.

    For a file the path is `sha256`, the digest the SHA-256 of its bytes, the value its title.
    """

    subject: str
    seq: int
    event_id: str
    kind: str
    path: str
    digest: str
    value: str | None


def erasable(connection: Connection, subject: str) -> list[Erasable]:
    """Return what can be erased from a subject, in order of its chain; none for an unknown one.

    Raises:
        HistoryBrokenError: an entry cannot be read.
    """
    told: dict[str, list[tuple[str, str]]] = {}
    wanted = sa.select(disclosure.c.event_id, disclosure.c.path, disclosure.c.disclosure)
    for row in connection.execute(wanted.where(disclosure.c.subject == subject)):
        told.setdefault(row.event_id, []).append((row.path, row.disclosure))
    files = _files(connection, subject)
    found = []
    for _, steps in chains(connection, subjects=[subject]):
        for step in steps:
            texts = told.get(step.event_id, [])
            parts: list[tuple[str, str, str | None]]
            parts = [(path, chain.disclosure_digest(text), chain.open_disclosure(text)[1])
                     for path, text in sorted(texts)]  # fmt: skip
            if step.kind == Attached.kind and step.fields["data"]["sha256"] in files:
                digest = step.fields["data"]["sha256"]
                parts.append((FILE, digest, files[digest]))
            found += [
                Erasable(subject=subject, seq=step.seq, event_id=step.event_id, kind=step.kind,
                         path=path, digest=digest, value=value)
                for path, digest, value in parts
            ]  # fmt: skip
    return found


def subject_of(connection: Connection, event_id: str) -> str | None:
    """Return the subject of an entry, None where there is no such entry."""
    wanted = sa.select(history.c.subject).where(history.c.event_id == event_id)
    return connection.execute(wanted).scalar()


def has_history(connection: Connection, subject: str) -> bool:
    """Return whether a subject has any entry."""
    wanted = sa.select(head.c.seq).where(head.c.subject == subject)
    return connection.execute(wanted).first() is not None


def keepers(connection: Connection, digests: Iterable[str]) -> list[str]:
    """Return every subject to which one of these files is attached and not erased, in order."""
    wanted = sa.select(attachment.c.asset_id).where(
        attachment.c.sha256.in_(sorted(digests)), attachment.c.erased_at.is_(None)
    )
    return sorted({f"asset:{one}" for one in connection.execute(wanted).scalars()})


def erased_from(connection: Connection, digest: str) -> str | None:
    """Return the id of an asset from which this file was erased, None if it never was."""
    wanted = sa.select(attachment.c.asset_id).where(
        attachment.c.sha256 == digest, attachment.c.erased_at.is_not(None)
    )
    return connection.execute(wanted.limit(1)).scalar()


def _files(connection: Connection, subject: str) -> dict[str, str | None]:
    sort, _, code = subject.partition(":")
    if sort != "asset":
        return {}
    wanted = sa.select(attachment.c.sha256, attachment.c.title).where(
        attachment.c.asset_id == code, attachment.c.erased_at.is_(None)
    )
    return {row.sha256: row.title for row in connection.execute(wanted)}
