"""A column of a label: several values below each other, all as large as they fit together.

A value that is absent leaves no hole, and a long one takes room from the others instead of being
refused. Lengths are millimetres, type sizes are points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labels.drawing import Modules, Text
from labels.label import TextClippedError
from labels.layout import ASCENT, LEADING, MM_PER_PT
from labels.template import Column, Field
from labels.text import Measure, widest_word, wrap

_STEP_PT = 0.5
# Between two values, in ems of the upper one: a little more than between rows of the same value.
_GAP = 0.3
# A value rather shrinks to so much of its size than that one word of it is broken, or stands on a
# row alone.
_RATHER_SMALLER = 0.8
# Every size is multiplied by these in turn until all fit.
_FACTORS = tuple(percent / 100 for percent in range(100, 20, -5))

# Below this size doubled strokes run into each other at 203 dpi.
_BOLD_PT = 7.0

Worded = Sequence[tuple[Field, str]]
Piece = tuple[str, float, Field]


def set_column(
    column: Column, worded: Worded, symbol: Modules | None, measure: Measure, *,
    label: str, preset: str,
) -> Iterator[Text]:  # fmt: skip
    """Give the rows of a column; `worded` are its fields that say something, in their order.

    Optional fields are left out, the last one first, where the others would find no room; a column
    is never emptied. The text stands level with the upper edge of the symbol beside it, or midway.
    `label` and `preset` stand in errors. Raises TextClippedError with the first value that finds no
    room.
    """
    kept = list(worded)
    while True:
        rows, lost = _fitting(column, kept, measure)
        if not lost:
            return _placed(column, rows, symbol, measure)
        spare = [number for number, (field, _) in enumerate(kept) if field.optional]
        if not spare or len(kept) == 1:
            smallest = min(field.smallest_pt for field, _ in kept)
            raise TextClippedError(label=label, line=lost, size_pt=smallest, preset=preset)
        del kept[spare[-1]]


def _fitting(column: Column, worded: Worded, measure: Measure) -> tuple[list[list[Piece]], str]:
    """Return every value in rows at the largest sizes that fit, or the first one without room."""
    lost = ""
    sizes: list[float] = []
    for factor in _FACTORS:
        before, sizes = sizes, [_size(field, factor) for field, _ in worded]
        if sizes == before:
            continue
        rows, lost = _attempt(column, worded, sizes, measure)
        if not lost:
            return rows, ""
    return [], lost


def _size(field: Field, factor: float) -> float:
    """Return a size in whole steps, so that equal fields of many labels look alike."""
    return max(field.smallest_pt, round(field.largest_pt * factor / _STEP_PT) * _STEP_PT)


def _attempt(
    column: Column, worded: Worded, sizes: Sequence[float], measure: Measure
) -> tuple[list[list[Piece]], str]:
    found: list[list[Piece]] = []
    for (field, text), size in zip(worded, sizes, strict=True):
        # Far too much text is known by its length alone.
        if measure(text) * LEADING * (size * MM_PER_PT) ** 2 > column.width * column.height:
            return [], text
        pieces = _wrapped(field, text, size, column.width, measure)
        if not pieces:
            return [], text
        found.append(pieces)
        if _height(found) > column.height + 1e-6:
            return [], text
    return found, ""


def _wrapped(
    field: Field, text: str, size: float, width: float, measure: Measure
) -> list[Piece]:  # fmt: skip
    """Return the rows of one value; slightly smaller where that saves a word or a row."""
    if measure(text) * size * MM_PER_PT <= width and "\n" not in text:
        return [(text, size, field)]
    best: list[Piece] = []
    least_bad = (True, 0)
    widest = max(widest_word(line, measure) for line in text.split("\n"))
    least = max(field.smallest_pt, size * _RATHER_SMALLER)
    while size >= least - 1e-6:
        rows: list[str] = []
        for line in text.split("\n"):
            rows += wrap(line, width / (size * MM_PER_PT) + 1e-6, measure) or []
        bad = (widest * size * MM_PER_PT > width + 1e-6, len(rows))
        if rows and (not best or bad < least_bad):
            best, least_bad = [(row, size, field) for row in rows], bad
            if len(rows) == 1:
                break
        size -= _STEP_PT
    return best


def _height(values: Sequence[Sequence[Piece]]) -> float:
    """Return what the values take; the last row needs only what hangs below its baseline."""
    total = sum(_advance(pieces) for pieces in values)
    last = values[-1][-1][1] if values else 0.0
    return total - (LEADING + _GAP - 1.0) * last * MM_PER_PT if values else 0.0


def _advance(pieces: Sequence[Piece]) -> float:
    em = pieces[0][1] * MM_PER_PT
    return (len(pieces) * LEADING + _GAP) * em


def _placed(
    column: Column, values: Sequence[Sequence[Piece]], symbol: Modules | None, measure: Measure
) -> Iterator[Text]:
    y = column.y + (column.height - _height(values)) / 2
    if symbol and _beside(column, symbol):
        y = min(y, max(column.y, symbol.y))
    for pieces in values:
        for number, (row, size, field) in enumerate(pieces):
            em = size * MM_PER_PT
            indent = (column.width - measure(row) * em) / 2 if field.centred else 0.0
            baseline = y + (number * LEADING + ASCENT) * em
            strong = field.bold and size >= _BOLD_PT
            yield Text(text=row, x=column.x + indent, y=baseline, size_pt=size, strong=strong)
        y += _advance(pieces)


def _beside(column: Column, symbol: Modules) -> bool:
    bottom = symbol.y + len(symbol.matrix) * symbol.module * symbol.tall
    return column.y < bottom and symbol.y < column.y + column.height
