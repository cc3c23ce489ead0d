"""Keys of operators and stations on the command line: made, used, required, revoked, found."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.store.tables import history
from tests.cli.test_station import payload, sit
from tests.conftest import Answer, Register

LATER = "2099-01-01"


def entries(register: Register, subject: str) -> list[dict[str, Any]]:
    store = register.store
    wanted = sa.select(history.c.entry).where(history.c.subject == subject)
    with store.reading() as connection:
        rows = connection.execute(wanted.order_by(history.c.seq)).scalars()
        found = [json.loads(bytes(entry)) for entry in rows]
    store.close()
    return found


def who_signed(register: Register, asset: str) -> list[str | None]:
    return [entry.get("by") for entry in entries(register, f"asset:{asset}")]


def key_of(register: Register, operator: str = "admin") -> str:
    return str(register.ok("key", "make", "operator", operator)["code"])


# --- making --------------------------------------------------------------------------------


def test_a_key_lies_in_the_directory_of_its_operator_and_only_he_can_read_it(
    register: Register,
) -> None:
    made = register.ok("key", "make", "operator", "admin")
    path = Path(made["file"])
    assert path == register.home / "operators" / "admin" / made["code"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    public = path.with_name(f"{path.name}.pub").read_text().strip()
    (entry,) = entries(register, f"key:{made['code']}")
    assert entry["data"] == {
        "algorithm": "ed25519", "party": "admin", "public": public, "purpose": "operator",
    }  # fmt: skip
    assert path.read_text().strip() not in json.dumps(entry)


def test_acts_are_signed_from_then_on(register: Register) -> None:
    before = register.register()
    code = key_of(register)
    after = register.register()
    register.ok("move", before, "--to", "B1")
    assert who_signed(register, before) == [None, code]
    assert who_signed(register, after) == [code]
    assert register.ok("verify", "--replay")["signed"] == 2


def test_a_list_made_ready_by_a_second_process_is_signed(register: Register) -> None:
    code = key_of(register)
    path = register.home / "list.csv"
    rows = "".join(f"书架{n},A05010201,U1,W1\n" for n in range(2100))
    path.write_text("名称,分类代码,权属单位,存放地点\n" + rows, "utf-8")
    register.ok("import", "assets", path)
    found = register.ok("verify")
    assert found["signed"] == 2100
    assert found["findings"] == []
    assert code in {key["code"] for key in register.ok("key", "list")["keys"]}


def test_a_station_signs_where_the_operator_has_no_key(register: Register) -> None:
    made = register.ok("key", "make", "station", "gate")
    assert Path(made["file"]).parent == register.home / "stations" / "gate"
    here = register.register()
    there = register("register", "--name", "柜", "--class", "A05010201", "--owner", "U1", "--place",
                     "W1", "--station", "gate", "--json").data["asset_id"]  # fmt: skip
    assert who_signed(register, here) == [None]
    assert who_signed(register, there) == [made["code"]]
    own = key_of(register)
    register.ok("move", there, "--to", "B1", "--station", "gate")
    assert who_signed(register, there) == [made["code"], own]
    register.ok("verify")


def test_a_name_that_is_no_file_name_gets_a_directory_all_the_same(register: Register) -> None:
    register.ok("party", "add", "../甲", "--name", "测试丙", "--kind", "person")
    made = register.ok("key", "make", "operator", "../甲")
    assert Path(made["file"]).parent.parent == register.home / "operators"
    asset = register.register()
    register.ok("move", asset, "--to", "B1", "--as", "../甲")
    assert who_signed(register, asset) == [None, made["code"]]


def test_a_key_is_carried_about_on_a_stick(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    made = register.ok("key", "make", "operator", "admin", "--into", stick)
    assert not (register.home / "operators").exists()
    asset = register.register()
    for place in (stick, Path(made["file"])):
        monkeypatch.setenv("ASSETCTL_OPERATOR_KEY", str(place))
        register.ok("move", asset, "--to", "B1" if place == stick else "W1")
    assert who_signed(register, asset) == [None, made["code"], made["code"]]
    # The setting is about this operator; whoever else acts here has a directory of his own.
    register.ok("move", asset, "--to", "B1", "--as", "P1")
    assert who_signed(register, asset)[-1] is None
    stick.rename(tmp_path / "pocket")
    error = register.fails(8, "move", asset, "--to", "W1")
    assert error["code"] == "key.missing"
    assert len(who_signed(register, asset)) == 4


def test_a_key_is_made_where_the_setting_says(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETCTL_OPERATOR_KEY", str(tmp_path / "new" / "keys"))
    first = register.ok("key", "make", "operator", "admin")
    assert Path(first["file"]).parent == tmp_path / "new" / "keys"
    monkeypatch.setenv("ASSETCTL_OPERATOR_KEY", first["file"])
    second = register.ok("key", "make", "operator", "admin")
    assert Path(second["file"]).parent == tmp_path / "new" / "keys"
    # The second one was asked for with the first, which is how one follows the other.
    assert entries(register, f"key:{second['code']}")[0]["by"] == first["code"]


def test_the_newest_of_several_keys_signs(register: Register) -> None:
    codes = [key_of(register) for _ in range(3)]
    asset = register.register()
    assert who_signed(register, asset) == [codes[-1]]
    register.ok("key", "revoke", codes[-1], "--from", "2026-01-01", "--doc", "x")
    register.ok("move", asset, "--to", "B1")
    assert who_signed(register, asset) == [codes[-1], codes[1]]


def test_a_dry_run_makes_nothing(register: Register) -> None:
    made = register.ok("key", "make", "operator", "admin", "--dry-run")
    assert not Path(made["file"]).exists()
    assert not (register.home / "operators").exists()
    assert entries(register, f"key:{made['code']}") == []


def test_the_same_request_twice_makes_one_key(register: Register) -> None:
    line = ("key", "make", "operator", "admin", "--request-id", "k1")
    first, second = register.ok(*line), register.ok(*line)
    assert (first["code"], second["repeated"]) == (second["code"], True)
    files = sorted(path.name for path in (register.home / "operators" / "admin").iterdir())
    assert files == [first["code"], f"{first['code']}.pub"]


@pytest.mark.parametrize(
    ("line", "code", "name"),
    [
        (("make", "robot", "admin"), 3, "input.invalid"),
        (("make", "operator", "P9"), 4, "party.not_found"),
        (("make", "operator", "U1"), 5, "party.wrong_kind"),
        (("make", "station", "two words"), 3, "input.invalid"),
        (("revoke", "op-0000000000", "--from", "2026-01-01", "--doc", "x"), 4, "key.not_found"),
        (("revoke", "log", "--from", "2026-01-01", "--doc", "x"), 3, "input.invalid"),
        (("revoke", "log", "--from", "yesterday", "--doc", "x"), 3, "input.invalid"),
        (("revoke", "{key}", "--from", LATER, "--doc", "x"), 3, "input.invalid"),
        (("revoke", "{key}", "--from", "2026-01-01", "--doc", ""), 5,
         "lifecycle.document_required"),
        (("revoke", "{key}", "--from", "2026-01-01", "--doc", "x", "--reason", "whim"), 3,
         "input.invalid"),
        (("require",), 3, "input.invalid"),
        (("require", "administrator", "--all"), 3, "input.invalid"),
        (("require", "king"), 3, "input.invalid"),
        (("require", "--all", "--since", "2020-01-01"), 3, "input.invalid"),
        (("require", "--all", "--lift"), 3, "input.invalid"),
    ],
)  # fmt: skip
def test_wishes_that_make_no_sense_change_nothing(
    desk: Register, line: tuple[str, ...], code: int, name: str
) -> None:
    key = key_of(desk)
    before = desk.ok("verify")["entries"]
    wish = ["key", *(word.format(key=key) for word in line)]
    assert desk.fails(code, *wish)["code"] == name
    for lang in ("zh", "en"):
        said = desk(*wish, lang=lang)
        assert said.code == code
        assert said.err.strip()
    assert desk.ok("verify")["entries"] == before


def test_a_key_that_cannot_be_written_is_not_noted(desk: Register, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    before = desk.ok("verify")["entries"]
    error = desk.fails(8, "key", "make", "operator", "admin", "--into", tmp_path / "file")
    assert error["code"] == "key.unwritable"
    assert desk.ok("verify")["entries"] == before


def test_a_ruined_key_is_an_error_and_not_an_unsigned_act(desk: Register) -> None:
    made = desk.ok("key", "make", "operator", "admin")
    Path(made["file"]).write_text("not hex")
    before = desk.ok("verify")["entries"]
    error = desk.fails(8, "register", "--name", "x", "--class", "A05010201", "--owner", "U1")
    assert error["code"] == "key.missing"
    assert desk.ok("verify")["entries"] == before


# --- requiring -----------------------------------------------------------------------------


def test_who_must_sign_and_has_no_key_can_record_nothing(register: Register) -> None:
    asset = register.register()
    required = register.ok("key", "require", "--all")
    assert {"P1", "P2", "admin"} <= set(required["without_key"])
    for line in (
        ("move", asset, "--to", "B1"), ("checkout", asset, "--to", "P1", "--due", LATER),
        ("party", "add", "P3", "--name", "x", "--kind", "person"), ("key", "rotate", "log"),
        ("register", "--name", "x", "--class", "A05010201", "--owner", "U1"),
        ("key", "require", "--all", "--lift"), ("tag", "replace", asset),
    ):  # fmt: skip
        error = register.fails(5, *line)
        assert error["code"] == "signature.required", line
        assert error["details"]["operator"] == "admin"
    path = register.home / "list.csv"
    path.write_text("名称,分类代码,权属单位\n" + "书架,A05010201,U1\n" * 2100, "utf-8")
    assert register.fails(5, "import", "assets", path)["code"] == "signature.required"
    assert len(who_signed(register, asset)) == 1
    code = key_of(register)  # nobody is locked out of getting one
    register.ok("move", asset, "--to", "B1")
    assert who_signed(register, asset) == [None, code]
    answer = register("verify", "--json")
    assert answer.code == 9
    (found,) = answer.data["findings"]
    assert (found["code"], found["subject"]) == ("signature.missing", f"key:{code}")


def test_a_rule_for_a_role_leaves_others_alone(register: Register) -> None:
    asset = register.register()
    register.ok("key", "require", "administrator")
    register.ok("move", asset, "--to", "B1", "--as", "P1")
    assert register.fails(5, "move", asset, "--to", "W1")["code"] == "signature.required"
    rules = register.ok("key", "list")["rules"]
    assert [rule["role"] for rule in rules] == ["administrator"]


def test_a_station_cannot_sign_for_who_must_sign(register: Register) -> None:
    asset = register.register()
    register.ok("key", "make", "station", "desk")
    register.ok("move", asset, "--to", "B1")
    register.ok("key", "require", "administrator")
    assert register.fails(5, "move", asset, "--to", "W1")["code"] == "signature.required"


def test_a_rule_that_lies_ahead_binds_nobody_yet(register: Register) -> None:
    asset = register.register()
    register.ok("key", "require", "--all", "--since", LATER, "--doc", "规〔1〕号")
    register.ok("move", asset, "--to", "B1")
    (entry,) = entries(register, "role:*")
    assert entry["data"]["doc"] == "规〔1〕号"
    assert entry["data"]["since"].startswith("2098-12-31T16:00")
    register.ok("key", "require", "--all", "--lift")
    assert register.ok("key", "list")["rules"] == []
    register.ok("verify", "--replay")


def test_backdating_does_not_get_round_a_rule(register: Register) -> None:
    asset = register.register()
    register.ok("key", "require", "--all")
    error = register.fails(5, "move", asset, "--to", "B1", "--at", "2026-01-01 08:00")
    assert error["code"] == "signature.required"


def test_a_repeated_request_gets_its_receipt_without_a_key(register: Register) -> None:
    asset = register.register()
    line = ("move", asset, "--to", "B1", "--request-id", "r1")
    register.ok(*line)
    register.ok("key", "require", "--all")
    assert register.ok(*line)["repeated"] is True
    assert register.ok("init")["created"] is False  # it writes nothing, and so needs no key


# --- revoking ------------------------------------------------------------------------------


def test_a_revoked_key_signs_no_more_and_says_so(register: Register) -> None:
    code = key_of(register)
    asset = register.register()
    register.ok("key", "revoke", code, "--from", "2026-01-01 09:30", "--doc", "函〔1〕号",
                "--reason", "stolen")  # fmt: skip
    said = register("move", asset, "--to", "B1")
    assert said.code == 0
    assert "Not signed by admin" in said.err
    assert who_signed(register, asset) == [code, None]
    row = next(one for one in register.ok("key", "list")["keys"] if one["code"] == code)
    assert (row["ended_as"], row["ended_doc"]) == ("stolen", "函〔1〕号")
    assert row["ended_at"] == "2026-01-01T01:30:00.000000Z"


def test_what_a_revoked_key_signed_is_named_in_words_of_both_languages(
    register: Register,
) -> None:
    code = key_of(register)
    asset = register.register()
    register.ok("key", "revoke", code, "--from", "2026-01-01", "--doc", "x")
    found = _verified(register("verify", "--json"))
    assert [(one["code"], one["by"]) for one in found] == [("signature.revoked", code)] * len(found)
    assert f"asset:{asset}" in {one["subject"] for one in found}
    # The revocation itself was signed with the key, the last thing that it could do.
    assert f"key:{code}" in {one["subject"] for one in found}
    english, chinese = register("verify"), register("verify", lang="zh")
    assert (english.code, chinese.code) == (9, 9)
    assert "in doubt" in english.err
    assert "存疑" in chinese.err
    assert "was revoked" in " ".join(english.out.split())
    assert "已吊销" in "".join(chinese.out.split())


def _verified(answer: Answer) -> list[dict[str, Any]]:
    assert answer.code == 9
    found: list[dict[str, Any]] = answer.data["findings"]
    return found


def test_verify_of_one_asset_names_its_findings_alone(register: Register) -> None:
    other = register.register()
    code = key_of(register)
    asset = register.register()
    register.ok("key", "revoke", code, "--from", "2026-01-01", "--doc", "x")
    assert register("verify", asset, "--json").code == 9
    assert register("verify", other, "--json").code == 0


# --- sessions at a desk --------------------------------------------------------------------


def test_a_session_signs_each_commit(register: Register) -> None:
    asset = register.register()
    code = key_of(register)
    sit(register, ["!move", "B1-101", payload(register, asset), "!commit"])
    assert who_signed(register, asset) == [None, code]


def test_a_session_goes_on_after_a_commit_that_had_to_be_signed(register: Register) -> None:
    asset = register.register()
    register.ok("key", "require", "--all")
    lines = ["!move", "B1-101", payload(register, asset), "!commit"]
    report = sit(register, lines, code=9)
    (done,) = report["commits"]
    assert done["outcome"] == "refused"
    assert {one["reason"] for one in report["told"]} >= {"signature.required"}
    key_of(register)
    # The desk is not stuck with what it could not do: the basket is still there, and goes now.
    report = sit(register, ["!commit"], "--resume")
    assert report["commits"][0]["outcome"] == "landed"
    assert who_signed(register, asset)[0] is None
    assert who_signed(register, asset)[1] is not None


def test_what_waited_offline_is_signed_when_it_lands(register: Register, tmp_path: Path) -> None:
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    asset = register.register()
    code = key_of(register)
    lines = ["!move", "!place B1-101", payload(register, asset), "!commit"]
    report = sit(register, lines, *away, code=9)
    assert report["commits"][0]["outcome"] == "queued"
    register.ok("scan", "sync", "--as", "P1")
    landed = entries(register, f"asset:{asset}")[1]
    # By the key of who confirmed it, for it lies here, at the moment when it landed.
    assert (landed["actor"], landed["by"]) == ("admin", code)
    assert landed["at"] < landed["rec"]
    register.ok("verify", "--replay")


def test_what_waited_and_must_be_signed_becomes_a_conflict(
    register: Register, tmp_path: Path
) -> None:
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    asset = register.register()
    lines = ["!move", "!place B1-101", payload(register, asset), "!commit"]
    sit(register, lines, *away, code=9)
    register.ok("key", "require", "--all")
    answer = register("scan", "sync", "--json")
    assert answer.code == 9
    (conflict,) = answer.data["conflicts"]
    assert (conflict["asset_id"], conflict["code"]) == (asset, "signature.required")
    assert who_signed(register, asset) == [None]
