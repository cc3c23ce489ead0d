"""What an EPCIS 2.0 event must look like: a table of fields, and every fault with its place.

It follows GS1's JSON schema for EPCIS 2.0 as far as a receiver needs: which fields an event of each
type may and must have, and the form of their values. A place is a JSON path such as `$.epcList[0]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from assetctl.domain.epcis import words
from assetctl.domain.epcis.canonical import moment
from assetctl.i18n import N_, Phrase

LONGEST = 1024
"""Characters in a URI or another short text."""

MOST_URIS = 50
"""Ids of correcting events, or of certificates, in one event."""

Found = Iterator[tuple[str, Any, str, Phrase]]
"""Faults: the JSON path, what stands there, a code, what is wrong with it."""

_Check = Callable[[str, Any], Found]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_UOM = re.compile(r"[A-Z0-9]{2,3}")
_HEX = re.compile(r"[0-9A-Fa-f]+")

NOT_A_URI = N_("a URI is needed, such as https://… or urn:…")
NOT_A_TIME = N_("a date and time with its zone is needed, such as 2026-03-01T14:30:00Z")
NOT_TEXT = N_("text of at most {most} characters is needed")
NOT_A_LIST = N_("a list is needed")
NOT_AN_OBJECT = N_("an object is needed")
NOT_A_NUMBER = N_("a number is needed")
NOT_OF = N_("it must be one of: {choices}")
MISSING = N_("it is missing")
UNKNOWN = N_("an event of this type has no such field")
TOO_MANY = N_("there are more than {most}")
EMPTY = N_("there is nothing in it")
TWICE = N_("the same stands there twice")


def fault(path: str, value: Any, code: str, template: str, **facts: object) -> Found:
    """Give one fault."""
    yield path, value, code, Phrase(template, **facts)


def uri(path: str, value: Any) -> Found:
    """Check a URI."""
    if not isinstance(value, str) or len(value) > LONGEST or not _URI.fullmatch(value):
        yield from fault(path, value, "epcis.uri", NOT_A_URI)


def time(path: str, value: Any) -> Found:
    """Check a time with its zone."""
    try:
        if not isinstance(value, str) or len(value) > LONGEST:
            raise ValueError(value)
        moment(value)
    except ValueError:
        yield from fault(path, value, "epcis.time", NOT_A_TIME)


def text(path: str, value: Any) -> Found:
    """Check a short text."""
    if not isinstance(value, str) or len(value) > LONGEST:
        yield from fault(path, value, "epcis.text", NOT_TEXT, most=LONGEST)


def number(path: str, value: Any) -> Found:
    """Check a number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        yield from fault(path, value, "epcis.number", NOT_A_NUMBER)


def _boolean(path: str, value: Any) -> Found:
    if not isinstance(value, bool):
        yield from fault(path, value, "epcis.word", NOT_OF, choices="true, false")


def _matching(pattern: re.Pattern[str], example: str) -> _Check:
    def check(path: str, value: Any) -> Found:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield from fault(path, value, "epcis.word", NOT_OF, choices=example)

    return check


def _word(choices: frozenset[str], *, or_uri: bool = True) -> _Check:
    """Return the check of a standard word, or of a URI of somebody's own vocabulary."""

    def check(path: str, value: Any) -> Found:
        if isinstance(value, str) and value in choices:
            return
        if or_uri and isinstance(value, str) and ":" in value:
            yield from uri(path, value)
        else:
            known = ", ".join(sorted(choices))
            yield from fault(path, value, "epcis.word", NOT_OF, choices=known)

    return check


def each(check: _Check, *, at_least: int = 0, once: bool = False, most: int = 0) -> _Check:
    """Return the check of a list."""

    def check_list(path: str, value: Any) -> Found:
        if not isinstance(value, list):
            yield from fault(path, value, "epcis.list", NOT_A_LIST)
            return
        if len(value) < at_least:
            yield from fault(path, "", "epcis.empty", EMPTY)
        if most and len(value) > most:
            yield from fault(path, "", "epcis.many", TOO_MANY, most=most)
            return
        met: set[str] = set()
        for index, one in enumerate(value):
            yield from check(f"{path}[{index}]", one)
            if once and isinstance(one, str):
                if one in met:
                    yield from fault(f"{path}[{index}]", one, "epcis.twice", TWICE)
                met.add(one)

    return check_list


