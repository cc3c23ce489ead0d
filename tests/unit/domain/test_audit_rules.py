"""Rules of the audit: data with dates, every fault named at once."""

from __future__ import annotations

import pytest

from assetctl.domain.audit_rules import RULED, Rule, built_in, parse_rules
from assetctl.domain.events import EVENTS
from assetctl.errors import RulesFaultyError


def faults(text: str) -> list[str]:
    with pytest.raises(RulesFaultyError) as caught:
        parse_rules(text, "rules.toml")
    assert caught.value.facts["source"] == "rules.toml"
    lines = caught.value.facts["lines"]
    assert isinstance(lines, tuple)
    assert caught.value.facts["count"] == len(lines)
    return [str(line) for line in lines]


def test_the_rules_that_come_with_it_can_be_used() -> None:
    rules = parse_rules(built_in(), "assetctl")
    assert {rule.check for rule in rules} == set(RULED)
    assert all(set(rule.kinds) <= set(EVENTS) for rule in rules)
    disposal = [rule for rule in rules if rule.concerns("no_document", "asset.disposed")]
    assert [rule.holds_on("2021-03-31") for rule in disposal] == [False]
    assert [rule.holds_on("2021-04-01") for rule in disposal] == [True]


def test_what_a_rule_says_is_what_it_is() -> None:
    text = """
    [[rule]]
    check = "no_photo"
    kinds = ["asset.disposed"]
    roles = ["photo", "document"]
    conditions = ["broken"]
    days = 30
    from = "2026-01-01"
    until = "2026-12-31"
    severity = "notice"
    basis = "某办法 §9"
    """
    assert parse_rules(text, "x") == (
        Rule(check="no_photo", kinds=("asset.disposed",), roles=("photo", "document"),
             conditions=("broken",), days=30, since="2026-01-01", until="2026-12-31",
             severity="notice", basis="某办法 §9"),
    )  # fmt: skip


def test_no_rule_is_a_rule_book_too() -> None:
    assert parse_rules("", "x") == ()


def test_a_rule_without_kinds_is_for_all_where_that_makes_sense() -> None:
    (rule,) = parse_rules('[[rule]]\ncheck = "back_dated"\ndays = 3', "x")
    assert rule.concerns("back_dated", "asset.moved")
    assert not rule.concerns("no_document", "asset.moved")
    assert rule.holds_on("0001-01-01")
    assert rule.holds_on("9999-12-31")


def test_every_fault_is_named_at_once() -> None:
    text = """
    colour = "red"
    [[rule]]
    check = "no_such_check"
    [[rule]]
    check = "no_document"
    kinds = ["asset.flown"]
    from = "2026-2-30"
    severity = "dire"
    days = "3"
    note = "x"
    [[rule]]
    check = "no_photo"
    conditions = []
    [[rule]]
    """
    told = faults(text)
    for piece in ("colour", "rule 1: check", "asset.flown", "2026-2-30", "'dire'", "rule 2: days",
                  "rule 2: note", "rule 3: conditions", "rule 3: kinds is missing",
                  "rule 3: days is missing", "rule 4: check is missing"):  # fmt: skip
        assert any(piece in line for line in told), (piece, told)
    assert len(told) == 11


@pytest.mark.parametrize(
    "text",
    ["rule = 1", "rule = ['x']", "[rule]\ncheck = 'back_dated'", "no toml", "[[rule]]\ncheck = 1",
     "[[rule]]\ncheck = ['back_dated']\ndays = 1", "[[rule]]\ncheck = {}",
     "[[rule]]\ncheck = 'back_dated'\ndays = true", "[[rule]]\ncheck = 'back_dated'\ndays = -1",
     "[[rule]]\ncheck = 'back_dated'\ndays = 1\nkinds = 'asset.moved'",
     "[[rule]]\ncheck = 'back_dated'\ndays = 1\nuntil = '20260301'"],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text: str) -> None:
    assert faults(text)
