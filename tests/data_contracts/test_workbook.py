"""Workbooks for offices: what they show, what they hide, and that what comes back replaces only itself."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import xlsxwriter

from data_contracts.intake import Intake, take_in
from data_contracts.model import Contract
from data_contracts.odcs import load_contract, load_contracts
from data_contracts.personal import MASK, pseudonym
from data_contracts.readers import Sheet
from data_contracts.workbook import annotated_copies, annotated_copy, fix_workbooks, template_workbook
from data_contracts.workbook.returned import Reason

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: complaints
version: 1.2.0
status: active
schema:
  - name: complaints
    businessName: 投诉工单
    properties:
      - {name: ticket_id, businessName: 工单编号, logicalType: string, primaryKey: true}
      - name: phone
        businessName: 电话
        logicalType: string
        classification: personal
        customProperties: [{property: pseudonym, value: caller}]
      - {name: upheld, businessName: 是否属实, logicalType: boolean, required: true}
      - {name: credit_code, businessName: 代码, logicalType: string}
      - name: received_on
        businessName: 受理日期
        logicalType: date
        required: true
        customProperties: [{property: legalBasis, value: 示例办法第三条}]
      - name: channel
        businessName: 渠道
        logicalType: string
        required: true
        enum: [{value: hotline, label: 热线}, {value: petition, label: 信访}]
"""
KEY = b"k" * 32
HEADERS = ["工单编号", "电话", "是否属实", "代码", "受理日期", "渠道"]
GOOD: list[list[object]] = [["T1", "13800000000", "是", "a", "2024-03-05", "热线"]]
BAD: list[list[object]] = [
    ["T2", "13800000001", "=HYPERLINK()", "a", "2024-03-05", "热线"],
    ["T3", "13800000002", "否", 911100006000373412, "2024年3月", "电视"],
]


@cache
def contracts() -> dict[str, Contract]:
    """The one contract of these tests."""
    contract = load_contract(CONTRACT, "complaints.odcs.yaml")
    return {contract.table: contract}


def deliver(folder: Path, rows: list[list[object]], name: str = "五华区_投诉工单.xlsx") -> Path:
    """A folder with one workbook: a title, the header, the rows."""
    folder.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(folder / name) as book:
        sheet = book.add_worksheet("投诉")
        sheet.write_string(0, 0, "五华区投诉工单")
        lines: list[list[object]] = [[*HEADERS], *rows]
        for at, row in enumerate(lines, start=1):
            for place, value in enumerate(row):
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(at, place, value)
    return folder


def fixes(intake: Intake, folder: Path) -> list[Path]:
    """The fix workbooks of a batch on disk."""
    folder.mkdir(exist_ok=True)
    for name, data in fix_workbooks(intake.returned, contracts()).items():
        (folder / name).write_bytes(data)
    return sorted(folder.iterdir())


def rows_of(path: Path | io.BytesIO, sheet: str) -> list[tuple[object, ...]]:
    """Cells as a spreadsheet program shows them."""
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def mend(path: Path, cells: dict[str, str]) -> None:
    """Type *cells* as a clerk would."""
    book = openpyxl.load_workbook(path)
    for place, text in cells.items():
        book["投诉工单"][place] = text
    book.save(path)


def test_an_office_gets_its_broken_rows_with_their_places_and_reasons(tmp_path):
    """A clerk mends row 4 of her own file, not record 7f3a of ours."""
    intake = take_in(deliver(tmp_path / "in", GOOD + BAD), contracts(), {})

    (path,) = fixes(intake, tmp_path / "out")

    header, first, second = rows_of(path, "投诉工单")
    assert header == ("原文件", "原工作表", "原行号", "处理", *HEADERS, "问题", "依据")
    assert first[:4] == ("五华区_投诉工单.xlsx", "投诉", "4", "修改")
    assert first[4:10] == ("T2", MASK, "=HYPERLINK()", "a", "2024-03-05", "热线")
    assert second[2] == "5"
    assert str(second[10]).splitlines() == [
        "代码:超过 15 位的数字被 Excel 改动,末尾几位已丢失:请把该列设为文本格式后重新填写",
        "受理日期:应为日期,如 2024-03-05",
        "渠道:不在允许的取值之中:热线、信访",
    ]
    assert second[11] == "示例办法第三条"


