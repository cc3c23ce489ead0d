"""A genuine tag whose text was changed is told from one that was made up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.identity import (
    CLASSES,
    CROCKFORD,
    ISSUES,
    TagKeys,
    asset_id,
    damaged_class,
    genuine_class,
    is_altered,
    make_payload,
    parse_payload,
    short_form,
)

KEYS = TagKeys({"0": bytes(range(32)), "1": bytes(range(1, 33))})
STRANGER = TagKeys({"0": bytes(range(2, 34))})
ids = st.integers(0, (1 << 40) - 1).map(asset_id).filter(bool).map(str)
letters = st.sampled_from(sorted(CLASSES))
issues = st.integers(1, ISSUES)


def signed(keys: TagKeys, asset: str, issue: int, letter: str) -> str:
    return make_payload(keys, key="0", asset=asset, issue=issue, host="x.example", tag_class=letter)


@given(ids, issues, issues, letters, letters)
def test_another_issue_or_class_on_our_signature_is_altered(
    asset: str, issue: int, said: int, letter: str, claimed: str
) -> None:
    payload = parse_payload(signed(KEYS, asset, issue, letter))
    assert is_altered(KEYS, replace(payload, issue=said, tag_class=claimed))


@given(ids, ids, issues, letters)
def test_a_signature_that_is_not_ours_is_not_altered(
    asset: str, other: str, issue: int, letter: str
) -> None:
    assert not is_altered(KEYS, parse_payload(signed(STRANGER, asset, issue, letter)))
    if other != asset:
        payload = parse_payload(signed(KEYS, asset, issue, letter))
        assert not is_altered(KEYS, replace(payload, subject=other))
        assert not is_altered(KEYS, replace(payload, key="9"))


@given(ids, issues, letters)
def test_a_short_form_gets_the_class_it_was_signed_for(asset: str, issue: int, letter: str) -> None:
    whole = parse_payload(signed(KEYS, asset, issue, letter))
    short = parse_payload(short_form(signed(KEYS, asset, issue, letter)))
    assert short.tag_class == "A"
    assert genuine_class(KEYS, short) == whole
    strange = parse_payload(short_form(signed(STRANGER, asset, issue, letter)))
    assert genuine_class(KEYS, strange) == strange


@given(ids, issues, letters, st.integers(0, 9), st.sampled_from(CROCKFORD))
def test_a_damaged_id_is_seen_as_damage_and_not_as_a_stranger(
    asset: str, issue: int, letter: str, place: int, character: str
) -> None:
    text = signed(KEYS, asset, issue, letter)
    assert damaged_class(text) is None
    changed = asset[:place] + character + asset[place + 1 :]
    if changed != asset:
        assert damaged_class(text.replace(asset, changed)) == letter


@given(st.text(max_size=60))
def test_other_texts_are_no_damaged_tags(text: str) -> None:
    assert damaged_class(text) is None or "/" in text


def test_what_only_looks_alike_is_foreign() -> None:
    for text in ("HTTPS://X.EXAMPLE/A/ABC", "https://example.com/a/b.html", "ABCDEFGHIJ.PDF",
                 "https://x.example/Q/K7M29QXD4F.01ABCDEFGHJKMNPQRS"):  # fmt: skip
        assert damaged_class(text) is None
