"""Signatures of operators and stations over what they record.

An act may carry `by`, the code of a key, and `sig`, an Ed25519 signature in base64url. What is
signed is `assetctl/act@1`, a line feed, and the canonical entry without `n`, `p`, `rec` and `sig`:
all that the operator says, and nothing that only the register knows. The entry goes to the database
with its signature, so whoever holds the database alone can neither make one nor move one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetctl.domain.chain import b64, canonical
from assetctl.domain.events import SnapshotTaken
from assetctl.domain.key_events import KeyCreated, KeyRevoked
from assetctl.domain.request import Signing, Stamp
from assetctl.errors import HistoryBrokenError, SignatureRequiredError
from assetctl.i18n import N_, Phrase

ACT = b"assetctl/act@1\n"
"""What every signed act begins with, so that its signature can be taken for nothing else."""

OPERATOR, STATION = "operator", "station"
"""Purposes of keys that may sign acts."""

ALGORITHM = "ed25519"

_UNSIGNED = frozenset({"n", "p", "rec", "sig"})
_SIZE = 64
_LENGTH = 86
"""Characters of 64 bytes in base64url without padding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A key that may sign acts, as history notes it.

    `created` and `revoked` say when that was recorded; from `revoked_from` on, by what the acts
    themselves say, nothing counts that it signed.
    """

    code: str
    purpose: str
    algorithm: str
    public: str
    party: str
    created: str
    revoked_from: str | None = None
    revoked: str | None = None


def signed_bytes(fields: Mapping[str, Any]) -> bytes:
    """Return what is signed for an entry that has its field `by`.

    Raises:
        CanonicalError: the entry cannot stand in the history.
    """
    said = {name: value for name, value in fields.items() if name not in _UNSIGNED}
    return ACT + canonical(said)


def sign_act(fields: dict[str, Any], stamp: Stamp) -> None:
    """Put the signature of whoever signs into an entry; without a key leave it as it is.

    Raises:
        SignatureRequiredError: the operator must sign himself, and his key is not at hand.
    """
    signing: Signing | None = stamp.signing
    is_own = signing is not None and signing.purpose == OPERATOR
    if stamp.must_sign and not is_own and not _is_unhindered(fields):
        raise SignatureRequiredError(operator=stamp.actor, since=stamp.must_sign)
    if signing is not None:
        fields["by"] = signing.by
        fields["sig"] = b64(signing.sign(signed_bytes(fields)))


def signatory_of(code: str, entries: Sequence[Mapping[str, Any]]) -> Signatory | None:
    """Return the key that its own entries note, None if they note none."""
    created = next((one for one in entries if one["kind"] == KeyCreated.kind), None)
    if created is None:
        return None
    data = _data(created)
    revoked = [one for one in entries if one["kind"] == KeyRevoked.kind]
    return Signatory(
        code=code, purpose=str(data.get("purpose")), algorithm=str(data.get("algorithm")),
        public=str(data.get("public")), party=str(data.get("party")), created=created["rec"],
        revoked_from=min((str(_data(one).get("from", "")) for one in revoked), default=None),
        revoked=min((one["rec"] for one in revoked), default=None),
    )  # fmt: skip


def check_act(fields: Mapping[str, Any], key: Signatory | None) -> Signatory:
    """Check the signature of an entry by the key that it names, None if there is no such key.

    Returns the key.

    Raises:
        HistoryBrokenError: there is no such key, it did not exist yet, it is somebody else's, or
            it did not sign this.
    """
    if key is None or key.algorithm != ALGORITHM or key.purpose not in (OPERATOR, STATION):
        wanted = Phrase(N_("a key of {actor}"), actor=fields.get("actor"))
        problem = N_("no key for acts has the name that it is signed by")
        raise _bad(fields, problem, wanted, fields.get("by"))
    whose = fields.get("actor" if key.purpose == OPERATOR else "st")
    if key.party != whose:
        raise _bad(fields, N_("it is signed with somebody else's key"), whose, key.party)
    if key.created > fields["rec"]:
        raise _bad(fields, N_("it is signed with a key that was not made yet"),
                   fields["rec"], key.created)  # fmt: skip
    _must_hold(fields, key)
    return key


def doubt(fields: Mapping[str, Any], key: Signatory) -> Phrase | None:
    """Return why a signature that holds does not count all the same, None if it does."""
    if key.revoked is None or key.revoked_from is None:
        return None
    if fields["at"] >= key.revoked_from:
        template = N_("key {key} was revoked for what was done from {since} on")
        return Phrase(template, key=key.code, since=key.revoked_from)
    if fields["rec"] >= key.revoked:
        template = N_("it was recorded after key {key} was revoked at {since}")
        return Phrase(template, key=key.code, since=key.revoked)
    return None


def _is_unhindered(fields: Mapping[str, Any]) -> bool:
    """Return whether an act is open to all: who has lost a key must be able to say so.

    A snapshot of the log is as well, for it says what follows from the log, whoever takes it.
    """
    if fields["kind"] in (KeyRevoked.kind, SnapshotTaken.kind):
        return True
    purpose = fields["data"].get("purpose")
    return fields["kind"] == KeyCreated.kind and purpose in (OPERATOR, STATION)


def _must_hold(fields: Mapping[str, Any], key: Signatory) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signature = _from_b64(fields.get("sig"))
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
        public.verify(signature, signed_bytes(fields))
    except (InvalidSignature, ValueError) as error:
        raise _bad(
            fields, N_("its signature does not hold"),
            Phrase(N_("a signature of key {key}"), key=key.code), fields.get("sig"),
        ) from error  # fmt: skip


def _from_b64(text: Any) -> bytes:
    """Return the 64 bytes of canonical base64url.

    Raises:
        ValueError: it is not that.
    """
    if not isinstance(text, str) or len(text) != _LENGTH or not text.isascii():
        raise ValueError("not 86 characters")
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if len(raw) != _SIZE or b64(raw) != text:
        raise ValueError("not canonical")
    return raw


def _data(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event says, nothing if a forged one says it in another form."""
    data = fields["data"]
    return data if isinstance(data, dict) else {}


def _bad(
    fields: Mapping[str, Any], problem: str, expected: object, got: object
) -> HistoryBrokenError:
    return HistoryBrokenError(
        subject=fields["subject"], seq=fields["n"], problem=problem, expected=expected, got=got
    )
