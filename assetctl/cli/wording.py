"""Help texts in the reader's language, and what the lifecycle table adds to them."""

from __future__ import annotations

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
