"""Whatever the administrator changes in the history is found, and where it was changed is named."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable

import pytest

from assetctl.domain import chain
from assetctl.errors import HistoryBrokenError, LogForkedError
from assetctl.reads.log import head_of
from assetctl.reads.verify import verify
from assetctl.store.tables import disclosure
from assetctl.store.tree import Tree, entries
from tests.faults.tampering import HISTORY_COLUMNS, Admin

MIDDLE = 4


def test_an_untouched_register_verifies(admin: Admin) -> None:
    assert admin.found() is None
    assert admin.found(replay=True) is None
    assert admin.count(admin.a) == 14
    found = verify(admin.connection, replay=True)
    assert found.entries == admin.rows("SELECT count(*) FROM history")[0][0]
    assert len(admin.rows("SELECT path FROM disclosure WHERE subject = :s", s=admin.a)) >= 5


def test_verify_leaves_the_connection_as_it_was(admin: Admin) -> None:
    before = dict(admin.connection.get_execution_options())
    verify(admin.connection, replay=True)
    assert dict(admin.connection.get_execution_options()) == before


def test_a_failed_verify_leaves_no_cursor_open(admin: Admin) -> None:
    admin.run("DELETE FROM history WHERE subject = :s AND seq = 1", s=admin.a)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        with pytest.raises(HistoryBrokenError):
            verify(admin.connection)
        gc.collect()
    assert not [one.message for one in said if one.category is ResourceWarning]


# --- bytes ---------------------------------------------------------------------------------


def _positions(admin: Admin, entry: bytes) -> range:
    step = 1 if admin.connection.dialect.name == "sqlite" else 23
    return range(0, len(entry), step)


def _flipped(entry: bytes, position: int) -> bytes:
    changed = bytearray(entry)
    changed[position] ^= 1 << position % 8
    return bytes(changed)


def test_one_flipped_bit_anywhere_in_an_entry_is_found(admin: Admin) -> None:
    entry = bytes(admin.entry(admin.a, MIDDLE).entry)
    for position in _positions(admin, entry):
        admin.set_entry(admin.a, MIDDLE, _flipped(entry, position), with_leaf=False)
        facts = admin.found(subjects=[admin.a])
        assert facts is not None, position
        assert (facts["subject"], facts["seq"]) == (admin.a, MIDDLE)
        assert facts["problem"] == "its bytes do not give its leaf"
    admin.set_entry(admin.a, MIDDLE, entry, with_leaf=False)
    assert admin.found(replay=True) is None


def test_a_flipped_bit_is_found_even_where_the_leaf_was_made_to_fit(admin: Admin) -> None:
    entry = bytes(admin.entry(admin.a, MIDDLE).entry)
    for position in _positions(admin, entry):
        admin.set_entry(admin.a, MIDDLE, _flipped(entry, position), with_leaf=True)
        facts = admin.found(subjects=[admin.a])
        assert facts is not None, position
        # What still reads as an entry is given away by the one behind it, which names its leaf.
        assert (facts["subject"], facts["seq"]) in ((admin.a, MIDDLE), (admin.a, MIDDLE + 1))


def test_a_flipped_bit_in_the_newest_entry_does_not_fit_the_head(admin: Admin) -> None:
    last = admin.count(admin.a)
    fields = json.loads(admin.entry(admin.a, last).entry)
    fields["st"] = "elsewhere"
    admin.set_entry(admin.a, last, chain.canonical(fields), with_leaf=True)
    facts = admin.found()
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (admin.a, last)
    assert facts["problem"] == "its leaf is not the head"


# --- columns and rows ----------------------------------------------------------------------


@pytest.mark.parametrize("column", HISTORY_COLUMNS)
def test_every_column_of_a_history_row_is_held_to_its_entry(admin: Admin, column: str) -> None:
    values: dict[str, object] = {
        "seq": 99, "entry": b"{}", "leaf": bytes(32), "subject": "asset:ZZZZZZZZZZ",
        "at": "2020-01-01T00:00:00.000000Z", "recorded_at": "2020-01-01T00:00:00.000000Z",
    }  # fmt: skip
    admin.run(f"UPDATE history SET {column} = :v WHERE subject = :s AND seq = :n",
              v=values.get(column, "other"), s=admin.a, n=MIDDLE)  # fmt: skip
    assert admin.place() == (admin.a, MIDDLE)


@pytest.mark.parametrize("seq", [1, 2, MIDDLE, 13, 14])
def test_a_deleted_entry_is_missed_where_it_stood(admin: Admin, seq: int) -> None:
    admin.run("DELETE FROM history WHERE subject = :s AND seq = :n", s=admin.a, n=seq)
    assert admin.place() == (admin.a, seq)


def test_a_whole_history_deleted_leaves_its_head_behind(admin: Admin) -> None:
    admin.run("DELETE FROM history WHERE subject = :s", s=admin.a)
    facts = admin.found()
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (admin.a, 1)
    assert facts["problem"] == "its history is gone"
    only_this = admin.found(subjects=[admin.a])
    assert only_this is not None
    assert only_this["subject"] == admin.a


def test_entries_in_another_order_are_found(admin: Admin) -> None:
    for was, becomes in ((3, 0), (4, 3), (0, 4)):
        admin.run("UPDATE history SET seq = :new WHERE subject = :s AND seq = :old",
                  new=becomes, old=was, s=admin.a)  # fmt: skip
    assert admin.place() == (admin.a, 3)


def test_entries_of_two_subjects_in_each_others_place_are_found(admin: Admin) -> None:
    mine, other = admin.entry(admin.a, 2), admin.entry(admin.b, 2)
    admin.set_entry(admin.a, 2, bytes(other.entry), with_leaf=True)
    admin.set_entry(admin.b, 2, bytes(mine.entry), with_leaf=True)
    facts = admin.found()
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (min(admin.a, admin.b), 2)
    assert facts["problem"] == "its field subject does not fit the chain"


def test_a_forged_next_entry_is_found_while_the_head_stands(admin: Admin) -> None:
    number = admin.append(admin.a, head=False)
    facts = admin.found()
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (admin.a, number)


def test_a_forged_next_entry_with_its_head_is_found_by_replay(admin: Admin) -> None:
    newest = json.loads(admin.entry(admin.b, 2).entry)
    data = newest["data"] | {"holder": "P2"}
    number = admin.append(admin.b, head=True, data=data)
    assert admin.found() is None
    facts = admin.found(replay=True)
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (admin.b, number)
    assert str(facts["problem"]).startswith("table asset, row ")


# --- genesis and heads ---------------------------------------------------------------------


def _genesis(admin: Admin, *, leaf: bool) -> None:
    entry = chain.genesis_entry(origin="elsewhere", nonce=bytes(32), vkey="-")
    admin.run("UPDATE log SET entry = :entry", entry=entry)
    if leaf:
        admin.run("UPDATE log SET leaf = :leaf", leaf=chain.leaf_hash(entry))


def test_a_changed_genesis_does_not_give_its_leaf(admin: Admin) -> None:
    _genesis(admin, leaf=False)
    assert admin.place() == ("log", 0)


def test_another_genesis_is_not_what_the_first_entries_point_to(admin: Admin) -> None:
    _genesis(admin, leaf=True)
    facts = admin.found()
    assert facts is not None
    assets = admin.rows("SELECT subject FROM head WHERE subject LIKE 'asset:%'")
    assert (facts["subject"], facts["seq"]) == (min(subject for (subject,) in assets), 1)
    assert facts["problem"] == "its field p does not fit the chain"


def test_another_leaf_of_the_genesis_is_found(admin: Admin) -> None:
    admin.run("UPDATE log SET leaf = :leaf", leaf=bytes(32))
    assert admin.place() == ("log", 0)


def test_another_name_of_the_log_is_found(admin: Admin) -> None:
    admin.run("UPDATE log SET origin = 'elsewhere'")
    assert admin.place() == ("log", 0)


def test_a_second_genesis_is_found(admin: Admin) -> None:
    entry = chain.genesis_entry(origin="zz", nonce=bytes(32), vkey="-")
    admin.run("INSERT INTO log (origin, entry, leaf) VALUES ('zz', :e, :l)",
              e=entry, l=chain.leaf_hash(entry))  # fmt: skip
    assert admin.place() == ("log", 0)


@pytest.mark.parametrize(
    ("change", "seq"), [("seq = seq + 1", 15), ("seq = seq - 1", 14), ("leaf = :leaf", 14)]
)
def test_a_changed_head_is_found(admin: Admin, change: str, seq: int) -> None:
    values = {"leaf": bytes(32)} if ":leaf" in change else {}
    admin.run(f"UPDATE head SET {change} WHERE subject = :s", s=admin.a, **values)
    assert admin.place() == (admin.a, seq)


def test_a_deleted_head_is_found(admin: Admin) -> None:
    admin.run("DELETE FROM head WHERE subject = :s", s=admin.a)
    facts = admin.found()
    assert facts is not None
    assert facts["subject"] == admin.a
    assert facts["expected"] is None or facts["got"] in (None, "none")


def test_a_head_renamed_is_found(admin: Admin) -> None:
    admin.run("UPDATE head SET subject = 'asset:ZZZZZZZZZZ' WHERE subject = :s", s=admin.a)
    facts = admin.found()
    assert facts is not None
    # Both are wrong, the head without a history and the history without a head.
    assert facts["subject"] in (admin.a, "asset:ZZZZZZZZZZ")
    alone = admin.found(subjects=[admin.a])
    assert alone is not None
    assert alone["subject"] == admin.a
    assert admin.found(subjects=[admin.b]) is None


# --- disclosures ---------------------------------------------------------------------------


def _first_note(admin: Admin) -> str:
    return str(admin.entry(admin.a, 2).event_id)


def test_a_deleted_disclosure_is_found(admin: Admin) -> None:
    admin.run("DELETE FROM disclosure WHERE event_id = :e", e=_first_note(admin))
    assert admin.place() == (admin.a, 2)


@pytest.mark.parametrize(
    "text",
    [chain.disclosure(bytes(32), "note", "别的说明"), "", "AAAA", "!", "看不懂的字", "\ufeff"],
    ids=["another", "empty", "short", "mark", "chinese", "invisible"],
)
def test_an_altered_disclosure_is_found(admin: Admin, text: str) -> None:
    admin.run("UPDATE disclosure SET disclosure = :t WHERE event_id = :e",
              t=text, e=_first_note(admin))  # fmt: skip
    assert admin.place() == (admin.a, 2)


@pytest.mark.parametrize("column", disclosure.c.keys())
def test_every_column_of_a_disclosure_is_held_to_its_entry(admin: Admin, column: str) -> None:
    admin.run(f"UPDATE disclosure SET {column} = 'other' WHERE event_id = :e", e=_first_note(admin))
    facts = admin.found()
    assert facts is not None
    assert facts["subject"] in (admin.a, "other")


@pytest.mark.parametrize(
    ("which", "seq"), [("a", 2), ("a", 1), ("b", 2)], ids=["has one", "has none", "none at all"]
)
def test_an_added_disclosure_is_found(admin: Admin, which: str, seq: int) -> None:
    subject = getattr(admin, which)
    admin.run(
        "INSERT INTO disclosure (event_id, path, subject, disclosure) VALUES (:e, :p, :s, :t)",
        e=admin.entry(subject, seq).event_id, p="differs", s=subject,
        t=chain.disclosure(bytes(32), "differs", "少了一台显示器"),
    )  # fmt: skip
    assert admin.place() == (subject, seq)


def test_a_disclosure_of_no_entry_is_found(admin: Admin) -> None:
    admin.run(
        "INSERT INTO disclosure (event_id, path, subject, disclosure) VALUES ('0', 'note', :s, :t)",
        s=admin.b, t=chain.disclosure(bytes(32), "note", "x"),
    )  # fmt: skip
    facts = admin.found()
    assert facts is not None
    assert facts["subject"] == admin.b
    assert facts["problem"] == "a disclosure belongs to no entry"


# --- entries that are no entries -----------------------------------------------------------

STRANGE: dict[str, Callable[[], bytes]] = {
    "a list": lambda: b"[]", "a text": lambda: b'"text"', "a number": lambda: b"1",
    "null": lambda: b"null", "an empty object": lambda: b"{}", "nothing": lambda: b"",
    "no text": lambda: b"\xff\xfe\x00", "deep": lambda: b"[" * 100_000,
    "deep and closed": lambda: b"[" * 20_000 + b"]" * 20_000,
    "a float": lambda: b'{"n":1.5}', "a long number": lambda: b'{"n":' + b"9" * 5000 + b"}",
    "twice the same key": lambda: b'{"n":1,"n":1}', "nan": lambda: b'{"n":NaN}',
    "utf-16": lambda: '{"n":1}'.encode("utf-16"), "longer than any": lambda: b'"' + b"x" * 70_000,
}  # fmt: skip


@pytest.mark.parametrize("what", STRANGE)
def test_bytes_that_are_no_entry_are_named_not_stumbled_over(admin: Admin, what: str) -> None:
    number = admin.append(admin.a, head=True, entry=STRANGE[what]())
    assert admin.place() == (admin.a, number)


@pytest.mark.parametrize(
    "digests", [1, "x", [1], [1, "x"], [None], {"a": 1}, True], ids=lambda value: json.dumps(value)
)
def test_digests_that_are_none_are_named(admin: Admin, digests: object) -> None:
    number = admin.append(admin.a, head=True, sd=digests)
    assert admin.place() == (admin.a, number)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("asset.unheard_of", {}),
        ("asset.moved", []),
        ("asset.moved", "text"),
        ("asset.moved", {"unheard_of": "x"}),
        ("asset.corrected", {"change": 1, "before": {}, "after": "text"}),
        ("asset.corrected", {"change": 1, "before": {}, "after": {"value": "many"}}),
        ("asset.corrected", {"change": 1, "before": {}, "after": {"quantity": "many"}}),
        ("asset.corrected", {"change": 1, "before": {}, "after": {"unheard_of": "x"}}),
        ("asset.corrected", {"change": 1, "before": {}, "after": {}, "aliases": "text"}),
        ("asset.corrected", {"change": 1, "before": {}, "after": {}, "aliases": [{}]}),
        ("asset.tag_voided", {"carrier": "qr", "code": "none", "issue": 1}),
        ("asset.registered", {"name": "x"}),
    ],
)
def test_entries_that_cannot_be_replayed_are_named(admin: Admin, kind: str, data: object) -> None:
    number = admin.append(admin.b, head=True, kind=kind, data=data)
    assert admin.found() is None
    assert admin.place(replay=True) == (admin.b, number)


def test_a_subject_of_no_known_sort_is_named(admin: Admin) -> None:
    genesis = chain.b64(bytes(admin.rows("SELECT leaf FROM log")[0][0]))
    model = json.loads(admin.entry("party:U2", 1).entry)
    model |= {"subject": "ghost:U2", "p": genesis, "id": "0", "req": "forged"}
    entry = chain.canonical(model)
    leaf = chain.leaf_hash(entry)
    admin.run(
        "INSERT INTO history (event_id, subject, seq, kind, at, recorded_at, actor, request_id, "
        "entry, leaf) VALUES ('0', 'ghost:U2', 1, :kind, :at, :rec, :actor, 'forged', :e, :l)",
        kind=model["kind"], at=model["at"], rec=model["rec"], actor=model["actor"], e=entry, l=leaf,
    )  # fmt: skip
    admin.run("INSERT INTO head (subject, seq, leaf) VALUES ('ghost:U2', 1, :l)", l=leaf)
    admin.seal("0")
    assert admin.place(replay=True) == ("ghost:U2", 1)


def test_an_entry_stored_as_text_is_named(admin: Admin) -> None:
    if admin.connection.dialect.name != "sqlite":
        pytest.skip("only SQLite lets a column hold another type")
    admin.run("UPDATE history SET entry = CAST(entry AS TEXT) WHERE subject = :s AND seq = :n",
              s=admin.a, n=MIDDLE)  # fmt: skip
    assert admin.place() == (admin.a, MIDDLE)
    size = head_of(admin.connection).size
    looks: list[Callable[[], object]] = [
        lambda: list(entries(admin.connection, 0, size)),
        lambda: Tree(admin.connection, "sm3").root(size),
    ]
    for look in looks:
        with pytest.raises(HistoryBrokenError) as caught:
            look()
        assert caught.value.facts["subject"] == "log"


# --- what chains of single subjects cannot show ----------------------------------------------


def _forget_subject(admin: Admin) -> None:
    for table in ("history", "head", "disclosure"):
        admin.run(f"DELETE FROM {table} WHERE subject = :s", s=admin.a)
    for table in ("asset", "tag", "alias", "attachment"):
        admin.run(f"DELETE FROM {table} WHERE asset_id = :a", a=admin.a.partition(":")[2])


def _rewrite_everything(admin: Admin) -> None:
    admin.rewrite(admin.a, 2, actor="P2")


def _roll_back(admin: Admin) -> None:
    first = admin.entry(admin.b, 1)
    admin.run("DELETE FROM history WHERE subject = :s AND seq > 1", s=admin.b)
    admin.run("UPDATE head SET seq = 1, leaf = :l WHERE subject = :s",
              l=bytes(first.leaf), s=admin.b)  # fmt: skip
    card = json.loads(first.entry)
    admin.run(
        "UPDATE asset SET state = :state, holder = :holder, place = :place, due = NULL, "
        "prior_state = NULL, prior_holder = NULL, prior_place = NULL, held_since = :at, "
        "changed_at = :rec WHERE asset_id = :a",
        state=card["data"]["state"], holder=card["data"]["holder"], place=card["data"]["place"],
        at=card["at"], rec=card["rec"], a=admin.b.partition(":")[2],
    )  # fmt: skip


DEEDS = [_forget_subject, _rewrite_everything, _roll_back]


@pytest.mark.parametrize("deed", [_forget_subject, _roll_back])
def test_what_is_taken_out_leaves_an_empty_place_in_the_log(
    admin: Admin, deed: Callable[[Admin], None]
) -> None:
    deed(admin)
    facts = admin.found()
    assert facts is not None
    assert facts["problem"] == "the entry of this place is gone"


@pytest.mark.parametrize("deed", DEEDS)
def test_limit_verify_does_not_find_what_one_who_can_recompute_leaves_no_trace_of(
    admin: Admin, deed: Callable[[Admin], None]
) -> None:
    """The known limit of a register by itself, where no checkpoint was ever signed.

    A subject removed with head, tables, disclosures and places; a history rewritten from some
    entry on with every hash recomputed; the newest entries taken off with head and tables set
    back. A checkpoint, better one that was kept outside, shows each of them: see the next test.
    """
    deed(admin)
    admin.close_gaps()
    assert admin.found() is None
    assert admin.found(replay=True) is None


@pytest.mark.parametrize("deed", DEEDS)
def test_a_checkpoint_kept_outside_shows_what_was_recomputed(
    admin: Admin, deed: Callable[[Admin], None]
) -> None:
    before = head_of(admin.connection)
    verify(admin.connection, against=[before])
    deed(admin)
    admin.close_gaps()
    with pytest.raises(LogForkedError):
        verify(admin.connection, against=[before])
