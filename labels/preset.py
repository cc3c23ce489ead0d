"""Sheets and rolls of labels that can be bought, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

# The outermost 1/6 inch of a sheet, which office laser printers leave blank.
_SHEET_EDGE_MM = 4.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Where the labels lie on one page; every length is in millimetres.

    `x0`, `y0` is the upper left corner of the first label; `dx`, `dy` is the step to the next
    column and row. `edge` is the outer part of the page where no ink may lie.
    """

    name: str
    page_width: float
    page_height: float
    label_width: float
    label_height: float
    columns: int
    rows: int
    x0: float
    y0: float
    dx: float
    dy: float
    edge: float = _SHEET_EDGE_MM

    @property
    def cells(self) -> int:
        """How many labels one page has."""
        return self.columns * self.rows

    def corner(self, cell: int) -> tuple[float, float]:
        """Return the upper left corner of a cell on the page; cells count from 0, row by row."""
        row, column = divmod(cell, self.columns)
        return self.x0 + column * self.dx, self.y0 + row * self.dy

    @property
    def insets(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom strips of a label that may lie in the blank edge.

        They are those of the worst cell, so that all labels of a sheet look the same.
        """
        right = self.page_width - self.x0 - (self.columns - 1) * self.dx - self.label_width
        bottom = self.page_height - self.y0 - (self.rows - 1) * self.dy - self.label_height
        margins = (self.x0, self.y0, right, bottom)
        left, top, right, bottom = (max(0.0, self.edge - margin) for margin in margins)
        return left, top, right, bottom


def _a4(
    name: str,
    label: tuple[float, float],
    grid: tuple[int, int],
    origin: tuple[float, float],
    step: tuple[float, float],
) -> Preset:
    return _page((210.0, 297.0), name, label, grid, origin, step)


def _letter(
    name: str,
    label: tuple[float, float],
    grid: tuple[int, int],
    origin: tuple[float, float],
    step: tuple[float, float],
) -> Preset:
    return _page((215.9, 279.4), name, label, grid, origin, step)


def _page(
    page: tuple[float, float],
    name: str,
    label: tuple[float, float],
    grid: tuple[int, int],
    origin: tuple[float, float],
    step: tuple[float, float],
) -> Preset:
    return Preset(
        name=name,
        page_width=page[0],
        page_height=page[1],
        label_width=label[0],
        label_height=label[1],
        columns=grid[0],
        rows=grid[1],
        x0=origin[0],
        y0=origin[1],
        dx=step[0],
        dy=step[1],
    )


def _roll(width: float, height: float) -> Preset:
    """One label a page, for thermal printers, which print up to the rim."""
    return Preset(
        name=f"roll-{width:g}x{height:g}",
        page_width=width,
        page_height=height,
        label_width=width,
        label_height=height,
        columns=1,
        rows=1,
        x0=0.0,
        y0=0.0,
        dx=width,
        dy=height,
        edge=0.0,
    )


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _a4("a4-12", (63.5, 71.98), (3, 4), (7.25, 4.54), (66.0, 71.98)),
        _a4("a4-16", (99.1, 33.9), (2, 8), (3.99, 12.98), (102.48, 33.9)),
        _a4("a4-21", (63.5, 38.1), (3, 7), (7.21, 15.15), (66.04, 38.1)),
        _a4("a4-24", (70.0, 37.0), (3, 8), (0.0, 0.0), (70.0, 37.0)),
        _a4("a4-65", (38.1, 21.2), (5, 13), (4.7, 10.9), (40.6, 21.2)),
        _letter("letter-10", (101.6, 50.8), (2, 5), (4.13, 12.7), (106.36, 50.8)),
        _letter("letter-30", (66.67, 25.4), (3, 10), (3.97, 12.7), (70.64, 25.4)),
        # By maker and number; the measures are those of the gLabels data base 3.4.1.
        _letter("avery-5160", (66.67, 25.4), (3, 10), (3.97, 12.7), (70.64, 25.4)),
        _letter("avery-5161", (101.6, 25.4), (2, 10), (3.97, 12.7), (106.36, 25.4)),
        _letter("avery-5162", (101.6, 33.87), (2, 7), (3.97, 21.17), (106.36, 33.87)),
        _letter("avery-5163", (101.6, 50.8), (2, 5), (4.13, 12.7), (106.36, 50.8)),
        _letter("avery-5164", (101.6, 84.67), (2, 3), (3.97, 12.7), (106.36, 84.67)),
        _letter("avery-5167", (44.45, 12.7), (4, 20), (7.14, 12.7), (52.39, 12.7)),
        _letter("avery-5260", (66.67, 25.4), (3, 10), (3.97, 12.7), (70.64, 25.4)),
        _letter("avery-8160", (66.67, 25.4), (3, 10), (3.97, 12.7), (70.64, 25.4)),
        _letter("avery-8163", (101.6, 50.8), (2, 5), (4.13, 12.7), (106.36, 50.8)),
        _a4("avery-j8160", (63.99, 38.1), (3, 7), (7.48, 15.49), (66.04, 38.1)),
        _a4("avery-l4732", (35.6, 16.9), (5, 16), (11.0, 13.0), (38.1, 16.9)),
        _a4("avery-l7160", (63.99, 38.1), (3, 7), (7.48, 15.49), (66.04, 38.1)),
        _a4("avery-l7161", (63.57, 46.78), (3, 6), (7.41, 8.11), (65.93, 46.74)),
        _a4("avery-l7162", (99.1, 33.9), (2, 8), (3.99, 12.98), (102.48, 33.9)),
        _a4("avery-l7163", (99.1, 38.1), (2, 7), (3.35, 15.17), (103.01, 38.1)),
        _a4("avery-l7164", (63.5, 71.98), (3, 4), (7.35, 3.53), (66.0, 71.98)),
        _a4("avery-l7165", (99.06, 67.73), (2, 4), (4.67, 13.04), (101.64, 67.73)),
        _a4("avery-l7651", (38.1, 21.2), (5, 13), (4.7, 10.9), (40.6, 21.2)),
        _a4("zweckform-3474", (70.0, 37.0), (3, 8), (0.0, 0.0), (70.0, 37.0)),
        _a4("zweckform-3475", (70.05, 36.03), (3, 8), (0.0, 4.43), (70.05, 36.03)),
        _a4("zweckform-3490", (70.0, 36.0), (3, 8), (0.0, 4.43), (70.0, 36.0)),
        _roll(30.0, 20.0),
        _roll(40.0, 30.0),
        _roll(50.0, 30.0),
        _roll(60.0, 40.0),
        _roll(70.0, 50.0),
    )
}
