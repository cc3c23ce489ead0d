"""What a kind of label looks like, as data: read from TOML, checked in full before it is used.

Lengths are millimetres from the upper left corner of the label, type sizes are points.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from labels.encode import QUIETS
from labels.label import (
    FaultyTemplateError,
    LabelError,
    TemplateOutsideError,
    TemplateOverlapError,
    TemplateTextError,
    TemplateTooLargeError,
    UnknownChoiceError,
)
from labels.layout import MIN_PT
from labels.preset import Preset
from labels.table import Table

LANGUAGES = ("zh", "en")
PAYLOADS = ("long", "short", "any")
LEVELS = ("M", "Q")
ROLLS = ("30x20", "40x30", "50x30", "60x40", "70x50")
"""The built-in templates for one label after the other."""
SHEET = "sheet"
"""The built-in template that takes the size of the sheet's cells."""
SIGN = "sign"
"""The same with large type, for what is read from afar: commands, places, cards."""
_BUILT_IN = (*ROLLS, SHEET, SIGN)
_MOST_MM = 300.0
_MOST_PT = 72.0
_TOLERANCE = 0.05
# From this size on labels carry the stronger error correction: there is room, and they lie outside.
_STRONG = (60.0, 40.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place for one value of a label.

    `value` is a key of `Label.values`, or `code`, or `lines` (all lines below each other). The type
    is as large as fits, from `largest_pt` down to `smallest_pt`. `caption` stands before the value,
    by language; a label without the value leaves the place empty. In a column the place is that of
    the column, and an `optional` field is left out where the others would find no room.
    """

    value: str
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    largest_pt: float = 9.0
    smallest_pt: float = MIN_PT
    bold: bool = False
    centred: bool = False
    caption: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A place for several values below each other, which share its room: see `flow`."""

    x: float
    y: float
    width: float
    height: float
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """The symbol: `qr`, `datamatrix` or `code128`, and the area it may fill with its blank rim.

    The area is a square of `side`; of a code128, `height` is the height of its bars. `value` is the
    value of the label that it says, such as card_no, because a payload is too long for bars; ""
    for the payload.
    """

    kind: str = "qr"
    value: str = ""
    x: float = 0.0
    y: float = 0.0
    side: float = 0.0
    height: float = 0.0

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what must stay free of everything else."""
        return self.x, self.y, self.x + self.side, self.y + (self.height or self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """Where a picture stands, as large as fits without changing its shape."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A kind of label.

    `cell` is set where the label takes its layout from a cell of a sheet; then places of fields and
    symbol are found, not given. `ecc` is "" for the default of the size. `payload` is `long`,
    `short`, or `any`: the long one where its modules are large enough. `logo_png` is a PNG file.
    """

    name: str
    width: float
    height: float
    fields: tuple[Field, ...] = ()
    columns: tuple[Column, ...] = ()
    symbol: Symbol = Symbol()
    ecc: str = ""
    payload: str = "long"
    border: bool = False
    logo: Logo | None = None
    logo_png: bytes = b""
    language: str = "zh"
    cell: Preset | None = None

    @property
    def level(self) -> str:
        """The level of error correction: the one given, else Q from 60 x 40 mm, else M."""
        large = self.width >= _STRONG[0] and self.height >= _STRONG[1]
        return self.ecc or ("Q" if large else "M")


def load(text: str, name: str) -> Template:
    """Read a template; `name` stands in errors.

    Raises FaultyTemplateError, which names every fault with its place: the table and the key.
    """
    faults: list[LabelError] = []
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        fault = TemplateTextError(template=name, place="", key="", problem=str(error))
        raise FaultyTemplateError(template=name, errors=[fault]) from error
    template = _template(Table(data, "label", name, faults))
    if template.cell is None and not faults:
        faults += _misplaced(template)
    if faults:
        raise FaultyTemplateError(template=name, errors=faults)
    return template


@cache
def builtin(name: str) -> Template:
    """Return one of the templates that come with the program: of `ROLLS`, `SHEET` or `SIGN`.

    Raises SheetError for another name.
    """
    if name not in _BUILT_IN:
        raise UnknownChoiceError(setting="template", value=name, known=" ".join(_BUILT_IN))
    return load((files("labels") / "templates" / f"{name}.toml").read_text("utf-8"), name)


def for_cell(template: Template, preset: Preset) -> Template:
    """Return an adapting template in the size of a sheet's cells; another one as it is.

    Raises SheetError if the other one is larger than the cells.
    """
    width, height = preset.label_width, preset.label_height
    if template.cell is None:
        if template.width > width + _TOLERANCE or template.height > height + _TOLERANCE:
            raise TemplateTooLargeError(
                template=template.name, width=template.width, height=template.height,
                preset=preset.name, cell_width=width, cell_height=height,
            )  # fmt: skip
        return template
    return replace(template, width=width, height=height, cell=preset)


def _template(top: Table) -> Template:
    adapts = top.flag("adapts")
    width = top.number("width", 5.0, _MOST_MM, 5.0 if adapts else None)
    height = top.number("height", 5.0, _MOST_MM, 5.0 if adapts else None)
    template = Template(
        name=top.template,
        width=width,
        height=height,
        ecc=top.choice("ecc", LEVELS, ""),
        payload=top.choice("payload", PAYLOADS, "long"),
        border=top.flag("border"),
        language=top.choice("language", LANGUAGES, "zh"),
        symbol=_symbol(top.table("symbol"), adapts=adapts),
        logo=_logo(top.table("logo")),
        fields=tuple(_field(one, adapts=adapts) for one in top.tables("field")),
        columns=() if adapts else tuple(map(_column, top.tables("column"))),
        cell=_anywhere(width, height) if adapts else None,
    )
    top.close()
    return template


def _symbol(table: Table | None, *, adapts: bool) -> Symbol:
    if table is None:
        return Symbol()
    given = None if not adapts else 0.0
    kind = table.choice("kind", tuple(QUIETS)[:2] if adapts else tuple(QUIETS), "qr")
    symbol = Symbol(
        kind=kind,
        value=table.text("value", ""),
        x=table.number("x", 0.0, _MOST_MM, given),
        y=table.number("y", 0.0, _MOST_MM, given),
        side=table.number("side", 1.0, _MOST_MM, given),
        height=table.number("height", 1.0, _MOST_MM, None) if kind == "code128" else 0.0,
    )
    table.close()
    return symbol


def _logo(table: Table | None) -> Logo | None:
    if table is None:
        return None
    x, y = (table.number(key, 0.0, _MOST_MM, None) for key in ("x", "y"))
    width, height = (table.number(key, 1.0, _MOST_MM, None) for key in ("width", "height"))
    table.close()
    return Logo(x=x, y=y, width=width, height=height)


def _column(table: Table) -> Column:
    x, y = (table.number(key, 0.0, _MOST_MM, None) for key in ("x", "y"))
    width, height = (table.number(key, 1.0, _MOST_MM, None) for key in ("width", "height"))
    fields = tuple(_line(one) for one in table.tables("field"))
    table.close()
    return Column(x=x, y=y, width=width, height=height, fields=fields)


def _line(table: Table) -> Field:
    """Read a field of a column, which has no place of its own."""
    low = table.number("smallest_pt", 3.0, _MOST_PT, MIN_PT)
    one = Field(
        value=table.text("value", None),
        smallest_pt=low,
        largest_pt=table.number("largest_pt", low, _MOST_PT, max(low, 9.0)),
        bold=table.flag("bold"),
        centred=table.flag("centred"),
        caption=_caption(table.table("caption")),
        optional=table.flag("optional"),
    )
    table.close()
    return one


def _field(table: Table, *, adapts: bool) -> Field:
    given = None if not adapts else 0.0
    low = table.number("smallest_pt", 3.0, _MOST_PT, MIN_PT)
    one = Field(
        value=table.text("value", None),
        x=table.number("x", 0.0, _MOST_MM, given),
        y=table.number("y", 0.0, _MOST_MM, given),
        width=table.number("width", 1.0, _MOST_MM, given),
        height=table.number("height", 1.0, _MOST_MM, given),
        smallest_pt=low,
        largest_pt=table.number("largest_pt", low, _MOST_PT, max(low, 9.0)),
        bold=table.flag("bold"),
        centred=table.flag("centred"),
        caption=_caption(table.table("caption")),
    )
    table.close()
    return one


def _caption(table: Table | None) -> Mapping[str, str]:
    if table is None:
        return {}
    caption = {language: table.text(language, "") for language in LANGUAGES}
    table.close()
    return caption


def _anywhere(width: float, height: float) -> Preset:
    return Preset(
        name="cell", page_width=width, page_height=height, label_width=width, label_height=height,
        columns=1, rows=1, x0=0.0, y0=0.0, dx=width, dy=height, edge=0.0,
    )  # fmt: skip


def _misplaced(template: Template) -> Sequence[LabelError]:
    """Return a fault for everything beyond the label, and for everything over the symbol."""
    symbol = template.symbol.area
    named: list[tuple[str, Field | Column]] = [
        (f"field {number} ({one.value})", one) for number, one in enumerate(template.fields, 1)
    ]
    named += [(f"column {number}", one) for number, one in enumerate(template.columns, 1)]
    spots = [(name, (one.x, one.y, one.x + one.width, one.y + one.height)) for name, one in named]
    if template.logo:
        logo = template.logo
        spots.append(("logo", (logo.x, logo.y, logo.x + logo.width, logo.y + logo.height)))
    faults: list[LabelError] = []
    for place, (left, top, right, bottom) in [("symbol", symbol), *spots]:
        facts = {"template": template.name, "place": place, "key": ""}
        if right > template.width + 1e-6 or bottom > template.height + 1e-6:
            faults.append(TemplateOutsideError(**facts))
        apart = right <= symbol[0] or left >= symbol[2] or bottom <= symbol[1] or top >= symbol[3]
        if place != "symbol" and template.symbol.side and not apart:
            faults.append(TemplateOverlapError(**facts))
    return faults
