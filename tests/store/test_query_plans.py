"""What is asked every day goes through an index: said by the database itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import blanks, counts, finds, handovers, parties, sightings, tags
from assetctl.acts.encoding import Encoded, bind_encoded
from assetctl.acts.finds import HeardTag, SweepReport
from assetctl.acts.photos import attach_kept
from assetctl.acts.stocktake_plan import Plan
from assetctl.acts.stocktake_plan import plan as plan_stocktake
from assetctl.acts.stocktakes import open_stocktake
from assetctl.acts.tags import Carried
from assetctl.domain.epcis.naming import Naming
from assetctl.domain.identity import TagKeys, asset_id, make_payload
from assetctl.domain.photo import Photo
from assetctl.domain.request import Stamp
from assetctl.domain.stocktake import Scope, Team
from assetctl.reads.as_of import rows_as_of
from assetctl.reads.assets import show
from assetctl.reads.badges import staff_badge
from assetctl.reads.blanks import blanks_of
from assetctl.reads.chains import Reach
from assetctl.reads.counts import astray
from assetctl.reads.entry_log import Asked, entry_log
from assetctl.reads.erasable import erasable
from assetctl.reads.evidence import events_about, meant
from assetctl.reads.heard import bearers, counting_tag, epcs_of
from assetctl.reads.resolve import resolve
from assetctl.reads.search import Filter, search
from assetctl.reads.settling import settle
from assetctl.reads.stocktakes import need_stocktake
from assetctl.reads.supply import supply
from assetctl.reads.tag_life import tag_history
from assetctl.reads.tags import judge
from assetctl.reads.trace import receipts, trace
from assetctl.reads.verify import verify
from assetctl.store.engine import Prepared, Tx
from tests.store.world import World

ROWS = 4000
BIG = {"asset", "alias", "tag", "attachment", "history", "head", "disclosure", "blank",
       "place_tag", "staff_card", "sighting", "evidence", "evidence_asset", "stocktake_line",
       "stocktake_find"}  # fmt: skip
"""Tables that grow with the register; what is asked every day must not read one of them whole."""

FILL = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {rows})
INSERT INTO {table} ({columns}) SELECT {values} FROM number
"""
FILLINGS = {
    "asset": {
        "asset_id": "'X' || n", "name": "'椅' || n", "scheme": "'s'", "class_code": "'A0' || n",
        "state": "'in_use'", "owner": "'U' || (n - n / 200 * 200)", "holder": "'P' || n",
        "place": "'B' || n",
        "held_since": "''", "registered_at": "''", "changed_at": "''", "changes": "0",
    },
    "alias": {"asset_id": "'X' || n", "scheme": "'card:U1'", "value": "'C' || n"},
    "tag": {
        "asset_id": "'X' || n", "carrier": "'qr'", "code": "'X' || n", "issue": "1",
        "state": "'bound'",
    },
    "attachment": {
        "asset_id": "'X' || n", "sha256": "'a'", "role": "'photo'", "media_type": "'m'",
        "byte_count": "1", "attached_at": "''",
    },
    "history": {
        "event_id": "'e' || n", "subject": "'asset:X' || n", "seq": "1", "kind": "'k'",
        "at": "''", "recorded_at": "''", "actor": "''", "request_id": "'r' || n",
        "entry": "{bytes}", "leaf": "{bytes}",
    },
    "head": {"subject": "'asset:X' || n", "seq": "1", "leaf": "{bytes}"},
    "blank": {"code": "'X1'", "tag": "'Y' || n", "carrier": "'qr'", "issued_at": "''"},
    "place_tag": {
        "code": "'B' || n", "tag": "'Z' || n", "issue": "1", "state": "'bound'", "issued_at": "''",
    },
    "staff_card": {
        "code": "'P' || n", "tag": "'V' || n", "issue": "1", "state": "'bound'", "issued_at": "''",
    },
    "sighting": {
        "code": "'X' || n", "issue": "1", "station": "'s'", "seen_at": "'2026'",
    },
    "stocktake_line": {
        "number": "'PD-2020-' || (n - n / 20 * 20)", "asset_id": "'X' || n", "name": "'n'",
        "class_code": "'A'", "owner": "'U1'", "holder": "'U1'", "state": "'in_use'",
    },
    "stocktake_find": {
        "number": "'PD-2020-' || (n - n / 20 * 20)", "batch": "n", "line": "1",
        "item": "'X' || n", "round": "1", "how": "'scan'", "team": "'A'", "person": "'P1'",
        "place": "'W1'", "found_at": "'2026'",
    },
    "evidence": {"code": "'D' || n", "event_time": "'2026'"},
    "evidence_asset": {"code": "'D' || n", "asset_id": "'X' || n"},
    "disclosure": {
        "event_id": "'e' || n", "path": "'note'", "subject": "'asset:X' || n",
        "disclosure": "''",
    },
}  # fmt: skip


