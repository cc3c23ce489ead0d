"""What a text that arrived at a desk stands for: a thing, a place, a person or a command.

With the register it is judged by signature and by what the register says; without it by signature
alone, and places and people are known only as far as the station has met them before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.commands import command_of
from assetctl.domain.identity import (
    CLASSES,
    Payload,
    TagKeys,
    genuine_class,
    parse_payload,
    verify_payload,
)
from assetctl.domain.session import Mode, Seen
from assetctl.errors import (
    AssetAmbiguousError,
    AssetNotFoundError,
    PayloadForeignError,
    PayloadForgedError,
    PayloadKeyError,
)
from assetctl.reads.parties import find_party, find_place, names_of
from assetctl.reads.resolve import resolve
from assetctl.reads.tags import Verdict, judge
from assetctl.store.tables import asset

LONGEST = 300
"""Characters of a text that are looked at; an Ed25519 payload has about 140."""

UNKNOWN_OFFLINE = "session.unknown_offline"

_NAMED = {"to": "staff", "place": "place"}
_WITH_VALUE = ("condition", "quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A text that arrived: when, as which arrival, in which mode of the session.

    With `unsigned` bare ids and numbers of a thing count too: somebody typed them. `prefix` is the
    office's own GS1 company prefix, under which a radio number spells the id of a thing.
    """

    text: str
    at: str
    arrival: int = -1
    mode: Mode = Mode.SHOW
    unsigned: bool = False
    prefix: str = ""


def look(connection: Connection, keys: TagKeys, sighting: Sighting) -> Seen:
    """Return what a text stands for, as the register knows it."""
    text = sighting.text
    if text.startswith("!"):
        return _typed(connection, sighting)
    verdict = judge(connection, keys, text)
    kind = verdict.kind
    if kind is None:
        return _plain_code(connection, sighting)
    reason = _reason(verdict, unsigned=sighting.unsigned)
    if kind == "asset":
        code = verdict.asset_id or _subject(text) or text
        return _facts(connection, _seen(sighting, kind, code, reason=reason))
    if kind not in ("place", "staff", "command"):
        return _seen(sighting, "other", text, reason=reason or f"session.no_{kind}_here")
    seen = _seen(sighting, kind, verdict.code or text, reason=reason, tag=_subject(text))
    return seen if kind == "command" or reason else _with_name(connection, seen)


def look_alone(keys: TagKeys, known: Mapping[str, tuple[str, str]], sighting: Sighting) -> Seen:
    """Return what a text stands for when the register cannot be asked.

    `known` says what the tags and codes stood for that this station has met before.
    """
    text = sighting.text
    if text.startswith("!"):
        return _typed(None, sighting)
    try:
        payload = parse_payload(text)
    except PayloadForeignError:
        kind, code = known.get(text, ("other", text))
        reason = UNKNOWN_OFFLINE if kind == "other" else None
        return _seen(sighting, kind, code, reason=reason, tag=text)
    if "/" not in text:
        payload = genuine_class(keys, payload)
    kind = CLASSES[payload.tag_class]
    reason = _unproven(keys, payload, unsigned=sighting.unsigned)
    if kind == "asset":
        return _seen(sighting, kind, payload.subject, reason=reason)
    command = command_of(payload.subject) if kind == "command" else None
    if command is not None:
        return _seen(sighting, kind, command.name, reason=reason)
    kind, code = known.get(payload.subject, (kind, text))
    if payload.subject not in known:
        reason = reason or UNKNOWN_OFFLINE
    return _seen(sighting, kind, code, reason=reason, tag=payload.subject)


def clean(text: str) -> str:
    """Return a text as it may be looked at: no blanks around it, nothing that is no text."""
    whole = text.strip()[:LONGEST].encode("utf-8", "backslashreplace").decode("utf-8")
    return whole.replace("\0", "")


# --- what people type ----------------------------------------------------------------------


def _typed(connection: Connection | None, sighting: Sighting) -> Seen:
    """`!checkout`, `!commit` …, and what has a value: `!to 0002`, `!place W1`, `!quantity 25`."""
    name, _, code = sighting.text[1:].partition(" ")
    kind, code = _NAMED.get(name.lower()), code.strip()
    if name.lower() in _WITH_VALUE and code:
        return _seen(sighting, "command", f"{name}.{code}".lower())
    if kind is None or not code:
        return _seen(sighting, "command", sighting.text[1:].strip().lower())
    if connection is None:
        return _seen(sighting, kind, code, tag=code)
    is_there = find_party(connection, code) if kind == "staff" else find_place(connection, code)
    if is_there is None:
        missing = "party.not_found" if kind == "staff" else "place.not_found"
        return _seen(sighting, kind, code, reason=missing)
    return _with_name(connection, _seen(sighting, kind, code, tag=code))


def _plain_code(connection: Connection, sighting: Sighting) -> Seen:
    """A text that is no tag of ours: the code of a party or place, or a number of a thing."""
    text = sighting.text
    kinds = {
        "staff": find_party(connection, text) is not None,
        "place": find_place(connection, text) is not None,
    }
    people_first = sighting.mode in (Mode.CHECKOUT, Mode.SHOW)
    for kind in ("staff", "place") if people_first else ("place", "staff"):
        if kinds[kind]:
            return _with_name(connection, _seen(sighting, kind, text, tag=text))
    if sighting.unsigned:
        try:
            (asset_id,) = resolve(connection, [text], prefix=sighting.prefix)
        except (AssetNotFoundError, AssetAmbiguousError) as error:
            return _seen(sighting, "other", text, reason=error.code)
        return _facts(connection, _seen(sighting, "asset", asset_id))
    return _seen(sighting, "other", text, reason="payload.foreign")


# --- what a verdict says -------------------------------------------------------------------


def _reason(verdict: Verdict, *, unsigned: bool) -> str | None:
    """Return the code of why a tag does not count, None if it does."""
    if verdict.counts or (unsigned and verdict.reason == "payload.unsigned"):
        return None
    return verdict.reason or f"tag.{verdict.tag_state or verdict.verdict}"


def _subject(text: str) -> str | None:
    try:
        return parse_payload(text).subject
    except PayloadForeignError:
        return None


def _unproven(keys: TagKeys, payload: Payload, *, unsigned: bool) -> str | None:
    if not payload.is_signed:
        return None if unsigned and not payload.scheme else "payload.unsigned"
    try:
        verify_payload(keys, payload)
    except (PayloadForgedError, PayloadKeyError) as error:
        return error.code
    return None


def _facts(connection: Connection, seen: Seen) -> Seen:
    """Return a thing with what the register says of it."""
    wanted = sa.select(asset.c.name, asset.c.state, asset.c.holder, asset.c.place).where(
        asset.c.asset_id == seen.code
    )
    row = connection.execute(wanted).first()
    if row is None:
        return replace(seen, reason=seen.reason or "asset.not_found")
    return replace(seen, name=row.name, state=row.state, holder=row.holder, place=row.place)


def _with_name(connection: Connection, seen: Seen) -> Seen:
    return replace(seen, name=names_of(connection, [seen.code]).get(seen.code))


def _seen(
    sighting: Sighting, kind: str, code: str, *, reason: str | None = None, tag: str | None = None
) -> Seen:  # fmt: skip
    return Seen(
        kind=kind, code=code, at=sighting.at, arrival=sighting.arrival, reason=reason, tag=tag
    )  # fmt: skip
