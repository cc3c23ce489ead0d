"""The EPCIS event hash id of CBV 2.0 §8.9: an identity that does not depend on the way of writing.

An event becomes one text, the pre-hash string: `key=value` pairs in a fixed order, lists sorted by
code point, times in UTC to the millisecond, numbers without needless zeros, standard words and GS1
keys as their canonical web addresses. Its SHA-256 in hex stands in a `ni` URI (RFC 6920). Left out
are `eventID`, `recordTime`, `errorDeclaration` and `certificationInfo`, so an event that is
declared wrong later keeps its id. This is an identity, not the hash that shows tampering.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from assetctl.domain.epcis.gs1 import canonical as canonical_key

CBV = "https://ref.gs1.org/cbv/"
PREFIXES = {
    "gs1": "https://gs1.org/voc/", "epcis": "https://ref.gs1.org/epcis/", "cbv": CBV,
    "cbvmda": "urn:epcglobal:cbv:mda:",
}  # fmt: skip
"""Prefixes that GS1's JSON-LD context declares."""

_EPC_LISTS = frozenset({"epcList", "inputEPCList", "childEPCs", "outputEPCList"})
_QUANTITY_LISTS = frozenset(
    {"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}
)
_ORDER = (
    "eventTime", "eventTimeZoneOffset", "epcList", "parentID", "inputEPCList", "childEPCs",
    "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList",
    "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "sensorElementList",
)  # fmt: skip
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
    "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
    "microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue",
    "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank",
    "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_PAIRS = {
    "bizTransactionList": ("bizTransaction", f"{CBV}BTT-"),
    "sourceList": ("source", f"{CBV}SDT-"),
    "destinationList": ("destination", f"{CBV}SDT-"),
}
"""Lists of a type and a value: what the value is called, and where bare types belong."""

_BARE = {
    "bizStep": f"{CBV}BizStep-", "disposition": f"{CBV}Disp-", "set": f"{CBV}Disp-",
    "unset": f"{CBV}Disp-", "exception": PREFIXES["gs1"], "component": f"{CBV}Comp-",
}  # fmt: skip
_URNS = {
    "urn:epcglobal:cbv:bizstep:": f"{CBV}BizStep-", "urn:epcglobal:cbv:disp:": f"{CBV}Disp-",
    "urn:epcglobal:cbv:btt:": f"{CBV}BTT-", "urn:epcglobal:cbv:sdt:": f"{CBV}SDT-",
    "urn:epcglobal:cbv:er:": f"{CBV}ER-",
}  # fmt: skip
_TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})
_IGNORED = frozenset({
    "type", "eventID", "recordTime", "errorDeclaration", "certificationInfo", "ilmd", "@context",
    "comment", "rdfs:comment", "#text",
})  # fmt: skip
_KNOWN = frozenset(_ORDER) | _IGNORED
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EXPONENT = 60

Event = Mapping[str, Any]
"""An event as JSON holds it; numbers with a fraction are `Decimal`."""


def event_hash(event: Event, prefixes: Mapping[str, str] | None = None) -> str:
    """Return the hash id of an event: `ni:///sha-256;…?ver=CBV2.0`.

    `prefixes` are those that the document's `@context` declares.
    """
    return hash_id(sha256(pre_hash(event, prefixes or {})))


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hash_id(digest: str) -> str:
    """Return the hash id that holds a SHA-256 in hex."""
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Event, prefixes: Mapping[str, str]) -> str:
    """Return the text whose SHA-256 identifies an event."""
    return _Writer(PREFIXES | dict(prefixes)).event(event)


