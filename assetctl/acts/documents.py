"""Documents: draft, revise, submit, give an opinion, withdraw, void, finish.

Whoever asks does not approve, whoever approves does not hand over, and nobody gives two opinions on
one document. Submitting promises the assets to the document; only acts under its number move them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assetctl.acts.authority import Authority, authority_of, must_hold, unit_of
from assetctl.acts.document_fields import checked_fields
from assetctl.acts.needs import goods_lines, under_need
from assetctl.acts.occasions import with_due
from assetctl.acts.paper_lines import frozen_lines, further, line_size
from assetctl.acts.parts import in_parts, record_parts
from assetctl.acts.requests import REASONS
from assetctl.acts.steps import earlier, lock_assets
from assetctl.domain import document_events as events
from assetctl.domain.document import (
    DocAct,
    DocState,
    Opinion,
    may_answer,
    must_stand,
    open_asks,
    plain_steps,
)
from assetctl.domain.document_kinds import (
    APPLICANT,
    COUNTERPART,
    KINDS,
    OWNER,
    RELEASED,
    RESERVED,
)
from assetctl.domain.lifecycle import Act, Custody, Given, State, advance
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import UNIT_HEAD, WAREHOUSE_MANAGER
from assetctl.domain.warehouse_rules import Rules, resolved
from assetctl.errors import (
    AssetctlError,
    AssetPromisedError,
    ChainMissingError,
    DocumentRefusedError,
    DocumentUnfitError,
    DutiesMixedError,
    InputError,
    NotAskedError,
    SubjectChangedError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.assets import away, need_assets
from assetctl.reads.documents import Document, need_document
from assetctl.reads.parties import need_party
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import lock, record


def draft(
    tx: Tx, *, kind: str, fields: Mapping[str, str], assets: Sequence[str], stamp: Stamp,
    text: str | None = None, under: str | None = None,
) -> Receipt:  # fmt: skip
    """Begin a document for the actor's unit and take its number; `under` is what it is asked for.

    Raises:
        InputError: there is no such kind that people may begin.
        ActDeniedError: the actor has no role that may ask for this.
        DocumentFieldsError: fields are missing or cannot be used; all are named.
        OccasionNotFoundError: a loan names an event that is not in the register.
        AssetNotFoundError: an asset is not in the register.
    """
    again = earlier(tx, stamp, events.DocumentDrafted.kind, (), {"doc_kind": kind})
    if again:
        return again
    if kind not in KINDS or not KINDS[kind].is_request:
        requests = one_of(code for code, one in KINDS.items() if one.is_request)
        raise InputError(field="kind", value=kind, expected=requests)
    authority = authority_of(tx, stamp.actor)
    must_hold(authority, stamp.actor, _doing("draft", kind), KINDS[kind].drafters)
    unit = unit_of(tx, stamp.actor)
    checked = checked_fields(tx.connection, kind, with_due(tx, kind, fields, stamp), text)
    wanted = _wanted(kind, assets)
    need_assets(tx.connection, wanted)
    prefix = rules_on(tx.connection, stamp.today).prefix(kind)
    number = take_number(tx, f"{prefix}-{stamp.today[:4]}")
    event = events.DocumentDrafted(
        doc_state=DocState.DRAFT.value, doc_kind=kind, unit=unit, applicant=stamp.actor,
        fields=checked, assets=wanted, under=under, text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"doc:{number}", event)]))


def revise(
    tx: Tx, *, number: str, fields: Mapping[str, str], assets: Sequence[str] | None, stamp: Stamp,
    text: str | None = None,
) -> Receipt:  # fmt: skip
    """Change a draft, or what was returned: the fields that are given, and the assets if any are.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none to be changed.
        DutiesMixedError: it is another unit's.
        DocumentFieldsError: fields cannot be used; all are named.
    """
    again = earlier(tx, stamp, events.DocumentRevised.kind, [f"doc:{number}"], {})
    if again:
        return again
    before = need_document(tx.connection, number, in_full=False)
    # What it is for is locked before it, as everywhere.
    given = with_due(tx, before.kind, {**before.fields, **fields}, stamp, before.fields)
    one = _locked(tx, number)
    if one.fields != before.fields:
        raise SubjectChangedError(subject=f"doc:{number}")
    after = must_stand(DocAct.REVISE, DocState(one.state), number)
    _must_be_theirs(tx, one, stamp.actor)
    said = text if text is not None else one.text
    checked = checked_fields(tx.connection, one.kind, given, said)
    wanted = list(one.wanted) if assets is None else _wanted(one.kind, assets)
    need_assets(tx.connection, wanted)
    event = events.DocumentRevised(doc_state=after.value, fields=checked, assets=wanted, text=text)
    return Receipt(events=record(tx, stamp, [(f"doc:{number}", event)]))


def submit(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Submit a document: freeze its lines and its chain, and promise the assets to it.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none to be submitted.
        DutiesMixedError: it is another unit's.
        AssetPromisedError: assets are promised to other documents.
        DocumentRefusedError: lists every reason why it cannot be submitted.
        ChainMissingError: the rules of the office say nobody who decides it.
    """
    again = earlier(tx, stamp, events.DocumentSubmitted.kind, [f"doc:{number}"], {})
    if again:
        return again
    before = need_document(tx.connection, number, in_full=False)
    # Assets are locked before documents everywhere, so that nobody waits in a circle.
    custodies = lock_assets(tx, before.wanted)
    authority = authority_of(tx, stamp.actor, before.wanted)
    one = _locked(tx, number)
    if one.wanted != before.wanted:
        raise SubjectChangedError(subject=f"doc:{number}")
    after = must_stand(DocAct.SUBMIT, DocState(one.state), number)
    must_hold(authority, stamp.actor, _doing(DocAct.SUBMIT.value, one.kind), one.doc_kind.drafters)
    _must_be_theirs(tx, one, stamp.actor)
    rules = rules_on(tx.connection, stamp.today)
    _must_be_free(one, custodies, authority, tx, rules, stamp)
    lines, total = (
        frozen_lines(tx.connection, one.wanted) if one.doc_kind.needs_assets else
        goods_lines(tx, one, rules, stamp.today)
    )  # fmt: skip
    first, *rest = in_parts(lines, line_size)
    promises = int(one.doc_kind.is_promise)
    event = events.DocumentSubmitted(
        doc_state=after.value, round=one.round + 1, lines=first, total=amount_text(from_fen(total)),
        steps=_chain(one, rules, total, {line["class"] for line in lines}, custodies, stamp),
        rules=rules.sha256, promises=promises,
    )  # fmt: skip
    done = record(tx, stamp, [(f"doc:{number}", event)])
    more = further(number, after.value, one.round + 1, first, rest, promises=promises)
    return Receipt(events=done + record_parts(tx, stamp, more))


