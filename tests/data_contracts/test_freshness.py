"""Freshness and legal basis: what a contract promises as a whole, and on what ground it asks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.document import DocumentError
from data_contracts.intake import take_in
from data_contracts.odcs import load_contract
from data_contracts.shelf import shipped_contracts

UNITS = """
apiVersion: v3.2.0
kind: DataContract
id: units
version: 1.0.0
status: active
schema:
  - name: units
    properties:
      - {name: code, logicalType: string, primaryKey: true}
"""
TEXT = """
apiVersion: v3.2.0
kind: DataContract
id: tickets
version: 1.0.0
status: active
customProperties: [{property: legalBasis, value: 示例办法第一条}]
slaProperties:
  - {property: frequency, value: 1, unit: y}
  - {property: freshness, value: 10, unit: d, element: tickets.received_on, description: 请补报}
schema:
  - name: tickets
    businessName: 投诉工单
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: unit, businessName: 单位, logicalType: string, relationships: [{to: units.code}]}
      - {name: received_on, businessName: 受理日期, logicalType: date}
    quality:
      - type: custom
        engine: property-credit
        implementation: {covers: {column: unit, table: units}}
        severity: warning
"""
LAST = date(2024, 12, 31)


def told(folder: Path, rows: str, as_of: date | None = LAST, text: str = TEXT) -> list[tuple[str, str, str, str]]:
    """Severity, value, message and basis of what is said about freshness."""
    (folder / "units.csv").write_text("code\nA\nB\n", encoding="utf-8")
    (folder / "投诉工单.csv").write_text("id,单位,受理日期\n" + rows, encoding="utf-8")
    contracts = {"units": load_contract(UNITS, "u.odcs.yaml"), "tickets": load_contract(text, "t.odcs.yaml")}
    found = take_in(folder, contracts, {}, as_of=as_of).failures.table.to_pylist()
    names = ("severity", "value", "message", "legal_basis")
    return [tuple(row[name] for name in names) for row in found if "freshness" in row["rule"]]


@pytest.mark.parametrize("newest,count", [("2024-12-20", 1), ("2024-12-21", 0), ("2024-12-22", 0)])
def test_ten_days_old_is_still_fresh(tmp_path, newest, count):
    """Just beyond, on and within the promise."""
    assert len(told(tmp_path, f"1,A,2024-03-01\n2,A,{newest}\n3,B,2024-12-31\n")) == count


def test_who_is_behind_is_named_with_the_newest_day(tmp_path):
    """A county that exported in June is asked for the rest of its year; the city as a whole looks complete."""
    found = told(tmp_path, "1,A,2024-06-30\n2,B,2024-12-31\n")

    message = "最近的“受理日期”为 2024-06-30,距 2024-12-31 已 184 天,超过 10 天;请补报"
    assert found == [("warning", "A", message, "示例办法第一条")]


def test_a_day_to_come_makes_nothing_fresh(tmp_path):
    """One slip of the pen, 2042 for 2024, must not hide half a year."""
    found = told(tmp_path, "1,A,2042-01-01\n2,A,2024-06-30\n3,B,2024-12-31\n")

    assert [value for _, value, _, _ in found] == ["A"]


def test_without_a_day_to_reach_nothing_is_stale(tmp_path):
    """A delivery that is looked at on its own has no period."""
    assert told(tmp_path, "1,A,2020-01-01\n", as_of=None) == []


def test_without_a_list_of_who_reports_the_table_as_a_whole_is_judged(tmp_path):
    """A city-wide register has one newest day."""
    text = TEXT[: TEXT.index("    quality:")]

    assert [value for _, value, _, _ in told(tmp_path, "1,A,2024-06-30\n", text=text)] == [None]


@pytest.mark.parametrize(
    "old,new,said",
    [
        ("value: 10, unit: d", "value: 10, unit: h", "found no number of days"),
        ("value: 10, unit: d", "value: 1.5, unit: d", "found no number of days"),
        ("tickets.received_on", "received_on", "allowed: tickets.received_on; did you mean 'tickets.received_on'"),
        ("tickets.received_on", "tickets.unit", "found element 'tickets.unit', allowed: tickets.received_on"),
    ],
)
def test_a_promise_that_cannot_be_checked_is_refused(old, new, said):
    """A service level that nobody measures is worse than none."""
    with pytest.raises(DocumentError, match=said):
        load_contract(TEXT.replace(old, new), "t.odcs.yaml")


def test_a_rule_s_own_clause_goes_before_that_of_the_table():
    """The more exact ground is the one that is shown."""
    text = TEXT + "        customProperties: [{property: legalBasis, value: 示例办法第九条}]\n"

    bases = {rule.kind: rule.legal_basis for rule in load_contract(text, "t.odcs.yaml").rules}

    assert (bases["covers"], bases["type"], bases["unique"]) == ("示例办法第九条", "示例办法第一条", "示例办法第一条")


@pytest.mark.parametrize("table", sorted(shipped_contracts()))
def test_every_shipped_rule_names_its_ground(table):
    """An office may ask on what ground a row goes back."""
    assert [rule.id for rule in shipped_contracts()[table].rules if not rule.legal_basis] == []


def test_refused_rows_make_nobody_fresh_and_nobody_stale(tmp_path):
    """What is not counted proves nothing; and a code that nobody has is told once, not asked for newer rows."""
    rows = "1,A,2024-06-30\n2,A,2024-12-31\n2,A,2024-12-30\n3,B,2024-12-31\n4,NOBODY,2024-01-01\n"

    assert [value for _, value, _, _ in told(tmp_path, rows)] == ["A"]
