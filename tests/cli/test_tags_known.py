"""Blank tags, place tags, staff cards, command tags, alerts: as a clerk and an auditor see them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import qrcode

from assetctl.acts import prints, sightings
from assetctl.cli import clock
from assetctl.domain.chain import instant
from assetctl.domain.commands import COMMANDS
from assetctl.domain.identity import display_id, make_payload
from assetctl.domain.request import Stamp
from assetctl.i18n import LANGUAGES, Language, term, translate
from assetctl.reads.tags import Verdict, judge
from assetctl.store import keys
from tests.cli.test_references import forged
from tests.conftest import Register

EPC, CHIPS = "E2801160600002054E1B1234", ("E280116020000001", "E280116020000002")


def judged(desk: Register, text: str) -> Verdict:
    with closing(desk.store) as store, store.reading() as connection:
        return judge(connection, keys.tag_keys(desk.home / "keys"), text)


def stamp(request_id: str, **more: Any) -> Stamp:
    rec = instant(clock.now())
    plain = Stamp(
        actor="P1", at=rec, rec=rec, request_id=request_id, station="desk",
        new_id=clock.new_event_id, new_salt=clock.new_salt,
    )  # fmt: skip
    return replace(plain, **more)


def note_print(desk: Register, asset: str, reason: str | None = None) -> None:
    with closing(desk.store) as store, store.writing() as tx:
        prints.note_print(
            tx, assets=[asset], template="40x30", printer="tcp://p1", reason=reason,
            stamp=stamp(f"print {reason}"),
        )  # fmt: skip


# --- blank tags ---------------------------------------------------------------------------------


def test_a_batch_of_blanks_is_printed_and_bound(register: Register) -> None:
    made = register.ok("tag", "blank", "--count", "3", "--carrier", "datamatrix")
    assert (made["batch"], made["carrier"]) == (made["tags"][0]["code"], "datamatrix")
    assert [one["display"] for one in made["tags"]] == [
        display_id(one["code"]) for one in made["tags"]
    ]
    first, second, third = (one["payload"] for one in made["tags"])
    assert judged(register, first).tag_state == "blank"
    new = register.ok("register", "--name", "桌", "--class", "A05010201", "--owner", "U1",
                      "--tag", first)  # fmt: skip
    assert new["asset_id"] == made["tags"][0]["code"]
    asset = register.register()
    register.ok("tag", "bind", asset, "--tag", second)
    (shown,) = register.ok("show", second)
    assert {(tag["carrier"], tag["code"]) for tag in shown["tags"]} == {
        ("qr", asset), ("datamatrix", made["tags"][1]["code"])
    }  # fmt: skip
    assert register.fails(6, "tag", "bind", asset, "--tag", second)["code"] == "code.taken"
    assert register.fails(6, "tag", "bind", asset, "--tag", first)["code"] == "code.taken"
    assert judged(register, third).kind == "blank"
    assert register.fails(4, "show", third)["code"] == "asset.not_found"
    register.ok("verify", "--replay")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_scanning_a_blank_says_so(desk: Register, tmp_path: Path, lang: Language) -> None:
    made = desk.ok("tag", "blank", "--count", "1")
    picture = tmp_path / "blank.png"
    qrcode.make(made["tags"][0]["payload"]).save(picture)
    said = desk("scan", "image", picture, lang=lang)
    assert said.code == 0
    assert term("tag_state", "blank", lang) in said.out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_blanks_in_words_and_refusals(desk: Register, lang: Language) -> None:
    said = desk("tag", "blank", "--count", "2", lang=lang)
    assert said.code == 0
    assert translate("{count} blank tags were issued.", lang).format(count=2) in said.out
    assert said.out.count("HTTPS://") == 2
    for more in (("--count", "0"), ("--count", "4001"), ()):
        assert desk("tag", "blank", *more, lang=lang).code == 2
    assert desk("tag", "blank", "--count", "1", "--carrier", "uhf", lang=lang).code == 3


def test_a_dry_run_issues_nothing(desk: Register) -> None:
    made = desk.ok("tag", "blank", "--count", "1", "--dry-run")
    assert judged(desk, made["tags"][0]["payload"]).verdict == "unknown"


# --- place tags and staff cards -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind", "code", "name"),
    [(("place", "tag", "W1"), "place", "W1", "一号公物仓"),
     (("party", "card", "P1"), "staff", "P1", "测试甲")],
)  # fmt: skip
def test_a_badge_from_first_issue_to_void(
    register: Register, line: tuple[str, ...], kind: str, code: str, name: str
) -> None:
    made = register.ok(*line)
    assert (made["code"], made["name"], made["issue"]) == (code, name, 1)
    assert judged(register, made["payload"]) == Verdict(
        verdict="genuine", kind=kind, code=code, issue=1, tag_state="bound"
    )
    again = register.ok(*line)
    assert (again["payload"], again["events"]) == (made["payload"], [])
    anew = register.ok(*line, "--replace", "--note", "磨损")
    assert (anew["tag"], anew["issue"]) == (made["tag"], 2)
    assert judged(register, made["payload"]).tag_state == "replaced"
    assert judged(register, forged(anew["payload"])).verdict == "forged"
    void = register.ok(*line, "--void")
    assert (void["tag"], void["payload"]) == (None, None)
    assert judged(register, anew["payload"]).tag_state == "void"
    assert register.fails(4, *line, "--void")["code"] == "badge.not_found"
    assert register.fails(3, *line, "--void", "--replace")["code"] == "input.invalid"
    register.ok("verify", "--replay")


def test_badges_of_nobody_and_nowhere(desk: Register) -> None:
    assert desk.fails(4, "place", "tag", "X")["code"] == "place.not_found"
    assert desk.fails(4, "party", "card", "X")["code"] == "party.not_found"
    for code in ("U1", "V1"):
        assert desk.fails(5, "party", "card", code)["code"] == "party.wrong_kind"
    card = desk.ok("party", "card", "P1")
    assert desk.fails(3, "tag", "bind", desk.register(), "--tag", card["payload"])
    assert desk.fails(6, "tag", "bind", desk.register(), "--tag", card["tag"])
    assert desk.fails(4, "show", card["payload"])["code"] == "asset.not_found"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_badges_in_words(desk: Register, lang: Language) -> None:
    for line, kind, name in (
        (("place", "tag", "W1"), "place.tag_issued", "一号公物仓"),
        (("party", "card", "P1"), "party.card_issued", "测试甲"),
    ):
        said = desk(*line, lang=lang)
        assert said.code == 0
        assert term("event", kind, lang) in said.out
        assert name in said.out
        assert "HTTPS://" in said.out
        void = desk(*line, "--void", lang=lang)
        assert term("event", kind.replace("issued", "voided"), lang) in void.out
        refused = desk(*line, "--void", lang=lang)
        told = translate("{holder} has no tag or card that counts.", lang)
        assert told.format(holder=line[2]) in refused.err


# --- command tags and verdicts --------------------------------------------------------------------


def test_every_command_tag_is_genuine(desk: Register) -> None:
    made = desk.ok("tag", "commands")
    assert [one["name"] for one in made] == [one.name for one in COMMANDS]
    for one in made:
        assert judged(desk, one["payload"]) == Verdict(
            verdict="genuine", kind="command", code=one["name"], issue=1, tag_state="bound"
        )
        assert judged(desk, forged(one["payload"])).verdict == "forged"
        bare = judged(desk, one["code"])
        assert (bare.verdict, bare.kind, bare.code) == ("unknown", "command", one["name"])
    for lang in LANGUAGES:
        said = desk("tag", "commands", lang=lang)
        assert term("command", "quantity.100", lang) in said.out


def test_verdicts_are_told_apart(desk: Register) -> None:
    asset = desk.register()
    payload = str(desk.ok("show", asset)[0]["payload"])
    head, tail = payload.rsplit(".", 1)
    damaged = payload.replace(asset, asset[1] + asset[0] + asset[2:])
    swapped = asset[:9] + ("0" if asset[9] != "0" else "1")
    place = desk.ok("place", "tag", "W1")["payload"]
    cases = {
        payload: ("genuine", "asset", "bound", None),
        forged(payload): ("forged", "asset", None, "payload.forged"),
        f"{head}.{tail[0]}2{tail[2:]}": ("altered", "asset", None, "payload.altered"),
        payload.replace("/A/", "/S/"): ("altered", "staff", None, "payload.altered"),
        payload.replace(asset, swapped): ("altered", "asset", None, "identity.invalid"),
        f"{head}.9{tail[1:]}": ("unknown", "asset", None, "payload.key_missing"),
        asset: ("unknown", "asset", None, "payload.unsigned"),
        place: ("genuine", "place", "bound", None),
        place.rsplit("/", 1)[1]: ("genuine", "place", "bound", None),
        "https://example.com/": ("foreign", None, None, "payload.foreign"),
        "(8004)ABC": ("unknown", "asset", None, "asset.not_found"),
    }  # fmt: skip
    if asset[0] != asset[1]:
        cases[damaged] = ("altered", "asset", None, "identity.invalid")
    for text, expected in cases.items():
        found = judged(desk, text)
        assert (found.verdict, found.kind, found.tag_state, found.reason) == expected, text
        assert found.counts == (expected[0] == "genuine")


def test_signed_ids_that_nothing_has_are_unknown(desk: Register) -> None:
    held = keys.tag_keys(desk.home / "keys")
    for letter, kind, reason in (
        ("A", "asset", "asset.not_found"), ("P", "place", "place.not_found"),
        ("S", "staff", "party.not_found"), ("C", "command", "tag.not_found"),
        ("B", "box", "tag.not_found"),
    ):  # fmt: skip
        text = make_payload(
            held, key="0", asset=clock.new_asset_id(), issue=1, host="x.cn", tag_class=letter
        )
        found = judged(desk, text)
        assert (found.verdict, found.kind, found.reason) == ("unknown", kind, reason)


# --- history and alerts -----------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tags_of_an_asset_with_their_prints(desk: Register, lang: Language) -> None:
    asset = desk.register()
    note_print(desk, asset)
    note_print(desk, asset, "卡纸")
    desk.ok("tag", "replace", asset)
    desk.ok("tag", "bind", asset, "--epc", EPC, "--tid", CHIPS[0])
    desk.ok("tag", "void", asset, "--carrier", "uhf")
    lives = desk.ok("tag", "history", asset)
    assert [(one["carrier"], one["issue"], one["state"]) for one in lives] == [
        ("qr", 1, "replaced"), ("qr", 2, "bound"), ("uhf", 1, "void")
    ]  # fmt: skip
    assert [one["by"] for one in lives[0]["prints"]] == ["P1", "P1"]
    assert [one["reason"] for one in lives[0]["prints"]] == [None, "卡纸"]
    assert (lives[0]["bound_by"], lives[0]["ended_by"]) == ("admin", "admin")
    assert lives[2]["ended_at"] > lives[2]["bound_at"]
    said = desk("tag", "history", asset, lang=lang)
    assert said.code == 0
    for word in (term("tag_state", "void", lang), "40x30", EPC, translate("Prints", lang)):
        assert word in said.out.replace("\n", ""), word
    traced = desk("trace", asset, lang=lang)
    assert term("event", "asset.label_printed", lang) in traced.out
    assert desk.fails(4, "tag", "history", "X")["code"] == "asset.not_found"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_second_chip_is_refused_and_stays_known(register: Register, lang: Language) -> None:
    asset, other = register.register(), register.register()
    register.ok("tag", "bind", asset, "--epc", EPC, "--tid", CHIPS[0])
    line = ("tag", "bind", other, "--epc", EPC, "--tid", CHIPS[1])
    refused = register.fails(5, *line)
    assert (refused["code"], refused["details"]["bound_tid"]) == ("tag.two_tids", CHIPS[0])
    assert register(*line, lang=lang).code == 5
    answer = register("tag", "alerts", "--json")
    assert answer.code == 9, "done, with something to look at"
    (alert,) = answer.data
    assert (alert["asset_id"], alert["alert"]) == (asset, "two_tids")
    assert alert["other"] == " / ".join(CHIPS)
    assert register.ok("trace", asset)[-1]["kind"] == "asset.tag_alerted"
    assert len(register.ok("trace", other)) == 1
    said = register("trace", asset, lang=lang)
    assert term("event", "asset.tag_alerted", lang) in said.out
    register.ok("verify", "--replay")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_alerts_for_an_auditor(desk: Register, lang: Language) -> None:
    none = desk("tag", "alerts", lang=lang)
    assert (none.code, none.out) == (0, "")
    assert translate("Nothing was found.", lang) in none.err
    asset, other = desk.register(), desk.register()
    for number, (place, station) in enumerate((("W1", "S1"), ("B1", "S2"))):
        seen = sightings.Sighted(asset_id=asset, code=asset, issue=1, place=place)
        with closing(desk.store) as store, store.writing() as tx:
            sightings.sighting(tx, seen=seen, stamp=stamp(f"s{number}", station=station))
    said = desk("tag", "alerts", lang=lang)
    assert said.code == 9
    assert term("alert", "two_places", lang) in said.out.replace("\n", "")
    assert "B1 / W1" in said.out
    assert desk("tag", "alerts", asset).code == 9
    assert desk("tag", "alerts", other).code == 0
