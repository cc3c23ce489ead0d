"""Which asset is meant: ids in any spelling, aliases, what stands on a tag."""

from __future__ import annotations

import pytest

from assetctl.acts import tags
from assetctl.acts.tags import Carried
from assetctl.domain.epc.codec import encode
from assetctl.domain.epc.numbering import Numbering, epc_of, giai96, number_of, serial_of
from assetctl.domain.identity import TagKeys, display_id, make_payload, short_form
from assetctl.errors import (
    AssetAmbiguousError,
    AssetNotFoundError,
    PayloadForgedError,
    PayloadKeyError,
)
from assetctl.reads.resolve import resolve
from tests.store.world import World

KEYS = TagKeys({"0": bytes(32)})


def meant(world: World, *references: str, keys: TagKeys | None = KEYS) -> list[str]:
    with world.store.reading() as connection:
        return resolve(connection, references, keys=keys)


def payload(asset: str, keys: TagKeys = KEYS, tag_class: str = "A") -> str:
    return make_payload(keys, key="0", asset=asset, issue=1, host="h.cn", tag_class=tag_class)


def test_every_way_to_name_an_asset(world: World) -> None:
    world.asset("别的")
    asset = world.asset(card_no="国资-0001", aliases={"giai": "6901234100000", "old": "旧 1"})
    text = payload(asset)
    for written in (
        asset, asset.lower(), display_id(asset), f" {display_id(asset).lower()} ", text,
        text.lower(), short_form(text), "国资-0001", " 国资-0001 ", "6901234100000",
        "(8004)6901234100000", "https://id.gs1.org/8004/6901234100000", "旧 1",
    ):  # fmt: skip
        assert meant(world, written) == [asset], written


def test_the_order_is_kept_and_each_asset_comes_once(world: World) -> None:
    first, second, third = (world.asset(card_no=f"N{number}") for number in range(3))
    assert meant(world, third, "N0", payload(second), first.lower(), "N2") == [third, first, second]
    assert meant(world) == []


def test_more_references_than_a_statement_may_hold(world: World) -> None:
    assets = [world.asset(card_no=f"N{number}") for number in range(5)]
    many = [f"N{number}" for number in range(5)] * 300 + assets * 300
    assert meant(world, *many) == assets


def test_a_blank_tag_that_was_bound_names_the_asset(world: World) -> None:
    asset, blank = world.asset(), world.new_id()
    world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="qr", code=blank))
    assert meant(world, blank) == meant(world, payload(blank)) == [asset]


def test_an_alias_of_two_assets_names_both(world: World) -> None:
    first, second = world.asset(card_no="0001"), world.asset(card_no="0001", owner="U2")
    with pytest.raises(AssetAmbiguousError) as caught:
        meant(world, "0001")
    shown = ", ".join(display_id(one) for one in sorted((first, second)))
    assert caught.value.facts == {"reference": "0001", "candidates": shown}


def test_two_schemes_that_agree_on_the_asset_are_not_ambiguous(world: World) -> None:
    asset = world.asset(card_no="0001", aliases={"old": "0001"})
    assert meant(world, "0001") == [asset]


def test_an_id_goes_before_an_alias(world: World) -> None:
    asset = world.asset()
    world.asset(card_no=asset)
    assert meant(world, asset) == [asset]


def test_a_slip_names_the_nearest(world: World) -> None:
    asset = world.asset(card_no="ZC-2026-0001")
    slip = asset[:8] + ("0" if asset[8] != "0" else "1") + asset[9]
    for written, near in ((slip, asset), ("ZC-2026-0002", "ZC-2026-0001")):
        with pytest.raises(AssetNotFoundError) as caught:
            meant(world, written)
        assert caught.value.facts == {"reference": written, "nearest": near}


@pytest.mark.parametrize("text", ["nothing", "", "%", "_", "' OR 1=1 --", "00000001YN", "机"])
def test_what_nothing_answers_to(world: World, text: str) -> None:
    world.asset(card_no="0001")
    with pytest.raises(AssetNotFoundError) as caught:
        meant(world, text)
    assert caught.value.facts["nearest"] == "-"


def test_one_unknown_reference_spoils_them_all(world: World) -> None:
    asset = world.asset()
    with pytest.raises(AssetNotFoundError):
        meant(world, asset, "nothing")


