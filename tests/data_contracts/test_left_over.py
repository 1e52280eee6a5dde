"""A sheet that is not read and holds rows of the table is told; notes, summaries and empty forms are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from data_contracts.intake import Intake, take_in
from data_contracts.mapping.load import read_mappings
from data_contracts.odcs import load_contract

CONTRACT = load_contract(
    """
apiVersion: v3.2.0
kind: DataContract
id: penalties
version: 1.0.0
status: active
schema:
  - name: penalties
    businessName: 行政处罚
    properties:
      - {name: penalty_id, businessName: 处罚编号, logicalType: string, primaryKey: true}
      - {name: county, businessName: 区县, logicalType: string}
      - {name: fine, businessName: 金额, logicalType: integer}
""",
    "p.odcs.yaml",
)
HEADERS = ["处罚编号", "区县", "金额"]


def delivered(folder: Path, sheets: dict[str, list[list[str]]], mapping: str = "", hidden: str = "") -> Intake:
    """Take in one workbook of these sheets."""
    with xlsxwriter.Workbook(folder / "行政处罚.xlsx") as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name == hidden:
                sheet.hide()
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    contracts = {"penalties": CONTRACT}
    return take_in(folder, contracts, read_mappings(mapping, "m.yaml", contracts) if mapping else {})


FIRST = [HEADERS, ["P1", "五华", "1"]]


def test_a_second_quarter_is_not_lost(tmp_path):
    """The file is refused with both names, and says what to do."""
    intake = delivered(tmp_path, {"一季度": FIRST, "二季度": [["2024年二季度"], HEADERS, ["P2", "五华", "1"]]})

    assert [problem.message for problem in intake.batch_problems] == [
        "行政处罚.xlsx:工作表“二季度”也有本表的数据,但只读取“一季度”;请合并或另存为单独的文件,不用的请删除"
    ]
    assert intake.refuses_batch


@pytest.mark.parametrize(
    "other",
    [
        [],
        [HEADERS],
        [["填写说明"], ["处罚编号由各区县自行编排"]],
        [["区县", "金额"], ["五华", "1"]],
        [["列", "说明"], ["处罚编号", "必填"], ["区县", "必填"], ["金额", "必填"]],
    ],
    ids=["empty", "headers alone", "a note", "a summary", "a list of headers"],
)
def test_a_sheet_without_rows_of_the_table_is_left_alone(tmp_path, other: list[list[str]]):
    """Offices keep notes and sums beside their tables."""
    intake = delivered(tmp_path, {"行政处罚": FIRST, "其他": other})

    assert (intake.batch_problems, intake.tables["penalties"].num_rows) == ((), 1)


def test_a_hidden_sheet_is_nobodys_delivery(tmp_path):
    """What an officer cannot see was not sent on purpose."""
    assert delivered(tmp_path, {"行政处罚": FIRST, "旧": FIRST}, hidden="旧").batch_problems == ()


def test_a_mapping_that_names_its_sheet_has_chosen(tmp_path):
    """Who wrote the mapping has seen the workbook."""
    intake = delivered(tmp_path, {"甲": FIRST, "乙": FIRST}, mapping="tables: {penalties: {sheet: 乙}}\n")

    assert intake.batch_problems == ()
