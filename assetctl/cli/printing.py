"""label print: labels to a printer, checked before they leave, and noted in the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.acts.prints import note_print
from assetctl.cli import label
from assetctl.cli.context import Context
from assetctl.cli.label import Assets, Dpi, Every, InPlace, Kind, Owner, Verify, app, groups
from assetctl.cli.output import Answer
from assetctl.cli.stickers import chosen_ids, labels_of, must_read, refusals, roll_template
from assetctl.cli.views import lines
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import InputError, LabelRefusedError, PrinterFailedError
from assetctl.i18n import N_, Phrase, one_of

if TYPE_CHECKING:
    from labels import Label

__all__ = ["app", "groups", "label"]

LANGUAGES = ("zpl", "tspl", "escpos", "pdf")
_TIMEOUT = 20.0


@app.command("print")
def print_(
    ctx: typer.Context,
    assets: Assets = None,
    *,
    every: Every = False,
    owner: Owner = None,
    place: InPlace = None,
    printer: Annotated[
        str, typer.Option(help=N_("tcp://HOST:9100, cups:QUEUE, device:/dev/usb/lp0 or a file."))
    ] = "",
    language: Annotated[
        str, typer.Option(help=N_("What the printer understands: zpl, tspl, escpos, pdf."))
    ] = "zpl",
    template: Kind = "50x30",
    dpi: Dpi = 203,
    copies: Annotated[int, typer.Option(min=1, max=99, help=N_("Copies of each label."))] = 1,
    reason: Annotated[
        str | None, typer.Option(help=N_("Why labels that were printed before are printed again."))
    ] = None,
    verify: Verify = False,
) -> Answer:
    """Print labels; each print is an entry in the history, and a second one needs a reason."""
    world: Context = ctx.obj
    printer = printer or world.settings.printer
    if not printer:
        raise InputError(field="--printer", value="", expected=N_("the address of a printer"))
    if language not in LANGUAGES:
        raise InputError(field="--language", value=language, expected=one_of(LANGUAGES))
    ids = chosen_ids(world, assets, every=every, owner=owner, place=place)
    found = labels_of(world, ids)
    stamp = world.stamp()
    _may_be_printed(world, ids, template, printer, reason, dpi, stamp)
    with refusals():
        job = _job(world, found, template, dpi, language, copies, verify=verify)
    sent = 0 if world.flags.dry_run else _send(job, printer)
    with world.writing() as tx:
        receipt = note_print(
            tx, assets=ids, template=template, printer=printer, reason=reason, dpi=dpi,
            stamp=world.signed(stamp),
        )  # fmt: skip
    return _answer(receipt, printer, len(found), sent or len(job))


class _Rehearsed(Exception):  # noqa: N818  it is no failure
    """Ends a transaction that was only tried."""


def _may_be_printed(
    world: Context, ids: Sequence[str], template: str, printer: str, reason: str | None,
    dpi: int, stamp: Stamp,
) -> None:  # fmt: skip
    # Ink cannot be rolled back: whatever speaks against it must be known before.
    try:
        with world.writing() as tx:
            note_print(
                tx, assets=ids, template=template, printer=printer, reason=reason, dpi=dpi,
                stamp=world.signed(stamp),
            )  # fmt: skip
            raise _Rehearsed
    except _Rehearsed:
        return


def _job(
    world: Context, found: Sequence[Label], template: str, dpi: int, language: str, copies: int, *,
    verify: bool,
) -> bytes:  # fmt: skip
    import labels
    from labels import escpos, tspl, zpl
    from labels.raster import bitmap

    layout = roll_template(template)
    if language == "pdf":
        return labels.roll_pdf(list(found) * copies, layout, font=world.settings.font or None)
    typeface = labels.face(labels.find_font(world.settings.font or None))
    drawings = labels.drawings(found, layout, typeface, dpi=dpi)
    if verify:
        must_read(labels.unreadable(drawings, dpi=dpi, typeface=typeface))
    bitmaps = [bitmap(drawing, dpi=dpi, typeface=typeface) for drawing in drawings]
    if language == "escpos":
        return escpos.job(bitmaps, copies=copies)
    make = zpl.job if language == "zpl" else tspl.job
    return make(bitmaps, dpi=dpi, width_mm=layout.width, height_mm=layout.height, copies=copies)


def _send(job: bytes, printer: str) -> int:
    from labels import LabelError
    from labels.printer import send

    try:
        return send(job, printer, timeout=_TIMEOUT).bytes_sent
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        if error.code in ("printer.address_invalid", "printer.file_there"):
            raise LabelRefusedError(reason=reason, label_code=error.code) from error
        raise PrinterFailedError(
            printer_code=error.code, reason=reason, partial=getattr(error, "partial", False)
        ) from error


def _answer(receipt: Receipt, printer: str, count: int, sent: int) -> Answer:
    return Answer(
        data={"events": receipt.events, "repeated": receipt.repeated, "printer": printer,
              "labels": count, "bytes": sent},
        view=lines(
            lambda words: words.say(
                N_("{count} labels went to {printer}."), count=count, printer=printer
            )
        ),
    )  # fmt: skip
