"""How stocktakes look to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assetctl.cli.output import Answer, Sheet, Table, View, Words, asked_text
from assetctl.domain.identity import display_id
from assetctl.domain.settling import MATCHED, RESULTS, Settled
from assetctl.i18n import N_
from assetctl.reads.stocktakes import Stocktake

_WEAK = "weak"


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
    """How a stocktake stands; `results` counts things by what they differ in."""

    stocktake: Stocktake
    places: tuple[PlaceCount, ...]
    results: dict[str, int]
    to_recount: int
    differences: tuple[Settled, ...] = ()


def stocktake_answer(one: Stocktake) -> Answer:
    """Return a stocktake: its plan, its teams, how far it has come."""

    def view(words: Words) -> Sequence[View]:
        return [_sheet(one, words), _teams(one, words), *_opinions(one, words)]

    def remarks(words: Words) -> Sequence[str]:
        waits = ", ".join(asked_text(asked, words) for asked in one.waits_for)
        return [words.say(N_("It waits for: {asked}"), asked=waits)] if waits else []

    return Answer(data=one, view=view, remarks=remarks)


def progress_views(
    one: Stocktake, settled: Sequence[Settled], *, differences: bool, hidden: bool
) -> Answer:
    """Return how a stocktake stands; `hidden` keeps what is expected from those who count."""
    progress = _progress(one, () if hidden else settled, differences=differences)

    def view(words: Words) -> Sequence[View]:
        views: list[View] = [_sheet(one, words), _teams(one, words)]
        if hidden:
            return [*views, words.say(N_("What is expected is not shown: the count is blind."))]
        if settled:
            views += [_results(progress, words), _places(progress, words)]
        if differences:
            views.append(differences_table(progress.differences, words))
        return views

    return Answer(data=progress, view=view)


def stocktakes_table(found: Sequence[Stocktake], words: Words) -> Table:
    """Return stocktakes one a line."""
    say = words.say
    return Table(
        columns=[say(N_("Stocktake")), say(N_("State")), say(N_("Unit")), say(N_("Base date")),
                 say(N_("Listed")), say(N_("Planned by"))],
        rows=[
            [one.number, words.term("stocktake_state", one.state), one.unit, one.base_date,
             str(one.listed), one.planner]
            for one in found
        ],
    )  # fmt: skip


def differences_table(found: Sequence[Settled], words: Words) -> Table:
    """Return what differs one a line, with what radio hints at and who must still look."""
    say = words.say
    return Table(
        columns=[say(N_("Item")), say(N_("Name")), say(N_("Result")), say(N_("Expected at")),
                 say(N_("Found at")), say(N_("Means")), say(N_("Hint")), say(N_("Confirmed by"))],
        rows=[
            [item_text(one.item), one.name, result_text(one.results, words),
             one.line.place if one.line else "", one.evidence.place,
             words.term("how", one.evidence.how), _hint(one, words),
             one.confirmed or say(N_("still open"))]
            for one in found
        ],
    )  # fmt: skip


def result_text(results: Sequence[str], words: Words) -> str:
    """Return in what a thing differs, in words."""
    return ", ".join(words.term("stocktake_result", one) for one in results or (MATCHED,))


def item_text(item: str) -> str:
    """Return how an item is shown: an asset's id in groups, all else as it stands."""
    return item if item.startswith(("+", "epc:")) else display_id(item)


def _hint(one: Settled, words: Words) -> str:
    hint = one.evidence.hint
    if not hint:
        return ""
    if hint == _WEAK:
        return words.say(N_("heard weakly"))
    return words.say(N_("heard at {place}"), place=hint)


def _progress(one: Stocktake, settled: Sequence[Settled], *, differences: bool) -> Progress:
    places: dict[str, Counter[str]] = {}
    results: Counter[str] = Counter()
    for each in settled:
        results.update(each.results or (MATCHED,))
        if each.line is None:
            continue
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
        differences=tuple(
            each for each in settled if differences and (each.is_difference or each.needs_recount)
        ),
    )  # fmt: skip


def _sheet(one: Stocktake, words: Words) -> Sheet:
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
        pairs += [
            (say(N_("Opened")), words.time(one.opened_at)),
            (say(N_("Listed")), say(N_("{count} things worth {value} yuan"), count=one.listed,
                                    value=one.total)),
            (say(N_("Hash of the list")), one.sheet or ""),
        ]  # fmt: skip
        pairs += [(words.term("state", state), str(count)) for state, count in one.away.items()]
    if one.counts:
        pairs.append((say(N_("Results")), ", ".join(
            f"{words.term('stocktake_result', kind)} {count}" for kind, count in one.counts.items()
        )))  # fmt: skip
        pairs.append((say(N_("Value of the differences")), one.difference))
        pairs.append((say(N_("Hash of the results")), one.result_sheet or ""))
    if one.closing:
        pairs.append((say(N_("Booked")), ", ".join(
            f"{words.term('adjustment', act)} {count}"
            for act, count in one.closing["adjusted"].items()
        ) or say(N_("nothing"))))  # fmt: skip
        if one.closing["overtaken"]:
            left = ", ".join(map(display_id, one.closing["overtaken"]))
            pairs.append((say(N_("Changed meanwhile, left alone")), left))
    if one.ended_at:
        pairs.append((say(N_("Ended on")), words.time(one.ended_at)))
    return Sheet(title=f"{say(N_('Stocktake'))} {one.number}", pairs=pairs)


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
    rows = [[words.term("stocktake_result", kind), str(count)]
            for kind, count in progress.results.items()]  # fmt: skip
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
