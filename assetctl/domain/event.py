"""The root of all facts; `events` and `tag_events` hold the kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root of all facts."""

    kind: ClassVar[str]
    personal: ClassVar[frozenset[str]] = frozenset()
