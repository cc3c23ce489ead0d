"""import and export of lists."""

from __future__ import annotations

import csv
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts.importing.assets import import_assets
from assetctl.acts.importing.codes import import_classes, import_parties, import_places
from assetctl.acts.importing.drafts import HEADERS
from assetctl.acts.importing.plan import Imported, defused
from assetctl.acts.importing.sheet import Sheet, open_sheet, read_sheet
from assetctl.cli import clock, exchange, output
from assetctl.cli.context import Context
from assetctl.cli.options import Document, state_of
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.views import lines
from assetctl.domain.card import ATTRIBUTES, CARD
from assetctl.errors import ImportFaultsError, InputError, StoreUnavailableError
from assetctl.i18n import N_, term
from assetctl.reads.export import asset_rows
from assetctl.reads.search import Filter
from assetctl.store.engine import Tx

app = typer.Typer()
imports = typer.Typer(
    help=N_("Read lists of classes, parties, places, assets, and events of partners.")
)
exports = typer.Typer(
    help=N_("Write lists, events for partners, dossiers, proofs, and the whole log.")
)
groups = {"import": imports, "export": exports}
imports.command(name="epcis")(exchange.import_epcis)
exports.command(name="epcis")(exchange.export_epcis)

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help=N_("List to read; - is stdin."))]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="THEIR=OURS", help=N_("Header in the file = field here.")),
]
_SHOWN = 200
_COLLECT_AFTER = 50_000
_CODED = {"state", "condition"} | {field.name for field in (*CARD, *ATTRIBUTES) if field.choices}
"""Fields of a list whose cells are codes, which people read and write as words."""


@imports.command()
def classes(
    ctx: typer.Context,
    file: File,
    mapping: Map = None,
    scheme: Annotated[str | None, typer.Option(help=N_("Classification scheme."))] = None,
) -> Answer:
    """Load a catalogue of asset classes."""
    world: Context = ctx.obj
    chosen = scheme or world.settings.scheme
    return _import(
        world, file,
        lambda tx, sheet: import_classes(
            tx, sheet, stamp=world.stamp(), given=_given(mapping), scheme=chosen
        ),
    )  # fmt: skip


@imports.command()
def parties(ctx: typer.Context, file: File, mapping: Map = None) -> Answer:
    """Add units, people and vendors from a list."""
    world: Context = ctx.obj
    return _import(
        world, file,
        lambda tx, sheet: import_parties(tx, sheet, stamp=world.stamp(), given=_given(mapping)),
    )  # fmt: skip


@imports.command()
def places(ctx: typer.Context, file: File, mapping: Map = None) -> Answer:
    """Add places from a list."""
    world: Context = ctx.obj
    return _import(
        world, file,
        lambda tx, sheet: import_places(tx, sheet, stamp=world.stamp(), given=_given(mapping)),
    )  # fmt: skip


@imports.command()
def assets(
    ctx: typer.Context,
    file: File,
    mapping: Map = None,
    *,
    update: Annotated[
        bool, typer.Option("--update", help=N_("Correct cards that differ from the list."))
    ] = False,
    scheme: Annotated[str | None, typer.Option(help=N_("Classification scheme."))] = None,
    doc: Document = None,
) -> Answer:
    """Register assets from a list; every fault of every row is named, and it is all or nothing."""
    world: Context = ctx.obj
    words = world.words
    with output.progress(words.say(N_("rows")), None, quiet=world.flags.json) as on_step:
        return _import(
            world, file,
            lambda tx, sheet: import_assets(
                tx, sheet, stamp=world.stamp(), new_asset_id=clock.new_asset_id,
                scheme=scheme or world.settings.scheme, given=_given(mapping), update=update,
                doc=doc, on_step=on_step,
            ),
        )  # fmt: skip


