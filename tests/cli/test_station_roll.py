"""A station whose journal goes on in another file works on as if nothing had been."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assetctl.acts import landing
from assetctl.domain.book import Book
from assetctl.domain.intent import Intent
from assetctl.errors import StoreUnavailableError
from assetctl.i18n import LANGUAGES
from assetctl.store import disk
from assetctl.store import journal as journals
from tests.cli.test_station import payload, shown, sit, told
from tests.cli.test_station_offline import away as away
from tests.cli.test_station_offline import conflicts, journal_of
from tests.cli.test_station_photos import attached, hold, journal_kinds, sha
from tests.conftest import Register


def files(register: Register) -> list[str]:
    return sorted(one.name for one in journal_of(register).parent.iterdir())


def test_what_waits_contradicts_or_lies_open_is_carried_over(
    register: Register, away: tuple[str, str]
) -> None:
    one, two, three = (register.register() for _ in range(3))
    tags = [payload(register, asset) for asset in (one, two, three)]
    hold(register, ["!checkout", tags[0], ("", b"x"), tags[1], "!to P1", "!commit"], away[1])
    register.ok("checkout", two, "--to", "P2")
    first = register("scan", "sync", "--json")
    assert conflicts(first.data) == {two: "custody.someone_first"}
    hold(register, ["!checkin", tags[0], ("", b"back"), "!place W1-Z1", "!commit", "!move",
                    "!place B1", tags[2], ("", b"open")], away[1])  # fmt: skip
    before = register("scan", "sync", "--dry-run", "--json")
    rolled = register("scan", "sync", "--roll", "--dry-run", "--json")
    assert (rolled.data, files(register)) == (before.data, ["desk.journal"])

    lines = journal_of(register).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals, "LONG", 1)
        sit(register, [], "--resume", *away, code=9)
    assert files(register) == ["desk.0001.journal", "desk.journal"]
    former = journal_of(register).with_name("desk.0001.journal")
    assert former.read_bytes().startswith(lines)
    after = register("scan", "sync", "--dry-run", "--json")
    assert after.data == before.data

    landed = register("scan", "sync", "--json")
    assert [len(each["events"]) for each in landed.data["landed"]] == [1]
    assert conflicts(landed.data) == {two: "custody.someone_first"}
    assert attached(register, one) == sorted(
        [("condition", sha(b"x")), ("condition", sha(b"back"))]
    )
    report = sit(register, ["!commit"], "--resume")
    assert report["commits"][0]["assets"] == [three]
    assert attached(register, three) == [("condition", sha(b"open"))]
    assert shown(register, one) == ("in_store", "U1", "W1-Z1")
    assert register.ok("verify", "--replay")["replayed"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_rolled_over_when_somebody_says_so(desk: Register, lang: str) -> None:
    asset = desk.register()
    sit(desk, ["!checkout", payload(desk, asset), "P1", "!commit"])
    answer = desk("scan", "sync", "--roll", lang=lang)
    assert answer.code == 0
    assert "desk.0001.journal" in answer.out
    assert desk.ok("scan", "sync", "--roll")["former"] == "desk.0002.journal"
    assert files(desk) == ["desk.0001.journal", "desk.0002.journal", "desk.journal"]
    assert (journal_of(desk).with_name("desk.0001.journal").stat().st_mode & 0o777) == 0o400
    assert journal_kinds(desk)[0] == "rolled"
    # The commit of the session before can still be known by its tags, and nothing waits.
    report = sit(desk, ["!checkin", payload(desk, asset), "!commit"])
    assert told(report) == ["mode", "added", "landed"]


def test_a_long_session_goes_on_through_several_files(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "LONG", 20_000)
    assets = [desk.register() for _ in range(6)]
    tags = [payload(desk, one) for one in assets]
    lines = []
    for _ in range(12):
        lines += ["!checkout", *tags, "P1", "!commit", "!checkin", *tags, "!commit"]
    report = sit(desk, [*lines, "!checkout", tags[0], "P1", "!commit", "!undo", "!undo"])
    assert [done["outcome"] for done in report["commits"]] == ["landed"] * 26
    assert report["told"][-1]["reason"] == "session.cannot_undo"
    there = files(desk)
    assert len(there) > 2
    assert all((journal_of(desk).parent / name).stat().st_size < 40_000 for name in there)
    assert sit(desk, [])["commits"] == []
    assert shown(desk, assets[0])[0] == "in_store"


def test_an_undo_reaches_back_over_the_change_of_files(desk: Register) -> None:
    asset = desk.register()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals, "LONG", 1)
        report = sit(desk, ["!checkout", payload(desk, asset), "P1", "!commit", "!undo"])
    assert len(files(desk)) > 2
    assert [done["outcome"] for done in report["commits"]] == ["landed", "landed"]
    assert shown(desk, asset) == ("in_store", "U1", "W1")


def test_cards_met_before_are_known_offline_in_the_new_file_too(
    register: Register, away: tuple[str, str]
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    sit(register, ["!checkout", "P1", "!cancel"])
    register.ok("scan", "sync", "--roll")
    report = sit(register, ["!checkout", "P1", tag, "!commit"], *away, code=9)
    assert Counter(told(report)) == Counter(["offline", "mode", "borrower", "added", "queued"])
    register.ok("scan", "sync", "--roll")
    assert shown(register, asset)[1] == "P1"


def test_own_acts_are_known_as_own_after_the_change_of_files(
    register: Register, away: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    lines = ["!checkout", tag, "!to P1", "!commit", "!checkin", tag, "!place W1-Z1", "!commit"]
    sit(register, lines, *away, code=9)
    # The first of the two lands, then the register is away again, and the journal is rolled over.
    land = landing._land

    def only_the_first(book: Book, link: landing.Link, intent: Intent) -> landing.Landed:
        if intent.act == "check_in":
            raise StoreUnavailableError(db="x", reason="away")
        return land(book, link, intent)

    with monkeypatch.context() as patch:
        patch.setattr(landing, "_land", only_the_first)
        assert register("scan", "sync", "--json").code == 8
        patch.setattr(journals, "LONG", 1)
        sit(register, [], code=9)
    assert len(files(register)) == 2
    answer = register.ok("scan", "sync")
    assert answer["conflicts"] == []
    assert shown(register, asset) == ("in_store", "U1", "W1-Z1")


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_touched_former_file_stops_the_station(desk: Register, how: str) -> None:
    asset = desk.register()
    sit(desk, ["!checkout", payload(desk, asset), "P1", "!commit"])
    desk.ok("scan", "sync", "--roll")
    former = journal_of(desk).with_name("desk.0001.journal")
    whole = former.read_bytes()
    former.chmod(0o600)
    if how == "gone":
        former.unlink()
    else:
        former.write_bytes(whole.replace(b'"P1"', b'"P2"'))
    for line in (["scan", "sync"], ["scan", "session", "--from", "/dev/null"]):
        assert desk.fails(7, *line)["code"] == "journal.broken"
    former.write_bytes(whole)
    desk.ok("scan", "sync")


def test_where_there_is_no_room_for_a_new_file_the_session_goes_on(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = desk.register()
    monkeypatch.setattr(journals, "LONG", 1)

    def full(_path: Path, _content: bytes, *, mode: int) -> None:
        raise OSError(28, "No space left on device", mode)

    monkeypatch.setattr(disk, "put", full)
    report = sit(desk, ["!checkout", payload(desk, asset), "P1", "!commit"])
    assert report["commits"][0]["outcome"] == "landed"
    assert files(desk) == ["desk.journal"]
    assert desk.fails(8, "scan", "sync", "--roll")["code"] == "journal.unwritable"
