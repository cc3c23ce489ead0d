"""What a reader that only pretends does with each message; its sockets are in `emulator`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.field import Field
from scanner.llrp.messages import answer_to
from scanner.llrp.operations import Access
from scanner.llrp.parameters import GEN2, IMPINJ, ON, UNSUPPORTED_MESSAGE
from scanner.llrp.tagdata import Content, tag_report

_ENABLE_EXTENSIONS, _EXTENSIONS_ENABLED = 21, 22
_INVALID, _PARAMETER, _UNSUPPORTED_PARAMETER = 300, 100, 111
_DISABLED, _INACTIVE, _ACTIVE = range(3)
_NULL, _IMMEDIATE, _PERIODIC = range(3)
_DURATION, _TAGS_SEEN = 1, 3
_ROSPEC_EVENT = 2
_LARGEST_REPORT: Final = 500
_YEAR_2000: Final = 946_684_800_000_000
"""A reader without a battery begins there; nobody may rely on its clock."""

_POWERS: Final = tuple(1000 + 25 * step for step in range(81))
"""10 to 30 dBm in hundredths."""


@dataclass
class RoSpec:
    """A reader operation that a client added."""

    spec: Parameter
    state: int = _DISABLED
    began: float = 0.0
    pass_began: float = 0.0
    seen: int = 0
    pending: list[bytes] = field(default_factory=list)

    def trigger(self, name: str) -> tuple[int, int]:
        """The type of a trigger and its time in milliseconds."""
        for one in self.spec.deep(name):
            period = one.first("PeriodicTriggerValue")
            if period is not None:
                return one.number("trigger"), period.number("period")
            duration = one.values.get("duration", 0)
            return one.number("trigger"), duration if isinstance(duration, int) else 0
        return _NULL, 0

    def is_over(self, now: float) -> bool:
        """Whether its time is up."""
        return (now - self.began) * 1000 >= self.trigger("ROSpecStopTrigger")[1]


class Pretend:
    """The state of a pretended reader: its configuration, its operations, its accesses."""

    def __init__(self, tags: Field, *, antennas: int, maker: int, has_regulations: bool) -> None:
        self.field = tags
        self.antennas, self.maker, self.has_regulations = antennas, maker, has_regulations
        self.keepalive = 0.0
        """Seconds between two signs of life; 0 for none."""

        self.events: list[Parameter] = []
        """What is to be told without having been asked."""

        self.access = Access()
        self.rospecs: dict[int, RoSpec] = {}
        self.report_spec: Parameter | None = None
        self.keep = parameter("KeepaliveSpec")
        self.told: set[int] = set()
        self._extended = False
        self._acts: dict[str, Callable[[Parameter, float], Parameter]] = {
            "GET_READER_CAPABILITIES": lambda asked, _: self._capabilities(asked),
            "GET_READER_CONFIG": lambda asked, _: self._config(asked),
            "SET_READER_CONFIG": lambda asked, _: self._configure(asked),
            "ADD_ROSPEC": lambda asked, _: self._add(asked),
            "GET_ROSPECS": lambda asked, _: answer_to(asked.name, *self._rospecs()),
            "CUSTOM_MESSAGE": lambda asked, _: self._custom(asked),
            "CLOSE_CONNECTION": lambda asked, _: answer_to(asked.name),
        }
        for verb in ("DELETE", "START", "STOP", "ENABLE", "DISABLE"):
            self._acts[f"{verb}_ROSPEC"] = self._rospec_act

    def answer(self, asked: Parameter, now: float) -> Parameter | None:
        """Do what a message asks and return the answer; None where none is due."""
        if asked.name in ("KEEPALIVE_ACK", "ENABLE_EVENTS_AND_REPORTS", "GET_REPORT"):
            return None
        if asked.name.endswith(("ACCESSSPEC", "ACCESSSPECS")):
            return self.access.answer(asked)
        act = self._acts.get(asked.name)
        if act is None:
            return answer_to("", status=UNSUPPORTED_MESSAGE, description=asked.name)
        return act(asked, now)

    def disconnected(self) -> None:
        """Forget what holds for a connection only; operations go on, as on a real reader."""
        self.keepalive, self.told, self.events = 0.0, set(), []
        for one in self.rospecs.values():
            one.pending.clear()

    # --- capabilities and configuration ----------------------------------------------------

    def _capabilities(self, asked: Parameter) -> Parameter:
        wanted = asked.number("requested")
        parts = [
            (1, self._device()),
            (2, parameter("LLRPCapabilities", levels=1, rospecs=8, specs=8, params=8,
                          accessspecs=16, ops=8)),
            (3, self._regulations()),
            (4, parameter("C1G2LLRPCapabilities", flags=0x40, filters=2)),
        ]  # fmt: skip
        if not self.has_regulations:
            del parts[2]
        return answer_to(asked.name, *(part for kind, part in parts if wanted in (0, kind)))

    def _device(self) -> Parameter:
        antennas = range(1, self.antennas + 1)
        return parameter(
            "GeneralDeviceCapabilities",
            parameter("ReceiveSensitivityTableEntry", index=1),
            parameter("GPIOCapabilities"),
            *(parameter("PerAntennaAirProtocol", antenna=one, protocols=(GEN2,))
              for one in antennas),
            antennas=self.antennas, flags=0x4000, maker=self.maker, model=1, firmware="emulator",
        )  # fmt: skip

    def _regulations(self) -> Parameter:
        powers = (
            parameter("TransmitPowerLevelTableEntry", index=place, value=power)
            for place, power in enumerate(_POWERS, 1)
        )
        hops = parameter("FrequencyHopTable", table=1, khz=tuple(range(920_625, 924_500, 250)))
        modes = (
            parameter("C1G2UHFRFModeTableEntry", mode=mode, m=mode, bdr=bdr, pie=2000,
                      low=12500, high=25000)
            for mode, bdr in enumerate((640_000, 320_000, 250_000, 160_000))
        )  # fmt: skip
        band = parameter(
            "UHFBandCapabilities", *powers, parameter("FrequencyInformation", hops, flags=ON),
            parameter("C1G2UHFRFModeTable", *modes),
        )  # fmt: skip
        return parameter("RegulatoryCapabilities", band, country=156)

    def _config(self, asked: Parameter) -> Parameter:
        wanted = asked.number("requested")
        parts = [
            (1, parameter("Identification", id=(0, 22, 37, 0, 0, 0, 0, 1))),
            *((2, parameter("AntennaProperties", flags=ON, antenna=one))
              for one in range(1, self.antennas + 1)),
            (4, self.report_spec or parameter("ROReportSpec",
                                              parameter("TagReportContentSelector"), trigger=2)),
            (8, self.keep),
        ]  # fmt: skip
        return answer_to(asked.name, *(part for kind, part in parts if wanted in (0, kind)))

    def _configure(self, asked: Parameter) -> Parameter:
        if keep := asked.first("KeepaliveSpec"):
            self.keep = keep
            self.keepalive = keep.number("period") / 1000 if keep.number("trigger") else 0.0
        if report := asked.first("ROReportSpec"):
            self.report_spec = report
        for state in asked.deep("EventNotificationState"):
            event = state.number("event")
            (self.told.add if state.number("state") & ON else self.told.discard)(event)
        return answer_to(asked.name)

    def _custom(self, asked: Parameter) -> Parameter:
        if (asked.number("vendor"), asked.number("subtype")) != (self.maker, _ENABLE_EXTENSIONS):
            return answer_to("", status=UNSUPPORTED_MESSAGE, description="unknown to this maker")
        self._extended = True
        success = bytes.fromhex("011F000800000000")
        return parameter("CUSTOM_MESSAGE", vendor=self.maker, subtype=_EXTENSIONS_ENABLED,
                         data=success)  # fmt: skip

    # --- reader operations -----------------------------------------------------------------

    def _rospecs(self) -> Iterator[Parameter]:
        for one in self.rospecs.values():
            yield parameter("ROSpec", *one.spec.inside, **{**one.spec.values, "state": one.state})

    def _add(self, asked: Parameter) -> Parameter:
        spec = asked.first("ROSpec")
        if spec is None or not spec.number("rospec") or spec.first("ROBoundarySpec") is None:
            return answer_to(asked.name, status=_PARAMETER, description="no operation")
        strange = [one for one in spec.deep("Custom")
                   if not self._extended or one.number("vendor") != IMPINJ]  # fmt: skip
        if strange:
            return answer_to(asked.name, status=_UNSUPPORTED_PARAMETER, description="Custom")
        if spec.number("rospec") in self.rospecs or len(self.rospecs) == 8:
            return answer_to(asked.name, status=_INVALID, description="the ROSpecID is taken")
        self.rospecs[spec.number("rospec")] = RoSpec(spec)
        return answer_to(asked.name)

    def _rospec_act(self, asked: Parameter, now: float) -> Parameter:
        number = asked.number("rospec")
        chosen = [number] if number else list(self.rospecs)
        if number and number not in self.rospecs:
            return answer_to(asked.name, status=_INVALID, description="there is no such ROSpec")
        for one in chosen:
            if not self._done(asked.name.removesuffix("_ROSPEC"), one, now):
                said = "the ROSpec is in another state"
                return answer_to(asked.name, status=_INVALID, description=said)
        return answer_to(asked.name)

    def _done(self, verb: str, number: int, now: float) -> bool:
        one = self.rospecs[number]
        if verb == "START":
            if one.state != _INACTIVE:
                return False
            self._start(number, now)
        elif verb == "ENABLE":
            if one.state == _DISABLED:
                one.state, one.began = _INACTIVE, now
            if one.trigger("ROSpecStartTrigger")[0] == _IMMEDIATE:
                self._start(number, now)
        else:
            self._stop(number)
            if verb == "DISABLE":
                one.state = _DISABLED
            elif verb == "DELETE":
                del self.rospecs[number]
        return True

    def _start(self, number: int, now: float) -> None:
        one = self.rospecs[number]
        one.state, one.seen = _ACTIVE, 0
        one.began = one.pass_began = now
        self._tell(0, number)

    def _stop(self, number: int) -> None:
        if self.rospecs[number].state == _ACTIVE:
            self.rospecs[number].state = _INACTIVE
            self._tell(1, number)

    def _tell(self, event: int, number: int) -> None:
        if _ROSPEC_EVENT in self.told:
            self.events.append(parameter("ROSpecEvent", event=event, rospec=number))

    # --- what it hears ---------------------------------------------------------------------

    @property
    def is_hearing(self) -> bool:
        """Whether an operation runs."""
        return any(one.state == _ACTIVE for one in self.rospecs.values())

    def hear(self, now: float) -> Iterator[list[bytes]]:
        """One round of all operations: the reports on tags that are due, a list for a message."""
        for number, one in list(self.rospecs.items()):
            start, period = one.trigger("ROSpecStartTrigger")
            if one.state == _INACTIVE and start == _PERIODIC and now - one.began >= period / 1000:
                self._start(number, now)
            if one.state != _ACTIVE:
                continue
            content = Content.of(one.spec.first("ROReportSpec") or self.report_spec)
            for report in self._round(number, one, content, now):
                one.pending.append(report)
                if content.is_due and len(one.pending) == (content.n or _LARGEST_REPORT):
                    yield self._taken(one)
            flushes = self._ends_antennas(one, now)
            if one.trigger("ROSpecStopTrigger")[0] == _DURATION and one.is_over(now):
                self._stop(number)
                flushes = True
            if one.pending and content.is_due and (flushes or not content.n):
                yield self._taken(one)

    def _taken(self, one: RoSpec) -> list[bytes]:
        taken, one.pending = one.pending, []
        return taken

    def fetched(self) -> Iterator[list[bytes]]:
        """The reports that wait to be fetched."""
        for one in self.rospecs.values():
            if one.pending:
                yield self._taken(one)

    def _round(self, number: int, one: RoSpec, content: Content, now: float) -> Iterator[bytes]:
        clock = _YEAR_2000 + int(now * 1_000_000)
        for antenna in self._heard_antennas(one.spec):
            for tag, rssi in self.field.heard(antenna):
                accessspec, results = self.access.done(tag, number, antenna)
                one.seen += 1
                yield tag_report(
                    tag.now,
                    content,
                    antenna=antenna,
                    rssi=rssi,
                    clock=clock,
                    rospec=number,
                    accessspec=accessspec,
                    results=results,
                )

    def _heard_antennas(self, spec: Parameter) -> list[int]:
        wanted = {one for ai in spec.all("AISpec") for one in ai.numbers("antennas")}
        there = range(1, self.antennas + 1)
        return [one for one in there if 0 in wanted or one in wanted]

    def _ends_antennas(self, one: RoSpec, now: float) -> bool:
        """Whether one pass over the antennas is over, which begins anew until the operation ends.

        What has been heard is then reported, however little it is.
        """
        wanted = next(one.spec.deep("TagObservationTrigger"), None)
        trigger, duration = one.trigger("AISpecStopTrigger")
        gone = (now - one.pass_began) * 1000
        if trigger == _DURATION:
            ends = gone >= duration
        elif trigger == _TAGS_SEEN and wanted is not None:
            ends = one.seen >= wanted.number("tags") or gone >= wanted.number("timeout") > 0
        else:
            ends = False
        if ends:
            one.pass_began, one.seen = now, 0
        return ends
