"""Which files to scan: those that are named, and the pictures in the folders that are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from scanner.reading import PathMissingError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
"""The endings, in lower case, by which a picture is known inside a folder."""


def pictures(paths: Iterable[Path]) -> Iterator[Path]:
    """Every picture of `paths`: files as they are named, folders walked in sorted order.

    Inside a folder only files with a picture's suffix count and hidden names are passed over; a
    folder reached a second time through a link is walked once, so that loops end. A folder that
    may not be listed yields nothing. Raises `PathMissingError` at the first path that is not there.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path, seen=set())
        elif path.exists():
            yield path
        else:
            raise PathMissingError(path=str(path))


def _walk(folder: Path, *, seen: set[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except PermissionError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        # A link to itself is neither a folder nor a file: both questions answer no.
        if entry.is_dir():
            yield from _walk(entry, seen=seen)
        elif entry.suffix.lower() in SUFFIXES and entry.is_file():
            yield entry
