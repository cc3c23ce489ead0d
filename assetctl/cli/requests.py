"""A request from the command line: begin it, submit it, and answer with its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from assetctl.acts import documents as acts
from assetctl.acts import handovers
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.document_views import document_answer
from assetctl.cli.output import Answer
from assetctl.cli.views import receipt_answer
from assetctl.domain.lifecycle import Act
from assetctl.domain.request import Receipt, Stamp
from assetctl.i18n import N_
from assetctl.reads.documents import Document, need_document
from assetctl.store.engine import Tx

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=N_("Number of the document."))]
Submit = Annotated[
    bool,
    typer.Option("--submit/--draft", help=N_("Submit it at once, or leave it a draft.")),
]

Deed = Callable[[Tx, Document, list[str], Stamp], Receipt]
"""Does under a document what it allows with some of its assets."""


def requested(
    world: Context, kind: str, *, assets: Sequence[str], fields: Mapping[str, str | None],
    text: str | None, submit: bool,
) -> Answer:  # fmt: skip
    """Begin a document and, unless it shall stay a draft, submit it: both, or neither."""
    given = {name: value for name, value in fields.items() if value}
    with world.writing() as tx:
        stamp = world.stamp()
        receipt = acts.draft(tx, kind=kind, fields=given, assets=assets, text=text, stamp=stamp)
        number = receipt.events[0].subject.removeprefix("doc:")
        if submit:
            acts.submit(tx, number=number, stamp=part_of(stamp, "submit"))
        found = need_document(tx.connection, number)
    return document_answer(found, world.words)


def carried_out(
    world: Context, number: str, assets: Sequence[str], deed: Deed, *, keep_going: bool = False
) -> Answer:  # fmt: skip
    """Do under a document what it allows, and answer with what was done and the papers issued."""
    with world.reading() as connection:
        one = need_document(connection, number)
    receipt, refused = world.each(
        world.ids(assets), lambda tx, ids, stamp: deed(tx, one, ids, stamp), keep_going=keep_going
    )
    papers = [event.subject.removeprefix("doc:") for event in receipt.events
              if event.kind == "doc.issued"]  # fmt: skip
    return receipt_answer(receipt, refused, document=number, papers=papers)


def sending(number: str, field: str, note: str | None) -> Deed:
    """Return what sends things to the unit that a field of the document names."""

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        to = one.fields.get(field, "")
        return handovers.send(tx, assets=ids, to=to, doc=number, note=note, stamp=stamp)

    return deed


def refusing(number: str, field: str, reason: str) -> Deed:
    """Return what does not take over, for that unit, what was sent to it."""

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        by = one.fields.get(field, "")
        return handovers.refuse(tx, assets=ids, note=reason, by=by, doc=number, stamp=stamp)

    return deed


def taking(
    number: str, field: str, *, place: str | None, condition: str | None, differs: str | None
) -> Deed:
    """Return what takes things over for that unit, with title where the document lets it move."""
    grade = grade_of(condition)

    def deed(tx: Tx, one: Document, ids: list[str], stamp: Stamp) -> Receipt:
        to = one.fields.get(field, "")
        taken = handovers.receive(
            tx, assets=ids, by=to, place=place, condition=grade, differs=differs, doc=number,
            stamp=stamp,
        )  # fmt: skip
        if all(move.act is not Act.TRANSFER_TITLE for move in one.doc_kind.course(one.mode)):
            return taken
        title = handovers.transfer_title(
            tx, assets=ids, to_unit=to, doc=number, stamp=part_of(stamp, "title")
        )
        return joined(taken, title)

    return deed


def part_of(stamp: Stamp, name: str) -> Stamp:
    """Return the stamp of a further part of a request, which is known again by its own id."""
    return replace(stamp, request_id=f"{stamp.request_id}:{name}")


def joined(*receipts: Receipt) -> Receipt:
    """Return several receipts as one."""
    events = tuple(event for receipt in receipts for event in receipt.events)
    return Receipt(events=events, repeated=all(receipt.repeated for receipt in receipts))
