"""What the things of a stocktake amount to, each by itself and added up, in quantity and value.

For every thing, and so for every sum, what was counted is what is booked, more what is over, less
what is lacking, less what nobody has counted yet: to the piece and to the fen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from assetctl.domain.money import fen, fen_text
from assetctl.domain.settling import MISSING, OFF_BOOK, RESULTS, SURPLUS, WRONG_PLACE
from assetctl.domain.stocktake import Line
from assetctl.domain.stocktake_results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How many, and what they are worth in yuan; None where no card says it."""

    quantity: int = 0
    value: str | None = None


_NOTHING = Amount()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """账面, 实盘, 盘盈, 盘亏, 未盘."""

    booked: Amount = _NOTHING
    counted: Amount = _NOTHING
    surplus: Amount = _NOTHING
    shortage: Amount = _NOTHING
    left: Amount = _NOTHING


_COLUMNS = tuple(one.name for one in fields(Amounts))


def amounts_of(line: Line, result: Result | None, *, is_left: bool = False) -> Amounts:
    """Return the amounts of a thing of the list; `result` says how it differs, if it does.

    A part of what a card stands for is worth its part of the card's value, to the nearest fen.
    """
    booked = int(line.quantity or "1") or 1
    worth = fen(line.value) if line.value else None
    over = lacking = 0
    if result is not None and not is_left:
        more = int(result.found) - booked
        over = max(0, more) if SURPLUS in result.kinds else 0
        lacking = max(0, -more) if MISSING in result.kinds else 0
    left = booked if is_left else 0
    parts = {part: _part(worth, part, booked) for part in (booked, over, lacking, left)}

    def amount(quantity: int) -> Amount:
        return Amount(quantity=quantity, value=_text(parts[quantity])) if quantity else _NOTHING

    counted = (
        None if worth is None else worth + _sum(parts[over], -_sum(parts[lacking], parts[left]))
    )
    return Amounts(
        booked=amount(booked), surplus=amount(over), shortage=amount(lacking), left=amount(left),
        counted=Amount(quantity=booked + over - lacking - left, value=_text(counted)),
    )  # fmt: skip


def amounts_beyond(result: Result, value: str) -> Amounts:
    """Return the amounts of a thing that is on no line of the list.

    What belongs to the register and lies elsewhere in it is neither over nor lacking, and counts
    for nothing here. `value` is what a thing that was in no book is to be booked at, if it is.
    """
    kinds = result.kinds
    if OFF_BOOK not in kinds and (SURPLUS not in kinds or WRONG_PLACE in kinds):
        return Amounts()
    found = Amount(quantity=int(result.found or "1"), value=value or None)
    return Amounts(counted=found, surplus=found)


def _part(worth: int | None, part: int, whole: int) -> int | None:
    """Return the value of a part in fen, rounded half up."""
    return None if worth is None else (2 * worth * part + whole) // (2 * whole)


def _sum(*fens: int | None) -> int:
    return sum(one or 0 for one in fens)


def _text(fens: int | None) -> str | None:
    return None if fens is None else fen_text(fens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Things added up under a code: how many are listed, agree, differ and how, and the amounts.

    A thing that differs in two ways counts under both. `without_value` of them add no value.
    """

    code: str
    listed: int
    matched: int
    left: int
    results: dict[str, int]
    without_value: int
    amounts: Amounts


class Adding:
    """Adds things up as they come."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._results: Counter[str] = Counter()
        self._quantities: Counter[str] = Counter()
        self._fens: Counter[str] = Counter()

    def add(self, amounts: Amounts, results: Iterable[str], *, is_listed: bool) -> None:
        """Add one thing."""
        kinds = tuple(results)
        is_left = amounts.left.quantity > 0
        self._counts["listed"] += is_listed
        self._counts["left"] += is_left
        self._counts["matched"] += is_listed and not kinds and not is_left
        self._results.update(kinds)
        for name in _COLUMNS:
            amount: Amount = getattr(amounts, name)
            self._quantities[name] += amount.quantity
            self._fens[name] += fen(amount.value) if amount.value else 0
        has_value = (amounts.booked.value or amounts.counted.value) is not None
        self._counts["without_value"] += amounts != Amounts() and not has_value

    def tally(self, code: str) -> Tally:
        """Return what was added so far, under a code."""
        return Tally(
            code=code, listed=self._counts["listed"], matched=self._counts["matched"],
            left=self._counts["left"], without_value=self._counts["without_value"],
            results={kind: self._results[kind] for kind in RESULTS if self._results[kind]},
            amounts=Amounts(**{
                name: Amount(quantity=self._quantities[name], value=fen_text(self._fens[name]))
                for name in _COLUMNS
            }),
        )  # fmt: skip
