"""What stands on the pages of a PDF, and where: read back by a reader of PDF."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM


class Piece(NamedTuple):
    """A text on a page, with its rectangle in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


def pieces(pdf: bytes) -> list[list[Piece]]:
    """The texts of each page."""
    found = []
    with closing(pdfium.PdfDocument(pdf)) as document:
        for page in document:
            objects = page.get_objects(
                filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], textpage=page.get_textpage()
            )
            # The reader adds a space where it sees a gap behind a text.
            found.append([Piece(one.extract().strip(), *one.get_bounds()) for one in objects])
    return found


def lines(pdf: bytes) -> list[list[tuple[float, float, float, float]]]:
    """The borders of each page: what is long and thin."""
    found = []
    with closing(pdfium.PdfDocument(pdf)) as document:
        for page in document:
            objects = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH])
            bounds = [one.get_bounds() for one in objects]
            found.append([at for at in bounds if min(at[2] - at[0], at[3] - at[1]) < 2.0])
    return found


def words(pdf: bytes) -> list[str]:
    return ["".join(piece.text for piece in page) for page in pieces(pdf)]


def at(pdf: bytes, text: str) -> tuple[int, Piece]:
    """Where a text stands that is there once."""
    ((page, piece),) = [
        (page, piece)
        for page, texts in enumerate(pieces(pdf))
        for piece in texts
        if piece.text == text
    ]
    return page, piece


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    with closing(pdfium.PdfDocument(pdf)) as document:
        return [page.get_size() for page in document]


def assert_nothing_collides(pdf: bytes) -> None:
    """No text leaves the page, crosses a border or touches another text."""
    for texts, borders, (wide, high) in zip(pieces(pdf), lines(pdf), sizes(pdf), strict=True):
        shown = [piece for piece in texts if piece.text.strip()]
        for one in shown:
            assert one.left > 15 * MM, one
            assert one.right < wide - 13 * MM, one
            assert 5 * MM < one.bottom < one.top < high - 10 * MM, one
            assert not [border for border in borders if _overlap(one[1:], border)], one
        for nth, one in enumerate(shown):
            assert not [two for two in shown[nth + 1 :] if _overlap(one[1:], two[1:])], one


def _overlap(one: Sequence[float], two: Sequence[float]) -> bool:
    slack = 0.2
    return (
        one[0] < two[2] - slack and two[0] < one[2] - slack
        and one[1] < two[3] - slack and two[1] < one[3] - slack
    )  # fmt: skip
