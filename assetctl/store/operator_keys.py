"""Keys of operators and stations: a directory for each, or a file that its owner carries about.

A file holds the 32 bytes of an Ed25519 key in hex and is readable by its owner only; there is no
passphrase on it, so whoever can read it can sign. Its code says whose sort it is (`op-`, `st-`) and
is made from the public half: no two keys share one, and none can be put in another's place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assetctl.domain.identity import digest_code
from assetctl.errors import KeyMissingError
from assetctl.store import keys

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_PREFIX = {"operator": "op", "station": "st"}
_CODE = re.compile(r"(op|st)-[0-9A-Z]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A key that lies here: its public half in hex, and the secret one."""

    public: str
    secret: bytes = field(repr=False)

    def hand(self) -> Callable[[bytes], bytes]:
        """Return what signs a text with it."""
        return keys.hand_of(self.secret)


def code_of(purpose: str, public: bytes) -> str:
    """Return the code of a key of an operator or a station."""
    return f"{_PREFIX[purpose]}-{digest_code(public)[:10]}"


def folder_of(parent: Path, party: str) -> Path:
    """Return the directory of a party's keys; codes that are no file names get a digest."""
    return parent / (party if _SAFE.fullmatch(party) else digest_code(party.encode()))


def held_keys(place: Path) -> list[HeldKey]:
    """Return every key that lies in a directory, or the one in a file; none if there is neither.

    Raises:
        KeyMissingError: a file is no key.
    """
    if place.is_dir():
        names = sorted(path.name for path in place.iterdir() if _CODE.fullmatch(path.name))
        return [_held(place, name) for name in names]
    return [_held(place.parent, place.name)] if place.exists() else []


def must_lie_there(place: Path) -> None:
    """Return if there is something where keys were said to be.

    Raises:
        KeyMissingError: there is nothing.
    """
    if not place.exists():
        raise KeyMissingError(key=place.name, place=str(place.parent))


def _held(directory: Path, name: str) -> HeldKey:
    secret = keys.held_key(directory, name)
    return HeldKey(public=keys.public_half(secret).hex(), secret=secret)
