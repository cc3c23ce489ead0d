"""label print: labels to a printer, checked before they leave, and noted in the history."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from assetctl.acts.prints import note_print
from assetctl.cli import label, signage
from assetctl.cli.context import Context
from assetctl.cli.delivery import WAIT, Way, deliver, way_to
from assetctl.cli.encoding import deliver_encoded
from assetctl.cli.label import Assets, Dpi, Every, InPlace, Kind, Owner, Verify, app, groups
from assetctl.cli.output import Answer
from assetctl.cli.signage import Copies, Language, Printer, Reason
from assetctl.cli.stickers import chosen_ids, labels_of
from assetctl.errors import InputError
from assetctl.i18n import N_

__all__ = ["app", "groups", "label", "signage"]


@app.command("print")
def print_(
    ctx: typer.Context,
    assets: Assets = None,
    *,
    every: Every = False,
    owner: Owner = None,
    place: InPlace = None,
    printer: Printer = "",
    language: Language = "zpl",
    template: Kind = "50x30",
    dpi: Dpi = 203,
    copies: Copies = 1,
    reason: Reason = None,
    verify: Verify = False,
    rfid: Annotated[
        bool, typer.Option("--rfid", help=N_("Write the radio tag in each label as well."))
    ] = False,
    no_read_back: Annotated[
        bool,
        typer.Option("--no-read-back", help=N_("With --rfid: write unseen, and bind no tag.")),
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0.1, max=600.0, help=N_("Seconds to wait for the printer."))
    ] = WAIT,
) -> Answer:
    """Print labels; each print is an entry in the history, and a second one needs a reason."""
    world: Context = ctx.obj
    if no_read_back and not rfid:
        expected = N_("given with --rfid only")
        raise InputError(field="--no-read-back", value="", expected=expected)
    way = way_to(
        world,
        Way(
            printer=printer, language=language, template=template, dpi=dpi, copies=copies,
            reason=reason, verify=verify, wait=wait,
        ),
    )  # fmt: skip
    ids = chosen_ids(world, assets, every=every, owner=owner, place=place)
    found = labels_of(world, ids)
    if rfid:
        return deliver_encoded(world, ids, found, way, read_back=not no_read_back)
    return deliver(world, found, way, partial(note_print, assets=ids))
