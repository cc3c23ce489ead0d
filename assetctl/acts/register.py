"""Register an asset, correct its card, attach a photo or document to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import cells
from assetctl.acts.authority import authority_of, must_may
from assetctl.acts.blanks import must_not_be_void
from assetctl.acts.handovers import need_unit
from assetctl.acts.ids import badge_holder
from assetctl.acts.steps import carry_out, earlier, subjects_of
from assetctl.acts.values import read_text, read_values
from assetctl.domain.card import CARD_FIELDS, CONDITIONS
from assetctl.domain.card_row import attributes_text, card_texts
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.events import Attached, Corrected, Event, Registered
from assetctl.domain.lifecycle import Act, Custody, Standing, State, settle
from assetctl.domain.places import in_warehouse
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import (
    CodeTakenError,
    FieldFrozenError,
    FileErasedError,
    InputError,
    NothingToCorrectError,
    RequestReusedError,
)
from assetctl.i18n import N_, one_of
from assetctl.reads.erasable import erased_from
from assetctl.reads.parties import find_place, need_class, need_party, need_place
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import record
from assetctl.store.tables import alias, asset, attachment

DEFAULT_SCHEME = GB_T_14885
"""The classification of assets for which none is named."""

_BASIC = ("name", "class_code", "condition", "card_no")
INITIAL_STATES = (State.IN_STORE, State.IN_USE, State.IDLE)
_TRIES = 100
_TAKEN = sa.union_all(
    sa.select(asset.c.asset_id).where(among(asset.c.asset_id, "ids")),
    sa.select(alias.c.value).where(among(alias.c.value, "ids"), alias.c.scheme == "tag"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """What is known of a thing when it is registered; `values` are card fields and attributes."""

    name: str
    class_code: str
    owner: str
    scheme: str = DEFAULT_SCHEME
    place: str | None = None
    holder: str | None = None
    state: State | None = None
    condition: str | None = None
    card_no: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    doc: str | None = None


def register(
    tx: Tx, *, new: NewAsset, stamp: Stamp, new_asset_id: Callable[[], str],
    asset_id: str | None = None,
) -> Receipt:  # fmt: skip
    """Take a thing into the register and give it its identity and first label.

    `asset_id` is given when a blank tag was scanned: the thing then gets that tag's id.

    Raises:
        PartyNotFoundError, WrongPartyError, PlaceNotFoundError, ClassNotFoundError: unknown codes.
        InputError: a value cannot be used.
        CodeTakenError: the card number, an alias or the tag's id is in use.
        BlankStateError: the tag was declared void.
        ActDeniedError: the actor has no role that may register things.
    """
    wish = {"name": new.name, "owner": new.owner, "class_code": new.class_code,
            "place": new.place, "condition": new.condition, "doc": new.doc}  # fmt: skip
    again = earlier(tx, stamp, Registered.kind, (), wish)
    if again:
        return again
    must_may(authority_of(tx, stamp.actor), stamp.actor, Act.REGISTER)
    card, attributes = _checked(tx, new)
    name = read_text("name", new.name)
    aliases = {
        read_text("alias", scheme, cells.code): read_text("alias", value)
        for scheme, value in new.aliases.items()
    }
    if new.card_no:
        aliases[card_scheme(new.owner)] = read_text("card_no", new.card_no, cells.code)
    for scheme, value in aliases.items():
        _must_be_free(tx, scheme, value)
    if asset_id is not None:
        must_not_be_void(tx, asset_id)
        holder = asset_id if _taken(tx, asset_id) else badge_holder(tx, asset_id)
        if holder is not None:
            raise CodeTakenError(scheme="asset_id", value=asset_id, holder=holder)
    chosen = asset_id or _free_id(tx, new_asset_id)
    event = Registered(
        name=name, scheme=new.scheme, class_code=new.class_code, owner=new.owner,
        holder=new.holder or new.owner, place=new.place, condition=new.condition,
        state=(new.state or settle(in_warehouse=_is_warehouse(tx, new.place))).value, card=card,
        attributes=attributes, aliases=_alias_list(aliases), doc=new.doc,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(f"asset:{chosen}", event)]))


def card_scheme(unit: str) -> str:
    """Return the alias scheme of a unit's own inventory numbers: each unit numbers its own."""
    return f"card:{unit}"


