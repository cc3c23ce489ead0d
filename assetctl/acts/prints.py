"""A print is an entry: which labels were printed, by what template, on what printer, why again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from assetctl.acts.blanks import PRINTED
from assetctl.acts.steps import earlier, load, subjects_of
from assetctl.acts.values import read_text
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import LabelPrinted
from assetctl.errors import InputError, ReprintReasonError, TagNotFoundError
from assetctl.i18n import one_of
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import record
from assetctl.store.tables import tag

_NAMED = 5
_COUNTING = (
    tag.select()
    .where(among(tag.c.asset_id, "ids"), tag.c.code == tag.c.asset_id, tag.c.state == "bound")
    .order_by(tag.c.asset_id, tag.c.issue)
)


def note_print(
    tx: Tx, *, assets: Sequence[str], template: str, printer: str, stamp: Stamp,
    reason: str | None = None, dpi: int | None = None, carrier: str = "qr",
) -> Receipt:  # fmt: skip
    """Note that the labels of these assets were printed, one entry each: all of them or none.

    `printer` is its address; what may be secret in it is left out. The first print of an issue
    needs no reason, every further one does.

    Raises:
        AssetNotFoundError: an id is not in the register.
        TagNotFoundError: an asset has no label of this carrier that counts.
        ReprintReasonError: a label was printed before, and no reason is given.
        InputError: the carrier is not a printed one, or template or printer says nothing.
    """
    if carrier not in PRINTED:
        raise InputError(field="carrier", value=carrier, expected=one_of(PRINTED))
    template = read_text("template", template)
    printer = read_text("printer", without_secrets(printer))
    why = read_text("reason", reason) if reason and reason.strip() else None
    ids = list(dict.fromkeys(assets))
    wish = {"template": template, "printer": printer, "carrier": carrier}
    again = earlier(tx, stamp, LabelPrinted.kind, subjects_of(ids), wish)
    if again:
        return again
    load(tx, ids)
    labels = _labels(tx, ids, carrier)
    before = [one for one in ids if labels[one].prints]
    if before and why is None:
        more = ", …" if len(before) > _NAMED else ""
        named = ", ".join(map(display_id, before[:_NAMED])) + more
        raise ReprintReasonError(labels=named, count=len(before))
    facts = [
        (f"asset:{one}", LabelPrinted(
            carrier=carrier, code=one, issue=labels[one].issue, copy=(labels[one].prints or 0) + 1,
            template=template, printer=printer, dpi=dpi, reason=why if labels[one].prints else None,
        ))
        for one in ids
    ]  # fmt: skip
    return Receipt(events=record(tx, stamp, facts) if facts else ())


def without_secrets(address: str) -> str:
    """Return a printer's address without what may be secret: user, password, query, fragment."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return address.partition("://")[0]
    host = parts.netloc.rpartition("@")[2]
    if not host and "@" in parts.path:  # user:password@host, which is no address of ours
        return parts.path.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _labels(tx: Tx, ids: Sequence[str], carrier: str) -> dict[str, Any]:
    rows = tx.connection.execute(_COUNTING, {"ids": list(ids)})
    found = {row.asset_id: row for row in rows if row.carrier == carrier}  # the newest stays
    for one in ids:
        if one not in found:
            raise TagNotFoundError(asset_id=one, carrier=carrier)
    return found
