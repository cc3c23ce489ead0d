"""The page of stocktakes: their course, what they find, why, who may do what, what is booked."""

from __future__ import annotations

from collections.abc import Iterable

from assetctl.acts.stocktake_closing import GRADE, MOVE, REGISTER, REPORT_FOUND, REPORT_MISSING
from assetctl.acts.stocktake_plan import RUNNING
from assetctl.domain.lifecycle import Act, roles_for
from assetctl.domain.settling import HOWS, REASONS, RECORD, RESULTS, TREATMENTS
from assetctl.domain.stocktake import (
    AWAY,
    COURSE,
    ENDS,
    EXPECTED,
    PREFIX,
    PURPOSES,
    StocktakeAct,
    StocktakeState,
)
from assetctl.domain.stocktake_results import Result
from assetctl.domain.sweep import MARGIN, PAUSE, SURPLUS_EPOCHS, SURPLUS_SWEEPS, Verdict
from assetctl.i18n import term
from docs.markdown import code, page_of, table

_MEANS = {
    "scan": "its label was scanned", "hand": "somebody had it in hand, or looked for it in vain",
    "radio": "a reader heard it where it should be, as loudly as its like",
    "record": "it left while the count went on, and the register says how",
}  # fmt: skip
_RESULTS = {
    "matched": ("found as the register has it", "nothing"),
    "missing": ("not found where it should be, nor elsewhere; or fewer than the card says",
                "`report_missing`, where all that the card stands for is gone"),
    "surplus": ("a thing of a unit that is not counted; or more than the card says",
                "nothing: for its unit, or for `correct`"),
    "wrong_place": ("found in another place", "`move`; `report_found` where it was missing"),
    "wrong_holder": ("another person really uses it", "nothing: the two hand it over"),
    "wrong_state": ("in another condition; or it should be out, missing or disposed of",
                    "`grade`; `report_found` where it was missing"),
    "tag_damaged": ("its label or radio tag is damaged or missing",
                    "nothing: it gets a new label"),
    "off_book": ("a thing without identity, in no book", "`register`, owned by the unit"),
}  # fmt: skip
_VERDICTS = {
    Verdict.PRESENT: (f"expected here, and at most {MARGIN:.0f} dB below the median of its "
                     "like; without signal strength, heard at all"),
    Verdict.WEAK: "expected here and heard, but weakly: it may be behind a wall",
    Verdict.MISSING: "expected here, and not heard",
    Verdict.SURPLUS: (f"not expected here, but loud in {SURPLUS_EPOCHS} seconds or more; without "
                      f"signal strength heard in {SURPLUS_SWEEPS} sweeps or more"),
    Verdict.NEARBY: "not expected here, and faint or brief: next door, or passing",
}  # fmt: skip
_BOOKED = {
    REPORT_MISSING: "missing", REPORT_FOUND: "wrong_place, wrong_state", MOVE: "wrong_place",
    GRADE: "wrong_state", REGISTER: "off_book",
}  # fmt: skip
_BY = {
    StocktakeAct.COUNT: "people of its teams",
    StocktakeAct.FINISH: "people of the team, or whoever runs it",
    StocktakeAct.APPROVE: "whom its chain asks",
    StocktakeAct.RETURN: "whom its chain asks",
}


def stocktakes_page() -> str:
    """Return the page of stocktakes."""
    return page_of([*_course(), *_roles(), *_counting(), *_findings(), *_closing()])


