"""A workbook that is delivered twice takes nothing from anybody; rows that contradict each other still do."""

from __future__ import annotations

from pathlib import Path

from data_contracts.intake import Intake, take_in
from data_contracts.mapping.load import read_mappings
from data_contracts.model import Contract
from data_contracts.odcs import load_contract

TEXT = """
apiVersion: v3.2.0
kind: DataContract
id: penalties
version: 1.0.0
status: active
schema:
  - name: penalties
    businessName: 行政处罚
    properties:
      - {name: number, businessName: 决定编号, logicalType: string, primaryKey: true}
      - {name: decided_on, businessName: 决定日期, logicalType: date}
      - {name: fine, businessName: 罚款, logicalType: integer}
"""
HEAD = "决定编号,决定日期,罚款\n"


def taken(folder: Path, text: str = TEXT, **files: str) -> Intake:
    """The delivery of these files, each with its rows."""
    for name, rows in files.items():
        (folder / f"{name}_行政处罚.csv").write_text(HEAD + rows, encoding="utf-8")
    return take_in(folder, {"penalties": load_contract(text, "penalties.odcs.yaml")}, {})


def told(intake: Intake) -> list[tuple[str, str, int, str]]:
    """Severity, file, row and message of each failure."""
    names = ("severity", "file", "row", "message")
    return [tuple(row[name] for name in names) for row in intake.failures.table.to_pylist()]


def test_a_file_that_came_twice_counts_once(tmp_path):
    """The office copied its workbook; refusing both copies would lose the penalties."""
    intake = taken(tmp_path, a="P1,2024-03-05,100\nP2,2024-03-06,\n", b="P1,2024/3/5,100\nP2,2024-03-06,\n")

    assert intake.tables["penalties"]["number"].to_pylist() == ["P1", "P2"]
    assert (intake.delivered_rows, intake.refused_rows) == ({"penalties": 2}, {"penalties": 0})
    assert told(intake) == [
        ("warning", "b_行政处罚.csv", 2, "与a_行政处罚.csv第 2 行完全相同,只计一次"),
        ("warning", "b_行政处罚.csv", 3, "与a_行政处罚.csv第 3 行完全相同,只计一次"),
    ]


def test_a_line_that_stands_twice_in_one_file_counts_once(tmp_path):
    """Within one sheet the row number says it all."""
    intake = taken(tmp_path, a="P1,2024-03-05,100\nP2,,\nP1,2024-03-05,100\nP1,2024-03-05,100\n")

    assert told(intake) == [
        ("warning", "a_行政处罚.csv", 4, "与第 2 行完全相同,只计一次"),
        ("warning", "a_行政处罚.csv", 5, "与第 2 行完全相同,只计一次"),
    ]


def test_rows_that_contradict_each_other_are_all_refused(tmp_path):
    """Nobody but the office can say which is right; the equal one among them changes nothing."""
    intake = taken(tmp_path, a="P1,2024-03-05,100\nP1,2024-03-05,100\nP1,2024-03-05,200\n")

    assert intake.tables["penalties"].num_rows == 0
    assert [(severity, row) for severity, _, row, _ in told(intake)] == [("error", 2), ("warning", 3), ("error", 4)]


def test_a_cell_that_could_not_be_read_is_equal_to_none(tmp_path):
    """Two unreadable days look alike and may not be."""
    intake = taken(tmp_path, a="P1,3/5/2024,100\nP1,5/3/2024,100\n")

    assert intake.refused_rows == {"penalties": 2}
    assert {severity for severity, *_ in told(intake)} == {"error"}


def test_a_contract_that_lets_keys_repeat_keeps_every_row(tmp_path):
    """Where a day may hold two visits, two equal rows are two visits."""
    lax = (
        TEXT
        + "    quality: [{metric: duplicateValues, arguments: {properties: [number]}, mustBe: 0, severity: warning}]\n"
    )

    intake = taken(tmp_path, lax, a="P1,,\nP1,,\n")

    assert intake.tables["penalties"].num_rows == 2


PARTS = """
apiVersion: v3.2.0
kind: DataContract
id: parts
version: 1.0.0
status: active
schema:
  - name: parts
    properties:
      - {name: number, logicalType: string, relationships: [{to: penalties.number}]}
      - {name: item, logicalType: string}
      - {name: grade, logicalType: integer}
"""


def test_tables_made_of_one_delivered_row_are_left_to_their_own_rules(tmp_path):
    """Dropping an evaluation and keeping its grades would count them twice."""
    contracts: dict[str, Contract] = {
        "penalties": load_contract(TEXT, "penalties.odcs.yaml"),
        "parts": load_contract(PARTS.replace("penalties.number", "penalties.record_id"), "parts.odcs.yaml"),
    }
    mappings = read_mappings(
        "description: wide\ntables:\n  penalties: {files: wide.csv}\n  parts:\n    files: wide.csv\n"
        "    record_of: {number: penalties}\n    unpivot: {item: item, value: grade, columns: [A]}\n",
        "wide.yaml",
        contracts,
    )
    (tmp_path / "wide.csv").write_text("决定编号,决定日期,罚款,A\nP1,,,1\nP1,,,1\n", encoding="utf-8")

    intake = take_in(tmp_path, contracts, mappings)

    assert intake.refused_rows == {"penalties": 2, "parts": 2}
