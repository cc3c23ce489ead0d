"""Documents (单据): their course from draft to done, and the chain of opinions that decides them.

One engine serves every kind (`document_kinds`). Which states a document passes is said in `COURSE`;
who must give an opinion is data of the office (`warehouse_rules`), frozen into the document when it
is submitted. Approval alone moves nothing: only acts carried out under the number do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assetctl.errors import DocumentStateError


class DocState(StrEnum):
    """Where a document stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTING = "executing"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class DocAct(StrEnum):
    """What people may do with a document."""

    REVISE = "revise"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    VOID = "void"
    EXECUTE = "execute"
    FINISH = "finish"


_OPEN = frozenset({DocState.DRAFT, DocState.RETURNED})
_WAITING = frozenset({DocState.SUBMITTED})
_DECIDED = frozenset({DocState.APPROVED})
_LIVE = frozenset({DocState.APPROVED, DocState.EXECUTING})

COURSE: dict[DocAct, tuple[frozenset[DocState], DocState | None]] = {
    DocAct.REVISE: (_OPEN, None),
    DocAct.SUBMIT: (_OPEN, DocState.SUBMITTED),
    DocAct.APPROVE: (_WAITING, DocState.APPROVED),
    DocAct.RETURN: (_WAITING, DocState.RETURNED),
    DocAct.REJECT: (_WAITING, DocState.REJECTED),
    DocAct.WITHDRAW: (_OPEN | _WAITING, DocState.WITHDRAWN),
    DocAct.VOID: (_OPEN | _WAITING | _DECIDED, DocState.VOIDED),
    DocAct.EXECUTE: (_LIVE, DocState.EXECUTING),
    DocAct.FINISH: (_LIVE, DocState.DONE),
}
"""Every act on a document, the states it may start from, and the state it leads to (None: same).

An opinion that is not the last leaves the document submitted; the act under a document after which
nothing is left to do makes it done.
"""

ENDS = frozenset(
    {DocState.REJECTED, DocState.DONE, DocState.WITHDRAWN, DocState.VOIDED}
)  # fmt: skip
"""States that nothing leads out of. The number stays taken, whatever became of the document."""

_NUMBER = re.compile(r"([A-Z]{2,4})-(\d{4})-(\d{4,})")


def must_stand(act: DocAct, state: DocState, number: str) -> DocState:
    """Return the state that `act` leads to from `state`.

    Raises:
        DocumentStateError: it may not be done in this state.
    """
    sources, to = COURSE[act]
    if state not in sources:
        allowed = ", ".join(one.value for one in DocState if one in sources)
        raise DocumentStateError(
            number=number, doc_state=state.value, doc_act=act.value, doc_states=allowed
        )
    return to or state


def series_of(number: str) -> str | None:
    """Return the series of a number (`JY-2026` of `JY-2026-0007`), None if it has not our form."""
    match = _NUMBER.fullmatch(number)
    return f"{match[1]}-{match[2]}" if match else None


def number_of(series: str, count: int) -> str:
    """Return the number that is the `count`-th of a series."""
    return f"{series}-{count:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One opinion that a step asks for: of somebody with this role, in this unit if one is said."""

    role: str
    unit: str | None = None

    def __str__(self) -> str:
        return f"{self.role}@{self.unit}" if self.unit else self.role


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a chain: `all` of the asked must agree (会签), or `any` one of them suffices."""

    mode: str
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """An opinion that was given: in which step, by whom, as what (`role@unit`), with what verdict.

    `text` is what was written, None where it was erased or nothing was.
    """

    round: int
    step: int
    asked: str
    person: str
    verdict: str
    at: str
    text: str | None = None


def plain_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as history writes them."""
    return [{"asks": [str(ask) for ask in step.asks], "mode": step.mode} for step in steps]


def steps_from(plain: Iterable[dict[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that `plain_steps` wrote."""
    return tuple(Step(mode=one["mode"], asks=tuple(map(ask_from, one["asks"]))) for one in plain)


def ask_from(text: str) -> Ask:
    """Return the ask that is written `role` or `role@unit`."""
    role, _, unit = text.partition("@")
    return Ask(role=role, unit=unit or None)


def open_asks(step: Step, given: Sequence[Opinion]) -> tuple[Ask, ...]:
    """Return the asks of a step that still need an answer; `given` are its opinions so far."""
    answered = {one.asked for one in given if one.verdict == "agree"}
    if step.mode == "any" and answered:
        return ()
    return tuple(ask for ask in step.asks if str(ask) not in answered)


def may_answer(ask: Ask, roles: Collection[str], unit: str | None) -> bool:
    """Return whether somebody with these roles in this unit may give the opinion asked for."""
    return ask.role in roles and ask.unit in (None, unit)
