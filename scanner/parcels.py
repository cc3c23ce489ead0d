"""What handhelds put into a request: text, JSON of many shapes, JSON lines, forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

from scanner.base import decoded

MOST_TEXTS = 10_000
"""So many texts are taken from one request."""

_NAMES = (
    *("epchex", "idhex", "epc", "epcs", "barcode", "barcodes", "qrcode", "code", "codes"),
    *("text", "tag", "tagid", "rfid", "content", "result", "value", "scan", "data"),
)
"""Names under which a text stands, most telling first; compared without case, _ and -."""

_FORM = "application/x-www-form-urlencoded"
_TAKEN = frozenset({"", "text/plain", "text/json", _FORM, "application/octet-stream"})
_DEEPEST = 16


class ParcelError(Exception):
    """A request whose contents cannot be taken; `status` is the HTTP answer that says why."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"HTTP status {status}")


def unpack(body: bytes, content_type: str) -> tuple[str, ...]:
    """Return the texts in the body of a request, in order; they may still be tangled.

    What begins like JSON is read as JSON whatever the type says, for handhelds often say nothing
    or the wrong thing. From an object the most telling name counts, and everything below it; an
    object without any such name is searched.

    Raises:
        ParcelError: 415 for another type of contents, 400 for what does not follow its type or
            lies too deep, 413 for more than `MOST_TEXTS` texts.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text = decoded(body).strip()
    if text[:1] in ("{", "[", '"') or "json" in kind:
        found = [one for document in _documents(text) for one in _texts(document, 0)]
    elif kind not in _TAKEN:
        raise ParcelError(415)
    elif kind == _FORM:
        found = list(_from_form(text))
    else:
        found = [text]
    found = [one for one in found if one.strip()]
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


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ParcelError(400)
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        named = _named(value)
        inside = [value[named]] if named is not None else list(value.values())
        for item in inside:
            # A text under a name that says nothing is a time, a device, an antenna.
            if named is not None or not isinstance(item, str):
                yield from _texts(item, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool) and depth:
        yield from _number(value)


def _number(value: int) -> Iterator[str]:
    """A barcode that a program wrote as a number; small ones are counts and strengths."""
    if 10**7 <= value < 10**40:
        yield str(value)


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
