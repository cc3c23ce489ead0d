"""Provision standards in the register: adopted as a whole, ended one by one, rebuilt by replay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assetctl.acts import standards as acts
from assetctl.acts.standards import Adoption
from assetctl.domain.standards import Standard
from assetctl.domain.standards_file import built_in, parse_standards
from assetctl.errors import (
    DocumentRequiredError,
    InputError,
    RequestReusedError,
    StandardDiffersError,
    StandardNotFoundError,
    SubjectChangedError,
)
from assetctl.reads.standards import Adopted, standard_for, standards
from tests.store.world import World, race

SEED = parse_standards(built_in(), "assetctl")
SOFA = "330900/A05010401/-/2025-01-17"


def adopt(world: World, *rows: Standard, doc: str = "函1", **more: Any) -> Adoption:
    return world.do(acts.adopt, standards=rows or SEED, doc=doc, **more)


def held(world: World, **wanted: Any) -> list[Adopted]:
    with world.store.reading() as connection:
        return standards(connection, **wanted)


def cap(world: World, day: str, division: str = "330921") -> str | None:
    with world.store.reading() as connection:
        found = standard_for(connection, division=division, class_code="A05010401", day=day)
    return found.price_cap.value if found and found.price_cap else None


def test_what_is_adopted_stands_in_the_register_as_the_file_says(world: World) -> None:
    done = adopt(world)
    assert (done.new, done.known, len(done.receipt.events)) == (52, 0, 52)
    rows = {one.code: one for one in held(world)}
    assert rows.keys() == {one.key for one in SEED}
    for one in SEED:
        row = rows[one.key]
        assert one.key == row.code
        assert all(getattr(row, name) == getattr(one, name) for name in acts._FIELDS)
        assert (row.adopted_doc, row.ended_doc) == ("函1", None)
    assert world.kinds(f"standard:{SOFA}") == ["standard.adopted"]
    world.verify()


def test_adopting_again_adds_what_is_new_and_leaves_the_rest(world: World) -> None:
    adopt(world, *SEED[:3])
    before = world.contents()
    again = adopt(world, *SEED[:3], doc="函2")
    assert (again.new, again.known, again.receipt.events) == (0, 3, ())
    assert world.contents() == before
    more = adopt(world, *SEED[:5], doc="函2")
    assert (more.new, more.known) == (2, 3)
    assert [one.adopted_doc for one in held(world)].count("函2") == 2
    world.verify()


@pytest.mark.parametrize(
    ("field", "value"),
    [("price_cap", "2600.00"), ("price_cap", None), ("until", "2030-12-31"), ("doc_no", "x"),
     ("min_years", 15), ("basis", "per_unit"), ("class_scheme", "gbt14885-2010"), ("note", None)],
)  # fmt: skip
def test_another_row_of_the_same_key_stops_the_whole(
    world: World, field: str, value: object
) -> None:
    (sofa,) = (one for one in SEED if one.key == SOFA)
    adopt(world, sofa)
    before = world.contents()
    with pytest.raises(StandardDiffersError) as caught:
        adopt(world, SEED[0], replace(sofa, **{field: value}))  # type: ignore[arg-type]
    assert caught.value.facts == {
        "standard": SOFA, "field": field, "had": getattr(sofa, field), "wanted": value,
    }  # fmt: skip
    assert world.contents() == before


def test_one_that_ended_gives_way_to_the_one_above_and_may_be_adopted_again(world: World) -> None:
    adopt(world)
    world.do(acts.end, code=SOFA, day="2025-12-31", doc="函3")
    assert [cap(world, day) for day in ("2025-01-16", "2025-12-31", "2026-01-01")] == [
        "3000.00", "2500.00", "3000.00",
    ]  # fmt: skip
    (row,) = (one for one in held(world) if one.code == SOFA)
    assert (row.until, row.ended_doc) == ("2025-12-31", "函3")
    assert adopt(world).new == 0
    fresh = replace(row_of(SOFA), effective_from="2026-01-01", price_cap="2400.00")
    assert adopt(world, fresh).new == 1
    assert cap(world, "2026-01-01") == "2400.00"
    assert world.kinds(f"standard:{SOFA}") == ["standard.adopted", "standard.ended"]
    world.verify()


def test_an_end_is_said_once_and_may_be_corrected(world: World) -> None:
    adopt(world)
    for day, entries in (("2025-12-31", 2), ("2025-12-31", 2), ("2025-06-30", 3)):
        world.do(acts.end, code=SOFA, day=day, doc="函3")
        assert len(world.kinds(f"standard:{SOFA}")) == entries
    assert cap(world, "2025-07-01") == "3000.00"
    world.verify()


def test_what_cannot_be_ended(world: World) -> None:
    adopt(world)
    before = world.contents()
    for wish, error in (
        ({"code": "x"}, StandardNotFoundError), ({"day": "2025-01-16"}, InputError),
        ({"day": "tomorrow"}, InputError), ({"doc": " "}, DocumentRequiredError),
    ):  # fmt: skip
        with pytest.raises(error):
            world.do(acts.end, **{"code": SOFA, "day": "2026-01-01", "doc": "函3"} | wish)
    with pytest.raises(DocumentRequiredError):
        adopt(world, doc="")
    assert world.contents() == before


def test_a_request_that_comes_again_lands_once(world: World) -> None:
    for again in (False, True):
        done = adopt(world, *SEED[:4], stamp=world.stamp(request_id="R-1"))
        assert (done.new, done.known, done.receipt.repeated) == (4, 0, again)
    with pytest.raises(RequestReusedError):
        adopt(world, doc="函9", stamp=world.stamp(request_id="R-1"))
    key = SEED[0].key
    for again in (False, True):
        stamp = world.stamp(request_id="R-2")
        receipt = world.do(acts.end, code=key, day="2026-01-01", doc="函3", stamp=stamp)
        assert (len(receipt.events), receipt.repeated) == (1, again)
    with pytest.raises(RequestReusedError):
        world.do(acts.end, code=key, day="2026-01-02", doc="函3",
                 stamp=world.stamp(request_id="R-2"))  # fmt: skip
    world.verify()


def test_two_desks_that_adopt_at_once_adopt_once(world: World) -> None:
    done = race([lambda: adopt(world), lambda: adopt(world)])
    assert all(isinstance(one, Adoption | SubjectChangedError) for one in done)
    assert sum(one.new for one in done if isinstance(one, Adoption)) == 52
    assert len(held(world)) == 52
    world.verify()


def test_lists_by_division_class_and_day(world: World) -> None:
    adopt(world)
    wide = Standard(
        jurisdiction="330921", doc_no="x", effective_from="2025-01-01", until="2025-12-31",
        class_code="A05000000", basis="per_unit", min_years=10,
    )  # fmt: skip
    adopt(world, wide)

    def whose(**wanted: Any) -> set[str]:
        return {one.jurisdiction for one in held(world, **wanted)}

    assert whose(division="330100") == {"000000", "330000"}
    assert whose(division="330922") == {"000000", "330000", "330900"}
    assert whose(class_code="A05010401") == {"000000", "330000", "330900", "330921"}
    assert whose(class_code="A05010401", day="2016-09-01") == {"000000"}
    assert whose(class_code="A05010401", day="2026-01-01") == {"000000", "330000", "330900"}
    assert len(held(world, class_code="A05010400", division="330100")) == 4
    assert held(world, class_code="A05010401", class_scheme="gbt14885-2010") == []
    assert whose(class_code="A02091001") == {"330900"}


def row_of(key: str) -> Standard:
    (found,) = (one for one in SEED if one.key == key)
    return found
