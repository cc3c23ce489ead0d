"""Access operations of a pretended reader: reading, writing and locking the memory of tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.llrp.codec import Bits, Parameter, parameter
from scanner.llrp.field import (
    LOCKED,
    NO_RESPONSE,
    OVERRUN,
    PASSWORD,
    WEAK,
    EmulatedTag,
    TagError,
)
from scanner.llrp.messages import answer_to
from scanner.llrp.parameters import BANK, PARAMETERS

_INVALID, _PARAMETER = 300, 100
_MATCH: Final = 0x20

_RESULT_OF: Final = {
    "C1G2Read": {NO_RESPONSE: 2, OVERRUN: 4, LOCKED: 5, PASSWORD: 6, WEAK: 1},
    "C1G2Write": {OVERRUN: 1, LOCKED: 2, WEAK: 3, NO_RESPONSE: 5, PASSWORD: 7},
    "C1G2Lock": {WEAK: 1, NO_RESPONSE: 3, PASSWORD: 5, OVERRUN: 6, LOCKED: 7},
}
_RESULT_OF["C1G2BlockWrite"] = _RESULT_OF["C1G2Write"]


@dataclass
class _AccessSpec:
    spec: Parameter
    is_enabled: bool = False
    times: int = 0

    def fits(self, tag: EmulatedTag, rospec: int, antenna: int) -> bool:
        """Whether it is meant for this tag, at this antenna, in this operation."""
        wanted = (self.spec.number("rospec"), self.spec.number("antenna"))
        if not self.is_enabled or wanted[0] not in (0, rospec) or wanted[1] not in (0, antenna):
            return False
        return all(_matches(tag, one) for one in self.spec.deep("C1G2TargetTag"))


class Access:
    """The accesses that a client added."""

    def __init__(self) -> None:
        self._specs: dict[int, _AccessSpec] = {}

    def answer(self, asked: Parameter) -> Parameter:
        """Do what a message about accesses asks."""
        verb = asked.name.partition("_")[0]
        if verb == "ADD":
            return self._add(asked)
        if verb == "GET":
            return answer_to(asked.name, *(one.spec for one in self._specs.values()))
        number = asked.number("accessspec")
        if number and number not in self._specs:
            return answer_to(asked.name, status=_INVALID, description="there is no such AccessSpec")
        for one in [number] if number else list(self._specs):
            if verb == "DELETE":
                del self._specs[one]
            else:
                self._specs[one].is_enabled = verb == "ENABLE"
        return answer_to(asked.name)

    def _add(self, asked: Parameter) -> Parameter:
        spec = asked.first("AccessSpec")
        if spec is None or spec.first("AccessCommand") is None:
            return answer_to(asked.name, status=_PARAMETER, description="no access")
        if spec.number("accessspec") in self._specs or len(self._specs) == 16:
            return answer_to(asked.name, status=_INVALID, description="the AccessSpecID is taken")
        self._specs[spec.number("accessspec")] = _AccessSpec(spec)
        return answer_to(asked.name)

    def done(self, tag: EmulatedTag, rospec: int, antenna: int) -> tuple[int, bytes]:
        """Do to a tag that was heard what the first fitting access says; its number, its results.

        An access that stops after so many times is taken away then.
        """
        for number, one in list(self._specs.items()):
            if not one.fits(tag, rospec, antenna):
                continue
            command = one.spec.first("AccessCommand")
            operations = command.inside if command else ()
            results = [_result(tag, op) for op in operations if op.name in _RESULT_OF]
            one.times += 1
            stop = one.spec.first("AccessSpecStopTrigger")
            if stop and stop.number("trigger") and one.times >= stop.number("count") > 0:
                del self._specs[number]
            return number, b"".join(map(PARAMETERS.pack, results))
        return 0, b""


def _matches(tag: EmulatedTag, target: Parameter) -> bool:
    mask, data = _binary(target.bits("mask")), _binary(target.bits("data"))
    start, flags = target.number("pointer"), target.number("flags")
    there = tag.bits_of(flags >> BANK)[start : start + len(data)]
    same = len(there) == len(data) and all(
        bit == "0" or is_so == wanted for bit, is_so, wanted in zip(mask, there, data, strict=False)
    )
    return same == bool(flags & _MATCH)


def _binary(bits: Bits) -> str:
    return "".join(f"{byte:08b}" for byte in bits.data)[: bits.count]


def _result(tag: EmulatedTag, op: Parameter) -> Parameter:
    number, password = op.number("op"), op.number("password")
    name = f"{op.name}OpSpecResult"
    try:
        if op.name == "C1G2Lock":
            locks = [(one.number("privilege"), one.number("field")) for one in op.inside]
            tag.lock(locks, password)
            return parameter(name, op=number)
        bank, pointer = op.number("bank") >> BANK, op.number("pointer")
        if op.name == "C1G2Read":
            data = tag.read(bank, pointer, op.number("count"), password)
            return parameter(name, op=number, data=data)
        tag.write(bank, pointer, op.numbers("data"), password)
        return parameter(name, op=number, count=len(op.numbers("data")))
    except TagError as error:
        return parameter(name, result=_RESULT_OF[op.name][error.reason], op=number)
