"""The one table that says what may happen to an asset, and what becomes of it.

Four axes are kept apart: the life state, who (owner by title, holder who answers for it now), the
place, and the condition. `LIFECYCLE` holds a row per act; `advance()` applies the row or refuses.
Help texts, the diagram in the documentation and the exhaustive tests are made from this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assetctl.domain.roles import (
    ADMINISTRATOR,
    ASSET_CLERK,
    UNIT_FINANCE,
    WAREHOUSE_KEEPER,
    WAREHOUSE_MANAGER,
)
from assetctl.errors import (
    ActRefusedError,
    AssetPromisedError,
    DocumentRequiredError,
    RegimeError,
    SomeoneFirstError,
)


class State(StrEnum):
    """Where an asset stands in its life."""

    IN_USE = "in_use"
    IDLE = "idle"
    IN_STORE = "in_store"
    ON_LOAN = "on_loan"
    IN_TRANSIT = "in_transit"
    IN_REPAIR = "in_repair"
    MISSING = "missing"
    PENDING_DISPOSAL = "pending_disposal"
    DISPOSED = "disposed"


class Act(StrEnum):
    """What people may do with an asset."""

    REGISTER = "register"
    CORRECT = "correct"
    ATTACH = "attach"
    COUNT = "count"
    BIND_TAG = "bind_tag"
    REPLACE_TAG = "replace_tag"
    VOID_TAG = "void_tag"
    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"
    EXTEND = "extend"
    MOVE = "move"
    SEND = "send"
    RECEIVE = "receive"
    REFUSE = "refuse"
    TRANSFER_TITLE = "transfer_title"
    REPORT_MISSING = "report_missing"
    REPORT_FOUND = "report_found"
    PROPOSE_DISPOSAL = "propose_disposal"
    WITHDRAW_DISPOSAL = "withdraw_disposal"
    DISPOSE = "dispose"
    LIST = "list"
    UNLIST = "unlist"
    SANITISE = "sanitise"
    SHARE = "share"
    UNSHARE = "unshare"


class To(StrEnum):
    """What a state becomes when it is not one fixed state."""

    SAME = "same"
    PRIOR = "prior"
    """What it was before the loan, the dispatch or the proposal."""
    SETTLED = "settled"
    """In store where the place lies in a warehouse, in use (or idle, if it was) elsewhere."""


class Holder(StrEnum):
    """Who answers for the asset after the act."""

    SAME = "same"
    PARTY = "party"
    """The party named in the act."""
    SENT_TO = "sent_to"
    """The party it was sent to."""
    PRIOR = "prior"
    """Who held it before the loan, the dispatch or the loss."""
    WITH_TITLE = "with_title"
    """The new owner where the old owner held it; otherwise nobody changes hands."""


class Place(StrEnum):
    """Where the asset is after the act."""

    SAME = "same"
    GIVEN = "given"
    """The place named in the act; unknown if none was."""
    GIVEN_OR_SAME = "given_or_same"
    GIVEN_OR_PRIOR = "given_or_prior"
    NONE = "none"
    """Not known to us: on the road, or with a borrower."""
    PRIOR = "prior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row: an act, the states it may start from, and what becomes of state, holder, place."""

    act: Act
    sources: frozenset[State]
    to: State | To = To.SAME
    holder: Holder = Holder.SAME
    place: Place = Place.SAME
    remembers: bool = False
    """Whether state, holder and place before the act are kept, to return to."""
    document: bool = False
    """Whether the act needs the number of an approved document."""
    gives_away: bool = False
    """Whether it hands the thing to others: not where it is promised to another document."""
    public_only: bool = False
    """Whether it is refused for what is not public property: confiscated, or property in a case."""
    document_if_promised: bool = False
    """Whether it needs a document of its own where the asset is promised to one already."""
    roles: tuple[str, ...] = ()
    """Who may do it, once roles are given to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Where an asset stands on all axes that the table moves, as its row says now."""

    asset_id: str
    state: State
    owner: str
    holder: str
    place: str | None = None
    condition: str | None = None
    due: str | None = None
    sent_to: str | None = None
    prior_state: State | None = None
    prior_holder: str | None = None
    prior_place: str | None = None
    held_since: str = ""
    changed_at: str = ""
    regime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the person acting adds: a party, a place, a document, and the start of the request.

    `promised_to` is the document that has a claim on the asset; `in_warehouse` says whether the
    place after the act lies in a warehouse; `began` is the instant at which the request began, by
    which a late-comer is told from a rule-breaker.
    """

    party: str | None = None
    place: str | None = None
    document: str | None = None
    promised_to: str | None = None
    in_warehouse: bool = False
    began: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State, holder and place after an act."""

    state: State
    holder: str
    place: str | None


