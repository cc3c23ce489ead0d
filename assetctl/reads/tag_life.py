"""What became of tags: every tag of an asset with its prints, and every alert there is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from assetctl.domain import tag_events
from assetctl.domain.events import Registered
from assetctl.reads.trace import Entry, trace
from assetctl.store.tables import tag, tag_alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """One print of a label: which copy, when, by whom, by what template, on what, and why again."""

    copy: int
    at: str
    by: str
    template: str
    printer: str
    dpi: int | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLife:
    """A tag of an asset: what it is, since when and by whom, until when and by whom, its prints.

    Of a radio tag `air` is the protocol, where it is not that of EPC Gen2.
    """

    carrier: str
    code: str
    issue: int
    state: str
    epc: str | None
    tid: str | None
    pc: str | None = None
    air: str | None = None
    bound_at: str | None = None
    bound_by: str | None = None
    ended_at: str | None = None
    ended_by: str | None = None
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A sighting that only a copied tag explains; `other` is what stands against it."""

    asset_id: str
    alert: str
    carrier: str
    code: str
    issue: int
    other: str
    station: str
    place: str | None
    other_station: str | None
    other_place: str | None
    seconds_apart: int | None
    seen_at: str


_Key = tuple[str, str, int]


def tag_history(connection: Connection, asset_id: str) -> list[TagLife]:
    """Return every tag the asset ever had, older before newer, with every print of it."""
    wanted = tag.select().where(tag.c.asset_id == asset_id)
    lives: dict[_Key, TagLife] = {
        (row.carrier, row.code, row.issue): TagLife(
            carrier=row.carrier, code=row.code, issue=row.issue, state=row.state, epc=row.epc,
            tid=row.tid, pc=row.pc, air=row.air,
        )
        for row in connection.execute(wanted)
    }  # fmt: skip
    for entry in trace(connection, [f"asset:{asset_id}"]):
        _tell(lives, entry, asset_id)
    return sorted(lives.values(), key=lambda one: (one.bound_at or "", one.carrier, one.issue))


def alerts(
    connection: Connection, *, asset_id: str | None = None, limit: int | None = None
) -> list[Alert]:
    """Return alerts of copied tags, the newest first; of one asset if one is named."""
    wanted = tag_alert.select().order_by(
        tag_alert.c.seen_at.desc(), tag_alert.c.asset_id, tag_alert.c.alert
    )
    if asset_id is not None:
        wanted = wanted.where(tag_alert.c.asset_id == asset_id)
    return [Alert(**row._mapping) for row in connection.execute(wanted.limit(limit))]


def _tell(lives: dict[_Key, TagLife], entry: Entry, asset_id: str) -> None:
    """Add what one entry of the history says about the asset's tags."""
    data = entry.data
    carrier, issue = data.get("carrier", ""), data.get("issue", 0)
    key = (carrier, data.get("code", asset_id), issue)
    if entry.kind in (Registered.kind, tag_events.TagBound.kind):
        _begin(lives, key, entry)
    elif entry.kind == tag_events.TagReplaced.kind:
        _end(lives, key, entry)
        _begin(lives, (carrier, key[1], data["new_issue"]), entry)
    elif entry.kind == tag_events.TagVoided.kind:
        _end(lives, key, entry)
    elif entry.kind == tag_events.LabelPrinted.kind and key in lives:
        made = Print(
            copy=data["copy"], at=entry.at, by=entry.actor, template=data["template"],
            printer=data["printer"], dpi=data.get("dpi"), reason=entry.disclosed.get("reason"),
        )  # fmt: skip
        lives[key] = replace(lives[key], prints=(*lives[key].prints, made))


def _begin(lives: dict[_Key, TagLife], key: _Key, entry: Entry) -> None:
    if key in lives:
        lives[key] = replace(lives[key], bound_at=entry.at, bound_by=entry.actor)


def _end(lives: dict[_Key, TagLife], key: _Key, entry: Entry) -> None:
    if key in lives:
        lives[key] = replace(lives[key], ended_at=entry.at, ended_by=entry.actor)
