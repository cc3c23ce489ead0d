"""What a start-up may load, what the lock file may say, and how large a file may grow."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Register

ROOT = Path(__file__).parents[2]
CODE = ("assetctl", "labels", "scanner")
HEAVY = {"cv2", "numpy", "fpdf", "PIL", "alembic", "qrcode", "zxingcpp", "pyzbar", "pydantic",
         "xlsxwriter", "xlrd"}  # fmt: skip
LONGEST = 400
ONE_FILE = {"assetctl/offline/verify.py": 800}
"""The verifier is one file on purpose: an auditor takes it along, and reads it."""

_NAMES = "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"


def loaded(*arguments: str | Path) -> set[str]:
    """Run one command line in a process of its own; return the packages it loaded."""
    code = (
        "import sys\n"
        "from assetctl.cli.app import main\n"
        "answer = main(sys.argv[1:])\n"
        f"{_NAMES}\n"
        "sys.exit(answer)\n"
    )
    done = run(code, *arguments)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def run(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["checkout", "--help"],
        ["witness", "serve", "--help"],
        ["doc", "print", "--help"],
        ["stocktake", "report", "--help"],
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    packages = loaded("--home", tmp_path, *arguments)
    assert "typer" in packages
    assert not packages & HEAVY


@pytest.mark.parametrize("command", ["show", "trace", "find", "checkin"])
def test_daily_commands_load_nothing_heavy(desk: Register, command: str) -> None:
    asset = desk.register()
    if command == "checkin":
        desk.ok("checkout", asset, "--to", "P1")
    world = ("--home", desk.home, "--db", desk.url, "--as", "admin", "--lang", "zh")
    packages = loaded(*world, command, *([] if command == "find" else [asset]))
    assert "sqlalchemy" in packages
    assert not packages & HEAVY


def test_the_domain_loads_no_database() -> None:
    modules = sorted(path.stem for path in (ROOT / "assetctl" / "domain").glob("[a-z]*.py"))
    assert "lifecycle" in modules
    done = run(f"import sys, {', '.join(f'assetctl.domain.{one}' for one in modules)}\n{_NAMES}")
    assert done.returncode == 0, done.stderr
    assert not set(done.stderr.split()) & {"sqlalchemy", "typer", "rich", *HEAVY}


# --- the lock file -------------------------------------------------------------------------


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    wanted = [line for line in lines if not line.lstrip().startswith("#")]
    assert wanted
    for line in wanted:
        assert re.match(r"[A-Za-z0-9._\-\[\],]+==\S+", line), line
        assert "--hash=sha256:" in line, line


# --- the files -----------------------------------------------------------------------------


def test_no_file_of_code_is_long() -> None:
    long = {
        name: count
        for folder in CODE
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (count := len(path.read_text(encoding="utf-8").splitlines()))
        > ONE_FILE.get(name := str(path.relative_to(ROOT)), LONGEST)
    }
    assert not long


def test_packages_of_assetctl_open_empty() -> None:
    openings = sorted((ROOT / "assetctl").rglob("__init__.py"))
    assert openings
    full = [path.parent.name for path in openings if path.read_bytes()]
    assert full == ["errors"], "errors alone are a shelf, sorted by kind and taken from one place"


def test_no_file_names_a_place_on_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False, timeout=60
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    # Put together here, so that this file does not name one either.
    place = re.compile(rb"(?<![\w./])/(?:" + rb"work|root|home/\w+|Users/\w+" + rb")/")
    found = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (data := path.read_bytes()) and place.search(data):
            found.append(name)
    assert not found