_AT_HAND = frozenset({State.IN_USE, State.IDLE, State.IN_STORE})
_ALIVE = frozenset(State) - {State.DISPOSED}
_ANY = frozenset(State)
_LOSABLE = _ALIVE - {State.MISSING}

_HANDLING = (ADMINISTRATOR, ASSET_CLERK, WAREHOUSE_KEEPER, WAREHOUSE_MANAGER)
_RECORDING = (*_HANDLING, UNIT_FINANCE)

LIFECYCLE: tuple[Transition, ...] = (
    Transition(act=Act.REGISTER, sources=frozenset(), to=To.SETTLED, holder=Holder.PARTY,
               place=Place.GIVEN, roles=_RECORDING),
    Transition(act=Act.CORRECT, sources=_ALIVE, roles=_RECORDING),
    Transition(act=Act.ATTACH, sources=_ANY, roles=_RECORDING),
    Transition(act=Act.COUNT, sources=_ANY, roles=_RECORDING),
    Transition(act=Act.BIND_TAG, sources=_ALIVE, roles=_HANDLING),
    Transition(act=Act.REPLACE_TAG, sources=_ALIVE, roles=_HANDLING),
    Transition(act=Act.VOID_TAG, sources=_ANY, roles=_HANDLING),
    Transition(act=Act.CHECK_OUT, sources=_AT_HAND, to=State.ON_LOAN, holder=Holder.PARTY,
               place=Place.GIVEN, remembers=True, gives_away=True, public_only=True,
               roles=_HANDLING),
    Transition(act=Act.CHECK_IN, sources=frozenset({State.ON_LOAN}), to=To.SETTLED,
               holder=Holder.PRIOR, place=Place.GIVEN_OR_PRIOR, roles=_HANDLING),
    Transition(act=Act.EXTEND, sources=frozenset({State.ON_LOAN}), document_if_promised=True,
               roles=_HANDLING),
    Transition(act=Act.MOVE, sources=_AT_HAND, to=To.SETTLED, place=Place.GIVEN, roles=_HANDLING),
    Transition(act=Act.MOVE, sources=frozenset({State.ON_LOAN, State.PENDING_DISPOSAL}),
               place=Place.GIVEN, roles=_HANDLING),
    Transition(act=Act.SEND, sources=_AT_HAND, to=State.IN_TRANSIT, place=Place.NONE,
               remembers=True, gives_away=True, roles=_HANDLING),
    Transition(act=Act.RECEIVE, sources=frozenset({State.IN_TRANSIT}), to=To.SETTLED,
               holder=Holder.SENT_TO, place=Place.GIVEN, roles=_HANDLING),
    Transition(act=Act.REFUSE, sources=frozenset({State.IN_TRANSIT}), to=To.PRIOR,
               holder=Holder.PRIOR, place=Place.PRIOR, roles=_HANDLING),
    Transition(act=Act.TRANSFER_TITLE, sources=_AT_HAND | {State.ON_LOAN},
               holder=Holder.WITH_TITLE, document=True, gives_away=True, public_only=True,
               roles=_HANDLING),
    Transition(act=Act.REPORT_MISSING, sources=_LOSABLE, to=State.MISSING, roles=_HANDLING),
    Transition(act=Act.REPORT_FOUND, sources=frozenset({State.MISSING}), to=To.SETTLED,
               holder=Holder.PRIOR, place=Place.GIVEN_OR_SAME, roles=_HANDLING),
    Transition(act=Act.PROPOSE_DISPOSAL, sources=_AT_HAND | {State.MISSING},
               to=State.PENDING_DISPOSAL, remembers=True, roles=_HANDLING),
    Transition(act=Act.WITHDRAW_DISPOSAL, sources=frozenset({State.PENDING_DISPOSAL}), to=To.PRIOR,
               roles=_HANDLING),
    Transition(act=Act.DISPOSE, sources=frozenset({State.PENDING_DISPOSAL}), to=State.DISPOSED,
               place=Place.NONE, document=True, roles=_HANDLING),
    Transition(act=Act.LIST, sources=_AT_HAND, gives_away=True, public_only=True, roles=_HANDLING),
    Transition(act=Act.UNLIST, sources=_ANY, roles=_HANDLING),
    Transition(act=Act.SANITISE, sources=_ALIVE, roles=_HANDLING),
    Transition(act=Act.SHARE, sources=_AT_HAND, public_only=True, roles=(ASSET_CLERK,)),
    Transition(act=Act.UNSHARE, sources=_ANY, roles=(ASSET_CLERK,)),
)  # fmt: skip


