"""A real window on a display of our own; skipped where no display can be made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("cv2", exc_type=ImportError)

GUARD = 60

_SHOW = """
import numpy
from scanner.window import Window, window_fault
assert window_fault() is None, window_fault()
window = Window("公物仓 station")
for shade in range(5):
    assert window.show(numpy.full((120, 160, 3), 50 * shade, numpy.uint8)) is None
assert window.show(None) is None
window.close()
assert window.show(None) == "quit"
window.close()
print("shown and closed")
"""


@pytest.fixture
def display() -> Iterator[str]:
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("no Xvfb on this machine to make a display with")
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(theirs), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=(theirs,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    try:
        # It says its number when it is ready, or nothing when it ends.
        with os.fdopen(ours) as said:
            number = said.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(GUARD)


def test_a_window_shows_pictures_and_knows_when_it_is_closed(display: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SHOW], capture_output=True, text=True, check=False,
        env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
        cwd=Path(__file__).parents[3], timeout=GUARD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "shown and closed\n"
