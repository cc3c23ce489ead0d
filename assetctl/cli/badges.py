"""What `place tag` and `party card` share: carry out what was asked, show the tag that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from assetctl.acts import badges
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Sheet, View, Words
from assetctl.cli.signing import sign_as
from assetctl.cli.views import receipt_answer
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import InputError
from assetctl.i18n import N_
from assetctl.reads.badges import Badge, place_badge, staff_badge
from assetctl.reads.parties import names_of
from assetctl.store.engine import Tx

Anew = Annotated[
    bool, typer.Option("--replace", help=N_("Issue it anew; the older one no longer counts."))
]
Void = Annotated[bool, typer.Option("--void", help=N_("Declare it void and issue none."))]


def place_answer(world: Context, code: str, *, anew: bool, void: bool, note: str | None) -> Answer:
    """Issue, reissue or void the tag of a place."""

    def act(tx: Tx, stamp: Stamp) -> Receipt:
        if void:
            return badges.void_place_tag(tx, code=code, note=note, stamp=stamp)
        return badges.issue_place_tag(
            tx, code=code, anew=anew, note=note, stamp=stamp, new_asset_id=clock.new_asset_id
        )

    receipt, badge, name = _carry_out(world, code, act, anew=anew, void=void, place=True)
    return _answer(world, receipt, badge, name, letter="P", code=code)


def card_answer(world: Context, code: str, *, anew: bool, void: bool, note: str | None) -> Answer:
    """Issue, reissue or void the card of a person."""

    def act(tx: Tx, stamp: Stamp) -> Receipt:
        if void:
            return badges.void_staff_card(tx, code=code, note=note, stamp=stamp)
        return badges.issue_staff_card(
            tx, code=code, anew=anew, note=note, stamp=stamp, new_asset_id=clock.new_asset_id
        )

    receipt, badge, name = _carry_out(world, code, act, anew=anew, void=void, place=False)
    return _answer(world, receipt, badge, name, letter="S", code=code)


def _carry_out(
    world: Context, code: str, act: Callable[[Tx, Stamp], Receipt], *, anew: bool, void: bool,
    place: bool,
) -> tuple[Receipt, Badge | None, str | None]:  # fmt: skip
    if anew and void:
        raise InputError(field="--void", value="", expected="given, or else --replace")
    with world.writing() as tx:
        receipt = act(tx, world.stamp())
        badge = (place_badge if place else staff_badge)(tx.connection, code)
        name = names_of(tx.connection, [code]).get(code)
    return receipt, badge, name


def _answer(
    world: Context, receipt: Receipt, badge: Badge | None, name: str | None, *, letter: str,
    code: str,
) -> Answer:  # fmt: skip
    payload = sign_as(world, letter, badge.tag, badge.issue) if badge else None
    answer = receipt_answer(
        receipt, code=code, name=name, tag=badge.tag if badge else None,
        display=display_id(badge.tag) if badge else None, issue=badge.issue if badge else None,
        payload=payload,
    )  # fmt: skip

    def view(words: Words) -> Sequence[View]:
        if badge is None:
            return answer.view(words)
        say = words.say
        pairs = [
            (say(N_("Tag")), f"{display_id(badge.tag)} #{badge.issue}"),
            (say(N_("Since")), words.time(badge.issued_at)),
            (say(N_("Tag text")), payload or ""),
        ]
        return [*answer.view(words), Sheet(title=f"{code}  {name or ''}".rstrip(), pairs=pairs)]

    return replace(answer, view=view)
