"""Files of rules: TOML, whose every fault is kept with its place and all are named at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from assetctl.domain.rule_values import Check
from assetctl.errors import AssetctlError
from assetctl.i18n import N_, Phrase, one_of

_SHOWN = 80
"""So many characters of a value are shown in a fault."""


class RuleFile:
    """The tables of one file, and what is wrong with them so far.

    Raises:
        AssetctlError: of the class `faulty`, because the text is no TOML.
    """

    def __init__(self, text: str, source: str, faulty: type[AssetctlError]) -> None:
        self.faults: list[str] = []
        self._source, self._faulty = source, faulty
        try:
            self.document: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise faulty(source=source, count=1, lines=(str(error),)) from error
        except RecursionError as error:
            deep = Phrase(N_("brackets stand too deep in each other"))
            raise faulty(source=source, count=1, lines=(deep,)) from error

    def close(self) -> None:
        """Raise an error of the class `faulty` with all faults, if there are any."""
        if self.faults:
            lines = tuple(self.faults)
            raise self._faulty(source=self._source, count=len(lines), lines=lines)

    def fault(self, template: str, **facts: object) -> None:
        """Keep a fault."""
        self.faults.append(Phrase(template, **facts))

    def rows(self, name: str) -> list[Any]:
        """Return what stands under `[[name]]`; whatever else the file has is a fault."""
        tables = self.document.get(name, [])
        is_rows = isinstance(tables, list)
        for stray in self.document:
            if stray != name or not is_rows:
                self.fault(
                    N_("{name} is not known here; everything stands under [[{rows}]]"),
                    name=stray, rows=name,
                )  # fmt: skip
        return tables if is_rows else []

    def table(
        self, table: Any, place: str, checks: Mapping[str, Check], needed: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Return the values of a table that can be used; `place` stands before its faults."""
        if not isinstance(table, dict):
            self.fault(N_("{place}it is no table"), place=place)
            return {}
        good: dict[str, Any] = {}
        for name, value in table.items():
            wrong = checks[name](value) if name in checks else one_of(checks)
            if wrong is None:
                good[name] = value
            else:
                self.fault(N_("{place}{name} cannot be {value}: {expected}"), place=place,
                           name=name, value=repr(value)[:_SHOWN], expected=wrong)  # fmt: skip
        for name in needed:
            if name not in table:
                self.fault(N_("{place}{name} is missing"), place=place, name=name)
        return good
