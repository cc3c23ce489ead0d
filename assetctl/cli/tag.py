"""tag blank | bind | replace | void | history | alerts | commands | epc: labels and tags."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace as replace_dataclass
from typing import Annotated

import typer

from assetctl.acts import blanks, sightings, tags
from assetctl.cli import clock, radio_number
from assetctl.cli.blanks import blank_tags, is_an_asset, signed_text
from assetctl.cli.context import Context, expand, must_be_text
from assetctl.cli.options import Asset, Note
from assetctl.cli.output import Answer, Table, View, Words
from assetctl.cli.signing import sign_as
from assetctl.cli.views import print_hint, receipt_answer
from assetctl.cli.wording import allowed_from
from assetctl.domain.commands import COMMANDS
from assetctl.domain.epc.pc import build_pc, parse_pc
from assetctl.domain.identity import display_id
from assetctl.domain.lifecycle import Act
from assetctl.errors import InputError, TwoTidsError
from assetctl.i18n import N_
from assetctl.reads.tag_life import Alert, TagLife, alerts, tag_history
from assetctl.reads.tags import blank_carrier

app = typer.Typer(help=N_("Tags: issue blank ones, bind, replace, void; their history and alerts."))
groups = {"tag": app}
app.command(name="epc")(radio_number.epc)

Carrier = Annotated[str, typer.Option(help=N_("qr, datamatrix, uhf or hf."))]


@app.command()
def blank(
    ctx: typer.Context,
    *,
    count: Annotated[int, typer.Option(min=1, max=blanks.BATCH, help=N_("How many."))],
    carrier: Annotated[str, typer.Option(help=N_("qr or datamatrix."))] = "qr",
) -> Answer:
    """Issue blank tags: ids ahead of the things they will be bound to."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = blanks.issue_blanks(
            tx, count=count, carrier=carrier, stamp=world.stamp(), new_asset_id=clock.new_asset_id
        )
    (event,) = receipt.events
    made = [
        {"code": one, "display": display_id(one), "payload": world.sign(one, 1)}
        for one in event.data["tags"]
    ]
    answer = receipt_answer(receipt, batch=made[0]["code"], carrier=carrier, tags=made)

    def view(words: Words) -> Sequence[View]:
        rows = [[one["display"] or "", one["payload"] or ""] for one in made]
        done = words.say(N_("{count} blank tags were issued."), count=len(made))
        return [done, Table(columns=[words.say(N_("Id")), words.say(N_("Tag text"))], rows=rows)]

    return replace_dataclass(answer, view=view)


@app.command(epilog=allowed_from(Act.BIND_TAG))
def bind(
    ctx: typer.Context,
    asset: Asset,
    *,
    tag: Annotated[
        str | None,
        typer.Option(help=N_("Text of a printed blank tag, as scanned; - waits for a scan.")),
    ] = None,
    epc: Annotated[str | None, typer.Option(help=N_("EPC of a radio tag, in hex."))] = None,
    tid: Annotated[str | None, typer.Option(help=N_("TID of the radio chip, in hex."))] = None,
    pc: Annotated[str | None, typer.Option(help=N_("PC word of the radio tag, in hex."))] = None,
    carrier: Carrier = "",
    air: Annotated[
        str, typer.Option(help=N_("Protocol of the radio tag: gen2, gb29768 or gjb7377."))
    ] = tags.AIRS[0],
) -> Answer:
    """Bind a blank printed tag or a radio tag to an asset."""
    world: Context = ctx.obj
    word = build_pc(parse_pc(pc)) if pc else None
    carried = replace_dataclass(_carried(world, tag, epc, tid, carrier), air=air, pc=word)
    (asset_id,) = world.ids([asset])
    try:
        with world.writing() as tx:
            receipt = tags.bind_tag(tx, asset_id=asset_id, carried=carried, stamp=world.stamp())
    except TwoTidsError as error:
        # Nothing was bound, but that there are two chips must stay known.
        with world.writing() as tx:
            sightings.alert_two_tids(
                tx, asset_id=str(error.facts["asset_id"]), epc=str(error.facts["epc"]),
                tid=str(error.facts["tid"]), stamp=world.stamp(),
            )  # fmt: skip
        raise
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
    tag: Annotated[
        list[str],
        typer.Argument(
            metavar="TAG…",
            help=N_("An asset, or blank tags: texts, ids, FIRST..LAST; -, @FILE."),
        ),
    ],
    *,
    carrier: Carrier = "qr",
    issue: Annotated[
        int | None, typer.Option(help=N_("Issue number; by default the newest."))
    ] = None,
    note: Note = None,
) -> Answer:
    """Declare a tag of an asset void, or any number of blank tags."""
    world: Context = ctx.obj
    references = list(expand(tag))
    if len(references) != 1 or not is_an_asset(world, references[0]):
        return _void_blanks(world, references, note)
    (asset_id,) = world.ids(references)
    text = signed_text(references[0])
    with world.writing() as tx:
        receipt = tags.void_tag(
            tx, asset_id=asset_id, carrier=carrier,
            issue=issue or (text.issue if text else None), code=text.subject if text else None,
            note=note, stamp=world.stamp(),
        )  # fmt: skip
    return receipt_answer(receipt)


