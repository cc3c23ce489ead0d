"""What handhelds put into a request: text, JSON of many shapes, JSON lines, forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from scanner.base import decoded
from scanner.reading import Radio
from scanner.said import strength

MOST_TEXTS = 10_000
"""So many texts are taken from one request."""

_NAMES = (
    *("epchex", "idhex", "epc", "epcs", "barcode", "barcodes", "qrcode", "code", "codes"),
    *("text", "tag", "tagid", "rfid", "content", "result", "value", "scan", "data"),
)
"""Names under which a text stands, most telling first; compared without case, _ and -."""

_RADIO_NAMES = frozenset({"epchex", "idhex", "epc", "epcs", "rfid"})
"""Names under which nothing but the number of a radio tag stands."""

_STRENGTH = ("rssi", "peakrssi", "rssidbm", "maxrssi")
_ANTENNA = ("antenna", "ant", "antennaid", "antennaport", "antid")
_COUNT = ("count", "times", "readcount", "seencount", "tagseencount")
_MOST_ANTENNAS, _MOST_COUNTED = 255, 1 << 31
_TID, _PC = re.compile(r"(?:[0-9A-Fa-f]{4}){1,32}"), re.compile(r"[0-9A-Fa-f]{4}")

_FORM = "application/x-www-form-urlencoded"
_TAKEN = frozenset({"", "text/plain", "text/json", _FORM, "application/octet-stream"})
_DEEPEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One text of a request, which may still be tangled; `radio` if it was told as a tag's."""

    text: str
    radio: Radio | None = None


class ParcelError(Exception):
    """A request whose contents cannot be taken; `status` is the HTTP answer that says why."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"HTTP status {status}")


def unpack(body: bytes, content_type: str, *, heard: float = 0.0) -> tuple[Sent, ...]:
    """Return the texts in the body of a request, in order; they may still be tangled.

    What begins like JSON is read as JSON whatever the type says, for handhelds often say nothing
    or the wrong thing. From an object the most telling name counts, and everything below it; an
    object without any such name is searched. Signal strength, antenna, count, TID and PC word
    that stand beside a text belong to it; `heard` is when the request arrived, for a time that
    the handheld tells is never trusted.

    Raises:
        ParcelError: 415 for another type of contents, 400 for what does not follow its type or
            lies too deep, 413 for more than `MOST_TEXTS` texts.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text = decoded(body).strip()
    if text[:1] in ("{", "[", '"') or "json" in kind:
        found = [one for document in _documents(text) for one in _sent(document, heard)]
    elif kind not in _TAKEN:
        raise ParcelError(415)
    elif kind == _FORM:
        found = [Sent(text=one) for one in _from_form(text)]
    else:
        found = [Sent(text=text)]
    found = [one for one in found if one.text.strip()]
    if len(found) > MOST_TEXTS:
        raise ParcelError(413)
    return tuple(found)


def _documents(text: str) -> list[object]:
    """One JSON document, or one a line."""
    try:
        return [json.loads(text)]
    except RecursionError:
        raise ParcelError(400) from None
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise ParcelError(400) from None


def _sent(
    value: object, heard: float, depth: int = 0, radio: Radio | None = None
) -> Iterator[Sent]:
    """Every text in a document; `radio` is what stood beside it."""
    if depth > _DEEPEST:
        raise ParcelError(400)
    if isinstance(value, str):
        yield Sent(text=value, radio=radio)
    elif isinstance(value, list):
        for item in value:
            yield from _sent(item, heard, depth + 1, radio)
    elif isinstance(value, dict):
        yield from _in_object(value, heard, depth)
    elif isinstance(value, int) and not isinstance(value, bool) and depth:
        yield from _number(value)


def _in_object(value: dict[str, object], heard: float, depth: int) -> Iterator[Sent]:
    names = {key.replace("_", "").replace("-", "").lower(): key for key in value}
    name = next((one for one in _NAMES if one in names and value[names[one]]), None)
    if name is not None:
        told = _radio({one: value[key] for one, key in names.items()}, name, heard)
        yield from _sent(value[names[name]], heard, depth + 1, told)
        return
    for item in value.values():
        # A text under a name that says nothing is a time, a device, an antenna.
        if not isinstance(item, str):
            yield from _sent(item, heard, depth + 1)


def _radio(beside: Mapping[str, object], name: str, heard: float) -> Radio | None:
    """How a tag was heard, by what stands beside its number; None where nothing tells of one."""
    rssi = strength(_first(beside, _STRENGTH))
    antenna = _whole(_first(beside, _ANTENNA), _MOST_ANTENNAS)
    tid, pc = _hex(beside.get("tid"), _TID), _hex(beside.get("pc"), _PC)
    if name not in _RADIO_NAMES and rssi is None and tid is None:
        return None
    count = _whole(_first(beside, _COUNT), _MOST_COUNTED) or 1
    return Radio(heard=heard, rssi=rssi, antenna=antenna, count=count, tid=tid, pc=pc)


def _first(beside: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((beside[name] for name in names if name in beside), None)


def _whole(value: object, most: int) -> int | None:
    """A number from 1 to `most`, as a number or as its digits."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 1 <= value <= most else None


def _hex(value: object, form: re.Pattern[str]) -> str | None:
    return value.upper() if isinstance(value, str) and form.fullmatch(value) else None


def _number(value: int) -> Iterator[Sent]:
    """A barcode that a program wrote as a number; small ones are counts and strengths."""
    if 10**7 <= value < 10**40:
        yield Sent(text=str(value))


def _named(value: dict[str, object]) -> str | None:
    plain = {key.replace("_", "").replace("-", "").lower(): key for key in value}
    return next((plain[name] for name in _NAMES if name in plain and value[plain[name]]), None)


def _from_form(text: str) -> Iterator[str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_TEXTS)
    except ValueError:
        raise ParcelError(413) from None
    if not pairs or (len(pairs) == 1 and not pairs[0][1]):
        # Many programs send bare text under this type, for it is their library's default.
        yield text
        return
    by_name = {key: value for key, value in pairs if value}
    named = _named(dict(by_name))
    if named is None and len(by_name) == 1:
        named = next(iter(by_name))
    yield from (value for key, value in pairs if key == named)
