"""tag epc: what the number of a radio tag says and whose it is; tag bind --air."""

from __future__ import annotations

import pytest

from assetctl.domain.epc.numbering import Numbering, number_of
from assetctl.domain.identity import display_id
from assetctl.i18n import LANGUAGES, Language, term
from tests.conftest import Register

TID = "E2801160600002084F1A7C01"


def test_a_number_of_ours_is_told_with_its_asset(register: Register) -> None:
    asset = register.register()
    number = number_of(asset, Numbering(division=350124, unit=17)).epc
    said = register.ok("tag", "epc", number)
    assert said["asset_id"] == asset
    assert (said["kind"], said["scheme"], said["bits"]) == ("ours", "private96", 96)
    assert said["values"]["division"] == "350124"
    assert said["fault"] is None
    assert register.ok("show", number)[0]["asset_id"] == asset
    stranger = register.ok("tag", "epc", "3476451FD40000000000162E", "--pc", "3000")
    assert (stranger["kind"], stranger["asset_id"]) == ("gs1", None)
    assert stranger["element_string"] == "(8004)95211415678"
    assert stranger["own_prefix"] is False


@pytest.mark.usefixtures("prefixed")
def test_the_number_of_an_office_with_a_prefix(register: Register) -> None:
    asset = register.register()
    number = number_of(asset, Numbering(prefix="9521141")).epc
    said = register.ok("tag", "epc", number)
    assert (said["asset_id"], said["own_prefix"]) == (asset, True)
    assert register.ok("show", number)[0]["asset_id"] == asset


@pytest.mark.usefixtures("prefixed")
def test_the_number_that_the_tag_of_an_asset_shall_bear(desk: Register) -> None:
    asset = desk.register("台式计算机", **{"card-no": "2026-001"})
    said = desk.ok("tag", "epc", "--asset", "2026-001")
    wanted = number_of(asset, Numbering(prefix="9521141"))
    assert (said["epc"], said["pc"], said["asset_id"]) == (wanted.epc, wanted.pc, asset)
    # Written by a program of others, it is bound by what was told here.
    desk.ok("tag", "bind", asset, "--epc", said["epc"], "--pc", said["pc"], "--tid", TID)
    for line in ((), (said["epc"], "--asset", asset)):
        assert desk.fails(3, "tag", "epc", *line)["code"] == "input.invalid"


@pytest.fixture
def prefixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "9521141")


@pytest.mark.parametrize(
    ("line", "epc", "pc"),
    [
        (("(8004)69012341234", "--prefix-digits", "7"), "3414 6939 FC80 0000 0000 04D2", "3000"),
        (("(8004)95211415678", "--prefix-digits", "7"), "3416451FD40000000000162E", "3000"),
        (("urn:epc:tag:grai-96:3.9521141.12345.5678",), "3376451FD40C0E400000162E", "3000"),
        (("(8004)35012420261100001234",), "FA035012420261100001234F", "3000"),
    ],
)
def test_a_number_is_made(register: Register, line: tuple[str, ...], epc: str, pc: str) -> None:
    said = register.ok("tag", "epc", *line)
    if "69012341234" in line[0]:
        assert said["values"] == {"prefix": "6901234", "reference": "1234"}
        assert said["scheme"] == "GIAI-96"
    else:
        assert (said["epc"], said["pc"]) == (epc, pc)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_what_it_is(register: Register, lang: Language) -> None:
    asset = register.register()
    shown = register("tag", "epc", number_of(asset, Numbering()).epc, lang=lang)
    assert shown.code == 0
    assert term("epc_kind", "ours", lang) in shown.out
    assert display_id(asset) in shown.out
    damaged = register("tag", "epc", "5A10557AC011123456789AC2", lang=lang)
    assert damaged.code == 0
    assert term("epc_kind", "foreign", lang) in damaged.out
    assert "C1" in damaged.out


@pytest.mark.parametrize(
    "line", [("xyz",), ("urn:epc:tag:giai-96:0.9521141.0567",), ("(8004)952",), ("AB", "--pc", "3")]
)
def test_what_is_no_number_is_refused(register: Register, line: tuple[str, ...]) -> None:
    error = register.fails(3, "tag", "epc", *line)
    assert error["code"] == "epc.invalid"
    assert error["details"]["epc_field"]


def test_the_protocol_of_a_tag_is_kept(register: Register) -> None:
    asset = register.register()
    line = ("tag", "bind", asset, "--epc", "ABCD0001", "--tid", TID)
    error = register.fails(3, *line, "--air", "smoke")
    assert error["details"]["field"] == "air"
    register.ok(*line, "--air", "gb29768")
    (radio,) = (one for one in register.ok("tag", "history", asset) if one["epc"])
    assert (radio["air"], radio["tid"]) == ("gb29768", TID)
    assert register.ok("verify", "--replay") is not None