def _void_blanks(world: Context, references: Sequence[str], note: str | None) -> Answer:
    ids = blank_tags(world, references)
    with world.writing() as tx:
        receipt = blanks.void_blanks(tx, tags=ids, note=note, stamp=world.stamp())
    answer = receipt_answer(receipt, tags=ids)
    done = N_("{count} blank tags were declared void.")
    again = N_("This request was carried out before; nothing was done.")
    return replace_dataclass(
        answer,
        view=lambda words: [words.say(again if receipt.repeated else done, count=len(ids))],
    )


@app.command()
def history(ctx: typer.Context, asset: Asset) -> Answer:
    """List every tag an asset ever had: carrier, issue, state, since when, by whom, prints."""
    world: Context = ctx.obj
    (asset_id,) = world.ids([asset])
    with world.reading() as connection:
        lives = tag_history(connection, asset_id)
    return Answer(data=lives, view=lambda words: [_lives_table(display_id(asset_id), lives, words)])


@app.command(name="alerts")
def alerts_(
    ctx: typer.Context,
    asset: Annotated[
        str | None, typer.Argument(metavar="ASSET", help=N_("Id, alias or tag text."))
    ] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10000, help=N_("At most so many."))] = 100,
) -> Answer:
    """List the alerts of copied tags, the newest first."""
    world: Context = ctx.obj
    asset_id = world.ids([asset])[0] if asset else None
    with world.reading() as connection:
        found = alerts(connection, asset_id=asset_id, limit=limit)
    return Answer(
        data=found,
        view=lambda words: [_alerts_table(found, words)] if found else [],
        remarks=lambda words: [] if found else [words.say(N_("Nothing was found."))],
        findings=bool(found),
    )


@app.command()
def commands(ctx: typer.Context) -> Answer:
    """List the command tags, to print a sheet that a clerk works with a scanner alone."""
    world: Context = ctx.obj
    made = [
        {"name": one.name, "code": one.tag, "payload": sign_as(world, "C", one.tag)}
        for one in COMMANDS
    ]

    def view(words: Words) -> Sequence[View]:
        say = words.say
        rows = [
            [words.term("command", one["name"]), display_id(one["code"] or ""),
             one["payload"] or ""]
            for one in made
        ]  # fmt: skip
        columns = [say(N_("Command")), say(N_("Id")), say(N_("Tag text"))]
        return [Table(columns=columns, rows=rows)]

    return Answer(data=made, view=view)


def _lives_table(title: str, lives: Sequence[TagLife], words: Words) -> Table:
    say = words.say

    def once(at: str | None, by: str | None) -> str:
        return f"{words.time(at)}  {by}" if at else ""

    return Table(
        title=title,
        columns=[say(N_("Carrier")), say(N_("Code")), "#", say(N_("State")), say(N_("Since")),
                 say(N_("Until")), say(N_("Prints"))],
        rows=[
            [words.term("carrier", one.carrier), one.epc or display_id(one.code), str(one.issue),
             words.term("tag_state", one.state), once(one.bound_at, one.bound_by),
             once(one.ended_at, one.ended_by),
             "\n".join(f"{once(p.at, p.by)}  {p.template}  {p.printer}  {p.reason or ''}".rstrip()
                       for p in one.prints)]
            for one in lives
        ],
    )  # fmt: skip


def _alerts_table(found: Sequence[Alert], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("When")), say(N_("Id")), say(N_("Alert")), say(N_("Tag")),
                 say(N_("Where")), say(N_("Against"))],
        rows=[
            [words.time(one.seen_at), display_id(one.asset_id), words.term("alert", one.alert),
             f"{words.term('carrier', one.carrier)} {one.code} #{one.issue}",
             f"{one.place or ''} @{one.station}".strip(),
             one.other if one.seconds_apart is None else f"{one.other}  ({one.seconds_apart} s)"]
            for one in found
        ],
    )  # fmt: skip


def _carried(
    world: Context, text: str | None, epc: str | None, tid: str | None, carrier: str
) -> tags.Carried:
    if (text is None) == (epc is None):
        raise InputError(field="--tag", value=text or "", expected="given, or else --epc")
    if epc is not None:
        code = hexadecimal("--epc", epc)
        chip = hexadecimal("--tid", tid) if tid else None
        return tags.Carried(carrier=carrier or "uhf", code=code, epc=code, tid=chip)
    payload = world.blank(_scanned() if text == "-" else text or "")
    if not carrier:
        with world.reading() as connection:
            carrier = blank_carrier(connection, payload.subject) or "qr"
    return tags.Carried(carrier=carrier, code=payload.subject, issue=payload.issue or 1)


def _scanned() -> str:
    """Return the next line of standard input: a wedge scanner types the text of a tag and Enter."""
    text = sys.stdin.readline().strip()
    must_be_text([text])
    return text


def hexadecimal(option: str, text: str) -> str:
    """Return an EPC or a TID in upper case and without blanks.

    Raises:
        InputError: it is not 4 to 62 bytes in hexadecimal.
    """
    plain = text.replace(" ", "").upper()
    try:
        usable = 4 <= len(bytes.fromhex(plain)) <= 62
    except ValueError:
        usable = False
    if not usable:
        raise InputError(field=option, value=text, expected="4 to 62 bytes in hex")
    return plain
