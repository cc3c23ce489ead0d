"""The only place that prints: answers as tables or JSON on stdout, all other words on stderr."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from assetctl.cli import clock
from assetctl.errors import AssetctlError, Fault
from assetctl.i18n import N_, Language, Phrase, term, translate

JSON_NAMES = {"class_code": "class", "card_values": "card"}
"""Fields whose JSON key is a word that Python keeps for itself."""

_UNSHOWN = ("names", "template", "facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The language and time zone that people read."""

    language: Language
    timezone: str

    def say(self, text: str, /, **facts: object) -> str:
        """Return a sentence in the language, its facts put in."""
        return translate(text, self.language).format_map(
            {name: clean(str(fact)) for name, fact in facts.items()}
        )

    def term(self, group: str, code: str | None) -> str:
        """Return the word for a code; empty for none."""
        return term(group, code, self.language) if code else ""

    def time(self, instant: str) -> str:
        """Return an instant in local time."""
        return clock.local(instant, self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings; every cell is text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Names and values, one a line, under a title."""

    title: str
    pairs: Sequence[tuple[str, str]]


View = Table | Sheet | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command gives back: data for programs, views for people, remarks beside them.

    `findings` says that the work was done but there is something to look at (exit code 9).
    """

    data: Any
    view: Callable[[Words], Sequence[View]]
    remarks: Callable[[Words], Sequence[str]] = field(default=lambda _words: ())
    findings: bool = False


def show(answer: Answer, words: Words, *, as_json: bool) -> None:
    """Print an answer: the payload on stdout, remarks on stderr."""
    if as_json:
        _print_json({"ok": True, "data": plain(answer.data)})
        return
    for remark in answer.remarks(words):
        note(remark)
    for view in answer.view(words):
        if isinstance(view, str):
            sys.stdout.write(clean(view, keep="\n") + "\n")
        else:
            _print_rich(view)


def show_error(error: AssetctlError, words: Words, *, as_json: bool) -> None:
    """Print a failure: as JSON on stdout (English, with codes), or as a sentence on stderr."""
    if as_json:
        details = plain(_faults(error) or error.facts)
        body = {"code": error.code, "message": clean(str(error)), "details": details}
        _print_json({"ok": False, "error": body})
        return
    note(sentence(error, words))
    for fault in _faults(error):
        note(fault_line(fault, words))
    for line in _lines(error):
        note("  " + spoken(line, words))


def spoken(piece: str, words: Words) -> str:
    """Return a piece of a sentence in the language: a phrase with its facts, or plain words."""
    if isinstance(piece, Phrase):
        return words.say(piece.template, **_spoken(piece.facts, words)).rstrip(".。")
    return translate(piece, words.language)


def sentence(error: AssetctlError, words: Words) -> str:
    """Return what an error says, with codes turned into words."""
    return words.say(error.template, **_spoken(error.facts, words))


def asked_text(asked: str, words: Words) -> str:
    """Return whom a chain of opinions asks (`role@unit`): the word for the role, and the unit."""
    role, _, unit = asked.partition("@")
    return f"{words.term('role', role)} ({unit})" if unit else words.term("role", role)


def fault_line(fault: Fault, words: Words) -> str:
    """Return one fault of a list as a line for people."""
    message = words.say(fault.template or fault.message, **_spoken(fault.facts, words))
    value = words.term(str(fault.facts.get("group", "")), fault.value)
    where = N_("  row {row}, {column} {value}: {message}")
    if fault.column.startswith("$"):  # a JSON path, in an event or in what stands around them
        where = N_("  event {row}, {column} {value}: {message}")
        if not fault.row:
            where = N_("  document, {column} {value}: {message}")
    return words.say(
        where, row=fault.row, column=fault.column, value=repr(value[:60]), message=message
    )


def _faults(error: AssetctlError) -> Sequence[Fault]:
    faults = error.facts.get("faults", ())
    return faults if isinstance(faults, tuple) else ()


def _lines(error: AssetctlError) -> Sequence[str]:
    lines = error.facts.get("lines", ())
    return lines if isinstance(lines, tuple) else ()


def show_usage(message: str, hint: str, words: Words, *, as_json: bool) -> None:
    """Print that the command line itself cannot be understood."""
    if as_json:
        body = {"code": "usage", "message": clean(message), "details": {}}
        _print_json({"ok": False, "error": body})
        return
    note(words.say("The command cannot be understood: {message}", message=message))
    if hint:
        note(hint)


def show_bug(trace: str, words: Words, *, as_json: bool) -> None:
    """Print that the program itself failed, with what a report needs."""
    sys.stderr.write(trace)
    sentence = "This is a fault of assetctl, not yours. Nothing was half done. Please report it."
    if as_json:
        _print_json({"ok": False, "error": {"code": "bug", "message": sentence, "details": {}}})
    else:
        note(words.say(sentence))


def note(text: str) -> None:
    """Print words for people on stderr."""
    sys.stderr.write(clean(text, keep="\n") + "\n")


@contextmanager
def progress(label: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while something long goes on; gives a function told what is done."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: TID251  the one screen
    from rich.progress import Progress  # noqa: TID251

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def live(*, quiet: bool) -> Iterator[Callable[[View], None]]:
    """Show one view on stderr while something goes on; gives a function that puts another there.

    Where nobody watches nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _view: None
        return
    from rich.console import Console  # noqa: TID251  the one screen
    from rich.live import Live  # noqa: TID251
    from rich.text import Text  # noqa: TID251

    with Live(console=Console(stderr=True), transient=True, refresh_per_second=8) as shown:
        yield lambda view: shown.update(
            Text(clean(view, keep="\n")) if isinstance(view, str) else _drawn(view)
        )


def clean(text: str, keep: str = "") -> str:
    """Return outside text without control and direction characters, which could fool a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character in keep or not _is_control(character) else "\ufffd"
        for character in text
    )


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: dataclasses as objects, enums and decimals as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            JSON_NAMES.get(item.name, item.name): plain(getattr(value, item.name))
            for item in fields(value)
            if item.name not in _UNSHOWN
        }
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _print_json(body: dict[str, Any]) -> None:
    text = json.dumps(body, ensure_ascii=False, indent=2)
    # Terminals act on escape sequences inside JSON strings too, where dumps leaves C1 as it is.
    sys.stdout.write("".join(_escaped(c) if _is_control(c) and c != "\n" else c for c in text))
    sys.stdout.write("\n")


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


