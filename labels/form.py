"""A printed document 单据: what stands on it. `labels.form_setting` sets it on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labels.band import Align
from labels.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The fixed words of a form, with the colons and spaces behind them.

    In `blank_date` each `_` is room for handwriting; `page` has `{page}` and `{pages}` in it.
    """

    unit: str
    filled_on: str
    number: str
    signed: str
    blank_date: str
    seal: str
    page: str


CHINESE = FormWords(
    unit="填报单位：", filled_on="填表日期：", number="编号：", signed="签字：",
    blank_date="_年_月_日", seal="（盖章）", page="第 {page} 页 共 {pages} 页",
)  # fmt: skip
ENGLISH = FormWords(
    unit="Unit: ", filled_on="Date: ", number="No. ", signed="Signed: ",
    blank_date="Date:___", seal="(Seal)", page="Page {page} of {pages}",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """A column of the lines: its heading, its share of the width, where its cells' text stands."""

    heading: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A box 意见栏 for one office or person, filled in or to be filled in by hand.

    `on` is the date as it is printed. `seal` leaves a place for a seal. `wide` boxes take the whole
    width, others share it by two.
    """

    heading: str
    text: str = ""
    signed: str = ""
    on: str = ""
    seal: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One document. Facts and totals are names and values; texts may have line breaks.

    `address` goes into the QR code; "" leaves the corner empty. Without columns there is no table
    of lines. Every row has a cell for each column. A `landscape` form lies on its side, for wide
    tables; its lines are set smaller, and its boxes stand by four. `standing` is repeated at the
    foot of every page. `plan` is a picture of places, below the lines.
    """

    title: str
    number: str
    filled_on: str
    unit: str
    facts: Sequence[tuple[str, str]] = ()
    columns: Sequence[FormColumn] = ()
    rows: Sequence[Sequence[str]] = ()
    totals: Sequence[tuple[str, str]] = ()
    boxes: Sequence[Opinion] = ()
    remarks: Sequence[str] = ()
    address: str
    words: FormWords = CHINESE
    landscape: bool = False
    standing: str = ""
    plan: Plan | None = None
