"""An office whose people ask, approve and keep, and print what they wrote."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from tests.conftest import Register


class Office(Register):
    """The register of the tests with people who ask, approve and keep."""

    def by(self, person: str, *arguments: str | Path) -> Any:
        """Run a command as a person; return its JSON payload."""
        return self.ok("--as", person, *arguments)

    def print(self, *numbers: str, lang: str = "zh", papers: bool = False) -> bytes:
        """Print documents; return the PDF."""
        out = self.home / "out.pdf"
        out.unlink(missing_ok=True)
        more = ["--papers"] if papers else []
        answer = self("doc", "print", *numbers, "--out", out, *more, lang=lang)
        assert answer.code == 0, answer.err
        return out.read_bytes()

    def loan(self, *assets: str, purpose: str = "筹备文化节。", submit: bool = True) -> str:
        """Ask for a loan of assets; return its number."""
        due = clock.day_of(clock.now() + timedelta(days=30), "Asia/Shanghai")
        draft = [] if submit else ["--draft"]
        made = self.by("P2", "loan", "request", *assets, "--due", due, "--purpose", purpose,
                       *draft)  # fmt: skip
        return str(made["number"])


def staffed(register: Register, capsys: pytest.CaptureFixture[str]) -> Office:
    """Return an office with one person for each role."""
    made = Office(register.home, register.url, capsys)
    for code, name, unit in (
        ("P3", "测试丙", "U1"), ("P4", "测试丁", "U1"), ("P5", "测试戊", "U2"),
    ):  # fmt: skip
        made.ok("party", "add", code, "--name", name, "--kind", "person", "--unit", unit)
    for person, role in (
        ("P1", "asset_clerk"), ("P2", "asset_clerk"), ("P3", "warehouse_keeper"),
        ("P4", "warehouse_manager"), ("P5", "unit_head"),
    ):  # fmt: skip
        made.ok("role", "grant", person, role)
    made.ok("warehouse", "set", "W1", "--unit", "U1")
    return made
