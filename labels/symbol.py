"""One QR code: as modules, as a PNG for screens, as an SVG for other programs' labels."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from labels.encode import FLOOR_MM, Matrix, matrix, runs
from labels.font import Face, face, find_font, require_glyphs
from labels.label import Label, ModuleTooSmallError, TextClippedError, TooLittleError
from labels.text import Measure, clean, estimate, wrap

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_CODE_MOST = 1.3
_CODE_LEAST = 0.85
_LEADING = 1.3
# Type made to fit a width exactly must still fit it after rounding.
_SLACK = 1e-6
_SVG_LINE_MM = 2.1
_SVG_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" xml:lang="zh-CN" width="{width:g}mm" height="{height:g}mm" \
viewBox="0 0 {width:g} {height:g}" text-anchor="middle" \
font-family="Noto Sans SC, Noto Sans CJK SC, WenQuanYi Zen Hei, sans-serif">
<title>{title}</title>
<rect width="{width:g}" height="{height:g}" fill="#fff"/>"""
_SVG_CODE = """\
<path transform="translate({left:g} {top:g}) scale({module:g})" \
shape-rendering="crispEdges" d="{path}"/>"""


def qr_matrix(payload: str, *, ecc: str = "M") -> Matrix:
    """Return the modules of the smallest QR code for `payload`, row by row, dark is True.

    There is no quiet zone. Upper-case QR alphanumeric text takes the dense mode, so that 61
    characters fit version 3 (29 modules) at level M. Raises SheetError for an unknown level,
    PayloadEmptyError, and PayloadTooLongError; both name the payload's beginning as the label.
    """
    return matrix(payload, ecc=ecc, name=payload[:40])


def png(
    label: Label,
    *,
    module_px: int = 10,
    quiet: int = 4,
    caption: bool = True,
    ecc: str = "M",
    font: str | None = None,
) -> bytes:
    """Return a picture of the label: the code and, with `caption`, the text under it.

    `module_px` is the side of a module in pixels, `quiet` the blank rim in modules; the picture
    grows downwards until all text has room. Raises SheetError, GlyphMissingError,
    FontMissingError, FontUnusableError, PayloadEmptyError, PayloadTooLongError.
    """
    from PIL import Image, ImageDraw

    _at_least("quiet", quiet, 0)
    _at_least("module_px", module_px, 1)
    modules = matrix(label.payload, ecc=ecc, name=label.code)
    side = (len(modules) + 2 * quiet) * module_px
    line_px = max(12, round(2.2 * module_px))
    # Ten characters must fit beside each other even under a very small code.
    width = max(side, 10 * line_px) if caption else side
    typeface = face(find_font(font)) if caption else None
    rows = _caption(label, width - line_px, line_px, typeface) if typeface else []
    height = side + round(_caption_height(rows, line_px))
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    left = (width - side) // 2
    for x, y, length in runs(modules):
        corner = left + (quiet + x) * module_px, (quiet + y) * module_px
        pen.rectangle(
            (*corner, corner[0] + length * module_px - 1, corner[1] + module_px - 1), fill=0
        )
    if typeface:
        _write(pen, rows, typeface, width, side)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def svg(label: Label, *, module_mm: float = 0.5, quiet: int = 4, ecc: str = "M") -> bytes:
    """Return the label as a vector drawing in millimetres: one path, and the text under it.

    The text uses whatever Chinese font the viewer has, so its width is estimated and no glyph is
    checked. Raises ModuleTooSmallError below `FLOOR_MM`, SheetError, PayloadEmptyError,
    PayloadTooLongError.
    """
    _at_least("quiet", quiet, 0)
    modules = matrix(label.payload, ecc=ecc, name=label.code)
    if not module_mm >= FLOOR_MM:
        raise ModuleTooSmallError(
            label=label.code,
            modules=len(modules),
            module_mm=module_mm,
            preset="SVG",
            floor_mm=FLOOR_MM,
        )
    side = (len(modules) + 2 * quiet) * module_mm
    width = max(side, 8 * _SVG_LINE_MM)
    rows = _caption(label, width - _SVG_LINE_MM, _SVG_LINE_MM, None)
    height = side + _caption_height(rows, _SVG_LINE_MM)
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs(modules))
    left = (width - side) / 2 + quiet * module_mm
    parts = [
        _SVG_HEAD.format(width=width, height=height, title=escape(clean(label.code))),
        _SVG_CODE.format(left=left, top=quiet * module_mm, module=module_mm, path=path),
        *_svg_texts(rows, width / 2, side),
        "</svg>\n",
    ]
    return "\n".join(parts).encode()


def _at_least(setting: str, value: int, least: int) -> None:
    if value < least:
        raise TooLittleError(setting=setting, value=value, least=least)


def _caption(
    label: Label, width: float, line: float, typeface: Face | None
) -> list[tuple[str, float]]:
    """Return the rows under the code with their sizes, in the unit of `width` and `line`."""
    if typeface:
        require_glyphs(label, typeface)
    measure: Measure = typeface.measure if typeface else estimate
    code = clean(label.code)
    # The id is best read in one piece, so it rather shrinks a little than wraps.
    fitting = width / measure(code) if code else line
    size = max(line * _CODE_LEAST, min(line * _CODE_MOST, fitting))
    rows: list[tuple[str, float]] = []
    for text, height in ((code, size), *((clean(text), line) for text in label.lines)):
        pieces = wrap(text, width / height + _SLACK, measure)
        if pieces is None:
            raise TextClippedError(label=code, line=text, size_pt=height, preset="picture")
        rows += [(piece, height) for piece in pieces]
    return rows


def _svg_texts(rows: list[tuple[str, float]], middle: float, top: float) -> list[str]:
    texts: list[str] = []
    y = top
    for text, size in rows:
        texts.append(
            f'<text x="{middle:g}" y="{y + 0.88 * size:g}" font-size="{size:g}">'
            f"{escape(text)}</text>"
        )
        y += size * _LEADING
    return texts


def _caption_height(rows: list[tuple[str, float]], line: float) -> float:
    return sum(size * _LEADING for _, size in rows) + line * 0.5 if rows else 0.0


def _write(
    pen: ImageDraw, rows: list[tuple[str, float]], typeface: Face, width: int, top: float
) -> None:
    from PIL import ImageFont

    y = top
    for text, size in rows:
        font = ImageFont.truetype(str(typeface.path), round(size), index=typeface.index)
        pen.text((width / 2, y + 0.88 * size), text, fill=0, font=font, anchor="ms")
        y += size * _LEADING
