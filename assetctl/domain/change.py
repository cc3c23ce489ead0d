"""A row change, and the one function that says which changes an event means.

`projection` and `tag_projection` register what they know with `project`; the rest of the program
asks `projection.changes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Literal, NamedTuple

from assetctl.domain.event import Event

Row = dict[str, Any]


class Change(NamedTuple):
    """One row change: `put` writes a whole new row, `set` the named columns of an existing one."""

    op: Literal["put", "set"]
    table: str
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When an event happened (`at`) and was recorded (`rec`), as history writes instants."""

    at: str
    rec: str


@singledispatch
def project(event: Event, subject: str, when: When) -> list[Change]:
    """Return the row changes that `event` of the subject with this code means.

    Raises:
        TypeError: no projection is known for this kind of event.
    """
    raise TypeError("no projection for this kind of event", event.kind, subject, when)


def new_tag(subject: str, carrier: str, code: str, issue: int) -> Change:
    """Return the row of a tag of an asset that counts from now on."""
    row = {
        "asset_id": subject, "carrier": carrier, "code": code, "issue": issue, "state": "bound",
        "epc": None, "tid": None, "pc": None, "air": None,
    }  # fmt: skip
    return Change("put", "tag", row)


def aliases_of(subject: str, aliases: list[dict[str, str]]) -> list[Change]:
    """Return the rows of an asset's codes in other schemes."""
    return [Change("put", "alias", {"asset_id": subject, **alias}) for alias in aliases]


def touch(subject: str, when: When) -> Change:
    """Return the change that says only that an asset was changed now."""
    return Change("set", "asset", {"asset_id": subject, "changed_at": when.rec})
