"""Changing the key of the log where it lies: made ready, vouched for, taken into use, retired.

A new key is made ready under a name that nothing signs with (`log-2.new`), so that no checkpoint
carries a signature which the register does not know yet; it is taken into use once it is noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from assetctl.domain.chain import b64
from assetctl.domain.log_key import vouching_text
from assetctl.domain.note import VerifierKey, parse_key, verifier_key
from assetctl.errors import KeyInUseError, KeyMissingError, NoteInvalidError
from assetctl.i18n import N_, Phrase
from assetctl.store import keys
from assetctl.store.disk import sync_folder
from assetctl.store.memory import Memory
from assetctl.store.signer import KEY, names_of

_READY = ".new"
_NUMBERED = re.compile(rf"{KEY}-([0-9]{{1,4}})(\.new)?(\.pub)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A new key of a log and the signature by which an older one vouches for it."""

    vkey: VerifierKey
    vouched: str

    def __str__(self) -> str:
        return f"{self.vkey}\n{self.vouched}\n"


def parse_announcement(text: str) -> Announcement:
    """Return what two lines announce: a verifier key, and a signature, which may be missing.

    Raises:
        NoteInvalidError: they are no announcement.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if len(lines) not in (1, 2):
        reason = Phrase(N_("it is not a key and the signature that vouches for it, a line each"))
        raise NoteInvalidError(reason=reason)
    return Announcement(vkey=parse_key(lines[0]), vouched=lines[1] if len(lines) > 1 else "")


def prepare(directory: Path, origin: str) -> Announcement:
    """Make the next key of a log ready, unless one is; return what is to be noted about it.

    Raises:
        KeyMissingError: the key that must vouch for it is not here.
        KeyUnwritableError: the directory cannot be written.
    """
    newest = names_of(directory)[-1]
    keys.held_key(directory, newest)
    with Memory(directory).held():
        name = ready_key(directory)
        if name is None:
            name = f"{KEY}-{_last_number(directory) + 1}"
            secret, public = keys.new_pair()
            keys.keep_pair(directory, name + _READY, secret, public)
    vkey = verifier_key(origin, keys.public_half(keys.held_key(directory, name + _READY)))
    return Announcement(vkey=vkey, vouched=vouch(directory, vkey))


def rehearse(directory: Path, origin: str) -> Announcement:
    """Return what would be announced of a new key, of which nothing is kept.

    Raises:
        KeyMissingError: the key that must vouch for it is not here.
    """
    vkey = verifier_key(origin, keys.new_pair()[1])
    return Announcement(vkey=vkey, vouched=vouch(directory, vkey))


def ready_key(directory: Path) -> str | None:
    """Return the name of the key that is made ready and not in use yet, None if there is none."""
    found = sorted(path.name for path in directory.glob(f"{KEY}-*{_READY}"))
    return found[-1].removesuffix(_READY) if found else None


def ready_public(directory: Path) -> bytes | None:
    """Return the public half of the key that is made ready, None if there is none."""
    name = ready_key(directory)
    return keys.public_half(keys.held_key(directory, name + _READY)) if name else None


def vouch(directory: Path, vkey: VerifierKey) -> str:
    """Return the signature by which the newest key in use answers for another one.

    Raises:
        KeyMissingError: it is not here.
    """
    secret = keys.held_key(directory, names_of(directory)[-1])
    return b64(keys.hand_of(secret)(vouching_text(vkey)))


def adopt(directory: Path, name: str) -> None:
    """Take the key that is made ready into use under a name; once is enough.

    Raises:
        KeyMissingError: none is ready.
    """
    with Memory(directory).held():
        ready = ready_key(directory)
        if ready is None:
            if (directory / name).exists():
                return
            raise KeyMissingError(key=name, place=str(directory))
        (directory / f"{ready}{_READY}.pub").replace(directory / f"{name}.pub")
        (directory / f"{ready}{_READY}").replace(directory / name)
        sync_folder(directory)


def retire(directory: Path, name: str) -> None:
    """Erase the secret half of a key; the public one stays. Once is enough.

    Raises:
        KeyInUseError: it is the newest key of the log.
    """
    with Memory(directory).held():
        if names_of(directory)[-1] == name:
            raise KeyInUseError(key=name, reason=Phrase(N_("no newer one is in use")))
        keys.erase(directory / name)


def _last_number(directory: Path) -> int:
    matches = (_NUMBERED.fullmatch(path.name) for path in directory.iterdir())
    return max([int(match[1]) for match in matches if match] + [1])
