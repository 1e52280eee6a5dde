"""Tickets that tell their place in words, from the delivered file to the accepted record and back from the clerk."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.linking import questions
from data_contracts.odcs import load_contract
from data_contracts.workbook import queue_workbook

COMPOUNDS = """
apiVersion: v3.2.0
kind: DataContract
id: compounds
version: 1.0.0
status: active
schema:
  - name: compounds
    businessName: 小区
    properties:
      - {name: compound_id, businessName: 小区编号, logicalType: string, primaryKey: true}
      - {name: division_code, businessName: 单位, logicalType: string, required: true}
      - {name: name, businessName: 小区名称, logicalType: string, required: true}
      - {name: address, businessName: 坐落, logicalType: string}
"""
PROJECTS = """
apiVersion: v3.2.0
kind: DataContract
id: projects
version: 1.0.0
status: active
schema:
  - name: projects
    businessName: 项目
    properties:
      - {name: project_id, businessName: 项目编号, logicalType: string, primaryKey: true}
      - name: compound_id
        businessName: 小区编号
        logicalType: string
        required: true
        relationships: [{id: compound, to: compounds.compound_id}]
      - {name: project_name, businessName: 项目名称, logicalType: string}
      - {name: starts_on, businessName: 开始, logicalType: date, required: true}
      - {name: ends_on, businessName: 结束, logicalType: date}
"""
TICKETS = """
apiVersion: v3.2.0
kind: DataContract
id: tickets
version: 1.0.0
status: active
schema:
  - name: tickets
    businessName: 工单
    properties:
      - {name: ticket_id, businessName: 工单编号, logicalType: string, primaryKey: true}
      - {name: division_code, businessName: 单位, logicalType: string, required: true}
      - name: compound_id
        businessName: 小区编号
        logicalType: string
        relationships: [{id: compound, to: compounds.compound_id}]
        customProperties:
          - property: linked
            value:
              text: place_told
              division: division_code
              names: [name]
              address: address
              also: {table: projects, match: compound_id, names: [project_name], ids: [project_id]}
      - {name: place_told, businessName: 地址, logicalType: string, classification: personal}
      - {name: received_on, businessName: 受理日期, logicalType: date, required: true}
      - name: project_id
        businessName: 项目(归属)
        logicalType: string
        relationships: [{id: project, to: projects.project_id}]
        customProperties:
          - property: attributed
            value: {table: projects, match: compound_id, day: received_on, from: starts_on, to: ends_on}
"""
CONTRACTS = {
    contract.table: contract for contract in (load_contract(text, "inline") for text in (COMPOUNDS, PROJECTS, TICKETS))
}
PHONE = "13987654321"
ROWS = [
    ["T1", "530102", "C1", "", "2024-05-01"],
    ["T2", "530102", "", "昆明市示例路12号翠湖花园3栋", "2024-05-01"],
    ["T3", "530102", "", "悦和项目部", "2024-05-01"],
    ["T4", "530102", "", "翠胡花园 " + PHONE, "2024-05-01"],
    ["T5", "530102", "", "翠胡花园2栋", "2024-05-01"],
    ["T6", "530102", "", "", "2024-05-01"],
    ["T7", "530111", "", "翠湖花园", "2024-05-01"],
]


def write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """A delivered file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Two compounds, one project each, seven tickets."""
    folder = tmp_path / "delivered"
    folder.mkdir()
    write(
        folder / "小区.csv",
        [
            ["小区编号", "单位", "小区名称", "坐落"],
            ["C1", "530102", "翠湖花园", "示例路12号"],
            ["C2", "530102", "锦川家园", "示例路14号"],
        ],
    )
    write(
        folder / "项目.csv",
        [
            ["项目编号", "小区编号", "项目名称", "开始", "结束"],
            ["P1", "C1", "翠湖项目", "2024-01-01", ""],
            ["P2", "C2", "悦和项目部", "2024-01-01", "2024-12-31"],
        ],
    )
    write(folder / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *ROWS])
    return folder


def places(intake: Intake) -> dict[str, tuple[str | None, str | None]]:
    """Compound and project of each accepted ticket."""
    return {row["ticket_id"]: (row["compound_id"], row["project_id"]) for row in intake.tables["tickets"].to_pylist()}


def answered(path: Path, intake: Intake, answers: Sequence[str]) -> None:
    """The queue workbook as a clerk fills it in and saves it."""
    linked = intake.linked["tickets"]
    path.write_bytes(queue_workbook("tickets", questions(linked.waiting), linked.names))
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    at = [cell.value for cell in page[1]].index("确认") + 1
    for row, answer in enumerate(answers, start=2):
        page.cell(row, at).value = answer
    book.save(path)


def test_words_become_a_compound_and_the_firm_that_served_it(delivered):
    """A project's own name leads to its compound, and from there to the project of the day."""
    intake = take_in(delivered, CONTRACTS, {})

    assert places(intake) == {
        "T1": ("C1", "P1"),
        "T2": ("C1", "P1"),
        "T3": ("C2", "P2"),
        **dict.fromkeys(("T4", "T5", "T6", "T7"), (None, None)),
    }


