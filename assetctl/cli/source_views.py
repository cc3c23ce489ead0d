"""How needs and their evidence look to people."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assetctl.cli.document_views import document_answer, document_views
from assetctl.cli.output import Answer, Sheet, Table, View, Words
from assetctl.domain.identity import display_id
from assetctl.domain.sourcing import Quota
from assetctl.i18n import N_
from assetctl.reads.sourcing import Evidence, Found, NeedLine, Search


def evidence_answer(found: Evidence, words: Words) -> Answer:
    """Return the whole evidence of a need, with what it waits for."""
    waits = document_answer(found.need, words).remarks
    return Answer(data=found, view=lambda say: _views(found, say), remarks=waits)


def needs_table(found: Sequence[NeedLine], words: Words) -> Table:
    """Return needs one a line."""
    say = words.say
    return Table(
        columns=[say(N_("Document number")), say(N_("State")), say(N_("Unit")), say(N_("Name")),
                 say(N_("Class")), say(N_("Needed by")), say(N_("Quantity")), say(N_("Met")),
                 say(N_("Bought")), say(N_("Lacking"))],
        rows=[
            [one.number, words.term("doc_state", one.state), one.unit, one.name, one.class_code,
             one.needed_by, str(one.quantity), str(one.met), str(one.bought), str(one.unmet)]
            for one in found
        ],
    )  # fmt: skip


def _views(found: Evidence, words: Words) -> Sequence[View]:
    say = words.say
    views = list(document_views(found.need, words))
    views.append(say(N_("{quantity} asked for, {met} met, {bought} bought, {unmet} lacking."),
                     quantity=found.quantity, met=found.met, bought=found.bought,
                     unmet=found.unmet))  # fmt: skip
    if found.quota is not None:
        views.append(_quota(found.quota, words))
    for search in found.searches:
        taken = {one.asset_id for one in found.taken if search is found.searches[-1]}
        views += _search(search, taken, words)
    if found.taken:
        views.append(_taken(found, words))
    if found.purchases:
        views.append(_purchases(found, words))
    return views


def _quota(quota: Quota, words: Words) -> Sheet:
    say = words.say
    none = say(N_("none"))
    pairs = [
        (say(N_("Standard")), quota.quantity_from or none),
        (say(N_("Staff")), str(quota.staff or "")),
        (say(N_("Allowed")), none if quota.ceiling is None else str(quota.ceiling)),
        (say(N_("There already")), str(quota.held)),
        (say(N_("Asked for elsewhere")), str(quota.asked)),
        (say(N_("Price cap")), quota.price_cap or none),
        (say(N_("Price cap set by")), quota.price_from or none),
    ]
    if quota.argued_from:
        pairs.append((say(N_("Taken off the list by")), quota.argued_from))
    return Sheet(title=say(N_("Quota")), pairs=pairs)


def _search(search: Search, taken: Collection[str], words: Words) -> list[View]:
    say = words.say
    pairs = [
        (say(N_("Searched")), words.time(search.searched_at)),
        (say(N_("Classes")), ", ".join(search.classes)),
        (say(N_("Order")), " → ".join(words.term("level", one) for one in search.levels)),
        (say(N_("Register")),
         say(N_("{size} sealed entries, root {root}, all recorded to {moment}"),
             size=search.log_size, root=search.log_root, moment=words.time(search.recorded_to))),
        ("SHA-256", search.sha256),
        (say(N_("May be had")), str(search.available)),
    ]  # fmt: skip
    for name, count in ((N_("Not listed, may be had"), search.beyond),
                        (N_("Not listed, cannot be had"), search.unlisted),
                        (N_("Not shown (secret)"), search.withheld)):  # fmt: skip
        if count:
            pairs.append((say(name), str(count)))
    if search.result:
        pairs.append((say(N_("Result")), words.term("result", search.result)))
        pairs.append((say(N_("Certified by")), search.certified_by or ""))
    if search.certificate:
        pairs.append((say(N_("Certificate")),
                      say(N_("{certificate}: {unmet} lacking, valid until {valid_until}"),
                          certificate=search.certificate, unmet=search.unmet,
                          valid_until=search.valid_until)))  # fmt: skip
    sheet = Sheet(title=say(N_("Search {search}"), search=search.search), pairs=pairs)
    return [sheet, _candidates(search.candidates, taken, words)]


def _candidates(found: Sequence[Found], taken: Collection[str], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Level")), say(N_("Asset")), say(N_("Name")), say(N_("Owner")),
                 say(N_("Place")), say(N_("Condition")), say(N_("Availability")),
                 say(N_("Refused")), say(N_("Decision"))],
        rows=[
            [words.term("level", one.level), display_id(one.asset_id), one.name, one.owner,
             one.place or "", words.term("condition", one.condition),
             _availability(one, taken, words),
             _said(words.term("refusal", one.reason), one.refused_by, one.refusal_text),
             _said(words.term("decision", one.verdict), one.judged_by, one.verdict_text)]
            for one in found
        ],
    )  # fmt: skip


def _availability(one: Found, taken: Collection[str], words: Words) -> str:
    if one.taken_at or one.asset_id in taken:
        return words.term("availability", "taken")
    return f"{words.term('availability', one.availability)} {one.promised_to or ''}".rstrip()


def _said(word: str, person: str | None, text: str | None) -> str:
    if not person:
        return ""
    return f"{word} ({person}): {text}" if text else f"{word} ({person})"


def _taken(found: Evidence, words: Words) -> Table:
    say = words.say
    return Table(
        title=say(N_("Taken")),
        columns=[say(N_("Asset")), say(N_("Kind of document")), say(N_("Document number")),
                 say(N_("State"))],
        rows=[
            [display_id(one.asset_id), words.term("document", one.kind) or say(N_("its own")),
             one.document or "", words.term("doc_state", one.state)]
            for one in found.taken
        ],
    )  # fmt: skip


def _purchases(found: Evidence, words: Words) -> Table:
    say = words.say
    return Table(
        title=say(N_("Purchases")),
        columns=[say(N_("Document number")), say(N_("Certificate")), say(N_("Quantity")),
                 say(N_("Value each")), say(N_("Who")), say(N_("When"))],
        rows=[
            [one.purchase, one.certificate, str(one.quantity), one.price, one.person,
             words.time(one.bought_at)]
            for one in found.purchases
        ],
    )  # fmt: skip
