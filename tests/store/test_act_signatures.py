"""Signed acts go through every way into the history and are checked against it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.acts import handovers, keys, loans, parties, roles
from assetctl.domain.act_signature import check_act
from assetctl.domain.events import PlaceAdded
from assetctl.domain.request import Signing, Stamp
from assetctl.errors import (
    AssetctlError,
    DocumentRequiredError,
    HistoryBrokenError,
    InputError,
    KeyEndedError,
    KeyNotFoundError,
    PartyNotFoundError,
    RequestReusedError,
    SignatureRequiredError,
    WrongPartyError,
)
from assetctl.reads.signatories import ActFinding, Signatories
from assetctl.reads.signing import all_keys, rules, standing, without_key
from assetctl.reads.verify import verify
from assetctl.store.operator_keys import code_of
from assetctl.store.record import compose, write
from assetctl.store.tables import history
from tests.store.world import World

FUTURE = "2999-01-01T00:00:00.000000Z"


@dataclass
class Hand:
    """Somebody with a key: the stamps of his acts are signed."""

    world: World
    party: str
    purpose: str = "operator"

    def __post_init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.public = self._key.public_key().public_bytes_raw()
        self.code = code_of(self.purpose, self.public)

    def note(self) -> Hand:
        self.world.do(
            keys.note_act_key, code=self.code, purpose=self.purpose, party=self.party,
            public=self.public,
        )  # fmt: skip
        return self

    def stamp(self, **more: Any) -> Stamp:
        signing = Signing(by=self.code, purpose=self.purpose, sign=self._key.sign)
        actor = self.party if self.purpose == "operator" else "P1"
        return replace(self.world.stamp(actor=actor), signing=signing, **more)


def entry(world: World, subject: str, seq: int = 1) -> dict[str, Any]:
    wanted = sa.select(history.c.entry).where(history.c.subject == subject, history.c.seq == seq)
    with world.store.reading() as connection:
        fields: dict[str, Any] = json.loads(bytes(connection.execute(wanted).scalar_one()))
    return fields


def findings(world: World) -> list[ActFinding]:
    found: list[ActFinding] = []
    with world.store.reading() as connection:
        checked = verify(connection, replay=True, on_finding=found.append)
    assert checked.findings == len(found)
    return sorted(found, key=lambda one: (one.subject, one.seq))


def genesis(world: World) -> bytes:
    with world.store.writing() as tx:
        return tx.genesis


# --- the ways in ---------------------------------------------------------------------------


def register_one(world: World, stamp: Stamp) -> list[str]:
    return [f"asset:{world.asset(stamp=stamp)}"]


def move_one(world: World, stamp: Stamp) -> list[str]:
    one = world.asset()
    world.do(handovers.move, assets=[one], to="B1", stamp=stamp)
    return [f"asset:{one}"]


def move_several(world: World, stamp: Stamp) -> list[str]:
    many = [world.asset() for _ in range(3)]
    world.do(handovers.move, assets=many, to="B1", stamp=stamp)
    return [f"asset:{one}" for one in many]


def write_ahead(world: World, stamp: Stamp) -> list[str]:
    facts = [(f"place:N{n}", PlaceAdded(name="新", place_kind="room")) for n in range(3)]
    batch = compose(stamp, genesis(world), facts)
    with world.store.writing() as tx:
        write(tx, batch)
    return [subject for subject, _ in facts]


WAYS: dict[str, Callable[[World, Stamp], list[str]]] = {
    "an entry of a new subject": register_one, "one entry in one trip": move_one,
    "several entries": move_several, "entries made ready before": write_ahead,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_into_the_history_signs(world: World, way: str) -> None:
    hand = Hand(world, "P2").note()
    subjects = WAYS[way](world, hand.stamp())
    with world.store.reading() as connection:
        key = Signatories(connection, b"").key
        for subject in subjects:
            count = len(world.kinds(subject))
            fields = entry(world, subject, count)
            assert (fields["by"], fields["actor"]) == (hand.code, "P2")
            with pytest.raises(HistoryBrokenError):
                key(hand.code)  # its chain does not begin at another genesis
    assert findings(world) == []
    assert world.verify().signed == len(subjects)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_into_the_history_refuses_what_must_be_signed(world: World, way: str) -> None:
    since = "2026-01-01T00:00:00.000000Z"
    before = world.verify().entries
    unsigned = replace(world.stamp(actor="P2"), must_sign=since)
    with pytest.raises(SignatureRequiredError):
        WAYS[way](world, unsigned)
    desk = Hand(world, "test", "station").note()
    with pytest.raises(SignatureRequiredError):
        WAYS[way](world, desk.stamp(must_sign=since))
    # The things that were to be moved, and the key of the station.
    made = {"one entry in one trip": 2, "several entries": 6}.get(way, 0) + 1
    assert world.verify().entries == before + made


def test_personal_data_is_signed_by_its_digest(world: World) -> None:
    hand = Hand(world, "P2").note()
    one = world.asset()
    world.do(loans.check_out, assets=[one], to="P1", due="2999-01-01", note="口头说明",
             stamp=hand.stamp())  # fmt: skip
    fields = entry(world, f"asset:{one}", 2)
    assert fields["sd"]
    fields["sd"] = ["A" * 43]
    key = _key(world, hand.code)
    with pytest.raises(HistoryBrokenError, match="does not hold"):
        check_act(fields, key)


def _key(world: World, code: str) -> Any:
    root = genesis(world)
    with world.store.reading() as connection:
        return Signatories(connection, root).key(code)


def test_a_signed_request_that_comes_back_gets_its_receipt(world: World) -> None:
    hand = Hand(world, "P2").note()
    one = world.asset()
    again = hand.stamp(request_id="r1", fresh=False)
    first = world.do(handovers.move, assets=[one], to="B1", stamp=again)
    second = world.do(handovers.move, assets=[one], to="B1", stamp=replace(again, signing=None))
    assert (first.events, second.repeated) == (second.events, True)
    assert world.verify().signed == 1


# --- keys ----------------------------------------------------------------------------------


def test_a_key_is_noted_once_and_whose_it_is(world: World) -> None:
    hand = Hand(world, "P2").note()
    noted = {key.code: key for key in _all(world)}
    assert noted[hand.code].public == hand.public.hex()
    assert (noted[hand.code].party, noted[hand.code].purpose) == ("P2", "operator")
    data = entry(world, f"key:{hand.code}")["data"]
    assert data == {
        "algorithm": "ed25519", "party": "P2", "public": hand.public.hex(), "purpose": "operator",
    }  # fmt: skip
    with pytest.raises(AssetctlError):
        hand.note()
    with pytest.raises(PartyNotFoundError):
        Hand(world, "P9").note()
    with pytest.raises(WrongPartyError):
        Hand(world, "U1").note()
    for name in ("", "two words", "a\nb", "x" * 65):
        with pytest.raises(InputError):
            Hand(world, name, "station").note()


def _all(world: World) -> list[Any]:
    with world.store.reading() as connection:
        return all_keys(connection)


def test_revoking_says_from_when_why_and_on_whose_word(world: World) -> None:
    hand = Hand(world, "P2").note()
    since = world.stamp().rec
    revoke = partial(world.do, keys.revoke_key, code=hand.code, reason="stolen", doc="函〔1〕号")
    revoke(since=since)
    data = entry(world, f"key:{hand.code}", 2)["data"]
    assert data == {"doc": "函〔1〕号", "from": since, "reason": "stolen"}
    key = next(one for one in _all(world) if one.code == hand.code)
    assert (key.ended_at, key.ended_as, key.ended_doc) == (since, "stolen", "函〔1〕号")
    with pytest.raises(KeyEndedError) as caught:
        revoke(since=since)
    assert caught.value.facts == {"key": hand.code, "since": since, "ended_as": "stolen"}
    revoke(since="2026-01-01T00:00:00.000000Z")  # it was stolen earlier than was thought
    assert _key(world, hand.code).revoked_from == "2026-01-01T00:00:00.000000Z"
    assert world.verify().findings == 0


def test_a_wish_to_revoke_that_makes_no_sense_is_refused(world: World) -> None:
    hand = Hand(world, "P2").note()
    now = world.stamp().rec
    good = {"code": hand.code, "since": now, "reason": "lost", "doc": "x"}
    for wrong, error in (
        ({"code": "op-0000000000"}, KeyNotFoundError), ({"reason": "whim"}, InputError),
        ({"doc": " "}, DocumentRequiredError), ({"since": FUTURE}, InputError),
    ):  # fmt: skip
        with pytest.raises(error):
            world.do(keys.revoke_key, **good | wrong)
    world.do(parties.note_keys, keys=[("tag-0", "tag", "hmac-sha256-80", "F")])
    with pytest.raises(InputError):
        world.do(keys.revoke_key, **good | {"code": "tag-0"})
    assert world.kinds(f"key:{hand.code}") == ["key.created"]


def test_a_request_to_revoke_lands_once(world: World) -> None:
    hand = Hand(world, "P2").note()
    stamp = world.stamp(request_id="r1")
    wish = {"code": hand.code, "since": stamp.rec, "reason": "lost", "doc": "x"}
    first = world.do(keys.revoke_key, **wish, stamp=stamp)
    second = world.do(keys.revoke_key, **wish, stamp=stamp)
    assert (second.events, second.repeated) == (first.events, True)
    with pytest.raises(RequestReusedError):
        world.do(keys.revoke_key, **wish | {"doc": "y"}, stamp=stamp)


# --- rules ---------------------------------------------------------------------------------


def must_sign(world: World, operator: str, rec: str | None = None) -> str | None:
    with world.store.reading() as connection:
        now = rec or world.stamp().rec
        return standing(connection, operator=operator, station="test", rec=now).since


def test_a_rule_holds_for_its_role_from_its_moment_on(world: World) -> None:
    world.do(roles.appoint, code="P1", role="administrator")
    now = world.stamp(actor="P1")
    world.do(keys.require_signing, role="administrator", since=now.rec, stamp=now)
    assert must_sign(world, "P1") == now.rec
    assert must_sign(world, "P1", "2020-01-01T00:00:00.000000Z") is None
    assert must_sign(world, "P2") is None
    with world.store.reading() as connection:
        assert without_key(connection, "administrator") == ["P1"]
        assert [(rule.role, rule.since) for rule in rules(connection)] == [
            ("administrator", now.rec)
        ]
    Hand(world, "P1").note()
    with world.store.reading() as connection:
        assert without_key(connection, "administrator") == []
    world.do(keys.lift_signing, role="administrator")
    assert must_sign(world, "P1") is None
    with pytest.raises(InputError):
        world.do(keys.lift_signing, role="administrator")
    again = world.stamp(actor="P1")
    world.do(keys.require_signing, role="administrator", since=again.rec, stamp=again)
    assert must_sign(world, "P1") == again.rec
    assert world.verify().findings == 2  # the key was noted and the rule lifted unsigned


def test_a_rule_for_all_holds_for_whoever_acts(world: World) -> None:
    world.do(keys.require_signing, role="*", since=FUTURE)
    assert must_sign(world, "P2") is None
    assert must_sign(world, "P2", FUTURE) == FUTURE
    world.do(keys.require_signing, role="*", since="2998-01-01T00:00:00.000000Z")
    assert must_sign(world, "nobody", FUTURE) == "2998-01-01T00:00:00.000000Z"
    with pytest.raises(InputError):  # later than what holds: it would open a gap
        world.do(keys.require_signing, role="*", since=FUTURE)


def test_a_rule_cannot_be_made_for_what_has_passed_or_for_nobody(world: World) -> None:
    with pytest.raises(InputError):
        world.do(keys.require_signing, role="*", since="2026-01-01T00:00:00.000000Z")
    with pytest.raises(InputError):
        world.do(keys.require_signing, role="administrater", since=FUTURE)


def test_only_keys_that_count_are_offered(world: World) -> None:
    first, second = Hand(world, "P2").note(), Hand(world, "P2").note()
    desk = Hand(world, "test", "station").note()
    Hand(world, "other", "station").note()
    Hand(world, "P1").note()
    world.do(keys.revoke_key, code=first.code, since=world.stamp().rec, reason="left", doc="x")
    with world.store.reading() as connection:
        found = standing(connection, operator="P2", station="test", rec=FUTURE)
    assert [code for _, code in found.operator.values()] == [second.code]
    assert [code for _, code in found.station.values()] == [desk.code]
    assert found.since is None


# --- what verification finds ---------------------------------------------------------------


def test_acts_after_a_revocation_are_found_and_those_before_are_not(world: World) -> None:
    hand = Hand(world, "P2").note()
    before, after, late = world.asset(), world.asset(), world.asset()
    world.do(handovers.move, assets=[before], to="B1", stamp=hand.stamp())
    since = world.stamp().rec
    world.do(handovers.move, assets=[after], to="B1", stamp=hand.stamp())
    world.do(keys.revoke_key, code=hand.code, since=since, reason="stolen", doc="x")
    # A thief who says that it was earlier: it was recorded after the key was revoked.
    stamp = hand.stamp()
    world.do(handovers.move, assets=[late], to="B1", stamp=replace(stamp, at=before_(since)))
    found = findings(world)
    assert [(one.code, one.subject, one.by) for one in found] == [
        ("signature.revoked", f"asset:{one}", hand.code) for one in sorted((after, late))
    ]
    reasons = {one.subject: one.reason.template for one in found}
    assert "revoked for what was done" in reasons[f"asset:{after}"]
    assert "recorded after" in reasons[f"asset:{late}"]


def before_(instant: str) -> str:
    return f"2020{instant[4:]}"


def test_unsigned_acts_of_who_must_sign_are_found(world: World) -> None:
    hand, desk = Hand(world, "P2").note(), Hand(world, "test", "station").note()
    early, signed, unsigned, by_desk, after = (world.asset() for _ in range(5))
    plain = partial(world.stamp, actor="P2")
    world.do(handovers.move, assets=[early], to="B1", stamp=plain())
    world.do(keys.require_signing, role="*", since=(now := world.stamp()).rec, stamp=now)
    world.do(handovers.move, assets=[signed], to="B1", stamp=hand.stamp())
    world.do(handovers.move, assets=[unsigned], to="B1", stamp=plain())
    stamp = replace(desk.stamp(), actor="P2")
    world.do(handovers.move, assets=[by_desk], to="B1", stamp=stamp)
    world.do(keys.lift_signing, role="*", stamp=hand.stamp())
    world.do(handovers.move, assets=[after], to="B1", stamp=plain())
    found = findings(world)
    assert [(one.code, one.subject, one.by) for one in found] == sorted(
        [
            ("signature.missing", f"asset:{unsigned}", None),
            ("signature.missing", f"asset:{by_desk}", desk.code),
        ],
        key=lambda one: one[1],
    )
    with world.store.reading() as connection:
        assert verify(connection, [f"asset:{unsigned}"]).findings == 1
        assert verify(connection, [f"asset:{signed}"]).findings == 0


def test_a_rule_for_a_role_binds_who_has_it_when_he_acts(world: World) -> None:
    before, after = world.asset(), world.asset()
    world.do(roles.appoint, code="P1", role="administrator")
    now = world.stamp()
    world.do(keys.require_signing, role="administrator", since=now.rec, stamp=now)
    world.do(handovers.move, assets=[before], to="B1", stamp=world.stamp(actor="P2"))
    world.do(roles.appoint, code="P2", role="administrator")
    world.do(handovers.move, assets=[after], to="B1", stamp=world.stamp(actor="P2"))
    # The grant itself was unsigned as well, and its actor had to sign.
    assert [one.subject for one in findings(world)] == [f"asset:{after}", "party:P2"]