def test_broken_cells_are_painted_and_explained_where_they_stand(tmp_path):
    """The eye finds a red cell faster than a sentence."""
    intake = take_in(deliver(tmp_path / "in", BAD), contracts(), {})

    (path,) = fixes(intake, tmp_path / "out")

    page = openpyxl.load_workbook(path)["投诉工单"]
    painted = {
        cell.coordinate for row in page.iter_rows(min_row=2) for cell in row if cell.fill.fgColor.rgb == "FFF8B4AE"
    }
    assert painted == {"G2", "H3", "I3", "J3"}
    assert page["G2"].comment.text == "应为“是”或“否”"
    assert page["G2"].data_type == "s"


def test_long_cells_and_reasons_can_be_read(tmp_path):
    """A reason that is cut off, or an id of eighteen signs behind #### helps nobody; and clerks print."""
    intake = take_in(deliver(tmp_path / "in", BAD), contracts(), {})

    (path,) = fixes(intake, tmp_path / "out")

    page = openpyxl.load_workbook(path)["投诉工单"]
    assert page.column_dimensions["H"].width >= 18
    assert page.row_dimensions[3].height >= 3 * 15
    assert page["D1"].comment.text.startswith("请改正标色的单元格")
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.print_title_rows) == (
        "landscape",
        0,
        "$1:$1",
    )


def test_rows_go_to_the_office_that_reports_them(tmp_path):
    """An optional table, which nobody has to cover, names its office all the same."""
    offices = "name: offices\n    properties: [{name: code, logicalType: string, primaryKey: true}]"
    covers = "[{type: custom, engine: property-credit, implementation: {covers: {column: unit, table: offices}}}]"
    unit = "{name: unit, logicalType: string, relationships: [{to: offices.code}]}"
    fault = "{name: n, logicalType: integer, required: true}"
    texts = {
        "offices": offices,
        "covered": f"name: covered\n    properties: [{unit}, {fault}]\n    quality: {covers}",
        "extra": f"name: extra\n    properties: [{fault}, {unit}]",
    }
    head = "apiVersion: v3.2.0\nkind: DataContract\nid: {0}\nversion: 1.0.0\nstatus: active\nschema:\n  - {1}\n"
    made = {name: load_contract(head.format(name, text), f"{name}.odcs.yaml") for name, text in texts.items()}
    for name, lines in {"offices": "code\nA\n", "covered": "unit,n\nA,1\n", "extra": "unit,n\nA,x\n"}.items():
        (tmp_path / f"{name}.csv").write_text(lines, encoding="utf-8")

    assert list(fix_workbooks(take_in(tmp_path, made, {}).returned, made)) == ["需修改的行_A.xlsx"]


def test_what_stands_for_an_office_and_is_none_names_no_workbook(tmp_path):
    """A person in the column of the office would be the name of a file, on the terminal and in a mail."""
    (returned,) = take_in(deliver(tmp_path, GOOD + BAD), contracts(), {}).returned
    codes = ("某某某", "13900001111", "530121", "W0001234")

    named = fix_workbooks([replace(returned, office=code) for code in codes], contracts(), {"W0001234": "示例办"})

    offices = ("530121", "W0001234_示例办", "单位不明", "单位不明_2")
    assert sorted(named) == sorted(f"需修改的行_{office}.xlsx" for office in offices)


def test_the_counts_come_first(tmp_path):
    """The head of an office asks how many before which."""
    intake = take_in(deliver(tmp_path / "in", BAD), contracts(), {})

    (path,) = fixes(intake, tmp_path / "out")

    assert openpyxl.load_workbook(path).sheetnames[0] == "统计"
    lines = rows_of(path, "统计")
    counted = [row[:4] for row in lines[1:] if row[3]]
    assert "渠道:不在允许的取值之中:热线、信访" in [row[4] for row in lines]
    assert str(lines[-1][0]).startswith("填写说明")
    assert ("投诉工单", "complaints.channel.enum", "须改正", 1) in counted
    assert len(counted) == 4


def test_personal_cells_leave_masked(tmp_path):
    """A telephone number does not travel to a county and back because a date was wrong."""
    intake = take_in(deliver(tmp_path / "in", BAD), contracts(), {})

    (path,) = fixes(intake, tmp_path / "out")

    assert all(b"1380000000" not in part for part in unpacked(path))


