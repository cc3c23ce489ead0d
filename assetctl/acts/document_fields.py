"""Fields of documents as people give them: every fault is named, none stops the reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.engine import Connection

from assetctl.domain.document_kinds import KINDS, DocField
from assetctl.domain.money import amount_text, parse_amount
from assetctl.errors import DocumentFieldsError, MoneyError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.classes import classes_known
from assetctl.reads.parties import find_party, find_place

_LONGEST = 64
_COUNT = re.compile(r"[1-9][0-9]{0,5}")


def checked_fields(
    connection: Connection, kind: str, fields: Mapping[str, str], text: str | None
) -> dict[str, str]:
    """Return the fields of a document that say something, sorted.

    Raises:
        DocumentFieldsError: fields are unknown, missing or cannot be used; all are named.
    """
    known = {one.name: one for one in KINDS[kind].fields if one.type != "text"}
    given = {name: value.strip() for name, value in fields.items() if value and value.strip()}
    faults: list[str] = [
        Phrase(N_("{name} is no field of it; there are: {choices}"), name=name,
               choices=", ".join(known))
        for name in given if name not in known
    ]  # fmt: skip
    for name, one in known.items():
        if name not in given:
            if one.needed:
                faults.append(Phrase(N_("{name} is missing"), name=name))
            continue
        expected = _CHECKS[one.type](connection, one, given[name])
        if expected:
            faults.append(Phrase(N_("{name} cannot be {value}: {expected}"), name=name,
                                 value=given[name], expected=expected))  # fmt: skip
    faults += [
        Phrase(N_("{name} is missing"), name=one.name)
        for one in KINDS[kind].fields
        if one.type == "text" and one.needed and not (text or "").strip()
    ]
    if faults:
        raise DocumentFieldsError(doc_kind=kind, count=len(faults), lines=tuple(faults))
    return dict(sorted(given.items()))


def _unit(connection: Connection, _field: DocField, value: str) -> str | None:
    found = find_party(connection, value)
    return None if found and found.kind == "unit" else N_("the code of a unit in the register")


def _person(connection: Connection, _field: DocField, value: str) -> str | None:
    found = find_party(connection, value)
    fits = found and found.kind == "person"
    return None if fits else N_("the staff number of a person in the register")


def _place(connection: Connection, _field: DocField, value: str) -> str | None:
    return None if find_place(connection, value) else N_("the code of a place in the register")


def _day(_connection: Connection, _field: DocField, value: str) -> str | None:
    try:
        fits = date.fromisoformat(value).isoformat() == value
    except ValueError:
        fits = False
    return None if fits else N_("a date such as 2026-03-01")


def _choice(_connection: Connection, field: DocField, value: str) -> str | None:
    return None if value in field.choices else one_of(field.choices)


def _code(_connection: Connection, _field: DocField, value: str) -> str | None:
    fits = len(value) <= _LONGEST and value.isprintable()
    return None if fits else N_("up to 64 printable characters")


def _count(_connection: Connection, _field: DocField, value: str) -> str | None:
    fits = _COUNT.fullmatch(value)
    return None if fits else N_("a whole number from 1 to 999999")


def _class(connection: Connection, _field: DocField, value: str) -> str | None:
    return None if classes_known(connection, [value]) else N_("the code of a class")


def _classes(connection: Connection, _field: DocField, value: str) -> str | None:
    codes = value.split()
    fits = len(classes_known(connection, codes)) == len(set(codes))
    return None if fits else N_("codes of classes with blanks between them")


def _amount(_connection: Connection, _field: DocField, value: str) -> str | None:
    try:
        fits = amount_text(parse_amount(value)) == value
    except MoneyError:
        fits = False
    return None if fits else N_("an amount such as 5000.00")


_CHECKS: dict[str, Callable[[Connection, DocField, str], str | None]] = {
    "unit": _unit, "person": _person, "place": _place, "day": _day, "choice": _choice,
    "code": _code, "number": _code, "count": _count, "class": _class, "classes": _classes,
    "amount": _amount,
}  # fmt: skip
