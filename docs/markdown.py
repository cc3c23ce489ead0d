"""Markdown from rows and parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def page_of(parts: Iterable[str]) -> str:
    """Return a page of parts, with the mark that says where it comes from."""
    mark = "<!-- Made by `python -m docs.generate` from the code. Do not edit. -->"
    return "\n\n".join([mark, *parts]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str) -> str:
    """Return `text` as code, or nothing."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
