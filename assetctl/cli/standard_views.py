"""Provision standards as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assetctl.cli.output import Sheet, Table, View, Words
from assetctl.domain.standards import Figure, InForce
from assetctl.i18n import N_
from assetctl.reads.standards import Adopted

_PRICED = ("per_seat", "by_area")
"""Bases of which a price is the price of one; all other prices are for one thing."""


def standards_table(found: Sequence[Adopted], names: Mapping[str, str], words: Words) -> Table:
    """Return the standards, a line each."""
    say = words.say
    return Table(
        columns=[say(N_("Standard")), say(N_("Name")), say(N_("Rank")), say(N_("Quantity")),
                 say(N_("Price cap")), say(N_("Minimum years")), say(N_("Until")),
                 say(N_("Document"))],
        rows=[
            [one.code, names.get(one.class_code, ""), words.term("rank", one.rank),
             _quantity(one.quantity, one.basis, words),
             say(N_("to be argued")) if one.argued else _price(one.price_cap, one.basis, words),
             str(one.min_years or ""), one.until or "", one.doc_no]
            for one in found
        ],
    )  # fmt: skip


def in_force_sheet(found: InForce | None, asked: Mapping[str, Any], words: Words) -> View:
    """Return what holds for a class, and which document says so; or that nothing does."""
    say = words.say
    facts = {"name": asked["name"], "code": asked["class"], "division": asked["division"],
             "day": asked["day"]}  # fmt: skip
    if found is None:
        nothing = N_("No standard holds for {name} {code} in {division} on {day}.")
        return say(nothing, **facts)
    pairs = list(_pairs(found, asked, words))
    figures = (found.quantity, found.price_cap, found.argued, found.min_years)
    notes = dict.fromkeys(figure.note for figure in figures if figure and figure.note)
    pairs += [(say(N_("Remark")), note) for note in notes]
    return Sheet(title=say(N_("{name} {code} in {division} on {day}"), **facts), pairs=pairs)


def _pairs(found: InForce, asked: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    say = words.say
    if found.quantity:
        quantity = _quantity(found.quantity.value, found.quantity.basis, words)
        yield say(N_("Quantity")), _sourced(quantity, found.quantity, words)
    if asked["ceiling"] is not None:
        yield say(N_("Allowed for {staff} staff"), staff=asked["staff"]), str(asked["ceiling"])
    if found.price_cap:
        price = _price(found.price_cap.value, found.price_cap.basis, words)
        yield say(N_("Price cap")), _sourced(price, found.price_cap, words)
    if found.argued:
        off = say(N_("none: taken off the list, argue each need"))
        yield say(N_("Price cap")), _sourced(off, found.argued, words)
    if found.min_years:
        years = str(found.min_years.value)
        yield say(N_("Minimum years")), _sourced(years, found.min_years, words)


def _sourced(value: str, figure: Figure[Any], words: Words) -> str:
    return words.say(
        N_("{value} ({doc}, division {division}, from {day})"), value=value, doc=figure.doc_no,
        division=figure.jurisdiction, day=figure.effective_from,
    )  # fmt: skip


def _quantity(quantity: str | None, basis: str, words: Words) -> str:
    return f"{quantity} {words.term('basis', basis)}" if quantity else ""


def _price(price_cap: str | None, basis: str, words: Words) -> str:
    if price_cap is None:
        return ""
    per = f" {words.term('basis', basis)}" if basis in _PRICED else ""
    return f"¥{price_cap}{per}"
