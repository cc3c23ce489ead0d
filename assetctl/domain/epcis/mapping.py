"""Which EPCIS events an entry of the history means: one table, and what makes JSON of a row.

The vocabulary is CBV 2.0's; it has no words for lending or title, so kinds of business
transactions are our own. Entries that tell nothing of a physical thing are left out, each kind
with its reason. No name of a person is here to be told: entries hold codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assetctl.domain.epcis.canonical import event_hash
from assetctl.domain.epcis.naming import Naming
from assetctl.domain.epcis.table import (
    BY_STATE,
    DISPOSITIONS,
    MAPPING,
    SILENT,
    Row,
)

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
"""GS1's JSON-LD context for EPCIS 2.0."""

OWN = "assetctl"
"""The prefix of what events say beyond the standard."""

_TAGS = {
    "tag": ("code", "issue"),
    "new tag": ("code", "new_issue"),
    "old tag": ("from_tag", "from_issue"),
}
"""The fields that hold the id on a tag and its issue number."""

_EXTRAS = ("due", "condition", "method")
_ILMD = ("scheme", "class_code", "brand", "model", "acquired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an entry says that may be told to others; `leaf` in base64url."""

    subject: str
    kind: str
    at: str
    rec: str
    request_id: str
    leaf: str
    data: dict[str, Any]


def context(naming: Naming) -> list[Any]:
    """Return the `@context` of a document."""
    return [CONTEXT, {OWN: naming.vocabulary}]


def epcis_events(told: Told, naming: Naming, offset: str) -> list[dict[str, Any]]:
    """Return the EPCIS events that an entry means, none for kinds that are left out.

    `offset` is the difference from UTC where it happened, such as `+08:00`.

    Raises:
        KeyError: the kind is neither mapped nor left out for a reason.
    """
    if told.kind in SILENT:
        return []
    made = _Maker(told, naming, offset)
    return [made.event(row) for row in MAPPING[told.kind] if _applies(row, told.data)]


def cut(instant: str) -> str:
    """Return an instant as history writes it, cut to the milliseconds that EPCIS hashes."""
    return instant[:23] + "Z"


def _applies(row: Row, data: dict[str, Any]) -> bool:
    if row.only is None:
        return True
    name, values = row.only
    return bool(data.get(name)) and (not values or data[name] in values)


class _Maker:
    """Makes the events of one entry."""

    def __init__(self, told: Told, naming: Naming, offset: str) -> None:
        self._told = told
        self._data = told.data
        self._code = told.subject.partition(":")[2]
        self._naming = naming
        self._offset = offset

    def event(self, row: Row) -> dict[str, Any]:
        event: dict[str, Any] = {
            "type": row.event,
            "eventTime": cut(self._told.at),
            "recordTime": cut(self._told.rec),
            "eventTimeZoneOffset": self._offset,
            **self._what(row),
            "action": row.action,
            "bizStep": row.step,
        }
        disposition = row.disposition
        if disposition == BY_STATE:
            disposition = DISPOSITIONS[self._data["state"]]
        if disposition:
            event["disposition"] = disposition
        for name, field in (("readPoint", row.read), ("bizLocation", row.location)):
            if field and self._data.get(field):
                event[name] = {"id": self._naming.place(self._data[field])}
        event |= self._why(row)
        if row.ilmd:
            event["ilmd"] = dict(self._ilmd())
        event |= dict(self._beyond())
        event["eventID"] = event_hash(event, {OWN: self._naming.vocabulary})
        return event

    def _what(self, row: Row) -> dict[str, Any]:
        things = self._things(row.thing)
        if row.event == "AssociationEvent":
            return {"parentID": self._things(row.parent)[0], "childEPCs": things}
        return {"epcList": things}

    def _things(self, what: str) -> list[str]:
        data, naming = self._data, self._naming
        if what == "asset":
            return [naming.asset(self._code)]
        if what == "place":
            return [naming.place(self._code)]
        if what == "blanks":
            return [naming.tag(data["carrier"], one, 1) for one in dict.fromkeys(data["tags"])]
        code, issue = _TAGS[what]
        # A place's tag has an id of its own; a label at first carries that of its asset.
        carried = data.get(code) or data.get("tag") or self._code
        return [naming.tag(data.get("carrier", "qr"), carried, data.get(issue, 1))]

    def _why(self, row: Row) -> dict[str, Any]:
        why: dict[str, Any] = {}
        doc = self._data.get("doc")
        if row.transaction and (doc or row.event == "TransactionEvent"):
            # A transaction must be named: where there is no paper, the request stands for it.
            paper = ("doc", doc) if doc else ("request", self._told.request_id)
            kind = self._naming.term(row.transaction)
            why["bizTransactionList"] = [
                {"type": kind, "bizTransaction": self._naming.private(*paper)}
            ]
        sources, destinations = [], []
        for kind, before, after in row.parties:
            one, other = self._data.get(before), self._data.get(after)
            if one and other and one != other:
                sources.append({"type": kind, "source": self._naming.party(one)})
                destinations.append({"type": kind, "destination": self._naming.party(other)})
        if sources:
            why |= {"sourceList": sources, "destinationList": destinations}
        return why

    def _ilmd(self) -> Iterator[tuple[str, str]]:
        said = self._data.get("card", {}) | self._data
        for name in _ILMD:
            if said.get(name):
                yield f"{OWN}:{name}", said[name]

    def _beyond(self) -> Iterator[tuple[str, str]]:
        yield f"{OWN}:kind", self._told.kind
        yield f"{OWN}:leaf", self._told.leaf
        for name in _EXTRAS:
            if self._data.get(name):
                yield f"{OWN}:{name}", self._data[name]
