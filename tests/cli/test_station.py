"""A clerk's session from end to end: cards and tags in, commits, receipts and undo out."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assetctl import config
from assetctl.cli import basket
from assetctl.cli.context import Context, Flags
from assetctl.cli.desk import run
from assetctl.cli.moments import Arrived, Moment, Report, Start
from assetctl.cli.output import Words
from assetctl.domain.epc.numbering import Numbering, number_of
from assetctl.domain.session import Mode
from assetctl.i18n import LANGUAGES, Language
from tests.cli.test_references import forged
from tests.conftest import Answer, Register


def payload(register: Register, asset: str) -> str:
    return str(register.ok("show", asset)[0]["payload"])


def sit(register: Register, lines: Sequence[str], *more: str | Path, code: int = 0) -> Any:
    """Hold a session over these lines; return its JSON payload."""
    answer = talk(register, lines, *more, "--json")
    assert answer.code == code, f"exit {answer.code}\n{answer.out}{answer.err}"
    return answer.data if code in (0, 9) else answer.error


def talk(register: Register, lines: Sequence[str], *more: str | Path, lang: str = "en") -> Answer:
    file = register.home.parent / "lines.txt"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return register("scan", "session", "--from", file, *more, lang=lang)


def told(report: Any) -> list[str]:
    return [one["code"] for one in report["told"]]


def shown(register: Register, asset: str) -> tuple[str, str, str | None]:
    one = register.ok("show", asset)[0]
    return one["state"], one["holder"], one["place"]


# --- the day's work ------------------------------------------------------------------------


def test_a_day_at_the_desk(register: Register) -> None:
    one, two, three = (register.register(name) for name in ("甲机", "乙机", "丙机"))
    tags = [payload(register, asset) for asset in (one, two, three)]
    report = sit(
        register,
        ["!checkout", tags[0], tags[1], tags[2], tags[2], "P1", "!commit",
         "!checkin", "!condition.poor", tags[0], "W1-Z1", "!commit",
         "!move", "B1-101", tags[2], "!commit"],
    )  # fmt: skip
    assert told(report) == [
        "mode", "added", "added", "added", "removed", "borrower", "landed",
        "mode", "condition", "added", "place", "landed",
        "mode", "place", "added", "landed",
    ]  # fmt: skip
    first, second, third = report["commits"]
    assert (first["act"], first["to"], first["assets"]) == ("check_out", "P1", [one, two])
    assert {event["request_id"] for event in first["events"]} == {first["request_id"]}
    assert (second["act"], second["assets"]) == ("check_in", [one])
    assert (third["act"], third["assets"]) == ("move", [three])
    assert shown(register, one) == ("in_store", "U1", "W1-Z1")
    assert register.ok("show", one)[0]["condition"] == "poor"
    assert shown(register, two) == ("on_loan", "P1", None)
    assert shown(register, three) == ("in_use", "U1", "B1-101")
    assert register.ok("verify", "--replay")["replayed"]


def test_one_basket_is_one_transaction_and_who_was_first_is_marked(register: Register) -> None:
    one, two = register.register(), register.register()
    lines = ["!checkout", payload(register, one), payload(register, two), "P1"]
    sit(register, lines, code=9)
    register.ok("checkout", two, "--to", "P2")
    report = sit(register, ["!commit", payload(register, two), "!commit"], "--resume", code=9)
    refused, landed = report["commits"]
    assert (refused["outcome"], refused["error"]["code"]) == ("refused", "custody.someone_first")
    assert told(report) == ["resumed", "refused", "removed", "landed"]
    assert (landed["outcome"], landed["assets"]) == ("landed", [one])
    assert refused["request_id"] == landed["request_id"]
    assert shown(register, one)[1] == "P1"
    assert shown(register, two)[1] == "P2"


def test_several_conditions_are_one_commit(register: Register) -> None:
    assets = [register.register() for _ in range(4)]
    register.ok("checkout", *assets, "--to", "P1")
    lines = ["!checkin"]
    for asset, grade in zip(assets, ("good", "", "broken", "good"), strict=True):
        lines += [f"!condition.{grade}"] if grade else []
        lines.append(payload(register, asset))
    (done,) = sit(register, [*lines, "!commit"])["commits"]
    assert len(done["events"]) == 4
    found = [register.ok("show", asset)[0]["condition"] for asset in assets]
    assert found == ["good", None, "broken", "good"]
    assert all(shown(register, asset) == ("in_store", "U1", "W1") for asset in assets)


def test_what_is_refused_stays_visible_and_is_left_out_of_the_commit(desk: Register) -> None:
    here, lent, old = desk.register(), desk.register(), desk.register()
    desk.ok("checkout", lent, "--to", "P2")
    replaced = payload(desk, old)
    desk.ok("tag", "replace", old)
    fake = forged(payload(desk, here))
    report = sit(
        desk,
        ["!checkout", "P1", payload(desk, here), payload(desk, lent), replaced, fake,
         "6901234567890", "!commit"],
        code=9,
    )  # fmt: skip
    reasons = [(one["subject"], one["reason"]) for one in report["told"] if one["reason"]]
    assert (lent, "lifecycle.refused") in reasons
    assert (old, "tag.replaced") in reasons
    assert ("6901234567890", "payload.foreign") in reasons
    assert "payload.forged" in [reason for _, reason in reasons]
    (allowed,) = (one["allowed"] for one in report["told"] if one["subject"] == lent)
    assert "check_in" in allowed
    assert "check_out" not in allowed
    (done,) = report["commits"]
    assert done["assets"] == [here]
    assert {one["asset_id"]: one["reason"] for one in done["left_out"]} == {
        lent: "lifecycle.refused", old: "tag.replaced",
    }  # fmt: skip
    assert shown(desk, lent)[1] == "P2"


def test_ids_typed_by_hand_count_only_when_that_was_said(desk: Register) -> None:
    asset = desk.register(**{"card-no": "K-001"})
    lines = ["!checkout", "!to P1", asset, "K-001", "!commit"]
    report = sit(desk, lines, code=9)
    assert [one["reason"] for one in report["told"]] == [
        None, None, "payload.unsigned", "payload.foreign", "session.empty",
    ]  # fmt: skip
    assert shown(desk, asset)[1] == "U1"
    report = sit(desk, ["!checkout", "!to P1", asset, "!commit"], "--unsigned", "--discard")
    assert shown(desk, asset)[1] == "P1"
    report = sit(desk, ["!checkin", "K-001", "!commit"], "--unsigned")
    assert told(report)[-1] == "landed"


def test_options_begin_the_first_basket_and_nobody_is_borrower_of_the_second(
    desk: Register,
) -> None:
    one, two = desk.register(), desk.register()
    report = sit(
        desk, [payload(desk, one), "!commit", payload(desk, two), "!commit"],
        "--mode", "checkout", "--to", "P1", "--due", "2099-01-31", "--doc", "借1号", code=9,
    )  # fmt: skip
    assert desk.ok("show", one)[0]["due"] == "2099-01-31"
    assert desk.ok("trace", one)[-1]["doc"] == "借1号"
    assert report["told"][-1]["reason"] == "session.needs_borrower"
    assert shown(desk, two)[1] == "U1"


# --- undo ----------------------------------------------------------------------------------


def test_undo_takes_a_loan_back_to_where_the_things_were(register: Register) -> None:
    near, far = register.register(), register.register(place="B1-101")
    lines = ["!checkout", "P1", payload(register, near), payload(register, far), "!commit", "!undo"]
    report = sit(register, lines)
    loan, back = report["commits"]
    assert (back["act"], back["of"], back["outcome"]) == ("undo", loan["request_id"], "landed")
    assert shown(register, near) == ("in_store", "U1", "W1")
    assert shown(register, far) == ("in_use", "U1", "B1-101")
    kinds = [entry["kind"] for entry in register.ok("trace", near)]
    assert kinds[-2:] == ["asset.checked_out", "asset.checked_in"]
    again = sit(register, ["!undo"])
    assert again["told"][-1]["reason"] == "session.cannot_undo"


def test_undo_moves_each_thing_back_to_its_own_place(register: Register) -> None:
    near, far = register.register(), register.register(place="W1-Z1")
    lines = ["!move", "B1-101", payload(register, near), payload(register, far), "!commit", "!undo"]
    assert told(sit(register, lines))[-2:] == ["landed", "landed"]
    assert shown(register, near) == ("in_store", "U1", "W1")
    assert shown(register, far) == ("in_store", "U1", "W1-Z1")


def test_undo_says_why_not(desk: Register) -> None:
    lent, nowhere = desk.register(), desk.register()
    desk.ok("checkout", lent, nowhere, "--to", "P1")
    back = talk(desk, ["!checkin", payload(desk, lent), "!commit", "!undo"])
    assert "no longer on loan" in back.err
    where = talk(desk, ["!move", "W1-Z1", payload(desk, nowhere), "!commit", "!undo"])
    assert "where the things were before is not known" in where.err
    assert shown(desk, nowhere)[2] == "W1-Z1"


def test_undo_is_refused_when_somebody_has_acted_since(desk: Register) -> None:
    asset = desk.register()
    seen: list[str] = []

    def lines() -> Any:
        yield from ("!move", "W1-Z1", payload(desk, asset), "!commit")
        desk.ok("move", asset, "--to", "B1")
        yield "!undo"

    report = _run(desk, lines(), Start(), tell=lambda one: seen.append(one.told.code))
    assert seen[-2:] == ["landed", "refused"]
    assert report.done[-1].error is not None
    assert report.done[-1].error.code == "custody.someone_first"
    assert shown(desk, asset)[2] == "B1"


# --- sources -------------------------------------------------------------------------------


def _run(desk: Register, lines: Iterable[str | Arrived], start: Start, **more: Any) -> Report:
    given = {"home": str(desk.home), "db": desk.url, "operator": "admin", "lang": "en"}
    with closing(Context(config.load(given), Flags(json=True))) as world:
        return run(world, lines, start=start, **more)


def test_a_source_that_sees_the_same_thing_many_times_and_tells_arrivals_apart(
    desk: Register,
) -> None:
    asset = desk.register()
    tag = payload(desk, asset)
    texts: list[str | Arrived] = ["!to P1"]
    texts += [Arrived(tag, 1)] * 30
    texts += [Arrived("!commit", 2)] * 30
    texts += [Arrived("!undo", 3)] * 30
    moments: list[Moment] = []
    start = Start(mode=Mode.CHECKOUT)
    report = _run(desk, texts, start, tell=moments.append)
    assert [done.outcome for done in report.done] == ["landed", "landed"]
    codes = [moment.told.code for moment in moments]
    assert (codes.count("added"), codes.count("removed"), codes.count("repeat")) == (1, 0, 87)
    full = [moment for moment in moments if moment.told.code == "added"]
    assert list(full[0].session.items) == [asset]
    assert not full[0].offline
    assert shown(desk, asset) == ("in_store", "U1", "W1")


def test_standard_input_is_the_source_unless_another_is_named(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = desk.register()
    text = f"!checkout\r\nP1\r\n{payload(desk, asset).lower()}\r\n\r\n!commit".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    report = desk.ok("scan", "session")
    assert told(report) == ["mode", "borrower", "added", "landed"]
    assert shown(desk, asset)[1] == "P1"
    assert desk.fails(4, "scan", "session", "--from", "nowhere.txt")["code"] == "file.not_found"
    assert desk.fails(3, "scan", "session", "--mode", "lend")["code"] == "input.invalid"
    assert desk.fails(3, "scan", "session", "--dry-run")["code"] == "input.invalid"


def test_hostile_lines_are_refused_and_nothing_breaks(desk: Register) -> None:
    asset = desk.register()
    file = desk.home.parent / "hostile"
    tag = payload(desk, asset)
    file.write_bytes(
        b"\xff\xfe\x00\x01\n" + b"A" * 100_000 + b"\n\x1b[2Jboo\n" + b"!" * 5000 + b"\n!\n!to\n"
        b"!to NOBODY\n!place ../..\n!condition.\n'; DROP TABLE asset; --\n\xe2\x80\xae\n"
        + f"!checkout\n!to P1\n{tag[:-1]}\n{tag}x\n{tag}\n!commit\n".encode()
    )
    answer = desk("scan", "session", "--from", file)
    assert "\x1b" not in answer.err + answer.out
    assert answer.code == 9, answer.err
    assert "AAAA" not in answer.err
    assert shown(desk, asset)[1] == "P1"
    assert desk.ok("verify", "--replay")["replayed"]


# --- words and paper -----------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_receipt_is_shown_and_kept_as_text(desk: Register, tmp_path: Path, lang: str) -> None:
    asset, lent = desk.register("测试电脑"), desk.register()
    desk.ok("checkout", lent, "--to", "P2")
    paper = tmp_path / "receipts.txt"
    lines = ["!checkout", "P1", payload(desk, asset), payload(desk, lent), "!commit", "!undo"]
    answer = talk(desk, lines, "--receipt", paper, lang=lang)
    assert answer.code == 9
    text = paper.read_text(encoding="utf-8")
    for part in ("测试电脑", f"{asset[:4]}-{asset[4:8]}-{asset[8:]}", "P1", "admin @desk"):
        assert part in text
        assert part in answer.out
    signature, undo = {"en": ("Signature", "Undo"), "zh": ("签字", "撤销")}[lang]
    assert text.count(signature) == 2
    assert undo in text
    assert {"en": "its state does not allow that", "zh": "当前状态不允许"}[lang] in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_basket_left_open_is_shown_and_offered_again(desk: Register, lang: str) -> None:
    asset = desk.register("测试电脑")
    answer = talk(desk, ["!checkout", payload(desk, asset)], lang=lang)
    assert (answer.code, "测试电脑" in answer.out) == (9, True)
    assert "--resume" in answer.err
    assert sit(desk, [], code=6)["code"] == "session.open"
    report = sit(desk, ["P1", "!commit"], "--resume")
    assert told(report) == ["resumed", "borrower", "landed"]
    assert shown(desk, asset)[1] == "P1"
    sit(desk, ["!checkin", payload(desk, asset)], code=9)
    assert sit(desk, [], "--discard")["basket"] == []
    assert sit(desk, [])["basket"] == []
    assert shown(desk, asset)[1] == "P1"


def test_two_sessions_of_one_station_are_refused_and_of_two_are_not(desk: Register) -> None:
    asset = desk.register()
    tag = payload(desk, asset)
    inner: list[Any] = []

    def lines() -> Any:
        yield "!checkout"
        inner.append(desk.fails(8, "scan", "session", "--from", "/dev/null")["code"])
        inner.append(desk.ok("scan", "session", "--from", "/dev/null", "--station", "门口")["told"])
        yield from (tag, "P1", "!commit")

    report = _run(desk, lines(), Start())
    assert inner == ["station.busy", []]
    assert report.done[0].outcome == "landed"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_a_session_gives_has_words(lang: Language) -> None:
    words = Words(language=lang, timezone="Asia/Shanghai")
    root = Path(basket.__file__).parents[1]
    sources = ("domain/session.py", "domain/session_steps.py", "reads/sighting.py",
               "reads/tags.py", "acts/landing.py", "cli/desk.py")  # fmt: skip
    text = "".join((root / one).read_text(encoding="utf-8") for one in sources)
    codes = set(re.findall(r'"((?:session|tag|payload|custody|lifecycle|asset)\.[a-z_]+)"', text))
    codes |= {"session.no_box_here", "session.no_blank_here", "session.cannot_undo"}
    codes |= {"photo.missing", "photo.altered"}
    assert len(codes) > 24
    for code in codes:
        assert code not in basket.reason_word(code, words)
    assert "other.code" in basket.reason_word("other.code", words)


def test_every_code_that_is_told_has_a_sentence() -> None:
    root = Path(basket.__file__).parents[1]
    text = "".join(
        (root / one).read_text(encoding="utf-8")
        for one in ("domain/session_steps.py", "cli/desk.py")
    )
    told = set(re.findall(r'(?:_told\(|[Tt]old\(code=|told, code=|outcome=)"([a-z]+)"', text))
    told |= {"counted"}  # said in place of "graded"
    assert told - {"commit", "undo"} <= set(basket.SAID)
    assert {"added", "removed", "landed", "queued", "refused", "offline", "conflict"} <= told
    assert {"quantity", "dropped", "photo", "lost", "astray", "miscounted"} <= told


def test_a_radio_number_under_the_prefix_of_the_office_is_known_at_the_desk(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = desk.register()
    epc = number_of(asset, Numbering(prefix="9521141")).epc
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "9521141")
    report = sit(desk, ["!checkout", "!to P1", epc, "!commit"], "--unsigned")
    assert report["commits"][0]["assets"] == [asset]
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "9521142")
    report = sit(desk, ["!checkin", epc, "!cancel"], "--unsigned")
    assert report["told"][1]["reason"] == "asset.not_found"
