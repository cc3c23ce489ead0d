"""A page to measure with a ruler: whether a printer prints where it should, and in true size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from labels.drawing import Box, Drawing, Mark, Text
from labels.font import Face, face, find_font, require_glyphs
from labels.label import Label
from labels.pdf import Pdf
from labels.preset import Preset
from labels.sheet import frame_of, known_preset
from labels.template import Template

_LINE = 0.15
_CROSS = 6.0
_ARM = 5.0
_TICK = 1.5
_RULER = 100.0
_SMALL_RULER = 10.0
_ROOM = 120.0
_TYPE_PT = 8.0
_LEADING_MM = 4.6
_MARGIN = 12.0
# What to do, in both languages: the page lies beside the printer, whoever stands there.
_ADVICE = (
    "校准页：请按实际大小（100%）打印，不要选择“适应页面”。",
    'Calibration page: print at actual size (100 %), never "fit to page".',
    (
        "1. 量标尺：横、竖都应正好 {ruler:g} 毫米。缩放 = {ruler:g} ÷ 量得的长度；"
        "不为 1 时先带缩放重印本页。"
    ),
    (
        "1. Measure the rulers: both must be {ruler:g} mm. Scale = {ruler:g} ÷ what you measure. "
        "If it is not 1, print this page again with it."
    ),
    (
        "2. 量左上角十字的中心：应距纸左边 {x:g} 毫米、距纸上边 {y:g} 毫米。"
        "偏移 = 应有的距离 − 量得的距离。"
    ),
    (
        "2. Measure the middle of the upper left cross: it must be {x:g} mm from the left and "
        "{y:g} mm from the top edge. Offset = what it should be − what you measure."
    ),
    "3. 与标签纸叠在一起对着光看：角线应与每枚标签的角重合。规格：{preset}",
    (
        "3. Hold it against the light behind a sheet of labels: the angles must meet the corners "
        "of every label. Preset: {preset}"
    ),
)


def calibration_pdf(
    what: str | Template,
    *,
    font: str | None = None,
    created: datetime | None = None,
    offset: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
) -> bytes:
    """Return one page for a preset or a template, with advice in Chinese and English.

    It has the corners of all labels, crosses 10 mm inside the corners of the page (2 mm on a
    roll), and rulers of 100 mm (10 mm on a roll). `offset` and `scale` are those to be tried.
    Raises SheetError, FontMissingError, FontUnusableError, GlyphMissingError.
    """
    sheet = known_preset(what) if isinstance(what, str) else _one_label(what)
    frame = frame_of(offset, scale, sheet.name)
    typeface = face(find_font(font))
    advice = _advice(sheet, typeface) if _is_page(sheet) else []
    figures = list(_figures(sheet, typeface)) if _is_page(sheet) else []
    angles = [one for one in _cells(sheet) if not _among(one, advice, sheet)]
    marks: list[Mark] = [*angles, *_crosses(sheet), *_rulers(sheet), *advice, *figures]
    page = Drawing(
        name=sheet.name, width=sheet.page_width, height=sheet.page_height, marks=tuple(marks)
    )
    pdf = Pdf(typeface, created=created)
    pdf.page(page.width, page.height, [(page, 0.0, 0.0)], frame=frame)
    return pdf.finish()


def _one_label(template: Template) -> Preset:
    width, height = template.width, template.height
    return Preset(
        name=template.name, page_width=width, page_height=height, label_width=width,
        label_height=height, columns=1, rows=1, x0=0.0, y0=0.0, dx=width, dy=height, edge=0.0,
    )  # fmt: skip


def _is_page(sheet: Preset) -> bool:
    """Whether there is room for rulers of 100 mm and for words."""
    return min(sheet.page_width, sheet.page_height) > _ROOM


def _cells(sheet: Preset) -> Iterator[Box]:
    """Give an angle at each corner of each label: whole outlines would run through the words."""
    width, height = sheet.label_width, sheet.label_height
    arm = min(_ARM, width / 4, height / 4)
    for cell in range(sheet.cells):
        x, y = sheet.corner(cell)
        for right in (0, 1):
            for down in (0, 1):
                left, top = x + right * (width - arm), y + down * (height - arm)
                yield Box(x=left, y=y + down * (height - _LINE), width=arm, height=_LINE)
                yield Box(x=x + right * (width - _LINE), y=top, width=_LINE, height=arm)


def _inset(sheet: Preset) -> float:
    return 10.0 if _is_page(sheet) else 2.0


def _crosses(sheet: Preset) -> Iterator[Mark]:
    inset = _inset(sheet)
    arm = min(_CROSS, 2 * inset - 1.0) / 2
    for x in (inset, sheet.page_width - inset):
        for y in (inset, sheet.page_height - inset):
            yield Box(x=x - arm, y=y - _LINE / 2, width=2 * arm, height=_LINE)
            yield Box(x=x - _LINE / 2, y=y - arm, width=_LINE, height=2 * arm)


def _rulers(sheet: Preset) -> Iterator[Mark]:
    """Give a ruler to the right and one downwards, from a corner in the middle of the page."""
    page = _is_page(sheet)
    length, step = (_RULER, 10) if page else (_SMALL_RULER, 1)
    x = (sheet.page_width - length) / 2
    y = (sheet.page_height - length) / 2
    for at in range(int(length / step) + 1):
        tick = _TICK * (2 if at % 5 == 0 else 1)
        yield Box(x=x + at * step - _LINE / 2, y=y - tick, width=_LINE, height=tick)
        yield Box(x=x - tick, y=y + at * step - _LINE / 2, width=tick, height=_LINE)
    yield Box(x=x, y=y - _LINE / 2, width=length, height=_LINE)
    yield Box(x=x - _LINE / 2, y=y, width=_LINE, height=length)


def _figures(sheet: Preset, typeface: Face) -> Iterator[Text]:
    """Give the figures at the ends of the rulers, so that nobody measures to the wrong tick."""
    size = _TYPE_PT
    em = size * 25.4 / 72
    x, y = (sheet.page_width - _RULER) / 2, (sheet.page_height - _RULER) / 2
    for at in (0.0, _RULER / 2, _RULER):
        figure = f"{at:g}" if at < _RULER else f"{at:g} mm"
        width = typeface.measure(figure) * em
        if at:
            yield Text(text=figure, x=x + at - width / 2, y=y - 2 * _TICK - 1.0, size_pt=size)
        down = y + at + em / 3 if at else y - 1.0
        yield Text(text=figure, x=x - 2 * _TICK - 1.0 - width, y=down, size_pt=size)


def _among(line: Box, advice: list[Text], sheet: Preset) -> bool:
    """Whether a line of an angle would run through the words; the angles beside them are enough."""
    if not advice or line.x + line.width < _MARGIN or line.x > sheet.page_width - _MARGIN:
        return False
    return (
        line.y < advice[-1].y + _LEADING_MM / 2
        and line.y + line.height > advice[0].y - _LEADING_MM
    )  # fmt: skip


def _advice(sheet: Preset, typeface: Face) -> list[Text]:
    inset = _inset(sheet)
    facts = {"ruler": _RULER, "x": inset, "y": inset, "preset": sheet.name}
    lines = [line.format_map(facts) for line in _ADVICE]
    require_glyphs(Label(payload="", code=sheet.name), typeface, lines)
    em = _TYPE_PT * 25.4 / 72
    widest = max(map(typeface.measure, lines)) * em
    size = _TYPE_PT * min(1.0, (sheet.page_width - 2 * _MARGIN) / widest)
    top = sheet.page_height / 2 - len(lines) * _LEADING_MM - _RULER / 2 - _LEADING_MM
    return [
        Text(text=line, x=_MARGIN, y=max(top, inset + _CROSS) + n * _LEADING_MM, size_pt=size)
        for n, line in enumerate(lines)
    ]
