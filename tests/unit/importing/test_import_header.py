from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.acts.importing.header import column_letters, header_faults, map_header
from assetctl.errors import Fault

FIELDS = {
    "code": ("编号", "资产编号", "Asset No"),
    "name": ("名称", "资产名称"),
    "value": ("原值", "价值"),
}


def codes(faults: list[Fault]) -> list[tuple[str, str, str]]:
    return [(fault.code, fault.column, fault.value) for fault in faults]


def test_duplicate_headers_are_named_with_their_columns() -> None:
    assert header_faults(["a", "b", "", ""]) == []
    faults = header_faults(["a", "b", "a", "", "", "a"])
    assert codes(faults) == [("import.header_duplicate", "a", "A, C, F")]
    assert faults[0].row == 1
    assert faults[0].message


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("原值", "value"),
        ("原值(元)", "value"),
        ("价值（元）", "value"),
        ("*原值", "value"),
        ("＊原值 (元)＊", "value"),
        ("原 值", "value"),
        ("VALUE", "value"),
        ("ｖａｌｕｅ", "value"),
        ("asset_no", "code"),
        ("Asset-No*", "code"),
        ("ASSET NO (必填)", "code"),
        ("资产名称", "name"),
    ],
)
def test_headers_are_known_by_the_words_people_use(name: str, ours: str) -> None:
    assert map_header([name], fields=FIELDS, given={}) == ({ours: 0}, [], [])


@pytest.mark.parametrize(
    "name", ["原值(万元)", "原值（千元）", "价值(单位：万元)", "原值(USD)", "原值(万)"]
)
def test_another_measure_is_never_taken_for_yuan(name: str) -> None:
    assert map_header([name], fields=FIELDS, given={}) == ({}, [], [name])


def test_what_nothing_was_made_of_is_listed() -> None:
    columns, faults, unused = map_header(["", "颜色", "名称", "()"], fields=FIELDS, given={})
    assert (columns, faults, unused) == ({"name": 2}, [], ["颜色", "()"])


def test_what_is_given_goes_before_the_usual_words() -> None:
    header = ["名称", "品名", "编号"]
    columns, faults, unused = map_header(header, fields=FIELDS, given={"品名": "name"})
    assert (columns, faults, unused) == ({"name": 1, "code": 2}, [], ["名称"])
    assert map_header(header, fields=FIELDS, given={"名称": "code"})[0] == {"code": 0}


def test_what_is_given_finds_its_header_in_any_width_and_case() -> None:
    columns, faults, _ = map_header(["Item （新）"], fields=FIELDS, given={"ITEM": "name"})
    assert (columns, faults) == ({"name": 0}, [])
    header = ["价(元)", "价"]
    assert map_header(header, fields=FIELDS, given={"价": "value"})[0] == {"value": 1}


def test_names_that_do_not_exist_are_faults() -> None:
    _, faults, unused = map_header(["名称"], fields=FIELDS, given={"品名": "name", "名称": "title"})
    assert codes(faults) == [
        ("import.map_unknown_column", "品名", "name"),
        ("import.map_unknown_field", "名称", "title"),
    ]
    assert unused == []


def test_two_columns_for_one_field_are_a_fault() -> None:
    columns, faults, unused = map_header(["原值", "x", "价值（元）"], fields=FIELDS, given={})
    assert columns == {"value": 0}
    assert codes(faults) == [("import.header_duplicate", "价值（元）", "A 原值, C 价值（元）")]
    assert unused == ["x"]
    given_both = {"a": "name", "b": "name"}
    assert len(map_header(["a", "b"], fields=FIELDS, given=given_both)[1]) == 1


def test_the_same_header_twice_is_one_fault() -> None:
    _, faults, _ = map_header(["名称", "名称"], fields=FIELDS, given={})
    assert codes(faults) == [("import.header_duplicate", "名称", "A, B")]


@given(st.lists(st.text(max_size=8), max_size=8), st.dictionaries(st.text(max_size=4), st.text()))
def test_every_header_is_used_or_listed(header: list[str], given_: dict[str, str]) -> None:
    columns, _, unused = map_header(header, fields=FIELDS, given=given_)
    assert set(columns) <= set(FIELDS)
    assert set(unused) <= set(header)


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]
