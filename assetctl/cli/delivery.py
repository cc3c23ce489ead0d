"""Labels on their way to a printer: tried first, made, checked, sent, and only then noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.stickers import must_read, refusals, roll_template
from assetctl.cli.views import lines
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import InputError, LabelRefusedError, PrinterFailedError
from assetctl.i18n import N_, Phrase, one_of

if TYPE_CHECKING:
    from labels import Label
    from labels.printer import Complete, Sent
    from labels.zpl import Tag

LANGUAGES = ("zpl", "tspl", "escpos", "pdf")
WAIT = 20.0
"""Seconds without any progress, or without an answer, after which a printer is given up."""

Note = Callable[..., Receipt]
"""Records a print: takes a transaction, `stamp`, and the facts of the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How labels go to a printer. `symbol` stands in for the template's kind of symbol."""

    printer: str
    language: str
    template: str
    dpi: int
    copies: int = 1
    reason: str | None = None
    verify: bool = False
    symbol: str = ""
    wait: float = WAIT

    @property
    def facts(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {
            "template": self.template, "printer": self.printer, "dpi": self.dpi,
            "reason": self.reason,
        }  # fmt: skip


def way_to(world: Context, way: Way, *, or_else: str = "") -> Way:
    """Return the way with the printer of the settings where none was named.

    `or_else` is said in place of the usual sentence when there is no printer at all.

    Raises:
        InputError: there is no printer, or it cannot understand that language.
    """
    printer = way.printer or world.settings.printer
    if not printer:
        expected = or_else or N_("the address of a printer")
        raise InputError(field="--printer", value="", expected=expected)
    if way.language not in LANGUAGES:
        raise InputError(field="--language", value=way.language, expected=one_of(LANGUAGES))
    return replace(way, printer=printer)


def deliver(world: Context, found: Sequence[Label], way: Way, note: Note | None) -> Answer:
    """Print labels and record that; a request that was carried out before prints nothing.

    Raises:
        LabelRefusedError, PrinterFailedError: nothing was noted as printed.
        AssetctlError: what `note` refuses, before anything is printed.
    """
    stamp = world.stamp()
    tried = rehearsed(world, note, stamp, way) if note else Receipt(events=())
    if tried.repeated:
        return delivered(tried, way, 0, 0)
    job = job_of(world, found, way)
    sent = 0 if world.flags.dry_run else send(job, way).bytes_sent
    receipt = recorded(world, note, stamp, way) if note else tried
    return delivered(receipt, way, len(found), sent or len(job))


def rehearsed(world: Context, note: Note, stamp: Stamp, way: Way) -> Receipt:
    """Return what recording the print would give, without keeping it.

    Ink cannot be rolled back: whatever speaks against it must be known before.
    """
    with world.rehearsing() as tx:
        return note(tx, stamp=world.signed(stamp), **way.facts)


def recorded(world: Context, note: Note, stamp: Stamp, way: Way) -> Receipt:
    """Record the print, under the request that it was tried for."""
    with world.writing() as tx:
        now = world.stamp()
        stamp = replace(now, request_id=stamp.request_id, fresh=stamp.fresh, began=stamp.began)
        return note(tx, stamp=stamp, **way.facts)


def job_of(
    world: Context, found: Sequence[Label], way: Way, rfid: Sequence[Tag] | None = None
) -> bytes:
    """Return the job in the printer's language, every label read back first if that is wanted.

    Raises:
        LabelRefusedError: some labels cannot be made, or do not read back; they are named.
    """
    import labels
    from labels import escpos, tspl, zpl
    from labels.raster import bitmap

    font = world.settings.font or None
    with refusals():
        layout = roll_template(world, way.template)
        if way.symbol:
            layout = replace(layout, symbol=replace(layout.symbol, kind=way.symbol))
        if way.language == "pdf" and not way.verify:
            return labels.roll_pdf(list(found) * way.copies, layout, font=font)
        typeface = labels.face(labels.find_font(font))
        drawings = labels.drawings(found, layout, typeface, dpi=way.dpi)
        if way.verify:
            must_read(labels.unreadable(drawings, dpi=way.dpi, typeface=typeface))
        if way.language == "pdf":
            return labels.roll_pdf(list(found) * way.copies, layout, font=font)
        bitmaps = [bitmap(drawing, dpi=way.dpi, typeface=typeface) for drawing in drawings]
        if way.language == "escpos":
            return escpos.job(bitmaps, copies=way.copies)
        if way.language == "tspl":
            return tspl.job(
                bitmaps, dpi=way.dpi, width_mm=layout.width, height_mm=layout.height,
                copies=way.copies,
            )  # fmt: skip
        return zpl.job(
            bitmaps, dpi=way.dpi, width_mm=layout.width, height_mm=layout.height,
            copies=way.copies, rfid=rfid,
        )  # fmt: skip


def send(job: bytes, way: Way, complete: Complete | None = None) -> Sent:
    """Send a job; with `complete` listen to the printer until it says so, or `wait` is over.

    Raises:
        LabelRefusedError: the address names no printer, or a file that is there.
        PrinterFailedError: it was not taken, or only in part.
    """
    from labels import LabelError
    from labels.printer import send as deliver_job

    try:
        return deliver_job(job, way.printer, timeout=way.wait, complete=complete)
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        if error.code in ("printer.address_invalid", "printer.file_there"):
            raise LabelRefusedError(reason=reason, label_code=error.code) from error
        raise PrinterFailedError(
            printer_code=error.code, reason=reason, partial=getattr(error, "partial", False)
        ) from error


def delivered(receipt: Receipt, way: Way, count: int, sent: int, **more: Any) -> Answer:
    """Return the answer of a command that has printed labels."""
    data = {
        "events": receipt.events, "repeated": receipt.repeated, "printer": way.printer,
        "labels": count, "bytes": sent, **more,
    }  # fmt: skip
    if receipt.repeated:
        again = N_("This request was carried out before; nothing was printed.")
        return Answer(data=data, view=lines(lambda words: words.say(again)))
    return Answer(
        data=data,
        view=lines(
            lambda words: words.say(
                N_("{count} labels went to {printer}."), count=count, printer=way.printer
            )
        ),
    )
