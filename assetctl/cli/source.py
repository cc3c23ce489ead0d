"""source: look in the warehouse before anything is bought, and prove that it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from assetctl.acts import certificates, documents
from assetctl.acts import sourcing as acts
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.document_views import document_answer
from assetctl.cli.options import Assets
from assetctl.cli.output import Answer
from assetctl.cli.requests import Number, Submit, part_of, requested
from assetctl.cli.source_views import evidence_answer, needs_table
from assetctl.domain.document import DocState
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.sourcing import CONFIRMED, OVERRULED
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.documents import need_document
from assetctl.reads.parties import need_class
from assetctl.reads.sourcing import evidence, needs
from assetctl.store.engine import Tx

app = typer.Typer(help=N_("Reallocate before you buy: needs, searches, certificates, purchases."))
groups = {"source": app}

_Act = Callable[[Tx, Stamp], Receipt]
"""Does something for a need in a transaction."""

Said = Annotated[
    str | None,
    typer.Option("--text", help=N_("What is said to it; kept apart so that it can be erased.")),
]


@app.command()
def need(
    ctx: typer.Context,
    *,
    class_code: Annotated[str, typer.Option("--class", help=N_("Class of what is needed."))],
    quantity: Annotated[int, typer.Option(min=1, max=999_999, help=N_("How many are needed."))],
    name: Annotated[str, typer.Option(help=N_("What it is called."))],
    spec: Annotated[
        str, typer.Option(help=N_("What it must have; kept apart so that it can be erased."))
    ],
    by: Annotated[str, typer.Option(metavar="DATE", help=N_("Day by which it is needed."))],
    place: Annotated[str, typer.Option(help=N_("Place where it will be used."))],
    staff: Annotated[
        int | None,
        typer.Option(min=1, max=999_999, help=N_("Staff in post, which the standards count by.")),
    ] = None,
    similar: Annotated[
        list[str] | None,
        typer.Option(help=N_("Class that would do as well; may be given several times.")),
    ] = None,
    reply: Annotated[
        str | None, typer.Option(help=N_("Number of the reply that allows more than the standard."))
    ] = None,
    submit: Submit = True,
) -> Answer:
    """Ask for something: a document, checked against the provision standards."""
    world: Context = ctx.obj
    scheme = world.settings.scheme
    with world.reading() as connection:
        for code in (class_code, *(similar or ())):
            need_class(connection, scheme, code)
    return requested(
        world, "need", assets=[], text=spec, submit=submit,
        fields={
            "name": name, "scheme": scheme, "class_code": class_code,
            "similar": " ".join(similar or ()), "quantity": str(quantity),
            "needed_by": clock.parse_day(by, "--by"), "use_place": place,
            "staff": str(staff) if staff else None, "reply": reply,
        },
    )  # fmt: skip


@app.command()
def search(ctx: typer.Context, number: Number) -> Answer:
    """Search for an approved need, from the unit outward, and freeze what is found."""
    return _done(ctx.obj, number, lambda tx, stamp: acts.search(tx, number=number, stamp=stamp))


@app.command()
def take(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    as_loan: Annotated[bool, typer.Option("--as-loan", help=N_("Ask for them on loan."))] = False,
    as_realloc: Annotated[
        bool, typer.Option("--as-realloc", help=N_("Ask for them to be reallocated."))
    ] = False,
    as_own: Annotated[
        bool, typer.Option("--as-own", help=N_("Use the unit's own; nobody need be asked."))
    ] = False,
    due: Annotated[
        str | None, typer.Option(metavar="DATE", help=N_("Day a loan will be back."))
    ] = None,
    text: Said = None,
    submit: Submit = True,
) -> Answer:
    """Take things that the newest search offers: an ordinary request under the need."""
    world: Context = ctx.obj
    if [as_loan, as_realloc, as_own].count(True) != 1:
        ways = one_of(("--as-loan", "--as-realloc", "--as-own"))
        raise InputError(field="--as-…", value="", expected=ways)
    ids = world.ids(assets)
    if as_own:
        return _done(
            world, number,
            lambda tx, stamp: acts.take_own(tx, number=number, assets=ids, stamp=stamp),
        )  # fmt: skip
    with world.reading() as connection:
        unit = need_document(connection, number).unit
    kind, fields = "realloc", {"to_unit": unit}
    if as_loan:
        kind = "loan"
        fields = {"borrower": unit} | ({"due": clock.parse_day(due, "--due")} if due else {})
    with world.writing() as tx:
        stamp = world.stamp()
        receipt = acts.take(
            tx, number=number, kind=kind, assets=ids, fields=fields, text=text or number,
            stamp=stamp,
        )  # fmt: skip
        asked = receipt.events[0].subject.removeprefix("doc:")
        if submit:
            documents.submit(tx, number=asked, stamp=part_of(stamp, "submit"))
        found = need_document(tx.connection, asked)
    return document_answer(found, world.words)


@app.command()
def refuse(
    ctx: typer.Context,
    number: Number,
    assets: Assets,
    *,
    reason: Annotated[
        str,
        typer.Option(
            help=N_("Why: spec, quantity, time, transport, condition, security, promised.")
        ),
    ],
    text: Annotated[
        str, typer.Option(help=N_("What is wrong; kept apart so that it can be erased."))
    ],
) -> Answer:
    """Refuse things that the newest search offers; a second person must confirm it."""
    world: Context = ctx.obj
    ids = world.ids(assets)
    return _done(
        world, number,
        lambda tx, stamp: acts.refuse(
            tx, number=number, assets=ids, reason=reason, text=text, stamp=stamp
        ),
    )  # fmt: skip


@app.command()
def confirm(ctx: typer.Context, number: Number, assets: Assets, *, text: Said = None) -> Answer:
    """Confirm refusals, as a second person: the things do not do."""
    return _judged(ctx.obj, number, assets, CONFIRMED, text)


@app.command()
def overrule(ctx: typer.Context, number: Number, assets: Assets, *, text: Said = None) -> Answer:
    """Overrule refusals, as a second person: the things do, and are to be taken."""
    return _judged(ctx.obj, number, assets, OVERRULED, text)


@app.command()
def certify(ctx: typer.Context, number: Number) -> Answer:
    """Certify what became of a need; a certificate is issued for what is lacking."""
    return _done(
        ctx.obj, number, lambda tx, stamp: certificates.certify(tx, number=number, stamp=stamp)
    )  # fmt: skip


@app.command()
def purchase(
    ctx: typer.Context,
    certificate: Annotated[
        str, typer.Argument(metavar="CERTIFICATE", help=N_("Number of the certificate."))
    ],
    *,
    quantity: Annotated[int, typer.Option(help=N_("How many are bought."))],
    price: Annotated[str, typer.Option(help=N_("Price of each, in yuan."))],
    contract: Annotated[str | None, typer.Option(help=N_("Number of the contract."))] = None,
    reply: Annotated[
        str | None, typer.Option(help=N_("Number of the reply that allows a higher price."))
    ] = None,
) -> Answer:
    """Record a purchase on a certificate: never more than is lacking."""
    world: Context = ctx.obj
    with world.writing() as tx:
        receipt = certificates.purchase(
            tx, certificate=certificate, quantity=quantity, price=price, contract=contract,
            reply=reply, stamp=world.stamp(),
        )  # fmt: skip
        bought = next(one.data["purchase"] for one in receipt.events if one.kind == "doc.bought")
        found = need_document(tx.connection, bought)
    return document_answer(found, world.words)


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[list[str] | None, typer.Option(help=N_("Only in these states."))] = None,
    unit: Annotated[str | None, typer.Option(help=N_("Only of this unit."))] = None,
    after: Annotated[str, typer.Option(help=N_("Numbers after this one."))] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=N_("At most so many."))] = 100,
) -> Answer:
    """List needs: how many were asked for, met, bought, and are lacking."""
    world: Context = ctx.obj
    for value in state or ():
        if value not in tuple(DocState):
            raise InputError(field="--state", value=value, expected=one_of(DocState))
    with world.reading() as connection:
        found = needs(connection, states=state or (), unit=unit, after=after, limit=limit)
    return Answer(data=found, view=lambda words: [needs_table(found, words)])


@app.command()
def show(ctx: typer.Context, number: Number) -> Answer:
    """Show the whole evidence of a need: searches, refusals, decisions, certificates, purchases."""
    world: Context = ctx.obj
    with world.reading() as connection:
        return evidence_answer(evidence(connection, number), world.words)


def _judged(
    world: Context, number: str, assets: list[str], verdict: str, text: str | None
) -> Answer:
    ids = world.ids(assets)
    return _done(
        world, number,
        lambda tx, stamp: acts.judge(
            tx, number=number, assets=ids, verdict=verdict, text=text, stamp=stamp
        ),
    )  # fmt: skip


def _done(world: Context, number: str, act: _Act) -> Answer:
    with world.writing() as tx:
        act(tx, world.stamp())
        found = evidence(tx.connection, number)
    return evidence_answer(found, world.words)
