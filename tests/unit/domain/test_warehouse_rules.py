"""Rules of the office: what the file may say, and that every fault in it is named."""

from __future__ import annotations

import pytest

from assetctl.domain.document_kinds import KINDS, REQUESTS
from assetctl.domain.warehouse_rules import Rules, built_in, parse_rules
from assetctl.errors import OfficeRulesFaultyError

HEAD = 'title = "样例"\neffective_from = "2026-01-01"\n'
CHAINS = "".join(
    f'[[chain]]\nkind = "{kind}"\nsteps = ["unit_head@applicant"]\n' for kind in REQUESTS
)


def read(text: str) -> Rules:
    return parse_rules(text, "rules.toml")


def faults(text: str) -> list[str]:
    with pytest.raises(OfficeRulesFaultyError) as caught:
        read(text)
    lines = caught.value.facts["lines"]
    assert isinstance(lines, tuple)
    assert caught.value.facts["count"] == len(lines)
    return [str(line) for line in lines]


def test_the_built_in_rules_decide_everything() -> None:
    rules = read(built_in())
    for kind in REQUESTS:
        for value in (0, 1, 4_999_999, 5_000_000, 10**13):
            assert rules.chain(kind, day="2026-06-01", value=value, classes=["A02010105"])
    assert {rules.prefix(kind) for kind in KINDS} == {kind.prefix for kind in KINDS.values()}


def test_thresholds_include_where_they_begin() -> None:
    rules = read(built_in())
    low = rules.chain("realloc", day="2026-06-01", value=4_999_999, classes=[])
    high = rules.chain("realloc", day="2026-06-01", value=5_000_000, classes=[])
    assert low
    assert high
    assert (len(low.steps), len(high.steps)) == (2, 4)
    assert high.steps[1].mode == "any"


def test_the_longest_beginning_of_a_class_decides() -> None:
    more = (
        '[[chain]]\nkind = "loan"\nclasses = ["A02"]\nsteps = ["warehouse_manager"]\n'
        '[[chain]]\nkind = "loan"\nclasses = ["A0203"]\nsteps = ["finance_approver"]\n'
    )
    rules = read(HEAD + CHAINS + more)
    for classes, role in (
        (["A02030501"], "finance_approver"), (["A02010105"], "warehouse_manager"),
        (["A05010201"], "unit_head"), (["A05010201", "A02030501"], "finance_approver"),
    ):  # fmt: skip
        chain = rules.chain("loan", day="2026-06-01", value=0, classes=classes)
        assert chain
        assert chain.steps[0].asks[0].role == role


def test_a_chain_holds_from_a_day_to_a_day() -> None:
    more = CHAINS.replace(
        '[[chain]]\nkind = "loan"\nsteps = ["unit_head@applicant"]\n',
        '[[chain]]\nkind = "loan"\nuntil = "2026-06-30"\nsteps = ["unit_head@applicant"]\n'
        '[[chain]]\nkind = "loan"\nfrom = "2026-07-01"\nsteps = ["warehouse_manager"]\n',
    )
    rules = read(HEAD + more)
    for day, role in (("2026-06-30", "unit_head"), ("2026-07-01", "warehouse_manager")):
        chain = rules.chain("loan", day=day, value=0, classes=[])
        assert chain
        assert chain.steps[0].asks[0].role == role


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title = 1\n" + HEAD.split("\n", 1)[1] + CHAINS, ["title cannot be 1"]),
        (HEAD, ["chain is missing"]),
        (HEAD + "[loan]\nmax_days = -1\nremind = [1.5]\nmore = 1\n" + CHAINS,
         ["[loan] max_days cannot be -1", "[loan] remind cannot be [1.5]",
          "[loan] more cannot be 1"]),
        (HEAD + '[prefix]\nloan = "RC"\n' + CHAINS, ["both have RC"]),
        (HEAD + '[prefix]\nloan = "jy"\n' + CHAINS, ["[prefix] loan cannot be 'jy'"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "loan"\nsteps = ["unit_head"]\n',
         ["two chains decide loan of 0.00 yuan on 2026-01-01"]),
        (HEAD + CHAINS.replace('kind = "loan"\n', 'kind = "loan"\nat_least = "1.00"\n'),
         ["no chain decides loan of 0.00 yuan on 2026-01-01"]),
        (HEAD + CHAINS.replace('kind = "loan"\n', 'kind = "loan"\nbelow = "9.00"\n'),
         ["no chain decides loan of 9.00 yuan on 2026-01-01"]),
        (HEAD + CHAINS.replace('kind = "loan"\n', 'kind = "loan"\nuntil = "2026-05-31"\n'),
         ["no chain decides loan of 0.00 yuan on 2026-06-01"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "gift"\nsteps = []\nat_least = 5\nfrom = "x"\n',
         ["chain", "kind cannot be 'gift'", "steps cannot be []", "at_least cannot be 5",
          "from cannot be 'x'"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "loan"\nclasses = ["A02"]\nsteps = ["king"]\n',
         ["king is none of the roles"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "loan"\nclasses = ["A"]\nsteps = ["unit_head@moon"]\n',
         ["moon is none of the sides"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "loan"\nclasses = ["A02"]\n'
         'steps = [["unit_head", "unit_head"]]\n', ["no ask twice"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "extension"\nclasses = ["A02"]\n'
         'steps = ["unit_head@counterpart"]\n', ["extension has no counterpart"]),
        (HEAD + CHAINS + '[[chain]]\nkind = "loan"\nclasses = ["A02"]\nat_least = "5.00"\n'
         'below = "5.00"\nfrom = "2026-02-01"\nuntil = "2026-01-01"\nsteps = ["unit_head"]\n',
         ["below must be more than at_least", "until lies before from"]),
        ("title = [", ["Invalid value"]),
    ],
)  # fmt: skip
def test_every_fault_is_named(text: str, expected: list[str]) -> None:
    said = faults(text)
    for piece in expected:
        assert any(piece in line for line in said), (piece, said)


def test_a_file_of_brackets_is_refused() -> None:
    assert faults("title = " + "[" * 100_000) == ["brackets stand too deep in each other"]
