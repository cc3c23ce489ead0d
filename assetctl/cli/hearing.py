"""What a reader has heard: each radio tag with when, how often and how well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assetctl.cli.context import Context
from assetctl.errors import AssetctlError, Kind
from assetctl.reads.heard import Bearer, bearers

if TYPE_CHECKING:
    from scanner import Reading

MOST = 100_000
"""So many different tags are kept; a stranger's device cannot fill the memory with more."""


@dataclass(slots=True, kw_only=True)
class Tag:
    """One radio tag. Times are seconds since the listening began; `best` is in dBm.

    `epochs` are the different seconds in which it was heard: with most settings of readers a
    tag answers once and is then silent, so the number of reads says little.
    """

    epc: str
    first: float
    last: float
    reads: int = 0
    epochs: int = 0
    best: float | None = None
    antennas: list[int] = field(default_factory=list)
    tid: str | None = None
    asset_id: str | None = None
    name: str | None = None
    _second: int = -1

    def hear(self, reading: Reading, at: float) -> None:
        """Take one reading of this tag."""
        radio = reading.radio
        self.reads += radio.count if radio else 1
        self.last = max(self.last, at)
        if int(at) > self._second:
            self._second = int(at)
            self.epochs += 1
        if radio is None:
            return
        self.tid = radio.tid or self.tid
        if radio.rssi is not None and (self.best is None or radio.rssi > self.best):
            self.best = radio.rssi
        if radio.antenna is not None and radio.antenna not in self.antennas:
            self.antennas = sorted((*self.antennas, radio.antenna))


class Hearing:
    """All tags that a reader has heard, by their EPC."""

    def __init__(self, began: float) -> None:
        self._began = began
        self.tags: dict[str, Tag] = {}
        self.reads = 0
        self.newest = began
        """When a tag was heard for the first time, last."""

        self._unknown: list[str] = []

    def take(self, reading: Reading, now: float) -> None:
        """Take a reading; `now` counts for what does not say when it was heard."""
        from scanner.reading import RFID

        if reading.symbology != RFID:
            return
        self.reads += 1
        at = max(0.0, (reading.radio.heard if reading.radio else now) - self._began)
        tag = self.tags.get(reading.text)
        if tag is None:
            if len(self.tags) >= MOST:
                return
            tag = self.tags[reading.text] = Tag(epc=reading.text, first=at, last=at)
            self.newest = now
            self._unknown.append(reading.text)
        tag.hear(reading, at)

    def named(self, world: Context) -> None:
        """Look up what the new tags are bound to, all of them in one question."""
        if not self._unknown:
            return
        found = known(world, self._unknown)
        for epc in self._unknown:
            if epc in found:
                tag = self.tags[epc]
                tag.asset_id, tag.name = found[epc].asset_id, found[epc].name
        self._unknown.clear()

    @property
    def best(self) -> float | None:
        """The strongest reading of all, in dBm."""
        return max((tag.best for tag in self.tags.values() if tag.best is not None), default=None)

    @property
    def antennas(self) -> list[int]:
        """Every antenna that heard something."""
        return sorted({one for tag in self.tags.values() for one in tag.antennas})


def known(world: Context, epcs: list[str]) -> dict[str, Bearer]:
    """Return what EPCs are bound to; nothing where there is no register to ask."""
    try:
        with world.reading() as connection:
            return bearers(connection, epcs)
    except AssetctlError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
        return {}
