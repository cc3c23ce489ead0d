"""Every command of the program with its arguments and options, as `--help` words them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from typer.main import get_group

from assetctl.cli.app import app
from assetctl.cli.wording import localise
from assetctl.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument or option as help shows it."""

    names: str
    value: str
    help: str
    required: bool
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command or group: the words that call it, its help, and what it takes."""

    path: str
    help: str
    epilog: str
    usage: str
    is_group: bool
    parameters: tuple[Parameter, ...]


def walk(language: Language) -> Iterator[Command]:
    """Give every command of the program, groups before what is in them, as `--help` words it."""
    context = SimpleNamespace(obj=SimpleNamespace(settings=SimpleNamespace(lang=language)))
    root = get_group(app)
    localise(root, language)
    yield from _walk(root, "assetctl", context)


def _walk(command: Any, path: str, context: Any) -> Iterator[Command]:
    yield _command(command, path)
    if not hasattr(command, "list_commands"):
        return
    for name in command.list_commands(context):
        yield from _walk(command.get_command(context, name), f"{path} {name}", context)


def _command(command: Any, path: str) -> Command:
    is_group = hasattr(command, "list_commands")
    shown = [one for one in command.params if not getattr(one, "hidden", False)]
    arguments = [one for one in shown if one.param_type_name == "argument"]
    options = [one for one in shown if one.param_type_name == "option"]
    pieces = [path, *(_argument_usage(one) for one in arguments)]
    pieces += [f"{_flag(one)} {_value(one)}".strip() for one in options if one.required]
    if any(not one.required for one in options):
        pieces.append("[OPTIONS]")
    if is_group:
        pieces.append("COMMAND …")
    return Command(
        path=path, help=" ".join((command.help or "").split()), epilog=command.epilog or "",
        usage=" ".join(pieces), is_group=is_group,
        parameters=tuple(_parameter(one) for one in (*arguments, *options)),
    )  # fmt: skip


def _argument_usage(parameter: Any) -> str:
    name = _value(parameter)
    return name if parameter.required else f"[{name}]"


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    default = parameter.default
    has_default = default not in (None, False, "", [], ()) and not callable(default)
    return Parameter(
        names=", ".join(parameter.opts) if is_option else _value(parameter),
        value=_value(parameter) if is_option else "",
        help=" ".join((parameter.help or "").split()),
        required=parameter.required,
        default=str(default) if has_default else "",
    )


def _flag(parameter: Any) -> str:
    return str(max(parameter.opts, key=len))


def _value(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return ""
    if parameter.metavar:
        return str(parameter.metavar)
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return {"int": "NUMBER", "float": "NUMBER"}.get(_sort(parameter), "TEXT")


def _sort(parameter: Any) -> str:
    return {"integer": "int", "integer range": "int", "float": "float", "float range": "float",
            "path": "path", "filename": "path"}.get(parameter.type.name, "text")  # fmt: skip
