"""Events of evidence: what others say of things, received and kept, never acts of our own.

The subject is `evidence:` and the SHA-256 that the event's EPCIS hash id holds, so the same event
is known again in whatever document it comes. The sender is free text and so personal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Event):
    """Base of facts about a partner's EPCIS event.

    `document` is the SHA-256 of the file it came in, `given_id` its `eventID` as given.
    """

    personal: ClassVar[frozenset[str]] = frozenset({"sender"})

    document: str
    given_id: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReceived(Evidence):
    """A partner's event was received: what it says happened, when, and to which assets of ours."""

    kind: ClassVar[str] = "evidence.received"

    event_type: str
    event_time: str
    zone: str
    action: str | None = None
    step: str | None = None
    disposition: str | None = None
    assets: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDeclaredWrong(Evidence):
    """A partner declared an event wrong: when, why, and the ids of the events that correct it."""

    kind: ClassVar[str] = "evidence.declared_wrong"

    declared: str
    error_reason: str | None = None
    corrected_by: list[str] = field(default_factory=list)
