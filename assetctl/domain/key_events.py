"""Events about keys: made, revoked, retired; and whose acts must be signed from when on.

A key is known by its code (`key:op-…`, `key:log-2`); secret halves never come here. Whose acts must
be signed is said by role (`role:administrator`), or for everybody (`role:*`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event

EVERYBODY = "*"
"""The role that all have."""

REVOKED = ("lost", "stolen", "left", "other")
"""Why a key can be revoked: lost, stolen, its owner left, another reason."""

RETIRED = "retired"
"""How a key of the log ends, in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact(Event):
    """Base of facts about keys and about who must use one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCreated(KeyFact):
    """A key was made; the history names it and, where there is one, its public half in hex.

    `party` is whose key it is: the code of an operator, or the name of a station. `vouched` is the
    signature by which an older key of the log answers for this one.
    """

    kind: ClassVar[str] = "key.created"

    purpose: str
    algorithm: str
    public: str | None = None
    party: str | None = None
    vouched: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(KeyFact):
    """A key was revoked: nothing counts that was signed with it as done from this instant on."""

    kind: ClassVar[str] = "key.revoked"

    from_: str
    reason: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRetired(KeyFact):
    """A key of the log signs no more; what it signed goes on counting."""

    kind: ClassVar[str] = "key.retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequired(KeyFact):
    """Operators with a role must sign what they record from an instant on, each with an own key.

    `number` counts the rules of this role; a new one takes the place of the one before.
    """

    kind: ClassVar[str] = "role.signing_required"

    number: int
    since: str
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLifted(KeyFact):
    """Operators with a role need not sign any more."""

    kind: ClassVar[str] = "role.signing_lifted"

    number: int
    doc: str | None = None
