"""Where the code and the text lie on one label. Nothing is drawn here.

Lengths are millimetres from the upper left corner of the label, type sizes are points.
"""

from __future__ import annotations

from dataclasses import dataclass

from labels.encode import DOT_MM, FLOOR_MM, QUIET
from labels.label import Label, ModuleTooSmallError, TextClippedError
from labels.preset import Preset
from labels.text import Measure, widest_word, wrap

MIN_PT = 5.0
"""The smallest type that is still read on a label."""

MM_PER_PT = 25.4 / 72
_PAD = 1.0
LINE_PT = 9.0
"""The largest type of a line below the code, unless a template says otherwise."""
_CODE_TO_LINE = 1.35
# Type rather shrinks to this size than that a word is broken.
_UNBROKEN_PT = 7.0
LEADING = 1.28
"""From one baseline to the next, in ems."""
ASCENT = 0.88
"""From the top of a row to its baseline, in ems."""
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


def place(
    label: Label, modules: int, preset: Preset, *, quiet: int = QUIET, dot: float = DOT_MM
) -> Spot:
    """Return the place of a code of `modules` squares a side, as large as the label permits.

    `quiet` is the blank rim of the code in modules, `dot` the dot of the printer in millimetres.
    Raises ModuleTooSmallError below the print floor.
    """
    beside = preset.label_width >= _WIDE_LABEL * preset.label_height
    largest = _largest_module(modules, quiet, preset, beside=beside)
    module = whole_dots(largest, dot, label=label.code, modules=modules, preset=preset.name)
    return (_beside if beside else _above)(modules, quiet, module, preset)


def whole_dots(largest: float, dot: float, *, label: str, modules: int, preset: str) -> float:
    """Return the largest module of whole dots that is not above `largest`, all in millimetres.

    The other arguments stand in the error. Raises ModuleTooSmallError below the print floor.
    """
    module = int(largest / dot + 1e-6) * dot
    if module < FLOOR_MM - 1e-6:
        raise ModuleTooSmallError(
            label=label,
            modules=modules,
            module_mm=round(module, 3),
            preset=preset,
            floor_mm=FLOOR_MM,
        )
    return module


def set_text(
    code: str, lines: list[str], spot: Spot, preset: Preset, measure: Measure, *,
    largest: float = LINE_PT, spare: int = 0,
) -> tuple[Row, ...]:  # fmt: skip
    """Return the rows of a label's text: the code in large type, then the lines, wrapped.

    The texts are clean. The type is as large as fits, from `largest` down to `MIN_PT`; after that
    up to `spare` of the last lines are left out. Raises TextClippedError with the first line that
    finds no room.
    """
    size = largest
    while True:
        rows, lost = _attempt(code, lines, size, spot.box, measure)
        if lost is None:
            return _settle(rows, spot, measure)
        if size > MIN_PT:
            size -= 0.5
        elif spare and lines:
            lines, spare, size = lines[:-1], spare - 1, largest
        else:
            raise TextClippedError(label=code, line=lost, size_pt=MIN_PT, preset=preset.name)


def _largest_module(modules: int, quiet: int, preset: Preset, *, beside: bool) -> float:
    """The module that fills the label: its quiet zone inside it, its ink off the blank edge."""
    left, top, right, bottom = preset.insets
    width, height = preset.label_width, preset.label_height
    framed = modules + 2 * quiet
    upright = max(top, bottom)
    limits = [
        (width - 2 * _PAD) / framed,
        (height - 2 * _PAD) / framed,
        (width - left - _PAD) / (modules + quiet),
        (height - upright - _PAD) / (modules + quiet),
    ]
    if beside:
        limits += [_SHARE_BESIDE * width / framed, (height - 2 * upright) / modules]
    else:
        limits += [_SHARE_ABOVE * height / framed, (width - 2 * max(left, right)) / modules]
    return min(limits)


def _beside(modules: int, quiet: int, module: float, preset: Preset) -> Spot:
    left, top, right, bottom = (max(_PAD, inset) for inset in preset.insets)
    x = max(_PAD + quiet * module, left)
    y = (preset.label_height - modules * module) / 2
    text_x = x + (modules + quiet) * module
    box = Box(
        text_x,
        top,
        preset.label_width - right - text_x,
        preset.label_height - bottom - top,
        centred=False,
    )
    return Spot(x, y, module, box)


def _above(modules: int, quiet: int, module: float, preset: Preset) -> Spot:
    left, top, right, bottom = (max(_PAD, inset) for inset in preset.insets)
    x = (preset.label_width - modules * module) / 2
    y = max(_PAD + quiet * module, top)
    text_y = y + (modules + quiet) * module
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
    code_pt = round(size * _CODE_TO_LINE * 2) / 2
    while code_pt > MIN_PT and measure(code) * code_pt * MM_PER_PT > box.width:
        code_pt -= 0.5
    if measure(code) * code_pt * MM_PER_PT > box.width:
        return [], code
    rows = [(code, code_pt, True)] if code else []
    room = box.height - _height(rows)
    for line in lines:
        ems = box.width / (size * MM_PER_PT)
        # Far too much text is known by its length alone.
        if measure(line) * size * LEADING * MM_PER_PT > room * ems:
            return [], line
        pieces = wrap(line, ems, measure)
        if pieces is None:
            return [], line
        if len(pieces) > 1 and size > _UNBROKEN_PT and widest_word(line, measure) > ems:
            return [], line
        room -= len(pieces) * size * LEADING * MM_PER_PT
        if room < 0:
            return [], line
        rows += [(piece, size, False) for piece in pieces]
    return rows, code if _height(rows) > box.height else None


def _height(rows: list[tuple[str, float, bool]]) -> float:
    return sum(size for _, size, _ in rows) * LEADING * MM_PER_PT


def _settle(rows: list[tuple[str, float, bool]], spot: Spot, measure: Measure) -> tuple[Row, ...]:
    """Give each row its place: level with the top of the code, or midway if there is more text."""
    box = spot.box
    midway = box.y + (box.height - _height(rows)) / 2
    y = box.y if box.centred else min(spot.y, midway)
    settled: list[Row] = []
    for text, size, strong in rows:
        em = size * MM_PER_PT
        indent = (box.width - measure(text) * em) / 2 if box.centred else 0.0
        settled.append(Row(text, box.x + indent, y + ASCENT * em, size, strong))
        y += em * LEADING
    return tuple(settled)
