"""Command tags: what a clerk with nothing but a scanner can tell the program.

Each command has an id like a thing has one, the first valid one from a fixed serial on, so that a
printed command sheet serves every register and every version. A command tag is signed like any
other, with class letter C.
"""

from __future__ import annotations

from dataclasses import dataclass

from assetctl.domain.card import CONDITIONS
from assetctl.domain.identity import asset_id

MODES = ("checkout", "checkin", "move", "count", "undo", "commit", "cancel")
"""What to do, and what to do with what was scanned so far."""

QUANTITIES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100)

_NAMES = {
    0x00: MODES,
    0x40: tuple(f"condition.{code}" for code in CONDITIONS),
    0x80: tuple(f"quantity.{number}" for number in QUANTITIES),
}
"""Names by the number of the first: a command added later goes to the end of its group."""

_BASE = 0xC0_0000_0000
_STEP = 1 << 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: its name (`checkout`, `condition.good`, `quantity.5`) and the id on its tag."""

    name: str
    tag: str

    @property
    def group(self) -> str:
        """What it is about: `mode`, `condition` or `quantity`."""
        group, dot, _ = self.name.partition(".")
        return group if dot else "mode"

    @property
    def value(self) -> str:
        """What stands behind the group: `good`, `5`; for a mode its own name."""
        return self.name.rpartition(".")[2]


def command_of(id10: str) -> Command | None:
    """Return the command that a canonical id of 10 characters stands for, None for any other id."""
    return _BY_TAG.get(id10)


def _first_id(number: int) -> str:
    serial = _BASE + number * _STEP
    # About a fifth of all serials have no id; a run of 256 without one does not exist.
    return next(found for step in range(_STEP) if (found := asset_id(serial + step)))


COMMANDS: tuple[Command, ...] = tuple(
    Command(name=name, tag=_first_id(first + place))
    for first, names in _NAMES.items()
    for place, name in enumerate(names)
)
"""Every command there is, in the order of a command sheet."""

_BY_TAG = {command.tag: command for command in COMMANDS}
