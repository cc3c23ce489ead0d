"""Signed notes (C2SP signed-note): a text, and who put a signature under it.

A note is its text, an empty line, and signature lines `— <name> base64(key id || signature)`. A key
is known by its verifier key, `<name>+<key id in hex>+base64(type || public key)`. Signatures of
unknown keys are passed over; a bad one of a known key spoils the note. Everything is parsed
strictly: canonical base64, no control characters, no key twice, no public key of small order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assetctl.domain import sm2
from assetctl.errors import NoteInvalidError
from assetctl.i18n import N_, Phrase

ED25519 = 0x01
"""A signature over the text of the note."""

COSIGNATURE = 0x04
"""A timestamped signature over a checkpoint (C2SP tlog-cosignature)."""

OTHER = 0xFF
"""A kind of signature that C2SP knows no number for; a longer identifier follows."""

SM2_SM3 = b"assetctl/sm2-sm3@1"
"""Identifier of an SM2 signature with SM3 (GB/T 32918.2); its form is that of `sm2`."""

MAX_NOTE = 1 << 20
"""Longest note in bytes, so that a hostile one costs little."""

_MOST_LINES = 64
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_SIGNATURE = re.compile(rf"— ({_NAME.pattern}) (\S+)")
_HEX = re.compile(r"[0-9a-f]{8}")
_URLSAFE = re.compile(r"[A-Za-z0-9_-]*")
_PLAIN = str.maketrans("-_", "+/")
_TIME = 8

_FIELD = 2**255 - 19
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})
"""The y coordinates of all points whose order divides 8: no key may be one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key that notes can be verified with: its name, kind, and bytes.

    `identifier` tells kinds of type 0xff apart and is empty for all others.
    """

    name: str
    kind: int
    public: bytes
    identifier: bytes = b""

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over `name || 0x0A || type || key`."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed).digest()[:4]

    @property
    def _typed(self) -> bytes:
        return bytes([self.kind]) + self.identifier + self.public

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_b64(self._typed)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line of a note: name, key id, and what the key made of the text."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {to_b64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A verified signature. `time` is that of a cosignature in seconds since 1970, else None."""

    key: VerifierKey
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose form is right; whose signatures count is for `verify` to say."""

    text: str
    signatures: tuple[Signature, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """Return the note with more signatures; one of a key that has signed is passed over."""
        known = {(one.name, one.key_id): one for one in self.signatures}
        for one in more:
            known.setdefault((one.name, one.key_id), one)
        return Note(self.text, tuple(known.values()))


def verifier_key(name: str, public: bytes, kind: int = ED25519) -> VerifierKey:
    """Return the verifier key of a 32-byte Ed25519 public key.

    Raises:
        NoteInvalidError: the name cannot be one, or the key is of small order.
    """
    if not _NAME.fullmatch(name):
        raise _bad(N_("the key name {name!r}"), name=name)
    _must_be_strong(public)
    return VerifierKey(name=name, kind=kind, public=public)


def parse_key(text: str) -> VerifierKey:
    """Return the key that a verifier key says.

    Raises:
        NoteInvalidError: it is not one, or its key id is not that of its key.
    """
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not _HEX.fullmatch(parts[1]):
        raise _bad(N_("{text!r} is no verifier key"), text=text[:200])
    name, key_id, data = parts[0], parts[1], from_b64(parts[2])
    if not data:
        raise _bad(N_("{text!r} is no verifier key"), text=text[:200])
    kind, public, identifier = data[0], data[1:], b""
    if kind in (ED25519, COSIGNATURE):
        _must_be_strong(public)
    elif kind == OTHER and public.startswith(SM2_SM3):
        identifier, public = SM2_SM3, public.removeprefix(SM2_SM3)
        if not sm2.is_key(public):
            raise _bad(N_("a public key that is no point of the curve of SM2"))
    key = VerifierKey(name=name, kind=kind, public=public, identifier=identifier)
    if key.key_id.hex() != key_id:
        raise _bad(N_("the key id {key_id} is not that of its key"), key_id=key_id)
    return key


def parse_note(text: str) -> Note:
    """Return a note taken apart at its last empty line.

    Raises:
        NoteInvalidError: it is not of the form of a signed note.
    """
    must_be_text(text)
    body, blank, tail = text.rpartition("\n\n")
    if not blank:
        raise _bad(N_("it has no signature"))
    return Note(body + "\n", parse_signatures(tail))


def must_be_text(text: str) -> None:
    """Return if a text may stand in a note.

    Raises:
        NoteInvalidError: it is too long, no UTF-8, or holds control characters.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:  # it was read from bytes that are no text
        raise _bad(N_("it is not UTF-8")) from error
    if size > MAX_NOTE:
        raise _bad(N_("it is longer than {most} bytes"), most=MAX_NOTE)
    if any(character < " " and character != "\n" for character in text):
        raise _bad(N_("it holds control characters"))


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Return signature lines taken apart, as they stand under a note or come from a witness.

    Raises:
        NoteInvalidError: a line is malformed, or there are too many or none.
    """
    *lines, end = text.split("\n")
    if end or not lines:
        raise _bad(N_("its last line has no end"))
    if len(lines) > _MOST_LINES:
        raise _bad(N_("it has more than {most} signatures"), most=_MOST_LINES)
    found = []
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise _bad(N_("{line!r} is no signature line"), line=line[:200])
        data = from_b64(match[2])
        if len(data) <= 4:
            raise _bad(N_("{line!r} is no signature line"), line=line[:200])
        found.append(Signature(name=match[1], key_id=data[:4], value=data[4:]))
    return tuple(found)


def sm2_key(name: str, public: bytes) -> VerifierKey:
    """Return the verifier key of a public SM2 key, `04 || x || y`.

    Raises:
        NoteInvalidError: the name cannot be one, or the key is no point of the curve.
    """
    if not _NAME.fullmatch(name):
        raise _bad(N_("the key name {name!r}"), name=name)
    if not sm2.is_key(public):
        raise _bad(N_("a public key that is no point of the curve of SM2"))
    return VerifierKey(name=name, kind=OTHER, public=public, identifier=SM2_SM3)


def checks_at_hand() -> Mapping[bytes, Check]:
    """Return the checks of signatures of type 0xff for which there are libraries here."""
    return {SM2_SM3: _check_sm2} if sm2.at_hand() else {}


def verify(
    note: Note, keys: Iterable[VerifierKey], extra: Mapping[bytes, Check] | None = None
) -> tuple[Signed, ...]:
    """Return which of these keys have signed a note.

    `extra` checks signatures of type 0xff by identifier; without one such keys are unknown.

    Raises:
        NoteInvalidError: two of the keys have the same name and id, or the signature of one of
            them does not hold.
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise _bad(N_("two keys are called {name} with the same id"), name=key.name)
    signed: dict[VerifierKey, Signed] = {}
    for one in note.signatures:
        found = known.get((one.name, one.key_id))
        if found is None:
            continue
        check = (extra or {}).get(found.identifier) if found.kind == OTHER else _KINDS[found.kind]
        if check is None:
            continue
        if found in signed:
            raise _bad(N_("{name} has signed twice"), name=one.name)
        signed[found] = Signed(key=found, time=check(found, note.text.encode(), one.value))
    return tuple(signed.values())


