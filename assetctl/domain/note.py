"""Keys of a signed note (C2SP signed-note): how a log's public key is written down."""

from __future__ import annotations

import base64
import hashlib

_ED25519 = b"\x01"


def verifier_key(name: str, public: bytes) -> str:
    """Return the C2SP verifier key `<name>+<key id>+<base64>` of a 32-byte Ed25519 public key.

    The key id is the first four bytes of SHA-256 over `name || 0x0A || 0x01 || key`.
    """
    key_id = hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(_ED25519 + public).decode('ascii')}"
