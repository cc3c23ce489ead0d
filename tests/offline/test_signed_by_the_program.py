"""What operators sign with the program, and logs whose key has changed, pass the verifier."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.conftest import Register
from tests.offline.conftest import Checker


def exports(desk: Register, asset: str, folder: Path) -> tuple[Path, Path]:
    """Export a dossier and the whole log, both as they are now."""
    dossier, log = folder / "dossier.zip", folder / "log"
    desk.ok("export", "dossier", asset, "--out", dossier)
    shutil.rmtree(log, ignore_errors=True)
    desk.ok("export", "log", "--out", log, "--disclosures")
    return dossier, log


def test_acts_that_operators_and_stations_signed(
    desk: Register, tmp_path: Path, check: Checker
) -> None:
    unsigned = desk.register("未签")
    code = str(desk.ok("key", "make", "operator", "admin")["code"])
    asset = desk.register("已签")
    desk.ok("checkout", asset, "--to", "P1", "--note", "带电源")
    for path, what in zip(exports(desk, asset, tmp_path), ("entries", "log"), strict=True):
        found = check(path)
        assert found.code == 0, found.text
        assert {what, "signatures", "disclosures"} <= found.codes["proven"]
    dossier = tmp_path / "dossier.zip"
    assert [row["facts"]["by"] for row in check(dossier).json["timeline"]] == [code, code]
    assert "unsigned" not in check(dossier).codes["not_proven"]
    assert "unsigned" in check(exports(desk, unsigned, tmp_path)[0]).codes["not_proven"]
    station = str(desk.ok("key", "make", "station", "gate")["code"])
    third = desk.ok(
        "register", "--name", "柜", "--class", "A05010201", "--owner", "U1", "--place", "W1",
        "--station", "gate", "--as", "P1",
    )["asset_id"]  # fmt: skip
    dossier, log = exports(desk, third, tmp_path)
    assert check(dossier).json["timeline"][0]["facts"]["by"] == station
    assert "signatures" in check(dossier).codes["proven"]
    assert check(log).code == 0


def test_a_key_that_was_revoked(desk: Register, tmp_path: Path, check: Checker) -> None:
    code = str(desk.ok("key", "make", "operator", "admin")["code"])
    asset = desk.register()
    desk.ok("key", "revoke", code, "--from", "2026-01-01", "--doc", "函〔2026〕1号")
    for path in exports(desk, asset, tmp_path):
        found = check(path)
        assert found.code == 0, found.text
        assert "revoked" in found.codes["not_proven"]
        assert f"The signature of {code} at asset:{asset} 1 does not count" in found.text


def test_a_log_whose_key_was_changed(desk: Register, tmp_path: Path, check: Checker) -> None:
    asset = desk.register()
    desk.ok("seal", "--out", tmp_path / "old")
    old = tmp_path / "old-policy"
    shutil.copy(desk.home / "policy", old)
    first = exports(desk, asset, tmp_path)
    desk.ok("key", "rotate", "log")
    desk.ok("move", asset, "--to", "B1")
    for path in exports(desk, asset, tmp_path):
        found = check(path)
        assert found.code == 0, found.text
        assert check(path, "--policy", old).code == 0, "both keys sign until one is retired"
    assert check(first[1], "--against", tmp_path / "old").code == 0
    desk.ok("key", "retire", "log")
    desk.ok("move", asset, "--to", "W1")
    for path in exports(desk, asset, tmp_path):
        assert check(path, "--policy", desk.home / "policy").code == 0
        assert check(path, "--policy", old).wrong == ("no_trust", "checkpoint")
    # What the former key signed, and was kept, is compared all the same.
    found = check(tmp_path / "log", "--against", tmp_path / "old")
    assert found.code == 0
    assert "against" in found.codes["proven"]
