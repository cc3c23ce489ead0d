"""Fonts that have Chinese: where they are, what they lack, how wide their characters are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from labels.label import (
    FontKindError,
    FontMissingError,
    FontUnusableError,
    GlyphMissingError,
    Label,
)
from labels.text import clean

_PACKAGE = "pylopdf_fonts_zh_cn"
_PACKAGED = "NotoSansSC-Regular.otf"
_INSTALLED = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf"),
    Path("/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc"),
)
_COLLECTIONS = (".ttc", ".otc")
_SUFFIXES = (".otf", ".ttf", *_COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file. `widths` are in ems, by code point; a missing key is no glyph.

    `index` is the face's number inside a collection, 0 for a plain file. `glyphs` are the numbers
    of the glyphs in the file, by code point.
    """

    path: Path
    index: int
    widths: Mapping[int, float]
    glyphs: Mapping[int, int]

    def measure(self, text: str) -> float:
        """Return the width of `text` in ems, with one em for a character the font lacks."""
        widths = self.widths
        return sum([widths.get(ord(character), 1.0) for character in text])

    def missing(self, text: str) -> str:
        """Return the characters of `text` that have no glyph, each once, in order."""
        return "".join(c for c in dict.fromkeys(text) if ord(c) not in self.widths)


def find_font(explicit: str | None) -> Path:
    """Return the font file to print with.

    `explicit` if it is given, else the packaged Noto Sans SC, which has every rare character of
    personal names, else Noto Sans CJK or WenQuanYi Zen Hei where Debian and others put them.
    Raises FontMissingError, which says what to install.
    """
    if explicit is not None:
        path = Path(explicit)
        if not path.is_file():
            raise FontMissingError(looked=explicit)
        return path
    candidates = [*_packaged(), *_INSTALLED]
    for path in candidates:
        if path.is_file():
            return path
    raise FontMissingError(looked=", ".join(str(path) for path in candidates))


def missing_glyphs(path: Path, text: str) -> str:
    """Return the characters of `text` that the font lacks, each once, in order; "" if none.

    Raises FontUnusableError.
    """
    return face(path).missing(text)


def require_glyphs(label: Label, typeface: Face, texts: Iterable[str] | None = None) -> None:
    """Return if the face has every character of the label; else raise GlyphMissingError.

    `texts` is what is printed on the label, cleaned; if absent, its code and its lines.
    """
    printed = map(clean, (label.code, *label.lines)) if texts is None else texts
    lacking = typeface.missing("".join(printed))
    if lacking:
        raise GlyphMissingError(
            label=clean(label.code),
            font=typeface.path.name,
            characters=", ".join(f"{c} (U+{ord(c):04X})" for c in lacking),
        )


@lru_cache(maxsize=4)
def face(path: Path) -> Face:
    """Read which characters a font has and how wide they are; the answer is kept in memory.

    Of a collection it is the face for simplified Chinese, because the Japanese and Korean faces
    draw some characters in shapes that look wrong in China. Raises FontUnusableError.
    """
    from fontTools.ttLib import TTFont, TTLibError

    if path.suffix.lower() not in _SUFFIXES:
        raise FontKindError(path=str(path), known=" ".join(_SUFFIXES))
    try:
        # Opened here: the library leaves the file open when it turns out to be no font.
        with path.open("rb") as file:
            index = _simplified(file) if path.suffix.lower() in _COLLECTIONS else 0
            font = TTFont(file, fontNumber=index, lazy=True)
            glyphs = font.getBestCmap() or {}
            metrics = font["hmtx"].metrics
            em = font["head"].unitsPerEm
            numbers = font.getReverseGlyphMap()
            widths = {point: metrics[name][0] / em for point, name in glyphs.items()}
            places = {point: numbers[name] for point, name in glyphs.items()}
    except (TTLibError, KeyError, OSError) as error:
        raise FontUnusableError(path=str(path), reason=str(error)) from error
    return Face(path, index, widths, places)


def _packaged() -> list[Path]:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).with_name(_PACKAGED)]


def _simplified(file: BinaryIO) -> int:
    from fontTools.ttLib import TTCollection

    for index, font in enumerate(TTCollection(file, lazy=True).fonts):
        if (font["name"].getDebugName(1) or "").endswith(" SC"):
            return index
    return 0
