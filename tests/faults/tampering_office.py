"""Documents and all that goes with them, so that every table of theirs has rows to tamper with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from assetctl.cli import clock

Done = Callable[..., Any]
"""Runs one command line that must succeed; returns its data."""

STAFF = (
    ("P1", None, "asset_clerk"), ("P2", None, "asset_clerk"), ("P3", "U1", "warehouse_keeper"),
    ("P4", "U1", "warehouse_manager"), ("P5", "U2", "unit_head"),
    ("P6", "U2", "unit_finance"),
)  # fmt: skip


def documents_of_all_sorts(done: Done, home: Path) -> None:
    """Let people ask for things, decide, hand over, remind and share."""
    for code, unit, role in STAFF:
        if unit:
            done("party", "add", code, "--name", f"名称{code}", "--kind", "person", "--unit", unit)
        done("role", "grant", code, role)
    done("warehouse", "set", "W1", "--unit", "U1")
    rules = home / "rules.toml"
    text = done("warehouse", "rules", "show", "--text")["rules"]
    rules.write_text(text.replace("general rules", "own rules"), encoding="utf-8")
    done("warehouse", "rules", "adopt", rules, "--doc", "办〔1〕号")
    things = [
        done("register", "--name", "办公椅", "--class", "A05010301", "--owner", "U1", "--place",
             "W1", "--value", "600.00", "--set", "accumulated=100.00")["asset_id"]
        for _ in range(4)
    ]  # fmt: skip
    number = _loan(done, things[0], days=3)
    for person in ("P5", "P4"):
        done("--as", person, "doc", "approve", number, "--opinion", "同意")
    done("--as", "P3", "loan", "handover", number, things[0])
    _loan(done, things[1])
    done("--as", "P2", "doc", "withdraw", _loan(done, things[2]))
    back = _loan(done, things[2])
    done("--as", "P5", "doc", "reject", back, "--reason", "不必")
    done("--as", "P4", "loan", "event", "add", "EV1", "--name", "会务专班", "--ends", _in(20),
         "--doc", "办〔2〕号")  # fmt: skip
    (home / "notices.toml").write_text('[file]\nfolder = "notices"\n', encoding="utf-8")
    done("--as", "P4", "loan", "remind", "--on", _in(5), "--channel", "file")
    _need(done)
    done("--as", "P1", "share", "offer", things[3])
    done("--as", "P2", "share", "book", things[3], "--from", f"{_in(1)} 09:00", "--to",
         f"{_in(1)} 12:00", "--purpose", "开会")  # fmt: skip
    _stocktake(done, home)


def _stocktake(done: Done, home: Path) -> None:
    """Count the sofas: by radio, and by looking for them in vain; explain, approve."""
    number = done("--as", "P2", "stocktake", "plan", "--owner", "U1", "--class", "A05010401",
                  "--team", "A=P2,P3,P4", "--purpose", "verification", "--doc",
                  "清〔1〕号")["number"]  # fmt: skip
    done("--as", "P2", "stocktake", "open", number)
    listed = done("stocktake", "status", number, "--differences")["differences"]
    sofas = [one["item"] for one in listed]
    reads = home / "reads.jsonl"
    reads.write_text('{"ms":5,"text":"E2801160","symbology":"rfid","radio":{"rssi":-60.5}}\n')
    done("--as", "P3", "stocktake", "count", number, "--place", "W1", "--reader", f"replay:{reads}")
    done("--as", "P2", "stocktake", "finish", number)
    done("--as", "P2", "stocktake", "recount", number)
    done("--as", "P4", "stocktake", "count", number, *sofas, "--absent")
    done("--as", "P2", "stocktake", "explain", number, *sofas, "--reason", "other", "--leave")
    done("--as", "P2", "stocktake", "submit", number)
    # It is not closed: that would sign the log, and these tests tell when that was done.
    done("--as", "P5", "stocktake", "approve", number)


def _need(done: Done) -> None:
    """Look for two sofas, take one, refuse the other, and buy what is lacking."""
    sofas = [
        done("register", "--name", "三人沙发", "--class", "A05010401", "--owner", "U1", "--place",
             "W1", "--value", "2000.00", "--condition", "poor")["asset_id"]
        for _ in range(3)
    ]  # fmt: skip
    asked = done("--as", "P2", "source", "need", "--class", "A05010401", "--quantity", "2",
                 "--name", "三人沙发", "--spec", "布面", "--by", _in(60), "--place",
                 "B1")  # fmt: skip
    number = asked["number"]
    for person in ("P5", "P6"):
        done("--as", person, "doc", "approve", number)
    _loan(done, sofas[2])  # one of them is promised already
    done("--as", "P2", "source", "search", number)
    taken = done("--as", "P2", "source", "take", number, sofas[0], "--as-loan", "--due", _in(30),
                 "--text", "用")["number"]  # fmt: skip
    for person in ("P5", "P4"):
        done("--as", person, "doc", "approve", taken)
    done(
        "--as", "P2", "source", "refuse", number, sofas[1], "--reason", "condition", "--text", "旧"
    )
    done("--as", "P4", "source", "confirm", number, sofas[1], "--text", "属实")
    done("--as", "P4", "source", "certify", number)
    found = done("source", "show", number)["searches"][-1]["certificate"]
    done("--as", "P6", "source", "purchase", found, "--quantity", "1", "--price", "2400.00")


def _loan(done: Done, thing: str, days: int = 30) -> str:
    asked = done("--as", "P2", "loan", "request", thing, "--due", _in(days), "--purpose", "用")
    return str(asked["number"])


def _in(days: int) -> str:
    today = date.fromisoformat(clock.today("Asia/Shanghai"))
    return (today + timedelta(days=days)).isoformat()
