"""Reminders on both databases: each message once, however many remind; and what history keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assetctl.acts import loans, reminders
from assetctl.acts.reminders import Claim
from assetctl.domain.reminders import CHANNELS
from assetctl.domain.request import Stamp
from assetctl.errors import ActDeniedError, AssetctlError
from assetctl.reads.reminders import Message, messages, things_out, waiting
from tests.store.office import lent, loan, staff
from tests.store.world import World, race

TODAY = datetime.now(UTC).date()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def office(world: World) -> World:
    """A register where everybody has his role."""
    staff(world)
    return world


def claimed(
    world: World, on: str, channels: tuple[str, ...] = CHANNELS, *, again: bool = False,
    stamp: Stamp | None = None,
) -> list[Claim]:  # fmt: skip
    """Claim all that has come by a day."""
    with world.store.reading() as connection:
        waiting = things_out(connection)
    found: list[Claim] = []
    for out in waiting:
        with world.store.writing() as tx:
            claims, _ = reminders.claim(
                tx, out=out, day=on, channels=channels, again=again,
                stamp=stamp or world.stamp("K"),
            )  # fmt: skip
        found += claims
    return found


def settled(world: World, one: Claim, fault: str | None = None) -> None:
    world.do(reminders.settle, claimed=one, fault=fault, sent=fault is None, stamp=world.stamp("K"))


def sent(world: World, number: str) -> list[Message]:
    with world.store.reading() as connection:
        return messages(connection, loan=number)


def test_each_step_is_claimed_once_by_each_channel(office: World) -> None:
    number = lent(office, [office.asset(), office.asset()], due=day(10))
    assert claimed(office, day(2)) == [], "the first step has not come"
    first = claimed(office, day(3))
    assert {(one.step, one.level, one.paper, one.role) for one in first} == {
        (-7, 0, None, "asset_clerk")
    }
    assert [one.channel for one in first] == list(CHANNELS)
    assert claimed(office, day(4)) == []
    recall = claimed(office, day(10), ("file",))
    late = claimed(office, day(10), ("file", "email"))
    assert [one.channel for one in late] == ["email"]
    assert recall[0].paper == late[0].paper == f"CH-{day(0)[:4]}-0001", "one notice for all"
    notice = loan(office, str(recall[0].paper))
    assert (notice.kind, notice.under, notice.state) == ("recall", number, "done")
    assert (notice.fields["level"], len(notice.assets)) == ("1", 2)
    head = claimed(office, day(27), ("file",))
    assert [(one.step, one.level, one.role) for one in head] == [(15, 4, "unit_head")]
    assert {recall[0].paper, head[0].paper} <= set(loan(office, number).papers)
    office.verify()


def test_what_failed_is_tried_again_and_what_was_sent_is_not(office: World) -> None:
    number = lent(office, [office.asset()], due=day(10))
    (one,) = claimed(office, day(10), ("email",))
    settled(office, one, "timeout")
    (second,) = claimed(office, day(10), ("email",))
    assert (second.code, second.number, second.paper) == (one.code, 2, one.paper)
    settled(office, one)  # the first run wakes up late: it is not its turn any more
    assert [(m.state, m.tries) for m in sent(office, number)] == [("begun", 2)]
    settled(office, second)
    assert claimed(office, day(10), ("email",)) == []
    assert office.kinds(f"reminder:{one.code}") == [
        "reminder.begun", "reminder.failed", "reminder.begun", "reminder.sent",
    ]  # fmt: skip
    office.verify()


def test_what_was_cut_off_is_not_sent_again_by_itself(office: World) -> None:
    lent(office, [office.asset()], due=day(10))
    (one,) = claimed(office, day(10), ("email",))
    assert claimed(office, day(10), ("email",)) == []
    (second,) = claimed(office, day(10), ("email",), again=True)
    assert (second.code, second.number) == (one.code, 2)
    office.verify()


@pytest.mark.parametrize("runs", [2, 5])
def test_of_several_runs_at_once_each_message_is_claimed_by_one(office: World, runs: int) -> None:
    numbers = [lent(office, [office.asset()], due=day(10)) for _ in range(3)]

    def run() -> list[Claim]:
        return claimed(office, day(10), ("file", "email"))

    outcomes = race([run] * runs)
    assert not [one for one in outcomes if isinstance(one, AssetctlError)]
    won = [one for found in outcomes if isinstance(found, list) for one in found]
    assert len(won) == len({one.code for one in won}) == 6
    for number in numbers:
        assert len({one.paper for one in sent(office, number)}) == 1
    for one in won:
        settled(office, one, "refused")
    again = [o for found in race([run] * runs) if isinstance(found, list) for o in found]
    assert len(again) == len({one.code for one in again}) == 6, "a retry is claimed by one as well"
    office.verify()


def test_what_came_back_is_not_recalled_and_another_due_day_begins_anew(office: World) -> None:
    back, out = office.asset(), office.asset()
    number = lent(office, [back, out], due=day(10))
    claimed(office, day(10), ("file",))
    office.do(loans.check_in, assets=[back], stamp=office.stamp("K"))
    (next_one,) = claimed(office, day(13), ("file",))
    assert next_one.assets == (out,)
    assert list(loan(office, str(next_one.paper)).assets) == [out]
    office.do(loans.check_in, assets=[out], stamp=office.stamp("K"))
    assert claimed(office, day(17), ("file",)) == []
    assert len(sent(office, number)) == 2
    office.verify()


def test_only_what_is_to_be_sent_is_looked_at_closer(office: World) -> None:
    first, second = (lent(office, [office.asset()], due=day(10)) for _ in range(2))

    def loans(*channels: str, again: bool = False) -> list[str]:
        with office.store.reading() as connection:
            found = waiting(connection, day=day(10), channels=channels, again=again)
        return [one.loan for one in found]

    assert loans("file", "email") == [first, second]
    for one in claimed(office, day(10), ("file",)):
        settled(office, one, None if one.loan == first else "not_written")
    assert (loans("file"), loans("file", "email")) == ([second], [first, second])
    claimed(office, day(10), ("file",))
    assert (loans("file"), loans("file", again=True)) == ([], [second])
    with office.store.reading() as connection:
        assert waiting(connection, day=day(2), channels=["file"]) == []


def test_only_those_who_keep_the_warehouse_remind(office: World) -> None:
    lent(office, [office.asset()], due=day(10))
    with pytest.raises(ActDeniedError):
        claimed(office, day(10), stamp=office.stamp("C2"))


def test_a_request_id_given_twice_sends_once_and_tries_again_what_failed(office: World) -> None:
    lent(office, [office.asset()], due=day(10))
    stamp = office.stamp("K", request_id="R1")
    (one,) = claimed(office, day(10), ("email",), stamp=stamp)
    settled(office, one, "timeout")
    (second,) = claimed(office, day(10), ("email",), stamp=stamp)
    assert second.number == 2
    office.do(reminders.settle, claimed=second, fault=None, sent=True, stamp=stamp)
    assert claimed(office, day(10), ("email",), stamp=stamp) == []
    office.verify()