def correct(
    tx: Tx, *, asset_id: str, changes: Mapping[str, str], stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Correct a card: a numbered change that keeps each field before and after.

    `changes` may hold `name`, `class_code`, `condition`, `card_no`, and any field of the card or
    attribute; an empty text clears a field.

    Raises:
        FieldFrozenError: a field fixed after booking is changed without a document number.
        NothingToCorrectError: the card already says that.
        InputError, ClassNotFoundError, CodeTakenError: a value cannot be used.
    """
    again = earlier(tx, stamp, Corrected.kind, subjects_of([asset_id]), {"doc": doc})
    if again:
        _must_be_same(again, changes)
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        row = tx.connection.execute(
            asset.select().where(asset.c.asset_id == custody.asset_id)
        ).one()._mapping  # fmt: skip
        before, after = correction(tx, dict(row), custody.owner, changes, doc)
        return corrected(dict(row), before, after, doc=doc, note=note)

    return carry_out(tx, Act.CORRECT, [asset_id], stamp, build, doc=doc)


def corrected(
    row: Mapping[str, object], before: dict[str, str], after: dict[str, str], *,
    doc: str | None = None, note: str | None = None, source: str | None = None,
) -> Corrected:  # fmt: skip
    """Return the next numbered change of a card."""
    number = after.get("card_no")
    aliases = {card_scheme(str(row["owner"])): number} if number else {}
    return Corrected(
        change=int(str(row["changes"])) + 1, before=before, after=after,
        aliases=_alias_list(aliases), doc=doc, note=note, source=source,
    )  # fmt: skip


def correction(
    tx: Tx, row: Mapping[str, object], owner: str, changes: Mapping[str, str], doc: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that really change, before and after.

    Raises:
        FieldFrozenError, NothingToCorrectError, InputError, ClassNotFoundError, CodeTakenError.
    """
    now = card_state(row)
    wanted = _wanted(tx, now, owner, changes)
    changed = sorted(name for name, text in wanted.items() if now.get(name, "") != text)
    if not changed:
        raise NothingToCorrectError(asset_id=row["asset_id"])
    for name in changed:
        if name in CARD_FIELDS and CARD_FIELDS[name].frozen and now.get(name) and not doc:
            raise FieldFrozenError(field=name, asset_id=row["asset_id"])
    return {name: now.get(name, "") for name in changed}, {name: wanted[name] for name in changed}


def card_state(row: Mapping[str, object]) -> dict[str, str]:
    """Return all that can be corrected on a card, as texts."""
    basic = {name: str(row[name] or "") for name in _BASIC}
    basic["scheme"] = str(row["scheme"])
    return basic | {"attributes": str(row["attributes"] or "")} | card_texts(dict(row))


def attach(
    tx: Tx, *, asset_id: str, sha256: str, byte_count: int, role: str, media_type: str,
    stamp: Stamp, title: str | None = None,
) -> Receipt:  # fmt: skip
    """Attach a stored photo or document to an asset by the SHA-256 of its bytes.

    Raises:
        FileErasedError: the file was erased under a document, from this asset or another.
        CodeTakenError: the same file is attached already.
    """
    again = earlier(tx, stamp, Attached.kind, subjects_of([asset_id]), {"sha256": sha256})
    if again:
        return again

    must_not_be_erased(tx.connection, sha256)

    def build(custody: Custody, _standing: Standing) -> Event:
        there = sa.select(attachment.c.sha256).where(
            attachment.c.asset_id == custody.asset_id, attachment.c.sha256 == sha256
        )
        if tx.connection.execute(there).first():
            raise CodeTakenError(scheme="file", value=sha256, holder=custody.asset_id)
        return Attached(
            sha256=sha256, byte_count=byte_count, role=role, media_type=media_type, title=title
        )

    return carry_out(tx, Act.ATTACH, [asset_id], stamp, build)


def must_not_be_erased(connection: Connection, sha256: str) -> None:
    """Return if a file may be attached: its bytes were never erased under a document.

    Raises:
        FileErasedError: they were.
    """
    asset_id = erased_from(connection, sha256)
    if asset_id is not None:
        raise FileErasedError(asset_id=asset_id)


def _checked(tx: Tx, new: NewAsset) -> tuple[dict[str, str], dict[str, str]]:
    need_unit(tx, new.owner, Act.REGISTER.value)
    if new.holder:
        need_party(tx.connection, new.holder)
    if new.place:
        need_place(tx.connection, new.place)
    need_class(tx.connection, new.scheme, new.class_code)
    _check_condition(new.condition)
    if new.state is State.IN_STORE and not _is_warehouse(tx, new.place):
        raise InputError(
            field="state", value=new.state, expected=N_("given with a place in a warehouse")
        )
    card, attributes = read_values(new.values, new.class_code)
    _check_people(tx, card)
    return card, attributes


def _is_warehouse(tx: Tx, place: str | None) -> bool:
    found = find_place(tx.connection, place) if place else None
    return found is not None and in_warehouse(found.kind)


def _wanted(
    tx: Tx, now: Mapping[str, str], owner: str, changes: Mapping[str, str]
) -> dict[str, str]:
    wanted: dict[str, str] = {}
    rest: dict[str, str] = {}
    for name, text in changes.items():
        if name == "card_no":
            number = read_text("card_no", text, cells.code)
            if number != now["card_no"]:
                _must_be_free(tx, card_scheme(owner), number)
            wanted[name] = number
        elif name == "class_code":
            need_class(tx.connection, now["scheme"], text)
            wanted[name] = text
        elif name == "condition":
            _check_condition(text or None)
            wanted[name] = text
        elif name == "name":
            wanted[name] = read_text("name", text)
        else:
            rest[name] = text
    class_code = wanted.get("class_code", now["class_code"])
    card, attributes = read_values(rest, class_code)
    _check_people(tx, card)
    for name in rest:
        if name in CARD_FIELDS:
            wanted[name] = card.get(name, "")
    if attributes.keys() | (rest.keys() - CARD_FIELDS.keys()):
        wanted["attributes"] = _merged(now["attributes"], rest, attributes)
    return wanted


def _merged(now: str, rest: Mapping[str, str], given: Mapping[str, str]) -> str:
    merged = json.loads(now or "{}")
    for name in rest.keys() - CARD_FIELDS.keys():
        merged.pop(name, None)
    return attributes_text(merged | dict(given)) or ""


def _must_be_same(again: Receipt, changes: Mapping[str, str]) -> None:
    """Check that a repeated correction wishes what the first one did."""
    first = again.events[0]
    after = first.data["after"]
    card, attributes = read_values(
        {name: text for name, text in changes.items() if name not in _BASIC},
        after.get("class_code", ""), check_class=False,
    )  # fmt: skip
    wished = {name: text for name, text in changes.items() if name in _BASIC} | card
    wished |= {name: "" for name in changes if name in CARD_FIELDS and name not in card}
    told = json.loads(after.get("attributes") or "{}")
    same = all(after.get(name, text) == text for name, text in wished.items()) and all(
        told.get(name) == text for name, text in attributes.items()
    )
    if not same or set(after) - wished.keys() - {"attributes"}:
        raise RequestReusedError(request_id=first.request_id, first=f"{first.kind} {first.subject}")


def _alias_list(aliases: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"scheme": scheme, "value": value} for scheme, value in sorted(aliases.items())]


