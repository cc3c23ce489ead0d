"""The root of every failure, what sorts there are, and the fault of one cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import ClassVar


class Kind(StrEnum):
    """What sort of failure it is; every edge turns this, and only this, into its own status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"


class AssetctlError(Exception):
    """The root of every failure that assetctl reports on purpose.

    `facts` are the values the sentence is made from; they go out as `error.details` in JSON, so
    they hold codes and plain values, never translated words.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format_map(facts))

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), **self.facts), ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with one cell of a file: where it is, what stands there, what to do.

    `template` and `facts` are what `message` was made from, for readers of another language.
    """

    row: int
    column: str
    value: str
    code: str
    message: str
    template: str = ""
    facts: dict[str, object] = field(default_factory=dict)
