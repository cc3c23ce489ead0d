"""register, correct, attach: an asset's card."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts import register as register_acts
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.options import Asset, Condition, Document, Note
from assetctl.cli.output import Answer
from assetctl.cli.views import print_hint, receipt_answer
from assetctl.cli.wording import allowed_from
from assetctl.domain.lifecycle import Act, State
from assetctl.errors import InputError
from assetctl.i18n import N_
from assetctl.store import blobs

app = typer.Typer()
groups: dict[str, typer.Typer] = {}

Fields = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help=N_("Any other field of the card.")),
]


@app.command()
def register(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help=N_("Name of the thing."))],
    class_code: Annotated[str, typer.Option("--class", help=N_("Code of its asset class."))],
    owner: Annotated[str, typer.Option(help=N_("Code of the unit on whose books it is."))],
    place: Annotated[str | None, typer.Option(help=N_("Code of the place it is at."))] = None,
    holder: Annotated[
        str | None, typer.Option(help=N_("Who answers for it; by default the owner."))
    ] = None,
    state: Annotated[
        str | None, typer.Option(help=N_("in_store, in_use or idle; by default from the place."))
    ] = None,
    card_no: Annotated[str | None, typer.Option(help=N_("The unit's own number for it."))] = None,
    value: Annotated[str | None, typer.Option(help=N_("Original value in yuan: 5000.00."))] = None,
    acquired: Annotated[str | None, typer.Option(help=N_("Day it was acquired."))] = None,
    serial: Annotated[str | None, typer.Option(help=N_("Serial number."))] = None,
    brand: Annotated[str | None, typer.Option(help=N_("Brand."))] = None,
    model: Annotated[str | None, typer.Option(help=N_("Model or specification."))] = None,
    condition: Condition = None,
    tag: Annotated[
        str | None, typer.Option(help=N_("Text of a blank tag: the thing gets its id."))
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(metavar="SCHEME=VALUE", help=N_("Another code it has."))
    ] = None,
    fields: Fields = None,
    scheme: Annotated[str | None, typer.Option(help=N_("Classification scheme."))] = None,
    doc: Document = None,
) -> Answer:
    """Take a thing into the register and give it its identity."""
    world: Context = ctx.obj
    given = {"value": value, "acquired": acquired, "serial": serial, "brand": brand, "model": model}
    new = register_acts.NewAsset(
        name=name, class_code=class_code, owner=owner, place=place, holder=holder,
        scheme=scheme or world.settings.scheme, state=_state(state), card_no=card_no,
        condition=grade_of(condition), aliases=_pairs("--alias", alias), doc=doc,
        values={k: v for k, v in given.items() if v is not None} | _pairs("--set", fields),
    )  # fmt: skip
    asset_id = world.blank(tag).subject if tag else None
    with world.writing() as tx:
        receipt = register_acts.register(
            tx, new=new, stamp=world.stamp(), new_asset_id=clock.new_asset_id, asset_id=asset_id
        )
    chosen = receipt.events[0].subject.partition(":")[2]
    payload = world.sign(chosen, receipt.events[0].data["issue"])
    answer = receipt_answer(receipt, asset_id=chosen, payload=payload)
    return replace(answer, remarks=print_hint(chosen))


@app.command(epilog=allowed_from(Act.CORRECT))
def correct(
    ctx: typer.Context,
    asset: Asset,
    *,
    fields: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="FIELD=VALUE", help=N_("Field and its right value; empty clears it.")
        ),
    ],
    doc: Document = None,
    note: Note = None,
) -> Answer:
    """Correct a card: a numbered change that keeps what stood there before."""
    world: Context = ctx.obj
    changes = _pairs("--set", fields)
    if changes.get("condition"):
        changes["condition"] = grade_of(changes["condition"]) or ""
    (asset_id,) = world.ids([asset])
    with world.writing() as tx:
        receipt = register_acts.correct(
            tx, asset_id=asset_id, changes=changes, doc=doc, note=note, stamp=world.stamp()
        )
    return receipt_answer(receipt)


@app.command(epilog=allowed_from(Act.ATTACH))
def attach(
    ctx: typer.Context,
    asset: Asset,
    file: Annotated[Path, typer.Argument(help=N_("Photo or document."))],
    *,
    role: Annotated[str, typer.Option(help=N_("photo, document, invoice, contract …"))] = "photo",
    title: Annotated[
        str | None, typer.Option(help=N_("Title; kept apart so that it can be erased."))
    ] = None,
) -> Answer:
    """Attach a photo or document, known from then on by the hash of its bytes."""
    world: Context = ctx.obj
    (asset_id,) = world.ids([asset])
    blob = blobs.keep(world.settings.blobs, file, only_measure=True)
    with world.reading() as connection:
        # Before it is stored: what was erased must not lie there again, attached or not.
        register_acts.must_not_be_erased(connection, blob.sha256)
    if not world.flags.dry_run:
        blob = blobs.keep(world.settings.blobs, file)
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with world.writing() as tx:
        receipt = register_acts.attach(
            tx, asset_id=asset_id, sha256=blob.sha256, byte_count=blob.byte_count, role=role,
            media_type=media_type, title=title, stamp=world.stamp(),
        )  # fmt: skip
    return receipt_answer(receipt, sha256=blob.sha256)


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs = {}
    for item in given or ():
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise InputError(field=option, value=item, expected="NAME=VALUE")
        pairs[name.strip()] = value.strip()
    return pairs


def _state(given: str | None) -> State | None:
    if given is None:
        return None
    if given not in {state.value for state in register_acts.INITIAL_STATES}:
        raise InputError(field="--state", value=given, expected="in_store, in_use or idle")
    return State(given)
