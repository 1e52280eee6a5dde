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
from data_contracts.shelf import shipped_contracts
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
      - name: aliases
        businessName: 别名
        logicalType: string
        customProperties: [{property: header, value: optional}]
      - {name: address, businessName: 坐落, logicalType: string}
"""
UNITS = """
apiVersion: v3.2.0
kind: DataContract
id: units
version: 1.0.0
status: active
schema:
  - name: units
    businessName: 区
    properties:
      - {name: code, businessName: 代码, logicalType: string, primaryKey: true}
      - {name: name, businessName: 名称, logicalType: string, required: true}
      - {name: upper, businessName: 上级, logicalType: string, required: true}
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
      - name: division_code
        businessName: 单位
        logicalType: string
        required: true
        relationships: [{id: unit, to: units.code}]
      - name: compound_id
        businessName: 小区编号
        logicalType: string
        relationships: [{id: compound, to: compounds.compound_id}]
        customProperties:
          - property: linked
            value:
              text: place_told
              division: division_code
              names: [name, aliases]
              address: address
              also: {table: projects, match: compound_id, names: [project_name], ids: [project_id]}
              region: {within: 云南省昆明市, table: units, code: code, name: name, upper: upper}
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
    contract.table: contract
    for contract in (load_contract(text, "inline") for text in (UNITS, COMPOUNDS, PROJECTS, TICKETS))
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
        folder / "区.csv",
        [
            ["代码", "名称", "上级"],
            ["530102", "五华区", "530102"],
            ["530102401", "昆明国家高新技术产业开发区", "530102"],
            ["530111", "官渡区", "530111"],
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


def test_every_ticket_without_a_place_is_counted_for_its_division(delivered, tmp_path):
    """One that says nothing of its place, and one that a clerk found to mean none, score nothing too."""
    assert take_in(delivered, CONTRACTS, {}).linked["tickets"].unlinked == {"530102": 3, "530111": 1}

    answered(tmp_path / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1", "无"])

    linked = take_in(delivered, CONTRACTS, {}, corrections=tmp_path).linked["tickets"]
    assert (linked.unlinked, linked.elsewhere, linked.waiting) == ({"530102": 1, "530111": 1}, 1, ())


@pytest.mark.parametrize(
    "text,project",
    [
        ("云南省昆明市五华区翠湖花园", "P1"),
        ("高新区翠湖花园", None),
        ("官渡区翠湖花园", None),
        ("大理市翠湖花园", None),
    ],
)
def test_a_district_that_is_not_the_division_leaves_a_ticket_open(delivered, text, project):
    """The hotline routed it to this office; the caller speaks of a compound of that name elsewhere."""
    write(
        delivered / "工单.csv",
        [["工单编号", "单位", "小区编号", "地址", "受理日期"], ["T2", "530102", "", text, "2024-05-01"]],
    )

    assert places(take_in(delivered, CONTRACTS, {}))["T2"][1] == project


@pytest.mark.parametrize("text,compound", [("西坝大院3栋", "C1"), ("老翠里", "C1"), ("西坝", None), ("新里", None)])
def test_each_alias_is_a_name(delivered, text, compound):
    """What people call a compound, several in one cell; one that two compounds have tells nothing."""
    compounds = [
        ["C1", "530102", "翠湖花园", "西坝大院、老翠里;新里弄", "示例路12号"],
        ["C2", "530102", "锦川家园", "新里弄", "示例路14号"],
    ]
    write(delivered / "小区.csv", [["小区编号", "单位", "小区名称", "别名", "坐落"], *compounds])
    rows = [["T2", "530102", "", text, "2024-05-01"], ["T3", "530102", "", "新里弄", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    found = places(take_in(delivered, CONTRACTS, {}))

    assert (found["T2"][0], found["T3"][0]) == (compound, None)


def test_the_shipped_contracts_know_aliases_and_districts():
    """What the hotline of the first city needs is in its contract."""
    contracts = shipped_contracts()
    how = next(one.linked for one in contracts["complaints"].columns if one.linked)

    assert how.names == ("name", "aliases")
    assert {*how.names, how.address, how.division} <= {one.name for one in contracts["compounds"].columns}
    assert {how.region.code, how.region.name, how.region.upper} <= {
        one.name for one in contracts[how.region.table].columns
    }


def test_a_clerk_can_choose_on_the_sheet(delivered, tmp_path):
    """Candidates with their address, what speaks for them and how much, and 无, are all in the list of the cell."""
    path = tmp_path / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), [])

    page = openpyxl.load_workbook(path).worksheets[0]
    rows = [[cell.value or "" for cell in row] for row in page.iter_rows(min_row=2, max_col=7)]
    choices = [one.formula1 for one in page.data_validations.dataValidation]
    assert rows[0] == ["530102", "2", "翠胡花园 ***", "C1 翠湖花园 示例路12号(名称相近 60)", "", "", "无"]
    assert choices == ["$D$2:$G$2", "$D$3:$G$3"]


@pytest.mark.parametrize("text", ["锦川家园", "", "官渡区翠胡花园"])
def test_a_decision_about_other_words_is_refused(delivered, tmp_path, text):
    """The office corrects a ticket after the clerk decided: what was decided was something else."""
    answered(tmp_path / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1", "无"])
    rows = [[*row[:3], text, row[4]] if row[0] == "T4" else row for row in ROWS]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path)

    assert [(problem.code, "T4" in problem.message) for problem in intake.batch_problems] == [("link.changed", True)]


def test_a_clerk_sees_no_telephone_number(delivered, tmp_path):
    """The queue is sent to offices: it names the place, not how to reach the caller."""
    path = tmp_path / "待对应.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), [])

    cells = [str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "翠胡花园 ***" in cells
    assert not any(PHONE in cell for cell in cells)


def test_what_a_clerk_confirms_holds_for_the_whole_line(delivered, tmp_path):
    """One decision, two tickets; the third is no registered place and stops asking."""
    path = tmp_path / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), ["C1 翠湖花园", "无"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path)

    assert [places(intake)[ticket] for ticket in ("T4", "T5", "T7")] == [("C1", "P1"), ("C1", "P1"), (None, None)]
    linked = intake.linked["tickets"]
    assert (linked.automatic, linked.confirmed, linked.elsewhere, linked.waiting) == (2, 2, 1, ())
    assert path.name in [one.path for one in intake.inputs]
    assert not intake.refuses_batch


def test_a_confirmed_number_that_nobody_registered_is_refused(delivered, tmp_path):
    """A slip of the clerk must not end in a place of its own."""
    answered(tmp_path / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C9"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path)

    assert intake.refuses_batch
    assert [problem.message for problem in intake.batch_problems] == [
        "待对应_工单.xlsx:2:确认的编号 C9 不在登记之中;请填写登记的编号,或填“无”"
    ]


def test_decisions_that_cannot_hold_refuse_the_batch(delivered, tmp_path):
    """A ticket that is gone, one that came with another place since, and one decided twice."""
    first = take_in(delivered, CONTRACTS, {})
    answered(tmp_path / "待对应_1.xlsx", first, ["C1", "C2"])
    answered(tmp_path / "待对应_2.xlsx", first, ["C2"])
    rows = [row if row[0] != "T5" else ["T5", "530102", "C2", "", "2024-05-01"] for row in ROWS if row[0] != "T7"]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path)

    assert intake.refuses_batch
    assert sorted({problem.code for problem in intake.batch_problems}) == ["link.stale", "link.twice", "link.unknown"]
    assert any("T7" in problem.message for problem in intake.batch_problems)


def test_a_workbook_that_is_no_queue_is_refused(delivered, tmp_path):
    """Somebody sends back the wrong attachment under the right name."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "b"])
    book.save(tmp_path / "待对应_工单.xlsx")

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path)

    assert [problem.code for problem in intake.batch_problems] == ["link.foreign"]


@pytest.mark.parametrize("name", ["五华区回复_待对应_工单.xlsx", "待对应_工单(1).XLSX"])
def test_an_answer_under_a_longer_name_counts(delivered, tmp_path, name):
    """Offices put words before and behind the name of a file, and a sheet of notes in front."""
    path = tmp_path / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), ["C1"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("备注", 0)
    book.save(path)
    path.rename(tmp_path / name)

    assert take_in(delivered, CONTRACTS, {}, corrections=tmp_path).linked["tickets"].confirmed == 2


def test_a_workbook_nobody_can_tell_to_be_an_answer_is_named(delivered, tmp_path):
    """Decisions that are lost in silence would let tickets go on not scoring."""
    (tmp_path / "corrections").mkdir()
    answered(tmp_path / "corrections" / "已填写.xlsx", take_in(delivered, CONTRACTS, {}), ["C1"])
    (tmp_path / "corrections" / "report.zh.html").write_text("", encoding="utf-8")

    intake = take_in(delivered, CONTRACTS, {}, corrections=tmp_path / "corrections")

    assert intake.unclaimed == ("已填写.xlsx",)


def test_a_ticket_with_a_blank_in_its_number_can_be_decided(delivered, tmp_path):
    """Hotlines number by year and count: 2024 0001."""
    rows = [["工单编号", "单位", "小区编号", "地址", "受理日期"], ["2024 0001", "530102", "", "翠胡花园", "2024-05-01"]]
    write(delivered / "工单.csv", rows)
    answered(tmp_path / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1"])

    assert places(take_in(delivered, CONTRACTS, {}, corrections=tmp_path)) == {"2024 0001": ("C1", "P1")}


def test_a_number_against_the_words_counts_and_is_named(delivered):
    """A slip of the hotline would cost the other compound's firm points: the office has to look at it."""
    rows = [
        ["T1", "530102", "C1", "示例路14号锦川家园", "2024-05-01"],
        ["T2", "530102", "C1", "示例路12号翠湖花园", "2024-05-01"],
        ["T3", "530102", "C1", "翠胡", "2024-05-01"],
    ]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {})

    assert intake.linked["tickets"].contradicted == (("T1", "C1", "C2"),)
    assert places(intake) == dict.fromkeys(("T1", "T2", "T3"), ("C1", "P1"))


def test_the_day_decides_who_answers_and_nobody_is_counted(delivered):
    """On the last day of a contract its firm answers, on the next one the new firm, before and after both nobody."""
    projects = [["P1", "C1", "甲", "2024-01-01", "2024-05-01"], ["P2", "C1", "乙", "2024-05-02", "2024-12-31"]]
    write(delivered / "项目.csv", [["项目编号", "小区编号", "项目名称", "开始", "结束"], *projects])
    days = ["2023-12-31", "2024-05-01", "2024-05-02", "2025-01-01"]
    rows = [[f"T{at}", "530102", "", "翠湖花园", day] for at, day in enumerate(days)]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {})

    assert [project for _, project in places(intake).values()] == [None, "P1", "P2", None]
    assert (intake.linked["tickets"].unserved, intake.linked["tickets"].unlinked) == ({"530102": 2}, {})


def test_what_stands_for_a_division_is_not_shown(delivered):
    """The caller's name in the wrong column would become a file name and a line of the manifest."""
    rows = [["T2", "金丝雀甲", "", "翠胡花园", "2024-05-01"], ["T3", "金丝雀甲", "", "", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    linked = take_in(delivered, CONTRACTS, {}).linked["tickets"]

    assert [link.ticket.division for link in linked.waiting] == [""]
    assert linked.unlinked == {"": 2}
