"""Events of a need (配置需求): searched for, refused, judged, certified, bought.

The subject is the document of the need (`doc:PZ-2026-0007`). `search` counts its searches; what an
earlier one found stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from assetctl.domain.document_events import DocumentEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSearched(DocumentEvent):
    """Warehouses and units were searched for a need; what was found is frozen (`candidates`).

    The question was: things of these classes, by these levels, for this unit. It was put to the
    register as it stood: `log_size` sealed entries with the root `log_root`, and all recorded to
    `recorded_to`. `available` counts what may be had, of which `beyond` did not fit the entry;
    `unlisted` others did not either, and `withheld` are secret.
    """

    kind: ClassVar[str] = "doc.searched"

    search: int
    unit: str
    scheme: str
    classes: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    log_size: int
    log_root: str
    recorded_to: str
    candidates: list[dict[str, Any]] = field(default_factory=list)
    available: int
    beyond: int = 0
    unlisted: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTaken(DocumentEvent):
    """The unit takes idle things of its own for the need; they count as met."""

    kind: ClassVar[str] = "doc.own_taken"

    search: int
    assets: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesRefused(DocumentEvent):
    """A person refused candidates of a search, for a reason; a second one must decide on that."""

    kind: ClassVar[str] = "doc.candidates_refused"

    search: int
    assets: list[str] = field(default_factory=list)
    reason: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalsJudged(DocumentEvent):
    """A second person confirmed or overruled refusals (`verdict`)."""

    kind: ClassVar[str] = "doc.refusals_judged"

    search: int
    assets: list[str] = field(default_factory=list)
    verdict: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedCertified(DocumentEvent):
    """It was certified what of a need could be met; `certificate` is the paper on what could not.

    `bought` was bought on earlier certificates.
    """

    kind: ClassVar[str] = "doc.certified"

    search: int
    result: str
    met: int
    bought: int
    unmet: int
    person: str
    certificate: str | None = None
    valid_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedBought(DocumentEvent):
    """Some of what could not be met was bought, on a certificate; `purchase` is the record of it.

    `quantity` was bought by it, at `price` each.
    """

    kind: ClassVar[str] = "doc.bought"

    search: int
    certificate: str
    purchase: str
    quantity: int
    price: str
    person: str
