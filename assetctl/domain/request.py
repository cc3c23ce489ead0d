"""What an edge knows of a request, and what it gets back: stamp, recorded entry, receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A key that signs entries: its code, its purpose (`operator` or `station`), and its hand.

    `sign` gives the 64 bytes of Ed25519 over what it is given.
    """

    by: str
    purpose: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who acts, when, where, and by which request; the edge makes it, acts only pass it on.

    `at` is when it happened and `rec` when it is recorded, both as history writes instants.
    `began` is when the request began, before it waited for its turn; by default `rec`.
    `fresh` says that the request id was just made, so that no earlier receipt can exist.
    `new_id` gives event ids (UUIDv7 in hex), `new_salt` 32 random bytes for a disclosure.
    `day` is the local day of `at`, by which rules and terms are reckoned.
    `signing` signs each entry before it reaches the database; since `must_sign`, an instant, the
    actor may record nothing that his own key has not signed.
    """

    actor: str
    at: str
    rec: str
    request_id: str
    station: str
    new_id: Callable[[], str]
    new_salt: Callable[[], bytes]
    on_behalf: str | None = None
    fresh: bool = True
    began: str = ""
    signing: Signing | None = None
    must_sign: str | None = None
    day: str = ""

    @property
    def today(self) -> str:
        """The day on which it happened, by the office's clock where the edge knows it."""
        return self.day or self.at[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One entry of the history, as the answer to an act."""

    event_id: str
    kind: str
    subject: str
    seq: int
    at: str
    recorded_at: str
    actor: str
    request_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an act did: its entries, and whether they are those of an earlier, same request."""

    events: tuple[Recorded, ...]
    repeated: bool = False
