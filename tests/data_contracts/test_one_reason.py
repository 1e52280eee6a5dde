"""One fault, one reason: what could not be read is neither empty nor open, and a code is told what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.odcs import load_contract

HEAD = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:"""
FIRMS = """
  - name: firms
    properties:
      - name: code
        logicalType: string
        primaryKey: true
        quality:
          - {type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}, description: 信用代码有误}
"""
PROJECTS = """
  - name: projects
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: place, logicalType: string}
      - {name: begins, logicalType: date}
      - {name: ends, logicalType: date}
      - {name: filed, logicalType: boolean}
      - name: firm
        logicalType: string
        relationships: [{to: firms.code}]
        quality: [{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}]
    quality:
      - {id: apart, type: custom, engine: property-credit, implementation: {noOverlap: {per: [place], from: begins, to: ends}}}
      - {id: filed_ends, type: sql, query: SELECT COUNT(*) FROM projects WHERE filed and ends is null, mustBe: 0}
"""  # noqa: E501 - a contract's line is one column
GOOD = "91110000600037341L"


def delivered(folder: Path, projects: str = "", firms: str = GOOD) -> Intake:
    """What becomes of these rows."""
    (folder / "firms.csv").write_text(f"code\n{firms}\n", encoding="utf-8")
    (folder / "projects.csv").write_text("id,place,begins,ends,filed,firm\n" + projects, encoding="utf-8")
    texts = {"firms": HEAD + FIRMS, "projects": HEAD + PROJECTS}
    contracts = {table: load_contract(text, f"{table}.odcs.yaml") for table, text in texts.items()}
    return take_in(folder, contracts, {})


def reasons(intake: Intake) -> list[tuple[int, str]]:
    """Row and rule of every failure."""
    return [(row["row"], row["rule"]) for row in intake.failures.table.to_pylist()]


def test_a_day_that_cannot_be_read_was_not_left_empty(tmp_path):
    """An officer who wrote 30 February would look in vain for the empty cell."""
    assert reasons(delivered(tmp_path, "1,A,2024-01-01,2024-02-30,是,\n")) == [(2, "projects.ends.type")]


def test_a_day_that_was_left_empty_is_told(tmp_path):
    """The same row without the cell breaks the condition."""
    assert reasons(delivered(tmp_path, "1,A,2024-01-01,,是,\n")) == [(2, "filed_ends")]


def test_a_last_day_that_cannot_be_read_is_not_open(tmp_path):
    """The contract that follows is right, and must not be refused for a slip in the one before."""
    rows = "1,A,2024-01-01,2024-06-31,否,\n2,A,2024-07-01,,否,\n"

    assert reasons(delivered(tmp_path, rows)) == [(2, "projects.ends.type")]


def test_an_open_last_day_overlaps(tmp_path):
    """Left empty, it means until further notice."""
    assert reasons(delivered(tmp_path, "1,A,2024-01-01,,否,\n2,A,2024-07-01,,否,\n")) == [(2, "apart"), (3, "apart")]


def test_small_letters_of_a_code_are_capitals_everywhere(tmp_path):
    """The standard knows capitals alone, so there is one thing they can mean; and the record says that it was done."""
    intake = delivered(tmp_path, f"1,A,2024-01-01,,否,{GOOD.lower()}\n", GOOD.lower())

    assert reasons(intake) == []
    assert intake.tables["firms"]["code"].to_pylist() == intake.tables["projects"]["firm"].to_pylist() == [GOOD]
    changed = [(row["column"], row["raw"], row["clean"], row["reason"]) for row in intake.changes.to_pylist()]
    small = GOOD.lower()
    assert [one for one in changed if one[0] != "filed"] == [
        ("code", small, GOOD, "capitals"),
        ("firm", small, GOOD, "capitals"),
    ]


def test_two_spellings_of_one_code_are_one_firm(tmp_path):
    """Wide, small and plain letters cannot make three firms of one."""
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in GOOD.lower())

    intake = delivered(tmp_path, firms=f"{GOOD}\n{GOOD.lower()}\n{wide}")

    assert intake.tables["firms"]["code"].to_pylist() == [GOOD]
    assert [(row["row"], row["severity"]) for row in intake.failures.table.to_pylist()] == [
        (3, "warning"),
        (4, "warning"),
    ]


@pytest.mark.parametrize(
    "code,told",
    [
        ("91110000600037341", "应为 18 位数字或规定的大写字母"),
        ("91110000600037351L", "第 9 至 17 位组织机构代码的校验位不符,请核对有无错写"),
        ("91110000600037341M", "最后一位校验位不符,请核对有无错写"),
    ],
)
def test_the_contracts_own_words_do_not_hide_what_is_wrong_with_a_code(tmp_path, code, told):
    """A code that lost a digit has no wrong check digit: an office looks for the right mistake."""
    (row,) = delivered(tmp_path, firms=code).failures.table.to_pylist()

    assert row["message"] == f"信用代码有误;不是有效的代码(GB 32100):{told}"


def test_a_refused_row_that_names_itself_is_told_its_own_reason_alone(tmp_path):
    """Its record was refused, yes: for the reason beside it, which is the one to mend."""
    text = """
  - name: grids
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: within, logicalType: string, relationships: [{to: grids.id}]}
      - {name: households, logicalType: integer, logicalTypeOptions: {minimum: 0}}
"""
    (tmp_path / "grids.csv").write_text("id,within,households\n1,1,-1\n2,1,3\n3,3,3\n", encoding="utf-8")

    intake = take_in(tmp_path, {"grids": load_contract(HEAD + text, "g.odcs.yaml")}, {})

    assert reasons(intake) == [(2, "grids.households.range"), (3, "grids.within.foreign_key")]
