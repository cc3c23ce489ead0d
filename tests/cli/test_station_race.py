"""Two desks at the same things at the same moment: each thing goes to one of them, told apart."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from assetctl import config
from assetctl.cli.context import Context, Flags
from assetctl.cli.desk import run
from assetctl.cli.moments import Report, Start
from assetctl.domain.session import Mode
from tests.cli.test_station import payload
from tests.conftest import Register

ROUNDS = 6


def second_desk(register: Register, tmp_path: Path) -> Path:
    """Return the home of another desk of the same register, with the same tag keys."""
    home = tmp_path / "second"
    shutil.copytree(register.home / "keys", home / "keys")
    return home


def hold(register: Register, home: Path, lines: Iterator[str], start: Start) -> Report:
    given = {"home": str(home), "db": register.url, "operator": "admin", "station": home.name}
    with closing(Context(config.load(given), Flags(json=True))) as world:
        return run(world, lines, start=start)


def race(register: Register, homes: Sequence[Path], texts: Sequence[Sequence[str]]) -> list[Report]:
    """Hold one session at each desk; every `|` waits for the other desk to come as far."""
    gate = threading.Barrier(len(homes))

    def lines(wanted: Sequence[str]) -> Iterator[str]:
        for text in wanted:
            if text == "|":
                gate.wait(60)
            else:
                yield text

    def sit(number: int) -> Report:
        return hold(register, homes[number], lines(texts[number]), Start(mode=Mode.CHECKOUT))

    with ThreadPoolExecutor(len(homes)) as pool:
        return list(pool.map(sit, range(len(homes))))


def test_two_desks_race_for_the_same_things(register: Register, tmp_path: Path) -> None:
    homes = [register.home, second_desk(register, tmp_path)]
    for _ in range(ROUNDS):
        assets = [register.register() for _ in range(4)]
        tags = [payload(register, one) for one in assets]
        # Seen in opposite orders, two of the four by both: the worst case for locks.
        wanted = [
            ["!to P1", tags[0], tags[1], tags[2], "|", "!commit", "!cancel"],
            ["!to P2", tags[3], tags[2], tags[1], "|", "!commit", "!cancel"],
        ]
        reports = race(register, homes, wanted)
        (one,), (two,) = (report.done for report in reports)
        assert sorted((one.outcome, two.outcome)) == ["landed", "refused"]
        winner, loser = (one, two) if one.outcome == "landed" else (two, one)
        assert loser.error is not None
        assert loser.error.code == "custody.someone_first"
        assert loser.error.facts["holder"] == winner.intent.to
        assert not any(report.offline or report.waiting for report in reports)
        held = {shown["asset_id"]: shown["holder"] for shown in register.ok("show", *assets)}
        for asset in assets:
            expected = winner.intent.to if asset in winner.intent.assets else "U1"
            assert held[asset] == expected
    assert register.ok("verify", "--replay")["replayed"]


def test_several_conditions_at_once_do_not_wait_for_each_other_for_ever(
    register: Register, tmp_path: Path
) -> None:
    homes = [register.home, second_desk(register, tmp_path)]
    for _ in range(ROUNDS):
        assets = sorted(register.register() for _ in range(2))
        register.ok("checkout", *assets, "--to", "P1")
        low, high = (payload(register, one) for one in assets)
        # Each desk grades both things, so each commit is two acts, begun from opposite ends.
        wanted = [
            ["!checkin", "!condition.good", low, "!condition.poor", high, "|", "!commit",
             "!cancel"],
            ["!checkin", "!condition.good", high, "!condition.poor", low, "|", "!commit",
             "!cancel"],
        ]  # fmt: skip
        reports = race(register, homes, wanted)
        outcomes = sorted(done.outcome for report in reports for done in report.done)
        assert outcomes == ["landed", "refused"]
        assert not any(report.waiting for report in reports)
        kinds = [entry["kind"] for entry in register.ok("trace", *assets)]
        assert kinds == ["asset.registered", "asset.checked_out", "asset.checked_in"] * 2


def test_what_two_desks_did_offline_lands_at_one_of_them_and_conflicts_at_the_other(
    register: Register, tmp_path: Path
) -> None:
    homes = [register.home, second_desk(register, tmp_path)]
    assets = [register.register() for _ in range(6)]
    tags = [payload(register, one) for one in assets]
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    wanted = ([*tags[:4], "!to P1", "!commit"], [*tags[2:], "!to P2", "!commit"])
    for home, lines in zip(homes, wanted, strict=True):
        file = tmp_path / "lines.txt"
        file.write_text("\n".join(["!checkout", *lines]), encoding="utf-8")
        answer = register("scan", "session", "--from", file, "--home", home, *away, "--json")
        assert (answer.code, answer.data["waiting"]) == (9, 1)
    register.ok("scan", "sync", "--home", homes[1])
    answer = register("scan", "sync", "--home", homes[0], "--json")
    assert answer.code == 9
    assert {one["asset_id"] for one in answer.data["conflicts"]} == set(assets[2:4])
    assert {one["register_holder"] for one in answer.data["conflicts"]} == {"P2"}
    held = [shown["holder"] for shown in register.ok("show", *assets)]
    assert held == ["P1", "P1", "P2", "P2", "P2", "P2"]
    assert register.ok("verify", "--replay")["replayed"]
