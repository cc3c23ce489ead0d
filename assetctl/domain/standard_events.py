"""Events of provision standards: adopted from a document, and ended by another.

The subject is `standard:` and the code of the row: division, class, rank or a dash, first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardAdopted(Event):
    """A provision standard was adopted, as its document says; `doc` is what adopts it here.

    `argued` is 1 where the document takes the class off its list.
    """

    kind: ClassVar[str] = "standard.adopted"

    jurisdiction: str
    doc_no: str
    effective_from: str
    class_scheme: str
    class_code: str
    rank: str | None = None
    basis: str
    until: str | None = None
    quantity: str | None = None
    price_cap: str | None = None
    argued: int | None = None
    min_years: int | None = None
    note: str | None = None
    source: str | None = None
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardEnded(Event):
    """A provision standard was ended under a document; `until` is the last day on which it holds.

    A later one of the same standard takes the place of an earlier one.
    """

    kind: ClassVar[str] = "standard.ended"

    until: str
    doc: str
