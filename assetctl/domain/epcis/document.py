"""A partner's EPCIS document: hostile bytes in, events with their hash ids out, or every fault.

Nothing is fetched: a `@context` only tells what its prefixes stand for. Size, depth and count are
bounded before anything is built from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, NoReturn

from assetctl.domain.chain import instant
from assetctl.domain.epcis import form
from assetctl.domain.epcis.canonical import bare, moment, pre_hash, sha256
from assetctl.domain.epcis.form import Found
from assetctl.errors import Fault, FileFormatError, ImportFaultsError
from assetctl.i18n import N_, Phrase

MOST_BYTES = 32 << 20
MOST_EVENTS = 100_000
MOST_VALUES = 2_000_000
DEEPEST = 32
MOST_FAULTS = 1000
MORE = N_("there are more faults; the reading stopped here")
_LONGEST_DIGITS = 40
_SHOWN = 200
_THINGS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")

_HEAD = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}
"""The two kinds of documents, and where their events lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """That an event was declared wrong: when, why, and the ids of events that correct it."""

    at: str
    reason: str | None
    corrected_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event of a partner: `digest` is the SHA-256 of its hash id in hex.

    `step` and `disposition` are bare words of the standard vocabulary, or URIs.
    """

    digest: str
    event_type: str
    event_time: str
    zone: str
    action: str | None = None
    step: str | None = None
    disposition: str | None = None
    given_id: str | None = None
    things: tuple[str, ...] = ()
    declared: Declared | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of a partner: the sender as it names itself, and its events in their order."""

    sender: str | None
    events: tuple[Heard, ...]


def read_document(name: str, data: bytes) -> Document:
    """Return what a document says.

    Raises:
        FileFormatError: it is no JSON, is XML, or is larger or deeper than anything honest.
        ImportFaultsError: with every fault, its event (from 1; 0 is the document) and JSON path.
    """
    document = _parsed(name, data)
    faults = list(islice(_faults(document), MOST_FAULTS + 1))
    if faults:
        if len(faults) > MOST_FAULTS:
            faults[MOST_FAULTS:] = [(0, one) for one in form.fault("$", "", "epcis.more", MORE)]
        raise ImportFaultsError(file=name, count=len(faults), faults=tuple(map(_fault, faults)))
    prefixes = _prefixes(document.get("@context"))
    return Document(
        sender=document.get("sender") or None,
        events=tuple(_heard(event, prefixes) for event in _events(document)),
    )


# --- bytes ---------------------------------------------------------------------------------


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    text = _decoded(name, data)
    if text.lstrip()[:1] == "<":
        _unreadable(name, N_(
            "it is XML. Ask the sender for the same events as EPCIS 2.0 JSON-LD"))  # fmt: skip
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_float=_decimal, parse_int=_integer,
            parse_constant=_constant,
        )  # fmt: skip
    except _Refused as error:
        raise FileFormatError(file=name, reason=error.reason) from error
    except (ValueError, RecursionError) as error:
        reason = Phrase(N_("it is no JSON ({error})"), error=str(error)[:_SHOWN])
        if isinstance(error, RecursionError):
            reason = _too_deep()
        raise FileFormatError(file=name, reason=reason) from error
    if not isinstance(document, dict):
        _unreadable(name, N_("it is no EPCIS document but a bare list or value"))
    if _depth(document) > DEEPEST:
        raise FileFormatError(file=name, reason=_too_deep())
    if "\\u" in text and not _is_text(document):
        _unreadable(name, N_("it holds half a character (a lone surrogate)"))
    return document


def _is_text(document: dict[str, Any]) -> bool:
    try:
        json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _decoded(name: str, data: bytes) -> str:
    if len(data) > MOST_BYTES:
        too_large = N_("it has more than {most} MiB. Ask the sender to split it")
        raise FileFormatError(file=name, reason=Phrase(too_large, most=MOST_BYTES >> 20))
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        too_many = N_("it has more than {most} values. Ask the sender to split it")
        raise FileFormatError(file=name, reason=Phrase(too_many, most=MOST_VALUES))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16", "replace") if b"<" in data[:8] else _not_utf8(name, error)
        return _not_utf8(name, error)


def _not_utf8(name: str, error: UnicodeDecodeError) -> NoReturn:
    reason = Phrase(N_("byte {place} is not UTF-8"), place=error.start)
    raise FileFormatError(file=name, reason=reason) from error


def _unreadable(name: str, reason: str) -> NoReturn:
    raise FileFormatError(file=name, reason=Phrase(reason))


def _too_deep() -> Phrase:
    return Phrase(N_("it is nested more than {most} deep"), most=DEEPEST)


