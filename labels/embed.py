"""The characters that a PDF uses, and the piece of the font that draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from labels.cff import subset as cff_subset
from labels.font import Face
from labels.label import FontUnusableError

_BLOCK = 100
_MOST = 0xFFFE
# Tables, not a sentence: what a font would need.
_NO_OUTLINES = "CFF, glyf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A font program for a PDF: `cff` or `truetype`, and its glyph of each character number."""

    kind: str
    data: bytes
    glyphs: Sequence[int]


class Used:
    """Numbers the characters of a document from 1, in the order of their first use.

    Pages can be written while the numbers grow; the font is cut at the end.
    """

    def __init__(self, typeface: Face) -> None:
        self._typeface = typeface
        self._codes: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def hexadecimal(self, text: str) -> bytes:
        """Return a text as the numbers of its characters, four hexadecimal digits each.

        Raises FontUnusableError beyond 65,534 different characters.
        """
        codes = self._codes
        for character in text:
            if character not in codes:
                if len(codes) >= _MOST:
                    raise FontUnusableError(path=self._typeface.path.name, reason="65,534")
                codes[character] = b"%04x" % (len(codes) + 1)
        return b"".join([codes[character] for character in text])

    def widths(self) -> list[int]:
        """Return the widths of the characters in thousandths of an em, in their order."""
        widths = self._typeface.widths
        return [round(widths.get(ord(character), 1.0) * 1000) for character in self._codes]

    def to_unicode(self) -> bytes:
        """Return the map from numbers to text (ISO 32000-1, 9.10.3), so that text can be copied."""
        lines = [
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            b"/CMapName /L def /CMapType 2 def",
            b"1 begincodespacerange <0000> <ffff> endcodespacerange",
        ]
        pairs = [
            b"<%s> <%s>" % (code, character.encode("utf-16-be").hex().encode())
            for character, code in self._codes.items()
        ]
        for at in range(0, len(pairs), _BLOCK):
            block = pairs[at : at + _BLOCK]
            lines += [b"%d beginbfchar" % len(block), *block, b"endbfchar"]
        return b"\n".join([*lines, b"endcmap end end"])

    def program(self) -> Program:
        """Return the font with the used glyphs alone; raises FontUnusableError."""
        from fontTools.ttLib import TTFont, TTLibError

        typeface = self._typeface
        glyphs = [typeface.glyphs.get(ord(character), 0) for character in self._codes]
        try:
            with typeface.path.open("rb") as file:
                font = TTFont(file, fontNumber=typeface.index, lazy=True)
                if "CFF " in font:
                    data = cff_subset(font.reader["CFF "], glyphs)
                    return Program(kind="cff", data=data, glyphs=range(len(glyphs) + 1))
                if "glyf" in font:
                    return _truetype(font, glyphs)
        except (TTLibError, ValueError, LookupError, OSError, AssertionError) as error:
            name = typeface.path.name
            raise FontUnusableError(path=name, reason=str(error) or repr(error)) from error
        raise FontUnusableError(path=typeface.path.name, reason=_NO_OUTLINES)


def _truetype(font: object, glyphs: list[int]) -> Program:
    """Cut a TrueType font with the library: its glyphs are made of each other."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    assert isinstance(font, TTFont)  # noqa: S101  for the type checker
    names = [font.getGlyphName(glyph) for glyph in glyphs]
    wanted = ("head", "hhea", "maxp", "hmtx", "loca", "glyf", "cvt ", "fpgm", "prep")
    for tag in set(font.keys()) - {*wanted, "GlyphOrder"}:
        del font[tag]
    options = Options(notdef_outline=True, glyph_names=True, recalc_timestamp=False)
    cutter = Subsetter(options)
    cutter.populate(glyphs=names)
    cutter.subset(font)
    font.recalcTimestamp = False
    places = font.getReverseGlyphMap(rebuild=True)
    out = BytesIO()
    font.save(out, reorderTables=True)
    numbers = [0, *(places[name] for name in names)]
    return Program(kind="truetype", data=out.getvalue(), glyphs=numbers)
