"""无可调剂证明: certify what cannot be had, and record what is bought because of it.

Who certifies did not ask, and who records the purchase did not certify.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.sourcing import (
    JUDGING,
    live_need,
    must_be_of_unit,
    must_not_have_asked,
    supply_for,
)
from assetctl.acts.steps import earlier
from assetctl.domain.document import DocState
from assetctl.domain.document_events import PaperIssued
from assetctl.domain.money import amount_text, parse_amount
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ASSET_CLERK, UNIT_FINANCE, UNIT_HEAD
from assetctl.domain.sourcing import AVAILABLE, OVERRULED, result_of, unmet
from assetctl.domain.sourcing_events import NeedBought, NeedCertified
from assetctl.errors import (
    AlreadyCertifiedError,
    CandidatesUnjudgedError,
    CertificateExpiredError,
    CertificateReplacedError,
    DocumentUnfitError,
    DutiesMixedError,
    InputError,
    NotSearchedError,
    PurchaseTooDearError,
    PurchaseTooManyError,
    SearchStaleError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import Document, need_document
from assetctl.reads.needs import Taken
from assetctl.reads.quotas import quota_of
from assetctl.reads.sourcing import Search, evidence
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import Fact, record

_BUYING = (ASSET_CLERK, UNIT_FINANCE, UNIT_HEAD)
_MOST = 999_999


def certify(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Certify what became of a need; where something is lacking, a certificate says how many.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: there is no need to be met.
        ActDeniedError: it is for a warehouse manager or the competent department.
        DutiesMixedError: the actor asked for the need, or refused what was found.
        NotSearchedError, AlreadyCertifiedError: there is no search to certify.
        CandidatesUnjudgedError: lists what may still be had, or is not decided.
        SearchStaleError: things came since the newest search.
    """
    subject = f"doc:{number}"
    again = earlier(tx, stamp, NeedCertified.kind, [subject], {})
    if again:
        return again
    need, after = live_need(tx, number, "source certify")
    must_hold(authority_of(tx, stamp.actor), stamp.actor, "source certify", JUDGING)
    must_not_have_asked(need, stamp.actor)
    known = evidence(tx.connection, number)
    if not known.searches:
        raise NotSearchedError(number=number)
    search = known.searches[-1]
    if any(one.refused_by == stamp.actor for one in search.candidates):
        reason = Phrase(N_("whoever refused what there is does not certify that there is nothing"))
        raise DutiesMixedError(actor=stamp.actor, number=number, reason=reason)
    if search.result:
        certificate = search.certificate or "-"
        raise AlreadyCertifiedError(number=number, search=search.search, certificate=certificate)
    lacking = unmet(known.quantity, known.met, known.bought)
    result = result_of(known.quantity, known.met)
    issued: list[Fact] = []
    valid_until = None
    if lacking:
        _must_be_judged(need, search, known.taken)
        _must_be_fresh(tx, need, search)
        valid_until = _valid_until(tx, stamp)
        issued = [_certificate(tx, need, search, lacking, result, valid_until, stamp)]
    event = NeedCertified(
        doc_state=after.value if lacking else DocState.DONE.value, search=search.search,
        result=result, met=known.met, bought=known.bought, unmet=lacking, person=stamp.actor,
        certificate=issued[0][0].removeprefix("doc:") if issued else None,
        valid_until=valid_until,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event), *issued]))


def purchase(
    tx: Tx, *, certificate: str, quantity: int, price: str, stamp: Stamp,
    contract: str | None = None, reply: str | None = None,
) -> Receipt:  # fmt: skip
    """Record a purchase on a certificate: no more than is lacking, and not above the price cap.

    Raises:
        DocumentNotFoundError, DocumentUnfitError, DocumentStateError: it is no certificate of a
            need that is to be met.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        CertificateReplacedError, CertificateExpiredError: it no longer counts.
        PurchaseTooManyError, PurchaseTooDearError: it would be too many, or too dear.
        InputError, MoneyError: quantity or price cannot be used.
    """
    amount = amount_text(parse_amount(price))
    wish = {"certificate": certificate, "quantity": quantity, "price": amount}
    again = earlier(tx, stamp, NeedBought.kind, [], wish)
    if again:
        return again
    if not 1 <= quantity <= _MOST:
        expected = N_("a whole number from 1 to 999999")
        raise InputError(field="--quantity", value=str(quantity), expected=expected)
    paper = need_document(tx.connection, certificate)
    if paper.kind != "certificate" or paper.under is None:
        reason = Phrase(N_("it is no certificate"))
        raise DocumentUnfitError(act="source purchase", number=certificate, reason=reason)
    need, after = live_need(tx, paper.under, "source purchase")
    must_hold(authority_of(tx, stamp.actor), stamp.actor, "source purchase", _BUYING)
    must_be_of_unit(tx, need, stamp.actor)
    search, left = _must_still_count(tx, paper, stamp, quantity)
    _must_be_cheap(tx, need, amount, reply, stamp)
    facts = _bought(tx, need, paper, quantity, amount, contract=contract, reply=reply, stamp=stamp)
    event = NeedBought(
        doc_state=after.value if quantity < left else DocState.DONE.value, search=search.search,
        certificate=certificate, purchase=facts[0].removeprefix("doc:"), quantity=quantity,
        price=amount, person=stamp.actor,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"doc:{need.number}", event), facts]))


def _must_be_judged(need: Document, search: Search, taken: Sequence[Taken]) -> None:
    reasons = list(_open(search, taken))
    if reasons:
        raise CandidatesUnjudgedError(
            number=need.number, count=len(reasons), lines=tuple(reasons)
        )  # fmt: skip


