"""Assets: one in full, or many by search."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.card_row import card_texts
from assetctl.domain.identity import display_id
from assetctl.domain.lifecycle import State
from assetctl.errors import AssetNotFoundError
from assetctl.reads.documents import promised_to
from assetctl.reads.parties import class_names, names_of
from assetctl.store.engine import Prepared
from assetctl.store.lists import among, as_list
from assetctl.store.tables import alias, asset, attachment, tag

Signer = Callable[[str, int], str | None]
"""Gives the payload for an asset id and an issue number, None where no key is held."""

_CHUNK = 500
_THERE = Prepared(sa.select(asset.c.asset_id).where(among(asset.c.asset_id, "ids")))
_NAMED = ("owner", "holder", "sent_to", "place", "counted_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of an asset: what carries it, the id it carries, which issue, and its state."""

    carrier: str
    code: str
    issue: int
    state: str
    epc: str | None = None
    tid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A photo or document of an asset, known by the SHA-256 of its bytes.

    `erased_at` is when its bytes were erased under a document, if they were.
    """

    sha256: str
    role: str
    title: str | None
    media_type: str
    byte_count: int
    erased_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An asset as it stands now. `class_code` goes out as `class` in JSON."""

    asset_id: str
    display_id: str
    name: str
    card_no: str | None
    scheme: str
    class_code: str
    class_name: str | None
    state: str
    owner: str
    holder: str
    place: str | None
    condition: str | None
    due: str | None
    sent_to: str | None
    held_since: str
    registered_at: str
    changes: int
    counted_at: str | None
    counted_place: str | None
    disposal_method: str | None
    disposal_doc: str | None
    listed: str | None = None
    promised_to: str | None = None
    sanitised_at: str | None = None
    sanitised_how: str | None = None
    payload: str | None = None
    tags: tuple[Tag, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    card: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    """Names of the parties and places mentioned, for people to read."""


def show(connection: Connection, ids: Sequence[str], *, sign: Signer) -> list[Asset]:
    """Return assets in full, in the order of `ids`; unknown ids are left out."""
    rows: dict[str, Any] = {}
    for start in range(0, len(ids), _CHUNK):
        wanted = asset.select().where(asset.c.asset_id.in_(ids[start : start + _CHUNK]))
        rows |= {row.asset_id: row._mapping for row in connection.execute(wanted)}
    tags = _children(connection, tag, ids)
    aliases = _children(connection, alias, ids)
    attachments = _children(connection, attachment, ids)
    names = names_of(connection, (row[key] for row in rows.values() for key in _NAMED if row[key]))
    promises = promised_to(connection, ids)
    classes = class_names(connection, [(row["scheme"], row["class_code"]) for row in rows.values()])
    return [
        _asset(
            rows[one], sign, names, classes.get(rows[one]["class_code"]),
            tags.get(one, []), aliases.get(one, []), attachments.get(one, []), promises.get(one),
        )
        for one in ids
        if one in rows
    ]  # fmt: skip


def away(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those of some assets that are on loan or on the road now, sorted."""
    wanted = sa.select(asset.c.asset_id).where(
        among(asset.c.asset_id, "ids"),
        asset.c.state.in_([State.ON_LOAN.value, State.IN_TRANSIT.value]),
    )
    rows = connection.execute(wanted.order_by(asset.c.asset_id), {"ids": list(ids)})
    return list(rows.scalars())


def need_assets(connection: Connection, ids: Sequence[str]) -> None:
    """Return if all assets are in the register.

    Raises:
        AssetNotFoundError: one is not.
    """
    rows = _THERE.run(connection, {"ids": as_list(connection, ids)}).fetchall()
    there = {asset_id for (asset_id,) in rows}
    for one in ids:
        if one not in there:
            raise AssetNotFoundError(reference=one, nearest="-")


def listed_in(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the virtual warehouses in which assets are listed, by asset."""
    wanted = sa.select(asset.c.asset_id, asset.c.listed).where(
        asset.c.asset_id.in_(list(ids)), asset.c.listed.is_not(None)
    )
    return {row.asset_id: row.listed for row in connection.execute(wanted)}


def current_issue(tags: Sequence[Tag], asset_id: str) -> int | None:
    """Return the issue of the printed label that counts, None where every one is void."""
    counting = (
        one.issue
        for one in tags
        if one.carrier == "qr" and one.code == asset_id and one.state == "bound"
    )
    return max(counting, default=None)


def _asset(
    row: Any, sign: Signer, names: dict[str, str], class_name: str | None,
    tags: list[Any], aliases: list[Any], attachments: list[Any], promised: str | None,
) -> Asset:  # fmt: skip
    asset_id = row["asset_id"]
    carried = tuple(
        Tag(carrier=t["carrier"], code=t["code"], issue=t["issue"], state=t["state"], epc=t["epc"],
            tid=t["tid"])
        for t in tags
    )  # fmt: skip
    mentioned = [row[key] for key in _NAMED]
    issue = current_issue(carried, asset_id)
    return Asset(
        asset_id=asset_id, display_id=display_id(asset_id), name=row["name"],
        card_no=row["card_no"],
        scheme=row["scheme"], class_code=row["class_code"], class_name=class_name,
        state=row["state"], owner=row["owner"], holder=row["holder"], place=row["place"],
        condition=row["condition"], due=row["due"], sent_to=row["sent_to"],
        held_since=row["held_since"], registered_at=row["registered_at"], changes=row["changes"],
        counted_at=row["counted_at"], counted_place=row["counted_place"],
        disposal_method=row["disposal_method"], disposal_doc=row["disposal_doc"],
        listed=row["listed"], promised_to=promised, sanitised_at=row["sanitised_at"],
        sanitised_how=row["sanitised_how"],
        payload=None if issue is None else sign(asset_id, issue), tags=carried,
        aliases={a["scheme"]: a["value"] for a in aliases}, card=card_texts(dict(row)),
        attributes=json.loads(row["attributes"] or "{}"),
        attachments=tuple(
            Attachment(sha256=a["sha256"], role=a["role"], title=a["title"],
                       media_type=a["media_type"], byte_count=a["byte_count"],
                       erased_at=a["erased_at"])
            for a in attachments
        ),
        names={code: names[code] for code in mentioned if code in names},
    )  # fmt: skip


def _children(connection: Connection, table: sa.Table, ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for start in range(0, len(ids), _CHUNK):
        wanted = (
            table.select()
            .where(table.c.asset_id.in_(ids[start : start + _CHUNK]))
            .order_by(*table.primary_key.columns)
        )
        for row in connection.execute(wanted):
            found.setdefault(row.asset_id, []).append(row._mapping)
    return found
