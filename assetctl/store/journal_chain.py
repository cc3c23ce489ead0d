"""The lines of a journal, each bound to the one before: made, and checked when they are read."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from assetctl.domain.chain import b64, canonical, parse_entry
from assetctl.errors import HistoryBrokenError, JournalBrokenError
from assetctl.i18n import N_

FORM = "assetctl/journal@1"
ROLLED = "rolled"
"""Kind of the first line of a file that goes on from a former one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its number from 1, its kind, when it was written (an instant), and its data.

    `p` is the hash of the line before it.
    """

    n: int
    p: str
    kind: str
    at: str
    data: dict[str, Any]


class Chain:
    """Where a journal stands: the number and the hash of its last line, and the station's key."""

    def __init__(self, station: str, key: bytes) -> None:
        self._station, self._key = station, key
        self.n = 0
        # It stands for the line before the first: a journal cannot pass for another station's.
        self.last = _hash(f"{FORM}\0{station}".encode())

    def afresh(self) -> Chain:
        """Return a chain of the same station that stands at the beginning."""
        return Chain(self._station, self._key)

    def copy(self) -> Chain:
        """Return a chain that stands where this one does."""
        other = self.afresh()
        other.n, other.last = self.n, self.last
        return other

    def make(self, kind: str, at: str, data: Mapping[str, Any]) -> tuple[bytes, str]:
        """Return the next line, its end included, and its hash; `step` goes on to it.

        Raises:
            CanonicalError: the data cannot stand in a line.
        """
        entry = canonical(
            {"_": FORM, "at": at, "data": _nfc(data), "kind": kind, "n": self.n + 1,
             "p": self.last}
        )  # fmt: skip
        return self._mac(entry) + b" " + entry + b"\n", _hash(entry)

    def step(self, leaf: str) -> None:
        """Go on to the line with this hash."""
        self.n += 1
        self.last = leaf

    def extend(self, lines: list[tuple[str, dict[str, Any]]], at: str) -> bytes:
        """Return the bytes of several lines, and go on to the last of them.

        Raises:
            CanonicalError: the data cannot stand in a line.
        """
        made = []
        for kind, data in lines:
            line, leaf = self.make(kind, at, data)
            self.step(leaf)
            made.append(line)
        return b"".join(made)

    def read(self, file: str, content: bytes) -> list[Line]:
        """Return the whole lines of a file, in order; what follows the last of them is left out.

        The first line may go on from a former file, which is for the caller to check.

        Raises:
            JournalBrokenError: a line is not what the station wrote.
        """
        whole = content.rfind(b"\n") + 1
        lines: list[Line] = []
        for raw in content[:whole].split(b"\n")[:-1]:
            lines.append(self._read(file, raw, is_first=not lines))
        return lines

    def _read(self, file: str, raw: bytes, *, is_first: bool) -> Line:
        mac, _, entry = raw.partition(b" ")
        if not hmac.compare_digest(mac, self._mac(entry)):
            raise self.broken(file, N_("it was not written by this station, or was altered"))
        try:
            fields = parse_entry(file, self.n + 1, entry)
        except HistoryBrokenError as error:
            raise self.broken(file, N_("its bytes cannot be read")) from error
        if is_first and fields.get("kind") == ROLLED:
            self.n, self.last = fields["n"] - 1, fields["p"]
        place = (fields.get("_"), fields.get("n"), fields.get("p"))
        if place != (FORM, self.n + 1, self.last):
            raise self.broken(file, N_("it does not follow the line before it"))
        self.step(_hash(entry))
        return Line(
            n=self.n, p=fields["p"], kind=fields["kind"], at=fields["at"], data=fields["data"]
        )

    def broken(self, file: str, problem: str) -> JournalBrokenError:
        """Return the error that the line after the last one is not as it should be."""
        return JournalBrokenError(file=file, line=self.n + 1, problem=problem)

    def _mac(self, entry: bytes) -> bytes:
        return b64(hmac.digest(self._key, FORM.encode() + b"\0" + entry, "sha256")).encode("ascii")


def _hash(entry: bytes) -> str:
    return b64(hashlib.sha256(entry).digest())


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, Mapping):
        return {key: _nfc(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_nfc(inner) for inner in value]
    return value
