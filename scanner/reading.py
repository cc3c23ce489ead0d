"""What a scan yields, and every way that a scan can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

Corners = tuple[tuple[int, int], ...]
"""Four (x, y) points in pixels."""

PLAIN = "plain"
"""The name of the pass that reads the picture as it is."""

OPINION = "opinion"
"""The name of the pass in which another engine looks at the picture as it is."""


TYPED = "typed"
"""The symbology of a text that a device types or sends without saying what it read it from."""

RFID = "rfid"
"""The symbology of a number read from a radio tag, in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """How a tag was heard, as far as the reader tells.

    `heard` is when its report arrived, in seconds on this machine's monotonic clock: a reader's
    own clock is never trusted. `rssi` is the signal strength in dBm, `antenna` counts from 1,
    `count` is how often the reader heard the tag since it last told of it. `tid` and `pc` are
    hexadecimal; `bits` is the length of the EPC, 0 where it is four times that of the text.
    `air` is the protocol: `gen2`, `gb29768` or `gjb7377`.
    """

    heard: float
    rssi: float | None = None
    antenna: int | None = None
    count: int = 1
    tid: str | None = None
    pc: str | None = None
    bits: int = 0
    air: str = "gen2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One symbol read in one picture, or one text that a device sent; the text as it was read.

    `corners` are four (x, y) points in pixels of the picture as it is meant to be seen (after its
    EXIF orientation), clockwise from the symbol's own top left. ZBar does not tell which corner
    that is: there it is the one nearest to the top left of the picture. What comes from no picture
    has none; its `symbology` is `TYPED` or `RFID`, its `engine` the name of the source. `radio`
    says how a tag was heard, where the source knows more than its number.
    """

    text: str
    symbology: str
    corners: Corners = ()
    engine: str
    pass_name: str = PLAIN
    radio: Radio | None = None

    @property
    def is_fallback(self) -> bool:
        """Whether anything but the plain pass of the first engine read it."""
        return self.pass_name != PLAIN


class ScanError(Exception):
    """The root of every failure that `scanner` reports on purpose.

    `facts` are the values that the sentence is made from: plain values, never translated words.
    """

    code: ClassVar[str] = "scan.failed"
    template: ClassVar[str] = "The scan failed."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format_map(facts))


OnTrouble = Callable[[ScanError], None]
"""Is told, not raised, what a source recovers from by itself; called in the source's thread."""


class PictureUnreadableError(ScanError):
    """A file or a run of bytes is no picture that can be opened, or is too large to open."""

    code = "scan.picture_unreadable"
    template = "{source} cannot be read as a picture: {reason}."


class PathMissingError(ScanError):
    """A path that was to be scanned does not exist."""

    code = "scan.path_missing"
    template = "There is no file or folder {path}."


class ChoiceUnknownError(ScanError):
    """A symbology or an engine was asked for that the scanner does not have."""

    code = "scan.choice_unknown"
    template = "{value!r} is no {field} of the scanner; there are {known}."


class EngineMissingError(ScanError):
    """None of the engines asked for works on this machine."""

    code = "scan.engine_missing"
    template = "No decoder works here: {reasons}."


class SourceUnknownError(ScanError):
    """An address names no source of readings that the scanner has."""

    code = "scan.source_unknown"
    template = "{address!r} names no source of scans; there are {known}."


class SourceUnavailableError(ScanError):
    """A device, a terminal or a network address cannot be opened as a source."""

    code = "scan.source_unavailable"
    template = "{source} cannot be opened: {reason}."


class SourceLostError(ScanError):
    """A source that was open went away; what it had read before counts."""

    code = "scan.source_lost"
    template = "{source} went away: {reason}. What it read before counts; open it again."


class ListUnreadableError(ScanError):
    """A file is no list of codes that can be read."""

    code = "scan.list_unreadable"
    template = "{file} cannot be read as a list: {reason}."


class ColumnMissingError(ScanError):
    """A list has no column of the name that was asked for."""

    code = "scan.column_missing"
    template = "{file} has no column {column!r}; it has {known}."


class ReadsFaultyError(ScanError):
    """Rows of an exported radio list say nothing that can be used, so none of it counts.

    `faults` lists them by line, column, cell and reason, up to a bound; the first is in the
    sentence.
    """

    code = "scan.reads_faulty"
    template = (
        "{file} has {count} faults, so none of its reads counts. Line {line}, {column} {cell!r}: "
        "{reason}. Correct them and try again."
    )


class RecordingUnreadableError(ScanError):
    """A recording of readings has a line that is none."""

    code = "scan.recording_unreadable"
    template = "{file} is no recording of scans: line {line}: {reason}."
