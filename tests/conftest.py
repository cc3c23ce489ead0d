"""What every test may use: databases of both kinds, a register, a stamp, the command line."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from assetctl.cli import clock
from assetctl.cli.app import main
from assetctl.domain.chain import instant
from assetctl.domain.request import Stamp
from assetctl.store.engine import Store

# How fast a machine draws examples is no property of the program.
settings.register_profile("assetctl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thousand", settings.get_profile("assetctl"), max_examples=1000)
settings.load_profile("assetctl")

SHARED = Path(__file__).parents[2] / "shared"
"""Outside test data beside the project; tests that read it skip where it is absent."""


@pytest.fixture(scope="session", autouse=True)
def _no_real_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test away from the home directory and the settings of the person who runs it."""
    patch = pytest.MonkeyPatch()
    for name in list(os.environ):
        if name.startswith("ASSETCTL_"):
            patch.delenv(name)
    patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    patch.setenv("ASSETCTL_HOME", str(tmp_path_factory.mktemp("assetctl")))
    yield
    patch.undo()


# --- PostgreSQL ----------------------------------------------------------------------------


def postgresql_programs() -> Path | None:
    """Return the folder that holds initdb and pg_ctl, None where there is no server."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


class PostgreSQL:
    """A server of our own on a socket in a temporary folder, without durability: tests only."""

    def __init__(self, programs: Path, options: str = "-c fsync=off") -> None:
        self._programs = programs
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="assetctl-pg-"))
        self._names = itertools.count(1)
        self._released: list[str] = []

    def start(self) -> None:
        """Make the cluster and start the server."""
        if os.getuid() == 0:  # the server refuses to run as root
            shutil.chown(self._folder, "postgres", "postgres")
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "-N")  # fmt: skip
        options = f"-k {self._folder} -c listen_addresses='' -c max_connections=50 {self._options}"
        self._run("pg_ctl", "-D", str(data), "-l", str(self._folder / "log"), "-w", "-o", options,
                  "start")  # fmt: skip

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        name = f"t{next(self._names)}"
        self._sql(*self._drops(), f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def release(self, url: str) -> None:
        """Let a database go when the next one is made: together they would fill the disk."""
        self._released.append(_name_in(url))

    def copy_of(self, url: str) -> str:
        """Copy a database that nobody has open; return the address of the copy."""
        name, template = f"t{next(self._names)}", _name_in(url)
        self._sql(*self._drops(), f"CREATE DATABASE {name} TEMPLATE {template}")
        return url.replace(f"@/{template}?", f"@/{name}?")

    def _drops(self) -> list[str]:
        found = [f"DROP DATABASE {name} WITH (FORCE)" for name in self._released]
        self._released.clear()
        return found

    def _sql(self, *statements: str) -> None:
        each = (part for one in statements for part in ("-c", one))
        self._run("psql", "-h", str(self._folder), "-U", "postgres", "-q", *each)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # No pipes: the server would inherit them and keep them open.
        with (self._folder.parent / f"{self._folder.name}.{program}").open("wb") as log:
            done = subprocess.run(command, stdout=log, stderr=log, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(Path(log.name).read_text(errors="replace"))
        Path(log.name).unlink()


def _name_in(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for the session; skipped where none is installed."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    server = PostgreSQL(programs)
    server.start()
    yield server
    server.stop()


# --- registers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a command line gave: its exit code, what it wrote, and the JSON if it was asked for."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The whole JSON answer."""
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        """The payload of a JSON answer."""
        return self.json["data"]

    @property
    def error(self) -> Any:
        """The failure of a JSON answer."""
        return self.json["error"]


class Register:
    """A register of its own, driven through the command line as a user drives it."""

    def __init__(self, home: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.url = url
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, lang: str = "en") -> Answer:
        """Run one command line and return what it gave."""
        self._capsys.readouterr()
        code = main(
            ["--home", str(self.home), "--db", self.url, "--as", "admin", "--lang", lang,
             *map(str, arguments)]
        )  # fmt: skip
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)

    def ok(self, *arguments: str | Path) -> Any:
        """Run a command that must succeed; return its JSON payload."""
        answer = self(*arguments, "--json")
        assert answer.code == 0, f"{arguments}: exit {answer.code}\n{answer.out}{answer.err}"
        return answer.data

    def fails(self, code: int, *arguments: str | Path) -> Any:
        """Run a command that must fail with this exit code; return its JSON error."""
        answer = self(*arguments, "--json")
        assert answer.code == code, f"{arguments}: exit {answer.code}\n{answer.out}{answer.err}"
        return answer.error

    def register(self, name: str = "台式计算机", **more: str) -> str:
        """Register an asset of unit U1 in warehouse W1; return its id."""
        options = {"class": "A02010105", "owner": "U1", "place": "W1"} | more
        flat = [part for key, value in options.items() for part in (f"--{key}", value)]
        answer = self.ok("register", "--name", name, *flat)
        return str(answer["asset_id"])

    @property
    def store(self) -> Store:
        """The register's database, for tests that look below the command line."""
        return Store(self.url)


