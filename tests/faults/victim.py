"""A program that will be killed: it acts, or imports, and says on a pipe what was acknowledged.

    python -m tests.faults.victim act HOME URL ASSET
    python -m tests.faults.victim import HOME URL FILE WHERE COUNT
    python -m tests.faults.victim encode HOME URL ASSET READER

`act` moves an asset to and fro for ever. `import` kills itself at the COUNT-th entry made, the
COUNT-th statement sent, or right before or after the commit: there is no later moment to wait for.
Entries of a long list are made by a process of its own; `reader` kills only that one.
`encode` writes a radio tag and dies at the commit that would bind it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from itertools import count, cycle
from typing import Any

import sqlalchemy as sa

from assetctl.cli import clock, output
from assetctl.cli.app import main


def die_at(number: int, *, alone: bool = False) -> Callable[..., None]:
    """Return what kills this program when it is called for the `number`-th time.

    With `alone` a process that this one has started kills itself only.
    """
    calls = count(1)
    program = os.getpid()

    def called(*_arguments: object, **_options: object) -> None:
        if next(calls) >= number:
            os.kill(os.getpid() if alone else program, signal.SIGKILL)

    return called


def act(home: str, url: str, asset: str) -> None:
    """Act without end, and write the id of every entry that was acknowledged."""
    for place in cycle(("B1", "W1")):
        out = io.StringIO()
        with redirect_stdout(out):
            code = main(["--home", home, "--db", url, "--as", "admin", "--json",
                         "move", asset, "--to", place])  # fmt: skip
        if code == 5:  # it is there already: the one before us was killed behind its commit
            continue
        if code:
            sys.stderr.write(out.getvalue())
            raise SystemExit(code)
        sys.stdout.write(json.loads(out.getvalue())["data"]["events"][0]["event_id"] + "\n")
        sys.stdout.flush()


def bring_in(home: str, url: str, file: str, where: str, number: str) -> None:
    """Import a list and die on the way."""
    die = die_at(int(number), alone=where == "reader")
    made = clock.new_event_id

    def new_event_id() -> str:
        die()
        return made()

    if where in ("entry", "reader"):
        clock.new_event_id = new_event_id
    elif where in ("statement", "sent"):
        name = "before_cursor_execute" if where == "statement" else "after_cursor_execute"
        sa.event.listen(sa.Engine, name, die)
    elif where == "commit":
        sa.event.listen(sa.Engine, "commit", die)
    code = main(["--home", home, "--db", url, "--as", "admin", "--json", "import", "assets", file])
    if where == "done":
        die()
    raise SystemExit(code)


def encode(home: str, url: str, asset: str, reader: str) -> None:
    """Write a radio tag, and die at the next commit once that was told."""
    tell = output.note

    def told(text: str) -> None:
        tell(text)
        sa.event.listen(sa.Engine, "commit", die_at(1))

    output.note = told
    main(["--home", home, "--db", url, "--as", "admin", "tag", "encode", asset, "--reader", reader,
          "--listen", "0.25"])  # fmt: skip


if __name__ == "__main__":
    deeds: dict[str, Any] = {"act": act, "import": bring_in, "encode": encode}
    deeds[sys.argv[1]](*sys.argv[2:])
