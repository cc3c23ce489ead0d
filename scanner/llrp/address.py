"""Addresses of readers: `llrp://HOST[:5084][?power=27&session=1&antennas=1,2&…]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from scanner.llrp.inventory import MODES, Options
from scanner.reading import ChoiceUnknownError, SourceUnavailableError

PORT: Final = 5084
"""Where readers listen, by the register of IANA."""

_ADDRESS: Final = re.compile(
    r"llrp://(\[[0-9A-Fa-f:.%a-z]+\]|[^\s/@:\[\]?#]+)(?::([0-9]{1,5}))?/?(?:\?([^\s#]*))?"
)
_MOST_POWER: Final = 40.0
_MOST: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reader is and what is wished of it."""

    host: str
    port: int
    options: Options

    @property
    def name(self) -> str:
        """How it is called in messages."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"llrp://{shown}:{self.port}"


def _power(text: str) -> float:
    value = float(text)
    if not 0 <= value <= _MOST_POWER:
        raise ValueError
    return value


def _within(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return read


def _antennas(text: str) -> tuple[int, ...]:
    return tuple(map(_within(1, 255), text.split(",")))


def _mode(text: str) -> str:
    if text not in MODES:
        raise ValueError
    return text


_READ: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "power": (_power, "0 … 40"),
    "session": (_within(0, 3), "0, 1, 2, 3"),
    "mode": (_mode, ", ".join(MODES)),
    "antennas": (_antennas, "1,2,…"),
    "population": (_within(1, _MOST), "1 … 65535"),
    "rf": (_within(0, _MOST), "0 … 65535"),
    "every": (_within(1, _MOST), "1 … 65535"),
    "tid": (lambda text: bool(_within(0, 1)(text)), "0, 1"),
}
"""How each option is read, and what it may be."""


def read_address(text: str) -> Address:
    """Return what an address says.

    Raises:
        SourceUnavailableError: it has no host, or its port is none.
        ChoiceUnknownError: an option that there is not, or a value that it may not have.
    """
    match = _ADDRESS.fullmatch(text)
    port = int(match[2] or PORT) if match else 0
    if match is None or not 0 < port <= _MOST:
        reason = "it must be a host and perhaps a port, such as llrp://192.168.1.50:5084"
        raise SourceUnavailableError(source=text, reason=reason)
    found: dict[str, Any] = {}
    for name, value in parse_qsl(match[3] or "", keep_blank_values=True, max_num_fields=32):
        if name not in _READ:
            known = ", ".join(_READ)
            raise ChoiceUnknownError(value=name, field="option", known=known)
        read, known = _READ[name]
        try:
            found[name] = read(value)
        except ValueError as error:
            raise ChoiceUnknownError(value=value, field=name, known=known) from error
    return Address(match[1].strip("[]"), port, Options(**found))
