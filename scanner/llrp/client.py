"""One connection to a reader: questions and their answers, reports, signs of life.

LLRP 1.1, clause 5.1: the reader speaks first and says whether it takes the connection; every
question has a number that its answer bears; reports come in between, whenever they are due.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Self

from scanner.llrp.codec import Parameter, Value, parameter
from scanner.llrp.frames import Frame, Framer, ProtocolError, frame
from scanner.llrp.messages import KEEPALIVE, RO_ACCESS_REPORT, pack, unpack
from scanner.llrp.parameters import STATUS, status_of
from scanner.llrp.troubles import (
    ReaderBrokenOffError,
    ReaderBusyError,
    ReaderRefusedError,
    ReaderSilentError,
)
from scanner.reading import SourceUnavailableError

OnReport = Callable[[bytes, float], Awaitable[None]]
"""Takes the body of an RO_ACCESS_REPORT and when it arrived, on the monotonic clock."""

_CHUNK: Final = 65_536
_KEEPALIVE_ACK: Final = 72
_MOST_UNSENT: Final = 65_536
_HANG_UP_SECONDS: Final = 1.0
_CONNECTED, _TAKEN = 0, (1, 2)


class Client:
    """A connection that a reader has taken; `open` makes one.

    `silence` is how many seconds it may say nothing, None for ever. `ended` is done when the
    connection is over, and raises why.
    """

    def __init__(
        self, name: str, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        on_report: OnReport, patience: float,
    ) -> None:  # fmt: skip
        self.silence: float | None = None
        self._name, self._on_report, self._patience = name, on_report, patience
        self._input, self._output = streams
        self._framer = Framer()
        self._number = 0
        self._reports = 0
        self._is_handing_on = False
        self._pending: dict[int, tuple[str, asyncio.Future[Parameter]]] = {}
        self._greeting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.create_task(self._listen())

    @classmethod
    async def open(
        cls, host: str, port: int, *, name: str, on_report: OnReport, patience: float
    ) -> Self:
        """Connect, and wait for the reader to say that it takes us.

        `patience` is how many seconds it may take to say anything that it was asked.

        Raises:
            ReaderBusyError: another program holds it.
            SourceUnavailableError: it cannot be reached, or it is no reader.
        """
        try:
            async with asyncio.timeout(patience):
                streams = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise SourceUnavailableError(source=name, reason=_why_unreachable(error)) from error
        client = cls(name, streams, on_report, patience)
        try:
            await client._greeted()
        except BaseException:
            await client.abort()
            raise
        return client

    async def _greeted(self) -> None:
        await self._either(self._greeting)
        if not self._greeting.done():
            reason = "what answers there is no LLRP reader"
            raise SourceUnavailableError(source=self._name, reason=reason)
        status = self._greeting.result()
        if status in _TAKEN:
            raise ReaderBusyError(source=self._name)
        if status != _CONNECTED:
            reason = "the reader takes no connection"
            raise SourceUnavailableError(source=self._name, reason=reason)

    async def ask(self, name: str, *inside: Parameter, **values: Value) -> Parameter:
        """Send a message and return its answer; reports that come before it are not its answer.

        Raises:
            ReaderRefusedError: the answer is a refusal.
            SourceUnavailableError: the connection broke off, or no answer came.
        """
        self._number += 1
        number = self._number
        wanted = "CUSTOM_MESSAGE" if name == "CUSTOM_MESSAGE" else f"{name}_RESPONSE"
        future: asyncio.Future[Parameter] = asyncio.get_running_loop().create_future()
        self._pending[number] = wanted, future
        try:
            self._send(pack(parameter(name, *inside, **values), number))
            answer = await self._awaited(future)
        finally:
            del self._pending[number]
        status, description = status_of(answer)
        if status or answer.name == "ERROR_MESSAGE":
            said = STATUS.get(status, str(status))
            raise ReaderRefusedError(
                source=self._name, message=name, status=said, description=description
            )
        return answer

    async def clear(self) -> None:
        """Take away all operations and accesses that others left.

        Some readers refuse that where there is nothing; what stays is refused with its name later.
        """
        with suppress(ReaderRefusedError):
            await self.ask("DELETE_ROSPEC", rospec=0)
        with suppress(ReaderRefusedError):
            await self.ask("DELETE_ACCESSSPEC", accessspec=0)

    async def _awaited(self, future: asyncio.Future[Parameter]) -> Parameter:
        while True:
            before = self._reports
            await self._either(future)
            if future.done():
                return future.result()
            if self.ended.done():
                await self.ended
            # An answer may stand behind many reports, for which nobody may have room just now.
            if self._reports == before and not self._is_handing_on:
                reason = "the reader does not answer"
                raise ReaderBrokenOffError(source=self._name, reason=reason)

    async def _either(self, future: asyncio.Future[Any]) -> None:
        """Wait for what is asked for, the end of the connection, or the end of patience."""
        both: set[asyncio.Future[Any]] = {future, self.ended}
        await asyncio.wait(both, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)

    async def leave(self) -> None:
        """Take leave, and wait for the reader to hang up: until then it is busy with us."""
        with suppress(ReaderRefusedError):
            await self.ask("CLOSE_CONNECTION")
        await asyncio.wait({self.ended}, timeout=_HANG_UP_SECONDS)

    async def abort(self) -> None:
        """Drop the connection."""
        self.ended.cancel()
        await asyncio.wait({self.ended})
        if not self.ended.cancelled():
            self.ended.exception()  # it has been told, or nobody waits for it
        self._output.transport.abort()

    def _send(self, data: bytes) -> None:
        if self._output.transport.get_write_buffer_size() > _MOST_UNSENT:
            reason = "the reader takes nothing more"
            raise ReaderBrokenOffError(source=self._name, reason=reason)
        self._output.write(data)

    # --- what the reader says --------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            while True:
                async with asyncio.timeout(self.silence):
                    data = await self._input.read(_CHUNK)
                if not data:
                    reason = "the reader hung up"
                    raise ReaderBrokenOffError(source=self._name, reason=reason)
                heard = time.monotonic()
                for one in self._framer.feed(data):
                    await self._take(one, heard)
        except TimeoutError as error:
            seconds = f"{self.silence:g}"
            raise ReaderSilentError(source=self._name, seconds=seconds) from error
        except (OSError, ProtocolError) as error:
            raise ReaderBrokenOffError(source=self._name, reason=_why_ended(error)) from error

    async def _take(self, one: Frame, heard: float) -> None:
        if one.kind == RO_ACCESS_REPORT:
            self._reports += 1
            self._is_handing_on = True
            await self._on_report(one.body, heard)
            self._is_handing_on = False
        elif one.kind == KEEPALIVE:
            self._send(frame(_KEEPALIVE_ACK, one.number))
        elif (body := unpack(one)) is not None:
            self._understand(body, one.number)

    def _understand(self, body: Parameter, number: int) -> None:
        wanted, future = self._pending.get(number, ("", None))
        if future is not None and body.name in (wanted, "ERROR_MESSAGE"):
            if not future.done():
                future.set_result(body)
        elif body.name == "READER_EVENT_NOTIFICATION":
            if greeting := next(body.deep("ConnectionAttemptEvent"), None):
                if not self._greeting.done():
                    self._greeting.set_result(greeting.number("status"))
            elif next(body.deep("ConnectionCloseEvent"), None):
                reason = "the reader ended it"
                raise ReaderBrokenOffError(source=self._name, reason=reason)


def _why_unreachable(error: Exception) -> str:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "no machine is known by that name"
    if isinstance(error, ConnectionRefusedError):
        return "the machine is there, but nothing listens at that port"
    if isinstance(error, TimeoutError):
        return "nothing answers there"
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "this machine has no way to that network"
    return "the network refuses the connection"


def _why_ended(error: Exception) -> str:
    if isinstance(error, ProtocolError):
        return "it sent what is no LLRP"
    return "the network broke it"
