"""The bytes of history: RFC 8785 in a narrow profile, leaf hashes, links, disclosures."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
import string
import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from assetctl.domain import chain
from assetctl.domain.chain import Link
from assetctl.errors import CanonicalError, HistoryBrokenError
from tests.conftest import SHARED

RFC8785 = SHARED / "vectors" / "rfc8785-cyberphone"
DISCLOSURES = SHARED / "vectors" / "sd-jwt" / "disclosures.json"
MAX = 2**53 - 1

needs_rfc8785 = pytest.mark.skipif(
    not RFC8785.exists(), reason="the RFC 8785 test data is not beside the project"
)
needs_disclosures = pytest.mark.skipif(
    not DISCLOSURES.exists(), reason="the RFC 9901 examples are not beside the project"
)


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


# --- RFC 8785 -------------------------------------------------------------------------------


def vector(name: str) -> tuple[Any, bytes]:
    """Return the parsed input of a vector and its canonical bytes."""
    written = bytes.fromhex((RFC8785 / "outhex" / f"{name}.txt").read_text())
    return json.loads((RFC8785 / "input" / f"{name}.json").read_text("utf-8")), written


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_in(part)]
    return [text for item in value for text in texts_in(item)] if isinstance(value, list) else []


@pytest.mark.outside
@needs_rfc8785
def test_the_published_values_without_their_floats() -> None:
    document, written = vector("values")
    del document["numbers"]
    assert chain.canonical(document) == re.sub(rb'"numbers":\[[^]]*\],', b"", written)


@pytest.mark.outside
@needs_rfc8785
def test_the_published_order_of_keys_that_the_profile_takes() -> None:
    document, written = vector("french")
    ours = {key: text for key, text in document.items() if key.isascii()}
    assert len(ours) == 2
    without = re.sub(r'"[^"]*[^\x00-\x7f][^"]*":"[^"]*",', "", written.decode())
    assert chain.canonical(ours) == without.encode()


@pytest.mark.outside
@needs_rfc8785
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "values", "weird"])
def test_every_published_text_is_written_as_published(name: str) -> None:
    document, written = vector(name)
    texts = [text for text in texts_in(document) if unicodedata.is_normalized("NFC", text)]
    assert texts
    for text in texts:
        literal = chain.canonical({"v": text}).removeprefix(b'{"v":').removesuffix(b"}")
        assert literal in written


@pytest.mark.outside
@needs_rfc8785
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_documents_outside_the_profile_are_refused(name: str) -> None:
    # Keys such as "10" and "péché", floats, and text that is not in NFC.
    with pytest.raises(CanonicalError):
        chain.canonical(vector(name)[0])


def test_a_known_entry() -> None:
    document = {"b": [True, None, -5, '公物仓\n"\\\u001f/'], "a": {"_z": "", "a1": MAX}}
    assert chain.canonical(document) == (
        b'{"a":{"_z":"","a1":9007199254740991},"b":[true,null,-5,"'
        + "公物仓".encode()
        + b'\\n\\"\\\\\\u001f/"]}'
    )


# --- two writers, the same bytes --------------------------------------------------------------

ALPHABET = (
    string.printable + "".join(map(chr, range(0x20))) + "\x7f\x80\xa0éß€公物仓〔〕，\u2028\u2029"
    "\ufeff\uffff𠮷\U0002ebf0😂\U0010ffff\u202e"
)


def random_text(drawn: random.Random) -> str:
    return "".join(drawn.choices(ALPHABET, k=drawn.randrange(12)))


def random_key(drawn: random.Random) -> str:
    first = drawn.choice(string.ascii_lowercase + "_")
    return first + "".join(drawn.choices(string.ascii_lowercase + string.digits + "_", k=3))


def random_value(drawn: random.Random, depth: int) -> Any:
    sort = drawn.randrange(8 if depth else 6)
    if sort == 6:
        return [random_value(drawn, depth - 1) for _ in range(drawn.randrange(4))]
    if sort == 7:
        return random_document(drawn, depth - 1)
    plain = (None, True, False, drawn.randint(-MAX, MAX), drawn.choice((0, MAX, -MAX)))
    return random_text(drawn) if sort == 5 else plain[sort]


def random_document(drawn: random.Random, depth: int = 4) -> dict[str, Any]:
    return {random_key(drawn): random_value(drawn, depth) for _ in range(drawn.randrange(8))}


def use_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_writer", lambda: chain._reference_writer)


def test_both_writers_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("orjson", reason="the faster writer is not installed")
    drawn = random.Random(8785)
    documents = [random_document(drawn) for _ in range(4000)]
    assert chain._writer() is not chain._reference_writer
    fast = [chain.canonical(document) for document in documents]
    use_reference(monkeypatch)
    assert [chain.canonical(document) for document in documents] == fast
    assert [json.loads(written) for written in fast] == documents


@pytest.mark.parametrize("code", range(0x80))
def test_both_writers_agree_on_every_ascii_character(
    code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("orjson", reason="the faster writer is not installed")
    document = {"v": chr(code)}
    fast = chain.canonical(document)
    use_reference(monkeypatch)
    assert chain.canonical(document) == fast


def test_without_the_faster_writer_the_reference_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)
    chain._writer.cache_clear()
    assert chain._writer() is chain._reference_writer
    chain._writer.cache_clear()


def test_the_order_of_keys_given_does_not_matter() -> None:
    drawn = random.Random(3)
    for _ in range(200):
        document = random_document(drawn)
        pairs = list(document.items())
        drawn.shuffle(pairs)
        assert chain.canonical(dict(pairs)) == chain.canonical(document)


# --- what is refused -------------------------------------------------------------------------

DECOMPOSED = "e\u0301"


@pytest.mark.parametrize(
    "value",
    [0.0, 1.5, float("nan"), float("inf"), -float("inf"), 2**53, -(2**53), 10**400, "\ud800",
     "a\udfff", DECOMPOSED, "\u212b", b"bytes", {1}, Link, datetime(2026, 1, 1, tzinfo=UTC)],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
@pytest.mark.parametrize("where", ["top", "in a list", "deep"])
def test_values_outside_the_profile_are_refused(value: object, where: str) -> None:
    documents: dict[str, dict[str, Any]] = {
        "top": {"v": value}, "in a list": {"v": ["x", value]}, "deep": {"v": {"w": [{"x": value}]}},
    }  # fmt: skip
    with pytest.raises(CanonicalError):
        chain.canonical(documents[where])


@pytest.mark.parametrize(
    "key",
    ["", "A", "aB", "1", "a-b", "a.b", "a b", "é", "公", "a\n", " a", "\ud800", 1, None, True],
)
def test_keys_outside_the_profile_are_refused(key: Any) -> None:
    for document in ({key: 1}, {"v": {key: 1}}, {"v": [{key: 1}]}):
        with pytest.raises(CanonicalError):
            chain.canonical(document)


@pytest.mark.parametrize(
    "value", [MAX, -MAX, 0, True, "\ue000", "\U0010ffff", "é", "\x00", "\n\u0301"]
)
def test_values_at_the_edge_of_the_profile_are_taken(value: object) -> None:
    assert json.loads(chain.canonical({"v": value})) == {"v": value}


def test_the_longest_entry_has_65535_bytes() -> None:
    frame = len(b'{"v":""}')
    assert len(chain.canonical({"v": "x" * (65_535 - frame)})) == 65_535
    with pytest.raises(CanonicalError, match="65536 bytes"):
        chain.canonical({"v": "x" * (65_536 - frame)})
    with pytest.raises(CanonicalError, match="bytes"):
        chain.canonical({"v": "仓" * 22_000})


# --- leaves and links -----------------------------------------------------------------------


def test_the_leaf_is_that_of_rfc_6962() -> None:
    # SHA-256 of the single byte 0x00: the leaf hash of an empty entry in every RFC 6962 test.
    empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert chain.leaf_hash(b"").hex() == empty
    assert chain.leaf_hash(b"L123456") == hashlib.sha256(b"\x00L123456").digest()


def test_hashes_are_written_in_43_characters() -> None:
    assert chain.b64(bytes(32)) == "A" * 43
    assert chain.b64(b"\xfb\xff\xfe") == "-__-"


def test_the_genesis_entry() -> None:
    entry = chain.genesis_entry(origin="zc.example/log", nonce=bytes(32), vkey="k+1+A")
    assert json.loads(entry) == {
        "_": "assetctl/genesis@1", "hash": "sha256", "log": "zc.example/log", "nonce": "A" * 43,
        "vkey": "k+1+A",
    }  # fmt: skip


BEFORE = Link(seq=4, leaf=bytes(range(32)))
FITTING = {"subject": "asset:A", "n": 5, "p": chain.b64(BEFORE.leaf)}


def test_an_entry_that_follows_is_taken() -> None:
    chain.check_link("asset:A", BEFORE, FITTING)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("subject", "asset:B"), ("n", 4), ("n", 6), ("n", "5"), ("p", "A" * 43), ("p", None)],
)
def test_an_entry_that_does_not_follow_is_named(field: str, wrong: object) -> None:
    fields: dict[str, Any] = copy.deepcopy(FITTING) | {field: wrong}
    with pytest.raises(HistoryBrokenError) as caught:
        chain.check_link("asset:A", BEFORE, fields)
    facts = caught.value.facts
    assert (facts["subject"], facts["seq"]) == ("asset:A", 5)
    assert (facts["expected"], facts["got"]) == (FITTING[field], wrong)
    for missing in FITTING:
        with pytest.raises(HistoryBrokenError):
            chain.check_link("asset:A", BEFORE, {k: v for k, v in FITTING.items() if k != missing})


def test_canonical_bytes_are_read_back() -> None:
    document = {"a": [1, "公"], "b": {"c": None}}
    assert chain.parse_entry("s", 1, chain.canonical(document)) == document


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"{",
        b"{}{}",
        b'{"a":1 }',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":-0}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'{"a":"e\xcc\x81"}',
        b'{"A":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":1}\n',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":9007199254740992}',
        b"\x00",
    ],
    ids=lambda entry: repr(entry)[:40],
)
def test_bytes_that_are_not_canonical_break_the_history(entry: bytes) -> None:
    with pytest.raises(HistoryBrokenError) as caught:
        chain.parse_entry("asset:A", 7, entry)
    assert (caught.value.facts["subject"], caught.value.facts["seq"]) == ("asset:A", 7)


@pytest.mark.parametrize("entry", [b"[]", b'"x"', b"1", b"null", b"true", b'[{"a":1}]'])
def test_an_entry_is_an_object(entry: bytes) -> None:
    with pytest.raises(HistoryBrokenError):
        chain.parse_entry("asset:A", 7, entry)


@pytest.mark.parametrize("entry", [b"[" * 60_000, b'{"a":' * 10_000], ids=["lists", "objects"])
def test_bottomless_bytes_break_the_history_and_not_the_reader(entry: bytes) -> None:
    with pytest.raises(HistoryBrokenError):
        chain.parse_entry("asset:A", 7, entry)


# --- instants -------------------------------------------------------------------------------


def test_instants_are_utc_with_microseconds() -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2026, 3, 1, 7, 59, 59, 5, tzinfo=shanghai)
    assert chain.instant(moment) == "2026-02-28T23:59:59.000005Z"
    assert chain.parse_instant(chain.instant(moment)) == moment


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(CanonicalError):
        chain.instant(datetime(2026, 3, 1))  # noqa: DTZ001  that is the point


def test_instants_sort_as_text() -> None:
    drawn = random.Random(5)
    start = datetime(2000, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(microseconds=drawn.randrange(10**16)) for _ in range(500)]
    assert sorted(map(chain.instant, moments)) == [chain.instant(m) for m in sorted(moments)]


# --- disclosures ----------------------------------------------------------------------------


@pytest.mark.outside
@needs_disclosures
def test_the_published_disclosures_have_their_published_digests() -> None:
    examples = json.loads(DISCLOSURES.read_text("utf-8"))
    printed = [example for example in examples if example["digest_printed_in_the_draft"]]
    assert printed
    for example in printed:
        assert chain.disclosure_digest(example["disclosure"]) == example["sha256_b64url"]
        if len(example["contents"]) == 3:
            assert chain.open_disclosure(example["disclosure"]) == tuple(example["contents"][1:])
        else:  # RFC 9901, 4.2.2: that of an array element has no name
            with pytest.raises(CanonicalError):
                chain.open_disclosure(example["disclosure"])


@pytest.mark.parametrize("value", ["测试甲", "", 'O\'Brien "x"\n', "𠮷"])
def test_a_disclosure_is_read_back(value: str) -> None:
    text = chain.disclosure(bytes(32), "person_name", value)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert chain.open_disclosure(text) == ("person_name", value)


def test_the_salt_hides_the_value() -> None:
    digests = {
        chain.disclosure_digest(chain.disclosure(bytes([salt] * 32), "note", "x"))
        for salt in range(10)
    }
    assert len(digests) == 10


@pytest.mark.parametrize("text", ["", "!!", "AA", "W10", "bnVsbA", "MQ", "eyJhIjoxfQ", "公"])
def test_what_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(CanonicalError):
        chain.open_disclosure(text)