_NAMESPACED = _URI
_ANY = re.compile(r".+", re.DOTALL)
_NONE = re.compile(r"(?!)")


def obj(
    fields: Mapping[str, _Check], *needed: str, others: re.Pattern[str] = _NAMESPACED,
    any_of: tuple[str, ...] = (),
) -> _Check:  # fmt: skip
    """Return the check of an object; `others` says what more it may have: by default what has a
    namespace of its own.
    """

    def check(path: str, value: Any) -> Found:
        if not isinstance(value, dict):
            yield from fault(path, value, "epcis.object", NOT_AN_OBJECT)
            return
        for name in needed:
            if name not in value:
                yield from fault(f"{path}.{name}", "", "epcis.missing", MISSING)
        if any_of and not value.keys() & set(any_of):
            yield from fault(f"{path}.{any_of[0]}", "", "epcis.missing", MISSING)
        for name, inner in value.items():
            if name in fields:
                yield from fields[name](f"{path}.{name}", inner)
            elif not others.fullmatch(name):
                yield from fault(f"{path}.{name[:80]}", "", "epcis.field", UNKNOWN)

    return check


def anything(_path: str, _value: Any) -> Found:
    """Take any value."""
    yield from ()


def _certificates(path: str, value: Any) -> Found:
    if isinstance(value, list):
        return each(uri, most=MOST_URIS)(path, value)
    return uri(path, value)


_QUANTITY = obj(
    {"epcClass": uri, "quantity": number, "uom": _matching(_UOM, "KGM, MTR, …")},
    "epcClass", others=_NONE,
)  # fmt: skip
_WHERE = obj({"id": uri}, "id", others=_ANY)
_PARTY_TYPE = _word(words.PARTY_TYPES)
_METADATA = obj({
    "time": time, "startTime": time, "endTime": time, "deviceID": uri, "deviceMetadata": uri,
    "rawData": uri, "dataProcessingMethod": uri, "bizRules": uri,
})  # fmt: skip
_REPORT = obj({
    "type": _word(words.MEASUREMENTS), "exception": _word(words.ALERTS), "deviceID": uri,
    "deviceMetadata": uri, "rawData": uri, "dataProcessingMethod": uri, "bizRules": uri,
    "time": time, "microorganism": uri, "chemicalSubstance": uri,
    "coordinateReferenceSystem": uri, "value": number, "component": _word(words.COMPONENTS),
    "stringValue": text, "booleanValue": _boolean, "hexBinaryValue": _matching(_HEX, "0–9, A–F"),
    "uriValue": uri, "minValue": number, "maxValue": number, "meanValue": number, "sDev": number,
    "percRank": number, "percValue": number, "uom": text,
}, "type")  # fmt: skip
_FIELDS: dict[str, _Check] = {
    "epcList": each(uri, once=True),
    "quantityList": each(_QUANTITY),
    "childEPCs": each(uri),
    "childQuantityList": each(_QUANTITY),
    "inputEPCList": each(uri, once=True),
    "inputQuantityList": each(_QUANTITY),
    "outputEPCList": each(uri, once=True),
    "outputQuantityList": each(_QUANTITY),
    "parentID": uri,
    "transformationID": uri,
    "action": _word(frozenset({"OBSERVE", "ADD", "DELETE"}), or_uri=False),
    "bizStep": _word(words.STEPS),
    "disposition": _word(words.DISPOSITIONS),
    "persistentDisposition": obj(
        {key: each(_word(words.DISPOSITIONS), at_least=1, once=True) for key in ("set", "unset")},
        others=_NONE, any_of=("set", "unset"),
    ),
    "readPoint": _WHERE,
    "bizLocation": _WHERE,
    "bizTransactionList": each(
        obj({"type": _word(words.TRANSACTIONS), "bizTransaction": uri}, "bizTransaction",
            others=_NONE),
    ),
    "sourceList": each(obj({"type": _PARTY_TYPE, "source": uri}, "type", "source", others=_NONE)),
    "destinationList": each(
        obj({"type": _PARTY_TYPE, "destination": uri}, "type", "destination", others=_NONE)
    ),
    "sensorElementList": each(
        obj({"sensorMetadata": _METADATA, "sensorReport": each(_REPORT, at_least=1)},
            "sensorReport")
    ),
    "ilmd": obj({}),
}  # fmt: skip
_COMMON: dict[str, _Check] = {
    "@context": anything, "type": text, "eventTime": time, "recordTime": time,
    "eventTimeZoneOffset": _matching(_OFFSET, "+08:00, …"), "eventID": uri,
    "certificationInfo": _certificates,
    "errorDeclaration": obj({
        "declarationTime": time,
        "reason": _word(frozenset({"did_not_occur", "incorrect_data"})),
        "correctiveEventIDs": each(uri, most=MOST_URIS),
    }, "declarationTime"),
}  # fmt: skip
_WHY = (
    "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "sensorElementList",
)  # fmt: skip
_PARTS = ("action", "parentID", "childEPCs", "childQuantityList", *_WHY)


