"""Events: what happened, as facts. Frozen, keyword-only, in the past tense, with a stable kind.

Fields hold codes, texts, integers, decimals as text and instants; party codes, never names of
people. A field named in `personal` (a person's name, free text) goes into a salted disclosure
beside the entry, so that it can be erased without touching the history.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from keyword import iskeyword
from operator import attrgetter
from typing import Any, ClassVar

import assetctl.domain.document_events  # so that every kind is known here
import assetctl.domain.evidence_events  # the same
import assetctl.domain.key_events  # the same
import assetctl.domain.occasion_events  # the same
import assetctl.domain.redaction  # the same
import assetctl.domain.reminder_events  # the same
import assetctl.domain.sharing_events  # the same
import assetctl.domain.sourcing_events  # the same
import assetctl.domain.standard_events  # the same
import assetctl.domain.stocktake_events  # the same
import assetctl.domain.tag_events  # noqa: F401  the same
from assetctl.domain.event import Event as Event
from assetctl.domain.office_events import (
    ClassAdded as ClassAdded,
)
from assetctl.domain.office_events import (
    ClassCorrected as ClassCorrected,
)
from assetctl.domain.office_events import (
    PartyAdded as PartyAdded,
)
from assetctl.domain.office_events import (
    PlaceAdded as PlaceAdded,
)
from assetctl.domain.office_events import (
    RoleGranted as RoleGranted,
)
from assetctl.domain.office_events import (
    RoleRevoked as RoleRevoked,
)
from assetctl.domain.office_events import (
    RulesAdopted as RulesAdopted,
)
from assetctl.domain.office_events import (
    WarehouseSet as WarehouseSet,
)
from assetctl.domain.tag_events import LabelPrinted, TagAlerted

Texts = dict[str, str]
Aliases = list[dict[str, str]]
"""Codes of an asset in other schemes: `{"scheme": …, "value": …}` each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodial(Event):
    """Base of facts that move an asset on the axes of state, holder and place."""

    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    state: str
    holder: str
    place: str | None = None
    from_state: str
    from_holder: str
    from_place: str | None = None
    doc: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Event):
    """An asset was taken into the register and got its identity and first tag."""

    kind: ClassVar[str] = "asset.registered"

    name: str
    scheme: str
    class_code: str
    owner: str
    holder: str
    state: str
    place: str | None = None
    condition: str | None = None
    card: Texts = field(default_factory=dict)
    attributes: Texts = field(default_factory=dict)
    aliases: Aliases = field(default_factory=list)
    carrier: str = "qr"
    issue: int = 1
    source: str | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Event):
    """A card was corrected: the number of the change on this card, and each field before/after."""

    kind: ClassVar[str] = "asset.corrected"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    change: int
    before: Texts
    after: Texts
    aliases: Aliases = field(default_factory=list)
    doc: str | None = None
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached(Event):
    """A photo or document was attached, known by the SHA-256 of its bytes."""

    kind: ClassVar[str] = "asset.attached"
    personal: ClassVar[frozenset[str]] = frozenset({"title"})

    sha256: str
    role: str
    media_type: str
    byte_count: int
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Event):
    """An asset was counted: it was seen at a place, whatever the register said of it.

    `quantity` is how many of it were there, `condition` how it was found; `from_counted_at` is when
    it had been counted before. Whether the register agreed follows from what it said at that time.
    """

    kind: ClassVar[str] = "asset.counted"

    place: str
    quantity: int | None = None
    condition: str | None = None
    from_counted_at: str | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut(Custodial):
    """An asset was lent to a party."""

    kind: ClassVar[str] = "asset.checked_out"

    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Custodial):
    """A lent asset came back: in which condition, where it goes now (`outcome`), what was paid."""

    kind: ClassVar[str] = "asset.checked_in"

    condition: str | None = None
    outcome: str | None = None
    compensation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanExtended(Event):
    """The due date of a loan was moved."""

    kind: ClassVar[str] = "asset.loan_extended"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    due: str
    from_due: str | None = None
    doc: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Custodial):
    """An asset was put in another place; its holder stayed."""

    kind: ClassVar[str] = "asset.moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Custodial):
    """An asset left for another party, who has not confirmed it yet."""

    kind: ClassVar[str] = "asset.sent"

    sent_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Custodial):
    """The receiver took the asset over, with what differed from what was sent, if anything."""

    kind: ClassVar[str] = "asset.received"
    personal: ClassVar[frozenset[str]] = frozenset({"note", "differs"})

    condition: str | None = None
    differs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRefused(Custodial):
    """The receiver refused the asset; it is again where it was."""

    kind: ClassVar[str] = "asset.handover_refused"

    refused_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleTransferred(Custodial):
    """Title moved from one unit's books to another's under a document; the asset id stayed.

    `keeper` is who takes a lent thing back, where that would have been the old owner.
    """

    kind: ClassVar[str] = "asset.title_transferred"

    owner: str
    from_owner: str
    keeper: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMissing(Custodial):
    """An asset could not be found; `keeper` answers for it again once it is."""

    kind: ClassVar[str] = "asset.reported_missing"

    keeper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Custodial):
    """A missing asset was found."""

    kind: ClassVar[str] = "asset.found"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalProposed(Custodial):
    """Disposal was proposed, with its method and ground."""

    kind: ClassVar[str] = "asset.disposal_proposed"

    method: str
    ground: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalWithdrawn(Custodial):
    """A proposal to dispose was withdrawn."""

    kind: ClassVar[str] = "asset.disposal_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed(Custodial):
    """An asset was disposed of under a document; this is final."""

    kind: ClassVar[str] = "asset.disposed"

    method: str
    income: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Event):
    """An asset was published in a virtual warehouse; thing and title stayed where they are."""

    kind: ClassVar[str] = "asset.listed"

    warehouse: str
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted(Event):
    """An asset was taken off the virtual warehouse."""

    kind: ClassVar[str] = "asset.unlisted"

    warehouse: str
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitised(Event):
    """The data on an asset was wiped, or what held it was taken out; the actor answers for it."""

    kind: ClassVar[str] = "asset.sanitised"

    sanitising: str
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken(Event):
    """When the log had `size` leaves there were `count` subjects; `root` is over their heads."""

    kind: ClassVar[str] = "log.snapshot_taken"

    size: int
    count: int
    root: str


