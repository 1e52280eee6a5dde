"""Drift against a year before: an office that suddenly codes otherwise is asked, never refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.document import DocumentError
from data_contracts.intake import take_in
from data_contracts.model import Contract
from data_contracts.odcs import load_contract

TEXT = """
apiVersion: v3.2.0
kind: DataContract
id: complaints
version: 1.0.0
status: active
schema:
  - name: complaints
    businessName: 投诉工单
    properties:
      - {name: ticket_id, logicalType: string, primaryKey: true}
      - {name: division_code, logicalType: string}
      - name: category
        businessName: 投诉类别
        logicalType: string
        enum: [{value: leak, label: 漏水}, {value: lift, label: 电梯}]
      - {name: upheld, businessName: 是否属实, logicalType: boolean}
      - {name: days, businessName: 天数, logicalType: integer}
      - {name: note, businessName: 备注, logicalType: string}
      - {name: closed_on, businessName: 办结日期, logicalType: date}
      - {name: caller, logicalType: string, classification: personal}
    quality:
      - id: drift
        type: custom
        engine: property-credit
        implementation: {drift: {columns: [category], rows: 10, most: 0.25}}
        severity: warning
"""
Row = dict[str, str]


def contracts(columns: str = "category", extra: str = "") -> dict[str, Contract]:
    """The contract with a rule on *columns*."""
    text = TEXT.replace("columns: [category]", f"columns: [{columns}]{extra}")
    return {"complaints": load_contract(text, "complaints.odcs.yaml")}


def delivered(folder: Path, rows: list[Row]) -> Path:
    """One file of *rows*; a column that a row leaves out is empty."""
    names = ["ticket_id", "division_code", "category", "upheld", "days", "note", "closed_on", "caller"]
    lines = [",".join(names)]
    lines += [
        ",".join({"ticket_id": f"T{place}", **row}.get(name, "") for name in names) for place, row in enumerate(rows)
    ]
    folder.mkdir(exist_ok=True)
    (folder / "投诉工单.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def told(
    tmp_path: Path, now: list[Row], then: list[Row], columns: str = "category", extra: str = ""
) -> list[tuple[str, str | None, str]]:
    """Column, group and message of each warning about *now* where *then* was accepted a year before."""
    rules = contracts(columns, extra)
    before = take_in(delivered(tmp_path / "then", then), rules, {}).tables
    intake = take_in(delivered(tmp_path / "now", now), rules, {}, before=before)
    assert (intake.refuses_batch, intake.tables["complaints"].num_rows) == (False, len(now))
    return [(row["column"], row["value"], row["message"]) for row in intake.failures.table.to_pylist()]


def rows(column: str, **counts: int) -> list[Row]:
    """So many rows of each value."""
    return [{column: value} for value, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize("lifts,count", [(14, 0), (15, 0), (16, 1)])
def test_a_quarter_of_the_rows_may_be_of_another_kind(tmp_path, lifts, count):
    """Just below, on and just above the bound: 10 of 20 a year before, so 5 of 20 is the quarter."""
    before = rows("category", leak=10, lift=10)

    assert len(told(tmp_path, rows("category", leak=20 - lifts, lift=lifts), before)) == count


def test_the_label_that_moved_most_and_both_shares_are_named(tmp_path):
    """The office can look at its own sheet and say why."""
    found = told(tmp_path, rows("category", leak=2, lift=18), rows("category", leak=10, lift=10))

    assert found == [("category", None, "“投诉类别”中“漏水”占 10.0%,上一年度占 50.0%,分布相差过大")]


@pytest.mark.parametrize("now,then", [(9, 40), (40, 9)])
def test_too_few_rows_on_either_side_say_nothing(tmp_path, now, then):
    """Nine tickets are chance, not a change."""
    assert told(tmp_path, rows("category", leak=now), rows("category", lift=then)) == []


def test_a_column_that_is_suddenly_left_empty_is_told(tmp_path):
    """Nobody refuses an optional cell, so nobody else would notice."""
    found = told(tmp_path, [{} for _ in range(10)], [{"note": f"n{place}"} for place in range(10)], "note")

    assert found == [("note", None, "“备注”中空白占 100.0%,上一年度占 0.0%,分布相差过大")]


def test_truth_values_are_told_in_the_office_s_words(tmp_path):
    """是 and 否 are what stands in the sheet."""
    found = told(tmp_path, rows("upheld", 是=10), rows("upheld", 否=10), "upheld")

    assert found == [("upheld", None, "“是否属实”中“否”占 0.0%,上一年度占 100.0%,分布相差过大")]


def test_a_changed_scale_is_told_by_quarters_of_the_year_before(tmp_path):
    """Scores of 0 to 5 where there were scores of 0 to 100 are all in range, and all wrong."""
    before = [{"days": str(place)} for place in range(0, 100, 5)]

    found = told(tmp_path, [{"days": str(place % 5)} for place in range(20)], before, "days")

    assert found == [("days", None, "“天数”中不大于 25 的占 100.0%,上一年度占 30.0%,分布相差过大")]


def test_days_move_on_with_every_year(tmp_path):
    """Last year's dates cannot come again; whether the column is filled in can be compared."""
    before = [{"closed_on": f"2023-01-{day:02}"} for day in range(1, 21)]

    assert told(tmp_path, [{"closed_on": "2024-02-01"}] * 20, before, "closed_on") == []
    assert told(tmp_path, [{}] * 20, before, "closed_on") == [
        ("closed_on", None, "“办结日期”中空白占 100.0%,上一年度占 0.0%,分布相差过大")
    ]


def test_each_division_is_compared_with_itself(tmp_path):
    """Two counties that swap places would cancel out in the city's figures."""
    now = [
        {"division_code": code, "category": kind} for code, kind in (("1", "leak"), ("2", "lift")) for _ in range(10)
    ]
    then = [
        {"division_code": code, "category": kind} for code, kind in (("1", "lift"), ("2", "lift")) for _ in range(10)
    ]

    found = told(tmp_path, now, then, extra=", per: division_code")

    assert found == [("division_code", "1", "“投诉类别”中“漏水”占 100.0%,上一年度占 0.0%,分布相差过大")]


def test_a_column_or_year_that_is_not_there_says_nothing(tmp_path):
    """The first year, and the first year of a column, have nothing to be compared with."""
    folder = delivered(tmp_path / "now", rows("category", leak=20))

    assert len(take_in(folder, contracts(), {}).failures) == 0
    assert len(take_in(folder, contracts(), {}, before={"complaints": pa.table({"x": [1] * 20})}).failures) == 0


@pytest.mark.parametrize(
    "old,new,said",
    [
        ("columns: [category], ", "", "allowed: columns, rows"),
        ("rows: 10, ", "", "allowed: columns, rows"),
        ("rows: 10", "rows: 0", "allowed: columns, rows"),
        ("most: 0.25", "most: 1", "allowed: columns, rows"),
        ("[category]", "[categry]", "found column 'categry'.*did you mean 'category'"),
        ("[category]", "[caller]", "found personal column 'caller', allowed: columns that are kept"),
        ("rows: 10", "rows: 10, per: division", "found column 'division'"),
    ],
)
def test_a_rule_that_can_say_nothing_is_refused(old, new, said):
    """A check that never speaks is worse than none."""
    with pytest.raises(DocumentError, match=said):
        load_contract(TEXT.replace(old, new), "complaints.odcs.yaml")
