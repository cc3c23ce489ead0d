"""How stocktakes look to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from assetctl.cli.output import Answer, Sheet, Table, View, Words, asked_text
from assetctl.domain.identity import display_id
from assetctl.domain.settling import (
    MATCHED,
    MISSING,
    OFF_BOOK,
    RESULTS,
    SURPLUS,
    TAG_DAMAGED,
    WRONG_HOLDER,
    Settled,
)
from assetctl.domain.stocktake import StocktakeState
from assetctl.i18n import N_
from assetctl.reads.stocktakes import Reason, Stocktake

_WEAK = "weak"
_TELLING = ("listed", "total", "away", "sheet")
_LEFT_OVER = {
    WRONG_HOLDER: N_("Not booked: {count} with another holder. He takes them over by: assetctl "
                     "send, receive"),
    TAG_DAMAGED: N_("Not booked: {count} whose labels are damaged or missing. Issue new ones: "
                    "assetctl tag replace"),
    SURPLUS: N_("Not booked: {count} that are not of the units counted, or more of a card than it "
                "says: for their unit, or for assetctl correct"),
    OFF_BOOK: N_("{count} new things need labels: assetctl label png, label sheet"),
}  # fmt: skip
"""What to say of results that closing cannot book, and of what it registered."""

_SETTLED = (StocktakeState.SUBMITTED, StocktakeState.APPROVED, StocktakeState.CLOSED)
"""States in which the results that were submitted last are those that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCount:
    """How far a place is counted: things listed there, counted, heard weakly, and left."""

    place: str
    listed: int
    counted: int
    weak: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a stocktake stands; `results` counts things by what they differ in.

    `left` of those that count as missing were neither counted nor looked for yet; `reasons` are
    those of the differences, by item.
    """

    stocktake: Stocktake | dict[str, Any]
    places: tuple[PlaceCount, ...]
    results: dict[str, int]
    to_recount: int
    left: int = 0
    differences: tuple[Settled, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict)


def stocktake_answer(one: Stocktake, operator: str) -> Answer:
    """Return a stocktake to an operator: its plan, its teams, how far it has come."""
    hidden = one.is_hidden_from(operator)

    def view(words: Words) -> Sequence[View]:
        return [_sheet(one, words, hidden=hidden), _teams(one, words), *_opinions(one, words)]

    def remarks(words: Words) -> Sequence[str]:
        waits = _waits(one, words)
        return [words.say(N_("It waits for: {asked}"), asked=waits)] if waits else []

    return Answer(data=_veiled(one) if hidden else one, view=view, remarks=remarks)


def progress_views(
    one: Stocktake, settled: Sequence[Settled], reasons: Mapping[str, Reason], *,
    differences: bool, hidden: bool,
) -> Answer:  # fmt: skip
    """Return how a stocktake stands; `hidden` keeps what is expected from those who count."""
    progress = _progress(one, () if hidden else settled, reasons, differences=differences)
    if hidden:
        progress = replace(progress, stocktake=_veiled(one))

    def view(words: Words) -> Sequence[View]:
        views: list[View] = [_sheet(one, words, hidden=hidden), _teams(one, words)]
        if hidden:
            return [*views, words.say(N_("What is expected is not shown: the count is blind."))]
        if settled:
            views += [_results(progress, words), _places(progress, words)]
        if differences:
            views.append(differences_table(progress.differences, reasons, words))
        return views

    return Answer(data=progress, view=view)


def left_over(one: Stocktake, words: Words) -> list[str]:
    """Return what closing did not book and somebody must see to."""
    counts = {kind: one.counts.get(kind, 0) for kind in _LEFT_OVER}
    counts[OFF_BOOK] = len(one.closing["registered"])
    return [words.say(_LEFT_OVER[kind], count=count) for kind, count in counts.items() if count]


def stocktakes_answer(found: Sequence[Stocktake], operator: str) -> Answer:
    """Return stocktakes to an operator."""
    data = [_veiled(one) if one.is_hidden_from(operator) else one for one in found]
    return Answer(data=data, view=lambda words: [_stocktakes_table(found, operator, words)])


def _stocktakes_table(found: Sequence[Stocktake], operator: str, words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Stocktake")), say(N_("State")), say(N_("Unit")), say(N_("Base date")),
                 say(N_("Listed")), say(N_("Planned by")), say(N_("Waits for"))],
        rows=[
            [one.number, words.term("stocktake_state", one.state), one.unit, one.base_date,
             str(one.listed) if one.opened_at and not one.is_hidden_from(operator) else "",
             one.planner, _waits(one, words)]
            for one in found
        ],
    )  # fmt: skip


def differences_table(
    found: Sequence[Settled], reasons: Mapping[str, Reason], words: Words
) -> Table:
    """Return what differs one a line, what radio hints at, who counted, who must still look."""
    say = words.say
    return Table(
        columns=[say(N_("Item")), say(N_("Name")), say(N_("Result")), say(N_("Expected at")),
                 say(N_("Found at")), say(N_("Means")), say(N_("Hint")),
                 say(N_("First counted by")), say(N_("Confirmed by")), say(N_("Reason"))],
        rows=[
            [item_text(one.item), one.name, result_text(one.results, words),
             one.line.place if one.line else "", one.evidence.place,
             say(N_("looked for")) if one.evidence.absent else words.term("how", one.evidence.how),
             _hint(one, words), ", ".join(sorted(one.first)),
             one.confirmed or say(N_("still open")), _reason(reasons.get(one.item), words)]
            for one in found
        ],
    )  # fmt: skip


def counts_text(group: str, counts: Mapping[str, int], words: Words) -> str:
    """Return how many there are of each code, in the order in which they are given."""
    return ", ".join(f"{words.term(group, code)} {count}" for code, count in counts.items())


def result_text(results: Sequence[str], words: Words) -> str:
    """Return in what a thing differs, in words."""
    return ", ".join(words.term("stocktake_result", one) for one in results or (MATCHED,))


def item_text(item: str) -> str:
    """Return how an item is shown: an asset's id in groups, all else as it stands."""
    return item if item.startswith(("+", "epc:")) else display_id(item)


