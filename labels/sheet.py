"""Labels as PDF: sheets with one label a cell, rolls with one label a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from labels.composing import compose
from labels.drawing import Drawing
from labels.encode import side
from labels.font import Face, face, find_font
from labels.label import (
    FaultyLabelsError,
    Label,
    LabelError,
    NoLabelsError,
    OutOfRangeError,
    SheetError,
    UnknownChoiceError,
)
from labels.layout import place
from labels.pdf import Pdf
from labels.preset import PRESETS, Preset
from labels.template import SHEET, Template, builtin, for_cell

_MOST_OFFSET = 20.0
_SCALES = (0.9, 1.1)

Frame = tuple[float, float, float]
"""What a printer needs to print in the right place: mm to the right, mm down, scale."""


def sheet_pdf(
    labels: Iterable[Label],
    *,
    preset: str = "a4-24",
    start_cell: int = 1,
    ecc: str = "M",
    font: str | None = None,
    on_step: Callable[[int], None] | None = None,
    created: datetime | None = None,
    template: Template | None = None,
    offset: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
) -> bytes:
    """Return a PDF with one label per cell, row by row; equal arguments give equal bytes.

    `start_cell` counts from 1 and leaves the cells before it empty, for a sheet begun earlier.
    `template` is by default the one that adapts to the cells. `offset` (mm right, mm down) and
    `scale` set right a printer that `calibration_pdf` showed to be off. `on_step` is called after
    each label with the number made so far. `created` (with a time zone) goes into the file's
    metadata. Raises SheetError, FontMissingError, FontUnusableError, and FaultyLabelsError, which
    lists every label that cannot be printed; then there is no file at all.
    """
    sheet = known_preset(preset)
    frame = frame_of(offset, scale, preset)
    if not 1 <= start_cell <= sheet.cells:
        raise OutOfRangeError(
            setting="start_cell", value=start_cell, low=1, high=sheet.cells, preset=preset
        )
    typeface = face(find_font(font))
    given = template or replace(builtin(SHEET), ecc=ecc)
    job = _Job(labels, for_cell(given, sheet), typeface, on_step)
    pdf = Pdf(typeface, created=created)
    cells = iter(range(start_cell - 1, sheet.cells))
    while page := [(one, *sheet.corner(cell)) for cell, one in zip(cells, job, strict=False)]:
        pdf.page(sheet.page_width, sheet.page_height, page, frame=frame)
        cells = iter(range(sheet.cells))
    job.check()
    return pdf.finish()


def roll_pdf(
    labels: Iterable[Label],
    template: Template,
    *,
    font: str | None = None,
    on_step: Callable[[int], None] | None = None,
    created: datetime | None = None,
    offset: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
) -> bytes:
    """Return a PDF with one label a page, as label printers take it; else as `sheet_pdf`."""
    frame = frame_of(offset, scale, template.name)
    typeface = face(find_font(font))
    job = _Job(labels, template, typeface, on_step)
    pdf = Pdf(typeface, created=created)
    for one in job:
        pdf.page(one.width, one.height, [(one, 0.0, 0.0)], frame=frame)
    job.check()
    return pdf.finish()


def drawings(
    labels: Iterable[Label],
    template: Template,
    typeface: Face,
    *,
    dpi: int = 203,
    on_step: Callable[[int], None] | None = None,
) -> list[Drawing]:
    """Return the drawings of all labels, for writers other than PDF.

    Raises SheetError, and FaultyLabelsError, which lists every label that cannot be printed.
    """
    job = _Job(labels, template, typeface, on_step, dpi=dpi)
    made = list(job)
    job.check()
    return made


def module_mm(payload: str, *, preset: str = "a4-24", ecc: str = "M") -> float:
    """Return the side of one module in millimetres that `sheet_pdf` would print.

    Below 0.5 mm a label scans only from close up; the caller may warn. Raises SheetError,
    ModuleTooSmallError, PayloadEmptyError, PayloadTooLongError.
    """
    label = Label(payload=payload, code=payload[:40])
    return place(label, side(payload, ecc=ecc, name=label.code), known_preset(preset)).module


def known_preset(name: str) -> Preset:
    """Return a preset by its name; raises SheetError, which lists the names."""
    if name not in PRESETS:
        raise UnknownChoiceError(setting="preset", value=name, known=" ".join(PRESETS))
    return PRESETS[name]


def frame_of(offset: tuple[float, float], scale: float, preset: str) -> Frame:
    """Return what sets a printer right; raises SheetError beyond 20 mm and a tenth."""
    for value, low, high, setting in (
        (offset[0], -_MOST_OFFSET, _MOST_OFFSET, "offset"),
        (offset[1], -_MOST_OFFSET, _MOST_OFFSET, "offset"),
        (scale, *_SCALES, "scale"),
    ):
        if not low <= value <= high:
            raise OutOfRangeError(setting=setting, value=value, low=low, high=high, preset=preset)
    return offset[0], offset[1], scale


class _Job:
    """Drawings of labels one by one, until one is faulty; from then on only faults are looked for.

    Only one page of drawings is held at a time.
    """

    def __init__(
        self,
        labels: Iterable[Label],
        template: Template,
        typeface: Face,
        on_step: Callable[[int], None] | None,
        *,
        dpi: int = 203,
    ) -> None:
        self._faults: list[LabelError] = []
        self._total = 0
        self._drawn = self._draw(labels, template, typeface, on_step, dpi)

    def __iter__(self) -> Iterator[Drawing]:
        return self._drawn

    def check(self) -> None:
        """Raise FaultyLabelsError if a label was faulty, SheetError if there was none at all."""
        for _ in self._drawn:
            pass
        if not self._total:
            raise NoLabelsError(setting="labels", value=0)
        if self._faults:
            raise FaultyLabelsError(errors=self._faults, total=self._total)

    def _draw(
        self,
        labels: Iterable[Label],
        template: Template,
        typeface: Face,
        on_step: Callable[[int], None] | None,
        dpi: int,
    ) -> Iterator[Drawing]:
        for label in labels:
            self._total += 1
            try:
                drawing = compose(label, template, typeface, dpi=dpi)
            except SheetError:
                raise
            except LabelError as fault:
                fault.facts["nth"] = self._total
                self._faults.append(fault)
                continue
            if not self._faults:
                yield drawing
                if on_step:
                    on_step(self._total)