def make_register(home: Path, url: str, capsys: pytest.CaptureFixture[str]) -> Register:
    """Make a register with two units, two people, a vendor, a warehouse and an office."""
    register = Register(home, url, capsys)
    register.ok("init")
    register.ok("party", "add", "U1", "--name", "甲县机关事务管理中心", "--kind", "unit")
    register.ok("party", "add", "U2", "--name", "乙镇人民政府", "--kind", "unit")
    register.ok("party", "add", "P1", "--name", "测试甲", "--kind", "person", "--unit", "U1")
    register.ok("party", "add", "P2", "--name", "测试乙", "--kind", "person", "--unit", "U2")
    register.ok("party", "add", "V1", "--name", "样例物流公司", "--kind", "vendor")
    register.ok("place", "add", "W1", "--name", "一号公物仓")
    register.ok("place", "add", "W1-Z1", "--name", "甲区", "--parent", "W1")
    register.ok("place", "add", "B1", "--name", "办公楼", "--kind", "building")
    register.ok("place", "add", "B1-101", "--name", "101室", "--parent", "B1", "--kind", "room")
    return register


class Models:
    """Databases and registers that are made once and copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Path, str] = {}

    def database(
        self, name: str, folder: Path, server: PostgreSQL | None, make: Callable[[str], object]
    ) -> str:
        """Return the address of a copy of what `make` has made of an empty database.

        It is a file in a folder, or lies on the server if there is one.
        """
        kept = self._folder / f"{name}-{'sqlite' if server is None else 'postgresql'}.db"
        if kept not in self._made:
            self._made[kept] = f"sqlite:///{kept}" if server is None else server.new_database()
            make(self._made[kept])
        if server is not None:
            return server.copy_of(self._made[kept])
        shutil.copyfile(kept, folder / "register.db")
        return f"sqlite:///{folder / 'register.db'}"

    def register(
        self, folder: Path, server: PostgreSQL | None, capsys: pytest.CaptureFixture[str]
    ) -> Register:
        """Return a register with parties and places, its home and perhaps its file in a folder.

        Where the test has set the clock it is made anew, at that time.
        """
        home = folder / "home"
        if clock.now is not _NOW:
            url = server.new_database() if server else f"sqlite:///{folder / 'register.db'}"
            return make_register(home, url, capsys)
        kept = self._folder / f"home-{'sqlite' if server is None else 'postgresql'}"
        url = self.database(
            "register", folder, server, lambda url: make_register(kept, url, capsys)
        )
        shutil.copytree(kept, home)
        return Register(home, url, capsys)


_NOW = clock.now


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """What the registers of tests are copied from."""
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> PostgreSQL | None:
    """The server that a test runs on, and None for SQLite, in turn."""
    if request.param == "sqlite":
        return None
    found: PostgreSQL = request.getfixturevalue("postgresql")
    return found


@pytest.fixture
def url(server: PostgreSQL | None, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of each kind in turn."""
    if server is None:
        yield f"sqlite:///{tmp_path / 'register.db'}"
        return
    made = server.new_database()
    yield made
    server.release(made)


@pytest.fixture
def register(
    server: PostgreSQL | None, tmp_path: Path, capsys: pytest.CaptureFixture[str], models: Models
) -> Iterator[Register]:
    """A register with parties and places, on each kind of database in turn."""
    made = models.register(tmp_path, server, capsys)
    yield made
    if server is not None:
        server.release(made.url)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], models: Models) -> Register:
    """The same on SQLite only, for tests that do not depend on the database."""
    return models.register(tmp_path, None, capsys)


@pytest.fixture
def stamp() -> Callable[..., Stamp]:
    """Makes stamps for acts that are called directly."""

    def make(actor: str = "P1", request_id: str | None = None, at: str | None = None) -> Stamp:
        rec = instant(clock.now())
        return Stamp(
            actor=actor, at=at or rec, rec=rec, request_id=request_id or clock.new_event_id(),
            fresh=request_id is None, station="test", new_id=clock.new_event_id,
            new_salt=clock.new_salt,
        )  # fmt: skip

    return make
