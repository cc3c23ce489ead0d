"""Blank tags: what was issued ahead, whether it was printed, bound or declared void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.identity import display_id
from assetctl.domain.tag_events import BlanksIssued
from assetctl.errors import BlankMissingError, BlankStateError, InputError
from assetctl.i18n import N_, Phrase
from assetctl.reads.trace import trace
from assetctl.store.lists import among
from assetctl.store.tables import alias, asset, blank

_NAMED = 5
_ISSUED = blank.select().where(among(blank.c.tag, "tags"))
_BOUND = sa.union_all(
    sa.select(asset.c.asset_id.label("tag"), asset.c.asset_id).where(
        among(asset.c.asset_id, "tags")
    ),
    sa.select(alias.c.value, alias.c.asset_id).where(
        among(alias.c.value, "tags"), alias.c.scheme == "tag"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A tag that was issued ahead: the first id of its batch, what carries it, what became of it.

    `asset_id` is the thing that it was bound to, None as long as it is blank.
    """

    tag: str
    batch: str
    carrier: str
    issued_at: str
    printed_at: str | None
    voided_at: str | None
    asset_id: str | None

    @property
    def is_free(self) -> bool:
        """Whether it may still be bound: neither void nor bound."""
        return self.voided_at is None and self.asset_id is None


def blanks_of(connection: Connection, tags: Sequence[str]) -> dict[str, Blank]:
    """Return the blank tags among these ids, bound and void ones included."""
    asked = {"tags": list(dict.fromkeys(tags))}
    rows = connection.execute(_ISSUED, asked).all()
    bound = {row.tag: row.asset_id for row in connection.execute(_BOUND, asked)} if rows else {}
    return {
        row.tag: Blank(
            tag=row.tag, batch=row.code, carrier=row.carrier, issued_at=row.issued_at,
            printed_at=row.printed_at, voided_at=row.voided_at, asset_id=bound.get(row.tag),
        )
        for row in rows
    }  # fmt: skip


def need_blanks(connection: Connection, tags: Sequence[str]) -> list[Blank]:
    """Return these blank tags in their order, each once; all of them may still be bound.

    Raises:
        BlankMissingError: some were never issued as blank tags.
        BlankStateError: some are void or bound; each is named with the reason.
    """
    wanted = list(dict.fromkeys(tags))
    found = blanks_of(connection, wanted)
    missing = [tag for tag in wanted if tag not in found]
    if missing:
        raise BlankMissingError(tags=named(missing), count=len(missing))
    used = [found[tag] for tag in wanted if not found[tag].is_free]
    if used:
        raise BlankStateError(
            tags=named([one.tag for one in used]), count=len(used),
            lines=tuple(map(_reason, used)),
        )  # fmt: skip
    return [found[tag] for tag in wanted]


def between(connection: Connection, first: str, last: str) -> list[str]:
    """Return the blank tags from `first` to `last` in the order in which their batch was issued.

    Raises:
        BlankMissingError: one of the two was never issued as a blank tag.
        InputError: they are of two batches, or stand in the other order.
    """
    found = blanks_of(connection, [first, last])
    missing = [tag for tag in (first, last) if tag not in found]
    if missing:
        raise BlankMissingError(tags=named(missing), count=len(missing))
    order: list[str] = []
    if found[first].batch == found[last].batch:
        entries = trace(connection, [f"blank:{found[first].batch}"])
        order = next(one.data["tags"] for one in entries if one.kind == BlanksIssued.kind)
        order = order[order.index(first) :]
    if last not in order:
        expected = N_("the first and the last tag of one batch, in the order of issue")
        value = f"{display_id(first)}..{display_id(last)}"
        raise InputError(field="TAG", value=value, expected=expected)
    return order[: order.index(last) + 1]


def named(tags: Sequence[str]) -> str:
    """Return the first few tags as people read them."""
    more = ", …" if len(tags) > _NAMED else ""
    return ", ".join(map(display_id, tags[:_NAMED])) + more


def _reason(one: Blank) -> Phrase:
    if one.voided_at:
        return Phrase(N_("{tag} is void since {since}"), tag=display_id(one.tag),
                      since=one.voided_at)  # fmt: skip
    return Phrase(
        N_("{tag} is bound to {asset_id}"), tag=display_id(one.tag),
        asset_id=display_id(one.asset_id or ""),
    )  # fmt: skip
