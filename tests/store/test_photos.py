"""Photos of an act: recorded in its transaction, once, whatever is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from assetctl.acts import handovers, loans
from assetctl.acts.photos import attach_kept, attach_photos, sound
from assetctl.domain.photo import LostPhoto, Photo
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import ActRefusedError, PhotoUsedError, RequestReusedError
from assetctl.store.engine import Tx
from assetctl.store.tables import attachment
from tests.store.world import World


def photo(number: int, role: str = "condition") -> Photo:
    return Photo(sha256=f"{number:064x}", byte_count=number, media_type="image/png", role=role)


def lend(
    world: World, assets: Sequence[str], *photos: Photo, stamp: Stamp | None = None, to: str = "P2"
) -> Receipt:  # fmt: skip
    def both(tx: Tx, stamp: Stamp) -> Receipt:
        done = loans.check_out(tx, assets=assets, to=to, stamp=stamp)
        return attach_photos(tx, of=done, photos=photos, stamp=stamp)

    return world.do(both, stamp=stamp or world.stamp())


def attached(world: World) -> set[tuple[str, int, str]]:
    with world.store.reading() as connection:
        rows = connection.execute(attachment.select())
        return {(row.asset_id, int(row.sha256, 16), row.role) for row in rows}


def test_every_asset_of_the_act_gets_every_photo(world: World) -> None:
    one, two = world.asset(), world.asset()
    receipt = lend(world, [one, two], photo(1), photo(2), photo(1))
    assert [event.kind for event in receipt.events] == (
        ["asset.checked_out"] * 2 + ["asset.attached"] * 4
    )
    assert attached(world) == {(one, 1, "condition"), (one, 2, "condition"),
                               (two, 1, "condition"), (two, 2, "condition")}  # fmt: skip
    assert world.kinds(f"asset:{one}") == [
        "asset.registered", "asset.checked_out", "asset.attached", "asset.attached",
    ]  # fmt: skip
    world.verify()


def test_without_photos_nothing_is_added(world: World) -> None:
    asset = world.asset()
    assert len(lend(world, [asset]).events) == 1


def test_a_photo_of_another_time_takes_the_act_with_it(world: World) -> None:
    one, two = world.asset(), world.asset()
    lend(world, [one], photo(1))
    world.do(loans.check_in, assets=[one])
    before = world.contents()
    with pytest.raises(PhotoUsedError) as caught:
        lend(world, [two, one], photo(2), photo(1))
    assert caught.value.facts == {"asset_id": one, "sha256": f"{1:064x}"}
    assert world.contents() == before
    lend(world, [two], photo(1))


def test_a_refused_act_takes_its_photos_with_it(world: World) -> None:
    asset = world.asset()
    lend(world, [asset])
    before = world.contents()
    with pytest.raises(ActRefusedError):
        lend(world, [asset], photo(1), to="P1")
    assert world.contents() == before


def test_the_same_request_with_its_photos_is_carried_out_once(world: World) -> None:
    assets = [world.asset(), world.asset()]

    def again(*photos: Photo) -> Receipt:
        return lend(world, assets, *photos, stamp=world.stamp(request_id="R-1"))

    first = again(photo(1), photo(2))
    before = world.contents()
    repeated = again(photo(2), photo(1))
    assert repeated.repeated
    assert sorted(one.event_id for one in repeated.events) == sorted(
        one.event_id for one in first.events
    )
    for other in ((), (photo(1),), (photo(1), photo(3)), (photo(1), photo(2), photo(3))):
        with pytest.raises(RequestReusedError):
            again(*other)
    assert world.contents() == before


def test_a_request_without_photos_does_not_get_some_later(world: World) -> None:
    asset = world.asset()
    lend(world, [asset], stamp=world.stamp(request_id="R-1"))
    with pytest.raises(RequestReusedError):
        lend(world, [asset], photo(1), stamp=world.stamp(request_id="R-1"))


# --- what a station kept -----------------------------------------------------------------------


def keep(world: World, stamp: Stamp, **photos: Sequence[Photo | None]) -> list[dict[str, Any]]:
    with world.store.writing() as tx:
        events = attach_kept(tx, photos=photos, stamp=stamp)
    return [event.data for event in events]


def test_what_was_kept_is_attached_once_however_often_it_lands(world: World) -> None:
    one, two = world.asset(), world.asset()
    stamp = world.stamp(request_id="R-1")
    photos = {one: (photo(1), photo(2, "scan")), two: (photo(3, "scan"),)}
    first = keep(world, stamp, **photos)
    assert attached(world) == {(one, 1, "condition"), (one, 2, "scan"), (two, 3, "scan")}
    before = world.contents()
    assert keep(world, stamp, **photos) == first
    # What is there already under another request is not attached a second time.
    assert keep(world, world.stamp(request_id="R-2"), **photos) == []
    assert world.contents() == before
    world.verify()


def test_a_lost_photo_leaves_the_numbers_of_the_others_alone(world: World) -> None:
    asset = world.asset()
    stamp = world.stamp(request_id="R-1")
    keep(world, stamp, **{asset: (None, photo(2))})
    assert attached(world) == {(asset, 2, "condition")}
    # Found again before the commit was known to have landed: it is attached after all.
    keep(world, stamp, **{asset: (photo(1), photo(2))})
    assert attached(world) == {(asset, 1, "condition"), (asset, 2, "condition")}
    world.verify()


def test_one_picture_of_several_things(world: World) -> None:
    one, two = world.asset(), world.asset()
    keep(world, world.stamp(), **{one: (photo(1),), two: (photo(1),)})
    assert {asset for asset, _, _ in attached(world)} == {one, two}


def test_files_that_are_gone_or_altered_are_told_apart() -> None:
    wrong = {photo(1).sha256: "missing", photo(3).sha256: "altered"}
    good, lost = sound({"A": (photo(1), photo(2)), "B": (photo(3),)}, wrong.get)
    assert good == {"A": (None, photo(2)), "B": (None,)}
    assert lost == (
        LostPhoto(asset_id="A", sha256=photo(1).sha256, problem="missing"),
        LostPhoto(asset_id="B", sha256=photo(3).sha256, problem="altered"),
    )


def test_an_attachment_by_somebody_else_does_not_stop_the_photo(world: World) -> None:
    asset = world.asset()
    keep(world, world.stamp(), **{asset: (photo(9),)})
    moved = world.do(handovers.move, assets=[asset], to="B1")
    stamp = replace(world.stamp(), request_id="R-3")
    keep(world, stamp, **{asset: (photo(9), photo(4))})
    assert attached(world) == {(asset, 9, "condition"), (asset, 4, "condition")}
    assert moved.events[0].kind == "asset.moved"
