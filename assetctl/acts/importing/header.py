"""The first row of a list: which column holds which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from assetctl.acts.cells import INVISIBLE, fold
from assetctl.errors import Fault
from assetctl.i18n import N_

_UNIT = re.compile(r"(?<=.)\(([^()]*)\)$")
# A column in 万元 or in dollars must not pass for one in yuan.
_OTHER_MEASURE = re.compile(
    "[十百千万亿萬億]元|[十百千万亿萬億]$|[美港欧日]元|usd|hkd|eur|jpy|[$€£]|thousand|million"
)


def header_faults(header: Sequence[str]) -> list[Fault]:
    """Return a fault for each header that stands over more than one column; blanks are none."""
    message = N_("Several columns have this header. Rename or delete all but one of them.")
    columns: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        columns.setdefault(name, []).append(index)
    return [
        _fault("import.header_duplicate", name, ", ".join(map(column_letters, at)), message)
        for name, at in columns.items()
        if name and len(at) > 1
    ]


def map_header(
    header: Sequence[str], *, fields: Mapping[str, Sequence[str]], given: Mapping[str, str]
) -> tuple[dict[str, int], list[Fault], list[str]]:
    """Find the column of each field: what the user has `given` first, then by the usual words.

    `fields` maps our names to the words people use for them, `given` their headers to our names.
    A field that is given is taken from there alone. Returned are the column of each field that
    was found, every fault of the header, and the headers that
    nothing was made of. A header that stands twice is a fault only where a field is taken from it.
    """
    faults: list[Fault] = []
    columns: dict[str, list[int]] = {}
    for their, ours in given.items():
        at = _columns_named(header, their)
        if not at:
            message = N_("The file has no such header. Compare it with the file's first row.")
            faults.append(_fault("import.map_unknown_column", their, ours, message))
        if ours not in fields:
            message = N_("There is no such field to import into. Correct the name behind the =.")
            faults.append(_fault("import.map_unknown_field", their, ours, message))
        elif at:
            columns.setdefault(ours, []).extend(at)
    is_given = set(columns)
    used = {index for at in columns.values() for index in at}
    words = {_keys(word)[0]: ours for ours in fields for word in (ours, *fields[ours])}
    for index, name in enumerate(header):
        ours = next((words[key] for key in _keys(name) if key in words), "")
        if ours and ours not in is_given and index not in used:
            columns.setdefault(ours, []).append(index)
            used.add(index)
    message = N_("Several columns mean one field. Delete all but one, or say which is meant.")
    for at in columns.values():
        if len({header[index] for index in at}) > 1:
            value = ", ".join(f"{column_letters(index)} {header[index]}" for index in at)
            faults.append(_fault("import.header_duplicate", header[at[-1]], value, message))
    faults += [fault for fault in header_faults(header) if _is_used(fault.column, header, used)]
    unused = [name for index, name in enumerate(header) if name and index not in used]
    return {ours: at[0] for ours, at in columns.items()}, faults, unused


def column_letters(index: int) -> str:
    """Return what a spreadsheet calls a column that is counted from 0: A, B, ... Z, AA."""
    letters = ""
    while index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters


def _fault(code: str, column: str, value: str, message: str) -> Fault:
    return Fault(row=1, column=column, value=value, code=code, message=message)


def header_name(cell: str) -> str:
    """Return a header as it is compared: without what surrounds it unseen, in NFC."""
    return unicodedata.normalize("NFC", cell.strip(INVISIBLE))


def _is_used(name: str, header: Sequence[str], used: set[int]) -> bool:
    return any(header[index] == name for index in used)


def _keys(name: str) -> list[str]:
    """Return the forms a header is compared in: as a whole, then without the unit behind it."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip("*" + INVISIBLE)
    unit = _UNIT.search(plain)
    if unit is None or _OTHER_MEASURE.search(fold(unit[1])):
        return [fold(plain)]
    return [fold(plain), fold(plain[: unit.start()].strip("*" + INVISIBLE))]


def _columns_named(header: Sequence[str], their: str) -> list[int]:
    exact = [index for index, name in enumerate(header) if name and name == header_name(their)]
    key = _keys(their)[0]
    return exact or [index for index, name in enumerate(header) if name and key in _keys(name)]
