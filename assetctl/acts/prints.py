"""A print is an entry: what was printed, by what template, on what printer, why again.

What goes to a printer is a print, and so is a job that is put into a file for one. A sheet made as
a PDF, a picture or a preview is none: it is no print until somebody prints it, and nobody here can
see that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from assetctl.acts.blanks import PRINTED
from assetctl.acts.encoding import Encoded, bind_encoded
from assetctl.acts.steps import earlier, load, subjects_of
from assetctl.acts.values import read_text
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import LabelPrinted
from assetctl.errors import InputError, ReprintReasonError, TagNotFoundError
from assetctl.i18n import one_of
from assetctl.reads.trace import receipts
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


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How something was printed; what may be secret in the printer's address is left out."""

    template: str
    printer: str
    dpi: int | None
    reason: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """The fields that every event of a print has; the reason is that of a further print."""
        return {"template": self.template, "printer": self.printer, "dpi": self.dpi}


def note_print(
    tx: Tx, *, assets: Sequence[str], template: str, printer: str, stamp: Stamp,
    reason: str | None = None, dpi: int | None = None, carrier: str = "qr",
    encoded: Mapping[str, Encoded] | None = None,
) -> Receipt:  # fmt: skip
    """Note that the labels of these assets were printed, one entry each: all of them or none.

    `printer` is its address; what may be secret in it is left out. The first print of an issue
    needs no reason, every further one does. `encoded` names the radio tags in the labels, by
    asset: each becomes a tag of its asset in the same transaction.

    Raises:
        AssetNotFoundError: an id is not in the register.
        TagNotFoundError: an asset has no label of this carrier that counts.
        ReprintReasonError: a label was printed before, and no reason is given.
        InputError: the carrier is not a printed one, or template or printer says nothing.
        CodeTakenError, ActRefusedError, SomeoneFirstError: see `bind_encoded`.
    """
    if carrier not in PRINTED:
        raise InputError(field="carrier", value=carrier, expected=one_of(PRINTED))
    how = how_printed(template, printer, dpi, reason)
    ids = list(dict.fromkeys(assets))
    wish = {"template": how.template, "printer": how.printer, "carrier": carrier}
    # An id of its own: an act of each kind has one entry for each asset under a request.
    own = replace(stamp, request_id=f"{stamp.request_id}:rfid")
    again = earlier(tx, stamp, LabelPrinted.kind, subjects_of(ids), wish)
    if again:
        bound = receipts(tx.connection, own.request_id)
        return replace(again, events=(*again.events, *bound))
    load(tx, ids)
    labels = _labels(tx, ids, carrier)
    before = [one for one in ids if labels[one].prints]
    must_have_reason(how, list(map(display_id, before)), anew="tag replace")
    facts = [
        (f"asset:{one}", LabelPrinted(
            carrier=carrier, code=one, issue=labels[one].issue, copy=(labels[one].prints or 0) + 1,
            reason=how.reason if labels[one].prints else None, **how.facts,
        ))
        for one in ids
    ]  # fmt: skip
    events = record(tx, stamp, facts) if facts else ()
    if encoded:
        events += bind_encoded(tx, encoded=encoded, stamp=own).events
    return Receipt(events=events)


def how_printed(template: str, printer: str, dpi: int | None, reason: str | None) -> How:
    """Return how something was printed, checked and without secrets.

    Raises:
        InputError: template, printer or reason cannot be used, or template or printer is empty.
    """
    return How(
        template=read_text("template", template),
        printer=read_text("printer", without_secrets(printer)),
        reason=read_text("reason", reason) if reason and reason.strip() else None, dpi=dpi,
    )  # fmt: skip


def must_have_reason(how: How, before: Sequence[str], *, anew: str) -> None:
    """Check that there is a reason where something was printed `before`.

    `anew` names the commands that make the older ones worthless instead.

    Raises:
        ReprintReasonError: there is none.
    """
    if before and how.reason is None:
        more = ", …" if len(before) > _NAMED else ""
        named = ", ".join(before[:_NAMED]) + more
        raise ReprintReasonError(labels=named, count=len(before), anew=anew)


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