def filled(world: World) -> World:
    """Put many rows beside the real ones and let the database count them."""
    nothing = "X''" if world.store.is_sqlite else "''::bytea"
    for table, columns in FILLINGS.items():
        world.run_sql(
            FILL.format(
                rows=ROWS, table=table, columns=", ".join(columns),
                values=", ".join(value.format(bytes=nothing) for value in columns.values()),
            )
        )  # fmt: skip
    world.run_sql("ANALYZE")
    return world


@contextmanager
def overheard(world: World) -> Iterator[list[tuple[str, Any]]]:
    """Give the list of statements that are sent to the database meanwhile."""
    sent: list[tuple[str, Any]] = []
    patch = pytest.MonkeyPatch()

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        sent.append((statement, parameters))

    run = Prepared._execute

    def spy(self: Prepared, connection: Connection, method: str, parameters: Any) -> Any:
        compiled = self._for(connection)
        if method == "execute":
            sent.append((compiled.sql, parameters(compiled.values)))
        return run(self, connection, method, parameters)

    patch.setattr(Prepared, "_execute", spy)
    sa.event.listen(world.store.engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        sa.event.remove(world.store.engine, "before_cursor_execute", listen)
        patch.undo()


def plan(connection: Connection, statement: str, parameters: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{word} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)


def read_whole(text: str) -> set[str]:
    """Return the tables that a plan reads from end to end."""
    sqlite = re.findall(r"^SCAN (?:TABLE )?(\w+)", text, re.MULTILINE)
    postgresql = re.findall(r"Seq Scan on (\w+)", text)
    return {*sqlite, *postgresql}


def plans(world: World, question: Callable[[], object]) -> list[str]:
    with overheard(world) as sent:
        question()
    explained = [one for one in sent if one[0].split()[0].upper() in ("SELECT", "WITH", "UPDATE")]
    assert explained
    with world.store.engine.connect() as connection:
        return [plan(connection, statement, parameters) for statement, parameters in explained]


def ask(world: World, question: Callable[[Connection], Any]) -> list[str]:
    def reading() -> None:
        with world.store.reading() as connection:
            assert question(connection)

    return plans(world, reading)


KEYS = TagKeys({"0": bytes(32)})
UNKNOWN = next(filter(None, map(asset_id, range(9))))


def signed(tag: str, letter: str = "A") -> str:
    return make_payload(KEYS, key="0", asset=tag, issue=1, host="x.cn", tag_class=letter)


QUESTIONS: dict[str, tuple[Callable[[Connection, str], Any], str]] = {
    "show": (lambda c, one: show(c, [one], sign=lambda _a, _n: None), "asset"),
    "trace": (lambda c, one: trace(c, [f"asset:{one}"]), "history"),
    "by owner and state": (
        lambda c, _one: search(c, Filter(owner="U1", state="in_use")).ids, "ix_asset_owner_state",
    ),
    "by holder": (lambda c, _one: search(c, Filter(holder="P9")).ids, "ix_asset_holder"),
    "by place": (lambda c, _one: search(c, Filter(place="B1-101")).ids, "ix_asset_place"),
    "by alias": (lambda c, _one: resolve(c, ["0001"]), r"uq_alias_value|SEARCH alias .*\(value="),
    "by request": (
        lambda c, _one: receipts(c, "R-1"), r"uq_history_request_id|SEARCH history .*\(request_id=",
    ),
    "judge a tag": (
        lambda c, one: judge(c, KEYS, signed(one)), r"pk_tag|SEARCH tag .*\(asset_id=",
    ),
    "judge a blank": (lambda c, _one: judge(c, KEYS, signed(UNKNOWN)), "blank"),
    "blanks by their ids": (lambda c, _one: blanks_of(c, ["Y7", "Y8"]), "blank"),
    "judge a place tag": (
        lambda c, _one: judge(c, KEYS, signed(UNKNOWN, "P")), "place_tag",
    ),
    "judge a bare id": (lambda c, _one: judge(c, KEYS, UNKNOWN), "staff_card"),
    "card of a person": (
        lambda c, _one: staff_badge(c, "P77"), r"staff_card .*\(code=|pk_staff_card",
    ),
    "tags of an asset": (lambda c, one: tag_history(c, one), "tag"),
    "what there is for a need": (
        lambda c, _one: supply(c, unit="U2", scheme="gbt14885-2022", classes=["A02010105"]),
        "ix_asset_class_code_state",
    ),
    "what others say": (
        lambda c, _one: events_about(c, ["X77"]), r"ix_evidence_asset|evidence_asset .*\(asset_id=",
    ),
    "whose a foreign name is": (
        lambda c, one: meant(c, Naming("https://x.cn/"), [f"https://x.cn/A/{one}", "urn:x:1"]),
        r"uq_alias_value|SEARCH alias .*\(value=",
    ),
    "entries by person": (
        lambda c, _one: list(entry_log(c, Asked(actor="P1"))), "ix_history_actor_recorded_at",
    ),
    "entries by person and time": (
        lambda c, _one: list(entry_log(c, Asked(actor="P1", since="2026"))),
        "ix_history_actor_recorded_at",
    ),
    "entries by time": (
        lambda c, _one: list(entry_log(c, Asked(since="2026"))), "ix_history_recorded_at",
    ),
    "the next page of entries": (
        lambda c, _one: list(entry_log(c, Asked(), after="2026/0")), "ix_history_recorded_at",
    ),
    "entries of one thing": (
        lambda c, one: list(entry_log(c, Asked(subjects=(f"asset:{one}",)))), "subject",
    ),
    "entries of a request": (
        lambda c, _one: list(entry_log(c, Asked(request_id="R-1"))),
        r"uq_history_request_id|SEARCH history .*\(request_id=",
    ),
    "names of a page": (
        lambda c, one: list(entry_log(c, Asked(subjects=(f"asset:{one}",)), personal=True)),
        r"pk_disclosure|SEARCH disclosure .*\(event_id=",
    ),
    "some things as of then": (
        lambda c, one: list(rows_as_of(c, Reach("9"), ids=[one])), "history",
    ),
    "what can be erased": (lambda c, one: erasable(c, f"asset:{one}"), "ix_disclosure_subject"),
    "verify one": (lambda c, one: verify(c, [f"asset:{one}"]), "history"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_daily_question_uses_an_index(world: World, name: str) -> None:
    question, index = QUESTIONS[name]
    world.do(parties.add_party, code="P9", kind="person", name="测试丙")
    one = world.asset(card_no="0001", holder="P9")
    stamp = world.stamp(request_id="R-1")
    world.do(handovers.move, assets=[one], to="B1-101", note="因", stamp=stamp)
    told = ask(filled(world), lambda connection: question(connection, one))
    for text in told:
        assert read_whole(text) & BIG == set(), text
    assert re.search(index, "\n".join(told)), told


def test_an_act_finds_and_locks_its_asset_by_an_index(world: World) -> None:
    one = world.asset()
    filled(world)
    told = plans(world, lambda: world.do(handovers.move, assets=[one], to="B1"))
    assert any("head" in text and "asset" in text for text in told)
    for text in told:
        assert read_whole(text) & BIG == set(), text


def test_a_sighting_finds_its_tag_and_its_memory_by_an_index(world: World) -> None:
    one = world.asset()
    filled(world)
    seen = sightings.Sighted(asset_id=one, code=one, issue=1)
    told = plans(world, lambda: world.do(sightings.sighting, seen=seen))
    assert any("sighting" in text for text in told)
    for text in told:
        assert read_whole(text) & BIG == set(), text


def test_tags_are_bound_and_voided_by_indexes(world: World) -> None:
    one = world.asset()
    issued = world.do(blanks.issue_blanks, count=2, new_asset_id=world.new_id)
    first, second = issued.events[0].data["tags"]
    filled(world)
    chip = {one: Encoded(epc="5A1" + "0" * 21, pc="3000", tid="E2801160")}
    acts: tuple[Callable[[], object], ...] = (
        lambda: world.do(tags.bind_tag, asset_id=one, carried=Carried(carrier="qr", code=first)),
        lambda: world.do(blanks.void_blanks, tags=[second]),
        lambda: world.do(bind_encoded, encoded=chip),
    )
    for act in acts:
        for text in plans(world, act):
            assert read_whole(text) & BIG == set(), text


def test_a_count_its_findings_and_its_photos_go_by_indexes(world: World) -> None:
    one = world.asset()
    world.do(handovers.move, assets=[one], to="B1")
    filled(world)
    early = replace(world.stamp(), at="2020-01-01T00:00:00.000000Z")
    photo = Photo(sha256="b" * 64, byte_count=1, media_type="image/png", role="condition")

    def count(tx: Tx, stamp: Stamp) -> None:
        receipt = counts.count(tx, assets=[one], place="W1", stamp=stamp)
        assert astray(tx.connection, receipt.events)
        attach_kept(tx, photos={one: (photo,)}, stamp=stamp)

    told = plans(world, lambda: world.do(count, stamp=early))
    assert any("attachment" in text for text in told)
    assert any("history" in text for text in told)
    for text in told:
        assert read_whole(text) & BIG == set(), text


def test_a_stocktake_is_counted_swept_and_settled_by_indexes(world: World) -> None:
    one = world.asset()
    world.do(bind_encoded, encoded={one: Encoded(epc="5A1" + "0" * 21, pc="3000", tid="E2")})
    team = Team(code="A", people=("P1",))
    wish = Plan(purpose="routine", base_date="2026-11-30", scope=Scope(), teams=(team,))
    number = world.do(plan_stocktake, plan=wish).events[0].subject.removeprefix("stocktake:")
    world.do(open_stocktake, number=number)
    filled(world)
    tag = HeardTag(epc="5A1" + "0" * 21, asset_id=one, verdict="present", first=0, last=1, epochs=2)
    report = SweepReport(place="W1", reader="r", began="2026", epochs=2, sweeps=1, tags=(tag,))

    def settled() -> None:
        with world.store.reading() as connection:
            bearers(connection, [tag.epc, "5A10557AC011123456789AC1"])
            epcs_of(connection, [one])
            counting_tag(connection, epc=tag.epc, tid="E2", apart_from="X")
            assert settle(connection, need_stocktake(connection, number))

    acts: tuple[Callable[[], object], ...] = (
        lambda: world.do(counts.count, assets=[one], place="W1", doc=number),
        lambda: world.do(finds.miss, number=number, items=[one]),
        lambda: world.do(finds.sweep, number=number, report=report),
        lambda: world.do(sightings.copies_heard, heard={tag.epc: ["E3"]}),
        settled,
    )
    for act in acts:
        for text in plans(world, act):
            assert read_whole(text) & BIG == set(), text


def test_a_scan_of_a_whole_table_would_be_seen(world: World) -> None:
    filled(world)
    told = ask(world, lambda connection: search(connection, Filter(text="椅")).ids)
    assert any("asset" in read_whole(text) or "asset_id" in text for text in told)
    with world.store.engine.connect() as connection:
        text = plan(connection, "SELECT * FROM asset WHERE name = 'x'", ())
    assert read_whole(text) == {"asset"}
