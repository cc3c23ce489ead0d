"""What all imports share: columns with their converters, faults, the account of what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assetctl.acts.cells import CellError
from assetctl.acts.importing.header import map_header
from assetctl.acts.importing.sheet import Sheet
from assetctl.errors import Fault

Convert = Callable[[str], str | None]
"""Turns one cell into the text that history keeps; None for an empty one."""

Values = dict[str, str]

_REMEMBERED = 20_000
_FORMULA = tuple("=+-@\t\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do: rows by outcome, faults, and columns nothing was made of."""

    rows: int
    added: int
    corrected: int
    unchanged: int
    faults: tuple[Fault, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts while an import runs, and every fault met so far."""

    rows: int = 0
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(
        self, row: int, column: str, value: str, code: str, template: str, **facts: object
    ) -> None:
        """Note one fault."""
        self.faults.append(
            Fault(row=row, column=column, value=value, code=code,
                  message=template.format_map(facts), template=template, facts=facts)
        )  # fmt: skip

    def account(self, unused: Sequence[str]) -> Imported:
        """Return the account of the whole import; faults in order of row."""
        faults = sorted(self.faults, key=lambda fault: fault.row)
        return Imported(
            rows=self.rows, added=self.added, corrected=self.corrected, unchanged=self.unchanged,
            faults=tuple(faults), unused=tuple(unused),
        )  # fmt: skip


class Read(NamedTuple):
    """One row that was read: its number, its values, and the fields whose cells were unusable."""

    number: int
    values: Values
    bad: frozenset[str]


class Columns:
    """The columns of a sheet that hold fields, each with what turns its cells into values."""

    def __init__(
        self, sheet: Sheet, *, headers: Mapping[str, Sequence[str]],
        converters: Mapping[str, Convert], given: Mapping[str, str],
    ) -> None:  # fmt: skip
        found, faults, unused = map_header(sheet.header, fields=headers, given=given)
        self.names = {name: sheet.header[index] for name, index in found.items()}
        self.faults = faults
        self._unused = unused
        self._sheet = sheet
        self._width = len(sheet.header)
        self._columns = [(index, name, converters[name], {}) for name, index in found.items()]  # type: list[tuple[int, str, Convert, dict[str, str]]]

    @property
    def unused(self) -> list[str]:
        """Headers nothing was made of, and letters of columns with data but no header."""
        return [*self._unused, *self._sheet.ignored]

    def rows(self, tally: Tally) -> Iterator[Read]:
        """Yield each row that is not empty; cells that cannot be used are faults in the tally."""
        for row, cells in self._sheet.rows():
            if not cells:
                continue
            tally.rows += 1
            if len(cells) < self._width:
                cells += [""] * (self._width - len(cells))
            if len(cells) > self._width:
                self._surplus(tally, row, cells)
            yield self._read(tally, row, cells)

    def _read(self, tally: Tally, row: int, cells: list[str]) -> Read:
        values: Values = {}
        bad: frozenset[str] = frozenset()
        for index, name, convert, known in self._columns:
            cell = cells[index]
            if not cell:
                continue
            value = known.get(cell)
            if value is None:
                try:
                    value = convert(undefused(cell))
                except CellError as error:
                    header = self.names[name]
                    tally.fault(row, header, cell, error.code, error.template, **error.facts)
                    bad |= {name}
                    continue
                if value is None:
                    continue
                if len(known) < _REMEMBERED:
                    known[cell] = value
            values[name] = value
        return Read(row, values, bad)

    def _surplus(self, tally: Tally, row: int, cells: list[str]) -> None:
        extra = [cell for cell in cells[self._width :] if cell.strip()]
        if extra:
            tally.fault(row, "-", extra[0], "row.too_long",
                        "The row has more cells than the header. A comma inside a cell needs "
                        "quotation marks around the cell.")  # fmt: skip


def undefused(cell: str) -> str:
    """Return a cell as it was before an export kept a spreadsheet from running it as a formula."""
    return cell[1:] if cell[0] == "'" and _is_formula(cell) else cell


def defused(cell: str) -> str:
    """Return a cell that a spreadsheet will not run as a formula."""
    return "'" + cell if _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    # Apostrophes of its own before a formula get one more, so that taking one off gives it back.
    return cell.lstrip("'")[:1] in _FORMULA and cell.strip("'") != ""
