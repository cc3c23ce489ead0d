"""Roles of people, granted and revoked by those who may; each an entry of the person's history."""

from __future__ import annotations

from assetctl.acts.steps import earlier
from assetctl.domain.events import RoleGranted, RoleRevoked
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ROLES, SECURITY_ADMIN, conflict, granting
from assetctl.errors import (
    DocumentRequiredError,
    InputError,
    RoleConflictError,
    RoleDeniedError,
    RoleHeldError,
    RoleNotHeldError,
    WrongPartyError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.parties import need_party
from assetctl.reads.roles import grants_made, has_role, holders, roles_of
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record


def appoint(tx: Tx, *, code: str, role: str, stamp: Stamp) -> Receipt:
    """Give a person a role as it is done when a register is made: nobody is asked yet.

    Raises:
        PartyNotFoundError: there is no such party.
    """
    need_party(tx.connection, code)
    lock(tx, [f"party:{code}"])
    return _granted(tx, code, role, None, stamp)


def grant(tx: Tx, *, code: str, role: str, stamp: Stamp, doc: str | None = None) -> Receipt:
    """Give a person a role.

    Raises:
        InputError: there is no such role.
        PartyNotFoundError, WrongPartyError: there is no such person.
        RoleDeniedError: the actor may not grant roles, or would grant himself one.
        RoleHeldError, RoleConflictError: the person has it, or another that excludes it.
    """
    again = earlier(tx, stamp, RoleGranted.kind, [f"party:{code}"], {"role": role, "doc": doc})
    if again:
        return again
    _must_be_known(role)
    person = need_party(tx.connection, code)
    if person.kind != "person":
        raise WrongPartyError(
            party=code, party_kind=person.kind, act=N_("role grant"), expected="person"
        )
    _must_be_entitled(tx, stamp.actor)
    if stamp.actor == code:
        reason = Phrase(N_("nobody grants himself a role"))
        raise RoleDeniedError(actor=stamp.actor, reason=reason)
    lock(tx, [f"party:{code}"])
    held = roles_of(tx.connection, code)
    if role in held:
        raise RoleHeldError(party=code, role=role)
    other = conflict(role, held)
    if other is not None:
        raise RoleConflictError(party=code, role=role, other=other)
    return _granted(tx, code, role, doc, stamp)


def revoke(tx: Tx, *, code: str, role: str, doc: str, stamp: Stamp) -> Receipt:
    """Take a role away from a person, under a document.

    Raises:
        InputError: there is no such role.
        PartyNotFoundError: there is no such party.
        DocumentRequiredError: no document is named.
        RoleDeniedError: the actor may not revoke roles, or nobody would be left who can grant any.
        RoleNotHeldError: the person does not have it.
    """
    again = earlier(tx, stamp, RoleRevoked.kind, [f"party:{code}"], {"role": role, "doc": doc})
    if again:
        return again
    _must_be_known(role)
    if not doc.strip():
        raise DocumentRequiredError(act=N_("role revoke"))
    need_party(tx.connection, code)
    _must_be_entitled(tx, stamp.actor)
    # Two who take each other's role away at once must not both succeed.
    wanted = _granting(tx)
    lock(tx, sorted({f"party:{one}" for one in (*holders(tx.connection, wanted), code)}))
    if role not in roles_of(tx.connection, code):
        raise RoleNotHeldError(party=code, role=role)
    if role == wanted and holders(tx.connection, wanted) == [code]:
        reason = Phrase(N_("nobody would be left who can grant roles"))
        raise RoleDeniedError(actor=stamp.actor, reason=reason)
    number = grants_made(tx.connection, code, role)
    event = RoleRevoked(role=role, number=number, doc=doc)
    return Receipt(events=record(tx, stamp, [(f"party:{code}", event)]))


def _granted(tx: Tx, code: str, role: str, doc: str | None, stamp: Stamp) -> Receipt:
    number = grants_made(tx.connection, code, role) + 1
    event = RoleGranted(role=role, number=number, doc=doc)
    return Receipt(events=record(tx, stamp, [(f"party:{code}", event)]))


def _must_be_known(role: str) -> None:
    if role not in ROLES:
        raise InputError(field="ROLE", value=role, expected=one_of(ROLES))


def _must_be_entitled(tx: Tx, actor: str) -> None:
    wanted = _granting(tx)
    if wanted not in roles_of(tx.connection, actor):
        reason = Phrase(N_("that is for whoever has the role {role}"), role=wanted)
        raise RoleDeniedError(actor=actor, reason=reason)


def _granting(tx: Tx) -> str:
    return granting(has_role(tx.connection, SECURITY_ADMIN))
