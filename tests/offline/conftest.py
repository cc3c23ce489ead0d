"""The verifier as an auditor runs it: a copy of its own, under every Python that is here."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assetctl.offline import verify
from tests.offline.maker import Book, dossier, pack, sample

VERIFIER = Path(verify.__file__)
OLDEST = (3, 8)
_VERSION = "import sys; print(*sys.version_info[:2])"


@dataclass(frozen=True)
class Verdict:
    """What the verifier said: its exit code, and its report as JSON or as text."""

    code: int
    text: str

    @property
    def json(self) -> Any:
        """The report for programs."""
        return json.loads(self.text)

    @property
    def codes(self) -> dict[str, set[str]]:
        """The codes of what is proven and what is not."""
        told = self.json
        return {name: {one["code"] for one in told[name]} for name in ("proven", "not_proven")}

    @property
    def wrong(self) -> tuple[str, str]:
        """Code and place of the first thing wrong."""
        told = self.json["wrong"]
        assert told is not None, self.text
        return told["code"], told["place"]


Checker = Callable[..., Verdict]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Checker:
    """Runs the verifier in this process; whatever it is given, it must end with a verdict."""

    def run(path: Path, *arguments: str | Path) -> Verdict:
        capsys.readouterr()
        code = verify.main([str(path), "--lang", "en", "--json", *map(str, arguments)])
        text, words = capsys.readouterr()
        assert words == ""
        verdict = Verdict(code, text)
        assert verdict.json["ok"] is (code == 0)
        assert code in (0, 3, 7)
        return verdict

    return run


@cache
def pythons() -> tuple[Path, ...]:
    """Return one Python of each version from the oldest that must do, the oldest first."""
    names = [f"python3.{minor}" for minor in range(OLDEST[1], 30)]
    found = [Path(one) for one in map(shutil.which, names) if one]
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)  # tests have another HOME
    found += sorted((home / ".pyenv" / "versions").glob("*/bin/python"))
    known: dict[tuple[int, int], Path] = {sys.version_info[:2]: Path(sys.executable)}
    for python in found:
        done = subprocess.run([python, "-c", _VERSION], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            major, minor = map(int, done.stdout.split())
            known.setdefault((major, minor), python)
    return tuple(known[one] for one in sorted(known) if one >= OLDEST)


def run(python: Path, *arguments: str | Path, script: Path = VERIFIER) -> Verdict:
    """Run the verifier in a process with the standard library alone; a warning is a failure."""
    done = subprocess.run(
        [python, "-I", "-S", "-W", "error", script, *arguments],
        capture_output=True, check=False, timeout=300, env={"LC_ALL": "C.UTF-8", "PATH": ""},
    )  # fmt: skip
    assert done.stderr == b"", done.stderr.decode(errors="replace")
    return Verdict(done.returncode, done.stdout.decode("utf-8"))


@pytest.fixture(scope="session")
def book() -> Book:
    """A log in which one asset has a life; tests must not add to it."""
    return sample()


@pytest.fixture
def good(tmp_path: Path, book: Book) -> Path:
    """A good dossier with everything that a dossier can hold."""
    return pack(dossier(book, keys=["op-2"]), tmp_path / "good.zip")


def kept(path: Path, *notes: object) -> Path:
    """Write notes as the auditor keeps them; return the file."""
    path.write_text("\n".join(map(str, notes)), encoding="utf-8")
    return path


Arguments = Sequence[str | Path]
