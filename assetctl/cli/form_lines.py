"""The lines of printed documents: their columns, their total, and the annex of many ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from assetctl.cli.form_texts import Texts, money
from assetctl.domain.amount import amount_in_words
from assetctl.domain.identity import display_id
from assetctl.i18n import N_
from assetctl.reads.documents import Line
from assetctl.reads.printed import Judged
from labels.band import Align
from labels.form import FormColumn

MANY = 12
"""A line with more assets than this has their ids in the annex."""

_JUDGED = ("acceptance", "return_check")
_WITHOUT_VALUE = ("need", "certificate")
"""Kinds that are about what is not there yet, and has no value."""

_MONEY = (16.0, 1.6, 3.0)
"""Share of a column of amounts: at least, for each character, and beside them."""

Column = tuple[FormColumn, Sequence[str]]
"""A column and its cells from top to bottom."""


def columns(texts: Texts) -> list[Column]:
    """Return the columns of a document's lines, those without anything in them left out."""
    one, say = texts.one, texts.say
    lines = one.lines
    found = [
        _column(say(N_("No.")), 10.0, [str(line.line) for line in lines], "centre"),
        _column(say(N_("Name")), 30.0, [line.name for line in lines]),
        _column(say(N_("Class code")), 19.0, [line.class_code for line in lines], "centre"),
        _column(say(N_("Qty")), 9.5, [str(line.quantity) for line in lines], "centre"),
        _amounts(say(N_("Value each (yuan)")), [money(line.value) for line in lines]),
        _amounts(say(N_("Net each (yuan)")), [money(line.net) for line in lines]),
        _amounts(say(N_("Amount (yuan)")), [money(line.value, line.quantity) for line in lines]),
        _column(texts.field_name("asset_id"), 26.0, [_ids(line, texts) for line in lines]),
    ]
    return [*found, *_judgements(texts)]


def totals(texts: Texts) -> list[tuple[str, str]]:
    """Return the total in words and in figures, and how much of it is not known."""
    one, say = texts.one, texts.say
    if not one.lines or one.kind in _WITHOUT_VALUE:
        return []
    unknown = sum(line.quantity for line in one.lines if line.value is None)
    if unknown == sum(line.quantity for line in one.lines):
        return [(say(N_("Total")), say(N_("no value is on the cards")))]
    total = Decimal(one.total)
    found = [
        (say(N_("Total in words")), amount_in_words(total, prefix=True)),
        (say(N_("Total in figures")), f"¥{total:,.2f}"),
    ]
    if unknown:
        without = say(N_("{count} things have no value on their cards"), count=unknown)
        found.append((say(N_("Not in the total")), without))
    return found


def annex_rows(texts: Texts, across: int) -> Iterator[list[str]]:
    """Give the rows of the annex: line, name, and so many ids beside each other."""
    for line in texts.one.lines:
        if len(line.assets) > MANY:
            for start in range(0, len(line.assets), across):
                ids = list(map(display_id, line.assets[start : start + across]))
                yield [str(line.line), line.name, *ids, *[""] * (across - len(ids))]


def _judgements(texts: Texts) -> Iterator[Column]:
    """Give the conditions that a paper carries, and the verdict on each line."""
    one, words = texts.one, texts.words
    judged = [texts.printed.judged.get(line.line, Judged()) for line in one.lines]
    before = [words.term("condition", line.before) for line in judged]
    after = [words.term("condition", line.after) for line in judged]
    if one.kind in _JUDGED:
        names = (N_("Grade was"), N_("Grade now"))
        if one.kind == "return_check":
            names = (N_("Grade out"), N_("Grade back"))
        yield _column(texts.say(names[0]), 11.5, before, "centre")
        yield _column(texts.say(names[1]), 11.5, after, "centre")
        verdicts = [texts.verdict(line.line) for line in one.lines]
        yield _column(texts.say(N_("Verdict on the line")), 15.0, verdicts, "centre")
        return
    shown = [now or was for was, now in zip(before, after, strict=True)]
    if any(shown):
        yield _column(texts.field_name("condition"), 11.5, shown, "centre")


def _ids(line: Line, texts: Texts) -> str:
    if len(line.assets) > MANY:
        return texts.say(N_("see the annex"))
    return "\n".join(map(display_id, line.assets))


def _column(heading: str, share: float, cells: Sequence[str], align: Align = "left") -> Column:
    return FormColumn(heading=heading, share=share, align=align), cells


def _amounts(heading: str, cells: Sequence[str]) -> Column:
    least, each, beside = _MONEY
    longest = max((len(cell) for cell in cells), default=0)
    return _column(heading, max(least, beside + each * longest), cells, "right")
