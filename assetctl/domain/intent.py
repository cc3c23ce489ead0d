"""What a clerk has confirmed, as the journal holds it, and what of it contradicts the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assetctl.domain.lifecycle import Act
from assetctl.domain.request import Stamp
from assetctl.domain.session import ACT_OF, Item, Mode, Seen, Session, accepted

UNDO = "undo"
COUNT = Act.COUNT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things of a commit that share a condition.

    `quantities` says how many of each were counted, in the same order; empty where nobody said.
    """

    condition: str | None
    assets: tuple[str, ...]
    quantities: tuple[int | None, ...] = ()

    def said(self) -> dict[str, int]:
        """Return how many there were of the things of which it was said."""
        return {
            one: quantity
            for one, quantity in zip(self.assets, self.quantities, strict=False)
            if quantity is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a clerk has confirmed, with its own time and request id: it lands once, or not at all.

    `act` is an act of the lifecycle table, or `undo` of the commit `of`. `at` is when it
    happened, `made` when it was confirmed (later, if it is dated back), `began` when the first
    thing of the basket was seen.
    """

    request_id: str
    act: str
    at: str
    made: str
    began: str
    actor: str
    station: str
    on_behalf: str | None = None
    to: str | None = None
    place: str | None = None
    due: str | None = None
    doc: str | None = None
    groups: tuple[Group, ...] = ()
    of: str | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """Every asset of the commit."""
        return tuple(one for group in self.groups for one in group.assets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A thing for which the journal and the register say different things; both sides are kept.

    `code` is that of the refusal. The journal's side is the intent's act, time and actor; the
    register's the state, holder and place of the thing, since when, and its newest entry.
    `photos` are the hashes of what the station photographed of it.
    """

    request_id: str
    asset_id: str
    code: str
    act: str
    at: str
    actor: str
    to: str | None = None
    place: str | None = None
    register_state: str | None = None
    register_holder: str | None = None
    register_place: str | None = None
    register_since: str | None = None
    register_event: str | None = None
    register_actor: str | None = None
    register_recorded_at: str | None = None
    photos: tuple[str, ...] = ()


def intent_from(session: Session, stamp: Stamp, *, due: str | None, doc: str | None) -> Intent:
    """Return what a commit of the basket means, things grouped by their condition."""
    groups: dict[str | None, list[Item]] = {}
    for item in accepted(session):
        groups.setdefault(item.condition, []).append(item)
    return Intent(
        request_id=session.request_id, act=ACT_OF[session.mode].value, at=stamp.at,
        made=stamp.rec, began=session.began or stamp.rec, actor=stamp.actor,
        station=stamp.station, on_behalf=stamp.on_behalf, to=session.borrower,
        place=session.place, due=due if session.mode is Mode.CHECKOUT else None, doc=doc,
        groups=tuple(
            Group(
                condition=condition, assets=tuple(item.seen.code for item in items),
                quantities=_quantities(items),
            )
            for condition, items in groups.items()
        ),
    )  # fmt: skip


def intent_of(data: Mapping[str, Any]) -> Intent:
    """Return the intent that a line of the journal holds."""
    groups = tuple(
        Group(
            condition=one["condition"], assets=tuple(one["assets"]),
            quantities=tuple(one.get("quantities", ())),
        )
        for one in data["groups"]
    )  # fmt: skip
    return Intent(**{**data, "groups": groups})


def plain(value: Seen | Intent | Conflict) -> dict[str, Any]:
    """Return a value as a line of the journal holds it; the names of people are left out."""
    data = asdict(value)
    if isinstance(value, Seen) and value.kind == "staff":
        data["name"] = None
    if isinstance(value, Intent):
        data["groups"] = [
            {"condition": one.condition, "assets": list(one.assets),
             "quantities": list(one.quantities)}
            for one in value.groups
        ]  # fmt: skip
    return data


def _quantities(items: list[Item]) -> tuple[int | None, ...]:
    quantities = tuple(item.quantity for item in items)
    return quantities if any(one is not None for one in quantities) else ()
