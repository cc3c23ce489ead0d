"""Writing a number into a tag, reading back what stands in it, and locking it.

Every step is an access of one operation that is carried out once, for that is all that a reader
must be able to do (LLRP 1.1, clause 12). A tag is meant by its TID where it tells one, which no
writing changes; else by its EPC.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from scanner.llrp.address import Address, read_address
from scanner.llrp.client import Client
from scanner.llrp.codec import Bits, Parameter, parameter
from scanner.llrp.frames import ProtocolError
from scanner.llrp.inventory import ROSPEC, TID_ACCESS, Capabilities, Inventory, tid_access
from scanner.llrp.parameters import BANK, EPC_BANK, GEN2, RESERVED_BANK, TID_BANK
from scanner.llrp.reports import ReportDecoder, TagReport
from scanner.llrp.troubles import (
    EpcUnfitError,
    ReaderRefusedError,
    TagCrowdError,
    TagDifferentError,
    TagError,
    TagLockedError,
    TagMissingError,
    TagPasswordError,
    TagPowerError,
    TagSilentError,
    TagTooSmallError,
)

LISTEN: Final = 1.0
"""So many seconds are listened for other tags before one is written."""

_PATIENCE: Final = 5.0
_ATTEMPTS: Final = 3
_MATCH: Final = 0x20
_PC_AT, _EPC_AT, _ACCESS_AT = 1, 2, 2
_LENGTH: Final = 11
"""The five highest bits of the PC word are the length of the EPC in words."""

_MOST_WORDS: Final = 31
_OWN: Final = 0x0600
"""Bits of the PC word that a chip may set itself: user memory, and a further control word."""

_TID_WORDS: Final = (6, 4)
"""What is read of a TID: with 96 bits or with 64, where a chip has no more; fewer name no chip."""

_HEX: Final = re.compile(r"[0-9A-F]+")
_LOCK, _ACCESS_FIELD, _EPC_FIELD = 0, 1, 2

_WHY: Final[dict[str, tuple[type[TagError], ...]]] = {
    "C1G2Read": (TagError, TagSilentError, TagError, TagTooSmallError, TagLockedError,
                 TagPasswordError),
    "C1G2Write": (TagTooSmallError, TagLockedError, TagPowerError, TagError, TagSilentError,
                  TagError, TagPasswordError),
    "C1G2Lock": (TagPowerError, TagError, TagSilentError, TagError, TagPasswordError,
                 TagTooSmallError, TagLockedError),
}  # fmt: skip
"""What the results of operations mean, from 1 on; LLRP 1.1, 17.3.1.5.7."""

Allow = Callable[[str, str], str]
"""Told the EPC and TID of a tag that is about to be written; gives its access password, or ""."""

_AGAIN: Final = (TagError, TagSilentError)
"""What may pass; writing the same once more does no harm."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a tag, as it was read back; `tid` is empty where the tag tells none.

    `unlocked` is why it is not locked, though it was to be: it was written all the same.
    """

    epc: str
    pc: str
    tid: str
    unlocked: TagError | None = None


def write_epc(
    address: str | Address, *, new: str, old: str | None = None, pc: str | None = None,
    access_password: str | None = None, lock: bool = False, allow: Allow | None = None,
    listen: float = LISTEN, patience: float = _PATIENCE,
) -> Written:  # fmt: skip
    """Write the EPC `new` into the tag `old`, or into the only tag there is, and read it back.

    EPCs, the PC word and the access password (8 digits) are hexadecimal. Without `pc` the tag
    keeps its PC word but for the length in it. A tag that is protected needs its password; with
    `lock` the tag gets it, if it has none yet, and EPC and password are locked with it. Power,
    antennas and session stand in the address. `listen` and `patience` are in seconds.

    With `allow` the password is not known before the tag is: it is asked when the tag has been
    found and nothing has been written yet, and tried where the tag does not do without. What it
    raises leaves the tag as it is.

    Raises:
        EpcUnfitError: a number, a PC word or a password that cannot be.
        TagMissingError, TagCrowdError: there is not exactly one such tag; nothing was written.
        TagError: one of its kinds, by what became of it.
        SourceUnavailableError: the reader cannot be reached, is busy, or refuses a step.
    """
    where = read_address(address) if isinstance(address, str) else address
    wish = _Wish.checked(
        new, old=old, pc=pc, password=access_password, lock=lock, is_known=allow is None
    )

    async def write() -> Written:
        writer = _Writer(where, patience)
        try:
            await writer.begin()
            return await writer.write(wish, listen, allow)
        finally:
            await writer.end()

    return asyncio.run(write())


@dataclass(frozen=True, slots=True)
class _Wish:
    new: str
    old: str | None
    pc: int | None
    password: int = field(repr=False)
    lock: bool

    @classmethod
    def checked(
        cls, new: str, *, old: str | None, pc: str | None, password: str | None, lock: bool,
        is_known: bool = True,
    ) -> _Wish:  # fmt: skip
        new, word = new.upper(), (pc or "").upper()
        secret = (password or "").upper()
        words = len(new) // 4
        reason = ""
        if not _HEX.fullmatch(new) or len(new) % 4 or words > _MOST_WORDS:
            reason = "it must be 1 to 31 times four hexadecimal digits"
        elif word and (not _HEX.fullmatch(word) or len(word) != 4):
            reason = "the PC word must be four hexadecimal digits"
        elif word and int(word, 16) >> _LENGTH != words:
            reason = "the PC word tells another length"
        elif secret and (not _HEX.fullmatch(secret) or len(secret) != 8):
            reason = "the access password must be eight hexadecimal digits"
        elif lock and is_known and not int(secret or "0", 16):
            reason = "a tag is locked with an access password other than zero"
        if reason:
            raise EpcUnfitError(epc=new, reason=reason)
        return cls(new, old and old.upper(), int(word, 16) if word else None,
                   int(secret or "0", 16), lock)  # fmt: skip

    def opened_by(self, password: str) -> _Wish:
        """Return it with the password that has become known."""
        known = self.checked(self.new, old=None, pc=None, password=password, lock=self.lock)
        return replace(self, password=known.password)


class _Writer:
    """A connection that listens all the while, and accesses one tag step by step."""

    def __init__(self, where: Address, patience: float) -> None:
        self._where, self._patience = where, patience
        self._client: Client | None = None
        self._decoder = ReportDecoder()
        self._heard: list[TagReport] = []
        self._news = asyncio.Event()
        self._number = TID_ACCESS
        self._epc = ""
        self._tid = ""
        self._means_tid = True

    @property
    def client(self) -> Client:
        """The connection, which has begun."""
        assert self._client is not None  # noqa: S101
        return self._client

    async def begin(self) -> None:
        """Connect and listen."""
        where = self._where
        self._client = await Client.open(
            where.host, where.port, name=where.name, on_report=self._take, patience=self._patience
        )
        ask = self._client.ask
        able = Capabilities.of(await ask("GET_READER_CAPABILITIES"))
        await self._client.clear()
        await ask("ADD_ROSPEC", Inventory(where.name, where.options, able).rospec())
        await ask("ADD_ACCESSSPEC", tid_access())
        await ask("ENABLE_ACCESSSPEC", accessspec=TID_ACCESS)
        await ask("ENABLE_ROSPEC", rospec=ROSPEC)
        await ask("START_ROSPEC", rospec=ROSPEC)

    async def end(self) -> None:
        """Leave the reader as it was found."""
        if self._client is None:
            return
        with suppress(Exception):  # what went wrong before is what counts
            await self._client.ask("DELETE_ACCESSSPEC", accessspec=0)
            await self._client.ask("DELETE_ROSPEC", rospec=ROSPEC)
            await self._client.leave()
        await self._client.abort()

    async def _take(self, body: bytes, heard: float) -> None:  # noqa: ARG002
        del self._heard[:-1000]
        with suppress(ProtocolError):
            self._decoder.decode(body, self._heard)
        self._news.set()

    # --- the steps -------------------------------------------------------------------------

    async def write(self, wish: _Wish, listen: float, allow: Allow | None) -> Written:
        """Find the tag, write it, read it back, lock it."""
        word = await self._find(wish.old, listen)
        if allow is not None:
            self._tid = self._tid or await self._told_tid(0)
            wish = wish.opened_by(allow(self._epc, self._tid))
        length = len(wish.new) // 4
        pc, at, data = wish.pc, _EPC_AT, _words(wish.new)
        if pc is None and word >> _LENGTH != length:
            pc = word & ~(_MOST_WORDS << _LENGTH) | length << _LENGTH
        if pc is not None:
            at, data = _PC_AT, (pc, *data)
        tries = (0, wish.password) if wish.lock or allow else (wish.password,)
        passwords = tuple(dict.fromkeys(tries))
        used = await self._with_either(
            passwords, lambda one: _write(EPC_BANK, at, data, password=one)
        )
        self._epc = wish.new
        got = await self._do(_read(EPC_BANK, _PC_AT, 1 + length, used))
        pc_now, epc_now = got.text("data")[:4], got.text("data")[4:]
        if epc_now != wish.new or (pc is not None and (pc ^ int(pc_now, 16)) & ~_OWN):
            raise TagDifferentError(epc=wish.new, got=f"{pc_now} {epc_now}")
        tid = await self._told_tid(used)
        unlocked = await self._lock(wish.password) if wish.lock else None
        return Written(epc_now, pc_now, tid, unlocked)

    async def _find(self, old: str | None, listen: float) -> int:
        """Listen for the tag that is meant, the only one; return its PC word."""
        self._heard.clear()
        found: dict[str, tuple[int | None, set[str]]] = {}
        until = asyncio.get_running_loop().time() + listen
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while True:
                    await self._news.wait()
                    self._news.clear()
                    for one in self._heard:
                        if old in (None, one.epc) and len(found) < 1000:
                            found.setdefault(one.epc, (one.pc, set()))[1].update(_tids(one))
                    self._heard.clear()
        await self._forget(TID_ACCESS)
        count = sum(max(1, len(tids)) for _, tids in found.values())
        if not count:
            raise TagMissingError(source=self._where.name)
        if count > 1:
            raise TagCrowdError(source=self._where.name, count=count)
        ((self._epc, (pc, tids)),) = found.items()
        self._tid = next(iter(tids), "")
        if pc is None:
            pc = (await self._do(_read(EPC_BANK, _PC_AT, 1, 0))).numbers("data")[0]
        return pc

    async def _told_tid(self, password: int) -> str:
        for words in _TID_WORDS:
            with suppress(TagTooSmallError):
                return (await self._do(_read(TID_BANK, 0, words, password))).text("data")
        return self._tid

    async def _lock(self, password: int) -> TagError | None:
        """Give the tag its password where it has none, and lock EPC and password with it.

        What has been written stays, so that a failure is returned and not raised.
        """
        words = (password >> 16, password & 0xFFFF)
        try:
            await self._with_either(
                (0, password), lambda one: _write(RESERVED_BANK, _ACCESS_AT, words, password=one)
            )
            locks = [parameter("C1G2LockPayload", privilege=_LOCK, field=one)
                     for one in (_EPC_FIELD, _ACCESS_FIELD)]  # fmt: skip
            await self._do(parameter("C1G2Lock", *locks, password=password))
        except TagError as error:
            return error
        return None

    async def _with_either(self, passwords: Sequence[int], make: Callable[[int], Parameter]) -> int:
        """Do what `make` gives for the first password that the tag takes; return that one."""
        *first, last = passwords
        for password in first:
            with suppress(TagLockedError, TagPasswordError):
                await self._do(make(password))
                return password
        await self._do(make(last))
        return last

    async def _do(self, op: Parameter) -> Parameter:
        """Carry out one operation and return its result."""
        for attempt in range(1, _ATTEMPTS + 1):
            result = await self._result(op)
            if result is not None and not result.number("result"):
                return result
            if result is None:
                # Not every reader can mean a tag by its TID; no other has this EPC here.
                self._means_tid = False
            error = _why(op, result)
            if attempt == _ATTEMPTS or error not in _AGAIN:
                raise error(epc=self._epc)
        raise AssertionError

    async def _result(self, op: Parameter) -> Parameter | None:
        self._number += 1
        number = self._number
        self._heard.clear()
        # By its number a result is known even where a reader does not say of which access it is.
        numbered = parameter(op.name, *op.inside, **{**op.values, "op": number})
        await self.client.ask("ADD_ACCESSSPEC", self._accessspec(number, numbered))
        await self.client.ask("ENABLE_ACCESSSPEC", accessspec=number)
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    for result in (one for report in self._heard for one in _results(report)):
                        if result.number("op") == number:
                            return result
                    self._heard.clear()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return None
        finally:
            await self._forget(number)

    async def _forget(self, number: int) -> None:
        # One that has been carried out may be gone already.
        with suppress(ReaderRefusedError):
            await self.client.ask("DELETE_ACCESSSPEC", accessspec=number)

    def _accessspec(self, number: int, op: Parameter) -> Parameter:
        bank, pointer, mask = EPC_BANK, 32, self._epc
        if self._tid and self._means_tid:
            bank, pointer, mask = TID_BANK, 0, self._tid
        data = bytes.fromhex(mask)
        target = parameter(
            "C1G2TargetTag", flags=bank << BANK | _MATCH, pointer=pointer,
            mask=Bits(8 * len(data), b"\xff" * len(data)), data=Bits(8 * len(data), data),
        )  # fmt: skip
        stop = parameter("AccessSpecStopTrigger", trigger=1, count=1)
        command = parameter("AccessCommand", parameter("C1G2TagSpec", target), op)
        return parameter("AccessSpec", stop, command, parameter("AccessReportSpec"),
                         accessspec=number, protocol=GEN2, rospec=ROSPEC)  # fmt: skip


def _why(op: Parameter, result: Parameter | None) -> type[TagError]:
    if result is None:
        return TagSilentError
    known = dict(enumerate(_WHY[op.name], 1))
    return known.get(result.number("result"), TagError)


def _read(bank: int, pointer: int, count: int, password: int) -> Parameter:
    return parameter("C1G2Read", password=password, bank=bank << BANK, pointer=pointer, count=count)


def _write(bank: int, pointer: int, data: tuple[int, ...], *, password: int) -> Parameter:
    return parameter("C1G2Write", password=password, bank=bank << BANK, pointer=pointer, data=data)


def _words(text: str) -> tuple[int, ...]:
    return tuple(int(text[at : at + 4], 16) for at in range(0, len(text), 4))


def _results(report: TagReport) -> list[Parameter]:
    with suppress(ProtocolError):
        return report.operations()
    return []


def _tids(report: TagReport) -> set[str]:
    reads = (one for one in _results(report) if one.name == "C1G2ReadOpSpecResult")
    return {one.text("data") for one in reads if not one.number("result")} - {""}
