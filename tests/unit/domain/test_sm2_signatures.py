"""SM2 and SM3: the published cases, the form that notes carry, and keys of every beginning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain import merkle, sm2
from assetctl.domain.note import (
    Note,
    Signature,
    checks_at_hand,
    parse_key,
    sm2_key,
    verifier_key,
    verify,
)
from assetctl.errors import NoteInvalidError
from tests.conftest import SHARED

VECTORS = SHARED / "vectors" / "sm2-sm3-botan"

# GB/T 32918.5-2017, A.2, in the form that its public key, message and signature are printed there.
PUBLIC = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
EACH = 4

library = pytest.mark.skipif(not sm2.at_hand(), reason="the library gmssl-pyx is not installed")
published = pytest.mark.skipif(not VECTORS.exists(), reason="the published cases are not here")

Point = tuple[int, int]


def added(a: Point | None, b: Point | None) -> Point | None:
    """Return the sum of two points of the curve of SM2, as the standard defines it."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def public_of(secret: int) -> bytes:
    """Return the public half of a secret key."""
    total: Point | None = None
    point: Point | None = G
    while secret:
        if secret & 1:
            total = added(total, point)
        point, secret = added(point, point), secret >> 1
    assert total is not None
    return b"\x04" + total[0].to_bytes(32, "big") + total[1].to_bytes(32, "big")


def cases(path: Path) -> Iterator[dict[str, str]]:
    """Give the published cases: each with the domain parameters that stand above it."""
    shared: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        pairs = dict(re.findall(r"^(\w+) = (\S+)$", block, re.MULTILINE))
        if "P" in pairs:
            shared = pairs
        elif pairs:
            yield shared | pairs


# --- SM3 -----------------------------------------------------------------------------------


@pytest.mark.outside
@published
def test_every_published_case_of_sm3() -> None:
    found = list(cases(VECTORS / "hash" / "sm3.vec"))
    assert len(found) == 139
    for one in found:
        given_bytes = bytes.fromhex(one.get("In", ""))
        assert merkle.sm3(given_bytes).hex() == one["Out"].lower()


# --- the form ------------------------------------------------------------------------------


def test_a_key_is_a_point_of_the_curve() -> None:
    assert sm2.is_key(PUBLIC)
    assert not sm2.is_key(PUBLIC[1:])
    assert not sm2.is_key(b"\x02" + PUBLIC[1:])
    assert not sm2.is_key(PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]))
    assert not sm2.is_key(b"\x04" + bytes(64))
    beyond = (int.from_bytes(PUBLIC[1:33], "big") + P) % 2**256
    assert not sm2.is_key(b"\x04" + beyond.to_bytes(32, "big") + PUBLIC[33:])


def test_a_verifier_key_comes_back_from_its_text() -> None:
    key = sm2_key("a.example/log/sm3", PUBLIC)
    assert parse_key(str(key)) == key
    assert key.kind == 0xFF
    assert str(key).split("+")[2].startswith("/2Fzc2V0Y3RsL3NtMi1zbTNAMQ")
    with pytest.raises(NoteInvalidError):
        parse_key(str(key).replace("a.example", "b.example"))
    with pytest.raises(NoteInvalidError, match="no point"):
        sm2_key("a.example/log/sm3", PUBLIC[:-1] + b"\0")
    with pytest.raises(NoteInvalidError, match="key name"):
        sm2_key("two words", PUBLIC)


def test_a_key_that_is_no_point_is_refused_in_its_text_too() -> None:
    key = sm2_key("a.example/log/sm3", PUBLIC)
    broken = type(key)(
        name=key.name, kind=key.kind, public=PUBLIC[:-1] + b"\0", identifier=key.identifier
    )
    with pytest.raises(NoteInvalidError, match="no point"):
        parse_key(str(broken))


@given(st.binary(min_size=64, max_size=64))
def test_the_two_forms_of_a_signature_say_the_same(signature: bytes) -> None:
    assert sm2.from_der(sm2.to_der(signature)) == signature


@pytest.mark.parametrize(
    "der",
    [
        b"", b"\x30", b"\x30\x00", b"\x31\x06\x02\x01\x01\x02\x01\x01",
        b"\x30\x06\x02\x01\x01\x02\x01", b"\x30\x06\x02\x01\x01\x02\x01\x01\x00",
        b"\x30\x08\x02\x02\x00\x01\x02\x02\x00\x01", b"\x30\x06\x03\x01\x01\x03\x01\x01",
        b"\x30\x46\x02\x21\x01" + bytes(32) + b"\x02\x21\x01" + bytes(32),
    ],
)  # fmt: skip
def test_only_the_shortest_form_of_two_integers_is_taken(der: bytes) -> None:
    with pytest.raises(ValueError, match=r"DER|sequence"):
        sm2.from_der(der)


