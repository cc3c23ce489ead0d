"""The bytes of history: canonical entries, their leaf hashes, and the chain of one subject.

An entry is canonical JSON (RFC 8785 in a narrower profile: keys `[a-z_][a-z0-9_]*`, no floats,
integers up to 2^53-1, strings in NFC, at most 65,535 bytes). Its hash is the leaf hash of RFC 6962,
`SHA-256(0x00 || entry)`, and `p` in the next entry of the same subject names it. The stored bytes
are what is hashed; verification never writes them anew except to check that they are canonical.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unicodedata import is_normalized

from assetctl.errors import CanonicalError, HistoryBrokenError
from assetctl.i18n import N_, Phrase

EVENT = "assetctl/event@1"
GENESIS = "assetctl/genesis@1"
MAX_ENTRY = 65_535
"""Longest entry in bytes: the length prefix of a C2SP entry bundle has 16 bits."""

_LEAF_PREFIX = b"\x00"
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_MAX_INTEGER = 2**53 - 1
_KEYS_REMEMBERED = 10_000
_KEY = re.compile(r"[a-z_][a-z0-9_]*")
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def _reference_writer(value: Any) -> bytes:
    return _encode(value).encode("utf-8")


@cache
def _writer() -> Callable[[Any], bytes]:
    """Return the fastest writer at hand; a differential test holds it to the reference."""
    try:
        import orjson
    except ImportError:
        return _reference_writer
    dumps, option = orjson.dumps, orjson.OPT_SORT_KEYS
    return lambda value: dumps(value, option=option)


@cache
def reader() -> Callable[[bytes], Any]:
    """Return the fastest reader at hand; what it makes of bytes is written anew and compared."""
    try:
        import orjson
    except ImportError:
        return json.loads
    loads: Callable[[bytes], Any] = orjson.loads
    return loads


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The end of a subject's chain: the number and leaf of its newest entry."""

    seq: int
    leaf: bytes


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of an entry.

    Raises:
        CanonicalError: something in it is outside the profile, or it is too long.
    """
    _check(value, "")
    try:
        data = _writer()(value)
    except (UnicodeError, TypeError, ValueError) as error:
        raise CanonicalError(reason=str(error)) from error
    if len(data) > MAX_ENTRY:
        wrong = N_("it has {count} bytes, more than {limit}")
        raise CanonicalError(reason=Phrase(wrong, count=len(data), limit=MAX_ENTRY))
    return data


def written(value: Any) -> str:
    """Return a value as entries write it, for a column that repeats a part of one.

    It was checked where it was made an entry.
    """
    return _writer()(value).decode("utf-8")


def leaf_hash(entry: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of an entry's bytes (32 bytes)."""
    return hashlib.sha256(_LEAF_PREFIX + entry).digest()


def b64(raw: bytes) -> str:
    """Return `raw` in base64url without padding: 43 characters for a hash."""
    return binascii.b2a_base64(raw, newline=False).translate(_URLSAFE).rstrip(b"=").decode("ascii")


def genesis_entry(*, origin: str, nonce: bytes, vkey: str) -> bytes:
    """Return the bytes of a log's first entry, which every subject's first entry points to."""
    return canonical(
        {"_": GENESIS, "hash": "sha256", "log": origin, "nonce": b64(nonce), "vkey": vkey}
    )


