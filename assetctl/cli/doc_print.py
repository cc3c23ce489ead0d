"""doc print: documents as forms on A4, to be signed, sealed and filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import Connection

from assetctl.acts.paper_lines import frozen_lines
from assetctl.cli.context import Context
from assetctl.cli.doc import app, groups
from assetctl.cli.files import write_file
from assetctl.cli.on_paper import on_paper
from assetctl.cli.output import Answer
from assetctl.cli.views import lines
from assetctl.domain.class_code import GB_T_14885
from assetctl.domain.document_events import Line as Frozen
from assetctl.domain.money import fen_text
from assetctl.i18n import N_
from assetctl.reads.documents import Document, Line, need_document
from assetctl.reads.printed import Printed, printed

__all__ = ["app", "groups"]

Numbers = Annotated[
    list[str], typer.Argument(metavar="NUMBER", help=N_("Numbers of the documents."))
]


@app.command("print")
def print_(
    ctx: typer.Context,
    numbers: Numbers,
    *,
    out: Annotated[Path, typer.Option(help=N_("PDF file to write."))],
    papers: Annotated[
        bool, typer.Option("--papers", help=N_("With every paper issued under them."))
    ] = False,
) -> Answer:
    """Print documents as forms on A4, one after the other in one PDF."""
    from assetctl.cli.forms import forms_of

    world: Context = ctx.obj
    with world.reading() as connection:
        wanted = _wanted(connection, numbers, papers=papers)
        found = [_printed(connection, number) for number in wanted]
    made = [(one.document, forms_of(one, world.words)) for one in found]
    printout = on_paper(world, [form for _, forms in made for form in forms])
    if not world.flags.dry_run:
        write_file(out, printout.pdf)
    pages, counted = sum(printout.pages), iter(printout.pages)
    documents = [
        {"number": one.number, "kind": one.kind, "pages": sum(next(counted) for _ in forms)}
        for one, forms in made
    ]
    return Answer(
        data={"file": str(out), "pages": pages, "documents": documents},
        view=lines(
            lambda words: words.say(
                N_("{count} documents on {pages} pages went to {file}."),
                count=len(documents), pages=pages, file=str(out),
            )
        ),
    )  # fmt: skip


def _wanted(connection: Connection, numbers: Sequence[str], *, papers: bool) -> list[str]:
    """Return each number once, with `papers` those of the papers behind their request.

    Raises:
        DocumentNotFoundError: there is none with one of the numbers.
    """
    found: dict[str, None] = {}
    for number in numbers:
        found[number] = None
        if papers:
            found |= dict.fromkeys(need_document(connection, number).papers)
    return list(found)


def _printed(connection: Connection, number: str) -> Printed:
    """Return what is printed of a document; what never was submitted has its lines from cards."""
    found = printed(connection, number)
    one = found.document
    if one.round or not one.wanted:
        return found
    drawn, total = frozen_lines(connection, one.wanted)
    return replace(found, document=_with_lines(one, drawn, total))


def _with_lines(one: Document, drawn: Sequence[Frozen], total: int) -> Document:
    made = tuple(
        Line(
            line=number, name=line["name"], scheme=line.get("scheme", GB_T_14885),
            class_code=line["class"], quantity=len(line["assets"]), value=line.get("value"),
            net=line.get("net", line.get("value")), assets=tuple(line["assets"]),
        )
        for number, line in enumerate(drawn, 1)
    )  # fmt: skip
    return replace(one, lines=made, total=fen_text(total))
