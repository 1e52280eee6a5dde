"""Volume against a year before: a county that suddenly reports half is asked, not scored in silence."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.document import DocumentError
from data_contracts.intake import compared_tables, take_in
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
      - {name: division_code, logicalType: string, required: true}
    quality:
      - id: volume
        type: custom
        engine: property-credit
        implementation: {volume: {per: division_code, least: 0.5, most: 2}}
        severity: warning
"""
CONTRACTS = {"complaints": load_contract(TEXT, "complaints.odcs.yaml")}


def told(folder: Path, rows: int, before: dict[str, int]) -> list[tuple[str, str]]:
    """Value and message of each warning about so many rows of one division."""
    lines = "".join(f"T{number},530102\n" for number in range(rows))
    (folder / "投诉工单.csv").write_text(f"ticket_id,division_code\n{lines}", encoding="utf-8")
    codes = [code for code, count in before.items() for _ in range(count)]
    intake = take_in(
        folder, CONTRACTS, {}, before={"complaints": pa.table({"division_code": pa.array(codes, pa.string())})}
    )
    assert intake.tables["complaints"].num_rows == rows
    return [(row["value"], row["message"]) for row in intake.failures.table.to_pylist()]


@pytest.mark.parametrize("rows,count", [(4, 1), (5, 0), (6, 0), (19, 0), (20, 0), (21, 1)])
def test_half_and_double_are_still_like_last_year(tmp_path, rows, count):
    """Just below, on and just above both bounds: the bounds themselves pass."""
    assert len(told(tmp_path, rows, {"530102": 10})) == count


def test_the_division_and_both_counts_are_named(tmp_path):
    """The office is asked about its own figures."""
    found = told(tmp_path, 1, {"530102": 10, "530103": 3})

    assert found == [
        ("530102", "共 1 行,上一年度为 10 行,相差过大"),
        ("530103", "共 0 行,上一年度为 3 行,相差过大"),
    ]


def test_the_first_year_is_compared_with_nothing(tmp_path):
    """Nobody is warned because there was no system last year."""
    assert told(tmp_path, 1, {}) == []


def test_a_year_before_that_lacks_the_column_is_no_comparison(tmp_path):
    """A contract that gained its division column this year cannot be held against last year's rows."""
    told(tmp_path, 1, {})

    intake = take_in(tmp_path, CONTRACTS, {}, before={"complaints": pa.table({"ticket_id": ["T1"] * 9})})

    assert len(intake.failures) == 0


def test_only_tables_that_are_compared_are_asked_for():
    """Reading a city's whole lake to count one table would cost minutes."""
    plain = load_contract(TEXT.partition("    quality:")[0].replace("complaints", "firms"), "firms.odcs.yaml")

    assert compared_tables({**CONTRACTS, "firms": plain}) == ("complaints",)


@pytest.mark.parametrize("old,new", [("least: 0.5, ", ""), ("least: 0.5", "least: 1.5"), ("most: 2", "most: 0.9")])
def test_bounds_that_say_nothing_are_refused(old, new):
    """A rule without bounds would look like a check and be none."""
    with pytest.raises(DocumentError, match="allowed: least from 0 to 1 and most from 1"):
        load_contract(TEXT.replace(old, new), "complaints.odcs.yaml")
