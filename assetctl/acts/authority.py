"""On whose authority an act is done: the role of the actor, and the document it is under.

A document allows acts; each act that it allows is entered in it, in the same transaction, and the
papers that go with it are issued. Neither can be had without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from assetctl.acts.paper_lines import paper
from assetctl.domain.document import DocAct, DocState, must_stand, series_of
from assetctl.domain.document_events import DocumentExecuted
from assetctl.domain.document_kinds import RELEASED, Move
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Act, Custody, gives_away, roles_for
from assetctl.domain.request import Stamp
from assetctl.domain.roles import ACTING, AUDIT_ADMIN, AUDITOR
from assetctl.errors import (
    ActDeniedError,
    AuditorWritesError,
    DocumentNotFoundError,
    DocumentUnfitError,
    DutiesMixedError,
    InputError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import Document, find_document
from assetctl.reads.parties import need_party, path_of
from assetctl.reads.roles import HELD
from assetctl.reads.stocktakes import is_stocktake
from assetctl.store.engine import Prepared, Tx
from assetctl.store.lists import among, as_list
from assetctl.store.record import Fact, lock
from assetctl.store.tables import counter, document, document_asset, party, role_grant

_WATCHING = frozenset({AUDITOR, AUDIT_ADMIN})
"""Roles of those who look at everything and change nothing."""


def _plain(code: str) -> sa.ColumnElement[str]:
    """Return a code of our own as it stands in SQL: a parameter would cost more than the look."""
    return sa.literal_column(f"'{code}'")


_OWN = sa.select(_plain("role"), role_grant.c.role, sa.null()).where(
    role_grant.c.code == sa.bindparam("actor"), HELD
)
_GIVEN = sa.select(_plain("given"), _plain(""), sa.null()).where(
    sa.exists().where(sa.or_(*(role_grant.c.role == _plain(role) for role in ACTING)))
)
_PROMISES = sa.select(_plain("promised"), document_asset.c.promised, document_asset.c.number)
_OF_ONE = Prepared(
    sa.union_all(_OWN, _GIVEN, _PROMISES.where(document_asset.c.promised == sa.bindparam("wanted")))
)
_OF_MANY = Prepared(
    sa.union_all(_OWN, _GIVEN, _PROMISES.where(among(document_asset.c.promised, "wanted")))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What the actor is, whether that matters yet, and to which documents the assets are promised.

    Roles matter from the first one on that is given to anybody who asks, approves or keeps: until
    then the register is being set up, by one or two persons.
    """

    roles: frozenset[str]
    are_given: bool
    promises: Mapping[str, str]


def authority_of(tx: Tx, actor: str, asset_ids: Sequence[str] = ()) -> Authority:
    """Return what an actor may go by, after the assets were locked.

    It is asked apart from their locked rows: what another writer has just promised is seen only
    by a question that begins after he has finished.
    """
    if len(asset_ids) == 1:
        only = {"actor": actor, "wanted": asset_ids[0]}
        rows: Iterable[Any] = _OF_ONE.run(tx.connection, only).fetchall()
    else:
        many = {"actor": actor, "wanted": as_list(tx.connection, asset_ids)}
        rows = _OF_MANY.run(tx.connection, many).fetchall()
    found: dict[str, dict[str, str]] = {"role": {}, "given": {}, "promised": {}}
    for sort, what, number in rows:
        found[sort][what] = number
    if AUDITOR not in found["role"]:
        tx.writers.add(actor)
    return Authority(
        roles=frozenset(found["role"]), are_given=bool(found["given"]), promises=found["promised"]
    )


def must_may(authority: Authority, actor: str, act: Act) -> None:
    """Return if the actor's roles let him do this.

    Raises:
        ActDeniedError: they do not.
    """
    must_hold(authority, actor, act.value, roles_for(act))


def must_hold(authority: Authority, actor: str, act: str, roles: Sequence[str]) -> None:
    """Return if the actor has one of some roles, or roles do not matter yet.

    Raises:
        AuditorWritesError: he has one that changes nothing.
        ActDeniedError: he has none of them.
    """
    if authority.roles & _WATCHING:
        raise AuditorWritesError(actor=actor)
    if authority.are_given and not authority.roles & set(roles):
        raise ActDeniedError(actor=actor, act=act, roles=", ".join(roles))


