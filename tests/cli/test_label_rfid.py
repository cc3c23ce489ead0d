"""Radio tags written by the label printer: what reads back right is bound, and nothing else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain.epc.numbering import Numbering, number_of
from assetctl.domain.identity import display_id
from assetctl.i18n import LANGUAGES, Language, translate
from assetctl.reads.trace import trace
from labels import zpl
from scanner.epc96 import is_private96
from tests.conftest import Register
from tests.unit.labels import printers
from tests.unit.labels.printers import Encoder

TIDS = ("E2801160600002084F1A7C01", "E2801160600002084F1A7C02", "E2801160600002084F1A7C03")


def epc_of(asset: str, numbering: Numbering | None = None) -> str:
    return number_of(asset, numbering or Numbering()).epc


def encode(register: Register, radio: Encoder, *line: str | Path, code: int = 0) -> Any:
    """Print with a radio tag in each label on an emulated printer; return the payload or error."""
    with printers.printer(radio) as printer:
        whole = ("label", "print", *line, "--rfid", "--printer", printer.address)
        return register.fails(code, *whole) if code else register.ok(*whole)


def tags_of(register: Register, asset: str) -> list[tuple[str, int, str, str | None, int]]:
    return [
        (one["epc"] or one["carrier"], one["issue"], one["state"], one["tid"], len(one["prints"]))
        for one in register.ok("tag", "history", asset)
    ]


def entries(register: Register, asset: str) -> list[Any]:
    with closing(register.store) as store, store.reading() as connection:
        return trace(connection, [f"asset:{asset}"])


def test_a_label_carries_its_number_and_both_are_noted_together(register: Register) -> None:
    asset = register.register()
    radio = Encoder(tids=TIDS)
    done = encode(register, radio, asset, "--verify")
    epc = epc_of(asset)
    assert is_private96(epc)
    assert radio.chips[0].epc[2:].hex().upper() == "3000" + epc
    assert done["tags"] == [
        {"asset_id": asset, "epc": epc, "pc": "3000", "tid": TIDS[0], "bound": True}
    ]
    assert [event["kind"] for event in done["events"]] == [
        "asset.label_printed", "asset.tag_bound"
    ]  # fmt: skip
    _, printed, bound = entries(register, asset)
    assert bound.data == {
        "carrier": "uhf", "code": epc, "issue": 1, "epc": epc, "tid": TIDS[0], "pc": "3000"
    }  # fmt: skip
    assert bound.recorded_at == printed.recorded_at, "one transaction, one stamp"
    assert bound.request_id.startswith(printed.request_id)
    assert register.ok("show", epc.lower())[0]["asset_id"] == asset
    register.ok("verify", "--replay")


def test_the_numbers_of_an_office_and_its_afi(desk: Register) -> None:
    (desk.home / "config.toml").write_text(
        'epc_division = "350124"\nepc_unit = "17"\nepc_afi = "a1"\n', encoding="utf-8"
    )
    asset = desk.register()
    radio = Encoder()
    (tag,) = encode(desk, radio, asset)["tags"]
    assert tag["epc"].startswith("5A10557AC011")
    assert is_private96(tag["epc"])
    assert tag["pc"] == "31A1"
    assert radio.chips[0].epc[2:4].hex().upper() == "31A1"


def test_an_office_with_a_gs1_prefix_writes_a_giai(desk: Register) -> None:
    (desk.home / "config.toml").write_text('gs1_prefix = "9521141"\n', encoding="utf-8")
    asset = desk.register()
    (tag,) = encode(desk, Encoder(), asset)["tags"]
    assert tag["epc"].startswith("3416451FD4")  # GIAI-96, filter 0, partition 5, prefix 9521141
    assert tag["epc"] == epc_of(asset, Numbering(prefix="9521141"))
    assert tag["pc"] == "3000"


@pytest.mark.parametrize(
    ("name", "value"),
    [("epc_division", "35012"), ("epc_unit", "4096"), ("gs1_prefix", "12345"), ("epc_afi", "A")],
)
def test_numbers_that_no_tag_can_carry_are_refused(desk: Register, name: str, value: str) -> None:
    (desk.home / "config.toml").write_text(f'{name} = "{value}"\n', encoding="utf-8")
    error = desk.fails(3, "party", "list")
    assert error["code"] == "config.invalid"
    assert value in error["message"]
    for lang in LANGUAGES:
        assert name in desk("party", "list", lang=lang).err


# --- what does not read back --------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_that_do_not_read_back_are_named_and_not_noted(
    register: Register, lang: Language
) -> None:
    assets = [register.register(f"桌{number}") for number in range(4)]
    radio = Encoder(tids=TIDS, wrong={2: "FFFF"}, broken=(3,), mute=(4,))
    error = encode(register, radio, *assets, "--wait", "0.5", code=8)
    assert error["code"] == "label.not_encoded"
    details = error["details"]
    assert (details["count"], details["total"]) == (3, 4)
    assert details["not_encoded"] == assets[1:]
    assert details["encoded"] == assets[:1]
    assert all(display_id(one) in details["labels"] for one in assets[1:])
    wrong, missing, mute = details["lines"]
    assert f"3000 {epc_of(assets[1])[:-4]}FFFF was read back" in wrong
    assert display_id(assets[2]) in missing
    assert "TID" in mute
    assert [len(entries(register, one)) for one in assets] == [3, 1, 1, 1]
    again = Encoder(wrong={1: "00"})
    with printers.printer(again) as printer:
        line = ("label", "print", assets[1], "--rfid", "--printer", printer.address)
        said = register(*line, lang=lang)
    assert said.code == 8
    assert display_id(assets[1]) in said.err
    assert "{" not in said.err
    encode(register, Encoder(tids=TIDS[1:]), *assets[1:])  # no reason: they were never printed
    register.ok("verify", "--replay")


def test_a_printer_without_a_radio_unit_binds_nothing(register: Register) -> None:
    asset = register.register()
    with printers.printer(printers.take_all) as printer:
        error = register.fails(
            8, "label", "print", asset, "--rfid", "--wait", "0.5", "--printer", printer.address
        )
    assert error["details"]["not_encoded"] == [asset]
    assert len(entries(register, asset)) == 1
    assert b"^RFW,H,1,14,1" in printer.taken


def test_a_void_label_is_tried_again_and_the_last_chip_is_bound(register: Register) -> None:
    asset = register.register()
    radio = Encoder(tids=TIDS, spoilt={1: 2})
    (tag,) = encode(register, radio, asset)["tags"]
    assert [chip.void for chip in radio.chips] == [True, True, False]
    assert tag["tid"] == TIDS[2]
    assert tags_of(register, asset) == [
        ("qr", 1, "bound", None, 1), (epc_of(asset), 1, "bound", TIDS[2], 0)
    ]  # fmt: skip


def test_one_chip_for_two_labels_is_no_tag_for_either(register: Register) -> None:
    assets = [register.register(), register.register()]
    error = encode(register, Encoder(tids=(TIDS[0], TIDS[0])), *assets, code=8)
    assert error["details"]["not_encoded"] == assets
    assert [len(entries(register, one)) for one in assets] == [1, 1]


# --- printed again ------------------------------------------------------------------------------


def test_a_new_label_brings_a_new_chip_with_the_same_number(register: Register) -> None:
    asset = register.register()
    epc = epc_of(asset)
    encode(register, Encoder(tids=TIDS), asset)
    nowhere = ("--printer", "tcp://127.0.0.1:1")
    refused = register.fails(5, "label", "print", asset, "--rfid", *nowhere)
    assert refused["code"] == "label.reason_needed", "before any ink"
    done = encode(register, Encoder(tids=TIDS[1:]), asset, "--reason", "脱落")
    assert [event["kind"] for event in done["events"]] == [
        "asset.label_printed", "asset.tag_replaced"
    ]  # fmt: skip
    assert tags_of(register, asset)[1:] == [
        (epc, 1, "replaced", TIDS[0], 0), (epc, 2, "bound", TIDS[1], 0)
    ]  # fmt: skip
    register.ok("tag", "void", asset, "--carrier", "uhf")
    encode(register, Encoder(tids=TIDS[2:]), asset, "--reason", "脱落")
    assert tags_of(register, asset)[-1] == (epc, 3, "bound", TIDS[2], 0)
    same = encode(register, Encoder(tids=TIDS[2:]), asset, "--reason", "校对")
    assert [event["kind"] for event in same["events"]] == ["asset.label_printed"]
    register.ok("verify", "--replay")


def test_a_number_that_another_asset_has_stops_the_job_before_any_ink(register: Register) -> None:
    asset, other = register.register(), register.register()
    register.ok("tag", "bind", other, "--epc", epc_of(asset), "--tid", TIDS[0])
    line = ("label", "print", asset, "--rfid", "--printer", "tcp://127.0.0.1:1")
    error = register.fails(6, *line)
    assert (error["code"], error["details"]["holder"]) == ("code.taken", other)


def test_the_same_request_is_printed_once(register: Register) -> None:
    asset = register.register()
    first = encode(register, Encoder(), asset, "--request-id", "R-1")
    line = ("label", "print", asset, "--rfid", "--request-id", "R-1", "--printer")
    again = register.ok(*line, register_printer(first))
    assert again["repeated"]
    assert again["labels"] == again["bytes"] == 0
    assert {one["event_id"] for one in again["events"]} == {
        one["event_id"] for one in first["events"]
    }
    for lang in LANGUAGES:
        said = register(*line, register_printer(first), lang=lang)
        told = translate("This request was carried out before; nothing was printed.", lang)
        assert told in said.out


def register_printer(done: Any) -> str:
    """The address that was printed to, where by now nobody listens."""
    return str(done["printer"])


# --- where there is no way back -----------------------------------------------------------------


@pytest.mark.parametrize("printer", ["{tmp}/job", "cups:queue", "device:/dev/usb/lp0"])
def test_unseen_writing_is_refused_unless_it_is_asked_for(
    desk: Register, tmp_path: Path, printer: str
) -> None:
    asset = desk.register()
    address = printer.format(tmp=tmp_path)
    error = desk.fails(3, "label", "print", asset, "--rfid", "--printer", address)
    assert error["code"] == "label.refused"
    assert error["details"]["label_code"] == "label.no_way_back"
    assert len(entries(desk, asset)) == 1
    assert not (tmp_path / "job").exists()


def test_what_was_written_unseen_is_bound_to_nothing(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    line = ("label", "print", asset, "--rfid", "--no-read-back", "--printer", tmp_path / "job")
    done = desk.ok(*line)
    epc = epc_of(asset)
    assert done["tags"] == [
        {"asset_id": asset, "epc": epc, "pc": "3000", "tid": None, "bound": False}
    ]
    assert [event["kind"] for event in done["events"]] == ["asset.label_printed"]
    job = (tmp_path / "job").read_bytes()
    assert f"^FD3000{epc}".encode() in job
    assert b"^RFR" not in job
    assert tags_of(desk, asset) == [("qr", 1, "bound", None, 1)]
    for number, lang in enumerate(LANGUAGES):
        out = tmp_path / f"job{number}"
        said = desk(*line[:-1], out, "--reason", "x", lang=lang)
        assert said.code == 0
        assert "tag bind" in said.err


def test_what_rfid_cannot_be_combined_with(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    for more in (("--language", "tspl"), ("--copies", "2")):
        line = ("label", "print", asset, "--rfid", "--printer", "tcp://127.0.0.1:1", *more)
        assert desk.fails(3, *line)["code"] in ("input.invalid", "label.refused")
    alone = ("label", "print", asset, "--no-read-back", "--printer", tmp_path / "job")
    assert desk.fails(3, *alone)["code"] == "input.invalid"
    assert len(entries(desk, asset)) == 1


def test_a_dry_run_writes_no_tag(desk: Register) -> None:
    asset = desk.register()
    done = desk.ok(
        "label", "print", asset, "--rfid", "--dry-run", "--printer", "tcp://127.0.0.1:1"
    )  # fmt: skip
    assert [tag["bound"] for tag in done["tags"]] == [False]
    assert len(entries(desk, asset)) == 1


def test_a_chip_says_by_itself_whether_it_has_user_memory(register: Register) -> None:
    asset = register.register()

    class WithUserMemory(Encoder):
        def label(self, data: bytes) -> bytes:
            return super().label(data).replace(b"E=3000", b"E=3400")

    (tag,) = encode(register, WithUserMemory(tids=TIDS), asset)["tags"]
    assert (tag["pc"], tag["bound"]) == ("3400", True)
    assert [one["pc"] for one in register.ok("tag", "history", asset)] == [None, "3400"]


def test_the_answer_of_a_printer_is_noise_until_it_is_an_answer(register: Register) -> None:
    """Halves, other labels' answers and rubbish before the right one do no harm."""
    asset = register.register()

    class Noisy(Encoder):
        def label(self, data: bytes) -> bytes:
            return b"R1.E=30\r\nR7.E=3000FFFF\r\n\x00~HS" + super().label(data)

    (tag,) = encode(register, Noisy(tids=TIDS), asset)["tags"]
    assert tag["tid"] == TIDS[0]
    assert zpl.replies(b"R1.E=30\r\n").tags[0].epc is None
