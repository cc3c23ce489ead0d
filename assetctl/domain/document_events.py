"""Events of documents; the subject is `doc:` and the number (`doc:JY-2026-0007`).

Each says in `doc_state` what the document became. Free text (reasons, opinions) is personal; lines
hold what the assets were worth when the document was submitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from assetctl.domain.event import Event

Line = dict[str, Any]
"""Like things on one line: `name`, `class`, `value` of each, and `assets`; `scheme` where it is not
the one in force, `net` where it is not the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Event):
    """Base of what happens to a document; `doc_state` is what it became."""

    personal: ClassVar[frozenset[str]] = frozenset({"text"})

    doc_state: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDrafted(DocumentEvent):
    """A document was begun, and its number taken, by a person (`applicant`) for a unit."""

    kind: ClassVar[str] = "doc.drafted"

    doc_kind: str
    unit: str
    applicant: str
    fields: dict[str, str] = field(default_factory=dict)
    assets: list[str] = field(default_factory=list)
    under: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRevised(DocumentEvent):
    """A draft, or what was returned, was changed."""

    kind: ClassVar[str] = "doc.revised"

    fields: dict[str, str] = field(default_factory=dict)
    assets: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDueMoved(DocumentEvent):
    """What a loan is for ends on another day, so that it is due on another one: its fields now."""

    kind: ClassVar[str] = "doc.due_moved"

    fields: dict[str, str] = field(default_factory=dict)
    due: str
    from_due: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSubmitted(DocumentEvent):
    """A document was submitted: its lines and the chain that must decide it are frozen.

    `round` counts how often it was; `rules` is the SHA-256 of the rules that the chain is from.
    With `promises` (1, else 0) its assets are promised to it from now on.
    """

    kind: ClassVar[str] = "doc.submitted"

    round: int
    lines: list[Line] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    rules: str
    total: str
    promises: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesAdded(DocumentEvent):
    """Further lines of what was just submitted or issued, where one entry did not hold them all.

    They count from `first`.
    """

    kind: ClassVar[str] = "doc.lines_added"

    round: int
    first: int
    lines: list[Line]
    promises: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(DocumentEvent):
    """A person gave an opinion as one whom step `step` of the chain asks: agree, return, reject.

    What is returned or rejected sets its assets free (`released`); `next` is the step that is asked
    then.
    """

    kind: ClassVar[str] = "doc.opinion_given"

    round: int
    step: int
    asked: str
    person: str
    verdict: str
    next: int
    released: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEnded(DocumentEvent):
    """Base of the ends that people choose; assets still promised are free again (`released`)."""

    round: int
    released: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWithdrawn(DocumentEnded):
    """Whoever asked took it back before it was decided."""

    kind: ClassVar[str] = "doc.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVoided(DocumentEnded):
    """A document was made void before anything was done under it."""

    kind: ClassVar[str] = "doc.voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFinished(DocumentEnded):
    """A document was ended before all was done that it allowed."""

    kind: ClassVar[str] = "doc.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExecuted(DocumentEvent):
    """An act on assets was carried out under a document; how far they came is `line_state`.

    Those that reached an end (`is_end` is 1, else 0) are free again.
    """

    kind: ClassVar[str] = "doc.executed"

    round: int
    act: str
    line_state: str
    assets: list[str]
    is_end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperIssued(DocumentEvent):
    """A paper was issued by the act that it records, under a document; it is done at once."""

    kind: ClassVar[str] = "doc.issued"

    doc_kind: str
    unit: str
    issuer: str
    under: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    total: str
