"""先调剂后采购: search for a need, take what is found, or refuse it and let a second person decide.

Whatever is said of a thing is said of the newest search; an earlier one stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

import sqlalchemy as sa

from assetctl.acts import documents
from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.steps import earlier, load
from assetctl.domain import sourcing_events as events
from assetctl.domain.document import DocAct, DocState, must_stand
from assetctl.domain.document_events import DocumentDrafted
from assetctl.domain.note import to_b64
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import (
    ASSET_CLERK,
    COMPETENT_DEPARTMENT,
    UNIT_HEAD,
    WAREHOUSE_MANAGER,
)
from assetctl.domain.sourcing import (
    AT_REST,
    AVAILABLE,
    LEVELS,
    OVERRULED,
    OWN,
    REFUSALS,
    VERDICTS,
    freeze,
)
from assetctl.errors import (
    DocumentUnfitError,
    DutiesMixedError,
    InputError,
    NoCandidateError,
    NotSearchedError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.classes import classes_below
from assetctl.reads.documents import Document, need_document
from assetctl.reads.log import head_of
from assetctl.reads.needs import taken_for
from assetctl.reads.parties import need_party
from assetctl.reads.sourcing import Found, Search, newest_search
from assetctl.reads.supply import Supply, supply
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.tables import history

_ASKING = (ASSET_CLERK, UNIT_HEAD)
JUDGING = (WAREHOUSE_MANAGER, COMPETENT_DEPARTMENT)
"""Roles of the second person: neither of the unit that asks, nor of those who keep."""


def search(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Search what there is for an approved need, from the unit outward, and freeze what is found.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    again = earlier(tx, stamp, events.NeedSearched.kind, [f"doc:{number}"], {})
    if again:
        return again
    need, after = live_need(tx, number, "source search")
    roles = (*_ASKING, WAREHOUSE_MANAGER)
    authority = authority_of(tx, stamp.actor)
    must_hold(authority, stamp.actor, "source search", roles)
    if WAREHOUSE_MANAGER not in authority.roles:
        must_be_of_unit(tx, need, stamp.actor)
    before = newest_search(tx.connection, number)
    head = head_of(tx.connection)
    newest = tx.connection.execute(sa.select(sa.func.max(history.c.recorded_at))).scalar()
    found = supply_for(tx, need)
    frozen = freeze(found.candidates)
    event = events.NeedSearched(
        doc_state=after.value, search=before.search + 1 if before else 1, unit=need.unit,
        scheme=need.fields["scheme"], classes=asked_classes(need), levels=list(LEVELS),
        log_size=head.size, log_root=to_b64(head.root), recorded_to=newest or stamp.rec,
        candidates=frozen.groups, available=frozen.available, beyond=frozen.beyond,
        unlisted=frozen.unlisted, withheld=found.withheld,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"doc:{number}", event)]))


def take(
    tx: Tx, *, number: str, kind: str, assets: Sequence[str], fields: Mapping[str, str],
    text: str, stamp: Stamp,
) -> Receipt:  # fmt: skip
    """Begin a loan or a reallocation under a need; what it may ask for is looked at on submission.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        DutiesMixedError: it is another unit's.
        NoCandidateError, NotSearchedError: the newest search does not offer a thing.
        DocumentFieldsError, ActDeniedError: see `documents.draft`.
    """
    again = earlier(tx, stamp, DocumentDrafted.kind, (), {"doc_kind": kind, "under": number})
    if again:
        return again
    load(tx, assets)
    need, _after = live_need(tx, number, "source take")
    must_be_of_unit(tx, need, stamp.actor)
    _offered(tx, need, assets)
    return documents.draft(
        tx, kind=kind, fields=fields, assets=assets, text=text, under=number, stamp=stamp
    )  # fmt: skip


def take_own(tx: Tx, *, number: str, assets: Sequence[str], stamp: Stamp) -> Receipt:
    """Take idle things of the unit itself for its need: no request is needed, and they are met.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        NoCandidateError, NotSearchedError: a thing is not the unit's, or not there any more.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    wanted = list(dict.fromkeys(assets))
    kind, subject = events.OwnTaken.kind, f"doc:{number}"
    again = earlier(tx, stamp, kind, [subject], {"assets": wanted})
    if again:
        return again
    custodies = load(tx, wanted)
    authority = authority_of(tx, stamp.actor, wanted)
    need, after = live_need(tx, number, "source take")
    must_hold(authority, stamp.actor, "source take", _ASKING)
    must_be_of_unit(tx, need, stamp.actor)
    found, offered = _offered(tx, need, wanted)
    for custody in custodies:
        one = offered[custody.asset_id]
        if one.level != OWN or custody.owner != need.unit:
            _not(need, found, one.asset_id, Phrase(N_("it is not {unit}'s"), unit=need.unit))
        if custody.state.value not in AT_REST or custody.asset_id in authority.promises:
            _not(need, found, one.asset_id, Phrase(N_("it is no longer free")))
    event = events.OwnTaken(doc_state=after.value, search=found.search, assets=wanted)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def refuse(
    tx: Tx, *, number: str, assets: Sequence[str], reason: str, text: str, stamp: Stamp
) -> Receipt:
    """Refuse candidates of the newest search for a reason; a second person must confirm it.

    Raises:
        InputError: there is no such reason, or nothing is said to it.
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        NoCandidateError, NotSearchedError: a thing cannot be had, or was judged before.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    wanted = list(dict.fromkeys(assets))
    kind, subject = events.CandidatesRefused.kind, f"doc:{number}"
    again = earlier(tx, stamp, kind, [subject], {"assets": wanted, "reason": reason})
    if again:
        return again
    if reason not in REFUSALS:
        raise InputError(field="--reason", value=reason, expected=one_of(REFUSALS))
    if not text.strip():
        raise InputError(field="--text", value=text, expected=N_("why it does not do"))
    need, after = live_need(tx, number, "source refuse")
    must_hold(authority_of(tx, stamp.actor), stamp.actor, "source refuse", _ASKING)
    must_be_of_unit(tx, need, stamp.actor)
    found, offered = _offered(tx, need, wanted)
    for one in offered.values():
        if one.reason:
            _not(need, found, one.asset_id, Phrase(N_("it was refused before")))
    event = events.CandidatesRefused(
        doc_state=after.value, search=found.search, assets=wanted, reason=reason,
        person=stamp.actor, text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def judge(
    tx: Tx, *, number: str, assets: Sequence[str], verdict: str, stamp: Stamp,
    text: str | None = None,
) -> Receipt:  # fmt: skip
    """Confirm or overrule refusals, as a second person from outside the unit that refused.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        NoCandidateError, NotSearchedError: a thing was not refused, or is judged already.
        ActDeniedError: it is for a warehouse manager or the competent department.
        DutiesMixedError: the actor refused it himself, or asked for the need.
    """
    wanted = list(dict.fromkeys(assets))
    kind, subject = events.RefusalsJudged.kind, f"doc:{number}"
    again = earlier(tx, stamp, kind, [subject], {"assets": wanted, "verdict": verdict})
    if again:
        return again
    if verdict not in VERDICTS:
        raise InputError(field="verdict", value=verdict, expected=one_of(VERDICTS))
    doing = "source confirm" if verdict != OVERRULED else "source overrule"
    need, after = live_need(tx, number, doing)
    must_hold(authority_of(tx, stamp.actor), stamp.actor, doing, JUDGING)
    must_not_have_asked(need, stamp.actor)
    found = _newest(tx, number)
    refused = _named(need, found, wanted)
    for one in refused.values():
        if one.refused_by is None or one.verdict:
            reason = Phrase(N_("no refusal of it waits for a decision"))
            _not(need, found, one.asset_id, reason)
        if one.refused_by == stamp.actor:
            reason = Phrase(N_("nobody decides on a refusal of his own"))
            raise DutiesMixedError(actor=stamp.actor, number=number, reason=reason)
    event = events.RefusalsJudged(
        doc_state=after.value, search=found.search, assets=wanted, verdict=verdict,
        person=stamp.actor, text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def live_need(tx: Tx, number: str, doing: str) -> tuple[Document, DocState]:
    """Lock a need that is approved and not met yet; return it with the state that it is in then.

    Raises:
        DocumentNotFoundError, DocumentUnfitError: there is no need with this number.
        DocumentStateError: it is not approved, or ended.
    """
    lock(tx, [f"doc:{number}"])
    need = need_document(tx.connection, number)
    if need.kind != "need":
        raise DocumentUnfitError(act=doing, number=number, reason=Phrase(N_("it is no need")))
    return need, must_stand(DocAct.EXECUTE, DocState(need.state), number)


def must_be_of_unit(tx: Tx, need: Document, actor: str) -> None:
    """Return if the actor belongs to the unit that the need is of.

    Raises:
        DutiesMixedError: he does not.
    """
    if need_party(tx.connection, actor).unit != need.unit:
        reason = Phrase(N_("it is for people of {unit}"), unit=need.unit)
        raise DutiesMixedError(actor=actor, number=need.number, reason=reason)


def must_not_have_asked(need: Document, actor: str) -> None:
    """Return if the actor is not the one who asked for the need.

    Raises:
        DutiesMixedError: he is.
    """
    if actor == need.applicant:
        reason = Phrase(N_("nobody decides what he asked for himself"))
        raise DutiesMixedError(actor=actor, number=need.number, reason=reason)


def asked_classes(need: Document) -> list[str]:
    """Return the classes that a need is for: its own, and those that would do as well."""
    similar = need.fields.get("similar", "").split()
    return list(dict.fromkeys([need.fields["class_code"], *similar]))


def supply_for(tx: Tx, need: Document) -> Supply:
    """Return what there is for a need now."""
    scheme = need.fields["scheme"]
    return supply(
        tx.connection, unit=need.unit, scheme=scheme,
        classes=classes_below(tx.connection, scheme, asked_classes(need)),
        taken=taken_for(tx.connection, [need.number])[need.number],
    )  # fmt: skip


def _newest(tx: Tx, number: str) -> Search:
    found = newest_search(tx.connection, number)
    if found is None:
        raise NotSearchedError(number=number)
    return found


def _offered(
    tx: Tx, need: Document, assets: Sequence[str]
) -> tuple[Search, dict[str, Found]]:  # fmt: skip
    """Return the newest search and those of its candidates that may be taken or refused."""
    found = _newest(tx, need.number)
    named = _named(need, found, assets)
    taken = {one.asset_id for one in taken_for(tx.connection, [need.number])[need.number]}
    for one in named.values():
        if one.availability != AVAILABLE:
            reason = Phrase(N_("it could not be had: {availability}"),
                            availability=one.availability)  # fmt: skip
            _not(need, found, one.asset_id, reason)
        if one.asset_id in taken:
            _not(need, found, one.asset_id, Phrase(N_("it is taken already")))
    return found, named


def _named(need: Document, found: Search, assets: Sequence[str]) -> dict[str, Found]:
    candidates = {one.asset_id: one for one in found.candidates}
    for asset_id in assets:
        if asset_id not in candidates:
            _not(need, found, asset_id, Phrase(N_("the search did not find it")))
    return {asset_id: candidates[asset_id] for asset_id in assets}


def _not(need: Document, found: Search, asset_id: str, reason: Phrase) -> NoReturn:
    raise NoCandidateError(
        asset_id=asset_id, number=need.number, search=found.search, reason=reason
    )
