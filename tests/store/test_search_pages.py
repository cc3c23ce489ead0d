"""Search by fragment and filter, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from assetctl.acts import disposal, loans
from assetctl.domain.class_code import class_prefix
from assetctl.domain.identity import display_id
from assetctl.reads.search import Filter, all_ids, search
from tests.store.world import World


def found(world: World, **wanted: str | None) -> list[str]:
    """Return the names of the assets that match, sorted."""
    with world.store.reading() as connection:
        page = search(connection, Filter(**wanted), limit=100)  # type: ignore[arg-type]
        assert list(page.ids) == all_ids(connection, Filter(**wanted))  # type: ignore[arg-type]
    return sorted(world.row(one)["name"] for one in page.ids)


@pytest.fixture
def stocked(world: World) -> World:
    """A register with assets whose names are easy to mix up."""
    stock: dict[str, dict[str, Any]] = {
        "台式计算机": {
            "values": {"brand": "ThinkCentre", "model": "M70t_Gen3", "serial": "SN-001"},
        },
        "便携式计算机": {"values": {"brand": "联想", "serial": "sn-002"}, "place": "W1-Z1"},
        "打印机100%新": {"class_code": "A02021000", "place": "W1-Z1-R1"},
        "打印机1000新": {"class_code": "A02021000", "place": "W2"},
        "a_b": {"class_code": "A05010201", "place": "B1-101", "owner": "U2"},
        "aXb": {"class_code": "A05010201", "place": "B1", "owner": "U2"},
        "back\\slash": {"class_code": "A05010201", "card_no": "卡-0001", "place": None},
        "𠮷野": {"class_code": "A05010201", "card_no": "0002", "aliases": {"giai": "69012341"}},
    }  # fmt: skip
    for name, facts in stock.items():
        world.asset(name, **facts)
    return world


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("算机", ["便携式计算机", "台式计算机"]),
        ("台式", ["台式计算机"]),
        ("机", ["便携式计算机", "台式计算机", "打印机1000新", "打印机100%新"]),
        ("100%", ["打印机100%新"]),
        ("%", ["打印机100%新"]),
        ("a_b", ["a_b"]),
        ("_", ["a_b", "台式计算机"]),
        ("\\", ["back\\slash"]),
        ("𠮷", ["𠮷野"]),
        ("thinkcentre", ["台式计算机"]),
        ("m70T", ["台式计算机"]),
        ("联想", ["便携式计算机"]),
        ("SN-00", ["便携式计算机", "台式计算机"]),
        ("卡-0001", ["back\\slash"]),
        ("0002", ["𠮷野"]),
        ("6901234", ["𠮷野"]),
        ("打印 100", ["打印机1000新", "打印机100%新"]),
        ("打印 计算", []),
        ("没有", []),
        ("'; DROP TABLE asset; --", []),
        ("*", []),
        ("[a]", []),
    ],
)
def test_a_fragment_means_what_it_says(stocked: World, text: str, names: list[str]) -> None:
    assert found(stocked, text=text) == sorted(names)


@pytest.mark.parametrize("text", ["-", "--"])
def test_a_hyphen_alone_is_looked_for_like_any_other_sign(stocked: World, text: str) -> None:
    assert "aXb" not in found(stocked, text=text)


@pytest.mark.parametrize("text", ["", "  ", "\u3000"])
def test_no_text_leaves_nothing_out(stocked: World, text: str) -> None:
    assert len(found(stocked, text=text)) == 8


def test_the_beginning_of_an_id_is_found_in_any_spelling(stocked: World) -> None:
    asset = stocked.asset("有号")
    for written in (asset, asset[:6], display_id(asset), display_id(asset)[:9].lower()):
        assert "有号" in found(stocked, text=written)
    assert found(stocked, text=asset) == ["有号"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"owner": "U2"}, ["aXb", "a_b"]),
        ({"holder": "P2"}, ["台式计算机"]),
        ({"state": "on_loan"}, ["台式计算机"]),
        ({"state": "pending_disposal", "owner": "U2"}, ["aXb"]),
        ({"state": "pending_disposal", "owner": "U1"}, []),
        ({"place": "W1"}, ["便携式计算机", "打印机100%新", "𠮷野"]),
        ({"place": "W1-Z1"}, ["便携式计算机", "打印机100%新"]),
        ({"place": "W1-Z1-R1"}, ["打印机100%新"]),
        ({"place": "B1"}, ["aXb", "a_b"]),
        ({"place": "W"}, []),
        ({"class_code": "A02000000"},
         ["便携式计算机", "台式计算机", "打印机1000新", "打印机100%新"]),
        ({"class_code": "A02010000"}, ["便携式计算机", "台式计算机"]),
        ({"class_code": "A02021000"}, ["打印机1000新", "打印机100%新"]),
        ({"class_code": "A02010105", "text": "便携"}, ["便携式计算机"]),
        ({"class_code": "A0%"}, []),
        ({"class_code": "A05000000", "place": "B1", "owner": "U2", "text": "_"}, ["a_b"]),
    ],
)  # fmt: skip
def test_everything_given_must_hold(
    stocked: World, wanted: dict[str, str], names: list[str]
) -> None:
    with stocked.store.reading() as connection:
        (lent,) = search(connection, Filter(text="台式")).ids
        (proposed,) = search(connection, Filter(text="aXb")).ids
    stocked.do(loans.check_out, assets=[lent], to="P2")
    stocked.do(disposal.propose_disposal, assets=[proposed], method="scrap")
    assert found(stocked, **wanted) == sorted(names)


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("A02000000", "A02"), ("A02010000", "A0201"), ("A02010105", "A02010105"),
        ("A02021000", "A020210"), ("A10000000", "A10"), ("A02000005", "A02000005"),
        ("X", "X"), ("100", "100"), ("A0", "A0"),
    ],
)  # fmt: skip
def test_the_common_part_of_the_classes_below(code: str, prefix: str) -> None:
    assert class_prefix(code) == prefix


# --- pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 50])
def test_pages_cover_everything_exactly_once(world: World, size: int) -> None:
    assets = sorted(world.asset("椅") for _ in range(6))
    world.asset("桌")
    pages: list[tuple[str, ...]] = []
    cursor: str | None = None
    with world.store.reading() as connection:
        while not pages or cursor:
            page = search(connection, Filter(text="椅"), limit=size, after=cursor)
            pages.append(page.ids)
            cursor = page.next
    assert [one for ids in pages for one in ids] == assets
    assert max(map(len, pages)) <= size
    assert len(pages) == -(-len(assets) // size), "no empty page at the end"


def test_what_comes_and_goes_between_pages_upsets_nothing(world: World) -> None:
    assets = sorted(world.asset("椅") for _ in range(6))
    with world.store.reading() as connection:
        first = search(connection, Filter(state="in_store"), limit=3)
    world.do(loans.check_out, assets=[assets[1]], to="P2")
    with world.store.reading() as connection:
        rest = search(connection, Filter(state="in_store"), limit=3, after=first.next)
    assert [*first.ids, *rest.ids] == assets
