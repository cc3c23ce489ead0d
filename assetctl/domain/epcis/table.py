"""The table of what is told: each kind of entry and its EPCIS events, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass

from assetctl.domain.lifecycle import State

BY_STATE = "by the state"
"""Stands in a row for the disposition that the state after the act means."""

DISPOSITIONS: dict[str, str] = {
    State.IN_USE: "unavailable",
    State.IDLE: "available",
    State.IN_STORE: "available",
    State.ON_LOAN: "unavailable",
    State.IN_TRANSIT: "in_transit",
    State.IN_REPAIR: "unavailable",
    State.MISSING: "unknown",
    State.PENDING_DISPOSAL: "non_sellable_other",
    State.DISPOSED: "disposed",
}
"""What a state of ours is called in CBV: whether somebody could have the thing."""

OBJECT, TRANSACTION, ASSOCIATION = "ObjectEvent", "TransactionEvent", "AssociationEvent"
OBSERVE, ADD, DELETE = "OBSERVE", "ADD", "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One EPCIS event.

    `thing` and `parent` say what it is about; `read` and `location` name the field that holds the
    place where it was captured and where the thing is afterwards; `parties` the kind of change and
    the fields before and after; `transaction` the kind of paper. With `only` the event is made
    where that field has one of these values, or any at all.
    """

    event: str
    action: str
    step: str
    disposition: str | None = None
    thing: str = "asset"
    parent: str = "asset"
    read: str | None = None
    location: str | None = None
    parties: tuple[tuple[str, str, str], ...] = ()
    transaction: str | None = None
    only: tuple[str, tuple[str, ...]] | None = None
    ilmd: bool = False


_HANDED_OVER = (("possessing_party", "from_holder", "holder"),)
_OUT = (("possessing_party", "from_holder", "sent_to"),)
_BACK = (("possessing_party", "refused_by", "holder"),)
_TITLE = (("owning_party", "from_owner", "owner"), *_HANDED_OVER)
_GIVEN_AWAY = ("method", ("donation", "free_transfer", "swap"))
_SOLD = ("method", ("sale",))
_SCRAPPED = ("method", ("scrap",))
_LOST = ("method", ("loss_write_off",))
_REPLACES = ("from_tag", ())

_TAG_ON = Row(event=ASSOCIATION, action=ADD, step="installing", thing="tag")
_TAG_OFF = Row(event=ASSOCIATION, action=DELETE, step="removing", thing="tag")
_TAG_DEAD = Row(
    event=OBJECT, action=DELETE, step="decommissioning", disposition="inactive", thing="tag"
)


def _written(thing: str) -> Row:
    return Row(
        event=TRANSACTION, action=ADD, step="encoding", disposition="encoded", thing=thing,
        transaction="print",
    )  # fmt: skip


