"""Keys of the log: how they are called, and how an older one vouches for a new one.

What a key signs to vouch for another is `assetctl/key@1`, a line feed, and the verifier key of the
new one as its text. The log is signed with Ed25519; its copy for SM3 may be signed with SM2.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple

from assetctl.domain.chain import b64
from assetctl.domain.note import (
    ED25519,
    OTHER,
    SM2_SM3,
    Note,
    Signature,
    VerifierKey,
    sm2_key,
    verifier_key,
    verify,
)
from assetctl.errors import NoteInvalidError
from assetctl.i18n import N_, Phrase

VOUCH = "assetctl/key@1\n"


class Algorithm(NamedTuple):
    """How history names an algorithm, and the type and identifier that notes know it by."""

    name: str
    sort: tuple[int, bytes]


ALGORITHMS = {
    "sha256": Algorithm("ed25519", (ED25519, b"")),
    "sm3": Algorithm("sm2-sm3", (OTHER, SM2_SM3)),
}
"""What each tree is signed with."""


class LogKey(NamedTuple):
    """A key of the log: its code and tree, and when it was noted and retired, if it was."""

    code: str
    tree: str
    vkey: VerifierKey
    created: str
    retired: str | None

    def is_in_use(self, at: str) -> bool:
        """Return whether it signed what was recorded at an instant."""
        return self.created <= at and (self.retired is None or at < self.retired)


def code_of(tree: str, number: int) -> str:
    """Return the code of the n-th key of a tree: `log`, `log-2`, …, `log-sm3`, `log-sm3-2`, …"""
    name = "log" if tree == "sha256" else f"log-{tree}"
    return name if number == 1 else f"{name}-{number}"


def vkey_of(name: str, algorithm: str, public: bytes) -> VerifierKey:
    """Return the verifier key of a public key as history names its algorithm.

    Raises:
        NoteInvalidError: it is no key of that algorithm.
    """
    if algorithm == ALGORITHMS["sm3"].name:
        return sm2_key(name, public)
    return verifier_key(name, public)


def vouching_text(vkey: VerifierKey) -> bytes:
    """Return what an older key signs to answer for a new one."""
    return f"{VOUCH}{vkey}".encode()


def check_vouched(vkey: VerifierKey, vouched: str, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return which of these Ed25519 keys vouches for a new one.

    Raises:
        NoteInvalidError: none of them does.
    """
    try:
        value = base64.b64decode(vouched + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if b64(value) == vouched:
        for key in keys:
            try:
                line = Signature(name=key.name, key_id=key.key_id, value=value)
                verify(Note(vouching_text(vkey).decode(), (line,)), [key])
            except NoteInvalidError:
                continue
            return key
    raise NoteInvalidError(reason=Phrase(N_("no key of the log that is in use vouches for it")))
