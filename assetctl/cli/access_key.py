"""The key that the access passwords of radio tags are worked out from: one for a register."""

from __future__ import annotations

from pathlib import Path

from assetctl.acts.parties import note_keys
from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.domain.request import Receipt
from assetctl.errors import KeyMissingError, KeyUnwritableError
from assetctl.i18n import N_
from assetctl.reads.parties import noted_keys
from assetctl.store import keys

NAME = "rfid"
ALGORITHM = "hmac-sha256-32"

ADVICE = N_(
    "The access password of every locked tag is worked out from the key {file}: back it up apart. "
    "Without it no locked tag can be written again."
)


def access_key(world: Context, *, needed: bool) -> bytes | None:
    """Return the key. Where it is `needed` and the register has none yet, one is made and noted.

    Where it is not needed, and not held here, there is none.

    Raises:
        KeyMissingError: it is needed, and lies at another station only.
        KeyUnwritableError: it cannot be written.
    """
    folder = world.settings.keys
    with world.reading() as connection:
        noted = noted_keys(connection).get(NAME)
    if noted is None:
        if not needed or world.flags.dry_run:
            return None
        make_access_key(world)
        output.note(world.words.say(ADVICE, file=key_file(world)))
    else:
        try:
            keys.must_match(folder, {NAME: noted})
        except KeyMissingError:
            if needed:
                raise
            return None
    return keys.held_key(folder, NAME)


def make_access_key(world: Context) -> Receipt:
    """Make the key unless there is one, and note what it is known by.

    Raises:
        KeyMissingError: the register notes one that lies at another station only.
        KeyUnwritableError: it cannot be written.
    """
    folder = world.settings.keys
    with world.writing() as tx:
        noted = noted_keys(tx.connection).get(NAME)
        if noted is not None:
            keys.must_match(folder, {NAME: noted})
            return Receipt(events=())
        if world.flags.dry_run:
            return Receipt(events=())
        # Before it is noted for good: a key that nobody holds would be of no use.
        try:
            key = keys.make_key(folder, NAME)
        except OSError as error:
            reason = error.strerror or str(error)
            raise KeyUnwritableError(key=NAME, place=str(folder), reason=reason) from error
        made = [(NAME, NAME, ALGORITHM, keys.fingerprint(key))]
        return note_keys(tx, keys=made, stamp=world.stamp())


def key_file(world: Context) -> Path:
    """Return where the key lies."""
    return world.settings.keys / NAME
