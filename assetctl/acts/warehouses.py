"""What sort of warehouse a place is, and the rules of the office."""

from __future__ import annotations

from assetctl.acts.authority import authority_of, must_hold
from assetctl.acts.handovers import need_unit
from assetctl.acts.steps import earlier
from assetctl.domain.card import REGIMES
from assetctl.domain.events import RulesAdopted, WarehouseSet
from assetctl.domain.places import FORMS, MODES
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.roles import ADMINISTRATOR, SYSTEM_ADMIN, WAREHOUSE_MANAGER
from assetctl.domain.warehouse_rules import parse_rules
from assetctl.errors import CodeTakenError, DocumentRequiredError, InputError
from assetctl.i18n import N_, one_of
from assetctl.reads.parties import need_place
from assetctl.reads.warehouse_rules import CODE, rule_sets
from assetctl.reads.warehouses import find_warehouse
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

_SETTING_UP = (ADMINISTRATOR, SYSTEM_ADMIN, WAREHOUSE_MANAGER)


def set_warehouse(
    tx: Tx, *, code: str, mode: str, form: str, regime: str, unit: str, stamp: Stamp,
    doc: str | None = None,
) -> Receipt:  # fmt: skip
    """Say of a place that it is a warehouse: physical or virtual, how it is run, for what, whose.

    Raises:
        PlaceNotFoundError, PartyNotFoundError, WrongPartyError: place or unit are not there.
        InputError: a value is unknown, or the place is no warehouse by its kind.
        CodeTakenError: it was said of this place already.
        ActDeniedError: it is for somebody else.
    """
    subject = f"place:{code}"
    wish = {"mode": mode, "form": form, "regime": regime, "unit": unit, "doc": doc}
    again = earlier(tx, stamp, WarehouseSet.kind, [subject], wish)
    if again:
        return again
    must_hold(authority_of(tx, stamp.actor), stamp.actor, "warehouse set", _SETTING_UP)
    for name, value, known in (
        ("--mode", mode, MODES), ("--form", form, FORMS), ("--regime", regime, REGIMES)
    ):  # fmt: skip
        if value not in known:
            raise InputError(field=name, value=value, expected=one_of(known))
    if need_place(tx.connection, code).kind != "warehouse":
        expected = N_("a place of the kind warehouse")
        raise InputError(field="CODE", value=code, expected=expected)
    need_unit(tx, unit, act=N_("warehouse set"))
    lock(tx, [subject])
    if find_warehouse(tx.connection, code):
        raise CodeTakenError(scheme="warehouse", value=code, holder=code)
    event = WarehouseSet(mode=mode, form=form, regime=regime, unit=unit, doc=doc)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def adopt_rules(tx: Tx, *, text: str, source: str, doc: str, stamp: Stamp) -> Receipt:
    """Adopt rules of the office, word for word, under a document; they hold from their day on.

    Raises:
        OfficeRulesFaultyError: lists every fault of the file.
        DocumentRequiredError: no document is named.
        ActDeniedError: it is for somebody else.
    """
    rules = parse_rules(text, source)
    subject, wish = f"rules:{CODE}", {"sha256": rules.sha256, "doc": doc}
    again = earlier(tx, stamp, RulesAdopted.kind, [subject], wish)
    if again:
        return again
    must_hold(authority_of(tx, stamp.actor), stamp.actor, "warehouse rules adopt", _SETTING_UP)
    if not doc.strip():
        raise DocumentRequiredError(act=N_("warehouse rules adopt"))
    lock(tx, [subject])
    number = len(rule_sets(tx.connection)) + 1
    event = RulesAdopted(
        number=number, since=rules.since, sha256=rules.sha256, rules=text, doc=doc
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))
