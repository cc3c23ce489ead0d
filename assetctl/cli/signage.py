"""label blanks | places | cards | commands: what is no asset's label, as a sheet or printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.acts.sign_prints import note_blanks, note_place_tags, note_staff_cards
from assetctl.cli.blanks import blank_tags
from assetctl.cli.context import Context, expand
from assetctl.cli.delivery import Note, Way, deliver, way_to
from assetctl.cli.label import Dpi, Start, Verify, app, make_sheet
from assetctl.cli.output import Answer
from assetctl.cli.signing import sign_as
from assetctl.cli.stickers import refusals, sheet_template, signed
from assetctl.domain.commands import COMMANDS
from assetctl.domain.identity import display_id
from assetctl.errors import BadgeMissingError, InputError
from assetctl.i18n import N_, term
from assetctl.reads.badges import Badge, place_badge, staff_badge
from assetctl.reads.blanks import Blank, need_blanks
from assetctl.reads.parties import find_party, find_place
from labels import Label

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Sheet = Annotated[
    Path | None,
    typer.Option("--out", help=N_("A sheet as PDF instead of a print; a file is no print.")),
]
Preset = Annotated[str, typer.Option(help=N_("Sheet: a4-24, a4-21, a4-65 …"))]
Printer = Annotated[
    str, typer.Option(help=N_("tcp://HOST:9100, cups:QUEUE, device:/dev/usb/lp0 or a file."))
]
Language = Annotated[
    str, typer.Option(help=N_("What the printer understands: zpl, tspl, escpos, pdf."))
]
Template = Annotated[
    str,
    typer.Option(help=N_("30x20 … 70x50, or a TOML file; by default 50x30, on sheets what fits.")),
]
Copies = Annotated[int, typer.Option(min=1, max=99, help=N_("Copies of each label."))]
Reason = Annotated[
    str | None, typer.Option(help=N_("Why labels that were printed before are printed again."))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the four commands are told alike: a sheet (`out`), or a way to a printer."""

    out: Path | None
    preset: str
    start: int
    way: Way


@app.command()
def blanks(
    ctx: typer.Context,
    tags: Annotated[
        list[str],
        typer.Argument(metavar="TAG…", help=N_("Blank tags: texts, ids, FIRST..LAST; -, @FILE.")),
    ],
    *,
    out: Sheet = None,
    preset: Preset = "a4-24",
    start: Start = 1,
    printer: Printer = "",
    language: Language = "zpl",
    template: Template = "",
    dpi: Dpi = 203,
    copies: Copies = 1,
    reason: Reason = None,
    verify: Verify = False,
) -> Answer:
    """Print blank tags that were issued ahead (tag blank), or make a sheet of them."""
    world: Context = ctx.obj
    ids = blank_tags(world, tags)
    with world.reading() as connection:
        found = need_blanks(connection, ids)
    way = Way(
        printer=printer, language=language, template=template, dpi=dpi, copies=copies,
        reason=reason, verify=verify, symbol=_symbol(found),
    )  # fmt: skip
    labels = [_blank_label(world, one) for one in found]
    wish = _Wish(out=out, preset=preset, start=start, way=way)
    return _make(world, labels, wish, partial(note_blanks, tags=ids), sheet="sheet")


@app.command()
def places(
    ctx: typer.Context,
    codes: Annotated[list[str], typer.Argument(metavar="PLACE…", help=N_("Codes of places."))],
    *,
    out: Sheet = None,
    preset: Preset = "a4-24",
    start: Start = 1,
    printer: Printer = "",
    language: Language = "zpl",
    template: Template = "",
    dpi: Dpi = 203,
    copies: Copies = 1,
    reason: Reason = None,
    verify: Verify = False,
) -> Answer:
    """Print place tags, or make a sheet of them; places without one must get it: place tag."""
    world: Context = ctx.obj
    way = Way(
        printer=printer, language=language, template=template, dpi=dpi, copies=copies,
        reason=reason, verify=verify,
    )  # fmt: skip
    wanted = list(dict.fromkeys(expand(codes)))
    with world.reading() as connection:
        found = [_place_label(world, connection, code) for code in wanted]
    wish = _Wish(out=out, preset=preset, start=start, way=way)
    return _make(world, found, wish, partial(note_place_tags, codes=wanted))


