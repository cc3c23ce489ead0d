"""Sheets of labels as PDF: every label is checked first, then all of them are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from labels.encode import DOT_MM, Matrix, matrix, runs, side
from labels.font import Face, face, find_font, require_glyphs
from labels.label import (
    FaultyLabelsError,
    Label,
    LabelError,
    NoLabelsError,
    OutOfRangeError,
    SheetError,
    UnknownChoiceError,
)
from labels.layout import Row, Spot, place, set_text
from labels.preset import PRESETS, Preset

if TYPE_CHECKING:
    from fpdf import FPDF

_FAMILY = "label"
_TITLE = "资产标签"
# A PDF must carry a date and this package reads no clock; zero stands for "not said".
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
# Stroke in points that makes regular type look bold, as a share of its size.
_STROKE = 0.03


@dataclass(frozen=True, slots=True)
class _Plan:
    label: Label
    spot: Spot
    rows: tuple[Row, ...]


def sheet_pdf(
    labels: Iterable[Label],
    *,
    preset: str = "a4-24",
    start_cell: int = 1,
    ecc: str = "M",
    font: str | None = None,
    on_step: Callable[[int], None] | None = None,
    created: datetime | None = None,
) -> bytes:
    """Return a PDF with one label per cell, row by row; equal arguments give equal bytes.

    `start_cell` counts from 1 and leaves the cells before it empty, for a sheet begun earlier.
    `on_step` is called after each drawn label with the number drawn so far. `created` (with a time
    zone) goes into the file's metadata. Raises SheetError, FontMissingError, FontUnusableError, and
    FaultyLabelsError, which lists every label that cannot be printed; then nothing was drawn.
    """
    sheet = _preset(preset)
    if not 1 <= start_cell <= sheet.cells:
        raise OutOfRangeError(
            setting="start_cell", value=start_cell, low=1, high=sheet.cells, preset=preset
        )
    typeface = face(find_font(font))
    plans = _plan(tuple(labels), sheet, typeface, ecc)
    pdf = _document(sheet, typeface, created or _NO_DATE)
    for index, plan in enumerate(plans):
        cell = (start_cell - 1 + index) % sheet.cells
        if index == 0 or cell == 0:
            pdf.add_page()
        _draw(pdf, plan, sheet.corner(cell), ecc)
        if on_step:
            on_step(index + 1)
    return bytes(pdf.output())


def module_mm(payload: str, *, preset: str = "a4-24", ecc: str = "M") -> float:
    """Return the side of one module in millimetres that `sheet_pdf` would print.

    Below 0.5 mm a label scans only from close up; the caller may warn. Raises SheetError,
    ModuleTooSmallError, PayloadEmptyError, PayloadTooLongError.
    """
    label = Label(payload=payload, code=payload[:40])
    return place(label, side(payload, ecc=ecc, name=label.code), _preset(preset)).module


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        raise UnknownChoiceError(setting="preset", value=name, known=" ".join(PRESETS))
    return PRESETS[name]


def _plan(labels: tuple[Label, ...], preset: Preset, typeface: Face, ecc: str) -> list[_Plan]:
    if not labels:
        raise NoLabelsError(setting="labels", value=0)
    plans: list[_Plan] = []
    faults: list[LabelError] = []
    for nth, label in enumerate(labels, 1):
        try:
            modules = side(label.payload, ecc=ecc, name=label.code)
            require_glyphs(label, typeface)
            spot = place(label, modules, preset)
            plans.append(_Plan(label, spot, set_text(label, spot, preset, typeface.measure)))
        except SheetError:
            raise
        except LabelError as fault:
            fault.facts["nth"] = nth
            faults.append(fault)
    if faults:
        raise FaultyLabelsError(errors=faults, total=len(labels))
    return plans


def _document(preset: Preset, typeface: Face, created: datetime) -> FPDF:
    from fpdf import FPDF, ViewerPreferences

    pdf = FPDF(unit="mm", format=(preset.page_width, preset.page_height))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_creation_date(created)
    pdf.set_title(_TITLE)
    pdf.set_lang("zh-CN")
    # Printed at any other size, modules would no longer be whole dots.
    pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
    pdf.add_font(_FAMILY, fname=typeface.path, collection_font_number=typeface.index)
    return pdf


def _draw(pdf: FPDF, plan: _Plan, corner: tuple[float, float], ecc: str) -> None:
    from fpdf.enums import TextMode

    left, top = corner
    spot = plan.spot
    modules = matrix(plan.label.payload, ecc=ecc, name=plan.label.code)
    # On the page's own grid of dots, or the modules would straddle dots after all.
    x, y = (round(at / DOT_MM) * DOT_MM for at in (left + spot.x, top + spot.y))
    _draw_code(pdf, modules, x, y, spot.module)
    for row in plan.rows:
        pdf.set_font(_FAMILY, size=row.size_pt)
        if row.strong:
            with pdf.local_context(
                text_mode=TextMode.FILL_STROKE, line_width=row.size_pt * _STROKE
            ):
                pdf.text(left + row.x, top + row.y, row.text)
        else:
            pdf.text(left + row.x, top + row.y, row.text)


def _draw_code(pdf: FPDF, modules: Matrix, x: float, y: float, module: float) -> None:
    """Draw a code as one path, in a frame where one unit is one module.

    Not with the library's shapes: they round each rectangle for itself and paint them one by one,
    which shows as hair lines between the rows; its path objects take 8 ms for one code.
    """
    scale = module * pdf.k
    shapes = " ".join(f"{c} {r} {n} 1 re" for c, r, n in runs(modules))
    pdf._out(
        f"q {scale:.5f} 0 0 {-scale:.5f} {x * pdf.k:.5f} {(pdf.h - y) * pdf.k:.5f} cm "
        f"0 g {shapes} f Q"
    )
