"""Results of a stocktake as history writes them: one row for each thing that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from assetctl.domain.settling import Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One difference: in what, what was found where and by what means, why, and what is done.

    `results` are joined by commas; an empty text says nothing. `expected` and `found` are
    quantities; `value` is what the card says it is worth, in yuan; `photo` a SHA-256.
    """

    item: str
    results: str
    name: str = ""
    class_code: str = ""
    place: str = ""
    holder: str = ""
    state: str = ""
    expected: str = ""
    found: str = ""
    found_place: str = ""
    found_holder: str = ""
    found_condition: str = ""
    tag: str = ""
    how: str = ""
    at: str = ""
    first: str = ""
    confirmed: str = ""
    value: str = ""
    net: str = ""
    reason: str = ""
    treatment: str = ""
    liable: str = ""
    photo: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """In what it differs."""
        return tuple(self.results.split(","))


_COLUMNS = tuple(one.name for one in fields(Result))


def result_of(one: Settled, *, reason: str, treatment: str, liable: str | None) -> Result:
    """Return a settled difference as a result."""
    line, evidence, account = one.line, one.evidence, one.account
    expected = (line.quantity or "1") if line else ""
    found = "0" if not evidence.how else str(evidence.quantity or 1)
    return Result(
        item=one.item, results=",".join(one.results), name=one.name, class_code=one.class_code,
        place=account.place if account else "", holder=account.holder if account else "",
        state=account.state if account else "", expected=expected, found=found,
        found_place=evidence.place, found_holder=evidence.holder or "",
        found_condition=evidence.condition or "", tag=evidence.tag or "", how=evidence.how,
        at=evidence.at, first=",".join(sorted(one.first)), confirmed=one.confirmed or "",
        value=line.value if line else "", net=line.net if line else "", reason=reason,
        treatment=treatment, liable=liable or "", photo=one.photo or "",
    )  # fmt: skip


def freeze_results(results: Iterable[Result]) -> list[list[str]]:
    """Return results as history writes them: texts in the order of the fields."""
    return [[getattr(one, name) for name in _COLUMNS] for one in results]


def thaw_results(rows: Iterable[Sequence[Any]]) -> Iterator[Result]:
    """Give the results that `freeze_results` wrote."""
    for row in rows:
        yield Result(**dict(zip(_COLUMNS, row, strict=True)))
