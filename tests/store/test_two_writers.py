"""Two at once: exactly one wins, the other is told who; nobody waits for other assets."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from assetctl.acts import handovers, loans, parties, tags
from assetctl.acts.parties import NewClass
from assetctl.acts.tags import Carried
from assetctl.domain.request import Receipt
from assetctl.errors import (
    ActRefusedError,
    AssetctlError,
    Kind,
    SamePartyError,
    SomeoneFirstError,
)
from assetctl.store.engine import Store
from tests.conftest import Register
from tests.store.world import SCHEME, World, race, told_apart

LATE = (ActRefusedError, SomeoneFirstError)


# --- one asset ------------------------------------------------------------------------------


@pytest.mark.parametrize("writers", [2, 8])
def test_of_several_threads_one_gets_the_asset(world: World, writers: int) -> None:
    for _ in range(3):
        asset = world.asset()
        takers = ["P1", "P2"] * (writers // 2)
        outcomes = race(
            [
                partial(world.do, loans.check_out, assets=[asset], to=to, stamp=world.stamp(to))
                for to in takers
            ]
        )
        won, lost = told_apart(outcomes)
        assert len(won) == 1
        winner = won[0].events[0]
        for error in lost:
            assert isinstance(error, LATE)
            assert error.facts["holder"] == winner.data["holder"] == winner.actor
            assert error.facts["since"] == winner.at
        assert world.row(asset)["holder"] == winner.data["holder"]
        assert world.kinds(f"asset:{asset}") == ["asset.registered", "asset.checked_out"]
    world.verify()


def test_who_began_before_the_other_was_done_came_second(world: World) -> None:
    asset = world.asset()
    late = world.stamp("P2")
    world.do(loans.check_out, assets=[asset], to="P1")
    with pytest.raises(SomeoneFirstError) as caught:
        world.do(loans.check_out, assets=[asset], to="P2", stamp=late)
    assert caught.value.facts["holder"] == "P1"
    assert caught.value.facts["since"] == world.row(asset)["held_since"]


def test_a_store_of_their_own_makes_no_difference(world: World) -> None:
    stores = [Store(world.url), Store(world.url)]
    asset = world.asset()

    def take(store: Store, to: str) -> Receipt:
        with store.writing() as tx:
            return loans.check_out(tx, assets=[asset], to=to, stamp=world.stamp())

    won, lost = told_apart(
        race([partial(take, *pair) for pair in zip(stores, ("P1", "P2"), strict=True)])
    )
    assert (len(won), len(lost)) == (1, 1)
    for store in stores:
        store.close()
    world.verify()


def test_many_moves_of_one_asset_are_all_in_one_chain(world: World) -> None:
    asset = world.asset()
    places = ["B1", "B1-101", "W2", "W1-Z1"]

    def wander(start: int) -> tuple[int, list[AssetctlError]]:
        moved, refused = 0, []
        for step in range(6):
            try:
                world.do(handovers.move, assets=[asset], to=places[(start + step) % 4])
                moved += 1
            except AssetctlError as error:
                refused.append(error)
        return moved, refused

    outcomes = race([partial(wander, start) for start in range(6)])
    assert not any(isinstance(one, AssetctlError) for one in outcomes)
    done: list[Any] = list(outcomes)
    assert {type(error) for _, errors in done for error in errors} <= {SamePartyError}
    moved = sum(count for count, _ in done)
    assert world.heads()[f"asset:{asset}"] == 1 + moved
    world.verify()


def test_batches_that_share_assets_never_block_each_other_for_good(world: World) -> None:
    assets = [world.asset() for _ in range(12)]
    outcomes = race(
        [
            partial(world.do, loans.check_out, assets=order, to=to, stamp=world.stamp())
            for order, to in ((assets, "P1"), (assets[::-1], "P2"), (assets[6:] + assets[:6], "V1"))
        ]
    )
    won, lost = told_apart(outcomes)
    assert len(won) == 1
    assert all(isinstance(error, LATE) for error in lost)
    assert {world.row(one)["holder"] for one in assets} == {won[0].events[0].data["holder"]}
    world.verify()


# --- processes ------------------------------------------------------------------------------


def test_of_two_command_lines_one_gets_the_asset(register: Register) -> None:
    for _ in range(2):
        asset = register.register()
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "assetctl", "--home", str(register.home), "--db",
                 register.url, "--as", "admin", "--lang", "en", "--json", "checkout", asset,
                 "--to", to],
                stdout=subprocess.PIPE, text=True,
            )
            for to in ("P1", "P2")
        ]  # fmt: skip
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in started]
        codes = [process.returncode for process in started]
        assert codes.count(0) == 1
        won, lost = answers[codes.index(0)], answers[1 - codes.index(0)]
        assert codes[1 - codes.index(0)] in (5, 6)
        event = won["data"]["events"][0]
        assert lost["error"]["details"]["holder"] == event["data"]["holder"]
        assert lost["error"]["details"]["since"] == event["at"]
    register.ok("verify", "--replay")


TAKER = """
import sys
from assetctl.acts import loans
from assetctl.cli import clock
from assetctl.domain.chain import instant
from assetctl.domain.request import Stamp
from assetctl.errors import ActRefusedError, SomeoneFirstError
from assetctl.store.engine import Store

