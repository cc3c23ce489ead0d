"""Events of temporary bodies and activities (临时机构, 活动), under `occasion:` and their code.

Loans to one are due some days after it ends. When its end is moved, the due days of its loans move
with it: each document, and each thing that is out, says so in its own history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionAdded(Event):
    """A temporary body or an activity was set up under a document; it ends on a day."""

    kind: ClassVar[str] = "occasion.added"

    name: str
    ends: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionMoved(Event):
    """Its end was moved under a document, to a later or an earlier day."""

    kind: ClassVar[str] = "occasion.moved"

    ends: str
    from_ends: str
    doc: str
