"""Writers and sealers killed at any moment, a few times; see `kill_often` for the many times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

KILLS = 12


def test_nothing_acknowledged_is_lost_and_the_log_holds(url: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_often", str(KILLS), tmp_path / "home", url],
        cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == KILLS
    assert told["entries"] > told["acknowledged"]
