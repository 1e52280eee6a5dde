"""Rows of totals and notes below the records: one reason, one cell, and nothing left out on a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.odcs import load_contract
from data_contracts.workbook import ReturnedRows

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: meetings
version: 1.0.0
status: active
schema:
  - name: meetings
    businessName: 会议
    properties:
      - {name: number, businessName: 编号, logicalType: string, primaryKey: true, logicalTypeOptions: {pattern: '^H'}}
      - {name: held_on, businessName: 日期, logicalType: date, required: true}
      - {name: people, businessName: 人数, logicalType: integer, required: true, logicalTypeOptions: {maximum: 500}}
      - {name: remark, businessName: 备注, logicalType: string}
"""
CONTRACTS = {"meetings": load_contract(CONTRACT, "meetings.odcs.yaml")}
RECORD = "1,H1,2024-03-05,51,"


def taken(folder: Path, *rows: str) -> Intake:
    """One record and *rows* below it."""
    lines = ["序号,编号,日期,人数,备注", RECORD, *rows]
    (folder / "会议.csv").write_text("\n".join(lines), encoding="utf-8")
    return take_in(folder, CONTRACTS, {})


def told(intake: Intake) -> list[tuple[int, str, str | None]]:
    """Row, rule and column of each failure."""
    return [(one["row"], one["rule"], one["column"]) for one in intake.failures.table.to_pylist()]


@pytest.mark.parametrize(
    "row,kind,column",
    [
        (",合计,,1234,", "total", "number"),
        ("合 计,,,1234,", "total", None),  # below a header that no contract knows
        (",五华区小计:,,1234,", "total", "number"),
        (",填表人:张三,,,审核人:李四", "foot", "number"),
        (",注:含视频会议,,,", "foot", "number"),
        (",Total,,9,", "total", "number"),
    ],
)
def test_a_row_that_is_no_record_has_one_reason(tmp_path, row, kind, column):
    """Nine complaints about empty cells say less than one sentence about the row."""
    intake = taken(tmp_path, row)

    assert told(intake) == [(3, f"meetings.{kind}_row", column)]
    assert intake.refused_rows["meetings"] == 1
    (returned,) = intake.returned
    assert _headers(returned) == ([("编号",)] if column else [()])


def _headers(returned: ReturnedRows) -> list[tuple[str, ...]]:
    return [reason.headers for reasons in returned.reasons.values() for reason in reasons]


def test_who_signed_below_the_sheet_is_told_to_nobody(tmp_path):
    """The name of the clerk is not what is wrong with the row."""
    intake = taken(tmp_path, ",填表人:张三,,,")

    assert "张三" not in str(intake.failures.table.to_pylist())


@pytest.mark.parametrize("row", [",H2合计,2024-03-06,9000,合计", "2,,2024-03-06,51,合计", ",合计,2024-03-06,9000,"])
def test_a_record_is_not_taken_for_a_total(tmp_path, row):
    """A word elsewhere, or a row that lacks nothing, is judged cell by cell."""
    assert not any(rule.endswith("_row") for _, rule, _ in told(taken(tmp_path, row)))
