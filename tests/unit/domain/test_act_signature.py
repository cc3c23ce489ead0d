"""Signatures over acts: the exact bytes, and every way in which one does not hold or count."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.act_signature import Signatory, check_act, doubt, sign_act, signed_bytes
from assetctl.domain.request import Signing, Stamp
from assetctl.errors import HistoryBrokenError, SignatureRequiredError

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NOON = "2026-11-24T12:00:00.000000Z"
KEY = Signatory(
    code="op-1", purpose="operator", algorithm="ed25519", party="P1",
    public=SECRET.public_key().public_bytes_raw().hex(), created="2026-11-24T08:00:00.000000Z",
)  # fmt: skip
Change = Callable[[dict[str, Any]], object]


def unsigned() -> dict[str, Any]:
    return {
        "_": "assetctl/event@1", "actor": "P1", "at": NOON, "data": {"to": "仓"}, "id": "0" * 32,
        "kind": "asset.moved", "n": 3, "p": "A" * 43, "rec": NOON, "req": "r", "st": "desk",
        "subject": "asset:K7M29QXD4F",
    }  # fmt: skip


def stamp(**more: Any) -> Stamp:
    facts: dict[str, Any] = {
        "actor": "P1", "at": NOON, "rec": NOON, "request_id": "r", "station": "desk",
        "new_id": lambda: "0" * 32, "new_salt": lambda: bytes(32),
    }  # fmt: skip
    return Stamp(**facts | more)


def signed(key: Ed25519PrivateKey = SECRET, **changed: Any) -> dict[str, Any]:
    fields = unsigned() | changed
    sign_act(fields, stamp(signing=Signing(by="op-1", purpose="operator", sign=key.sign)))
    return fields


def test_the_bytes_that_are_signed_are_those_of_the_rule() -> None:
    fields = signed()
    expected = (
        'assetctl/act@1\n{"_":"assetctl/event@1","actor":"P1",'
        '"at":"2026-11-24T12:00:00.000000Z","by":"op-1","data":{"to":"仓"},'
        '"id":"00000000000000000000000000000000","kind":"asset.moved","req":"r","st":"desk",'
        '"subject":"asset:K7M29QXD4F"}'
    ).encode()
    assert signed_bytes(fields) == expected
    assert len(fields["sig"]) == 86
    raw = base64.urlsafe_b64decode(fields["sig"] + "==")
    SECRET.public_key().verify(raw, expected)
    assert list(fields)[-2:] == ["by", "sig"]


@pytest.mark.parametrize("name", ["n", "p", "rec"])
def test_what_only_the_register_knows_is_not_signed(name: str) -> None:
    check_act(signed() | {name: NOON}, KEY)


CHANGES: dict[str, Change] = {
    "another actor on whose behalf": lambda f: f.update({"for": "P9"}),
    "another time": lambda f: f.update(at="2026-11-24T12:00:00.000001Z"),
    "another deed": lambda f: f["data"].update(to="家"),
    "another entry": lambda f: f.update(id="1" * 32),
    "another kind": lambda f: f.update(kind="asset.found"),
    "another request": lambda f: f.update(req="s"),
    "another station": lambda f: f.update(st="gate"),
    "another asset": lambda f: f.update(subject="asset:0000000000"),
    "a digest more": lambda f: f.update(sd=["A" * 43]),
    "no signature": lambda f: f.pop("sig"),
    "an empty signature": lambda f: f.update(sig=""),
    "a number for a signature": lambda f: f.update(sig=7),
    "a signature with padding": lambda f: f.update(sig=f["sig"] + "=="),
    "a signature in the other alphabet": lambda f: f.update(
        sig=base64.b64encode(base64.urlsafe_b64decode(f["sig"] + "==")).decode().rstrip("=")[:85]
        + "+"
    ),
    "bits behind the signature": lambda f: f.update(sig=f["sig"][:-1] + "B"),
    "one bit": lambda f: f.update(sig=("B" if f["sig"][0] == "A" else "A") + f["sig"][1:]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_signature_holds_for_its_entry_alone(change: str) -> None:
    fields = json.loads(json.dumps(signed()))
    check_act(fields, KEY)
    CHANGES[change](fields)
    with pytest.raises(HistoryBrokenError) as caught:
        check_act(fields, KEY)
    assert caught.value.facts["problem"] == "its signature does not hold"
    where = (caught.value.facts["subject"], caught.value.facts["seq"])
    assert where == (fields["subject"], fields["n"])


def test_another_key_under_the_same_name_has_not_signed_it() -> None:
    with pytest.raises(HistoryBrokenError, match="does not hold"):
        check_act(signed(OTHER), KEY)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "no key for acts"),
        (replace(KEY, purpose="log"), "no key for acts"),
        (replace(KEY, algorithm="hmac-sha256-80"), "no key for acts"),
        (replace(KEY, party="P2"), "somebody else's key"),
        (replace(KEY, purpose="station", party="gate"), "somebody else's key"),
        (replace(KEY, created="2026-11-24T12:00:00.000001Z"), "not made yet"),
        (replace(KEY, public="zz"), "does not hold"),
        (replace(KEY, public="00"), "does not hold"),
    ],
)
def test_a_key_signs_only_for_whom_and_when_it_may(key: Signatory | None, problem: str) -> None:
    with pytest.raises(HistoryBrokenError, match=problem):
        check_act(signed(), key)


def test_a_key_of_the_station_signs_for_whoever_acts_there() -> None:
    key = replace(KEY, purpose="station", party="desk")
    assert check_act(signed(actor="P7"), key) is key


@pytest.mark.parametrize(
    ("at", "rec", "counts"),
    [
        ("2026-11-24T09:00:00.000000Z", "2026-11-24T10:59:59.999999Z", True),
        ("2026-11-24T09:59:59.999999Z", "2026-11-24T10:59:59.999999Z", True),
        ("2026-11-24T10:00:00.000000Z", "2026-11-24T10:30:00.000000Z", False),
        ("2026-11-24T09:00:00.000000Z", "2026-11-24T11:00:00.000000Z", False),
        ("2026-11-24T09:00:00.000000Z", "2026-11-25T00:00:00.000000Z", False),
    ],
)
def test_a_revoked_key_counts_for_what_was_done_and_recorded_before(
    at: str, rec: str, counts: bool
) -> None:
    key = replace(
        KEY, revoked_from="2026-11-24T10:00:00.000000Z", revoked="2026-11-24T11:00:00.000000Z"
    )
    fields = signed(at=at) | {"rec": rec}
    check_act(fields, key)
    assert (doubt(fields, key) is None) == counts


def test_who_must_sign_cannot_leave_it_or_let_the_station_do_it() -> None:
    with pytest.raises(SignatureRequiredError) as caught:
        sign_act(unsigned(), stamp(must_sign=NOON))
    assert caught.value.facts == {"operator": "P1", "since": NOON}
    desk = Signing(by="st-1", purpose="station", sign=SECRET.sign)
    with pytest.raises(SignatureRequiredError):
        sign_act(unsigned(), stamp(must_sign=NOON, signing=desk))
    own = Signing(by="op-1", purpose="operator", sign=SECRET.sign)
    fields = unsigned()
    sign_act(fields, stamp(must_sign=NOON, signing=own))
    check_act(fields, KEY)


@pytest.mark.parametrize(
    ("kind", "purpose", "is_open"),
    [
        ("key.revoked", None, True),
        ("key.created", "operator", True),
        ("key.created", "station", True),
        ("key.created", "log", False),
        ("key.created", "tag", False),
        ("key.retired", None, False),
        ("role.signing_lifted", None, False),
    ],
)
def test_nobody_is_locked_out_of_saying_that_a_key_is_lost(
    kind: str, purpose: str | None, is_open: bool
) -> None:
    fields = unsigned() | {"kind": kind, "data": {"purpose": purpose} if purpose else {}}
    if is_open:
        sign_act(fields, stamp(must_sign=NOON))
        assert "sig" not in fields
    else:
        with pytest.raises(SignatureRequiredError):
            sign_act(fields, stamp(must_sign=NOON))


@given(st.dictionaries(st.sampled_from(["due", "place", "doc"]), st.text("ab仓", max_size=5)))
def test_every_signed_entry_holds_and_none_holds_for_other_data(data: dict[str, str]) -> None:
    fields = signed(data=data)
    check_act(fields, KEY)
    fields["data"] = {**data, "place": data.get("place", "") + "x"}
    with pytest.raises(HistoryBrokenError):
        check_act(fields, KEY)
