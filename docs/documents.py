"""The page of documents: their course, and what each kind holds, asks for and allows."""

from __future__ import annotations

from assetctl.domain.document import COURSE, ENDS, DocState
from assetctl.domain.document_kinds import KINDS, DocKind, Move
from assetctl.domain.warehouse_rules import built_in, parse_rules
from assetctl.i18n import term
from docs.markdown import code, page_of, table

_BY_COMMAND = {
    "certificate": "`source certify` under need",
    "purchase": "`source purchase` under certificate",
}
"""Papers that no act on assets issues."""


def documents_page() -> str:
    """Return the page of documents."""
    requests = [kind for kind in KINDS.values() if kind.is_request]
    papers = [kind for kind in KINDS.values() if not kind.is_request]
    parts = [
        "# Documents",
        ("One engine serves every kind (`assetctl/domain/document.py`, `document_kinds.py`). A "
         "number is taken when a document is begun and never used again. Submitting promises its "
         "assets to it; approval moves nothing; only acts under its number do, and each is entered "
         "in it in the same transaction. Who must give an opinion is data of the office: "
         "`assetctl warehouse rules show`."),
        "## Course",
        table(("Act", "中文", "Allowed from", "State after"), [
            (code(act.value), term("doc_act", act.value, "zh"),
             ", ".join(code(state.value) for state in DocState if state in sources),
             code(to.value) if to else "the same")
            for act, (sources, to) in COURSE.items()
        ]),
        ("Nothing leads out of " + ", ".join(code(one.value) for one in DocState if one in ENDS)
         + ". What is returned, rejected, withdrawn or made void sets its assets free."),
        "## Requests",
    ]  # fmt: skip
    for kind in requests:
        parts += _kind_part(kind)
    parts += [
        "## Papers",
        "Issued by the act that they record, and done at once.",
        table(("Kind", "中文", "Prefix", "Issued by"), [
            (code(kind.code), term("document", kind.code, "zh"), kind.prefix, _issued_by(kind))
            for kind in papers
        ]),
        "## Rules that come with assetctl",
        ("No national text says who signs or from which amount on, so these are a beginning and no "
         "law. Copy them (`assetctl warehouse rules show --text`), change them, and adopt them "
         "under a document number; a file with faults is refused with every fault named."),
        f"```toml\n{built_in().strip()}\n```",
    ]  # fmt: skip
    return page_of(parts)


def _kind_part(kind: DocKind) -> list[str]:
    rules = parse_rules(built_in(), "built-in")
    fields = [
        (code(one.name), term("field", one.name, "zh"), one.type + ("" if one.needed else " (may)"),
         ", ".join(map(code, one.choices)))
        for one in kind.fields
    ]  # fmt: skip
    parts = [
        f"### {kind.code} {term('document', kind.code, 'zh')} ({rules.prefix(kind.code)})",
        "Begun by: " + ", ".join(code(role) for role in kind.drafters) + ".",
        table(("Field", "中文", "Type", "Choices"), fields),
    ]
    if kind.moves:
        rows = [_move_row(move) for move in kind.moves]
        parts.append(
            table(("Act", "From", "To", "By", "Of the unit", "Only where", "Issues"), rows)
        )
    return parts


def _move_row(move: Move) -> tuple[str, ...]:
    apart = ", who neither asked nor decided" if move.is_apart else ""
    return (
        code(move.act.value), move.source, move.to,
        ", ".join(map(code, move.roles)) + apart, move.side or "",
        ", ".join(f"mode {mode}" for mode in move.modes), ", ".join(map(code, move.papers)),
    )  # fmt: skip


def _issued_by(kind: DocKind) -> str:
    acts = [
        f"{code(move.act.value)} under {one.code}"
        for one in KINDS.values() for move in one.moves if kind.code in move.papers
    ]  # fmt: skip
    return ", ".join(acts) or _BY_COMMAND.get(kind.code, "")