MAPPING: dict[str, tuple[Row, ...]] = {
    "asset.registered": (
        Row(event=OBJECT, action=ADD, step="commissioning", disposition="active", read="place",
            location="place", transaction="intake", ilmd=True),
        _TAG_ON,
    ),
    "asset.checked_out": (
        Row(event=OBJECT, action=OBSERVE, step="accepting", disposition="unavailable",
            read="from_place", location="place", parties=_HANDED_OVER, transaction="loan"),
    ),
    "asset.checked_in": (
        Row(event=OBJECT, action=OBSERVE, step="accepting", disposition="returned", read="place",
            location="place", parties=_HANDED_OVER, transaction="loan"),
        Row(event=OBJECT, action=OBSERVE, step="storing", disposition="available", read="place",
            location="place", only=("state", ("in_store",))),
    ),
    "asset.loan_extended": (
        Row(event=TRANSACTION, action=ADD, step="other", disposition="unavailable",
            transaction="loan"),
    ),
    "asset.moved": (
        Row(event=OBJECT, action=OBSERVE, step="storing", disposition=BY_STATE, read="place",
            location="place", transaction="move"),
    ),
    "asset.sent": (
        Row(event=OBJECT, action=OBSERVE, step="departing", disposition="in_transit",
            read="from_place", parties=_OUT, transaction="handover"),
    ),
    "asset.received": (
        Row(event=OBJECT, action=OBSERVE, step="receiving", disposition=BY_STATE, read="place",
            location="place", parties=_HANDED_OVER, transaction="handover"),
    ),
    "asset.handover_refused": (
        Row(event=OBJECT, action=OBSERVE, step="receiving", disposition="returned",
            location="place", parties=_BACK, transaction="handover"),
    ),
    "asset.title_transferred": (
        Row(event=OBJECT, action=OBSERVE, step="accepting", disposition=BY_STATE,
            location="place", parties=_TITLE, transaction="title"),
    ),
    "asset.counted": (
        Row(event=OBJECT, action=OBSERVE, step="stock_taking", read="place", location="place",
            transaction="count"),
    ),
    "asset.reported_missing": (
        Row(event=OBJECT, action=OBSERVE, step="other", disposition="unknown",
            transaction="missing"),
    ),
    "asset.found": (
        Row(event=OBJECT, action=OBSERVE, step="other", disposition=BY_STATE, read="place",
            location="place", transaction="missing"),
    ),
    "asset.disposal_proposed": (
        Row(event=OBJECT, action=OBSERVE, step="holding", disposition="non_sellable_other",
            location="place", transaction="disposal"),
    ),
    "asset.disposal_withdrawn": (
        Row(event=OBJECT, action=OBSERVE, step="other", disposition=BY_STATE, location="place",
            transaction="disposal"),
    ),
    "asset.disposed": (
        Row(event=OBJECT, action=OBSERVE, step="collecting", disposition="disposed",
            read="from_place", transaction="disposal", only=_SCRAPPED),
        Row(event=OBJECT, action=DELETE, step="destroying", disposition="destroyed",
            transaction="disposal", only=_SCRAPPED),
        Row(event=OBJECT, action=OBSERVE, step="retail_selling", disposition="retail_sold",
            read="from_place", transaction="disposal", only=_SOLD),
        Row(event=OBJECT, action=OBSERVE, step="accepting", disposition="unavailable",
            read="from_place", transaction="disposal", only=_GIVEN_AWAY),
        Row(event=OBJECT, action=DELETE, step="decommissioning", disposition="inactive",
            transaction="disposal", only=("method", (*_SOLD[1], *_GIVEN_AWAY[1]))),
        Row(event=OBJECT, action=DELETE, step="decommissioning", disposition="unknown",
            transaction="disposal", only=_LOST),
    ),
    "asset.tag_bound": (_TAG_ON,),
    "asset.tag_replaced": (
        Row(event=ASSOCIATION, action=DELETE, step="removing", disposition="needs_replacement",
            thing="tag"),
        Row(event=ASSOCIATION, action=ADD, step="installing", thing="new tag"),
        _TAG_DEAD,
    ),
    "asset.tag_voided": (_TAG_OFF, _TAG_DEAD),
    "asset.label_printed": (_written("tag"),),
    "blank.issued": (_written("blanks"),),
    "place.tag_printed": (_written("tag"),),
    "place.tag_issued": (
        Row(event=ASSOCIATION, action=DELETE, step="removing", disposition="needs_replacement",
            thing="old tag", parent="place", only=_REPLACES),
        Row(event=OBJECT, action=DELETE, step="decommissioning", disposition="inactive",
            thing="old tag", only=_REPLACES),
        Row(event=ASSOCIATION, action=ADD, step="installing", thing="tag", parent="place"),
    ),
    "place.tag_voided": (
        Row(event=ASSOCIATION, action=DELETE, step="removing", thing="tag", parent="place"),
        _TAG_DEAD,
    ),
}  # fmt: skip
"""Each kind of entry that is told, and its events in order."""

