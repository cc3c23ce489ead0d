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
from labels.text import clean

_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
# More room at the left, where papers are bound.
_LEFT, _TOP, _WIDTH, _HEIGHT = 20.0, 13.0, 174.0, 268.0
_FOOT_Y = 288.0
_TITLE_PT, _LEAST_TITLE_PT = 18.0, 15.0
_BODY_PT, _LINE_PT, _SMALL_PT = 10.0, 9.0, 8.0
_LABEL_WIDTHS = (24.0, 36.0)
_DATE_WIDTH = 44.0
# A seal of an office measures 42 mm, and may cover the words of its box.
_BOX_HEIGHT, _SEALED_HEIGHT = 30.0, 44.0
_BLANK = 9.0
_GAP = 1.0
_CODE_LEAST, _CODE_MOST = 18.0, 40.0

_Item = TypeVar("_Item")


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
    forms: Sequence[Form], *, typeface: Face, created: datetime | None = None, title: str = ""
) -> Printout:
    """Do as `forms_pdf`, and count the pages."""
    if not forms:
        raise NoLabelsError(setting="forms", value=0)
    for form in forms:
        label = Label(payload="", code=_name(form))
        require_glyphs(label, typeface, map(clean, _texts(form)))
    pdf = Pdf(typeface, created=created, title=clean(title or forms[0].title))
    counts = []
    for form in forms:
        sheets = list(_Sheet(form, typeface).pages())
        counts.append(len(sheets))
        for marks in sheets:
            page = Drawing(
                name=form.number, width=_PAGE_WIDTH, height=_PAGE_HEIGHT, marks=tuple(marks)
            )
            pdf.page(_PAGE_WIDTH, _PAGE_HEIGHT, [(page, 0.0, 0.0)])
    return Printout(pdf=pdf.finish(), pages=tuple(counts))


def _name(form: Form) -> str:
    """Return what names a form in errors."""
    return clean(form.number) or clean(form.title)


def _texts(form: Form) -> Iterator[str]:
    """Give every text that is printed."""
    words = form.words
    yield from (form.title, form.number, form.filled_on, form.unit, *form.remarks)
    yield from (words.unit, words.filled_on, words.number, words.signed, words.seal)
    yield from (words.blank_date.replace("_", ""), words.page.format(page="1234567890", pages=""))
    yield from chain.from_iterable((*form.facts, *form.totals))
    yield from (column.heading for column in form.columns)
    yield from chain.from_iterable(form.rows)
    for box in form.boxes:
        yield from (box.heading, box.text, box.signed, box.on)


class _Sheet:
    """Lays one form out."""

    def __init__(self, form: Form, typeface: Face) -> None:
        self._form = form
        self._setter = Setter(typeface, _name(form))
        self._code = _code(form)
        names = [name for name, _ in (*form.facts, *form.totals)]
        widest = max((self._setter.width(name, _BODY_PT) for name in names), default=0.0)
        low, high = _LABEL_WIDTHS
        # One width for all names, so that facts and totals stand in the same columns.
        self._label = min(max(widest + 2 * SIDE, low), high)

    def pages(self) -> Iterator[list[Mark]]:
        """Give the marks of each page."""
        pages = paged(self._blocks(), _HEIGHT)
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
        pairs = _by_two(form.boxes, lambda box: box.wide)
        blocks += [Block(bands=(self._beside(boxes),)) for boxes in pairs]
        remarks = "\n".join(form.remarks)
        cell = self._setter.cell(remarks, x=0.0, width=_WIDTH, size_pt=_SMALL_PT)
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
        width = _WIDTH - 2 * side
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
        date = min(max(date, _DATE_WIDTH), _WIDTH / 3)
        side = (_WIDTH - date) / 2
        widths = [side, date, side]
        if max(unit, number) > side:
            number = min(number, _WIDTH / 3)
            widths = [_WIDTH - date - number, date, number]
        aligns: tuple[Align, ...] = ("left", "centre", "right")
        return Band(cells=self._side_by_side(texts, widths, aligns, _BODY_PT), framed=False)

    def _foot(self, page: int, pages: int) -> Iterator[Text]:
        number = clean(self._form.number)
        text = self._form.words.page.format(page=page, pages=pages)
        width = self._setter.width(text, _SMALL_PT)
        if self._setter.width(number, _SMALL_PT) + width + _BLANK > _WIDTH:
            raise TextClippedError(label=number, line=number, size_pt=_SMALL_PT, preset="A4")
        yield Text(text=number, x=_LEFT, y=_FOOT_Y, size_pt=_SMALL_PT)
        yield Text(text=text, x=_LEFT + _WIDTH - width, y=_FOOT_Y, size_pt=_SMALL_PT)

    # --- the grid -------------------------------------------------------------------------------

    def _pairs(self, facts: Sequence[tuple[str, str]]) -> Iterator[Band]:
        """Set names and values, two pairs a band, and alone what is too long for a half."""
        room = _WIDTH / 2 - self._label - 2 * SIDE

        def long(fact: tuple[str, str]) -> bool:
            return "\n" in fact[1] or self._setter.width(fact[1], _BODY_PT) > room

        yield from map(self._pair, _by_two(facts, long))

    def _pair(self, facts: Sequence[tuple[str, str]]) -> Band:
        widths = [self._label, _WIDTH / len(facts) - self._label] * len(facts)
        aligns: list[Align] = ["centre", "left"] * len(facts)
        texts = [text for fact in facts for text in fact]
        return Band(cells=self._side_by_side(texts, widths, aligns, _BODY_PT))

    def _table(self) -> Iterator[Block]:
        """Give the lines, each below the headings; the last one keeps the totals with it."""
        form = self._form
        totals = tuple(self._pairs(form.totals))
        if not form.columns:
            yield from (Block(bands=(band,)) for band in totals)
            return
        shares = sum(column.share for column in form.columns)
        widths = [column.share / shares * _WIDTH for column in form.columns]
        aligns = [column.align for column in form.columns]
        centred: list[Align] = ["centre"] * len(widths)
        headings = [column.heading for column in form.columns]
        heading = Band(cells=self._side_by_side(headings, widths, centred, _LINE_PT, strong=True))
        # A heading that leaves no room for its rows is set once.
        above = heading if heading.height < _HEIGHT / 2 else None
        if above is None:
            yield Block(bands=(heading,))
        rows = form.rows or [[""] * len(widths)]
        for nth, row in enumerate(rows, 1):
            band = Band(cells=self._side_by_side(row, widths, aligns, _LINE_PT))
            yield Block(bands=(band, *totals) if nth == len(rows) else (band,), heading=above)

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
        width = _WIDTH / len(boxes)
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


def _by_two(items: Iterable[_Item], alone: Callable[[_Item], bool]) -> Iterator[list[_Item]]:
    """Give items in their order by two, and one by itself where it or the next must be alone."""
    waiting: list[_Item] = []
    for item in items:
        if waiting and (alone(item) or len(waiting) == 2):
            yield waiting
            waiting = []
        waiting.append(item)
        if alone(item):
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _code(form: Form) -> Modules | None:
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
    return Modules(matrix=modules, x=_LEFT + _WIDTH - count * module, y=_TOP, module=module)
