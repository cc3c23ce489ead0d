"""Where the code and the text lie on one label. Nothing is drawn here.

Lengths are millimetres from the upper left corner of the label, type sizes are points.
"""

from __future__ import annotations

from dataclasses import dataclass

from labels.encode import DOT_MM, FLOOR_DOTS, QUIET
from labels.label import Label, ModuleTooSmallError, TextClippedError
from labels.preset import Preset
from labels.text import Measure, clean, wrap

MIN_PT = 5.0
"""The smallest type that is still read on a label."""

_MM_PER_PT = 25.4 / 72
_PAD = 1.0
_MAX_CODE_PT = 12.0
_MAX_LINE_PT = 9.0
_CODE_TO_LINE = 1.35
_LEADING = 1.28
_ASCENT = 0.88
# So much of the label the code may take beside or above the text.
_SHARE_BESIDE = 2 / 3
_SHARE_ABOVE = 0.7
_WIDE_LABEL = 1.25


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle for text; `centred` rows stand in its middle instead of at its left side."""

    x: float
    y: float
    width: float
    height: float
    centred: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the code's dark corner lies, how big one module is, and what is left for text."""

    x: float
    y: float
    module: float
    box: Box


@dataclass(frozen=True, slots=True)
class Row:
    """One row of text: its left end and its baseline."""

    text: str
    x: float
    y: float
    size_pt: float
    strong: bool


def place(label: Label, modules: int, preset: Preset) -> Spot:
    """Return the place of a code of `modules` squares a side, as large as the label permits.

    Raises ModuleTooSmallError below the print floor.
    """
    beside = preset.label_width >= _WIDE_LABEL * preset.label_height
    dots = int(_largest_module(modules, preset, beside=beside) / DOT_MM + 1e-6)
    if dots < FLOOR_DOTS:
        raise ModuleTooSmallError(
            label=label.code,
            modules=modules,
            module_mm=dots * DOT_MM,
            preset=preset.name,
            floor_mm=FLOOR_DOTS * DOT_MM,
        )
    module = dots * DOT_MM
    return (_beside if beside else _above)(modules, module, preset)


def set_text(label: Label, spot: Spot, preset: Preset, measure: Measure) -> tuple[Row, ...]:
    """Return the rows of a label's text: the code in large type, then the lines, wrapped.

    The type is as large as fits, down to `MIN_PT`. Raises TextClippedError with the first line
    that finds no room.
    """
    code = clean(label.code)
    lines = [line for line in map(clean, label.lines) if line]
    size = _MAX_LINE_PT
    while True:
        rows, lost = _attempt(code, lines, size, spot.box, measure)
        if lost is None:
            return _settle(rows, spot, measure)
        if size <= MIN_PT:
            raise TextClippedError(label=code, line=lost, size_pt=MIN_PT, preset=preset.name)
        size -= 0.5


def _largest_module(modules: int, preset: Preset, *, beside: bool) -> float:
    """The module that fills the label: its quiet zone inside it, its ink off the blank edge."""
    left, top, right, bottom = preset.insets
    width, height = preset.label_width, preset.label_height
    framed = modules + 2 * QUIET
    upright = max(top, bottom)
    limits = [
        (width - 2 * _PAD) / framed,
        (height - 2 * _PAD) / framed,
        (width - left - _PAD) / (modules + QUIET),
        (height - upright - _PAD) / (modules + QUIET),
    ]
    if beside:
        limits += [_SHARE_BESIDE * width / framed, (height - 2 * upright) / modules]
    else:
        limits += [_SHARE_ABOVE * height / framed, (width - 2 * max(left, right)) / modules]
    return min(limits)


def _beside(modules: int, module: float, preset: Preset) -> Spot:
    left, top, right, bottom = (max(_PAD, inset) for inset in preset.insets)
    x = max(_PAD + QUIET * module, left)
    y = (preset.label_height - modules * module) / 2
    text_x = x + (modules + QUIET) * module
    box = Box(
        text_x,
        top,
        preset.label_width - right - text_x,
        preset.label_height - bottom - top,
        centred=False,
    )
    return Spot(x, y, module, box)


def _above(modules: int, module: float, preset: Preset) -> Spot:
    left, top, right, bottom = (max(_PAD, inset) for inset in preset.insets)
    x = (preset.label_width - modules * module) / 2
    y = max(_PAD + QUIET * module, top)
    text_y = y + (modules + QUIET) * module
    side = max(left, right)
    box = Box(
        side,
        text_y,
        preset.label_width - 2 * side,
        preset.label_height - bottom - text_y,
        centred=True,
    )
    return Spot(x, y, module, box)


def _attempt(
    code: str, lines: list[str], size: float, box: Box, measure: Measure
) -> tuple[list[tuple[str, float, bool]], str | None]:
    """Set everything with lines of `size`; the second value is the first line without room."""
    code_pt = min(_MAX_CODE_PT, round(size * _CODE_TO_LINE * 2) / 2)
    while code_pt > MIN_PT and measure(code) * code_pt * _MM_PER_PT > box.width:
        code_pt -= 0.5
    if measure(code) * code_pt * _MM_PER_PT > box.width:
        return [], code
    rows = [(code, code_pt, True)] if code else []
    room = box.height - _height(rows)
    for line in lines:
        pieces = wrap(line, box.width / (size * _MM_PER_PT), measure)
        if pieces is None:
            return [], line
        room -= len(pieces) * size * _LEADING * _MM_PER_PT
        if room < 0:
            return [], line
        rows += [(piece, size, False) for piece in pieces]
    return rows, code if _height(rows) > box.height else None


def _height(rows: list[tuple[str, float, bool]]) -> float:
    return sum(size for _, size, _ in rows) * _LEADING * _MM_PER_PT


def _settle(rows: list[tuple[str, float, bool]], spot: Spot, measure: Measure) -> tuple[Row, ...]:
    """Give each row its place: level with the top of the code, or midway if there is more text."""
    box = spot.box
    midway = box.y + (box.height - _height(rows)) / 2
    y = box.y if box.centred else min(spot.y, midway)
    settled: list[Row] = []
    for text, size, strong in rows:
        em = size * _MM_PER_PT
        indent = (box.width - measure(text) * em) / 2 if box.centred else 0.0
        settled.append(Row(text, box.x + indent, y + _ASCENT * em, size, strong))
        y += em * _LEADING
    return tuple(settled)
