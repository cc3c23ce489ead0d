"""The key store: files in a directory of their own, outside the database.

`tag-0` … `tag-9` hold 32-byte HMAC keys in hex, `tag-A` … `tag-Z` Ed25519 private keys, `log` the
private key of the log, `*.pub` public halves a station may hold without the private one, `station`
the key that a desk signs its journal with; operators and stations have directories of their own
(`operator_keys`). The directory is readable by its owner only; keys never
reach the database, the history or a label.
"""

from __future__ import annotations

import os
import re
import secrets  # noqa: TID251  keys are made here
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from assetctl.domain.identity import TagKeys, digest_code
from assetctl.errors import KeyMissingError, KeyUnwritableError
from assetctl.i18n import N_, Phrase
from assetctl.store.disk import sync_folder

_BYTES = 32
_TAG_KEY = re.compile(r"tag-([0-9A-Z])(\.pub)?")


def tag_keys(directory: Path) -> TagKeys:
    """Return every tag key that is held in `directory`."""
    shared, signers, verifiers = {}, {}, {}
    for path in sorted(directory.glob("tag-*")):
        match = _TAG_KEY.fullmatch(path.name)
        if match is None:
            continue  # a copy that somebody made, or a file that an editor left
        name = match[1]
        if match[2]:
            verifiers[name] = _read(path)
        elif name.isdigit():
            shared[name] = _read(path)
        else:
            signers[name] = _read(path)
    return TagKeys(shared, signers=signers, verifiers=verifiers)


def current_tag_key(directory: Path) -> str:
    """Return the name of the newest HMAC key, which new labels are signed with.

    Raises:
        KeyMissingError: there is none.
    """
    names = sorted(path.name[4:] for path in directory.glob("tag-[0-9]"))
    if not names:
        raise KeyMissingError(key="tag-0", place=str(directory))
    return names[-1]


def fingerprint(key: bytes) -> str:
    """Return what a secret key can be recognised by without giving it away (100 bits)."""
    return digest_code(b"assetctl/key@1\0" + key)


def must_match(directory: Path, noted: Mapping[str, str | None]) -> None:
    """Return if every key the register notes is held here and is the same one.

    `noted` maps names to fingerprints of secret keys, or to public halves in hex.

    Raises:
        KeyMissingError: a key is not here, or another key stands in its place.
    """
    for name, public in noted.items():
        key = _read(directory / name)
        if public not in (None, fingerprint(key), _public_hex(directory, name)):
            raise KeyMissingError(key=name, place=str(directory))


def make_key(directory: Path, name: str) -> bytes:
    """Make 32 random bytes as key `name` unless it exists; return the key that is there now."""
    path = directory / name
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # a stick that knows no owners
            directory.chmod(0o700)
        _write_once(path, secrets.token_bytes(_BYTES))
    return _read(path)


def held_key(directory: Path, name: str) -> bytes:
    """Return the 32 bytes of key `name`.

    Raises:
        KeyMissingError: it is not here, or ruined.
    """
    return _read(directory / name)


def make_ed25519(directory: Path, name: str) -> bytes:
    """Make an Ed25519 key `name` unless it exists; return its 32-byte public half."""
    public = public_half(make_key(directory, name))
    public_path = directory / f"{name}.pub"
    if not public_path.exists():
        _write_once(public_path, public)
    return public


def new_pair() -> tuple[bytes, bytes]:
    """Return the secret and the public half of a new Ed25519 key, 32 bytes each."""
    secret = secrets.token_bytes(_BYTES)
    return secret, public_half(secret)


def public_half(secret: bytes) -> bytes:
    """Return the public half of an Ed25519 key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def hand_of(secret: bytes) -> Callable[[bytes], bytes]:
    """Return what signs a text with an Ed25519 key: 64 bytes a text."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).sign


def keep_pair(directory: Path, name: str, secret: bytes, public: bytes) -> None:
    """Write a key and its public half, readable by their owner only; they lie on the disk then.

    Raises:
        KeyUnwritableError: the directory cannot be written, or another key has this name.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(directory / name, secret)
        _write_once(directory / f"{name}.pub", public)
        sync_folder(directory)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeyUnwritableError(key=name, place=str(directory), reason=reason) from error
    if (_read(directory / name), _read(directory / f"{name}.pub")) != (secret, public):
        taken = Phrase(N_("another key has this name"))
        raise KeyUnwritableError(key=name, place=str(directory), reason=taken)


def erase(path: Path) -> None:
    """Overwrite a key and take it away; what a disk or a backup keeps of it stays there."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(b"0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def _public_hex(directory: Path, name: str) -> str | None:
    path = directory / f"{name}.pub"
    return _read(path).hex() if path.exists() else None


def _write_once(path: Path, key: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it between the check and now
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise KeyMissingError(key=path.name, place=str(path.parent)) from error
    if len(key) != _BYTES:
        raise KeyMissingError(key=path.name, place=str(path.parent))
    return key
