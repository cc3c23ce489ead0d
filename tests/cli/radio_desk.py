"""An emulated reader at a desk: tags laid before it one after another, and what befalls them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assetctl.domain.epc.numbering import Numbering, number_of
from scanner.llrp.emulator import EmulatedTag, Emulator
from scanner.llrp.field import Field, Words
from scanner.llrp.parameters import EPC_BANK
from tests.conftest import Register

BLANK = "E28068940000501234567890"


def tid(number: int) -> str:
    return f"E2801160{number:016X}"


def blank(number: int = 1, **more: Any) -> EmulatedTag:
    """A tag as it comes from the factory."""
    return EmulatedTag(**{"epc": BLANK, "tid": tid(number), **more})


def epc_of(asset: str, numbering: Numbering | None = None) -> str:
    return number_of(asset, numbering or Numbering()).epc


def held(tag: EmulatedTag) -> str:
    """The EPC that stands in a tag."""
    return tag.now[0].hex().upper()


def at(emulator: Emulator) -> tuple[str, ...]:
    """The options of a command that writes through an emulated reader."""
    return ("--reader", f"llrp://127.0.0.1:{emulator.port}?session=0", "--listen", "0.25")


def lying(*tags: EmulatedTag) -> Emulator:
    return Emulator(tags, interval=0.005, antennas=1)


def clerk(*layouts: Sequence[EmulatedTag]) -> Emulator:
    """A reader before which another tag lies each time somebody connects; the last one stays."""
    emulator = lying()

    class Laid(Field):
        def heard(self, antenna: int) -> Iterator[tuple[EmulatedTag, int]]:
            self.tags = list(layouts[min(emulator.connections, len(layouts)) - 1])
            return super().heard(antenna)

    emulator.reader.field = emulator.field = Laid([])
    return emulator


@dataclass(kw_only=True)
class Sabotaged(EmulatedTag):
    """A tag that does something to the world once a number was written into it."""

    then: Callable[[], object] = field(default=lambda: None)

    def write(self, bank: int, pointer: int, data: Words, password: int) -> None:
        super().write(bank, pointer, data, password)
        if bank == EPC_BANK:
            self.then()


def radio_tags(register: Register, asset: str) -> list[tuple[str, int, str, str | None, str]]:
    """The radio tags of an asset: EPC, issue, state, TID, PC word."""
    return [
        (one["epc"], one["issue"], one["state"], one["tid"], one["pc"])
        for one in register.ok("tag", "history", asset)
        if one["carrier"] == "uhf"
    ]
