"""Kinds of documents: what each must hold, and which acts on assets its number allows.

The kinds follow the papers of a public-property warehouse (入仓申请, 借用单, 调剂单 …). A request
passes a chain of opinions; a paper is issued by the act that it records and is done at once. What
they are called in numbers (prefixes) is a setting; those here are defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assetctl.domain.lifecycle import Act
from assetctl.domain.roles import ASSET_CLERK, UNIT_HEAD, WAREHOUSE_KEEPER, WAREHOUSE_MANAGER
from assetctl.domain.sourcing import RESULTS

FieldType = Literal[
    "unit",
    "person",
    "place",
    "day",
    "choice",
    "code",
    "number",
    "count",
    "class",
    "classes",
    "amount",
    "text",
]
"""`text` is free and therefore personal: it goes into a disclosure, never into the entry."""

INTAKE_SOURCES = (
    "idle", "underused", "over_standard", "temp_body", "major_event", "replaced_usable",
    "reorganised", "bulk_reserve", "confiscated", "case_property", "for_disposal", "donated",
    "warehouse_purchase",
)  # fmt: skip
"""Where what comes into a warehouse comes from."""

INTAKE_MODES = ("custody", "title", "virtual")
"""托管 (the owner keeps title), 划转 (title moves too), 虚拟 (listed only; the thing stays)."""

OUTCOMES = ("shelf", "repair", "disposal")
"""Where a thing that came back goes: on the shelf again, to be repaired, to be disposed of."""

APPLICANT, COUNTERPART, OWNER = "applicant", "counterpart", "owner"
"""Sides of a document: the unit that asks, the unit named in it, the unit that owns the assets."""

SIDES = (APPLICANT, COUNTERPART, OWNER)

RESERVED, RELEASED, LISTED = "reserved", "released", "listed"
"""What an asset is to its document first, and once it was let go without having been handed out;
what it is on a paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocField:
    """One field of a document."""

    name: str
    type: FieldType
    needed: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An act that a document allows: from which step of its course an asset goes to which.

    `roles` may do it; with `side` only people of that unit. `is_apart`: not by one who asked for
    it or gave an opinion on it. `modes`: only where the field `mode` says so. `papers` are kinds
    issued with it.
    """

    act: Act
    source: str
    to: str
    roles: tuple[str, ...]
    side: str | None = None
    is_apart: bool = False
    modes: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    fits: tuple[tuple[str, str], ...] = ()
    """Pairs: what the act's event must say, and the field of the document that says so too."""
    inside: str | None = None
    """The field with the place that the thing must be in, or in something inside it, afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocKind:
    """A kind of document. `counterpart` names the field with the other unit, if there is one."""

    code: str
    prefix: str
    fields: tuple[DocField, ...] = ()
    moves: tuple[Move, ...] = ()
    drafters: tuple[str, ...] = ()
    counterpart: str | None = None
    is_request: bool = True
    is_promise: bool = True
    """Whether its assets are promised to it from when it is submitted."""
    needs_assets: bool = True
    """Whether it is about assets; one that is not says in its fields what it is about."""

    def field(self, name: str) -> DocField | None:
        """Return the field of this name, or None."""
        return next((one for one in self.fields if one.name == name), None)

    def course(self, mode: str | None) -> tuple[Move, ...]:
        """Return the moves of a document whose field `mode` says this."""
        return tuple(one for one in self.moves if not one.modes or mode in one.modes)

    def move(self, act: Act, source: str, mode: str | None) -> Move | None:
        """Return what allows `act` for an asset that has come so far, or None."""
        found = (one for one in self.course(mode) if (one.act, one.source) == (act, source))
        return next(found, None)

    def is_end(self, line_state: str, mode: str | None) -> bool:
        """Return whether nothing is left to do with an asset that has come so far."""
        return all(one.source != line_state for one in self.course(mode))


_ASKING = (ASSET_CLERK, UNIT_HEAD, WAREHOUSE_MANAGER)
_KEEPING = (WAREHOUSE_KEEPER,)
_CLERK = (ASSET_CLERK,)
_HELD = ("custody", "title")
_REASON = DocField(name="reason", type="text")

KINDS: dict[str, DocKind] = {kind.code: kind for kind in (
    DocKind(
        code="intake", prefix="RC", drafters=_ASKING,
        fields=(
            DocField(name="source", type="choice", choices=INTAKE_SOURCES),
            DocField(name="mode", type="choice", choices=INTAKE_MODES),
            DocField(name="warehouse", type="place"),
            DocField(name="keeping_unit", type="unit"),
            DocField(name="decision", type="number", needed=False),
            _REASON,
        ),
        counterpart="keeping_unit",
        moves=(
            Move(act=Act.SEND, source=RESERVED, to="sent", roles=_CLERK, side=APPLICANT,
                 modes=_HELD, papers=("handover",), fits=(("sent_to", "keeping_unit"),)),
            Move(act=Act.RECEIVE, source="sent", to="received", roles=_KEEPING, is_apart=True,
                 modes=_HELD, papers=("acceptance", "receipt", "goods_in"), inside="warehouse"),
            Move(act=Act.REFUSE, source="sent", to="refused", roles=_KEEPING, is_apart=True,
                 modes=_HELD, papers=("acceptance",)),
            Move(act=Act.TRANSFER_TITLE, source="received", to="moved", roles=_KEEPING,
                 is_apart=True, modes=("title",), fits=(("owner", "keeping_unit"),)),
            Move(act=Act.LIST, source=RESERVED, to="listed", modes=("virtual",),
                 roles=(WAREHOUSE_KEEPER, WAREHOUSE_MANAGER), is_apart=True,
                 fits=(("warehouse", "warehouse"),)),
        ),
    ),
    DocKind(
        code="loan", prefix="JY", drafters=_ASKING,
        fields=(
            DocField(name="borrower", type="unit"),
            DocField(name="due", type="day"),
            DocField(name="event", type="code", needed=False),
            DocField(name="return_place", type="place", needed=False),
            DocField(name="custodian", type="person", needed=False),
            DocField(name="purpose", type="text"),
        ),
        counterpart="borrower",
        moves=(
            Move(act=Act.CHECK_OUT, source=RESERVED, to="out", roles=_KEEPING, is_apart=True,
                 papers=("goods_out",), fits=(("holder", "borrower"), ("due", "due"))),
            Move(act=Act.CHECK_IN, source="out", to="back", roles=_KEEPING,
                 papers=("return_check",)),
        ),
    ),
    DocKind(
        code="extension", prefix="XJ", drafters=_ASKING, is_promise=False,
        fields=(
            DocField(name="loan", type="number"),
            DocField(name="due", type="day"),
            DocField(name="purpose", type="text"),
        ),
        moves=(
            Move(act=Act.EXTEND, source=RESERVED, to="extended", roles=_KEEPING, is_apart=True,
                 fits=(("due", "due"),)),
        ),
    ),
    DocKind(
        code="realloc", prefix="TJ", drafters=_ASKING,
        fields=(
            DocField(name="to_unit", type="unit"),
            DocField(name="reply", type="number", needed=False),
            _REASON,
        ),
        counterpart="to_unit",
        moves=(
            Move(act=Act.SEND, source=RESERVED, to="sent", roles=(WAREHOUSE_KEEPER, ASSET_CLERK),
                 is_apart=True, papers=("goods_out",), fits=(("sent_to", "to_unit"),)),
            Move(act=Act.RECEIVE, source="sent", to="received", roles=_CLERK, side=COUNTERPART,
                 papers=("handover",)),
            Move(act=Act.REFUSE, source="sent", to="refused", roles=_CLERK, side=COUNTERPART),
            Move(act=Act.TRANSFER_TITLE, source="received", to="moved", roles=_CLERK,
                 side=COUNTERPART, fits=(("owner", "to_unit"),)),
        ),
    ),
    DocKind(
        code="need", prefix="PZ", drafters=(ASSET_CLERK, UNIT_HEAD), is_promise=False,
        needs_assets=False,
        fields=(
            DocField(name="name", type="code"),
            DocField(name="scheme", type="code"),
            DocField(name="class_code", type="class"),
            DocField(name="similar", type="classes", needed=False),
            DocField(name="quantity", type="count"),
            DocField(name="needed_by", type="day"),
            DocField(name="use_place", type="place"),
            DocField(name="staff", type="count", needed=False),
            DocField(name="reply", type="number", needed=False),
            DocField(name="spec", type="text"),
        ),
    ),
    DocKind(
        code="certificate", prefix="WT", is_request=False, needs_assets=False,
        fields=(
            DocField(name="result", type="choice", choices=RESULTS),
            DocField(name="unmet", type="count"),
            DocField(name="valid_until", type="day"),
            DocField(name="search", type="count"),
            DocField(name="entry", type="number"),
            DocField(name="search_sha256", type="code"),
        ),
    ),
    DocKind(
        code="purchase", prefix="CG", is_request=False, needs_assets=False,
        fields=(
            DocField(name="certificate", type="number"),
            DocField(name="quantity", type="count"),
            DocField(name="price", type="amount"),
            DocField(name="contract", type="number", needed=False),
            DocField(name="reply", type="number", needed=False),
        ),
    ),
    DocKind(code="handover", prefix="YJ", is_request=False),
    DocKind(code="receipt", prefix="SJ", is_request=False),
    DocKind(code="acceptance", prefix="YS", is_request=False),
    DocKind(code="goods_in", prefix="RK", is_request=False),
    DocKind(code="goods_out", prefix="CK", is_request=False),
    DocKind(code="return_check", prefix="GH", is_request=False),
    DocKind(code="recall", prefix="CH", is_request=False),
)}  # fmt: skip
"""Every kind of document by its code."""

REQUESTS = tuple(code for code, kind in KINDS.items() if kind.is_request)
"""Kinds that pass a chain of opinions."""
