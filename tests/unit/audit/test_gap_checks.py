"""Each check of the audit finds what it is for, and nothing where all is as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from assetctl.domain.audit_rules import RULED, Rule, built_in, parse_rules
from assetctl.domain.chain import parse_instant
from assetctl.reads.chains import Step
from assetctl.reads.gap_checks import CHECKS, Find, Found, Ground, Person

CHECK: dict[str, Find] = {check.code: check.find for check in CHECKS}
PEOPLE = {
    "P1": Person(added="2026-01-01T00:00:00.000000Z"),
    "P2": Person(added="2026-03-10T00:00:00.000000Z"),
    "P3": Person(
        added="2026-01-01T00:00:00.000000Z",
        cards=(("2026-01-01T00:00:00.000000Z", True), ("2026-03-05T00:00:00.000000Z", False),
               ("2026-03-20T00:00:00.000000Z", True)),
    ),
}  # fmt: skip


def day(number: float) -> str:
    """Return noon of a day of March 2026, or a part of a day after it."""
    whole = int(number)
    minutes = round((number - whole) * 24 * 60)
    return f"2026-03-{whole:02}T{12 + minutes // 60:02}:{minutes % 60:02}:00.000000Z"


def chain(*entries: tuple[Any, ...]) -> list[Step]:
    """Return a chain of (kind, at, data, rec, actor); what is left out is usual."""
    steps = []
    for number, (kind, at, *rest) in enumerate(entries, 1):
        data = rest[0] if rest else {}
        rec = rest[1] if len(rest) > 1 and rest[1] is not None else at
        actor = rest[2] if len(rest) > 2 else "P1"
        steps.append(
            Step(subject="asset:A", event_id=f"{number:032x}", seq=number, kind=kind, at=day(at),
                 rec=day(rec), actor=actor, fields={"data": data})
        )  # fmt: skip
    return steps


def ground(*rules: Rule, **more: Any) -> Ground:
    """Return the ground of a check: these rules, three people, today the 31st of March 2026."""
    facts: dict[str, Any] = {
        "rules": rules, "people": PEOPLE, "today": "2026-03-31",
        "day_of": lambda instant: instant[:10], "is_stored": lambda _digest: False,
    }  # fmt: skip
    return Ground(**(facts | more))


def found(code: str, steps: Sequence[Step], *rules: Rule, **more: Any) -> list[Found]:
    return list(CHECK[code](steps, ground(*rules, **more)))


def numbers(told: Sequence[Found]) -> list[int]:
    return [one.step.seq for one in told]


REGISTERED = ("asset.registered", 1, {"owner": "U1"})


def test_a_clean_life_has_no_gap() -> None:
    life = chain(
        REGISTERED, ("asset.checked_out", 2, {"doc": "借1", "due": "2026-03-20"}),
        ("asset.checked_in", 20, {"condition": "good"}), ("asset.moved", 21),
        ("asset.attached", 22, {"role": "photo", "sha256": "a"}),
        ("asset.disposal_proposed", 23), ("asset.disposed", 24, {"doc": "处1"}),
    )  # fmt: skip
    rules = parse_rules(built_in(), "assetctl")
    assert {check.code: found(check.code, life, *rules) for check in CHECKS} == {
        check.code: [] for check in CHECKS
    }


def test_without_rules_nothing_that_needs_one_is_found() -> None:
    life = chain(("asset.checked_out", 2, {"due": "2026-03-03"}, 30), ("asset.disposed", 31))
    for code in RULED:
        assert found(code, life) == []
    assert found("loan_late", life) == []


# --- documents and photos -----------------------------------------------------------------------

LENDING = Rule(check="no_document", kinds=("asset.checked_out",), since="2026-03-05",
               until="2026-03-10", severity="serious", basis="办法 §1")  # fmt: skip


@pytest.mark.parametrize(("on", "gap"), [(4, False), (5, True), (10, True), (11, False)])
def test_a_document_is_asked_for_while_the_rule_is_in_force(on: int, *, gap: bool) -> None:
    life = chain(REGISTERED, ("asset.checked_out", on), ("asset.moved", on))
    told = found("no_document", life, LENDING)
    assert numbers(told) == ([2] if gap else [])
    if gap:
        assert told[0].severity == "serious"
        assert "办法 §1" in told[0].expected
    assert found("no_document", chain(("asset.checked_out", on, {"doc": "借1"})), LENDING) == []


def test_the_day_is_reckoned_where_people_live() -> None:
    life = chain(("asset.checked_out", 4.4))  # 21:36 UTC
    assert found("no_document", life, LENDING) == []
    assert numbers(found("no_document", life, LENDING, day_of=lambda _: "2026-03-05")) == [1]


def test_one_entry_is_found_once_however_many_rules_ask() -> None:
    assert len(found("no_document", chain(("asset.checked_out", 6)), LENDING, LENDING)) == 1


PHOTO = Rule(check="no_photo", kinds=("asset.checked_in",), conditions=("poor", "broken"), days=3)


@pytest.mark.parametrize(
    ("condition", "attached", "role", "gap"),
    [
        ("broken", None, "photo", True),
        ("poor", None, "photo", True),
        ("good", None, "photo", False),
        (None, None, "photo", False),
        ("broken", 10, "photo", False),
        ("broken", 7, "photo", False),
        ("broken", 13, "photo", False),
        ("broken", 6, "photo", True),
        ("broken", 14, "photo", True),
        ("broken", 10, "invoice", True),
    ],
)
def test_a_photo_is_asked_for_near_an_entry(
    condition: str | None, attached: int | None, role: str, *, gap: bool
) -> None:
    back = ("asset.checked_in", 10, {"condition": condition} if condition else {})
    files = [] if attached is None else [("asset.attached", attached, {"role": role})]
    life = sorted([REGISTERED, back, *files], key=lambda entry: entry[1])
    told = found("no_photo", chain(*life), PHOTO)
    assert len(told) == gap
    assert all(one.step.kind == "asset.checked_in" for one in told)


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rec", "days"), [(5, None), (8, None), (8.01, 3), (12, 7)])
def test_back_dating_beyond_the_limit(rec: float, days: int | None) -> None:
    told = found("back_dated", chain(("asset.moved", 5, {}, rec)), Rule(check="back_dated", days=3))
    assert [one.days for one in told] == ([] if days is None else [days])


def test_the_limit_is_that_of_the_day_it_happened() -> None:
    old = Rule(check="back_dated", days=1, until="2026-03-09")
    new = Rule(check="back_dated", days=5, since="2026-03-10")
    assert numbers(found("back_dated", chain(("asset.moved", 9, {}, 12)), old, new)) == [1]
    assert found("back_dated", chain(("asset.moved", 10, {}, 13)), old, new) == []


def test_entries_out_of_order() -> None:
    life = chain(REGISTERED, ("asset.moved", 9), ("asset.moved", 8, {}, 10), ("asset.moved", 8.5),
                 ("asset.moved", 9))  # fmt: skip
    assert numbers(found("out_of_order", life)) == [3]
    assert found("out_of_order", chain(("asset.moved", 9), ("asset.moved", 9))) == []


def test_a_clock_that_runs_ahead() -> None:
    ahead = chain(("asset.moved", 5, {}, 20), ("asset.moved", 6))
    assert numbers(found("clock_ahead", ahead)) == [1]
    assert numbers(found("clock_ahead", chain(("asset.moved", 9, {}, 5)))) == [1]
    first, second = chain(("asset.moved", 5), ("asset.moved", 5))
    waited = first._replace(rec="2026-03-05T12:00:59.000000Z")
    assert found("clock_ahead", [waited, second]) == [], "two desks may have waited for each other"
    late = second._replace(rec="2026-03-05T11:58:59.000000Z", at="2026-03-05T11:00:00.000000Z")
    assert numbers(found("clock_ahead", [first, late])) == [1]


# --- loans --------------------------------------------------------------------------------------

LOANS = Rule(check="loan_overdue", days=0)
OUT = ("asset.checked_out", 2, {"due": "2026-03-10"})


@pytest.mark.parametrize(
    ("entries", "overdue", "late"),
    [
        ([OUT], 21, None),
        ([OUT, ("asset.loan_extended", 9, {"due": "2026-03-30"})], 1, None),
        ([OUT, ("asset.loan_extended", 9, {"due": "2026-03-31"})], None, None),
        ([OUT, ("asset.checked_in", 10)], None, None),
        ([OUT, ("asset.checked_in", 14)], None, 4),
        ([OUT, ("asset.title_transferred", 5, {"owner": "U2"})], 21, None),
        ([OUT, ("asset.reported_missing", 14), ("asset.found", 15)], None, None),
        ([("asset.checked_out", 2)], None, None),
        ([OUT, ("asset.checked_in", 9), ("asset.checked_out", 10)], None, None),
        (
            [OUT, ("asset.checked_in", 9), ("asset.checked_out", 10, {"due": "2026-03-12"})],
            19,
            None,
        ),
    ],
)
def test_loans_past_due(
    entries: list[tuple[Any, ...]], overdue: int | None, late: int | None
) -> None:
    life = chain(REGISTERED, *entries)
    told = {code: [one.days for one in found(code, life, LOANS)] for code in
            ("loan_overdue", "loan_late")}  # fmt: skip
    assert told["loan_overdue"] == ([] if overdue is None else [overdue])
    assert told["loan_late"] == ([] if late is None else [late])


def test_a_grace_is_given_where_the_rule_gives_one() -> None:
    life = chain(REGISTERED, OUT)
    assert found("loan_overdue", life, replace(LOANS, days=21)) == []
    (told,) = found("loan_overdue", life, replace(LOANS, days=20))
    assert told.step.kind == "asset.checked_out", "the entry that lent it"


# --- tags ---------------------------------------------------------------------------------------


def test_copied_tags_and_second_chips() -> None:
    alert = {"carrier": "qr", "code": "A", "issue": 1, "station": "desk"}
    life = chain(
        REGISTERED, ("asset.tag_alerted", 2, alert | {"alert": "older_issue", "other": "2"}),
        ("asset.tag_alerted", 3, alert | {"alert": "two_places", "other": "a / b"}),
        ("asset.tag_alerted", 4, alert | {"alert": "two_tids", "other": "T1 / T2"}),
        ("asset.tag_bound", 5, {"epc": "E1", "tid": "T1"}),
        ("asset.tag_bound", 6, {"epc": "E1", "tid": "T1"}),
        ("asset.tag_bound", 7, {"epc": "E2", "tid": "T9"}),
        ("asset.tag_bound", 8, {"epc": "E1", "tid": "T3"}),
        ("asset.tag_bound", 9, {"epc": "E1"}),
    )  # fmt: skip
    assert numbers(found("copied_tag", life)) == [2, 3]
    told = found("two_tids", life)
    assert numbers(told) == [4, 8]
    assert "T1 / T2" in told[0].found
    assert "T1 / T3" in told[1].found


# --- people -------------------------------------------------------------------------------------


def by(actor: str, *days: float) -> list[Step]:
    return chain(*(("asset.moved", on, {}, None, actor) for on in days))


def test_operators_the_register_does_not_know() -> None:
    assert numbers(found("actor_unknown", by("NOBODY", 5, 6))) == [1, 2]
    assert found("actor_too_early", by("NOBODY", 5)) == []
    assert found("actor_unknown", by("P2", 5)) == []
    assert numbers(found("actor_too_early", by("P2", 9, 10))) == [1]


def test_operators_whose_card_is_void() -> None:
    assert numbers(found("card_void", by("P3", 4, 5, 19, 20.5, 25))) == [2, 3]
    assert found("card_void", by("P1", 5)) == [], "who never had a card needs none"
    (told,) = found("card_void", chain(("asset.moved", 4, {}, 6, "P3")))
    assert told.severity == "warning", "said to have happened while the card still counted"
    assert parse_instant("2026-03-05T00:00:00.000000Z") > parse_instant(told.step.at)


def test_operators_without_a_role_left() -> None:
    day = "2026-03-{:02}T00:00:00.000000Z".format
    roles = ((day(2), 1), (day(3), 2), (day(5), 1), (day(6), 0), (day(20), 1))
    people = {"P1": Person(added=day(1), roles=roles), "P2": Person(added=day(1))}
    acts = by("P1", 1.5, 4, 5.5, 7, 19, 21)
    assert numbers(found("role_revoked", acts, people=people)) == [4, 5]
    assert found("role_revoked", by("P2", 7), people=people) == [], "who never had one needs none"


# --- erasure ------------------------------------------------------------------------------------


def test_an_erased_file_that_is_still_here() -> None:
    data = {"doc": "删1", "erased": [
        {"event_id": "e", "path": "sha256", "digest": "d1"},
        {"event_id": "e", "path": "title", "digest": "d2"},
    ]}  # fmt: skip
    life = chain(REGISTERED, ("history.redacted", 5, data))
    assert found("erased_file_left", life) == []
    assert numbers(found("erased_file_left", life, is_stored=lambda d: d == "d1")) == [2]
    assert found("erased_file_left", life, is_stored=lambda d: d == "d2") == []


def test_codes_are_all_different_and_ruled_ones_exist() -> None:
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    assert set(RULED) <= set(codes)
