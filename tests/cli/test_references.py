"""Which asset is meant: ids in any spelling, aliases, tag texts, standard input, files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from assetctl.domain.identity import CROCKFORD, display_id
from assetctl.i18n import LANGUAGES
from tests.conftest import Register

EPC = "E2801160600002054E1B1234"


def forged(payload: str) -> str:
    """Return a payload whose signature is wrong in its last character but one."""
    digit = CROCKFORD[(CROCKFORD.index(payload[-3]) + 1) % 32]
    return payload[:-3] + digit + payload[-2:]


def _meant(desk: Register, *references: str | Path) -> list[str]:
    return [one["asset_id"] for one in desk.ok("show", *references)]


def test_an_id_may_be_written_in_any_way(desk: Register) -> None:
    asset = desk.register()
    shown = display_id(asset)
    for text in (
        asset,
        shown,
        asset.lower(),
        shown.lower(),
        f"  {shown} ",
        f"{asset[:4]} {asset[4:]}",
    ):
        assert _meant(desk, text) == [asset], text


def test_a_tag_text_is_believed_and_its_forgery_is_not(desk: Register) -> None:
    asset = desk.register()
    payload = desk.ok("show", asset)[0]["payload"]
    short = payload.rsplit("/", 1)[-1]
    for text in (payload, payload.lower(), short, short.lower()):
        assert _meant(desk, text) == [asset], text
    for text in (forged(payload), forged(short)):
        for line in (
            ("show", text),
            ("checkout", text, "--to", "P1"),
            ("move", text, "--to", "B1"),
        ):
            error = desk.fails(5, *line)
            assert error["code"] == "payload.forged"
            assert error["details"]["asset_id"] == asset
    assert len(desk.ok("trace", asset)) == 1
    for lang in LANGUAGES:
        assert desk("show", forged(payload), lang=lang).code == 5


def test_a_tag_of_another_issue_is_not_ours(desk: Register) -> None:
    asset = desk.register()
    head, tail = desk.ok("show", asset)[0]["payload"].rsplit(".", 1)
    assert desk.fails(5, "show", f"{head}.{tail[0]}2{tail[2:]}")["code"] == "payload.forged"
    assert desk.fails(8, "show", f"{head}.9{tail[1:]}")["code"] == "payload.key_missing"


def test_aliases_are_known_and_several_owners_of_one_are_named(desk: Register) -> None:
    first = desk.register(**{"card-no": "0001", "alias": "财政=ZC-9"})
    assert _meant(desk, "0001") == [first]
    assert _meant(desk, "ZC-9") == [first]
    second = desk.register(owner="U2", **{"card-no": "0001"})
    error = desk.fails(4, "show", "0001")
    assert error["code"] == "asset.ambiguous"
    assert {display_id(first), display_id(second)} == set(
        error["details"]["candidates"].split(", ")
    )


def test_a_radio_tag_is_found_by_its_epc(desk: Register) -> None:
    asset = desk.register()
    desk.ok("tag", "bind", asset, "--epc", EPC)
    assert _meant(desk, EPC) == [asset]
    assert [one["asset_id"] for one in desk.ok("find", EPC)["items"]] == [asset]


def test_an_epc_is_found_as_it_was_typed_when_it_was_bound(desk: Register) -> None:
    asset = desk.register()
    desk.ok("tag", "bind", asset, "--epc", EPC.lower())
    assert _meant(desk, EPC.lower()) == [asset]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_references_come_from_files_and_from_standard_input(
    desk: Register, tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [desk.register() for _ in range(3)]
    text = end.join(["", display_id(ids[2]), f"  {ids[0]} ", "", ids[2], ids[1].lower()])
    file = tmp_path / "资产 清单.txt"
    file.write_text(text, encoding="utf-8-sig", newline="")
    wanted = [ids[2], ids[0], ids[1]]
    assert _meant(desk, f"@{file}") == wanted
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert _meant(desk, "-") == wanted
    monkeypatch.setattr("sys.stdin", io.StringIO(ids[0]))
    made = desk.ok("checkout", ids[1], "-", f"@{file}", "--to", "P1")
    assert [one["subject"].partition(":")[2] for one in made["events"]] == [ids[1], ids[0], ids[2]]


def test_a_list_that_is_not_there_is_named(desk: Register, tmp_path: Path) -> None:
    assert desk.fails(4, "show", f"@{tmp_path}/none")["code"] == "file.not_found"
    (tmp_path / "picture").write_bytes(b"\xff\xfe\x00\x01")
    assert desk.fails(4, "show", f"@{tmp_path}/picture")["code"] == "file.not_found"
    assert desk.fails(4, "show", f"@{tmp_path}")["code"] == "file.not_found"
    assert desk.fails(4, "show", "@")["code"] == "asset.not_found"


def test_no_reference_at_all_does_nothing(desk: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    before = desk.ok("verify")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n \n"))
    answer = desk("checkout", "-", "--to", "P1", "--json")
    assert answer.code in (0, 2, 3, 4), answer.err
    assert desk.ok("verify") == before


def test_slips_are_answered_with_what_is_nearest(desk: Register) -> None:
    asset = desk.register(**{"card-no": "TY-2023-0001"})
    slip = asset[:8] + asset[9] + asset[8] if asset[8] != asset[9] else f"{asset[:9]}0"
    assert asset in desk.fails(4, "show", slip)["details"]["nearest"]
    assert desk.fails(4, "show", "TY-2023-0002")["details"]["nearest"] == "TY-2023-0001"
    assert desk.fails(4, "checkout", asset, "--to", "P11")["details"]["nearest"].startswith("P1")
    assert "W1-Z1" in desk.fails(4, "move", asset, "--to", "W1-Z")["details"]["nearest"]
    error = desk.fails(4, "register", "--name", "x", "--class", "A02010106", "--owner", "U1")
    assert "A02010105" in error["details"]["nearest"]
    for lang in LANGUAGES:
        assert "TY-2023-0001" in desk("show", "TY-2023-0002", lang=lang).err


def test_bytes_that_are_no_text_are_no_bug(register: Register) -> None:
    """A shell hands over what is not UTF-8 as lone surrogates."""
    asset = register.register()
    strange = "\udcb5\udce7\udcc4\udcd4"
    assert register("show", strange, "--json").code in (3, 4)
    assert register("find", strange, "--json").code in (0, 3)
    for line in (
        ("checkout", asset, "--to", strange), ("move", asset, "--to", strange),
        ("checkout", asset, "--to", "P1", "--note", strange),
        ("checkout", asset, "--to", "P1", "--doc", strange),
        ("register", "--name", strange, "--class", "A02010105", "--owner", "U1"),
        ("register", "--name", "x", "--class", strange, "--owner", "U1"),
        ("party", "add", "X1", "--name", strange, "--kind", "unit"),
        ("show", asset, "--as", strange),
    ):  # fmt: skip
        assert register(*line, "--json").code in (0, 3, 4), line
    assert len(register.ok("trace", asset)) == 1


def test_a_nul_in_a_list_of_references_is_no_server_failure(
    register: Register, tmp_path: Path
) -> None:
    (tmp_path / "list").write_text("a\0b", encoding="utf-8")
    assert register("show", f"@{tmp_path}/list", "--json").code in (3, 4)
