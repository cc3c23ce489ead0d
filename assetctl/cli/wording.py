"""Help texts in the reader's language, and what the lifecycle table adds to them."""

from __future__ import annotations

from typing import Any

from assetctl.domain.lifecycle import Act, sources
from assetctl.i18n import N_, Language, term, translate

_TITLES = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
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
    for inner in getattr(command, "commands", {}).values():
        localise(inner, language)
    _set_titles(language)


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


def _set_titles(language: Language) -> None:
    import sys

    # typer fixes its panel titles when its help module is imported, which only help does.
    module = sys.modules.get("typer.rich_utils")
    if module is not None:
        for name, title in _TITLES.items():
            setattr(module, name, translate(title, language))
