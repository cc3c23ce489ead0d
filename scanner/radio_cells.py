"""What the cells of an exported radio list mean: numbers of tags, times, strengths, counts.

Handhelds write them in many ways. What can be read in one way only is read; what cannot is refused
with the reason, for a guess would become a verdict about a thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Generic, TypeVar

from scanner.sheets import plain, unguarded

T = TypeVar("T")

_MOST_KNOWN, _LONGEST_KNOWN = 100_000, 200
_NOTHING = frozenset({"", "-", "--", "/", "n/a", "null", "none", "nan", "无"})

_WORD, _MOST_EPC, _MOST_TID = 4, 31 * 4, 128
"""Hexadecimal digits: memory is read by words of 16 bits; the length of an EPC has five bits."""

_HEX = re.compile(r"[0-9A-F]+")
_PADDING = re.compile(r"[\s-]|^0[xX]")
_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+")
_DECIMAL = re.compile(r"([+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?)\s*(dbm?)?", re.IGNORECASE)
_ANTENNA = re.compile(r"(?:antenna|ant|天线)?\s*[#:_-]?\s*([0-9]{1,5})(?:\.0+)?", re.IGNORECASE)
_COUNT = re.compile(r"([0-9]{1,9})(?:\.0+)?\s*次?")
_TIME = re.compile(
    r"(?:([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[ T]+)?"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,:]([0-9]{1,9}))?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_UNIX = re.compile(r"[0-9]{10}|[0-9]{13}|[0-9]{16}")
"""Seconds, milliseconds or microseconds since 1970: of today's times each has its length."""
_SERIAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,20})?(?:E-[0-9]{1,2})?")
"""Days since the end of 1899, as a workbook keeps times; below one it is a time of day."""

_WEAKEST, _LOUDEST = -150.0, -1.0
"""dBm: nothing below is received. No answer of a tag is louder than -15, so that -150 in tenths
never meets -150 itself."""

_PARTS = {f".{part:03}": part * 1e3 for part in range(1_000)}
"""Microseconds by the milliseconds at the end of a time."""

_MICRO, _DAY = 1_000_000, 86_400
_YEAR = 366 * _DAY


class CellError(Exception):
    """A cell says nothing that can be used, and why."""


class Cells(dict[str, T], Generic[T]):
    """What cells mean, by their texts: each text is looked at once while there is room.

    One of `headers` means nothing: exports are put together from several, headers and all.
    """

    def __init__(self, parse: Callable[[str], T], headers: Collection[str] = ()) -> None:
        super().__init__()
        self._parse = parse
        self._headers = headers

    def __missing__(self, cell: str) -> T:
        """Return what a new text means. Raises `CellError`."""
        value = self._parse("" if plain(cell) in self._headers else cell)
        if len(self) < _MOST_KNOWN and len(cell) <= _LONGEST_KNOWN:
            self[cell] = value
        return value

    def column(self, cells: Sequence[str]) -> list[T]:
        """Return what many cells mean. Raises `CellError`."""
        return list(map(self.__getitem__, cells))


class Same(Cells[T]):
    """What a column means that is not there: the same in each row, whatever stands in another."""

    def __init__(self, value: T) -> None:
        super().__init__(lambda _cell: value)
        self._value = value

    def column(self, cells: Sequence[str]) -> list[T]:
        """Return the value as often as there are cells."""
        return [self._value] * len(cells)


def is_nothing(cell: str) -> bool:
    """Whether a cell is empty, or says that it is."""
    return unguarded(cell).lower() in _NOTHING


def epc(cell: str) -> str | None:
    """Return the number of a tag in upper-case hexadecimal. Raises `CellError`."""
    return None if is_nothing(cell) else _hex(cell, _MOST_EPC)


def tid(cell: str) -> str | None:
    """Return the number of a chip in upper-case hexadecimal. Raises `CellError`."""
    return None if is_nothing(cell) else _hex(cell, _MOST_TID)


