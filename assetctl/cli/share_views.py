"""How shared things and bookings look to people."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.cli.output import Answer, Sheet, Table, View, Words
from assetctl.domain.identity import display_id
from assetctl.i18n import N_
from assetctl.reads.sharing import Booking, Shared


def booking_answer(one: Booking) -> Answer:
    """Return a booking in full."""
    return Answer(data=one, view=lambda words: _views(one, words))


def calendar_table(found: Sequence[Booking], words: Words) -> Table:
    """Return bookings one a line."""
    say = words.say
    return Table(
        columns=[say(N_("Booking")), say(N_("Asset")), say(N_("Name")), say(N_("From")),
                 say(N_("To")), say(N_("Unit")), say(N_("Of unit")), say(N_("State"))],
        rows=[
            [one.number, display_id(one.asset_id), one.name, words.time(one.start),
             words.time(one.end), one.unit, one.holder, words.term("booking_state", one.state)]
            for one in found
        ],
    )  # fmt: skip


def shared_table(found: Sequence[Shared], words: Words) -> Table:
    """Return what is offered one a line."""
    say = words.say
    return Table(
        columns=[say(N_("Asset")), say(N_("Name")), say(N_("Class")), say(N_("Unit")),
                 say(N_("Place")), say(N_("State")), say(N_("Booked next"))],
        rows=[
            [display_id(one.asset_id), one.name, one.class_code, one.unit, one.place or "",
             words.term("state", one.state), words.time(one.next) if one.next else ""]
            for one in found
        ],
    )  # fmt: skip


def _views(one: Booking, words: Words) -> Sequence[View]:
    say = words.say
    pairs = [
        (say(N_("State")), words.term("booking_state", one.state)),
        (say(N_("Asset")), f"{display_id(one.asset_id)} {one.name}"),
        (say(N_("From")), words.time(one.start)),
        (say(N_("To")), words.time(one.end)),
        (say(N_("Unit")), one.unit),
        (say(N_("Of unit")), one.holder),
    ]
    pairs += [
        (say(name), value)
        for name, value in (
            (N_("Purpose"), one.purpose),
            (N_("Taken"), words.time(one.taken_at) if one.taken_at else None),
            (N_("Condition then"), words.term("condition", one.condition_out)),
            (N_("Brought back"), words.time(one.back_at) if one.back_at else None),
            (N_("Condition after"), words.term("condition", one.condition_back)),
            (N_("Compensation"), one.compensation),
        )
        if value
    ]
    return [Sheet(title=f"{say(N_('Booking'))} {one.number}", pairs=pairs)]
