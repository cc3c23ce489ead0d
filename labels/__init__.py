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
    from labels.font import find_font, missing_glyphs
    from labels.preset import PRESETS, Preset
    from labels.sheet import module_mm, sheet_pdf
    from labels.symbol import png, qr_matrix, svg

__all__ = [
    "PRESETS",
    "Label",
    "LabelError",
    "Preset",
    "find_font",
    "missing_glyphs",
    "module_mm",
    "png",
    "qr_matrix",
    "sheet_pdf",
    "svg",
]

_HOMES = {
    "PRESETS": "labels.preset",
    "Preset": "labels.preset",
    "find_font": "labels.font",
    "missing_glyphs": "labels.font",
    "module_mm": "labels.sheet",
    "png": "labels.symbol",
    "qr_matrix": "labels.symbol",
    "sheet_pdf": "labels.sheet",
    "svg": "labels.symbol",
}


def __getattr__(name: str) -> object:
    """Load a public name from the module it lives in, on first use."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
