"""Erasure: personal data was taken out of the register under a document; the fact holds none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event

FILE = "sha256"
"""The path that stands for the bytes of an attached file; every other path is a disclosure."""

CAUSES = ("request", "retention", "mistake", "order")
"""Why something was erased: the person asked (个人信息保护法 §47), its time was up, it should never
have been written, or an authority ordered it. A code and no free text, which would itself be
personal and would have to be erased one day."""

Erased = list[dict[str, str]]
"""One item each: `event_id` and `path` of what was erased, and `digest`.

The digest is the item of the entry's `sd`, or for a file the SHA-256 of its bytes in hex.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted(Event):
    """Personal data of earlier entries of this subject was erased under a document.

    `erased` names each disclosure or file by the event that brought it, its path and its digest;
    entries, leaves and links stay as they are.
    """

    kind: ClassVar[str] = "history.redacted"

    erased: Erased
    doc: str
    cause: str | None = None


def erased_files(event: Redacted) -> Iterator[str]:
    """Give the SHA-256 in hex of each file whose bytes were erased."""
    return (item["digest"] for item in event.erased if item["path"] == FILE)
