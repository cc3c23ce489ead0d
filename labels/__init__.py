"""Labels: a `Label` value in, bytes of a PNG, SVG or PDF out.

A leaf: it knows no database, no command line, no environment and no clock. Only `Label` and its
errors are loaded at once; everything that needs a font, a picture or a PDF library is loaded the
first time its name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from labels.label import Label, LabelError

if TYPE_CHECKING:
    from labels.bitmap import Bitmap
    from labels.calibration import calibration_pdf
    from labels.check import unreadable
    from labels.composing import compose
    from labels.drawing import Drawing
    from labels.font import face, find_font, missing_glyphs
    from labels.preset import PRESETS, Preset
    from labels.raster import small_modules
    from labels.sheet import drawings, module_mm, roll_pdf, sheet_pdf
    from labels.symbol import png, qr_matrix, svg
    from labels.template import Template, builtin, load
    from labels.vector import drawing_svg

__all__ = [
    "PRESETS",
    "Bitmap",
    "Drawing",
    "Label",
    "LabelError",
    "Preset",
    "Template",
    "builtin",
    "calibration_pdf",
    "compose",
    "drawing_svg",
    "drawings",
    "face",
    "find_font",
    "load",
    "missing_glyphs",
    "module_mm",
    "png",
    "qr_matrix",
    "roll_pdf",
    "sheet_pdf",
    "small_modules",
    "svg",
    "unreadable",
]

_HOMES = {
    "PRESETS": "labels.preset",
    "Bitmap": "labels.bitmap",
    "Drawing": "labels.drawing",
    "Preset": "labels.preset",
    "Template": "labels.template",
    "builtin": "labels.template",
    "calibration_pdf": "labels.calibration",
    "compose": "labels.composing",
    "drawing_svg": "labels.vector",
    "drawings": "labels.sheet",
    "face": "labels.font",
    "find_font": "labels.font",
    "load": "labels.template",
    "missing_glyphs": "labels.font",
    "module_mm": "labels.sheet",
    "png": "labels.symbol",
    "qr_matrix": "labels.symbol",
    "roll_pdf": "labels.sheet",
    "sheet_pdf": "labels.sheet",
    "small_modules": "labels.raster",
    "svg": "labels.symbol",
    "unreadable": "labels.check",
}


def __getattr__(name: str) -> object:
    """Load a public name from the module it lives in, on first use."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
