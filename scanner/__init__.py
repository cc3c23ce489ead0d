"""Pictures, frames and typed texts in, readings out: a leaf that knows no meaning of a text."""

from __future__ import annotations

from scanner.engines import ENGINES, SYMBOLOGIES, engines_available
from scanner.files import pictures
from scanner.image import read_picture
from scanner.reading import (
    ChoiceUnknownError,
    EngineMissingError,
    PathMissingError,
    PictureUnreadableError,
    Radio,
    Reading,
    ScanError,
)
from scanner.source import SOURCES, Source, open_source

__all__ = [
    "ENGINES",
    "SOURCES",
    "SYMBOLOGIES",
    "ChoiceUnknownError",
    "EngineMissingError",
    "PathMissingError",
    "PictureUnreadableError",
    "Radio",
    "Reading",
    "ScanError",
    "Source",
    "engines_available",
    "open_source",
    "pictures",
    "read_picture",
]
