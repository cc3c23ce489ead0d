"""Roles under two hands at once, and the rules that go by them."""

from __future__ import annotations

import threading

from assetctl.acts import handovers, keys, roles
from assetctl.errors import AssetctlError
from assetctl.reads.roles import holders
from assetctl.store.engine import Store
from tests.store.world import World


def test_two_who_take_each_others_role_away_at_once(world: World) -> None:
    """One of the last two is left, whoever comes first: somebody must be able to grant roles."""
    for code in ("P1", "P2"):
        world.do(roles.appoint, code=code, role="security_admin")
    start = threading.Barrier(2)
    refused: list[AssetctlError] = []

    def take(actor: str, code: str) -> None:
        store = Store(world.url)
        start.wait()
        try:
            with store.writing() as tx:
                roles.revoke(
                    tx, code=code, role="security_admin", doc="免1",
                    stamp=world.stamp(actor=actor),
                )  # fmt: skip
        except AssetctlError as error:
            refused.append(error)
        finally:
            store.close()

    pair = [threading.Thread(target=take, args=one) for one in (("P1", "P2"), ("P2", "P1"))]
    for one in pair:
        one.start()
    for one in pair:
        one.join()
    assert [error.code for error in refused] == ["role.denied"]
    with world.store.reading() as connection:
        assert len(holders(connection, "security_admin")) == 1


def test_a_rule_to_sign_binds_whoever_has_the_role_while_he_has_it(world: World) -> None:
    assets = [world.asset() for _ in range(3)]
    world.do(roles.appoint, code="P1", role="security_admin")
    world.do(roles.appoint, code="P2", role="asset_clerk")  # so that he may act all the time
    for number, one in enumerate(assets):
        if number == 1:
            world.do(roles.grant, code="P2", role="warehouse_keeper",
                     stamp=world.stamp(actor="P1"))  # fmt: skip
            require(world)
        if number == 2:
            world.do(roles.revoke, code="P2", role="warehouse_keeper", doc="免1",
                     stamp=world.stamp(actor="P1"))  # fmt: skip
        world.do(handovers.move, assets=[one], to="B1", stamp=world.stamp(actor="P2"))
    assert world.verify().findings == 1


def require(world: World) -> None:
    now = world.stamp(actor="P1")
    world.do(keys.require_signing, role="warehouse_keeper", since=now.rec, stamp=now)
