"""Bytes have one form: canonical JSON, base64, notes; hostile ones are refused with a sentence."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.domain import chain
from assetctl.domain.events import EVENTS
from assetctl.errors import CanonicalError, HistoryBrokenError
from assetctl.i18n import term
from assetctl.offline import verify
from assetctl.reads.tiles import tile_path
from tests.offline.maker import Book

SOURCE = Path(verify.__file__).read_text(encoding="utf-8")

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5)


def ours(data: bytes) -> Any:
    """Return what the verifier makes of an entry; None if it refuses it, which it can say."""
    try:
        return verify.canonical(data, "x")
    except verify.Wrong as wrong:
        return None if verify.word(wrong.code, "zh", **wrong.facts) else wrong


def theirs(data: bytes) -> Any:
    """Return what the program makes of an entry; None if it refuses it."""
    try:
        return chain.parse_entry("x", 1, data)
    except HistoryBrokenError:
        return None


def written(value: object, **more: Any) -> bytes:
    options: dict[str, Any] = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    options |= more
    return json.dumps(value, **options).encode("utf-8", "surrogatepass")


@settings(max_examples=250, deadline=None)
@given(value=OBJECTS)
def test_what_is_canonical_is_read_and_nothing_else(value: dict[str, Any]) -> None:
    data = written(value)
    assert ours(data) == theirs(data)
    try:
        assert ours(chain.canonical(value)) == value
    except CanonicalError:
        assert ours(data) is None
    for other in (
        written(value, separators=(", ", ":")), written(value, separators=(",", ": ")),
        written(value, ensure_ascii=True), written(value, indent=0), b" " + data, data + b"\n",
        written(dict(reversed(value.items())), sort_keys=False), b"\xef\xbb\xbf" + data,
    ):  # fmt: skip
        if other != data:
            assert ours(other) is None, other


@settings(max_examples=250, deadline=None)
@given(data=st.data(), value=OBJECTS)
def test_damaged_bytes_are_judged_as_the_program_does(data: st.DataObject, value: Any) -> None:
    bent = bytearray(written(value))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(bent) - 1))
        bent[place : place + 1] = data.draw(st.sampled_from(
            [b'"', b":", b",", b" ", b"\\", b"-", b"0", b"e", b".", b"\x00", b"{", b"[", b"]", b""]
        ))  # fmt: skip
        if not bent:
            return
    assert ours(bytes(bent)) == theirs(bytes(bent))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b"null", b'"x"', b"{}{}", b"{", b'{"a":1.0}', b'{"a":1e3}', b'{"a":-0}',
        b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 60_000 + b"}", b'{"a":-' + b"9" * 60_000 + b"}", b'{"A":1}', b'{"":1}',
        b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"a":":","a":2}', b'{"b":1,"a":2}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}', b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b'{"a":"\t"}',
        '{"a":"e\u0301"}'.encode(), b'{"a":"\\u001F"}', b'{"a":"\\u000a"}',
        b'{"a":' + b"[" * 32_000 + b"]" * 32_000 + b"}", b'{"a":' * 9_000, b"[" * 65_000,
        b'{"a":"' + b"x" * 65_535 + b'"}', "{\"a\":\"\u2028\"}".encode("utf-16"),
    ],
)  # fmt: skip
def test_bytes_that_are_refused(data: bytes) -> None:
    assert ours(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"{}", b'{"a":"\\\\"}', b'{"a":"\\"\\n\\r\\t\\b\\f\\u001f"}', b'{"a":" \x7f"}',
        '{"a":"\\n\u0301"}'.encode(), '{"a":"é\u2028"}'.encode(), b'{"a":":x"}', b'{"a":"a b, {"}',
        b'{"a":[{"b":":"},{"b":[]}],"b":{}}', b'{"a":-9007199254740991}',
    ],
)  # fmt: skip
def test_bytes_that_are_read(data: bytes) -> None:
    assert ours(data) == theirs(data) == json.loads(data)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(min_size=1, max_size=40))
def test_base64_has_one_form(data: bytes) -> None:
    text = chain.b64(data)
    assert verify.b64(data) == text
    assert verify.from_b64(text, len(data), "x", b"-_") == data
    padded = text + "=" * (-len(text) % 4)
    wrong = {text + "A", text + "=", text[:-1], f" {text}", f"{text}\n", padded, padded.swapcase()}
    for other in wrong - {text}:
        try:
            found = verify.from_b64(other, 0, "x", b"-_")
        except verify.Wrong:
            continue
        assert chain.b64(found) == other, "other bytes, in their one form"


def note(text: str) -> str:
    signature = str(Book().checkpoint()).rpartition("\n\n")[2]
    return f"{text}\n{signature}"


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a\n1\n", note(""), note(f"a\n01\n{ROOT}\n"), note(f"a\n+1\n{ROOT}\n"),
        note(f"a\n1\n{ROOT[:-1]}\n"), note(f"a\n1\n{ROOT}\nmore\n"), note(f"\n1\n{ROOT}\n"),
        note(f"a\n 1\n{ROOT}\n"), note(f"a\n1_0\n{ROOT}\n"), note(f"a\n\u0661\n{ROOT}\n"),
        note(f"a\n{'9' * 400}\n{ROOT}\n"), note(f"a\n1\n{ROOT}\n")[:-1],
        note(f"a\n1\n{ROOT}\n") + "\n", f"a\n1\n{ROOT}\n\n", f"a\n1\n{ROOT}\n\n— a\n",
        f"a\n1\n{ROOT}\n\n- a AAAA\n", f"a\n1\n{ROOT}\n\n— a+b AAAAAAAA\n",
        f"a\n1\n{ROOT}\n\n— a AAAAAA\n", f"a\n1\n{ROOT}\n\n" + "— a AAAAAAAA\n" * 65,
        note(f"a\t\n1\n{ROOT}\n"),
    ],
)  # fmt: skip
def test_heads_that_are_none(text: str) -> None:
    with pytest.raises(verify.Wrong) as caught:
        verify.read_head(verify.read_text(text.encode(), "x"), "x")
    assert caught.value.code == "form"


def test_a_key_that_signs_twice_and_strangers() -> None:
    book = Book(witnesses=("a",))
    line, cosigned = (str(one) for one in book.checkpoint().signatures)
    text = str(book.head())
    stranger = "— somebody.test AAAAAAAA\n"
    head = verify.read_head(f"{text}\n{stranger}{line}{cosigned}{stranger}", "x")
    policy = verify.Policy(book.policy().encode(), "x")
    assert list(verify.signed_by(head, policy.logs, "x").values()) == [0]
    twice = verify.read_head(f"{text}\n{line}{line}", "x")
    with pytest.raises(verify.Wrong) as caught:
        verify.signed_by(twice, policy.logs, "x")
    assert caught.value.code == "signature"


# --- trees ---------------------------------------------------------------------------------------


def test_trees_are_those_of_the_program() -> None:
    from assetctl.domain import merkle

    leaves = [verify.sha256(bytes([n])) for n in range(70)]
    for size in range(71):
        assert verify.root_of(leaves[:size]) == merkle.tree_root(leaves[:size])
    for size in (1, 2, 3, 8, 31, 64, 70):
        root = verify.root_of(leaves[:size])
        for index in range(size):
            ranges = merkle.inclusion_ranges(index, size)
            proof = [merkle.tree_root(leaves[start:end]) for start, end in ranges]
            assert verify.root_from(leaves[index], index, size, proof) == root
            for wrong in (proof[1:], proof[:-1], [*proof, root], [*proof[::-1], root]):
                same = verify.root_from(leaves[index], index, size, wrong) == root
                assert same is (wrong == proof)
            for elsewhere in {-1, index + 1, index ^ 1, index + size, size} - {index}:
                assert verify.root_from(leaves[index], elsewhere, size, proof) != root
    assert verify.root_from(leaves[0], 0, 0, []) == b""


def test_paths_of_tiles() -> None:
    for number, path in (
        (0, "000"), (67, "067"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067"),
        (999_999, "x999/999"), (12_345_678_901, "x012/x345/x678/901"),
    ):  # fmt: skip
        assert verify.tile_name(3, number, 256) == tile_path(3, number) == f"tile/3/{path}"
        wanted = f"tile/entries/{path}.p/7"
        assert verify.tile_name("entries", number, 7) == tile_path("entries", number, 7) == wanted


# --- the file itself -----------------------------------------------------------------------------


def test_it_imports_the_standard_library_and_nothing_else() -> None:
    found = set()
    for node in ast.walk(ast.parse(SOURCE, feature_version=(3, 8))):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module).partition(".")[0])
    assert found
    assert found <= sys.stdlib_module_names
    assert not found & {"socket", "subprocess", "urllib", "http", "importlib", "pickle", "ctypes"}
    assert not re.search(r"\b(eval|exec|compile|__import__)\(", SOURCE.replace("re.compile(", ""))


def test_it_is_not_long() -> None:
    assert len(SOURCE.splitlines()) <= 800


def test_every_sentence_is_said_in_both_languages_and_used() -> None:
    for code, (mark, english, chinese) in verify.WORDS.items():
        assert mark in "+?!x."
        places = [{name for _, name, _, _ in Formatter().parse(one)} for one in (english, chinese)]
        assert places[0] == places[1], code
        assert re.search("[\u4e00-\u9fff]", chinese), code
        assert code.startswith("is") or f'"{code}"' in SOURCE, f"{code} is used nowhere"


def test_what_happens_to_assets_is_called_as_the_program_calls_it() -> None:
    kinds = {kind.partition(".")[2] for kind in EVENTS if kind.startswith("asset.")}
    assert kinds <= verify.CHINESE.keys()
    for kind in kinds:
        assert verify.CHINESE[kind] == term("event", f"asset.{kind}", "zh")
