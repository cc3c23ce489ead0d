"""Whom to believe about a log (C2SP tlog-policy): its keys, its witnesses, and how many of them.

A policy is a text file: `log <vkey>`, `witness <name> <vkey> [url]`, `group <name> all|any|<k>
<name>…`, and one `quorum <name>|none`. A checkpoint counts if one of the logs has signed it and the
quorum has cosigned it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assetctl.domain.checkpoint import Checkpoint, parse_checkpoint
from assetctl.domain.note import (
    COSIGNATURE,
    Check,
    Note,
    Signed,
    VerifierKey,
    parse_key,
    verify,
)
from assetctl.errors import NoteInvalidError, PolicyInvalidError
from assetctl.i18n import N_, Phrase

NOBODY = "none"
"""The quorum that asks for no witness."""

_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness: its key, and where it can be asked, if anywhere."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many of these witnesses or groups."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Keys of the log, witnesses and groups by name, and the name that must be satisfied."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, Group] = field(default_factory=lambda: MappingProxyType({}))
    quorum: str = NOBODY

    def __str__(self) -> str:
        lines = [f"log {key}" for key in self.logs]
        for name, one in self.witnesses.items():
            lines.append(f"witness {name} {one.key} {one.url}".rstrip())
        for name, group in self.groups.items():
            lines.append(f"group {name} {group.least} {' '.join(group.members)}")
        return "\n".join([*lines, f"quorum {self.quorum}", ""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A checkpoint that the policy accepts, and who has signed it."""

    checkpoint: Checkpoint
    signed: tuple[Signed, ...]

    @property
    def seen(self) -> int | None:
        """The latest time that a witness names, in seconds since 1970; None without witnesses."""
        return max((one.time for one in self.signed if one.time is not None), default=None)


def parse_policy(text: str, source: str = "policy") -> Policy:
    """Return what a policy file says.

    Raises:
        PolicyInvalidError: names the first line that is wrong.
    """
    reader = _Reader(source)
    for number, line in enumerate(text.split("\n"), 1):
        reader.take(number, line)
    return reader.policy()


def believe(
    policy: Policy, note: Note, extra: Mapping[bytes, Check] | None = None
) -> Believed:  # fmt: skip
    """Return the checkpoint of a note that the policy accepts.

    Raises:
        NoteInvalidError: no key of its log has signed it, a signature does not hold, or too few
            witnesses have cosigned it.
    """
    checkpoint = parse_checkpoint(note.text)
    logs = [key for key in policy.logs if key.name == checkpoint.origin]
    keys = [*logs, *(one.key for one in policy.witnesses.values())]
    signed = verify(note, keys, extra)
    found = {one.key for one in signed}
    if not found & set(logs):
        reason = Phrase(N_("no trusted key of {origin} has signed it"), origin=checkpoint.origin)
        raise NoteInvalidError(reason=reason)
    names = {name for name, one in policy.witnesses.items() if one.key in found}
    if policy.quorum not in _satisfied(policy, names):
        reason = Phrase(N_("too few witnesses have signed it ({count})"), count=len(names))
        raise NoteInvalidError(reason=reason)
    return Believed(checkpoint=checkpoint, signed=signed)


def _satisfied(policy: Policy, witnesses: set[str]) -> set[str]:
    """Return every name that may be a quorum and is satisfied if these witnesses have signed."""
    found = {NOBODY, *witnesses}
    for name, group in policy.groups.items():  # which name only what stands above them
        if sum(one in found for one in group.members) >= group.least:
            found.add(name)
    return found


class _Reader:
    """A policy as its lines are read."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._line = 0
        self._logs: list[VerifierKey] = []
        self._witnesses: dict[str, Witness] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        self._line = number
        if not _LINE.fullmatch(line):
            raise self._wrong(N_("it holds control characters"))
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            return
        read = self._readers.get(words[0])
        if read is None:
            raise self._wrong(N_("{word!r} is no word of a policy"), word=words[0][:40])
        read(self, words[1:])

    def policy(self) -> Policy:
        """Return what was read."""
        if self._quorum is None:
            raise self._wrong(N_("it has no quorum line"))
        return Policy(
            logs=tuple(self._logs), witnesses=MappingProxyType(self._witnesses),
            groups=MappingProxyType(self._groups), quorum=self._quorum,
        )  # fmt: skip

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise self._wrong(N_("it must say: log KEY [URL]"))
        key = self._key(words[0])
        if any(key.public == one.public for one in self._logs):
            raise self._wrong(N_("this key stands there twice"))
        self._logs.append(key)

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise self._wrong(N_("it must say: witness NAME KEY [URL]"))
        name, key = self._new_name(words[0]), self._key(words[1])
        if key.kind != COSIGNATURE:
            raise self._wrong(N_("the key of a witness must be of type 4"))
        if any(key.public == one.key.public for one in self._witnesses.values()):
            raise self._wrong(N_("this key stands there twice"))
        self._witnesses[name] = Witness(key=key, url=words[2] if len(words) > 2 else "")

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise self._wrong(N_("it must say: group NAME all|any|NUMBER NAME …"))
        name, how, members = self._new_name(words[0]), words[1], words[2:]
        least = {"any": 1, "all": len(members)}.get(how)
        if least is None:
            least = int(how) if _COUNT.fullmatch(how) else 0
        if not 1 <= least <= len(members):
            raise self._wrong(N_("{word!r} cannot be the number of a group"), word=how[:40])
        for one in members:
            self._must_be_defined(one)
            if one in self._members:
                raise self._wrong(N_("{name} is a member twice"), name=one)
            self._members.add(one)
        self._groups[name] = Group(least=least, members=tuple(members))

    def _set_quorum(self, words: list[str]) -> None:
        if len(words) != 1 or self._quorum is not None:
            raise self._wrong(N_("it must say once: quorum NAME, or quorum none"))
        if words[0] != NOBODY:
            self._must_be_defined(words[0])
        self._quorum = words[0]

    _readers: Mapping[str, Callable[[_Reader, list[str]], None]] = MappingProxyType(
        {"log": _log, "witness": _witness, "group": _group, "quorum": _set_quorum}
    )

    def _key(self, text: str) -> VerifierKey:
        try:
            return parse_key(text)
        except NoteInvalidError as error:
            raise PolicyInvalidError(
                file=self._source, line=self._line, problem=error.facts["reason"]
            ) from error

    def _new_name(self, name: str) -> str:
        if name == NOBODY or name in self._witnesses or name in self._groups:
            raise self._wrong(N_("the name {name} is taken"), name=name)
        return name

    def _must_be_defined(self, name: str) -> None:
        if name not in self._witnesses and name not in self._groups:
            raise self._wrong(N_("{name} is not defined above"), name=name)

    def _wrong(self, problem: str, **facts: object) -> PolicyInvalidError:
        return PolicyInvalidError(
            file=self._source, line=self._line, problem=Phrase(problem, **facts)
        )