SILENT: dict[str, str] = {
    "asset.corrected": "a card is master data; nothing happened to the thing",
    "asset.attached": "a file about the thing, which stays here",
    "asset.listed": "an offer; nothing happened to the thing",
    "asset.unlisted": "an offer withdrawn; nothing happened to the thing",
    "asset.sanitised": "what it held is nobody else's business",
    "asset.share_offered": "an offer; nothing happened to the thing",
    "asset.share_stopped": "an offer withdrawn; nothing happened to the thing",
    "asset.tag_alerted": "a suspicion for our own people, not a fact about the thing",
    "party.added": "master data, and perhaps a person's",
    "party.role_granted": "about a person",
    "party.role_revoked": "about a person",
    "party.card_issued": "about a person",
    "party.card_voided": "about a person",
    "party.card_printed": "about a person",
    "blank.printed": "told when they were issued; the entry does not name their carrier",
    "blank.voided": "bound to nothing, and the entry does not name their carrier",
    "history.redacted": "about this register, not about a thing",
    "log.snapshot_taken": "about this register, not about a thing",
    "place.added": "master data",
    "place.warehouse_set": "master data",
    "rules.adopted": "about this office, not about a thing",
    "stocktake.planned": "a count of the office; what it books is told",
    "stocktake.opened": "a count of the office; what it books is told",
    "stocktake.listed": "a count of the office; what it books is told",
    "stocktake.counted": "what was counted of a thing is told as its own event",
    "stocktake.swept": "radio reads are evidence, and prove nothing",
    "stocktake.team_finished": "a count of the office, and about people",
    "stocktake.recount_ordered": "a count of the office; what it books is told",
    "stocktake.explained": "a count of the office; what it books is told",
    "stocktake.submitted": "a count of the office; what it books is told",
    "stocktake.results_listed": "a count of the office; what it books is told",
    "stocktake.withdrawn": "a count of the office; what it books is told",
    "stocktake.judged": "a count of the office, and about a person",
    "stocktake.closed": "what was booked is told as events of the things",
    "stocktake.cancelled": "a count of the office; nothing came of it",
    "doc.drafted": "a paper of the office; what is done under it is told",
    "doc.revised": "a paper of the office; what is done under it is told",
    "doc.due_moved": "a paper of the office; what is done under it is told",
    "doc.submitted": "a paper of the office; what is done under it is told",
    "doc.lines_added": "a paper of the office; what is done under it is told",
    "doc.opinion_given": "a paper of the office, and about a person",
    "doc.withdrawn": "a paper of the office; what is done under it is told",
    "doc.searched": "a question to our own register",
    "doc.own_taken": "a paper of the office; what is done under it is told",
    "doc.candidates_refused": "a paper of the office, and about a person",
    "doc.refusals_judged": "a paper of the office, and about a person",
    "doc.certified": "a paper of the office; what is done under it is told",
    "doc.bought": "what is bought is told once it is registered",
    "doc.voided": "a paper of the office; what is done under it is told",
    "doc.finished": "a paper of the office; what is done under it is told",
    "doc.executed": "the act itself is told",
    "doc.issued": "the act itself is told",
    "booking.made": "a plan; the thing stays with its unit",
    "booking.decided": "a plan; the thing stays with its unit",
    "booking.cancelled": "a plan given up",
    "booking.taken": "used for an hour or a day; custody and place of the thing stay as they are",
    "booking.brought_back": "used for an hour or a day; custody and place stay as they are",
    "occasion.added": "about this office, not about a thing",
    "occasion.moved": "about this office; what it means for things out is told for each",
    "reminder.begun": "a letter of this office",
    "reminder.sent": "a letter of this office",
    "reminder.failed": "a letter of this office",
    "class.added": "master data",
    "class.corrected": "master data",
    "key.created": "about this register, not about a thing",
    "key.revoked": "about this register, not about a thing",
    "key.retired": "about this register, not about a thing",
    "role.signing_required": "about people, not about a thing",
    "role.signing_lifted": "about people, not about a thing",
    "standard.adopted": "a rule about things, not a fact about one",
    "standard.ended": "a rule about things, not a fact about one",
    "evidence.received": "somebody else's word is not passed on as ours",
    "evidence.declared_wrong": "somebody else's word is not passed on as ours",
}
"""Each kind of entry that is not told, and why."""
