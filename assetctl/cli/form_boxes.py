"""The boxes of printed documents: opinions that were given or are awaited, and signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from assetctl.cli.form_texts import Texts
from assetctl.domain.document import Ask, DocState
from assetctl.domain.document import Opinion as Given
from assetctl.domain.document_kinds import COUNTERPART
from assetctl.domain.roles import ASSET_CLERK, WAREHOUSE_KEEPER
from assetctl.i18n import N_
from labels.form import Opinion

_PERSONS = (ASSET_CLERK, WAREHOUSE_KEEPER)
"""Roles of those who sign for themselves; all others sign for an office, which has a seal."""


def boxes(texts: Texts) -> list[Opinion]:
    """Return the boxes of a document: its chain of opinions, or who signs a paper."""
    if texts.one.doc_kind.is_request:
        return list(_chain(texts))
    return list(_SIGNATURES[texts.one.kind](texts))


def pass_boxes(texts: Texts) -> list[Opinion]:
    """Return the boxes of a gate pass."""
    return [
        _issuer(texts, N_("Keeper")),
        _open(texts, N_("Carried by")),
        _open(texts, N_("Guard at the gate"), wide=True),
    ]


def giver(texts: Texts) -> str | None:
    """Return the code of who hands over what is on a paper."""
    return texts.printed.giver or texts.one.unit


def taker(texts: Texts) -> str | None:
    """Return the code of who takes over what is on a paper."""
    above = texts.printed.above
    named = above.unit_of(COUNTERPART) if above else None
    return named or texts.one.fields.get("sent_to") or texts.one.fields.get("holder")


# --- requests --------------------------------------------------------------------------------


def _chain(texts: Texts) -> Iterator[Opinion]:
    """Give a box for each opinion that the chain asks for, in order; a draft has no chain yet."""
    one = texts.one
    for number, step in enumerate(one.steps, 1):
        given = {got.asked: got for got in one.given() if got.step == number}
        asks = [ask for ask in step.asks if str(ask) in given]
        # Where one of several suffices, the others are not needed once it was given.
        if step.mode != "any" or not any(got.verdict == "agree" for got in given.values()):
            asks = list(step.asks)
        for ask in asks:
            is_choice = step.mode == "any" and len(asks) > 1
            yield _opinion(texts, ask, given.get(str(ask)), is_choice=is_choice)


def _opinion(texts: Texts, ask: Ask, given: Given | None, *, is_choice: bool) -> Opinion:
    role = texts.words.term("role", ask.role)
    heading = texts.say(N_("Opinion: {role}"), role=role)
    if ask.unit:
        heading = texts.coded(heading, texts.unit_name(ask.unit))
    seal = ask.role not in _PERSONS
    if given is None:
        # What ended before it was asked for is not to be signed any more.
        over = texts.one.state not in (DocState.SUBMITTED.value, DocState.DRAFT.value)
        text = texts.say(N_("not given")) if over else ""
        if is_choice and not over:
            text = texts.say(N_("(one of these opinions suffices)"))
        return Opinion(heading=heading, text=text, seal=seal)
    return Opinion(
        heading=heading, text=_opinion_text(texts, given), signed=texts.party(given.person),
        on=texts.day_of(given.at), seal=seal,
    )  # fmt: skip


def _opinion_text(texts: Texts, given: Given) -> str:
    verdict = texts.words.term("opinion", given.verdict)
    if (given.round, given.step, given.asked) in texts.printed.erased:
        return f"{verdict} {texts.erased()}"
    said = given.text or ""
    if not said or said.startswith(verdict):
        return said or verdict
    colon = "：" if texts.words.language == "zh" else ": "
    return f"{verdict}{colon}{said}"


# --- papers ----------------------------------------------------------------------------------


def _issuer(texts: Texts, heading: str, *, seal: bool = False) -> Opinion:
    """Return the box of whoever issued the paper, with the day on which it was issued."""
    one = texts.one
    return Opinion(
        heading=texts.say(heading), signed=texts.party(one.applicant),
        on=texts.day_of(one.drafted_at), seal=seal,
    )  # fmt: skip


def _open(
    texts: Texts, heading: str, *, unit: str | None = None, seal: bool = False, wide: bool = False
) -> Opinion:
    """Return a box to be filled in by hand."""
    said = texts.say(heading)
    if unit:
        said = texts.coded(said, texts.unit_name(unit))
    return Opinion(heading=said, seal=seal, wide=wide)


def _hand_over(texts: Texts) -> Iterator[Opinion]:
    """Give the boxes of giver, taker and witness; whoever issued the paper has signed it."""
    sent = any(line.verdict == "sent" for line in texts.printed.judged.values())
    for code, heading, has_signed in (
        (giver(texts), N_("Hands over"), sent),
        (taker(texts), N_("Takes over"), not sent),
    ):
        box = _open(texts, heading, unit=code, seal=True)
        if has_signed:
            box = replace(_issuer(texts, heading, seal=True), heading=box.heading)
        yield box
    yield _open(texts, N_("Supervising witness"), seal=True, wide=True)


def _acceptance(texts: Texts) -> Iterator[Opinion]:
    yield replace(_issuer(texts, N_("Accepted by")), text=_verdict(texts))
    yield _open(texts, N_("Handed over by"), unit=giver(texts))


def _goods_in(texts: Texts) -> Iterator[Opinion]:
    yield _issuer(texts, N_("Keeper"))
    yield _open(texts, N_("Brought by"), unit=giver(texts))


def _goods_out(texts: Texts) -> Iterator[Opinion]:
    yield _issuer(texts, N_("Keeper"))
    yield _open(texts, N_("Fetched by"), unit=taker(texts))


def _return_check(texts: Texts) -> Iterator[Opinion]:
    yield replace(_issuer(texts, N_("Accepted by")), text=_verdict(texts))
    yield _open(texts, N_("Brought back by"), unit=giver(texts))


def _verdict(texts: Texts) -> str:
    """Return what was decided, and of how many things."""
    counts: Counter[str] = Counter()
    for line in texts.one.lines:
        counts[texts.verdict(line.line)] += line.quantity
    return "\n".join(
        texts.say(N_("{verdict}: {count}"), verdict=verdict, count=count)
        for verdict, count in counts.items()
        if verdict
    )


def _recall(texts: Texts) -> Iterator[Opinion]:
    yield _issuer(texts, N_("Sent by"), seal=True)
    to = texts.one.fields.get("borrower") or taker(texts)
    yield _open(texts, N_("Received by"), unit=to, seal=True)
    yield _open(texts, N_("Answer"), wide=True)


def _certificate(texts: Texts) -> Iterator[Opinion]:
    yield _issuer(texts, N_("Certified by"), seal=True)
    yield _open(texts, N_("Received by"), unit=texts.one.unit, seal=True)


def _purchase(texts: Texts) -> Iterator[Opinion]:
    yield _issuer(texts, N_("Recorded by"))
    yield _open(texts, N_("Accepted by"), unit=texts.one.unit, seal=True)


_SIGNATURES: dict[str, Callable[[Texts], Iterator[Opinion]]] = {
    "handover": _hand_over, "receipt": _hand_over, "acceptance": _acceptance,
    "goods_in": _goods_in, "goods_out": _goods_out, "return_check": _return_check,
    "recall": _recall, "certificate": _certificate, "purchase": _purchase,
}  # fmt: skip
"""Who signs each kind of paper."""