class _Refused(Exception):  # noqa: N818  it never leaves this module
    """Something in the JSON that two readers would read differently."""

    def __init__(self, reason: Phrase) -> None:
        self.reason = reason


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        met: set[str] = set()
        twice = next(key for key, _ in pairs if key in met or met.add(key))  # type: ignore[func-returns-value]
        raise _Refused(Phrase(N_("the key {key!r} stands twice in one object"), key=twice[:_SHOWN]))
    return made


def _decimal(text: str) -> Decimal:
    return Decimal(_short(text))


def _integer(text: str) -> int:
    return int(_short(text))


def _short(text: str) -> str:
    if len(text) > _LONGEST_DIGITS:
        raise _Refused(Phrase(N_("a number has more than {most} digits"), most=_LONGEST_DIGITS))
    return text


def _constant(text: str) -> NoReturn:
    raise _Refused(Phrase(N_("{value} is not a number in JSON"), value=text))


def _depth(value: Any) -> int:
    deep, level = 0, [value]
    while level:
        deep += 1
        if deep > DEEPEST:
            break
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return deep


# --- form ----------------------------------------------------------------------------------


def _faults(document: dict[str, Any]) -> Iterator[tuple[int, tuple[str, Any, str, Phrase]]]:
    for one in _document_faults(document):
        yield 0, one
    events = _at(document, _HEAD.get(str(document.get("type")), ()))
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        return
    where = "$." + ".".join(_HEAD[document["type"]])
    for index, event in enumerate(events):
        for one in form.event_faults(f"{where}[{index}]", event):
            yield index + 1, one


def _document_faults(document: dict[str, Any]) -> Found:
    kind = document.get("type")
    if not isinstance(kind, str) or kind not in _HEAD:
        known = ", ".join(_HEAD)
        yield from form.fault("$.type", kind or "", "epcis.word", form.NOT_OF, choices=known)
        return
    for name in ("@context", "schemaVersion", "creationDate"):
        if name not in document and (kind == "EPCISDocument" or name == "@context"):
            yield from form.fault(f"$.{name}", "", "epcis.missing", form.MISSING)
    version = document.get("schemaVersion", "2.0")
    if not isinstance(version, str) or version.split(".")[0] != "2":
        yield from form.fault("$.schemaVersion", version, "epcis.version", form.NOT_OF,
                              choices="2.0")  # fmt: skip
    if "creationDate" in document:
        yield from form.time("$.creationDate", document["creationDate"])
    if "sender" in document:
        yield from form.text("$.sender", document["sender"])
    path = "$." + ".".join(_HEAD[kind])
    events = _at(document, _HEAD[kind])
    if not isinstance(events, list):
        yield from form.fault(path, events or "", "epcis.list", form.NOT_A_LIST)
    elif len(events) > MOST_EVENTS:
        yield from form.fault(path, "", "epcis.many", form.TOO_MANY, most=MOST_EVENTS)


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _fault(found: tuple[int, tuple[str, Any, str, Phrase]]) -> Fault:
    number, (path, value, code, message) = found
    shown = value if isinstance(value, str) else json.dumps(value, default=str)
    return Fault(
        row=number, column=path, value=shown[:_SHOWN], code=code, message=str(message),
        template=message.template, facts=message.facts,
    )  # fmt: skip


# --- meaning -------------------------------------------------------------------------------


def _events(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = _at(document, _HEAD[document["type"]])
    return events


def _heard(event: dict[str, Any], prefixes: Mapping[str, str]) -> Heard:
    here = {**prefixes, **_prefixes(event.get("@context"))}
    error = event.get("errorDeclaration")
    return Heard(
        digest=sha256(pre_hash(event, here)), event_type=event["type"],
        event_time=instant(moment(event["eventTime"])), zone=event["eventTimeZoneOffset"],
        action=event.get("action"), step=_bare(event.get("bizStep")),
        disposition=_bare(event.get("disposition")), given_id=event.get("eventID"),
        things=tuple(dict.fromkeys(_things(event))),
        declared=None if error is None else _declared(error),
    )  # fmt: skip


def _declared(error: Mapping[str, Any]) -> Declared:
    return Declared(
        at=instant(moment(error["declarationTime"])), reason=_bare(error.get("reason")),
        corrected_by=tuple(error.get("correctiveEventIDs") or ()),
    )  # fmt: skip


def _bare(term: str | None) -> str | None:
    return bare(term) if term else None


def _things(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("parentID"):
        yield event["parentID"]
    for name in _THINGS:
        yield from event.get(name) or ()


def _prefixes(context: Any) -> dict[str, str]:
    """Return the prefixes that a `@context` declares in place; what it links to is not fetched."""
    found: dict[str, str] = {}
    for one in context if isinstance(context, list) else [context]:
        if not isinstance(one, dict):
            continue
        for name, meaning in one.items():
            address = meaning.get("@id") if isinstance(meaning, dict) else meaning
            if isinstance(address, str) and not name.startswith("@"):
                found[name] = address
    return found
