"""Import of assets: plan every row, then apply all of them or none.

A row is known by its asset id, else by its unit's card number, else by its own content; so the
same list imported twice changes nothing. What is already in the register is never changed in
silence: a card that differs is a fault unless corrections were asked for, and custody changes
only through its acts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from assetctl.acts import cells
from assetctl.acts.importing.known import (
    class_codes,
    coded_parties,
    coded_places,
    one_of,
    slices,
    stored_assets,
)
from assetctl.acts.importing.plan import Columns, Convert, Imported, Read, Tally, Values
from assetctl.acts.importing.sheet import Sheet
from assetctl.acts.register import (
    INITIAL_STATES,
    card_scheme,
    card_state,
    corrected,
    taken_ids,
)
from assetctl.acts.values import read_cell, words_of
from assetctl.domain.card import (
    ATTRIBUTE_FIELDS,
    ATTRIBUTES,
    CARD,
    CARD_FIELDS,
    CONDITIONS,
    belongs,
)
from assetctl.domain.events import Event, Registered
from assetctl.domain.identity import digest_code, parse_asset_id
from assetctl.domain.lifecycle import State, settle
from assetctl.domain.places import in_warehouse
from assetctl.domain.projection import attributes_text
from assetctl.domain.request import Stamp
from assetctl.errors import AssetIdError
from assetctl.i18n import N_
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record_all
from assetctl.store.tables import alias, asset

_CHUNK = 5000

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

_ALIASED = (
    sa.select(alias.c.scheme, alias.c.value, alias.c.asset_id, asset.c.owner)
    .join_from(alias, asset, asset.c.asset_id == alias.c.asset_id)
    .where(alias.c.value.in_(sa.bindparam("values", expanding=True)))
)
_CUSTODY = ("owner", "holder", "place", "state")


class _Row(NamedTuple):
    """One row on its way: as it was read, and the alias it is known by."""

    number: int
    values: Values
    bad: frozenset[str]
    scheme: str
    value: str


def import_assets(
    tx: Tx, sheet: Sheet, *, stamp: Stamp, new_asset_id: Callable[[], str], scheme: str,
    given: Mapping[str, str], update: bool = False, doc: str | None = None,
    on_step: Callable[[int], None] = lambda _rows: None,
) -> Imported:  # fmt: skip
    """Register every asset of a sheet that is not in the register, and say what was done.

    Everything is written in the transaction of the caller, who must roll it back if there are
    faults. With `update` cards that differ are corrected, frozen fields only under `doc`.
    """
    tally = Tally()
    work = _Work(tx, tally, stamp, new_asset_id, scheme, update, doc, sheet.sha256()[:16])
    columns = Columns(sheet, headers=HEADERS, converters=work.converters(), given=given)
    tally.faults += columns.faults
    work.headers = columns.names
    for needed in ("name", "class", "owner"):
        if needed not in columns.names and "asset_id" not in columns.names:
            tally.fault(1, needed, "", "import.column_missing",
                        N_("No column holds this field. Name it with --map HEADER={name}."),
                        name=needed)  # fmt: skip
    if not tally.faults:
        for rows in _chunks(columns.rows(tally)):
            work.apply(rows)
            on_step(tally.rows)
    return tally.account(columns.unused)


class _Work:
    """The state of one import: what is known of the register, and what was met so far."""

    def __init__(
        self, tx: Tx, tally: Tally, stamp: Stamp, new_asset_id: Callable[[], str], scheme: str,
        update: bool, doc: str | None, source: str,  # noqa: FBT001
    ) -> None:  # fmt: skip
        self.headers: Mapping[str, str] = {}
        self._tx = tx
        self._tally = tally
        self._stamp = stamp
        self._new_asset_id = new_asset_id
        self._scheme = scheme
        self._update = update
        self._doc = doc
        self._source = source
        self._parties = coded_parties(tx)
        self._places = coded_places(tx)
        self._classes = class_codes(tx, scheme)
        self._alike: dict[str, int] = {}

    def converters(self) -> dict[str, Convert]:
        """Return what turns the cells of each field into values."""
        units = {code: code for code, kind in self._parties.kinds.items() if kind == "unit"}
        parties = {code: code for code in self._parties.kinds}
        basic: dict[str, Convert] = {
            "asset_id": _asset_id,
            "name": cells.text,
            "class": one_of(dict.fromkeys(self._classes, ""), "class.not_found",
                            N_("There is no such class. Load the catalogue: import classes")),
            "owner": one_of(self._parties.unit_names | units, "party.not_found",
                            N_("There is no such unit. Add it first: party add, import parties")),
            "holder": one_of(self._parties.unit_names | parties, "party.not_found",
                             N_("There is no such party. Add it first: party add")),
            "place": one_of(self._places.names | {c: c for c in self._places.kinds},
                            "place.not_found",
                            N_("There is no such place. Add it first: place add, import places")),
            "state": lambda cell: cells.choice(cell, words_of("state", tuple(State))),
            "condition": lambda cell: cells.choice(cell, words_of("condition", CONDITIONS)),
            "card_no": cells.code,
        }  # fmt: skip
        person = one_of(parties, "party.not_found", N_("There is no person with this code."))
        for item in (*CARD, *ATTRIBUTES):
            basic[item.name] = (
                person if item.type == "person" else lambda cell, item=item: read_cell(item, cell)  # type: ignore[misc]
            )
        return basic

    def apply(self, read: Sequence[Read]) -> None:
        """Take a chunk of rows: compare those that are known, register those that are new."""
        rows = [self._keyed(one) for one in read]
        known = self._find(rows)
        stored = stored_assets(self._tx, sorted(set(known.values())))
        facts: list[tuple[str, Event]] = []
        fresh: dict[tuple[str, str], _Row] = {}
        corrections: dict[str, Event] = {}
        for row in rows:
            found = known.get((row.scheme, row.value))
            if found is None:
                self._take_new(row, fresh)
            elif found not in stored or stored[found]["changed_at"] == self._stamp.rec:
                self._duplicate(row)
            else:
                self._compare(row, found, stored[found], corrections)
        facts += zip(self._subjects(len(fresh)), map(self._registered, fresh.values()), strict=True)
        if corrections:
            lock(self._tx, corrections)
            facts += corrections.items()
        if facts:
            record_all(self._tx, self._stamp, facts)
        self._tally.added += len(fresh)
        self._tally.corrected += len(corrections)

    def _keyed(self, read: Read) -> _Row:
        values = read.values
        if "asset_id" in values:
            return _Row(*read, "asset_id", values["asset_id"])
        if "card_no" in values:
            return _Row(*read, card_scheme(values.get("owner", "")), values["card_no"])
        digest = digest_code(json.dumps(values, sort_keys=True, ensure_ascii=False).encode())
        count = self._alike[digest] = self._alike.get(digest, 0) + 1
        return _Row(*read, "row", digest if count == 1 else f"{digest}-{count}")

    def _find(self, rows: Sequence[_Row]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        kept: dict[tuple[str, str], str] = {}
        wanted = {row.value: None for row in rows if row.scheme != "asset_id"}
        for chunk in slices(list(wanted)):
            for scheme, value, asset_id, owner in self._tx.connection.execute(
                _ALIASED, {"values": chunk}
            ):
                found[scheme, value] = asset_id
                # The number of a former owner, on a thing whose title has moved since.
                kept[card_scheme(owner), value] = asset_id
        own = {("asset_id", row.value): row.value for row in rows if row.scheme == "asset_id"}
        return kept | found | own

    def _take_new(self, row: _Row, fresh: dict[tuple[str, str], _Row]) -> None:
        values = row.values
        if (row.scheme, row.value) in fresh:
            self._duplicate(row)
            return
        before = len(self._tally.faults)
        for name in ("name", "class", "owner"):
            if name not in values and name not in row.bad:
                self._fault(row, name, "row.required", N_("This field is needed. Fill it in."))
        state = values.get("state")
        if state is not None and state not in INITIAL_STATES:
            self._fault(
                row,
                "state",
                "row.state",
                N_(
                    "A list can register what is in use, idle or in store. For anything "
                    "else register it first, then carry out the act."
                ),
            )
        self._check_attributes(row, values.get("class", ""))
        if len(self._tally.faults) == before and not row.bad:
            fresh[row.scheme, row.value] = row

    def _check_attributes(self, row: _Row, class_code: str) -> None:
        for name in row.values.keys() & ATTRIBUTE_FIELDS.keys():
            if class_code and not belongs(ATTRIBUTE_FIELDS[name], class_code):
                self._fault(
                    row,
                    name,
                    "row.attribute",
                    N_("Assets of class {class_code} do not have this field. Empty it."),
                    class_code=class_code,
                )

    def _duplicate(self, row: _Row) -> None:
        if row.scheme == "asset_id":
            self._fault(
                row,
                "asset_id",
                "asset.not_found",
                N_(
                    "The register has no asset with this id, and ids are given by the "
                    "register alone. Empty the cell to register the thing."
                ),
            )
        else:
            self._fault(
                row,
                "card_no",
                "row.duplicate",
                N_("An earlier row has the same number. Give each thing its own."),
            )

    def _compare(
        self, row: _Row, asset_id: str, stored: Mapping[str, Any], corrections: dict[str, Event]
    ) -> None:
        changes: dict[str, str] = {}
        now = card_state(stored) | json.loads(stored["attributes"] or "{}")
        now |= {name: stored[name] or "" for name in _CUSTODY}
        now["class"] = now["class_code"]
        before = len(self._tally.faults)
        for name, value in row.values.items():
            if name in ("asset_id", "card_no") or now.get(name, "") == value:
                continue
            if name in _CUSTODY:
                self._fault(
                    row,
                    name,
                    "row.custody",
                    N_(
                        "The register says {now}. Lists do not move assets: use checkout, "
                        "checkin, move, send or transfer."
                    ),
                    now=now.get(name) or "-",
                    group=name,
                )
            elif not self._update:
                self._fault(
                    row,
                    name,
                    "row.differs",
                    N_(
                        "The register says {now}. To correct the card from the list, "
                        "import with --update."
                    ),
                    now=now.get(name) or "-",
                    group=name,
                )
            elif (
                name in CARD_FIELDS and CARD_FIELDS[name].frozen and now.get(name) and not self._doc
            ):
                self._fault(
                    row,
                    name,
                    "card.frozen",
                    N_("The register says {now}, fixed once booked. A change needs --doc."),
                    now=now[name],
                    group=name,
                )
            else:
                changes[name] = value
        if row.bad or len(self._tally.faults) > before:
            return
        if changes:
            corrections[f"asset:{asset_id}"] = self._correction(stored, now, changes)
        else:
            self._tally.unchanged += 1

    def _correction(
        self, stored: Mapping[str, Any], now: Mapping[str, str], changes: Mapping[str, str]
    ) -> Event:
        after = {
            ("class_code" if name == "class" else name): value
            for name, value in changes.items()
            if name in CARD_FIELDS or name in ("name", "class", "condition")
        }
        attributes = {name: value for name, value in changes.items() if name not in after}
        attributes.pop("class", None)
        if attributes:
            merged = json.loads(stored["attributes"] or "{}") | attributes
            after["attributes"] = attributes_text(merged) or ""
        before = {name: now.get(name, "") for name in after}
        return corrected(stored, before, after, doc=self._doc, source=self._source)

    def _subjects(self, count: int) -> Iterator[str]:
        ids = {self._new_asset_id(): None for _ in range(count)}
        taken: set[str] = set()
        for chunk in slices(list(ids)):
            taken |= taken_ids(self._tx, chunk)
        while taken or len(ids) < count:
            for one in taken:
                del ids[one]
            more = {self._new_asset_id(): None for _ in range(count - len(ids))}
            taken = taken_ids(self._tx, list(more)) if more else set()
            ids |= more
        return (f"asset:{one}" for one in sorted(ids))  # neighbours in the indexes: half the time

    def _registered(self, row: _Row) -> Registered:
        values = row.values
        place_code = values.get("place")
        state = values.get("state") or settle(
            in_warehouse=in_warehouse(self._places.kinds.get(place_code or ""))
        )
        card = {name: value for name, value in values.items() if name in CARD_FIELDS}
        attributes = {name: values[name] for name in values.keys() & ATTRIBUTE_FIELDS.keys()}
        return Registered(
            name=values["name"], scheme=self._scheme, class_code=values["class"],
            owner=values["owner"], holder=values.get("holder") or values["owner"],
            state=str(state), place=place_code, condition=values.get("condition"), card=card,
            attributes=attributes, aliases=[{"scheme": row.scheme, "value": row.value}],
            source=f"{self._source}:{row.number}", doc=self._doc,
        )  # fmt: skip

    def _fault(self, row: _Row, name: str, code: str, template: str, **facts: object) -> None:
        header = self.headers.get(name, name)
        self._tally.fault(row.number, header, row.values.get(name, ""), code, template, **facts)


def _asset_id(cell: str) -> str | None:
    word = cells.code(cell)
    if word is None:
        return None
    try:
        return parse_asset_id(word)
    except AssetIdError as error:
        template = N_("This is not an asset id. Copy it from the label, or empty the cell.")
        raise cells.CellError(error.code, template) from error


def _chunks(rows: Iterator[Read]) -> Iterator[list[Read]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
