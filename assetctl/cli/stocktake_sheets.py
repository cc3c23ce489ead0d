"""Reports of a stocktake as tables: the same cells for paper, workbook and screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from assetctl.cli.output import Words
from assetctl.cli.stocktake_views import item_text
from assetctl.domain.settling import RESULTS
from assetctl.domain.stocktake_tally import Amount, Amounts, Tally
from assetctl.i18n import N_
from assetctl.reads.base_date import Changed, Stood
from assetctl.reads.place_tallies import PlaceTally
from assetctl.reads.stocktake_report import Report, Row

SHEET, SURPLUS, SHORTAGE, SUMMARY, DIFFERENCE, BASE, MAP = (
    "sheet", "surplus", "shortage", "summary", "difference", "base", "map",
)  # fmt: skip
FORMS = (SHEET, SURPLUS, SHORTAGE, SUMMARY, DIFFERENCE, BASE, MAP)
"""盘点表, 盘盈表, 盘亏表, 汇总表, 差异表, 基准日调节表, 分布图."""

TITLES = {form: f"stocktake_{form}" for form in FORMS}
"""The word for each form, in the group `form`."""

Cell = str | int | Decimal | None
"""A text, a number of things, an amount in yuan; None where there is nothing to say."""

Sort = Literal["text", "code", "count", "money"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column: what stands above it, its share of the width, and what its cells are."""

    text: str
    share: float
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of a report; `total` is its last row, the sums of those above."""

    form: str
    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()


def sections(report: Report, forms: Iterable[str], words: Words) -> list[Section]:
    """Return the tables of some forms, in the order in which they are asked for."""
    tables = _Tables(report, words)
    return [section for form in forms for section in _MADE[form](tables)]


def text_of(cell: Cell) -> str:
    """Return a cell as people read it."""
    if cell is None:
        return ""
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)


class Called:
    """Parties, places and classes by name and code, in the language of the readers."""

    def __init__(self, report: Report, words: Words) -> None:
        self._report = report
        self._words = words

    def code(self, code: str) -> str:
        """Return a party or a place by name and code; nothing for none."""
        return self.coded(self._report.called.get(code, ""), code)

    def codes(self, codes: Iterable[str]) -> str:
        """Return several of them."""
        return self.listed(map(self.code, codes))

    def listed(self, texts: Iterable[str]) -> str:
        """Return several texts one after the other."""
        return ("、" if self._words.language == "zh" else ", ").join(texts)

    def asset_class(self, code: str) -> str:
        """Return the name of a class without its code; nothing where it has none."""
        return self._report.classes.get(code, "")

    def coded(self, name: str, code: str) -> str:
        """Return a name with its code, or the code alone where there is no name."""
        if not name or name == code:
            return code
        return f"{name}（{code}）" if self._words.language == "zh" else f"{name} ({code})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column(Generic[T]):
    heading: Heading
    cell: Callable[[T], Cell]


def _yuan(amount: Amount) -> Decimal | None:
    return None if amount.value is None else Decimal(amount.value)


class _Tables:
    """Makes the tables of one report."""

    def __init__(self, report: Report, words: Words) -> None:
        self.report = report
        self.words = words
        self.called = Called(report, words)

    # --- the forms --------------------------------------------------------------------------

    def sheet(self) -> list[Section]:
        columns = [
            *self._thing(), *self._booked(),
            self._counted(), self._counted_value(),
            *self._amounts("surplus", N_("Surplus quantity"), N_("Surplus (yuan)")),
            *self._amounts("shortage", N_("Shortage quantity"), N_("Shortage (yuan)")),
            self._text(N_("Why it differs"), 22, self._why),
            *self._where(), self._text(N_("Treatment"), 14, self._treatment),
        ]  # fmt: skip
        return [self._section(SHEET, columns, self.report.rows)]

    def surplus(self) -> list[Section]:
        return [self._one_sided(SURPLUS, "surplus", (N_("Surplus quantity"), N_("Surplus (yuan)")))]

    def shortage(self) -> list[Section]:
        return [
            self._one_sided(SHORTAGE, "shortage", (N_("Shortage quantity"), N_("Shortage (yuan)")))
        ]

    def _one_sided(self, form: str, part: str, headings: tuple[str, str]) -> Section:
        columns = [
            *self._thing(), *self._booked(),
            self._counted(), *self._amounts(part, *headings),
            self._text(N_("Why it differs"), 26, self._why), *self._where(),
            self._text(N_("Treatment"), 14, self._treatment),
            self._text(N_("Answers for it"), 22, lambda row: self.called.code(row.liable)),
        ]  # fmt: skip
        rows = self.report.surplus if part == "surplus" else self.report.shortage
        return self._section(form, columns, rows)

    def difference(self) -> list[Section]:
        call, words = self.called, self.words
        columns = [
            *self._thing()[:3], self._text(N_("Result"), 18, self._results),
            self._text(N_("Expected at"), 23, lambda row: call.code(row.place)
                       if row.is_listed else ""),
            self._text(N_("Found at"), 23, lambda row: call.code(row.found_place)),
            self._text(N_("Used by"), 23, self._user),
            self._text(N_("Evidence"), 14, self._evidence),
            self._text(N_("Counted on"), 19, lambda row: words.time(row.at) if row.at else ""),
            self._text(N_("First counted by"), 23, lambda row: call.codes(row.first)),
            self._text(N_("Confirmed by"), 21, lambda row: call.code(row.confirmed)),
            self._text(N_("Reason"), 17, lambda row: words.term("difference_reason", row.reason)),
            self._text(N_("Treatment"), 14, self._treatment),
            self._text(N_("Answers for it"), 21, lambda row: call.code(row.liable)),
            self._text(N_("Photo (SHA-256)"), 21, lambda row: row.photo),
        ]  # fmt: skip
        return [self._section(DIFFERENCE, columns, self.report.differences)]

    def base(self) -> list[Section]:
        words, base = self.words, self.report.base
        columns: list[_Column[Changed]] = [
            self._text(N_("Asset number"), 24, lambda one: item_text(one.asset_id), sort="code"),
            self._text(N_("Name"), 30, lambda one: one.name),
            self._text(N_("Change"), 14, lambda one: words.term("base_change", one.change)),
            self._text(N_("On the base date"), 40, lambda one: self._stood(one.before)),
            self._money(N_("Value then (yuan)"), lambda one: self._worth(one.before)),
            self._text(N_("When the list was frozen"), 40, lambda one: self._stood(one.after)),
            self._money(N_("Value now (yuan)"), lambda one: self._worth(one.after)),
            self._text(N_("Event"), 16, lambda one: one.kind and words.term("event", one.kind)),
            self._text(N_("On"), 16, lambda one: one.at and words.time(one.at)),
            self._text(N_("Document"), 20, lambda one: one.doc),
        ]  # fmt: skip
        return [self._section(BASE, columns, base.changed if base else (), is_summed=False)]

    def _stood(self, stood: Stood | None) -> str:
        if stood is None:
            return self.words.say(N_("in no book"))
        codes = dict.fromkeys(filter(None, (stood.owner, stood.holder, stood.place)))
        state = self.words.term("state", stood.state)
        return self.called.listed([state, *map(self.called.code, codes)])

    @staticmethod
    def _worth(stood: Stood | None) -> Decimal | None:
        return None if stood is None or stood.value is None else Decimal(stood.value)

    def summary(self) -> list[Section]:
        report, call = self.report, self.called
        by_class = self._sums(N_("Class"), call.asset_class)
        by_unit = self._sums(N_("Unit"), lambda code: report.called.get(code, ""))
        by = self.words.say(N_("by class")), self.words.say(N_("by unit"))
        return [
            self._summary(by[0], by_class, report.by_class),
            self._summary(by[1], by_unit, report.by_unit),
        ]

    def map(self) -> list[Section]:
        def count(heading: str, part: str, *, total: bool) -> _Column[PlaceTally]:
            return self._count(heading, lambda one: getattr(one.total if total else one.here, part))

        missing = N_("Missing") if self.report.is_frozen else N_("Not found yet")
        columns: list[_Column[PlaceTally]] = [
            self._text(N_("Place"), 24, lambda one: one.place, sort="code"),
            self._text(N_("Name"), 60, lambda one: one.path),
            count(N_("Listed"), "listed", total=False),
            count(N_("Counted"), "counted", total=False),
            count(N_("Heard weakly"), "weak", total=False),
            count(missing, "missing", total=False),
            count(N_("Found elsewhere"), "elsewhere", total=False),
            count(N_("Listed in all"), "listed", total=True),
            count(N_("Counted in all"), "counted", total=True),
        ]  # fmt: skip
        return [self._section(MAP, columns, self.report.places, is_summed=False)]

    # --- columns of things --------------------------------------------------------------------

    def _thing(self) -> list[_Column[Row]]:
        return [
            self._text(N_("No."), 9, lambda row: str(row.no), sort="code"),
            self._text(N_("Asset number"), 24, lambda row: item_text(row.item), sort="code"),
            self._text(N_("Name"), 30, lambda row: row.name),
            self._text(N_("Specification and model"), 22, lambda row: row.model),
            self._text(N_("Measure"), 9, lambda row: row.measure, sort="code"),
        ]  # fmt: skip

    def _amounts(self, part: str, quantity: str, value: str) -> list[_Column[Row]]:
        def amount(row: Row) -> Amount:
            found: Amount = getattr(row.amounts, part)
            return found

        return [
            self._count(quantity, lambda row: amount(row).quantity or None),
            self._money(value, lambda row: _yuan(amount(row))),
        ]

    def _booked(self) -> list[_Column[Row]]:
        return self._amounts("booked", N_("Booked quantity"), N_("Booked value (yuan)"))

    def _counted(self) -> _Column[Row]:
        return self._count(N_("Counted quantity"), lambda row: row.amounts.counted.quantity
                           if self._has_counted(row) else None)  # fmt: skip

    def _counted_value(self) -> _Column[Row]:
        return self._money(N_("Counted value (yuan)"), lambda row: _yuan(row.amounts.counted)
                           if self._has_counted(row) else None)  # fmt: skip

    @staticmethod
    def _has_counted(row: Row) -> bool:
        return not row.is_left and row.amounts != Amounts()

    def _where(self) -> list[_Column[Row]]:
        return [
            self._text(N_("Used by"), 24, lambda row: self.called.code(row.holder)),
            self._text(N_("Kept at"), 24, lambda row: self.called.code(row.place)),
        ]

    def _results(self, row: Row) -> str:
        if row.is_left:
            return self.words.say(N_("not counted yet"))
        terms = (self.words.term("stocktake_result", kind) for kind in row.results)
        return self.called.listed(terms)

    def _why(self, row: Row) -> str:
        reason = self.words.term("difference_reason", row.reason)
        results = self._results(row)
        if not reason or not results:
            return results
        return results + ("：" if self.words.language == "zh" else ": ") + reason

    def _user(self, row: Row) -> str:
        if not row.found_holder or row.found_holder == row.holder:
            return self.called.code(row.holder)
        return f"{self.called.code(row.holder)} → {self.called.code(row.found_holder)}"

    def _evidence(self, row: Row) -> str:
        if row.how or not row.hint:
            return self.words.term("how", row.how)
        if row.hint == "weak":
            return self.words.say(N_("heard weakly"))
        return self.words.say(N_("heard at {place}"), place=row.hint)

    def _treatment(self, row: Row) -> str:
        return self.words.term("treatment", row.treatment)

    # --- columns of sums ----------------------------------------------------------------------

    def _sums(self, heading: str, name: Callable[[str], str]) -> list[_Column[Tally]]:
        def result(kind: str) -> Callable[[Tally], Cell]:
            return lambda tally: tally.results.get(kind, 0)

        def quantity(part: str) -> Callable[[Tally], Cell]:
            return lambda tally: getattr(tally.amounts, part).quantity

        def value(part: str) -> Callable[[Tally], Cell]:
            return lambda tally: _yuan(getattr(tally.amounts, part))

        found = [
            self._text(heading, 20, lambda tally: tally.code, sort="code"),
            self._text(N_("Name"), 30, lambda tally: name(tally.code)),
            self._count(N_("Listed"), lambda tally: tally.listed),
            self._count(self.words.term("stocktake_result", "matched"), lambda one: one.matched),
            self._count(N_("Left"), lambda tally: tally.left),
            *(self._count(self.words.term("stocktake_result", kind), result(kind))
              for kind in RESULTS[1:]),
            self._count(N_("Booked quantity"), quantity("booked")),
            self._money(N_("Booked value (yuan)"), value("booked")),
            self._count(N_("Counted quantity"), quantity("counted")),
            self._money(N_("Counted value (yuan)"), value("counted")),
            self._money(N_("Surplus (yuan)"), value("surplus")),
            self._money(N_("Shortage (yuan)"), value("shortage")),
            self._money(N_("Left (yuan)"), value("left")),
            self._count(N_("Without value"), lambda tally: tally.without_value),
        ]  # fmt: skip
        if self.report.total.left:
            return found
        left = {self.words.say(text) for text in (N_("Left"), N_("Left (yuan)"))}
        return [column for column in found if column.heading.text not in left]

    def _summary(
        self, by: str, columns: Sequence[_Column[Tally]], tallies: Sequence[Tally]
    ) -> Section:
        total = [column.cell(self.report.total) for column in columns]
        total[0] = self.words.say(N_("Total"))
        title = self.words.term("form", TITLES[SUMMARY])
        title += f"（{by}）" if self.words.language == "zh" else f" ({by})"
        return Section(
            form=SUMMARY, title=title, headings=[column.heading for column in columns],
            rows=[[column.cell(tally) for column in columns] for tally in tallies], total=total,
        )  # fmt: skip

    # --- how columns are made -----------------------------------------------------------------

    def _text(
        self, heading: str, share: float, cell: Callable[[T], Cell], *, sort: Sort = "text"
    ) -> _Column[T]:
        return _Column(heading=Heading(text=self.words.say(heading), share=share, sort=sort),
                       cell=cell)  # fmt: skip

    def _count(self, heading: str, cell: Callable[[T], Cell]) -> _Column[T]:
        return _Column(heading=Heading(text=self.words.say(heading), share=9, sort="count"),
                       cell=cell)  # fmt: skip

    def _money(self, heading: str, cell: Callable[[T], Cell]) -> _Column[T]:
        return _Column(heading=Heading(text=self.words.say(heading), share=20, sort="money"),
                       cell=cell)  # fmt: skip

    def _section(
        self, form: str, columns: Sequence[_Column[T]], things: Sequence[T], *,
        is_summed: bool = True,
    ) -> Section:  # fmt: skip
        headings = [column.heading for column in columns]
        rows = [[column.cell(thing) for column in columns] for thing in things]
        return Section(
            form=form, title=self.words.term("form", TITLES[form]), headings=headings, rows=rows,
            total=_total(headings, rows, self.words.say(N_("Total"))) if is_summed else (),
        )  # fmt: skip


def _total(headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], word: str) -> list[Cell]:
    """Return the sums of the columns that hold numbers, behind a word; none where none does."""
    if not any(heading.sort in ("count", "money") for heading in headings):
        return []
    total: list[Cell] = [""] * len(headings)
    total[0] = word
    for nth, heading in enumerate(headings):
        if heading.sort == "count":
            total[nth] = sum(cell for row in rows if isinstance(cell := row[nth], int))
        elif heading.sort == "money":
            total[nth] = sum((cell for row in rows if isinstance(cell := row[nth], Decimal)),
                             Decimal("0.00"))  # fmt: skip
    return total


_MADE: dict[str, Callable[[_Tables], list[Section]]] = {
    SHEET: _Tables.sheet, SURPLUS: _Tables.surplus, SHORTAGE: _Tables.shortage,
    SUMMARY: _Tables.summary, DIFFERENCE: _Tables.difference, BASE: _Tables.base,
    MAP: _Tables.map,
}  # fmt: skip
