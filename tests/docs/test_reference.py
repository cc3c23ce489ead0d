"""The pages say what the code says, and the commands that people are told to type exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from assetctl import errors
from assetctl.cli import exits
from assetctl.cli.app import COMMANDS
from assetctl.domain.events import EVENTS
from assetctl.domain.lifecycle import Act, State
from docs import commands, generate

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"^\s*(?:\$ )?(assetctl .*)$", re.MULTILINE)


def page(name: str) -> str:
    return (generate.REFERENCE / name).read_text(encoding="utf-8")


def test_the_pages_are_in_step() -> None:
    assert generate.out_of_step() == []


def test_making_the_pages_twice_gives_the_same() -> None:
    for make in generate.PAGES.values():
        assert make() == make()


def test_check_names_what_is_out_of_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "cli.md").write_text("old", encoding="utf-8")
    (tmp_path / "errors.md").unlink()
    (tmp_path / "gone.md").write_text("left over", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert re.findall(r"\w+\.md", said) == ["cli.md", "errors.md", "gone.md"]


def test_every_command_has_its_part() -> None:
    parts = set(re.findall(r"^#+ (assetctl.*)$", page("cli.md"), re.MULTILINE))
    assert {f"assetctl {name}" for name in COMMANDS} <= parts
    assert parts == {command.path for command in commands.walk("en")}


def test_every_error_and_exit_code_has_its_row() -> None:
    text = page("errors.md")
    assert all(f"`{error.code}`" in text for error in generate._leaves(errors.AssetctlError))
    codes = {exits.OK, exits.BUG, exits.USAGE, exits.FINDINGS, exits.INTERRUPTED}
    for code in codes | set(exits.EXIT_CODES.values()):
        assert f"\n| {code} |" in text


def test_every_state_act_and_event_is_told() -> None:
    lifecycle, history = page("lifecycle.md"), page("history.md")
    assert all(f"`{code.value}`" in lifecycle for code in (*State, *Act))
    assert all(f"### {kind}\n" in history for kind in EVENTS)


def test_commands_in_the_readme_exist() -> None:
    known = {command.path: command for command in commands.walk("en")}
    for line in calls(ROOT / "README.md"):
        path = "assetctl"
        for word in shlex.split(line, comments=True)[1:]:
            if known[path].is_group and not word.startswith("-"):
                path = f"{path} {word}"
                assert path in known, line
        options = {name for part in ("assetctl", path) for name in option_names(known[part])}
        for word in shlex.split(line, comments=True)[1:]:
            name = word.partition("=")[0]
            assert not re.fullmatch(r"--[a-z-]+", name) or name in options | {"--help"}, line


def option_names(command: commands.Command) -> Iterator[str]:
    for parameter in command.parameters:
        yield from parameter.names.split(", ")


def calls(path: Path) -> Iterator[str]:
    """Give each `assetctl …` line that stands in a fenced block."""
    for block in _FENCE.findall(path.read_text(encoding="utf-8")):
        yield from _CALL.findall(block.replace("\\\n", " "))
