"""Import of parties, places and classes: short lists that other lists refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assetctl.acts import cells
from assetctl.acts.importing.plan import Columns, Convert, Imported, Tally, Values
from assetctl.acts.importing.sheet import Sheet
from assetctl.acts.parties import PARTY_KINDS, uscc_warning
from assetctl.acts.values import words_of
from assetctl.domain.events import ClassAdded, ClassCorrected, Event, PartyAdded, PlaceAdded
from assetctl.domain.places import KINDS, default_kind, fits
from assetctl.domain.request import Stamp
from assetctl.i18n import N_
from assetctl.reads.parties import Place, all_classes, parties, places
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

PARTY_HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("编码", "单位编码", "工号", "代码", "code"),
    "name": ("名称", "单位名称", "姓名", "name"),
    "kind": ("类型", "类别", "kind"),
    "unit": ("所属单位", "上级单位", "unit"),
    "uscc": ("统一社会信用代码", "信用代码", "uscc"),
    "uscc_reason": ("信用代码说明", "uscc reason"),
}
PLACE_HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("编码", "地点编码", "代码", "code"),
    "name": ("名称", "地点名称", "name"),
    "kind": ("类型", "类别", "kind"),
    "parent": ("上级", "上级地点", "所在", "parent"),
}
CLASS_HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("分类代码", "代码", "编码", "code"),
    "name": ("分类名称", "名称", "name_zh", "name"),
    "name_en": ("英文名称", "name_en"),
    "parent": ("上级代码", "上级", "parent"),
    "depth": ("级次", "层级", "level"),
    "life_years": ("折旧年限", "min_life_years", "life years"),
    "use_years": ("最低使用年限", "min_use_years", "use years"),
}

_NEEDED = N_("This field is needed. Fill it in.")
_TWICE = N_("An earlier row has the same code. Give each its own.")
_DIFFERS = N_("The register says {now}. Lists only add; what is there stays as it is.")


def import_parties(tx: Tx, sheet: Sheet, *, stamp: Stamp, given: Mapping[str, str]) -> Imported:
    """Add every party of a sheet that is not there; a differing one is a fault."""
    known: dict[str, Any] = {one.code: one for one in parties(tx.connection)}
    converters: dict[str, Convert] = {
        "code": cells.code, "name": cells.text, "unit": cells.code, "uscc": cells.code,
        "kind": lambda cell: cells.choice(cell, words_of("kind", PARTY_KINDS)),
        "uscc_reason": cells.text,
    }  # fmt: skip
    tally, columns = _begin(sheet, PARTY_HEADERS, converters, given, ("code", "name", "kind"))
    rows = _rows(columns, tally, ("code", "name", "kind"))
    kinds = {code: one.kind for code, one in known.items()}
    kinds |= {code: values["kind"] for code, (_, values) in rows.items()}
    facts: list[tuple[str, Event]] = []
    for code, (number, values) in rows.items():
        unit, uscc = values.get("unit"), values.get("uscc")
        if unit and kinds.get(unit) != "unit":
            tally.fault(
                number,
                columns.names["unit"],
                unit,
                "party.not_found",
                N_("There is no such unit, neither here nor in the list."),
            )
        wrong = uscc_warning(uscc) if uscc and not values.get("uscc_reason") else None
        if wrong:
            tally.fault(
                number,
                columns.names["uscc"],
                uscc or "",
                "party.uscc_invalid",
                N_(
                    "The code is wrong: {reason}. Correct it, or give a reason in a column "
                    "of its own (uscc_reason)."
                ),
                reason=wrong,
            )
        if code in known:
            _compare(tally, columns, number, values, known[code], ("kind", "name", "unit", "uscc"))
            continue
        person = values["kind"] == "person"
        event = PartyAdded(
            party_kind=values["kind"], unit=unit, uscc=uscc, uscc_reason=values.get("uscc_reason"),
            name=None if person else values["name"], person_name=values["name"] if person else None,
        )  # fmt: skip
        facts.append((f"party:{code}", event))
    return _finish(tx, stamp, tally, columns, facts)


def import_places(tx: Tx, sheet: Sheet, *, stamp: Stamp, given: Mapping[str, str]) -> Imported:
    """Add every place of a sheet that is not there, in any order; a differing one is a fault."""
    known: dict[str, Any] = {one.code: one for one in places(tx.connection)}
    converters: dict[str, Convert] = {
        "code": cells.code, "name": cells.text, "parent": cells.code,
        "kind": lambda cell: cells.choice(cell, words_of("place_kind", KINDS)),
    }  # fmt: skip
    tally, columns = _begin(sheet, PLACE_HEADERS, converters, given, ("code", "name"))
    rows = _rows(columns, tally, ("code", "name"))
    kinds: dict[str, str] = {code: one.kind for code, one in known.items()}
    facts: list[tuple[str, Event]] = []
    for code in _outer_first(rows):
        number, values = rows[code]
        parent = values.get("parent")
        if parent and parent not in kinds:
            tally.fault(
                number,
                columns.names["parent"],
                parent,
                "place.not_found",
                N_(
                    "There is no such place, neither here nor in the list, or the places "
                    "lie in a circle."
                ),
            )
            continue
        outer = kinds[parent] if parent else None
        kind = values.get("kind") or default_kind(outer)
        kinds[code] = kind
        if outer and not fits(kind, outer):
            tally.fault(
                number,
                columns.names.get("kind", "kind"),
                kind,
                "place.kind",
                N_("A {kind} cannot lie in a {outer}."),
                group="place_kind",
                kind=kind,
                outer=outer,
            )
        if code in known:
            _compare(tally, columns, number, values, known[code], ("kind", "name", "parent"))
            continue
        event = PlaceAdded(name=values["name"], place_kind=kind, parent=parent)
        facts.append((f"place:{code}", event))
    return _finish(tx, stamp, tally, columns, facts)


def import_classes(
    tx: Tx, sheet: Sheet, *, stamp: Stamp, given: Mapping[str, str], scheme: str
) -> Imported:
    """Add every class of a sheet, and correct those that are there and differ.

    A catalogue is the authority on its own scheme, so unlike other lists it may correct; what
    stood there before is kept in the history.
    """
    known: dict[str, Any] = {one.code: one for one in all_classes(tx.connection, scheme)}
    years: Convert = lambda cell: _number(cell, 200)  # noqa: E731
    converters: dict[str, Convert] = {
        "code": cells.code, "name": cells.text, "name_en": cells.text, "parent": cells.code,
        "depth": lambda cell: _number(cell, 9), "life_years": years, "use_years": years,
    }  # fmt: skip
    tally, columns = _begin(sheet, CLASS_HEADERS, converters, given, ("code", "name"))
    rows = _rows(columns, tally, ("code", "name"))
    facts: list[tuple[str, Event]] = []
    for code, (number, values) in rows.items():
        parent = values.get("parent")
        if parent and parent not in rows and parent not in known:
            tally.fault(
                number,
                columns.names["parent"],
                parent,
                "class.not_found",
                N_("There is no such class, neither here nor in the list."),
            )
            continue
        subject = f"class:{scheme}/{code}"
        if code not in known:
            facts.append((subject, _class_added(scheme, values)))
        elif change := _class_change(known[code], values, columns):
            facts.append((subject, change))
            tally.corrected += 1
        else:
            tally.unchanged += 1
    return _finish(tx, stamp, tally, columns, facts)


def _begin(
    sheet: Sheet, headers: Mapping[str, tuple[str, ...]], converters: Mapping[str, Convert],
    given: Mapping[str, str], needed: tuple[str, ...],
) -> tuple[Tally, Columns]:  # fmt: skip
    tally = Tally()
    columns = Columns(sheet, headers=headers, converters=converters, given=given)
    tally.faults += columns.faults
    for name in needed:
        if name not in columns.names:
            tally.fault(
                1,
                name,
                "",
                "import.column_missing",
                N_("No column holds this field. Name it with --map HEADER={name}."),
                name=name,
            )
    return tally, columns


def _rows(columns: Columns, tally: Tally, needed: tuple[str, ...]) -> dict[str, tuple[int, Values]]:
    rows: dict[str, tuple[int, Values]] = {}
    if tally.faults:
        return rows
    for number, values, bad in columns.rows(tally):
        missing = [name for name in needed if name not in values]
        for name in missing:
            if name not in bad:
                tally.fault(number, columns.names[name], "", "row.required", _NEEDED)
        if bad or missing:
            continue
        if values["code"] in rows:
            tally.fault(number, columns.names["code"], values["code"], "row.duplicate", _TWICE)
        else:
            rows[values["code"]] = (number, values)
    return rows


def _compare(
    tally: Tally, columns: Columns, number: int, values: Values, known: Any, names: tuple[str, ...]
) -> None:
    differing = [n for n in names if n in values and values[n] != (getattr(known, n) or "")]
    for name in differing:
        tally.fault(
            number,
            columns.names[name],
            values[name],
            "row.differs",
            _DIFFERS,
            now=getattr(known, name) or "-",
            group="place_kind" if name == "kind" and isinstance(known, Place) else name,
        )
    if not differing:
        tally.unchanged += 1


def _finish(
    tx: Tx, stamp: Stamp, tally: Tally, columns: Columns, facts: list[tuple[str, Event]]
) -> Imported:
    if facts and not tally.faults:
        lock(tx, [subject for subject, _ in facts])
        record(tx, stamp, facts)
    tally.added = len(facts) - tally.corrected
    return tally.account(columns.unused)


def _outer_first(rows: Mapping[str, tuple[int, Values]]) -> list[str]:
    """Return codes so that a parent in the same list comes before what lies in it."""
    ordered: dict[str, None] = {}
    for start in rows:
        chain: list[str] = []
        code: str | None = start
        while code and code in rows and code not in ordered and code not in chain:
            chain.append(code)
            code = rows[code][1].get("parent")
        ordered |= dict.fromkeys(reversed(chain))
    return list(ordered)


def _class_added(scheme: str, values: Values) -> ClassAdded:
    return ClassAdded(
        scheme=scheme, name=values["name"], name_en=values.get("name_en"),
        parent=values.get("parent"), depth=int(values.get("depth", "0")),
        life_years=_years(values, "life_years"), use_years=_years(values, "use_years"),
    )  # fmt: skip


def _class_change(known: Any, values: Values, columns: Columns) -> ClassCorrected | None:
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for name in ("name", "name_en", "parent", "depth", "life_years", "use_years"):
        if name not in columns.names:
            continue
        now = getattr(known, name)
        said = "" if now is None else str(now)
        if said != values.get(name, ""):
            before[name], after[name] = said, values.get(name, "")
    return ClassCorrected(before=before, after=after) if after else None


def _years(values: Values, name: str) -> int | None:
    return int(values[name]) if name in values else None


def _number(cell: str, most: int) -> str | None:
    number = cells.integer(cell, low=0, high=most)
    return None if number is None else str(number)
