"""Words in two languages: English sentences are the keys, `locale/zh.json` holds the Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def N_(text: str) -> str:  # noqa: N802  the name that gettext gave it
    """Mark a sentence for the catalogue without translating it here."""
    return text


class Phrase(str):
    """A piece of a sentence that has facts of its own: English, but able to be said again."""

    __slots__ = ("facts", "template")

    template: str
    facts: dict[str, object]

    def __new__(cls, template: str, /, **facts: object) -> Phrase:
        """Make the English words from the facts and keep both."""
        phrase = super().__new__(cls, template.format_map(facts).rstrip("."))
        phrase.template, phrase.facts = template, facts
        return phrase

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.template,), self.facts


def one_of(codes: Iterable[str]) -> Phrase:
    """Return what is expected where only certain codes will do."""
    return Phrase(N_("one of: {choices}"), choices=", ".join(codes))


@cache
def catalog(language: Language) -> dict[str, str]:
    """Return every sentence and term that `language` knows, by key."""
    path = resources.files("assetctl.locale") / f"{language}.json"
    entries: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return entries


def translate(text: str, language: Language) -> str:
    """Return `text` (an English sentence) in `language`; unknown sentences stay English."""
    return text if language == "en" else catalog(language).get(text, text)


def term(group: str, code: str, language: Language) -> str:
    """Return the word people read for a code, such as `("state", "on_loan")`; else the code."""
    return catalog(language).get(f"{group}.{code}", code)
