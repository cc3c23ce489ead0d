"""Tags that are not there: what lies in their memory, and what they answer to a reader.

EPC Class 1 Gen 2 (ISO/IEC 18000-63): four banks of 16-bit words, an access password, and locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from scanner.llrp.parameters import EPC_BANK, RESERVED_BANK, TID_BANK, USER_BANK

Words = tuple[int, ...]

OVERRUN, LOCKED, WEAK, NO_RESPONSE, PASSWORD = "overrun", "locked", "weak", "silent", "password"
"""Why a tag did not do what it was asked."""

_EPC_AT: Final = 2
_ACCESS_AT: Final = 2
_LENGTH: Final = 11
"""The five highest bits of the PC word are the length of the EPC in words."""

_MOST_EPC: Final = 2 + 31
"""CRC, PC, and the longest EPC that a PC word can tell, in words."""

_HAS_USER: Final = 0x0400
"""A bit of the PC word that the chip sets itself where it has user memory."""

_LOCK_OF: Final = {EPC_BANK: 2, USER_BANK: 4}
_SPREAD_DB: Final = 2.0


class TagError(Exception):
    """A tag did not do what it was asked; `reason` is one of the constants above."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(kw_only=True)
class EmulatedTag:
    """A tag: hexadecimal `epc`, `tid` and `user`, and how it is heard.

    `bits` is the length of an EPC that fills no whole words; `pc` is otherwise made from the
    length. `rssi` in dBm is the middle of what readers hear, `antennas` are those that hear it
    (none: all), `chance` how often it answers in a round. `is_weak` has too little power to be
    written, `is_mute` answers to nothing but being counted.
    """

    epc: str
    tid: str = ""
    user: str = ""
    pc: int | None = None
    bits: int = 0
    access_password: int = 0
    rssi: float = -55.0
    antennas: tuple[int, ...] = ()
    chance: float = 1.0
    is_weak: bool = False
    is_mute: bool = False
    locks: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        epc = _words(self.epc)
        pc = len(epc) << _LENGTH if self.pc is None else self.pc
        self.banks: list[list[int]] = [
            [0, 0, self.access_password >> 16, self.access_password & 0xFFFF],
            [0, pc, *epc],
            list(_words(self.tid)),
            list(_words(self.user)),
        ]

    @property
    def now(self) -> tuple[bytes, int, int]:
        """The EPC that it answers with, its length in bits, and its PC word."""
        pc = self.banks[EPC_BANK][1]
        words = self.banks[EPC_BANK][_EPC_AT : _EPC_AT + (pc >> _LENGTH)]
        data = b"".join(word.to_bytes(2, "big") for word in words)
        whole = len(data) * 8
        return data, self.bits if whole - 16 < self.bits < whole else whole, pc

    def bits_of(self, bank: int) -> str:
        """The bits of a bank as text, for masks."""
        return "".join(f"{word:016b}" for word in self.banks[bank])

    def read(self, bank: int, pointer: int, count: int, password: int) -> Words:
        """Return words of its memory; 0 means all to the end. Raises `TagError`."""
        self._let_in(password)
        memory = self.banks[bank]
        end = pointer + count if count else len(memory)
        if end > len(memory) or pointer > end:
            raise TagError(OVERRUN)
        if bank == RESERVED_BANK and self.locks & {0, 1} and not self._opens(password):
            raise TagError(LOCKED)
        return tuple(memory[pointer:end])

    def write(self, bank: int, pointer: int, data: Words, password: int) -> None:
        """Write words into its memory. Raises `TagError`."""
        self._let_in(password)
        memory, end = self.banks[bank], pointer + len(data)
        if end > (_MOST_EPC if bank == EPC_BANK else len(memory)):
            raise TagError(OVERRUN)
        if bank == TID_BANK or (self._is_locked(bank, pointer) and not self._opens(password)):
            raise TagError(LOCKED)
        if self.is_weak:
            raise TagError(WEAK)
        memory += [0] * (end - len(memory))
        memory[pointer:end] = data
        if bank == EPC_BANK and self.user:
            memory[1] |= _HAS_USER
        if bank == RESERVED_BANK:
            self.access_password = memory[_ACCESS_AT] << 16 | memory[_ACCESS_AT + 1]

    def lock(self, payloads: Iterable[tuple[int, int]], password: int) -> None:
        """Lock (privilege 0 and 1) or unlock fields of its memory. Raises `TagError`."""
        self._let_in(password)
        if not self._opens(password):
            raise TagError(LOCKED)
        for privilege, where in payloads:
            (self.locks.add if privilege < 2 else self.locks.discard)(where)

    def _let_in(self, password: int) -> None:
        if self.is_mute:
            raise TagError(NO_RESPONSE)
        if password and password != self.access_password:
            raise TagError(PASSWORD)

    def _opens(self, password: int) -> bool:
        return password == self.access_password

    def _is_locked(self, bank: int, pointer: int) -> bool:
        lock = _LOCK_OF.get(bank, 1 if pointer >= _ACCESS_AT else 0)
        return lock in self.locks


class Field:
    """The tags that a reader has before it; they can be changed while it reads."""

    def __init__(self, tags: Iterable[EmulatedTag | str], *, seed: int = 1) -> None:
        self.tags = [EmulatedTag(epc=one) if isinstance(one, str) else one for one in tags]
        self._random = Random(seed)  # noqa: S311  no secret

    def heard(self, antenna: int) -> Iterator[tuple[EmulatedTag, int]]:
        """Give the tags that answer at an antenna in one round, with their signal in dBm."""
        for tag in list(self.tags):
            if tag.antennas and antenna not in tag.antennas:
                continue
            if tag.chance < 1 and self._random.random() >= tag.chance:
                continue
            noise = (self._random.random() - 0.5) * 2 * _SPREAD_DB
            yield tag, max(-128, min(127, round(tag.rssi + noise)))


def _words(text: str) -> Words:
    data = bytes.fromhex(text)
    data += b"\0" * (len(data) % 2)
    return tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
