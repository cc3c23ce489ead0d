"""Results of a stocktake: frozen when they are submitted, decided by others, booked when closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assetctl.acts.authority import authority_of
from assetctl.acts.parts import in_parts, record_parts
from assetctl.acts.steps import earlier
from assetctl.acts.stocktakes import must_wait, running, unfinished
from assetctl.domain import stocktake_events as events
from assetctl.domain.document import Opinion, may_answer, open_asks, plain_steps
from assetctl.domain.document_kinds import APPLICANT, COUNTERPART, OWNER
from assetctl.domain.identity import display_id
from assetctl.domain.money import fen, fen_text
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.settling import ADJUST, MATCHED, OFF_BOOK, RESULTS, Settled
from assetctl.domain.stocktake import (
    STOCKTAKE,
    StocktakeAct,
    StocktakeState,
    must_stand,
    sheet_hash,
)
from assetctl.domain.stocktake_results import Result, freeze_results, result_of
from assetctl.domain.warehouse_rules import Chain, Rules, built_in, parse_rules, resolved
from assetctl.errors import ChainMissingError, CountedHimselfError, InputError, NotAskedError
from assetctl.i18n import N_, Phrase
from assetctl.reads.parties import need_party
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import Stocktake, has_counted, need_stocktake, reasons
from assetctl.reads.warehouse_rules import rules_on
from assetctl.store.engine import Tx
from assetctl.store.record import Fact, lock, record


def submit(tx: Tx, *, number: str, stamp: Stamp) -> Receipt:
    """Freeze the results for approval: every difference confirmed by two persons, and explained.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        StocktakeUnsettledError: lists what is still open.
        ActDeniedError, DutiesMixedError: it is for somebody else.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, events.ResultsSubmitted.kind, [subject], {})
    if again:
        return again
    one, stands = running(tx, StocktakeAct.SUBMIT, number, stamp)
    settled = settle(tx.connection, one)
    found = _results(tx, one, settled)
    rows = freeze_results(found)
    total = sum(fen(each.value) for each in found if each.value)
    chain, rules = _chain(tx, total, settled, stamp.today)
    first, *rest = in_parts(rows)
    number_of = one.submission + 1
    event = events.ResultsSubmitted(
        stands=stands, submission=number_of, person=stamp.actor, results=first,
        counts=_counts(settled), sheet=sheet_hash(rows), total=fen_text(total),
        steps=plain_steps(resolved(chain, {APPLICANT: one.unit, COUNTERPART: None, OWNER: None})),
        rules=rules.sha256,
    )  # fmt: skip
    more: list[Fact] = [
        (subject, events.ResultsListed(stands=stands, submission=number_of, results=part))
        for part in rest
    ]
    done = record(tx, stamp, [(subject, event)])
    return Receipt(events=done + record_parts(tx, stamp, more))


