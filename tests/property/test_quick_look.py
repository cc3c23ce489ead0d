"""What the quick look at an entry lets pass, the look at field by field lets pass too."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from assetctl.domain import chain
from assetctl.errors import HistoryBrokenError
from assetctl.reads import entries
from assetctl.reads.entries import Row

GENESIS = bytes(32)
PLAIN = {
    "_": chain.EVENT, "actor": "P1", "at": "2026-01-01T08:00:00.000000Z",
    "data": {"holder": "P1", "is_new": True, "state": "on_loan"},
    "id": "0" * 32, "kind": "asset.checked_out", "n": 1, "p": chain.b64(GENESIS),
    "rec": "2026-01-01T08:00:00.000000Z", "req": "r1", "st": "desk", "subject": "asset:A",
}  # fmt: skip
COLUMNS = ("id", "subject", "n", "kind", "at", "rec", "actor", "req")


def verdicts(columns: tuple[Any, ...], entry: bytes) -> tuple[bool, bool, bool]:
    """Return whether each look lets an entry pass: letter by letter, quickly, field by field."""
    leaf, before = chain.leaf_hash(entry), chain.b64(GENESIS)
    row: Row = (*columns, entry, leaf, 1, None)
    chains = entries._Chains(None, GENESIS, lambda _subject: None)  # type: ignore[arg-type]
    chains._before = lambda subject, seq: (0, before)  # type: ignore[method-assign]  # noqa: ARG005
    is_common = False
    try:
        is_common = not chains.checked(1, [row]).parsed
        entries._slowly(row, before)
    except HistoryBrokenError:
        is_right = False
    else:
        is_right = True
    is_quick = chains._quickly(row, leaf, before) is not None
    return is_common, is_quick, is_right


def columns_of(fields: dict[str, Any]) -> tuple[Any, ...]:
    found = [fields.get(name) for name in COLUMNS]
    return tuple(None if isinstance(one, list | dict) else one for one in found)  # as in a table


def test_a_common_entry_passes_all_of_them() -> None:
    assert verdicts(columns_of(PLAIN), chain.canonical(PLAIN)) == (True, True, True)


def test_a_signed_one_in_chinese_is_uncommon_and_passes() -> None:
    fields = PLAIN | {"by": "op-1", "data": {"name": "台式计算机"}, "sd": ["x" * 43], "sig": "s"}
    assert verdicts(columns_of(fields), chain.canonical(fields)) == (False, True, True)


LETTERS = (
    st.sampled_from(list('aZ0 "\\/{}[]:,.-_\n\t\x00\x1f\x7f\u00e9\u0301e台')) | st.characters()
)
TEXTS = st.text(LETTERS, max_size=8)
VALUES = TEXTS | st.booleans() | st.integers() | st.floats() | st.none() | st.lists(TEXTS)
NAMES = st.sampled_from([*PLAIN, "by", "for", "sig", "sd", "x", "X"])


@settings(max_examples=1000)
@given(st.dictionaries(NAMES, VALUES | st.dictionaries(TEXTS, VALUES, max_size=3), max_size=3))
@example({"n": True})
@example({"n": 1.0})
@example({"actor": 'P1","at":"x'})
@example({"st": "\x7f"})
@example({"data": {"quantity": 1.5}})
@example({"data": {"e": "\u0065\u0301"}})
@example({"sd": [1]})
@example({"req": "x" * chain.MAX_ENTRY})
def test_whatever_stands_in_the_fields(changed: dict[str, Any]) -> None:
    fields = PLAIN | changed
    # The looks are told what follows the link before: a number beyond that cannot come.
    assume(not (type(fields["n"]) is int and abs(fields["n"]) >= 1 << 53))
    for is_ascii in (False, True):
        entry = json.dumps(
            fields, ensure_ascii=is_ascii, sort_keys=True, separators=(",", ":")
        ).encode("utf-8", "surrogatepass")
        common, quick, right = verdicts(columns_of(fields), entry)
        assert right or not (common or quick)


TEXT = chain.canonical(PLAIN).decode()


@settings(max_examples=1000)
@given(st.integers(0, len(TEXT)), st.integers(0, 12), st.text(LETTERS, max_size=12))
@example(TEXT.index('"P1"') + 1, 2, 'P1","at":"2026-01-01T08:00:00.000000Z","at":"x')
@example(len(TEXT), 0, " ")
@example(0, 0, "\ufeff")
@example(TEXT.index('"st"'), 0, '"st":"a",')
def test_whatever_is_written_into_the_bytes(start: int, count: int, text: str) -> None:
    entry = (TEXT[:start] + text + TEXT[start + count :]).encode("utf-8", "surrogatepass")
    try:
        fields = json.loads(entry)
    except ValueError:
        fields = {}
    # The columns may say what stands there, what stood there, or what would make the letters fit.
    known = columns_of(fields) if isinstance(fields, dict) else columns_of({})
    bent = tuple(text if one == PLAIN["actor"] else one for one in columns_of(PLAIN))
    for columns in (known, columns_of(PLAIN), bent):
        common, quick, right = verdicts(columns, entry)
        assert right or not (common or quick)


BEFORE = chain.canonical(PLAIN)
FOLLOWER = PLAIN | {"id": "1" * 32, "n": 2, "p": chain.b64(chain.leaf_hash(BEFORE))}
NEXT = chain.canonical(FOLLOWER).decode()


@settings(max_examples=1000)
@given(
    st.integers(0, len(NEXT)), st.integers(0, 12), st.text(LETTERS, max_size=12),
    st.integers(0, len(COLUMNS) - 1), st.none() | st.integers(0, 3) | st.binary() | TEXTS,
)  # fmt: skip
@example(len(NEXT), 0, "", 2, True)
@example(len(NEXT), 0, "", 2, 1)
@example(len(NEXT), 0, "", 3, b"asset.checked_out")
@example(len(NEXT), 0, "", 0, b"1" * 32)
@example(NEXT.index('","kind"'), 0, '","kind":"x', 0, "1" * 32 + '","kind":"x')
def test_an_entry_of_the_same_act_is_held_to_its_own_columns(
    start: int, count: int, text: str, number: int, said: Any
) -> None:
    columns = [*columns_of(FOLLOWER)]
    entry = (NEXT[:start] + text + NEXT[start + count :]).encode("utf-8", "surrogatepass")
    for bent in (columns, [*columns[:number], said, *columns[number + 1 :]]):
        if passes((*columns_of(PLAIN), BEFORE), (*bent, entry)):
            entries._slowly(row_of((*bent, entry)), chain.b64(chain.leaf_hash(BEFORE)))
            assert type(bent[2]) is int


def row_of(told: tuple[Any, ...]) -> Row:
    return (*told, chain.leaf_hash(told[-1]), 1, None)


def passes(*told: tuple[Any, ...]) -> bool:
    """Return whether entries, each behind its columns, pass one after the other."""
    return are_passed(*map(row_of, told))


def are_passed(*rows: Row) -> bool:
    chains = entries._Chains(None, GENESIS, lambda _subject: None)  # type: ignore[arg-type]
    try:
        chains.checked(1, rows)
    except HistoryBrokenError:
        return False
    return True


def told(**changed: Any) -> tuple[Any, ...]:
    fields = PLAIN | changed
    return (*columns_of(fields), chain.canonical(fields))


def test_of_entries_of_one_act_the_second_is_looked_at_like_the_first() -> None:
    first, link = told(), chain.b64(chain.leaf_hash(BEFORE))
    second = told(id="1" * 32, n=2, p=link)
    other = told(id="2" * 32, subject="asset:B")
    assert passes(first, second, other)
    assert not passes(first, told(id="1" * 32, n=3, p=link))
    assert not passes(first, told(id="1" * 32, n=2, p=first[0]))
    assert not are_passed(row_of(first), (*second, bytes(32), 1, None))
    # A name that closes its own text makes letters fit that mean something else.
    bent = 'asset:B","t":"u'
    letters = other[-1].replace(b"asset:B", bent.encode())
    assert not passes(first, (other[0], bent, *other[2:-1], letters))
    assert not passes(first, (*second[:6], b"P1", *second[7:]), other)


def test_common_entries_of_one_act_are_not_parsed() -> None:
    link, rows = chain.b64(GENESIS), []
    for number in range(1, 5):
        rows.append(row_of(told(id=f"{number:032}", n=number, p=link)))
        link = chain.b64(rows[-1][9])
    chains = entries._Chains(None, GENESIS, lambda _subject: None)  # type: ignore[arg-type]
    batch = chains.checked(1, rows)
    assert (batch.parsed, batch.leaves) == ({}, [row[9] for row in rows])
