"""tag bind | replace | void: what an asset is known by on the shelf."""

from __future__ import annotations

from dataclasses import replace as replace_dataclass
from typing import Annotated

import typer

from assetctl.acts import tags
from assetctl.cli.context import Context
from assetctl.cli.options import Asset, Note
from assetctl.cli.output import Answer
from assetctl.cli.views import print_hint, receipt_answer
from assetctl.cli.wording import allowed_from
from assetctl.domain.lifecycle import Act
from assetctl.errors import InputError
from assetctl.i18n import N_

app = typer.Typer(help=N_("Tags: bind, replace, void."))
groups = {"tag": app}

Carrier = Annotated[str, typer.Option(help=N_("qr, datamatrix, uhf or hf."))]


@app.command(epilog=allowed_from(Act.BIND_TAG))
def bind(
    ctx: typer.Context,
    asset: Asset,
    *,
    tag: Annotated[
        str | None, typer.Option(help=N_("Text of a printed blank tag, as scanned."))
    ] = None,
    epc: Annotated[str | None, typer.Option(help=N_("EPC of a radio tag, in hex."))] = None,
    tid: Annotated[str | None, typer.Option(help=N_("TID of the radio chip, in hex."))] = None,
    carrier: Carrier = "",
) -> Answer:
    """Bind a blank printed tag or a radio tag to an asset."""
    world: Context = ctx.obj
    carried = _carried(world, tag, epc, tid, carrier)
    (asset_id,) = world.ids([asset])
    with world.writing() as tx:
        receipt = tags.bind_tag(tx, asset_id=asset_id, carried=carried, stamp=world.stamp())
    return receipt_answer(receipt)


@app.command(epilog=allowed_from(Act.REPLACE_TAG))
def replace(
    ctx: typer.Context, asset: Asset, *, carrier: Carrier = "qr", note: Note = None
) -> Answer:
    """Issue the label anew; the older one no longer counts."""
    world: Context = ctx.obj
    (asset_id,) = world.ids([asset])
    with world.writing() as tx:
        receipt = tags.replace_tag(
            tx, asset_id=asset_id, carrier=carrier, note=note, stamp=world.stamp()
        )
    data = receipt.events[0].data
    issue = data.get("new_issue", data["issue"])
    answer = receipt_answer(receipt, payload=world.sign(asset_id, issue), issue=issue)
    return replace_dataclass(answer, remarks=print_hint(asset_id))


@app.command(epilog=allowed_from(Act.VOID_TAG))
def void(
    ctx: typer.Context,
    asset: Asset,
    *,
    carrier: Carrier = "qr",
    issue: Annotated[
        int | None, typer.Option(help=N_("Issue number; by default the newest."))
    ] = None,
    note: Note = None,
) -> Answer:
    """Declare a tag void."""
    world: Context = ctx.obj
    (asset_id,) = world.ids([asset])
    with world.writing() as tx:
        receipt = tags.void_tag(
            tx, asset_id=asset_id, carrier=carrier, issue=issue, note=note, stamp=world.stamp()
        )
    return receipt_answer(receipt)


def _carried(
    world: Context, text: str | None, epc: str | None, tid: str | None, carrier: str
) -> tags.Carried:
    if (text is None) == (epc is None):
        raise InputError(field="--tag", value=text or "", expected="given, or else --epc")
    if epc is not None:
        code = _hex("--epc", epc)
        return tags.Carried(
            carrier=carrier or "uhf", code=code, epc=code, tid=_hex("--tid", tid) if tid else None
        )
    payload = world.blank(text or "")
    return tags.Carried(carrier=carrier or "qr", code=payload.subject, issue=payload.issue or 1)


def _hex(option: str, text: str) -> str:
    plain = text.replace(" ", "").upper()
    try:
        usable = 4 <= len(bytes.fromhex(plain)) <= 62
    except ValueError:
        usable = False
    if not usable:
        raise InputError(field=option, value=text, expected="4 to 62 bytes in hex")
    return plain
