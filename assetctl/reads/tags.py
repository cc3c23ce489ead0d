"""What a scanned text is worth: genuine, forged, altered, unknown, foreign; what it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.commands import command_of
from assetctl.domain.identity import (
    CLASSES,
    Payload,
    TagKeys,
    damaged_class,
    genuine_class,
    is_altered,
    parse_payload,
    verify_payload,
)
from assetctl.errors import PayloadForeignError, PayloadForgedError, PayloadKeyError
from assetctl.reads.badges import Badge, badge_of
from assetctl.reads.resolve import find_tagged
from assetctl.store.tables import blank, place_tag, staff_card, tag

_BADGES = (("P", "place", place_tag), ("S", "staff", staff_card))
_MISSING = {"A": "asset.not_found", "P": "place.not_found", "S": "party.not_found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a scanned text is worth, and what it stands for.

    `verdict` is `genuine` (our signature, and the register knows the tag), `forged` (our form, a
    signature that we did not make), `altered` (our form; a tag of ours whose text was changed or
    damaged), `unknown` (our form, but nothing can be said: unsigned, signed with a key not held
    here, or not in the register) or `foreign`.

    `kind` is what the tag stands for or claims to: `asset`, `place`, `staff`, `command`, `box`, or
    `blank` (issued ahead, bound to nothing, or declared void). `code` is the code of the place or
    person, the name of the command (`checkout`, `condition.good`), the id of a blank tag or box;
    None for an asset, which has `asset_id`. `tag_state`: `bound` tags count, `blank` ones may be
    bound, `replaced` and `void` ones no longer count. `reason` is the code of what is wrong.
    """

    verdict: str
    asset_id: str | None = None
    issue: int | None = None
    tag_state: str | None = None
    reason: str | None = None
    kind: str | None = None
    code: str | None = None

    @property
    def counts(self) -> bool:
        """Whether an act may be done on the strength of this tag, or of this command or card."""
        return self.verdict == "genuine" and self.tag_state == "bound"


def judge(connection: Connection, keys: TagKeys, text: str) -> Verdict:
    """Return what a scanned text is worth."""
    try:
        payload = parse_payload(text)
    except PayloadForeignError as error:
        letter = damaged_class(text)
        if letter is None:
            return Verdict(verdict="foreign", reason=error.code)
        return Verdict(verdict="altered", kind=CLASSES[letter], reason="identity.invalid")
    if payload.is_signed:
        if "/" not in text:
            payload = genuine_class(keys, payload)
        doubt = _doubt(keys, payload)
        if doubt is not None:
            return doubt
    found = _as_thing(connection, payload) if payload.tag_class == "A" else None
    if found is None and not payload.scheme:
        found = _as_badge(connection, payload)
    if found is not None:
        return found
    return Verdict(
        verdict="unknown", issue=payload.issue or None, kind=CLASSES[payload.tag_class],
        code=None if payload.tag_class == "A" else payload.subject,
        reason=_MISSING.get(payload.tag_class, "tag.not_found"),
    )  # fmt: skip


def blank_carrier(connection: Connection, code: str) -> str | None:
    """Return the carrier a blank tag was issued on, None if this id was never issued as one."""
    carrier: str | None = connection.execute(
        sa.select(blank.c.carrier).where(blank.c.tag == code)
    ).scalar()
    return carrier


def _doubt(keys: TagKeys, payload: Payload) -> Verdict | None:
    """Return the verdict on a signature that is not ours, None for one that is."""
    kind = CLASSES[payload.tag_class]
    try:
        verify_payload(keys, payload)
    except PayloadKeyError as error:
        return Verdict(verdict="unknown", kind=kind, reason=error.code)
    except PayloadForgedError as error:
        if is_altered(keys, payload):
            return Verdict(
                verdict="altered", kind=kind, issue=payload.issue, reason="payload.altered"
            )
        return Verdict(verdict="forged", kind=kind, issue=payload.issue, reason=error.code)
    return None


def _as_thing(connection: Connection, payload: Payload) -> Verdict | None:
    asset_id = find_tagged(connection, payload)
    if asset_id is not None:
        if not payload.is_signed:
            return Verdict(
                verdict="unknown", asset_id=asset_id, reason="payload.unsigned", kind="asset"
            )
        state = _tag_state(connection, asset_id, payload.subject, payload.issue)
        return Verdict(
            verdict="genuine", asset_id=asset_id, issue=payload.issue, tag_state=state,
            kind="asset",
        )  # fmt: skip
    wanted = sa.select(blank.c.voided_at).where(blank.c.tag == payload.subject)
    issued = None if payload.scheme else connection.execute(wanted).first()
    if issued is None:
        return None
    if not payload.is_signed:
        return _unsigned("blank", payload.subject)
    free = payload.issue == 1 and issued.voided_at is None
    return Verdict(
        verdict="genuine", kind="blank", code=payload.subject, issue=payload.issue,
        tag_state="blank" if free else "void", reason="tag.blank" if free else "tag.void",
    )  # fmt: skip


def _as_badge(connection: Connection, payload: Payload) -> Verdict | None:
    """Return the verdict on the tag of a place, a person or a command; a bare id may be any."""
    bare = not payload.is_signed
    command = command_of(payload.subject) if bare or payload.tag_class == "C" else None
    if command is not None:
        if bare:
            return _unsigned("command", command.name)
        return Verdict(
            verdict="genuine", kind="command", code=command.name, issue=payload.issue,
            tag_state="bound",
        )  # fmt: skip
    for letter, kind, table in _BADGES:
        if bare or payload.tag_class == letter:
            badge = badge_of(connection, table, payload.subject, payload.issue)
            if badge is not None:
                return _unsigned(kind, badge.code) if bare else _signed(kind, badge)
    return None


def _signed(kind: str, badge: Badge) -> Verdict:
    return Verdict(
        verdict="genuine", kind=kind, code=badge.code, issue=badge.issue, tag_state=badge.state
    )


def _unsigned(kind: str, code: str) -> Verdict:
    return Verdict(verdict="unknown", kind=kind, code=code, reason="payload.unsigned")


def _tag_state(connection: Connection, asset_id: str, code: str, issue: int) -> str:
    """Return the state of a printed label; one never issued is as good as void."""
    wanted = sa.select(tag.c.state).where(
        tag.c.asset_id == asset_id,
        tag.c.code == code,
        tag.c.issue == issue,
        tag.c.carrier.in_(("qr", "datamatrix")),
    )
    return connection.execute(wanted).scalar() or "void"
