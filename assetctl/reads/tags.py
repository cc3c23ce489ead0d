"""What a scanned text is worth: genuine, forged, unknown or foreign, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.identity import TagKeys, parse_payload, verify_payload
from assetctl.errors import AssetctlError, PayloadForeignError, PayloadForgedError, PayloadKeyError
from assetctl.reads.resolve import find_tagged
from assetctl.store.tables import tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a scanned text is worth.

    `verdict` is `genuine` (our signature, and the asset is in the register), `forged` (our form,
    a wrong signature), `unknown` (our form, but nothing can be said: unsigned, signed with a key
    not held here, or not in the register) or `foreign`. `tag_state` says whether the label still
    counts; `replaced` and `void` ones do not.
    """

    verdict: str
    asset_id: str | None = None
    issue: int | None = None
    tag_state: str | None = None
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Whether an act may be done on the strength of this tag."""
        return self.verdict == "genuine" and self.tag_state not in ("replaced", "void")


def judge(connection: Connection, keys: TagKeys, text: str) -> Verdict:
    """Return what a scanned text is worth."""
    try:
        payload = parse_payload(text)
    except PayloadForeignError as error:
        return Verdict(verdict="foreign", reason=error.code)
    if payload.is_signed:
        try:
            verify_payload(keys, payload)
        except PayloadForgedError as error:
            return Verdict(verdict="forged", issue=payload.issue, reason=error.code)
        except PayloadKeyError as error:
            return _unknown(error, None)
    asset_id = find_tagged(connection, payload)
    if asset_id is None:
        return Verdict(verdict="unknown", issue=payload.issue or None, reason="asset.not_found")
    if not payload.is_signed:
        return Verdict(verdict="unknown", asset_id=asset_id, reason="payload.unsigned")
    state = _tag_state(connection, asset_id, payload.subject, payload.issue)
    return Verdict(verdict="genuine", asset_id=asset_id, issue=payload.issue, tag_state=state)


def _unknown(error: AssetctlError, asset_id: str | None) -> Verdict:
    return Verdict(verdict="unknown", asset_id=asset_id, reason=error.code)


def _tag_state(connection: Connection, asset_id: str, code: str, issue: int) -> str:
    """Return the state of a printed label; one never issued is as good as void."""
    wanted = sa.select(tag.c.state).where(
        tag.c.asset_id == asset_id,
        tag.c.code == code,
        tag.c.issue == issue,
        tag.c.carrier.in_(("qr", "datamatrix")),
    )
    return connection.execute(wanted).scalar() or "void"