def test_a_payload_is_believed_only_if_it_is_ours(world: World) -> None:
    asset = world.asset()
    forged = payload(asset, TagKeys({"0": bytes([1] * 32)}))
    with pytest.raises(PayloadForgedError):
        meant(world, forged)
    with pytest.raises(PayloadKeyError):
        meant(world, payload(asset), keys=TagKeys({}))
    assert meant(world, forged, keys=None) == [asset]


@pytest.mark.parametrize("tag_class", ["P", "S", "B", "C"])
def test_a_tag_of_another_sort_is_no_asset(world: World, tag_class: str) -> None:
    asset = world.asset()
    with pytest.raises(AssetNotFoundError):
        meant(world, payload(asset, tag_class=tag_class))


# --- numbers of radio tags -----------------------------------------------------------------------

PREFIX = "9521141"


def heard(world: World, number: str, prefix: str = PREFIX) -> list[str]:
    with world.store.reading() as connection:
        return resolve(connection, [number], prefix=prefix)


@pytest.mark.parametrize("numbering", [Numbering(division=350124), Numbering(prefix=PREFIX)])
def test_a_number_of_ours_names_its_asset(world: World, numbering: Numbering) -> None:
    asset = world.asset()
    number = number_of(asset, numbering).epc
    for written in (number, number.lower(), " ".join((number[:12], number[12:]))):
        assert heard(world, written) == [asset]
    with pytest.raises(AssetNotFoundError):
        heard(world, number_of(world.new_id(), numbering).epc)
    damaged = number[:-1] + ("0" if number[-1] != "0" else "1")
    with pytest.raises(AssetNotFoundError):
        heard(world, damaged)


def test_the_number_of_another_office_is_not_taken_for_ours(world: World) -> None:
    asset = world.asset()
    number = giai96("9521142", serial_of(asset))
    for prefix in (PREFIX, ""):
        with pytest.raises(AssetNotFoundError):
            heard(world, number, prefix)
    assert heard(world, number, "9521142") == [asset]


@pytest.mark.parametrize("digits", [7, 0])
def test_a_giai_of_any_length_names_the_asset_it_stands_for(world: World, digits: int) -> None:
    known, own = world.asset(aliases={"giai": "961234532a/b"}), world.asset()
    for giai, asset in (("961234532a/b", known), (PREFIX + own, own)):
        number = encode(epc_of(giai, prefix_digits=digits))
        assert number[:2] == ("38" if digits else "FA")
        assert heard(world, number) == [asset]


def test_a_grai_that_is_an_alias_names_the_asset(world: World) -> None:
    one, other = (
        world.asset(aliases={"grai": "095211411234545678"}),
        world.asset(aliases={"grai": "9521141.12345.32a/b"}),
    )
    assert heard(world, "3376451FD40C0E400000162E") == [one]
    assert heard(world, "3776451FD40C0E59B2C2BF1000000000000000000000") == [other]


def test_the_bound_tag_goes_before_what_its_number_says(world: World) -> None:
    said, bound = world.asset(), world.asset()
    number = number_of(said, Numbering()).epc
    carried = Carried(carrier="uhf", code=number, epc=number, tid="E2801160")
    world.do(tags.bind_tag, asset_id=bound, carried=carried)
    assert heard(world, number) == heard(world, f"{number[:4]} {number[4:]}") == [bound]


@pytest.mark.parametrize("size", [8, 14, 16, 20, 26])
def test_a_bound_number_of_any_length_names_the_asset(world: World, size: int) -> None:
    asset, number = world.asset(), "AB" * size
    world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="uhf", code=number, epc=number))
    assert heard(world, number.lower()) == [asset]
    with pytest.raises(AssetNotFoundError):
        heard(world, number + "AB")


def test_what_somebody_typed_into_a_tag_names_the_asset(world: World) -> None:
    asset = world.asset(card_no="ZC2026-00123")
    other = world.asset(aliases={"old": "202611300000000000000123"})
    assert heard(world, b"ZC2026-00123".hex()) == [asset]
    assert heard(world, asset.encode("ascii").hex()) == [asset]
    assert heard(world, "202611300000000000000123") == [other]


def test_many_numbers_are_resolved_in_their_order(world: World) -> None:
    assets = [world.asset() for _ in range(5)]
    numbers = [number_of(one, Numbering()).epc for one in assets]
    assert meant(world, numbers[2], assets[0], numbers[2], *numbers) == [
        assets[2], assets[0], assets[1], assets[3], assets[4],
    ]  # fmt: skip
