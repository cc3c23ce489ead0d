"""kill -9 at any moment: what was acknowledged is there, what was not is there whole or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from tests.cli.radio_desk import at, blank, epc_of, held, lying
from tests.faults.tampering import done, drive

ROOT = Path(__file__).parents[2]
ROWS = 3000


class Site:
    """A register that processes of its own are killed over."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.done("init")
        self.done("party", "add", "U1", "--name", "甲单位", "--kind", "unit")
        self.done("place", "add", "W1", "--name", "一号仓")
        self.done("place", "add", "B1", "--name", "办公楼", "--kind", "building")
        self.asset = str(self.register())

    def done(self, *arguments: str | Path) -> Any:
        """Run a command that must succeed."""
        return done(self.home, self.url, *arguments)

    def register(self) -> object:
        """Register one more asset."""
        return done(self.home, self.url, "register", "--name", "台式计算机", "--class",
                    "A02010105", "--owner", "U1", "--place", "W1")["asset_id"]  # fmt: skip

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start a process that will be killed."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
        deed, *rest = map(str, arguments)
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.victim", deed, str(self.home), self.url, *rest],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def events(self) -> list[str]:
        """Return the ids of the asset's entries, in order of its chain."""
        entries = done(self.home, self.url, "trace", self.asset)
        return [entry["event_id"] for entry in entries]

    def check(self) -> int:
        """Check that history and tables hold; return the number of entries."""
        store = Store(self.url)
        try:
            with store.reading() as connection:
                return verify(connection, replay=True).entries
        finally:
            store.close()


@pytest.fixture
def site(url: str, tmp_path: Path) -> Site:
    return Site(tmp_path / "home", url)


def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(site: Site) -> None:
    acknowledged: list[str] = []
    for lines in (1, 2, 3, 5, 8, 1, 13, 4):
        with site.start("act", site.asset) as process:
            assert process.stdout is not None
            said = [process.stdout.readline().strip() for _ in range(lines)]
            assert all(said), "it stopped by itself"
            process.kill()
            said += process.stdout.read().split()
        # A line that was cut short by the kill was not acknowledged.
        acknowledged += [one for one in said if len(one) == 32]
        kept = site.events()[1:]
        assert [one for one in kept if one in acknowledged] == acknowledged
        extra = [one for one in kept if one not in acknowledged]
        assert len(extra) <= 1, "a writer acts one by one"
        acknowledged = kept
        site.check()
    assert len(acknowledged) >= 37
    # And it goes on as if nothing had been.
    site.done("checkout", site.asset, "--to", "admin")
    site.done("checkin", site.asset, "--place", "W1")
    assert site.done("verify", "--replay")


@pytest.mark.parametrize(
    ("where", "number"),
    [("entry", 1), ("entry", ROWS // 2), ("entry", ROWS), ("statement", 8), ("sent", 7),
     ("statement", 5), ("commit", 1), ("done", 1)],
)  # fmt: skip
def test_an_import_that_is_killed_is_there_whole_or_not_at_all(
    site: Site, where: str, number: int, tmp_path: Path
) -> None:
    file = _list(tmp_path)
    before = site.check()
    with site.start("import", file, where, str(number)) as process:
        process.communicate()
    assert process.returncode == -9
    # Its standard output has ended, so the process that reads the list has ended with it.
    whole = where == "done"
    assert site.check() == before + (ROWS if whole else 0)
    code, answer = drive(site.home, site.url, "import", "assets", file)
    assert code == 0, answer
    assert answer["data"]["added"] == (0 if whole else ROWS)
    assert answer["data"]["unchanged"] == (ROWS if whole else 0)


def test_an_import_whose_reading_process_is_killed_writes_nothing_and_says_so(
    site: Site, tmp_path: Path
) -> None:
    file = _list(tmp_path)
    before = site.check()
    with site.start("import", file, "reader", str(ROWS - 1)) as process:
        said, _ = process.communicate()
    assert process.returncode == 3
    assert json.loads(said)["error"]["code"] == "file.unreadable"
    assert site.check() == before
    code, answer = drive(site.home, site.url, "import", "assets", file)
    assert (code, answer["data"]["added"]) == (0, ROWS)


def test_a_tag_whose_writer_was_killed_is_bound_by_the_same_command(site: Site) -> None:
    tag = blank()
    before = site.check()
    with lying(tag) as emulator:
        _, reader, *_ = at(emulator)
        with site.start("encode", site.asset, reader) as process:
            process.communicate()
        assert process.returncode == -9
        assert (held(tag), site.check()) == (epc_of(site.asset), before)
        # Nobody bound it, and yet it says whose it is.
        assert site.done("show", held(tag))[0]["asset_id"] == site.asset
        done = site.done("tag", "encode", site.asset, *at(emulator))
        again = site.done("tag", "encode", site.asset, *at(emulator))
    assert [event["kind"] for event in done["events"]] == ["asset.tag_bound"]
    assert again["events"] == []
    assert site.check() == before + 1


def _list(folder: Path) -> Path:
    file = folder / "list.csv"
    rows = [f"办公桌{row},A05010201,U1,W1,K{row:05}" for row in range(ROWS)]
    file.write_text("\n".join(["name,class,owner,place,card_no", *rows]), encoding="utf-8")
    return file
