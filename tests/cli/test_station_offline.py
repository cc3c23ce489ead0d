"""The register away: the desk goes on, what it confirmed lands once and in order, or is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from assetctl.domain.identity import make_payload
from assetctl.errors import StoreUnavailableError
from assetctl.i18n import LANGUAGES
from assetctl.store import keys
from assetctl.store.engine import Store, Tx
from tests.cli.test_references import forged
from tests.cli.test_station import payload, shown, sit, talk, told
from tests.conftest import Register


@pytest.fixture
def away(tmp_path: Path) -> tuple[str, str]:
    """The option that names a register nobody answers at."""
    return ("--db", f"postgresql://postgres@/none?host={tmp_path}")


def journal_of(register: Register) -> Path:
    return register.home / "station" / "desk.journal"


def conflicts(answer: Any) -> dict[str, str]:
    return {one["asset_id"]: one["code"] for one in answer["conflicts"]}


def test_a_desk_goes_on_without_the_register_and_lands_later(
    register: Register, away: tuple[str, str]
) -> None:
    one, two = register.register(), register.register()
    tags = [payload(register, one), payload(register, two)]
    lines = ["!checkout", *tags, "!to P1", "!commit", "!checkin", tags[0], "!place W1-Z1",
             "!commit", "!move", "!place W1", tags[0], "!commit", "!undo"]  # fmt: skip
    report = sit(register, lines, *away, code=9)
    assert report["offline"]
    assert report["waiting"] == 4
    assert [done["outcome"] for done in report["commits"]] == ["queued"] * 4
    assert shown(register, one) == ("in_store", "U1", "W1")
    assert register("scan", "sync", *away, "--json").code == 8
    synced = register.ok("scan", "sync")
    assert [one["request_id"] for one in synced["landed"]] == [
        done["request_id"] for done in report["commits"]
    ]
    assert (synced["conflicts"], synced["waiting"]) == ([], [])
    assert shown(register, one) == ("in_store", "U1", "W1-Z1")
    assert shown(register, two) == ("on_loan", "P1", None)
    trace = register.ok("trace", one)
    assert [entry["kind"] for entry in trace] == [
        "asset.registered", "asset.checked_out", "asset.checked_in", "asset.moved", "asset.moved",
    ]  # fmt: skip
    assert all(entry["at"] < entry["recorded_at"] for entry in trace[1:])
    again = register.ok("scan", "sync")
    assert again == {
        "landed": [], "conflicts": [], "waiting": [], "torn": False, "former": None,
    }  # fmt: skip
    assert len(register.ok("trace", one)) == 5
    assert register.ok("verify", "--replay")["replayed"]


def test_without_the_register_tags_are_judged_by_their_signature(
    register: Register, away: tuple[str, str]
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    register.ok("scan", "session", "--from", "/dev/null")
    sit(register, ["!checkout", "P1", "!cancel"])
    report = sit(
        register, ["!checkout", "P1", "P2", forged(tag), asset, tag, "6901234567890", "!commit"],
        *away, code=9,
    )  # fmt: skip
    said = [(one["code"], one["reason"]) for one in report["told"]]
    assert ("borrower", None) in said  # met before at this desk
    assert said.count(("refused", "session.unknown_offline")) == 2
    assert ("refused", "payload.forged") in said
    assert report["commits"][0]["to"] == "P1"
    register.ok("scan", "sync")
    assert shown(register, asset)[1] == "P1"


def test_an_answer_that_was_lost_lands_once(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    writing = Store.writing

    @contextmanager
    def cut_after_commit(store: Store) -> Iterator[Tx]:
        with writing(store) as tx:
            yield tx
        raise StoreUnavailableError(db="x", reason="the line was cut")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "writing", cut_after_commit)
        report = sit(register, ["!checkout", tag, "!to P1", "!commit"], code=9)
    assert report["commits"][0]["outcome"] == "queued"
    assert shown(register, asset)[1] == "P1"  # it had landed, though nobody heard of it
    (landed,) = register.ok("scan", "sync")["landed"]
    assert landed["repeated"]
    kinds = [entry["kind"] for entry in register.ok("trace", asset)]
    assert kinds == ["asset.registered", "asset.checked_out"]


def test_the_next_session_lands_what_waited_before_anything_new(
    register: Register, away: tuple[str, str]
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    sit(register, ["!checkout", tag, "!to P1", "!commit"], *away, code=9)
    report = sit(register, ["!checkin", tag, "!commit"])
    assert [len(one["events"]) for one in report["synced"]] == [1]
    assert told(report) == ["synced", "mode", "added", "landed"]
    assert shown(register, asset) == ("in_store", "U1", "W1")


# --- what contradicts ----------------------------------------------------------------------


def test_each_thing_lands_or_is_shown_with_both_sides_and_none_is_lost(
    register: Register, away: tuple[str, str]
) -> None:
    good, lent, gone, ghost = (register.register() for _ in range(4))
    held = keys.tag_keys(register.home / "keys")
    unknown = clock.new_asset_id()
    tags = [payload(register, one) for one in (good, lent, gone, ghost)]
    tags.append(make_payload(held, key="0", asset=unknown, issue=1, host="x.example"))
    register.ok("checkout", lent, "--to", "P2", "--at", "2026-03-01 10:00")
    lines = ["!checkout", *tags, "!to P1", "!commit", "!checkin", tags[1], "!commit"]
    report = sit(register, lines, *away, code=9)
    register.ok("missing", gone)
    register.ok("move", ghost, "--to", "B1")
    answer = register("scan", "sync", "--json")
    assert answer.code == 9
    first = report["commits"][0]["request_id"]
    found = {(one["request_id"] == first, one["asset_id"]): one["code"]
             for one in answer.data["conflicts"]}  # fmt: skip
    assert found == {
        (True, lent): "lifecycle.refused", (True, gone): "custody.someone_first",
        (True, ghost): "custody.someone_first", (True, unknown): "asset.not_found",
        (False, lent): "session.after_conflict",
    }  # fmt: skip
    assert [len(one["events"]) for one in answer.data["landed"]] == [1, 0]
    assert shown(register, good) == ("on_loan", "P1", None)
    # The loan of somebody else was not ended by a return that never fitted it.
    assert shown(register, lent) == ("on_loan", "P2", None)
    assert shown(register, ghost) == ("in_use", "U1", "B1")
    (side,) = (one for one in answer.data["conflicts"]
               if one["asset_id"] == lent and one["request_id"] == first)  # fmt: skip
    assert (side["act"], side["to"], side["actor"]) == ("check_out", "P1", "admin")
    assert (side["register_state"], side["register_holder"]) == ("on_loan", "P2")
    assert (side["register_event"], side["register_actor"]) == ("asset.checked_out", "admin")
    # They stay until somebody says that they have been cleared up.
    again = register("scan", "sync", "--json")
    assert (again.code, len(again.data["conflicts"])) == (9, 5)
    assert register.fails(3, "scan", "sync", "--settle", "x")["code"] == "input.invalid"
    second = report["commits"][1]["request_id"]
    settled = register.ok("scan", "sync", "--settle", first, "--settle", second)
    assert settled["conflicts"] == []
    assert register.ok("verify", "--replay")["replayed"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_conflicts_are_words_to_people(desk: Register, tmp_path: Path, lang: str) -> None:
    asset = desk.register()
    lines = ["!checkout", payload(desk, asset), "!to P1", "!commit"]
    talk(desk, lines, "--db", f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()
    waiting = desk("scan", "sync", "--dry-run", lang=lang)
    assert waiting.code == 9
    desk.ok("checkout", asset, "--to", "P2")
    answer = desk("scan", "sync", lang=lang)
    assert answer.code == 9
    for part in ("P1", "P2", {"en": "The register says", "zh": "台账"}[lang]):
        assert part in answer.out


def test_undo_of_what_never_landed_leaves_the_register_alone(
    register: Register, away: tuple[str, str]
) -> None:
    mine, theirs = register.register(), register.register()
    tags = [payload(register, mine), payload(register, theirs)]
    sit(register, ["!checkout", *tags, "!to P1", "!commit", "!undo"], *away, code=9)
    register.ok("checkout", theirs, "--to", "P2")
    answer = register("scan", "sync", "--json")
    assert conflicts(answer.data) == {theirs: "custody.someone_first"}
    assert shown(register, mine) == ("in_store", "U1", "W1")
    assert shown(register, theirs) == ("on_loan", "P2", None)


def test_five_hundred_offline_acts_beside_contradicting_ones(
    register: Register, away: tuple[str, str], tmp_path: Path
) -> None:
    rows = "".join(f"办公桌{row},A05010201,U1,W1,K{row:03}\n" for row in range(500))
    file = tmp_path / "list.csv"
    file.write_text("name,class,owner,place,card_no\n" + rows, encoding="utf-8")
    register.ok("import", "assets", file)
    found = register.ok("find", "--limit", "1000")["items"]
    tags = {one["asset_id"]: one["payload"] for one in found}
    ids = sorted(tags)
    # 50 baskets of 10; the register is changed beside it, a third in each of three ways.
    lines = ["!checkout"]
    for start in range(0, 500, 10):
        lines += [tags[one] for one in ids[start : start + 10]] + ["!to P1", "!commit"]
    report = sit(register, lines, *away, code=9)
    assert report["waiting"] == 50
    lent, moved, lost = ids[0:500:20], ids[5:500:40], ids[13:500:50]
    register.ok("checkout", *lent, "--to", "P2")
    register.ok("move", *moved, "--to", "B1")
    register.ok("missing", *lost)
    contradicted = {*lent, *moved, *lost}
    answer = register("scan", "sync", "--json")
    assert answer.code == 9
    landed = Counter(
        event["subject"][6:] for one in answer.data["landed"] for event in one["events"]
    )
    assert set(landed.values()) == {1}
    assert set(conflicts(answer.data)) == contradicted
    assert set(landed) == set(ids) - contradicted
    store = register.store
    with store.engine.connect() as connection:
        sql = "SELECT count(*) FROM history WHERE kind = 'asset.checked_out'"
        assert connection.exec_driver_sql(sql).scalar() == 500 - len(contradicted) + len(lent)
        sql = "SELECT count(*) FROM asset WHERE holder = 'P1'"
        assert connection.exec_driver_sql(sql).scalar() == 500 - len(contradicted)
    store.close()
    again = register("scan", "sync", "--json").data
    assert (again["landed"], len(again["conflicts"])) == ([], len(contradicted))
    assert register.ok("verify", "--replay")["replayed"]


# --- a journal that was touched ------------------------------------------------------------


def test_a_doctored_journal_is_refused_and_nothing_of_it_lands(
    register: Register, away: tuple[str, str]
) -> None:
    asset = register.register()
    sit(register, ["!checkout", payload(register, asset), "!to P1", "!commit"], *away, code=9)
    path = journal_of(register)
    whole = path.read_bytes()
    lines = whole.split(b"\n")
    doctored = {
        "changed": whole.replace(b'"to":"P1"', b'"to":"P2"'),
        "cut out": b"\n".join(lines[:2] + lines[3:]),
        "reordered": b"\n".join([lines[1], lines[0], *lines[2:]]),
    }
    for content in doctored.values():
        assert content != whole
        path.write_bytes(content)
        error = register.fails(7, "scan", "sync")
        assert error["code"] == "journal.broken"
        assert error["details"]["line"] in range(1, len(lines))
        assert sit(register, [], code=7)["code"] == "journal.broken"
        assert path.read_bytes() == content
    assert shown(register, asset)[1] == "U1"
    path.write_bytes(whole)
    register.ok("scan", "sync")
    assert shown(register, asset)[1] == "P1"


def test_a_power_cut_in_the_last_line_costs_that_line_only(
    register: Register, away: tuple[str, str]
) -> None:
    one, two = register.register(), register.register()
    tags = [payload(register, one), payload(register, two)]
    sit(register, ["!checkout", tags[0], "!to P1", tags[1]], *away, code=9)
    path = journal_of(register)
    path.write_bytes(path.read_bytes()[:-20])
    report = sit(register, ["!commit"], "--resume")
    assert report["torn"]
    assert told(report)[:2] == ["torn", "resumed"]
    assert report["commits"][0]["assets"] == [one]
    assert (shown(register, one)[1], shown(register, two)[1]) == ("P1", "U1")
