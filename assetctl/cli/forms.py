"""Documents as the printed forms that an office signs, seals and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from assetctl.cli.form_boxes import boxes, giver, pass_boxes, taker
from assetctl.cli.form_lines import annex_rows, columns, totals
from assetctl.cli.form_texts import Texts, money
from assetctl.cli.output import Words
from assetctl.domain.document import DocState
from assetctl.i18n import N_
from assetctl.reads.documents import Document
from assetctl.reads.printed import Printed
from labels.form import CHINESE, ENGLISH, Form, FormColumn

Fact = tuple[str, str]
"""The name of a fact and its value."""

GATE_PASS = "gate_pass"  # noqa: S105  a paper that a gate asks for
"""What goes with a goods-out note through the gate; it has no number of its own."""

_ACROSS = 5
_STATES = {
    DocState.DRAFT.value: N_("Draft: not submitted."),
    DocState.RETURNED.value: N_("Returned for correction; not in force."),
    DocState.REJECTED.value: N_("Rejected; not in force."),
    DocState.WITHDRAWN.value: N_("Withdrawn by who asked for it; not in force."),
    DocState.VOIDED.value: N_("Void; the number is not used again."),
}
"""What a form says at its foot of a document that nothing can be done under."""


_OWNERS = {"realloc": N_("Gives up title"), "loan": N_("Owned by")}
"""What requests call the owners of their assets."""


def forms_of(printed: Printed, words: Words) -> list[Form]:
    """Return a document as forms: itself, its annex where lines are long, its gate pass."""
    texts = Texts(printed, words)
    made = [_main(texts)]
    rows = list(annex_rows(texts, _ACROSS))
    if rows:
        made.append(_annex(texts, rows))
    if texts.one.kind == "goods_out":
        made.append(_gate_pass(texts))
    return made


# --- forms -----------------------------------------------------------------------------------


def _main(texts: Texts) -> Form:
    one = texts.one
    shown = columns(texts)
    title = texts.words.term("form", one.kind)
    if one.state in _STATES:
        title = texts.coded(title, texts.words.term("doc_state", one.state))
    return replace(
        _bare(texts, title), facts=_facts(texts),
        columns=[column for column, _ in shown],
        rows=list(zip(*(cells for _, cells in shown), strict=True)),
        totals=totals(texts), boxes=boxes(texts), remarks=_remarks(texts),
    )  # fmt: skip


def _bare(texts: Texts, title: str) -> Form:
    """Return a form with what stands above its grid: title, number, day and unit."""
    one = texts.one
    filled_by = one.unit
    if not one.doc_kind.is_request:
        filled_by = texts.printed.unit_of(one.applicant) or one.unit
    return Form(
        title=title, number=one.number, filled_on=texts.day_of(one.submitted_at or one.drafted_at),
        unit=texts.party(filled_by), address=one.number,
        words=CHINESE if texts.words.language == "zh" else ENGLISH,
    )  # fmt: skip


def _annex(texts: Texts, rows: Sequence[Sequence[str]]) -> Form:
    """Return the ids of the lines that have too many for a cell."""
    title = texts.say(N_("Annex: asset ids of {document}"), document=texts.numbered(texts.one))
    ids = texts.field_name("asset_id")
    headings = [FormColumn(heading=texts.say(N_("No.")), share=9.0, align="centre"),
                FormColumn(heading=texts.say(N_("Name")), share=30.0)]  # fmt: skip
    headings += [FormColumn(heading=ids, share=27.0, align="centre")] * _ACROSS
    return replace(_bare(texts, title), columns=headings, rows=rows)


def _gate_pass(texts: Texts) -> Form:
    """Return what lets the things on a goods-out note through the gate."""
    one, say = texts.one, texts.say
    count = sum(line.quantity for line in one.lines)
    facts = [
        (texts.words.term("document", one.kind), one.number),
        (say(N_("Goes to")), texts.party(taker(texts))),
        (say(N_("Number of things")), say(N_("{count} in all"), count=count)),
        (say(N_("Time of leaving")), ""),
        (say(N_("Carried by")), ""),
        (say(N_("Plate of the vehicle")), ""),
    ]
    shown = columns(texts)
    few = [shown[0], shown[1], shown[3], shown[7]]
    shares = (9.0, 60.0, 15.0, 60.0)
    return replace(
        _bare(texts, texts.words.term("form", GATE_PASS)), facts=facts,
        columns=[replace(column, share=share)
                 for (column, _), share in zip(few, shares, strict=True)],
        rows=list(zip(*(cells for _, cells in few), strict=True)),
        boxes=pass_boxes(texts),
        remarks=[say(N_("Nothing but what is listed here may pass."))],
    )  # fmt: skip


def _remarks(texts: Texts) -> list[str]:
    one = texts.one
    found = []
    if one.state in _STATES:
        found.append(texts.say(_STATES[one.state]))
    if one.kind == "receipt":
        found.append(texts.say(N_("The unit that hands over books from this receipt.")))
    return found


# --- facts -----------------------------------------------------------------------------------


def _facts(texts: Texts) -> list[Fact]:
    one = texts.one
    if one.doc_kind.is_request:
        return list(_asked(texts))
    found = list(_TOLD[one.kind](texts))
    if above := texts.printed.above:
        found.append((texts.field_name("under"), texts.numbered(above)))
    if said := _noted(texts):
        found.append((texts.field_name("note"), said))
    return found


def _asked(texts: Texts) -> Iterator[Fact]:
    """Give the fields of a request, blank where nothing needed to be said."""
    one = texts.one
    yield from _uscc(texts, one.unit)
    yield texts.field_name("applicant"), texts.party(one.applicant)
    if one.kind in _OWNERS:
        owners = "\n".join(map(texts.party, texts.printed.owners))
        yield texts.say(_OWNERS[one.kind]), owners
    for field in one.doc_kind.fields:
        name = texts.field_name(field.name)
        if field.type == "text":
            yield name, _text(texts, one, is_erased=texts.printed.is_text_erased)
            continue
        value = one.fields.get(field.name, "")
        yield name, texts.field(field.name, value) if value else ""
        if field.name == "loan" and texts.printed.above:
            due = texts.printed.above.fields.get("due", "")
            yield texts.field_name("from_due"), texts.day(due)


def _handed_over(texts: Texts) -> Iterator[Fact]:
    """Give both sides, each beside its credit code, blank where the register has none."""
    for name, code in (
        (N_("Hand-over unit"), giver(texts)),
        (N_("Receiving unit"), taker(texts)),
    ):
        yield texts.say(name), texts.party(code)
        yield next(_uscc(texts, code), (texts.field_name("uscc"), ""))


def _put_away(texts: Texts) -> Iterator[Fact]:
    yield from _handed_over(texts)
    place = texts.one.fields.get("place", "")
    yield texts.say(N_("Shelf")), texts.place(place) if place else ""


def _fetched(texts: Texts) -> Iterator[Fact]:
    above = texts.printed.above
    yield texts.say(N_("Leaves from")), texts.party(giver(texts))
    yield texts.say(N_("Goes to")), texts.party(taker(texts))
    if due := texts.one.fields.get("due"):
        yield texts.field_name("due"), texts.day(due)
    if above:
        if custodian := above.fields.get("custodian"):
            yield texts.field_name("custodian"), texts.party(custodian)
        name = next(field.name for field in above.doc_kind.fields if field.type == "text")
        said = _text(texts, above, is_erased=texts.printed.is_purpose_erased)
        yield texts.field_name(name), said


def _brought_back(texts: Texts) -> Iterator[Fact]:
    above = texts.printed.above
    yield texts.say(N_("Unit that brings back")), texts.party(giver(texts))
    yield texts.say(N_("Brought back on")), texts.day_of(texts.one.drafted_at)
    if above and (due := above.fields.get("due")):
        yield texts.field_name("due"), texts.day(due)
    if place := texts.one.fields.get("place"):
        yield texts.field_name("place"), texts.place(place)
    if paid := texts.one.fields.get("compensation"):
        yield texts.say(N_("Compensation each (yuan)")), money(paid)


def _called_back(texts: Texts) -> Iterator[Fact]:
    """Give whom a recall tells, what is overdue since when, and all else that it says."""
    one, above = texts.one, texts.printed.above
    fields = dict(one.fields)
    to = fields.pop("borrower", None) or fields.pop("holder", None) or taker(texts)
    yield texts.say(N_("To")), texts.party(to)
    yield from _uscc(texts, to)
    due = fields.pop("due", None) or (above.fields.get("due") if above else None)
    if due:
        yield texts.field_name("due"), texts.day(due)
        late = _days_late(due, texts.words.time(one.drafted_at)[:10])
        wish = N_("Please bring back what is listed below by the day it is due.")
        if late > 0:
            yield texts.say(N_("Days late")), str(late)
            wish = N_("What is listed below is overdue. Please bring it back at once.")
        yield texts.say(N_("We ask")), texts.say(wish)
    for name, value in fields.items():
        yield texts.field_name(name), texts.field(name, value)


def _declared(texts: Texts) -> Iterator[Fact]:
    """Give the fields that the kind of paper declares, and the day on which it was needed by."""
    one, above = texts.one, texts.printed.above
    yield from _uscc(texts, one.unit)
    yield texts.field_name("unit"), texts.party(one.unit)
    for field in one.doc_kind.fields:
        if value := one.fields.get(field.name):
            yield texts.field_name(field.name), texts.field(field.name, value)
    if above and (day := above.fields.get("needed_by")):
        yield texts.field_name("needed_by"), texts.day(day)


_TOLD: dict[str, Callable[[Texts], Iterator[Fact]]] = {
    "handover": _handed_over, "receipt": _handed_over, "acceptance": _handed_over,
    "goods_in": _put_away, "goods_out": _fetched, "return_check": _brought_back,
    "recall": _called_back, "certificate": _declared, "purchase": _declared,
}  # fmt: skip
"""What each kind of paper tells above its lines."""


def _uscc(texts: Texts, code: str | None) -> Iterator[Fact]:
    found = texts.printed.parties.get(code or "")
    if found and found.uscc:
        yield texts.field_name("uscc"), found.uscc


def _text(texts: Texts, one: Document, *, is_erased: bool) -> str:
    return texts.erased() if is_erased else one.text or ""


def _noted(texts: Texts) -> str:
    """Return what was noted of the assets, each note once with the lines that it is for."""
    one, notes = texts.one, texts.printed.notes
    on_line: dict[str, list[int]] = {}
    for line in one.lines:
        said = dict.fromkeys(
            notes[asset] or texts.erased() for asset in line.assets if asset in notes
        )
        for note in said:
            on_line.setdefault(note, []).append(line.line)
    if list(on_line.values()) == [[line.line for line in one.lines]]:
        return next(iter(on_line))
    return "\n".join(
        texts.say(N_("Line {lines}: "), lines=", ".join(map(str, numbers))) + note
        for note, numbers in on_line.items()
    )


def _days_late(due: str, today: str) -> int:
    try:
        return (date.fromisoformat(today) - date.fromisoformat(due)).days
    except ValueError:
        return 0
