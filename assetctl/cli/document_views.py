"""How documents look to people."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.cli.output import Answer, Sheet, Table, View, Words, asked_text
from assetctl.domain.identity import display_id
from assetctl.i18n import N_
from assetctl.reads.documents import Document

_TERMS = {"source": "intake_source", "mode": "intake_mode", "verdict": "line_state"}
"""Fields of documents whose values are codes, and the group of their words."""


def document_answer(one: Document, words: Words) -> Answer:
    """Return a document in full, with what it waits for."""
    waits = ", ".join(asked_text(asked, words) for asked in one.waits_for)

    def remarks(say: Words) -> Sequence[str]:
        return [say.say(N_("It waits for: {asked}"), asked=waits)] if waits else []

    return Answer(data=one, view=lambda say: document_views(one, say), remarks=remarks)


def document_views(one: Document, words: Words) -> Sequence[View]:
    """Return a document as people read it: what it says, its lines, its opinions."""
    say = words.say
    pairs = [
        (say(N_("State")), words.term("doc_state", one.state)),
        (say(N_("Unit")), one.unit),
        (say(N_("Asked by")), one.applicant),
    ]
    pairs += [(words.term("field", name), field_text(name, value, words))
              for name, value in one.fields.items()]  # fmt: skip
    if one.text:
        pairs.append((_text_label(one, words), one.text))
    pairs += [
        (say(name), words.time(moment))
        for name, moment in (
            (N_("Drafted"), one.drafted_at), (N_("Submitted"), one.submitted_at),
            (N_("Decided"), one.decided_at), (N_("Ended on"), one.ended_at),
        )
        if moment
    ]  # fmt: skip
    if one.under:
        pairs.append((say(N_("Under")), one.under))
    if one.papers:
        pairs.append((say(N_("Papers")), ", ".join(one.papers)))
    title = f"{words.term('document', one.kind)} {one.number}"
    views: list[View] = [Sheet(title=title, pairs=pairs)]
    if one.lines:
        views.append(_lines(one, words))
    elif one.wanted:
        views.append(say(N_("Assets: {assets}"), assets=", ".join(map(display_id, one.wanted))))
    if one.opinions:
        views.append(_opinions(one, words))
    return views


def documents_table(found: Sequence[Document], words: Words) -> Table:
    """Return documents one a line."""
    say = words.say
    return Table(
        columns=[say(N_("Document number")), say(N_("Kind of document")), say(N_("State")),
                 say(N_("Unit")), say(N_("Total")), say(N_("Waits for"))],
        rows=[
            [one.number, words.term("document", one.kind), words.term("doc_state", one.state),
             one.unit, one.total, ", ".join(asked_text(asked, words) for asked in one.waits_for)]
            for one in found
        ],
    )  # fmt: skip


def field_text(name: str, value: str, words: Words) -> str:
    """Return the value of a field as people read it."""
    return words.term(_TERMS.get(name, name), value)


def _text_label(one: Document, words: Words) -> str:
    names = [field.name for field in one.doc_kind.fields if field.type == "text"]
    return words.term("field", names[0]) if names else words.say(N_("Reason"))


def _lines(one: Document, words: Words) -> Table:
    say = words.say
    return Table(
        title=say(N_("Total {amount} yuan"), amount=one.total),
        columns=[say(N_("Line")), say(N_("Name")), say(N_("Class")), say(N_("Quantity")),
                 say(N_("Value each")), say(N_("Assets"))],
        rows=[
            [str(line.line), line.name, line.class_code, str(line.quantity), line.value or "",
             _come_so_far(one, line.assets, words)]
            for line in one.lines
        ],
    )  # fmt: skip


def _come_so_far(one: Document, assets: Sequence[str], words: Words) -> str:
    shown = [f"{display_id(asset)} {words.term('line_state', one.assets[asset])}"
             for asset in assets[:10]]  # fmt: skip
    if len(assets) > len(shown):
        shown.append(words.say(N_("and {count} more"), count=len(assets) - len(shown)))
    return "; ".join(shown)


def _opinions(one: Document, words: Words) -> Table:
    say = words.say
    return Table(
        title=say(N_("Opinions")),
        columns=[say(N_("Round")), say(N_("Step")), say(N_("Asked")), say(N_("Who")),
                 say(N_("Opinion")), say(N_("When")), say(N_("What was said"))],
        rows=[
            [str(given.round), str(given.step), asked_text(given.asked, words), given.person,
             words.term("opinion", given.verdict), words.time(given.at), given.text or ""]
            for given in one.opinions
        ],
    )  # fmt: skip