def unpacked(path: Path) -> list[bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_corrected_rows_replace_only_themselves(tmp_path):
    """Nobody sends 361 workbooks again because two rows were wrong."""
    folder = deliver(tmp_path / "in", GOOD + BAD)
    before = take_in(folder, contracts(), {})
    (path,) = fixes(before, tmp_path / "out")
    mend(path, {"G2": "是", "H3": "911100006000373412", "I3": "2024-03-09", "J3": "信访"})

    after = take_in(folder, contracts(), {}, corrections=tmp_path / "out", key=KEY)

    assert [str(problem) for problem in after.batch_problems] == []
    accepted = after.tables["complaints"].to_pylist()
    assert [row["ticket_id"] for row in accepted] == ["T1", "T2", "T3"]
    assert accepted[2]["credit_code"] == "911100006000373412"
    phones = ("13800000000", "13800000001", "13800000002")
    assert [row["phone"] for row in accepted] == [pseudonym(KEY, "caller", phone) for phone in phones]
    changed = after.changes.filter(pc.equal(after.changes["reason"], "correction")).to_pylist()
    assert [(row["row"], row["column"], row["clean"]) for row in changed] == [
        (4, "是否属实", "是"),
        (5, "代码", "911100006000373412"),
        (5, "受理日期", "2024-03-09"),
        (5, "渠道", "信访"),
    ]
    assert after.inputs[-1].path == path.name


def test_a_damaged_cell_that_comes_back_unchanged_is_still_damaged(tmp_path):
    """The code that lost its digits looks whole in the workbook that asks for them."""
    folder = deliver(tmp_path / "in", BAD)
    (path,) = fixes(take_in(folder, contracts(), {}), tmp_path / "out")
    mend(path, {"G2": "是", "I3": "2024-03-09", "J3": "信访"})

    after = take_in(folder, contracts(), {}, corrections=path)

    assert [row["column"] for row in after.failures.table.to_pylist()] == ["credit_code"]


def test_a_row_can_be_taken_out(tmp_path):
    """Some rows are wrong because they should not be there."""
    folder = deliver(tmp_path / "in", GOOD + BAD)
    (path,) = fixes(take_in(folder, contracts(), {}), tmp_path / "out")
    mend(path, {"D2": "删除", "D3": "删除"})

    after = take_in(folder, contracts(), {}, corrections=path)

    assert after.tables["complaints"]["ticket_id"].to_pylist() == ["T1"]
    assert (len(after.failures), after.delivered_rows["complaints"]) == (0, 1)


def foreign(folder: Path) -> None:
    """A workbook of the right name that we never sent."""
    with xlsxwriter.Workbook(folder / "out" / "需修改的行_x.xlsx") as book:
        book.add_worksheet("投诉工单").write_string(0, 0, "原文件")


def moved(folder: Path) -> None:
    """A row number that was typed over."""
    mend(folder / "out" / "需修改的行.xlsx", {"C2": "400"})


def stale(folder: Path) -> None:
    """An original that changed since."""
    deliver(folder / "in", [*GOOD, *BAD, *GOOD])


def twice(folder: Path) -> None:
    """Two copies of one workbook, mended by two clerks."""
    copy = Path(shutil.copy(folder / "out" / "需修改的行.xlsx", folder / "out" / "需修改的行_2.xlsx"))
    mend(folder / "out" / "需修改的行.xlsx", {"G2": "是"})
    mend(copy, {"G2": "否"})


@pytest.mark.parametrize(
    "harm,code",
    [
        (foreign, "correction.foreign"),
        (moved, "correction.unknown"),
        (stale, "correction.stale"),
        (twice, "correction.twice"),
    ],
)
def test_corrections_that_do_not_fit_are_refused(tmp_path, harm, code):
    """A correction in the wrong place is worse than the fault it mends."""
    folder = deliver(tmp_path / "in", GOOD + BAD)
    fixes(take_in(folder, contracts(), {}), tmp_path / "out")
    harm(tmp_path)

    after = take_in(folder, contracts(), {}, corrections=tmp_path / "out")

    assert after.refuses_batch
    assert {problem.code for problem in after.batch_problems} == {code}


# Templates.


def test_a_template_says_what_each_column_wants():
    """The comment is read at the moment it is needed; the guidelines are not."""
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(contracts()["complaints"])))

    page = book["投诉工单"]
    assert [cell.value for cell in page[1]] == HEADERS
    assert page["E1"].comment.text == "必填\n日期,如 2024-03-05"
    assert page["F1"].comment.text == "必填\n文本\n可填:热线、信访"


