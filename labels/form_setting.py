"""Printed documents 单据 on A4, to be signed, sealed and filed: a `Form` in, bytes of a PDF out.

A form is one grid: facts in pairs, a table of lines with its totals, and boxes for opinions. Its
own address stands in the upper right corner as a QR code, so that the paper finds its way back to
the record. Text is set in one font that is cut down to the characters used; a character that it
lacks stops the form and is named. Lengths are millimetres, type sizes are points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from math import ceil
from typing import TypeVar

from labels.band import LEADING, PAD, SIDE, Align, Band, Block, Cell, Setter, paged
from labels.drawing import Drawing, Mark, Modules, Text
from labels.encode import DOT_MM, QUIET, SMALL_MM, matrix
from labels.font import Face, require_glyphs
from labels.form import Form, Opinion
from labels.label import Label, ModuleTooSmallError, NoLabelsError, TextClippedError
from labels.layout import MM_PER_PT
from labels.pdf import Pdf
from labels.plan import plan_blocks, plan_texts
from labels.text import clean

# More room at the left, where papers are bound.
_LEFT, _TOP = 20.0, 13.0
_TITLE_PT, _LEAST_TITLE_PT = 18.0, 15.0
_BODY_PT, _LINE_PT, _SMALL_PT = 10.0, 9.0, 8.0
_LABEL_WIDTHS = (24.0, 36.0)
_DATE_WIDTH = 44.0
# A seal of an office measures 42 mm, and may cover the words of its box.
_BOX_HEIGHT, _SEALED_HEIGHT = 30.0, 44.0
_BLANK = 9.0
_WIDE_LINE_PT = 7.5
_GAP = 1.0
_CODE_LEAST, _CODE_MOST = 18.0, 40.0

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """An A4 page: its size, the room for bands, the baseline of its foot, type, and what fits."""

    page: tuple[float, float]
    width: float
    height: float
    foot_y: float
    fact_pt: float
    line_pt: float
    pairs: int
    boxes: int


_UPRIGHT = _Paper(
    page=(210.0, 297.0), width=174.0, height=268.0, foot_y=288.0, fact_pt=_BODY_PT,
    line_pt=_LINE_PT, pairs=2, boxes=2,
)  # fmt: skip
_ON_ITS_SIDE = _Paper(
    page=(297.0, 210.0), width=261.0, height=181.0, foot_y=201.0, fact_pt=_LINE_PT,
    line_pt=_WIDE_LINE_PT, pairs=3, boxes=4,
)  # fmt: skip


def form_pdf(form: Form, *, typeface: Face, created: datetime | None = None) -> bytes:
    """Return a PDF of as many A4 pages as a form needs; equal forms give equal bytes.

    `created` (with a time zone) goes into the file's metadata, title and number go there always.

    Raises:
        GlyphMissingError: the font lacks a character; it is named with the form's number.
        TextClippedError: a column is narrower than a character, or the number longer than a line.
        ModuleTooSmallError: the address is too long for a code of 4 cm.
        PayloadTooLongError: no code holds the address.
        FontUnusableError: the font cannot be embedded.
    """
    title = f"{form.title} {form.number}"
    return forms_pdf([form], typeface=typeface, created=created, title=title)


def forms_pdf(
    forms: Sequence[Form], *, typeface: Face, created: datetime | None = None, title: str = ""
) -> bytes:
    """Return several forms in one file, each from a new page and with page numbers of its own.

    `title` goes into the metadata, by default the first form's. Raises as `form_pdf` does, and
    SheetError for no forms at all.
    """
    return print_forms(forms, typeface=typeface, created=created, title=title).pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Printout:
    """Forms as one PDF, and how many pages each of them has."""

    pdf: bytes
    pages: tuple[int, ...]


def print_forms(
    forms: Sequence[Form], *, typeface: Face, created: datetime | None = None, title: str = "",
    on_row: Callable[[], None] = lambda: None,
) -> Printout:  # fmt: skip
    """Do as `forms_pdf`, and count the pages; `on_row` is called for each line that was set."""
    if not forms:
        raise NoLabelsError(setting="forms", value=0)
    for form in forms:
        label = Label(payload="", code=_name(form))
        require_glyphs(label, typeface, map(clean, _texts(form)))
    pdf = Pdf(typeface, created=created, title=clean(title or forms[0].title))
    counts = []
    for form in forms:
        sheet = _Sheet(form, typeface, on_row)
        wide, high = sheet.paper.page
        counts.append(0)
        for marks in sheet.pages():
            page = Drawing(name=form.number, width=wide, height=high, marks=tuple(marks))
            pdf.page(wide, high, [(page, 0.0, 0.0)])
            counts[-1] += 1
    return Printout(pdf=pdf.finish(), pages=tuple(counts))


def _name(form: Form) -> str:
    """Return what names a form in errors."""
    return clean(form.number) or clean(form.title)


def _texts(form: Form) -> Iterator[str]:
    """Give every text that is printed."""
    words = form.words
    yield from (form.title, form.number, form.filled_on, form.unit, form.standing, *form.remarks)
    yield from (words.unit, words.filled_on, words.number, words.signed, words.seal)
    yield from (words.blank_date.replace("_", ""), words.page.format(page="1234567890", pages=""))
    yield from chain.from_iterable((*form.facts, *form.totals))
    yield from (column.heading for column in form.columns)
    yield from chain.from_iterable(form.rows)
    for box in form.boxes:
        yield from (box.heading, box.text, box.signed, box.on)
    if form.plan:
        yield from plan_texts(form.plan)


class _Sheet:
    """Lays one form out."""

    def __init__(self, form: Form, typeface: Face, on_row: Callable[[], None]) -> None:
        self._form = form
        self._on_row = on_row
        self._setter = Setter(typeface, _name(form))
        self.paper = _ON_ITS_SIDE if form.landscape else _UPRIGHT
        self._code = _code(form, self.paper.width)
        names = [name for name, _ in (*form.facts, *form.totals)]
        size = self.paper.fact_pt
        widest = max((self._setter.width(name, size) for name in names), default=0.0)
        low, high = _LABEL_WIDTHS
        # One width for all names, so that facts and totals stand in the same columns.
        self._label = min(max(widest + 2 * SIDE, low), high)

    def pages(self) -> Iterator[list[Mark]]:
        """Give the marks of each page."""
        pages = paged(self._blocks(), self.paper.height)
        for number, bands in enumerate(pages, 1):
            marks = [*self._setter.marks(bands, _LEFT, _TOP), *self._foot(number, len(pages))]
            if number == 1 and self._code:
                marks.append(self._code)
            yield marks

    def _blocks(self) -> list[Block]:
        form = self._form
        blocks = [Block(bands=(self._title(), self._opening()))]
        blocks += [Block(bands=(band,)) for band in self._pairs(form.facts)]
        blocks += self._table()
        if form.plan:
            blocks += plan_blocks(form.plan, self._setter, self.paper.width)
        rows = _abreast(form.boxes, lambda box: box.wide, self.paper.boxes)
        for nth, boxes in enumerate(rows):
            band = self._beside(boxes)
            if nth == 0 and form.landscape and form.columns:
                # Nobody signs a page that has none of the lines on it, or nothing but their sum.
                ends = blocks[-2:] if len(form.rows) > 1 else blocks[-1:]
                del blocks[-len(ends) :]
                bands = [one for block in ends for one in block.bands]
                blocks.append(replace(ends[-1], bands=(*bands, band)))
            else:
                blocks.append(Block(bands=(band,)))
        remarks = "\n".join(form.remarks)
        cell = self._setter.cell(remarks, x=0.0, width=self.paper.width, size_pt=_SMALL_PT)
        if cell.lines:
            # No page has remarks alone: the end of the grid goes with them.
            last = blocks.pop()
            band = Band(cells=(cell,), framed=False)
            blocks.append(replace(last, bands=(*last.bands, band)))
        return blocks

    # --- above the grid and at the foot ---------------------------------------------------------

    def _title(self) -> Band:
        """Set the title in the middle of the page, left of the code and as far from it."""
        side = 0.0
        if self._code:
            side = (len(self._code.matrix) + QUIET) * self._code.module
        width = self.paper.width - 2 * side
        size, title = _TITLE_PT, clean(self._form.title)
        while size > _LEAST_TITLE_PT and self._setter.width(title, size) > width - 2 * SIDE:
            size -= 0.5
        lines = self._setter.lines(title, width - 2 * SIDE, size)
        # Lines of like length look better than a last one of a single character.
        even = self._setter.width(title, size) / max(1, len(lines))
        for share in (1.02, 1.1, 1.2, 1.35):
            tried = self._setter.lines(title, min(even * share, width - 2 * SIDE), size)
            if len(tried) == len(lines):
                lines = tried
                break
        cell = Cell(
            x=side, width=width, lines=lines, size_pt=size, align="centre", strong=len(lines)
        )
        return Band(cells=(cell,), least=side, framed=False)

    def _opening(self) -> Band:
        """Set unit, date and number; the date in the middle, unless the unit needs its room."""
        form, words, setter = self._form, self._form.words, self._setter
        texts = [
            words.unit + form.unit,
            words.filled_on + form.filled_on,
            words.number + form.number,
        ]
        unit, date, number = (setter.width(text, _BODY_PT) + 2 * SIDE for text in texts)
        date = min(max(date, _DATE_WIDTH), self.paper.width / 3)
        side = (self.paper.width - date) / 2
        widths = [side, date, side]
        if max(unit, number) > side:
            number = min(number, self.paper.width / 3)
            widths = [self.paper.width - date - number, date, number]
        aligns: tuple[Align, ...] = ("left", "centre", "right")
        return Band(cells=self._side_by_side(texts, widths, aligns, _BODY_PT), framed=False)

    def _foot(self, page: int, pages: int) -> Iterator[Text]:
        number, paper = clean(self._form.number), self.paper
        standing = clean(self._form.standing)
        text = self._form.words.page.format(page=page, pages=pages)
        texts = [number, standing, text] if standing else [number, text]
        widths = [self._setter.width(one, _SMALL_PT) for one in texts]
        spare = paper.width - sum(widths)
        if spare < _BLANK * (len(texts) - 1):
            raise TextClippedError(label=number, line=number, size_pt=_SMALL_PT, preset="A4")
        x = _LEFT
        for one, width in zip(texts, widths, strict=True):
            yield Text(text=one, x=x, y=paper.foot_y, size_pt=_SMALL_PT)
            x += width + spare / (len(texts) - 1)

    # --- the grid -------------------------------------------------------------------------------

    def _pairs(self, facts: Sequence[tuple[str, str]]) -> Iterator[Band]:
        """Set names and values, some pairs a band, and alone what is too long for its part."""
        paper = self.paper
        room = paper.width / paper.pairs - self._label - 2 * SIDE

        def long(fact: tuple[str, str]) -> bool:
            return "\n" in fact[1] or self._setter.width(fact[1], paper.fact_pt) > room

        yield from map(self._pair, _abreast(facts, long, paper.pairs))

    def _pair(self, facts: Sequence[tuple[str, str]]) -> Band:
        widths = [self._label, self.paper.width / len(facts) - self._label] * len(facts)
        aligns: list[Align] = ["centre", "left"] * len(facts)
        texts = [text for fact in facts for text in fact]
        return Band(cells=self._side_by_side(texts, widths, aligns, self.paper.fact_pt))

    def _table(self) -> Iterator[Block]:
        """Give the lines, each below the headings; the last one keeps the totals with it."""
        form = self._form
        totals = tuple(self._pairs(form.totals))
        if not form.columns:
            yield from (Block(bands=(band,)) for band in totals)
            return
        shares = sum(column.share for column in form.columns)
        widths = [column.share / shares * self.paper.width for column in form.columns]
        aligns = [column.align for column in form.columns]
        centred: list[Align] = ["centre"] * len(widths)
        headings = [column.heading for column in form.columns]
        size = self.paper.line_pt
        heading = Band(cells=self._side_by_side(headings, widths, centred, size, strong=True))
        # A heading that leaves no room for its rows is set once.
        above = heading if heading.height < self.paper.height / 2 else None
        if above is None:
            yield Block(bands=(heading,))
        rows = form.rows or [[""] * len(widths)]
        for nth, row in enumerate(rows, 1):
            band = Band(cells=self._side_by_side(row, widths, aligns, size))
            yield Block(bands=(band, *totals) if nth == len(rows) else (band,), heading=above)
            self._on_row()

    def _side_by_side(
        self, texts: Iterable[str], widths: Sequence[float], aligns: Sequence[Align],
        size_pt: float, *, strong: bool = False,
    ) -> tuple[Cell, ...]:  # fmt: skip
        cells, x = [], 0.0
        for text, width, align in zip(texts, widths, aligns, strict=True):
            cells.append(
                self._setter.cell(
                    text, x=x, width=width, size_pt=size_pt, align=align, strong=strong
                )
            )
            x += width
        return tuple(cells)

    # --- boxes ----------------------------------------------------------------------------------

    def _beside(self, boxes: Sequence[Opinion]) -> Band:
        width = self.paper.width / len(boxes)
        least = _SEALED_HEIGHT if any(box.seal for box in boxes) else _BOX_HEIGHT
        cells = [self._box(box, nth * width, width) for nth, box in enumerate(boxes)]
        return Band(cells=tuple(cells), least=least)

    def _box(self, box: Opinion, x: float, width: float) -> Cell:
        """Set a box: heading and opinion above; signature, date and place of the seal below."""
        setter, words, room = self._setter, self._form.words, width - 2 * SIDE
        heading = setter.lines(box.heading, room, _BODY_PT)
        lines = [*heading, *setter.lines(box.text, room, _BODY_PT)]
        date, wide = self._date(box.on)
        # A signature or a date that is too long for the last line goes on from the opinion.
        late: tuple[str, ...] = ()
        if wide > room:
            date, wide, late = [], 0.0, setter.lines(box.on, room, _BODY_PT)
        row = _BODY_PT * MM_PER_PT * LEADING
        y = -PAD - (row - 0.76 * _BODY_PT * MM_PER_PT) / 2
        foot = [
            Text(text=text, x=width - SIDE - wide + at, y=y, size_pt=_BODY_PT) for text, at in date
        ]
        signed = clean(words.signed + box.signed)
        if setter.width(signed, _BODY_PT) + wide + SIDE > room:
            lines += setter.lines(signed, room, _BODY_PT)
        else:
            foot.append(Text(text=signed, x=SIDE, y=y, size_pt=_BODY_PT))
        lines += late
        if box.seal:
            seal = setter.width(words.seal, _BODY_PT)
            middle = width - SIDE - (max(wide, seal) + seal) / 2
            foot.append(Text(text=words.seal, x=middle, y=y - 1.5 * row, size_pt=_BODY_PT))
        return Cell(
            x=x, width=width, lines=tuple(lines), size_pt=_BODY_PT, strong=len(heading),
            gap=_GAP if heading else 0.0, top=True,
            foot=tuple(foot), foot_height=row * (2.5 if box.seal else 1.0),
        )  # fmt: skip

    def _date(self, on: str) -> tuple[list[tuple[str, float]], float]:
        """Return the pieces of a date with their places, and how wide all is."""
        if on:
            return [(clean(on), 0.0)], self._setter.width(on, _BODY_PT)
        pieces, x = [], 0.0
        for nth, text in enumerate(self._form.words.blank_date.split("_")):
            x += _BLANK if nth else 0.0
            if text:
                pieces.append((clean(text), x))
                x += self._setter.width(text, _BODY_PT)
        return pieces, x


def _abreast(
    items: Iterable[_Item], alone: Callable[[_Item], bool], most: int
) -> Iterator[list[_Item]]:
    """Give items in their order by so many, fewer where one of them or the next must be alone."""
    waiting: list[_Item] = []
    for item in items:
        if waiting and (alone(item) or len(waiting) == most):
            yield waiting
            waiting = []
        waiting.append(item)
        if alone(item):
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _code(form: Form, width: float) -> Modules | None:
    """Return the QR code in the upper right corner: of whole dots, and no smaller than 18 mm."""
    if not form.address:
        return None
    modules = matrix(form.address, ecc="M", name=_name(form))
    count = len(modules)
    module = max(SMALL_MM, ceil(_CODE_LEAST / count / DOT_MM) * DOT_MM)
    if count * module > _CODE_MOST:
        raise ModuleTooSmallError(
            label=_name(form), modules=count, module_mm=round(_CODE_MOST / count, 3),
            preset="A4", floor_mm=SMALL_MM,
        )  # fmt: skip
    return Modules(matrix=modules, x=_LEFT + width - count * module, y=_TOP, module=module)
