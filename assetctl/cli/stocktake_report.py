"""stocktake report: what was found, as forms to sign, as a workbook, or as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.files import write_file
from assetctl.cli.output import Answer, Table, View, Words
from assetctl.cli.stocktake import Number, app
from assetctl.cli.stocktake_count import groups
from assetctl.cli.stocktake_sheets import (
    BASE,
    DIFFERENCE,
    FORMS,
    MAP,
    SHEET,
    SHORTAGE,
    SUMMARY,
    SURPLUS,
    Section,
    sections,
    text_of,
)
from assetctl.domain.chain import instant
from assetctl.domain.stocktake import StocktakeState
from assetctl.errors import InputError, StocktakeBlindError, StocktakeStateError
from assetctl.i18n import N_, one_of
from assetctl.reads.stocktake_report import Report, stocktake_report
from assetctl.reads.stocktakes import Stocktake, need_stocktake

__all__ = ["app", "groups"]

_ALL = "all"
_OnRow = Callable[[], None]
_NOT_PLANNED = [one for one in StocktakeState if one is not StocktakeState.PLANNED]


@app.command()
def report(
    ctx: typer.Context,
    number: Number,
    *,
    out: Annotated[
        Path, typer.Option(help=N_("File to write: .pdf to sign, .xlsx to work with, or .json."))
    ],
    form: Annotated[
        str,
        typer.Option(help=N_("sheet, surplus, shortage, summary, difference, base, map, or all.")),
    ] = _ALL,
) -> Answer:
    """Write what a stocktake found: the state of now while it goes on, then the frozen results."""
    world: Context = ctx.obj
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        expected = N_("a file ending in .pdf, .xlsx or .json")
        raise InputError(field="--out", value=str(out), expected=expected)
    if form not in (*FORMS, _ALL):
        raise InputError(field="--form", value=form, expected=one_of([*FORMS, _ALL]))
    forms: Sequence[str] = FORMS if form == _ALL else (form,)
    with world.reading() as connection:
        one = need_stocktake(connection, number)
        _must_be_shown(world, one)
        base_ends = clock.parse_bound(one.base_date, world.settings.timezone, "--base", end=True)
        found = stocktake_report(connection, one, now=instant(clock.now()), base_ends=base_ends)
        if form == _ALL and found.base is None:
            forms = [one for one in FORMS if one != BASE]
    tables = sections(found, forms, world.words)
    rows = sum(len(table.rows) for table in tables)
    with output.progress(world.words.say(N_("rows")), rows, quiet=world.flags.json) as on_step:
        data, more = write(world, found, tables, _counting(on_step))
    if not world.flags.dry_run:
        write_file(out, data)
    told = {
        "file": str(out), "number": number, "state": one.state, "final": found.is_frozen,
        "as_of": found.as_of, "list_sheet": one.sheet, "result_sheet": one.result_sheet,
        "forms": {table.form: len(table.rows) for table in tables}, "total": found.total, **more,
    }  # fmt: skip
    return Answer(data=told, view=lambda words: _views(found, out, words))


def _must_be_shown(world: Context, one: Stocktake) -> None:
    """Refuse what nothing is known of yet, and what those who count blind are not shown."""
    if not one.opened_at:
        raise StocktakeStateError(
            number=one.number, stocktake_state=one.state, stocktake_act="report",
            stocktake_states=", ".join(state.value for state in _NOT_PLANNED),
        )  # fmt: skip
    if one.is_hidden_from(world.settings.operator):
        raise StocktakeBlindError(number=one.number, planner=one.planner)


def _counting(on_step: Callable[[int], None]) -> _OnRow:
    done = 0

    def on_row() -> None:
        nonlocal done
        done += 1
        if done % 100 == 0:
            on_step(done)

    return on_row


# --- the files -------------------------------------------------------------------------------

_Written = tuple[bytes, dict[str, Any]]
"""The bytes of a file, and what else the answer says of it."""


def _pdf(world: Context, found: Report, tables: Sequence[Section], on_row: _OnRow) -> _Written:
    from assetctl.cli.on_paper import on_paper
    from assetctl.cli.stocktake_paper import forms_of

    printout = on_paper(world, forms_of(found, tables, world.words), on_row=on_row)
    return printout.pdf, {"pages": sum(printout.pages)}


def _xlsx(world: Context, found: Report, tables: Sequence[Section], on_row: _OnRow) -> _Written:
    from assetctl.cli.stocktake_paper import facts_of
    from assetctl.cli.workbook import workbook

    facts = facts_of(found, world.words)
    return workbook(tables, facts, created=found.as_of, on_row=on_row), {}


def _json(_world: Context, found: Report, tables: Sequence[Section], _on_row: _OnRow) -> _Written:
    values = {
        SHEET: found.rows, SURPLUS: found.surplus, SHORTAGE: found.shortage,
        SUMMARY: {"by_class": found.by_class, "by_unit": found.by_unit},
        DIFFERENCE: found.differences, BASE: found.base.changed if found.base else (),
        MAP: found.places,
    }  # fmt: skip
    data = {
        "stocktake": found.stocktake, "final": found.is_frozen, "as_of": found.as_of,
        "base": replace(found.base, changed=()) if found.base else None,
        "closing": found.closing, "counters": found.counters, "opinions": found.opinions,
        "total": found.total, "called": found.called, "classes": found.classes,
        "forms": {table.form: values[table.form] for table in tables},
    }  # fmt: skip
    text = json.dumps(output.plain(data), ensure_ascii=False, indent=1)
    return text.encode(), {}


_WRITERS: dict[str, Callable[[Context, Report, Sequence[Section], _OnRow], _Written]] = {
    ".pdf": _pdf, ".xlsx": _xlsx, ".json": _json,
}  # fmt: skip


def _views(found: Report, out: Path, words: Words) -> Sequence[View]:
    by_unit = sections(found, [SUMMARY], words)[-1]
    table = Table(
        columns=[heading.text for heading in by_unit.headings],
        rows=[[text_of(cell) for cell in row] for row in (*by_unit.rows, by_unit.total)],
        title=by_unit.title,
    )
    sentence = N_("The results of {number} went to {file}.")
    if not found.is_frozen:
        sentence = N_("The state of {number} went to {file}; it is not final.")
    return [table, words.say(sentence, number=found.stocktake.number, file=str(out))]
