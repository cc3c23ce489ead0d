"""Reading codes in pictures: our modes against the engines by themselves, in the same run.

Photographs by strangers with hand-marked corners lie outside the project; without them only what
is drawn is measured.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.drawn_tags import drawn_tags
from benchmarks.no_code import no_code
from benchmarks.photographs import photographs
from benchmarks.reading_photographs import reading_photographs
from benchmarks.timing import Row


def decoding(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001  all in memory
    """Measure photographs, frames without a code, walls of tags, tilted tags, tags on pipes."""
    photos = photographs()[:: 6 if quick else 1]
    if photos:
        rows = reading_photographs(photos)
    else:
        rows = [Row(name="decoding: the photographs are not on this machine", ours="-")]
    return rows + no_code(photos, quick=quick) + drawn_tags(quick=quick)
