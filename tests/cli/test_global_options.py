"""Options that mean the same everywhere: where they may stand, and which source of them counts."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from assetctl.cli.app import COMMANDS, main, take_flags
from assetctl.i18n import LANGUAGES, Language, catalog, term, translate
from tests.conftest import Register


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(one) for one in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("place", range(5))
def test_global_options_may_stand_anywhere(desk: Register, place: int) -> None:
    asset = desk.register()
    line = ["checkout", asset, "--to", "P1"]
    line[place:place] = ["--json", "--as", "P1", "--request-id=r1", "--at", "2026-01-02 08:00",
                         "--lang", "zh", "--station=窗口一", "--on-behalf", "U1"]  # fmt: skip
    if place == 3:
        # Between an option and its value they belong to neither.
        line[-1:] = ["P1"]
    answer = desk(*line)
    assert answer.code == 0, answer.out + answer.err
    (event,) = answer.data["events"]
    assert (event["actor"], event["request_id"]) == ("P1", "r1")
    assert event["at"] == "2026-01-02T00:00:00.000000Z"
    entry = desk.ok("trace", asset)[1]
    assert (entry["station"], entry["on_behalf"]) == ("窗口一", "U1")


@pytest.mark.parametrize("flag", ["--json", "--dry-run", "--yes"])
def test_a_double_hyphen_ends_the_options(desk: Register, flag: str) -> None:
    asset = desk.register(f"{flag} 型")
    rest, flags = take_flags(["find", "--json", "--", flag])
    assert rest == ["find", "--", flag]
    assert flags.json
    assert not flags.dry_run
    answer = desk("find", "--json", "--", flag)
    assert [one["asset_id"] for one in answer.data["items"]] == [asset]


@pytest.mark.parametrize("option", ["--db", "--as", "--lang", "--home", "--at", "--request-id"])
def test_an_option_without_its_value_is_a_usage_error(desk: Register, option: str) -> None:
    assert desk("find", option).code == 2


def test_the_last_of_repeated_options_counts(desk: Register) -> None:
    asset = desk.register()
    made = desk.ok("checkout", asset, "--to", "P1", "--as", "P1", "--as", "P2")
    assert made["events"][0]["actor"] == "P2"


# --- sources of settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", list(itertools.product([True, False], repeat=3)), ids=lambda g: str(g)
)
def test_flag_beats_environment_beats_file_beats_default(
    tmp_path: Path,
    given: tuple[bool, bool, bool],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("ASSETCTL_HOME", str(home))
    flag, environment, file = given
    arguments: list[str] = []
    if flag:
        arguments = ["--db", f"sqlite:///{tmp_path}/flag.db"]
    if environment:
        monkeypatch.setenv("ASSETCTL_DB", f"sqlite:///{tmp_path}/environment.db")
    if file:
        (home / "config.toml").write_text(f'db = "sqlite:///{tmp_path}/file.db"\n')
    chosen = next(
        (name for name, is_given in zip(("flag", "environment", "file"), given, strict=True)
         if is_given), ""
    )  # fmt: skip
    wanted = f"{tmp_path}/{chosen}.db" if chosen else f"{home}/register.db"
    code, out, _ = _run(capsys, "db", "path", "--json", *arguments)
    assert code == 0
    assert json.loads(out)["data"] == {"db": f"sqlite:///{wanted}"}


def test_operator_and_language_come_from_the_same_sources(
    desk: Register, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSETCTL_HOME", str(desk.home))
    monkeypatch.setenv("ASSETCTL_DB", desk.url)
    config = desk.home / "config.toml"

    def actor(*more: str) -> str:
        code, out, err = _run(capsys, "place", "add", f"X{next(numbers)}", "--name", "x",
                              "--json", *more)  # fmt: skip
        assert code == 0, out + err
        return str(json.loads(out)["data"]["events"][0]["actor"])

    numbers = itertools.count()
    monkeypatch.setenv("LOGNAME", "login")
    assert actor() == "login"
    config.write_text('operator = "P1"\nlang = "en"\n')
    assert actor() == "P1"
    monkeypatch.setenv("ASSETCTL_OPERATOR", "P2")
    assert actor() == "P2"
    assert actor("--as", "admin") == "admin"
    assert _run(capsys, "place", "list")[1].split()[0] == "Code"
    monkeypatch.setenv("ASSETCTL_LANG", "zh")
    assert _run(capsys, "place", "list")[1].split()[0] == translate("Code", "zh")
    assert _run(capsys, "place", "list", "--lang", "en")[1].split()[0] == "Code"


@pytest.mark.parametrize(
    "text",
    ["colour = 'red'", "lang = 1", "lang = 'fr'", "not toml", "home = '/tmp'",
     "timezone = 'Nowhere/Nothing'", b"\xff\xfe"],
)  # fmt: skip
def test_a_settings_file_that_cannot_be_used_is_named(desk: Register, text: str | bytes) -> None:
    file = desk.home / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    capsys = desk._capsys
    code, out, _ = _run(capsys, "--home", desk.home, "find", "--json", "--db", desk.url)
    assert code == 3, out
    assert json.loads(out)["error"]["code"] == "config.invalid"


@pytest.mark.parametrize("db", ["nonsense", "mysql://x/y", "oracle://x", "sqlite:/", "://"])
def test_an_address_that_is_none_is_refused(desk: Register, db: str) -> None:
    assert desk.fails(3, "find", "--db", db)["code"] == "config.invalid"


def test_a_language_that_is_none_is_refused(desk: Register) -> None:
    assert desk.fails(3, "find", "--lang", "fr")["code"] == "config.invalid"


# --- help ------------------------------------------------------------------------------------


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Register:
    """The command line where no register was made yet."""
    return Register(tmp_path / "home", f"sqlite:///{tmp_path / 'register.db'}", capsys)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_names_every_command(bare: Register, lang: Language) -> None:
    answer = bare("--help", lang=lang)
    assert answer.code == 0
    assert answer.err == ""
    for command in COMMANDS:
        assert f" {command} " in answer.out


_SUB = {
    "import": ("classes", "parties", "places", "assets"), "export": ("assets",),
    "dispose": ("propose", "complete", "withdraw"), "label": ("png", "sheet"),
    "tag": ("bind", "replace", "void"), "scan": ("image",), "db": ("upgrade", "check", "path"),
    "party": ("add", "list"), "place": ("add", "list"),
}  # fmt: skip
_PATHS = [(name, sub) if sub else (name,) for name in COMMANDS for sub in ("", *_SUB.get(name, ()))]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", _PATHS, ids=" ".join)
def test_every_command_explains_itself(
    bare: Register, path: tuple[str, ...], lang: Language
) -> None:
    answer = bare(*path, "--help", lang=lang)
    assert answer.code == 0
    assert answer.err == ""
    plain = answer.out.replace("\n", "")
    assert " ".join(path) in plain
    assert translate("Show this message and exit.", lang)[:20] in plain


def test_help_says_from_which_states_an_act_is_allowed(bare: Register) -> None:
    answer = bare("checkin", "--help", lang="zh")
    assert term("state", "on_loan", "zh") in answer.out
    assert "on_loan" in answer.out
    assert catalog("zh")["Show this message and exit."] in answer.out


@pytest.mark.parametrize(
    "line",
    [("nonsense",), ("show",), ("find", "--nonsense"), ("find", "--limit", "0"),
     ("find", "--limit", "many"), ("checkout", "x"), ("transfer", "x", "--to-unit", "U2"),
     ("party",), ("party", "add", "X"), ("import", "assets"), ("label", "png", "x"),
     ("scan", "image"), ("dispose", "complete", "x"), ("show", "x", "--limit", "3")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_understood_is_exit_2_on_stderr(
    bare: Register, line: tuple[str, ...], lang: Language
) -> None:
    answer = bare(*line, lang=lang)
    assert answer.code == 2
    assert "Traceback" not in answer.err
    if line != ("party",):
        assert answer.out == ""
        assert answer.err
        assert bare.fails(2, *line)["code"] == "usage"


def test_without_a_command_the_help_is_shown(bare: Register) -> None:
    answer = bare()
    assert answer.code in (0, 2)
    assert "checkout" in answer.out + answer.err