def give_opinion(
    tx: Tx, *, number: str, verdict: str, stamp: Stamp, text: str | None = None
) -> Receipt:  # fmt: skip
    """Agree to a document, return it for correction, or reject it, as one whom its chain asks.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none that waits for opinions.
        NotAskedError: its chain does not ask for this person now.
        DutiesMixedError: the actor asked for it himself, or gave an opinion before.
        InputError: it is returned or rejected without a reason.
    """
    kind, subject = events.OpinionGiven.kind, f"doc:{number}"
    again = earlier(tx, stamp, kind, [subject], {"verdict": verdict})
    if again:
        return again
    act = {"agree": DocAct.APPROVE, "return": DocAct.RETURN, "reject": DocAct.REJECT}[verdict]
    one = _locked(tx, number, in_full=act is not DocAct.APPROVE)
    to = must_stand(act, DocState(one.state), number)
    if act is not DocAct.APPROVE and not (text or "").strip():
        raise InputError(field="--reason", value="", expected=N_("why it is not agreed to"))
    actor = stamp.actor
    if actor == one.applicant:
        reason = Phrase(N_("nobody decides what he asked for himself"))
        raise DutiesMixedError(actor=actor, number=number, reason=reason)
    if any(given.person == actor for given in one.given()):
        reason = Phrase(N_("nobody gives two opinions on one document"))
        raise DutiesMixedError(actor=actor, number=number, reason=reason)
    asked = _ask_of(tx, one, actor)
    following = one.step
    if act is DocAct.APPROVE:
        step = one.steps[one.step - 1]
        open_ = [ask for ask in open_asks(step, _of_step(one)) if str(ask) != asked]
        is_answered = step.mode == "any" or not open_
        following = one.step + 1 if is_answered else one.step
        if following <= len(one.steps):
            to = DocState.SUBMITTED
    event = events.OpinionGiven(
        doc_state=to.value, round=one.round, step=one.step, asked=asked, person=actor,
        verdict=verdict, next=min(following, len(one.steps)), text=text,
        released=[] if act is DocAct.APPROVE else _promised(one),
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def withdraw(tx: Tx, *, number: str, stamp: Stamp, text: str | None = None) -> Receipt:
    """Take back what was not decided yet; only whoever asked for it may.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none to be withdrawn.
        DutiesMixedError: somebody else asked for it.
    """
    return _ended(tx, DocAct.WITHDRAW, events.DocumentWithdrawn, number, stamp, text)


def void(tx: Tx, *, number: str, text: str, stamp: Stamp) -> Receipt:
    """Make a document void before anything was done under it; its number stays taken.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none that can be made void.
        ActDeniedError: it is for a unit head or a warehouse manager.
    """
    return _ended(tx, DocAct.VOID, events.DocumentVoided, number, stamp, text)


def finish(tx: Tx, *, number: str, stamp: Stamp, text: str | None = None) -> Receipt:
    """End a document before all was done that it allows; what it still claims is free again.

    Raises:
        DocumentNotFoundError, DocumentStateError: there is none to be ended.
        DocumentUnfitError: an asset is on its way or with the borrower.
        ActDeniedError: it is for a unit head or a warehouse manager.
    """
    return _ended(tx, DocAct.FINISH, events.DocumentFinished, number, stamp, text)


def _ended(
    tx: Tx, act: DocAct, event: type[events.DocumentEnded], number: str, stamp: Stamp,
    text: str | None,
) -> Receipt:  # fmt: skip
    again = earlier(tx, stamp, event.kind, [f"doc:{number}"], {})
    if again:
        return again
    one = _locked(tx, number)
    after = must_stand(act, DocState(one.state), number)
    if act is DocAct.WITHDRAW:
        if stamp.actor != one.applicant:
            reason = Phrase(N_("only {person}, who asked for it, takes it back"),
                            person=one.applicant)  # fmt: skip
            raise DutiesMixedError(actor=stamp.actor, number=number, reason=reason)
    else:
        authority = authority_of(tx, stamp.actor)
        must_hold(
            authority, stamp.actor, _doing(act.value, one.kind), (UNIT_HEAD, WAREHOUSE_MANAGER)
        )
        if WAREHOUSE_MANAGER not in authority.roles:
            _must_be_theirs(tx, one, stamp.actor)
    halfway = [
        asset_id for asset_id, state in one.assets.items()
        if state not in (RESERVED, RELEASED) and not one.doc_kind.is_end(state, one.mode)
    ]  # fmt: skip
    # What got lost under it will not come back the way that it went.
    for asset_id in away(tx.connection, halfway):
        reason = Phrase(N_("{asset_id} is {line_state} under it"), asset_id=asset_id,
                        line_state=one.assets[asset_id])  # fmt: skip
        raise DocumentUnfitError(act=_doing(act.value, one.kind), number=number, reason=reason)
    released = sorted([*_promised(one), *halfway])
    made = event(doc_state=after.value, round=one.round, released=released, text=text)
    return Receipt(events=record(tx, stamp, [(f"doc:{number}", made)]))


def _doing(doc_act: str, kind: str) -> Phrase:
    return Phrase(N_("{doc_act} {doc_kind}"), doc_act=doc_act, doc_kind=kind)


def _locked(tx: Tx, number: str, *, in_full: bool = True) -> Document:
    lock(tx, [f"doc:{number}"])
    return need_document(tx.connection, number, in_full=in_full)


def _wanted(kind: str, assets: Sequence[str]) -> list[str]:
    if assets and not KINDS[kind].needs_assets:
        raise InputError(field="assets", value=assets[0], expected=N_("none: it is about no asset"))
    return list(dict.fromkeys(assets))


def _must_be_theirs(tx: Tx, one: Document, actor: str) -> None:
    if actor != one.applicant and unit_of(tx, actor) != one.unit:
        reason = Phrase(N_("it is for people of {unit}"), unit=one.unit)
        raise DutiesMixedError(actor=actor, number=one.number, reason=reason)


def _promised(one: Document) -> list[str]:
    return [asset_id for asset_id, state in one.assets.items() if state == RESERVED]


def _of_step(one: Document) -> list[Opinion]:
    return [given for given in one.given() if given.step == one.step]


def _ask_of(tx: Tx, one: Document, actor: str) -> str:
    roles = authority_of(tx, actor).roles
    unit = need_party(tx.connection, actor).unit
    for ask in one.asked():
        if may_answer(ask, roles, unit):
            return str(ask)
    raise NotAskedError(number=one.number, actor=actor, asked=", ".join(one.waits_for))


def _must_be_free(
    one: Document, custodies: Sequence[Custody], authority: Authority, tx: Tx, rules: Rules,
    stamp: Stamp,
) -> None:  # fmt: skip
    """Check that the document may be submitted; every reason against it is named."""
    promised = [] if not one.doc_kind.is_promise else [
        (custody.asset_id, number) for custody in custodies
        if (number := authority.promises.get(custody.asset_id))
    ]  # fmt: skip
    reasons = list(_refusals(one, custodies))
    reasons += REASONS[one.kind](tx, one, custodies, rules, stamp.today)
    reasons += under_need(tx, one)
    if promised and not reasons:
        asset_id, number = promised[0]
        raise AssetPromisedError(
            act=_doing(DocAct.SUBMIT.value, one.kind), asset_id=asset_id, number=number
        )
    reasons += [Phrase(N_("{asset_id} is promised to {other}"), asset_id=asset_id, other=number)
                for asset_id, number in promised]  # fmt: skip
    if reasons:
        raise DocumentRefusedError(number=one.number, count=len(reasons), lines=tuple(reasons))


def _refusals(one: Document, custodies: Iterable[Custody]) -> Iterable[str]:
    """Give what the lifecycle has against the first act that the document would allow."""
    acts = {move.act for move in one.doc_kind.course(one.mode) if move.source == RESERVED}
    if one.doc_kind.needs_assets and not custodies:
        yield N_("there is no asset on it")
    given = Given(document=one.number)
    fit: set[tuple[Act, State, str | None]] = set()  # all that the table looks at here
    for custody in custodies:
        for act in acts:
            if (act, custody.state, custody.regime) in fit:
                continue
            try:
                advance(act, custody, given)
                fit.add((act, custody.state, custody.regime))
            except AssetctlError as error:
                yield Phrase(error.template, **error.facts)


def _chain(
    one: Document, rules: Rules, total: int, classes: set[str],
    custodies: Sequence[Custody], stamp: Stamp,
) -> list[dict[str, Any]]:  # fmt: skip
    chain = rules.chain(one.kind, day=stamp.today, value=total, classes=sorted(classes))
    if chain is None:
        value = amount_text(from_fen(total))
        raise ChainMissingError(title=rules.title, doc_kind=one.kind, value=value)
    owners = {custody.owner for custody in custodies}
    units = {
        APPLICANT: one.unit,
        COUNTERPART: one.unit_of(COUNTERPART),
        OWNER: owners.pop() if len(owners) == 1 else None,
    }
    asked = {ask.unit for step in chain.steps for ask in step.asks}
    if OWNER in asked and units[OWNER] is None:
        reason = N_("its chain asks the owner, and its assets have several")
        raise DocumentRefusedError(number=one.number, count=1, lines=(reason,))
    return plain_steps(resolved(chain, units))
