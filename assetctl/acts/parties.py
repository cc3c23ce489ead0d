"""Who, where and what kinds: add parties, places and classes; grant roles; note keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assetctl.acts.steps import earlier
from assetctl.acts.values import read_text
from assetctl.domain.events import ClassAdded, PartyAdded, PlaceAdded
from assetctl.domain.key_events import KeyCreated
from assetctl.domain.places import KINDS, default_kind, fits
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.uscc import check_uscc
from assetctl.errors import CodeTakenError, InputError, UsccError, WrongPartyError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.parties import find_party, find_place, need_party, need_place
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

PARTY_KINDS = ("unit", "person", "vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClass:
    """A class to add: its scheme, code and names, parent code, depth below the root, and years."""

    scheme: str
    code: str
    name: str
    name_en: str | None = None
    parent: str | None = None
    depth: int = 0
    life_years: int | None = None
    use_years: int | None = None


def add_party(
    tx: Tx, *, code: str, kind: str, name: str, stamp: Stamp, unit: str | None = None,
    uscc: str | None = None, uscc_reason: str | None = None,
) -> Receipt:  # fmt: skip
    """Add a unit, a person (by staff code) or a vendor.

    A person's name is kept apart from the history, so that it can be erased. A unified social
    credit code that fails its check is let through only with a reason.

    Raises:
        CodeTakenError: the code is in use.
        UsccError: the unified social credit code is wrong and no reason was given.
        PartyNotFoundError, WrongPartyError: `unit` is not there, or not a unit.
    """
    name = read_text("name", name)
    if kind not in PARTY_KINDS:
        raise InputError(field="kind", value=kind, expected=one_of(PARTY_KINDS))
    subject = f"party:{_checked_code(code)}"
    again = earlier(
        tx, stamp, PartyAdded.kind, [subject],
        {"party_kind": kind, "unit": unit, "uscc": uscc}
        | ({} if kind == "person" else {"name": name}),
    )  # fmt: skip
    if again:
        return again
    if find_party(tx.connection, code):
        raise CodeTakenError(scheme="party", value=code, holder=code)
    if unit:
        belongs = need_party(tx.connection, unit)
        if belongs.kind != "unit":
            raise WrongPartyError(
                party=unit, party_kind=belongs.kind, act=N_("party add"), expected="unit"
            )
    if uscc and not uscc_reason:
        check_uscc(uscc)
    event = PartyAdded(
        party_kind=kind, unit=unit, uscc=uscc, uscc_reason=uscc_reason if uscc else None,
        name=None if kind == "person" else name, person_name=name if kind == "person" else None,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def uscc_warning(uscc: str) -> object:
    """Return what is wrong with a unified social credit code, or None."""
    try:
        check_uscc(uscc)
    except UsccError as error:
        return error.facts["reason"]
    return None


def add_place(
    tx: Tx, *, code: str, name: str, stamp: Stamp, kind: str | None = None,
    parent: str | None = None,
) -> Receipt:  # fmt: skip
    """Add a place, inside `parent` if given; its kind is by default one step inside the parent's.

    Raises:
        CodeTakenError: the code is in use.
        PlaceNotFoundError: the parent is not there.
        InputError: the kind is unknown, or cannot lie in the parent.
    """
    subject = f"place:{_checked_code(code)}"
    name = read_text("name", name)
    wish = {"name": name, "parent": parent} | ({"place_kind": kind} if kind else {})
    again = earlier(tx, stamp, PlaceAdded.kind, [subject], wish)
    if again:
        return again
    if find_place(tx.connection, code):
        raise CodeTakenError(scheme="place", value=code, holder=code)
    outer = need_place(tx.connection, parent).kind if parent else None
    chosen = kind or default_kind(outer)
    if chosen not in KINDS:
        raise InputError(field="kind", value=chosen, expected=one_of(KINDS))
    if outer and kind and not fits(kind, outer):
        fitting = Phrase(N_("something that lies in a {outer}"), outer=outer)
        raise InputError(field="kind", value=kind, expected=fitting)
    event = PlaceAdded(name=name, place_kind=chosen, parent=parent)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def add_classes(tx: Tx, *, classes: Iterable[NewClass], stamp: Stamp) -> Receipt:
    """Add classes that are not in the register yet; those that are stay as they are."""
    wanted = {f"class:{item.scheme}/{item.code}": item for item in classes}
    known = lock(tx, wanted)
    facts = [
        (subject, ClassAdded(
            scheme=item.scheme, name=item.name, name_en=item.name_en, parent=item.parent,
            depth=item.depth, life_years=item.life_years, use_years=item.use_years,
        ))
        for subject, item in wanted.items()
        if subject not in known
    ]  # fmt: skip
    return Receipt(events=record(tx, stamp, facts) if facts else ())


def note_keys(tx: Tx, *, keys: Sequence[tuple[str, str, str, str | None]], stamp: Stamp) -> Receipt:
    """Write into the history that keys were made: (name, purpose, algorithm, public half).

    Keys already noted are left alone; the secret halves never come here.
    """
    known = lock(tx, [f"key:{name}" for name, *_ in keys])
    facts = [
        (f"key:{name}", KeyCreated(purpose=purpose, algorithm=algorithm, public=public))
        for name, purpose, algorithm, public in keys
        if f"key:{name}" not in known
    ]
    return Receipt(events=record(tx, stamp, facts) if facts else ())


def _checked_code(code: str) -> str:
    if not code or len(code) > 64 or any(c.isspace() or not c.isprintable() for c in code):
        raise InputError(
            field="code", value=code, expected="up to 64 printable characters without blanks"
        )
    return code
