"""A clerk's session that will be killed: at a line of its journal, or around its commit.

    python -m tests.faults.station_victim HOME URL FILE WHERE COUNT

It holds a session over the lines of FILE; a line `@ID` photographs the thing with that id. WHERE is
`written` (the COUNT-th line lies in the journal and nobody has heard of it), `writing` (half of
that line), `begun` (the transaction of the commit is open), or `landed` (the register has
committed, the journal does not know). With `rolling` the journal is rolled over instead, and killed
before the COUNT-th thing that it asks of the disk.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from assetctl.acts import station
from assetctl.cli import desk
from assetctl.cli.app import main
from assetctl.store.journal import Journal


def die(*_arguments: object) -> None:
    """Kill this program as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_line(number: int, *, torn: bool) -> Callable[..., None]:
    """Return an `append` that kills the program at the `number`-th line, whole or torn."""
    append = Journal.append
    lines = count(1)

    def appended(journal: Journal, kind: str, at: str, data: Mapping[str, Any]) -> None:
        last = next(lines) == number
        append(journal, kind, at, data)
        if last and torn:
            os.truncate(journal.path, journal.path.stat().st_size - 9)
        if last:
            die()

    return appended


def die_at_the_disk(number: int) -> None:
    """Let the program be killed before the `number`-th thing it asks of the disk."""
    calls = count(1)

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            if next(calls) == number:
                die()
            return call(*arguments, **options)

        return called

    for owner, names in ((os, ("open", "fsync", "fdopen")), (Path, ("replace", "chmod", "unlink"))):
        for name in names:
            setattr(owner, name, deadly(getattr(owner, name)))


def take_or_photograph(taken: desk.Desk, text: str, arrival: int) -> None:
    """Take a text, or photograph the thing that it names."""
    if text.startswith("@"):
        taken.photograph(f"a photo of {text[1:]}".encode(), role="condition", asset_id=text[1:])
    else:
        TAKE(taken, text, arrival)


TAKE = desk.Desk.take


def hold(home: str, url: str, file: str, where: str, number: str) -> None:
    """Hold a session and die on the way."""
    append, commit = Journal.append, station.commit

    def appended(journal: Journal, kind: str, at: str, data: Mapping[str, Any]) -> None:
        if kind == "landed":
            die()
        append(journal, kind, at, data)

    def committed(*arguments: Any, **options: Any) -> None:
        commit(*arguments, **options)
        die()

    if where == "begun":
        station.commit = committed  # type: ignore[assignment]
    elif where == "landed":
        setattr(Journal, "append", appended)  # noqa: B010  a method is not assigned to otherwise
    elif where in ("written", "writing"):
        setattr(Journal, "append", die_at_line(int(number), torn=where == "writing"))  # noqa: B010
    setattr(desk.Desk, "take", take_or_photograph)  # noqa: B010
    command = ["scan", "session", "--from", file]
    if where == "rolling":
        command = ["scan", "sync", "--roll"]
        roll = Journal.roll

        def rolled(*arguments: Any) -> Path:
            die_at_the_disk(int(number))
            return roll(*arguments)

        setattr(Journal, "roll", rolled)  # noqa: B010
        setattr(desk.Desk, "land_all", lambda _desk: [])  # noqa: B010  all that waits is carried
    code = main(["--home", home, "--db", url, "--as", "admin", "--json", *command])
    raise SystemExit(code)


if __name__ == "__main__":
    hold(*sys.argv[1:])
