"""Blank tags, place tags, staff cards: issued once, counted, and all of it replays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from assetctl.acts import badges, blanks, tags
from assetctl.acts.register import NewAsset, register
from assetctl.acts.tags import Carried
from assetctl.domain.commands import COMMANDS
from assetctl.domain.identity import ISSUES, TagKeys, make_payload
from assetctl.domain.request import Receipt
from assetctl.errors import (
    BadgeMissingError,
    CodeTakenError,
    InputError,
    PartyNotFoundError,
    PlaceNotFoundError,
    RequestReusedError,
    SubjectChangedError,
    WrongPartyError,
)
from assetctl.reads.badges import place_badge
from assetctl.reads.tags import Verdict, judge
from tests.store.world import World, race, told_apart

KEYS = TagKeys({"0": bytes(32)})


def text_of(tag: str, letter: str = "A", issue: int = 1) -> str:
    return make_payload(KEYS, key="0", asset=tag, issue=issue, host="x.example", tag_class=letter)


def judged(world: World, text: str) -> Verdict:
    with world.store.reading() as connection:
        return judge(connection, KEYS, text)


def blank_ids(world: World, count: int) -> list[str]:
    receipt = world.do(blanks.issue_blanks, count=count, new_asset_id=world.new_id)
    return list(receipt.events[0].data["tags"])


# --- blanks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 600, blanks.BATCH])
def test_a_batch_is_one_entry_that_names_every_tag(world: World, count: int) -> None:
    ids = blank_ids(world, count)
    assert len(set(ids)) == count
    assert world.kinds(f"blank:{ids[0]}") == ["blank.issued"]
    assert judged(world, text_of(ids[-1])) == Verdict(
        verdict="genuine", kind="blank", code=ids[-1], issue=1, tag_state="blank",
        reason="tag.blank",
    )  # fmt: skip
    world.verify()


def test_a_blank_becomes_the_thing_or_another_name_of_it(world: World) -> None:
    first, second, third = blank_ids(world, 3)
    new = NewAsset(name="桌", class_code="A02010105", owner="U1", place="W1")
    world.do(register, new=new, new_asset_id=world.new_id, asset_id=first)
    asset = world.asset()
    world.do(tags.bind_tag, asset_id=asset, carried=Carried(carrier="qr", code=second))
    for tag, owner in ((first, first), (second, asset)):
        verdict = judged(world, text_of(tag))
        assert (verdict.kind, verdict.asset_id, verdict.tag_state) == ("asset", owner, "bound")
        assert verdict.counts
        for again in (asset, world.asset()):
            with pytest.raises(CodeTakenError):
                world.do(tags.bind_tag, asset_id=again, carried=Carried(carrier="qr", code=tag))
    assert judged(world, text_of(third)).kind == "blank"
    assert judged(world, text_of(third, issue=2)).tag_state == "void"
    bare = judged(world, third)
    assert (bare.verdict, bare.kind, bare.reason) == ("unknown", "blank", "payload.unsigned")
    world.verify()


def test_of_two_that_bind_the_same_blank_one_does(world: World) -> None:
    (tag,) = blank_ids(world, 1)
    jobs = [
        partial(
            world.do, tags.bind_tag, asset_id=world.asset(),
            carried=Carried(carrier="qr", code=tag),
        )
        for _ in range(4)
    ]  # fmt: skip
    won, lost = told_apart(race(jobs))
    assert len(won) == 1
    assert {type(error) for error in lost} <= {CodeTakenError, SubjectChangedError}
    world.verify()


def test_the_same_request_for_blanks_lands_once(world: World) -> None:
    def wish(count: int, carrier: str = "qr") -> list[str]:
        receipt = world.do(
            blanks.issue_blanks, count=count, carrier=carrier, new_asset_id=world.new_id,
            stamp=world.stamp(request_id="R-1"),
        )  # fmt: skip
        return list(receipt.events[0].data["tags"])

    assert wish(3) == wish(3)
    for count, carrier in ((4, "qr"), (3, "datamatrix")):
        with pytest.raises(RequestReusedError):
            wish(count, carrier)
    assert len([one for one in world.heads() if one.startswith("blank:")]) == 1


@pytest.mark.parametrize(
    "wish", [{"count": 0}, {"count": blanks.BATCH + 1}, {"count": 1, "carrier": "uhf"}]
)
def test_blanks_that_cannot_be_issued(world: World, wish: dict[str, object]) -> None:
    before = world.contents()
    with pytest.raises(InputError):
        world.do(blanks.issue_blanks, new_asset_id=world.new_id, **wish)
    assert world.contents() == before


def test_ids_that_anything_has_are_passed_over(world: World) -> None:
    asset = world.asset()
    (blank,) = blank_ids(world, 1)
    world.do(badges.issue_place_tag, code="W1", new_asset_id=world.new_id)
    with world.store.reading() as connection:
        place = place_badge(connection, "W1")
    assert place is not None
    fresh = world.new_id()
    drawn = iter([asset, blank, place.tag, COMMANDS[0].tag, fresh])
    receipt = world.do(
        badges.issue_staff_card, code="P1", new_asset_id=lambda: next(drawn)
    )  # fmt: skip
    assert receipt.events[0].data["tag"] == fresh


# --- place tags and staff cards -----------------------------------------------------------------

SORTS = [
    (badges.issue_place_tag, badges.void_place_tag, "W1", "P", "place"),
    (badges.issue_staff_card, badges.void_staff_card, "P1", "S", "staff"),
]


@pytest.mark.parametrize(("issue", "void", "code", "letter", "kind"), SORTS)
def test_the_life_of_a_badge(
    world: World, issue: Callable[..., Receipt], void: Callable[..., Receipt], code: str,
    letter: str, kind: str,
) -> None:  # fmt: skip
    def states(tag: str) -> list[str | None]:
        return [judged(world, text_of(tag, letter, number)).tag_state for number in (1, 2, 3, 4)]

    made = world.do(issue, code=code, new_asset_id=world.new_id).events[0].data
    tag = made["tag"]
    assert judged(world, text_of(tag, letter)) == Verdict(
        verdict="genuine", kind=kind, code=code, issue=1, tag_state="bound"
    )
    assert world.do(issue, code=code, new_asset_id=world.new_id).events == ()
    world.do(issue, code=code, anew=True, note="磨损", new_asset_id=world.new_id)
    assert states(tag) == ["replaced", "bound", "void", "void"]
    world.do(void, code=code)
    assert states(tag) == ["replaced", "void", "void", "void"]
    with pytest.raises(BadgeMissingError):
        world.do(void, code=code)
    world.do(issue, code=code, new_asset_id=world.new_id)
    assert states(tag) == ["replaced", "void", "bound", "void"]
    assert judged(world, text_of(tag, "A")).reason == "asset.not_found"
    bare = judged(world, tag)
    assert (bare.verdict, bare.kind, bare.code) == ("unknown", kind, code)
    assert not bare.counts
    with pytest.raises(CodeTakenError):
        world.do(tags.bind_tag, asset_id=world.asset(), carried=Carried(carrier="qr", code=tag))
    world.verify()


def test_after_the_last_issue_comes_a_new_id(world: World) -> None:
    for _ in range(ISSUES + 1):
        receipt = world.do(badges.issue_place_tag, code="W1", anew=True, new_asset_id=world.new_id)
    data = receipt.events[0].data
    assert (data["issue"], data["from_issue"]) == (1, ISSUES)
    assert data["tag"] != data["from_tag"]
    old = judged(world, text_of(data["from_tag"], "P", ISSUES))
    assert (old.code, old.tag_state) == ("W1", "replaced")
    world.verify()


def test_of_two_that_issue_at_once_both_give_the_same_tag(world: World) -> None:
    job = partial(world.do, badges.issue_place_tag, code="W1", new_asset_id=world.new_id)
    won, lost = told_apart(race([job] * 4))
    assert lost == []
    assert [len(receipt.events) for receipt in won].count(1) == 1
    world.verify()


def test_a_card_says_no_name_in_the_history(world: World) -> None:
    receipt = world.do(badges.issue_staff_card, code="P1", new_asset_id=world.new_id)
    assert receipt.events[0].data.keys() == {"tag", "issue"}


@pytest.mark.parametrize(
    ("act", "code", "error"),
    [
        (badges.issue_place_tag, "NOWHERE", PlaceNotFoundError),
        (badges.void_place_tag, "W1", BadgeMissingError),
        (badges.issue_staff_card, "NOBODY", PartyNotFoundError),
        (badges.issue_staff_card, "U1", WrongPartyError),
        (badges.issue_staff_card, "V1", WrongPartyError),
        (badges.void_staff_card, "U1", WrongPartyError),
    ],
)
def test_badges_that_are_refused(
    world: World, act: Callable[..., Receipt], code: str, error: type[Exception]
) -> None:
    before = world.contents()
    issues = act in (badges.issue_place_tag, badges.issue_staff_card)
    more = {"new_asset_id": world.new_id} if issues else {}
    with pytest.raises(error):
        world.do(act, code=code, **more)
    assert world.contents() == before


def test_the_same_request_for_a_badge_lands_once(world: World) -> None:
    def wish() -> object:
        stamp = world.stamp(request_id="R-1")
        return world.do(
            badges.issue_place_tag, code="W1", anew=True, new_asset_id=world.new_id, stamp=stamp
        ).events

    assert wish() == wish()
    assert world.kinds("place:W1") == ["place.added", "place.tag_issued"]
