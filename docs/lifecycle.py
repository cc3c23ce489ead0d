"""The page of the lifecycle table, with its diagram."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts.register import INITIAL_STATES
from assetctl.domain.lifecycle import LIFECYCLE, Holder, Place, State, To, Transition, settle
from assetctl.i18n import term
from docs.markdown import code, page_of, table

_TO = {
    To.SAME: "the same",
    To.PRIOR: "what it was before; where it moved meanwhile, by the place",
    To.SETTLED: "in store, in use or idle, by the place",
}
_HOLDER = {
    Holder.SAME: "the same",
    Holder.PARTY: "the party named",
    Holder.SENT_TO: "the party it was sent to",
    Holder.PRIOR: "who held it before",
    Holder.WITH_TITLE: "the new owner, if the old owner held it",
}
_PLACE = {
    Place.SAME: "the same",
    Place.GIVEN: "the place named; unknown if none",
    Place.GIVEN_OR_SAME: "the place named, else the same",
    Place.GIVEN_OR_PRIOR: "the place named, else where it was before",
    Place.NONE: "not known to us",
    Place.PRIOR: "where it was before",
}


def lifecycle_page() -> str:
    """Return the page of the lifecycle table."""
    return page_of([
        "# Lifecycle",
        ("One table says what may happen to an asset and what becomes of it "
        "(`assetctl/domain/lifecycle.py`). What no row allows is refused."),
        "## States",
        table(("State", "English", "中文"),
               [(code(s.value), term("state", s.value, "en"), term("state", s.value, "zh"))
                for s in State]),
        "## Acts",
        table(("Act", "中文", "Allowed from", "State after", "Holder after", "Place after",
                "Document number", "By"), [_row(row) for row in LIFECYCLE]),
        ("Roles count from the first one on that is given to anybody who asks, approves or keeps; "
         "until then the register is being set up. What hands a thing to others is refused where "
         "it is promised to another [document](documents.md). Auditors change nothing."),
        "## Diagram",
        ("Acts that never change the state are left out. Where a row has several possible ends, "
         "each has its own arrow."),
        f"```mermaid\n{_diagram()}\n```",
    ])  # fmt: skip


def _row(row: Transition) -> tuple[str, ...]:
    after = term("state", row.to.value, "en") if isinstance(row.to, State) else _TO[row.to]
    return (
        code(row.act.value), term("act", row.act.value, "zh"), _sources(row), after,
        _HOLDER[row.holder], _PLACE[row.place], _document(row), ", ".join(map(code, row.roles)),
    )  # fmt: skip


def _document(row: Transition) -> str:
    if row.document:
        return "needed"
    return "needed where it is promised" if row.document_if_promised else ""


def _sources(row: Transition) -> str:
    if row.sources == frozenset(State):
        return "every state"
    missing = [state for state in State if state not in row.sources]
    if 0 < len(missing) <= 2:
        return "every state but " + ", ".join(code(state.value) for state in missing)
    return ", ".join(code(state.value) for state in State if state in row.sources) or "(new)"


def _diagram() -> str:
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.value} : {term('state', state.value, 'zh')} {state.value}"
              for state in State]  # fmt: skip
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in LIFECYCLE:
        sources: list[State | None] = [state for state in State if state in row.sources]
        for source in sources or [None]:
            for end in _ends(row, source):
                if source is not end:
                    pair = (source.value if source else "[*]", end.value)
                    arrows.setdefault(pair, []).append(row.act.value)
    lines += [f"    {source} --> {end} : {', '.join(acts)}"
              for (source, end), acts in arrows.items()]  # fmt: skip
    lines.append(f"    {State.DISPOSED.value} --> [*]")
    return "\n".join(lines)


def _ends(row: Transition, source: State | None) -> Sequence[State]:
    """Return the states a row can lead to from `source`, None standing for no asset yet."""
    if isinstance(row.to, State):
        return (row.to,)
    if row.to is To.SAME:
        return (source,) if source else ()
    if row.to is To.SETTLED:
        return _settled(source)
    return tuple(state for state in State if state in _remembered(source))


def _settled(source: State | None) -> Sequence[State]:
    before = (source,) if source in INITIAL_STATES else tuple(State)
    found = {settle(in_warehouse=inside, was=was) for was in before for inside in (True, False)}
    return tuple(state for state in State if state in found)


def _remembered(source: State | None) -> frozenset[State]:
    """Return the states from which an act that remembers leads into `source`."""
    found: set[State] = set()
    for row in LIFECYCLE:
        if row.remembers and row.to is source:
            found |= row.sources
    return frozenset(found)
