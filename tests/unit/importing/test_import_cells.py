from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.acts import cells
from assetctl.acts.cells import CellError


def refusal(read: Callable[[str], object], cell: str) -> CellError:
    with pytest.raises(CellError) as caught:
        read(cell)
    error = caught.value
    assert str(error) == error.template.format_map(error.facts)
    return error


@pytest.mark.parametrize("read", [cells.text, cells.code, cells.date, cells.money])
@pytest.mark.parametrize(
    "cell", ["", "  ", "\u3000", "\xa0", "\u200b", "\ufeff", "\t\r\n", " \u3000 "]
)
def test_an_empty_cell_is_none(read: Callable[[str], object], cell: str) -> None:
    assert read(cell) is None
    assert cells.integer(cell, low=0, high=9) is None
    assert cells.choice(cell, {"a": "b"}) is None


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("desk", "desk"),
        ("  desk ", "desk"),
        ("\u3000便携式计算机\xa0", "便携式计算机"),
        ("\ufeff名称\u200b", "名称"),
        ("e\u0301cran", "\u00e9cran"),
        ("一号楼\r\n302", "一号楼 302"),
        ("a \n\n b", "a b"),
        ("a\rb", "a b"),
        ("a\tb", "a\tb"),
        ("ＡＢＣ（大）", "ＡＢＣ（大）"),
        ("#3 楼", "#3 楼"),
    ],
)
def test_text_is_taken_as_it_is_read(cell: str, words: str) -> None:
    assert cells.text(cell) == words


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b", "\x1a", "\x7f", "\x85x\x9f"])
def test_text_with_control_characters_is_refused(control: str) -> None:
    error = refusal(cells.text, f"a{control}b")
    assert error.code == "cell.control"


def test_the_control_character_is_named() -> None:
    assert refusal(cells.text, "a\x1bb").facts == {"character": "U+001B"}


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#DIV/0!", " #NAME? ", "########", "#VALUE!"])
def test_errors_of_a_spreadsheet_are_no_text(cell: str) -> None:
    assert refusal(cells.text, cell).code == "cell.spreadsheet_error"


def test_long_text_is_refused_with_both_lengths() -> None:
    assert cells.text("x" * 500) == "x" * 500
    error = refusal(cells.text, "x" * 501)
    assert error.code == "cell.too_long"
    assert error.facts == {"length": 501, "limit": 500}
    assert cells.text(" 四个汉字 ", limit=4) == "四个汉字"
    with pytest.raises(CellError):
        cells.text("五个汉字了", limit=4)


@given(st.text())
def test_what_text_returns_is_clean_and_stays_the_same(cell: str) -> None:
    try:
        words = cells.text(cell)
    except CellError:
        return
    if words is not None:
        assert unicodedata.is_normalized("NFC", words)
        assert words == words.strip()
        assert "\n" not in words
        assert cells.text(words) == words


@pytest.mark.parametrize(
    "cell",
    ["ZC00001", "SN-1.0", "5E3", "12E5", "京财〔2023〕15号", "1.0", "00123", "A（1）", "3.50"],
)
def test_codes_are_taken_letter_by_letter(cell: str) -> None:
    assert cells.code(cell) == cell
    assert cells.code(f" {cell}\t") == cell


@pytest.mark.parametrize(
    "cell", ["6.37702E+15", "1.2E+08", "1e+05", "-1.5E-07", "1234567890.0", "637702199001.00"]
)
def test_numbers_that_a_spreadsheet_ruined_are_no_codes(cell: str) -> None:
    error = refusal(cells.code, cell)
    assert error.code == "cell.spreadsheet_number"
    assert "format the column as text" in str(error)


@pytest.mark.parametrize(
    ("cell", "code", "facts"),
    [
        ("ＺＣ００１", "cell.fullwidth", {"plain": "ZC001"}),
        ("ZC－０１（２）", "cell.fullwidth", {"plain": "ZC-01（2）"}),
        ("ZC 001", "cell.inner_space", {"plain": "ZC001"}),
        ("ZC\u3000001", "cell.inner_space", {"plain": "ZC001"}),
        ("ZC\n001", "cell.inner_space", {"plain": "ZC001"}),
        ("ZC\u200b001", "cell.invisible", {"character": "U+200B"}),
        ("x" * 101, "cell.too_long", {"length": 101, "limit": 100}),
    ],
)
def test_codes_with_flaws_are_refused(cell: str, code: str, facts: dict[str, object]) -> None:
    error = refusal(cells.code, cell)
    assert (error.code, error.facts) == (code, facts)


@pytest.mark.parametrize(
    "cell",
    [
        "2023-03-01",
        "2023-3-1",
        "2023/3/1",
        "2023/03/01",
        "2023.3.1",
        "20230301",
        "2023年3月1日",
        "2023年03月01日",
        "2023 年 3 月 1 日",
        "2023-03-01 00:00:00",
        "2023-03-01T00:00:00.000",
        "2023/3/1 0:00",
        " 2023-03-01\u3000",
    ],
)
def test_every_usual_way_to_write_a_date(cell: str) -> None:
    assert cells.date(cell) == "2023-03-01"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2023年3月", "cell.date_incomplete"),
        ("2023-03", "cell.date_incomplete"),
        ("2023.3", "cell.date_incomplete"),
        ("2023", "cell.date_incomplete"),
        ("2023年", "cell.date_incomplete"),
        ("3月1日", "cell.date_incomplete"),
        ("01/03/2023", "cell.date_ambiguous"),
        ("23-3-1", "cell.date_ambiguous"),
        ("1.3.23", "cell.date_ambiguous"),
        ("23年3月1日", "cell.date_ambiguous"),
        ("230301", "cell.date_ambiguous"),
        ("2023-02-30", "cell.date_impossible"),
        ("2023-13-01", "cell.date_impossible"),
        ("2023-00-00", "cell.date_impossible"),
        ("1899-12-31", "cell.date_range"),
        ("2101-01-01", "cell.date_range"),
        ("0000-01-01", "cell.date_range"),
        ("2023-03-01 08:30:00", "cell.date_time"),
        ("2023-3/1", "cell.date_form"),
        ("1-Mar-2023", "cell.date_form"),
        ("2023-W01-1", "cell.date_form"),
        ("99999", "cell.date_form"),
        ("２０２３-０３-０１", "cell.fullwidth"),
    ],
)
def test_what_is_no_certain_date_is_refused(cell: str, code: str) -> None:
    assert refusal(cells.date, cell).code == code