def _open(search: Search, taken: Sequence[Taken]) -> Iterator[str]:
    for number in sorted({one.document for one in taken if one.document and not one.is_met}):
        yield Phrase(N_("{number} is not decided yet"), number=number)
    had = {one.asset_id for one in taken}
    for one in search.candidates:
        if one.availability != AVAILABLE or one.asset_id in had:
            continue
        if one.reason is None:
            yield Phrase(N_("{asset_id} was neither taken nor refused"), asset_id=one.asset_id)
        elif one.verdict is None:
            yield Phrase(N_("the refusal of {asset_id} waits for a second person"),
                         asset_id=one.asset_id)  # fmt: skip
        elif one.verdict == OVERRULED:
            yield Phrase(N_("the refusal of {asset_id} was overruled: take it"),
                         asset_id=one.asset_id)  # fmt: skip
    if search.beyond:
        yield Phrase(N_("{count} more may be had than a search can hold: take what is there"),
                     count=search.beyond)  # fmt: skip


def _must_be_fresh(tx: Tx, need: Document, search: Search) -> None:
    known = {one.asset_id for one in search.candidates if one.availability == AVAILABLE}
    new = [one.asset_id for one in supply_for(tx, need).candidates
           if one.availability == AVAILABLE and one.asset_id not in known]  # fmt: skip
    if new:
        raise SearchStaleError(
            number=need.number, search=search.search, count=len(new), asset_id=new[0]
        )


def _valid_until(tx: Tx, stamp: Stamp) -> str:
    days = rules_on(tx.connection, stamp.today).sourcing.valid_days
    return (date.fromisoformat(stamp.today) + timedelta(days=days)).isoformat()


def _certificate(
    tx: Tx, need: Document, search: Search, lacking: int, result: str, valid_until: str,
    stamp: Stamp,
) -> Fact:  # fmt: skip
    fields = {
        "result": result, "unmet": str(lacking), "valid_until": valid_until,
        "search": str(search.search), "entry": f"doc:{need.number}#{search.entry}",
        "search_sha256": search.sha256,
    }  # fmt: skip
    return _paper(tx, "certificate", need, need.number, fields, lacking, "0.00", stamp)


def _bought(
    tx: Tx, need: Document, certificate: Document, quantity: int, price: str, *,
    contract: str | None, reply: str | None, stamp: Stamp,
) -> Fact:  # fmt: skip
    fields = {
        "certificate": certificate.number, "quantity": str(quantity), "price": price,
        "contract": contract, "reply": reply,
    }  # fmt: skip
    said = {name: value for name, value in fields.items() if value}
    return _paper(tx, "purchase", need, certificate.number, said, quantity, price, stamp)


def _paper(
    tx: Tx, kind: str, need: Document, under: str, fields: dict[str, str], quantity: int,
    price: str, stamp: Stamp,
) -> Fact:  # fmt: skip
    line = {
        "name": need.fields["name"], "scheme": need.fields["scheme"],
        "class": need.fields["class_code"], "assets": [], "quantity": quantity,
    } | ({"value": price} if kind == "purchase" else {})  # fmt: skip
    prefix = rules_on(tx.connection, stamp.today).prefix(kind)
    number = take_number(tx, f"{prefix}-{stamp.today[:4]}")
    event = PaperIssued(
        doc_state=DocState.DONE.value, doc_kind=kind, unit=need.unit, issuer=stamp.actor,
        under=under, fields=fields, lines=[line], total=amount_text(Decimal(price) * quantity),
    )  # fmt: skip
    return f"doc:{number}", event


def _must_still_count(
    tx: Tx, certificate: Document, stamp: Stamp, quantity: int
) -> tuple[Search, int]:
    """Return the search that was certified, and how many may still be bought."""
    known = evidence(tx.connection, certificate.under or "")
    search = known.searches[-1]
    if search.certificate != certificate.number:
        raise CertificateReplacedError(
            certificate=certificate.number, number=known.need.number, search=search.search
        )
    if stamp.actor == search.certified_by:
        reason = Phrase(N_("whoever certified what is lacking does not buy it"))
        raise DutiesMixedError(actor=stamp.actor, number=certificate.number, reason=reason)
    if search.valid_until is not None and stamp.today > search.valid_until:
        raise CertificateExpiredError(
            certificate=certificate.number, number=known.need.number,
            valid_until=search.valid_until,
        )  # fmt: skip
    bought = sum(one.quantity for one in known.purchases
                 if one.certificate == certificate.number)  # fmt: skip
    lacking = search.unmet or 0
    if quantity > lacking - bought:
        raise PurchaseTooManyError(
            quantity=quantity, certificate=certificate.number, unmet=lacking, bought=bought,
            left=lacking - bought,
        )  # fmt: skip
    return search, lacking - bought


def _must_be_cheap(
    tx: Tx, need: Document, price: str, reply: str | None, stamp: Stamp
) -> None:  # fmt: skip
    rules = rules_on(tx.connection, stamp.today)
    quota = quota_of(
        tx.connection, number=need.number, unit=need.unit, scheme=need.fields["scheme"],
        class_code=need.fields["class_code"], division=rules.sourcing.division, day=stamp.today,
        staff=None,
    )  # fmt: skip
    if quota.price_cap and not reply and Decimal(price) > Decimal(quota.price_cap):
        raise PurchaseTooDearError(
            price=price, price_cap=quota.price_cap, standard=quota.price_from
        )