def _course() -> list[str]:
    return [
        "# Stocktakes",
        ("A stocktake (盘点) is a subject of its own: `stocktake:` and its number "
         f"(`{PREFIX}-2026-0001`), numbered without a gap. Its course is one table "
         "(`assetctl/domain/stocktake.py`); how it is done: "
         "[guide to stocktakes](../guide/stocktake.md)."),
        "## Course",
        table(("Act", "中文", "Allowed from", "State after", "By"), [
            (code(act.value), term("stocktake_act", act.value, "zh"), _states(sources),
             code(to.value) if to else "the same", _BY.get(act, "whoever runs it"))
            for act, (sources, to) in COURSE.items()
        ]),
        ("Nothing leads out of " + _states(ENDS) + ". An opinion that is not the last of its chain "
         "leaves it `submitted`. Purposes: "
         + ", ".join(f"{code(one)} {term('purpose', one, 'zh')}" for one in PURPOSES) + "."),
        "## The list",
        ("Frozen when it is opened, as the register stands at that moment, with the hash of its "
         "rows in the entry. On it is what lies in the scope in these states: "
         + _terms("state", EXPECTED) + ". Counted by number only, for papers of others answer for "
         "them: " + _terms("state", AWAY) + ". Where the base date lies before that, the "
         "reports lead from the books of its last instant to the list: opening + joined - left + "
         "revalued = listed, thing by thing (form `base`), from history alone; what was recorded "
         "after the freezing does not count."),
    ]  # fmt: skip


def _roles() -> list[str]:
    counting = ", ".join(map(code, roles_for(Act.COUNT)))
    running = ", ".join(map(code, RUNNING))
    return [
        "## Who may do what",
        table(("Part", "Who", "Kept apart from"), [
            ("plan and run", f"{running}; of its unit", ""),
            ("count", f"people of a team, with one of {counting}",
             "a thing counted by its holder alone must be counted again"),
            ("confirm, from round 2 on",
             ("people of a team, or anybody of its unit who may count; by label or hand, never by "
              "radio"),
             "whoever counted the thing first, or its place where it was not found; its holder"),
            ("approve or return", "whom the chain of the office's rules asks",
             ("whoever counted anything, submitted the results, holds what differs, or gave an "
              "opinion on them")),
        ]),
    ]  # fmt: skip


def _counting() -> list[str]:
    return [
        "## Means",
        table(("Means", "中文", "Meaning"), [
            (code(how), term("how", how, "zh"), _MEANS[how]) for how in (*HOWS, RECORD)
        ]),
        ("Scan and hand outrank radio, a later round an earlier one, the newest of a round the "
         "others. A thing counted at several places in one round adds up by place; at one place it "
         "counts once. It is compared with the register of the moment at which it was seen."),
        "## Verdicts of a sweep",
        table(("Verdict", "中文", "Meaning"), [
            (code(one.value), term("presence", one.value, "zh"), text)
            for one, text in _VERDICTS.items()
        ]),
        ("Reads are counted by seconds in which a tag was heard; silence of more than "
         f"{PAUSE} seconds begins another sweep. Only `present` counts a thing, and only where it "
         "is expected; all else is a hint beside a difference. Nothing is moved or booked by radio "
         "alone."),
    ]  # fmt: skip


def _findings() -> list[str]:
    return [
        "## Results",
        table(("Result", "中文", "Meaning", "What closing books"), [
            (code(one), term("stocktake_result", one, "zh"), *_RESULTS[one]) for one in RESULTS
        ]),
        "## Reasons",
        ", ".join(f"{code(one)} {term('difference_reason', one, 'zh')}" for one in REASONS) + ".",
        "## Treatments",
        ", ".join(f"{code(one)} {term('treatment', one, 'zh')}" for one in TREATMENTS) + ".",
        "## Rows of the results",
        ("What is submitted, approved and hashed: one row a difference, with these texts in this "
         "order: " + ", ".join(map(code, Result.__dataclass_fields__)) + "."),
    ]  # fmt: skip


def _closing() -> list[str]:
    return [
        "## What closing books",
        table(("Booked", "中文", "For"), [
            (code(act), term("adjustment", act, "zh"),
             ", ".join(map(code, kinds.split(", "))))
            for act, kinds in _BOOKED.items()
        ]),
        ("Each under the number of the stocktake, all in one transaction with `stocktake.closed`, "
         "its last entry. Only what is treated `adjust` is booked; what somebody changed after the "
         "results were submitted is left alone and named. Then the log is sealed and signed."),
    ]  # fmt: skip


def _states(states: Iterable[StocktakeState]) -> str:
    wanted = set(states)
    return ", ".join(code(one.value) for one in StocktakeState if one in wanted)


def _terms(group: str, codes: Iterable[str]) -> str:
    return ", ".join(f"{code(one)} {term(group, one, 'zh')}" for one in codes)
