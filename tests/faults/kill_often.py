"""Kill those who write and those who seal, at any moment, again and again; nothing may be lost.

    python -m tests.faults.kill_often KILLS HOME URL [SEED]

HOME and URL are those of a new register. One process acts, one seals, signs and takes snapshots, as
people do from the command line; both are killed with -9 after a random time, and the register is
verified: every entry that was acknowledged is there, the log holds, no checkpoint contradicts it.
Exits with 1 at the first thing wrong. The suite does this a few times; before a release it is done
five hundred times on each database.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import sqlalchemy as sa

from assetctl.cli.app import main
from assetctl.domain.policy import parse_policy
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from assetctl.store.tables import history

LONGEST = 0.25
"""Seconds that the processes live at most."""

_ASSETS = 4
_REPLAY_EVERY = 25


def command(home: str, url: str, *arguments: str) -> tuple[int, str]:
    """Run one command line; return its exit code and what it answers."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(["--home", home, "--db", url, "--as", "admin", "--json", *arguments])
    return code, out.getvalue()


def prepare(home: str, url: str) -> list[str]:
    """Make the register; return the assets that will be moved."""
    assets = []
    for line in (
        ("init",),
        ("party", "add", "U1", "--name", "甲单位", "--kind", "unit"),
        ("place", "add", "W1", "--name", "一号仓"),
        ("place", "add", "B1", "--name", "办公楼", "--kind", "building"),
        *[("register", "--name", "柜", "--class", "A05010502", "--owner", "U1", "--place", "W1")]
        * _ASSETS,
    ):
        code, said = command(home, url, *line)
        if code:
            raise SystemExit(said)
        if line[0] == "register":
            assets.append(str(json.loads(said)["data"]["asset_id"]))
    return assets


def act(home: str, url: str, assets: list[str], chance: random.Random) -> list[str]:
    """Move something; return the ids of the entries that were acknowledged."""
    place = chance.choice(("B1", "W1"))
    code, said = command(home, url, "move", chance.choice(assets), "--to", place)
    if code == 5:  # it is there already
        return []
    if code:
        raise SystemExit(said)
    return [one["event_id"] for one in json.loads(said)["data"]["events"]]


def seal(home: str, url: str, chance: random.Random) -> list[str]:
    """Seal and sign, now and then with a snapshot; return nothing, for nothing is acknowledged."""
    more = ["--snapshot"] if chance.random() < 0.2 else []
    code, said = command(home, url, "seal", *more)
    if code:
        raise SystemExit(said)
    return []


def started(deed: Callable[[random.Random], list[str]], seed: int) -> tuple[int, int]:
    """Start a process that does something for ever; return its number and where it tells of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    chance = random.Random(seed)
    try:
        while True:
            for event_id in deed(chance):
                os.write(writing, f"{event_id}\n".encode())
    except BaseException as error:  # noqa: BLE001  whatever it is, the parent must hear of it
        os.write(writing, f"! {error}\n".encode())
        os._exit(1)


def killed(child: int, reading: int) -> list[str]:
    """Kill a process; return what it had acknowledged."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines(keepends=True)
    wrong = [line for line in lines if line.startswith("!")]
    if wrong:
        raise SystemExit("".join(wrong))
    return [line.strip() for line in lines if line.endswith("\n")]


def check(home: str, url: str, acknowledged: set[str], *, replay: bool) -> int:
    """Check that all that was acknowledged is there and that the log holds; return its entries."""
    policy = parse_policy((Path(home) / "policy").read_text(encoding="utf-8"))
    store = Store(url)
    try:
        with store.reading() as connection:
            found = verify(connection, policy=policy, replay=replay)
            there = set(connection.execute(sa.select(history.c.event_id)).scalars())
    finally:
        store.close()
    lost = sorted(acknowledged - there)
    if lost:
        raise SystemExit("lost: " + " ".join(lost))
    return found.entries


def kill_often(kills: int, home: str, url: str, seed: int) -> dict[str, int]:
    """Do it; return how often, what was acknowledged, and how many entries there are."""
    chance = random.Random(seed)
    assets = prepare(home, url)
    acknowledged: set[str] = set()
    entries = 0
    for number in range(1, kills + 1):
        pair = [
            started(lambda chance: act(home, url, assets, chance), number * 2),
            started(lambda chance: seal(home, url, chance), number * 2 + 1),
        ]
        time.sleep(chance.uniform(0.0, LONGEST))
        for child, reading in pair:
            acknowledged.update(killed(child, reading))
        replay = number % _REPLAY_EVERY == 0 or number == kills
        entries = check(home, url, acknowledged, replay=replay)
    # It goes on as if nothing had been.
    act(home, url, assets, chance)
    seal(home, url, chance)
    return {"kills": kills, "acknowledged": len(acknowledged), "entries": entries}


if __name__ == "__main__":
    kills, home, url, *seed = sys.argv[1:]
    told = kill_often(int(kills), home, url, int(*seed or ["1"]))
    sys.stdout.write(json.dumps(told) + "\n")
