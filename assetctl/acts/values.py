"""Card values: from the text people give to the text that history keeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from assetctl.acts import cells
from assetctl.acts.cells import CellError
from assetctl.domain.card import ATTRIBUTE_FIELDS, CARD_FIELDS, Field, belongs
from assetctl.errors import InputError
from assetctl.i18n import LANGUAGES, N_, Phrase, catalog

_MOST = 10**9
_DECIMAL = re.compile(r"\d{1,12}(\.\d{1,6})?")


def read_values(
    values: Mapping[str, str], class_code: str, *, check_class: bool = True
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the card and the attributes among `values`, checked and in the form of history.

    Raises:
        InputError: a field is unknown, does not belong to the class, or its value cannot be used.
    """
    card: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for name, text in values.items():
        field = CARD_FIELDS.get(name) or ATTRIBUTE_FIELDS.get(name)
        if field is None:
            raise InputError(field=name, value=text, expected="a field of the card")
        if check_class and field.classes and not belongs(field, class_code):
            wanted = N_("given for class {class_code}; only {classes}… have it")
            classes = ", ".join(field.classes)
            raise InputError(
                field=name, value=text,
                expected=Phrase(wanted, class_code=class_code, classes=classes),
            )  # fmt: skip
        value = read_value(field, text)
        if value is not None:
            (attributes if field.classes else card)[name] = value
    return card, attributes


def read_value(field: Field, text: str) -> str | None:
    """Return one value as history keeps it, None for an empty one.

    Raises:
        InputError: it is not of the field's type; the sentence says what would be.
    """
    try:
        return read_cell(field, text)
    except CellError as error:
        raise InputError(
            field=field.name, value=text, expected=Phrase(error.template, **error.facts)
        ) from error


def read_text(field: str, text: str, read: Callable[[str], str | None] = cells.text) -> str:
    """Return a text that must say something, as a list would bring it.

    Raises:
        InputError: it is empty, too long, or holds control characters.
    """
    try:
        value = read(text)
    except CellError as error:
        expected = Phrase(error.template, **error.facts)
        raise InputError(field=field, value=text, expected=expected) from error
    if value is None:
        raise InputError(field=field, value=text, expected=N_("a text that is not empty"))
    return value


def read_cell(field: Field, text: str) -> str | None:
    """Return one cell of a file as history keeps it, None for an empty one.

    Raises:
        CellError: it is not of the field's type.
    """
    return reader(field)(text)


def reader(field: Field) -> Callable[[str], str | None]:
    """Return what turns a cell of a field into the text that history keeps."""
    match field.type:
        case "choice":
            return lambda text: cells.choice(text, words_of(field.name, field.choices))
        case kind:
            return _READERS.get(kind, cells.code)


def _money(text: str) -> str | None:
    amount = cells.money(text)
    return None if amount is None else f"{amount:.2f}"


def _integer(text: str) -> str | None:
    number = cells.integer(text, low=0, high=_MOST)
    return None if number is None else str(number)


SYNONYMS: dict[str, dict[str, str]] = {
    "place_kind": {
        "仓库": "warehouse", "库房": "warehouse", "货架": "rack", "楼": "building",
        "大楼": "building", "房间": "room", "院区": "campus",
    },
    "kind": {
        "员工": "person", "职工": "person", "个人": "person", "机构": "unit", "部门": "unit",
        "供货商": "vendor",
    },
}  # fmt: skip
"""Words that people write in lists for a code, besides those that assetctl shows."""

_words: dict[str, dict[str, str]] = {}


def words_of(group: str, codes: tuple[str, ...]) -> dict[str, str]:
    """Return every word, folded, that stands for a code: itself, English, Chinese, synonyms."""
    if group not in _words:
        words = {cells.fold(word): code for word, code in SYNONYMS.get(group, {}).items()}
        words |= {cells.fold(code): code for code in codes}
        for language in LANGUAGES:
            terms = catalog(language)
            words |= {
                cells.fold(terms[key]): code
                for code in codes
                if (key := f"{group}.{code}") in terms
            }
        _words[group] = words
    return _words[group]


def _decimal(text: str) -> str | None:
    plain = cells.text(text)
    if plain is None:
        return None
    if not _DECIMAL.fullmatch(plain):
        raise CellError(
            "cell.decimal", N_("{value} is not a decimal number such as 88.5"), value=plain
        )
    return format(Decimal(plain).normalize(), "f")


_READERS: dict[str, Callable[[str], str | None]] = {
    "date": cells.date,
    "money": _money,
    "integer": _integer,
    "decimal": _decimal,
    "text": cells.text,
}
"""What reads the cells of each type of field; all others are codes."""
