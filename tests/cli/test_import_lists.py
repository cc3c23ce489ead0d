"""Lists in, lists out: any spelling of a file, all faults at once, all or nothing."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from assetctl.i18n import LANGUAGES, Language, term
from tests.conftest import SHARED, Register

HEADER = "资产名称,资产分类代码,所属单位,存放地点,资产编号,原值,取得日期,规格型号,备注说明"
ROWS = (
    "台式计算机,A02010105,U1,W1,0001,5000.00,2023-03-01,ThinkCentre,好",
    '"办公桌, 实木",A05010201,甲县机关事务管理中心,101室,0002,"1,200.50",2023/3/2,"1米 ""宽""",差',
    "办公椅,A05010301,U2,,0001,800元,2023年3月5日,,",
)


def _write(path: Path, *rows: str, header: str = HEADER, **how: str) -> Path:
    text = how.get("end", "\n").join((header, *rows, ""))
    path.write_bytes(text.encode(how.get("encoding", "utf-8")))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_list_may_be_written_in_any_usual_way(
    desk: Register, tmp_path: Path, encoding: str
) -> None:
    rows = list(csv.reader([HEADER, *ROWS]))
    file = tmp_path / "清单.csv"
    added = 3
    for delimiter, end in itertools.product(",;\t", ("\n", "\r\n", "\r")):
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
        file.write_bytes(stream.getvalue().encode(encoding))
        done = desk.ok("import", "assets", file)
        # However it is written it is the same list: only the first one adds anything.
        assert (done["rows"], done["added"], done["faults"]) == (3, added, [])
        assert done["unchanged"] == 3 - added
        assert done["unused"] == ["备注说明"]
        added = 0
    found = {one["name"]: one for one in desk.ok("find")["items"]}
    assert found["台式计算机"]["card"] == {
        "model": "ThinkCentre", "value": "5000.00", "acquired": "2023-03-01",
    }  # fmt: skip
    assert found["办公桌, 实木"]["card"]["model"] == '1米 "宽"'
    assert found["办公桌, 实木"]["card"]["value"] == "1200.50"
    assert (found["办公桌, 实木"]["place"], found["办公桌, 实木"]["state"]) == ("B1-101", "in_use")
    assert found["办公椅"]["aliases"] == {"card:U2": "0001"}
    assert found["办公椅"]["card"]["acquired"] == "2023-03-05"


