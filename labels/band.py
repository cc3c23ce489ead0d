"""Bands of cells down a page: what a printed form is made of.

A band goes over the whole width, its cells stand side by side, and bands follow each other without
a gap, so that together they are one grid. Lengths are millimetres from the left end of the bands,
type sizes are points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from labels.drawing import Box, Mark, Text
from labels.font import Face
from labels.label import TextClippedError
from labels.layout import ASCENT, MM_PER_PT
from labels.text import clean, widest_word, wrap

Align = Literal["left", "right", "centre"]

PAD, SIDE = 1.5, 1.2
"""Between a border and the text below or above it, and the text beside it."""
LEADING = 1.35
"""From one baseline to the next, in ems."""
_THIN, _THICK = 0.18, 0.36
_SLACK = 1e-6
# Type becomes so much smaller, step by step, before a number, a word or a heading is broken.
_SHRUNK = (1.0, 0.94, 0.88, 0.82)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A rectangle of a band with lines of text in it.

    The first `strong` lines are in strong type, with a `gap` below them. The text stands midway, or
    at the `top`. `foot` are texts with a room of their own below the lines, measured from the lower
    left corner of the cell; `boxes` are drawn as well, measured from the upper left one.
    """

    x: float
    width: float
    lines: tuple[str, ...] = ()
    size_pt: float
    align: Align = "left"
    strong: int = 0
    gap: float = 0.0
    top: bool = False
    foot: tuple[Text, ...] = ()
    foot_height: float = 0.0
    boxes: tuple[Box, ...] = ()

    @property
    def leading(self) -> float:
        """From one baseline to the next."""
        return self.size_pt * MM_PER_PT * LEADING

    @property
    def height(self) -> float:
        """What the cell needs at least."""
        return len(self.lines) * self.leading + self.gap + self.foot_height + 2 * PAD

    def cut(self, height: float) -> tuple[Cell, Cell]:
        """Return the cell as two: the lines that fit a height, at least one, and what is left."""
        fits = max(1, int((height - 2 * PAD - self.gap) / self.leading + _SLACK))
        above = replace(self, lines=self.lines[:fits], foot=(), foot_height=0.0, boxes=())
        strong = max(0, self.strong - fits)
        gap = self.gap if strong else 0.0
        return above, replace(self, lines=self.lines[fits:], strong=strong, gap=gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Cells side by side, of one height; `framed` bands have borders."""

    cells: tuple[Cell, ...]
    least: float = 0.0
    framed: bool = True

    @property
    def height(self) -> float:
        """The height of all its cells."""
        return max(self.least, *(cell.height for cell in self.cells), 0.0)

    def cut(self, height: float) -> tuple[Band, Band]:
        """Return the band as two, the first of at most a height."""
        pairs = [cell.cut(height) for cell in self.cells]
        above, below = (tuple(pair[part] for pair in pairs) for part in (0, 1))
        return replace(self, cells=above, least=0.0), replace(self, cells=below, least=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Bands that stand on one page, unless no page holds them; on every page below `heading`."""

    bands: tuple[Band, ...]
    heading: Band | None = None


class Setter:
    """Breaks texts into lines, in one typeface; `name` stands in errors."""

    def __init__(self, typeface: Face, name: str) -> None:
        self._measure = typeface.measure
        self._name = name

    def width(self, text: str, size_pt: float) -> float:
        """Return how wide a text is on one line."""
        return self._measure(clean(text)) * size_pt * MM_PER_PT

    def lines(self, text: str, width: float, size_pt: float) -> tuple[str, ...]:
        """Return the lines of a text; it may have line breaks of its own.

        Raises TextClippedError where one character is wider than the line.
        """
        found: list[str] = []
        for line in text.split("\n"):
            parts = wrap(clean(line), width / (size_pt * MM_PER_PT) + _SLACK, self._measure)
            if parts is None:
                raise TextClippedError(
                    label=self._name, line=clean(line), size_pt=size_pt, preset="A4"
                )
            found += parts
        return tuple(found)

    def cell(
        self, text: str, *, x: float, width: float, size_pt: float, align: Align = "left",
        strong: bool = False,
    ) -> Cell:  # fmt: skip
        """Return a cell with a text, in smaller type where that saves a word from being broken.

        Strong text is a heading, and rather becomes smaller than longer than a line.
        """
        room = width - 2 * SIDE
        size = self._size(text, room, size_pt, whole=strong)
        lines = self.lines(text, room, size)
        return Cell(
            x=x, width=width, lines=lines, size_pt=size, align=align,
            strong=len(lines) if strong else 0,
        )  # fmt: skip

    def marks(self, bands: Iterable[Band], left: float, top: float) -> Iterator[Mark]:
        """Give what is drawn of bands, one below the other, from their upper left corner on."""
        y = top
        for framed, group in groupby(bands, key=lambda band: band.framed):
            start, width = y, 0.0
            for band in group:
                height = band.height
                for cell in band.cells:
                    yield from self._texts(cell, left, y, height)
                    for box in cell.boxes:
                        yield replace(box, x=left + cell.x + box.x, y=y + box.y)
                if framed:
                    yield from _inner(band.cells, left, y, height, first=y == start)
                width = max(width, band.cells[-1].x + band.cells[-1].width)
                y += height
            if framed:
                yield from _frame(left, start, width, y - start)

    def _size(self, text: str, room: float, size_pt: float, *, whole: bool) -> float:
        ems = self.width(text, 1.0)
        if ems * size_pt <= room:
            return size_pt
        if not whole or ems * size_pt * _SHRUNK[-1] > room:
            ems = widest_word(clean(text), self._measure) * MM_PER_PT
        return next((size_pt * one for one in _SHRUNK if ems * size_pt * one <= room), size_pt)

    def _texts(self, cell: Cell, left: float, top: float, height: float) -> Iterator[Text]:
        em, room = cell.size_pt * MM_PER_PT, cell.width - 2 * SIDE
        spare = height - cell.foot_height - cell.gap - len(cell.lines) * cell.leading
        y = top + (PAD if cell.top else spare / 2) + (LEADING - 1) / 2 * em + ASCENT * em
        for number, line in enumerate(cell.lines):
            indent = 0.0
            if cell.align != "left":
                indent = room - self._measure(line) * em
                indent /= 2 if cell.align == "centre" else 1
            strong = number < cell.strong
            down = number * cell.leading + (0.0 if strong else cell.gap)
            x = left + cell.x + SIDE + indent
            yield Text(text=line, x=x, y=y + down, size_pt=cell.size_pt, strong=strong)
        for text in cell.foot:
            yield replace(text, x=left + cell.x + text.x, y=top + height + text.y)


def paged(blocks: Iterable[Block], height: float) -> list[list[Band]]:
    """Return the bands of each page of a height."""
    stack = _Stack(height)
    for block in blocks:
        stack.add(block)
    return stack.pages


class _Stack:
    def __init__(self, height: float) -> None:
        self.pages: list[list[Band]] = [[]]
        self._height = self._room = height
        self._heading: Band | None = None
        self._begun = False

    def add(self, block: Block) -> None:
        whole = sum(band.height for band in block.bands)
        if block.heading and block.heading is not self._heading:
            whole += block.heading.height
        if whole > self._room + _SLACK:
            self._turn()
        for band in block.bands:
            self._put(band, block.heading)

    def _put(self, band: Band, heading: Band | None) -> None:
        self._head(heading)
        while band.height > self._room + _SLACK:
            if not self._begun:
                above, band = band.cut(self._room)
                self._append(above)
            self._turn()
            self._head(heading)
        self._append(band)

    def _turn(self) -> None:
        """Begin a page, unless this one has nothing on it yet."""
        if self._begun:
            self.pages.append([])
            self._room, self._begun, self._heading = self._height, False, None

    def _head(self, heading: Band | None) -> None:
        if heading and heading is not self._heading:
            begun = self._begun
            self._append(heading)
            self._heading, self._begun = heading, begun

    def _append(self, band: Band) -> None:
        self.pages[-1].append(band)
        self._room -= band.height
        self._begun = True


def _inner(
    cells: Sequence[Cell], left: float, top: float, height: float, *, first: bool
) -> Iterator[Box]:
    """Give the borders between the cells of a band, and between it and the band above."""
    for cell in cells[1:]:
        yield Box(x=left + cell.x - _THIN / 2, y=top, width=_THIN, height=height)
    if not first:
        width = cells[-1].x + cells[-1].width
        yield Box(x=left, y=top - _THIN / 2, width=width, height=_THIN)


def _frame(left: float, top: float, width: float, height: float) -> Iterator[Box]:
    half = _THICK / 2
    for x in (left - half, left + width - half):
        yield Box(x=x, y=top - half, width=_THICK, height=height + _THICK)
    for y in (top - half, top + height - half):
        yield Box(x=left - half, y=y, width=width + _THICK, height=_THICK)
