"""The command line: global options anywhere, lazy commands, one boundary for every failure."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import closing
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from assetctl import config
from assetctl.cli import exits, output
from assetctl.cli.context import Context, Flags, must_be_text
from assetctl.cli.wording import bad_usage, localise
from assetctl.errors import AssetctlError
from assetctl.i18n import N_, Language

COMMANDS: dict[str, str] = {
    "init": "setup", "doctor": "setup", "register": "cards", "correct": "cards",
    "attach": "cards", "show": "look", "trace": "look", "find": "look", "checkout": "custody",
    "checkin": "custody", "extend": "custody", "move": "custody", "send": "custody",
    "receive": "custody", "transfer": "custody", "missing": "custody", "found": "custody",
    "dispose": "dispose", "label": "printing", "tag": "tag_encode", "scan": "live",
    "verify": "verify", "seal": "seal", "cosign": "seal", "signer": "seal", "witness": "witness",
    "key": "key_log", "party": "party", "role": "role", "place": "place", "standard": "standard",
    "warehouse": "warehouse", "intake": "intake", "loan": "loan", "realloc": "realloc",
    "source": "source", "share": "share", "doc": "doc_print",
    "stocktake": "stocktake_report", "reader": "emulate", "import": "lists", "export": "leaving",
    "db": "db", "audit": "audit",
}  # fmt: skip
"""Every command and the module under `assetctl.cli` that holds it, in the order of the help."""

_VALUED = {
    "--db": "db", "--as": "operator", "--lang": "lang", "--home": "home", "--station": "station",
}  # fmt: skip
_ONCE = {"--at": "at", "--request-id": "request_id", "--on-behalf": "on_behalf"}
_SWITCHES = {"--json": "json", "--dry-run": "dry_run", "--yes": "yes"}


class _Lazy(TyperGroup):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"assetctl.cli.{COMMANDS[cmd_name]}")
        group = get_group(module.groups.get(cmd_name, module.app))
        command = group if cmd_name in module.groups else group.commands[cmd_name]
        command.name = cmd_name
        localise(command, ctx.obj.settings.lang)
        return command


app = typer.Typer(cls=_Lazy, no_args_is_help=True, add_completion=False)


@app.callback()
def root(
    *,
    db: Annotated[str, typer.Option(help=N_("Address of the register."))] = "",
    operator: Annotated[str, typer.Option("--as", help=N_("Who acts (code of a person)."))] = "",
    lang: Annotated[str, typer.Option(help=N_("Language: zh or en."))] = "",
    home: Annotated[str, typer.Option(help=N_("Where keys, files and settings lie."))] = "",
    station: Annotated[str, typer.Option(help=N_("Name of this desk or machine."))] = "",
    at: Annotated[str, typer.Option(help=N_("When it really happened, if earlier."))] = "",
    request_id: Annotated[
        str, typer.Option(help=N_("Id of the request: the same one is carried out once."))
    ] = "",
    on_behalf: Annotated[str, typer.Option(help=N_("For whom the operator acts."))] = "",
    json: Annotated[bool, typer.Option("--json", help=N_("Answer in JSON."))] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Check everything, keep nothing."))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask before acting."))] = False,
) -> None:
    """Identity, custody and provable history for public property."""
    # Taken out by `take_flags` before parsing, because they may stand anywhere.
    del db, operator, lang, home, station, at, request_id, on_behalf, json, dry_run, yes


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises, never exits."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    rest, flags = take_flags(arguments)
    words = output.Words(language=_early_language(flags), timezone="Asia/Shanghai")
    try:
        must_be_text(arguments)
        settings = config.load(flags.settings)
        words = output.Words(language=settings.lang, timezone=settings.timezone)
        with closing(Context(settings, flags)) as context:
            return _run(rest, context, words)
    except AssetctlError as error:
        output.show_error(error, words, as_json=flags.json)
        return exits.EXIT_CODES[error.kind]
    except (KeyboardInterrupt, typer.Abort):
        output.note(words.say("Interrupted. What was not acknowledged was not done."))
        return exits.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return exits.OK
    except Exception:  # noqa: BLE001  the last boundary: a bug must not look like a refusal
        output.show_bug(traceback.format_exc(), words, as_json=flags.json)
        return exits.BUG


def take_flags(arguments: Sequence[str]) -> tuple[list[str], Flags]:
    """Take the global options out of a command line, wherever they stand before a `--`."""
    flags = Flags()
    rest: list[str] = []
    items = iter(arguments)
    for item in items:
        name, equals, value = item.partition("=")
        if item == "--":
            rest += [item, *items]
        elif item in _SWITCHES:
            setattr(flags, _SWITCHES[item], True)
        elif name in _VALUED or name in _ONCE:
            given = value if equals else next(items, None)
            if given is None:
                rest.append(item)  # the parser will say that its value is missing
            elif name in _VALUED:
                flags.settings[_VALUED[name]] = given
            else:
                setattr(flags, _ONCE[name], given)
        else:
            rest.append(item)
    return rest, flags


def _run(arguments: list[str], context: Context, words: output.Words) -> int:
    command = get_group(app)
    localise(command, context.settings.lang)
    try:
        answer = command.main(arguments, prog_name="assetctl", standalone_mode=False, obj=context)
    except typer.TyperException as error:
        return _usage(error, words, context)
    if isinstance(answer, int):
        return answer
    if answer is None:
        return exits.OK
    output.show(answer, words, as_json=context.flags.json)
    if context.flags.dry_run and not context.flags.json:
        output.note(words.say(N_("This was a dry run: nothing of it was kept.")))
    return exits.FINDINGS if answer.findings else exits.OK


def _usage(error: typer.TyperException, words: output.Words, context: Context) -> int:
    path = getattr(getattr(error, "ctx", None), "command_path", "assetctl")
    hint = words.say("Help: {command} --help", command=path)
    if type(error).__name__ == "NoArgsIsHelpError":
        hint = ""
    message = bad_usage(error, "en" if context.flags.json else words.language)
    output.show_usage(message, hint, words, as_json=context.flags.json)
    return exits.USAGE


def _early_language(flags: Flags) -> Language:
    return "en" if flags.settings.get("lang") == "en" else "zh"
