"""Events of the office itself: parties and their roles, places, warehouses, rules, classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event

Texts = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAdded(Event):
    """A unit, person or vendor was added. Only a person's name is personal (`person_name`)."""

    kind: ClassVar[str] = "party.added"
    personal: ClassVar[frozenset[str]] = frozenset({"person_name", "uscc_reason"})

    party_kind: str
    name: str | None = None
    person_name: str | None = None
    unit: str | None = None
    uscc: str | None = None
    uscc_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Event):
    """A person was given a role; `number` counts how often he was given it."""

    kind: ClassVar[str] = "party.role_granted"

    role: str
    number: int = 1
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked(Event):
    """A role was taken from a person; `number` says which of his grants of it."""

    kind: ClassVar[str] = "party.role_revoked"

    role: str
    number: int
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAdded(Event):
    """A place was added."""

    kind: ClassVar[str] = "place.added"

    name: str
    place_kind: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSet(Event):
    """What sort of warehouse a place is was said: physical or virtual, how it is run, for what."""

    kind: ClassVar[str] = "place.warehouse_set"

    mode: str
    form: str
    regime: str
    unit: str
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAdopted(Event):
    """Rules of the office were adopted, word for word, from a day on; `number` counts them."""

    kind: ClassVar[str] = "rules.adopted"

    number: int
    since: str
    sha256: str
    rules: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAdded(Event):
    """An asset class of a scheme was added."""

    kind: ClassVar[str] = "class.added"

    scheme: str
    name: str
    name_en: str | None = None
    parent: str | None = None
    depth: int = 0
    life_years: int | None = None
    use_years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCorrected(Event):
    """A class was corrected from its catalogue: each field before and after."""

    kind: ClassVar[str] = "class.corrected"

    before: Texts
    after: Texts
