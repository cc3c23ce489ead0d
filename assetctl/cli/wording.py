"""Help texts in the reader's language, and what the lifecycle table adds to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assetctl.domain.lifecycle import Act, sources
from assetctl.i18n import N_, Language, term, translate

_TITLES = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "DEFAULT_STRING": N_("[default: {}]"),
}
_HELP = N_("Show this message and exit.")
_USAGE = N_("Usage:")

_BAD_VALUES = {
    r"(?P<value>.*) is not a valid int(?:eger)?(?: range)?\.": N_(
        "{name} cannot be {value}: a whole number is needed."
    ),
    r"(?P<value>.*) is not a valid float(?: range)?\.": N_(
        "{name} cannot be {value}: a number is needed."
    ),
    r"(?P<value>.*) is not in the range (?P<range>.*)\.": N_(
        "{name} cannot be {value}: it must lie in {range}."
    ),
}
_BAD_LINES = {
    r"Missing command\.": N_("A command is missing."),
    r"No such command (?P<name>'.*?')\.(?: Did you mean (?P<near>.*)\?)?": N_(
        "There is no command {name}. Nearest: {near}."
    ),
    r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)": N_(
        "More was given than the command takes: {name}."
    ),
    r"Option (?P<name>.+) requires (?:an argument|\d+ arguments)\.": N_(
        "Option {name} needs a value."
    ),
    r"Option (?P<name>.+) does not take a value\.": N_("Option {name} takes no value."),
}
"""What the parser of the command line says, and what assetctl says instead in Chinese."""


def allowed_from(act: Act) -> str:
    """Return the mark that `localise` turns into the states an act may start from."""
    return f"act:{act.value}"


def localise(command: Any, language: Language) -> None:
    """Put a command, its options and its subcommands into a language, in place."""
    for name in ("help", "short_help", "epilog"):
        text = getattr(command, name, None)
        if text:
            setattr(command, name, _text(text, language))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate(parameter.help, language)
    command.get_usage = _usage(command.get_usage, language)
    command.get_help_option = _help_option(command.get_help_option, language)
    command.format_help = _help_formatter(command.format_help, language)
    for inner in getattr(command, "commands", {}).values():
        localise(inner, language)


def _text(text: str, language: Language) -> str:
    if not text.startswith("act:"):
        return translate(" ".join(text.split()), language)
    states = ", ".join(
        f"{term('state', state.value, language)} ({state.value})"
        for state in sources(Act(text[4:]))
    )
    return translate("Allowed from: {states}.", language).format(states=states)


def bad_usage(error: Any, language: Language) -> str:
    """Return what is wrong with a command line; in English as the parser says it."""
    message: str = error.format_message()
    if language == "en":
        return message
    said = None
    match type(error).__name__:
        case "MissingParameter" if error.param is not None:
            name = error.param.get_error_hint(error.ctx)
            is_argument = error.param.param_type_name == "argument"
            missing = N_("Argument {name} is missing.") if is_argument else None
            said = _said(missing or N_("Option {name} is missing."), language, name=name)
        case "NoSuchOption":
            near = ", ".join(sorted(error.possibilities or ()))
            unknown = N_("There is no option {name}. Nearest: {near}.")
            said = _said(unknown, language, name=error.option_name, near=near)
        case "BadParameter" if error.param is not None:
            name = error.param.get_error_hint(error.ctx)
            unusable = N_("{name} has no usable value: {why}")
            said = _matched(_BAD_VALUES, error.message, language, name=name) or _said(
                unusable, language, name=name, why=error.message
            )
        case _:
            said = _matched(_BAD_LINES, message, language)
    return said or message


def _matched(
    patterns: Mapping[str, str], message: str, language: Language, **facts: str
) -> str | None:
    for pattern, template in patterns.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return _said(template, language, **facts, **found.groupdict(default=""))
    return None


def _said(template: str, language: Language, **facts: str) -> str:
    none = translate(N_("none"), language)
    return translate(template, language).format_map(facts | {"near": facts.get("near") or none})


def _usage(original: Any, language: Language) -> Any:
    def get_usage(ctx: Any) -> str:
        text: str = original(ctx)
        return text.replace("Usage:", translate(_USAGE, language), 1)

    return get_usage


def _help_option(original: Any, language: Language) -> Any:
    def get_help_option(ctx: Any) -> Any:
        option = original(ctx)
        if option is not None:
            option.help = translate(_HELP, language)
        return option

    return get_help_option


def _help_formatter(original: Any, language: Language) -> Any:
    def format_help(ctx: Any, formatter: Any) -> None:
        from typer import rich_utils  # only help loads it

        for name, title in _TITLES.items():
            setattr(rich_utils, name, translate(title, language))
        plain = rich_utils._make_rich_text

        def folded(**given: Any) -> Any:
            text = plain(**given)
            if hasattr(text, "overflow"):
                text.overflow = "fold"  # Chinese has no blanks to break a line at
            return text

        rich_utils._make_rich_text = folded
        try:
            original(ctx, formatter)
        finally:
            rich_utils._make_rich_text = plain

    return format_help