url, to, *assets = sys.argv[1:]
store = Store(url)
with store.reading():
    print("ready", flush=True)
sys.stdin.readline()
for asset in assets:
    now = instant(clock.now())
    stamp = Stamp(actor=to, at=now, rec=now, request_id=clock.new_event_id(), station="test",
                  new_id=clock.new_event_id, new_salt=clock.new_salt)
    try:
        with store.writing() as tx:
            receipt = loans.check_out(tx, assets=[asset], to=to, stamp=stamp)
        print("won", to, receipt.events[0].at)
    except (ActRefusedError, SomeoneFirstError) as error:
        print("lost", error.facts["holder"], error.facts["since"])
"""


def test_two_processes_share_out_forty_assets(world: World, tmp_path: Path) -> None:
    assets = [world.asset() for _ in range(40)]
    program = tmp_path / "taker.py"
    program.write_text(TAKER)
    takers = [
        subprocess.Popen(
            [sys.executable, str(program), world.url, to, *assets],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for to in ("P1", "P2")
    ]  # fmt: skip
    for taker in takers:
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("go\n")
        taker.stdin.flush()
    said = [taker.communicate(timeout=120)[0].splitlines() for taker in takers]
    assert [taker.returncode for taker in takers] == [0, 0]
    for asset, first, second in zip(assets, *said, strict=True):
        assert sorted((first.split()[0], second.split()[0])) == ["lost", "won"], (first, second)
        assert first.split()[1:] == second.split()[1:], "the loser is told who won, and when"
        assert world.row(asset)["holder"] == first.split()[1]
    world.verify()


# --- different assets -----------------------------------------------------------------------


def test_eight_writers_of_different_assets_all_succeed(world: World) -> None:
    assets = [world.asset() for _ in range(8)]

    def work(asset: str) -> int:
        for _ in range(3):
            world.do(loans.check_out, assets=[asset], to="P2")
            world.do(loans.check_in, assets=[asset])
            world.do(handovers.move, assets=[asset], to="B1")
            world.do(handovers.move, assets=[asset], to="W1")
        return 12

    assert race([partial(work, asset) for asset in assets]) == [12] * 8
    heads = world.heads()
    assert [heads[f"asset:{asset}"] for asset in assets] == [13] * 8
    world.verify()


def test_eight_writers_register_at_once(world: World) -> None:
    made = race([partial(world.asset, f"椅{number}") for number in range(8)])
    assert len(set(map(str, made))) == 8
    assert all(world.kinds(f"asset:{one}") == ["asset.registered"] for one in made)
    world.verify()


def test_a_reader_sees_one_moment(world: World) -> None:
    asset = world.asset()
    with world.store.reading() as connection:
        count = "SELECT count(*) FROM history"
        before = connection.exec_driver_sql(count).scalar()
        world.do(handovers.move, assets=[asset], to="B1")
        assert connection.exec_driver_sql(count).scalar() == before


# --- the same new thing ---------------------------------------------------------------------


def add_party(world: World, name: str) -> Receipt:
    return world.do(parties.add_party, code="N1", kind="unit", name=name)


def add_place(world: World, name: str) -> Receipt:
    return world.do(parties.add_place, code="N1", name=name)


def use_card_number(world: World, name: str) -> Receipt:
    world.asset(name, card_no="N1")
    return Receipt(events=())


def use_alias(world: World, name: str) -> Receipt:
    world.asset(name, aliases={"giai": "N1"})
    return Receipt(events=())


@pytest.mark.parametrize("add", [add_party, add_place, use_card_number, use_alias])
@pytest.mark.parametrize("writers", [2, 6])
def test_of_several_who_add_the_same_thing_one_wins(world: World, add: Any, writers: int) -> None:
    before = world.heads()
    won, lost = told_apart(race([partial(add, world, f"名{number}") for number in range(writers)]))
    assert (len(won), len(lost)) == (1, writers - 1)
    for error in lost:
        assert error.kind is Kind.CONFLICT
        assert "N1" in str(error)
    assert len(world.heads()) == len(before) + 1
    world.verify()


def test_a_blank_tag_is_bound_once(world: World) -> None:
    assets, blank = [world.asset() for _ in range(4)], world.new_id()
    carried = Carried(carrier="qr", code=blank)
    won, lost = told_apart(
        race([partial(world.do, tags.bind_tag, asset_id=a, carried=carried) for a in assets])
    )
    assert (len(won), {error.kind for error in lost}) == (1, {Kind.CONFLICT})
    world.verify()


def test_a_class_is_added_once(world: World) -> None:
    new = NewClass(scheme=SCHEME, code="A03000000", name="文物")
    won, lost = told_apart(
        race([partial(world.do, parties.add_classes, classes=[new]) for _ in range(4)])
    )
    assert sum(len(receipt.events) for receipt in won) == 1
    assert {error.kind for error in lost} <= {Kind.CONFLICT}
    world.verify()
