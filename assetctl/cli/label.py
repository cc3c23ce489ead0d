"""label png | svg | sheet: the identity tags of assets, to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.options import Asset
from assetctl.cli.output import Answer, Words
from assetctl.cli.views import lines
from assetctl.errors import (
    InputError,
    KeyMissingError,
    LabelRefusedError,
    StoreUnavailableError,
    TagNotFoundError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads import assets as asset_reads
from assetctl.reads.search import Filter, all_ids
from labels import Label, LabelError
from labels.label import FaultyLabelsError

app = typer.Typer(help=N_("Identity tags to print."))
groups = {"label": app}

Out = Annotated[Path, typer.Option("--out", help=N_("File to write."))]
_SMALL_MODULE = 0.5


@app.command()
def png(ctx: typer.Context, asset: Asset, *, out: Out) -> Answer:
    """Make the label of one asset as a PNG picture, or as SVG if the file name ends in .svg."""
    import labels

    world: Context = ctx.obj
    (label,) = _labels(world, world.ids([asset]))
    with _refusals():
        if out.suffix.lower() == ".svg":
            data = labels.svg(label)
        else:
            data = labels.png(label, font=world.settings.font or None)
    _write(out, data)
    return _answer(out, 1, label.payload)


@app.command()
def sheet(
    ctx: typer.Context,
    assets: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASSET…", help=N_("Ids, aliases or tag texts; -, @FILE.")),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help=N_("Every asset of the register."))] = False,
    owner: Annotated[str | None, typer.Option(help=N_("Every asset of this unit."))] = None,
    place: Annotated[str | None, typer.Option(help=N_("Every asset in this place."))] = None,
    preset: Annotated[str, typer.Option(help=N_("Sheet: a4-24, a4-21, a4-65 …"))] = "a4-24",
    start: Annotated[int, typer.Option(min=1, help=N_("First free cell of a used sheet."))] = 1,
    out: Out,
) -> Answer:
    """Make a sheet of labels as PDF: code, id, name and unit."""
    import labels

    world: Context = ctx.obj
    ids = world.ids(assets) if assets else _chosen(world, every=every, owner=owner, place=place)
    found = _labels(world, ids)
    words = world.words
    with (
        _refusals(),
        output.progress(words.say(N_("labels")), len(found), quiet=world.flags.json) as on_step,
    ):
        module = labels.module_mm(found[0].payload, preset=preset)
        data = labels.sheet_pdf(
            found, preset=preset, start_cell=start, font=world.settings.font or None,
            on_step=on_step, created=clock.now(),
        )  # fmt: skip
    _write(out, data)
    return _answer(out, len(found), None, module)


def _chosen(world: Context, *, every: bool, owner: str | None, place: str | None) -> list[str]:
    if not (every or owner or place):
        raise InputError(field="ASSET", value="", expected="assets, --owner, --place or --all")
    with world.reading() as connection:
        ids = all_ids(connection, Filter(owner=owner, place=place))
    if not ids:
        raise LabelRefusedError(reason="no asset was chosen")
    return ids


def _labels(world: Context, ids: Sequence[str]) -> list[Label]:
    with world.reading() as connection:
        found = asset_reads.show(connection, ids, sign=world.sign)
    for asset in found:
        if asset_reads.current_issue(asset.tags, asset.asset_id) is None:
            raise TagNotFoundError(asset_id=asset.asset_id, carrier="qr")
        if asset.payload is None:
            raise KeyMissingError(key="tag-0", place=str(world.settings.keys))
    return [
        Label(
            payload=asset.payload or "",
            code=asset.display_id,
            lines=tuple(
                filter(
                    None,
                    (
                        asset.name,
                        asset.names.get(asset.owner, asset.owner),
                        asset.card_no,
                    ),
                )
            ),
        )
        for asset in found
    ]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except FaultyLabelsError as error:
        reason = Phrase(
            N_("{count} of {total} labels cannot be printed, each for the reason named below"),
            count=error.facts["count"], total=error.facts["total"],
        )  # fmt: skip
        raise LabelRefusedError(
            reason=reason, label_code=error.code,
            lines=tuple(Phrase(one.template, **one.facts) for one in error.errors),
        ) from error  # fmt: skip
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        raise LabelRefusedError(reason=reason, label_code=error.code) from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StoreUnavailableError(db=str(path), reason=error.strerror or str(error)) from error


def _answer(out: Path, count: int, payload: str | None, module: float | None = None) -> Answer:
    def remarks(words: Words) -> Sequence[str]:
        if module is not None and module < _SMALL_MODULE:
            return [
                words.say(
                    N_(
                        "The modules are {module} mm: below 0.5 mm some cameras will not read them."
                    ),
                    module=f"{module:.3f}",
                )
            ]
        return []

    return Answer(
        data={"file": str(out), "labels": count, "payload": payload, "module_mm": str(module)
              if module else None},
        view=lines(
            lambda words: words.say(
                N_("{count} labels written to {file}."), count=count, file=str(out)
            )
        ),
        remarks=remarks,
    )  # fmt: skip
