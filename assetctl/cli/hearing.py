"""What a reader has heard: each radio tag with when, how often and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetctl.cli.context import Context
from assetctl.domain.sweep import Heard, Tally
from assetctl.errors import AssetctlError, Kind
from assetctl.reads.heard import Bearer, bearers

if TYPE_CHECKING:
    from scanner import Reading


class Hearing:
    """All radio tags that a reader has heard, and what they are bound to.

    `tally` has the seconds since the listening began, or for a recording since that began;
    `newest` is when a tag was heard for the first time last, by the monotonic clock.
    """

    def __init__(self, now: float, *, is_live: bool) -> None:
        self.tally = Tally()
        self.bound: dict[str, Bearer] = {}
        self.reads = 0
        self.newest = now
        self._began = now if is_live else 0.0
        self._unknown: list[str] = []

    def take(self, reading: Reading, now: float) -> None:
        """Take a reading; `now` counts for what does not say when it was heard."""
        from scanner.reading import RFID, Radio

        if reading.symbology != RFID:
            return
        self.reads += 1
        radio = reading.radio or Radio(heard=now)
        before = len(self.tally)
        second = max(0.0, radio.heard - self._began)
        self.tally.hear(reading.text, second, radio.rssi, radio.antenna, radio.tid, radio.count)
        if len(self.tally) > before:
            self.newest = now
            self._unknown.append(reading.text)

    def named(self, world: Context) -> None:
        """Look up what the new tags are bound to, all of them in one question."""
        if self._unknown:
            self.bound |= known(world, self._unknown)
            self._unknown.clear()

    def tags(self) -> list[Heard]:
        """Return every tag as it was heard, in the order of first meeting."""
        return list(self.tally.heard(()).values())


def known(world: Context, epcs: list[str]) -> dict[str, Bearer]:
    """Return what EPCs are bound to; nothing where there is no register to ask."""
    try:
        with world.reading() as connection:
            return bearers(connection, epcs, prefix=world.settings.gs1_prefix)
    except AssetctlError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
        return {}
