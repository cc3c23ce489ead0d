"""Whose signatures count: keys, roles and rules as history notes them, read from its bytes.

Nothing here is taken from the tables: every chain that matters (of a key, of the person who acted,
of a role) is read and checked when it is first asked for. A signature that does not hold, or was
made with no key or with somebody else's, breaks the history. One that holds and does not count,
because its key was revoked, and an act that had to be signed and was not, are findings: the history
is whole, but the act has not the authority that it seems to have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from assetctl.domain.act_signature import (
    OPERATOR,
    Signatory,
    check_act,
    doubt,
    signatory_of,
)
from assetctl.domain.events import RoleGranted, RoleRevoked, SnapshotTaken
from assetctl.domain.key_events import EVERYBODY, SigningRequired
from assetctl.i18n import N_, Phrase
from assetctl.reads.entries import ACTOR, Batch
from assetctl.reads.subject_chain import data_of, entries_of

UNSIGNED, REVOKED = "signature.missing", "signature.revoked"
"""Codes of findings: not signed although it had to be; signed with a key that no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFinding:
    """An act whose authority is in doubt: its entry, who acted, the key if any, and why."""

    code: str
    subject: str
    seq: int
    event_id: str
    kind: str
    at: str
    recorded_at: str
    actor: str
    by: str | None
    reason: Phrase


@dataclass(frozen=True, slots=True)
class _Rule:
    """From `since` on, by the time of recording, and until `lifted`, acts must be signed.

    The entry that lifts it is bound by it, the one that notes it is not.
    """

    role: str
    noted: str
    since: str
    lifted: str


class _Held(NamedTuple):
    """From when to when an operator had a role."""

    granted: str
    revoked: str


class Signatories:
    """Keys, roles and rules of one register, as far as they were asked for."""

    def __init__(
        self, connection: Connection, genesis: bytes,
        on_finding: Callable[[ActFinding], None] | None = None,
    ) -> None:  # fmt: skip
        self._connection = connection
        self.genesis = genesis
        self._on_finding = on_finding
        self._keys: dict[str, Signatory | None] = {}
        self._rules: dict[str, tuple[_Rule, ...]] = {}
        self._rules_of: dict[str, tuple[tuple[_Held, _Rule], ...]] = {}
        self._free: set[str] = set()
        self.signed = 0
        """How many signatures were checked and hold."""
        self.findings = 0
        """How many entries are in doubt."""

    def look_at_all(self, batch: Batch) -> None:
        """Look at each of some entries that are whole; see `look`."""
        numbers = set(batch.parsed)
        # Common entries are not signed, and need not be by those for whom there is no rule.
        actors = batch.columns[ACTOR]
        if not self._free.issuperset(actors):
            numbers |= {number for number, one in enumerate(actors) if one not in self._free}
        for number in sorted(numbers):
            self.look(batch.fields(number))

    def look(self, fields: Mapping[str, Any]) -> None:
        """Check who signed an entry that is whole; count it, and tell of it if it is in doubt.

        Raises:
            HistoryBrokenError: see `judge`.
        """
        found = self.judge(fields)
        self.signed += "by" in fields
        if found is not None:
            self.findings += 1
            if self._on_finding is not None:
                self._on_finding(found)

    def judge(self, fields: Mapping[str, Any]) -> ActFinding | None:
        """Return what is doubtful about who signed an entry that is whole, None if nothing is.

        Raises:
            HistoryBrokenError: the signature does not hold, or the key is not one that may sign it.
        """
        if "by" in fields or "sig" in fields:
            return self._signed(fields)
        return self._unsigned(fields, None)

    def key(self, code: str) -> Signatory | None:
        """Return the key that history notes under a code, None if it notes none.

        Raises:
            HistoryBrokenError: the history of the key does not hold.
        """
        if code not in self._keys:
            self._keys[code] = signatory_of(code, self._entries(f"key:{code}"))
        return self._keys[code]

    def must_sign(self, actor: str, rec: str) -> tuple[str, str] | None:
        """Return role and instant since which the actor's acts recorded at `rec` must be signed.

        Raises:
            HistoryBrokenError: the history of the person or of a role does not hold.
        """
        if actor not in self._rules_of:
            self._rules_of[actor] = self._rules_for(actor)
            if not self._rules_of[actor]:
                self._free.add(actor)
        for (granted, revoked), rule in self._rules_of[actor]:
            if max(granted, rule.noted) < rec <= min(revoked, rule.lifted) and rule.since <= rec:
                return rule.role, rule.since
        return None

    def _signed(self, fields: Mapping[str, Any]) -> ActFinding | None:
        by = fields.get("by")
        key = check_act(fields, self.key(by) if isinstance(by, str) else None)
        reason = doubt(fields, key)
        if reason is not None:
            return _finding(REVOKED, fields, reason)
        return self._unsigned(fields, key)

    def _unsigned(self, fields: Mapping[str, Any], key: Signatory | None) -> ActFinding | None:
        if key is not None and key.purpose == OPERATOR:
            return None
        if fields["kind"] == SnapshotTaken.kind:
            return None  # it says what follows from the log, whoever takes it
        rule = self.must_sign(fields["actor"], fields["rec"])
        if rule is None:
            return None
        role, since = rule
        who = Phrase(N_("every operator"))
        if role != EVERYBODY:
            who = Phrase(N_("role {role}"), role=role)
        template = N_("{who} must sign since {since}, and nobody has signed it")
        if key is not None:
            template = N_("{who} must sign since {since}, and only the station has signed it")
        reason = Phrase(template, who=who, since=since)
        return _finding(UNSIGNED, fields, reason)

    def _rules_for(self, actor: str) -> tuple[tuple[_Held, _Rule], ...]:
        held = {(EVERYBODY, 1): _Held("", "~")}
        for fields in self._entries(f"party:{actor}"):
            data = data_of(fields)
            grant = (str(data.get("role")), data.get("number", 1))
            if fields["kind"] == RoleGranted.kind:
                held[grant] = _Held(fields["rec"], "~")
            elif fields["kind"] == RoleRevoked.kind and grant in held:
                held[grant] = _Held(held[grant].granted, fields["rec"])
        return tuple(
            (span, rule) for (role, _), span in held.items() for rule in self._of_role(role)
        )

    def _of_role(self, role: str) -> tuple[_Rule, ...]:
        if role not in self._rules:
            rules: list[_Rule] = []
            for fields in self._entries(f"role:{role}"):
                rec = fields["rec"]
                if rules and rules[-1].lifted > rec:
                    # A rule counts until the next one is noted.
                    last = rules.pop()
                    rules.append(_Rule(role, last.noted, last.since, rec))
                if fields["kind"] == SigningRequired.kind:
                    rules.append(_Rule(role, rec, str(data_of(fields).get("since", "")), "~"))
            self._rules[role] = tuple(rules)
        return self._rules[role]

    def _entries(self, subject: str) -> list[dict[str, Any]]:
        return entries_of(self._connection, self.genesis, subject)


def _finding(code: str, fields: Mapping[str, Any], reason: Phrase) -> ActFinding:
    return ActFinding(
        code=code, subject=fields["subject"], seq=fields["n"], event_id=fields["id"],
        kind=fields["kind"], at=fields["at"], recorded_at=fields["rec"], actor=fields["actor"],
        by=fields.get("by"), reason=reason,
    )  # fmt: skip