def judge(
    tx: Tx, *, number: str, verdict: str, stamp: Stamp, text: str | None = None
) -> Receipt:  # fmt: skip
    """Agree to the results, or return them to be counted and explained anew.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that waits for opinions.
        CountedHimselfError: the actor counted, submitted, or holds what differs.
        NotAskedError: its chain does not ask for this person now.
        InputError: it is returned without a reason.
    """
    subject = f"stocktake:{number}"
    wish = {"verdict": verdict}
    again = earlier(tx, stamp, events.ResultsJudged.kind, [subject], wish)
    if again:
        return again
    act = {"agree": StocktakeAct.APPROVE, "return": StocktakeAct.RETURN}[verdict]
    lock(tx, [subject])
    one = need_stocktake(tx.connection, number)
    to = must_stand(act, StocktakeState(one.state), number)
    if act is StocktakeAct.RETURN and not (text or "").strip():
        raise InputError(field="--return", value="", expected=N_("why it is not agreed to"))
    _must_be_apart(tx, one, stamp.actor)
    asked = _ask_of(tx, one, stamp.actor)
    following = one.step
    if act is StocktakeAct.APPROVE:
        step = one.steps[one.step - 1]
        of_step = [given for given in one.given() if given.step == one.step]
        answer = Opinion(round=one.submission, step=one.step, asked=asked, person=stamp.actor,
                         verdict=verdict, at=stamp.at)  # fmt: skip
        following += not open_asks(step, [*of_step, answer])
        if following <= len(one.steps):
            to = StocktakeState.SUBMITTED
    event = events.ResultsJudged(
        stands=to.value, submission=one.submission, step=one.step, asked=asked,
        person=stamp.actor, verdict=verdict, next=min(following, len(one.steps)), text=text,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def _results(tx: Tx, one: Stocktake, settled: Sequence[Settled]) -> list[Result]:
    """Return the differences, each with its reason; or raise with all that is open."""
    said = reasons(tx.connection, one.number)
    open_: list[str] = list(unfinished(one))
    found = []
    for each in settled:
        if each.needs_recount:
            template = N_("{item} must be confirmed by somebody else: {results}")
            if not each.is_difference:
                template = N_("{item} was counted by nobody but its holder")
            open_.append(Phrase(template, item=_shown(each), results=", ".join(each.results)))
        if not each.is_difference:
            continue
        reason = said.get(each.item)
        if reason is None:
            open_.append(Phrase(N_("{item} is not explained: {results}"), item=_shown(each),
                                results=", ".join(each.results)))  # fmt: skip
            continue
        if OFF_BOOK in each.results and reason.treatment == ADJUST and not _is_whole(reason.card):
            open_.append(Phrase(N_("{item} needs class and value to be booked"), item=each.item))
        found.append(
            result_of(each, reason=reason.reason, treatment=reason.treatment, liable=reason.liable)
        )
    must_wait(StocktakeAct.SUBMIT, one.number, open_)
    return sorted(found, key=lambda result: result.item)


def _shown(each: Settled) -> str:
    """Return how people know a thing: by its id in groups, or as it stands."""
    return each.item if OFF_BOOK in each.results else display_id(each.item)


def _is_whole(card: Mapping[str, str]) -> bool:
    return {"class_code", "value"} <= card.keys()


def _counts(settled: Sequence[Settled]) -> dict[str, int]:
    counts = Counter(kind for each in settled for kind in each.results)
    counts[MATCHED] = sum(1 for each in settled if each.line and not each.results)
    return {kind: counts[kind] for kind in RESULTS if counts[kind]}


def _chain(tx: Tx, total: int, settled: Sequence[Settled], day: str) -> tuple[Chain, Rules]:
    """Return the chain that decides; rules adopted before stocktakes were known lack one."""
    classes = sorted({each.class_code for each in settled if each.results and each.class_code})
    adopted = rules_on(tx.connection, day)
    for rules in (adopted, parse_rules(built_in(), "warehouse rules")):
        chain = rules.chain(STOCKTAKE, day=day, value=total, classes=classes)
        if chain is not None:
            return chain, rules
    raise ChainMissingError(title=adopted.title, doc_kind=STOCKTAKE, value=fen_text(total))


def _must_be_apart(tx: Tx, one: Stocktake, actor: str) -> None:
    if has_counted(tx.connection, one.number, actor):
        reason = Phrase(N_("whoever counted does not review"))
    elif actor == one.submitted_by:
        reason = Phrase(N_("nobody decides what he asked for himself"))
    elif any(given.person == actor for given in one.given()):
        reason = Phrase(N_("nobody gives two opinions on one document"))
    elif any(actor in (each.line.holder if each.line else "", _holder(each))
             for each in settle(tx.connection, one) if each.is_difference):  # fmt: skip
        reason = Phrase(N_("whoever holds what differs does not review"))
    else:
        return
    raise CountedHimselfError(actor=actor, number=one.number, reason=reason)


def _holder(each: Settled) -> str:
    return each.account.holder if each.account else ""


def _ask_of(tx: Tx, one: Stocktake, actor: str) -> str:
    roles = authority_of(tx, actor).roles
    unit = need_party(tx.connection, actor).unit
    step = one.steps[one.step - 1]
    of_step = [given for given in one.given() if given.step == one.step]
    for ask in open_asks(step, of_step):
        if may_answer(ask, roles, unit):
            return str(ask)
    raise NotAskedError(number=one.number, actor=actor, asked=", ".join(one.waits_for))
