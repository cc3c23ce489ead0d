"""One table of a TOML file, read key by key: every fault is noted, none stops the reading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from labels.label import (
    LabelError,
    TemplateChoiceError,
    TemplateError,
    TemplateKeyMissingError,
    TemplateKeyUnknownError,
    TemplateKindError,
    TemplateRangeError,
)


class Table:
    """A table and its place in the file. Faults go to `faults`; a default stands for a bad value.

    A default of None means that the key must be there.
    """

    def __init__(
        self, data: Mapping[str, Any], place: str, template: str, faults: list[LabelError]
    ) -> None:
        self.template = template
        self._data = data
        self._place = place
        self._faults = faults
        self._asked: set[str] = set()

    def number(self, key: str, low: float, high: float, default: float | None) -> float:
        """Return a number from `low` to `high`."""
        value = self._take(key, needed=default is None)
        otherwise = low if default is None else default
        if value is None:
            return otherwise
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            self._fault(TemplateKindError, key, kind="number")
        elif not low <= value <= high:
            self._fault(TemplateRangeError, key, value=value, low=low, high=high)
        else:
            return float(value)
        return otherwise

    def text(self, key: str, default: str | None) -> str:
        """Return a text."""
        value = self._take(key, needed=default is None)
        if value is not None and (not isinstance(value, str) or (default is None and not value)):
            self._fault(TemplateKindError, key, kind="text")
        return value if isinstance(value, str) else default or ""

    def choice(self, key: str, known: Sequence[str], default: str) -> str:
        """Return one of the texts of `known`."""
        value = self._take(key, needed=False)
        if value is None:
            return default
        if value not in known:
            self._fault(TemplateChoiceError, key, value=value, known=" ".join(known))
            return default
        return str(value)

    def flag(self, key: str) -> bool:
        """Return true or false, false where nothing is said."""
        value = self._take(key, needed=False)
        if value is not None and not isinstance(value, bool):
            self._fault(TemplateKindError, key, kind="true/false")
        return value is True

    def table(self, key: str) -> Table | None:
        """Return a table inside this one, or None."""
        value = self._take(key, needed=False)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._fault(TemplateKindError, key, kind="table")
            return None
        inner = key if self._place == "label" else f"{self._place}, {key}"
        return Table(value, inner, self.template, self._faults)

    def tables(self, key: str) -> list[Table]:
        """Return the tables of a list, named by number from 1, fields by their value too."""
        value = self._take(key, needed=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self._fault(TemplateKindError, key, kind="table")
            return []
        outer = "" if self._place == "label" else f"{self._place}, "
        return [
            Table(one, outer + _name(key, n, one), self.template, self._faults)
            for n, one in enumerate(value, 1)
        ]

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in (key for key in self._data if key not in self._asked):
            self._fault(TemplateKeyUnknownError, key)

    def _take(self, key: str, *, needed: bool) -> Any:
        self._asked.add(key)
        value = self._data.get(key)
        if value is None and needed:
            self._fault(TemplateKeyMissingError, key)
        return value

    def _fault(self, error: type[TemplateError], key: str, **facts: object) -> None:
        self._faults.append(error(template=self.template, place=self._place, key=key, **facts))


def _name(key: str, number: int, data: Mapping[str, Any]) -> str:
    return f"{key} {number} ({data.get('value', '?')})" if key == "field" else f"{key} {number}"
