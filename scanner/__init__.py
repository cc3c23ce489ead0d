"""Pictures in, readings out: a leaf that knows no database and no meaning of a text."""

from __future__ import annotations

from scanner.engines import ENGINES, SYMBOLOGIES, engines_available
from scanner.files import pictures
from scanner.image import read_picture
from scanner.reading import (
    ChoiceUnknownError,
    EngineMissingError,
    PathMissingError,
    PictureUnreadableError,
    Reading,
    ScanError,
)

__all__ = [
    "ENGINES",
    "SYMBOLOGIES",
    "ChoiceUnknownError",
    "EngineMissingError",
    "PathMissingError",
    "PictureUnreadableError",
    "Reading",
    "ScanError",
    "engines_available",
    "pictures",
    "read_picture",
]
