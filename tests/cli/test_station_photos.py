"""Pictures a session takes: kept at the station first, attached once with the commit, or told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from assetctl import config
from assetctl.cli.context import Context, Flags
from assetctl.cli.desk import Desk
from assetctl.cli.logbook import opened
from assetctl.cli.moments import Report, Start
from assetctl.errors import StoreUnavailableError
from assetctl.i18n import LANGUAGES
from assetctl.store.engine import Store, Tx
from tests.cli.test_station import payload, talk
from tests.cli.test_station_offline import away as away
from tests.cli.test_station_offline import conflicts, journal_of
from tests.conftest import Register

Script = list[str | tuple[str, bytes]]
"""Texts, and pictures of the thing with an id (or of the last one, where it is empty)."""


def hold(register: Register, script: Script, db: str = "", role: str = "condition") -> Report:
    """Hold a session in which pictures are taken between the texts."""
    given = {"home": str(register.home), "db": db or register.url, "operator": "admin",
             "lang": "en"}  # fmt: skip
    with closing(Context(config.load(given), Flags(json=True))) as world, opened(world) as journal:
        desk = Desk(world, journal)
        desk.begin(Start(resume=False))
        for one in script:
            if isinstance(one, str):
                desk.take(one, -1)
            else:
                desk.photograph(one[1], role=role, asset_id=one[0])
        return desk.report()


def codes(report: Report) -> list[str]:
    return [told.code for told in report.told]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def attached(register: Register, asset: str) -> list[tuple[str, str]]:
    found = register.ok("show", asset)[0]["attachments"]
    return sorted((one["role"], one["sha256"]) for one in found)


def blob(register: Register, content: bytes) -> Path:
    return register.home / "blobs" / sha(content)[:2] / sha(content)


def journal_kinds(register: Register) -> list[str]:
    lines = journal_of(register).read_bytes().splitlines()
    return [json.loads(line.partition(b" ")[2])["kind"] for line in lines]


@pytest.fixture
def asset(register: Register) -> str:
    return register.register("电脑")


def test_a_photo_lands_with_its_commit(register: Register, asset: str) -> None:
    other = register.register()
    report = hold(register, [
        "!checkout", payload(register, asset), ("", b"one"), ("", b"two"), ("", b"one"),
        payload(register, other), "P1", "!commit",
    ])  # fmt: skip
    assert codes(report) == [
        "mode", "added", "photo", "photo", "photo", "added", "borrower", "landed",
    ]  # fmt: skip
    assert attached(register, asset) == sorted(
        [("condition", sha(b"one")), ("condition", sha(b"two"))]
    )
    assert attached(register, other) == []
    (done,) = report.done
    assert [event.subject for event in done.photos] == [f"asset:{asset}"] * 2
    assert {event.kind for event in done.receipt.events} == {"asset.checked_out"}
    assert {event.recorded_at for event in (*done.photos, *done.receipt.events)} == {
        done.receipt.events[0].recorded_at
    }
    assert register.ok("verify", "--replay")["replayed"]


def test_a_photo_waits_at_the_station_and_is_attached_when_its_commit_lands(
    register: Register, asset: str, away: tuple[str, str]
) -> None:
    tag = payload(register, asset)
    script: Script = ["!checkout", tag, ("", b"lent"), "!to P1", "!commit",
                      "!checkin", tag, ("", b"back"), "!place W1", "!commit"]  # fmt: skip
    report = hold(register, script, away[1])
    assert [done.outcome for done in report.done] == ["queued", "queued"]
    assert (attached(register, asset), blob(register, b"lent").read_bytes()) == ([], b"lent")
    # The hash lies in the journal before the commit that it belongs to.
    kinds = journal_kinds(register)
    assert kinds.index("photo") < kinds.index("commit")
    assert sha(b"lent").encode() in journal_of(register).read_bytes()
    landed = register.ok("scan", "sync")["landed"]
    assert [[one["sha256"] for one in each["photos"]] for each in landed] == [
        [sha(b"lent")], [sha(b"back")],
    ]  # fmt: skip
    both = sorted([("condition", sha(b"lent")), ("condition", sha(b"back"))])
    assert attached(register, asset) == both
    assert [entry["kind"] for entry in register.ok("trace", asset)] == [
        "asset.registered", "asset.checked_out", "asset.attached", "asset.checked_in",
        "asset.attached",
    ]  # fmt: skip
    assert register.ok("scan", "sync")["landed"] == []
    assert attached(register, asset) == both
    assert register.ok("verify", "--replay")["replayed"]


def test_the_next_session_attaches_what_waited(
    register: Register, asset: str, away: tuple[str, str]
) -> None:
    script: Script = ["!move", "!place B1", payload(register, asset), ("", b"x"), "!commit"]
    hold(register, script, away[1])
    report = hold(register, ["!show"])
    assert codes(report) == ["synced", "mode"]
    assert attached(register, asset) == [("condition", sha(b"x"))]
    assert [len(one.photos) for one in report.synced] == [1]


def test_an_answer_that_was_lost_attaches_once(
    register: Register, asset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = Store.writing

    @contextmanager
    def cut_after_commit(store: Store) -> Iterator[Tx]:
        with writing(store) as tx:
            yield tx
        raise StoreUnavailableError(db="x", reason="the line was cut")

    script: Script = ["!checkout", payload(register, asset), ("", b"x"), "!to P1", "!commit"]
    with monkeypatch.context() as patch:
        patch.setattr(Store, "writing", cut_after_commit)
        hold(register, script)
    assert attached(register, asset) == [("condition", sha(b"x"))]
    (landed,) = register.ok("scan", "sync")["landed"]
    assert landed["repeated"]
    kinds = [entry["kind"] for entry in register.ok("trace", asset)]
    assert kinds == ["asset.registered", "asset.checked_out", "asset.attached"]


# --- what becomes of the basket ----------------------------------------------------------------


def test_only_what_is_in_the_basket_is_photographed(desk: Register) -> None:
    one, two = desk.register(), desk.register()
    tags = [payload(desk, one), payload(desk, two)]
    report = hold(desk, [
        "!move", "B1", ("", b"nothing there"), tags[0], ("", b"one"), tags[1], ("", b"two"),
        tags[1], (two, b"gone"), ("", b"one again"), "!commit",
    ])  # fmt: skip
    refused = [told.reason for told in report.told if told.code == "refused"]
    assert refused == ["session.nothing_to_photograph"] * 2
    assert attached(desk, one) == sorted(
        [("condition", sha(b"one")), ("condition", sha(b"one again"))]
    )
    assert attached(desk, two) == []


def test_a_basket_that_is_left_open_keeps_its_photos_and_one_that_is_dropped_does_not(
    desk: Register,
) -> None:
    asset = desk.register()
    hold(desk, ["!checkout", payload(desk, asset), ("", b"x")])
    answer = talk(desk, ["P1", "!commit"], "--resume", "--json")
    assert [one["sha256"] for one in answer.data["commits"][0]["photos"]] == [sha(b"x")]
    hold(desk, ["!checkin", payload(desk, asset), ("", b"y")])
    hold(desk, ["!checkin", payload(desk, asset), "!commit"])
    assert attached(desk, asset) == [("condition", sha(b"x"))]


def test_a_commit_that_was_refused_keeps_its_photos_for_the_next_try(desk: Register) -> None:
    one, two = desk.register(), desk.register()
    tags = [payload(desk, one), payload(desk, two)]

    class Script:
        def __iter__(self) -> Iterator[str | tuple[str, bytes]]:
            yield from ("!checkout", tags[0], ("", b"x"), tags[1], "P1")
            desk.ok("checkout", two, "--to", "P2")
            yield from ("!commit", tags[1], "!commit")

    report = hold(desk, Script())  # type: ignore[arg-type]
    assert [done.outcome for done in report.done] == ["refused", "landed"]
    assert attached(desk, one) == [("condition", sha(b"x"))]


def test_the_same_picture_at_two_hand_overs_is_attached_once_and_stops_nothing(
    desk: Register,
) -> None:
    asset = desk.register()
    tag = payload(desk, asset)
    report = hold(desk, ["!checkout", tag, ("", b"x"), "P1", "!commit",
                         "!checkin", tag, ("", b"x"), "!commit"])  # fmt: skip
    assert [done.outcome for done in report.done] == ["landed", "landed"]
    assert attached(desk, asset) == [("condition", sha(b"x"))]


def test_an_undo_attaches_nothing_and_leaves_the_photo(desk: Register) -> None:
    asset = desk.register()
    report = hold(desk, ["!checkout", payload(desk, asset), ("", b"x"), "P1", "!commit", "!undo"])
    assert [done.outcome for done in report.done] == ["landed", "landed"]
    assert (report.done[1].photos, attached(desk, asset)) == ((), [("condition", sha(b"x"))])


def test_a_disk_that_takes_no_picture_is_said_and_the_session_goes_on(desk: Register) -> None:
    asset = desk.register()
    (desk.home / "blobs").write_text("in the way")
    report = hold(desk, ["!checkout", payload(desk, asset), ("", b"x"), "P1", "!commit"])
    assert codes(report) == ["mode", "added", "refused", "borrower", "landed"]
    assert report.told[2].error is not None
    assert "photo" not in journal_kinds(desk)


# --- files that are no longer what was kept ----------------------------------------------------


@pytest.mark.parametrize(("how", "problem"), [("gone", "missing"), ("touched", "altered"),
                                              ("empty", "altered")])  # fmt: skip
@pytest.mark.parametrize("then", ["sync", "session"])
def test_a_lost_file_is_said_and_never_attached(
    register: Register, asset: str, away: tuple[str, str], how: str, problem: str, then: str
) -> None:
    other = register.register()
    script: Script = [
        "!move", "!place B1", payload(register, asset), ("", b"bad"), ("", b"good"),
        payload(register, other), ("", b"also good"), "!commit",
    ]  # fmt: skip
    hold(register, script, away[1])
    path = blob(register, b"bad")
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if how == "empty" else b"bud")
    if then == "sync":
        answer = register("scan", "sync", "--json")
        (landed,) = answer.data["landed"]
        assert answer.code == 9
    else:
        answer = talk(register, [], "--json")
        (landed,) = answer.data["synced"]
        assert [one["code"] for one in answer.data["told"]] == ["synced", "lost"]
        assert answer.code == 9
    wanted = {"asset_id": asset, "sha256": sha(b"bad"), "problem": problem}
    assert (landed["lost"], len(landed["photos"])) == ([wanted], 2)
    assert register.ok("show", asset)[0]["place"] == "B1", "the act itself has landed"
    assert attached(register, asset) == [("condition", sha(b"good"))]
    assert attached(register, other) == [("condition", sha(b"also good"))]
    # Put back later, it is not slipped in.
    path.write_bytes(b"bad")
    register.ok("scan", "sync")
    assert attached(register, asset) == [("condition", sha(b"good"))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_which_photo_is_lost_and_why(desk: Register, tmp_path: Path, lang: str) -> None:
    asset = desk.register()
    script: Script = ["!move", "!place B1", payload(desk, asset), ("", b"bad"), "!commit"]
    hold(desk, script, f"sqlite:///{tmp_path / 'none.db'}")
    blob(desk, b"bad").write_bytes(b"other")
    answer = desk("scan", "sync", lang=lang)
    assert answer.code == 9
    assert sha(b"bad") in answer.out
    assert {"en": "no longer what was photographed", "zh": "已不是当时所拍"}[lang] in answer.out


def test_a_touched_file_is_found_at_once_where_the_register_is_there(desk: Register) -> None:
    asset = desk.register()

    class Script:
        def __iter__(self) -> Iterator[str | tuple[str, bytes]]:
            yield from ("!checkout", payload(desk, asset), ("", b"x"), "P1")
            blob(desk, b"x").write_bytes(b"y")
            yield "!commit"

    report = hold(desk, Script())  # type: ignore[arg-type]
    assert codes(report)[-2:] == ["landed", "lost"]
    assert attached(desk, asset) == []


# --- what contradicts --------------------------------------------------------------------------


def test_in_a_conflict_the_photo_is_named_and_not_attached(
    register: Register, asset: str, away: tuple[str, str]
) -> None:
    lent = register.register()
    script: Script = [
        "!checkout", payload(register, asset), ("", b"mine"), payload(register, lent),
        ("", b"theirs"), "!to P1", "!commit",
    ]  # fmt: skip
    hold(register, script, away[1])
    register.ok("checkout", lent, "--to", "P2")
    answer = register("scan", "sync", "--json")
    assert conflicts(answer.data) == {lent: "custody.someone_first"}
    (conflict,) = answer.data["conflicts"]
    assert conflict["photos"] == [sha(b"theirs")]
    (landed,) = answer.data["landed"]
    assert [one["sha256"] for one in landed["photos"]] == [sha(b"mine")]
    assert attached(register, asset) == [("condition", sha(b"mine"))]
    assert attached(register, lent) == []
    assert blob(register, b"theirs").read_bytes() == b"theirs"


def test_a_thing_shown_by_two_of_its_tags_is_counted_once_with_all_its_photos(
    register: Register, away: tuple[str, str]
) -> None:
    made: Any = register.ok("tag", "blank", "--count", "1")
    blank = made["tags"][0]["payload"]
    asset = register.register()
    script: Script = [
        "!count", "!place W1", "!quantity 7", blank, ("", b"x"), payload(register, asset),
        ("", b"x"), ("", b"y"), "!commit",
    ]  # fmt: skip
    hold(register, script, away[1])
    register.ok("tag", "bind", asset, "--tag", blank)
    (landed,) = register.ok("scan", "sync")["landed"]
    assert [(one["subject"], one["data"]["quantity"]) for one in landed["events"]] == [
        (f"asset:{asset}", 7)
    ]
    assert attached(register, asset) == sorted([("condition", sha(b"x")), ("condition", sha(b"y"))])
