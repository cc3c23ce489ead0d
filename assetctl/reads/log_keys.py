"""The keys of the log: the one its genesis names, and those that it vouches for, one by another.

A new key is an entry like any other, with the signature of an older key of the log over its
verifier key (`vouched`). So trust begins at the genesis entry and needs nothing from outside, until
a key is stolen: then only people can say which key counts, by a new policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.key_events import KeyCreated, KeyRetired
from assetctl.domain.log_key import (
    ALGORITHMS,
    LogKey,
    check_vouched,
    code_of,
    vkey_of,
)
from assetctl.domain.note import VerifierKey, parse_key, verifier_key
from assetctl.domain.policy import Policy
from assetctl.errors import KeyUnvouchedError, NoteInvalidError
from assetctl.i18n import N_, Phrase
from assetctl.reads.log import Log, origin_of, the_log
from assetctl.reads.replay import broken, same
from assetctl.reads.subject_chain import data_of, entries_of
from assetctl.store.tables import log
from assetctl.store.tree import MAIN

SM3 = "sm3"
"""The tree that may have keys of another algorithm."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Every key of the log that is trusted, in the order in which they were noted."""

    origin: str
    keys: tuple[LogKey, ...]

    def of(self, tree: str) -> list[LogKey]:
        """Return the keys that were noted for a tree, the oldest first."""
        return [key for key in self.keys if key.tree == tree]

    def in_use(self, tree: str) -> list[LogKey]:
        """Return those of them that have not been retired."""
        return [key for key in self.of(tree) if key.retired is None]

    def signing(self, tree: str) -> list[VerifierKey]:
        """Return the keys whose signatures on a checkpoint of a tree are expected.

        A second tree without keys of its own is signed with those of the log.
        """
        own = [key.vkey for key in self.in_use(tree)]
        if own or tree == MAIN:
            return own
        name = origin_of(self.origin, tree)
        return [verifier_key(name, key.vkey.public) for key in self.in_use(MAIN)]

    def policy(self, tree: str = MAIN) -> Policy:
        """Return the policy that believes the keys in use, and asks for no witness."""
        return Policy(logs=tuple(self.signing(tree)))

    def policies(self) -> list[str]:
        """Return the text of every policy of the log there has been, the newest last."""
        keys = self.of(MAIN)
        moments = sorted({key.created for key in keys} | {key.retired or "" for key in keys})
        texts = [
            str(Policy(logs=tuple(key.vkey for key in keys if key.is_in_use(at)))) for at in moments
        ]
        return [*texts, str(self.policy())]


def log_keys(connection: Connection) -> LogKeys:
    """Return the keys of the log that are trusted, read from the history.

    Raises:
        HistoryBrokenError: a key is noted that no trusted one vouches for.
    """
    found = the_log(connection)
    genesis = bytes(connection.execute(sa.select(log.c.leaf)).scalar_one())
    first = LogKey(code="log", tree=MAIN, vkey=_genesis_key(found), created="", retired=None)
    trusted: list[LogKey] = []
    for tree in (MAIN, SM3):
        for number in count(1):
            code = code_of(tree, number)
            subject = f"key:{code}"
            entries = entries_of(connection, genesis, subject)
            if not entries and code != first.code:
                break
            key = first if code == first.code else _made(subject, entries, found.origin, tree)
            if code == first.code and entries:
                same(subject, 1, "it is not the key that the genesis entry names",
                     first.vkey.public.hex(), data_of(entries[0]).get("public"))  # fmt: skip
            elif key is not first:
                _must_be_vouched(subject, key, data_of(entries[0]).get("vouched"), trusted)
            retired = (one["rec"] for one in entries if one["kind"] == KeyRetired.kind)
            trusted.append(key._replace(retired=next(retired, None)))
    return LogKeys(found.origin, tuple(trusted))


def new_log_key(known: LogKeys, vkey: VerifierKey, vouched: str) -> LogKey:
    """Return a new key of the log as it will be noted, after checking who answers for it.

    Raises:
        KeyUnvouchedError: it is of another log or sort, is noted already, or no key of the log
            that is in use vouches for it.
    """
    tree = MAIN if vkey.name == known.origin else SM3
    if vkey.name != origin_of(known.origin, tree):
        expected = Phrase(N_("it is a key of {name}, and not of this log"), name=vkey.name)
        raise KeyUnvouchedError(vkey=vkey, reason=expected)
    if (vkey.kind, vkey.identifier) != ALGORITHMS[tree].sort:
        reason = Phrase(N_("it is not of the sort that this tree is signed with"))
        raise KeyUnvouchedError(vkey=vkey, reason=reason)
    for key in known.keys:
        if key.vkey.public == vkey.public:
            reason = Phrase(N_("it is noted already as {code}"), code=key.code)
            raise KeyUnvouchedError(vkey=vkey, reason=reason)
    try:
        check_vouched(vkey, vouched, [key.vkey for key in known.in_use(MAIN)])
    except NoteInvalidError as error:
        raise KeyUnvouchedError(vkey=vkey, reason=error.facts["reason"]) from error
    code = code_of(tree, len(known.of(tree)) + 1)
    return LogKey(code=code, tree=tree, vkey=vkey, created="~", retired=None)


def _genesis_key(found: Log) -> VerifierKey:
    try:
        return parse_key(found.vkey)
    except NoteInvalidError:
        broken("log", 0, "it is no key of the log", Phrase(N_("a public key")), found.vkey)


def _made(subject: str, entries: Sequence[dict[str, Any]], origin: str, tree: str) -> LogKey:
    created = entries[0]
    same(subject, 1, "a key begins with its making", KeyCreated.kind, created["kind"])
    data = data_of(created)
    try:
        name = origin_of(origin, tree)
        vkey = vkey_of(name, str(data.get("algorithm")), bytes.fromhex(str(data.get("public"))))
    except (NoteInvalidError, ValueError) as error:
        broken(subject, 1, "it is no key of the log", Phrase(N_("a public key")), str(error))
    same(subject, 1, "it is not of the sort that this tree is signed with",
         ALGORITHMS[tree].name, data.get("algorithm"))  # fmt: skip
    code = subject.partition(":")[2]
    return LogKey(code=code, tree=tree, vkey=vkey, created=created["rec"], retired=None)


def _must_be_vouched(subject: str, key: LogKey, vouched: Any, trusted: Sequence[LogKey]) -> None:
    able = [one.vkey for one in trusted if one.tree == MAIN and one.is_in_use(key.created)]
    try:
        check_vouched(key.vkey, str(vouched), able)
    except NoteInvalidError:
        wanted = Phrase(N_("a signature of {keys}"), keys=", ".join(str(one) for one in able))
        broken(subject, 1, "no trusted key of the log vouches for it", wanted, vouched)