def unit_of(tx: Tx, actor: str) -> str:
    """Return the unit that the actor belongs to.

    Raises:
        PartyNotFoundError: he is not in the register.
        InputError: he belongs to none.
    """
    person = need_party(tx.connection, actor)
    if person.unit is None:
        expected = N_("a person who belongs to a unit")
        raise InputError(field="--as", value=actor, expected=expected)
    return person.unit


def under_documents(
    tx: Tx, act: Act, custodies: Sequence[Custody], facts: list[Fact], stamp: Stamp,
    authority: Authority, doc: str | None,
) -> tuple[list[Fact], list[Fact]]:  # fmt: skip
    """Return the facts of an act with what they mean for the documents they are under.

    The second part are further lines of papers, to be recorded after the first.

    A document is meant where its number is given, or where it has a claim on the asset and allows
    this act. Facts that name no document get its number.

    Raises:
        DocumentUnfitError: an asset is not on the document, or it does not allow this.
        DocumentNotFoundError: the number is of one of our series, and is not taken.
        DocumentStateError: the document is not approved, or ended.
        ActDeniedError, DutiesMixedError: it is for somebody else to do this.
    """
    papers = _documents(tx, act, custodies, authority, doc)
    if not papers:
        return facts, []
    by_asset = {one.asset_id: number for number, part in papers.items() for one in part.customs}
    signed = [(subject, _under(event, by_asset.get(subject.removeprefix("asset:"))))
              for subject, event in facts]  # fmt: skip
    events = {subject.removeprefix("asset:"): event for subject, event in signed}
    more: list[Fact] = []
    for number in sorted(papers):
        entered, further = _entered(tx, act, papers[number], events, stamp, authority)
        signed += entered
        more += further
    return signed, more


@dataclass(slots=True, kw_only=True)
class _Part:
    """The assets of an act that are under one document."""

    document: Document
    customs: list[Custody]


def _documents(
    tx: Tx, act: Act, custodies: Sequence[Custody], authority: Authority, doc: str | None
) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    named = _named(tx, act, doc) if doc else None
    if named and _allows(named, act):
        found[named.number] = _Part(document=named, customs=list(custodies))
        return found
    if named and gives_away(act):
        reason = Phrase(N_("such a document does not allow it"))
        raise DocumentUnfitError(act=act.value, number=named.number, reason=reason)
    claims = authority.promises
    if not claims:
        return {}
    # All of them in one order, so that two who bring back things of the same loans never wait for
    # each other.
    lock(tx, [f"doc:{number}" for number in set(claims.values())])
    for custody in custodies:
        number = claims.get(custody.asset_id)
        if number is None:
            continue
        if number not in found:
            found[number] = _Part(document=_locked(tx, number), customs=[])
        found[number].customs.append(custody)
    return {number: part for number, part in found.items() if _allows(part.document, act)}


def _allows(one: Document, act: Act) -> bool:
    return any(move.act is act for move in one.doc_kind.moves)


def _named(tx: Tx, act: Act, number: str) -> Document | None:
    """Return the document of ours that a number names; papers of others are not ours to judge."""
    there = sa.select(document.c.number).where(document.c.number == number)
    if tx.connection.execute(there).first():
        return _locked(tx, number)
    if is_stocktake(tx.connection, number):
        if not gives_away(act):
            return None  # what it counts and books goes by its own course
        reason = Phrase(N_("a stocktake hands nothing over"))
        raise DocumentUnfitError(act=act.value, number=number, reason=reason)
    series = series_of(number)
    taken = sa.select(counter.c.series).where(counter.c.series == series)
    if series and tx.connection.execute(taken).first():
        raise DocumentNotFoundError(number=number)
    return None


def _locked(tx: Tx, number: str) -> Document:
    lock(tx, [f"doc:{number}"])
    found = find_document(tx.connection, number, with_texts=False)
    if found is None:
        raise DocumentNotFoundError(number=number)
    return found


def _under(event: Event, number: str | None) -> Event:
    if number is None or getattr(event, "doc", number) is not None:
        return event
    changed: Any = replace
    return changed(event, doc=number)  # type: ignore[no-any-return]


