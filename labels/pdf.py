"""Drawings as PDF 1.6, page by page, so that ten thousand labels need little memory.

A library for documents takes twice the time and twice the bytes (see the benchmark), because a
label is always the same few operators. Source: ISO 32000-1.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from labels.drawing import Drawing, Mark, Modules, Picture, Text
from labels.embed import Used
from labels.encode import DOT_MM, Matrix
from labels.font import Face
from labels.picture import ink

_K = 72 / 25.4
_TITLE = "资产标签"
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
# Stroke in points that makes regular type look bold, as a share of its size.
_STROKE = 0.03
_RUN = re.compile(b"\x01+")
_LEVEL = 6
# Numbers of the objects that every file has.
_CATALOGUE, _PAGES, _INFO, _FONT, _CID_FONT, _DESCRIPTOR, _PROGRAM, _MAP, _GLYPHS, _RESOURCES = (
    range(1, 11)
)


class Pdf:
    """A document that grows page by page. Equal calls give equal bytes.

    `title` and `created` (with a time zone) go into the metadata; without a date nothing is said.
    """

    def __init__(
        self, typeface: Face, *, created: datetime | None = None, title: str = _TITLE
    ) -> None:
        self._used = Used(typeface)
        self._created = created or _NO_DATE
        self._title = title
        self._out = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
        self._places: dict[int, int] = {}
        self._next = _RESOURCES + 1
        self._pages: list[int] = []
        self._images: dict[bytes, int] = {}
        self._height = 0.0

    def page(
        self,
        width: float,
        height: float,
        drawings: Iterable[tuple[Drawing, float, float]],
        *,
        frame: tuple[float, float, float] = (0.0, 0.0, 1.0),
    ) -> None:
        """Add a page of a size with drawings and the places of their upper left corners, in mm.

        `frame` moves everything right and down and then stretches it, for a printer that does not
        print where it should. Raises LogoError.
        """
        self._height = height * _K
        parts = []
        if frame != (0.0, 0.0, 1.0):
            right, down, scale = frame
            at = (right * _K, self._height - self._height * scale - down * _K)
            parts.append(b"%.6f 0 0 %.6f %.4f %.4f cm" % (scale, scale, *at))
        for drawing, left, top in drawings:
            parts += [self._mark(mark, left, top) for mark in drawing.marks]
        content = self._stream(b"", b"\n".join(parts))
        self._pages.append(
            self._object(
                b"<</Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R"
                b" /Resources %d 0 R>>" % (_PAGES, width * _K, self._height, content, _RESOURCES)
            )
        )

    def finish(self) -> bytes:
        """Return the file; nothing can be added to it. Raises FontUnusableError."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._object(
            b"<</Type /Catalog /Pages %d 0 R /Lang (zh-CN)"
            b" /ViewerPreferences <</PrintScaling /None>>>>" % _PAGES,
            _CATALOGUE,
        )
        count = len(self._pages)
        self._object(b"<</Type /Pages /Count %d /Kids [%s]>>" % (count, kids), _PAGES)
        title = b"\xfe\xff" + self._title.encode("utf-16-be")
        date = self._created.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ").encode()
        self._object(b"<</Title <%s> /CreationDate (%s)>>" % (title.hex().encode(), date), _INFO)
        images = b" ".join(b"/I%d %d 0 R" % (number, number) for number in self._images.values())
        fonts = b""
        if len(self._used):
            fonts = b"/Font <</F %d 0 R>>" % _FONT
            self._embed()
        self._object(b"<<%s /XObject <<%s>>>>" % (fonts, images), _RESOURCES)
        return self._closed()

    # --- marks -------------------------------------------------------------------------------

    def _mark(self, mark: Mark, left: float, top: float) -> bytes:
        if isinstance(mark, Text):
            return self._text(mark, left, top)
        if isinstance(mark, Modules):
            return self._modules(mark, left, top)
        x, bottom = (left + mark.x) * _K, self._height - (top + mark.y + mark.height) * _K
        size = mark.width * _K, mark.height * _K
        if isinstance(mark, Picture):
            name = self._image(mark)
            return b"q %.3f 0 0 %.3f %.3f %.3f cm /I%d Do Q" % (*size, x, bottom, name)
        return b"%.3f %.3f %.3f %.3f re f" % (x, bottom, *size)

    def _text(self, mark: Text, left: float, top: float) -> bytes:
        x, y = (left + mark.x) * _K, self._height - (top + mark.y) * _K
        mode = b"2 Tr %.3f w" % (mark.size_pt * _STROKE) if mark.strong else b"0 Tr"
        code = self._used.hexadecimal(mark.text)
        return b"BT %s /F %.4g Tf %.2f %.2f Td <%s> Tj ET" % (mode, mark.size_pt, x, y, code)

    def _modules(self, mark: Modules, left: float, top: float) -> bytes:
        """Draw a symbol as one path, in a frame where one unit is one module.

        One path, because shapes painted one by one show hair lines between the rows.
        """
        # On the page's own grid of dots, or the modules would straddle dots after all.
        x, y = (round(at / DOT_MM) * DOT_MM for at in (left + mark.x, top + mark.y))
        scale = mark.module * _K
        return b"q %.5f 0 0 -%.5f %.5f %.5f cm 0 g %sf Q" % (
            scale, scale * mark.tall, x * _K, self._height - y * _K, _shapes(mark.matrix),
        )  # fmt: skip

    def _image(self, mark: Picture) -> int:
        if mark.data not in self._images:
            picture = ink(mark.data)
            head = (
                b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1"
                b" /ColorSpace /DeviceGray" % picture.size
            )
            self._images[mark.data] = self._stream(head, picture.tobytes())
        return self._images[mark.data]

    # --- the font and the file ---------------------------------------------------------------

    def _embed(self) -> None:
        program = self._used.program()
        cff = program.kind == "cff"
        self._stream(b"/Subtype /CIDFontType0C" if cff else b"", program.data, _PROGRAM, raw=cff)
        self._stream(b"", self._used.to_unicode(), _MAP)
        glyphs = b""
        if not cff:
            table = b"".join(number.to_bytes(2, "big") for number in program.glyphs)
            self._stream(b"", table, _GLYPHS)
            glyphs = b" /CIDToGIDMap %d 0 R" % _GLYPHS
        self._object(
            b"<</Type /Font /Subtype /Type0 /BaseFont /LABELS+Label /Encoding /Identity-H"
            b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>" % (_CID_FONT, _MAP),
            _FONT,
        )
        widths = b" ".join(b"%d" % width for width in self._used.widths())
        self._object(
            b"<</Type /Font /Subtype /CIDFontType%d /BaseFont /LABELS+Label /FontDescriptor %d 0 R"
            b" /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>"
            b" /DW 1000 /W [1 [%s]]%s>>" % (0 if cff else 2, _DESCRIPTOR, widths, glyphs),
            _CID_FONT,
        )
        self._object(
            b"<</Type /FontDescriptor /FontName /LABELS+Label /Flags 4 /ItalicAngle 0 /StemV 80"
            b" /FontBBox [-1000 -1000 3000 2000] /Ascent 880 /Descent -120 /CapHeight 730"
            b" /FontFile%d %d 0 R>>" % (3 if cff else 2, _PROGRAM),
            _DESCRIPTOR,
        )

    def _object(self, body: bytes, number: int | None = None) -> int:
        if number is None:
            number = self._next
            self._next += 1
        self._places[number] = len(self._out)
        self._out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        return number

    def _stream(
        self, entries: bytes, data: bytes, number: int | None = None, *, raw: bool = True
    ) -> int:
        packed = zlib.compress(data, _LEVEL)
        # A font file says how long it is unpacked.
        length = b"" if raw else b" /Length1 %d" % len(data)
        head = b"<<%s /Filter /FlateDecode /Length %d%s>>" % (entries, len(packed), length)
        return self._object(b"%s\nstream\n%s\nendstream" % (head, packed), number)

    def _closed(self) -> bytes:
        start = len(self._out)
        lines = [b"xref\n0 %d\n0000000000 65535 f \n" % self._next]
        for number in range(1, self._next):
            place = self._places.get(number)
            free = b"0000000000 00000 f \n"
            lines.append(free if place is None else b"%010d 00000 n \n" % place)
        lines.append(
            b"trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (self._next, _CATALOGUE, _INFO, start)
        )
        self._out += b"".join(lines)
        return bytes(self._out)


def _shapes(matrix: Matrix) -> bytes:
    """Return the dark runs of a matrix as rectangles; the operators of each are made once."""
    stride = len(matrix[0]) + 1
    data = b"\0".join(map(bytes, matrix))
    known = _rectangles(stride)
    return b"".join([known[run.span()] for run in _RUN.finditer(data)])


class _Rectangles(dict[tuple[int, int], bytes]):
    """The rectangle of a run, by its first place and the place behind it in the rows in turn."""

    def __init__(self, stride: int) -> None:
        self._stride = stride

    def __missing__(self, span: tuple[int, int]) -> bytes:
        row, column = divmod(span[0], self._stride)
        self[span] = b"%d %d %d 1 re " % (column, row, span[1] - span[0])
        return self[span]


@lru_cache(maxsize=4)
def _rectangles(stride: int) -> _Rectangles:
    return _Rectangles(stride)
