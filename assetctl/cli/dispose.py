"""dispose propose | complete | withdraw: the end of an asset's life."""

from __future__ import annotations

from typing import Annotated

import typer

from assetctl.acts import disposal
from assetctl.acts.cells import fold
from assetctl.acts.values import words_of
from assetctl.cli.acting import acted
from assetctl.cli.context import Context
from assetctl.cli.options import Assets, Document, KeepGoing, Note
from assetctl.cli.output import Answer
from assetctl.cli.wording import allowed_from
from assetctl.domain.card import GROUNDS, METHODS
from assetctl.domain.lifecycle import Act
from assetctl.domain.money import parse_amount
from assetctl.errors import InputError
from assetctl.i18n import N_

app = typer.Typer(help=N_("End an asset's life: propose, complete, withdraw."))
groups = {"dispose": app}


@app.command(epilog=allowed_from(Act.PROPOSE_DISPOSAL))
def propose(
    ctx: typer.Context,
    assets: Assets,
    *,
    method: Annotated[
        str,
        typer.Option(
            help=N_("Method: free_transfer, donation, sale, swap, scrap, loss_write_off.")
        ),
    ] = "scrap",
    ground: Annotated[
        str | None,
        typer.Option(help=N_("Ground: obsolete, loss, past_service_life, force_majeure.")),
    ] = None,
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Propose assets for disposal."""
    world: Context = ctx.obj
    chosen = _code("method", method, METHODS)
    reason = _code("ground", ground, GROUNDS) if ground else None
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: disposal.propose_disposal(
            tx, assets=ids, method=chosen, ground=reason, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.DISPOSE))
def complete(
    ctx: typer.Context,
    assets: Assets,
    *,
    doc: Annotated[str, typer.Option(help=N_("Number of the document that approved it."))],
    method: Annotated[str | None, typer.Option(help=N_("Method, if not the one proposed."))] = None,
    income: Annotated[
        str | None, typer.Option(help=N_("What came in for each asset, in yuan."))
    ] = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Dispose of proposed assets under the document that approved it; this is final."""
    world: Context = ctx.obj
    chosen = _code("method", method, METHODS) if method else None
    amount = parse_amount(income) if income else None
    ids = world.ids(assets)
    world.confirm(
        N_("{count} assets will be disposed of under {doc}. This is final. Go on?"),
        count=len(ids), doc=doc,
    )  # fmt: skip
    return acted(
        world,
        ids,
        lambda tx, ids, stamp: disposal.dispose(
            tx, assets=ids, doc=doc, method=chosen, income=amount, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


@app.command(epilog=allowed_from(Act.WITHDRAW_DISPOSAL))
def withdraw(
    ctx: typer.Context,
    assets: Assets,
    *,
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Withdraw the proposal; the assets are again what they were."""
    world: Context = ctx.obj
    return acted(
        world,
        world.ids(assets),
        lambda tx, ids, stamp: disposal.withdraw_disposal(
            tx, assets=ids, doc=doc, note=note, stamp=stamp
        ),
        keep_going=keep_going,
    )


def _code(group: str, given: str, codes: tuple[str, ...]) -> str:
    code = words_of(group, codes).get(fold(given))
    if code is None:
        raise InputError(field=f"--{group}", value=given, expected=", ".join(codes))
    return code