@exports.command(name="assets")
def export_assets(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=N_("File to write."))],
    *,
    state: Annotated[str | None, typer.Option(help=N_("Only in this state."))] = None,
    owner: Annotated[str | None, typer.Option(help=N_("Only owned by this unit."))] = None,
    holder: Annotated[str | None, typer.Option(help=N_("Only held by this party."))] = None,
    place: Annotated[str | None, typer.Option(help=N_("Only in this place or inside it."))] = None,
) -> Answer:
    """Write assets as a list (CSV, UTF-8) that imports back without changing anything."""
    world: Context = ctx.obj
    chinese = world.settings.lang == "zh"
    wanted = Filter(state=state_of(state), owner=owner, holder=holder, place=place)
    names = tuple(HEADERS)
    coded = [index for index, name in enumerate(names) if chinese and name in _CODED]
    count = 0
    try:
        with (
            world.reading() as connection,
            file.open("w", encoding="utf-8-sig", newline="") as stream,
        ):
            writer = csv.writer(stream)
            writer.writerow([HEADERS[name][0] if chinese else name for name in names])
            for row in asset_rows(connection, wanted, names):
                for index in coded:
                    row[index] = term(names[index], row[index], "zh")
                writer.writerow([defused(cell) for cell in row])
                count += 1
    except OSError as error:
        raise StoreUnavailableError(db=str(file), reason=str(error)) from error
    return Answer(
        data={"file": str(file), "rows": count},
        view=lines(
            lambda words: words.say(N_("{count} rows written to {file}."), count=count, file=file)
        ),
    )


def _import(world: Context, file: Path, act: object) -> Answer:
    with _rare_collector(), world.writing() as tx:
        if str(file) == "-":
            with read_sheet(sys.stdin.buffer, "-") as sheet:
                done = _checked(world, act, tx, sheet)
        else:
            with open_sheet(file) as sheet:
                done = _checked(world, act, tx, sheet)
    return _answer(done, dry_run=world.flags.dry_run)


@contextmanager
def _rare_collector() -> Iterator[None]:
    # Rows make no reference cycles, and looking for some at every turn costs a sixth of a long
    # import; what the database library leaves behind is still taken away now and then.
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _checked(world: Context, act: object, tx: Tx, sheet: Sheet) -> Imported:
    done: Imported = act(tx, sheet)  # type: ignore[operator]
    if done.faults and not world.flags.dry_run:
        raise ImportFaultsError(file=sheet.name, count=len(done.faults), faults=done.faults)
    return done


def _answer(done: Imported, *, dry_run: bool) -> Answer:
    def view(words: Words) -> Sequence[View]:
        sentence = N_(
            "{rows} rows: {added} added, {corrected} corrected, {unchanged} already there."
        )
        if done.faults:
            sentence = N_(
                "{rows} rows, {count} faults. Nothing was written, and nothing would be before "
                "they are corrected."
            )
        elif dry_run:
            sentence = N_(
                "Nothing was written. {rows} rows: {added} would be added, {corrected} corrected, "
                "{unchanged} are already there."
            )
        facts = {"rows": done.rows, "added": done.added, "corrected": done.corrected,
                 "unchanged": done.unchanged, "count": len(done.faults)}  # fmt: skip
        return [words.say(sentence, **facts)]

    def remarks(words: Words) -> Sequence[str]:
        said = [output.fault_line(fault, words) for fault in done.faults[:_SHOWN]]
        if done.unused:
            said.append(
                words.say(N_("Columns nothing was made of: {names}"), names=", ".join(done.unused))
            )
        return said

    return Answer(data=done, view=view, remarks=remarks, findings=bool(done.faults))


def _given(mapping: list[str] | None) -> dict[str, str]:
    given = {}
    for item in mapping or ():
        their, equals, ours = item.rpartition("=")
        if not equals or not their.strip() or not ours.strip():
            raise InputError(field="--map", value=item, expected="THEIR=OURS")
        given[their.strip()] = ours.strip()
    return given
