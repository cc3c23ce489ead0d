"""Keys in the history: made, revoked, retired; and whose acts must be signed from when on.

Only public halves come here. Where the secret ones lie is the business of the edge.
"""

from __future__ import annotations

from assetctl.acts.steps import earlier
from assetctl.domain.act_signature import ALGORITHM, OPERATOR, STATION
from assetctl.domain.key_events import (
    EVERYBODY,
    RETIRED,
    REVOKED,
    KeyCreated,
    KeyRetired,
    KeyRevoked,
    SigningLifted,
    SigningRequired,
)
from assetctl.domain.log_key import ALGORITHMS, LogKey
from assetctl.domain.note import VerifierKey, checks_at_hand, verify
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import (
    DocumentRequiredError,
    InputError,
    KeyEndedError,
    KeyInUseError,
    KeyNotFoundError,
    NoteInvalidError,
    WrongPartyError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.log import newest_checkpoint, origin_of
from assetctl.reads.log_keys import LogKeys, log_keys, new_log_key
from assetctl.reads.parties import need_party
from assetctl.reads.roles import has_role
from assetctl.reads.signing import Key, find_key, rules, rules_made
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

_LONGEST_NAME = 64


def note_act_key(
    tx: Tx, *, code: str, purpose: str, party: str, public: bytes, stamp: Stamp
) -> Receipt:  # fmt: skip
    """Note the public half of a key of an operator (a person) or of a station (any name).

    Raises:
        PartyNotFoundError, WrongPartyError: there is no such person.
        InputError: the name cannot be that of a station.
    """
    wish = {"purpose": purpose, "party": party}
    again = earlier(tx, stamp, KeyCreated.kind, [], wish)
    if again:
        return again
    if purpose == OPERATOR:
        found = need_party(tx.connection, party)
        if found.kind != "person":
            raise WrongPartyError(
                party=party, party_kind=found.kind, act=N_("key make"), expected="person"
            )
    elif not party or len(party) > _LONGEST_NAME or not party.isprintable() or " " in party:
        expected = N_("up to 64 printable characters without blanks")
        raise InputError(field="NAME", value=party, expected=expected)
    event = KeyCreated(
        purpose=purpose, algorithm=ALGORITHM, public=public.hex(), party=party
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"key:{code}", event)]))