def cosigned_text(text: bytes, time: int) -> bytes:
    """Return what a witness signs at a time (seconds since 1970) for the text of a checkpoint."""
    return f"cosignature/v1\ntime {time}\n".encode() + text


def cosignature(key: VerifierKey, time: int, signature: bytes) -> Signature:
    """Return the line of a witness that signed `cosigned_text` at a time."""
    return Signature(
        name=key.name, key_id=key.key_id, value=time.to_bytes(_TIME, "big") + signature
    )


Check = Callable[[VerifierKey, bytes, bytes], int | None]
"""Checks a signature by a key over a text; returns the time it names, None if it names none."""


def _check_ed25519(key: VerifierKey, text: bytes, value: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, text)
    except (InvalidSignature, ValueError) as error:
        raise _bad(N_("the signature of {name} does not hold"), name=key.name) from error


def _check_cosignature(key: VerifierKey, text: bytes, value: bytes) -> int:
    time = int.from_bytes(value[:_TIME], "big")
    if len(value) != _TIME + 64 or time >= 1 << 63:
        raise _bad(N_("the signature of {name} does not hold"), name=key.name)
    _check_ed25519(key, cosigned_text(text, time), value[_TIME:])
    return time


def _check_sm2(key: VerifierKey, text: bytes, value: bytes) -> None:
    if not sm2.holds(key.public, text, value):
        raise _bad(N_("the signature of {name} does not hold"), name=key.name)


def _check_unknown(key: VerifierKey, _text: bytes, _value: bytes) -> None:
    raise _bad(N_("{name} is a key of a kind that is not known here"), name=key.name)


class _Kinds(dict[int, Check]):
    def __missing__(self, _kind: int) -> Check:
        return _check_unknown


_KINDS = _Kinds({ED25519: _check_ed25519, COSIGNATURE: _check_cosignature})


def _must_be_strong(public: bytes) -> None:
    if len(public) != 32:
        raise _bad(N_("a public key of {count} bytes"), count=len(public))
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    if y % _FIELD in _SMALL_ORDER or y >= _FIELD:
        raise _bad(N_("a public key that anybody can sign for"))


def to_b64(data: bytes) -> str:
    """Return bytes in standard base64 with padding, as notes write them."""
    return base64.b64encode(data).decode("ascii")


def from_b64(text: str) -> bytes:
    """Return the bytes of canonical standard base64.

    Raises:
        NoteInvalidError: it is not canonical base64.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad(N_("{text!r} is not base64"), text=text[:100]) from error
    if to_b64(data) != text:
        raise _bad(N_("{text!r} is not canonical base64"), text=text[:100])
    return data


def from_b64url(text: object) -> bytes:
    """Return the bytes of canonical base64url without padding, as entries write them.

    Raises:
        NoteInvalidError: it is not that.
    """
    if not isinstance(text, str) or not _URLSAFE.fullmatch(text):
        raise _bad(N_("{text!r} is not base64"), text=str(text)[:100])
    plain = text.translate(_PLAIN) + "=" * (-len(text) % 4)
    return from_b64(plain)


def _bad(reason: str, **facts: object) -> NoteInvalidError:
    return NoteInvalidError(reason=Phrase(reason, **facts))
