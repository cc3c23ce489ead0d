"""One label and its template into one drawing: the only place where anything finds its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labels.drawing import Box, Drawing, Mark, Modules, Picture, Text
from labels.encode import DOT_MM, QUIETS, SMALL_MM, Matrix, symbol
from labels.flow import set_column
from labels.font import Face, require_glyphs
from labels.label import (
    Label,
    ModuleTooSmallError,
    PayloadEmptyError,
    TextClippedError,
    UnknownChoiceError,
)
from labels.layout import ASCENT, LEADING, LINE_PT, MM_PER_PT, place, set_text, whole_dots
from labels.picture import size
from labels.template import Field, Template
from labels.text import clean, wrap

_BORDER = 0.25
_STEP_PT = 0.5
_203_DPI = 203


def compose(label: Label, template: Template, typeface: Face, *, dpi: int = _203_DPI) -> Drawing:
    """Return what stands on one label.

    Modules are whole dots of a printer of `dpi`, as large as the template permits. Raises
    GlyphMissingError, TextClippedError, ModuleTooSmallError, PayloadEmptyError,
    PayloadTooLongError, LogoError, SheetError.
    """
    dot = dot_mm(dpi)
    texts = _texts(label, template)
    columns = [_said(label, template, column.fields) for column in template.columns]
    every = [text for part in (texts, *columns) for _, text in part]
    require_glyphs(label, typeface, [text.replace("\n", "") for text in every])
    marks: list[Mark] = []
    if template.cell:
        marks += _in_cell(label, template, [text for _, text in texts], typeface, dot)
    else:
        symbol = _symbol(label, template, dot) if template.symbol.side else None
        marks += [symbol] if symbol else []
        for field, text in texts:
            marks += _rows(label, template, field, text, typeface)
        for column, worded in zip(template.columns, columns, strict=True):
            marks += set_column(
                column, worded, symbol, typeface.measure, label=clean(label.code),
                preset=template.name,
            )  # fmt: skip
    marks += _logo(template)
    if template.border:
        marks += _border(template)
    return Drawing(
        name=clean(label.code), width=template.width, height=template.height, marks=tuple(marks)
    )


def dot_mm(dpi: int) -> float:
    """Return the side of a printer's dot; heads of "203 dpi" have eight dots a millimetre.

    Raises SheetError for a resolution that no label printer has.
    """
    if not 100 <= dpi <= 2400:
        raise UnknownChoiceError(setting="dpi", value=dpi, known="203 300 600")
    return DOT_MM if dpi == _203_DPI else 25.4 / dpi


def _texts(label: Label, template: Template) -> list[tuple[Field, str]]:
    """Return every text that is printed, cleaned, with its field; empty ones are left out."""
    fields = template.fields
    if template.cell:
        lines = tuple(map(clean, label.lines)) or [_worded(label, template, one) for one in fields]
        # The code comes first even where it is empty, so that no line is taken for it.
        return [(Field(value=""), text) for text in (clean(label.code), *filter(None, lines))]
    return _said(label, template, fields)


def _said(
    label: Label, template: Template, fields: Iterable[Field]
) -> list[tuple[Field, str]]:  # fmt: skip
    found = [(one, _worded(label, template, one)) for one in fields]
    return [pair for pair in found if pair[1]]


def _worded(label: Label, template: Template, field: Field) -> str:
    if field.value == "code":
        text = label.code
    elif field.value == "lines":
        text = "\n".join(filter(None, map(clean, label.lines)))
        return clean(field.caption.get(template.language, "")) + text if text else ""
    else:
        text = label.values.get(field.value, "")
    text = clean(text)
    return clean(field.caption.get(template.language, "") + text) if text else ""


# --- the symbol ------------------------------------------------------------------------------


def _payloads(label: Label, template: Template) -> Iterator[str]:
    """Give the payloads to try, the best one first."""
    value = template.symbol.value
    if value:
        yield clean(label.code if value == "code" else label.values.get(value, ""))
        return
    if template.payload != "short" or not label.short:
        yield label.payload
    if template.payload != "long" and label.short:
        yield label.short


def _symbol(label: Label, template: Template, dot: float) -> Modules:
    spot = template.symbol
    quiet = QUIETS[spot.kind]
    payloads = list(_payloads(label, template))
    for payload in payloads:
        matrix = symbol(spot.kind, payload, ecc=template.level, name=label.code)
        framed = len(matrix[0]) + 2 * quiet
        if payload != payloads[-1] and spot.side / framed < SMALL_MM:
            continue
        module = whole_dots(
            spot.side / framed, dot, label=label.code, modules=len(matrix[0]), preset=template.name
        )
        width = len(matrix[0]) * module
        tall = spot.height / module if spot.height else 1.0
        height = spot.height or width
        left = spot.x + (spot.side - width) / 2
        top = spot.y + ((spot.height or spot.side) - height) / 2
        return Modules(matrix=matrix, x=left, y=top, module=module, tall=tall)
    raise PayloadEmptyError(label=label.code)


def _in_cell(
    label: Label, template: Template, texts: list[str], typeface: Face, dot: float
) -> Iterator[Mark]:
    cell = template.cell
    assert cell is not None  # noqa: S101  the caller asked
    kind = template.symbol.kind
    matrix: Matrix = ()
    payloads = list(_payloads(label, template))
    for payload in payloads:
        matrix = symbol(kind, payload, ecc=template.ecc or "M", name=label.code)
        try:
            spot = place(label, len(matrix), cell, quiet=QUIETS[kind], dot=dot)
        except ModuleTooSmallError:
            if payload == payloads[-1]:
                raise
            continue
        if spot.module >= SMALL_MM or payload == payloads[-1]:
            break
    yield Modules(matrix=matrix, x=spot.x, y=spot.y, module=spot.module)
    largest = max((field.largest_pt for field in template.fields), default=LINE_PT)
    for row in set_text(
        texts[0], texts[1:], spot, cell, typeface.measure, largest=largest, spare=label.spare
    ):
        yield Text(text=row.text, x=row.x, y=row.y, size_pt=row.size_pt, strong=row.strong)


# --- the rest --------------------------------------------------------------------------------


def _rows(
    label: Label, template: Template, field: Field, text: str, typeface: Face
) -> Iterator[Text]:
    """Give the rows of one field, in the largest type that fits its place."""
    points = field.largest_pt
    while True:
        em = points * MM_PER_PT
        # The last row needs no room under it but for what hangs below the baseline.
        most = int((field.height / em - 1.0) / LEADING + 1e-6) + 1 if em <= field.height else 0
        pieces = _wrapped(text, field.width / em + 1e-6, most, typeface)
        if pieces:
            break
        if points <= field.smallest_pt:
            raise TextClippedError(
                label=clean(label.code), line=text, size_pt=field.smallest_pt, preset=template.name
            )
        points = max(field.smallest_pt, points - _STEP_PT)
    for number, piece in enumerate(pieces):
        indent = (field.width - typeface.measure(piece) * em) / 2 if field.centred else 0.0
        baseline = field.y + (number * LEADING + ASCENT) * em
        yield Text(text=piece, x=field.x + indent, y=baseline, size_pt=points, strong=field.bold)


def _wrapped(text: str, width: float, most: int, typeface: Face) -> list[str]:
    """Return at most so many rows, or none at all if the text needs more."""
    rows: list[str] = []
    for line in text.split("\n"):
        # Far too much text is known by its length alone.
        if typeface.measure(line) > most * width:
            return []
        pieces = wrap(line, width, typeface.measure)
        if pieces is None or len(rows) + len(pieces) > most:
            return []
        rows += pieces
    return rows


def _logo(template: Template) -> Iterator[Picture]:
    if template.logo is None or not template.logo_png:
        return
    spot = template.logo
    wide, high = size(template.logo_png)
    scale = min(spot.width / wide, spot.height / high)
    width, height = wide * scale, high * scale
    yield Picture(
        data=template.logo_png,
        x=spot.x + (spot.width - width) / 2,
        y=spot.y + (spot.height - height) / 2,
        width=width,
        height=height,
    )


def _border(template: Template) -> Iterator[Box]:
    width, height = template.width, template.height
    for y in (0.0, height - _BORDER):
        yield Box(x=0.0, y=y, width=width, height=_BORDER)
    for x in (0.0, width - _BORDER):
        yield Box(x=x, y=0.0, width=_BORDER, height=height)
