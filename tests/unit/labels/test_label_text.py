from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.text import clean, widest_word, wrap

NAME = "笔记本电脑"


def ems(text: str) -> float:
    return sum(0.5 if ord(character) < 0x80 else 1.0 for character in text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"  {NAME}\t一\n二\r\n三 ", f"{NAME} 一 二 三"),
        ("a\x00b\x1b[0m\x7f\x9f", "ab[0m"),
        ("左\u202e右\u200b\ufeff中", "左右中"),
        ("a\u2028b\u3000c\u00a0d", "a b c d"),
        ("\ud800x\ufffe\U0010ffff\ufdd0", "x"),
        ("吳\uf900é🦄𠮷", "吳\uf900é🦄𠮷"),
        ("\n\t", ""),
    ],
)
def test_clean_keeps_what_is_seen_and_drops_the_rest(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        (NAME, 5, [NAME]),
        (NAME, 3, ["笔记本", "电脑"]),
        ("ab cd ef", 2.5, ["ab cd", "ef"]),
        ("abcdefgh", 2, ["abcd", "efgh"]),
        ("笔记本，电脑", 3, ["笔记", "本，电", "脑"]),
        ("处（公物仓）", 2, ["处", "（公", "物", "仓）"]),
        ("电脑 X1", 3.5, ["电脑 X1"]),
        ("电脑 X1", 3, ["电脑", "X1"]),
        ("甲乙·丙丁", 2, ["甲", "乙·", "丙丁"]),
        ("", 3, []),
    ],
)
def test_rows_break_where_a_reader_expects_it(text: str, width: float, rows: list[str]) -> None:
    assert wrap(text, width, ems) == rows


def test_a_character_wider_than_the_row_cannot_be_set() -> None:
    assert wrap("一二", 0.9, ems) is None
    assert wrap("ab 一", 0.9, ems) is None


@given(st.text("abc 一二，（）。", max_size=40).map(clean), st.integers(2, 9))
def test_nothing_is_lost_and_no_row_is_too_wide(text: str, width: int) -> None:
    rows = wrap(text, width, ems)
    assert rows is not None
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(ems(row) <= width for row in rows)
    assert all(rows)


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0.0), ("一二三", 1.0), ("一，二", 1.5 + 0.5), ("状况 CONDITION: x", 5.0)],
)
def test_the_widest_word_is_what_a_row_must_hold(text: str, width: float) -> None:
    assert widest_word(text, ems) == pytest.approx(width)
