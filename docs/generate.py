"""Write the reference pages under docs/reference from the code, or check that they are in step.

`python -m docs.generate` writes them; `python -m docs.generate --check` changes nothing and exits 1
if a page is not what the code says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import labels
import scanner
from assetctl import config, errors
from assetctl.cli import exits
from assetctl.domain import chain
from assetctl.domain.act_signature import ACT
from assetctl.domain.events import EVENTS
from assetctl.i18n import term, translate
from docs.commands import Command, walk
from docs.documents import documents_page
from docs.epcis import epcis_page
from docs.lifecycle import lifecycle_page
from docs.markdown import code, page_of, table
from docs.stocktakes import stocktakes_page
from labels.label import LabelError
from scanner.reading import ScanError

REFERENCE = Path(__file__).parent / "reference"


# --- pages ---------------------------------------------------------------------------------


def cli_page() -> str:
    """Return the page of commands."""
    chinese = {command.path: command for command in walk("zh")}
    parts = [
        "# Commands",
        ("Global options may stand anywhere before a `--`. Every asset argument takes an id, an "
        "alias or a tag text; `-` reads them from standard input, `@FILE` from a file. With "
        "`--json` the answer is `{\"ok\": true, \"data\": …}` or "
        "`{\"ok\": false, \"error\": {\"code\", \"message\", \"details\"}}`; "
        "[errors.md](errors.md) lists the codes and the exit codes."),
    ]  # fmt: skip
    for command in walk("en"):
        parts += _command_part(command, chinese[command.path])
    return page_of(parts)


def _command_part(command: Command, chinese: Command) -> list[str]:
    level = "##" if command.path.count(" ") < 2 else "###"
    parts = [
        f"{level} {command.path}",
        f"{command.help}<br>{chinese.help}",
        f"```\n{command.usage}\n```",
    ]
    if command.epilog:
        parts.append(command.epilog)
    if command.parameters:
        rows = [
            (
                f"`{' '.join((one.names, one.value)).strip()}`"
                + (" (needed)" if one.required else ""),
                one.help + (f" Default: `{one.default}`." if one.default else ""),
                other.help,
            )
            for one, other in zip(command.parameters, chinese.parameters, strict=True)
        ]
        parts.append(table(("Argument or option", "Meaning", "说明"), rows))
    return parts


_EXITS = (
    (exits.OK, "done", "已办理"),
    (exits.BUG, "a fault of the program itself", "程序故障"),
    (exits.USAGE, "the command line cannot be understood", "命令有误"),
    (exits.EXIT_CODES[errors.Kind.INVALID], "the input cannot be used", "输入有误"),
    (exits.EXIT_CODES[errors.Kind.NOT_FOUND], "something named is not there", "没有找到"),
    (exits.EXIT_CODES[errors.Kind.REFUSED], "the rules do not allow it", "按规定不能办理"),
    (exits.EXIT_CODES[errors.Kind.CONFLICT], "someone else was first", "他人已抢先办理"),
    (exits.EXIT_CODES[errors.Kind.UNVERIFIED], "the history does not verify", "历史记录校验不通过"),
    (exits.EXIT_CODES[errors.Kind.UNAVAILABLE], ("something needed is not available: database, "
     "key, reader, printer"), "所需的数据库、密钥或设备不可用"),
    (exits.FINDINGS, "done, but there is something to look at", "已办理，但有需要查看的事项"),
    (exits.INTERRUPTED, "interrupted", "已中断"),
)  # fmt: skip


def errors_page() -> str:
    """Return the page of errors and exit codes."""
    kinds = {number: kind.value for kind, number in exits.EXIT_CODES.items()}
    parts = [
        "# Errors and exit codes",
        ("Every failure has a code, which never changes its meaning, and a kind; the kind alone "
        "decides the exit code. Words in braces are the facts of the case; `--json` gives them as "
        "`error.details`."),
        "## Exit codes",
        table(
            ("Exit code", "Kind", "Meaning", "说明"),
            [(str(number), code(kinds.get(number, "")), english, chinese)
             for number, english, chinese in sorted(_EXITS)],
        ),
        "## Errors",
    ]  # fmt: skip
    for kind in errors.Kind:
        found = sorted(
            (one for one in _leaves(errors.AssetctlError) if one.kind is kind),
            key=lambda one: one.code,
        )
        parts.append(f"### {kind.value} (exit code {exits.EXIT_CODES[kind]})")
        parts.append(
            table(
                ("Code", "Sentence", "中文"),
                [_error_row(one) for one in found],
            )
        )
    for leaf in (labels, scanner):  # an error class is known only once its module is loaded
        for module in walk_packages(leaf.__path__, f"{leaf.__name__}."):
            import_module(module.name)
    for root, told in ((LabelError, "`error.details.label_code`"), (ScanError, "`reason`")):
        parts.append(f"### {root.__module__.partition('.')[0]}, told in {told}")
        found = sorted(_leaves(root), key=lambda one: one.code)
        parts.append(table(("Code", "Sentence", "中文"), [_error_row(one) for one in found]))
    return page_of(parts)


def _error_row(error: Any) -> tuple[str, str, str]:
    return code(error.code), error.template, translate(error.template, "zh")


def _leaves(root: Any) -> Iterator[Any]:
    for child in root.__subclasses__():
        yield child
        yield from _leaves(child)


def config_page() -> str:
    """Return the page of settings."""
    options = {
        one.names: one
        for command in walk("en") if command.path == "assetctl"
        for one in command.parameters
    }  # fmt: skip
    flags = {"operator": "--as"} | {name.removeprefix("--"): name for name in options}
    rows = []
    for setting in fields(config.Settings):
        name = setting.name
        default = _DEFAULTS.get(name) or code(str(setting.default))
        variable = "" if name == "readers" else code(f"ASSETCTL_{name.upper()}")
        rows.append((
            code(name), code(flags.get(name, "")), variable, default,
            config.DESCRIPTIONS[name], translate(config.DESCRIPTIONS[name], "zh"),
        ))  # fmt: skip
    return page_of([
        "# Settings",
        ("A flag counts before an environment variable, that before the file `config.toml` in the "
        "home directory, that before the default. The file holds `name = \"text\"` lines; an "
        "unknown name is an error. `home` itself cannot stand in the file."),
        table(("Setting", "Flag", "Environment variable", "Default", "Meaning", "说明"), rows),
    ])  # fmt: skip


_DEFAULTS = {
    "home": "`$XDG_DATA_HOME/assetctl`, else `~/.local/share/assetctl`",
    "db": "`register.db` in the home directory (SQLite)",
    "operator": "the login name",
    "lang": "by `LC_ALL`, `LC_MESSAGES` or `LANG`: `en` for English, else `zh`",
    "origin": "the host, `/log/` and eight random digits",
    "font": "looked for",
    "epcis_uri": "`https://`, the host and a slash",
    "readers": "none",
    "audit_rules": "`audit-rules.toml` in the home directory if it is there, else built in",
}
"""Defaults that are worked out when the program starts."""


def history_page() -> str:
    """Return the page of events and the bytes of history."""
    parts = [
        "# History",
        *_PROSE,
        "## Events",
        (
            "Fields in *italics* are personal: they go into a salted disclosure beside the entry "
            "and can be erased without touching the history. Fields with ? may be left out."
        ),
    ]
    for kind, event in sorted(EVENTS.items()):
        shown = [
            (f"*{item.name}*" if item.name in event.personal
             else code(item.name.removesuffix("_")))
            + ("?" if "None" in str(item.type) or item.name in ("aliases", "card", "attributes")
               else "")
            for item in fields(event)
        ]  # fmt: skip
        sentence = " ".join((event.__doc__ or "").split())
        parts += [
            f"### {kind}",
            f"{sentence} ({term('event', kind, 'zh')})",
            ", ".join(shown) + ".",
        ]
    return page_of(parts)


_ENTRY = (
    ("`_`", f"the format: `{chain.EVENT}`"),
    ("`actor`", "code of the person who acted"),
    ("`at`", "when it happened, UTC to the microsecond"),
    ("`by`", "code of the key that signed it (optional)"),
    ("`data`", "the fields of the event, as below; empty ones are left out"),
    ("`for`", "on whose behalf (optional)"),
    ("`id`", "id of the event, a UUIDv7 in hex"),
    ("`kind`", "kind of the event"),
    ("`n`", "number of the entry in its chain"),
    ("`p`", "leaf of the entry before it, base64url; in the first, the leaf of the genesis entry"),
    ("`rec`", "when it was recorded; `at` may lie before it"),
    ("`req`", "id of the request; the same request is carried out once"),
    ("`sd`", "digests of the personal fields, sorted (optional)"),
    ("`sig`", "signature of that key, Ed25519 in base64url (optional)"),
    ("`st`", "station at which it was written"),
    ("`subject`", "such as `asset:K7M29QXD4F`"),
)

_PROSE = (
    (
        "Each asset, party, place, class, key and role is a *subject* with a chain of entries of "
        "its own, numbered from 1. An entry is never changed or taken out. The tables are made "
        "from the entries and can be rebuilt from them: `assetctl verify --replay` does so and "
        "compares."
    ),
    "## The bytes of an entry",
    (
        "An entry is canonical JSON: RFC 8785 in a narrower profile, with keys "
        "`[a-z_][a-z0-9_]*`, no floats (amounts are text), integers up to 2^53-1, texts in NFC, "
        "at most "
        f"{chain.MAX_ENTRY:,} bytes of UTF-8. The stored bytes are what is hashed."
    ),
    table(("Key", "Meaning"), _ENTRY),
    (
        "```\n"
        "leaf       = SHA-256(0x00 || entry)\n"
        "disclosure = base64url(JSON [salt, field, text])    sd holds SHA-256 of it, base64url\n"
        f'genesis    = {{"_":"{chain.GENESIS}","hash":"sha256","log":ORIGIN,"nonce":…,"vkey":…}}\n'
        f'signed     = "{ACT.decode().strip()}" LF || canonical entry without n, p, rec, sig\n'
        "```"
    ),
    (
        "An entry that carries `by` and `sig` was signed before it reached the database, with a "
        "key of the person who acted or of the station; [keys.md](../keys.md) says what that "
        "shows and what not."
    ),
    (
        "The leaf is the leaf hash of RFC 6962, so that all entries can stand in one Merkle tree. "
        "A personal field (RFC 9901) stands in the entry only as the digest of a disclosure with "
        "32 random bytes of salt; without the disclosure the digest tells nothing, and the chain "
        "holds. A disclosure may be gone only where a later entry `history.redacted` of the same "
        "subject names its event, path and digest: verification finds every other one that is "
        "missing, and every one that came back."
    ),
)


# --- writing -------------------------------------------------------------------------------

PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "errors.md": errors_page,
    "documents.md": documents_page,
    "lifecycle.md": lifecycle_page,
    "stocktakes.md": stocktakes_page,
    "config.md": config_page,
    "history.md": history_page,
    "epcis.md": epcis_page,
}


def out_of_step() -> list[str]:
    """Return the names of pages that are missing, left over, or not what the code says."""
    there = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    said = {name: page() for name, page in PAGES.items()}
    return sorted(name for name in there | said if there.get(name) != said.get(name))


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` name those out of step; return the exit code."""
    if list(arguments) == ["--check"]:
        wrong = out_of_step()
        for name in wrong:
            print(f"docs/reference/{name} is out of step; run: python -m docs.generate")
        return 1 if wrong else 0
    if arguments:
        print("usage: python -m docs.generate [--check]", file=sys.stderr)
        return 2
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