def test_a_template_offers_lists_and_keeps_codes_as_text():
    """A code typed into a text cell keeps its zeros and its eighteenth digit."""
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(contracts()["complaints"])))

    page = book["投诉工单"]
    assert page.column_dimensions["D"].width > 0
    assert {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation} == {
        "C2:C5001": "'_lists'!$A$1:$A$2",
        "F2:F5001": "'_lists'!$B$1:$B$2",
    }
    assert list(book["_contract"].iter_rows(values_only=True))[:2] == [
        ("contract", "complaints"),
        ("version", "1.2.0"),
    ]
    assert book["_contract"].sheet_state == "veryHidden"


@pytest.mark.parametrize("table", sorted(load_contracts([files("data_contracts") / "contracts"])))
def test_a_filled_in_template_is_taken_for_its_table(tmp_path, table):
    """What we hand out must be what we accept: every header is found, whatever the rows are."""
    contract = load_contracts([files("data_contracts") / "contracts"])[table]
    path = tmp_path / f"{contract.title}.xlsx"
    path.write_bytes(template_workbook(contract))
    book = openpyxl.load_workbook(path)
    book[contract.title].append(["x"] * len(contract.columns))
    book.save(path)

    intake = take_in(tmp_path, {table: alone(contract)}, {})

    assert [str(problem) for problem in intake.batch_problems] == []
    assert intake.delivered_rows == {table: 1}


def alone(contract: Contract) -> Contract:
    """The contract as if there were no other tables."""
    rules = tuple(rule for rule in contract.rules if rule.kind not in ("foreign_key", "covers"))
    columns = tuple(replace(column, attributed=None) if column.attributed else column for column in contract.columns)
    columns = tuple(column for column, old in zip(columns, contract.columns, strict=True) if old.attributed is None)
    kept = {column.name for column in columns}
    rules = tuple(rule for rule in rules if set(rule.columns) <= kept)
    return replace(contract, rules=rules, columns=columns, relationships=(), reference="")


# Annotated copies.


def test_an_annotated_copy_keeps_every_cell_in_its_place():
    """She finds the marked cell where she typed it."""
    columns = {"编号": pa.array(["1", "2"]), "渠道": pa.array(["热线", "=1+1"])}
    sheet = Sheet("a.xlsx", "投诉", columns, pa.array([3, 5]))

    data = annotated_copy(sheet, {5: [Reason(("渠道",), "error", "不在允许的取值之中", "", "r")]}, frozenset({"编号"}))

    page = openpyxl.load_workbook(io.BytesIO(data))["投诉"]
    assert [page[place].value for place in ("A2", "B2", "A3", "B5")] == ["编号", "渠道", MASK, "=1+1"]
    assert page["B5"].comment.text == "不在允许的取值之中"
    assert page["B5"].data_type == "s"


def test_copies_show_no_column_that_nobody_asked_for(tmp_path):
    """The place of a caller's name stays, the name does not travel; and two files of one name do not meet."""
    for folder in ("a", "b"):
        rows = f"工单编号,来电,渠道\n{folder}1,张三,热线\n{folder}2,李四,电视\n"
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "投诉工单.csv").write_text(rows, encoding="utf-8")
    contract = contracts()["complaints"]
    optional = tuple(
        replace(column, may_lack=column.name not in {"ticket_id", "channel"}) for column in contract.columns
    )

    copies = annotated_copies(take_in(tmp_path, {"complaints": replace(contract, columns=optional)}, {}).returned)

    assert list(copies) == ["标注_a_投诉工单.xlsx", "标注_b_投诉工单.xlsx"]
    page = openpyxl.load_workbook(io.BytesIO(copies["标注_a_投诉工单.xlsx"])).worksheets[0]
    assert [[cell.value for cell in row][:3] for row in page] == [
        ["工单编号", "来电", "渠道"],
        ["a1", MASK, "热线"],
        ["a2", MASK, "电视"],
    ]
    assert page["C3"].comment
