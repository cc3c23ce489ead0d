"""What an event means for the tables: a pure list of row changes.

The door applies these changes to the database; replay applies the same ones to plain
dictionaries and compares. Every row belongs to exactly one subject, so one subject can be
rebuilt alone and in any order.
"""

from __future__ import annotations

from collections.abc import Iterable

import assetctl.domain.document_projection
import assetctl.domain.other_projection
import assetctl.domain.sharing_projection
import assetctl.domain.sourcing_projection
import assetctl.domain.stocktake_projection
import assetctl.domain.tag_projection  # noqa: F401  so that what tags mean is known here
from assetctl.domain import events
from assetctl.domain.card import CARD_FIELDS
from assetctl.domain.card_row import attributes_text, card_columns
from assetctl.domain.change import Change as Change
from assetctl.domain.change import Row as Row
from assetctl.domain.change import When as When
from assetctl.domain.change import aliases_of, new_tag, touch
from assetctl.domain.change import project as _project
from assetctl.domain.redaction import Redacted, erased_files

Key = tuple[str, ...]

KEYS: dict[str, tuple[str, ...]] = {
    "asset": ("asset_id",),
    "tag": ("asset_id", "carrier", "code", "issue"),
    "alias": ("asset_id", "scheme", "value"),
    "tag_alert": ("asset_id", "alert", "code", "issue", "other"),
    "attachment": ("asset_id", "sha256"),
    "blank": ("code", "tag"),
    "party": ("code",),
    "role_grant": ("code", "role", "number"),
    "staff_card": ("code", "tag", "issue"),
    "place": ("code",),
    "place_tag": ("code", "tag", "issue"),
    "asset_class": ("scheme", "code"),
    "signing_key": ("code",),
    "signing_rule": ("code", "number"),
    "provision_standard": ("code",),
    "evidence": ("code",),
    "evidence_asset": ("code", "asset_id"),
    "warehouse": ("code",),
    "rule_set": ("code", "number"),
    "document": ("number",),
    "document_line": ("number", "round", "line"),
    "paper_part": ("number", "first"),
    "document_asset": ("number", "round", "asset_id"),
    "opinion": ("number", "round", "step", "asked"),
    "sourcing_search": ("number", "search"),
    "sourcing_candidate": ("number", "search", "asset_id"),
    "sourcing_purchase": ("number", "purchase"),
    "booking": ("number",),
    "occasion": ("code",),
    "reminder": ("code",),
    "stocktake": ("number",),
    "stocktake_team": ("number", "team"),
    "stocktake_line": ("number", "asset_id"),
    "stocktake_find": ("number", "batch", "line"),
    "stocktake_sweep": ("number", "batch"),
    "stocktake_reason": ("number", "item"),
    "stocktake_result": ("number", "submission", "item"),
    "stocktake_opinion": ("number", "submission", "step", "asked"),
}
"""Every projected table and its primary key."""

NO_MEMORY: Row = {"prior_state": None, "prior_holder": None, "prior_place": None}


Tables = dict[str, dict[Key, Row]]
"""Rows by table and key: what replay builds."""


def changes(subject: str, event: events.Event, when: When) -> list[Change]:
    """Return the row changes that `event` of `subject` (`asset:K7M2…`, `party:U1`) means."""
    return _project(event, subject.partition(":")[2], when)


def fold(tables: Tables, wanted: Iterable[Change]) -> None:
    """Apply changes to rows held in dictionaries.

    Raises:
        KeyError: a `set` for a row that is not there.
    """
    for change in wanted:
        rows = tables.setdefault(change.table, {})
        key = tuple(change.row[name] for name in KEYS[change.table])
        if change.op == "put":
            rows[key] = dict(change.row)
        else:
            rows[key].update(change.row)


@_project.register
def _(event: events.Registered, subject: str, when: When) -> list[Change]:
    row: Row = {
        "asset_id": subject, "name": event.name, "card_no": _card_no(event), "scheme": event.scheme,
        "class_code": event.class_code, "state": event.state, "owner": event.owner,
        "holder": event.holder, "place": event.place, "condition": event.condition,
        "attributes": attributes_text(event.attributes), "held_since": when.at,
        "registered_at": when.at, "changed_at": when.rec, "changes": 0,
        **card_columns(event.card),
    }  # fmt: skip
    tag = new_tag(subject, event.carrier, subject, event.issue)
    return [Change("put", "asset", row), tag, *aliases_of(subject, event.aliases)]


@_project.register
def _(event: events.Corrected, subject: str, when: When) -> list[Change]:
    row: Row = {"asset_id": subject, "changes": event.change, "changed_at": when.rec}
    card = {name: text for name, text in event.after.items() if name in CARD_FIELDS}
    basic = {name: text or None for name, text in event.after.items() if name not in CARD_FIELDS}
    return [
        Change("set", "asset", row | basic | card_columns(card)),
        *aliases_of(subject, event.aliases),
    ]


@_project.register
def _(event: events.Attached, subject: str, when: When) -> list[Change]:
    row = {
        "asset_id": subject, "sha256": event.sha256, "role": event.role, "title": event.title,
        "media_type": event.media_type, "byte_count": event.byte_count, "attached_at": when.at,
    }  # fmt: skip
    return [Change("put", "attachment", row), touch(subject, when)]


@_project.register
def _(event: events.Counted, subject: str, when: When) -> list[Change]:
    if event.from_counted_at and event.from_counted_at > when.at:
        return []  # it reached the register late: what was counted after it is newer
    # The asset itself did not change: nobody may be told that a count came first.
    row = {"asset_id": subject, "counted_at": when.at, "counted_place": event.place}
    return [Change("set", "asset", row)]