def instant(moment: datetime) -> str:
    """Return a moment as history writes it: UTC, microseconds, `Z`.

    Raises:
        CanonicalError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise CanonicalError(reason="a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def parse_instant(text: str) -> datetime:
    """Return the moment that history wrote as `text`."""
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)


def disclosure(salt: bytes, path: str, value: str) -> str:
    """Return a disclosure of RFC 9901: base64url of the JSON array `[salt, path, value]`."""
    array = json.dumps([b64(salt), path, value], ensure_ascii=False)
    return b64(array.encode("utf-8"))


def disclosure_digest(text: str) -> str:
    """Return the digest that stands in an entry's `sd` for a disclosure (RFC 9901, 4.2.3)."""
    return b64(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def open_disclosure(text: str) -> tuple[str, str]:
    """Return path and value of a disclosure.

    Raises:
        CanonicalError: it is not a disclosure.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        _salt, path, value = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, RecursionError) as error:
        reason = Phrase(N_("a disclosure that cannot be read ({error})"), error=error)
        raise CanonicalError(reason=reason) from error
    return str(path), str(value)


def read_entry(subject: str, seq: int, entry: bytes) -> dict[str, Any]:
    """Return the fields of a stored entry as they stand there; `parse_entry` checks them too.

    Raises:
        HistoryBrokenError: the bytes are not JSON, or no object.
    """
    try:
        fields = reader()(entry)
        if not isinstance(fields, dict):
            raise CanonicalError(reason=Phrase(N_("no object")))
    except (ValueError, CanonicalError, TypeError, RecursionError) as error:
        raise _unreadable(subject, seq, error) from error
    return fields


def parse_entry(subject: str, seq: int, entry: bytes) -> dict[str, Any]:
    """Return the fields of a stored entry after checking that its bytes are canonical.

    Raises:
        HistoryBrokenError: the bytes are not canonical JSON of our profile.
    """
    fields = read_entry(subject, seq, entry)
    try:
        again = canonical(fields)
    except (ValueError, CanonicalError, TypeError, RecursionError) as error:
        raise _unreadable(subject, seq, error) from error
    if again != entry:
        raise HistoryBrokenError(
            subject=subject, seq=seq, problem="its bytes are not canonical",
            expected=again.decode()[:120], got=entry.decode("utf-8", "replace")[:120],
        )  # fmt: skip
    return fields


def _unreadable(subject: str, seq: int, error: Exception) -> HistoryBrokenError:
    got = str(error)
    if isinstance(error, CanonicalError):
        got = Phrase(error.template, **error.facts)
    return HistoryBrokenError(
        subject=subject, seq=seq, problem="its bytes cannot be read",
        expected=Phrase(N_("canonical JSON")), got=got,
    )  # fmt: skip


def check_link(subject: str, before: Link, fields: Mapping[str, Any]) -> None:
    """Check that an entry follows the one before it in its subject's chain.

    Raises:
        HistoryBrokenError: wrong subject, wrong number, or it points to another entry.
    """
    seq = before.seq + 1
    wanted = (subject, seq, b64(before.leaf))
    if (fields.get("subject"), fields.get("n"), fields.get("p")) == wanted:
        return
    for key, expected in zip(("subject", "n", "p"), wanted, strict=True):
        if fields.get(key) != expected:
            raise HistoryBrokenError(
                subject=subject, seq=seq, expected=expected, got=fields.get(key),
                problem=Phrase(N_("its field {name} does not fit the chain"), name=key),
            )  # fmt: skip


def are_keys(keys: tuple[str, ...]) -> bool:
    """Return whether all of these may be keys of an object in an entry."""
    if keys not in _known_keys:
        try:
            _check_keys(keys, "")
        except CanonicalError:
            return False
    return True


def _check(value: Any, path: str) -> None:
    """Check types, numbers, keys and texts; objects of texts, the most common, without a call."""
    if type(value) is not dict:
        _check_plain(value, path)
        return
    keys = tuple(value)
    if keys not in _known_keys:
        _check_keys(keys, path)
    for key, inner in value.items():
        if type(inner) is not str:
            _check(inner, f"{path}.{key}")
        elif not (inner.isascii() or is_normalized("NFC", inner)):
            raise CanonicalError(reason="a text is not in NFC")


def _check_plain(value: Any, path: str) -> None:
    kind = type(value)
    if kind is list or kind is tuple:
        if set(map(type, value)) == _TEXTS and "".join(value).isascii():
            return
        for index, inner in enumerate(value):
            _check(inner, f"{path}[{index}]")
    elif kind is str:
        if not is_normalized("NFC", value):
            raise CanonicalError(reason="a text is not in NFC")
    elif kind is int:
        if not -_MAX_INTEGER <= value <= _MAX_INTEGER:
            raise CanonicalError(reason=Phrase(N_("{path} is beyond 2^53-1"), path=path))
    elif kind is not bool and value is not None:
        wrong = N_("{path} is a {type}")
        raise CanonicalError(reason=Phrase(wrong, path=path, type=kind.__name__))


_TEXTS = {str}
_known_keys: set[tuple[str, ...]] = set()


def _check_keys(keys: tuple[Any, ...], path: str) -> None:
    for key in keys:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            place = path or Phrase(N_("the entry"))
            wrong = N_("the key {key!r} in {path}")
            raise CanonicalError(reason=Phrase(wrong, key=key, path=place))
    if len(_known_keys) < _KEYS_REMEMBERED:
        _known_keys.add(keys)
