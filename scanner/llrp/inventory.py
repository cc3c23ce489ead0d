"""How a reader is to listen: what was wished for, what the reader can, and the order to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.parameters import BANK, GEN2, IMPINJ, ON, TID_BANK
from scanner.llrp.troubles import ReaderSettingError
from scanner.reading import ChoiceUnknownError

MODES: Final = {"dual": 2, "single": 1}
"""`dual`: tags are heard again and again; `single`: each once, and then it is quiet for a while."""

SESSION_LIKE: Final = {"dual": 0, "single": 2}
"""In session 0 a tag answers again as soon as it may, in session 2 not for seconds."""

ROSPEC, TID_ACCESS, TID_OP = 1, 1, 1
"""The numbers of our operation, of our access, and of the reading in it."""

_POPULATION: Final = 32
_SEARCH_MODE, _ENABLE_EXTENSIONS = 23, 21
_UPON_N_TAGS: Final = 1
_CONTENT: Final = 0x8000 | 0x1000 | 0x0400 | 0x0080 | 0x0040
"""Operation, antenna, RSSI, count, access; no times, for no reader's clock is trusted."""

_CRC_AND_PC: Final = 0xC0
_TID_WORDS: Final = 6
_HOPPING: Final = ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was wished for; None leaves it to the reader.

    `power` is in dBm, `session` 0 to 3, `mode` one of `MODES`, `rf` the number of a radio mode of
    the reader. No `antennas` are all. `every` is after how many tags a report comes; `tid` has
    the TID of every tag read too, which costs time on the air.
    """

    power: float | None = None
    session: int | None = None
    mode: str | None = None
    antennas: tuple[int, ...] = ()
    population: int | None = None
    rf: int | None = None
    every: int = 1
    tid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a reader says that it can, as far as it says it; `powers` are indices and dBm."""

    antennas: int = 0
    maker: int = 0
    powers: tuple[tuple[int, float], ...] = ()
    channel: tuple[int, int] = (0, 1)
    modes: tuple[int, ...] = ()

    @classmethod
    def of(cls, answer: Parameter) -> Self:
        """Read the answer to GET_READER_CAPABILITIES; every part of it may be missing."""
        device = answer.first("GeneralDeviceCapabilities")
        hop = next(answer.deep("FrequencyHopTable"), None)
        hopping = next(answer.deep("FrequencyInformation"), None)
        hops = hop and hopping and hopping.number("flags") & _HOPPING
        return cls(
            antennas=device.number("antennas") if device else 0,
            maker=device.number("maker") if device else 0,
            powers=tuple(
                (one.number("index"), one.number("value") / 100)
                for one in answer.deep("TransmitPowerLevelTableEntry")
            ),
            channel=(hop.number("table"), 1) if hop and hops else (0, 1),
            modes=tuple(one.number("mode") for one in answer.deep("C1G2UHFRFModeTableEntry")),
        )

    def nearest_power(self, dbm: float) -> tuple[int, float]:
        """The index and the dBm of the highest power that is not above `dbm`, else the lowest."""
        below = [one for one in self.powers if one[1] <= dbm]
        if below:
            return max(below, key=lambda one: one[1])
        return min(self.powers, key=lambda one: one[1])


