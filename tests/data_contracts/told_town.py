"""A town of two compounds and a hotline that writes down what callers say."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from data_contracts.intake import Intake
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


def deliver(folder: Path) -> Path:
    """Two compounds, one project each, seven tickets, in *folder*."""
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