def _leaves(root: type[Event]) -> list[type[Event]]:
    found = [root] if "kind" in root.__dict__ else []
    for child in root.__subclasses__():
        found += _leaves(child)
    return found


EVENTS: dict[str, type[Event]] = {event.kind: event for event in _leaves(Event)}
"""Every kind of event and the class that holds it."""

BESIDE = frozenset(
    {Attached.kind, Counted.kind, LabelPrinted.kind, TagAlerted.kind}
)  # fmt: skip
"""Kinds of facts that stand beside custody: no act was ever overtaken by one of them."""

FIELDS = {
    event: tuple(item.name.removesuffix("_") for item in fields(event)) for event in EVENTS.values()
}
"""The fields of every kind of event as history names them."""

_VALUES = {
    event: attrgetter(*(item.name for item in fields(event)), "kind") for event in EVENTS.values()
}
_RENAMED = {event for event, names in FIELDS.items() if any(map(iskeyword, names))}
"""Events with a field whose name Python keeps for itself."""


def to_plain(event: Event) -> dict[str, Any]:
    """Return the fields of an event that say something; empty ones are left out, but not zero."""
    values = zip(FIELDS[type(event)], _VALUES[type(event)](event), strict=False)
    return {name: value for name, value in values if value or value == 0}


def from_plain(kind: str, data: dict[str, Any]) -> Event:
    """Return the event that `to_plain` took apart.

    Raises:
        KeyError: the kind is not known to this version.
        TypeError: the fields are not those of this kind.
    """
    event = EVENTS[kind]
    if event in _RENAMED:
        data = {f"{name}_" if iskeyword(name) else name: data[name] for name in data}
    return event(**data)