class Inventory:
    """The order to a reader, and what of the wishes could not be put into it."""

    def __init__(
        self, source: str, options: Options, able: Capabilities, *, is_extended: bool = False
    ) -> None:
        """Hold wishes against what the reader can; `is_extended` says it takes search modes.

        Raises:
            ChoiceUnknownError: an antenna or a radio mode that the reader does not have.
        """
        self._source, self._options, self._able = source, options, able
        self._is_extended = is_extended
        self.troubles: list[ReaderSettingError] = []
        known = able.antennas and ", ".join(map(str, range(1, able.antennas + 1)))
        for one in options.antennas:
            if known and one > able.antennas:
                raise ChoiceUnknownError(value=str(one), field="antenna", known=known)
        if options.rf is not None and able.modes and options.rf not in able.modes:
            known = ", ".join(map(str, able.modes))
            raise ChoiceUnknownError(value=str(options.rf), field="rf", known=known)

    def rospec(self) -> Parameter:
        """Return the ROSpec: begun and ended by us alone, reporting as it goes."""
        self.troubles.clear()
        boundary = parameter(
            "ROBoundarySpec", parameter("ROSpecStartTrigger"), parameter("ROSpecStopTrigger")
        )
        listening = parameter("InventoryParameterSpec", *self._antennas(), spec=1, protocol=GEN2)
        antennas = parameter(
            "AISpec", parameter("AISpecStopTrigger"), listening,
            antennas=self._options.antennas or (0,),
        )  # fmt: skip
        content = parameter(
            "TagReportContentSelector",
            parameter("C1G2EPCMemorySelector", flags=_CRC_AND_PC), flags=_CONTENT,
        )  # fmt: skip
        report = parameter("ROReportSpec", content, trigger=_UPON_N_TAGS, n=self._options.every)
        return parameter("ROSpec", boundary, antennas, report, rospec=ROSPEC)

    def _antennas(self) -> Iterator[Parameter]:
        inside = [*self._power(), *self._command()]
        if inside:
            yield parameter("AntennaConfiguration", *inside, antenna=0)

    def _power(self) -> Iterator[Parameter]:
        if self._options.power is None:
            return
        if not self._able.powers:
            self._say("power", reason="the reader does not tell its powers")
            return
        index, dbm = self._able.nearest_power(self._options.power)
        if dbm > self._options.power:
            self._say("power", reason="its lowest is higher, and is used")
        hop, channel = self._able.channel
        yield parameter("RFTransmitter", hop=hop, channel=channel, power=index)

    def _command(self) -> Iterator[Parameter]:
        wishes = self._options
        inside = []
        if wishes.rf is not None:
            inside.append(parameter("C1G2RFControl", mode=wishes.rf))
        session = self._session()
        if session is not None or wishes.population is not None:
            inside.append(
                parameter("C1G2SingulationControl", session=(session or 0) << BANK,
                          population=wishes.population or _POPULATION)
            )  # fmt: skip
        if wishes.mode and self._is_extended:
            mode = MODES[wishes.mode].to_bytes(2, "big")
            inside.append(parameter("Custom", vendor=IMPINJ, subtype=_SEARCH_MODE, data=mode))
        if inside:
            yield parameter("C1G2InventoryCommand", *inside)

    def _session(self) -> int | None:
        mode = self._options.mode
        if mode is None or self._is_extended:
            return self._options.session
        if self._options.session is not None:
            self._say("mode", reason="it has no such setting, and the session was chosen")
            return self._options.session
        self._say("mode", reason="it has no such setting; a session that comes near it is used")
        return SESSION_LIKE[mode]

    def _say(self, setting: str, *, reason: str) -> None:
        self.troubles.append(
            ReaderSettingError(source=self._source, setting=setting, reason=reason)
        )


def extension(able: Capabilities) -> Parameter | None:
    """Return the message after which the reader takes search modes, None where there is none."""
    if able.maker != IMPINJ:
        return None
    return parameter("CUSTOM_MESSAGE", vendor=IMPINJ, subtype=_ENABLE_EXTENSIONS, data=bytes(4))


def tid_access() -> Parameter:
    """Return the AccessSpec that has the TID of every tag read."""
    target = parameter("C1G2TargetTag", flags=0x20)
    read = parameter("C1G2Read", op=TID_OP, bank=TID_BANK << BANK, count=_TID_WORDS)
    command = parameter("AccessCommand", parameter("C1G2TagSpec", target), read)
    return parameter(
        "AccessSpec", parameter("AccessSpecStopTrigger"), command, parameter("AccessReportSpec"),
        accessspec=TID_ACCESS, protocol=GEN2, rospec=ROSPEC,
    )  # fmt: skip
