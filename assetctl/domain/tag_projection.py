"""What the events of tags mean for the tables: labels, radio tags, blanks, place tags, cards."""

from __future__ import annotations

from assetctl.domain import tag_events
from assetctl.domain.change import Change, When, aliases_of, new_tag, project, touch
from assetctl.domain.event import Event


@project.register
def _(event: tag_events.TagBound, subject: str, when: When) -> list[Change]:
    tag = new_tag(subject, event.carrier, event.code, event.issue)
    tag.row.update(epc=event.epc, tid=event.tid, pc=event.pc, air=event.air)
    changes = [tag, touch(subject, when)]
    if event.epc and event.issue == 1:  # further chips with the same number add no other name
        return changes + aliases_of(subject, [{"scheme": "epc", "value": event.epc}])
    if event.code != subject and not event.epc:
        return changes + aliases_of(subject, [{"scheme": "tag", "value": event.code}])
    return changes


@project.register
def _(event: tag_events.TagReplaced, subject: str, when: When) -> list[Change]:
    old = _tag_state(subject, event, "replaced")
    new = new_tag(subject, event.carrier, event.code, event.new_issue)
    new.row.update(epc=event.epc, tid=event.tid, pc=event.pc)
    return [old, new, touch(subject, when)]


@project.register
def _(event: tag_events.TagVoided, subject: str, when: When) -> list[Change]:
    return [_tag_state(subject, event, "void"), touch(subject, when)]


@project.register
def _(event: tag_events.LabelPrinted, subject: str, _when: When) -> list[Change]:
    key = {"asset_id": subject, "carrier": event.carrier, "code": event.code}
    # The asset itself did not change: the sheet may be printed a hundred times.
    return [Change("set", "tag", key | {"issue": event.issue, "prints": event.copy})]


@project.register
def _(event: tag_events.TagAlerted, subject: str, when: When) -> list[Change]:
    row = {
        "asset_id": subject, "alert": event.alert, "code": event.code, "issue": event.issue,
        "other": event.other, "carrier": event.carrier, "station": event.station,
        "place": event.place, "other_station": event.other_station,
        "other_place": event.other_place, "seconds_apart": event.seconds_apart, "seen_at": when.at,
    }  # fmt: skip
    return [Change("put", "tag_alert", row)]


@project.register
def _(event: tag_events.BlanksIssued, subject: str, when: When) -> list[Change]:
    shared = {"code": subject, "carrier": event.carrier, "issued_at": when.at}
    return [Change("put", "blank", {"tag": tag, **shared}) for tag in event.tags]


@project.register
def _(event: tag_events.BadgeIssued, subject: str, when: When) -> list[Change]:
    table = _badges(event)
    new = {"code": subject, "tag": event.tag, "issue": event.issue, "issued_at": when.at}
    changes = [Change("put", table, new | {"state": "bound"})]
    if event.from_tag and event.from_issue:
        old = {"code": subject, "tag": event.from_tag, "issue": event.from_issue}
        changes.append(Change("set", table, old | {"state": "replaced"}))
    return changes


@project.register
def _(event: tag_events.BadgeVoided, subject: str, _when: When) -> list[Change]:
    row = {"code": subject, "tag": event.tag, "issue": event.issue, "state": "void"}
    return [Change("set", _badges(event), row)]


@project.register
def _(event: tag_events.BlanksPrinted, subject: str, when: When) -> list[Change]:
    return [
        Change("set", "blank", {"code": subject, "tag": tag, "printed_at": when.at})
        for tag in event.tags
    ]


@project.register
def _(event: tag_events.BlanksVoided, subject: str, when: When) -> list[Change]:
    return [
        Change("set", "blank", {"code": subject, "tag": tag, "voided_at": when.at})
        for tag in event.tags
    ]


@project.register
def _(event: tag_events.BadgePrinted, subject: str, _when: When) -> list[Change]:
    row = {"code": subject, "tag": event.tag, "issue": event.issue, "prints": event.copy}
    return [Change("set", _badges(event), row)]


def _badges(event: Event) -> str:
    return "place_tag" if event.kind.startswith("place.") else "staff_card"


def _tag_state(subject: str, event: tag_events.Tagged, state: str) -> Change:
    key = {"asset_id": subject, "carrier": event.carrier, "code": event.code}
    return Change("set", "tag", key | {"issue": event.issue, "state": state})
