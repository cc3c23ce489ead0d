"""Every failure: a code of its own, a kind, a sentence that its facts can fill, a meaning."""

from __future__ import annotations

import ast
import string
from collections import Counter
from pathlib import Path

import pytest

import assetctl
from assetctl import errors
from assetctl.errors import AssetctlError, Kind

HOME = Path(assetctl.__file__).parent


def classes(root: type[AssetctlError] = AssetctlError) -> list[type[AssetctlError]]:
    found = []
    for child in root.__subclasses__():
        if child.__module__.startswith(f"{errors.__name__}."):
            found += [child, *classes(child)]
    return found


ALL = classes()
BY_NAME = {one.__name__: one for one in ALL}


def facts_of(one: type[AssetctlError]) -> set[str]:
    """Return the names of the facts that the sentence of a failure needs."""
    names = [name for _, name, _, _ in string.Formatter().parse(one.template) if name is not None]
    assert all(name.isidentifier() for name in names), one.template
    return set(names)


def raised() -> list[tuple[str, str, set[str]]]:
    """Return every failure made in the program: where, its class, the facts it is given."""
    found = []
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = {keyword.arg for keyword in node.keywords}
                if node.func.id in BY_NAME and None not in given:
                    where = f"{path.relative_to(HOME)}:{node.lineno}"
                    found.append((where, node.func.id, {name for name in given if name}))
    return found


def test_codes_are_unique() -> None:
    twice = [code for code, count in Counter(one.code for one in ALL).items() if count > 1]
    assert len(ALL) > 30
    assert twice == []


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.__name__)
def test_each_has_a_code_a_kind_and_a_meaning_of_its_own(one: type[AssetctlError]) -> None:
    own = vars(one)
    assert {"code", "kind", "template"} <= own.keys()
    assert isinstance(one.kind, Kind)
    group, _, name = one.code.partition(".")
    assert group.isidentifier()
    assert name.isidentifier()
    assert one.code == one.code.lower()
    assert (own["__doc__"] or "").strip().endswith(".")
    assert one.__name__.endswith("Error")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.__name__)
def test_the_sentence_is_made_from_the_facts(one: type[AssetctlError]) -> None:
    facts = {name: f"<{name}> {{not_a_field}}" for name in facts_of(one)}
    error = one(**facts)
    assert error.facts == facts
    for value in facts.values():
        assert value in str(error)


def test_every_place_that_raises_gives_every_fact_of_its_sentence() -> None:
    found = raised()
    assert len(found) > 40
    lacking = [
        f"{where} {name}: {sorted(missing)}"
        for where, name, given in found
        if (missing := facts_of(BY_NAME[name]) - given)
    ]
    assert lacking == []


def test_every_failure_can_happen() -> None:
    source = "\n".join(
        path.read_text("utf-8") for path in HOME.rglob("*.py") if path.name != "errors.py"
    )
    assert [name for name in BY_NAME if f"{name}(" not in source] == []