def _waits(one: Stocktake, words: Words) -> str:
    return ", ".join(asked_text(asked, words) for asked in one.waits_for)


def _reason(reason: Reason | None, words: Words) -> str:
    if reason is None:
        return ""
    told = words.term("difference_reason", reason.reason)
    return f"{told}, {words.term('treatment', reason.treatment)}"


def _hint(one: Settled, words: Words) -> str:
    hint = one.evidence.hint
    if not hint:
        return ""
    if hint == _WEAK:
        return words.say(N_("heard weakly"))
    return words.say(N_("heard at {place}"), place=hint)


def _progress(
    one: Stocktake, settled: Sequence[Settled], reasons: Mapping[str, Reason], *, differences: bool
) -> Progress:  # fmt: skip
    places: dict[str, Counter[str]] = {}
    results: Counter[str] = Counter()
    for each in settled:
        results.update(each.results)
        if each.line is None:
            continue  # what was heard through a wall, or looked for in vain, matches nothing
        results[MATCHED] += not each.results
        counts = places.setdefault(each.line.place, Counter())
        counts["listed"] += 1
        if each.evidence.how or each.evidence.absent:
            counts["counted"] += 1
        else:
            counts["left"] += 1
            counts["weak"] += each.evidence.hint == _WEAK
    return Progress(
        stocktake=one, results={kind: results[kind] for kind in RESULTS if results[kind]},
        places=tuple(
            PlaceCount(place=place, listed=counts["listed"], counted=counts["counted"],
                       weak=counts["weak"], left=counts["left"])
            for place, counts in sorted(places.items())
        ),
        to_recount=sum(each.needs_recount for each in settled),
        left=sum(counts["left"] for counts in places.values()),
        differences=tuple(
            each for each in settled if differences and (each.is_difference or each.needs_recount)
        ),
        reasons=reasons if differences else {},
    )  # fmt: skip


