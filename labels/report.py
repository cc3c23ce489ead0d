"""Tables on A4 pages as PDF: a title, lines above, and rows whose cells wrap.

Text is set in one font that is cut down to the characters used; a character that it lacks stops the
report and is named, as on a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from labels.drawing import Box, Drawing, Mark, Text
from labels.font import Face
from labels.label import GlyphMissingError
from labels.pdf import Pdf
from labels.text import clean, wrap

_WIDTH, _HEIGHT = 210.0, 297.0
_MARGIN = 15.0
_PT_MM = 25.4 / 72
_SIZE, _TITLE_SIZE = 8.0, 14.0
_LEADING = 1.35
_GAP = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table: its heading, and its share of the width."""

    heading: str
    share: float


def report_pdf(
    title: str, above: Sequence[str], columns: Sequence[Column], rows: Sequence[Sequence[str]], *,
    typeface: Face, page_text: str, created: datetime | None = None,
) -> bytes:  # fmt: skip
    """Return a PDF of as many pages as the rows need.

    `page_text` is what stands at the foot of each page, with `{page}` and `{pages}` in it.

    Raises:
        GlyphMissingError: the font lacks a character.
    """
    texts = [title, *above, *(one.heading for one in columns), *(c for row in rows for c in row)]
    lacking = typeface.missing("".join(map(clean, texts)))
    if lacking:
        raise GlyphMissingError(label=title, font=typeface.path.name, characters=lacking)
    pages = list(_Setter(typeface, columns).pages(title, above, rows))
    pdf = Pdf(typeface, created=created, title=clean(title))
    for number, marks in enumerate(pages, 1):
        foot = page_text.format(page=number, pages=len(pages))
        at = Text(text=foot, x=_MARGIN, y=_HEIGHT - _MARGIN / 2, size_pt=_SIZE)
        drawing = Drawing(name=title, width=_WIDTH, height=_HEIGHT, marks=(*marks, at))
        pdf.page(_WIDTH, _HEIGHT, [(drawing, 0.0, 0.0)])
    return pdf.finish()


class _Setter:
    """Sets rows one below the other, and begins a page where one is full."""

    def __init__(self, typeface: Face, columns: Sequence[Column]) -> None:
        self._typeface = typeface
        self._columns = columns
        total = sum(one.share for one in columns)
        usable = _WIDTH - 2 * _MARGIN
        self._widths = [one.share / total * usable for one in columns]

    def pages(
        self, title: str, above: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> Iterator[list[Mark]]:
        """Give the marks of each page."""
        marks: list[Mark] = []
        y = _MARGIN + _TITLE_SIZE * _PT_MM
        marks.append(Text(text=title, x=_MARGIN, y=y, size_pt=_TITLE_SIZE, strong=True))
        y += _GAP
        for line in above:
            for part in self._wrapped(line, _WIDTH - 2 * _MARGIN):
                y += self._line
                marks.append(Text(text=part, x=_MARGIN, y=y, size_pt=_SIZE))
        y = self._head(marks, y + 2 * _GAP)
        for row in rows:
            cells = [self._wrapped(cell, width - _GAP)
                     for cell, width in zip(row, self._widths, strict=True)]  # fmt: skip
            for start, end in self._pieces(max(map(len, cells), default=1)):
                tall = (end - start) * self._line + _GAP
                if y + tall > _HEIGHT - _MARGIN:
                    yield marks
                    marks = []
                    y = self._head(marks, _MARGIN)
                self._row(marks, y, [cell[start:end] for cell in cells])
                y += tall
                marks.append(Box(x=_MARGIN, y=y, width=_WIDTH - 2 * _MARGIN, height=0.1))
        yield marks

    @property
    def _line(self) -> float:
        return _SIZE * _PT_MM * _LEADING

    def _pieces(self, count: int) -> Iterator[tuple[int, int]]:
        """Give a row in pieces that fit a page."""
        most = int((_HEIGHT - 4 * _MARGIN) / self._line)
        for start in range(0, max(count, 1), most):
            yield start, min(count, start + most)

    def _head(self, marks: list[Mark], y: float) -> float:
        self._row(marks, y, [[one.heading] for one in self._columns], strong=True)
        y += self._line + _GAP
        marks.append(Box(x=_MARGIN, y=y, width=_WIDTH - 2 * _MARGIN, height=0.3))
        return y

    def _row(
        self, marks: list[Mark], y: float, cells: Sequence[Sequence[str]], *, strong: bool = False
    ) -> None:
        x = _MARGIN
        for cell, width in zip(cells, self._widths, strict=True):
            for number, part in enumerate(cell, 1):
                marks.append(
                    Text(text=part, x=x, y=y + number * self._line, size_pt=_SIZE, strong=strong)
                )
            x += width

    def _wrapped(self, text: str, width: float) -> list[str]:
        def measure(part: str) -> float:
            return self._typeface.measure(part) * _SIZE * _PT_MM

        return wrap(clean(text), width, measure) or []