def test_repeated_keys_differ_in_what_an_office_wrote(delivered):
    """The project is filled in here; an office that looks for it in its own sheet finds no such column."""
    rows = [["T1", "530102", "C1", "", "2024-05-01"], ["T1", "530102", "C2", "", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    (message,) = set(take_in(delivered, CONTRACTS, {}).failures.table["message"].to_pylist())

    assert message == "第 2、3 行的工单编号重复,内容互相矛盾:小区编号不同"


def test_the_words_are_gone_and_each_link_is_listed(delivered):
    """An address leads to a caller; what was concluded from it has to be open to question."""
    intake = take_in(delivered, CONTRACTS, {})

    assert intake.tables["tickets"]["place_told"].null_count == len(ROWS)
    links = [row for row in intake.changes.to_pylist() if row["reason"].startswith("linked")]
    assert [(row["row"], row["column"], row["raw"], row["clean"], row["reason"]) for row in links] == [
        (3, "compound_id", None, "C1", "linked.name+address.99"),
        (4, "compound_id", None, "C2", "linked.name.97"),
    ]


def test_doubtful_tickets_wait_by_division_and_score_nobody(delivered):
    """A misspelled name and one from another division wait; a ticket without words asks nothing."""
    linked = take_in(delivered, CONTRACTS, {}).linked["tickets"]

    assert (linked.automatic, linked.confirmed) == (2, 0)
    assert [link.ticket.ticket_id for link in linked.waiting] == ["T4", "T5", "T7"]


def test_a_clerk_sees_no_telephone_number(delivered, tmp_path):
    """The queue is sent to offices: it names the place, not how to reach the caller."""
    path = tmp_path / "待对应.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), [])

    cells = [str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "翠胡花园 ***" in cells
    assert not any(PHONE in cell for cell in cells)


@pytest.fixture
def back(tmp_path):
    """Where workbooks lie that came back."""
    folder = tmp_path / "back"
    folder.mkdir()
    return folder


def test_what_a_clerk_confirms_holds_for_the_whole_line(delivered, back):
    """One decision, two tickets; the third is no registered place and stops asking."""
    path = back / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), ["C1 翠湖花园", "无"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert [places(intake)[ticket] for ticket in ("T4", "T5", "T7")] == [("C1", "P1"), ("C1", "P1"), (None, None)]
    linked = intake.linked["tickets"]
    assert (linked.automatic, linked.confirmed, linked.elsewhere, linked.waiting) == (2, 2, 1, ())
    assert path.name in [one.path for one in intake.inputs]
    assert not intake.refuses_batch


def test_a_confirmed_number_that_nobody_registered_is_refused(delivered, back):
    """A slip of the clerk must not end in a place of its own."""
    answered(back / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C9"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert intake.refuses_batch
    assert [problem.message for problem in intake.batch_problems] == [
        "待对应_工单.xlsx:2:确认的编号 C9 不在登记之中;请填写登记的编号,或填“无”"
    ]


def test_decisions_that_cannot_hold_refuse_the_batch(delivered, back):
    """A ticket that is gone, one that came with another place since, and one decided twice."""
    first = take_in(delivered, CONTRACTS, {})
    answered(back / "待对应_1.xlsx", first, ["C1", "C2"])
    answered(back / "待对应_2.xlsx", first, ["C2"])
    rows = [row if row[0] != "T5" else ["T5", "530102", "C2", "", "2024-05-01"] for row in ROWS if row[0] != "T7"]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert intake.refuses_batch
    assert sorted({problem.code for problem in intake.batch_problems}) == ["link.stale", "link.twice", "link.unknown"]
    assert any("T7" in problem.message for problem in intake.batch_problems)


def test_a_workbook_that_is_no_queue_is_refused(delivered, back):
    """Somebody sends back the wrong attachment under the right name."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "b"])
    book.save(back / "待对应_工单.xlsx")

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert [problem.code for problem in intake.batch_problems] == ["link.foreign"]
