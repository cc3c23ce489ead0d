"""Every English sentence people can read has its Chinese, and no word lies about unused.

Sentences are collected from the code itself: templates of errors, `N_(…)`, `say(…)`, the plain
fragments that errors are filled with, and the help of every command. Codes are collected from the
tables they stand in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter
from typing import get_args

import pytest

import labels
import scanner
from assetctl import config, errors
from assetctl.acts.parties import PARTY_KINDS
from assetctl.acts.sightings import ALERTS
from assetctl.acts.stocktake_closing import (
    GRADE,
    MOVE,
    REGISTER,
    REPORT_FOUND,
    REPORT_MISSING,
)
from assetctl.acts.tags import AIRS, CARRIERS
from assetctl.cli.stocktake_sheets import TITLES
from assetctl.domain.audit_rules import SEVERITIES
from assetctl.domain.card import ATTRIBUTES, CARD, CONDITIONS, GROUNDS, METHODS, SANITISING, Field
from assetctl.domain.commands import COMMANDS
from assetctl.domain.document import DocAct, DocState
from assetctl.domain.document_kinds import (
    INTAKE_MODES,
    INTAKE_SOURCES,
    OUTCOMES,
    RELEASED,
    RESERVED,
    SIDES,
)
from assetctl.domain.document_kinds import KINDS as DOCUMENTS
from assetctl.domain.epc.classify import KINDS as EPC_KINDS
from assetctl.domain.epc.schemes import SCHEMES
from assetctl.domain.events import EVENTS
from assetctl.domain.events import FIELDS as EVENT_FIELDS
from assetctl.domain.key_events import RETIRED, REVOKED
from assetctl.domain.lifecycle import Act, State
from assetctl.domain.places import FORMS, KINDS, MODES
from assetctl.domain.redaction import CAUSES
from assetctl.domain.reminders import BEGUN, CHANNELS, FAILED, SENT
from assetctl.domain.reminders import FAULTS as SEND_FAULTS
from assetctl.domain.settling import HOWS, RECORD, TAGS, TREATMENTS
from assetctl.domain.settling import REASONS as DIFFERENCE_REASONS
from assetctl.domain.settling import RESULTS as STOCKTAKE_RESULTS
from assetctl.domain.sharing import BookingAct, BookingState
from assetctl.domain.sourcing import AVAILABILITIES, LEVELS, REFUSALS, RESULTS, VERDICTS
from assetctl.domain.standards import BASES, RANKS
from assetctl.domain.stocktake import PURPOSES, STOCKTAKE, StocktakeAct, StocktakeState
from assetctl.domain.sweep import Advice, Verdict
from assetctl.i18n import LANGUAGES, Language, catalog
from assetctl.reads.base_date import CHANGES as BASE_CHANGES
from assetctl.reads.differences import What
from assetctl.reads.gap_checks import CHECKS
from docs.commands import walk
from labels.label import LabelError
from scanner.reading import ScanError

ROOT = Path(__file__).parents[2]
CODE = ("assetctl", "labels", "scanner")

FRAGMENTS = {"reason", "expected", "cost", "mend", "problem", "got", "holder", "sentence"}
"""Names of arguments and variables that hold a sentence or a piece of one."""

FAULTS = {"CellError", "fault", "_fault", "broken", "same"}
"""Functions whose plain sentences reach people."""

_COMMAND = re.compile(r"(assetctl|pip|apt-get|chmod) ")
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)*|[^a-z]*")
_TERM = re.compile(r"[a-z_]+\.[a-z0-9_.]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


# --- sentences -----------------------------------------------------------------------------


@cache
def sentences() -> dict[str, str]:
    """Return every sentence and where it was first met."""
    found: dict[str, str] = {}
    for leaf in (labels, scanner):  # an error class is known only once its module is loaded
        for module in walk_packages(leaf.__path__, f"{leaf.__name__}."):
            import_module(module.name)
    for root in (errors.AssetctlError, LabelError, ScanError):
        for error in _leaves(root):
            found.setdefault(error.__dict__.get("template", ""), error.__name__)
    for path in sorted(p for folder in CODE for p in (ROOT / folder).rglob("*.py")):
        for line, text in in_source(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    for command in walk("en"):
        texts = [command.help, *(parameter.help for parameter in command.parameters)]
        for text in texts:
            found.setdefault(" ".join(text.split()), command.path)
    for name, text in config.DESCRIPTIONS.items():
        found.setdefault(text, f"setting {name}")
    found.pop("", None)
    return found


def in_source(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give the sentences of one module with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((node.lineno, text) for text in _in_call(node))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_why"):
            returns = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return))
            for value in returns:
                yield from ((node.lineno, t) for t in _plain(value) if _is_sentence(t))
        elif isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & FRAGMENTS:
                yield from ((node.lineno, t) for t in _plain(node.value) if _is_sentence(t))


def _in_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in ("N_", "say", "translate") and call.args:
        yield from _plain(call.args[0])
    if name in FAULTS:
        yield from (text for argument in call.args for text in _plain(argument) if " " in text)
    if name == "broken":
        yield from (text for argument in call.args[3:] for text in _plain(argument))
    for keyword in call.keywords:
        if keyword.arg in FRAGMENTS:
            yield from (text for text in _plain(keyword.value) if _is_sentence(text))


def _plain(node: ast.expr | None) -> Iterator[str]:
    """Give the texts an expression can be, as far as they stand there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _plain(node.body)
        yield from _plain(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _plain(value)


def _is_sentence(text: str) -> bool:
    return not _COMMAND.match(text) and not _CODE.fullmatch(text)


def _leaves(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from _leaves(child)


# --- terms ---------------------------------------------------------------------------------


@cache
def terms() -> dict[str, set[str]]:
    """Return every code that people read as a word, by group."""
    found: dict[str, set[str]] = {
        "state": set(State),
        "act": set(Act),
        "event": set(EVENTS),
        "condition": set(CONDITIONS),
        "method": set(METHODS),
        "ground": set(GROUNDS),
        "kind": set(PARTY_KINDS),
        "place_kind": set(KINDS),
        "carrier": set(CARRIERS),
        "presence": set(Verdict),
        "sweep_advice": set(Advice),
        "tag_state": {"bound", "replaced", "void", "blank"},
        "verdict": {"genuine", "forged", "altered", "unknown", "foreign", "none"},
        "alert": set(ALERTS),
        "air": set(AIRS),
        "epc_kind": set(EPC_KINDS),
        "epc_field": {name for scheme in SCHEMES.values() for name in scheme.names} | {
            "afi", "crc", "digits", "division", "encoding", "filter", "header", "length", "magic",
            "padding", "partition", "parts", "pc", "scheme", "toggle", "uii", "unit", "version",
        },
        "command": {command.name for command in COMMANDS},
        "role": {"administrator", "photo", "person", "document", "invoice", "contract",
                 "condition", "scan"},
        "status": {"ok", "missing", "unsafe", "low"},
        "part": {"register", "keys", "scan", "font", "disk", "scanner", "camera"},
        "scheme": {"party", "place", "asset_id", "tag", "epc"},
        "reason": {
            "payload.forged", "payload.unsigned", "payload.foreign", "payload.key_missing",
            "asset.not_found", "scan.no_code", "scan.picture_unreadable", "payload.altered",
            "identity.invalid", "place.not_found", "party.not_found", "tag.not_found", "tag.blank",
            "tag.void",
        },
        "document": {*DOCUMENTS, STOCKTAKE},
        "stocktake_state": set(StocktakeState),
        "base_change": set(BASE_CHANGES),
        "stocktake_act": {"plan", "report", *StocktakeAct},
        "stocktake_result": set(STOCKTAKE_RESULTS),
        "how": {*HOWS, RECORD},
        "tag_fault": set(TAGS),
        "difference_reason": set(DIFFERENCE_REASONS),
        "treatment": set(TREATMENTS),
        "adjustment": {REPORT_MISSING, REPORT_FOUND, MOVE, GRADE, REGISTER},
        "form": {*DOCUMENTS, "gate_pass", *TITLES.values()},
        "doc_state": set(DocState),
        "doc_act": {"draft", *DocAct},
        "line_state": {RESERVED, RELEASED} | {m.to for k in DOCUMENTS.values() for m in k.moves},
        "opinion": {"agree", "return", "reject"},
        "side": set(SIDES),
        "level": set(LEVELS),
        "availability": set(AVAILABILITIES),
        "refusal": set(REFUSALS),
        "decision": set(VERDICTS),
        "result": set(RESULTS),
        "booking_state": set(BookingState),
        "booking_act": set(BookingAct),
        "channel": set(CHANNELS),
        "send_state": {BEGUN, SENT, FAILED, "would_send"},
        "send_fault": set(SEND_FAULTS),
        "intake_source": set(INTAKE_SOURCES),
        "intake_mode": set(INTAKE_MODES),
        "warehouse_mode": set(MODES),
        "warehouse_form": set(FORMS),
        "sanitising": set(SANITISING),
        "outcome": set(OUTCOMES),
        "purpose": {"tag", "log", "operator", "station", "rfid", *PURPOSES},
        "key_end": {*REVOKED, RETIRED},
        "cause": set(CAUSES),
        "basis": set(BASES),
        "rank": set(RANKS),
        "severity": set(SEVERITIES),
        "finding": {check.code for check in CHECKS},
        "difference": set(get_args(What)),
        "field": {field.name for field in (*CARD, *ATTRIBUTES)}
        | {name for names in EVENT_FIELDS.values() for name in names}
        | {"asset_id", "card_no", "kind"}
        | {field.name for kind in DOCUMENTS.values() for field in kind.fields},
    }  # fmt: skip
    for field in (*CARD, *ATTRIBUTES):
        if field.choices:
            found.setdefault(field.name, set()).update(field.choices)
    return found


def term_keys() -> set[str]:
    return {f"{group}.{code}" for group, codes in terms().items() for code in codes}


def is_term(key: str) -> bool:
    return _TERM.fullmatch(key) is not None and key.partition(".")[0] in terms()


# --- the guards ----------------------------------------------------------------------------


def test_every_sentence_has_its_chinese() -> None:
    missing = {text: at for text, at in sentences().items() if text not in catalog("zh")}
    assert not missing, "\n".join(f"{at}: {text!r}" for text, at in missing.items())


def test_sentences_are_found_where_they_stand() -> None:
    source = """
def f(words, x):
    words.say(N_("One " "sentence."))
    raise InputError(field="name", value=x, expected="a name" if x else "a code")
    reason = "it is broken"
    raise CellError("cell.form", "This is wrong.")
    Part(part="font", mend="pip install fonts", cost=N_("no labels"), status="missing")
def _why(x):
    return "it is empty"
"""
    assert {text for _, text in in_source(ast.parse(source))} == {
        "One sentence.", "a name", "a code", "it is broken", "This is wrong.", "no labels",
        "it is empty",
    }  # fmt: skip


def test_no_piece_of_a_sentence_is_put_together_in_english_alone() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{keyword.value.lineno}"
        for path in (ROOT / "assetctl").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg in FRAGMENTS - {"mend"} and isinstance(keyword.value, ast.JoinedStr)
    ]
    assert not found


def test_every_group_of_terms_that_is_asked_for_is_known() -> None:
    asked = {
        call.args[0].value
        for path in (ROOT / "assetctl").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "term"
        if isinstance(call.args[0], ast.Constant)
    }
    assert asked
    assert asked <= terms().keys()


def test_chinese_is_chinese() -> None:
    plain = [key for key, text in catalog("zh").items() if not _CHINESE.search(text)]
    assert [key for key in plain if not is_term(key)] == []


def test_placeholders_are_the_same() -> None:
    differing = {
        key: text
        for key, text in catalog("zh").items()
        if not is_term(key) and placeholders(key) != placeholders(text)
    }
    assert not differing


def test_every_term_has_its_words_in_both_languages() -> None:
    for language in LANGUAGES:
        missing = sorted(term_keys() - catalog(language).keys())
        assert not missing, f"{language}: {missing}"


def test_no_sentence_is_left_over() -> None:
    unused = [key for key in catalog("zh") if key not in sentences() and not is_term(key)]
    assert not unused


def test_both_catalogues_have_the_same_terms() -> None:
    assert set(catalog("en")) == {key for key in catalog("zh") if is_term(key)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_choice_tell_its_codes_apart(language: Language) -> None:
    words = catalog(language)
    for group in (*(f.name for f in _choices()), "condition", "method", "ground", "state", "kind"):
        said = [words[f"{group}.{code}"] for code in terms()[group]]
        assert len(set(said)) == len(said), group


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_in_order(language: Language) -> None:
    text = (ROOT / "assetctl" / "locale" / f"{language}.json").read_text(encoding="utf-8")
    keys = re.findall(r'^  "((?:[^"\\]|\\.)*)": ', text, re.MULTILINE)
    assert keys == sorted(set(keys))
    assert len(keys) == len(catalog(language))


def placeholders(text: str) -> set[tuple[str | None, str | None, str | None]]:
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None}


def _choices() -> Iterable[Field]:
    return (field for field in (*CARD, *ATTRIBUTES) if field.choices)