def _hex(cell: str, most: int) -> str:
    text = unguarded(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise CellError("a spreadsheet has turned it into a number; export it as text")
    text = _PADDING.sub("", text).upper()
    if not _HEX.fullmatch(text):
        raise CellError("it is no hexadecimal number")
    if len(text) % _WORD or len(text) > most:
        raise CellError("it has a length that no number of a tag has")
    return text


def is_unsigned(cell: str) -> bool:
    """Whether a cell is a strength that says neither its sign nor its unit."""
    found = _decimal(cell)
    return found is not None and found[0] >= 0 and not found[1]


def strength(cell: str, *, is_dbm: bool) -> float | None:
    """Return a signal strength in dBm; None if there is none.

    Devices write dBm, tenths (-625) or hundredths (-6250) of them, and some leave the sign away:
    with the unit, in the cell or in the header (`is_dbm`), that is plain, because no tag answers
    with a watt; without, it may be any scale. Zero is what readers say that do not know.

    Raises:
        CellError: it is none, or its scale cannot be told.
    """
    if is_nothing(cell):
        return None
    found = _decimal(cell)
    if found is None:
        raise CellError("it is no signal strength in dBm")
    value, unit = found
    if value == 0:
        return None
    if value > 0:
        if not (unit or is_dbm):
            raise CellError("it has no sign, so that its scale cannot be told")
        value = -value
    for scale in (1, 10, 100):
        if (scale == 1 or value.is_integer()) and _WEAKEST * scale <= value:
            value /= scale
            break
    if not _WEAKEST <= value <= _LOUDEST:
        raise CellError("it is no signal strength in dBm")
    return value


def _decimal(cell: str) -> tuple[float, bool] | None:
    text = unguarded(cell).replace("−", "-").replace("－", "-")
    found = _DECIMAL.fullmatch(text)
    return None if found is None else (float(found[1].replace(",", ".")), bool(found[2]))


def antenna(cell: str) -> int | None:
    """Return the number of an antenna; None if there is none. Raises `CellError`."""
    if is_nothing(cell):
        return None
    found = _ANTENNA.fullmatch(unguarded(cell))
    if found is None or int(found[1]) >= 1 << 16:
        raise CellError("it is no number of an antenna")
    return int(found[1])


def count(cell: str) -> int:
    """Return how often a tag was read, 1 where nothing is said. Raises `CellError`."""
    if is_nothing(cell):
        return 1
    found = _COUNT.fullmatch(unguarded(cell))
    if found is None:
        raise CellError("it is no number of reads")
    return int(found[1])


class Times(Cells[float | None]):
    """Seconds since the first time of a list, by the texts of its cells; None if there is none.

    Times of day without a date lie within twelve hours of the first, so midnight may pass. With
    `is_workbook` also the numbers by which Excel keeps times are read. Looking up an unknown text
    raises `CellError`: it is no time, of another kind than the first, or a year away from it.
    """

    def __init__(self, *, is_workbook: bool, headers: Collection[str] = ()) -> None:
        super().__init__(self._second, headers)
        self._is_workbook = is_workbook
        self._first: tuple[str, int] | None = None
        # Of times with milliseconds hardly two are equal, but many share their second.
        self._wholes = Cells(self._whole)

    def column(self, cells: Sequence[str]) -> list[float | None]:
        """Return what many cells mean. Raises `CellError`."""
        if self._first is not None and cells[0][-4:] in _PARTS:
            wholes = self._wholes
            try:
                return [(wholes[cell[:-4]] + _PARTS[cell[-4:]]) / _MICRO for cell in cells]
            except (KeyError, CellError):
                pass  # not all of them are of this form
        return super().column(cells)

    def _second(self, cell: str) -> float | None:
        return None if is_nothing(cell) else self._since_first(unguarded(cell)) / _MICRO

    def _whole(self, cell: str) -> float:
        if not _TIME.fullmatch(cell):
            raise KeyError(cell)
        return float(self._since_first(cell))  # microseconds: exact, and faster than integers

    def _since_first(self, text: str) -> int:
        kind, at = _instant(text, is_workbook=self._is_workbook)
        if self._first is None:
            self._first = (kind, at)
        if kind != self._first[0]:
            raise CellError("it is a time of another kind than the first one")
        since = at - self._first[1]
        if kind.startswith("clock"):
            half = _DAY * _MICRO // 2
            since = (since + half) % (2 * half) - half
        if abs(since) > _YEAR * _MICRO:
            raise CellError("it lies more than a year from the first time")
        return since


def _instant(text: str, *, is_workbook: bool) -> tuple[str, int]:
    """Return the kind of a time, and its microseconds since some beginning of that kind."""
    found = _TIME.fullmatch(text)
    if found is not None:
        return _written(found)
    if _UNIX.fullmatch(text):
        return "unix", int(text.ljust(16, "0"))
    if is_workbook and _SERIAL.fullmatch(text):
        days = float(text)
        # Whole seconds are no whole fractions of a day: without rounding they fall into others.
        return "dated" if days >= 1 else "clock", round(days * _DAY * 1_000) * 1_000
    raise CellError("it is no time; 09:30:00, 2026-11-30 09:30:00 or milliseconds since 1970 are")


def _written(found: re.Match[str]) -> tuple[str, int]:
    year, month, day, hour, minute, second, part, zone = found.groups()
    days = 0
    if year is not None:
        try:
            # As a workbook counts, so that both kinds of dates may stand in one.
            days = (date(int(year), int(month), int(day)) - date(1899, 12, 30)).days
        except ValueError as error:
            raise CellError("there is no such day") from error
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise CellError("there is no such time of day")
    seconds = days * _DAY + int(hour) * 3_600 + int(minute) * 60 + int(second or 0)
    kind = "clock" if year is None else "dated"
    return kind + (zone or ""), seconds * _MICRO + int((part or "0").ljust(6, "0")[:6])