# --- signatures ----------------------------------------------------------------------------


@library
def test_the_case_that_the_standard_prints() -> None:
    assert sm2.holds(PUBLIC, MESSAGE, SIGNATURE)
    secret = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
    assert public_of(secret) == PUBLIC


@library
@pytest.mark.outside
@published
def test_published_signatures_on_this_curve_hold() -> None:
    from gmssl_pyx import sm2_verify

    found = [
        one
        for one in cases(VECTORS / "pubkey" / "sm2_sig.vec")
        if int(one["P"], 16) == P and one["Hash"] == "SM3"
    ]
    assert found
    for one in found:
        public, message = public_of(int(one["x"], 16)), bytes.fromhex(one["Msg"])
        signature = bytes.fromhex(one["Signature"])
        identity = one["Ident"].encode()
        assert sm2_verify(public[1:], message, sm2.to_der(signature), identity)
        # Another identity is another signer: ours is fixed, so this is none of ours.
        assert not sm2.holds(public, message, signature)


@library
@pytest.mark.parametrize(
    ("public", "text", "signature"),
    [
        (PUBLIC, b"message digesu", SIGNATURE),
        (PUBLIC, MESSAGE, SIGNATURE[:-1] + b"\0"),
        (PUBLIC, MESSAGE, SIGNATURE[32:] + SIGNATURE[:32]),
        (PUBLIC, MESSAGE, SIGNATURE[:-1]),
        (PUBLIC, MESSAGE, SIGNATURE + b"\0"),
        (PUBLIC, MESSAGE, sm2.to_der(SIGNATURE)),
        (PUBLIC, MESSAGE, b""),
        (PUBLIC, MESSAGE, bytes(64)),
        (PUBLIC, MESSAGE, bytes(32) + SIGNATURE[32:]),
        (PUBLIC, MESSAGE, SIGNATURE[:32] + ORDER.to_bytes(32, "big")),
        (PUBLIC, MESSAGE, b"\xff" * 64),
        (PUBLIC[1:], MESSAGE, SIGNATURE),
        (b"\x04" + bytes(64), MESSAGE, SIGNATURE),
    ],
)
def test_what_does_not_hold(public: bytes, text: bytes, signature: bytes) -> None:
    assert not sm2.holds(public, text, signature)


@library
def test_keys_of_every_beginning_sign_and_are_checked() -> None:
    """Another library cuts leading 0 and 4 off public keys: one key would not show it."""
    from gmssl_pyx import sm2_key_generate, sm2_sign

    found = dict.fromkeys((0, 4, None), 0)
    while min(found.values()) < EACH:
        public, secret = sm2_key_generate()
        beginning = public[0] >> 4 if public[0] >> 4 in found else None
        if found[beginning] == EACH:
            continue
        found[beginning] += 1
        text = f"note {found}\n".encode()
        signature = sm2.from_der(sm2_sign(secret, public, text, sm2.IDENTITY))
        assert public_of(int.from_bytes(secret, "big")) == b"\x04" + public
        assert sm2.holds(b"\x04" + public, text, signature)


# --- in notes ------------------------------------------------------------------------------


def note_by(secret: bytes, public: bytes, name: str = "a.example/log/sm3") -> Note:
    from gmssl_pyx import sm2_sign

    text = f"{name}\n1\n{'A' * 43}=\n"
    value = sm2.from_der(sm2_sign(secret, public, text.encode(), sm2.IDENTITY))
    key = sm2_key(name, b"\x04" + public)
    return Note(text, (Signature(name=name, key_id=key.key_id, value=value),))


@library
def test_a_note_is_checked_where_the_library_is() -> None:
    from gmssl_pyx import sm2_key_generate

    public, secret = sm2_key_generate()
    key = sm2_key("a.example/log/sm3", b"\x04" + public)
    note = note_by(secret, public)
    assert [one.key for one in verify(note, [key], checks_at_hand())] == [key]
    # Without the library it is the signature of a key that is not known, and not a wrong one.
    assert verify(note, [key]) == ()
    changed = Note(note.text.replace("\n1\n", "\n2\n"), note.signatures)
    with pytest.raises(NoteInvalidError, match="does not hold"):
        verify(changed, [key], checks_at_hand())


@library
def test_keys_of_two_sorts_under_one_name_are_told_apart() -> None:
    from gmssl_pyx import sm2_key_generate

    public, secret = sm2_key_generate()
    name = "a.example/log/sm3"
    keys = [verifier_key(name, bytes([9] * 32)), sm2_key(name, b"\x04" + public)]
    signed = verify(note_by(secret, public), keys, checks_at_hand())
    assert [one.key for one in signed] == [keys[1]]
