"""One asset's whole journey through the command line, on both databases."""

from __future__ import annotations

from tests.conftest import Register


def test_the_whole_life_of_an_asset(register: Register) -> None:
    asset = register.register("台式计算机", **{"card-no": "0001"})
    out = register.ok("checkout", asset, "--to", "P2", "--due", "2099-01-01", "--doc", "借〔1〕号")
    assert out["events"][0]["data"]["from_holder"] == "U1"
    assert register.ok("show", "0001")[0]["state"] == "on_loan"
    register.ok("extend", asset, "--due", "2099-02-01")
    register.ok("checkin", asset, "--condition", "good")
    register.ok("move", asset, "--to", "W1-Z1")
    register.ok("send", asset, "--to", "U2")
    register.ok("receive", asset, "--differs", "缺鼠标", "--place", "B1-101")
    register.ok("transfer", asset, "--to-unit", "U2", "--doc", "调〔2〕号")
    register.ok("dispose", "propose", asset, "--method", "scrap")
    register.ok("dispose", "complete", asset, "--doc", "处〔3〕号")
    history = register.ok("trace", asset)
    assert [entry["kind"].partition(".")[2] for entry in history] == [
        "registered", "checked_out", "loan_extended", "checked_in", "moved", "sent", "received",
        "title_transferred", "disposal_proposed", "disposed",
    ]  # fmt: skip
    assert [entry["seq"] for entry in history] == list(range(1, 11))
    assert history[6]["disclosed"] == {"differs": "缺鼠标"}
    assert register.ok("verify", "--replay")["replayed"] is True
    assert register.fails(5, "move", asset, "--to", "W1")["details"]["state"] == "disposed"