def moment(text: str) -> datetime:
    """Return the instant of an `xsd:dateTimeStamp`, rounded half up to the millisecond.

    Raises:
        ValueError: it is no date and time with a zone.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    digits = (fraction or "").ljust(4, "0")
    milliseconds = int(digits[:3]) + (digits[3] >= "5")
    whole = datetime.fromisoformat(f"{day}T{clock}{zone}")
    try:
        return whole.astimezone(UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise ValueError(text) from error


def milliseconds(instant: datetime) -> str:
    """Return an instant as EPCIS events write it: UTC to the millisecond, `Z`."""
    return instant.isoformat(timespec="milliseconds")[:23] + "Z"


def bare(term: str) -> str:
    """Return a standard CBV word without its address or URN; any other URI as it is."""
    for urn, address in _URNS.items():
        for start in (urn, address, address.replace(CBV, "cbv:")):
            if term.startswith(start):
                return term[len(start) :]
    return term


class _Writer:
    """Writes one event with the prefixes that hold in its document."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes

    def event(self, event: Event) -> str:
        parts = [f"eventType={self._value(event.get('type'))}"]
        parts += [self._field(name, event[name]) for name in _ORDER if name in event]
        if event.get("ilmd"):
            parts.append("ilmd" + _sorted(self._extensions(event["ilmd"])))
        parts += self._inner_extensions(event)
        parts.append(_sorted(self._extensions({k: v for k, v in event.items() if k not in _KNOWN})))
        return "".join(parts)

    def _field(self, name: str, value: Any) -> str:
        if name in _EPC_LISTS:
            return _list(name, (self._pair("epc", one) for one in value))
        if name in _QUANTITY_LISTS:
            fields = ("epcClass", "quantity", "uom")
            return _list(name, ("quantityElement" + self._ordered(one, fields) for one in value))
        if name in _PAIRS:
            return _list(name, (self._typed(name, one) for one in value))
        if name == "persistentDisposition":
            sets = ((key, value.get(key) or ()) for key in ("set", "unset"))
            return name + "".join(_sorted(self._pair(k, one) for one in ones) for k, ones in sets)
        if name in ("readPoint", "bizLocation"):
            return name + self._pair("id", value.get("id"))
        if name == "sensorElementList":
            return _sorted(self._sensor(one) for one in value)
        return self._pair(name, value)

    def _ordered(self, value: Event, names: Iterable[str]) -> str:
        return "".join(self._pair(name, value[name]) for name in names if name in value)

    def _typed(self, name: str, one: Event) -> str:
        value, where = _PAIRS[name]
        kind = self._pair("type", _in(where, one["type"])) if "type" in one else ""
        return kind + self._ordered(one, (value,))

    def _sensor(self, one: Event) -> str:
        metadata = one.get("sensorMetadata") or {}
        told = self._ordered(metadata, _METADATA)
        reports = (
            "sensorReport" + self._ordered(_typed_report(report), _REPORT)
            for report in one.get("sensorReport") or ()
        )
        return "sensorElement" + (f"sensorMetadata{told}" if told else "") + _sorted(reports)

    def _inner_extensions(self, event: Event) -> list[str]:
        """Return what others have added inside standard fields, each under the field's name."""
        parts = []
        for name in ("readPoint", "bizLocation"):
            own = {k: v for k, v in (event.get(name) or {}).items() if k != "id"}
            if found := self._extensions(own):
                parts.append(name + _sorted(found))
        elements = (self._sensor_extensions(one) for one in event.get("sensorElementList") or ())
        return parts + sorted(filter(None, elements))

    def _sensor_extensions(self, one: Event) -> str:
        inside = [
            ("sensorMetadata", one.get("sensorMetadata") or {}, _METADATA),
            *(("sensorReport", report, _REPORT) for report in one.get("sensorReport") or ()),
        ]
        found = [
            name + _sorted(told)
            for name, value, known in inside
            if (told := self._extensions({k: v for k, v in value.items() if k not in known}))
        ]
        own = {k: v for k, v in one.items() if k not in ("sensorMetadata", "sensorReport")}
        text = "".join(sorted(found)) + _sorted(self._extensions(own))
        return f"sensorElement{text}" if text else ""

    def _extensions(self, value: Event) -> list[str]:
        parts: list[str] = []
        for key, inner in value.items():
            if key in ("comment", "rdfs:comment", "#text") or key.startswith("@"):
                continue
            name = self._name(key)
            for one in inner if isinstance(inner, list) else (inner,):
                if isinstance(one, Mapping):
                    parts.append(name + _sorted(self._extensions(one)))
                elif isinstance(one, list):
                    parts.append(name + _sorted(self._extensions({key: one})))
                else:
                    told = self._value(one)
                    parts.append(f"{name}={told}" if told else name)
        return parts

    def _name(self, key: str) -> str:
        prefix, colon, local = key.partition(":")
        if colon and prefix in self._prefixes:
            return f"{{{self._prefixes[prefix]}}}{local}"
        return key

    def _pair(self, name: str, value: Any) -> str:
        if name in _BARE:
            value = _in(_BARE[name], value)
        if name in _TIMES:
            return f"{name}={milliseconds(moment(value))}"
        told = self._value(value)
        return f"{name}={told}" if told else ""

    def _value(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | Decimal):
            return _number(str(value))
        text = str("" if value is None else value).strip()
        if not text or text[0] in "+-0123456789":
            return _number(text) if _NUMBER.fullmatch(text) else text
        prefix, colon, local = text.partition(":")
        if not colon:
            return text
        if prefix in self._prefixes:
            text = self._prefixes[prefix] + local
        for urn, address in _URNS.items():
            if text.startswith(urn):
                return address + text[len(urn) :]
        return canonical_key(text)


def _in(where: str, term: Any) -> Any:
    """Return a bare standard word as its address; anything with a colon is a URI already."""
    return f"{where}{term}" if isinstance(term, str) and term and ":" not in term else term


def _typed_report(report: Event) -> Event:
    return {**report, "type": _in(PREFIXES["gs1"], report.get("type"))}


def _list(name: str, parts: Iterable[str]) -> str:
    text = _sorted(parts)
    return name + text if text else ""


def _sorted(parts: Iterable[str]) -> str:
    # By code point, which for UTF-8 is the order of its bytes.
    return "".join(sorted(parts))


def _number(text: str) -> str:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > _EXPONENT:
        return text  # written out it would be longer than any quantity is
    plain = f"{number:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain.removeprefix("+")