def _event(*names: str, needed: tuple[str, ...]) -> _Check:
    fields = _COMMON | {name: _FIELDS[name] for name in names}
    return obj(fields, "type", "eventTime", "eventTimeZoneOffset", *needed)


_TYPES: dict[str, _Check] = {
    "ObjectEvent": _event("epcList", "quantityList", "action", "persistentDisposition", "ilmd",
                          *_WHY, needed=("action",)),
    "AggregationEvent": _event(*_PARTS, needed=("action",)),
    "AssociationEvent": _event(*_PARTS, needed=("action", "parentID")),
    "TransactionEvent": _event("parentID", "epcList", "quantityList", "action", *_WHY,
                               needed=("action", "bizTransactionList")),
    "TransformationEvent": _event(
        "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
        "transformationID", "persistentDisposition", "ilmd", *_WHY, needed=()),
}  # fmt: skip
"""The event types and their fields."""

_CHILDREN = ("childEPCs", "childQuantityList")
_INPUTS, _OUTPUTS = ("inputEPCList", "inputQuantityList"), ("outputEPCList", "outputQuantityList")
_THINGS = {
    "ObjectEvent": (("epcList", "quantityList", "sensorElementList"),),
    "AggregationEvent": (_CHILDREN,),
    "AssociationEvent": (_CHILDREN,),
    "TransactionEvent": (("epcList", "quantityList"),),
    "TransformationEvent": (_INPUTS, _OUTPUTS),
}
"""Groups of fields of which at least one must say what the event is about."""

_ENDS_ALL = frozenset({"AggregationEvent", "AssociationEvent", "TransactionEvent"})
"""Types that may leave their things out when something ends: all of them are meant."""


def event_faults(path: str, event: Any) -> Found:
    """Give every fault of one event."""
    if not isinstance(event, dict):
        yield from fault(path, event, "epcis.object", NOT_AN_OBJECT)
        return
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        yield from _of_unknown_type(path, event, kind)
        return
    yield from _TYPES[kind](path, event)
    for group in _groups(kind, event):
        if not any(_says(event, name) for name in group):
            yield from fault(f"{path}.{group[0]}", "", "epcis.missing", MISSING)
    if "ilmd" in event and event.get("action", "ADD") != "ADD":
        yield from fault(f"{path}.ilmd", "", "epcis.field", UNKNOWN)
    if kind == "TransactionEvent" and event.get("bizTransactionList") == []:
        yield from fault(f"{path}.bizTransactionList", "", "epcis.empty", EMPTY)


def _groups(kind: str, event: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    if kind in _ENDS_ALL and event.get("action") == "DELETE":
        return ()
    if kind == "TransformationEvent" and "transformationID" in event:
        return ((*_INPUTS, *_OUTPUTS),)
    return _THINGS[kind]


def _says(event: Mapping[str, Any], name: str) -> bool:
    # An empty list of things is allowed where a list of things is what the event is about.
    return name in event and (name == "epcList" or event[name] != [])


def _of_unknown_type(path: str, event: Mapping[str, Any], kind: Any) -> Found:
    """Check what every event has; a type of somebody's own is named by a URI."""
    if isinstance(kind, str) and ":" in kind:
        yield from uri(f"{path}.type", kind)
    else:
        known = ", ".join(_TYPES)
        yield from fault(f"{path}.type", kind or "", "epcis.word", NOT_OF, choices=known)
    for name in ("eventTime", "eventTimeZoneOffset"):
        if name not in event:
            yield from fault(f"{path}.{name}", "", "epcis.missing", MISSING)
    for name, value in event.items():
        check = _COMMON.get(name) or _FIELDS.get(name)
        if check and name != "type":
            yield from check(f"{path}.{name}", value)