def revoke_key(tx: Tx, *, code: str, since: str, reason: str, doc: str, stamp: Stamp) -> Receipt:
    """Revoke a key of an operator or a station for what was done from an instant on.

    It may be revoked again for an earlier instant, and never for a later one.

    Raises:
        KeyNotFoundError: the register notes no such key.
        KeyEndedError: it is revoked since then already.
        InputError: it is another sort of key, the reason is unknown, or the instant lies ahead.
        DocumentRequiredError: no document is named.
    """
    subject = f"key:{code}"
    wish = {"from": since, "reason": reason, "doc": doc}
    again = earlier(tx, stamp, KeyRevoked.kind, [subject], wish)
    if again:
        return again
    if reason not in REVOKED:
        raise InputError(field="--reason", value=reason, expected=one_of(REVOKED))
    if not doc.strip():
        raise DocumentRequiredError(act=N_("key revoke"))
    _must_not_lie_ahead("--from", since, stamp)
    lock(tx, [subject])
    key = _need_key(tx, code)
    if key.purpose not in (OPERATOR, STATION):
        expected = N_("the code of a key of an operator or a station")
        raise InputError(field="CODE", value=code, expected=expected)
    if key.ended_at is not None and since >= key.ended_at:
        raise KeyEndedError(key=code, since=key.ended_at, ended_as=key.ended_as)
    event = KeyRevoked(from_=since, reason=reason, doc=doc)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def require_signing(
    tx: Tx, *, role: str, since: str, stamp: Stamp, doc: str | None = None
) -> Receipt:
    """Require that operators with a role (`*`: all) sign what they record from an instant on.

    Raises:
        InputError: nobody has the role, the instant lies behind, or an earlier one holds already.
    """
    subject = f"role:{role}"
    again = earlier(tx, stamp, SigningRequired.kind, [subject], {"since": since, "doc": doc})
    if again:
        return again
    if role != EVERYBODY and not has_role(tx.connection, role):
        expected = N_("a role that somebody has, such as administrator")
        raise InputError(field="ROLE", value=role, expected=expected)
    if since < stamp.rec:
        expected = N_("a time that has not passed: what was recorded before cannot be signed now")
        raise InputError(field="--since", value=since, expected=expected)
    lock(tx, [subject])
    before = _rule(tx, role)
    if before is not None and since >= before:
        expected = Phrase(N_("a time before {since}, since when it is required"), since=before)
        raise InputError(field="--since", value=since, expected=expected)
    number = rules_made(tx.connection, role) + 1
    event = SigningRequired(number=number, since=since, doc=doc)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def lift_signing(tx: Tx, *, role: str, stamp: Stamp, doc: str | None = None) -> Receipt:
    """Lift the rule that operators with a role must sign.

    Raises:
        InputError: there is no such rule.
    """
    subject = f"role:{role}"
    again = earlier(tx, stamp, SigningLifted.kind, [subject], {"doc": doc})
    if again:
        return again
    lock(tx, [subject])
    if _rule(tx, role) is None:
        raise InputError(field="ROLE", value=role, expected=N_("a role that must sign"))
    event = SigningLifted(number=rules_made(tx.connection, role), doc=doc)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def note_log_key(tx: Tx, *, vkey: VerifierKey, vouched: str, stamp: Stamp) -> Receipt:
    """Note a new key of the log that an older one vouches for.

    Raises:
        KeyUnvouchedError: it is of another log or sort, known already, or nobody vouches for it.
        HistoryBrokenError: the keys noted so far are not to be trusted.
    """
    again = earlier(tx, stamp, KeyCreated.kind, [], {"vouched": vouched})
    if again:
        return again
    lock(tx, ["key:log"])  # one new key at a time
    key = new_log_key(log_keys(tx.connection), vkey, vouched)
    event = KeyCreated(
        purpose="log", algorithm=ALGORITHMS[key.tree].name, public=vkey.public.hex(),
        vouched=vouched,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"key:{key.code}", event)]))


def retire_log_key(tx: Tx, *, code: str, stamp: Stamp) -> Receipt:
    """End the overlap of two keys of the log: the older one signs no more.

    Raises:
        KeyNotFoundError: it is no key of the log.
        KeyEndedError: it is retired already.
        KeyInUseError: it is the newest one, or the newest has signed no checkpoint yet.
    """
    subject = f"key:{code}"
    again = earlier(tx, stamp, KeyRetired.kind, [subject], {})
    if again:
        return again
    lock(tx, [subject])
    known = log_keys(tx.connection)
    key = next((one for one in known.keys if one.code == code), None)
    if key is None:
        raise KeyNotFoundError(key=code)
    if key.retired is not None:
        raise KeyEndedError(key=code, since=key.retired, ended_as=RETIRED)
    _must_have_a_successor(tx, known, key)
    return Receipt(events=record(tx, stamp, [(subject, KeyRetired())]))


def _must_have_a_successor(tx: Tx, known: LogKeys, key: LogKey) -> None:
    newest = known.in_use(key.tree)[-1]
    if newest is key:
        raise KeyInUseError(key=key.code, reason=Phrase(N_("no newer one is in use")))
    # Whoever believes the old key must be able to see the new one beside it, once at least.
    kept = newest_checkpoint(tx.connection, origin_of(known.origin, key.tree))
    try:
        both = [one.vkey for one in (key, newest)]
        signed = verify(kept.note, both, checks_at_hand()) if kept else ()
    except NoteInvalidError:
        signed = ()
    if len(signed) < 2:
        reason = N_("no checkpoint has been signed with it and with {newest} yet; run: seal")
        raise KeyInUseError(key=key.code, reason=Phrase(reason, newest=newest.code))


def _need_key(tx: Tx, code: str) -> Key:
    found = find_key(tx.connection, code)
    if found is None:
        raise KeyNotFoundError(key=code)
    return found


def _rule(tx: Tx, role: str) -> str | None:
    return next((rule.since for rule in rules(tx.connection) if rule.role == role), None)


def _must_not_lie_ahead(field: str, moment: str, stamp: Stamp) -> None:
    if moment > stamp.rec:
        expected = N_("a time that is not in the future")
        raise InputError(field=field, value=moment, expected=expected)