def _check_people(tx: Tx, card: Mapping[str, str]) -> None:
    for name, code in card.items():
        if CARD_FIELDS[name].type == "person":
            need_party(tx.connection, code)


def _check_condition(condition: str | None) -> None:
    if condition is not None and condition not in CONDITIONS:
        raise InputError(field="condition", value=condition, expected=one_of(CONDITIONS))


def _must_be_free(tx: Tx, scheme: str, value: str) -> None:
    holder = tx.connection.execute(
        sa.select(alias.c.asset_id).where(alias.c.value == value, alias.c.scheme == scheme)
    ).scalar()
    if holder is not None:
        raise CodeTakenError(scheme=scheme, value=value, holder=holder)


def _free_id(tx: Tx, new_asset_id: Callable[[], str]) -> str:
    for _ in range(_TRIES):
        candidate = new_asset_id()
        if not _taken(tx, candidate):
            return candidate
    raise AssertionError("a hundred random ids in a row were taken")


def _taken(tx: Tx, asset_id: str) -> bool:
    by_id = sa.select(asset.c.asset_id).where(asset.c.asset_id == asset_id)
    by_tag = sa.select(alias.c.asset_id).where(alias.c.value == asset_id, alias.c.scheme == "tag")
    return tx.connection.execute(by_id.union_all(by_tag)).first() is not None


def taken_ids(tx: Tx, ids: Sequence[str]) -> set[str]:
    """Return which of the ids are in use."""
    return set(tx.connection.execute(_TAKEN, {"ids": list(ids)}).scalars())
