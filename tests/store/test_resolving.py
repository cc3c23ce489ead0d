"""Which asset is meant: ids in any spelling, aliases, what stands on a tag."""

from __future__ import annotations

import pytest

from assetctl.acts import tags
from assetctl.acts.tags import Carried
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