def test_a_list_comes_from_standard_input(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _write(tmp_path / "list.csv", *ROWS).read_bytes()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert desk.ok("import", "assets", "-")["added"] == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"<html>", b"a,b\0c\n", b"\xff\xff\xff",
     b'name,class\n"open', "资产名称\n好\n".encode() * 3 + b"\x80"],
)  # fmt: skip
def test_what_is_no_list_is_refused(desk: Register, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    for kind in ("assets", "parties", "places", "classes"):
        answer = desk("import", kind, file, "--json")
        assert answer.code == 3, (kind, answer.out, answer.err)
        assert answer.error["code"] in ("file.unreadable", "import.faults")
    assert desk.ok("find")["items"] == []


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_of_every_row_is_named_at_once(
    desk: Register, tmp_path: Path, lang: Language
) -> None:
    file = _write(
        tmp_path / "list.csv",
        "台式计算机,A02010105,U1,W1,0001,5000,2023-03-01,,",
        ",A99999999,U9,W9,1.2E+17,五千,2023-02-30,,",
        "办公桌,A05010201,U1,W1,0001,12.345,03/04/2023,,",
        "办公椅,A05010301,P1,W1,00 03,-5,45000,#REF!,",
        "柜,A05010502,U1,W1,0004,1.5万,2023-03-01,x,y,z,多",
    )
    before = desk.ok("verify")
    error = desk.fails(3, "import", "assets", file)
    assert error["code"] == "import.faults"
    faults = [(one["row"], one["column"], one["code"]) for one in error["details"]]
    assert {fault for fault in faults if fault[0] == 3} == {
        (3, "资产名称", "row.required"), (3, "资产分类代码", "class.not_found"),
        (3, "所属单位", "party.not_found"), (3, "存放地点", "place.not_found"),
        (3, "资产编号", "cell.spreadsheet_number"), (3, "原值", "cell.money_unit"),
        (3, "取得日期", "cell.date_impossible"),
    }  # fmt: skip
    assert {fault for fault in faults if fault[0] == 4} == {
        (4, "原值", "cell.money_fine"), (4, "取得日期", "cell.date_ambiguous"),
        (4, "资产编号", "row.duplicate"),
    }  # fmt: skip
    assert {fault for fault in faults if fault[0] == 5} == {
        (5, "所属单位", "party.not_found"), (5, "资产编号", "cell.inner_space"),
        (5, "原值", "cell.money_negative"), (5, "取得日期", "cell.date_serial"),
        (5, "规格型号", "cell.spreadsheet_error"),
    }  # fmt: skip
    assert {fault[2] for fault in faults if fault[0] == 6} == {"row.too_long", "cell.money_unit"}
    assert not [fault for fault in faults if fault[0] == 2]
    assert [fault[0] for fault in faults] == sorted(fault[0] for fault in faults)
    assert desk.ok("verify") == before
    said = desk("import", "assets", file, lang=lang)
    assert (said.code, said.out) == (3, "")
    assert len(said.err.splitlines()) == len(faults) + 1
    tried = desk("import", "assets", file, "--dry-run", lang=lang)
    assert tried.code == 9
    assert len(tried.err.splitlines()) >= len(faults)
    assert desk.ok("verify") == before


@pytest.mark.parametrize("number", ["1.23E+17", "1E5", "123456789012345000.0", "1.2e+3"])
def test_numbers_a_spreadsheet_ruined_are_refused(
    desk: Register, tmp_path: Path, number: str
) -> None:
    for column in ("资产编号", "序列号", "原值"):
        file = _write(tmp_path / "list.csv", f"桌,A05010201,U1,{number}",
                      header=f"资产名称,资产分类代码,所属单位,{column}")  # fmt: skip
        answer = desk("import", "assets", file, "--json")
        if answer.code == 0:
            # `1E5` may be a code; a whole number of fen may be an amount.
            assert (column, number) in {
                ("资产编号", "1E5"), ("序列号", "1E5"), ("原值", "123456789012345000.0"),
                ("资产编号", "1.2e+3"),
            }  # fmt: skip
            continue
        assert answer.error["details"][0]["column"] == column
        assert answer.error["details"][0]["code"].startswith("cell.")


def test_one_fault_among_many_rows_keeps_all_of_them_out(
    register: Register, tmp_path: Path
) -> None:
    rows = [f"桌{n},A05010201,U1,W1,{n},1,2023-03-01,," for n in range(600)]
    file = _write(tmp_path / "list.csv", *rows[:-1], rows[-1].replace("U1", "U9"))
    error = register.fails(3, "import", "assets", file)
    assert [one["row"] for one in error["details"]] == [601]
    assert register.ok("find")["items"] == []
    _write(file, *rows)
    assert register.ok("import", "assets", file)["added"] == 600
    assert register.ok("verify", "--replay")["replayed"]


# --- headers -------------------------------------------------------------------------------------


def test_headers_are_named_by_the_user(desk: Register, tmp_path: Path) -> None:
    file = _write(tmp_path / "list.csv", "桌,A05010201,U1,红", header="东西,代号,谁家,颜色")
    assert {one["code"] for one in desk.fails(3, "import", "assets", file)["details"]} == {
        "import.column_missing"
    }
    maps = ("--map", "东西=name", "--map", "代号=class", "--map=谁家=owner")
    assert desk.ok("import", "assets", file, *maps)["added"] == 1
    for wrong, code in (("没有=name", "import.map_unknown_column"),
                        ("东西=nothing", "import.map_unknown_field")):  # fmt: skip
        error = desk.fails(3, "import", "assets", file, *maps, "--map", wrong)
        assert code in {one["code"] for one in error["details"]}
    for wrong in ("东西", "=name", "东西="):
        error = desk.fails(3, "import", "assets", file, "--map", wrong)
        assert error["code"] == "input.invalid"


# --- twice, and back ---------------------------------------------------------------------------


def test_the_same_list_twice_changes_nothing(register: Register, tmp_path: Path) -> None:
    file = _write(tmp_path / "list.csv", *ROWS)
    register.ok("import", "assets", file)
    before = register.ok("verify", "--replay")
    again = register.ok("import", "assets", file)
    assert (again["added"], again["corrected"], again["unchanged"]) == (0, 0, 3)
    assert register.ok("verify", "--replay") == before


def test_rows_without_a_number_twice_change_nothing(register: Register, tmp_path: Path) -> None:
    rows = ["桌,A05010201,U1,W1"] * 3 + ["椅,A05010301,U1,W1"]
    file = _write(tmp_path / "list.csv", *rows, header="资产名称,资产分类代码,所属单位,存放地点")
    assert register.ok("import", "assets", file)["added"] == 4
    assert register.ok("import", "assets", file)["unchanged"] == 4
    _write(file, *rows, rows[0], header="资产名称,资产分类代码,所属单位,存放地点")
    assert register.ok("import", "assets", file)["added"] == 1
    assert len(register.ok("find")["items"]) == 5


def test_a_dry_run_writes_nothing(register: Register, tmp_path: Path) -> None:
    file = _write(tmp_path / "list.csv", *ROWS)
    before = register.ok("verify")
    tried = register.ok("import", "assets", file, "--dry-run")
    assert (tried["added"], tried["faults"]) == (3, [])
    assert register.ok("verify") == before
    for lang in LANGUAGES:
        assert register("import", "assets", file, "--dry-run", lang=lang).code == 0
    assert register.ok("verify") == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_exported_imports_back_without_a_change(
    register: Register, tmp_path: Path, lang: Language
) -> None:
    register.ok("import", "assets", _write(tmp_path / "list.csv", *ROWS))
    lent = register.register(**{"card-no": "0009", "condition": "good"})
    register.ok("checkout", lent, "--to", "P2", "--due", "2099-01-01")
    gone = register.register()
    register.ok("dispose", "propose", gone)
    register.ok("dispose", "complete", gone, "--doc", "处1")
    car = register.register("轿车", **{"class": "A02030501", "set": "plate=浙A12345"})
    register.ok("correct", car, "--set", "name=越野\u3000车")
    register.ok("transfer", car, "--to-unit", "U2", "--doc", "调1")
    before = register.ok("verify", "--replay")
    out = tmp_path / "出.csv"
    answer = register("export", "assets", out, lang=lang)
    assert answer.code == 0
    with out.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert len(rows) == 6
    assert ("资产名称" in header) == (lang == "zh")
    assert ("name" in header) == (lang == "en")
    done = register.ok("import", "assets", out)
    assert (done["unchanged"], done["added"], done["corrected"]) == (6, 0, 0)
    assert register.ok("import", "assets", out, "--update")["unchanged"] == 6
    assert register.ok("verify", "--replay") == before


def test_an_asset_with_two_numbers_is_one_row(register: Register, tmp_path: Path) -> None:
    asset = register.register(**{"card-no": "0001"})
    register.ok("correct", asset, "--set", "card_no=0002")
    out = tmp_path / "out.csv"
    assert register.ok("export", "assets", out)["rows"] == 1
    assert register.ok("import", "assets", out)["unchanged"] == 1


def test_an_export_takes_part_of_the_assets(desk: Register, tmp_path: Path) -> None:
    desk.ok("import", "assets", _write(tmp_path / "list.csv", *ROWS))
    for line, count in (((), 3), (("--owner", "U2"), 1), (("--place", "W1"), 1),
                        (("--state", "in_use"), 2), (("--holder", "U1"), 2)):  # fmt: skip
        assert desk.ok("export", "assets", tmp_path / "out.csv", *line)["rows"] == count, line
    assert desk.fails(8, "export", "assets", tmp_path)["code"] == "store.unavailable"


def test_cards_that_differ_are_corrected_only_when_asked(
    register: Register, tmp_path: Path
) -> None:
    register.ok("import", "assets", _write(tmp_path / "list.csv", *ROWS))
    changed = ROWS[0].replace("ThinkCentre", "其他型号").replace("台式计算机", "一体机")
    file = _write(tmp_path / "new.csv", changed, *ROWS[1:])
    error = register.fails(3, "import", "assets", file)
    assert {(one["row"], one["column"], one["code"]) for one in error["details"]} == {
        (2, "资产名称", "row.differs"), (2, "规格型号", "row.differs"),
    }  # fmt: skip
    done = register.ok("import", "assets", file, "--update")
    assert (done["corrected"], done["unchanged"]) == (1, 2)
    asset = register.ok("find", "一体机")["items"][0]
    entry = register.ok("trace", asset["asset_id"])[-1]
    assert entry["kind"] == "asset.corrected"
    assert entry["data"]["before"] == {"model": "ThinkCentre", "name": "台式计算机"}
    file = _write(tmp_path / "new.csv", changed.replace("5000.00", "6000.00"))
    error = register.fails(3, "import", "assets", file, "--update")
    assert [one["code"] for one in error["details"]] == ["card.frozen"]
    assert register.ok("import", "assets", file, "--update", "--doc", "更1")["corrected"] == 1
    register.ok("verify", "--replay")


@pytest.mark.parametrize("update", [(), ("--update",)])
def test_lists_do_not_move_assets(
    register: Register, tmp_path: Path, update: tuple[str, ...]
) -> None:
    register.ok("import", "assets", _write(tmp_path / "list.csv", *ROWS))
    for old, new, column in (("W1", "B1", "存放地点"), ("W1", "W1-Z1", "存放地点")):
        file = _write(tmp_path / "new.csv", ROWS[0].replace(old, new))
        error = register.fails(3, "import", "assets", file, *update)
        assert [(one["column"], one["code"]) for one in error["details"]] == [
            (column, "row.custody")
        ]
    (asset,) = register.ok("find", "台式")["items"]
    header = "资产身份证号,所属单位,持有方,状态"
    row = f"{asset['asset_id']},U2,P1,{term('state', 'in_use', 'zh')}"
    file = _write(tmp_path / "new.csv", row, header=header)
    error = register.fails(3, "import", "assets", file, *update)
    assert [one["code"] for one in error["details"]] == ["row.custody"] * 3
    assert len(register.ok("trace", asset["asset_id"])) == 1


def test_ids_are_not_given_by_lists(register: Register, tmp_path: Path) -> None:
    file = _write(tmp_path / "list.csv", "K7M2-9QXD-4F,桌,A05010201,U1",
                  header="资产身份证号,资产名称,资产分类代码,所属单位")  # fmt: skip
    error = register.fails(3, "import", "assets", file)
    assert error["details"][0]["code"] in ("asset.not_found", "identity.invalid")


# --- parties, places, classes ------------------------------------------------------------------


def test_lists_of_parties_and_places(register: Register, tmp_path: Path) -> None:
    parties = _write(tmp_path / "p.csv", "S1,测试丙,person,D1,", "D1,丙局,unit,,",
                     "V9,某厂,vendor,,",
                     header="编码,名称,类型,所属单位,统一社会信用代码")  # fmt: skip
    assert register.ok("import", "parties", parties)["added"] == 3
    assert register.ok("import", "parties", parties)["unchanged"] == 3
    places = _write(tmp_path / "w.csv", "R-1,一架,W9-Z", "W9-Z,丙区,W9", "W9,九号仓,",
                    header="编码,名称,上级")  # fmt: skip
    assert register.ok("import", "places", places)["added"] == 3
    assert register.ok("import", "places", places)["unchanged"] == 3
    kinds = {one["code"]: one["kind"] for one in register.ok("place", "list")}
    assert (kinds["W9"], kinds["W9-Z"], kinds["R-1"]) == ("warehouse", "zone", "rack")
    bad = _write(tmp_path / "bad.csv", "D1,丁局,unit,,", "S2,x,ghost,,", "S3,x,person,X9,123",
                 "S4,,person,,", header="编码,名称,类型,所属单位,统一社会信用代码")  # fmt: skip
    faults = register.fails(3, "import", "parties", bad)["details"]
    assert {one["row"] for one in faults} == {2, 3, 4, 5}
    assert {one["code"] for one in faults if one["row"] == 4} == {
        "party.not_found", "party.uscc_invalid",
    }  # fmt: skip
    circle = _write(tmp_path / "c.csv", "A,甲,B", "B,乙,A", header="编码,名称,上级")
    assert register.fails(3, "import", "places", circle)["code"] == "import.faults"
    register.ok("verify", "--replay")


def test_a_catalogue_corrects_what_differs(register: Register, tmp_path: Path) -> None:
    file = _write(tmp_path / "c.csv", "A05010201,写字桌,15", "A05019900,其他家具,15",
                  header="code,name,min_life_years")  # fmt: skip
    done = register.ok("import", "classes", file)
    assert (done["added"], done["corrected"]) == (1, 1)
    assert register.ok("import", "classes", file)["unchanged"] == 2
    asset = register.register(**{"class": "A05010201"})
    assert register.ok("show", asset)[0]["class_name"] == "写字桌"
    register.ok("verify", "--replay")


@pytest.mark.outside
def test_the_whole_catalogue_is_loaded_and_loaded_again(register: Register) -> None:
    file = SHARED / "reference" / "classes.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    with file.open(encoding="utf-8", newline="") as stream:
        codes = [row["code"] for row in csv.DictReader(stream)]
    done = register.ok("import", "classes", file)
    assert done["rows"] == len(codes)
    assert done["added"] + done["corrected"] + done["unchanged"] == len(codes)
    assert register.ok("import", "classes", file)["unchanged"] == len(codes)
    register.register(**{"class": codes[-1]})
    assert register.ok("verify", "--replay")["subjects"] >= len(codes)
