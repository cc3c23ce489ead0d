"""Drawings as SVG, for programs that lay out labels of their own."""

from __future__ import annotations

from base64 import b64encode
from xml.sax.saxutils import escape

from labels.drawing import Box, Drawing, Mark, Modules, Text
from labels.encode import runs
from labels.layout import MM_PER_PT
from labels.picture import size

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" xml:lang="zh-CN" width="{width:g}mm" height="{height:g}mm" \
viewBox="0 0 {width:g} {height:g}" \
font-family="Noto Sans SC, Noto Sans CJK SC, WenQuanYi Zen Hei, sans-serif">
<title>{title}</title>
<rect width="{width:g}" height="{height:g}" fill="#fff"/>"""


def drawing_svg(drawing: Drawing) -> bytes:
    """Return a drawing as SVG in millimetres: symbols as paths, text as text.

    The text is drawn in whatever Chinese font the viewer has. Raises LogoError.
    """
    head = _HEAD.format(width=drawing.width, height=drawing.height, title=escape(drawing.name))
    return "\n".join([head, *map(_element, drawing.marks), "</svg>\n"]).encode()


def _element(mark: Mark) -> str:
    if isinstance(mark, Modules):
        path = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs(mark.matrix))
        return (
            f'<path transform="translate({mark.x:g} {mark.y:g}) '
            f'scale({mark.module:g} {mark.module * mark.tall:g})" '
            f'shape-rendering="crispEdges" d="{path}"/>'
        )
    if isinstance(mark, Text):
        weight = ' font-weight="bold"' if mark.strong else ""
        return (
            f'<text x="{mark.x:g}" y="{mark.y:g}" '
            f'font-size="{mark.size_pt * MM_PER_PT:g}"{weight}>{escape(mark.text)}</text>'
        )
    place = f'x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}"'
    if isinstance(mark, Box):
        return f"<rect {place}/>"
    size(mark.data)
    return f'<image {place} href="data:image/png;base64,{b64encode(mark.data).decode()}"/>'