@_project.register
def _(event: events.CheckedOut, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, _memory(event) | {"due": event.due})


@_project.register
def _(event: events.CheckedIn, subject: str, when: When) -> list[Change]:
    graded = {"condition": event.condition} if event.condition else {}
    return _custody(subject, event, when, NO_MEMORY | {"due": None} | graded)


@_project.register
def _(event: events.LoanExtended, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "due": event.due, "changed_at": when.rec}
    return [Change("set", "asset", row)]


@_project.register
def _(event: events.Moved, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, {})


@_project.register
def _(event: events.Sent, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, _memory(event) | {"sent_to": event.sent_to})


@_project.register
def _(event: events.Received, subject: str, when: When) -> list[Change]:
    graded = {"condition": event.condition} if event.condition else {}
    # What the one who gave it away offered to share, the one who took it over does not.
    arrived = NO_MEMORY | {"sent_to": None, "shared": None}
    return _custody(subject, event, when, arrived | graded)


@_project.register
def _(event: events.HandoverRefused, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, NO_MEMORY | {"sent_to": None})


@_project.register
def _(event: events.TitleTransferred, subject: str, when: When) -> list[Change]:
    keeper = {"prior_holder": event.keeper} if event.keeper else {}
    # The new owner numbers its own cards; the old number stays as an alias. What the old owner
    # offered, the new one does not.
    moved = {"owner": event.owner, "card_no": None, "listed": None, "shared": None}
    return _custody(subject, event, when, moved | keeper)


@_project.register
def _(event: events.ReportedMissing, subject: str, when: When) -> list[Change]:
    back = NO_MEMORY | {"prior_holder": event.keeper, "disposal_method": None}
    return _custody(subject, event, when, back | {"due": None, "sent_to": None})


@_project.register
def _(event: events.Found, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, NO_MEMORY)


@_project.register
def _(event: events.DisposalProposed, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, _memory(event) | {"disposal_method": event.method})


@_project.register
def _(event: events.DisposalWithdrawn, subject: str, when: When) -> list[Change]:
    return _custody(subject, event, when, NO_MEMORY | {"disposal_method": None})


@_project.register
def _(event: events.Disposed, subject: str, when: When) -> list[Change]:
    final = {"disposal_method": event.method, "disposal_doc": event.doc, "disposed_at": when.at,
             "listed": None, "shared": None}  # fmt: skip
    return _custody(subject, event, when, NO_MEMORY | final)


@_project.register
def _(event: events.Listed, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "listed": event.warehouse, "changed_at": when.rec}
    return [Change("set", "asset", row)]


@_project.register
def _(_event: events.Unlisted, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "listed": None, "changed_at": when.rec}
    return [Change("set", "asset", row)]


@_project.register
def _(event: events.Sanitised, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "sanitised_at": when.at, "sanitised_how": event.sanitising}
    return [Change("set", "asset", row | {"changed_at": when.rec})]


@_project.register
def _(event: events.PartyAdded, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "kind": event.party_kind, "name": event.name or event.person_name,
        "unit": event.unit, "uscc": event.uscc, "added_at": when.at,
    }  # fmt: skip
    return [Change("put", "party", row)]


@_project.register
def _(event: events.RoleGranted, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "role": event.role, "number": event.number, "granted_at": when.at,
        "revoked_at": None,
    }  # fmt: skip
    return [Change("put", "role_grant", row)]


@_project.register
def _(event: events.RoleRevoked, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "role": event.role, "number": event.number, "revoked_at": when.at,
    }  # fmt: skip
    return [Change("set", "role_grant", row)]


@_project.register
def _(event: events.PlaceAdded, subject: str, when: When) -> list[Change]:
    row = {
        "code": subject, "name": event.name, "kind": event.place_kind, "parent": event.parent,
        "added_at": when.at,
    }  # fmt: skip
    return [Change("put", "place", row)]


@_project.register
def _(event: events.ClassAdded, subject: str, _when: When) -> list[Change]:
    row = {
        "scheme": event.scheme, "code": subject.partition("/")[2], "name": event.name,
        "name_en": event.name_en, "parent": event.parent, "depth": event.depth,
        "life_years": event.life_years, "use_years": event.use_years,
    }  # fmt: skip
    return [Change("put", "asset_class", row)]


@_project.register
def _(event: events.ClassCorrected, subject: str, _when: When) -> list[Change]:
    scheme, _, code = subject.partition("/")
    row: Row = {"scheme": scheme, "code": code}
    for name, text in event.after.items():
        number = name in ("depth", "life_years", "use_years")
        row[name] = int(text or 0) if name == "depth" else int(text) if number and text else text
        row[name] = None if row[name] == "" else row[name]
    return [Change("set", "asset_class", row)]


@_project.register
def _(event: Redacted, subject: str, when: When) -> list[Change]:
    row = {"asset_id": subject, "erased_at": when.at}
    return [Change("set", "attachment", row | {"sha256": one}) for one in erased_files(event)]


def _card_no(event: events.Registered) -> str | None:
    own = f"card:{event.owner}"
    return next((alias["value"] for alias in event.aliases if alias["scheme"] == own), None)


def _custody(subject: str, event: events.Custodial, when: When, extra: Row) -> list[Change]:
    row: Row = {
        "asset_id": subject,
        "state": event.state,
        "holder": event.holder,
        "place": event.place,
        "changed_at": when.rec,
    }
    if event.holder != event.from_holder:
        row["held_since"] = when.at
    return [Change("set", "asset", row | extra)]


def _memory(event: events.Custodial) -> Row:
    return {
        "prior_state": event.from_state,
        "prior_holder": event.from_holder,
        "prior_place": event.from_place,
    }
