"""A fixed reader as a source of readings: connected again by itself for as long as it is wanted.

A thread of its own talks with the reader; a bounded queue lies between it and whoever iterates.
Where the queue is full nothing more is taken from the network, so that the reader waits: nothing
that arrived is ever dropped.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from scanner.base import Closing
from scanner.llrp.address import Address
from scanner.llrp.client import Client
from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.frames import ProtocolError
from scanner.llrp.inventory import (
    ROSPEC,
    TID_ACCESS,
    TID_OP,
    Capabilities,
    Inventory,
    extension,
    tid_access,
)
from scanner.llrp.parameters import ON
from scanner.llrp.reports import ReportDecoder, TagReport
from scanner.llrp.troubles import ReaderRefusedError, ReportDamagedError
from scanner.push import MOST_WAITING, Waiting
from scanner.reading import (
    RFID,
    OnTrouble,
    Radio,
    Reading,
    ScanError,
    SourceLostError,
    SourceUnavailableError,
)

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, *(30.0,) * 14)
"""Seconds before each attempt to connect again; after the last one a reader counts as lost."""

KEEPALIVE: Final = 10.0
"""So many seconds between two signs of life; after three times that a reader counts as silent."""

PATIENCE: Final = 5.0
"""So many seconds a reader may take to answer."""

_SILENT_PERIODS: Final = 3
_GOODBYE_SECONDS: Final = 2.0
_JOIN_SECONDS: Final = 10.0
_EVENTS: Final = (2, 3, 4, 8)
"""Operations, a full buffer, exceptions, antennas."""


class LlrpReader(Closing):
    """A reader that is connected and listening when this returns.

    What it recovers from by itself it tells `on_trouble`, in its own thread; iterating raises
    `SourceLostError` when the last of `waits` (seconds) was in vain. `keepalive` and `patience`
    are in seconds.

    Raises:
        ReaderBusyError: another program holds it.
        ReaderRefusedError: it refuses a step without which it cannot listen.
        SourceUnavailableError: it cannot be reached, or it is no reader.
        ChoiceUnknownError: an antenna or a radio mode that it does not have.
    """

    def __init__(
        self, address: Address, *, on_trouble: OnTrouble | None = None,
        waits: Sequence[float] = WAITS, keepalive: float = KEEPALIVE, patience: float = PATIENCE,
        most_waiting: int = MOST_WAITING,
    ) -> None:  # fmt: skip
        self.name = address.name
        self.is_connected = False
        self._address, self._waits = address, waits
        self._on_trouble = on_trouble or (lambda _: None)
        self._keepalive, self._patience = keepalive, patience
        self._waiting = Waiting(most_waiting)
        self._decoder, self._readings = ReportDecoder(), _Readings()
        self._failure: Exception | None = None
        self._is_begun = self._is_closed = self._is_damaged = False
        self._opened = threading.Event()
        self._closing = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._left = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
        self._thread.start()
        self._opened.wait()
        if self._failure is not None:
            raise self._failure

    def __iter__(self) -> Iterator[Reading]:
        while found := self._waiting.take():
            yield from found
        if self._failure is not None and not self._is_closed:
            raise self._failure

    def poll(self, timeout: float = 0.0) -> Reading | None:
        """The next reading, or None if there is none within `timeout` seconds."""
        return self._waiting.get(timeout)

    def close(self) -> None:
        """Take leave of the reader; what it told before can still be iterated."""
        self._is_closed = True
        self._waiting.close()
        with suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._left.set)
        if threading.current_thread() is not self._thread:
            with self._closing:
                self._thread.join(_JOIN_SECONDS)

    # --- the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._read())
        except Exception as error:  # noqa: BLE001  raised where the readings are taken
            self._failure = error
        finally:
            self._waiting.close()
            self._opened.set()

    async def _read(self) -> None:
        leaving = asyncio.create_task(self._left.wait())
        attempts = iter(self._waits)
        while not self._left.is_set():
            session = asyncio.create_task(self._session())
            await asyncio.wait({session, leaving}, return_when=asyncio.FIRST_COMPLETED)
            session.cancel()
            try:
                with suppress(asyncio.CancelledError):
                    await session
            except SourceUnavailableError as error:
                if not self._opened.is_set():
                    raise
                self._on_trouble(error)
            if self.is_connected:
                self.is_connected, attempts = False, iter(self._waits)
            wait = next(attempts, None)
            if wait is None:
                reason = "it could not be reached again"
                raise SourceLostError(source=self.name, reason=reason)
            await asyncio.wait({leaving}, timeout=wait)

    async def _session(self) -> None:
        """Hold one connection until it ends, which raises why."""
        client = await Client.open(
            self._address.host, self._address.port, name=self.name, on_report=self._take,
            patience=self._patience,
        )  # fmt: skip
        try:
            await self._set_up(client)
            self.is_connected = True
            self._opened.set()
            await asyncio.shield(client.ended)
        except asyncio.CancelledError:
            with suppress(ScanError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await _take_leave(client)
            raise
        finally:
            await client.abort()

    async def _set_up(self, client: Client) -> None:
        able = Capabilities.of(await client.ask("GET_READER_CAPABILITIES"))
        await self._configure(client)
        await client.clear()
        options = self._address.options
        is_extended = options.mode is not None and await _is_extended(client, able)
        order = Inventory(self.name, options, able, is_extended=is_extended)
        await client.ask("ADD_ROSPEC", order.rospec())
        if not self._is_begun:
            for trouble in order.troubles:
                self._on_trouble(trouble)
        if options.tid:
            await client.ask("ADD_ACCESSSPEC", tid_access())
            await client.ask("ENABLE_ACCESSSPEC", accessspec=TID_ACCESS)
        self._is_damaged = False
        self._is_begun = True
        await client.ask("ENABLE_ROSPEC", rospec=ROSPEC)
        await client.ask("START_ROSPEC", rospec=ROSPEC)

    async def _configure(self, client: Client) -> None:
        period = max(1, round(self._keepalive * 1000))
        client.silence = _SILENT_PERIODS * self._keepalive
        states = (parameter("EventNotificationState", event=one, state=ON) for one in _EVENTS)
        await client.ask(
            "SET_READER_CONFIG",
            parameter("ReaderEventNotificationSpec", *states),
            parameter("KeepaliveSpec", trigger=1, period=period),
        )

    async def _take(self, body: bytes, heard: float) -> None:
        """Hand on what a report says; what was begun by others before us is not ours."""
        if not self._is_begun:
            return
        found: list[TagReport] = []
        try:
            self._decoder.decode(body, found)
            readings = self._readings.of(found, heard)
        except ProtocolError:
            readings = self._readings.of([one._replace(results=()) for one in found], heard)
            if not self._is_damaged:
                self._is_damaged = True
                self._on_trouble(ReportDamagedError(source=self.name))
        # An answer that we wait for may stand behind more reports than there is room for.
        self._opened.set()
        if not self._waiting.put(readings, wait=False):
            hand_on = partial(self._waiting.put, readings, wait=True)
            await asyncio.get_running_loop().run_in_executor(None, hand_on)


async def _is_extended(client: Client, able: Capabilities) -> bool:
    message = extension(able)
    if message is None:
        return False
    try:
        await client.ask(message.name, **message.values)
    except ReaderRefusedError:
        return False
    return True


async def _take_leave(client: Client) -> None:
    for verb in ("STOP", "DELETE"):
        with suppress(ReaderRefusedError):
            await client.ask(f"{verb}_ROSPEC", rospec=ROSPEC)
    await client.leave()


class _Readings:
    """Makes readings of reports; tags that were heard alike at the same moment share a `Radio`."""

    def __init__(self) -> None:
        self._radios: dict[tuple[object, ...], Radio] = {}
        self._heard = 0.0

    def of(self, reports: list[TagReport], heard: float) -> tuple[Reading, ...]:
        """Return a reading for each report, all of which arrived at the moment `heard`.

        Raises:
            ProtocolError: the result of an access ends too early.
        """
        if heard != self._heard:
            self._radios.clear()
            self._heard = heard
        radios = self._radios
        found = []
        for one in reports:
            key = one[1:6]
            radio = None if one.results else radios.get(key)
            if radio is None:
                radio = _radio(one, heard)
                if not one.results:
                    radios[key] = radio
            found.append(Reading(text=one.epc, symbology=RFID, engine="llrp", radio=radio))
        return tuple(found)


def _radio(one: TagReport, heard: float) -> Radio:
    return Radio(
        heard=heard, rssi=one.rssi, antenna=one.antenna, count=one.seen or 1,
        tid=_tid(one.operations()) if one.results else None,
        pc=None if one.pc is None else f"{one.pc:04X}",
        bits=0 if one.bits == 4 * len(one.epc) else one.bits,
    )  # fmt: skip


def _tid(operations: list[Parameter]) -> str | None:
    for one in operations:
        if one.name == "C1G2ReadOpSpecResult" and one.number("op") == TID_OP:
            return None if one.number("result") else one.text("data") or None
    return None