_SPOKEN_FACTS = {
    "act": "act", "state": "state", "allowed_from": "state", "allowed_acts": "act",
    "party_kind": "kind", "expected": "kind", "carrier": "carrier", "field": "field",
    "scheme": "scheme", "kind": "place_kind", "outer": "place_kind", "part": "part",
    "ended_as": "key_end", "roles": "role", "doc_state": "doc_state", "doc_states": "doc_state",
    "doc_act": "doc_act", "doc_kind": "document", "line_state": "line_state", "regime": "regime",
    "house_regime": "regime", "house_mode": "warehouse_mode", "mode": "intake_mode",
    "secrecy": "secrecy", "availability": "availability", "booking_act": "booking_act",
    "booking_state": "booking_state",
    "booking_states": "booking_state", "stocktake_act": "stocktake_act",
    "stocktake_state": "stocktake_state", "stocktake_states": "stocktake_state",
    "results": "stocktake_result", "epc_field": "epc_field", "channel": "channel",
    "fault": "send_fault",
}  # fmt: skip
_PHRASES = {"reason", "expected", "cost", "mend", "problem", "act", "holder"}
"""Facts that are, or may be, pieces of a sentence; all others are what people typed or codes."""

_NOTHING = {"nearest", "now", "found"}
"""Facts in which a dash stands for: there is none."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def _spoken(facts: dict[str, Any], words: Words) -> dict[str, Any]:
    """Return the facts with codes turned into words, instants into local time."""
    return {name: _spoken_fact(name, fact, facts, words) for name, fact in facts.items()}


def _spoken_fact(name: str, fact: Any, facts: dict[str, Any], words: Words) -> Any:
    if fact is None or (fact == "-" and name in _NOTHING):
        return words.say(N_("none"))
    if not isinstance(fact, str):
        return fact
    if isinstance(fact, Phrase):
        return spoken(fact, words)
    if _INSTANT.fullmatch(fact):
        return words.time(fact)
    if "problem" in facts and name != "problem":
        return fact  # what stands in the history or in a table, shown as it is
    if name == "first":
        return ", ".join(_event(one, words) for one in fact.split(", "))
    if name == "asked":
        return ", ".join(asked_text(one, words) for one in fact.split(", "))
    group = _group(name, facts)
    if group:
        codes = fact.split(", ")
        said = [term(group, code, words.language) for code in codes]
        if any(word != code for word, code in zip(said, codes, strict=True)):
            return ("、" if words.language == "zh" else ", ").join(said)
    # What people type as a code has no blanks, a piece of a sentence always has.
    return translate(fact, words.language) if name in _PHRASES and " " in fact else fact


def _group(name: str, facts: dict[str, Any]) -> str | None:
    if name == "now":
        return str(facts.get("group", ""))
    if name == "state" and "carrier" in facts:
        return "tag_state"
    if name == "expected" and "party_kind" not in facts:
        return None
    if name == "scheme" and facts["scheme"] in ("qr", "datamatrix", "uhf", "hf"):
        return "carrier"
    return _SPOKEN_FACTS.get(name)


def _event(text: str, words: Words) -> str:
    kind, _, subject = text.partition(" ")
    return f"{words.term('event', kind)} {subject}".rstrip()


def _print_rich(view: Table | Sheet) -> None:
    from rich.console import Console  # noqa: TID251

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    console.print(_drawn(view))


def _drawn(view: Table | Sheet) -> Any:
    """Return a view as a table of the screen."""
    from rich import box  # noqa: TID251
    from rich.table import Column  # noqa: TID251
    from rich.table import Table as RichTable  # noqa: TID251
    from rich.text import Text  # noqa: TID251

    title = Text(clean(view.title)) if view.title else None
    if isinstance(view, Table):
        columns = (Column(name, overflow="fold") for name in view.columns)
        table = RichTable(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left")
        for row in view.rows:
            table.add_row(*(Text(clean(cell)) for cell in row))
        return table
    table = RichTable(title=title, box=None, show_header=False, title_justify="left")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in view.pairs:
        table.add_row(Text(clean(name)), Text(clean(value)))
    return table