def _veiled(one: Stocktake) -> dict[str, Any]:
    """Return a stocktake as JSON without what tells how much is expected."""
    names = (field.name for field in fields(one) if field.name not in _TELLING)
    return {name: getattr(one, name) for name in names}


def _sheet(one: Stocktake, words: Words, *, hidden: bool = False) -> Sheet:
    say = words.say
    scope = "; ".join(
        f"{words.term('field', name)}: {', '.join(part)}"
        for name, part in one.scope.plain().items()
    )
    pairs = [
        (say(N_("State")), words.term("stocktake_state", one.state)),
        (say(N_("Purpose")), words.term("purpose", one.purpose)),
        (say(N_("Unit")), one.unit),
        (say(N_("Planned by")), one.planner),
        (say(N_("Base date")), one.base_date),
        (say(N_("Scope")), scope or say(N_("everything"))),
    ]
    if one.doc:
        pairs.append((say(N_("Document")), one.doc))
    if one.opened_at:
        pairs.append((say(N_("Opened")), words.time(one.opened_at)))
    if one.opened_at and not hidden:
        pairs += [
            (say(N_("Listed")), say(N_("{count} things worth {value} yuan"), count=one.listed,
                                    value=one.total)),
            (say(N_("Hash of the list")), one.sheet or ""),
        ]  # fmt: skip
        pairs += [(words.term("state", state), str(count)) for state, count in one.away.items()]
    return Sheet(
        title=f"{say(N_('Stocktake'))} {one.number}", pairs=pairs + _outcome(one, words)
    )  # fmt: skip


def _outcome(one: Stocktake, words: Words) -> list[tuple[str, str]]:
    """Return what was submitted and booked; results that were returned count no more."""
    say = words.say
    pairs = []
    if one.counts and one.state in _SETTLED:
        counts = {kind: one.counts[kind] for kind in RESULTS if kind in one.counts}
        pairs += [
            (say(N_("Results")), counts_text("stocktake_result", counts, words)),
            (say(N_("Value of the differences")), one.difference),
            (say(N_("Hash of the results")), one.result_sheet or ""),
        ]
    if one.closing:
        booked = counts_text("adjustment", one.closing["adjusted"], words)
        pairs.append((say(N_("Booked")), booked or say(N_("nothing"))))
        if one.closing["overtaken"]:
            left = ", ".join(map(display_id, one.closing["overtaken"]))
            pairs.append((say(N_("Changed meanwhile, left alone")), left))
    if one.ended_at:
        pairs.append((say(N_("Ended on")), words.time(one.ended_at)))
    return pairs


def _teams(one: Stocktake, words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Team")), say(N_("People")), say(N_("Places")), say(N_("Finished"))],
        rows=[
            [team.code, ", ".join(team.people), ", ".join(team.places),
             words.time(team.finished_at) if team.finished_at else say(N_("not yet"))]
            for team in one.teams
        ],
    )  # fmt: skip


def _opinions(one: Stocktake, words: Words) -> list[View]:
    say = words.say
    if not one.opinions:
        return []
    return [Table(
        columns=[say(N_("Asked")), say(N_("Person")), say(N_("Opinion")), say(N_("Time"))],
        rows=[
            [asked_text(given.asked, words), given.person, words.term("opinion", given.verdict),
             words.time(given.at)]
            for given in one.opinions
        ],
    )]  # fmt: skip


def _results(progress: Progress, words: Words) -> Table:
    say = words.say
    rows = []
    for kind, count in progress.results.items():
        rows.append([words.term("stocktake_result", kind), str(count)])
        if kind == MISSING and progress.left:
            rows.append([say(N_("of those missing, not counted yet")), str(progress.left)])
    rows.append([say(N_("to be confirmed by somebody else")), str(progress.to_recount)])
    return Table(columns=[say(N_("Result")), say(N_("Things"))], rows=rows)


def _places(progress: Progress, words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Place")), say(N_("Listed")), say(N_("Counted")), say(N_("Heard weakly")),
                 say(N_("Left"))],
        rows=[
            [one.place or "-", str(one.listed), str(one.counted), str(one.weak), str(one.left)]
            for one in progress.places
        ],
    )  # fmt: skip
