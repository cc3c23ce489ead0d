"""The identity of a thing: asset id, check characters, and the signed text on its tag.

An id is a 40-bit serial as 8 Crockford base-32 characters followed by two check characters
(ISO 7064 MOD 1271-36, which is GB/T 17710). A tag's text is

    HTTPS://<HOST>/<class>/<id10>.<k><n><sig>

all in QR's alphanumeric set: `k` names the key, `n` is the issue number of the label, `sig` a
signature over `v1|class|id|n`. A key named by a digit is HMAC-SHA-256 cut to 80 bits; one named
by a letter is Ed25519. The signature shows that this register issued the text; it does not show
that the sticker in hand is the original and not a photocopy.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from assetctl.errors import AssetIdError, PayloadForeignError, PayloadForgedError, PayloadKeyError
from assetctl.i18n import N_, Phrase

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

ISSUES = 31
"""Issue numbers run from 1 to 31: one base-32 digit."""

CLASSES = {"A": "asset", "P": "place", "B": "box", "S": "staff", "C": "command"}
"""The class letter in the path of a payload, and what such a tag stands for."""

_ISO36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE36 = {character: value for value, character in enumerate(_ISO36)}
_VALUE32 = {character: value for value, character in enumerate(CROCKFORD)}
_AMBIGUOUS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SERIAL_BITS = 40
_SKIPPED = frozenset("ILOU")
_HMAC_LENGTH, _ED25519_LENGTH = 16, 103
_TAIL = re.compile(r"([0-9A-Z-]{10,14})\.([0-9A-Z])([0-9A-Z])([0-9A-Z]+)")
_ADDRESS = re.compile(r"HTTPS?://[^/\s]{1,253}/([A-Z])/(\S+)")
_DIGITAL_LINK = re.compile(r"HTTPS?://[^/\s]{1,253}/(?:\S*/)?8004/([!-~]{1,30})", re.IGNORECASE)
_ELEMENT = re.compile(r"\(8004\)([!-~]{1,30})")
_DATA_IDENTIFIER = re.compile(r"25S([!-~]{1,50})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a scanned text says, before anything is believed.

    `subject` is the id it carries (10 characters) or, where `scheme` is set, a foreign identifier
    such as a GIAI. `key` and `issue` are empty and 0 for a bare, unsigned id.
    """

    tag_class: str
    subject: str
    scheme: str = ""
    key: str = ""
    issue: int = 0
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether there is a signature to check at all."""
        return bool(self.key)


class TagKeys:
    """The keys a station holds, by the character that names them in a payload.

    `secrets` are HMAC keys (names `0` to `9`); `verifiers` are 32-byte Ed25519 public keys and
    `signers` 32-byte private ones (names `A` to `Z`).
    """

    def __init__(
        self,
        secrets: Mapping[str, bytes],
        *,
        signers: Mapping[str, bytes] | None = None,
        verifiers: Mapping[str, bytes] | None = None,
    ) -> None:
        self._secrets = dict(secrets)
        self._signers = dict(signers or {})
        self._verifiers = dict(verifiers or {})

    def sign(self, key: str, message: bytes) -> str:
        """Return the signature text of `message` under the key named `key`.

        Raises:
            KeyError: this station does not hold that key.
        """
        if key in self._secrets:
            return base32(hmac.digest(self._secrets[key], message, "sha256")[:10])
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return base32(Ed25519PrivateKey.from_private_bytes(self._signers[key]).sign(message))

    def check(self, key: str, message: bytes, signature: str) -> bool:
        """Return whether `signature` is right for `message`.

        Raises:
            KeyError: this station does not hold that key.
        """
        if key in self._secrets:
            return hmac.compare_digest(self.sign(key, message), signature)
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        public = Ed25519PublicKey.from_public_bytes(self._verifiers[key])
        raw = _unbase32(signature, 64)
        if raw is None:
            return False
        try:
            public.verify(raw, message)
        except InvalidSignature:
            return False
        return True


def asset_id(serial: int) -> str | None:
    """Return the 10-character id of a 40-bit serial.

    None when its check characters would hold I, L, O or U: such serials (about a fifth) are
    skipped, so that an id can be typed and read aloud without doubt.
    """
    if not 0 <= serial < 1 << _SERIAL_BITS:
        raise ValueError("a serial has 40 bits")
    pairs, weights = _pairs()
    parts = (serial >> 30, serial >> 20 & 1023, serial >> 10 & 1023, serial & 1023)
    body = "".join(pairs[part] for part in parts)
    check = _check_text(
        weights[0][parts[0]] + weights[1][parts[1]] + weights[2][parts[2]] + weights[3][parts[3]]
    )
    return None if _SKIPPED.intersection(check) else body + check


def check_characters(body: str) -> str:
    """Return the two check characters of `body` by ISO 7064 MOD 1271-36 (GB/T 17710)."""
    product = 0
    for character in body:
        product = (product + _VALUE36[character]) * 36 % 1271
    return _check_text(product * 36)


def parse_asset_id(text: str) -> str:
    """Return the canonical 10 characters of an id as people write it.

    Hyphens and blanks are dropped, either case is taken, I and L read as 1, O as 0.

    Raises:
        AssetIdError: not 10 characters, a character outside the set, or a failed check.
    """
    plain = re.sub(r"[-\s]", "", text).upper().translate(_AMBIGUOUS)
    if len(plain) != 10:
        wrong = N_("it has {count} characters instead of {wanted}")
        raise AssetIdError(text=text, reason=Phrase(wrong, count=len(plain), wanted=10))
    strange = "".join(sorted(set(plain) - set(CROCKFORD)))
    if strange:
        wrong = N_("{characters} never stands in an id")
        raise AssetIdError(text=text, reason=Phrase(wrong, characters=strange))
    if check_characters(plain[:8]) != plain[8:]:
        raise AssetIdError(text=text, reason="its check characters do not fit; look again")
    return plain


def display_id(asset: str) -> str:
    """Return an id as it is shown to people: `K7M2-9QXD-4F`."""
    return f"{asset[:4]}-{asset[4:8]}-{asset[8:]}"


def make_payload(
    keys: TagKeys, *, key: str, asset: str, issue: int, host: str, tag_class: str = "A"
) -> str:
    """Return the signed text for a tag of `asset`, its `issue`-th label (1 to 31).

    Raises:
        KeyError: this station does not hold the key named `key`.
    """
    digit = CROCKFORD[issue]
    signature = keys.sign(key, _signed_text(tag_class, asset, digit))
    return f"HTTPS://{host.upper()}/{tag_class}/{asset}.{key}{digit}{signature}"


def short_form(payload: str) -> str:
    """Return the part of a payload that small labels carry: what stands after the class letter."""
    return payload.rsplit("/", 1)[-1]


def parse_payload(text: str) -> Payload:
    """Return what a scanned or typed text says; nothing is believed yet.

    Taken are the address form, the short form, a bare id, and the GS1 forms of a GIAI
    (Digital Link `/8004/`, element string `(8004)`) and of ISO 15418 `25S`.

    Raises:
        PayloadForeignError: the text follows none of these.
    """
    plain = text.strip().upper()
    address = _ADDRESS.fullmatch(plain)
    if address and address[1] in CLASSES and (tail := _TAIL.fullmatch(address[2])):
        return _from_tail(text, address[1], tail)
    if tail := _TAIL.fullmatch(plain):
        return _from_tail(text, "A", tail)
    bare = address[2] if address and address[1] == "A" else plain
    with suppress(AssetIdError):  # before the foreign forms: an id may itself begin with 25S
        return Payload(tag_class="A", subject=parse_asset_id(bare))
    for pattern in (_DIGITAL_LINK, _ELEMENT, _DATA_IDENTIFIER):
        # What follows an application identifier is told apart by case.
        if foreign := pattern.fullmatch(text.strip()):
            return Payload(tag_class="A", subject=foreign[1], scheme="giai")
    raise PayloadForeignError(text=text)


def verify_payload(keys: TagKeys, payload: Payload) -> None:
    """Check the signature of a payload; return if it is ours.

    Raises:
        PayloadForgedError: the signature does not fit, or there is none.
        PayloadKeyError: this station does not hold the key, so nothing can be said.
    """
    message = _signed_text(payload.tag_class, payload.subject, CROCKFORD[payload.issue])
    try:
        genuine = payload.is_signed and keys.check(payload.key, message, payload.signature)
    except KeyError:
        raise PayloadKeyError(asset_id=payload.subject, key=payload.key) from None
    if not genuine:
        raise PayloadForgedError(asset_id=payload.subject)


def genuine_class(keys: TagKeys, payload: Payload) -> Payload:
    """Return the payload of a short form with the class that its signature was made for.

    A short form does not say its class and is read as an asset's (`A`); the signature tells. A
    payload that no class makes genuine comes back unchanged.
    """
    for letter in CLASSES:
        candidate = replace(payload, tag_class=letter)
        if _is_signed_by_us(keys, candidate):
            return candidate
    return payload


def is_altered(keys: TagKeys, payload: Payload) -> bool:
    """Return whether a signature that does not fit was made by us for this id all the same.

    It then fits another issue number or another class: somebody changed a tag of ours. Where it
    fits nothing, nobody can say whether the text was altered further or made up.
    """
    return any(
        _is_signed_by_us(keys, replace(payload, tag_class=letter, issue=issue))
        for letter in CLASSES
        for issue in range(1, ISSUES + 1)
    )


def damaged_class(text: str) -> str | None:
    """Return the class letter of a text in the address form of our tags whose parts do not fit.

    Such a text was misread or altered: its id fails the check, or its signature is no signature.
    None for a text of any other form, and for one that `parse_payload` takes.
    """
    address = _ADDRESS.fullmatch(text.strip().upper())
    if not address or address[1] not in CLASSES or not _TAIL.fullmatch(address[2]):
        return None
    with suppress(PayloadForeignError):
        parse_payload(text)
        return None
    return address[1]


def digest_code(data: bytes) -> str:
    """Return 20 base-32 characters (100 bits) of SHA-256 over `data`: a name for a content."""
    return base32(hashlib.sha256(data).digest())[:20]


def base32(raw: bytes) -> str:
    """Return `raw` in Crockford's base 32, zero bits added at the end."""
    length = -(-len(raw) * 8 // 5)
    number = int.from_bytes(raw, "big") << (length * 5 - len(raw) * 8)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(5 * length - 5, -1, -5))


