"""Events about tags: bound, replaced, void, printed, copied; blanks, place tags, staff cards.

A tag is named by the id that it carries and its issue number. Free text is personal, as in
`events`; a person's name stands on a printed card and nowhere here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assetctl.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(Event):
    """Base of facts about one tag of an asset: its carrier, the id it carries, its issue number."""

    carrier: str
    code: str
    issue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagBound(Tagged):
    """A tag was bound to the asset.

    `air` is the protocol that a radio tag answers to, where it is not that of EPC Gen2.
    """

    kind: ClassVar[str] = "asset.tag_bound"

    epc: str | None = None
    tid: str | None = None
    pc: str | None = None
    air: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagReplaced(Tagged):
    """A tag was issued anew; the older issue no longer counts.

    Of a radio tag the new chip is named (`tid`), which carries the same number.
    """

    kind: ClassVar[str] = "asset.tag_replaced"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    new_issue: int
    epc: str | None = None
    tid: str | None = None
    pc: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagVoided(Tagged):
    """A tag was declared void."""

    kind: ClassVar[str] = "asset.tag_voided"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPrinted(Tagged):
    """A label was printed: which copy of its issue it is, by what template, on what, why again."""

    kind: ClassVar[str] = "asset.label_printed"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})

    copy: int
    template: str
    printer: str
    dpi: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAlerted(Tagged):
    """A tag was seen as only a copy of it can be: an older issue, two places, or two chips.

    `other` is what stands against this sighting: the newest issue, the pair of places, the pair of
    TIDs. The same alert of the same tag and pair is recorded once.
    """

    kind: ClassVar[str] = "asset.tag_alerted"

    alert: str
    other: str
    station: str
    place: str | None = None
    other_station: str | None = None
    other_place: str | None = None
    seconds_apart: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanksIssued(Event):
    """Ids were issued ahead for blank tags, which are bound to nothing yet."""

    kind: ClassVar[str] = "blank.issued"

    carrier: str
    tags: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed(Event):
    """Base of: printed by what template, on what, why again. A file is no print: see `prints`."""

    personal: ClassVar[frozenset[str]] = frozenset({"reason"})

    template: str
    printer: str
    dpi: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanksPrinted(Printed):
    """Blank tags of a batch were printed."""

    kind: ClassVar[str] = "blank.printed"

    tags: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanksVoided(Event):
    """Blank tags of a batch were declared void: lost, spoilt, or not to be used."""

    kind: ClassVar[str] = "blank.voided"
    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    tags: list[str]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePrinted(Printed):
    """Base of: a tag with an id of its own was printed; `copy` counts the prints of its issue."""

    tag: str
    issue: int
    copy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeIssued(Event):
    """Base of: a tag with an id of its own was issued; `from_…` is the one it replaces."""

    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    tag: str
    issue: int
    from_tag: str | None = None
    from_issue: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeVoided(Event):
    """Base of: a tag with an id of its own was declared void."""

    personal: ClassVar[frozenset[str]] = frozenset({"note"})

    tag: str
    issue: int
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTagIssued(BadgeIssued):
    """A tag was issued for a place; one that it replaces no longer counts."""

    kind: ClassVar[str] = "place.tag_issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTagVoided(BadgeVoided):
    """The tag of a place was declared void."""

    kind: ClassVar[str] = "place.tag_voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTagPrinted(BadgePrinted):
    """The tag of a place was printed."""

    kind: ClassVar[str] = "place.tag_printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCardIssued(BadgeIssued):
    """A card was issued to a person; one that it replaces no longer counts."""

    kind: ClassVar[str] = "party.card_issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCardVoided(BadgeVoided):
    """The card of a person was declared void."""

    kind: ClassVar[str] = "party.card_voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCardPrinted(BadgePrinted):
    """The card of a person was printed."""

    kind: ClassVar[str] = "party.card_printed"