def _entered(
    tx: Tx, act: Act, part: _Part, events: Mapping[str, Event], stamp: Stamp, authority: Authority
) -> tuple[list[Fact], list[Fact]]:
    one = part.document
    after = must_stand(DocAct.EXECUTE, DocState(one.state), one.number)
    ids = [custody.asset_id for custody in part.customs]
    move = _move(one, act, ids)
    _must_be_entitled(tx, one, move, stamp, authority)
    _must_fit(tx, one, move, {asset_id: events[asset_id] for asset_id in ids})
    _must_be_inside(tx, one, move, {getattr(events[asset_id], "place", None) for asset_id in ids})
    is_end = one.doc_kind.is_end(move.to, one.mode)
    reached = set((one.assets | dict.fromkeys(ids, move.to)).values())
    if all(state == RELEASED or one.doc_kind.is_end(state, one.mode) for state in reached):
        after = DocState.DONE
    event = DocumentExecuted(
        doc_state=after.value, round=one.round, act=act.value, line_state=move.to,
        assets=sorted(ids),
        is_end=int(is_end),
    )  # fmt: skip
    issued = [
        paper(tx, kind, one, part.customs, events, stamp=stamp, verdict=move.to)
        for kind in move.papers
    ]
    entered: list[Fact] = [(f"doc:{one.number}", event), *(fact for fact, _ in issued)]
    return entered, [fact for _, further in issued for fact in further]


def _move(one: Document, act: Act, asset_ids: Sequence[str]) -> Move:
    """Return what the document allows to be done with all of some assets."""
    allowed: dict[str, Move] = {}
    for asset_id in asset_ids:
        state = one.assets.get(asset_id)
        if state is None:
            reason = Phrase(N_("{asset_id} is not on it"), asset_id=asset_id)
            raise DocumentUnfitError(act=act.value, number=one.number, reason=reason)
        if state not in allowed:
            move = one.doc_kind.move(act, state, one.mode)
            if move is None:
                reason = Phrase(N_("{asset_id} is {line_state} there, and it does not allow this"),
                                asset_id=asset_id, line_state=state)  # fmt: skip
                raise DocumentUnfitError(act=act.value, number=one.number, reason=reason)
            allowed[state] = move
    return next(iter(allowed.values()))


def _unit_or_none(tx: Tx, person: str) -> str | None:
    return tx.connection.execute(sa.select(party.c.unit).where(party.c.code == person)).scalar()


def _must_be_entitled(
    tx: Tx, one: Document, move: Move, stamp: Stamp, authority: Authority
) -> None:  # fmt: skip
    actor = stamp.actor
    must_hold(authority, actor, move.act.value, move.roles)
    if move.side:
        wanted = one.unit_of(move.side)
        if _unit_or_none(tx, actor) != wanted:
            reason = Phrase(N_("it is for people of {unit}"), unit=wanted)
            raise DutiesMixedError(actor=actor, number=one.number, reason=reason)
    if move.is_apart:
        if actor == one.applicant:
            reason = Phrase(N_("whoever asked for it does not hand it over"))
            raise DutiesMixedError(actor=actor, number=one.number, reason=reason)
        if any(opinion.person == actor for opinion in one.given()):
            reason = Phrase(N_("whoever approved it does not hand it over"))
            raise DutiesMixedError(actor=actor, number=one.number, reason=reason)


def _must_be_inside(tx: Tx, one: Document, move: Move, places: set[str | None]) -> None:
    if move.inside is None:
        return
    house = one.fields[move.inside]
    for place in places:
        if place is None or house not in (place, *path_of(tx.connection, place)):
            reason = Phrase(N_("{place} is not in {house}"), place=place or "-", house=house)
            raise DocumentUnfitError(act=move.act.value, number=one.number, reason=reason)


def _must_fit(tx: Tx, one: Document, move: Move, events: Mapping[str, Event]) -> None:
    """Check that what happens is what the document says; a person may stand for his unit."""
    for attribute, name in move.fits:
        wanted = one.fields.get(name)
        for asset_id, event in events.items():
            got = getattr(event, attribute)
            if got == wanted or (attribute == "holder" and _unit_or_none(tx, got) == wanted):
                continue
            reason = Phrase(
                N_("{field} of {asset_id} would be {got}, and the document says {wanted}"),
                field=attribute, asset_id=asset_id, got=got or "-", wanted=wanted or "-",
            )  # fmt: skip
            raise DocumentUnfitError(act=move.act.value, number=one.number, reason=reason)
