"""Events survive the way into the history and back; so do ids and payloads."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain import chain, projection
from assetctl.domain.events import EVENTS, Event, from_plain, to_plain
from assetctl.domain.identity import (
    CLASSES,
    CROCKFORD,
    TagKeys,
    asset_id,
    display_id,
    make_payload,
    parse_asset_id,
    parse_payload,
    short_form,
    verify_payload,
)
from assetctl.domain.projection import When
from assetctl.domain.stocktake import Line
from assetctl.errors import AssetctlError, PayloadForeignError

MAX = 2**53 - 1
texts = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: unicodedata.is_normalized("NFC", text))
)
keys = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


FORMS: dict[str, Any] = {
    "total": "1.00", "lines": [{"name": "1", "class": "1", "value": "1.00", "assets": ["1"]}],
    "finds": [{"name": "1"}],
}  # fmt: skip
"""Fields of documents whose texts must have a form."""


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return the values that a field of this type may have."""
    if isinstance(hint, types.UnionType):
        return st.one_of(*map(values, typing.get_args(hint)))
    if typing.get_origin(hint) is list:
        return st.lists(values(typing.get_args(hint)[0]), min_size=1, max_size=3)
    if typing.get_origin(hint) is dict:
        return st.dictionaries(keys, texts, min_size=1, max_size=4)
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: texts, int: st.integers(-MAX, MAX), type(None): st.none(),
    }  # fmt: skip
    return known[hint]


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Return every event of a kind, those included whose optional fields say nothing."""
    hints = typing.get_type_hints(kind)
    must: dict[str, st.SearchStrategy[Any]] = {}
    may: dict[str, st.SearchStrategy[Any]] = {}
    for field in dataclasses.fields(kind):
        has_default = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        (may if has_default else must)[field.name] = values(hints[field.name])
    return st.fixed_dictionaries(must, optional=may).map(lambda facts: kind(**facts))


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_event_survives_the_way_through_the_bytes(kind: type[Event]) -> None:
    @given(events_of(kind))
    def check(event: Event) -> None:
        plain = to_plain(event)
        assert from_plain(kind.kind, plain) == event
        entry = chain.canonical(plain)
        read = chain.parse_entry("s", 1, entry)
        assert from_plain(kind.kind, read) == event
        assert chain.canonical(to_plain(from_plain(kind.kind, read))) == entry

    check()


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_event_means_something_for_the_tables(kind: type[Event]) -> None:
    # Only the texts of card fields are of a certain form; events that hold a card are left plain.
    plain = {name: 1 if hint is int else "1" for name, hint in needed(kind).items()}
    plain |= dict.fromkeys(plain.keys() & {"total", "price"}, "1.00")
    lines = [{"name": "1", "class": "1", "assets": ["1"]}]
    filled_lines = dict.fromkeys(plain.keys() & {"lines"}, lines)
    filled: dict[str, Any] = {
        name: {"name": "1"} if name in ("before", "after") else v for name, v in plain.items()
    } | filled_lines
    if "erased" in filled:  # texts leave the tables by replay; a file leaves its mark there
        filled["erased"] = [{"event_id": "1", "path": "sha256", "digest": "1"}]
    filled |= {name: form for name, form in FORMS.items() if name in filled}
    if kind.kind.startswith("stocktake.") and "lines" in filled:
        filled["lines"] = [["1"] * len(dataclasses.fields(Line))]
    event = kind(**filled)
    changes = projection.changes("asset:X/Y", event, When(at="t1", rec="t2"))
    # What is said of the log as a whole changes no row of it.
    assert bool(changes) != kind.kind.startswith("log.")
    for change in changes:
        assert set(projection.KEYS[change.table]) <= change.row.keys()


def needed(kind: type[Event]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {
        field.name: hints[field.name]
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_what_is_personal_is_an_optional_text(kind: type[Event]) -> None:
    hints = typing.get_type_hints(kind)
    for name in kind.personal:
        assert hints[name] == str | None, "what has been erased must read as not said"
        assert name not in needed(kind)


@given(st.dictionaries(keys, st.recursive(
    st.none() | st.booleans() | st.integers(-MAX, MAX) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
), max_size=6))  # fmt: skip
def test_documents_survive_and_have_one_form(document: dict[str, Any]) -> None:
    entry = chain.canonical(document)
    assert chain.parse_entry("s", 1, entry) == document
    assert json.loads(entry) == document
    assert chain.canonical(dict(reversed(document.items()))) == entry


@given(st.binary(max_size=200))
def test_any_bytes_are_canonical_or_break_the_history(entry: bytes) -> None:
    try:
        fields = chain.parse_entry("s", 1, entry)
    except AssetctlError:
        return
    assert chain.canonical(fields) == entry


@given(texts, texts, st.binary(min_size=32, max_size=32))
def test_disclosures_survive(path: str, value: str, salt: bytes) -> None:
    assert chain.open_disclosure(chain.disclosure(salt, path, value)) == (path, value)


# --- ids and payloads -------------------------------------------------------------------------

serials = st.integers(0, 2**40 - 1)
assets = serials.map(asset_id).filter(bool).map(str)
KEYS = TagKeys(
    {str(digit): bytes([digit] * 32) for digit in range(10)},
    signers={"K": bytes(32)},
    verifiers={"K": bytes.fromhex(
        "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"  # RFC 8032, of 32 zeros
    )},
)  # fmt: skip


@given(serials)
def test_an_id_tells_its_serial(serial: int) -> None:
    made = asset_id(serial)
    if made is None:
        return
    told = 0
    for character in made[:8]:
        told = told * 32 + CROCKFORD.index(character)
    assert told == serial
    assert parse_asset_id(made) == made


@given(assets, st.randoms(use_true_random=False))
def test_an_id_is_read_however_it_is_written(asset: str, drawn: Any) -> None:
    look_alikes = {"0": "0oO", "1": "1iIlL"}
    written = "".join(
        drawn.choice(look_alikes.get(character, character + character.lower()))
        + drawn.choice(["", "", "-", " "])
        for character in display_id(asset)
    )
    assert parse_asset_id(written) == asset


@given(
    assets,
    st.sampled_from("0123456789K"),
    st.integers(1, 31),
    st.sampled_from(sorted(CLASSES)),
    st.from_regex(r"[a-z0-9.-]{1,21}", fullmatch=True),
)
def test_a_payload_tells_what_was_put_in(
    asset: str, key: str, issue: int, tag_class: str, host: str
) -> None:
    text = make_payload(KEYS, key=key, asset=asset, issue=issue, host=host, tag_class=tag_class)
    payload = parse_payload(text)
    assert (payload.subject, payload.key, payload.issue) == (asset, key, issue)
    assert (payload.tag_class, payload.scheme) == (tag_class, "")
    verify_payload(KEYS, payload)
    if tag_class == "A":
        assert parse_payload(short_form(text)) == payload


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_read_or_is_foreign(text: str) -> None:
    try:
        payload = parse_payload(text)
    except PayloadForeignError:
        return
    assert payload.subject
    assert payload.subject.isascii()
