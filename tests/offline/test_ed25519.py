"""Signatures in pure Python: RFC 8032, its edge cases, and another implementation."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.offline.verify import ORDER, P, ed25519_point, ed25519_verify

RFC_8032 = [  # 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]

ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)


def encoded(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


SMALL_ORDER = [encoded(y, sign) for y in (0, 1, P - 1, ORDER_8, P - ORDER_8) for sign in (0, 1)]
"""Every point whose order divides 8, and the two encodings of (0, ±1) with a sign that x lacks."""

NOT_CANONICAL = [encoded(y, sign) for y in (P, P + 1, P + 18, 2**255 - 1) for sign in (0, 1)]


def other_says(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_examples_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, text, value = (bytes.fromhex(one) for one in (public, message, signature))
    assert ed25519_verify(key, text, value)
    assert not ed25519_verify(key, text + b"x", value)
    for place in range(0, 64, 5):
        bent = bytearray(value)
        bent[place] ^= 1
        assert not ed25519_verify(key, text, bytes(bent)), place
    for place in range(0, 32, 5):
        bent = bytearray(key)
        bent[place] ^= 1
        assert not ed25519_verify(bytes(bent), text, value), place


@settings(max_examples=60, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_the_same_as_another_implementation(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, value = key.public_key().public_bytes_raw(), key.sign(message)
    assert ed25519_verify(public, message, value)
    for bent in (value[:32] + bytes(32), bytes(32) + value[32:], value[::-1]):
        assert ed25519_verify(public, message, bent) is other_says(public, message, bent)


@settings(max_examples=60, deadline=None)
@given(public=st.binary(min_size=32, max_size=32), value=st.binary(min_size=64, max_size=64))
def test_garbage_is_no_signature(public: bytes, value: bytes) -> None:
    assert not ed25519_verify(public, b"", value)


def test_s_has_one_form() -> None:
    key, text, value = (bytes.fromhex(one) for one in RFC_8032[1])
    s = int.from_bytes(value[32:], "little")
    assert s < ORDER
    for more in (s + ORDER, s + 2 * ORDER, s | 1 << 255, s | 1 << 253):
        if more < 1 << 256:
            assert not ed25519_verify(key, text, value[:32] + more.to_bytes(32, "little"))
    zero = value[:32] + bytes(32)
    assert not ed25519_verify(key, text, zero)
    assert not ed25519_verify(key, text, value[:32] + ORDER.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 96, 128])
def test_other_lengths_are_no_signatures(length: int) -> None:
    key, text, value = (bytes.fromhex(one) for one in RFC_8032[0])
    assert not ed25519_verify(key, text, (value * 2)[:length])
    assert not ed25519_verify((key * 5)[:length] if length != 32 else key[:-1], text, value)


@pytest.mark.parametrize("public", SMALL_ORDER + NOT_CANONICAL)
def test_keys_that_bind_nobody(public: bytes) -> None:
    assert ed25519_point(public) is None
    # With a key of small order, R = [S]B fits every message of which h is a multiple of its order.
    for first in SMALL_ORDER:
        for s in (0, 1):
            assert not ed25519_verify(public, b"anything", first + s.to_bytes(32, "little"))


def test_r_has_one_form() -> None:
    """A signature with S = 0 and R = -hA cannot be had with R in two forms."""
    key = bytes.fromhex(RFC_8032[0][0])
    for first in SMALL_ORDER + NOT_CANONICAL:
        for s in (0, 1, ORDER - 1):
            value = first + s.to_bytes(32, "little")
            assert ed25519_verify(key, b"", value) is other_says(key, b"", value) is False


def test_a_key_with_a_part_of_small_order_is_judged_as_elsewhere() -> None:
    """Verified without the cofactor, as RFC 8032 allows and others do: both say the same."""
    from assetctl.offline.verify import _add

    point, torsion = ed25519_point(bytes.fromhex(RFC_8032[0][0])), (0, P - 1, 1, 0)
    assert point is not None
    x, y, z, _ = _add(point, torsion)
    inverse = pow(z, P - 2, P)
    mixed = encoded(y * inverse % P, x * inverse % P & 1)
    assert ed25519_point(mixed) is not None
    value = bytes.fromhex(RFC_8032[0][2])
    for message in (b"", b"a", b"b", b"c"):
        assert ed25519_verify(mixed, message, value) is other_says(mixed, message, value)