def _is_signed_by_us(keys: TagKeys, payload: Payload) -> bool:
    try:
        verify_payload(keys, payload)
    except (PayloadForgedError, PayloadKeyError):
        return False
    return True


def _check_text(weighted: int) -> str:
    check = (1 - weighted) % 1271
    return _ISO36[check // 36] + _ISO36[check % 36]


@cache
def _pairs() -> tuple[list[str], list[list[int]]]:
    """Return all pairs of characters, and what each weighs at the four places of a serial.

    The check is a weighted sum, character i of 8 weighing 36^(9-i) mod 1271.
    """
    pairs = [first + second for first in CROCKFORD for second in CROCKFORD]
    weights = [
        [
            _VALUE36[pair[0]] * pow(36, 9 - place, 1271)
            + _VALUE36[pair[1]] * pow(36, 8 - place, 1271)
            for pair in pairs
        ]
        for place in (0, 2, 4, 6)
    ]
    return pairs, weights


def _signed_text(tag_class: str, asset: str, issue: str) -> bytes:
    return f"v1|{tag_class}|{asset}|{issue}".encode("ascii")


def _from_tail(text: str, tag_class: str, tail: re.Match[str]) -> Payload:
    try:
        subject = parse_asset_id(tail[1])
    except AssetIdError:
        raise PayloadForeignError(text=text) from None
    key, issue, signature = tail[2], tail[3].translate(_AMBIGUOUS), tail[4].translate(_AMBIGUOUS)
    if len(signature) != (_HMAC_LENGTH if key.isdigit() else _ED25519_LENGTH):
        raise PayloadForeignError(text=text)
    if issue not in _VALUE32 or issue == "0" or not set(signature) <= set(CROCKFORD):
        raise PayloadForeignError(text=text)
    return Payload(
        tag_class=tag_class,
        subject=subject,
        key=key,
        issue=_VALUE32[issue],
        signature=signature,
    )


def _unbase32(text: str, size: int) -> bytes | None:
    number = 0
    for character in text:
        number = number << 5 | _VALUE32[character]
    spare = len(text) * 5 - size * 8
    if number & ((1 << spare) - 1):
        return None
    return (number >> spare).to_bytes(size, "big")