@pytest.mark.parametrize(
    ("cell", "meant"), [("44986", "2023-03-01"), ("44986.5", "2023-03-01"), ("36526", "2000-01-01")]
)
def test_a_spreadsheets_day_number_is_refused_with_its_date(cell: str, meant: str) -> None:
    error = refusal(cells.date, cell)
    assert (error.code, error.facts) == ("cell.date_serial", {"date": meant})


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_a_date_comes_back_from_every_form(day: dt.date) -> None:
    year, month, number = day.year, day.month, day.day
    forms = [
        day.isoformat(),
        f"{year}-{month}-{number}",
        f"{year}/{month}/{number}",
        f"{year}.{month}.{number}",
        day.strftime("%Y%m%d"),
        f"{year}年{month}月{number}日",
        f"{day} 00:00:00",
    ]
    assert {cells.date(form) for form in forms} == {day.isoformat()}


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("5000", "5000.00"),
        ("5000.5", "5000.50"),
        ("5000.00", "5000.00"),
        ("5000.000", "5000.00"),
        ("¥5000", "5000.00"),
        ("￥ 5,000.00", "5000.00"),
        ("5000元", "5000.00"),
        ("5,000 元", "5000.00"),
        ("1，234，567.80", "1234567.80"),
        ("1,234", "1234.00"),
        ("9999999999999999.99", "9999999999999999.99"),
        (" 12.30 ", "12.30"),
    ],
)
def test_every_usual_way_to_write_an_amount(cell: str, amount: str) -> None:
    got = cells.money(cell)
    assert str(got) == amount


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("5000.005", "cell.money_fine"),
        ("10000000000000000", "cell.money_large"),
        ("-5", "cell.money_negative"),
        ("¥-5.00", "cell.money_negative"),
        ("－5", "cell.money_negative"),
        ("(5.00)", "cell.money_negative"),
        ("5,00", "cell.money_comma"),
        ("12,34,567", "cell.money_comma"),
        ("1234,567", "cell.money_comma"),
        ("0,500", "cell.money_comma"),
        ("1,234,", "cell.money_comma"),
        ("1.2E+08", "cell.spreadsheet_number"),
        ("5e3", "cell.spreadsheet_number"),
        ("1.5万元", "cell.money_unit"),
        ("3万", "cell.money_unit"),
        ("５０００", "cell.fullwidth"),
        (" -   ", "cell.money_form"),
        ("5000.", "cell.money_form"),
        (".5", "cell.money_form"),
        ("$5", "cell.money_form"),
        ("NaN", "cell.money_form"),
        ("1_000", "cell.money_form"),
        ("٣", "cell.money_form"),
    ],
)
def test_what_is_no_plain_amount_is_refused(cell: str, code: str) -> None:
    assert refusal(cells.money, cell).code == code


@given(st.integers(0, 10**18 - 1), st.sampled_from(["{}", "¥{}", "￥{}", "{}元", " {} ", "{}0"]))
def test_an_amount_comes_back_from_every_form(fen: int, form: str) -> None:
    amount = Decimal(fen).scaleb(-2)
    for written in (f"{amount:.2f}", f"{amount:,.2f}", f"{amount:,.2f}".replace(",", "，")):
        assert cells.money(form.format(written)) == amount


def test_whole_numbers() -> None:
    for cell, number in (("12", 12), (" 3.0 ", 3), ("1,234", 1234), ("-4", -4), ("007", 7)):
        assert cells.integer(cell, low=-10, high=2000) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("11", "cell.integer_range"),
        ("-1", "cell.integer_range"),
        ("9" * 400, "cell.integer_range"),
        ("3.5", "cell.integer_form"),
        ("三", "cell.integer_form"),
        ("1,2", "cell.integer_form"),
        ("３", "cell.fullwidth"),
        ("1E+05", "cell.spreadsheet_number"),
    ],
)
def test_what_is_no_whole_number_in_range_is_refused(cell: str, code: str) -> None:
    assert refusal(lambda text: cells.integer(text, low=0, high=10), cell).code == code


def test_a_choice_ignores_case_width_and_blanks() -> None:
    words = {"在用": "in_use", "inuse": "in_use", "闲置": "idle"}
    for cell in ("在用", " 在 用 ", "In Use", "IN_USE", "ｉｎ-ｕｓｅ"):
        assert cells.choice(cell, words) == "in_use"
    error = refusal(lambda text: cells.choice(text, words), "报废")
    assert error.code == "cell.choice_unknown"
    assert error.facts == {"allowed": "在用, inuse, 闲置"}


@given(st.text(), st.sampled_from([cells.text, cells.code, cells.date, cells.money]))
def test_any_text_is_a_value_or_a_refusal(cell: str, read: Callable[[str], object]) -> None:
    with suppress(CellError):
        read(cell)
