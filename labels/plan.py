"""Plans: places as tiles, nested, each with a stacked bar of what was counted there.

There is one colour, ink: a bar is solid where things were counted, hatched where they are in doubt,
and empty where they are missing, so that a plan reads the same on every printer. Lengths are
millimetres, type sizes are points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from labels.band import PAD, SIDE, Band, Block, Cell, Setter
from labels.drawing import Box, Text

_ABREAST = 5
_GAP = 2.5
_INDENT, _DEEPEST = 5.0, 8
"""How far what lies in a place is moved right, and how often at most."""
_NAME_PT, _SMALL_PT = 8.5, 7.5
_NAME_LINES = 3
_BAR, _LINE, _HATCH = 3.2, 0.18, 0.9
_RULE = 0.5
_SAMPLE = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A place: its name and what is said below it, how deep it lies, and the parts of its bar.

    `parts` are counted, in doubt, and missing. A `group` is a heading above what lies in it, over
    the whole width; all others are tiles.
    """

    name: str
    text: str
    depth: int
    parts: tuple[int, int, int]
    group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The places in order, each behind what it lies in, and what the parts of a bar are called."""

    areas: Sequence[Area]
    legend: tuple[str, str, str]


def plan_texts(plan: Plan) -> Iterator[str]:
    """Give every text that is printed."""
    yield from plan.legend
    yield "…"
    for area in plan.areas:
        yield from (area.name, area.text)


def plan_blocks(plan: Plan, setter: Setter, width: float) -> Iterator[Block]:
    """Give what is printed of a plan, top down: the legend, then headings and rows of tiles.

    A heading stays on one page with the first row below it. Raises TextClippedError.
    """
    yield Block(bands=(_legend(plan, setter, width),))
    waiting: list[Band] = []
    for (group, depth), areas in groupby(plan.areas, lambda one: (one.group, one.depth)):
        indent = min(depth, _DEEPEST) * _INDENT
        rules = tuple(nth * _INDENT + _INDENT / 2 for nth in range(min(depth, _DEEPEST)))
        if group:
            waiting += [_heading(one, setter, indent, width, rules) for one in areas]
            continue
        for row in _rows(list(areas), _ABREAST):
            band = _tiles(row, setter, indent, width, rules)
            yield Block(bands=(*waiting, band))
            waiting = []
    if waiting:
        yield Block(bands=tuple(waiting))


def _legend(plan: Plan, setter: Setter, width: float) -> Band:
    boxes: list[Box] = []
    foot: list[Text] = []
    x, high = SIDE, _BAR + 2 * _GAP
    for nth, word in enumerate(plan.legend):
        parts = [0, 0, 0]
        parts[nth] = 1
        boxes += _bar((parts[0], parts[1], parts[2]), x, _GAP, _SAMPLE)
        x += _SAMPLE + SIDE
        foot.append(Text(text=word, x=x, y=-_GAP - 0.6, size_pt=_NAME_PT))
        x += setter.width(word, _NAME_PT) + 3 * _GAP
    cell = Cell(x=0.0, width=width, size_pt=_NAME_PT, foot=tuple(foot), boxes=tuple(boxes))
    return Band(cells=(cell,), least=high, framed=False)


def _heading(
    area: Area, setter: Setter, indent: float, width: float, rules: Sequence[float]
) -> Band:
    """Set a place in which others lie: its name, its numbers, a thin bar below them."""
    room = width - indent
    lines = _cut(setter.lines(area.name, room - 2 * SIDE, _NAME_PT))
    said = setter.lines(area.text, room - 2 * SIDE, _SMALL_PT)
    cell = Cell(
        x=indent, width=room, lines=(*lines, *said), size_pt=_NAME_PT, strong=len(lines), top=True
    )
    top = cell.height - PAD + 0.4
    bar = _bar(area.parts, 0.0, top, room, high=_BAR / 2)
    high = top + _BAR / 2 + _GAP
    boxes = (*bar, *_guides(rules, indent, high))
    return Band(cells=(replace(cell, boxes=boxes),), least=high, framed=False)


def _tiles(
    row: Sequence[Area], setter: Setter, indent: float, width: float, rules: Sequence[float]
) -> Band:
    """Set places side by side, all of one height: name, bar, numbers."""
    wide = (width - indent + _GAP) / _ABREAST - _GAP
    room = wide - 2 * SIDE
    names = [_cut(setter.lines(one.name, room, _NAME_PT)) for one in row]
    said = [setter.lines(one.text, room, _SMALL_PT) for one in row]
    bare = Cell(x=0.0, width=wide, size_pt=_NAME_PT)
    bar = PAD + max(map(len, names)) * bare.leading + 0.4
    below = replace(bare, size_pt=_SMALL_PT).leading
    high = bar + _BAR + max(map(len, said)) * below + PAD + 0.6
    cells = []
    for nth, (area, lines, words) in enumerate(zip(row, names, said, strict=True)):
        x = indent + nth * (wide + _GAP)
        start = bar + _BAR + below - high - _GAP
        foot = [Text(text=one, x=SIDE, y=start + at * below, size_pt=_SMALL_PT)
                for at, one in enumerate(words)]  # fmt: skip
        boxes = [*_frame(0.0, 0.0, wide, high), *_bar(area.parts, SIDE, bar, room)]
        if nth == 0:
            boxes += _guides(rules, indent, high + _GAP)
        cells.append(
            Cell(x=x, width=wide, lines=lines, size_pt=_NAME_PT, strong=len(lines), top=True,
                 foot=tuple(foot), boxes=tuple(boxes))
        )  # fmt: skip
    return Band(cells=tuple(cells), least=high + _GAP, framed=False)


def _cut(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines of a name; a mark stands for what is left out."""
    if len(lines) <= _NAME_LINES:
        return tuple(lines)
    kept = list(lines[:_NAME_LINES])
    kept[-1] = kept[-1][:-1] + "…"
    return tuple(kept)


def _bar(
    parts: tuple[int, int, int], x: float, y: float, width: float, high: float = _BAR
) -> list[Box]:
    """Return a bar in a frame; a part that is not zero can be seen, however small."""
    total = sum(parts)
    boxes = _frame(x, y, width, high)
    if not total:
        return boxes
    least = min(0.8, width / 6)
    wide = [max(part / total * width, least) if part else 0.0 for part in parts]
    scale = width / sum(wide)
    solid, hatched = (one * scale for one in wide[:2])
    boxes.append(Box(x=x, y=y, width=solid, height=high))
    if parts[1]:
        at = solid
        while at < solid + hatched - _LINE:
            boxes.append(Box(x=x + at, y=y, width=_LINE, height=high))
            at += _HATCH
        boxes.append(Box(x=x + solid + hatched - _LINE, y=y, width=_LINE, height=high))
    return [box for box in boxes if box.width]


def _frame(x: float, y: float, width: float, height: float) -> list[Box]:
    return [
        Box(x=x, y=y, width=width, height=_LINE),
        Box(x=x, y=y + height - _LINE, width=width, height=_LINE),
        Box(x=x, y=y, width=_LINE, height=height),
        Box(x=x + width - _LINE, y=y, width=_LINE, height=height),
    ]


def _guides(rules: Sequence[float], indent: float, height: float) -> list[Box]:
    """Return the lines at the left that say in what a place lies."""
    return [Box(x=rule - indent, y=0.0, width=_RULE, height=height) for rule in rules]


def _rows(areas: Sequence[Area], most: int) -> Iterator[Sequence[Area]]:
    for start in range(0, len(areas), most):
        yield areas[start : start + most]
