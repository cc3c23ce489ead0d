"""Drafts of an import: all that can be said of an asset list without asking the register of it.

A draft is a piece of the list, read and keyed. Finished, it also holds the entries and rows that
register everything in it. Most lists bring nothing but new things, so their history can be made
ready while the piece before it is being written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from assetctl.acts import cells
from assetctl.acts.importing.known import Known, one_of
from assetctl.acts.importing.plan import Columns, Convert, Read, Tally, Values
from assetctl.acts.importing.sheet import Sheet
from assetctl.acts.register import INITIAL_STATES, card_scheme
from assetctl.acts.values import reader, words_of
from assetctl.domain.card import (
    ATTRIBUTE_FIELDS,
    ATTRIBUTES,
    CARD,
    CARD_FIELDS,
    CONDITIONS,
    belongs,
)
from assetctl.domain.events import Registered
from assetctl.domain.identity import digest_code, parse_asset_id
from assetctl.domain.lifecycle import State, settle
from assetctl.domain.places import in_warehouse
from assetctl.domain.request import Stamp
from assetctl.errors import AssetIdError
from assetctl.i18n import N_
from assetctl.store.record import Batch, compose

CHUNK = 2000
"""Rows of a draft."""

_NEEDED = frozenset({"name", "class", "owner"})

HEADERS: dict[str, tuple[str, ...]] = {
    "asset_id": ("资产身份证号", "资产身份证", "asset id"),
    "name": ("资产名称", "名称", "品名", "name"),
    "class": ("资产分类代码", "分类代码", "资产分类", "分类编码", "类别代码", "class code"),
    "owner": ("权属单位", "所属单位", "产权单位", "单位", "单位名称", "单位编码", "owner", "unit"),
    "holder": ("持有方", "责任单位", "holder"),
    "place": ("存放地点", "存放位置", "地点", "location", "place"),
    "state": ("资产状态", "使用状况", "使用状态", "状态", "state"),
    "condition": ("成色", "品相", "新旧程度", "condition"),
    "card_no": ("资产编号", "卡片编号", "固定资产编号", "资产卡片编号", "编号", "card no"),
} | {field.name: field.headers for field in (*CARD, *ATTRIBUTES)}
"""Every field of an asset list and the headers people give it."""


class Row(NamedTuple):
    """One row on its way: as it was read, and the alias it is known by."""

    number: int
    values: Values
    bad: frozenset[str]
    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Everything that registers some rows: the ids given to them, and what is to be written."""

    asset_ids: Sequence[str]
    batch: Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A piece of a list: its rows, what was counted and wrong, and columns unused so far.

    `registration` stands where the draft is finished and every row of it can be registered.
    """

    rows: Sequence[Row]
    tally: Tally
    unused: Sequence[str]
    registration: Registration | None = None


class Drafts:
    """Makes the drafts of one list."""

    def __init__(
        self, sheet: Sheet, known: Known, *, stamp: Stamp, genesis: bytes,
        new_asset_id: Callable[[], str], given: Mapping[str, str], doc: str | None,
    ) -> None:  # fmt: skip
        self.columns = Columns(sheet, headers=HEADERS, converters=_converters(known), given=given)
        self._known = known
        self._stamp = stamp
        self._genesis = genesis
        self._new_asset_id = new_asset_id
        self._doc = doc
        self.source = sheet.sha256()[:16]
        self._attributes = sorted(self.columns.names.keys() & ATTRIBUTE_FIELDS.keys())
        self._alike: dict[str, int] = {}

    def read(self) -> Iterator[Draft]:
        """Yield the list as drafts that are not finished."""
        tally = Tally()
        rows = map(self._keyed, self.columns.rows(tally))
        while chunk := list(islice(rows, CHUNK)):
            yield Draft(rows=chunk, tally=replace(tally), unused=self.columns.unused)
            tally.rows, tally.faults = 0, []

    def finished(self, draft: Draft) -> Draft:
        """Return a draft with its registration, unless something in it stands in the way."""
        tally = Tally()
        if draft.tally.faults or any(row.scheme == "asset_id" for row in draft.rows):
            return draft
        rows = self.new_rows(draft.rows, tally)
        if tally.faults:
            return draft
        return replace(draft, registration=self.registration(rows, frozenset()))

    def new_rows(self, rows: Sequence[Row], tally: Tally) -> list[Row]:
        """Return those rows that can be registered; what is wrong with the others is noted."""
        met: set[tuple[str, str]] = set()
        good = []
        for row in rows:
            if (row.scheme, row.value) in met:
                self.duplicate(row, tally)
            elif self._is_complete(row, tally):
                met.add((row.scheme, row.value))
                good.append(row)
        return good

    def registration(self, rows: Sequence[Row], taken: frozenset[str]) -> Registration:
        """Return what registers rows under new ids, none of which is among those taken."""
        ids: dict[str, None] = {}
        while len(ids) < len(rows):
            ids |= {self._new_asset_id(): None for _ in range(len(rows) - len(ids))}
            for one in taken & ids.keys():
                del ids[one]
        in_order = sorted(ids)  # neighbours in the indexes: half the time
        facts = (
            (f"asset:{one}", self._registered(row)) for one, row in zip(in_order, rows, strict=True)
        )
        return Registration(asset_ids=in_order, batch=compose(self._stamp, self._genesis, facts))

    def duplicate(self, row: Row, tally: Tally) -> None:
        """Note that an id is not one of the register, or a number not the only one of its kind."""
        if row.scheme == "asset_id":
            self.fault(
                tally, row, "asset_id", "asset.not_found",
                N_("The register has no asset with this id, and ids are given by the register "
                   "alone. Empty the cell to register the thing."),
            )  # fmt: skip
        else:
            self.fault(
                tally, row, "card_no", "row.duplicate",
                N_("An earlier row has the same number. Give each thing its own."),
            )  # fmt: skip

    def fault(
        self, tally: Tally, row: Row, name: str, code: str, template: str, **facts: object
    ) -> None:
        """Note what is wrong with a field of a row."""
        header = self.columns.names.get(name, name)
        tally.fault(row.number, header, row.values.get(name, ""), code, template, **facts)

    def _keyed(self, read: Read) -> Row:
        values = read.values
        if "asset_id" in values:
            return Row(*read, "asset_id", values["asset_id"])
        if "card_no" in values:
            return Row(*read, card_scheme(values.get("owner", "")), values["card_no"])
        digest = digest_code(json.dumps(values, sort_keys=True, ensure_ascii=False).encode())
        count = self._alike[digest] = self._alike.get(digest, 0) + 1
        return Row(*read, "row", digest if count == 1 else f"{digest}-{count}")

    def _is_complete(self, row: Row, tally: Tally) -> bool:
        values = row.values
        before = len(tally.faults)
        for name in _NEEDED - values.keys() - row.bad:
            needed = N_("This field is needed. Fill it in.")
            self.fault(tally, row, name, "row.required", needed)
        state = values.get("state")
        if state is not None and state not in INITIAL_STATES:
            self.fault(
                tally, row, "state", "row.state",
                N_("A list can register what is in use, idle or in store. For anything "
                   "else register it first, then carry out the act."),
            )  # fmt: skip
        class_code = values.get("class", "")
        for name in self._attributes:
            if name in values and class_code and not belongs(ATTRIBUTE_FIELDS[name], class_code):
                self.fault(
                    tally, row, name, "row.attribute",
                    N_("Assets of class {class_code} do not have this field. Empty it."),
                    class_code=class_code,
                )  # fmt: skip
        return len(tally.faults) == before and not row.bad

    def _registered(self, row: Row) -> Registered:
        values = row.values
        place_code = values.get("place")
        state = values.get("state") or settle(
            in_warehouse=in_warehouse(self._known.places.kinds.get(place_code or ""))
        )
        card = {name: value for name, value in values.items() if name in CARD_FIELDS}
        attributes = {name: values[name] for name in self._attributes if name in values}
        return Registered(
            name=values["name"], scheme=self._known.scheme, class_code=values["class"],
            owner=values["owner"], holder=values.get("holder") or values["owner"],
            state=str(state), place=place_code, condition=values.get("condition"), card=card,
            attributes=attributes, aliases=[{"scheme": row.scheme, "value": row.value}],
            source=f"{self.source}:{row.number}", doc=self._doc,
        )  # fmt: skip


def _converters(known: Known) -> dict[str, Convert]:
    """Return what turns the cells of each field into values."""
    units = {code: code for code, kind in known.parties.kinds.items() if kind == "unit"}
    parties = {code: code for code in known.parties.kinds}
    basic: dict[str, Convert] = {
        "asset_id": _asset_id,
        "name": cells.text,
        "class": one_of(dict.fromkeys(known.classes, ""), "class.not_found",
                        N_("There is no such class. Load the catalogue: import classes")),
        "owner": one_of(known.parties.unit_names | units, "party.not_found",
                        N_("There is no such unit. Add it first: party add, import parties")),
        "holder": one_of(known.parties.unit_names | parties, "party.not_found",
                         N_("There is no such party. Add it first: party add")),
        "place": one_of(known.places.names | {c: c for c in known.places.kinds},
                        "place.not_found",
                        N_("There is no such place. Add it first: place add, import places")),
        "state": lambda cell: cells.choice(cell, words_of("state", tuple(State))),
        "condition": lambda cell: cells.choice(cell, words_of("condition", CONDITIONS)),
        "card_no": cells.code,
    }  # fmt: skip
    person = one_of(parties, "party.not_found", N_("There is no person with this code."))
    for item in (*CARD, *ATTRIBUTES):
        basic[item.name] = person if item.type == "person" else reader(item)
    return basic


def _asset_id(cell: str) -> str | None:
    word = cells.code(cell)
    if word is None:
        return None
    try:
        return parse_asset_id(word)
    except AssetIdError as error:
        template = N_("This is not an asset id. Copy it from the label, or empty the cell.")
        raise cells.CellError(error.code, template) from error