@app.command()
def cards(
    ctx: typer.Context,
    codes: Annotated[list[str], typer.Argument(metavar="PERSON…", help=N_("Staff codes."))],
    *,
    out: Sheet = None,
    preset: Preset = "a4-21",
    start: Start = 1,
    printer: Printer = "",
    language: Language = "zpl",
    template: Template = "",
    dpi: Dpi = 203,
    copies: Copies = 1,
    reason: Reason = None,
    verify: Verify = False,
) -> Answer:
    """Print staff cards, or make a sheet of them; people without one must get it: party card."""
    world: Context = ctx.obj
    way = Way(
        printer=printer, language=language, template=template, dpi=dpi, copies=copies,
        reason=reason, verify=verify,
    )  # fmt: skip
    wanted = list(dict.fromkeys(expand(codes)))
    with world.reading() as connection:
        found = [_card_label(world, connection, code) for code in wanted]
    wish = _Wish(out=out, preset=preset, start=start, way=way)
    return _make(world, found, wish, partial(note_staff_cards, codes=wanted))


@app.command()
def commands(
    ctx: typer.Context,
    *,
    out: Sheet = None,
    preset: Preset = "a4-21",
    start: Start = 1,
    printer: Printer = "",
    language: Language = "zpl",
    template: Template = "",
    dpi: Dpi = 203,
    copies: Copies = 1,
    verify: Verify = False,
) -> Answer:
    """Print the commands to hang on the wall: check out, check in, commit …, or make a sheet."""
    world: Context = ctx.obj
    way = Way(
        printer=printer, language=language, template=template, dpi=dpi, copies=copies,
        verify=verify,
    )  # fmt: skip
    wish = _Wish(out=out, preset=preset, start=start, way=way)
    return _make(world, _command_labels(world), wish, None)


def _make(
    world: Context, found: Sequence[Label], wish: _Wish, note: Note | None, *, sheet: str = "sign"
) -> Answer:
    way = wish.way
    if wish.out is None:
        needed = N_("the address of a printer, or --out for a sheet")
        way = way_to(world, replace(way, template=way.template or "50x30"), or_else=needed)
        return deliver(world, found, way, note)
    if way.printer:
        expected = N_("given without --out: a sheet is a file and no print")
        raise InputError(field="--printer", value=way.printer, expected=expected)
    with refusals():
        layout = sheet_template(world, way.template or sheet, wish.preset)
        if way.symbol:
            layout = replace(layout, symbol=replace(layout.symbol, kind=way.symbol))
    return make_sheet(
        world, list(found) * way.copies, wish.out, preset=wish.preset, start=wish.start,
        template=layout, verify=way.verify,
    )  # fmt: skip


# --- what stands on them -------------------------------------------------------------------


def _symbol(found: Sequence[Blank]) -> str:
    """Return the symbol that these blank tags were issued on.

    Raises:
        InputError: they were issued on different ones.
    """
    kinds = sorted({one.carrier for one in found})
    if len(kinds) > 1:
        expected = N_("tags of one symbol: either qr or datamatrix")
        raise InputError(field="TAG", value=", ".join(kinds), expected=expected)
    return kinds[0] if kinds else ""


def _blank_label(world: Context, one: Blank) -> Label:
    """Return a blank tag: a code and its id, and nothing that is not known yet."""
    payload = signed(world, world.sign(one.tag, 1))
    return Label(payload=payload, code=display_id(one.tag), short=payload.rpartition("/")[2])


def _place_label(world: Context, connection: Connection, code: str) -> Label:
    badge = _counting(place_badge(connection, code), code)
    place = find_place(connection, code)
    name = place.name if place else ""
    return Label(
        payload=signed(world, sign_as(world, "P", badge.tag, badge.issue)), code=code,
        lines=(name, display_id(badge.tag)), values={"name": name}, spare=1,
    )  # fmt: skip


def _card_label(world: Context, connection: Connection, code: str) -> Label:
    """Return the card of a person; the name stands on it alone, never in the history."""
    badge = _counting(staff_badge(connection, code), code)
    person = find_party(connection, code)
    unit = find_party(connection, person.unit) if person and person.unit else None
    name = (person.name if person else None) or ""
    owner = (unit.name if unit else None) or ""
    return Label(
        payload=signed(world, sign_as(world, "S", badge.tag, badge.issue)), code=code,
        lines=(name, owner, display_id(badge.tag)), values={"name": name, "owner": owner}, spare=2,
    )  # fmt: skip


def _counting(badge: Badge | None, code: str) -> Badge:
    if badge is None:
        raise BadgeMissingError(holder=code)
    return badge


def _command_labels(world: Context) -> list[Label]:
    """Return every command tag, in the order of the wall sheet, in both languages."""
    found = []
    for command in COMMANDS:
        chinese = term("command", command.name, "zh")
        english = term("command", command.name, "en").upper()
        large, small = (english, chinese) if world.settings.lang == "en" else (chinese, english)
        payload = signed(world, sign_as(world, "C", command.tag))
        found.append(Label(payload=payload, code=large, lines=(small,), values={"name": small}))
    return found
