"""Which asset is meant: an id, an alias, a tag's text or radio number becomes an asset id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.identity import Payload, TagKeys, display_id, parse_payload, verify_payload
from assetctl.errors import AssetAmbiguousError, AssetNotFoundError, EpcError, PayloadForeignError
from assetctl.store.tables import alias, asset, head

if TYPE_CHECKING:
    from assetctl.domain.epc.classify import Meaning

_CHUNK = 500
_SAMPLE = 2000
_NUMBER = re.compile(r"\s*[0-9A-Fa-f][0-9A-Fa-f ]{7,}\s*")


def resolve(
    connection: Connection,
    references: Sequence[str],
    *,
    keys: TagKeys | None = None,
    prefix: str = "",
) -> list[str]:
    """Return the asset ids of references, in their order, each once.

    A reference is an id in any spelling, a tag's payload, an alias of any scheme, or the number of
    a radio tag in hexadecimal, of any length. A signed payload is believed only if its signature
    is right; without `keys` it is not looked at. A number goes first by the tag that is bound
    with it, then by what it says: the id in a `private96`, a GIAI or GRAI that is an alias, a
    GIAI under the office's own GS1 company `prefix`, a text or number typed into the tag.

    Raises:
        AssetNotFoundError, AssetAmbiguousError: no asset, or several, answer to a reference.
        PayloadForgedError, PayloadKeyError: a payload's signature is wrong or cannot be checked.
    """
    meant = [_meaning(reference, keys) for reference in references]
    known = _existing(connection, [text for text, _ in meant])
    texts = dict.fromkeys(part for pair in meant for part in (*pair, pair[1].upper()))
    by_alias = _aliased(connection, list(texts))
    by_reference: dict[str, set[str]] = {}
    for (text, raw), reference in zip(meant, references, strict=True):
        owners = by_alias.get(raw, set()) | by_alias.get(text, set())
        owners |= by_alias.get(f"epc:{raw.upper()}", set())
        by_reference[reference] = {text} if text in known else owners
    unknown = [reference for reference, owners in by_reference.items() if not owners]
    by_reference |= _by_number(connection, unknown, prefix)
    found: dict[str, None] = {}
    for (text, _), reference in zip(meant, references, strict=True):
        owners = by_reference[reference]
        if len(owners) > 1:
            raise AssetAmbiguousError(
                reference=reference, candidates=", ".join(display_id(one) for one in sorted(owners))
            )
        if not owners:
            raise AssetNotFoundError(reference=reference, nearest=_nearest(connection, text))
        found |= dict.fromkeys(owners)
    return list(found)


def find_tagged(connection: Connection, payload: Payload) -> str | None:
    """Return the asset that a payload's id belongs to, directly or through a bound blank tag."""
    if payload.tag_class != "A":
        return None
    if not payload.scheme and _existing(connection, [payload.subject]):
        return payload.subject
    scheme = payload.scheme or "tag"
    wanted = sa.select(alias.c.asset_id).where(
        alias.c.value == payload.subject, alias.c.scheme == scheme
    )
    return connection.execute(wanted).scalar()


def _meaning(reference: str, keys: TagKeys | None) -> tuple[str, str]:
    raw = reference.strip()
    try:
        payload = parse_payload(raw)
    except PayloadForeignError:
        return raw, raw
    if payload.tag_class != "A":
        return raw, raw  # the tag of a place, a box, a person: no asset answers to it
    if payload.is_signed and keys is not None:
        verify_payload(keys, payload)
    return payload.subject, raw


def _by_number(
    connection: Connection, references: Sequence[str], prefix: str
) -> dict[str, set[str]]:
    """Return whom numbers of radio tags mean by what they say; those that say nothing are empty."""
    if not any(_NUMBER.fullmatch(reference) for reference in references):
        return {}
    # Only now: the schemes take longer to load than most commands to run.
    from assetctl.domain.epc.classify import classify

    said: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for reference in filter(_NUMBER.fullmatch, references):
        with suppress(EpcError):
            meaning = classify(reference.strip())
            said[reference] = _ids_in(meaning, prefix), _names_in(meaning)
    known = _existing(connection, [one for ids, _ in said.values() for one in ids])
    by_alias = _aliased(connection, [one for _, names in said.values() for one in names])
    found: dict[str, set[str]] = {one: set() for one in references}
    for reference, (ids, names) in said.items():
        owners = set().union(*(by_alias.get(name, set()) for name in names))
        found[reference] = owners or known.intersection(ids)
    return found


def _ids_in(meaning: Meaning, prefix: str) -> tuple[str, ...]:
    """Return the ids that a number says or may say."""
    if meaning.asset_id:
        return (meaning.asset_id,)
    if meaning.epc and (giai := dict(meaning.epc.elements).get("8004")):
        from assetctl.domain.epc.numbering import assets_of

        return assets_of(giai, prefix)
    return (_meaning(meaning.text, None)[0],) if meaning.text else ()


def _names_in(meaning: Meaning) -> tuple[str, ...]:
    """Return the aliases that a number may stand for, as `_aliased` knows them."""
    names = [meaning.digits, f"epc:{meaning.digits}", meaning.text]
    if meaning.epc:
        elements = dict(meaning.epc.elements)
        names += [elements.get("8004") or elements.get("8003") or ""]
        names += [".".join(meaning.epc.values)] if meaning.epc.prefix else []
    return tuple(name for name in names if name)


def _existing(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        wanted = sa.select(asset.c.asset_id).where(asset.c.asset_id.in_(chunk))
        here = set(connection.execute(wanted).scalars())
        rest = [f"asset:{one}" for one in chunk if one not in here]
        if rest:
            # A row that was taken out of the table still has its history, to trace and verify.
            kept = sa.select(head.c.subject).where(head.c.subject.in_(rest))
            here |= {subject[6:] for subject in connection.execute(kept).scalars()}
        found |= here
    return found


def _aliased(connection: Connection, values: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for start in range(0, len(values), _CHUNK):
        wanted = sa.select(alias.c.scheme, alias.c.value, alias.c.asset_id).where(
            alias.c.value.in_(values[start : start + _CHUNK])
        )
        for scheme, value, asset_id in connection.execute(wanted):
            # Hex is hex in either case; all other codes are taken as they are written.
            found.setdefault(f"epc:{value}" if scheme == "epc" else value, set()).add(asset_id)
    return found


def _nearest(connection: Connection, text: str) -> str:
    """Return up to three ids or aliases that look like `text`."""
    start = text[:2].upper()
    columns = ((asset.c.asset_id, start), (alias.c.value, text[:2]))
    candidates: list[str] = []
    for column, prefix in columns:
        alike = sa.select(column).where(column.startswith(prefix, autoescape=True)).limit(_SAMPLE)
        candidates += connection.execute(alike).scalars()
    return ", ".join(get_close_matches(text.upper(), candidates, n=3, cutoff=0.6)) or "-"
