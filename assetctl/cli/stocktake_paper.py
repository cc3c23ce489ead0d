"""Reports of a stocktake on paper: what it is of, its tables, its plan of places, who signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from assetctl.cli.output import Words, asked_text
from assetctl.cli.stocktake_sheets import BASE, MAP, SHEET, SUMMARY, Called, Section, text_of
from assetctl.domain.stocktake import StocktakeState
from assetctl.i18n import N_
from assetctl.reads.base_date import BaseDate
from assetctl.reads.place_tallies import Heads
from assetctl.reads.stocktake_report import Report
from labels.band import Align
from labels.form import CHINESE, ENGLISH, Form, FormColumn, Opinion
from labels.plan import Area, Plan

_HEAD = "unit_head"
"""Whose opinion is that of the one who answers for the unit (负责人)."""

_STANDING = {
    StocktakeState.COUNTING.value: N_("In progress, not final"),
    StocktakeState.RECOUNTING.value: N_("In progress, not final"),
    StocktakeState.CANCELLED.value: N_("Given up, not final"),
    StocktakeState.SUBMITTED.value: N_("Submitted, not approved yet"),
}
_ALIGNS: dict[str, Align] = {"text": "left", "code": "centre", "count": "right", "money": "right"}
_MONEY = (15.0, 1.35, 3.0)
"""Share of a column of amounts: at least, for each character, and beside them."""
_WORD, _LETTER = re.compile(r"[A-Za-z-]+"), 1.6
"""What a heading is not broken within, and the share of one of its letters."""


def facts_of(report: Report, words: Words) -> list[tuple[str, str]]:
    """Return what stands above each table: the state, what was counted, and what proves it."""
    one, say, call = report.stocktake, words.say, Called(report, words)
    scope = "; ".join(
        f"{words.term('field', name)}: {call.codes(part)}"
        for name, part in one.scope.plain().items()
    )
    found = [
        (say(N_("State")), standing(report, words) or words.term("stocktake_state", one.state)),
        (say(N_("As of")), words.time(report.as_of)),
        (say(N_("Kind of stocktake")), words.term("purpose", one.purpose)),
        (say(N_("Base date")), one.base_date),
        (say(N_("Scope")), scope or say(N_("everything"))),
        (say(N_("Planned by")), call.code(one.planner)),
    ]
    if one.doc:
        found.append((say(N_("Document")), one.doc))
    if report.base:
        found += _base_facts(report.base, words)
    listed = say(N_("{count} things worth {value} yuan"), count=one.listed,
                 value=_money(one.total))  # fmt: skip
    found.append((say(N_("Listed")), listed))
    if report.is_frozen:
        found.append((say(N_("Value of the differences")), _money(one.difference)))
    found.append((say(N_("Hash of the list")), one.sheet or ""))
    if report.is_frozen:
        found.append((say(N_("Hash of the results")), one.result_sheet or ""))
    if report.closing:
        closing = report.closing
        entry = say(
            N_("no. {seq} of {subject}, {time}, {actor}, hash {leaf}"), seq=closing.seq,
            subject=f"stocktake:{one.number}", time=words.time(closing.at),
            actor=call.code(closing.actor), leaf=closing.leaf,
        )  # fmt: skip
        found.append((say(N_("Closing entry")), entry))
    return found


def _base_facts(base: BaseDate, words: Words) -> list[tuple[str, str]]:
    things = N_("{count} things worth {value} yuan")
    opening, joined, left = (
        words.say(things, count=one.count, value=_money(one.value))
        for one in (base.opening, base.joined, base.left)
    )
    told = [
        (words.say(N_("On the books on the base date")), opening),
        (words.say(N_("Joined since")), joined),
        (words.say(N_("Left since")), left),
    ]
    if Decimal(base.revalued):
        told.append((words.say(N_("Revalued since (yuan)")), _money(base.revalued)))
    return told


def _money(amount: str) -> str:
    return text_of(Decimal(amount))


def standing(report: Report, words: Words) -> str:
    """Return what says that a report is not the last word; nothing where it is."""
    text = _STANDING.get(report.stocktake.state)
    return words.say(text) if text else ""


def forms_of(report: Report, sections: Sequence[Section], words: Words) -> list[Form]:
    """Return tables as forms, each with the facts above it and room for signatures below."""
    return [_form(report, section, words) for section in sections]


def _form(report: Report, section: Section, words: Words) -> Form:
    one, mark = report.stocktake, standing(report, words)
    is_map = section.form == MAP
    title = section.title
    if mark:
        title += f"（{mark}）" if words.language == "zh" else f" ({mark})"
    rows = [[text_of(cell) for cell in row] for row in (*section.rows, section.total) if row]
    return Form(
        title=title, number=one.number, filled_on=words.time(report.as_of)[:10],
        unit=Called(report, words).code(one.unit), facts=facts_of(report, words),
        columns=() if is_map else _columns(section), rows=() if is_map else rows,
        boxes=() if is_map else list(_boxes(report, words)), address=one.number,
        remarks=list(_remarks(report, section, words)), landscape=True, standing=mark,
        words=CHINESE if words.language == "zh" else ENGLISH,
        plan=Plan(areas=list(_areas(report, words)), legend=_legend(report, words))
        if is_map else None,
    )  # fmt: skip


def _columns(section: Section) -> list[FormColumn]:
    """Return the columns; those of amounts as wide as the longest needs."""
    found = []
    least, each, beside = _MONEY
    for nth, heading in enumerate(section.headings):
        longest = max(map(len, _WORD.findall(heading.text)), default=0)
        share = max(heading.share, _LETTER * longest + beside)
        if heading.sort == "money":
            cells = (row[nth] for row in (*section.rows, section.total) if row)
            share = max(
                share, least, beside + each * max((len(text_of(one)) for one in cells), default=0)
            )
        found.append(
            FormColumn(heading=heading.text, share=share, align=_ALIGNS[heading.sort])
        )  # fmt: skip
    return found


def _remarks(report: Report, section: Section, words: Words) -> Iterator[str]:
    if not report.is_frozen:
        yield words.say(
            N_("The state of {time}: the count goes on, nothing in it is final."),
            time=words.time(report.as_of),
        )
    if section.form == BASE and report.base is None:
        yield words.say(N_("The list was frozen on its base date: nothing lies between."))
    if section.form == SUMMARY:
        yield words.say(N_("What differs in two ways counts under both."))
    if section.form in (SHEET, SUMMARY) and report.total.without_value:
        yield words.say(
            N_("{count} things have no value on their cards"), count=report.total.without_value
        )


# --- signatures ------------------------------------------------------------------------------


def _boxes(report: Report, words: Words) -> Iterator[Opinion]:
    """Give who counted, who watched, who reviewed, and who answers for the unit."""
    say, call, unit = words.say, Called(report, words), report.stocktake.unit
    last = max((one.at for one in report.counters), default="")
    yield Opinion(
        heading=say(N_("Counted by")), signed=call.codes(one.person for one in report.counters),
        on=_day(last, words) if report.is_frozen and last else "",
    )  # fmt: skip
    yield Opinion(heading=say(N_("Watched by")))
    head, reviews = Opinion(heading=say(N_("Answerable for the unit")), seal=True), []
    for given in report.opinions:
        box = Opinion(
            heading=say(N_("Reviewed by ({asked})"), asked=asked_text(given.asked, words)),
            text=words.term("opinion", given.verdict), signed=call.code(given.person),
            on=_day(given.at, words),
        )  # fmt: skip
        if given.asked == f"{_HEAD}@{unit}":
            head = Opinion(heading=head.heading, text=box.text, signed=box.signed, on=box.on,
                           seal=True)  # fmt: skip
        else:
            reviews.append(box)
    yield from reviews or [Opinion(heading=say(N_("Reviewed by")))]
    yield head


def _day(instant: str, words: Words) -> str:
    day = words.time(instant)[:10]
    return "{}年{}月{}日".format(*map(int, day.split("-"))) if words.language == "zh" else day


# --- the plan --------------------------------------------------------------------------------


def _legend(report: Report, words: Words) -> tuple[str, str, str]:
    missing = N_("Missing") if report.is_frozen else N_("Not found yet")
    return (words.say(N_("Counted")), words.say(N_("Heard by radio only, weakly or elsewhere")),
            words.say(missing))  # fmt: skip


def _areas(report: Report, words: Words) -> Iterator[Area]:
    """Give the places; one in which others lie is a heading, with a tile for its own things."""
    call = Called(report, words)
    below = [one.depth for one in report.places[1:]] + [0]
    for one, next_depth in zip(report.places, below, strict=True):
        name = call.coded(one.name, one.place) or words.say(N_("Place not known"))
        if next_depth <= one.depth:
            yield Area(name=name, text=_numbers(one.total, report, words), depth=one.depth,
                       parts=_parts(one.total))  # fmt: skip
            continue
        yield Area(name=name, text=_numbers(one.total, report, words), depth=one.depth,
                   parts=_parts(one.total), group=True)  # fmt: skip
        if one.here.listed:
            right_there = words.say(N_("Right there, {place}"), place=one.name)
            yield Area(name=right_there, text=_numbers(one.here, report, words),
                       depth=one.depth + 1, parts=_parts(one.here))  # fmt: skip


def _parts(heads: Heads) -> tuple[int, int, int]:
    return heads.counted, heads.weak, heads.missing


def _numbers(heads: Heads, report: Report, words: Words) -> str:
    counted = str(heads.counted)
    if heads.elsewhere:
        template = N_("{count} ({elsewhere} elsewhere)")
        counted = words.say(template, count=counted, elsewhere=heads.elsewhere)
    template = N_("{counted} of {listed} counted, {weak} weak, {missing} not found yet")
    if report.is_frozen:
        template = N_("{counted} of {listed} counted, {weak} weak, {missing} missing")
    return words.say(template, counted=counted, listed=heads.listed, weak=heads.weak,
                     missing=heads.missing)  # fmt: skip