_PUBLIC = (None, "public")


def gives_away(act: Act) -> bool:
    """Return whether an act hands a thing to others."""
    return any(row.gives_away for row in LIFECYCLE if row.act is act)


def roles_for(act: Act) -> tuple[str, ...]:
    """Return the roles that may do an act."""
    return next(row.roles for row in LIFECYCLE if row.act is act)


def transition(act: Act, state: State) -> Transition | None:
    """Return the row that allows `act` from `state`, or None."""
    for row in LIFECYCLE:
        if row.act is act and state in row.sources:
            return row
    return None


def sources(act: Act) -> tuple[State, ...]:
    """Return every state that `act` may start from, in the order of the enum."""
    allowed: set[State] = set()
    for row in LIFECYCLE:
        if row.act is act:
            allowed |= row.sources
    return tuple(state for state in State if state in allowed)


def allowed_acts(state: State) -> tuple[Act, ...]:
    """Return every act that the table allows from `state`, in the order of the enum."""
    return tuple(act for act in Act if transition(act, state))


def place_after(act: Act, custody: Custody, given: Given) -> str | None:
    """Return the place the table would put the asset at, whether or not the act is allowed."""
    row = transition(act, custody.state)
    return custody.place if row is None else _place(row.place, custody, given)


def advance(act: Act, custody: Custody, given: Given) -> Standing:
    """Return where the asset stands after `act`.

    Raises:
        SomeoneFirstError: the act is not allowed now, but was before this request began.
        ActRefusedError: the table does not allow the act in this state.
        DocumentRequiredError: the row asks for a document and none was given.
        AssetPromisedError: the asset is promised to another document.
        RegimeError: what is confiscated or property in a case would be given away.
    """
    row = transition(act, custody.state)
    if row is None:
        raise _refusal(act, custody, given)
    needed = row.document or (row.document_if_promised and given.promised_to)
    if needed and not given.document:
        raise DocumentRequiredError(act=act.value)
    if row.public_only and custody.regime not in _PUBLIC:
        raise RegimeError(act=act.value, asset_id=custody.asset_id, regime=custody.regime)
    if row.gives_away and given.promised_to not in (None, given.document):
        raise AssetPromisedError(act=act.value, asset_id=custody.asset_id, number=given.promised_to)
    return Standing(
        state=_state(row.to, custody, given),
        holder=_holder(row.holder, custody, given),
        place=_place(row.place, custody, given),
    )


def settle(*, in_warehouse: bool, was: State | None = None) -> State:
    """Return the state of a thing that has come to rest at a place."""
    if in_warehouse:
        return State.IN_STORE
    return State.IDLE if was is State.IDLE else State.IN_USE


def codes(values: Iterable[StrEnum]) -> str:
    """Return codes as a sentence lists them."""
    return ", ".join(value.value for value in values) or "-"


def _refusal(act: Act, custody: Custody, given: Given) -> Exception:
    facts: dict[str, object] = {
        "act": act.value,
        "asset_id": custody.asset_id,
        "state": custody.state.value,
        "holder": custody.holder,
        "since": custody.held_since,
        "allowed_from": codes(sources(act)),
        "allowed_acts": codes(allowed_acts(custody.state)),
    }
    if given.began and custody.changed_at >= given.began:
        return SomeoneFirstError(**facts)
    return ActRefusedError(**facts)


def _state(to: State | To, custody: Custody, given: Given) -> State:
    if isinstance(to, State):
        return to
    if to is To.SAME:
        return custody.state
    prior = custody.prior_state
    if to is To.PRIOR and prior not in _AT_HAND:
        return prior or State.IN_USE
    # A thing may have been moved in between, so that it comes to rest where it is now.
    return settle(in_warehouse=given.in_warehouse, was=custody.prior_state or custody.state)


def _holder(holder: Holder, custody: Custody, given: Given) -> str:
    if holder is Holder.WITH_TITLE:
        holder = Holder.PARTY if custody.holder == custody.owner else Holder.SAME
    chosen = {
        Holder.SAME: custody.holder,
        Holder.PARTY: given.party,
        Holder.SENT_TO: custody.sent_to,
        Holder.PRIOR: custody.prior_holder,
    }[holder]
    return chosen or custody.owner


def _place(place: Place, custody: Custody, given: Given) -> str | None:
    return {
        Place.SAME: custody.place,
        Place.GIVEN: given.place,
        Place.GIVEN_OR_SAME: given.place or custody.place,
        Place.GIVEN_OR_PRIOR: given.place or custody.prior_place,
        Place.NONE: None,
        Place.PRIOR: custody.prior_place,
    }[place]
