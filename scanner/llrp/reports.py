"""RO_ACCESS_REPORT, decoded fast: what a reader heard.

A reader sends the same parameters in the same order again and again. The first report of a form
is walked through with care; from that a form is made that reads every further one with a single
call of `struct`, after which all types and lengths in it are held against those of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple

from scanner.llrp.codec import Parameter, spans
from scanner.llrp.frames import ProtocolError
from scanner.llrp.parameters import PARAMETERS

_TAG_REPORT, _EPC_DATA, _EPC_96 = 240, 241, 13
_RESULTS: Final = range(349, 355)
_TLV: Final = Struct(">HH")
_TV_BIT: Final = 0x80
_MOST_FORMS: Final = 64
_MOST_RESULTS: Final = 16


class TagReport(NamedTuple):
    """What a report says of one tag; None where it does not say.

    `epc` is upper-case hexadecimal and `bits` its length in bits. `rssi` is in dBm, `seen` how
    often it was heard since it was last told of. `first` and `last` are microseconds on the
    reader's own clock: only their differences mean anything.
    `results` are those of access operations, not yet looked into.
    """

    epc: str
    bits: int
    antenna: int | None = None
    rssi: int | None = None
    seen: int | None = None
    pc: int | None = None
    crc: int | None = None
    rospec: int | None = None
    accessspec: int | None = None
    first: int | None = None
    last: int | None = None
    results: tuple[tuple[int, bytes], ...] = ()

    def operations(self) -> list[Parameter]:
        """The results of access operations on the tag, in order.

        Raises:
            ProtocolError: one of them ends too early.
        """
        known = PARAMETERS.by_kind
        return [PARAMETERS.unpack_body(known[kind], data) for kind, data in self.results]


_NUMBERS: Final = {
    1: ("antenna", "H"), 6: ("rssi", "b"), 8: ("seen", "H"), 12: ("pc", "H"), 11: ("crc", "H"),
    9: ("rospec", "I"), 16: ("accessspec", "I"), 2: ("first", "Q"), 3: ("first", "Q"),
    4: ("last", "Q"), 5: ("last", "Q"),
}  # fmt: skip
_NAMES: Final = TagReport._fields[2:-1]
_NONE: Final = (None,)
_new: Callable[[type[TagReport], Iterable[Any]], TagReport] = tuple.__new__


class _Form:
    """One form of report: how long it is, how it is read, and what in it never changes."""

    __slots__ = ("_expected", "_fixed", "_kinds", "_results", "bits", "epc", "numbers", "size",
                 "unpack")  # fmt: skip

    def __init__(self, data: bytes, start: int, end: int) -> None:
        """Learn the form of the report whose body lies between `start` and `end`."""
        layout, fixed, places, at = ["HH"], [0, 1], 2, start
        found: dict[str, int] = {}
        results: list[tuple[int, int]] = []
        for kind, begin, stop in spans(data, start, end, PARAMETERS.sizes):
            header, name, form = _field(kind, data[begin:stop])
            fixed += range(places, places + len(header))
            places += len(header)
            layout += header, form
            if name:
                found.setdefault(name, places)
                places += 1
            if name == "epc":
                self.bits = 96 if kind == _EPC_96 else _number(data, begin)
            if name == "result" and len(results) < _MOST_RESULTS:
                results.append((kind, places - 1))
            at = stop
        if at < end:
            # A parameter of unknown length, and with it all that follows, is stepped over.
            layout.append(f"B{end - at - 1}x")
            fixed.append(places)
        if "epc" not in found:
            message = "a report names no tag"
            raise ProtocolError(message)
        whole = Struct(">" + "".join(layout))
        self.size, self.unpack = whole.size, whole.unpack_from
        self._fixed: Callable[[Sequence[Any]], Any] = itemgetter(*fixed)
        self._expected = self._fixed(self.unpack(data, start - _TLV.size))
        self._results = tuple(results)
        self.epc = found["epc"]
        # A number that is not there is taken from the None that is put behind the others.
        self.numbers = itemgetter(*(found.get(name, -1) for name in _NAMES))

    def read(self, values: tuple[Any, ...]) -> TagReport | None:
        """Return the report that was unpacked as `values`; None if it has another form."""
        if self._fixed(values) != self._expected:
            return None
        results: tuple[tuple[int, bytes], ...] = ()
        if self._results:
            results = tuple([(kind, values[place]) for kind, place in self._results])
        epc = values[self.epc].hex().upper()
        # As `_make` does it, without what that costs: this runs for every tag that is heard.
        return _new(TagReport, (epc, self.bits, *self.numbers(values + _NONE), results))


def _field(kind: int, body: bytes) -> tuple[str, str, str]:
    """Return how the header and the body of a parameter are unpacked, and what it is called."""
    header = "B" if kind < _TV_BIT else "HH"
    if kind in _NUMBERS:
        return header, *_NUMBERS[kind]
    if kind == _EPC_96:
        return header, "epc", "12s"
    if kind in _RESULTS:
        return header, "result", f"{len(body)}s"
    if kind != _EPC_DATA:
        return header, "", f"{len(body)}x"
    size = (_number(body, 0) + 7) // 8
    if len(body) < 2 + size:
        message = "an EPC is cut off"
        raise ProtocolError(message)
    return header + "H", "epc", f"{size}s{len(body) - 2 - size}x"


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


class ReportDecoder:
    """Reads the reports of one reader; what it has learnt of their forms it keeps."""

    def __init__(self) -> None:
        self._forms: dict[int, _Form] = {}
        self._last: _Form | None = None

    def decode(self, body: bytes, found: list[TagReport]) -> None:
        """Add what the body of an RO_ACCESS_REPORT says to `found`.

        Parameters other than reports of tags, and unknown ones in these, are stepped over.

        Raises:
            ProtocolError: a length cannot be; `found` has what came before.
        """
        at, size, form = 0, len(body), self._last
        while at < size:
            report = None
            if form is not None and at + form.size <= size:
                report = form.read(form.unpack(body, at))
            if form is None or report is None:
                form, report, at = self._other(body, at)
            else:
                at += form.size
            if report is not None:
                found.append(report)
        self._last = form

    def _other(self, body: bytes, at: int) -> tuple[_Form | None, TagReport | None, int]:
        """Return the form and the contents of the report at `at`, and where the next begins."""
        kind, start, end = next(spans(body, at, len(body), PARAMETERS.sizes), (0, at, len(body)))
        if kind != _TAG_REPORT:
            return None, None, end
        form = self._forms.get(end - at)
        report = None if form is None else form.read(form.unpack(body, at))
        if report is None:
            form = _Form(body, start, end)
            report = form.read(form.unpack(body, at))
            if len(self._forms) == _MOST_FORMS:
                self._forms.clear()
            self._forms[end - at] = form
        return form, report, end
